//! The objects of JSON-LD and microdata: which one is the page's article, and its properties.

use super::super::text::one_line;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Maximum number of objects that are checked on one page.
const MAX_OBJECTS: usize = 5_000;

pub(super) type Object = Map<String, Value>;

/// The objects of a page.
#[derive(Default)]
pub(super) struct Objects<'a> {
    /// Objects at the top level, below lists and graphs only, and the main entities of pages.
    own: Vec<&'a Object>,
    by_id: HashMap<&'a str, &'a Object>,
}

/// How likely an object is the page's article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Page,
    Named,
    Article,
}

impl<'a> Objects<'a> {
    pub fn of(values: &'a [Value]) -> Self {
        let mut objects = Self::default();
        let mut next: Vec<(&Value, bool)> =
            values.iter().rev().map(|value| (value, true)).collect();
        let mut seen = 0;
        while let Some((value, is_own)) = next.pop() {
            match value {
                Value::Array(values) => {
                    next.extend(values.iter().rev().map(|value| (value, is_own)))
                }
                Value::Object(object) if seen < MAX_OBJECTS => {
                    seen += 1;
                    if let Some(Value::String(id)) = object.get("@id")
                        && object.len() > 1
                    {
                        objects.by_id.entry(id.trim()).or_insert(object);
                    }
                    if is_own {
                        objects.own.push(object);
                    }
                    for (name, value) in object.iter().rev() {
                        let is_whole = is_own
                            && matches!(
                                name.as_str(),
                                "@graph" | "mainEntity" | "mainEntityOfPage"
                            );
                        next.push((value, is_whole));
                    }
                }
                _ => {}
            }
        }
        objects
    }

    /// The objects that can be an article, this page's or another's, most likely first.
    pub fn candidates(&self) -> Vec<(Rank, &'a Object)> {
        let ranked = self.own.iter().filter_map(|object| Some((rank(object)?, *object)));
        let mut ranked: Vec<_> = ranked.collect();
        ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        ranked
    }

    /// The object elsewhere that the `@id` of an object refers to, if the object itself has no more
    /// properties.
    pub fn by_id(&self, object: &Object) -> Option<&'a Object> {
        let id = object.get("@id").and_then(Value::as_str).filter(|_| !object.contains_key("name"));
        self.by_id.get(id?.trim()).copied()
    }

    /// Objects of a type, by the end of its name.
    pub fn of_type(&self, name: &'a str) -> impl Iterator<Item = &'a Object> {
        self.own.iter().copied().filter(move |object| types(object).any(|kind| kind == name))
    }
}

/// The types of an object, without the address of the vocabulary.
pub(super) fn types(object: &Object) -> impl Iterator<Item = &str> {
    let named = object.get("@type").into_iter().flat_map(|value| match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    });
    named.filter_map(Value::as_str).map(|name| name.rsplit(['/', '#', ':']).next().unwrap_or(name))
}

fn rank(object: &Object) -> Option<Rank> {
    const ARTICLES: [&str; 4] = ["Report", "Recipe", "Review", "HowTo"];
    let is_article = |kind: &str| {
        kind.ends_with("Article")
            || kind.ends_with("Posting") && kind != "JobPosting"
            || ARTICLES.contains(&kind)
    };
    if types(object).any(is_article) {
        return Some(Rank::Article);
    }
    if types(object).any(|kind| kind.ends_with("Page")) {
        return Some(Rank::Page);
    }
    let is_other = |kind: &str| {
        matches!(
            kind,
            "WebSite"
                | "Organization"
                | "Person"
                | "BreadcrumbList"
                | "ImageObject"
                | "Product"
                | "Event"
                | "ItemList"
                | "Comment"
                | "JobPosting"
                | "Offer"
                | "Rating"
        ) || kind.ends_with("Organization")
    };
    let is_named = object.contains_key("datePublished") || object.contains_key("headline");
    (is_named && !types(object).any(is_other)).then_some(Rank::Named)
}

/// The text of a property, or the first of several.
pub(super) fn text(object: &Object, name: &str) -> Option<String> {
    texts(object, name).into_iter().next()
}

/// The texts of a property.
pub(super) fn texts(object: &Object, name: &str) -> Vec<String> {
    let values = values(object, name);
    let texts = values.iter().filter_map(|value| match value {
        Value::String(text) => Some(plain(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(inner) => {
            let said =
                ["@value", "name", "url", "@id"].iter().find_map(|name| inner.get(*name)?.as_str());
            said.map(plain)
        }
        _ => None,
    });
    texts.filter(|text| !text.is_empty()).collect()
}

/// The values of a property, one or a list.
pub(super) fn values<'a>(object: &'a Object, name: &str) -> &'a [Value] {
    match object.get(name) {
        Some(Value::Array(values)) => values,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// A text without entities and tags. Tags that do not end are words of it: `How to center a <div>`.
pub(super) fn plain(text: &str) -> String {
    if !text.contains(['&', '<']) {
        return one_line(text);
    }
    let text = text.get(..text.floor_char_boundary(4_096)).unwrap_or_default();
    let escaped;
    let text = if has_tags_only_as_words(text) {
        escaped = text.replace('<', "&lt;");
        escaped.as_str()
    } else {
        text
    };
    let budget = super::super::budget::Budget::of(text.len());
    match super::super::dom::parse(text, &budget) {
        Ok(tree) => one_line(&tree.root().text(usize::MAX)),
        Err(_) => one_line(text),
    }
}

/// Whether a tag in a text has no end tag, as only markup has.
fn has_tags_only_as_words(text: &str) -> bool {
    const VOID: [&str; 6] = ["br", "wbr", "hr", "img", "input", "!--"];
    let lower = text.to_ascii_lowercase();
    let mut tags = lower.split('<').skip(1);
    tags.any(|tag| {
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = &tag[..end];
        let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic());
        is_tag && !VOID.contains(&name) && !lower.contains(&format!("</{name}"))
    })
}
