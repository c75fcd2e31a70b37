//! Splits a folded text into characters and their roles in words. Characters that the tokenizer `unicode61`
//! would drop although readers search for them are written as private-use characters.

use super::fold::{Han, Piece, is_taken_off, pieces};
use std::ops::Range;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// The role of a character in a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Han, kana, Hangul: a unit of its own.
    Cjk,
    /// The first character of a word of letters and digits.
    WordStart,
    /// A further character of a word, or a mark on one.
    WordMore,
    /// A letter of a script without blanks whose vowels are marks: Thai, Lao, Khmer, Burmese. Together with
    /// its marks it is a unit.
    ClusterStart,
    /// A mark on such a letter.
    ClusterMore,
    /// A unit of its own that is not a letter: an emoji, the `#` of `C#`.
    Symbol,
    /// A separator of words, which cannot be searched for.
    Gap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Cjk,
    Word,
    Cluster,
    /// A mark that can be searched for, as a private-use character.
    Mark(char),
    /// A diacritical mark that SQLite's tokenizer removes.
    Accent,
    Symbol(char),
    /// `+` and `#`: symbols after a word (`C++`).
    Suffix(char),
    /// `.`: a symbol before a word, unless it is inside one (`.NET`).
    Dot,
    Separator,
}

/// A segment of a folded text.
pub(super) enum Segment<'a> {
    /// Characters that are all [`Part::Cjk`].
    Han(Han<'a>),
    /// A character, its role, and the bytes that it comes from.
    One(Part, char, Range<usize>),
}

/// Calls `receive` with the segments of a folded text, in order.
#[inline]
pub(super) fn segment(text: &str, mut receive: impl FnMut(Segment<'_>)) {
    let mut before = Part::Gap;
    let mut is_after_suffix = false;
    let mut dot: Option<Range<usize>> = None;
    pieces(text, |piece| {
        let (c, from) = match piece {
            Piece::Han(han) => {
                before = Part::Cjk;
                return receive(Segment::Han(han));
            }
            Piece::One(c, from) => (c, from),
        };
        let class = class(c);
        if class == Class::Cjk {
            before = Part::Cjk;
            return receive(Segment::One(Part::Cjk, c, from));
        }
        let is_in_word = matches!(before, Part::WordStart | Part::WordMore);
        let is_suffix = is_in_word || is_after_suffix;
        is_after_suffix = false;
        let part = match class {
            Class::Word if is_in_word => Part::WordMore,
            Class::Word => {
                if let Some(dot) = dot.take().filter(|dot| dot.end == from.start) {
                    receive(Segment::One(Part::Symbol, private('.').unwrap_or('.'), dot));
                }
                Part::WordStart
            }
            Class::Cluster => Part::ClusterStart,
            Class::Mark(_) | Class::Accent if is_in_word => Part::WordMore,
            Class::Mark(_) if matches!(before, Part::ClusterStart | Part::ClusterMore) => {
                Part::ClusterMore
            }
            Class::Symbol(_) => Part::Symbol,
            Class::Suffix(_) if is_suffix => {
                is_after_suffix = true;
                Part::Symbol
            }
            Class::Dot => {
                dot = (!is_in_word).then(|| from.clone());
                Part::Gap
            }
            _ => Part::Gap,
        };
        before = part;
        let c = match class {
            Class::Mark(private) | Class::Symbol(private) | Class::Suffix(private) => private,
            _ => c,
        };
        receive(Segment::One(part, c, from));
    });
}

/// The class of a folded character.
fn class(c: char) -> Class {
    match c {
        'a'..='z' | '0'..='9' => Class::Word,
        '+' | '#' => private(c).map_or(Class::Separator, Class::Suffix),
        '.' => Class::Dot,
        '\0'..='\x7f' => Class::Separator,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Class::Cjk,
        // 々 and 〇, the Suzhou numerals, kana without the middle dot, Hangul syllables and letters,
        // compatibility characters, and the planes of Han.
        '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}'
        | '\u{3038}'..='\u{303b}'
        | '\u{3041}'..='\u{3096}'
        | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{a960}'..='\u{a97c}'
        | '\u{d7b0}'..='\u{d7fb}'
        | '\u{f900}'..='\u{faff}'
        | '\u{1aff0}'..='\u{1aff3}'
        | '\u{1b000}'..='\u{1b167}'
        | '\u{20000}'..='\u{323af}' => Class::Cjk,
        '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' => {
            Class::Separator
        }
        _ if is_taken_off(c) => Class::Accent,
        _ => match c.general_category_group() {
            GeneralCategoryGroup::Letter if has_clusters(c) => Class::Cluster,
            // Rust's `is_alphanumeric` also includes vowel signs, at which SQLite cuts.
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number => Class::Word,
            GeneralCategoryGroup::Mark => private(c).map_or(Class::Separator, Class::Mark),
            GeneralCategoryGroup::Symbol => private(c).map_or(Class::Separator, Class::Symbol),
            _ => Class::Separator,
        },
    }
}

/// Whether a letter belongs to a script without blanks between words.
fn has_clusters(c: char) -> bool {
    matches!(c,
        // Thai and Lao, Burmese, Khmer, Tai Le to Khmer symbols, Tai Tham.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{1950}'..='\u{19ff}' | '\u{1a20}'..='\u{1aaf}'
        // Burmese extensions, Tai Viet.
        | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aadf}')
}

/// The private-use character that represents a mark or symbol in the index: `unicode61` keeps those and drops
/// marks and symbols. The planes 15 and 16 have one for each character of the planes 0 and 1, which contain
/// all marks and symbols.
pub(super) fn private(c: char) -> Option<char> {
    const PRIVATE: u32 = 0xf_0000;
    let code = u32::from(c);
    if code < 0x2_0000 { char::from_u32(PRIVATE + code) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> String {
        let mut parts = String::new();
        segment(text, |segment| {
            let (part, c) = match segment {
                Segment::Han(han) => return han.characters().for_each(|c| parts.extend([' ', c])),
                Segment::One(part, c, _) => (part, c),
            };
            match part {
                Part::WordStart | Part::ClusterStart | Part::Symbol | Part::Cjk => parts.push(' '),
                Part::Gap => return parts.push('_'),
                _ => {}
            }
            // Shown as the character that it represents.
            let code = u32::from(c);
            let shown = if code >= 0xf_0000 { code - 0xf_0000 } else { code };
            parts.extend(char::from_u32(shown));
        });
        parts
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(parts(text), expected, "{text}");
    }

    #[test]
    fn symbols_of_names() {
        check("C++ C# c", " c + +_ c #_ c");
        check("C++17", " c + + 17");
        check("Ｃ＋＋", " c + +");
        check("a + b # c", " a___ b___ c");
        check("+1 #tag", "_ 1__ tag");
        check(".NET asp.net", "_ . net_ asp_ net");
        check("用.NET写。", " 用_ . net 写_");
        check("end. New", " end__ new");
        check("...net . net", "___ . net___ net");
    }

    #[test]
    fn emoji_and_signs() {
        check("好👍🏽了", " 好 👍 🏽 了");
        check("❤\u{fe0f}", " ❤");
        check("1\u{fe0f}\u{20e3}", " 1");
        check("👨\u{200d}👩", " 👨 👩");
        check("🇹🇼", " 🇹 🇼");
        check("€5 ☎", " € 5_ ☎");
        check("$5 <a> ~", "_ 5__ a___");
        check("〒100", " 〒 100");
    }

    #[test]
    fn vowel_signs() {
        check("ภาษาไทย", " ภ า ษ า ไ ท ย");
        check("ที่นี่", " ที่ นี่");
        check("ខ្មែរ", " ខ្ មែ រ");
        check("हिन्दी में", " हिन्दी_ में");
        check("\u{e35} \u{93f}", "___");
        check("\u{30b} x\u{301}y", "__ x\u{301}y");
    }

    #[test]
    fn han_is_folded_to_what_needs_no_blanks() {
        let han: String = ('\u{4e00}'..='\u{9fff}').collect();
        segment(&han, |segment| match segment {
            Segment::Han(han) => {
                han.characters().for_each(|c| assert!(class(c) == Class::Cjk, "{c}"))
            }
            Segment::One(_, c, _) => panic!("{c}"),
        });
    }

    /// No two kept characters share a private-use character.
    #[test]
    fn private_characters_are_one_to_one() {
        let mut count = 0;
        let mut last = '\0';
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let group = c.general_category_group();
            if matches!(group, GeneralCategoryGroup::Mark | GeneralCategoryGroup::Symbol) {
                // Variation selectors of plane 14 are dropped earlier.
                let Some(private) = private(c) else {
                    assert!(('\u{e0100}'..='\u{e01ef}').contains(&c), "{c:?}");
                    continue;
                };
                assert_eq!(private.general_category_group(), GeneralCategoryGroup::Other);
                assert!(private > last, "{c:?}");
                (last, count) = (private, count + 1);
            }
        }
        assert!(count > 9000, "{count}");
    }
}
