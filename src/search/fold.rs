//! One spelling for all spellings that a reader takes for the same.

use crate::model::han_length;
use caseless::Caseless;
use std::ops::Range;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, is_nfc_quick};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// OpenCC's table of single characters: traditional, a tab, the simplified ones, blanks between
/// them. Apache-2.0; its notice stands beside it.
const OPENCC: &str = include_str!("opencc/TSCharacters.txt");

/// Where the Han characters of the table begin and end that have a place in [`Simplified::common`].
const COMMON: Range<u32> = 0x3400..0xa000;

/// Traditional to simplified characters.
struct Simplified {
    /// What each of [`COMMON`] becomes, in two bytes: the processor's caches are small. 0 for one that
    /// is among the rest.
    common: Vec<u16>,
    /// The rest of the table, in order.
    rare: Vec<(char, char)>,
}

static SIMPLIFIED: LazyLock<Simplified> = LazyLock::new(|| {
    let mut common: Vec<u16> = COMMON.map(|code| code as u16).collect();
    let mut rare = Vec::new();
    for line in OPENCC.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split(['\t', ' ']).map(|column| column.chars().next());
        let (Some(Some(from)), Some(Some(to))) = (columns.next(), columns.next()) else {
            continue;
        };
        let place = COMMON.contains(&u32::from(from)).then(|| u32::from(from) - COMMON.start);
        let short = u16::try_from(u32::from(to)).ok();
        if let Some(place) = place {
            common[place as usize] = short.unwrap_or(0);
        }
        if place.is_none() || short.is_none() {
            rare.push((from, to));
        }
    }
    rare.sort_unstable();
    Simplified { common, rare }
});

impl Simplified {
    fn of(&self, c: char) -> char {
        let code = u32::from(c);
        if code < COMMON.start {
            return c;
        }
        let short = self.common.get((code - COMMON.start) as usize).copied().unwrap_or(0);
        match char::from_u32(u32::from(short)) {
            Some(short) if short != '\0' => short,
            _ => self.rare_of(c),
        }
    }

    fn rare_of(&self, c: char) -> char {
        match self.rare.binary_search_by_key(&c, |&(from, _)| from) {
            Ok(at) => self.rare[at].1,
            Err(_) => c,
        }
    }
}

/// A folded text: NFKC, case folded, Traditional Chinese as Simplified, without Cf and U+034F.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold(text, |c, _| folded.push(c));
    folded
}

/// Hands out the characters of the folded text, each with the bytes of `text` that it comes from.
pub(super) fn fold(text: &str, mut receive: impl FnMut(char, Range<usize>)) {
    // Once, not for every character.
    let simplified = &*SIMPLIFIED;
    let mut end = 0;
    while let Some(c) = text[end..].chars().next() {
        let start = end;
        // All but the last of a run: what follows that may change it.
        let run = han_length(&text[start..]).saturating_sub(3);
        for (at, c) in text[start..start + run].char_indices() {
            receive(simplified.of(c), start + at..start + at + 3);
        }
        if run > 0 {
            end = start + run;
            continue;
        }
        end += c.len_utf8();
        let is_next_apart = text[end..].chars().next().is_none_or(is_apart);
        if is_next_apart && let Some(folded) = simple_fold(c) {
            receive(simplified.of(folded), start..end);
            continue;
        }
        // Up to where nothing that comes can change what stands before it.
        let rest = &text[end..];
        end += rest.find(starts_anew).unwrap_or(rest.len());
        for folded in text[start..end].nfkc().default_case_fold().nfkc() {
            if !is_dropped(folded) {
                receive(simplified.of(folded), start..end);
            }
        }
    }
}

/// What most characters become, unless a mark follows that they combine with; `None` for the
/// others.
fn simple_fold(c: char) -> Option<char> {
    match c {
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        '\0'..='\x7f' => Some(c),
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).map(|c| c.to_ascii_lowercase())
        }
        '\u{3000}' => Some(' '),
        _ if is_apart(c) => Some(c),
        _ => None,
    }
}

/// Whether a character certainly neither combines with the one before it nor changes by itself,
/// ASCII and its full-width forms aside: nearly all of a Chinese text.
fn is_apart(c: char) -> bool {
    matches!(c,
        '\0'..='\x7f' | '\u{ff01}'..='\u{ff5e}' | '–' | '—' | '‘' | '’' | '“' | '”'
        | '\u{3000}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fe}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Whether a character never combines with the one before it.
fn starts_anew(c: char) -> bool {
    if is_apart(c) {
        return true;
    }
    let mut first = None;
    decompose_compatible(c, |part| first = first.or(Some(part)));
    first.is_none_or(|first| {
        canonical_combining_class(first) == 0
            && is_nfc_quick(std::iter::once(first)) == IsNormalized::Yes
    })
}

/// Marks that only format, and the joiner that only orders.
fn is_dropped(c: char) -> bool {
    c == '\u{34f}' || (!c.is_ascii() && c.general_category() == GeneralCategory::Format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, the plain way: over the whole text at once.
    fn folded_at_once(text: &str) -> String {
        let normal = text.nfkc().default_case_fold().nfkc().filter(|&c| !is_dropped(c));
        normal.map(|c| SIMPLIFIED.of(c)).collect()
    }

    #[test]
    fn folding() {
        let check = |text: &str, expected: &str| assert_eq!(folded(text), expected, "{text}");
        check("臺灣", "台湾");
        check("人權律師", "人权律师");
        check("後來", "后来");
        check("ＡＢＣ１２３", "abc123");
        check("iPhone", "iphone");
        check("Straße", "strasse");
        check("e\u{301}té", "été");
        check("中\u{200b}国\u{feff}", "中国");
        check("ｶﾞｷﾞ", "ガギ");
        check("\u{3000}", " ");
        check("㎏", "kg");
        check("ﬁn", "fin");
        check("a\u{34f}b", "ab");
    }

    /// No character of the table is left out, and each goes to the first one of its line.
    #[test]
    fn the_table_is_whole() {
        let lines = OPENCC.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut count = 0;
        for line in lines {
            let (from, to) = line.split_once('\t').unwrap();
            assert_eq!(folded(from), to.split(' ').next().unwrap(), "{line}");
            count += 1;
        }
        assert!(count > 4000, "{count}");
    }

    /// The short ways are the long ones, for every character that is not for private use or Han of
    /// the planes that have no other forms, alone and among such as combine.
    #[test]
    fn short_ways() {
        let codes = (0..=0x1_ffff).chain(0x2_f800..=0x2_fa1f).chain(0xe_0000..=0xe_0fff);
        for c in codes.filter_map(char::from_u32) {
            for text in [format!("a{c}"), format!("が{c}\u{3099}b")] {
                assert_eq!(folded(&text), folded_at_once(&text), "{text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn parts_make_the_whole(text in "[a-zA-Zß\u{e0}-\u{ff}\u{300}-\u{36f}\u{200b}-\u{200f}\u{3000}-\u{30ff}一-丘臺灣權\u{1100}-\u{11ff}\u{ac00}-\u{ac20}\u{ff00}-\u{ffa0}\u{f900}-\u{fa20}]{0,12}") {
            prop_assert_eq!(folded(&text), folded_at_once(&text));
        }

        #[test]
        fn every_character_comes_from_somewhere(text in any::<String>()) {
            let mut last = 0;
            fold(&text, |_, from| {
                assert!(from.start >= last && text.get(from.clone()).is_some());
                last = from.start;
            });
        }
    }
}
