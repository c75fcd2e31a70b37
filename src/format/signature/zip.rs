//! zips, which are recognised by their end; their names show what they are.

use memchr::memmem;

/// Maximum distance of a zip's last record from its end: its own length and the longest comment.
pub const ZIP_TAIL: usize = END_LENGTH + u16::MAX as usize;

const END_LENGTH: usize = 22;
const END_MARK: &[u8] = b"PK\x05\x06";
const ENTRY_LENGTH: usize = 46;
const ENTRY_MARK: &[u8] = b"PK\x01\x02";

/// Whether a file with this beginning is a zip from its first byte on.
pub fn is_zip(head: &[u8]) -> bool {
    [&b"PK\x03\x04"[..], END_MARK, b"PK\x07\x08"].iter().any(|mark| head.starts_with(mark))
}

/// The position of a zip's end record in these bytes, if only padding follows it. A zip may begin anywhere,
/// so it is recognised by this record.
pub fn zip_end(bytes: &[u8]) -> Option<usize> {
    let length = bytes.iter().rposition(|byte| *byte != 0)? + 1;
    let from = length.saturating_sub(ZIP_TAIL);
    // From the front, since that is faster, and nearly all files have none.
    let ends = memmem::find_iter(&bytes[from..length], END_MARK).map(|at| from + at);
    let ends = ends.filter(|&at| {
        let comment = u16_at(bytes, at + 20);
        // The record itself may end in NUL bytes, and so may its comment.
        let end = comment.map(|comment| at + END_LENGTH + comment);
        end.is_some_and(|end| end <= bytes.len() && end >= length)
    });
    ends.last()
}

/// A directory entry of a zip in memory.
#[derive(Debug)]
pub(in crate::format) struct ZipEntry<'a> {
    pub name: &'a [u8],
    pub is_encrypted: bool,
    pub method: usize,
    pub crc: u32,
    packed_length: usize,
    /// Unpacked, in bytes.
    pub length: u64,
    /// The position of its local header.
    start: usize,
}

impl ZipEntry<'_> {
    /// Its compressed bytes, after the local header.
    pub fn data<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let header =
            bytes.get(self.start..)?.get(..30).filter(|it| it.starts_with(b"PK\x03\x04"))?;
        let data = self.start + 30 + u16_at(header, 26)? + u16_at(header, 28)?;
        bytes.get(data..data.checked_add(self.packed_length)?)
    }
}

/// The entries in the directory that ends before `end`; `None` if there is none.
pub(in crate::format) fn zip_entries(bytes: &[u8], end: usize) -> Option<Vec<ZipEntry<'_>>> {
    let (length, offset, directory_end) = match bytes.get(end.saturating_sub(76)..end) {
        // A 64-bit zip: its end record and the locator come before this one.
        Some(before) if before.starts_with(b"PK\x06\x06") => {
            let number = |at: usize| {
                let number = u64::from_le_bytes(*before[at..].first_chunk()?);
                usize::try_from(number).ok()
            };
            (number(40)?, number(48)?, end - 76)
        }
        _ => (number_at(bytes, end + 12)?, number_at(bytes, end + 16)?, end),
    };
    let start = directory_end.checked_sub(length)?;
    // Data before the zip is not counted in its offsets.
    let shift = start.saturating_sub(offset);
    let mut directory = &bytes[start..directory_end];
    let mut entries = Vec::new();
    while !directory.is_empty() {
        let fields = directory.get(..ENTRY_LENGTH).filter(|entry| entry.starts_with(ENTRY_MARK))?;
        let [name, extra, comment] = [28, 30, 32].map(|at| u16_at(fields, at).unwrap_or(0));
        entries.push(ZipEntry {
            name: directory.get(ENTRY_LENGTH..ENTRY_LENGTH + name)?,
            is_encrypted: fields[8] & 1 == 1,
            method: u16_at(fields, 10)?,
            crc: u32::from_le_bytes(*fields[16..].first_chunk()?),
            packed_length: number_at(fields, 20)?,
            length: number_at(fields, 24)? as u64,
            start: number_at(fields, 42)?.checked_add(shift)?,
        });
        directory = directory.get(ENTRY_LENGTH + name + extra + comment..)?;
    }
    Some(entries)
}

/// Office documents, books and programs are zips, but single documents to their users. Each of these sets of
/// names identifies one, in any order. Any zip may contain a part of a set.
const SETS: [&[&[u8]]; 7] = [
    // Office Open XML.
    &[b"[Content_Types].xml", b"_rels/.rels"],
    // OpenDocument, EPUB.
    &[b"mimetype", b"META-INF/manifest.xml"],
    &[b"mimetype", b"META-INF/container.xml"],
    // Pictures of Krita and others.
    &[b"mimetype", b"maindoc.xml"],
    &[b"mimetype", b"stack.xml"],
    // Java programs, and Android's.
    &[b"META-INF/MANIFEST.MF", b".class"],
    &[b"AndroidManifest.xml", b"classes.dex"],
];

/// Whether a zip with these names is one document.
pub fn is_one_document<'a>(names: impl Iterator<Item = &'a [u8]> + Clone) -> bool {
    let has = |wanted: &[u8]| {
        names.clone().any(|name| match wanted {
            b".class" => name.ends_with(wanted),
            _ => name == wanted,
        })
    };
    SETS.iter().any(|set| set.iter().all(|wanted| has(wanted)))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn number_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?)).ok()
}
