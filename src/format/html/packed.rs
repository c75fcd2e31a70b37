//! Pages that are also zips: SingleFile's self-extracting form, with `index.html` in a zip inside a comment
//! of the page that unpacks it.

use super::savers::{SINGLE_FILE, Saved, is_web};
use crate::format::signature::{ZIP_TAIL, ZipEntry, zip_entries};
use crate::model::{Reason, Rejection, Timestamp};
use flate2::read::DeflateDecoder;
use memchr::memmem;
use serde::Deserialize;
use std::io::Read;

/// SingleFile's mark of such a page, in its first tag.
const MARK: &[u8] = b"data-sfz";
/// The mark is within this many bytes.
const WITHIN: usize = 1024;
/// Larger pages (in bytes) are not unpacked.
const LONGEST: u64 = 64 << 20;
/// Larger manifests (in bytes) are not read.
const LONGEST_MANIFEST: u64 = 4 << 20;

/// The page in the zip, and the facts in its manifest.
pub(in crate::format) struct Packed {
    pub index: Vec<u8>,
    pub saved: Saved,
}

/// The content of `manifest.json`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Manifest {
    original_url: Option<String>,
    archive_time: Option<String>,
}

/// Whether a page is marked as self-extracting.
pub(in crate::format) fn is_marked(bytes: &[u8]) -> bool {
    memmem::find(&bytes[..bytes.len().min(WITHIN)], MARK).is_some()
}

/// Unpacks the page. Offsets are relative to the start of the zip, and the end of the comment follows after
/// the zip.
pub(in crate::format) fn open(bytes: &[u8]) -> Result<Packed, Rejection> {
    let no_page = |why: &str| {
        let detail = format!("a web page that is a zip too: {why}");
        Rejection::because(Reason::Unsupported, detail)
    };
    let tail = bytes.len().saturating_sub(2 * ZIP_TAIL);
    let end = memmem::rfind(&bytes[tail..], b"PK\x05\x06").map(|at| tail + at);
    let entries = end.and_then(|end| zip_entries(bytes, end));
    let entries = entries.ok_or_else(|| no_page("its zip is truncated or damaged"))?;
    let index = outermost(&entries, b"index.html");
    let index = index.ok_or_else(|| no_page("it has no index.html"))?;
    let unpacked = unpack(bytes, index, LONGEST).map_err(no_page)?;
    let manifest = outermost(&entries, b"manifest.json");
    let manifest = manifest.and_then(|entry| unpack(bytes, entry, LONGEST_MANIFEST).ok());
    let manifest = manifest.and_then(|json| serde_json::from_slice::<Manifest>(&json).ok());
    let Manifest { original_url, archive_time } = manifest.unwrap_or_default();
    let at = archive_time.and_then(|time| time.parse::<Timestamp>().ok());
    let url = original_url.filter(|url| is_web(url));
    let by = is_marked(bytes).then_some(SINGLE_FILE);
    Ok(Packed { index: unpacked, saved: Saved { by, url, at } })
}

/// The entry of this name in the fewest folders: frames have such files too, in deeper folders.
fn outermost<'a>(entries: &'a [ZipEntry<'a>], name: &[u8]) -> Option<&'a ZipEntry<'a>> {
    let depth = |entry: &ZipEntry<'_>| entry.name.iter().filter(|byte| **byte == b'/').count();
    let is_named = |entry: &&ZipEntry<'_>| {
        entry
            .name
            .strip_suffix(name)
            .is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"))
    };
    entries.iter().filter(is_named).min_by_key(|entry| depth(entry))
}

/// The bytes of an entry, if they match its checksum.
fn unpack(bytes: &[u8], entry: &ZipEntry<'_>, longest: u64) -> Result<Vec<u8>, &'static str> {
    if entry.is_encrypted {
        return Err("it is encrypted");
    }
    if entry.length > longest {
        return Err("its page is too large");
    }
    let packed = entry.data(bytes).ok_or("its zip is truncated or damaged")?;
    let mut unpacked = Vec::new();
    let read = match entry.method {
        0 => packed.take(entry.length + 1).read_to_end(&mut unpacked),
        8 => DeflateDecoder::new(packed).take(entry.length + 1).read_to_end(&mut unpacked),
        _ => return Err("its compression method is not supported"),
    };
    let mut crc = flate2::Crc::new();
    crc.update(&unpacked);
    let is_whole = read.is_ok() && unpacked.len() as u64 == entry.length && crc.sum() == entry.crc;
    if is_whole { Ok(unpacked) } else { Err("its zip is truncated or damaged") }
}
