//! What programs that save pages write into them: a comment before the page's head, with the address and
//! often the time.

use crate::format::envelope::Envelope;
use crate::format::leading;
use crate::model::{Precision, Timestamp, WrittenTime};

/// Facts from a saver about a page.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::format) struct Saved {
    /// The program's name for itself.
    pub by: Option<&'static str>,
    /// A web address, as spelled.
    pub url: Option<String>,
    pub at: Option<Timestamp>,
}

/// The program's name for itself.
pub(in crate::format) const SINGLE_FILE: &str = "SingleFile";

impl Saved {
    /// The facts in an envelope, which take precedence over a saver's.
    pub fn of(envelope: Option<&Envelope>) -> Self {
        Self { url: envelope.map(|envelope| envelope.url.clone()), ..Self::default() }
    }

    /// Fills missing facts from another source.
    pub fn or(self, other: Self) -> Self {
        Self { by: self.by.or(other.by), url: self.url.or(other.url), at: self.at.or(other.at) }
    }

    fn new(by: &'static str, url: &str, time: Option<&str>) -> Self {
        let url = url.trim();
        let url = is_web(url).then(|| url.to_owned());
        Self { by: Some(by), url, at: time.and_then(moment) }
    }
}

/// The program that saved a page, by the page's first bytes.
pub(in crate::format) fn saver(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(HEAD)];
    read(&String::from_utf8_lossy(head)).by
}

/// Savers write within this many bytes.
const HEAD: usize = 64 << 10;

/// Reads the comments before the page's head. If a page was saved twice, each comment may have facts that the
/// other lacks.
pub(super) fn read(text: &str) -> Saved {
    let mut found = Saved::default();
    for comment in comments(text) {
        if let Some(saved) = of_comment(comment.trim()) {
            found = found.or(saved);
        }
    }
    found
}

/// The comments around the doctype and the first tags, `<html>` and `<head>`.
fn comments(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let inside = leading::skip(rest).strip_prefix('<')?;
            if let Some(comment) = inside.strip_prefix("!--") {
                let (comment, behind) = comment.split_once("-->")?;
                rest = behind;
                return Some(comment);
            }
            let name = inside.find(|c: char| c.is_whitespace() || c == '>')?;
            let is_around = ["!doctype", "html", "head", "?xml"];
            if !is_around.iter().any(|known| inside[..name].eq_ignore_ascii_case(known)) {
                return None;
            }
            rest = &inside[tag_end(inside)?..];
        }
    })
}

/// The end of a tag: a `>` in a quoted value does not end it.
fn tag_end(inside: &str) -> Option<usize> {
    let mut quote = None;
    let end = inside.bytes().position(|byte| {
        match quote {
            Some(open) if open == byte => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            _ => {}
        }
        quote.is_none() && byte == b'>'
    });
    end.map(|end| end + 1)
}

fn of_comment(comment: &str) -> Option<Saved> {
    single_file(comment)
        .or_else(|| monolith(comment))
        .or_else(|| browser(comment))
        .or_else(|| httrack(comment))
}

/// `Page saved with SingleFile`, in older versions `Archive processed by SingleFile`, and one line each for
/// the address and the time.
fn single_file(comment: &str) -> Option<Saved> {
    let mut lines = comment.lines().map(str::trim);
    let first = lines.next()?;
    let is_known = ["Page saved with SingleFile", "Archive processed by SingleFile"];
    is_known.iter().any(|known| first.starts_with(known)).then_some(())?;
    let value = |name: &str| lines.clone().find_map(|line| line.strip_prefix(name));
    Some(Saved::new(SINGLE_FILE, value("url:").unwrap_or_default(), value("saved date:")))
}

/// `Saved from https://… at 2023-12-01T10:30:45Z using monolith v2.8.1`.
fn monolith(comment: &str) -> Option<Saved> {
    let (inside, _) = comment.strip_prefix("Saved from ")?.rsplit_once(" using monolith")?;
    let (url, time) = inside.rsplit_once(" at ").unwrap_or((inside, ""));
    Some(Saved::new("monolith", url, Some(time)))
}

/// `saved from url=(0034)https://…`, where the number is the length of the address.
fn browser(comment: &str) -> Option<Saved> {
    let behind = comment.strip_prefix("saved from url=(")?;
    let (length, url) = behind.split_once(')')?;
    length.bytes().all(|byte| byte.is_ascii_digit()).then(|| Saved::new("a browser", url, None))
}

/// `Mirrored from host/path by HTTrack Website Copier/3.x [XR&CO'2014], Wed, 17 Jan 2018 15:34:08 GMT`.
fn httrack(comment: &str) -> Option<Saved> {
    let (url, behind) = comment.strip_prefix("Mirrored from ")?.split_once(" by HTTrack")?;
    let time = behind.split_once("], ").map(|(_, time)| time);
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    Some(Saved::new("HTTrack", &url, time))
}

/// A time of day with its zone: a day alone is not precise enough as evidence.
pub(super) fn moment(written: &str) -> Option<Timestamp> {
    let time = WrittenTime::read(written)?;
    (time.precision != Precision::Day).then_some(time.at)
}

/// Whether an address is a web address with a host.
pub(super) fn is_web(url: &str) -> bool {
    let host = ["http://", "https://"].iter().find_map(|scheme| {
        let start = url.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &url[scheme.len()..])
    });
    host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, url: &str, at: &str) {
        let saved = read(text);
        let found = saved.at.map(|at| at.to_string());
        assert_eq!((saved.url.as_deref(), found.as_deref()), (some(url), some(at)), "{text}");
    }

    fn some(text: &str) -> Option<&str> {
        (!text.is_empty()).then_some(text)
    }

    #[test]
    fn comments_of_savers_are_read() {
        let url = "https://news.example/2024/a?b=1&c=(2)";
        let time = "Thu May 07 2026 08:52:27 GMT-0400 (Eastern Daylight Time)";
        for first in ["Page saved with SingleFile", "Archive processed by SingleFile"] {
            check(
                &format!(
                    "<!DOCTYPE html> <html lang=zh title='a > b'><!--\n {first} \n url: {url} \n saved date: {time}\n info: x\n--><head><meta charset=utf-8>"
                ),
                url,
                "2026-05-07T12:52:27Z",
            );
        }
        let chinese = "Thu May 07 2026 20:52:27 GMT+0800 (中国标准时间)";
        check(
            &format!(
                "<html><!--\n Page saved with SingleFile \n url: {url} \n saved date: {chinese} \n-->"
            ),
            url,
            "2026-05-07T12:52:27Z",
        );
        check(&format!("<html><!--\n Page saved with SingleFile \n url: {url} \n-->"), url, "");
        check(
            &format!(
                "<!-- Saved from {url} at 2023-12-01T10:30:45Z using monolith v2.8.1 -->\n<!doctype html>"
            ),
            url,
            "2023-12-01T10:30:45Z",
        );
        check(
            "<!-- Saved from local source at 2023-12-01T10:30:45Z using monolith v2.7.0 --><html>",
            "",
            "2023-12-01T10:30:45Z",
        );
        check(
            &format!("\u{feff}<!DOCTYPE html>\r\n<!-- saved from url=(0035){url} -->\r\n<html>"),
            url,
            "",
        );
        check("<!-- saved from url=(0014)about:internet -->\n<html>", "", "");
        check(
            "<!DOCTYPE html>\n<html>\n<!-- Mirrored from news.example/a.html by HTTrack Website Copier/3.x [XR&CO'2014], Wed, 17 Jan 2018 15:34:08 GMT -->\n<!-- Added by HTTrack --><meta charset=utf-8>",
            "http://news.example/a.html",
            "2018-01-17T15:34:08Z",
        );
    }

    #[test]
    fn a_page_that_was_saved_twice_has_the_address_of_the_web() {
        check(
            "<!DOCTYPE html><!-- saved from url=(0022)https://news.example/1 -->\n<html><!--\n Page saved with SingleFile \n url: file:///C:/a.html \n saved date: Thu May 07 2026 08:52:27 GMT+0000 (UTC)\n-->",
            "https://news.example/1",
            "2026-05-07T08:52:27Z",
        );
    }

    #[test]
    fn other_comments_are_ignored() {
        let comment = "<!-- saved from url=(0022)https://news.example/1 -->";
        check(&format!("<html><body>{comment}"), "", "");
        check(&format!("<html><head><title>{comment}"), "", "");
        check(&format!("文{comment}"), "", "");
        check("<!-- saved from url=(x)https://news.example/1 -->", "", "");
        check("<!-- Saved from https://news.example/1 -->", "", "");
        check(
            "<html><!--\n Page saved with SingleFile \n url: http:/// \n saved date: 2024-05-07\n-->",
            "",
            "",
        );
        check("<!-- saved from url=(0022)https://news.example/1", "", "");
        check("", "", "");
    }
}
