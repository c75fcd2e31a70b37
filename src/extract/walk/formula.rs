//! How the walk handles formulas, and how it writes MathML.

use super::formulas::{self, Formula};
use super::mathml::{self, Part};
use super::{Context, InFormula, Walker};
use crate::extract::dom::{Element, NodeRef};
use crate::extract::text::joins_lines;

impl Walker<'_> {
    /// Processes an element that belongs to a formula; returns whether nothing else is to be done with it.
    pub(super) fn open_formula(
        &mut self,
        node: NodeRef<'_>,
        element: &Element,
        class: &str,
        context: &mut Context,
    ) -> bool {
        if context.formula == InFormula::Math {
            return false;
        }
        match formulas::of(node, element, class) {
            None => return false,
            Some(Formula::Holder) => {
                context.formula = InFormula::Holder;
                return false;
            }
            Some(Formula::Elsewhere) => {}
            Some(Formula::Tex(tex)) => self.push_text(&tex),
        }
        true
    }

    /// Writes the text before a part of a formula.
    pub(super) fn open_part(&mut self, part: &Part) {
        if part.is_apart {
            self.line.push_blank();
        }
        for mark in part.before.into_iter().filter(|mark| !mark.is_empty()) {
            self.push_text(mark);
        }
    }

    /// Writes a text of MathML. Blanks between its parts come from the markup only, and are written where two
    /// parts would read as one.
    pub(super) fn push_math(&mut self, node: NodeRef<'_>, text: &str) {
        if mathml::is_words(node) {
            return self.push_text(text);
        }
        let text = text.trim();
        match mathml::unseen(node, text) {
            Some(" ") => return self.line.push_blank(),
            Some(mark) => return self.push_text(mark),
            None => {}
        }
        let Some(first) = text.chars().next() else { return };
        let is_name = mathml::is_name(text);
        if let Some(last) = self.line.last_glued().filter(|_| !self.inline.begins_text()) {
            let is_behind_name = self.name_end == self.line.len();
            // An index may apply to both.
            let reads_as_index = last.is_ascii_alphabetic() && !self.inline.is_moved();
            let are_digits = (last.is_ascii_digit() || reads_as_index) && first.is_ascii_digit();
            let are_letters =
                last.is_alphanumeric() && !joins_lines(last) && first.is_alphanumeric();
            if are_digits || (are_letters && (is_name || is_behind_name)) {
                self.line.push_blank();
            }
        }
        self.push_text(text);
        self.name_end = if is_name { self.line.len() } else { 0 };
    }
}
