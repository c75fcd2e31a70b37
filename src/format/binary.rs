//! Files that a magic number names: no article is in them, and their bytes are not kept.

/// Whether the bytes begin like a picture, a program or another file that is no text.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    const MAGIC: [&[u8]; 12] = [
        b"\x89PNG\r\n",
        b"\xff\xd8\xff",
        b"GIF8",
        b"%PDF-",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"\xfd7zXZ",
        b"7z\xbc\xaf\x27\x1c",
        b"BZh",
        b"SQLite format 3",
        b"\x7fELF",
    ];
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
}
