//! Texts in encodings whose characters can end in a byte that looks like a backslash.

use encoding_rs::{BIG5, Encoding, GB18030, GBK, SHIFT_JIS};

/// Distinguishes such a byte from a backslash. A text that has been UTF-8 so far has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Trails {
    /// Whether half-width letters are single bytes.
    has_singles: bool,
    /// Whether the byte before began a character.
    is_lead: bool,
    /// Remaining bytes of the current character, if the text is UTF-8.
    more: u8,
    is_other: bool,
}

impl Trails {
    /// `None` for an encoding without such bytes.
    pub fn of(encoding: &'static Encoding) -> Option<Self> {
        let has_singles = encoding == SHIFT_JIS;
        let is_wide = has_singles || [GBK, GB18030, BIG5].contains(&encoding);
        is_wide.then_some(Self { has_singles, is_lead: false, more: 0, is_other: false })
    }

    /// Reads the next byte; returns whether it ends a character that another byte began.
    pub fn take(&mut self, byte: u8) -> bool {
        let is_more = matches!(byte, 0x80..=0xbf);
        self.is_other |= is_more != (self.more > 0);
        self.more = match byte {
            0x80..=0xbf => self.more.saturating_sub(1),
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => 0,
        };
        let is_trail = self.is_lead;
        let is_single = self.has_singles && matches!(byte, 0xa0..=0xdf);
        self.is_lead = byte >= 0x80 && !is_trail && !is_single;
        is_trail && self.is_other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of real backslashes.
    fn backslashes(encoding: &'static Encoding, bytes: &[u8]) -> usize {
        let mut trails = Trails::of(encoding).unwrap();
        bytes.iter().filter(|&&byte| !trails.take(byte) && byte == b'\\').count()
    }

    #[test]
    fn a_trail_byte_is_no_backslash() {
        for (encoding, text) in [
            (BIG5, "成功\\n許蓋功\\\"功"),
            (SHIFT_JIS, "表\\n十ｱ\\\"ｱｲ表"),
            (GB18030, "誠\\n中文㐀\\\"誠"),
            (GBK, "誠\\n中文\\\"誠"),
        ] {
            let bytes = encoding.encode(text).0;
            assert_eq!(backslashes(encoding, &bytes), 2, "{text}");
            assert_eq!(backslashes(encoding, text.as_bytes()), 2, "{text}");
        }
        assert_eq!(Trails::of(encoding_rs::EUC_KR), None);
    }
}
