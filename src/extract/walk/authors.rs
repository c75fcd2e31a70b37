//! Finds the author in the markup of a page.

use super::Walker;
use crate::extract::dom::elements::is_skipped;
use crate::extract::dom::{Element, Node, NodeRef};
use crate::extract::marks::Marks;
use crate::extract::marks::names;
use crate::extract::rules::author;

/// How many nodes are searched for the name of an author.
const NAME_NODES: usize = 256;
/// How many elements marked as the author's are tried.
const MAX_BYLINES: usize = 64;

impl Walker<'_> {
    /// Takes the author's name from an element marked as theirs, if it is a name and the first.
    pub(super) fn find_author(&mut self, node: NodeRef<'_>, element: &Element) {
        // An `address` without such a name is not the author's.
        let is_named = || element.classes().any(|class| names::marks_of(class).has(Marks::BYLINE));
        if self.walked.author.is_some()
            || self.bylines == MAX_BYLINES
            || (element.name() == "address" && !is_named())
        {
            return;
        }
        self.bylines += 1;
        match text_of(node).and_then(|text| author::named(&text)) {
            Some(named) if !named.has_written() => {
                self.walked.other.get_or_insert(named);
            }
            named => self.walked.author = named,
        }
    }
}

/// The text inside an element, if it is short enough for a name.
fn text_of(node: NodeRef<'_>) -> Option<String> {
    let mut text = String::new();
    for (count, inner) in node.descendants().enumerate() {
        match inner.node() {
            Node::Text(piece) => text.push_str(piece),
            Node::Element(element) if is_skipped(element.name(), |name| element.attr(name)) => {
                return None;
            }
            _ => {}
        }
        if text.len() > 200 || count > NAME_NODES {
            return None;
        }
    }
    Some(text)
}
