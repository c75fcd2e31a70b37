//! Repairs headers that lost a character or contain bad bytes.

use super::header::take_line;
use super::leading;

const BAD: char = '\u{fffd}';

/// How a text without a header may originally have begun: without the replacements of bad bytes in its
/// header, and with its first character, which a truncated copy lacks. `text` begins with a visible
/// character.
pub(super) fn mended(text: &str, has_lost_first: bool) -> Option<String> {
    let clean = is_bad_at_start(text).then(|| without_bad(text));
    let first = first_character(clean.as_deref().unwrap_or(text), has_lost_first);
    match (first, clean) {
        (None, clean) => clean,
        (Some(first), clean) => Some(format!("{first}{}", clean.as_deref().unwrap_or(text))),
    }
}

/// Whether there are bad bytes in the place of a header.
pub(super) fn is_bad_at_start(text: &str) -> bool {
    header_lines(text).any(|line| line.contains(BAD))
}

/// As many lines as the longest link header has.
fn header_lines(text: &str) -> impl Iterator<Item = &str> {
    const LINES: usize = 4;
    let mut rest = text;
    std::iter::from_fn(move || {
        let (line, after) = take_line(rest);
        let is_over = rest.is_empty();
        rest = after;
        (!is_over).then_some(line)
    })
    .take(LINES)
}

/// The text with its header lines, and every fence, without the replacements of bad bytes.
fn without_bad(text: &str) -> String {
    let is_fence = |line: &str| {
        let mut seen = line.chars().filter(|c| *c != BAD && !c.is_whitespace()).peekable();
        seen.peek().is_some() && seen.all(|c| matches!(c, '-' | '+'))
    };
    let mut clean = String::with_capacity(text.len());
    for (number, line) in text.split_inclusive(['\n', '\r']).enumerate() {
        if number < 4 || is_fence(line) {
            clean.extend(line.chars().filter(|c| *c != BAD));
        } else {
            clean.push_str(line);
        }
    }
    clean
}

/// The missing first character of a header. If one is known to be lost, brackets in the title do not matter.
fn first_character(text: &str, is_lost: bool) -> Option<char> {
    let (line, _) = take_line(text);
    let line = leading::trim_end(line);
    match line {
        "--" => Some('-'),
        "++" => Some('+'),
        _ if line.starts_with("!--") => Some('<'),
        _ if text.starts_with('"') => Some('{'),
        _ if line.contains("](") && (is_lost || !line.contains('[')) => Some('['),
        _ => None,
    }
}
