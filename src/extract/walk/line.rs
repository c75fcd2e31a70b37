//! Builds the text of a line: its inline elements, readings, links and breaks.

use super::mathml;
use super::spans::{Role, quotes_of, quotes_of_text};
use super::{Context, InFormula, Keeps, Shape, Walker};
use crate::extract::address::bare;
use crate::extract::cut::{Anchor, Cut};
use crate::extract::dom::{Element, Node, NodeRef};
use crate::extract::marks::notes;
use crate::extract::marks::{Attributes, style_value};
use crate::extract::text::one_line;

impl Walker<'_> {
    /// Applies the element's language, style and role to its text.
    pub(super) fn enter_inline(
        &mut self,
        node: NodeRef<'_>,
        element: &Element,
        attributes: &Attributes<'_>,
        context: &mut Context,
    ) {
        if let Some(tag) = attributes.lang {
            context.language = self.walked.language_at(tag);
            context.quotes = quotes_of(tag);
        }
        if !attributes.style.is_empty() {
            context.keeps = kept_by(&attributes.style).unwrap_or(context.keeps);
        }
        let part = (context.formula == InFormula::Math).then(|| mathml::part(node, element));
        context.role =
            part.as_ref().map_or_else(|| Role::of(element, attributes), |part| part.role);
        context.behind = part.as_ref().map_or([None, None], |part| part.behind);
        self.raise_note(node, element, attributes, context);
        match context.role {
            Role::Plain => {}
            Role::Ruby => context.in_ruby = true,
            Role::Reading if context.in_ruby => {
                context.is_reading = true;
                self.inline.begin_reading();
            }
            Role::Reading => context.role = Role::Plain,
            role => {
                if !context.in_ruby {
                    self.end_ruby();
                }
                let is_nested = !self.inline.begin(role, node, self.walked.anchors.len());
                if is_nested {
                    context.role = Role::Plain;
                }
            }
        }
        if let Some(part) = part {
            self.open_part(&part);
        }
        if element.name() == "math" {
            context.formula = InFormula::Math;
        }
    }

    /// Gives the mark of a note, and the label at the beginning of one, the form of a raised run.
    fn raise_note(
        &mut self,
        node: NodeRef<'_>,
        element: &Element,
        attributes: &Attributes<'_>,
        context: &mut Context,
    ) {
        context.is_label = false;
        let is_link = element.name() == "a" && context.role == Role::Plain;
        if context.formula != InFormula::No || !(is_link || context.role == Role::Raised) {
            return;
        }
        let in_code = context.in_code || context.shape == Shape::Preformatted;
        let is_label = self.line.is_empty() && !context.in_row && notes::is_label(element);
        let is_mark = || {
            let is_behind_word = !in_code && self.line.ends_in_word();
            notes::is_mark(node, element, attributes, is_behind_word)
        };
        if is_link && !context.in_ruby && !self.inline.is_moved() && (is_label || is_mark()) {
            context.role = Role::Raised;
        }
        context.is_label = is_label;
    }

    /// Begins a block: the text before it is a block of its own, except for the label of a note.
    pub(super) fn begin_block(&mut self) {
        if self.label_end == 0 || self.label_end != self.line.len() {
            return self.end_cut();
        }
        self.line.push_blank();
        self.has_begun = false;
    }

    /// Ends what the element added to its text.
    pub(super) fn leave_element(&mut self, context: Context) {
        for mark in context.behind.into_iter().flatten() {
            self.push_text(mark.encode_utf8(&mut [0; 4]));
        }
        match context.role {
            Role::Raised | Role::Lowered | Role::Struck | Role::Quoted => {
                if !context.in_ruby {
                    self.end_ruby();
                }
                let length = self.line.len();
                let mark =
                    self.inline.end(&mut self.line, &mut self.walked.anchors, self.anchors_from);
                self.follow_bold(length);
                if context.is_label {
                    self.label_end = self.line.len();
                }
                if let Some(mark) = mark {
                    self.close_quotation(mark);
                }
            }
            _ => {}
        }
    }

    /// Writes the mark after a quotation, directly after its last letter.
    fn close_quotation(&mut self, mark: &str) {
        match self.walked.cuts.last_mut() {
            // Its last paragraph has ended.
            Some(cut) if self.line.is_empty() => cut.text.push_str(mark),
            _ => self.line.append(mark),
        }
    }

    /// Adjusts the bold beginning of a line after its end was rewritten; `length` is the earlier length.
    fn follow_bold(&mut self, length: usize) {
        if self.cut.bold_until == length && length > 0 {
            self.cut.bold_until = self.line.len();
        }
    }

    /// Writes the readings of a word at its end.
    pub(super) fn end_ruby(&mut self) {
        if let Some(readings) = self.inline.take_readings() {
            self.line.append(&format!("（{readings}）"));
        }
    }

    /// Ends a block: a cut, or a part of a cell.
    pub(super) fn end_block(&mut self, in_row: bool) {
        if in_row {
            self.end_ruby();
            self.line.push_blank();
        } else {
            self.end_cut();
        }
    }

    /// Gives a link its text in the line.
    pub(super) fn take_anchor_text(&mut self, index: usize) {
        let text = self.line.text_from(self.anchor_start).replace(['\n', '\t'], " ");
        self.walked.anchors[index].text.push_str(&text);
        self.anchor_start = self.line.len();
    }

    pub(super) fn close_anchor(&mut self, index: usize) {
        self.take_anchor_text(index);
        let anchor = &mut self.walked.anchors[index];
        anchor.text = one_line(&anchor.text);
    }

    pub(super) fn push_text(&mut self, text: &str) {
        let context = self.context();
        if context.keeps == Keeps::Nothing || context.shape == Shape::Preformatted {
            return self.push_run(text);
        }
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.push_break();
            }
            if !line.is_empty() {
                self.push_run(line);
            }
        }
    }

    fn push_run(&mut self, text: &str) {
        let context = self.context();
        // Indentation is in ASCII.
        let is_visible = !text.trim_ascii_start().trim_start().is_empty();
        if is_visible {
            if !context.in_ruby {
                self.end_ruby();
            }
            self.end_cut_at_breaks();
        }
        if is_visible && !self.has_begun {
            self.has_begun = true;
            self.cut.shape = context.shape;
            self.cut.container = context.container;
            self.cut.parts = context.parts;
            self.cut.marker = self.marker.take().or_else(|| self.cut.marker.take());
            self.cut.follows_picture = std::mem::take(&mut self.has_picture);
        }
        if self.line.is_empty() {
            self.line.set_exact(context.shape == Shape::Preformatted);
        }
        let start = self.line.len();
        let letters = if context.is_reading {
            self.inline.push_reading(text)
        } else {
            let mut text = text;
            if is_visible && !self.inline.is_empty() && self.begin_spans(context) {
                text = text.trim_start();
            }
            match context.keeps {
                Keeps::All if !context.in_row => self.line.push_kept(text),
                _ => self.line.push(text),
            }
        };
        if context.anchor.is_some() || context.in_code {
            self.taken.push(start..self.line.len());
        }
        if letters > 0 {
            self.has_picture = false;
            self.walked.languages[context.language].1 += letters;
            self.cut.letters += letters;
            self.cut.bold += if context.is_bold { letters } else { 0 };
            self.cut.italic += if context.is_italic { letters } else { 0 };
            self.cut.linked += if context.anchor.is_some() { letters } else { 0 };
            self.cut.inline = self.cut.inline.and(context.inline);
        }
        if self.cut.bold == self.cut.letters && self.cut.bold > 0 {
            self.cut.bold_until = self.line.len();
        }
    }

    /// Finds the addresses written in the text of a cut, outside of its links and code.
    pub(super) fn find_addresses(&mut self, cut: &Cut, index: usize) {
        let taken = std::mem::take(&mut self.taken);
        // A listing is code as a whole.
        if cut.shape == Shape::Preformatted && !taken.is_empty() {
            return;
        }
        for range in bare::find(&cut.text, &taken) {
            if !self.budget.put_out(2 * range.len()) {
                return;
            }
            self.walked.bare.push(Anchor {
                cut: Some(index),
                offset: range.start,
                container: cut.container,
                href: cut.text[range.clone()].to_owned(),
                rel: String::new(),
                text: cut.text[range].to_owned(),
                wraps_picture: false,
                is_bare: true,
            });
        }
    }

    /// Records where the text of open elements begins, and writes the marks before quotations; returns
    /// whether it wrote one.
    fn begin_spans(&mut self, context: Context) -> bool {
        let root = self.root;
        let by_text = || {
            quotes_of_text(|| {
                root.descendants().filter_map(|node| match node.node() {
                    Node::Text(text) => Some(&**text),
                    _ => None,
                })
            })
        };
        self.inline.begin_text(&mut self.line, context.quotes, by_text)
    }

    /// Two line breaks end a paragraph, except in texts of lines.
    pub(super) fn end_cut_at_breaks(&mut self) {
        let context = self.context();
        let is_flow = !context.in_row && context.shape != Shape::Preformatted;
        if self.line.breaks() >= 2 && is_flow {
            self.end_cut();
        }
    }

    pub(super) fn push_break(&mut self) {
        let context = self.context();
        if !context.is_reading {
            self.end_ruby();
        }
        if context.in_row {
            self.line.push_blank();
        } else {
            self.line.push_break();
        }
    }

    /// Separates an element's text from the text before and after it.
    pub(super) fn set_apart(&mut self, context: Context) {
        if context.is_note {
            self.line.push_blank();
        } else if context.is_apart {
            self.line.push_seam();
        }
    }

    /// Ends the current line of a listing.
    pub(super) fn end_listed_line(&mut self) {
        if self.line.last_glued().is_some_and(|last| last != '\n') {
            self.line.push_break();
        }
    }

    /// Ends the line for elements that continue in the next.
    pub(super) fn end_line(&mut self, context: Context) {
        self.end_ruby();
        if let Some(anchor) = context.anchor {
            self.take_anchor_text(anchor);
        }
        let length = self.line.len();
        self.inline.end_line(&mut self.line, &mut self.walked.anchors, self.anchors_from);
        self.follow_bold(length);
    }
}

/// Which white space a style keeps; `None` if it does not specify that.
fn kept_by(style: &str) -> Option<Keeps> {
    let value =
        style_value(style, "white-space").or_else(|| style_value(style, "white-space-collapse"))?;
    Some(match value {
        "pre-line" | "preserve-breaks" => Keeps::Lines,
        "pre" | "pre-wrap" | "break-spaces" | "preserve" => Keeps::All,
        "inherit" | "unset" | "revert" => return None,
        _ => Keeps::Nothing,
    })
}
