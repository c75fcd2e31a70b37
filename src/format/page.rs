//! Documents that may hold an article and are no seeds: pages, feeds, mails, by what their text
//! begins with.

use crate::model::PageRecord;
use memchr::{memchr_iter, memmem};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// What a text is, by its first element, in lower case and without a prefix; what must be in it
/// besides; and its name.
const ROOTS: [(&str, &str, &str); 17] = [
    ("html", "", HTML),
    ("head", "", HTML),
    ("body", "", HTML),
    ("title", "", HTML),
    ("meta", "", HTML),
    ("rss", "", FEED),
    ("feed", "", FEED),
    ("rdf", "purl.org/rss/", FEED),
    ("en-export", "", "Evernote notes"),
    ("en-note", "", "Evernote notes"),
    ("plist", "WebMainResource", "a web archive of Safari"),
    ("mediawiki", "", "MediaWiki pages"),
    ("nitf", "", NEWS),
    ("newsml", "", NEWS),
    ("newsitem", "", NEWS),
    ("newsmessage", "", NEWS),
    ("tei", "", "TEI"),
];
const HTML: &str = "a web page";
const FEED: &str = "a feed";
const NEWS: &str = "NITF or NewsML";
const MAIL: &str = "a mail or web archive (MHTML)";
const JSON_FEED: &str = "a JSON feed";
const HAR: &str = "an HTTP archive (HAR)";
const NESTED: &str = "JSON with articles deeper in it";
const AMONG: &str = "JSON articles among other text";
const OTHER_NAMES: &str = "JSON whose articles have other fields than html with url or title";

/// What other programs call the text of an article, its address and its title: in lower case, without
/// what divides words.
const TEXT_NAMES: [&str; 33] = [
    "html",
    "htmlcontent",
    "htmlbody",
    "bodyhtml",
    "contenthtml",
    "articlehtml",
    "pagehtml",
    "rawhtml",
    "sourcehtml",
    "texthtml",
    "content",
    "contents",
    "contenttext",
    "rawcontent",
    "maincontent",
    "body",
    "bodytext",
    "text",
    "texts",
    "fulltext",
    "rawtext",
    "cleantext",
    "cleanedtext",
    "maintext",
    "articletext",
    "articlebody",
    "article",
    "story",
    "markdown",
    "paragraphs",
    "正文",
    "内容",
    "內容",
];
const PLACE_NAMES: [&str; 17] = [
    "url",
    "sourceurl",
    "canonicalurl",
    "originalurl",
    "articleurl",
    "pageurl",
    "link",
    "permalink",
    "href",
    "uri",
    "title",
    "articletitle",
    "headline",
    "标题",
    "標題",
    "链接",
    "鏈接",
];

/// What a text is wrapped in: `{"rendered": "…"}`.
const WRAPPERS: [&str; 7] = ["rendered", "value", "text", "html", "$t", "#text", "cdata"];
/// A longer name is none of these, in bytes.
const LONGEST_NAME: usize = 40;
/// So many are looked at in an object that cannot be parsed.
const MOST_NAMES: usize = 10_000;

/// A page that begins later than this is none.
const PAGE_WITHIN: usize = 4096;

/// The names of all kinds, for the documentation's sake.
#[cfg(test)]
pub(super) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = ROOTS.iter().map(|(.., name)| *name).collect();
    names.extend([MAIL, JSON_FEED, HAR, NESTED, AMONG, OTHER_NAMES]);
    names
}

/// What a text without a header is that may hold an article.
pub(super) fn kind(text: &str) -> Option<&'static str> {
    by_root(text).or_else(|| is_mail(text).then_some(MAIL)).or_else(|| json_kind(text))
}

/// The same of what comes after something else: a page after a warning, articles after a log.
pub(super) fn kind_within(text: &str) -> Option<&'static str> {
    let within = &text[..text.floor_char_boundary(PAGE_WITHIN)];
    // What a text quotes is no page.
    let mut lines = within.lines().take_while(|line| !line.starts_with("```"));
    if lines.any(holds_page_start) {
        return Some(HTML);
    }
    memmem::find(text.as_bytes(), b"\"html\"")?;
    // A log has something before each.
    let is_article = |line: &str| {
        let object = line.find('{').zip(line.rfind('}'));
        let object = object.and_then(|(start, end)| line.get(start..=end));
        object.is_some_and(|object| PageRecord::read(object.as_bytes()).is_some())
    };
    text.split(['\n', '\r']).any(is_article).then_some(AMONG)
}

/// Whether bytes that may be no text any more further on begin as a page does.
pub(super) fn begins_page(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    is_page_start(bytes)
}

fn is_page_start(bytes: &[u8]) -> bool {
    let starts = |with: &[u8]| {
        let start = bytes.get(..with.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let ends_tag = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
    starts(b"<!doctype html") || (starts(b"<html") && bytes.get(5).is_some_and(ends_tag))
}

/// A line of tags before the page's own belongs to it.
fn holds_page_start(line: &str) -> bool {
    let line = line.trim_start_matches(['\u{feff}', ' ', '\t']).as_bytes();
    line.first() == Some(&b'<') && memchr_iter(b'<', line).any(|at| is_page_start(&line[at..]))
}

fn by_root(text: &str) -> Option<&'static str> {
    let name = root(text)?;
    let name = name.rsplit(':').next()?.to_ascii_lowercase();
    let (_, needed, kind) = ROOTS.iter().find(|(root, ..)| *root == name)?;
    memmem::find(text.as_bytes(), needed.as_bytes()).map(|_| *kind)
}

/// The name of the first element, or the one that a doctype gives.
fn root(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let rest = text.strip_prefix('<')?;
        let after = if let Some(comment) = rest.strip_prefix("!--") {
            comment.split_once("-->")?.1
        } else if rest.starts_with('?') {
            rest.split_once('>')?.1
        } else if let Some(doctype) = rest.get(..8).filter(|it| it.eq_ignore_ascii_case("!doctype"))
        {
            let name = rest[doctype.len()..].trim_start();
            return Some(&name[..name.find(is_after_name).unwrap_or(name.len())]);
        } else {
            return Some(&rest[..rest.find(is_after_name).unwrap_or(rest.len())]);
        };
        text = after;
    }
}

fn is_after_name(c: char) -> bool {
    c.is_whitespace() || matches!(c, '>' | '/' | '[')
}

/// Headers to the first empty line, of which one says that it is MIME.
fn is_mail(text: &str) -> bool {
    let mut has_mime = false;
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() {
            break;
        }
        let is_folded = number > 0 && line.starts_with([' ', '\t']);
        if !is_folded && !is_mail_header(line.as_bytes()) {
            return false;
        }
        let name = line.split(':').next().unwrap_or_default();
        has_mime |= ["mime-version", "content-type"].iter().any(|it| name.eq_ignore_ascii_case(it));
    }
    has_mime
}

/// `Name: value`.
pub(super) fn is_mail_header(line: &[u8]) -> bool {
    let name = line.iter().position(|byte| *byte == b':').map(|colon| &line[..colon]);
    name.is_some_and(|name| {
        !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    })
}

/// Whether a text is one JSON value.
pub(super) fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn json_kind(text: &str) -> Option<&'static str> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = Within(0).deserialize(&mut deserializer).ok()?;
    match found {
        Found { is_feed: true, .. } => Some(JSON_FEED),
        Found { is_har: true, .. } => Some(HAR),
        Found { has_article: true, .. } => Some(NESTED),
        Found { has_other: true, .. } => Some(OTHER_NAMES),
        _ => None,
    }
}

/// Whether an object that cannot be parsed names the text of an article and what it is the text of.
pub(super) fn names_article(text: &str) -> bool {
    let names = text.split('"').skip(1).step_by(2).take(MOST_NAMES).map(plain);
    let (mut has_text, mut has_place) = (false, false);
    for name in names {
        has_text |= TEXT_NAMES.contains(&name.as_str());
        has_place |= PLACE_NAMES.contains(&name.as_str());
    }
    has_text && has_place
}

/// A name without case and what divides its words.
fn plain(name: &str) -> String {
    if name.len() > LONGEST_NAME {
        return String::new();
    }
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | ':' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}

/// What a JSON value has in it.
#[derive(Default)]
struct Found {
    is_feed: bool,
    is_har: bool,
    has_article: bool,
    /// The same by other names, or `html` alone.
    has_other: bool,
    /// It is a text, or holds one as texts are wrapped.
    has_text: bool,
    has_entries: bool,
    /// The value itself is a text that begins so.
    is_feed_version: bool,
}

/// Looks into a value, so deep: responses of servers wrap what they have once or twice.
struct Within(u8);

const DEEPEST: u8 = 6;

impl<'de> DeserializeSeed<'de> for Within {
    type Value = Found;

    fn deserialize<D: serde::Deserializer<'de>>(self, value: D) -> Result<Found, D::Error> {
        if self.0 > DEEPEST {
            return value.deserialize_ignored_any(IgnoredAny).map(|_| Found::default());
        }
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let mut found = Found::default();
        let (mut has_html, mut has_name) = (false, false);
        let (mut has_text, mut has_place) = (false, false);
        while let Some(key) = map.next_key::<String>()? {
            let inner = map.next_value_seed(Within(self.0 + 1))?;
            let name = plain(&key);
            has_text |= inner.has_text && TEXT_NAMES.contains(&name.as_str());
            has_place |= PLACE_NAMES.contains(&name.as_str());
            found.has_text |= inner.has_text && WRAPPERS.contains(&name.as_str());
            found.has_other |= inner.has_other || (key == "html" && inner.has_text);
            has_html |= key == "html";
            has_name |= key == "url" || key == "title";
            found.has_entries |= key == "entries";
            found.is_har |= self.0 == 0 && key == "log" && inner.has_entries;
            found.is_feed |= self.0 == 0 && key == "version" && inner.is_feed_version;
            found.has_article |= inner.has_article;
        }
        found.has_article |= has_html && has_name;
        found.has_other |= has_text && has_place;
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let mut found = Found::default();
        while let Some(inner) = seq.next_element_seed(Within(self.0 + 1))? {
            found.has_article |= inner.has_article;
            found.has_other |= inner.has_other;
            found.has_text |= inner.has_text;
        }
        Ok(found)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Found, E> {
        let is_feed_version = text.starts_with("https://jsonfeed.org/version/");
        Ok(Found { is_feed_version, has_text: !text.trim().is_empty(), ..Found::default() })
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Found, E> {
        Ok(Found::default())
    }
}
