//! Decides about a text without a readable header: it is a page, or is rejected with a reason.

use super::header::{is_epoch_comment, is_rule, link_line, take_line};
use super::signature::{self, unsupported};
use super::text_kind::{self, TextKind};
use super::{armour, front_matter, leading};
use crate::model::{Reason, Rejection};

/// A header must start within this many bytes.
const HEADER_WITHIN: usize = 4096;

/// Why a text is rejected; `None` for a page. The text must not be empty, and must start with neither a
/// header nor front matter.
pub(super) fn rejection(text: &str) -> Option<Rejection> {
    let (first, rest) = take_line(text);
    if is_epoch_comment(first) && !text_kind::is_whole_page(leading::skip(rest)) {
        return Some(bad("a time comment without a link line and a rule after it"));
    }
    match text_kind::of(text) {
        Some(TextKind::Page) => return None,
        Some(TextKind::Unread(name)) => return Some(unsupported(name)),
        None => {}
    }
    reject_text(text).or_else(|| match text_kind::within(text) {
        Some(TextKind::Page) => None,
        Some(TextKind::Unread(name)) => Some(unsupported(name)),
        None => Some(reject_rest(text)),
    })
}

/// The reason, if the first lines show it.
fn reject_text(text: &str) -> Option<Rejection> {
    let (first, rest) = take_line(text);
    // Empty lines or invisible characters may come before a signature.
    if let Some(known) = signature::of_text(text).or_else(|| armour::within(text)) {
        return Some(known.rejection());
    }
    if front_matter::json_document(text).is_some_and(text_kind::holds_articles) {
        return Some(unsupported(text_kind::AMONG));
    }
    if text_kind::is_json(text) {
        return Some(Rejection::new(Reason::NoHeader));
    }
    if (first.starts_with('[') && !is_section(first, rest)) || is_end_of_link_line(first) {
        return Some(bad("a link line that is broken, or without a rule under it"));
    }
    if is_heading(first) {
        return Some(Rejection::new(Reason::Readme));
    }
    if is_rule(take_line(rest).0) && is_list_of_links(take_line(rest).1) {
        return Some(Rejection::new(Reason::List));
    }
    if is_underline(take_line(rest).0) {
        return Some(Rejection::new(Reason::Readme));
    }
    has_late_link_line(text).then(|| bad("a link line, but not where a header has it"))
}

/// The reason of any other text.
fn reject_rest(text: &str) -> Rejection {
    if text.starts_with('{') && (text.contains("\"html\"") || text_kind::names_article(text)) {
        return bad("JSON with an article in it that is cut or malformed");
    }
    Rejection::new(Reason::NoHeader)
}

fn bad(why: &str) -> Rejection {
    Rejection::because(Reason::BadHeader, why)
}

/// Whether a line can be a link line whose first bracket was lost in a bad byte.
fn is_end_of_link_line(line: &str) -> bool {
    let line = leading::trim_end(line);
    line.ends_with(')') && !line.contains('[') && line.contains("](http")
}

/// Whether a line is only a name in brackets, as in settings files: without an address in it or below it, and
/// without a rule. A comment may follow the name.
fn is_section(line: &str, rest: &str) -> bool {
    /// How many following lines count: an address on a line of its own, an empty line, and a rule.
    const NEAR: usize = 3;
    let Some((name, after)) = line.rsplit_once(']') else { return false };
    let after = leading::trim(after);
    let mut near = rest.lines().take(NEAR).map(leading::trim);
    !name.contains("](")
        && (after.is_empty() || after.starts_with(['#', ';']))
        && !near.any(|line| is_rule(line) || line.starts_with('('))
}

fn is_heading(line: &str) -> bool {
    let hashes = line.len() - line.trim_start_matches('#').len();
    (1..=6).contains(&hashes) && line[hashes..].starts_with(' ')
}

fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    is_rule(line) || (line.len() >= 3 && line.bytes().all(|byte| byte == b'='))
}

/// Whether most lines that are not blank are items with a link.
fn is_list_of_links(text: &str) -> bool {
    let (mut lines, mut items) = (0usize, 0usize);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        lines += 1;
        items += usize::from(is_link_item(line));
    }
    items * 2 > lines
}

fn is_link_item(line: &str) -> bool {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_item = line.starts_with(['-', '*', '+', '['])
        || (after_number.len() < line.len() && after_number.starts_with(['.', ')']));
    is_item && line.contains("](")
}

fn has_late_link_line(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() && text.len() - rest.len() < HEADER_WITHIN {
        let (line, after) = take_line(rest);
        if link_line(line).is_some() {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings, as opposed to a link line that lost its address.
    #[test]
    fn a_section_is_no_broken_header() {
        for text in [
            "[.ShellClassInfo]\r\nIconResource=folder.ico,0\r\n",
            "[InternetShortcut]\r\nURL=https://news.example/1\r\n",
            "[package]\nname = \"a\"\n",
            "[[bin]]\nname = \"a\"\n",
            "[remote \"origin\"]\n\turl = https://e.example/a.git\n",
            "[Unit] ; of the system\nDescription=a\n",
            "[tool.a] # [b]\na = 1\n",
            "[Trash Info]\nPath=/a/b.md\n",
            "[a]",
        ] {
            assert_eq!(rejection(text).unwrap().reason, Reason::NoHeader, "{text:?}");
        }
    }
}
