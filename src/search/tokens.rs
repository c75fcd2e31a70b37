//! A folded text to units (characters of scripts without blanks, and words), and those to tokens.

use super::fold::fold;
use crate::model::Article;
use std::ops::Range;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// What a character is to the cutting of words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Han, kana, Hangul: every character is a unit.
    Cjk,
    /// A letter or digit of another script, or a mark on one.
    Word,
    Separator,
}

/// Of a folded character, behind one of that class.
fn class(c: char, before: Class) -> Class {
    match c {
        'a'..='z' | '0'..='9' => Class::Word,
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
        '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{3030}' => Class::Separator,
        // SQLite's tokenizer leaves it out where it begins a word.
        _ if is_mark(c) && before != Class::Word => Class::Separator,
        _ if is_letter(c) || is_mark(c) => Class::Word,
        _ => Class::Separator,
    }
}

/// A letter or digit to SQLite's tokenizer too. Rust's `is_alphanumeric` also takes the vowel signs of
/// Thai, Hindi or Arabic, at which that one cuts.
fn is_letter(c: char) -> bool {
    let group = c.general_category_group();
    matches!(group, GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
}

/// A diacritical mark that composed with nothing and stays with its letter: one of those that SQLite's
/// tokenizer takes off, as it takes the others for separators.
fn is_mark(c: char) -> bool {
    const TAKEN_OFF: u64 = 0x0003_61f8_0802_9fdf;
    let place = u32::from(c).wrapping_sub(0x300);
    place < 50 && TAKEN_OFF >> place & 1 == 1
}

/// What the index holds of a text: tokens with single blanks between them, for the tokenizer
/// `unicode61`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    pub title: String,
    /// Of the content paragraphs, in order.
    pub body: String,
}

impl Tokens {
    /// Of an article as it is to be stored.
    pub fn of(article: &Article) -> Self {
        let content = article.blocks.iter().filter(|block| block.kind.is_content());
        Self::new(&article.title, content.map(|block| block.text.as_str()))
    }

    /// Of a title and content paragraphs.
    pub fn new<'a>(title: &str, paragraphs: impl IntoIterator<Item = &'a str>) -> Self {
        let mut tokens = Self::default();
        push_tokens(title, &mut tokens.title);
        for paragraph in paragraphs {
            push_tokens(paragraph, &mut tokens.body);
        }
        tokens
    }
}

/// One of the tokens of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// Two neighbours in a run of Han, kana or Hangul.
    Pair(char, char),
    /// The last character of such a run.
    Last(char),
    Word(&'a str),
}

impl Token<'_> {
    /// Appends it as it is in the index.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Pair(one, other) => out.extend([one, other]),
            Self::Last(last) => out.push(*last),
            Self::Word(word) => out.push_str(word),
        }
    }
}

/// Appends the tokens of a text.
fn push_tokens(text: &str, tokens: &mut String) {
    // Each Han character makes a token of two, and a blank.
    tokens.reserve(text.len() * 7 / 3);
    each_token(text, |token| {
        token.write(tokens);
        tokens.push(' ');
    });
}

/// Hands out the tokens of a text, in order.
pub fn each_token(text: &str, mut receive: impl FnMut(Token<'_>)) {
    let mut run: Option<char> = None;
    let mut word = String::new();
    fold(text, |c, _| {
        let class = class(c, if word.is_empty() { Class::Separator } else { Class::Word });
        if class == Class::Cjk {
            if !word.is_empty() {
                receive(Token::Word(&word));
                word.clear();
            }
            if let Some(before) = run.replace(c) {
                receive(Token::Pair(before, c));
            }
            return;
        }
        if let Some(last) = run.take() {
            receive(Token::Last(last));
        }
        if class == Class::Word {
            word.push(c);
        } else if !word.is_empty() {
            receive(Token::Word(&word));
            word.clear();
        }
    });
    if let Some(last) = run {
        receive(Token::Last(last));
    }
    if !word.is_empty() {
        receive(Token::Word(&word));
    }
}

/// What a unit is, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A character of a script without blanks.
    Character(char),
    Word(String),
}

/// One of the pieces that texts are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub kind: Kind,
    /// Whether it stands in one run with the unit before it.
    pub is_joined: bool,
    /// The bytes of the text that it comes from.
    pub from: Range<usize>,
}

impl Unit {
    pub fn is_character(&self) -> bool {
        matches!(self.kind, Kind::Character(_))
    }

    /// Appends it as it is in the index.
    pub fn write(&self, out: &mut String) {
        match &self.kind {
            Kind::Character(c) => out.push(*c),
            Kind::Word(word) => out.push_str(word),
        }
    }
}

/// The units of a text, in order.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut before = Class::Separator;
    fold(text, |c, from| {
        let class = class(c, before);
        match (class, units.last_mut()) {
            (Class::Separator, _) => {}
            (Class::Word, Some(Unit { kind: Kind::Word(word), from: all, .. }))
                if before == Class::Word =>
            {
                word.push(c);
                all.end = from.end;
            }
            (Class::Word, _) => {
                units.push(Unit { kind: Kind::Word(c.into()), is_joined: false, from });
            }
            (Class::Cjk, _) => {
                let is_joined = before == Class::Cjk;
                units.push(Unit { kind: Kind::Character(c), is_joined, from });
            }
        }
        before = class;
    });
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Tokens::new(text, []).title.trim_end(), expected, "{text}");
    }

    #[test]
    fn tokens() {
        check("中国人", "中国 国人 人");
        check("中国", "中国 国");
        check("人", "人");
        check("", "");
        check("，。", "");
        check("你好，世界", "你好 好 世界 界");
        check("苹果iPhone15手机", "苹果 果 iphone15 手机 机");
        check("臺灣人權", "台湾 湾人 人权 权");
        check("It's 5 o’clock", "it s 5 o clock");
        check("约翰・史密斯", "约翰 翰 史密 密斯 斯");
        check("人々〇", "人々 々〇 〇");
        check("カタカナー", "カタ タカ カナ ナー ー");
        check("한국어", "한국 국어 어");
        check("中\u{200b}国", "中国 国");
        check("𠮷野家", "𠮷野 野家 家");
        check("a中b", "a 中 b");
        check("café", "café");
        check("\u{30b} 0 湾\u{30b}\u{30b}人 x\u{30b}y", "0 湾 人 x\u{30b}y");
    }

    #[test]
    fn a_paragraph_ends_a_run() {
        assert_eq!(Tokens::new("", ["中国", "人 a", "b"]).body, "中国 国 人 a b ");
    }

    #[test]
    fn units_know_where_they_come_from() {
        let text = "蘋果iPhone，好";
        let found: Vec<_> = units(text)
            .into_iter()
            .map(|unit| {
                let folded = match unit.kind {
                    Kind::Character(c) => c.into(),
                    Kind::Word(word) => word,
                };
                (folded, unit.is_joined, text[unit.from].to_owned())
            })
            .collect();
        let expected = [
            ("苹", false, "蘋"),
            ("果", true, "果"),
            ("iphone", false, "iPhone"),
            ("好", false, "好"),
        ];
        let expected =
            expected.map(|(unit, joined, from)| (unit.to_owned(), joined, from.to_owned()));
        assert_eq!(found, expected);
    }
}
