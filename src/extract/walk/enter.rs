//! How an element changes the state for the text inside it: shape, depth, number, column.

use super::lists::{self, Ordered};
use super::tables::{self, Table};
use super::{Context, Walker};
use crate::extract::cut::{Anchor, Shape};
use crate::extract::dom::elements::is_block;
use crate::extract::dom::{Element, NodeRef};
use crate::extract::marks::{Attributes, style_value};
use crate::model::Block;

impl Walker<'_> {
    /// The effect of the element's name on its text.
    pub(super) fn enter_shape(
        &mut self,
        node: NodeRef<'_>,
        element: &Element,
        attributes: &Attributes<'_>,
        context: &mut Context,
    ) {
        match element.name() {
            // Editors wrap pasted text in a bold element with a regular style.
            "b" | "strong" => context.is_bold = !is_regular(&attributes.style),
            "i" | "em" | "cite" => context.is_italic = true,
            "a" => self.open_anchor(attributes, context),
            // An address there is part of a command or an example.
            "code" | "kbd" | "samp" | "tt" => {
                context.in_code = true;
                if context.shape == Shape::Preformatted && is_next_line(node) {
                    self.end_listed_line();
                }
            }
            "ol" => {
                let list = Ordered::of(node, element, &attributes.style);
                self.enter_list(Some(list), context);
            }
            "ul" | "menu" | "dir" | "dl" => {
                let style = &attributes.style;
                let counted = !style.is_empty();
                let list = counted.then(|| Ordered::of_counted(node, element, style)).flatten();
                self.enter_list(list, context);
            }
            // A listing whose lines are items.
            "li" if context.shape == Shape::Preformatted => {}
            "li" => self.enter_item(element, attributes, context),
            "dt" if !context.in_row => context.shape = item_shape(context, 0),
            "dd" if !context.in_row => {
                context.list_depth = context.list_depth.max(1).saturating_add(1);
                context.shape = item_shape(context, 0);
            }
            "blockquote" if !context.in_row => {
                context.quote_depth = context.quote_depth.saturating_add(1);
                context.shape = Shape::Quote(context.quote_depth);
            }
            "pre" | "listing" | "xmp" | "plaintext" if !context.in_row => {
                context.shape = Shape::Preformatted;
            }
            name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") if !context.in_row => {
                context.shape = Shape::Heading(name.as_bytes()[1] - b'0');
            }
            "table" => self.tables.push(Table::new(tables::is_data(node, attributes.role))),
            "tbody" | "thead" | "tfoot" => {
                self.tables.last_mut().into_iter().for_each(Table::begin_group);
            }
            "tr" => self.enter_row(context),
            "td" | "th" if context.in_row => self.enter_cell(element),
            _ if context.in_row && is_block(element.name()) => self.end_block(true),
            _ => {}
        }
    }

    /// Enters a list; if `numbered` is given, its items have numbers.
    fn enter_list(&mut self, numbered: Option<Ordered>, context: &mut Context) {
        context.list = numbered.map(|list| {
            self.lists.push(list);
            self.lists.len() - 1
        });
        context.list_depth = context.list_depth.saturating_add(1);
    }

    fn enter_row(&mut self, context: &mut Context) {
        if let Some(table) = self.tables.last_mut().filter(|table| table.is_data) {
            table.begin_row();
            context.in_row = true;
            context.shape = Shape::TableRow;
        }
    }

    fn enter_item(
        &mut self,
        element: &Element,
        attributes: &Attributes<'_>,
        context: &mut Context,
    ) {
        let indent = lists::indent_of(attributes.class);
        let list = context.list.map(|at| &mut self.lists[at]);
        let is_bullet = list.is_none() || lists::is_unnumbered(element);
        let marker = list.and_then(|list| list.marker(element, &attributes.style, indent));
        if context.in_row {
            // A cell has no other place for it.
            self.end_block(true);
            if let Some(marker) = marker {
                self.push_text(&marker);
                self.line.push_blank();
            }
            return;
        }
        context.shape = item_shape(context, indent);
        // The kind of a block in a quotation does not show that it is an item.
        let is_quoted = context.quote_depth > 0 && is_bullet;
        self.marker = marker.or_else(|| is_quoted.then(|| Block::BULLET.to_owned()));
    }

    fn enter_cell(&mut self, element: &Element) {
        let tabs = self.tables.last_mut().map_or(0, |table| table.add_cell(element));
        self.end_ruby();
        // Cells over many columns and rows are small only in the source.
        if tabs > 1 && !self.budget.put_out(tabs) {
            return;
        }
        for _ in 0..tabs {
            self.line.push_tab();
        }
    }

    fn open_anchor(&mut self, attributes: &Attributes<'_>, context: &mut Context) {
        let Some(href) = attributes.href else {
            return;
        };
        // An unclosed anchor is repeated in each block after it.
        if !self.budget.put_out(href.len() + attributes.rel.len()) {
            return;
        }
        self.end_cut_at_breaks();
        if let Some(around) = context.anchor {
            self.take_anchor_text(around);
        }
        self.anchor_start = self.line.len();
        self.walked.anchors.push(Anchor {
            cut: None,
            // After the line break that its first letter will write.
            offset: self.line.len() + usize::from(self.line.breaks() > 0),
            container: context.container,
            href: href.to_owned(),
            rel: attributes.rel.to_owned(),
            text: String::new(),
            wraps_picture: false,
            is_bare: false,
        });
        context.anchor = Some(self.walked.anchors.len() - 1);
    }
}

fn is_regular(style: &str) -> bool {
    !style.is_empty() && matches!(style_value(style, "font-weight"), Some("normal" | "400"))
}

/// Whether a `code` in a listing is one of its lines, without anything between two.
fn is_next_line(node: NodeRef<'_>) -> bool {
    let before = node.previous_sibling().and_then(|before| before.element());
    before.is_some_and(|before| before.name() == "code")
}

/// An item of a list, or a part of a quotation if the list is quoted.
fn item_shape(context: &Context, indent: usize) -> Shape {
    match context.quote_depth {
        0 => Shape::ListItem(context.list_depth.max(1).saturating_add(indent as u8)),
        depth => Shape::Quote(depth),
    }
}
