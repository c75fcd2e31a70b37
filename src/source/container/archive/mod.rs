//! Archives and compressed files: tar, zip, gz and zst, recognised by their bytes.
//!
//! Everything is streamed: one member is in memory at a time, and nothing is written to disk. What an archive
//! claims about itself is never trusted: bytes count as they are read, names are only labels. tar and zip
//! have readers of our own, because the usual crates are not sufficient: one reads names of any length into
//! memory and takes a truncated entry for a short one, the other yields only one of two entries with the same
//! name.

mod packed;
mod page_folders;
mod tar;
mod zip;
mod zip_directory;
mod zip_names;

use crate::files::Placed;
use crate::format::signature;
use crate::model::{Document, Reason, Rejection};
use crate::source::container::kind::{Kind, kind_name};
use crate::source::container::{Container, Iter, Member, Stream, one, why};
use crate::source::file::read::read_at_most;
use crate::source::file::walk::{MANIFEST_LINE, is_version_control_name};
use page_folders::PageFolders;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Cursor};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// An archive may unpack to this many bytes, whatever its size, …
const ALWAYS_ALLOWED: u64 = 256 << 20;
/// … and to this many times the bytes read from it: solid archives of pages that were saved again and again
/// reach some hundreds; bombs need thousands.
const MOST_RATIO: u64 = 500;

/// A zstd frame with a larger window is not read, since the window must be in memory.
const LARGEST_WINDOW: u32 = 128 << 20;

/// Whether a file is a zip although it does not begin as one: other data was put before it.
pub(in crate::source) fn ends_as_zip(file: &Placed, head: &[u8]) -> bool {
    signature::may_hold_zip(head) && zip_directory::has_end(&mut file.clone())
}

/// The members of a file of this kind; `stream` yields it from its start. A zip that is one document is
/// returned as a stream. `in_place` is the file itself, if it can be read in any order.
pub(in crate::source) fn open(
    kind: Kind,
    stream: Stream,
    in_place: Option<Placed>,
    container: Container,
) -> Result<Iter, Stream> {
    match (kind, in_place) {
        (Kind::Gzip | Kind::Zstd, _) => Ok(packed::open(kind, stream, container)),
        (Kind::Tar, _) => Ok(PageFolders::of(tar::TarMembers::new(stream, container))),
        (Kind::Zip, Some(file)) => zip::open(BufReader::new(file), container).ok_or(stream),
        (Kind::Zip, None) => match spooled(stream, container.limits.max_bytes) {
            Ok(bytes) => {
                let bytes: Arc<[u8]> = bytes.into();
                zip::open(Cursor::new(Arc::clone(&bytes)), container)
                    .ok_or_else(|| -> Stream { Box::new(Cursor::new(bytes)) })
            }
            Err(rejection) => Ok(one(container.refuse(None, rejection))),
        },
    }
}

/// A zip is read from its end, so one from a pipe must fit in memory.
fn spooled(stream: Stream, max_bytes: u64) -> Result<Vec<u8>, Rejection> {
    let bytes = read_at_most(stream, 0, max_bytes).map_err(why)?;
    if bytes.len() as u64 > max_bytes {
        let detail =
            format!("a zip of more than {max_bytes} bytes through a pipe: import it as a file");
        return Err(Rejection::because(Reason::TooLarge, detail));
    }
    Ok(bytes)
}

/// An archive within another is rejected: nesting archives is how small bombs are built.
fn nested(inner: &str, outer: &str) -> Rejection {
    let detail = format!("{inner} within {outer}: unpack it, and import what is in it");
    Rejection::because(Reason::Unreadable, detail)
}

/// Unpacks zstd, as long as its window is within the limit.
fn zstd_decoder<R: BufRead>(packed: R) -> io::Result<zstd::stream::read::Decoder<'static, R>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
    decoder.window_log_max(LARGEST_WINDOW.ilog2())?;
    Ok(decoder)
}

/// The document of an entry, unless its bytes are a container themselves.
fn document(
    container: &Container,
    name: String,
    modified_ns: Option<i64>,
    bytes: Vec<u8>,
) -> Member {
    let origin = container.entry(name, bytes.len() as u64, modified_ns);
    match kind_name(&bytes) {
        Some(kind) => Err((origin, nested(kind, "an archive"))),
        None => Ok(Document { origin, bytes, same_as: None }),
    }
}

/// Whether a walk of folders would skip the entry; see [`crate::source::Walk`].
fn is_left_out(name: &[u8]) -> bool {
    let path = Path::new(OsStr::from_bytes(name));
    let mut folders = path.parent().into_iter().flat_map(Path::iter);
    folders.any(is_version_control_name)
}

/// Whether an entry is the manifest of an export, which is not a seed; see [`crate::source::Walk`].
fn is_manifest(name: &str, bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = name.rsplit('/').next();
    name == Some("manifest.jsonl") && line.trim_ascii_end() == MANIFEST_LINE.as_bytes()
}

/// Counts how much of an archive was read, and to how much it unpacked.
#[derive(Debug, Default)]
struct Expansion {
    packed: u64,
    unpacked: u64,
}

impl Expansion {
    fn check(&self) -> io::Result<()> {
        let allowed = self.packed.saturating_mul(MOST_RATIO).max(ALWAYS_ALLOWED);
        if self.unpacked <= allowed {
            return Ok(());
        }
        let detail = format!(
            "it unpacks to more than {MOST_RATIO} times its size: unpack it, and import what is in it"
        );
        Err(io::Error::new(io::ErrorKind::FileTooLarge, detail))
    }
}
