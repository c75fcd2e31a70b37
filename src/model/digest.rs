//! SHA-256 digests.

use super::{as_text, hex, unhex};
use sha2::Digest;
use std::fmt;
use std::str::FromStr;

/// A SHA-256 digest. Written in lower-case hexadecimal for people and in files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The digest of some bytes.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self::of_hash(sha2::Sha256::new_with_prefix(bytes))
    }

    /// The digest of a finished hash.
    pub(crate) fn of_hash(hash: sha2::Sha256) -> Self {
        Self(hash.finalize().into())
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Sha256 {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// A text that is not a SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a SHA-256")]
pub struct NoSha256(String);

/// From hexadecimal; capital letters are accepted.
impl FromStr for Sha256 {
    type Err = NoSha256;

    fn from_str(text: &str) -> Result<Self, NoSha256> {
        let bytes = unhex(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| NoSha256(text.to_owned()))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

as_text!(Sha256);

#[cfg(test)]
mod tests {
    use super::Sha256;

    #[test]
    fn a_digest_is_read_as_written() {
        const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let digest = Sha256::of("");
        assert_eq!(digest.to_string(), EMPTY);
        assert_eq!(EMPTY.to_uppercase().parse(), Ok(digest));
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(
            (json.as_str(), serde_json::from_str(&json).ok()),
            (&*format!("\"{EMPTY}\""), Some(digest))
        );
        assert_eq!("e3b0".parse::<Sha256>().unwrap_err().to_string(), "\"e3b0\" is not a SHA-256");
    }
}
