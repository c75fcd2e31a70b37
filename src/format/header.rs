//! The link header of variants A, A' and B: epoch comment, `[title](url)`, rule, date line.

use super::leading;
use crate::model::{Published, whole_number};
use std::borrow::Cow;

/// A link header as spelled, and the HTML after it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LinkHeader<'a> {
    pub epoch: Published,
    pub title: &'a str,
    pub url: Cow<'a, str>,
    pub date: Published,
    pub html: &'a str,
}

impl LinkHeader<'_> {
    /// Whether complete headers begin in the text after it: concatenated files, which would become part of
    /// the first one's text.
    pub fn holds_others(&self) -> bool {
        let is_whole = |link: &LinkHeader<'_>| {
            link.epoch != Published::Absent || link.date != Published::Absent
        };
        ["\n[", "\n<!--"].iter().any(|start| {
            let mut starts = memchr::memmem::find_iter(self.html.as_bytes(), start);
            starts.any(|at| read(&self.html[at + 1..]).is_some_and(|link| is_whole(&link)))
        })
    }
}

/// Reads the header at the start of `text`; `None` if there is none.
pub(super) fn read(text: &str) -> Option<LinkHeader<'_>> {
    let (line, mut rest) = take_line(text);
    let mut link = line;
    let mut epoch = Published::Absent;
    if let Some(inside) = comment(line) {
        epoch = Published::from_epoch(inside);
        (link, rest) = take_line(rest);
    }
    let (title, url) = link_line(link)?;
    let url = address(url);
    let (line, mut rest) = take_line(rest);
    if !is_rule(line) {
        return None;
    }
    let mut date = Published::Absent;
    let (line, after) = take_line(rest);
    if let Some(written) = date_line(line) {
        date = Published::read(written);
        rest = after;
    }
    Some(LinkHeader { epoch, title, url, date, html: rest.trim_start_matches(['\r', '\n']) })
}

/// The first line without its ending (LF or CRLF; CR if no LF is near), and the text after it.
pub(super) fn take_line(text: &str) -> (&str, &str) {
    const NEAR: usize = 4096;
    let is_near = memchr::memchr(b'\n', &text.as_bytes()[..text.len().min(NEAR)]).is_some();
    let cut = if is_near { None } else { text.split_once('\r') };
    // A distant CRLF is one line ending.
    let cut = cut.filter(|(_, rest)| !rest.starts_with('\n'));
    let (line, rest) = cut.or_else(|| text.split_once('\n')).unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), rest)
}

/// The content of a line that is a single comment.
pub(super) fn comment(line: &str) -> Option<&str> {
    leading::trim(line).strip_prefix("<!--")?.strip_suffix("-->").map(str::trim)
}

/// Whether a line is the comment at the start of a seed.
pub(super) fn is_epoch_comment(line: &str) -> bool {
    comment(line).is_some_and(|inside| {
        let whole = whole_number(inside).unwrap_or(inside);
        inside == "NaN" || whole.parse::<i128>().is_ok()
    })
}

/// Title and address. Titles contain brackets of every kind, so only the last `](` can separate the two.
pub(super) fn link_line(line: &str) -> Option<(&str, &str)> {
    leading::trim(line).strip_prefix('[')?.strip_suffix(')')?.rsplit_once("](")
}

/// The address of a link line; Markdown also allows `<url>` and `url "a title"`, and entities in it.
fn address(written: &str) -> Cow<'_, str> {
    let mut address = written.trim();
    if let Some((inside, _)) = address.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        address = inside;
    } else if let Some((before, after)) = address.split_once(char::is_whitespace) {
        let after = after.trim();
        let is_title = [('"', '"'), ('\'', '\''), ('(', ')')].iter().any(|&(opening, closing)| {
            after.len() > 1 && after.starts_with(opening) && after.ends_with(closing)
        });
        address = if is_title { before } else { address };
    }
    // Only entities that end in a semicolon: in an address, `&copy=1` is a parameter.
    if address.contains("&amp;") { address.replace("&amp;", "&").into() } else { address.into() }
}

/// A line of three or more hyphens.
pub(super) fn is_rule(line: &str) -> bool {
    let line = leading::trim(line);
    line.len() >= 3 && line.bytes().all(|byte| byte == b'-')
}

fn date_line(line: &str) -> Option<&str> {
    let rest = leading::trim(line).strip_prefix("日期")?;
    rest.strip_prefix('：').or_else(|| rest.strip_prefix(':'))
}
