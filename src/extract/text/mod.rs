//! White space, and the characters that count as text.

pub(super) mod language;
pub(super) mod script;
pub(super) mod wording;

use crate::model::han_length;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A text as sameness compares it: NFKC, without white space and Cf.
pub fn folded_text(text: &str) -> String {
    // In most texts, NFKC maps every character on its own; this takes a tenth of the time.
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (kept, others) = rest.split_at(kept_length(rest));
        folded.push_str(kept);
        let Some(c) = others.chars().next() else {
            break;
        };
        rest = &others[c.len_utf8()..];
        match simple_fold(c) {
            Some(Folded::Nothing) => {}
            Some(Folded::One(c)) => folded.push(c),
            Some(Folded::Ellipsis) => folded.push_str("..."),
            None => return text.nfkc().filter(|&c| counts(c)).collect(),
        }
    }
    folded
}

/// The length in bytes of the start of a text that folding certainly leaves unchanged.
fn kept_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'!'..=b'~' => 1,
            // U+3001 to U+301F; the first character of this block is a blank.
            0xe3 if bytes[at + 1] == 0x80 && (0x81..=0x9f).contains(&bytes[at + 2]) => 3,
            0xe4..=0xe9 => match han_length(&text[at..]) {
                0 => break,
                length => length,
            },
            _ => break,
        };
    }
    at
}

/// The form of a character in [`folded_text`], if its neighbours cannot change it.
enum Folded {
    Nothing,
    One(char),
    Ellipsis,
}

/// `None` for characters that depend on their neighbours, or that are rare.
fn simple_fold(c: char) -> Option<Folded> {
    Some(match c {
        '!'..='~' => Folded::One(c),
        '\t'..='\r' | ' ' | '\u{a0}' | '\u{3000}' => Folded::Nothing,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' => Folded::One(c),
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => Folded::One(char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)),
        '\u{3001}'..='\u{3020}' | '\u{b7}' | '–' | '—' | '‘' | '’' | '“' | '”' => {
            Folded::One(c)
        }
        '…' => Folded::Ellipsis,
        '\u{200b}'..='\u{200f}' | '\u{feff}' => Folded::Nothing,
        _ => return None,
    })
}

/// A title as sameness compares it.
pub fn title_key(title: &str) -> String {
    folded_text(title)
}

/// Whether a character counts: not white space, and not Cf (format characters).
pub(in crate::extract) fn counts(c: char) -> bool {
    match c {
        '!'..='~' | '\u{3001}'..='\u{9fff}' => true,
        '\0'..=' ' => !c.is_whitespace(),
        _ => !c.is_whitespace() && c.general_category() != GeneralCategory::Format,
    }
}

/// Whether a character is a letter or digit of any script.
pub(in crate::extract) fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric(),
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' => true,
        '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' => false,
        _ => c.is_alphanumeric(),
    }
}

/// The number of letters and digits of any script in a text.
pub(in crate::extract) fn letters(text: &str) -> usize {
    let (mut letters, mut rest) = (0, text);
    loop {
        let run = PlainRun::of(rest);
        letters += run.letters;
        // Other characters than plain ones are not letters.
        match rest[run.length..].chars().next() {
            Some(c) => rest = &rest[run.length + c.len_utf8()..],
            None => return letters,
        }
    }
}

/// Folds white space to single blanks, and trims the ends.
pub(in crate::extract) fn one_line(text: &str) -> String {
    let mut line = LineBuilder { text: String::with_capacity(text.len()), ..Default::default() };
    line.push(text);
    line.finish()
}

/// Characters without meaning in a stored text. Joiners are kept: emoji and some scripts need them.
fn is_dropped(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
        || (c.is_control() && !c.is_whitespace())
}

/// Whether a character is stored as it is.
fn is_plain(c: char) -> bool {
    match c {
        '!'..='~' | '\u{3001}'..='\u{9fff}' => true,
        _ => !c.is_whitespace() && !is_dropped(c),
    }
}

/// The plain characters at the start of a text.
struct PlainRun {
    /// In bytes.
    length: usize,
    /// The number of letters among them.
    letters: usize,
}

impl PlainRun {
    /// Decides by bytes where possible, as for nearly all of a Chinese text.
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut at, mut letters) = (0, 0);
        while let Some(&byte) = bytes.get(at) {
            let (length, is_letter) = match byte {
                b'!'..=b'~' => (1, byte.is_ascii_alphanumeric()),
                0xe4..=0xe9 if let length @ 1.. = han_length(&text[at..]) => {
                    at += length;
                    letters += length / 3;
                    continue;
                }
                // Chinese punctuation: U+2010 to U+2027, U+3008 to U+3020 and the comma and full stop before
                // them, the first full-width forms.
                0xe2 if bytes[at + 1] == 0x80 && (0x90..=0xa7).contains(&bytes[at + 2]) => {
                    (3, false)
                }
                0xe3 if bytes[at + 1] == 0x80
                    && matches!(bytes[at + 2], 0x81..=0x82 | 0x88..=0xa0) =>
                {
                    (3, false)
                }
                0xef if bytes[at + 1] == 0xbc && (0x81..=0x8f).contains(&bytes[at + 2]) => {
                    (3, false)
                }
                _ => match text[at..].chars().next() {
                    Some(c) if is_plain(c) => (c.len_utf8(), is_letter(c)),
                    _ => break,
                },
            };
            at += length;
            letters += usize::from(is_letter);
        }
        Self { length: at, letters }
    }
}

/// Whether a character belongs to a script without blanks between words, so that a line break in the source
/// leaves no blank either.
pub(in crate::extract) fn joins_lines(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{303f}'      // radicals, CJK punctuation
        | '\u{3040}'..='\u{30ff}'    // kana
        | '\u{3100}'..='\u{312f}' | '\u{31a0}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ff60}'
        | '\u{20000}'..='\u{3ffff}')
        // Quotation marks and dashes that Chinese shares with Latin.
        || matches!(c, '“' | '”' | '‘' | '’' | '…' | '—')
}

/// The white space since the last character.
#[derive(Default, Clone, Copy)]
struct Gap {
    has_blank: bool,
    has_wrap: bool,
    has_seam: bool,
    breaks: usize,
}

/// Whether white space between two characters leaves a blank.
fn parts_words(before: char, next: char) -> bool {
    !joins_lines(before)
        && !joins_lines(next)
        && !"([{“‘«$£€¥".contains(before)
        && !".,;:!?)]}”’»%".contains(next)
}

/// A text up to this many bytes is copied from its buffer, which is then reused. A text can be as large as a
/// file may be, and should not be in memory twice.
const COPIED: usize = 64 << 10;

/// The text of one block, built from text nodes and line breaks.
#[derive(Default)]
pub(in crate::extract) struct LineBuilder {
    text: String,
    gap: Gap,
    is_exact: bool,
    /// The character of the page at the end of the text so far, if the text has another form of it: it
    /// decides whether a line break in the source leaves a blank.
    last: Option<char>,
}

impl LineBuilder {
    /// Sets whether white space is kept as it is, as in `pre`.
    pub fn set_exact(&mut self, is_exact: bool) {
        self.is_exact = is_exact;
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text so far, in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Line breaks since the last character.
    pub fn breaks(&self) -> usize {
        self.gap.breaks
    }

    /// The character directly before the next one.
    pub fn last_glued(&self) -> Option<char> {
        let is_glued = !self.gap.has_blank && !self.gap.has_wrap && self.gap.breaks == 0;
        self.last.or_else(|| self.text.chars().next_back()).filter(|_| is_glued)
    }

    /// Whether a word or the end of a sentence is directly before the next character.
    pub fn ends_in_word(&self) -> bool {
        const ENDS: &str = "。，；！？”’」』）》］.,;!?)]\"";
        self.last_glued().is_some_and(|c| is_letter(c) || ENDS.contains(c))
    }

    /// A blank between two texts that are only visually separate, if both are written with blanks.
    pub fn push_seam(&mut self) {
        self.gap.has_seam = true;
    }

    /// Adds the text of a node, and returns its number of letters.
    pub fn push(&mut self, text: &str) -> usize {
        if self.is_exact {
            self.text.extend(text.chars().filter(|&c| !is_dropped(c)));
            return letters(text);
        }
        let (mut letters, mut rest) = (0, text);
        while let Some(&byte) = rest.as_bytes().first() {
            rest = match byte {
                b'\n' | b'\r' => {
                    self.gap.has_wrap = true;
                    &rest[1..]
                }
                // Line breaks are indented with these; any other blank is intentional.
                b' ' | b'\t' => {
                    self.gap.has_blank |= !self.gap.has_wrap;
                    &rest[1..]
                }
                _ => {
                    let run = PlainRun::of(rest);
                    letters += run.letters;
                    match run.length {
                        0 => self.push_odd(rest),
                        length => self.push_plain(rest, length),
                    }
                }
            };
        }
        letters
    }

    /// Adds the start of a text, and returns the rest of it.
    fn push_plain<'a>(&mut self, text: &'a str, length: usize) -> &'a str {
        let (plain, rest) = text.split_at(length);
        plain.chars().next().into_iter().for_each(|c| self.close_gap(c));
        self.text.push_str(plain);
        rest
    }

    /// Processes a character that is not stored as it is, and returns the text after it.
    fn push_odd<'a>(&mut self, text: &'a str) -> &'a str {
        let mut rest = text.chars();
        self.gap.has_blank |= rest.next().is_some_and(char::is_whitespace);
        rest.as_str()
    }

    fn close_gap(&mut self, next: char) {
        let gap = std::mem::take(&mut self.gap);
        let Some(end) = self.text.chars().next_back() else {
            return;
        };
        let before = self.last.take().unwrap_or(end);
        if gap.breaks > 0 {
            self.text.push('\n');
        } else if before == '\t' {
        } else if gap.has_blank
            || (gap.has_wrap && !(joins_lines(before) && joins_lines(next)))
            || (gap.has_seam && parts_words(before, next))
        {
            self.text.push(' ');
        }
    }

    /// A line break, as by `br`.
    pub fn push_break(&mut self) {
        if self.is_exact { self.text.push('\n') } else { self.gap.breaks += 1 }
    }

    /// A blank that is merged with other white space.
    pub fn push_blank(&mut self) {
        self.gap.has_blank = true;
    }

    /// Adds text whose blanks are kept by a style, on one line.
    pub fn push_kept(&mut self, text: &str) -> usize {
        let bare = text.trim_end();
        // The ends of a text have none.
        let bare = if self.text.is_empty() { bare.trim_start() } else { bare };
        if let Some(first) = bare.chars().find(|&c| !is_dropped(c)) {
            self.close_gap(first);
            self.text.extend(bare.chars().filter(|&c| !is_dropped(c)));
        }
        self.gap.has_blank |= text.ends_with(char::is_whitespace);
        letters(text)
    }

    /// Adds to the last character, before the white space since.
    pub fn append(&mut self, text: &str) {
        self.text.push_str(text);
        self.last = None;
    }

    /// The text from an offset on.
    pub fn text_from(&self, offset: usize) -> &str {
        self.text.get(offset..).unwrap_or_default()
    }

    /// Replaces the text from an offset on by another form, without the white space around it.
    pub fn rewrite(&mut self, offset: usize, form: impl FnOnce(&str) -> String) {
        let text = self.text_from(offset);
        let run = text.trim();
        if run.is_empty() {
            return;
        }
        let start = self.text.len() - text.trim_start().len();
        let end = start + run.len();
        let last = run.chars().next_back();
        let form = form(run);
        self.text.replace_range(start..end, &form);
        self.last = last.filter(|_| start + form.len() == self.text.len());
    }

    /// The end of a table cell.
    pub fn push_tab(&mut self) {
        (self.gap, self.last) = (Gap::default(), None);
        self.text.push('\t');
    }

    /// The trimmed text; the next text starts empty.
    pub fn finish(&mut self) -> String {
        let text = if self.is_exact {
            self.text.trim_start_matches('\n').trim_end()
        } else {
            // Cells at the ends of a row may be empty.
            self.text.trim_matches(|c: char| c != '\t' && !counts(c))
        };
        let is_empty = !self.is_exact && text.bytes().all(|byte| byte == b'\t');
        let text = if is_empty { "" } else { text };
        (self.gap, self.is_exact, self.last) = (Gap::default(), false, None);
        if text.len() <= COPIED {
            let text = text.to_owned();
            self.text.clear();
            return text;
        }
        let start = text.as_ptr().addr() - self.text.as_ptr().addr();
        let end = start + text.len();
        let mut text = std::mem::take(&mut self.text);
        text.truncate(end);
        text.drain(..start);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, text: &str) {
        assert_eq!(one_line(written), text, "{written:?}");
    }

    #[test]
    fn white_space() {
        check("  甲  乙 ", "甲 乙");
        check("甲\n    乙", "甲乙");
        check("甲，\n乙", "甲，乙");
        check("甲\nb", "甲 b");
        check("a\nb", "a b");
        check("甲 \n乙", "甲 乙");
        check("\u{3000}\u{3000}甲\u{a0}\u{a0}乙\u{3000}", "甲 乙");
        check("\u{200b}甲\u{feff}乙\u{200f}", "甲乙");
        check("👨\u{200d}👩", "👨\u{200d}👩");
        check("\u{200d}甲\u{200c} ", "甲");
        check(" \n\t\u{3000}", "");
        check("한국\n어", "한국 어");
    }

    #[test]
    fn folding() {
        assert_eq!(folded_text("Ａ b\u{3000}㎏\u{200b}１\n"), "Abkg1");
        assert_eq!(folded_text("雨停了……“好”，Ｏｋ"), "雨停了......“好”,Ok");
    }

    /// The fast paths give the same as the slow ones, for every character.
    #[test]
    fn short_ways() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert_eq!(is_letter(c), c.is_alphanumeric(), "{c:?}");
            assert_eq!(is_plain(c), !c.is_whitespace() && !is_dropped(c), "{c:?}");
            let is_format = c.general_category() == GeneralCategory::Format;
            assert_eq!(counts(c), !c.is_whitespace() && !is_format, "{c:?}");
            let plain = if is_plain(c) { c.len_utf8() } else { 0 };
            let run = PlainRun::of(&c.to_string());
            let is_alphanumeric = usize::from(c.is_alphanumeric());
            assert_eq!((run.length, run.letters), (plain, is_alphanumeric), "{c:?}");
            assert_eq!(LineBuilder::default().push(&c.to_string()), is_alphanumeric, "{c:?}");
            assert_eq!(letters(&c.to_string()), usize::from(c.is_alphanumeric()), "{c:?}");
            let nfkc: String = c.nfkc().filter(|&c| counts(c)).collect();
            assert_eq!(folded_text(&c.to_string()), nfkc, "{c:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_is_nfkc(text in "[a-z\u{e0}-\u{ff}\u{300}-\u{31f}\u{3000}-\u{3100}\u{ac00}-\u{ac20}\u{11a8}-\u{11b0}\u{2000}-\u{2030}\u{ff00}-\u{ffa0}一-丘]{0,12}") {
            let nfkc: String = text.nfkc().filter(|&c| counts(c)).collect();
            proptest::prop_assert_eq!(folded_text(&text), nfkc);
        }
    }
}
