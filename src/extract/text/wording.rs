//! What the characters of a text say of it, in any language.

use std::ops::RangeInclusive;

/// Characters that each stand for a word or a syllable: those of China, Japan and Korea.
const IDEOGRAPHS: [RangeInclusive<char>; 4] = [
    '\u{2e80}'..='\u{9fff}',
    '\u{ac00}'..='\u{d7af}',
    '\u{f900}'..='\u{faff}',
    '\u{20000}'..='\u{3ffff}',
];

/// How many characters of a text stand for a word or a syllable each.
pub(in crate::extract) fn ideographs(text: &str) -> usize {
    if text.is_ascii() {
        return 0;
    }
    let is_one = |c: &char| IDEOGRAPHS.iter().any(|range| range.contains(c)) && c.is_alphanumeric();
    text.chars().filter(is_one).count()
}

/// Whether a text ends as sentences end, marks of quotation and brackets aside.
pub(in crate::extract) fn ends_sentence(text: &str) -> bool {
    let closes = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '”' | '’' | '」' | '』' | '）' | ')' | ']')
    };
    let last = text.trim_end_matches(closes).chars().next_back();
    last.is_some_and(|last| {
        matches!(last, '.' | '!' | '?' | '。' | '！' | '？' | '…' | ':' | '：' | ';' | '；')
    })
}
