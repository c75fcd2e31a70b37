//! Defuses texts that a spreadsheet would run as formulas.

use crate::model::is_unseen;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Separators of cells other than the comma, as in half of Europe and in programs that guess. A line break is
/// one of them: these programs ignore quotation marks in the middle of a cell.
const SEPARATORS: [char; 5] = [';', '\t', '|', '\n', '\r'];

/// A text with a `'` wherever a spreadsheet could read a formula: at its start, and after every separator
/// that some spreadsheet uses.
pub(super) fn defused(text: &str) -> Cow<'_, str> {
    if !text.contains(starts_formula) && !text.contains(SEPARATORS) {
        return text.into();
    }
    let mut safe = String::new();
    let mut cells = text.split_inclusive(SEPARATORS).peekable();
    while let Some(cell) = cells.next() {
        let is_broken = cells.peek().is_none() && !safe.is_empty() && is_broken_by_quotation(cell);
        if is_formula(cell) && !is_broken {
            safe.push('\'');
        }
        safe.push_str(cell);
    }
    // A tab or CR at the very start can itself begin a formula.
    if text.starts_with(['\t', '\r', '\n']) && !safe.starts_with('\'') {
        safe.insert(0, '\'');
    }
    safe.into()
}

/// Whether a spreadsheet with another separator would split the text into several cells.
pub(super) fn is_split_elsewhere(text: &str) -> bool {
    text.contains(SEPARATORS)
}

/// Whether a cell begins with the first character of a formula, ignoring invisible characters.
fn is_formula(cell: &str) -> bool {
    let is_seen = |c: &char| {
        // Quotation marks belong to the format, not to the cell.
        !is_unseen(*c) && *c != '"' && c.general_category() != GeneralCategory::Format
    };
    cell.chars().find(is_seen).is_some_and(starts_formula)
}

/// Whether a cell in another spreadsheet cannot be a formula because of the quotation mark that ends the
/// whole text: no formula has one directly after a value.
fn is_broken_by_quotation(cell: &str) -> bool {
    !cell.contains(['"', '\''])
        && cell.ends_with(|last: char| last.is_alphanumeric() || last == ')')
}

/// `=`, `+`, `-`, `@`, and `|` and `%`, with which some programs call others; in any width, as East Asian
/// spreadsheets accept them.
fn starts_formula(c: char) -> bool {
    let plain = std::iter::once(c).nfkc().next().unwrap_or(c);
    matches!(plain, '=' | '+' | '-' | '\u{2212}' | '@' | '|' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(defused(text), expected, "{text:?}");
    }

    #[test]
    fn formulas() {
        for text in ["=1+1", "+1", "-1", "@a", "|calc", "%a", "−1"] {
            check(text, &format!("'{text}"));
        }
        // Other widths.
        for text in
            ["＝1+1", "＋1", "－1", "＠a", "﹦1", "﹢1", "﹣1", "﹫a", "⁺1", "₌1", "｜a", "％a"]
        {
            check(text, &format!("'{text}"));
        }
        // After invisible characters.
        for before in [
            "\t",
            "\r",
            "\n",
            " ",
            "\u{3000}",
            "\u{a0}",
            "\u{feff}",
            "\u{200b}",
            "\u{202e}",
            "\0",
            "\"",
            "\u{34f}",
            "\u{115f}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{fe0f}",
            "\u{e0020}",
            "\u{180e}",
            "\u{2060}",
            "\u{2065}",
            "\u{fff0}",
            "\u{17b5}",
            "\u{85}",
            "\u{2028}",
            "\u{ad}",
            "\u{2800}",
            "\u{34f} \u{3164}",
        ] {
            let text = format!("{before}=1+1");
            let safe = defused(&text);
            assert!(
                safe.starts_with('\'') || safe == format!("{before}'=1+1"),
                "{text:?}: {safe:?}"
            );
        }
        check("\tx", "'\tx");
    }

    #[test]
    fn separators_of_other_places() {
        check("x;=1+1;y", "x;'=1+1;y");
        check("x; ＝1+1\ty", "x;' ＝1+1\ty");
        check("x|=cmd|a!A0", "x|'=cmd|a!A0");
        check("x\n-1\r\n+2\n", "x\n'-1\r\n'+2\n");
        check("x;\"=1+1", "x;'\"=1+1");
        check("x;=1&", "x;'=1&");
        check("x\t=a('b')", "x\t'=a('b')");
        // Within quotation marks, the last cell cannot be a formula.
        check("x;=1+1", "x;=1+1");
        check("=1;=1", "'=1;=1");
        assert!(is_split_elsewhere("x;y") && !is_split_elsewhere("x,y"));
    }

    #[test]
    fn other_texts_stay_unchanged() {
        for text in
            ["", "人权", "a=b", "1-2", "a@b.example", "早；晚", "a; b", "标题 | 网站", "50%", "'=1"]
        {
            check(text, text);
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula_and_nothing_is_lost(
            text in "[=＝+@\\- \u{feff}\u{34f}\u{3164}\"';|\t\r\nx人]{0,12}",
        ) {
            let safe = defused(&text);
            let bare = |text: &str| text.replace('\'', "");
            prop_assert_eq!(bare(&safe), bare(&text));
            let cells: Vec<&str> = safe.split_inclusive(SEPARATORS).collect();
            for (at, cell) in cells.iter().enumerate() {
                let is_last = at > 0 && at == cells.len() - 1;
                let is_harmless = !is_formula(cell) || (is_last && is_broken_by_quotation(cell));
                prop_assert!(is_harmless, "{:?} of {:?}", cell, text);
            }
            prop_assert_eq!(defused(&safe), &safe[..]);
        }
    }
}
