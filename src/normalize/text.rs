//! White space, and what counts as text.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A text as sameness sees it: NFKC, without white space and Cf.
pub fn folded_text(text: &str) -> String {
    text.nfkc().filter(|&c| counts(c)).collect()
}

/// A title as sameness sees it.
pub fn title_key(title: &str) -> String {
    folded_text(title)
}

/// Whether a character counts: no white space, no Cf (marks that only format).
pub(super) fn counts(c: char) -> bool {
    match c {
        '!'..='~' => true,
        '\0'..=' ' => !c.is_whitespace(),
        _ => !c.is_whitespace() && c.general_category() != GeneralCategory::Format,
    }
}

/// Letters and digits of any script.
pub(super) fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// White space folded to single blanks, ends trimmed.
pub(super) fn one_line(text: &str) -> String {
    let mut line = LineBuilder::default();
    line.push(text);
    line.finish().replace('\n', " ")
}

/// Characters that say nothing in a stored text. Joiners stay: emoji and some scripts need them.
fn is_dropped(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
        || (c.is_control() && !c.is_whitespace())
}

/// Written without blanks between words, so that a wrapped line leaves none either.
fn joins_lines(c: char) -> bool {
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
    breaks: usize,
}

/// One block's text as it grows over text nodes and line breaks.
#[derive(Default)]
pub(super) struct LineBuilder {
    text: String,
    gap: Gap,
    is_exact: bool,
}

impl LineBuilder {
    /// Whether white space is kept as it is, as in `pre`.
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

    pub fn push(&mut self, text: &str) {
        if self.is_exact {
            self.text.extend(text.chars().filter(|&c| !is_dropped(c)));
            return;
        }
        for c in text.chars() {
            match c {
                '\n' | '\r' => self.gap.has_wrap = true,
                // A wrapped line is indented with these; any other blank is meant.
                ' ' | '\t' if self.gap.has_wrap => {}
                ' ' | '\t' => self.gap.has_blank = true,
                _ if c.is_whitespace() => self.gap.has_blank = true,
                _ if is_dropped(c) => {}
                _ => {
                    self.close_gap(c);
                    self.text.push(c);
                }
            }
        }
    }

    fn close_gap(&mut self, next: char) {
        let gap = std::mem::take(&mut self.gap);
        let Some(before) = self.text.chars().next_back() else {
            return;
        };
        if gap.breaks > 0 {
            self.text.push('\n');
        } else if before == '\t' {
        } else if gap.has_blank || (gap.has_wrap && !(joins_lines(before) && joins_lines(next))) {
            self.text.push(' ');
        }
    }

    /// A line break, as `br` is one.
    pub fn push_break(&mut self) {
        match self.is_exact {
            true => self.text.push('\n'),
            false => self.gap.breaks += 1,
        }
    }

    /// A blank that any other white space swallows.
    pub fn push_blank(&mut self) {
        self.gap.has_blank = true;
    }

    /// The end of a table cell.
    pub fn push_tab(&mut self) {
        self.gap = Gap::default();
        self.text.push('\t');
    }

    pub fn finish(self) -> String {
        let is_edge = |c: char| !counts(c);
        match self.is_exact {
            true => self.text.trim_matches('\n').trim_end().to_owned(),
            false => self.text.trim_matches(is_edge).to_owned(),
        }
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
    }
}
