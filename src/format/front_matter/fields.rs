//! The fields of a front matter: names and lists of texts, whatever it is written in.

use saphyr_parser::{Event, Parser, ScalarStyle};
use toml::Value;

/// Fields in their order: a name in lower case and its values, one for a scalar, any number for a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, Vec<String>)>);

impl Fields {
    /// `None` if it is no mapping. Scrapers write titles into the YAML unescaped (`title: 新闻: 开门`):
    /// where YAML fails, each line is read by itself.
    pub fn yaml(text: &str) -> Option<Self> {
        let fields =
            Self::strict_yaml(text).or_else(|| is_mapping(text).then(|| Self::by_line(text)))?;
        (!fields.0.is_empty()).then_some(fields)
    }

    /// `None` if it is no TOML. The tables that Zola has its fields in count as the top.
    pub fn toml(text: &str) -> Option<Self> {
        const TABLES: [&str; 3] = ["taxonomies", "extra", "params"];
        let table: toml::Table = text.parse().ok()?;
        let mut fields = Self::default();
        for (name, value) in table {
            match value {
                Value::Table(inner) if TABLES.contains(&name.as_str()) => {
                    for (name, value) in inner {
                        fields.push(&name, toml_texts(value));
                    }
                }
                value => fields.push(&name, toml_texts(value)),
            }
        }
        Some(fields)
    }

    /// The first value of a field that is not empty.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).iter().map(String::as_str).find(|value| !value.trim().is_empty())
    }

    /// All values of a field; of one that is there twice, of the first.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.iter().find(|(key, _)| key == name).map_or(&[], |(_, values)| values)
    }

    fn push(&mut self, name: &str, values: Vec<String>) {
        self.0.push((name.trim().to_lowercase(), values));
    }

    /// Scalars and flat lists under the keys of one mapping; what is nested deeper is passed over. `None`
    /// where it is not that, or not YAML. Scalars stay as spelled: a title `007` or `1e5` is text,
    /// whatever YAML makes of it.
    fn strict_yaml(yaml: &str) -> Option<Self> {
        let mut fields = Self::default();
        // How many collections are open, the mapping of the fields included.
        let mut depth = 0;
        let mut awaits_key = true;
        for event in Parser::new_from_str(yaml) {
            match event.ok()?.0 {
                Event::MappingStart(..) if depth == 0 => depth = 1,
                Event::Scalar(..) | Event::SequenceStart(..) | Event::Alias(_) if depth == 0 => {
                    return None;
                }
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    if depth == 1 && awaits_key {
                        return None;
                    }
                    depth += 1;
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    depth -= 1;
                    match depth {
                        0 => return Some(fields),
                        1 => awaits_key = true,
                        _ => {}
                    }
                }
                Event::Scalar(text, ..) if depth == 1 && awaits_key => {
                    fields.push(&text, Vec::new());
                    awaits_key = false;
                }
                Event::Scalar(text, style, ..) if depth <= 2 => {
                    let is_null =
                        style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                    if !is_null {
                        fields.0.last_mut()?.1.push(text.into_owned());
                    }
                    awaits_key = depth == 1;
                }
                Event::Alias(_) if depth == 1 => awaits_key = true,
                _ => {}
            }
        }
        None
    }

    /// A field a line; lines that are indented, or start a list's item, go on with the field above.
    pub fn by_line(text: &str) -> Self {
        let mut fields = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let is_item = line.starts_with('-');
            if line.starts_with([' ', '\t']) || is_item {
                if let Some((_, values)) = fields.0.last_mut() {
                    go_on(values, line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push(name, line_values(value.trim()));
            }
        }
        fields
    }
}

/// Takes a further line of a field: an item of its list, or more of its text.
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

/// Whether all lines are those of a mapping: a name and a colon, or part of the field above. The script
/// of a template, which stands between the same fences, has others.
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
    // A list over several lines, or a text over several lines, follows.
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

fn toml_texts(value: Value) -> Vec<String> {
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Datetime(time) => Some(time.to_string()),
        Value::Boolean(_) | Value::Array(_) | Value::Table(_) => None,
    };
    match value {
        Value::Array(values) => values.into_iter().filter_map(text).collect(),
        value => text(value).into_iter().collect(),
    }
}
