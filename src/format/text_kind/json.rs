//! Recognises JSON that contains articles in an unsupported form.

use super::names::{Names, is_place, is_text, plain};
use crate::format::json_article::JsonArticle;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

pub(super) const FEED: &str = "a JSON feed";
pub(super) const HAR: &str = "an HTTP archive (HAR)";
pub(super) const NESTED: &str = "JSON with articles deeper in it";
pub(super) const OTHER_NAMES: &str =
    "JSON whose articles have other fields than html with url or title";
pub(super) const FRONT_MATTER: &str = "a text with front matter in JSON";

/// Members that wrap a text: `{"rendered": "…"}`.
const WRAPPERS: [&str; 7] = ["rendered", "value", "text", "html", "$t", "#text", "cdata"];
/// Whether a text is one JSON value.
pub(in crate::format) fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The kind of a text that begins with a JSON value.
pub(super) fn kind(text: &str) -> Option<&'static str> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = Within(0).deserialize(&mut deserializer).ok()?;
    // Hugo allows front matter in JSON.
    let is_front_matter = found.is_named && deserializer.end().is_err();
    match found {
        Found { is_feed: true, .. } => Some(FEED),
        Found { is_har: true, .. } => Some(HAR),
        Found { has_article: true, .. } => Some(NESTED),
        Found { has_other: true, .. } => Some(OTHER_NAMES),
        _ if is_front_matter => Some(FRONT_MATTER),
        _ => None,
    }
}

/// Whether there is an article among JSON objects with fences between them.
pub(in crate::format) fn holds_articles(mut text: &str) -> bool {
    while text.starts_with('{') {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let Some(Ok(value)) = values.next() else { return false };
        if JsonArticle::read(value.get().as_bytes()).is_some() {
            return true;
        }
        let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '.');
        text = text[values.byte_offset()..].trim_start_matches(is_between);
    }
    false
}

/// Whether an object that cannot be parsed has names for the text of an article and for its title or address.
pub(in crate::format) fn names_article(text: &str) -> bool {
    Names::of(text.split('"').skip(1).step_by(2)).are_of_article()
}

/// The parts of an article in a JSON value.
#[derive(Default)]
struct Found {
    is_feed: bool,
    is_har: bool,
    has_article: bool,
    /// The same by other names, or `html` alone.
    has_other: bool,
    /// It is a text, or wraps one.
    has_text: bool,
    has_entries: bool,
    /// The value itself has a title or an address.
    is_named: bool,
    /// The value itself is the version of a JSON feed.
    is_feed_version: bool,
}

/// Searches a value, at this depth: server responses wrap their content once or twice.
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
            has_text |= inner.has_text && is_text(&name);
            has_place |= is_place(&name);
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
        found.is_named = has_place;
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
