//! The front matter of variants C, C' and M: fields between `---` lines in YAML, or between `+++` lines in
//! TOML, as Hugo, Jekyll, Obsidian Web Clipper, Joplin and this family's scrapers write it.

mod fields;

use super::header::take_line;
use super::{leading, text_kind};
use crate::model::{EXPORTED_BY, Language, Published, Tag, TagKind};
use fields::Fields;
use std::collections::HashSet;

/// Maximum length: the longest seen has less than 1 KiB.
const MAX_LENGTH: usize = 64 * 1024;

/// The result of reading the start of a text.
pub(super) enum Read<'a> {
    Absent,
    /// No front matter: not a mapping, or one without title and address.
    NoHeader,
    Bad(&'static str),
    /// Written by our own Markdown export.
    Exported,
    /// Only fields, with the text of an article in one of them.
    Records,
    /// The fields, and the body after the closing line.
    Found(Box<FrontMatter>, &'a str),
}

/// The fields of an article.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    pub title: String,
    /// As spelled; empty if there is none.
    pub address: String,
    /// As spelled.
    pub site_name: Option<String>,
    pub date: Published,
    pub author: Option<String>,
    pub language: Option<Language>,
    pub tags: Vec<Tag>,
}

/// Names of the field with the address, most specific first.
const ADDRESS: [&str; 8] = [
    "from",
    "url",
    "link",
    "source",
    "canonical_url",
    "canonicalurl",
    "source_url",
    "original_url",
];

/// Names of the field with the name of the site, most specific first.
const SITE_NAME: [&str; 4] = ["site_name", "sitename", "publisher", "publication"];

/// Names of the field with the publication time, most specific first.
const DATE: [&str; 6] =
    ["published", "published_at", "publishdate", "date_published", "pubdate", "date"];

/// Reads the front matter at the start of `text`.
pub(super) fn read(text: &str) -> Read<'_> {
    let (opening, rest) = take_line(text);
    let is_toml = match leading::trim_end(opening) {
        "---" => false,
        "+++" => true,
        _ => return Read::Absent,
    };
    // The last fence may be indented like the others if nothing else ends the fields.
    let cut = split(rest, is_toml, leading::trim_end);
    let Some((inside, body)) = cut.or_else(|| split(rest, is_toml, leading::trim)) else {
        // A truncated file may have the fields of an article; a rule at the top of a text is followed by
        // none.
        let start = &rest[..rest.floor_char_boundary(MAX_LENGTH)];
        let fields = Fields::by_line(start);
        let names_an_article = understand(&fields).is_some();
        return if names_an_article && fields.hold_text() {
            Read::Records
        } else if names_an_article {
            Read::Bad("front matter without an end")
        } else {
            Read::Absent
        };
    };
    // The parsers do not support lines that end in CR alone.
    let inside = if inside.contains('\n') { inside.to_owned() } else { inside.replace('\r', "\n") };
    let fields = if is_toml { Fields::toml(&inside) } else { Fields::yaml(&inside) };
    let Some(fields) = fields else { return Read::NoHeader };
    if fields.first(EXPORTED_BY.0) == Some(EXPORTED_BY.1) {
        return Read::Exported;
    }
    match understand(&fields) {
        Some(_) if fields.hold_text() && text_kind::begins_next(body) => Read::Records,
        Some(found) => Read::Found(Box::new(found), body),
        None => Read::NoHeader,
    }
}

/// The text after a fence (`---`, as YAML begins each of its documents) that a JSON object follows.
pub(super) fn json_document(text: &str) -> Option<&str> {
    let behind = leading::skip(text.strip_prefix("---")?);
    behind.starts_with('{').then(|| without_fence(behind))
}

/// Removes the fence at the end, which also ends a document.
fn without_fence(text: &str) -> &str {
    const ENDS: [&str; 4] = ["\n---", "\n...", "\r---", "\r..."];
    let mut text = leading::trim_end(text);
    while let Some(rest) = ENDS.iter().find_map(|end| text.strip_suffix(end)) {
        text = leading::trim_end(rest);
    }
    text
}

/// The text between the fences, and the text after them.
fn split(text: &str, is_toml: bool, trim: fn(&str) -> &str) -> Option<(&str, &str)> {
    let closes = |line: &str| {
        let line = trim(line);
        if is_toml {
            line == "+++"
        } else {
            line == "..." || (line.len() >= 3 && line.bytes().all(|byte| byte == b'-'))
        }
    };
    let mut rest = text;
    while !rest.is_empty() && text.len() - rest.len() <= MAX_LENGTH {
        let (line, after) = take_line(rest);
        if closes(line) {
            return Some((&text[..text.len() - rest.len()], after));
        }
        rest = after;
    }
    None
}

/// `None` if neither a title nor an address is named.
fn understand(fields: &Fields) -> Option<FrontMatter> {
    let addresses = || ADDRESS.iter().filter_map(|name| fields.first(name)).map(without_brackets);
    let is_absolute =
        |address: &&str| address.starts_with("http://") || address.starts_with("https://");
    let address = addresses().find(is_absolute).or_else(|| addresses().next());
    let title = fields.first("title");
    if title.is_none() && address.is_none() {
        return None;
    }
    let kinds = [
        ("tags", TagKind::Tag),
        ("tag", TagKind::Tag),
        ("categories", TagKind::Category),
        ("category", TagKind::Category),
        ("keywords", TagKind::Keyword),
    ];
    let names = kinds.iter().flat_map(|&(field, kind)| {
        fields.all(field).iter().map(move |name| {
            // Obsidian writes a `#` before a tag.
            (kind, name.strip_prefix('#').unwrap_or(name).to_owned())
        })
    });
    let authors: Vec<String> = ["author", "authors"]
        .iter()
        .flat_map(|name| fields.all(name))
        .map(|name| without_link(name))
        .collect();
    let language = ["lang", "language", "locale"].iter().find_map(|name| fields.first(name));
    let date = DATE.iter().find_map(|name| fields.first(name));
    let date = date.or_else(|| DATE.iter().find_map(|name| fields.other(name)));
    Some(FrontMatter {
        title: title.unwrap_or_default().to_owned(),
        address: address.unwrap_or_default().to_owned(),
        site_name: SITE_NAME.iter().find_map(|name| fields.first(name)).map(without_link),
        date: date.map_or(Published::Absent, Published::read),
        author: author(&authors),
        language: language.and_then(Language::of_tag),
        tags: tags(names),
    })
}

/// An address without the brackets of Markdown.
fn without_brackets(address: &str) -> &str {
    let address = address.trim();
    let inside = address.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inside.map_or(address, str::trim)
}

/// Whether an address is incomplete without that of its site: `/posts/a`.
pub(super) fn is_relative(address: &str) -> bool {
    let site = address.split_once(['/', '?', '#']).map(|(start, _)| start);
    !address.starts_with("//")
        && site.is_some_and(|site| matches!(site, "." | "..") || !site.contains([':', '.']))
}

/// A name that Obsidian links to a page of its own (`[[某甲]]`, `[[folder/某甲|某甲]]`), or Markdown to any page
/// (`[某甲](https://…)`).
fn without_link(name: &str) -> String {
    let inside = name.trim().strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
    if let Some(link) = inside {
        return link.rsplit(['|', '/']).next().unwrap_or(link).to_owned();
    }
    let mut text = String::new();
    let mut rest = name;
    while let Some((before, link)) = rest.split_once('[') {
        let Some((shown, target)) = link.split_once("](") else { break };
        let Some((_, behind)) = target.split_once(')') else { break };
        text.push_str(before);
        text.push_str(shown);
        rest = behind;
    }
    text.push_str(rest);
    text
}

pub(super) fn author(values: &[String]) -> Option<String> {
    let mut names: Vec<&str> = values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
    names.dedup();
    (!names.is_empty()).then(|| names.join("、"))
}

/// Each name of a kind once, in their order.
pub(super) fn tags(names: impl IntoIterator<Item = (TagKind, String)>) -> Vec<Tag> {
    let mut seen = HashSet::new();
    let tags = names.into_iter().map(|(kind, name)| Tag { name: name.trim().to_owned(), kind });
    tags.filter(|tag| !tag.name.is_empty() && seen.insert(tag.clone())).collect()
}
