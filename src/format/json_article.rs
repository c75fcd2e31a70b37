//! Reads an article as JSON from any other program, as tolerantly as possible.

use crate::model::{Precision, Published, Timestamp, WrittenTime};
use memchr::memmem;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// One JSON object, alone in a file or among others, as described in `docs/jsonl.md`; other fields are
/// ignored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JsonArticle {
    /// Where it is from.
    pub url: Option<String>,
    /// What its site is called.
    pub site_name: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// Its text.
    pub html: String,
    /// When it was published.
    pub published_at: Option<JsonTime>,
    /// All names.
    pub author: Vec<String>,
    /// A BCP 47 tag, as written.
    pub language: Option<String>,
    /// All words of tags, sections and keywords.
    pub tags: Vec<String>,
    /// When the page was saved.
    pub observed_at: Option<JsonTime>,
}

/// A time as written: ISO 8601, or a number since 1970.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonTime {
    /// In any shape that times are written in.
    Text(String),
    /// Seconds or milliseconds since 1970.
    Number(f64),
}

impl JsonArticle {
    /// `None` for anything but such an object: it has `html`, and `url` or `title`. An error describes what
    /// is wrong in one.
    ///
    /// Other values of an unexpected type are ignored. If a name occurs twice, the last readable value
    /// counts.
    pub fn read(json: &[u8]) -> Option<Result<Self, String>> {
        let json = String::from_utf8_lossy(json);
        let json = json.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\0');
        if !json.starts_with('{') || !json.ends_with('}') {
            return None;
        }
        // Invalid JSON of other programs is rare, so it is repaired only where it occurs.
        let has_surrogates = [&b"\\ud"[..], b"\\uD"];
        let is_odd = has_surrogates.iter().any(|it| memmem::find(json.as_bytes(), it).is_some());
        let json = if is_odd { Cow::Owned(mended(json)) } else { Cow::Borrowed(json) };
        let fields = match serde_json::from_str::<Fields>(&json) {
            Ok(fields) => fields,
            Err(_) if is_odd => return None,
            Err(_) => serde_json::from_str(&mended(&json)).ok()?,
        };
        let is_article = fields.has_html && fields.has_name;
        is_article.then(|| match fields.html {
            Some(html) => Ok(Self { html, ..fields.article }),
            None => Err("its `html` is not a text".into()),
        })
    }
}

/// The fields of an object, as far as they were understood.
#[derive(Default)]
struct Fields {
    article: JsonArticle,
    html: Option<String>,
    has_html: bool,
    has_name: bool,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self::default())
    }
}

impl<'de> Visitor<'de> for Fields {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            // Raw, whatever it is, so that skipping does not recurse.
            let raw: &RawValue = map.next_value()?;
            self.set(&name, raw.get());
        }
        Ok(self)
    }
}

impl Fields {
    fn set(&mut self, name: &str, raw: &str) {
        let article = &mut self.article;
        // An excessively nested value counts as none.
        let value = || serde_json::from_str::<Value>(raw).unwrap_or_default();
        match name {
            "html" => {
                self.has_html = true;
                update(&mut self.html, serde_json::from_str(raw).ok());
            }
            "url" => {
                self.has_name = true;
                update(&mut article.url, serde_json::from_str(raw).ok());
            }
            "title" => {
                self.has_name = true;
                update(&mut article.title, words(&value(), MOST_WRAPPED).into_iter().next());
            }
            "site_name" => {
                update(&mut article.site_name, words(&value(), MOST_WRAPPED).into_iter().next());
            }
            "published_at" => {
                let value = value();
                let time = JsonTime::of(&value, MOST_WRAPPED);
                update(
                    &mut article.published_at,
                    time.or_else(|| JsonTime::as_written(&value, raw)),
                );
            }
            "observed_at" => update(&mut article.observed_at, JsonTime::of(&value(), MOST_WRAPPED)),
            "lang" | "language" => {
                update(&mut article.language, words(&value(), MOST_WRAPPED).into_iter().next());
            }
            "author" => update_names(&mut article.author, &value()),
            "tags" => update_names(&mut article.tags, &value()),
            _ => {}
        }
    }
}

fn update<T>(field: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *field = value;
    }
}

fn update_names(field: &mut Vec<String>, value: &Value) {
    let names = words(value, MOST_WRAPPED);
    if !names.is_empty() {
        *field = names;
    }
}

/// Names and times are wrapped once or twice: `[{"name":"…"}]`, `{"$date":{"$numberLong":"…"}}`.
const MOST_WRAPPED: u8 = 4;

/// The texts in a field; an object stands for its name.
pub(super) fn texts(value: &Value) -> Vec<String> {
    words(value, MOST_WRAPPED)
}

/// Whether a value is a non-empty object or list.
pub(super) fn has_parts(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(values) => !values.is_empty(),
        _ => false,
    }
}

/// The texts in a value; an object stands for its name.
fn words(value: &Value, depth: u8) -> Vec<String> {
    const NAMES: [&str; 11] = [
        "name",
        "literal",
        "title",
        "label",
        "term",
        "rendered",
        "value",
        "text",
        "#text",
        "published",
        "date",
    ];
    let inner = |value| words(value, depth.saturating_sub(1));
    match value {
        _ if depth == 0 => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(values) => values.iter().flat_map(inner).collect(),
        Value::Object(fields) => {
            // As Quarto and CSL write the names of persons.
            if let (Some(Value::String(given)), Some(Value::String(family))) =
                (fields.get("given"), fields.get("family"))
            {
                return vec![format!("{given} {family}")];
            }
            let mut named = NAMES.iter().filter_map(|name| fields.get(*name)).map(inner);
            named.find(|words| !words.is_empty()).unwrap_or_default()
        }
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

impl JsonTime {
    fn of(value: &Value, depth: u8) -> Option<Self> {
        const NAMES: [&str; 6] =
            ["$date", "$numberLong", "$numberInt", "$numberDouble", "value", "date"];
        let inner = |value| Self::of(value, depth.saturating_sub(1));
        match value {
            _ if depth == 0 => None,
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Number(number) => number.as_f64().map(Self::Number),
            Value::Array(values) => values.iter().find_map(inner),
            Value::Object(fields) => {
                NAMES.iter().filter_map(|name| fields.get(*name)).find_map(inner)
            }
            Value::Null | Value::Bool(_) => None,
        }
    }

    /// An object or a list without a recognisable time, as it is written.
    fn as_written(value: &Value, raw: &str) -> Option<Self> {
        has_parts(value).then(|| Self::Text(raw.to_owned()))
    }

    /// The value as a publication time.
    pub fn published(&self) -> Published {
        let (number, written) = match self {
            Self::Number(number) => (*number, number.to_string()),
            Self::Text(text) => match text.trim().parse() {
                Ok(number) => (number, text.clone()),
                Err(_) => return Published::read(text),
            },
        };
        match Timestamp::from_epoch(number as i64) {
            Some(at) => Published::Known(WrittenTime { at, precision: Precision::Second }),
            None => Published::read(&written),
        }
    }

    /// The moment, if it is one: a time without a zone is not.
    pub fn moment(&self) -> Option<Timestamp> {
        let published = self.published();
        published.at().filter(|_| published.precision() != Some(Precision::Day))
    }
}

/// Repairs what other programs write and JSON does not allow: halves of surrogate pairs become U+FFFD, and
/// invalid numbers become `null`.
fn mended(json: &str) -> String {
    const NO_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];
    let mut mended = String::with_capacity(json.len());
    let (mut rest, mut in_string) = (json, false);
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        let mut instead = None;
        match first {
            '"' => in_string = !in_string,
            '\\' => match escaped_unit(rest) {
                Some(0xd800..=0xdbff) if is_low(rest.get(6..)) => taken = 12,
                Some(0xd800..=0xdfff) => (taken, instead) = (6, Some("\\ufffd")),
                _ => taken = 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            },
            'N' | 'I' | '-' if !in_string => {
                if let Some(word) = NO_NUMBERS.iter().find(|word| rest.starts_with(**word)) {
                    (taken, instead) = (word.len(), Some("null"));
                }
            }
            _ => {}
        }
        mended.push_str(instead.unwrap_or(&rest[..taken]));
        rest = &rest[taken..];
    }
    mended
}

/// The value of a `\uNNNN` at the start of a text.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

fn is_low(text: Option<&str>) -> bool {
    matches!(text.and_then(escaped_unit), Some(0xdc00..=0xdfff))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> JsonArticle {
        JsonArticle::read(json.as_bytes()).expect(json).expect(json)
    }

    #[test]
    fn an_unreadable_time_is_kept_as_written() {
        let unread = |json: &str| {
            let time =
                read(&format!(r#"{{"html":"","url":"u","published_at":{json}}}"#)).published_at;
            time.and_then(|time| time.published().unread().map(str::to_owned))
        };
        assert_eq!(unread(r#"{"unknown": "2024?"}"#).as_deref(), Some(r#"{"unknown": "2024?"}"#));
        assert_eq!(unread("[true]").as_deref(), Some("[true]"));
        assert_eq!([unread("{}"), unread("[]"), unread("null")], [None, None, None]);
    }

    #[test]
    fn a_value_of_another_type_costs_itself() {
        for (field, title, author, tags, time) in [
            (r#""x":1"#, None, "", "", None),
            (r#""title":1984"#, Some("1984"), "", "", None),
            (r#""title":{"rendered":"题"}"#, Some("题"), "", "", None),
            (r#""title":["题","二"]"#, Some("题"), "", "", None),
            (r#""title":true,"tags":null"#, None, "", "", None),
            (r#""title":"甲","title":null"#, Some("甲"), "", "", None),
            (r#""title":"甲","title":"乙""#, Some("乙"), "", "", None),
            (r#""title":"甲\ud83d""#, Some("甲\u{fffd}"), "", "", None),
            (r#""title":"\udca9甲\ud83d\ude00\\ud83d""#, Some("\u{fffd}甲😀\\ud83d"), "", "", None),
            (r#""x":"\ud83d","y\ud83d":1"#, None, "", "", None),
            (r#""x":NaN,"y":[-Infinity],"title":"NaN""#, Some("NaN"), "", "", None),
            (r#""author":{"name":"某甲"}"#, None, "某甲", "", None),
            (r#""author":[{"name":"某甲"},null,"乙",{"id":1}]"#, None, "某甲 乙", "", None),
            (r#""author":7,"tags":[1,["雨"],{"term":"门"}]"#, None, "7", "1 雨 门", None),
            (r#""published_at":{"$date":"2024-02-29T00:00:00Z"}"#, None, "", "", Some(1709164800)),
            (r#""published_at":{"$date":1709164800123}"#, None, "", "", Some(1709164800)),
            (
                r#""published_at":{"$date":{"$numberLong":"1709164800123"}}"#,
                None,
                "",
                "",
                Some(1709164800),
            ),
            (r#""published_at":"1709164800.5""#, None, "", "", Some(1709164800)),
            (r#""published_at":[false],"observed_at":{}"#, None, "", "", None),
        ] {
            let article = read(&format!(r#"{{"url":"u",{field},"html":"<p>"}}"#));
            assert_eq!(
                (article.title.as_deref(), article.html.as_str()),
                (title, "<p>"),
                "{field}"
            );
            assert_eq!(
                (article.author.join(" "), article.tags.join(" ")),
                (author.into(), tags.into()),
                "{field}"
            );
            let moment = article.published_at.and_then(|time| time.moment());
            assert_eq!(moment.map(Timestamp::seconds), time, "{field}");
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let article = read(&format!(r#"{{"url":{deep},"tags":{deep},"x":{deep},"html":""}}"#));
        assert_eq!(article, JsonArticle::default());
        assert_eq!(read("{\"url\":5,\"html\":\"a\\ud800\"}\0\0\n").html, "a\u{fffd}");
    }

    #[test]
    fn the_text_must_be_there() {
        assert_eq!(JsonArticle::read(br#"{"url":"u"}"#), None);
        assert_eq!(JsonArticle::read(br#"{"html":"u"}"#), None);
        assert_eq!(JsonArticle::read(br#"[{"url":"u","html":""}]"#), None);
        assert_eq!(JsonArticle::read(br#"{"url":"u","html":""} {}"#), None);
        assert_eq!(JsonArticle::read(br#"{"url":"u","html":"",}"#), None);
        let null = JsonArticle::read(br#"{"url":"u","html":null}"#).unwrap();
        assert_eq!(null.unwrap_err(), "its `html` is not a text");
    }
}
