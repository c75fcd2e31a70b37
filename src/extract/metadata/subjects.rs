//! Tags, language, lead picture and paywalled parts of a page.

use super::super::text::one_line;
use super::collect::Signals;
use super::objects;
use crate::model::{Language, Tag, TagKind};
use serde_json::{Map, Value};

/// More tags than this are there for search engines.
const MAX_TAGS: usize = 40;
/// Maximum characters of a tag; a longer one is a sentence.
const TAG_LETTERS: usize = 60;
const MAX_WALLS: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Subjects {
    pub tags: Vec<Tag>,
    pub language: Option<Language>,
    pub picture: Option<String>,
    pub walls: Option<Vec<String>>,
}

pub(super) fn of(signals: &Signals<'_>, articles: &[&Map<String, Value>]) -> Subjects {
    Subjects {
        tags: tags(signals, articles),
        language: language(signals, articles),
        picture: picture(signals, articles),
        walls: walls(articles),
    }
}

fn tags(signals: &Signals<'_>, articles: &[&Map<String, Value>]) -> Vec<Tag> {
    const SECTIONS: [&str; 3] = ["article:section", "parsely-section", "cxenseparse:recs:category"];
    const KEYWORDS: [&str; 4] = ["keywords", "news_keywords", "parsely-tags", "sailthru.tags"];
    let mut tags: Vec<Tag> = Vec::new();
    let mut add = |kind: TagKind, name: String| {
        let is_one = !name.is_empty() && name.chars().count() <= TAG_LETTERS;
        if is_one && tags.len() < MAX_TAGS && tags.iter().all(|known| known.name != name) {
            tags.push(Tag { name, kind });
        }
    };
    let said = |name: &str| {
        let texts = articles.iter().flat_map(|article| objects::texts(article, name));
        texts.collect::<Vec<String>>()
    };
    for section in said("articleSection") {
        add(TagKind::Section, section);
    }
    for section in SECTIONS.iter().flat_map(|name| signals.metas_of(name)) {
        add(TagKind::Section, objects::plain(section));
    }
    for tag in ["article:tag", "og:article:tag"].iter().flat_map(|name| signals.metas_of(name)) {
        add(TagKind::Tag, objects::plain(tag));
    }
    let metas = KEYWORDS.iter().flat_map(|name| signals.metas_of(name)).map(objects::plain);
    for words in said("keywords").into_iter().chain(metas) {
        for word in words.split([',', '，', ';', '；', '、', '|']) {
            add(TagKind::Keyword, one_line(word));
        }
    }
    tags
}

/// The language that a page declares; the letters of its text take precedence.
fn language(signals: &Signals<'_>, articles: &[&Map<String, Value>]) -> Option<Language> {
    let said = signals.language.and_then(Language::of_tag);
    let of_meta = || signals.meta(&["og:locale", "content-language", "dc.language"]);
    let of_object = || articles.iter().find_map(|article| objects::text(article, "inLanguage"));
    said.or_else(|| of_meta().and_then(Language::of_tag))
        .or_else(|| of_object().and_then(|tag| Language::of_tag(&tag)))
}

fn picture(signals: &Signals<'_>, articles: &[&Map<String, Value>]) -> Option<String> {
    let of_meta = signals.meta(&["og:image", "og:image:url", "twitter:image", "twitter:image:src"]);
    let of_object = || {
        articles.iter().find_map(|article| {
            objects::values(article, "image").iter().find_map(|image| match image {
                Value::String(address) => Some(address.clone()),
                Value::Object(image) => objects::text(image, "url"),
                _ => None,
            })
        })
    };
    of_meta.map(str::to_owned).or_else(of_object).map(|address| address.trim().to_owned())
}

/// The selectors of parts that are not free, if an article declares that it is not free as a whole or in
/// part.
fn walls(articles: &[&Map<String, Value>]) -> Option<Vec<String>> {
    let is_closed = |object: &Map<String, Value>| match object.get("isAccessibleForFree") {
        Some(Value::Bool(is_free)) => !is_free,
        Some(Value::String(text)) => {
            let text = text.trim().rsplit('/').next().unwrap_or_default();
            text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("no")
        }
        _ => false,
    };
    let parts = articles.iter().flat_map(|article| objects::values(article, "hasPart"));
    let parts = parts.filter_map(Value::as_object).filter(|part| is_closed(part));
    let selectors = parts.flat_map(|part| objects::texts(part, "cssSelector"));
    let selectors: Vec<String> = selectors.take(MAX_WALLS).collect();
    let is_walled = !selectors.is_empty() || articles.iter().any(|article| is_closed(article));
    is_walled.then_some(selectors)
}
