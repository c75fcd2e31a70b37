//! Texts that a page has twice in the same place: once to be seen, and once to be read aloud.

use super::names;
use super::{Attributes, Marks};
use crate::extract::dom::{Element, Node, NodeRef};
use crate::extract::text::letters;

/// Maximum length of such a text in bytes, and number of its nodes.
const MOST_BYTES: usize = 200;
const MOST_NODES: usize = 32;
/// How many siblings are searched for the other copy: blanks and comments may be between.
const SIBLINGS: usize = 4;

/// The role of an element in a duplicated text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Copy {
    /// Only read aloud.
    Spoken,
    /// Visible, and hidden from screen readers, which read the other one.
    Seen,
}

/// Which copy an element with these marks is; `None` without another one beside it. A symbol (`★`, `→`) that
/// is explained by words is not a copy: both are information.
pub(in crate::extract) fn of(
    node: NodeRef<'_>,
    attributes: &Attributes<'_>,
    marks: Marks,
) -> Option<Copy> {
    let is_spoken = marks.has(Marks::SPOKEN);
    if !is_spoken && !attributes.is_aria_hidden {
        return None;
    }
    let is_other = |other: NodeRef<'_>, element: &Element| {
        if is_spoken {
            element.attr("aria-hidden") == Some("true") && is_short(other)
        } else {
            element.classes().any(|class| names::marks_of(class).has(Marks::SPOKEN))
        }
    };
    let has_other = [NodeRef::next_sibling, NodeRef::previous_sibling].into_iter().any(|step| {
        let beside = std::iter::successors(step(&node), step).take(SIBLINGS);
        let mut beside = beside.filter(|other| !is_blank(*other));
        beside.next().is_some_and(|other| other.element().is_some_and(|e| is_other(other, e)))
    });
    (has_other && is_short(node)).then_some(if is_spoken { Copy::Spoken } else { Copy::Seen })
}

fn is_blank(node: NodeRef<'_>) -> bool {
    match node.node() {
        Node::Text(text) => text.trim().is_empty(),
        Node::Element(_) => false,
        Node::Other => true,
    }
}

/// Whether an element has words, and few of them.
fn is_short(node: NodeRef<'_>) -> bool {
    let (mut nodes, mut bytes, mut has_words) = (0, 0, false);
    for inner in node.descendants() {
        nodes += 1;
        if let Node::Text(text) = inner.node() {
            bytes += text.len();
            has_words = has_words || letters(text) > 0;
        }
        if nodes > MOST_NODES || bytes > MOST_BYTES {
            return false;
        }
    }
    has_words
}
