//! Facts about characters: a fast path for Chinese in UTF-8, and which characters are invisible.

use std::ops::RangeInclusive;

/// The length in bytes of the common Han characters (U+4E00 to U+9FFF) at the start of a text. Each takes
/// three bytes, and they are most of a Chinese text, so code that treats them alike need not decode them one
/// by one.
#[inline]
pub fn han_length(text: &str) -> usize {
    let characters = text.as_bytes().chunks_exact(3);
    3 * characters
        .take_while(|bytes| (0xe4b8..=0xe9bf).contains(&u16::from_be_bytes([bytes[0], bytes[1]])))
        .count()
}

/// The code points of a text of common Han characters only.
#[inline]
pub fn han_codes(text: &str) -> impl Iterator<Item = u16> {
    let (characters, rest) = text.as_bytes().as_chunks::<3>();
    debug_assert!(rest.is_empty() && han_length(text) == text.len(), "{text}");
    characters.iter().map(|&[one, two, three]| {
        u16::from(one & 0x0f) << 12 | u16::from(two & 0x3f) << 6 | u16::from(three & 0x3f)
    })
}

/// `Default_Ignorable_Code_Point` in Unicode's `DerivedCoreProperties.txt`, and the empty cell of Braille.
const IGNORABLE: [RangeInclusive<char>; 18] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fff8}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Whether a character is invisible: white space, a control character, or one that programs may ignore.
pub fn is_unseen(c: char) -> bool {
    !matches!(c, '!'..='~')
        && (c.is_whitespace()
            || c.is_control()
            || (c >= '\u{ad}' && IGNORABLE.iter().any(|range| range.contains(&c))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_and_no_other() {
        for c in '\0'..=char::MAX {
            let expected = if ('\u{4e00}'..='\u{9fff}').contains(&c) { 3 } else { 0 };
            assert_eq!(han_length(&c.to_string()), expected, "{c:?}");
        }
        for c in '\u{4e00}'..='\u{9fff}' {
            assert!(han_codes(&c.to_string()).map(u32::from).eq([u32::from(c)]), "{c:?}");
        }
        assert_eq!(han_length("中国人a中"), 9);
        assert_eq!(han_length("中é"), 3);
        assert_eq!(han_length(""), 0);
    }
}
