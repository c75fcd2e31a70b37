use std::ops::RangeInclusive;

/// As Unicode's `DerivedCoreProperties.txt` lists it (`Default_Ignorable_Code_Point`), and the empty cell
/// of Braille.
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

/// Whether a character shows as nothing: white space, a control character, or what a program may leave
/// out.
pub fn is_unseen(c: char) -> bool {
    !matches!(c, '!'..='~')
        && (c.is_whitespace()
            || c.is_control()
            || (c >= '\u{ad}' && IGNORABLE.iter().any(|range| range.contains(&c))))
}
