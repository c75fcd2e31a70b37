//! Properties of a text that depend on its characters only, in any language.

use std::ops::RangeInclusive;

/// Characters that each represent a word or a syllable: those of China, Japan and Korea.
const IDEOGRAPHS: [RangeInclusive<char>; 4] = [
    '\u{2e80}'..='\u{9fff}',
    '\u{ac00}'..='\u{d7af}',
    '\u{f900}'..='\u{faff}',
    '\u{20000}'..='\u{3ffff}',
];

/// How many characters of a text represent a word or a syllable each.
pub(in crate::extract) fn ideographs(text: &str) -> usize {
    if text.is_ascii() {
        return 0;
    }
    let is_one = |c: &char| IDEOGRAPHS.iter().any(|range| range.contains(c)) && c.is_alphanumeric();
    text.chars().filter(is_one).count()
}

/// Whether a text ends like a sentence, ignoring quotation marks and brackets.
pub(in crate::extract) fn ends_sentence(text: &str) -> bool {
    let closes = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '”' | '’' | '」' | '』' | '）' | ')' | ']')
    };
    let last = text.trim_end_matches(closes).chars().next_back();
    last.is_some_and(|last| {
        matches!(last, '.' | '!' | '?' | '。' | '！' | '？' | '…' | ':' | '：' | ';' | '；')
    })
}
