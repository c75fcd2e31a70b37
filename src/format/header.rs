//! The link header of variants A, A' and B: epoch comment, `[title](url)`, rule, date line.

use crate::model::Timestamp;
use chrono::DateTime;

/// A point in time as a header may give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Date {
    Absent,
    /// There, but it tells no time.
    Bad,
    Known(Timestamp),
}

impl Date {
    pub(super) fn known(self) -> Option<Timestamp> {
        match self {
            Self::Known(time) => Some(time),
            Self::Absent | Self::Bad => None,
        }
    }
}

/// A link header as spelled, and the HTML behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LinkHeader<'a> {
    pub epoch: Date,
    pub title: &'a str,
    pub url: &'a str,
    pub date: Date,
    pub html: &'a str,
}

/// Reads the header that `text` starts with; `None` if it does not start with one.
pub(super) fn read(text: &str) -> Option<LinkHeader<'_>> {
    let (line, mut rest) = take_line(text);
    let mut link = line;
    let mut epoch = Date::Absent;
    if let Some(inside) = comment(line) {
        epoch = inside.parse().ok().and_then(Timestamp::from_epoch).map_or(Date::Bad, Date::Known);
        (link, rest) = take_line(rest);
    }
    let (title, url) = link_line(link)?;
    let (line, mut rest) = take_line(rest);
    if !is_rule(line) {
        return None;
    }
    let mut date = Date::Absent;
    let (line, after) = take_line(rest);
    if let Some(written) = date_line(line) {
        date = rfc_2822(written).map_or(Date::Bad, Date::Known);
        rest = after;
    }
    Some(LinkHeader { epoch, title, url, date, html: rest.trim_start_matches(['\r', '\n']) })
}

/// The first line without its ending (LF or CRLF), and what follows it.
pub(super) fn take_line(text: &str) -> (&str, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), rest)
}

/// The inside of a line that is one comment.
pub(super) fn comment(line: &str) -> Option<&str> {
    line.trim().strip_prefix("<!--")?.strip_suffix("-->").map(str::trim)
}

/// Whether a line is the comment that only a seed starts with.
pub(super) fn is_epoch_comment(line: &str) -> bool {
    comment(line).is_some_and(|inside| inside == "NaN" || inside.parse::<i128>().is_ok())
}

/// Title and address. Titles hold brackets of every kind, so only the last `](` can divide.
pub(super) fn link_line(line: &str) -> Option<(&str, &str)> {
    line.trim().strip_prefix('[')?.strip_suffix(')')?.rsplit_once("](")
}

/// A line of three or more hyphens.
pub(super) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|byte| byte == b'-')
}

fn date_line(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("日期")?;
    rest.strip_prefix('：').or_else(|| rest.strip_prefix(':'))
}

fn rfc_2822(written: &str) -> Option<Timestamp> {
    let time = DateTime::parse_from_rfc2822(written.trim()).ok()?;
    Timestamp::from_seconds(time.timestamp())
}
