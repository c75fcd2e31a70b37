//! Recognises archives behind the program that unpacks them.

use super::{Signature, named};
use memchr::memmem;

const PROGRAMS: [&str; 3] = ["Windows program", "ELF", "Mach-O"];

/// The beginning of an archive and a further condition, since programs that read such archives contain the
/// mark too.
type Begins = (&'static str, &'static [u8], fn(&[u8]) -> bool);
const ARCHIVES: [Begins; 3] = [
    ("7z", b"7z\xbc\xaf\x27\x1c", is_7z),
    ("rar", b"Rar!\x1a\x07", is_rar),
    ("cab", b"MSCF\0\0\0\0", is_cab),
];

/// The archive in a file that was recognised as a program.
pub(super) fn archive(bytes: &[u8], found: Option<&Signature>) -> Option<&'static Signature> {
    found.filter(|found| PROGRAMS.contains(&found.name))?;
    let is_in =
        |(_, mark, is_one): &&Begins| memmem::find_iter(bytes, mark).any(|at| is_one(&bytes[at..]));
    ARCHIVES.iter().find(is_in).and_then(|(name, ..)| named(name))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Its end is where its header says.
fn is_7z(bytes: &[u8]) -> bool {
    const HEADER: u64 = 32;
    let end = u64_at(bytes, 12).zip(u64_at(bytes, 20));
    let end = end.and_then(|(from, length)| HEADER.checked_add(from)?.checked_add(length));
    bytes.get(6) == Some(&0) && end.is_some_and(|end| end > HEADER && end <= bytes.len() as u64)
}

/// The type of its first header, in either version.
fn is_rar(bytes: &[u8]) -> bool {
    match bytes.get(6) {
        Some(0) => bytes.get(9) == Some(&0x73),
        // A checksum and a length of one byte; then a header about the archive, or its encryption.
        Some(1) => bytes.get(7) == Some(&0) && matches!(bytes.get(13), Some(1 | 4)),
        _ => false,
    }
}

fn is_cab(bytes: &[u8]) -> bool {
    let length = u64_at(bytes, 8).map(|length| length & u64::from(u32::MAX));
    // Its version is 1.3.
    bytes.get(24..26) == Some(b"\x03\x01")
        && length.is_some_and(|length| length > 36 && length <= bytes.len() as u64)
}
