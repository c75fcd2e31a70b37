//! Cuts a folded text into units (characters of scripts without blanks, and words), and units into tokens.

use super::segments::{Part, Segment, segment};
use crate::model::Article;
use std::ops::Range;

/// The index entry of a text: tokens separated by single blanks, for the tokenizer `unicode61`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Those of the title, with blanks between them.
    pub title: String,
    /// The tokens of the content paragraphs, in order.
    pub body: String,
}

impl Tokens {
    /// The tokens of an article that is to be stored.
    pub fn of(article: &Article) -> Self {
        let content = article.blocks.iter().filter(|block| block.kind.is_content());
        Self::new(&article.title, content.map(|block| block.text.as_str()))
    }

    /// The tokens of a title and content paragraphs.
    pub fn new<'a>(title: &str, paragraphs: impl IntoIterator<Item = &'a str>) -> Self {
        let mut tokens = Self::default();
        push_tokens(title, &mut tokens.title);
        for paragraph in paragraphs {
            push_tokens(paragraph, &mut tokens.body);
        }
        tokens
    }
}

/// A token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// Two neighbours in a run of Han, kana or Hangul.
    Pair(char, char),
    /// The last character of such a run.
    Last(char),
    /// A word of a script that has blanks.
    Word(&'a str),
}

impl Token<'_> {
    /// Appends it as in the index.
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

/// Calls `receive` with the tokens of a text, in order.
pub fn each_token(text: &str, mut receive: impl FnMut(Token<'_>)) {
    let mut run: Option<char> = None;
    let mut word = OpenWord::default();
    segment(text, |segment| match segment {
        Segment::Han(han) => {
            word.end(&mut receive);
            han.characters().for_each(|c| follow(&mut run, c, &mut receive));
        }
        Segment::One(Part::Cjk, c, _) => {
            word.end(&mut receive);
            follow(&mut run, c, &mut receive);
        }
        Segment::One(part, c, _) => {
            if let Some(last) = run.take() {
                receive(Token::Last(last));
            }
            match part {
                Part::WordMore | Part::ClusterMore => word.text.push(c),
                Part::WordStart | Part::Symbol => {
                    word.end(&mut receive);
                    word.text.push(c);
                }
                Part::ClusterStart => word.start_cluster(c, &mut receive),
                Part::Gap | Part::Cjk => word.end(&mut receive),
            }
        }
    });
    if let Some(last) = run {
        receive(Token::Last(last));
    }
    word.end(&mut receive);
}

/// Continues a run; `run` is its last character so far.
#[inline]
fn follow(run: &mut Option<char>, c: char, receive: &mut impl FnMut(Token<'_>)) {
    if let Some(before) = run.replace(c) {
        receive(Token::Pair(before, c));
    }
}

/// A word that is being read; in a script of clusters, the last two clusters of a run.
#[derive(Default)]
struct OpenWord {
    text: String,
    /// The start of the last cluster; `None` in a word of another script.
    cluster: Option<usize>,
}

impl OpenWord {
    fn start_cluster(&mut self, c: char, receive: &mut impl FnMut(Token<'_>)) {
        match self.cluster {
            None => self.end(receive),
            Some(0) => {}
            Some(last) => {
                receive(Token::Word(&self.text));
                self.text.drain(..last);
            }
        }
        self.cluster = Some(self.text.len());
        self.text.push(c);
    }

    #[inline]
    fn end(&mut self, receive: &mut impl FnMut(Token<'_>)) {
        if !self.text.is_empty() {
            self.end_some(receive);
        }
    }

    fn end_some(&mut self, receive: &mut impl FnMut(Token<'_>)) {
        receive(Token::Word(&self.text));
        if let Some(last) = self.cluster.take().filter(|&last| last > 0) {
            receive(Token::Word(&self.text[last..]));
        }
        self.text.clear();
    }
}

/// The folded content of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A character of a script without blanks.
    Character(char),
    /// A letter with its marks, of such a script.
    Cluster(String),
    Word(String),
}

/// A unit, by which texts are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub kind: Kind,
    /// Whether it is in the same run as the unit before.
    pub is_joined: bool,
    /// The bytes of the text that it comes from.
    pub from: Range<usize>,
}

impl Unit {
    /// Whether it is a token only together with a neighbour.
    pub fn is_character(&self) -> bool {
        matches!(self.kind, Kind::Character(_) | Kind::Cluster(_))
    }

    /// Appends it as in the index.
    pub fn write(&self, out: &mut String) {
        match &self.kind {
            Kind::Character(c) => out.push(*c),
            Kind::Cluster(word) | Kind::Word(word) => out.push_str(word),
        }
    }
}

/// The units of a text, in order.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut before = Part::Gap;
    segment(text, |segment| {
        let (part, c, from) = match segment {
            Segment::Han(han) => {
                for (c, from) in han.places() {
                    let is_joined = before == Part::Cjk;
                    before = Part::Cjk;
                    units.push(Unit { kind: Kind::Character(c), is_joined, from });
                }
                return;
            }
            Segment::One(part, c, from) => (part, c, from),
        };
        let is_after_cluster = matches!(before, Part::ClusterStart | Part::ClusterMore);
        let (kind, is_joined) = match part {
            Part::Gap => {
                before = part;
                return;
            }
            Part::Cjk => (Kind::Character(c), before == Part::Cjk),
            Part::WordStart | Part::Symbol => (Kind::Word(c.into()), false),
            Part::ClusterStart => (Kind::Cluster(c.into()), is_after_cluster),
            Part::WordMore | Part::ClusterMore => {
                if let Some(Unit {
                    kind: Kind::Word(word) | Kind::Cluster(word), from: all, ..
                }) = units.last_mut()
                {
                    word.push(c);
                    all.end = from.end;
                }
                before = part;
                return;
            }
        };
        before = part;
        units.push(Unit { kind, is_joined, from });
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
        check("中\u{fe00}国", "中国 国");
        check("C++ c", "c \u{f002b} \u{f002b} c");
        check("好👍", "好 \u{10f44d}");
        check("ไทย", "ไท ทย ย");
        check("ย", "ย");
        check("นี่ a", "น\u{f0e35}\u{f0e48} a");
        check("ที่นี่", "ท\u{f0e35}\u{f0e48}น\u{f0e35}\u{f0e48} น\u{f0e35}\u{f0e48}");
        check("aไท中", "a ไท ท 中");
        check("हिन्दी", "ह\u{f093f}न\u{f094d}द\u{f0940}");
    }

    /// The last table of `docs/search.md`.
    #[test]
    fn the_examples_of_the_documentation() {
        let docs = include_str!("../../docs/search.md");
        let rows: Vec<_> = docs.lines().skip_while(|line| !line.contains("its tokens")).collect();
        for row in &rows[2..] {
            let cells: Vec<_> = row.trim_matches(['|', ' ']).split(" | ").collect();
            let mut shown = String::new();
            for c in Tokens::new(cells[0], []).title.trim_end().chars() {
                if u32::from(c) < 0xf_0000 {
                    shown.push(c);
                } else {
                    shown += &format!("U+{:04X}", u32::from(c));
                }
            }
            assert_eq!(shown, cells[1], "{row}");
        }
        assert!(rows.len() > 8);
    }

    #[test]
    fn a_paragraph_ends_a_run() {
        assert_eq!(Tokens::new("", ["中国", "人 a", "b"]).body, "中国 国 人 a b ");
    }

    #[test]
    fn units_have_their_byte_ranges() {
        let text = "蘋果iPhone，好";
        let found: Vec<_> = units(text)
            .into_iter()
            .map(|unit| {
                let folded = match unit.kind {
                    Kind::Character(c) => c.into(),
                    Kind::Cluster(word) | Kind::Word(word) => word,
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
