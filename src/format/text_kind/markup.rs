//! Recognises pages and feeds by their first elements.

use super::TextKind;
use super::names::Names;
use crate::format::leading;
use memchr::{memchr_iter, memmem, memrchr_iter};

/// The kind of a text by its first element, in lower case and without a prefix; what else it must contain;
/// and its name.
pub(super) const ROOTS: &[(&str, &str, &str)] = &[
    ("wml", "", "WML"),
    ("rss", "", FEED),
    ("feed", "", FEED),
    ("rdf", "purl.org/rss/", FEED),
    ("entry", "w3.org/2005/Atom", FEED),
    ("en-export", "", "Evernote notes"),
    ("en-note", "", "Evernote notes"),
    ("plist", "WebMainResource", "a web archive of Safari"),
    ("mediawiki", "", "MediaWiki pages"),
    ("nitf", "", NEWS),
    ("newsml", "", NEWS),
    ("newsitem", "", NEWS),
    ("newsmessage", "", NEWS),
    ("tei", "", TEI),
    ("tei.2", "", TEI),
    ("teicorpus", "", TEI),
    ("article", "<article-meta", JATS),
    ("article", "//NLM//DTD", JATS),
    ("article", DOCBOOK_SPACE, DOCBOOK),
    ("article", DOCBOOK_TYPE, DOCBOOK),
    ("book", "<book-meta", JATS),
    ("book", DOCBOOK_SPACE, DOCBOOK),
    ("book", DOCBOOK_TYPE, DOCBOOK),
    ("chapter", DOCBOOK_SPACE, DOCBOOK),
    ("chapter", DOCBOOK_TYPE, DOCBOOK),
    ("section", DOCBOOK_SPACE, DOCBOOK),
    ("section", DOCBOOK_TYPE, DOCBOOK),
    ("dita", "", DITA),
    ("topic", DITA_TYPE, DITA),
    ("concept", DITA_TYPE, DITA),
    ("fictionbook", "", "FictionBook"),
    ("dtbook", "", "DTBook"),
    ("document", "urn:oasis:names:tc:opendocument", "flat OpenDocument"),
    ("document", "wordprocessingml", WORD),
    ("worddocument", "", WORD),
    ("package", "office/2006/xmlPackage", WORD),
    ("uof", "", "UOF"),
    ("abiword", "", "AbiWord"),
];
const FEED: &str = "a feed";
const NEWS: &str = "NITF or NewsML";
const TEI: &str = "TEI";
const JATS: &str = "JATS";
const DOCBOOK: &str = "DocBook";
const DOCBOOK_SPACE: &str = "docbook.org/ns/docbook";
const DOCBOOK_TYPE: &str = "//DTD DocBook";
const DITA: &str = "DITA";
const DITA_TYPE: &str = "//DTD DITA";
const WORD: &str = "Word in XML";
/// XML in a private format, recognised by the names of its elements.
pub(super) const FIELDS: &str = "XML with an article's fields";
/// Formats that use such names too, and contain no article.
const NO_ARTICLES: [&str; 6] = ["svg", "opml", "gpx", "ncx", "smil", "xliff"];

/// Elements that only an HTML page begins with.
const OF_HTML: [&str; 7] = ["html", "head", "body", "title", "meta", "base", "frameset"];
/// Elements that a fragment of a page begins with, and rarely a text about pages.
const OF_PARTS: [&str; 37] = [
    "a",
    "article",
    "aside",
    "b",
    "blockquote",
    "br",
    "center",
    "details",
    "div",
    "dl",
    "em",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "iframe",
    "img",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "span",
    "strong",
    "table",
    "tbody",
    "ul",
];

/// Elements in a fragment of a page, rarely found in other markup.
const IN_PARTS: [&str; 11] =
    ["article", "blockquote", "br", "center", "div", "h1", "h2", "p", "span", "table", "ul"];
/// They must occur within this many bytes.
const PART_WITHIN: usize = 1024;

/// If only its start identifies a page, it begins within this many bytes; later on, it has other tags too.
const PAGE_WITHIN: usize = 4096;
/// Elements of a page, rare in a text about pages.
const IN_PAGES: [&str; 10] =
    ["head", "body", "title", "meta", "div", "p", "script", "table", "frameset", "/html"];
/// Elements that suffice to make a text that begins with a tag a page.
const OF_PAGES: [&str; 2] = ["body", "frameset"];

/// The kind of a document by its first element.
pub(super) fn by_root(text: &str) -> Option<TextKind> {
    let name = root(text)?;
    let name = name.rsplit(':').next()?.to_ascii_lowercase();
    if OF_HTML.contains(&name.as_str()) {
        return Some(TextKind::Page);
    }
    let has = |needed: &str| memmem::find(text.as_bytes(), needed.as_bytes()).is_some();
    let known = ROOTS.iter().find(|(root, needed, _)| *root == name && has(needed));
    known.map(|(.., name)| TextKind::Unread(name))
}

/// Whether an otherwise unrecognised text is a fragment of a page: it begins with an element of one, or with
/// a private element around such. XML uses such names too.
pub(super) fn is_part_of_page(text: &str) -> bool {
    let Some(root) = root(text).filter(|_| !text.starts_with("<?xml")) else { return false };
    let text = behind_scripts(text);
    let head = &text[..text.floor_char_boundary(PART_WITHIN)];
    let mut names = memchr_iter(b'<', head.as_bytes()).map(|at| tag_name(&head[at + 1..]));
    is_one_of(root, &OF_PARTS)
        || (!is_one_of(root, &NO_ARTICLES)
            && names.any(|name| is_one_of(name, &OF_HTML) || is_one_of(name, &IN_PARTS)))
}

/// What follows the scripts and styles at the start: they can be long, and what they say is no markup.
fn behind_scripts(text: &str) -> &str {
    let mut rest = leading::skip(text);
    loop {
        let is = |name: &str| rest.starts_with('<') && is_one_of(tag_name(&rest[1..]), &[name]);
        let end = match () {
            () if is("script") => "</script>",
            () if is("style") => "</style>",
            () => return rest,
        };
        let Some(at) = memmem::find(rest.as_bytes(), end.as_bytes()) else { return rest };
        rest = leading::skip(&rest[at + end.len()..]);
    }
}

/// The kind of XML by the names of its elements. Pages have some of them too, but no XML declaration, or a
/// known root.
pub(super) fn by_names(text: &str) -> Option<&'static str> {
    let name = text.starts_with("<?xml").then(|| root(text))??;
    let local = |name: &'_ str| name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    if NO_ARTICLES.contains(&local(name).as_str()) {
        return None;
    }
    let names = memchr_iter(b'<', text.as_bytes()).map(|at| tag_name(&text[at + 1..]));
    let names = names.map(|name| name.rsplit(':').next().unwrap_or_default());
    Names::of(names).are_of_article().then_some(FIELDS)
}

/// The name of the first element, or the one in a doctype.
fn root(mut text: &str) -> Option<&str> {
    loop {
        let rest = leading::skip(text).strip_prefix('<')?;
        text = if let Some(comment) = rest.strip_prefix("!--") {
            // A comment that begins with its own end is empty.
            let is_empty = ["->", ">"].iter().find_map(|end| comment.strip_prefix(end));
            is_empty.or_else(|| Some(comment.split_once("-->")?.1))?
        } else if rest.starts_with("?php") {
            // A program up to its end: the tags in it are what it prints.
            rest.split_once("?>")?.1
        } else if rest.starts_with('?') {
            // `>` may occur inside; if there is no other end, it ends as in HTML.
            rest.split_once("?>").or_else(|| rest.split_once('>'))?.1
        } else if let Some(data) = rest.strip_prefix("![CDATA[") {
            data.split_once("]]>")?.1
        } else if let Some(doctype) = rest.get(..8).filter(|it| it.eq_ignore_ascii_case("!doctype"))
        {
            let name = rest[doctype.len()..].trim_start();
            return Some(&name[..name.find(is_after_name).unwrap_or(name.len())]);
        } else if rest.starts_with(['!', '%']) {
            rest.split_once('>')?.1
        } else {
            return Some(&rest[..rest.find(is_after_name).unwrap_or(rest.len())]);
        };
    }
}

fn is_after_name(c: char) -> bool {
    c.is_whitespace() || matches!(c, '>' | '/' | '[')
}

/// The kind of a text in which markup begins later: a page after warnings, a feed after a log.
pub(super) fn within(text: &str) -> Option<TextKind> {
    let feeds: Vec<_> = ROOTS
        .iter()
        .filter(|(_, needed, _)| memmem::find(text.as_bytes(), needed.as_bytes()).is_some())
        .collect();
    let is_markup =
        text.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic) && text.starts_with('<');
    let (mut is_page, mut feed) = (false, None);
    let mut line = Line::default();
    for at in memchr_iter(b'<', text.as_bytes()) {
        if line.is_fence_before(text, at) {
            // Quoted markup is not a page.
            return None;
        }
        let name = tag_name(&text[at + 1..]);
        if text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'`') {
            continue;
        }
        if is_page_start(&text.as_bytes()[at..]) {
            let begins_line = line.begins_with_tag(text, at);
            if !is_markup && !is_page && !is_rest_a_page(text, at, begins_line) {
                // A program that prints a page, or a text about pages.
                return None;
            }
            if at < PAGE_WITHIN && begins_line {
                return Some(TextKind::Page);
            }
            is_page = true;
        } else if (is_page && is_one_of(name, &IN_PAGES))
            || (is_markup && is_one_of(name, &OF_PAGES))
        {
            return Some(TextKind::Page);
        } else if feed.is_some() && name.starts_with('/') {
            return feed;
        } else {
            let name = name.rsplit(':').next().unwrap_or_default();
            let is_root = |known: &&&(&str, &str, &'static str)| known.0.eq_ignore_ascii_case(name);
            feed = feed.or(feeds.iter().find(is_root).map(|known| TextKind::Unread(known.2)));
        }
    }
    None
}

/// Whether a text from a page's first tag on is that page, as after a warning: it is not quoted, and no text
/// follows its end. In the middle of a line, only a doctype with a tag after it is no word of a sentence.
fn is_rest_a_page(text: &str, at: usize, begins_line: bool) -> bool {
    const OPENINGS: [char; 12] = ['"', '\'', '`', '\\', '(', '[', '{', '=', '+', '“', '«', '「'];
    let page = &text[at..];
    let has_doctype = || {
        let behind = page.strip_prefix("<!").and_then(|inside| inside.split_once('>'));
        behind.is_some_and(|(_, behind)| leading::skip(behind).starts_with('<'))
    };
    let mut tags = memrchr_iter(b'<', page.as_bytes()).map(|at| &page[at..]);
    let end = tags.find(|tag| is_one_of(tag_name(&tag[1..]), &["/html", "/body", "/frameset"]));
    let behind = end.and_then(|end| end.split_once('>')).map_or("", |(_, behind)| behind);
    let behind = leading::skip(behind);
    !text[..at].trim_end().ends_with(OPENINGS)
        && (begins_line || has_doctype())
        && (behind.is_empty() || behind.starts_with('<'))
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The name of a tag, with the slash of an end tag.
fn tag_name(inside: &str) -> &str {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'_');
    let slash = usize::from(inside.starts_with('/'));
    let length = inside.as_bytes()[slash..].iter().take_while(|byte| is_name(byte)).count();
    &inside[..slash + length]
}

pub(super) fn is_page_start(bytes: &[u8]) -> bool {
    let starts = |with: &[u8]| {
        let start = bytes.get(..with.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let ends_tag = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
    starts(b"<!doctype html") || (starts(b"<html") && bytes.get(5).is_some_and(ends_tag))
}

/// The line of a position, found from the previous one.
#[derive(Default)]
struct Line {
    start: usize,
    looked_to: usize,
}

impl Line {
    /// Moves to a position; returns whether a line before it opens a fence.
    fn is_fence_before(&mut self, text: &str, at: usize) -> bool {
        if self.looked_to == 0 && text.starts_with("```") {
            return true;
        }
        let between = &text.as_bytes()[self.looked_to..at];
        for end in memchr::memchr2_iter(b'\n', b'\r', between) {
            self.start = self.looked_to + end + 1;
            if text[self.start..].starts_with("```") {
                return true;
            }
        }
        self.looked_to = at;
        false
    }

    /// A line of tags before the page's first one belongs to the page.
    fn begins_with_tag(&self, text: &str, at: usize) -> bool {
        leading::skip(&text[self.start..=at]).starts_with('<')
    }
}
