//! Reads one file completely, and notices if it changes meanwhile.

use crate::files::open_safely;
use crate::model::{Document, Reason, Rejection, Timestamp};
use crate::source::Found;
use crate::source::file::walk::modified_ns;
use std::fs::Metadata;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A file that is changed can keep its modification time for as long as the file system's clock ticks. A time
/// this long before the reading is safe.
const SETTLED_AFTER_NS: i64 = 100_000_000;
/// The same for a time without a sub-second part: FAT counts in steps of two seconds.
const SETTLED_AFTER_COARSE_NS: i64 = 2_000_000_000;

/// Reads a complete file, if it is a regular one of at most `max_bytes` that does not change meanwhile.
/// `started` is the start of the run: times more than a day later are not believed.
pub fn read(found: &Found, max_bytes: u64, started: Timestamp) -> Result<Document, Rejection> {
    if found.is_resource() {
        return Err(Rejection::new(Reason::Resource));
    }
    let unreadable = |error: &io::Error| Rejection::because(Reason::Unreadable, error.to_string());
    let looked = found.metadata.as_ref().map_err(unreadable)?;
    if !looked.is_file() {
        return Err(Rejection::because(Reason::NotRegular, kind_name(looked)));
    }
    if looked.len() > max_bytes {
        return Err(too_large(looked.len(), max_bytes));
    }
    let file = open_safely(&found.path).map_err(|error| unreadable(&error))?;
    let before = file.metadata().map_err(|error| unreadable(&error))?;
    if !before.is_file() {
        return Err(Rejection::because(Reason::NotRegular, kind_name(&before)));
    }
    let bytes = read_at_most(&file, before.len(), max_bytes).map_err(|error| unreadable(&error))?;
    let after = file.metadata().map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > max_bytes {
        return Err(too_large(after.len(), max_bytes));
    }
    if file_state(looked) != file_state(&after) || bytes.len() as u64 != after.len() {
        return Err(Rejection::new(Reason::ChangedWhileReading));
    }
    let mut origin = found.origin();
    origin.observed_at = origin.modified_ns.and_then(|ns| believable(ns, started));
    origin.is_settled = modified_ns(&after).is_some_and(is_settled);
    Ok(Document { origin, bytes, same_as: None })
}

/// By which a change of a file is noticed: device, inode, size and times.
pub(in crate::source) fn file_state(at: &Metadata) -> (u64, u64, u64, i64, i64) {
    (at.dev(), at.ino(), at.len(), at.mtime(), at.mtime_nsec())
}

/// All bytes, or one more than the limit.
pub(in crate::source) fn read_at_most(
    from: impl Read,
    expected: u64,
    max_bytes: u64,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(expected.min(max_bytes) as usize + 1);
    from.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The rejection of a document of this size.
pub fn too_large(byte_length: u64, max_bytes: u64) -> Rejection {
    Rejection::because(Reason::TooLarge, format!("{byte_length} bytes; the limit is {max_bytes}"))
}

pub(in crate::source) fn kind_name(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    match () {
        () if kind.is_symlink() => "symbolic link",
        () if kind.is_fifo() => "FIFO",
        () if kind.is_socket() => "socket",
        () if kind.is_block_device() || kind.is_char_device() => "device",
        () if kind.is_dir() => "folder",
        () => "special file",
    }
}

/// A file time, if it is believable: not before 1990 (which excludes the zip epoch), not more than a day
/// after the start of the run.
pub fn believable(ns: i64, started: Timestamp) -> Option<Timestamp> {
    const YEAR_1990: i64 = 631_152_000;
    const DAY: i64 = 86_400;
    let seconds = ns.div_euclid(1_000_000_000);
    let is_known = seconds >= YEAR_1990 && seconds <= started.seconds() + DAY;
    is_known.then(|| Timestamp::from_seconds(seconds)).flatten()
}

pub(in crate::source) fn is_settled(modified_ns: i64) -> bool {
    let margin = match modified_ns % 1_000_000_000 {
        0 => SETTLED_AFTER_COARSE_NS,
        _ => SETTLED_AFTER_NS,
    };
    now_ns() - modified_ns >= margin
}

/// The current time in nanoseconds since 1970.
pub(in crate::source) fn now_ns() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as i64)
}
