//! Rendering for the terminal: tables, bars, progress, and highlighted text.

use crate::cli::Global;
pub use crate::cli::terminal::escape::{escaped, one_line};
pub use crate::cli::terminal::grid::{Fit, Grid, MOST_CHARACTERS, MOST_PIECES};
use crate::cli::terminal::log::Line;
use crate::cli::terminal::output;
pub use crate::cli::terminal::output::terminal_width;
use crate::cli::terminal::paint::has_color;
pub use crate::cli::terminal::shell::{seedbank_command, shell_word};
pub use seedbank::internals::view::{counted, grouped};
use seedbank::{KnownTime, Precision, Timestamp};
use std::ops::Range;

/// The title of a section on standard output.
pub fn heading(title: &str, global: &Global) -> String {
    if has_color(global, output::is_terminal()) {
        format!("\u{1b}[1m{title}\u{1b}[0m")
    } else {
        title.to_owned()
    }
}

/// Whether a piece of text was added or removed.
#[derive(Debug, Clone, Copy)]
pub enum Mark {
    Removed,
    Added,
}

/// A removed or added text: coloured, or without colours as `[-…-]` and `{+…+}`.
pub fn marked(text: &str, mark: Mark, global: &Global) -> String {
    let text = escaped(text);
    match (has_color(global, output::is_terminal()), mark) {
        (true, Mark::Removed) => format!("\u{1b}[31;9m{text}\u{1b}[0m"),
        (true, Mark::Added) => format!("\u{1b}[32m{text}\u{1b}[0m"),
        (false, Mark::Removed) => format!("[-{text}-]"),
        (false, Mark::Added) => format!("{{+{text}+}}"),
    }
}

/// A removed or added line.
pub fn marked_line(text: &str, mark: Mark, global: &Global) -> String {
    let text = escaped(text);
    match (has_color(global, output::is_terminal()), mark) {
        (true, Mark::Removed) => format!("\u{1b}[31m- {text}\u{1b}[0m"),
        (true, Mark::Added) => format!("\u{1b}[32m+ {text}\u{1b}[0m"),
        (false, Mark::Removed) => format!("- {text}"),
        (false, Mark::Added) => format!("+ {text}"),
    }
}

/// A text with the matches of a query highlighted, if colours are enabled.
pub fn highlighted(text: &str, places: &[Range<usize>], is_bold: bool, global: &Global) -> String {
    let has_color = has_color(global, output::is_terminal());
    let (start, end) = match (has_color, is_bold) {
        (true, true) => ("\u{1b}[1m", "\u{1b}[0m"),
        _ => ("", ""),
    };
    let mut shown = String::from(start);
    let mut at = 0;
    for place in places.iter().filter(|_| has_color) {
        shown.push_str(&one_line(&text[at..place.start]));
        let found = one_line(&text[place.clone()]);
        shown.push_str(&format!("\u{1b}[0m\u{1b}[1;31m{found}\u{1b}[0m{start}"));
        at = place.end;
    }
    shown.push_str(&one_line(&text[at..]));
    shown.push_str(end);
    shown
}

/// Dimmed text, for details.
pub fn quiet(text: &str, global: &Global) -> String {
    if has_color(global, output::is_terminal()) {
        format!("\u{1b}[2m{}\u{1b}[0m", one_line(text))
    } else {
        one_line(text)
    }
}

/// An address with its percent-escapes shown as the letters they represent, which browsers accept too. Other
/// escapes are kept, so that it leads to the same place.
pub fn readable_url(url: &str) -> String {
    let mut readable = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find('%') {
        readable.push_str(&rest[..at]);
        rest = &rest[at..];
        let (escaped, letter) = escaped_letter(rest).unwrap_or((1, '%'));
        readable.push(letter);
        rest = &rest[escaped..];
    }
    readable.push_str(rest);
    readable
}

/// The non-ASCII letter whose escapes a text starts with, and their length.
fn escaped_letter(text: &str) -> Option<(usize, char)> {
    let byte = |at: usize| {
        let escape = text.get(3 * at..3 * at + 3)?.strip_prefix('%')?;
        u8::from_str_radix(escape, 16).ok()
    };
    let length = match byte(0)? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let bytes: Vec<u8> = (0..length).map_while(byte).collect();
    let letter = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    letter.is_alphanumeric().then_some((3 * length, letter))
}

/// The time of a file or an import, for a person; `-` if unknown.
pub fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".into(), |at| KnownTime::exact(at).to_string())
}

/// When an article was published, as precisely as it is known; `-` if unknown.
pub fn published(at: Option<Timestamp>, precision: Option<Precision>) -> String {
    at.map_or_else(|| "-".into(), |at| KnownTime::new(at, precision).to_string())
}

/// Prints a note to standard error.
pub fn note(text: &str, global: &Global) {
    if !global.quiet {
        Line::info(text).write(global);
    }
}

/// Prints a suggestion to standard error.
pub fn hint(text: &str, global: &Global) {
    if !global.quiet {
        Line::hint(text).write(global);
    }
}

/// The line below a truncated list.
pub fn left_off(number: usize, what: &str) -> String {
    format!(" … and {} {what}; list all with --all\n", grouped(number as u64))
}

/// In a file or a pipe.
const BAR_WIDTH: usize = 30;
/// On a narrow terminal.
const LEAST_BAR: usize = 8;

/// The width of the greatest bar that fits the terminal in the last column of a plain [`Grid`], beside columns of
/// these widths.
pub fn bar_width(beside: &[usize]) -> u64 {
    // Each column has a blank on both sides.
    let taken = beside.iter().sum::<usize>() + 2 * (beside.len() + 1);
    terminal_width().map_or(BAR_WIDTH, |width| width.saturating_sub(taken).max(LEAST_BAR)) as u64
}

/// A bar of at most `width` columns, in eighths: `▏` is the smallest.
pub fn bar(count: u64, greatest: u64, width: u64) -> String {
    if count == 0 || greatest == 0 {
        return String::new();
    }
    let eighths = (u128::from(count) * u128::from(width) * 8 / u128::from(greatest)).max(1);
    let part = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let mut bar = "█".repeat((eighths / 8) as usize);
    if let Some(index) = (eighths % 8).checked_sub(1) {
        bar.push(part[index as usize]);
    }
    bar
}

/// A size in bytes for a person.
pub fn bytes(number: u64) -> String {
    match number {
        0..1024 => counted(number, "byte"),
        _ => indicatif::BinaryBytes(number).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_readable() {
        let check = |url: &str, expected: &str| assert_eq!(readable_url(url), expected);
        check("https://a.example/%E4%BA%BA%e6%9d%83", "https://a.example/人权");
        check("https://a.example/%20%2F%25E4%E4", "https://a.example/%20%2F%25E4%E4");
        check("https://a.example/%E2%80%AE%E4%BA", "https://a.example/%E2%80%AE%E4%BA");
        check("100%", "100%");
        check("%é%", "%é%");
    }
}
