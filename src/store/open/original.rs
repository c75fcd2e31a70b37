//! Reading the stored bytes of a seed, and columns that may be damaged.

use crate::model::{Codec, Sha256};
use std::str::FromStr;

/// A seed's bytes from their stored form; `None` if they are damaged.
pub(in crate::store) fn unpack(codec: Codec, body: &[u8], byte_length: usize) -> Option<Vec<u8>> {
    match codec {
        Codec::Plain => Some(body.to_vec()),
        Codec::Zstd if is_plausible(body, byte_length) => {
            zstd::bulk::decompress(body, byte_length).ok()
        }
        Codec::Zstd => None,
    }
}

/// Whether a compressed body can be as long as its row claims. The memory is reserved before the first byte
/// is decompressed, and a wrong bit in the row could ask for all of it.
fn is_plausible(body: &[u8], byte_length: usize) -> bool {
    /// zstd's densest block encodes 128 KiB in four bytes.
    const GREATEST_RATIO: usize = 1 << 16;
    let declared = zstd::zstd_safe::get_frame_content_size(body);
    let is_declared = declared.is_ok_and(|size| size == Some(byte_length as u64));
    is_declared && byte_length / GREATEST_RATIO <= body.len()
}

/// The bytes of a row with `sha256`, `byte_length`, `codec` and `body`; `None` if they are not stored or no
/// longer match their SHA-256.
pub(in crate::store) fn verified_bytes(
    row: &rusqlite::Row<'_>,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let Some(body) = row.get_ref("body")?.as_blob_or_null()? else {
        return Ok(None);
    };
    let sha256: Sha256 = row.get("sha256")?;
    let length: i64 = row.get("byte_length")?;
    let codec: Option<Codec> = read_known(row, "codec")?;
    let length = usize::try_from(length).unwrap_or(0);
    let bytes = codec.and_then(|codec| unpack(codec, body, length));
    Ok(bytes.filter(|bytes| Sha256::of(bytes) == sha256))
}

/// The value of a column, `None` if it cannot be parsed. Finding damage is the task of `verify`; other files
/// can be imported meanwhile.
pub(in crate::store) fn read_known<T: FromStr>(
    row: &rusqlite::Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    Ok(text.and_then(|text| text.parse().ok()))
}
