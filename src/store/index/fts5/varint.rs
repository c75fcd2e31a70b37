//! SQLite's variable-length integers: seven bits per byte, the highest first; a ninth byte has all eight.

/// The least values that take two and three bytes; nearly all values are smaller.
const TWO_BYTES: u64 = 1 << 7;
const THREE_BYTES: u64 = 1 << 14;

/// Appends a value in one to nine bytes.
#[inline]
pub fn push(out: &mut Vec<u8>, value: u64) {
    // Writes of constant length; nearly all values are of these.
    match value {
        0..TWO_BYTES => out.push(value as u8),
        TWO_BYTES..THREE_BYTES => out.extend_from_slice(&two_bytes(value)),
        _ => {
            let mut bytes = [0; 9];
            let length = put_long(&mut bytes, value);
            out.extend_from_slice(&bytes[..length]);
        }
    }
}

fn two_bytes(value: u64) -> [u8; 2] {
    [(value >> 7) as u8 | 0x80, value as u8 & 0x7f]
}

/// Writes a value to the start of `out`, and returns the number of bytes.
#[inline]
pub fn put(out: &mut [u8], value: u64) -> usize {
    match value {
        0..TWO_BYTES => {
            out[0] = value as u8;
            1
        }
        TWO_BYTES..THREE_BYTES => {
            out[..2].copy_from_slice(&two_bytes(value));
            2
        }
        _ => put_long(out, value),
    }
}

fn put_long(out: &mut [u8], mut value: u64) -> usize {
    let length = len(value);
    let mut rest = length;
    if length == 9 {
        out[8] = value as u8;
        value >>= 8;
        rest = 8;
    }
    for at in (0..rest).rev() {
        out[at] = value as u8 | 0x80;
        value >>= 7;
    }
    if length < 9 {
        out[length - 1] &= 0x7f;
    }
    length
}

/// The number of bytes of a value.
#[inline]
pub fn len(value: u64) -> usize {
    match value {
        0..TWO_BYTES => 1,
        TWO_BYTES..THREE_BYTES => 2,
        _ => (64 - value.leading_zeros() as usize).div_ceil(7).min(9),
    }
}

/// The value at the start of some bytes, and its length; `None` if they end within it.
#[inline]
pub fn read(bytes: &[u8]) -> Option<(u64, usize)> {
    match bytes.first() {
        Some(&byte) if byte < 0x80 => Some((u64::from(byte), 1)),
        _ => read_long(bytes),
    }
}

fn read_long(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(value: u64, expected: &[u8]) {
        let mut bytes = Vec::new();
        push(&mut bytes, value);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn known_values() {
        check(0, &[0]);
        check(127, &[127]);
        check(128, &[0x81, 0]);
        check(16_383, &[0xff, 0x7f]);
        check(16_384, &[0x81, 0x80, 0]);
        check((1 << 56) - 1, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
        check(1 << 56, &[0x80, 0xc0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]);
        check(u64::MAX, &[0xff; 9]);
    }

    proptest! {
        #[test]
        fn a_value_is_read_as_written(value: u64, shift in 0..64_u32) {
            let value = value >> shift;
            let mut bytes = Vec::new();
            push(&mut bytes, value);
            prop_assert_eq!(bytes.len(), len(value));
            prop_assert_eq!(read(&bytes), Some((value, bytes.len())));
            prop_assert_eq!(read(&bytes[..bytes.len() - 1]), None);
        }
    }
}
