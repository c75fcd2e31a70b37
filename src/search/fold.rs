//! Folding: one spelling for all spellings that readers treat as equal.

use super::variants::VARIANTS;
use crate::model::{han_codes, han_length};
use caseless::Caseless;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, is_nfc_quick};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Folds a text: NFKC, case folding, one character for all its variants, and without marks that readers may
/// omit (see `is_dropped`).
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold(text, |c| folded.push(c));
    folded
}

/// A piece of a folded text.
pub(super) enum Piece<'a> {
    Han(Han<'a>),
    /// A character, and the bytes that it comes from.
    One(char, Range<usize>),
}

/// A run of common Han characters that their neighbours do not change: most of a Chinese text.
#[derive(Clone, Copy)]
pub(super) struct Han<'a> {
    run: &'a str,
    /// Its start in the text.
    start: usize,
}

impl Han<'_> {
    /// The folded characters.
    #[inline]
    pub fn characters(&self) -> impl Iterator<Item = char> {
        // Looked up once, not for every character.
        let variants = &*VARIANTS;
        han_codes(self.run).map(|code| variants.of_han(code))
    }

    /// The same, each with the bytes that it comes from.
    pub fn places(&self) -> impl Iterator<Item = (char, Range<usize>)> {
        let places = (self.start..).step_by(3).map(|at| at..at + 3);
        self.characters().zip(places)
    }
}

/// Passes the characters of the folded text to `receive`.
fn fold(text: &str, mut receive: impl FnMut(char)) {
    pieces(text, |piece| match piece {
        Piece::Han(han) => han.characters().for_each(&mut receive),
        Piece::One(c, _) => receive(c),
    });
}

/// Passes the pieces of the folded text to `receive`, in order.
#[inline]
pub(super) fn pieces(text: &str, mut receive: impl FnMut(Piece<'_>)) {
    let variants = &*VARIANTS;
    let mut end = 0;
    while let Some(c) = text[end..].chars().next() {
        let start = end;
        if c.is_ascii() && text.as_bytes().get(start + 1).is_none_or(u8::is_ascii) {
            end += 1;
            receive(Piece::One(c.to_ascii_lowercase(), start..end));
            continue;
        }
        let length = han_length(&text[start..]);
        let behind = text[start + length..].chars().next();
        // The following character may change the last one.
        let kept = if behind.is_none_or(is_apart) { length } else { length.saturating_sub(3) };
        if kept > 0 {
            end = start + kept;
            receive(Piece::Han(Han { run: &text[start..end], start }));
            continue;
        }
        end += c.len_utf8();
        let is_next_apart = text[end..].chars().next().is_none_or(is_apart);
        if is_next_apart && let Some(folded) = simple_fold(c) {
            receive(Piece::One(variants.of(folded), start..end));
            continue;
        }
        // Up to where no later character can change an earlier one.
        let rest = &text[end..];
        end += rest.find(starts_anew).unwrap_or(rest.len());
        for folded in text[start..end].nfkc().default_case_fold().nfkc() {
            if !is_dropped(folded) {
                receive(Piece::One(variants.of(folded), start..end));
            }
        }
    }
}

/// The folded form of most characters, unless a mark follows that they combine with; `None` for the others.
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

/// Whether a character certainly neither combines with the one before nor changes by itself, except for ASCII
/// and its full-width forms. Nearly all of a Chinese text.
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

/// Whether a character does not change the word that it is in: format characters, variation selectors, and
/// marks that are optional in their scripts (Arabic and Hebrew vowels, tatweel, accents that compose with no
/// letter). Vowel signs of other scripts are letters to their readers.
fn is_dropped(c: char) -> bool {
    match c {
        '\0'..='\x7f' => false,
        '\u{34f}' | '\u{640}' => true,
        _ => match c.general_category() {
            GeneralCategory::Format => true,
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark => is_optional_mark(c),
            _ => false,
        },
    }
}

/// Whether a combining mark is optional.
fn is_optional_mark(c: char) -> bool {
    match c {
        // Latin, Greek and Cyrillic, except those that the tokenizer removes itself.
        '\u{300}'..='\u{36f}' => !is_taken_off(c),
        '\u{483}'..='\u{489}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{2cef}'..='\u{2cf1}'
        | '\u{2de0}'..='\u{2dff}'
        | '\u{a66f}'..='\u{a67d}'
        | '\u{a69e}'..='\u{a69f}'
        | '\u{fe20}'..='\u{fe2f}' => true,
        // Hebrew, Arabic, Syriac, and marks on Han and kana.
        '\u{591}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{6d6}'..='\u{6ed}'
        | '\u{711}'
        | '\u{730}'..='\u{74a}'
        | '\u{897}'..='\u{89f}'
        | '\u{8ca}'..='\u{8ff}'
        | '\u{fb1e}'
        | '\u{302a}'..='\u{302f}'
        | '\u{3099}'..='\u{309a}' => true,
        // Variation selectors.
        '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => true,
        _ => false,
    }
}

/// Whether SQLite's tokenizer removes a diacritical mark from the letter before it. It treats all others as
/// separators.
pub(super) fn is_taken_off(c: char) -> bool {
    const TAKEN_OFF: u64 = 0x0003_61f8_0802_9fdf;
    let offset = u32::from(c).wrapping_sub(0x300);
    offset < 50 && TAKEN_OFF >> offset & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The simple implementation: over the whole text at once.
    fn folded_at_once(text: &str) -> String {
        let normal = text.nfkc().default_case_fold().nfkc().filter(|&c| !is_dropped(c));
        normal.map(|c| VARIANTS.of(c)).collect()
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
        check("隨著 甦醒 瞭解 衞星", "随着 苏醒 了解 卫星");
        check("葛\u{e0100}城 中\u{fe00}国 ⻘年 ⼈", "葛城 中国 青年 人");
        check("مُحَمَّد الكتـــاب", "محمد الكتاب");
        check("שָׁלוֹם", "שלום");
        check("x\u{332}y", "xy");
    }

    /// The fast paths agree with the simple implementation, for every character except private use and the
    /// Han planes without other forms, alone and among characters that combine.
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
        fn every_folded_character_has_a_source(text in any::<String>()) {
            let mut last = 0;
            let mut check = |from: Range<usize>| {
                assert!(from.start >= last && text.get(from.clone()).is_some());
                last = from.start;
            };
            pieces(&text, |piece| match piece {
                Piece::Han(han) => han.places().for_each(|(_, from)| check(from)),
                Piece::One(_, from) => check(from),
            });
        }
    }
}
