//! Collects everything that describes a page as a whole, in one pass over its tree.

use super::super::budget::Budget;
use super::super::dom::elements::{is_block, is_skipped};
use super::super::dom::{Element, Node, NodeId, NodeRef, Visitor};
use super::super::text::{letters, one_line};
use super::json;
use super::labels;
use super::marked::{Marked, Part, Sign};
use super::microdata::Microdata;
use serde_json::Value;

/// Further `meta` elements are not informative: pages have some fifty.
pub(super) const MAX_METAS: usize = 1_000;
/// Bytes of JSON-LD that are read; pages have some ten thousand.
pub(super) const MAX_JSON: usize = 1 << 20;
/// Maximum number of elements marked as an author's or a date's.
pub(super) const MAX_MARKED: usize = 500;

/// The metadata of a page, as written.
#[derive(Default)]
pub(super) struct Signals<'a> {
    /// Lower-case names and their contents, in the order of the page.
    pub metas: Vec<(String, &'a str)>,
    /// The text of the first `title`.
    pub title: String,
    pub language: Option<&'a str>,
    pub canonical: Option<&'a str>,
    /// JSON-LD, and microdata in the same form.
    pub json: Vec<Value>,
    pub microdata: Vec<Value>,
    pub lines: Vec<Line>,
    pub marked: Vec<Marked>,
}

/// A line of text between block boundaries.
pub(super) struct Line {
    pub text: String,
    pub letters: usize,
    /// Of these, the letters in links.
    pub linked: usize,
    /// The level of the heading that it is in; 0 for other lines.
    pub heading: u8,
    /// The innermost block element around its first letter.
    pub node: NodeId,
    /// Whether it is in a part that is not about the page's own article.
    pub is_aside: bool,
    /// Whether it is in a part by readers, or about other articles.
    pub is_of_others: bool,
    /// Whether the line before it is only a word for a change.
    pub is_change: bool,
}

impl<'a> Signals<'a> {
    /// The content of a `meta` element: of the first of these names that has one.
    pub fn meta(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.metas_of(name).next())
    }

    pub fn metas_of(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.metas.iter().filter(move |(known, _)| known == name).map(|(_, said)| *said)
    }

    /// Collects the signals of all nodes below a root.
    pub fn of(root: NodeRef<'a>, budget: &'a Budget) -> Self {
        let mut collector = Collector::new(root, budget);
        root.visit(&mut collector);
        collector.end_line();
        collector.signals.microdata = collector.microdata.finish();
        collector.signals
    }
}

struct Collector<'a> {
    budget: &'a Budget,
    signals: Signals<'a>,
    microdata: Microdata,
    json_bytes: usize,
    line: String,
    line_node: NodeId,
    /// The innermost open block.
    block: NodeId,
    linked: usize,
    /// Open links, headings and asides.
    links: usize,
    heading: u8,
    asides: Vec<NodeId>,
    /// The outermost of them that is by readers, or about other articles.
    others: Option<NodeId>,
}

impl<'a> Visitor<'a> for Collector<'a> {
    /// Reads a node; returns whether its children should be read.
    fn enter(&mut self, node: NodeRef<'a>) -> bool {
        self.budget.work(1);
        match node.node() {
            Node::Text(text) => {
                if self.line.is_empty() {
                    self.line_node = self.block;
                }
                self.line.push_str(text);
                if self.links > 0 {
                    self.linked += letters(text);
                }
                false
            }
            Node::Element(element) => self.open_element(node, element),
            Node::Other => true,
        }
    }

    fn leave(&mut self, node: NodeRef<'a>) {
        let Some(element) = node.element() else { return };
        let name = element.name();
        self.microdata.close(node);
        if is_block(name) {
            self.end_line();
            self.block = node.parent().map_or(node.id(), |parent| parent.id());
        }
        match name {
            "a" => self.links -= 1,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = 0,
            _ => {}
        }
        self.asides.pop_if(|aside| *aside == node.id());
        self.others = self.others.filter(|others| *others != node.id());
    }
}

impl<'a> Collector<'a> {
    fn new(root: NodeRef<'a>, budget: &'a Budget) -> Self {
        Self {
            budget,
            signals: Signals::default(),
            microdata: Microdata::default(),
            json_bytes: 0,
            line: String::new(),
            line_node: root.id(),
            block: root.id(),
            linked: 0,
            links: 0,
            heading: 0,
            asides: Vec::new(),
            others: None,
        }
    }

    fn open_element(&mut self, node: NodeRef<'a>, element: &'a Element) -> bool {
        let name = element.name();
        match name {
            "meta" => self.take_meta(element),
            "link" => self.take_link(element),
            "html" => self.signals.language = element.attr("lang").or(element.attr("xml:lang")),
            "script" => self.take_script(node, element),
            "title" => {
                if self.signals.title.is_empty() {
                    self.signals.title = one_line(&node.text(usize::MAX));
                }
                return false;
            }
            "br" | "hr" => self.end_line(),
            _ => {}
        }
        self.microdata.open(node, element);
        if is_skipped(name, |name| element.attr(name)) {
            return false;
        }
        if is_block(name) {
            self.end_line();
            self.block = node.id();
        }
        let (sign, part) = Sign::of(element);
        if let Some(sign) = sign
            && self.signals.marked.len() < MAX_MARKED
        {
            let is_aside = !self.asides.is_empty();
            let line = self.signals.lines.len();
            let is_of_others = self.others.is_some();
            let is_change = self.is_after_change();
            let node = node.id();
            self.signals.marked.push(Marked {
                sign,
                node,
                line,
                is_aside,
                is_of_others,
                is_change,
            });
        }
        if part != Part::Own || is_aside(element) {
            self.asides.push(node.id());
        }
        if part == Part::Others {
            self.others = self.others.or(Some(node.id()));
        }
        match name {
            "a" => self.links += 1,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = name.as_bytes()[1] - b'0',
            _ => {}
        }
        true
    }

    /// Whether the text before an element says that a time in it is of a change.
    fn is_after_change(&self) -> bool {
        match self.line.trim() {
            "" => self.is_below_change(),
            line => labels::is_of_change(
                &line[line.ceil_char_boundary(line.len().saturating_sub(120))..],
            ),
        }
    }

    fn is_below_change(&self) -> bool {
        let above = self.signals.lines.last();
        above.is_some_and(|above| labels::is_label_of_change(&above.text, above.letters))
    }

    fn end_line(&mut self) {
        let letters = letters(&self.line);
        if letters > 0 {
            let is_change = self.is_below_change();
            self.signals.lines.push(Line {
                text: one_line(&self.line),
                letters,
                linked: self.linked,
                heading: self.heading,
                node: self.line_node,
                is_aside: !self.asides.is_empty(),
                is_of_others: self.others.is_some(),
                is_change,
            });
        }
        self.line.clear();
        self.linked = 0;
    }

    fn take_meta(&mut self, element: &'a Element) {
        let Some(said) = element.attr("content").map(str::trim).filter(|said| !said.is_empty())
        else {
            return;
        };
        for key in ["property", "name", "itemprop", "http-equiv"] {
            if let Some(name) = element.attr(key)
                && self.signals.metas.len() < MAX_METAS
            {
                let name = name.trim().to_ascii_lowercase();
                // Some programs write their scripts in this way.
                if name.ends_with("ld+json") {
                    self.take_json(said);
                    continue;
                }
                if !self.signals.metas.iter().any(|(known, old)| *known == name && *old == said) {
                    self.signals.metas.push((name, said));
                }
            }
        }
    }

    fn take_link(&mut self, element: &'a Element) {
        let is = |rel: &str| {
            let rels = element.attr("rel").unwrap_or_default();
            rels.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(rel))
        };
        if is("canonical") && self.signals.canonical.is_none() {
            self.signals.canonical = element.attr("href").map(str::trim);
        }
    }

    fn take_script(&mut self, node: NodeRef<'a>, element: &Element) {
        let kind = element.attr("type").unwrap_or_default().trim().to_ascii_lowercase();
        if kind.starts_with("application/ld+json") {
            self.take_json(&node.text(MAX_JSON));
        }
    }

    fn take_json(&mut self, text: &str) {
        let most = MAX_JSON.saturating_sub(self.json_bytes);
        let text = &text[..text.floor_char_boundary(most)];
        self.json_bytes += text.len();
        self.signals.json.extend(json::values(text));
    }
}

/// Whether the content of an element is not about the page's own article.
fn is_aside(element: &Element) -> bool {
    matches!(element.name(), "nav" | "footer" | "aside" | "dialog")
        || element.attr("hidden").is_some()
}
