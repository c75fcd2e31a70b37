//! Headers that lost a character, or have bad bytes in them.

use super::header::take_line;
use super::leading;

const BAD: char = '\u{fffd}';

/// What a text without a header may have begun as: its header without what bad bytes were replaced by,
/// and with the first character, which a copy that begins too late does not have. `text` begins with what
/// is seen.
pub(super) fn mended(text: &str, has_lost_first: bool) -> Option<String> {
    let clean = is_bad_at_start(text).then(|| without_bad(text));
    let first = first_character(clean.as_deref().unwrap_or(text), has_lost_first);
    match (first, clean) {
        (None, clean) => clean,
        (Some(first), clean) => Some(format!("{first}{}", clean.as_deref().unwrap_or(text))),
    }
}

/// Whether bytes are bad where a header stands.
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

/// The text with the lines of its header, and every fence, as they are without bad bytes.
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

/// The character that a header lacks which begins so. Where one is known to be lost, brackets in the
/// title do not matter.
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
