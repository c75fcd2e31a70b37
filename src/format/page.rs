//! Documents without a seed's header that may hold an article: pages, feeds, mails, by what their
//! text begins with.

mod json;
mod mail;
mod markup;
mod names;
mod records;

use crate::model::PageRecord;
pub(super) use json::{holds_articles, is_json, names_article};
pub(super) use mail::header_name;
use memchr::memmem;
pub(super) use names::is_text_name;
pub(super) use records::{YAML, begins_next};

const MAIL: &str = "a mail or web archive (MHTML)";
pub(super) const AMONG: &str = "JSON articles among other text";

/// The names of all kinds, for the documentation's sake.
#[cfg(test)]
pub(super) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = markup::ROOTS.iter().map(|(.., name)| *name).collect();
    names.extend([
        MAIL,
        json::FEED,
        json::HAR,
        json::NESTED,
        json::FRONT_MATTER,
        json::OTHER_NAMES,
        AMONG,
        markup::FIELDS,
        records::CSV,
        records::SQL,
        records::YAML,
        records::SCRIPT,
    ]);
    names
}

/// What a document without a header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// HTML, a whole page or a part of one.
    Page,
    /// Another format, by its name, that is not read yet.
    Unread(&'static str),
}

/// What a text without a header is that may hold an article.
pub(super) fn kind(text: &str) -> Option<Kind> {
    let unread = || {
        mail::is_mail(text)
            .then_some(MAIL)
            .or_else(|| json::kind(text))
            .or_else(|| markup::by_names(text).or_else(|| records::kind(text)))
    };
    markup::by_root(text).or_else(|| unread().map(Kind::Unread))
}

/// The same of what comes after something else: a page after a warning, articles after a log.
pub(super) fn kind_within(text: &str) -> Option<Kind> {
    if let Some(kind) = markup::within(text) {
        return Some(kind);
    }
    if markup::is_part_of_page(text) {
        return Some(Kind::Page);
    }
    memmem::find(text.as_bytes(), b"\"html\"")?;
    // A log has something before each.
    let is_article = |line: &str| {
        let object = line.find('{').zip(line.rfind('}'));
        let object = object.and_then(|(start, end)| line.get(start..=end));
        object.is_some_and(|object| PageRecord::read(object.as_bytes()).is_some())
    };
    text.split(['\n', '\r']).any(is_article).then_some(Kind::Unread(AMONG))
}

/// Whether bytes that may be no text any more further on begin as a page or a feed does.
pub(super) fn begins_document(head: &[u8]) -> bool {
    // Nearly all files show at once that they do not.
    let is_plain = head.first().is_some_and(|byte| byte.is_ascii_graphic() && *byte != b'<');
    !is_plain && markup::by_root(&String::from_utf8_lossy(head)).is_some()
}
