//! Characters that can surround a header without being part of it; the same set for every format.
//!
//! Editors, terminals, joined files and copied pages leave invisible characters.

/// A byte-order mark that was decoded in another encoding and written again: UTF-8's as windows-1252 (once
/// and twice), windows-1251, Macintosh, IBM437, IBM866 and GBK; UTF-16's as windows-1252.
const MARKS: [&str; 10] =
    ["ï»¿", "Ã¯Â»Â¿", "п»ї", "Ôªø", "∩╗┐", "я╗┐", "锘?", "锘\u{fffd}", "ÿþ", "þÿ"];

/// The text after all invisible characters.
pub(super) fn skip(mut text: &str) -> &str {
    loop {
        let rest = text.trim_start_matches(|c| c != ESCAPE && is_unseen(c));
        let rest = match rest.strip_prefix(ESCAPE) {
            Some(behind) => control_sequence(behind).unwrap_or(behind),
            None => MARKS.iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest),
        };
        if rest.len() == text.len() {
            return rest;
        }
        text = rest;
    }
}

/// A line, trimmed in the same way at both ends.
pub(super) fn trim(line: &str) -> &str {
    line.trim_matches(is_unseen)
}

pub(super) fn trim_end(line: &str) -> &str {
    line.trim_end_matches(is_unseen)
}

const ESCAPE: char = '\u{1b}';

/// A terminal's control sequence after an escape, such as `[0m` or `[?25h`. One without a number may be a
/// title in brackets.
fn control_sequence(behind: &str) -> Option<&str> {
    let parameters = behind.strip_prefix('[')?.trim_start_matches(['?', '>', '=']);
    let rest = parameters.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    let has_number = rest.len() < parameters.len();
    rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).filter(|_| has_number)
}

/// Whether a character is invisible, or a replacement of bad bytes.
fn is_unseen(c: char) -> bool {
    crate::model::is_unseen(c) || matches!(c, '\u{fff9}'..='\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_skipped() {
        for unseen in [
            "",
            "\u{feff}",
            "\u{feff}\u{feff}",
            "\u{feff}\r\n\u{feff}",
            "\u{200b}",
            "\u{200f}\u{2060}",
            "\u{a0}\u{3000}",
            "\u{1b}",
            "\u{1e}",
            "\u{8}\u{7f}\u{85}",
            "ï»¿",
            "\u{feff}ï»¿ï»¿",
            "ÿþ",
            "\u{1b}[0m",
            "\u{1b}[?25h\u{1b}[2;1H",
            "\u{1b}\u{200b}\n",
            "\u{fffd}",
            "锘?",
            "\u{e0001}",
        ] {
            for shown in ["[题](u)", "---", "<!--1-->", "+++", "{", "一", "é", "\u{1f600}"] {
                assert_eq!(skip(&format!("{unseen}{shown}")), shown, "{unseen:?}");
            }
        }
        // After an escape, it may be either.
        assert_eq!(skip("\u{1b}[m](u)"), "[m](u)");
        assert_eq!(skip("\u{1b}[5 岁](u)"), "[5 岁](u)");
        assert_eq!(skip("\u{200b}\n"), "");
        assert_eq!(trim("\u{200b}---\u{feff} "), "---");
        assert_eq!(trim_end(" ---\u{a0}"), " ---");
    }
}
