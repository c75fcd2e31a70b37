//! Recognises the kind of a text without a seed's header by its beginning: a page, a feed, a mail.

mod json;
mod mail;
mod markup;
mod names;
mod records;

use super::json_article::JsonArticle;
pub(super) use json::{holds_articles, is_json, names_article};
pub(super) use mail::header_name;
use memchr::memmem;
pub(super) use names::is_text_name;
pub(super) use records::{YAML, begins_next};

const MAIL: &str = "a mail or web archive (MHTML)";
pub(super) const AMONG: &str = "JSON articles among other text";

/// The names of all kinds, to compare with the documentation.
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

/// The kind of a document without a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// HTML, a whole page or a fragment.
    Page,
    /// Another format, by its name, that is not supported yet.
    Unread(&'static str),
}

/// The kind of a text without a header, if it may contain an article.
pub(super) fn of(text: &str) -> Option<TextKind> {
    let unread = || {
        mail::is_mail(text)
            .then_some(MAIL)
            .or_else(|| json::kind(text))
            .or_else(|| markup::by_names(text).or_else(|| records::kind(text)))
    };
    markup::by_root(text).or_else(|| unread().map(TextKind::Unread))
}

/// The same for a document after other text: a page after a warning, articles after a log.
pub(super) fn within(text: &str) -> Option<TextKind> {
    if let Some(kind) = markup::within(text) {
        return Some(kind);
    }
    if markup::is_part_of_page(text) {
        return Some(TextKind::Page);
    }
    memmem::find(text.as_bytes(), b"\"html\"")?;
    // A log has text before each.
    let is_article = |line: &str| {
        let object = line.find('{').zip(line.rfind('}'));
        let object = object.and_then(|(start, end)| line.get(start..=end));
        object.is_some_and(|object| JsonArticle::read(object.as_bytes()).is_some())
    };
    text.split(['\n', '\r']).any(is_article).then_some(TextKind::Unread(AMONG))
}

/// Whether a text begins as only a whole page does, and no fragment of one: before such, templates and caches
/// write comments with numbers too.
pub(super) fn is_whole_page(text: &str) -> bool {
    markup::by_root(text) == Some(TextKind::Page)
}

/// Whether bytes, of which later ones may not be text, begin like a page or a feed.
pub(super) fn begins_document(head: &[u8]) -> bool {
    // For nearly all files, the first byte rules it out.
    let is_plain = head.first().is_some_and(|byte| byte.is_ascii_graphic() && *byte != b'<');
    !is_plain && markup::by_root(&String::from_utf8_lossy(head)).is_some()
}

#[cfg(test)]
mod tests;
