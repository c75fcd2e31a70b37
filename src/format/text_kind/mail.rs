//! Recognises mails, and pages saved as mails, by their first headers.

use crate::format::header::take_line;

/// A mail may have text before its first part.
const PART_WITHIN: usize = 4096;
/// Headers that are added while a mail is delivered, and those that any mail has.
const OF_MAILS: [&str; 7] = [
    "from",
    "received",
    "message-id",
    "return-path",
    "delivered-to",
    "x-mozilla-status",
    "newsgroups",
];
const OF_LETTERS: [&str; 4] = ["subject", "date", "to", "sender"];
const OF_MIME: [&str; 2] = ["mime-version", "content-type"];

/// Whether a text is a mail, or a part of one.
pub(super) fn is_mail(text: &str) -> bool {
    has_headers(text) || begins_part(text)
}

/// Headers up to the first empty line: one of MIME, or two of a mail.
fn has_headers(text: &str) -> bool {
    let (mut of_mails, mut of_letters, mut has_mime) = (0, 0, false);
    let mut rest = without_envelope(text);
    let mut is_first = true;
    while !rest.is_empty() {
        let (line, after) = take_line(rest);
        rest = after;
        if line.trim().is_empty() {
            break;
        }
        let is_folded = !is_first && line.starts_with([' ', '\t']);
        is_first = false;
        if is_folded {
            continue;
        }
        let Some(name) = header_name(line.as_bytes()) else { return false };
        let is_one_of =
            |names: &[&str]| names.iter().any(|it| name.eq_ignore_ascii_case(it.as_bytes()));
        of_mails += usize::from(is_one_of(&OF_MAILS));
        of_letters += usize::from(is_one_of(&OF_LETTERS));
        has_mime |= is_one_of(&OF_MIME);
    }
    has_mime || (of_mails > 0 && of_mails + of_letters > 1)
}

/// Removes the line that a mailbox puts before a mail.
fn without_envelope(text: &str) -> &str {
    let is_envelope = text.strip_prefix('>').unwrap_or(text).starts_with("From ");
    if is_envelope { take_line(text).1 } else { text }
}

/// A boundary followed by the headers of a part.
fn begins_part(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() && text.len() - rest.len() < PART_WITHIN {
        let (line, after) = take_line(rest);
        let next = take_line(after).0;
        if line.starts_with("--")
            && next.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-"))
            && header_name(next.as_bytes()).is_some()
        {
            return true;
        }
        rest = after;
    }
    false
}

/// The name in `Name: value`.
pub(in crate::format) fn header_name(line: &[u8]) -> Option<&[u8]> {
    let name = line[..memchr::memchr(b':', line)?].trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}
