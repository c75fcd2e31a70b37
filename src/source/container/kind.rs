//! Kinds of containers, by their bytes.

#[cfg(feature = "archives")]
use super::tar_header;
use crate::format::signature;
use crate::source::container::json::lines;

/// A kind of file that `archive/` reads: an archive, or a compressed file.
#[cfg(feature = "archives")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Kind {
    Gzip,
    Zstd,
    Tar,
    Zip,
}

#[cfg(feature = "archives")]
impl Kind {
    /// The kind of a file with this beginning; `None` if it is not supported.
    pub fn of(head: &[u8]) -> Option<Self> {
        match signature::container(head).map(|known| known.name) {
            None if signature::is_zip(head) => Some(Self::Zip),
            Some("gz") if head.get(2) == Some(&8) => Some(Self::Gzip),
            Some("zst") => Some(Self::Zstd),
            Some("tar") => Some(Self::Tar),
            Some(_) => None,
            None => tar_header::is_tar(head).then_some(Self::Tar),
        }
    }
}

/// The name of the kind of container with this beginning; `None` for other files, and for a zip, which is
/// recognised only by the whole file.
pub(in crate::source) fn container_name(head: &[u8]) -> Option<&'static str> {
    #[cfg(feature = "archives")]
    if Kind::of(head) == Some(Kind::Tar) {
        return Some("tar");
    }
    signature::container(head).map(|known| known.name)
}

/// The same, by all bytes of a file.
pub(in crate::source) fn kind_name(bytes: &[u8]) -> Option<&'static str> {
    let whole = || signature::of(bytes).filter(|known| known.kind == signature::Kind::Container);
    container_name(bytes)
        .or_else(|| whole().map(|known| known.name))
        .or_else(|| lines::is_many(bytes).then_some("jsonl"))
}
