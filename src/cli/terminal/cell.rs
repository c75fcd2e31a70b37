//! One value of a row, as a terminal shows it.

use crate::cli::terminal::escape::escaped;
use seedbank::internals::view::grouped;
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// What a cell holds, which decides its side and its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Null,
}

pub const BOLD: &str = "\u{1b}[1m";
pub const DIM: &str = "\u{1b}[2m";

/// A piece of text in a style, if there are colours.
pub fn styled<'a>(piece: &'a str, style: &str, has_color: bool) -> Cow<'a, str> {
    if has_color && !style.is_empty() && !piece.is_empty() {
        format!("{style}{piece}\u{1b}[0m").into()
    } else {
        piece.into()
    }
}

/// The same text with its line breaks as `\n`.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.contains('\n') { text.replace('\n', "\\n").into() } else { text.into() }
}

/// The beginning of a line that fits a width together with `…`.
pub fn cut(line: &str, width: usize) -> String {
    let mut columns = 1;
    let fits = |(_, one): &(usize, char)| {
        columns += one.width().unwrap_or(0);
        columns > width
    };
    let end = line.char_indices().find(fits).map_or(line.len(), |(at, _)| at);
    format!("{}…", &line[..end])
}

/// Whether a number has more than four digits before its point.
pub fn is_long_number(text: &str) -> bool {
    text.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count() > 4
}

/// Whether a column has numbers that are names, which are copied into other commands.
pub fn is_of_ids(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "id" || name == "rowid" || name.ends_with("_id")
}

/// `-12345.5` as `-12,345.5`.
pub fn grouped_number(text: &str) -> String {
    let (sign, number) = text.split_at(usize::from(text.starts_with('-')));
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = number.split_at(digits);
    match whole.parse() {
        Ok(whole) if !rest.contains('e') => format!("{sign}{}{rest}", grouped(whole)),
        _ => text.to_owned(),
    }
}

/// A text made safe to show, with blanks for tabs.
pub fn shown(text: &str) -> String {
    escaped(text).replace('\t', "    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut() {
        let check =
            |line: &str, width: usize, expected: &str| assert_eq!(cut(line, width), expected);
        check("abcdef", 4, "abc…");
        check("一二三", 4, "一…");
        check("一二三", 5, "一二…");
        check("abc", 1, "…");
        check("abc", 0, "…");
        check("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…");
    }

    #[test]
    fn numbers_are_grouped() {
        let check = |number: &str, expected: &str| assert_eq!(grouped_number(number), expected);
        check("12345", "12,345");
        check("-1234567.891", "-1,234,567.891");
        check("1.5e300", "1.5e300");
        check("-Inf", "-Inf");
        check("-9223372036854775808", "-9,223,372,036,854,775,808");
        assert!(
            is_long_number("-12345.5") && !is_long_number("2024") && !is_long_number("0.123456")
        );
        assert!(is_of_ids("id") && is_of_ids("article_ID") && !is_of_ids("paid"));
    }
}
