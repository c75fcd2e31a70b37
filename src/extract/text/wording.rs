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

/// Whether a text ends like a sentence, ignoring quotation marks and brackets. Unicode's `Sentence_Terminal` of the
/// scripts that newspapers use, colons and semicolons, and the clause marks of Burmese and Tibetan. Thai has no mark.
pub(in crate::extract) fn ends_sentence(text: &str) -> bool {
    const MARKS: &str = ".!?…:;。！？：；｡।॥۔؟։።፧၊။។៕།༎॥";
    const CLOSING: &str = "\"'”’»›」』）】》〉)]";
    let closes = |c: char| c.is_whitespace() || CLOSING.contains(c);
    text.trim_end_matches(closes).ends_with(|c| MARKS.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_many_scripts_end() {
        for text in [
            "It rained.",
            "雨停了。”",
            "बारिश रुक गई।",
            "بارش رک گئی۔",
            "هل توقف المطر؟",
            "Անձրևը դադարեց։",
            "ዝናቡ ቆመ።",
            "မိုးတိတ်သွားပြီ။",
            "ភ្លៀងឈប់។",
            "ཆར་པ་ཆད་སོང་།",
            "（雨停了！）】",
        ] {
            assert!(ends_sentence(text), "{text}");
        }
        for text in ["After the storm", "雨停了", "", "”"] {
            assert!(!ends_sentence(text), "{text}");
        }
    }
}
