//! The open inline elements of a line, and the forms that they give its text.

use super::spans::{Quotes, Role, moved_or_marked, struck};
use crate::extract::cut::Anchor;
use crate::extract::dom::{Element, Node, NodeRef};
use crate::extract::marks::notes;
use crate::extract::text::{LineBuilder, letters, one_line};

/// Maximum number of nested elements; nobody raises or quotes deeper.
const MAX_SPANS: usize = 16;
/// How far around a raised run the walk looks for a link that contains nothing else.
const NOTE_DEPTH: usize = 4;

/// An open element with a role.
#[derive(Debug)]
struct Span {
    role: Role,
    /// Where its text begins in the current line; `None` if it has none there yet.
    start: Option<usize>,
    /// Whether a link contains nothing else: the mark of a note, not a power.
    is_note: bool,
    /// The number of links before it.
    anchors: usize,
    /// The mark after a quotation, once the one before it is written.
    close: Option<&'static str>,
}

impl Span {
    /// Replaces its text, which contains these links, by its form.
    fn rewrite(&mut self, line: &mut LineBuilder, anchors: &mut [Anchor]) {
        let (role, is_note) = (self.role, self.is_note || !anchors.is_empty());
        let Some(start) = self.start.take() else {
            return;
        };
        match role {
            Role::Raised | Role::Lowered => {
                line.rewrite(start, |run| moved_or_marked(run, role, is_note));
            }
            Role::Struck => line.rewrite(start, struck),
            _ => return,
        }
        // Each of these forms has a mark of two bytes before it.
        anchors.iter_mut().for_each(|anchor| anchor.offset += 2);
    }
}

/// Everything that is open.
#[derive(Debug, Default)]
pub(in crate::extract) struct Inline {
    spans: Vec<Span>,
    /// The readings of the current word.
    readings: String,
    /// The quotation marks for text without a declared language.
    by_text: Option<Quotes>,
}

impl Inline {
    /// Enters an element; returns whether it counts. `anchors` is the number of links before it.
    pub fn begin(&mut self, role: Role, node: NodeRef<'_>, anchors: usize) -> bool {
        let is_struck = |span: &Span| span.role == Role::Struck;
        if self.spans.len() == MAX_SPANS
            || (role == Role::Struck && self.spans.iter().any(is_struck))
        {
            return false;
        }
        let is_linked = |element: &Element| element.name() == "a" && element.attr("href").is_some();
        let is_one = |element: &Element| {
            is_linked(element) || notes::is_label(element) || notes::is_mark_without_link(element)
        };
        let is_note = matches!(role, Role::Raised | Role::Lowered)
            && (node.element().is_some_and(is_one) || is_all_of_a_link(node));
        self.spans.push(Span { role, start: None, is_note, anchors, close: None });
        true
    }

    /// Leaves the innermost element, and returns the mark that ends its text, if it has one. Links from index
    /// `from` on are in this line.
    pub fn end(
        &mut self,
        line: &mut LineBuilder,
        anchors: &mut [Anchor],
        from: usize,
    ) -> Option<&'static str> {
        let mut span = self.spans.pop()?;
        let inside = span.anchors.max(from).min(anchors.len());
        span.rewrite(line, &mut anchors[inside..]);
        span.close
    }

    /// Whether the text is raised or lowered.
    pub fn is_moved(&self) -> bool {
        self.spans.iter().any(|span| matches!(span.role, Role::Raised | Role::Lowered))
    }

    /// Whether the next text is the first of the innermost element.
    pub fn begins_text(&self) -> bool {
        self.spans.last().is_some_and(|span| span.start.is_none())
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Begins the text of all open elements without text in this line; returns whether a mark was written.
    /// `named` are the quotation marks of the declared language, `by_text` those of the document.
    pub fn begin_text(
        &mut self,
        line: &mut LineBuilder,
        named: Option<Quotes>,
        by_text: impl Fn() -> Quotes,
    ) -> bool {
        let mut has_written = false;
        let mut depth = 0;
        for span in &mut self.spans {
            if span.role == Role::Quoted {
                depth += 1;
                if span.close.is_none() {
                    let quotes =
                        named.unwrap_or_else(|| *self.by_text.get_or_insert_with(&by_text));
                    let inner = if depth % 2 == 1 { 0 } else { 2 };
                    line.push(quotes[inner]);
                    span.close = Some(quotes[inner + 1]);
                    has_written = true;
                }
            }
            span.start.get_or_insert(line.len());
        }
        has_written
    }

    /// Ends the line for all open elements.
    pub fn end_line(&mut self, line: &mut LineBuilder, anchors: &mut [Anchor], from: usize) {
        for span in self.spans.iter_mut().rev() {
            let inside = span.anchors.max(from).min(anchors.len());
            span.rewrite(line, &mut anchors[inside..]);
        }
    }

    pub fn begin_reading(&mut self) {
        if !self.readings.is_empty() {
            self.readings.push(' ');
        }
    }

    /// Adds to a reading, and returns its number of letters.
    pub fn push_reading(&mut self, text: &str) -> usize {
        self.readings.push_str(text);
        letters(text)
    }

    /// Whether there are readings that wait for the end of their word; they may be all there is.
    pub fn has_readings(&self) -> bool {
        !self.readings.is_empty()
    }

    /// The readings so far, for the word that ends here.
    pub fn take_readings(&mut self) -> Option<String> {
        if self.readings.is_empty() {
            return None;
        }
        let readings = one_line(&std::mem::take(&mut self.readings));
        Some(readings).filter(|readings| !readings.is_empty())
    }
}

/// Whether a link contains only this node.
fn is_all_of_a_link(node: NodeRef<'_>) -> bool {
    let is_blank = |other: NodeRef<'_>| match other.node() {
        Node::Text(text) => text.trim().is_empty(),
        Node::Element(_) => false,
        Node::Other => true,
    };
    let mut inner = node;
    for _ in 0..NOTE_DEPTH {
        let Some(around) = inner.parent() else {
            return false;
        };
        let Some(element) = around.element() else {
            return false;
        };
        let id = inner.id();
        if !around.children().take(4).all(|other| other.id() == id || is_blank(other)) {
            return false;
        }
        if element.name() == "a" {
            return element.attr("href").is_some();
        }
        inner = around;
    }
    false
}
