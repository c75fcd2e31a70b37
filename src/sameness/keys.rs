//! Keys that identify equal texts and seeds.

use crate::extract::title_key;
use crate::model::Sha256;
use sha2::Digest;

/// The minimum length in characters at which an equal text, at an equal time on the same site, makes two
/// seeds one article: shorter texts (a stub, a caption) are equal by chance.
pub(crate) const LEAST_TEXT: u64 = 40;

/// 128 bits of a SHA-256: enough that nobody finds two texts with the same key, at half the size.
pub(crate) type Key = [u8; 16];

/// The key of some values, in their order.
pub(crate) fn key(parts: &[&[u8]]) -> Key {
    let mut hash = sha2::Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = Sha256::of_hash(hash);
    let mut first = Key::default();
    first.copy_from_slice(&digest.as_bytes()[..16]);
    first
}

/// The key of a revision: its text and its title, without cuts and spacing.
pub(crate) fn pair_key(text_sha256: Option<Sha256>, title: &str) -> Key {
    let text = text_sha256.as_ref().map_or(&[][..], |sha256| sha256.as_bytes());
    key(&[text, title_key(title).as_bytes()])
}
