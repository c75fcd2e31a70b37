//! The fields of a front matter: names and lists of texts, from YAML or TOML.

use crate::format::json_article::{has_parts, texts};
use crate::format::text_kind;
use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::Value;

/// Fields in order: a name in lower case and its values. A scalar, or a mapping with a name, gives one; a
/// list any number.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    values: Vec<(String, Vec<String>)>,
    /// Fields with other values, as they are written.
    others: Vec<(String, String)>,
}

impl Fields {
    /// `None` if it is not a mapping. Scrapers write titles into YAML without escaping (`title: 新闻: 开门`): if
    /// YAML fails, each line is parsed separately.
    pub fn yaml(text: &str) -> Option<Self> {
        let fields =
            Self::strict_yaml(text).or_else(|| is_mapping(text).then(|| Self::by_line(text)))?;
        (!fields.values.is_empty()).then_some(fields)
    }

    /// `None` if it is not TOML. Fields in the tables that Zola uses count as top-level fields.
    pub fn toml(text: &str) -> Option<Self> {
        const TABLES: [&str; 3] = ["taxonomies", "extra", "params"];
        let table: toml::Table = text.parse().ok()?;
        let mut fields = Self::default();
        for (name, value) in table {
            match value {
                toml::Value::Table(inner) if TABLES.contains(&name.as_str()) => {
                    for (name, value) in inner {
                        fields.push(&name, texts(&from_toml(value)));
                    }
                }
                value => {
                    let value = from_toml(value);
                    fields.push_or_keep(&name, texts(&value), || value.to_string());
                }
            }
        }
        Some(fields)
    }

    /// The first value of a field that is not empty.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).iter().map(String::as_str).find(|value| !value.trim().is_empty())
    }

    /// All values of a field; of a repeated field, those of the first.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.iter().find(|(key, _)| key == name).map_or(&[], |(_, values)| values)
    }

    /// The value of a field that is neither a text nor named, as it is written.
    pub fn other(&self, name: &str) -> Option<&str> {
        self.others.iter().find(|(key, _)| key == name).map(|(_, written)| written.as_str())
    }

    /// Whether one of them has the text of an article.
    pub fn hold_text(&self) -> bool {
        let has_text = |values: &[String]| values.iter().any(|value| !value.trim().is_empty());
        self.values.iter().any(|(name, values)| text_kind::is_text_name(name) && has_text(values))
    }

    fn push(&mut self, name: &str, values: Vec<String>) {
        self.values.push((name.trim().to_lowercase(), values));
    }

    fn push_or_keep(&mut self, name: &str, values: Vec<String>, written: impl FnOnce() -> String) {
        if values.is_empty() {
            self.others.push((name.trim().to_lowercase(), written()));
        }
        self.push(name, values);
    }

    /// The texts under the keys of a single mapping. `None` if it is anything else, or not YAML. Scalars are
    /// kept as spelled: a title `007` or `1e5` is text, whatever YAML's types are.
    fn strict_yaml(yaml: &str) -> Option<Self> {
        let mut fields = Self::default();
        let mut open: Vec<Open> = Vec::new();
        // Where the value of a field begins, in characters.
        let mut start = 0;
        for event in Parser::new_from_str(yaml) {
            let (event, span) = event.ok()?;
            if open.len() == 1 {
                start = span.start.index();
            }
            let value = match event {
                Event::MappingStart(..) => {
                    open.push(Open::Mapping(serde_json::Map::new(), None));
                    continue;
                }
                Event::SequenceStart(..) => {
                    open.push(Open::List(Vec::new()));
                    continue;
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    let ended = open.pop()?.value();
                    match open.is_empty() {
                        true => return Some(fields).filter(|_| ended.is_object()),
                        // Deeper than any name is; and dropping a deeper value would recurse.
                        false if open.len() > DEEPEST => Value::Null,
                        false => ended,
                    }
                }
                Event::Scalar(text, style, ..) => {
                    let is_null =
                        style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                    if is_null { Value::Null } else { Value::String(text.into_owned()) }
                }
                Event::Alias(_) => Value::Null,
                _ => continue,
            };
            let is_top = open.len() == 1;
            match open.last_mut()? {
                Open::List(values) => values.push(value),
                Open::Mapping(inner, key) => match key.take() {
                    None => *key = Some(value.as_str()?.to_owned()),
                    Some(key) if is_top => {
                        let end = span.end.index();
                        let between = || yaml.chars().skip(start).take(end.saturating_sub(start));
                        let written = || between().collect::<String>().trim().to_owned();
                        if has_parts(&value) {
                            fields.push_or_keep(&key, texts(&value), written);
                        } else {
                            fields.push(&key, texts(&value));
                        }
                    }
                    Some(key) => drop(inner.insert(key, value)),
                },
            }
        }
        None
    }

    /// One field per line; lines that are indented, or start a list item, continue the field above.
    pub fn by_line(text: &str) -> Self {
        let mut fields = Self::default();
        let is_further = |line: &str| line.starts_with([' ', '\t', '-']);
        let lines: Vec<&str> =
            text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect();
        for lines in lines.chunk_by(|_, next| is_further(next)) {
            // An error in one field does not affect the others.
            if let Some(read) =
                (lines.len() > 1).then(|| Self::strict_yaml(&lines.join("\n"))).flatten()
            {
                fields.values.extend(read.values);
                fields.others.extend(read.others);
                continue;
            }
            for line in lines {
                if is_further(line) {
                    if let Some((_, values)) = fields.values.last_mut() {
                        go_on(values, line.trim());
                    }
                } else if let Some((name, value)) = line.split_once(':') {
                    fields.push(name, line_values(value.trim()));
                }
            }
        }
        fields
    }
}

/// An open YAML collection: a list, or a mapping with the key of its next value.
enum Open {
    List(Vec<Value>),
    Mapping(serde_json::Map<String, Value>, Option<String>),
}

/// More deeply nested collections are skipped.
const DEEPEST: usize = 8;

impl Open {
    fn value(self) -> Value {
        match self {
            Self::List(values) => Value::Array(values),
            Self::Mapping(inner, _) => Value::Object(inner),
        }
    }
}

/// Reads a further line of a field: an item of its list, or more of its text.
fn go_on(values: &mut Vec<String>, line: &str) {
    let item = line.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' '));
    match (item, values.last_mut()) {
        (Some(item), _) => values.push(unquote(item.trim()).to_owned()),
        (None, Some(last)) => {
            last.push(' ');
            last.push_str(line);
        }
        (None, None) => values.push(unquote(line).to_owned()),
    }
}

/// Whether all lines belong to a mapping: a name and a colon, or a continuation of the field above. The
/// script of a template, which uses the same fences, has other lines.
fn is_mapping(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.chars().count() <= 40
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '"'))
    };
    let mut lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with(['#', ' ', '\t', '-']));
    lines.all(|line| line.split_once(':').is_some_and(|(name, _)| is_name(name)))
}

fn line_values(value: &str) -> Vec<String> {
    // A list or a text over several lines follows.
    if matches!(value, "" | "|" | ">" | "|-" | ">-" | "~" | "null") {
        return Vec::new();
    }
    match value.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')) {
        Some(inside) if !inside.contains(['[', ']']) => {
            inside.split(',').map(|item| unquote(item.trim()).to_owned()).collect()
        }
        _ => vec![unquote(value).to_owned()],
    }
}

fn unquote(value: &str) -> &str {
    let inside = |mark: char| value.strip_prefix(mark).and_then(|v| v.strip_suffix(mark));
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::String(number.to_string()),
        toml::Value::Float(number) => Value::String(number.to_string()),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Boolean(_) => Value::Null,
        toml::Value::Array(values) => values.into_iter().map(from_toml).collect(),
        toml::Value::Table(inner) => {
            let inner = inner.into_iter().map(|(name, value)| (name, from_toml(value)));
            Value::Object(inner.collect())
        }
    }
}
