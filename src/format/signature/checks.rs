//! Further conditions of signatures.

use crate::format::text_kind;
use memchr::memmem;

/// As many bytes as every caller has of a file.
pub(super) const HEAD: usize = 1024;

/// Control characters that no text contains. NUL is one, though texts may have a stray one.
pub(super) const fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127)
}

pub(super) const fn has_control(mark: &[u8]) -> bool {
    let mut at = 0;
    while at < mark.len() {
        if is_control(mark[at]) {
            return true;
        }
        at += 1;
    }
    false
}

/// For marks that are letters in some encoding: checks that what follows is not a text.
pub(super) fn is_no_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let controls = head.iter().filter(|byte| is_control(**byte)).count();
    controls >= 2 && controls * 32 >= head.len()
}

pub(super) fn always(_: &[u8]) -> bool {
    true
}

/// For a row that is chosen only by other code.
pub(super) fn never(_: &[u8]) -> bool {
    false
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn is_skippable(bytes: &[u8]) -> bool {
    bytes[0] >> 4 == 5
}

pub(super) fn is_bzip2(bytes: &[u8]) -> bool {
    let block = bytes.get(4..10);
    let is_block = block == Some(b"1AY&SY") || block == Some(b"\x17\x72\x45\x38\x50\x90");
    matches!(bytes.get(3), Some(b'1'..=b'9')) && is_block
}

/// The header has no mark; its window size and length take values that are rare elsewhere.
pub(super) fn is_lzma(bytes: &[u8]) -> bool {
    const LONGEST: u64 = 1 << 38;
    let window = u32_at(bytes, 1).unwrap_or(0);
    let is_size = |size: u32| size >= 1 << 12 && size.is_power_of_two();
    let length =
        bytes.get(5..).and_then(|rest| rest.first_chunk()).map(|of| u64::from_le_bytes(*of));
    let is_window = is_size(window) || (window.is_multiple_of(3) && is_size(window / 3 * 2));
    is_window && length.is_some_and(|length| length == u64::MAX || length < LONGEST)
}

pub(super) fn is_lha(bytes: &[u8]) -> bool {
    bytes.get(6) == Some(&b'-') && bytes[5].is_ascii_alphanumeric() && is_no_text(bytes)
}

pub(super) fn is_arj(bytes: &[u8]) -> bool {
    u16_at(bytes, 2).is_some_and(|length| (30..=2600).contains(&length)) && is_no_text(bytes)
}

/// Headers of digits only.
pub(super) fn is_cpio(bytes: &[u8]) -> bool {
    match bytes.get(5) {
        Some(b'1' | b'2') => {
            bytes.get(..110).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
        }
        Some(b'7') => {
            bytes.get(..76).is_some_and(|it| it.iter().all(|byte| matches!(byte, b'0'..=b'7')))
        }
        _ => false,
    }
}

/// The same for a large file, as afio writes it.
pub(super) fn is_afio(bytes: &[u8]) -> bool {
    bytes.get(30) == Some(&b'm') && bytes[..30].iter().all(u8::is_ascii_hexdigit)
}

/// The length of the first name is no longer than a path can be.
pub(super) fn is_old_cpio(bytes: &[u8]) -> bool {
    let length = bytes.get(20..22).map(|of| match bytes[0] {
        0xc7 => u16::from_le_bytes([of[0], of[1]]),
        _ => u16::from_be_bytes([of[0], of[1]]),
    });
    length.is_some_and(|length| (2..=4096).contains(&length))
        && bytes.len() > 26
        && is_no_text(bytes)
}

pub(super) fn is_warc(bytes: &[u8]) -> bool {
    let version = bytes.get(5..8).unwrap_or_default();
    matches!(version, [b'0'..=b'9', b'.', b'0'..=b'9'])
}

/// A first line as only a mailbox has, and a header below it.
pub(super) fn is_mbox(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let has_time =
        first.windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b':' && w[2].is_ascii_digit());
    has_time && lines.next().is_some_and(|line| text_kind::header_name(line).is_some())
}

/// A header of 128 bytes with its own checksum, after zeros and a name of up to 63 letters.
pub(super) fn is_mac_binary(bytes: &[u8]) -> bool {
    const SUMMED: usize = 124;
    let Some(header) = bytes.get(..128) else { return false };
    let is_named = matches!(header[1], 1..=63) && header[74] == 0 && header[82] == 0;
    let sum = || {
        header[..SUMMED].iter().fold(0u16, |sum, byte| {
            (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| {
                let is_carried = sum & 0x8000 != 0;
                sum << 1 ^ if is_carried { 0x1021 } else { 0 }
            })
        })
    };
    is_named && header[SUMMED..SUMMED + 2] == sum().to_be_bytes()
}

pub(super) fn is_webarchive(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"WebMainResource").is_some()
}

/// `HTTP/1.1 200`, `HTTP/2 200`.
pub(super) fn is_http(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = line[5..].split(|byte| *byte == b' ');
    let is_number = |word: &[u8]| word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    let has_version = words.next().is_some_and(|word| !word.is_empty() && is_number(word));
    let status = words.next().map(<[u8]>::trim_ascii).unwrap_or_default();
    has_version && status.len() == 3 && is_number(status)
}

pub(super) fn is_bmp(bytes: &[u8]) -> bool {
    u32_at(bytes, 6) == Some(0)
        && u32_at(bytes, 14).is_some_and(|header| (12..=124).contains(&header))
}

/// As many pictures as declared, the first with a zero where one is required.
pub(super) fn is_icon(bytes: &[u8]) -> bool {
    u16_at(bytes, 4).is_some_and(|count| (1..=256).contains(&count)) && bytes.get(9) == Some(&0)
}

pub(super) fn is_transport_stream(bytes: &[u8]) -> bool {
    bytes.get(188) == Some(&0x47) && bytes.get(376) == Some(&0x47) && is_no_text(bytes)
}

pub(super) fn is_eot(bytes: &[u8]) -> bool {
    u32_at(bytes, 0).map(|length| length as usize) == Some(bytes.len())
}

/// It has few flags.
pub(super) fn is_python(bytes: &[u8]) -> bool {
    u32_at(bytes, 4).is_some_and(|flags| flags < 4)
}

/// A name without a path, in a header of 29 bytes, with its end and a length within the file.
pub(super) fn is_sea_arc(bytes: &[u8]) -> bool {
    let name = bytes.get(2..15).and_then(|name| name.split(|byte| *byte == 0).next());
    let is_name =
        |name: &[u8]| (1..13).contains(&name.len()) && name.iter().all(u8::is_ascii_graphic);
    matches!(bytes.get(1), Some(1..=20))
        && name.is_some_and(is_name)
        && u32_at(bytes, 15).is_some_and(|length| length < 1 << 30)
        && bytes.len() >= 29
}

/// The signature at the end of a boot sector.
pub(super) fn is_boot_sector(bytes: &[u8]) -> bool {
    bytes.get(510..512) == Some(b"\x55\xaa")
}
