//! Microdata, converted to the form of JSON-LD.

use super::super::dom::{Element, NodeId, NodeRef};
use super::super::text::one_line;
use serde_json::{Map, Value};

/// Maximum number of items; a page with more is a list.
pub(super) const MAX_ITEMS: usize = 500;
/// Maximum number of properties of all items.
const MAX_PROPERTIES: usize = 5_000;
/// Maximum length of a property in bytes; a longer text is not a fact about the page.
const MAX_TEXT: usize = 500;

/// The open items, and the complete ones.
#[derive(Default)]
pub(super) struct Microdata {
    open: Vec<Item>,
    whole: Vec<Value>,
    items: usize,
    properties: usize,
}

struct Item {
    node: NodeId,
    /// Its property of the item around it; empty if it has none.
    property: String,
    said: Map<String, Value>,
}

impl Microdata {
    pub fn open(&mut self, node: NodeRef<'_>, element: &Element) {
        let property = element.attr("itemprop").unwrap_or_default().trim();
        if element.attr("itemscope").is_some() && self.items < MAX_ITEMS {
            self.items += 1;
            let kind = element.attr("itemtype").unwrap_or_default().trim();
            let kind = kind.rsplit(['/', '#']).next().unwrap_or_default();
            let said = Map::from_iter([("@type".to_owned(), Value::from(kind))]);
            self.open.push(Item { node: node.id(), property: property.to_owned(), said });
        } else if !property.is_empty() && self.properties < MAX_PROPERTIES {
            self.properties += 1;
            let Some(item) = self.open.last_mut() else { return };
            let value = value(node, element);
            if !value.is_empty() {
                for name in property.split_ascii_whitespace() {
                    add(&mut item.said, name, Value::from(value.as_str()));
                }
            }
        }
    }

    pub fn close(&mut self, node: NodeRef<'_>) {
        let Some(item) = self.open.pop_if(|item| item.node == node.id()) else { return };
        let Item { property, mut said, .. } = item;
        // An item without named properties is its text.
        if said.len() == 1 && !property.is_empty() {
            let text = one_line(&node.text(MAX_TEXT));
            said.insert("name".to_owned(), Value::from(text));
        }
        match self.open.last_mut() {
            // Under only one of its names: copies that contain copies would double with each item.
            Some(around) if !property.is_empty() => {
                let name = property.split_ascii_whitespace().next().unwrap_or_default();
                add(&mut around.said, name, Value::Object(said));
            }
            _ => self.whole.push(Value::Object(said)),
        }
    }

    pub fn finish(mut self) -> Vec<Value> {
        while let Some(item) = self.open.pop() {
            self.whole.push(Value::Object(item.said));
        }
        self.whole
    }
}

/// Adds a value to a property.
fn add(said: &mut Map<String, Value>, name: &str, value: Value) {
    match said.get_mut(name) {
        None => {
            said.insert(name.to_owned(), value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}

/// The value of an element: its attribute for that, or its text.
fn value(node: NodeRef<'_>, element: &Element) -> String {
    let attribute = match element.name() {
        "a" | "link" | "area" => element.attr("content"),
        "img" | "audio" | "video" | "source" | "iframe" | "embed" => element.attr("src"),
        "time" => element.attr("datetime").or(element.attr("content")),
        "data" | "meter" => element.attr("value"),
        _ => element.attr("content"),
    };
    let is_address = matches!(element.attr("itemprop"), Some("url" | "image" | "mainEntityOfPage"));
    let attribute = attribute.or(element.attr("href").filter(|_| is_address));
    let attribute = attribute.map(str::trim).filter(|value| !value.is_empty());
    attribute.map_or_else(|| one_line(&node.text(MAX_TEXT)), str::to_owned)
}
