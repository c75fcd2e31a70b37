//! The YAML front matter of variants C and C'.

use super::header::{is_rule, take_line};
use crate::model::{Tag, Timestamp};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::HashSet;

/// Longer front matter is none: the longest seen has under 1 KiB.
const MAX_LENGTH: usize = 64 * 1024;

/// What the start of a text came to.
pub(super) enum Read<'a> {
    Absent,
    Bad(&'static str),
    /// The fields, and the body behind the closing line.
    Found(FrontMatter, &'a str),
}

/// The fields that seeds have.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    pub title: String,
    pub from: String,
    pub date: Option<Timestamp>,
    pub author: Option<String>,
    pub tags: Vec<Tag>,
}

/// A key and its values: one for a scalar, any number for a list.
type Field = (String, Vec<String>);

/// Reads the front matter that `text` starts with.
pub(super) fn read(text: &str) -> Read<'_> {
    let (opening, rest) = take_line(text);
    if opening.trim_end() != "---" {
        return Read::Absent;
    }
    let Some((yaml, body)) = split(rest) else {
        return Read::Bad("front matter without an end");
    };
    let fields = fields_by_yaml(yaml).unwrap_or_else(|| fields_by_line(yaml));
    match understand(fields) {
        Some(found) => Read::Found(found, body),
        None => Read::Bad("front matter without `title` or `from`"),
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    while !rest.is_empty() && text.len() - rest.len() <= MAX_LENGTH {
        let (line, after) = take_line(rest);
        if line.starts_with('-') && is_rule(line) {
            return Some((&text[..text.len() - rest.len()], after));
        }
        rest = after;
    }
    None
}

fn understand(fields: Vec<Field>) -> Option<FrontMatter> {
    let mut found = FrontMatter::default();
    let (mut has_title, mut has_from) = (false, false);
    let mut names: Vec<(&'static str, String)> = Vec::new();
    for (key, values) in fields {
        let first = values.first().cloned().unwrap_or_default();
        match key.as_str() {
            "title" => (found.title, has_title) = (first, true),
            "from" => (found.from, has_from) = (first, true),
            "date" => found.date = Timestamp::from_written(&first),
            "author" => found.author = author(&values),
            "tags" => names.extend(values.into_iter().map(|name| ("tag", name))),
            "categories" => names.extend(values.into_iter().map(|name| ("category", name))),
            _ => {}
        }
    }
    found.tags = tags(names);
    (has_title && has_from).then_some(found)
}

pub(super) fn author(values: &[String]) -> Option<String> {
    let names: Vec<&str> = values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
    (!names.is_empty()).then(|| names.join("、"))
}

/// Each name of a kind once, in their order.
pub(super) fn tags(names: impl IntoIterator<Item = (&'static str, String)>) -> Vec<Tag> {
    let mut seen = HashSet::new();
    let tags = names.into_iter().map(|(kind, name)| Tag { name: name.trim().to_owned(), kind });
    tags.filter(|tag| !tag.name.is_empty() && seen.insert(tag.clone())).collect()
}

/// Scalars and flat lists under the keys of one mapping; `None` where it is not that, or not YAML.
/// Scalars stay as spelled: a title `007` or `1e5` is text, whatever YAML makes of it.
fn fields_by_yaml(yaml: &str) -> Option<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    let mut is_in_list = false;
    let mut awaits_key = true;
    for event in Parser::new_from_str(yaml) {
        match event.ok()?.0 {
            Event::StreamStart | Event::DocumentStart(_) | Event::MappingStart(..)
                if fields.is_empty() && awaits_key => {}
            Event::Scalar(text, ..) if awaits_key => {
                fields.push((text.into_owned(), Vec::new()));
                awaits_key = false;
            }
            Event::Scalar(text, style, ..) => {
                let is_null = style == ScalarStyle::Plain && matches!(&*text, "" | "~");
                if !is_null {
                    fields.last_mut()?.1.push(text.into_owned());
                }
                awaits_key = !is_in_list;
            }
            Event::SequenceStart(..) if !awaits_key && !is_in_list => is_in_list = true,
            Event::SequenceEnd if is_in_list => (is_in_list, awaits_key) = (false, true),
            Event::MappingEnd if awaits_key => return Some(fields),
            _ => return None,
        }
    }
    None
}

/// Scrapers write titles into the YAML unescaped (`title: "他说"好""`): where YAML fails, each line
/// is read by itself.
fn fields_by_line(yaml: &str) -> Vec<Field> {
    yaml.lines()
        .filter(|line| !line.starts_with([' ', '\t', '-', '#']))
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim().to_owned(), line_values(value.trim())))
        .collect()
}

fn line_values(value: &str) -> Vec<String> {
    match value.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')) {
        Some(inside) => inside.split(',').map(|item| unquote(item.trim())).collect(),
        None => vec![unquote(value)],
    }
}

fn unquote(value: &str) -> String {
    let inside = |mark: char| value.strip_prefix(mark).and_then(|v| v.strip_suffix(mark));
    inside('"').or_else(|| inside('\'')).unwrap_or(value).to_owned()
}
