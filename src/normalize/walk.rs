//! One walk over the tree, without recursion, that cuts at block boundaries.
//!
//! Every letter outside the elements of [`is_skipped`] ends in exactly one [`Cut`], in order. What
//! a cut is, `kinds` decides; the walk only notes what the tree says about it.

use super::budget::Budget;
use super::cut::{Anchor, Container, Cut, Medium, Shape, Walked};
use super::dom::{Element, Node, NodeId, NodeRef};
use super::marks::{self, Attributes, Marks};
use super::media::{self, Picture};
use super::text::{LineBuilder, letters, one_line};
use crate::model::MediaKind;
use std::collections::HashMap;

/// Never entered: code, raw text that the parser did not parse, and forms' own values.
pub(super) fn is_skipped(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "iframe"
            | "svg"
            | "select"
            | "textarea"
            | "object"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "audio"
            | "blockquote"
            | "body"
            | "button"
            | "canvas"
            | "caption"
            | "center"
            | "datalist"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "frameset"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "noembed"
            | "noframes"
            | "ol"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "title"
            | "tr"
            | "ul"
            | "video"
            | "xmp"
    )
}

/// Nodes in which the name of an author is looked for.
const NAME_NODES: usize = 256;

/// Walks the whole tree.
pub(super) fn walk(root: NodeRef<'_>, budget: &Budget) -> Walked {
    let mut walker = Walker::new(budget);
    let mut next = root.first_child();
    while let Some(node) = next {
        let enters = walker.open(node);
        if enters && let Some(child) = node.first_child() {
            next = Some(child);
            continue;
        }
        if enters {
            walker.close(node);
        }
        let mut at = node;
        next = loop {
            if let Some(sibling) = at.next_sibling() {
                break Some(sibling);
            }
            match at.parent() {
                Some(parent) if parent.id() != root.id() => {
                    walker.close(parent);
                    at = parent;
                }
                _ => break None,
            }
        };
    }
    walker.end_cut();
    walker.count_pictures();
    walker.walked
}

/// What holds for the text of the element being walked.
#[derive(Debug, Clone, Copy)]
struct Context {
    shape: Shape,
    container: usize,
    inline: Marks,
    /// Whether the element cuts the text around it.
    is_block: bool,
    is_bold: bool,
    is_italic: bool,
    anchor: Option<usize>,
    list_depth: u8,
    quote_depth: u8,
    /// In a row whose cells are data: nothing cuts inside it.
    row: Option<NodeId>,
}

struct Walker<'a> {
    budget: &'a Budget,
    walked: Walked,
    /// The contexts of the open elements, outermost first.
    stack: Vec<Context>,
    line: LineBuilder,
    /// Counts of the cut under way; its text is made at its end.
    cut: Cut,
    /// Anchors and media of the cut under way, by index; and the one that goes on around it.
    anchors_from: usize,
    anchor_around: Option<usize>,
    media_from: usize,
    /// Whether a picture stands behind the last letter.
    has_picture: bool,
    /// Whether the cut under way has something visible.
    has_begun: bool,
    /// The data tables that are open.
    tables: Vec<(NodeId, bool)>,
    /// What the sources of a `picture` give: many `img` can stand in one.
    sources: HashMap<NodeId, Option<String>>,
}

impl<'a> Walker<'a> {
    fn new(budget: &'a Budget) -> Self {
        let outermost = Context {
            shape: Shape::Flow,
            container: 0,
            inline: Marks::NONE,
            is_block: false,
            is_bold: false,
            is_italic: false,
            anchor: None,
            list_depth: 0,
            quote_depth: 0,
            row: None,
        };
        let document = Container {
            parent: 0,
            marks: Marks::NONE,
            is_list: false,
            is_centred: false,
            pictures: 0,
        };
        Self {
            budget,
            walked: Walked { containers: vec![document], ..Walked::default() },
            stack: vec![outermost],
            line: LineBuilder::default(),
            cut: empty_cut(Shape::Flow, 0),
            anchors_from: 0,
            anchor_around: None,
            media_from: 0,
            has_picture: false,
            has_begun: false,
            tables: Vec::new(),
            sources: HashMap::new(),
        }
    }

    fn context(&self) -> Context {
        self.stack[self.stack.len() - 1]
    }

    /// Enters a node; whether its children follow.
    fn open(&mut self, node: NodeRef<'_>) -> bool {
        match node.node() {
            Node::Text(text) => {
                self.push_text(text);
                false
            }
            Node::Element(element) => self.open_element(node, element),
            _ => true,
        }
    }

    fn open_element(&mut self, node: NodeRef<'_>, element: &Element) -> bool {
        let name = element.name();
        if let Some((kind, src)) = media::embedded(node, element) {
            self.add_medium(kind, src, None);
        }
        if is_skipped(name) {
            return false;
        }
        match name {
            "br" => {
                self.push_break();
                return false;
            }
            "hr" => {
                self.end_cut();
                return false;
            }
            "img" | "image" => {
                self.push_image(node, element);
                return false;
            }
            "wbr" | "input" | "source" | "track" | "link" | "meta" => return false,
            _ => {}
        }
        let attributes = Attributes::of(element);
        if let Some(address) = attributes.cfemail.and_then(decode_cfemail) {
            self.push_text(&address);
            return false;
        }
        let marks = marks::of(element, &attributes);
        if marks.has(Marks::BYLINE) && self.walked.author.is_none() {
            self.walked.author = author_name(node);
        }
        let mut context = self.context();
        let is_in_row = context.row.is_some();
        context.is_block = is_block(name) || attributes.style.contains("display:block");
        if context.is_block && !is_in_row {
            self.end_cut();
            self.walked.containers.push(Container {
                parent: context.container,
                marks,
                is_list: matches!(name, "ul" | "ol" | "dl" | "menu"),
                is_centred: name == "center"
                    || attributes.align == "center"
                    || attributes.style.contains("text-align:center"),
                pictures: 0,
            });
            context.container = self.walked.containers.len() - 1;
            // An anchor around blocks stays one anchor, but inline marks end where blocks begin.
            context.inline = Marks::NONE;
        } else {
            context.inline = context.inline.with(marks);
        }
        self.enter(node, element, &attributes, &mut context);
        self.stack.push(context);
        true
    }

    /// What the element's name changes for its text.
    fn enter(
        &mut self,
        node: NodeRef<'_>,
        element: &Element,
        attributes: &Attributes<'_>,
        context: &mut Context,
    ) {
        match element.name() {
            "b" | "strong" => context.is_bold = true,
            "i" | "em" | "cite" => context.is_italic = true,
            "a" => self.open_anchor(attributes, context),
            "ul" | "ol" | "menu" => context.list_depth = context.list_depth.saturating_add(1),
            "li" if context.row.is_none() => {
                context.shape = Shape::ListItem(context.list_depth.max(1));
            }
            "blockquote" if context.row.is_none() => {
                context.quote_depth = context.quote_depth.saturating_add(1);
                context.shape = Shape::Quote(context.quote_depth);
            }
            "pre" | "listing" | "xmp" | "plaintext" if context.row.is_none() => {
                context.shape = Shape::Preformatted;
            }
            name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") if context.row.is_none() => {
                context.shape = Shape::Heading(name.as_bytes()[1] - b'0');
            }
            "table" => self.tables.push((node.id(), is_data_table(node))),
            "tr" if self.tables.last().is_some_and(|&(_, is_data)| is_data) => {
                context.row.get_or_insert(node.id());
                context.shape = Shape::TableRow;
            }
            "td" | "th" if context.row.is_some() && !self.line.is_empty() => self.line.push_tab(),
            _ if context.row.is_some() && is_block(element.name()) => self.line.push_blank(),
            _ => {}
        }
    }

    fn close(&mut self, node: NodeRef<'_>) {
        let Node::Element(element) = node.node() else {
            return;
        };
        let context = self.context();
        if let Some(anchor) = context.anchor.filter(|_| element.name() == "a") {
            self.close_anchor(anchor);
        }
        let is_block = context.is_block;
        let is_inside_row = context.row.is_some_and(|row| row != node.id());
        if is_block && is_inside_row {
            self.line.push_blank();
        } else if is_block {
            self.end_cut();
        }
        if self.tables.last().is_some_and(|&(table, _)| table == node.id()) {
            self.tables.pop();
        }
        self.stack.pop();
    }

    fn open_anchor(&mut self, attributes: &Attributes<'_>, context: &mut Context) {
        let Some(href) = attributes.href else {
            return;
        };
        // An anchor that is left open is there once more for each block behind it.
        if !self.budget.put_out(href.len() + attributes.rel.len()) {
            return;
        }
        self.end_cut_at_breaks();
        self.walked.anchors.push(Anchor {
            cut: None,
            offset: self.line.len(),
            container: context.container,
            href: href.to_owned(),
            rel: attributes.rel.to_owned(),
            text: String::new(),
            wraps_picture: false,
        });
        context.anchor = Some(self.walked.anchors.len() - 1);
    }

    fn close_anchor(&mut self, index: usize) {
        let anchor = &mut self.walked.anchors[index];
        anchor.text = one_line(&anchor.text);
    }

    fn push_text(&mut self, text: &str) {
        let context = self.context();
        let is_visible = !text.trim_start().is_empty();
        if is_visible {
            self.end_cut_at_breaks();
        }
        if is_visible && !self.has_begun {
            self.has_begun = true;
            self.cut.shape = context.shape;
            self.cut.container = context.container;
            self.cut.follows_picture = std::mem::take(&mut self.has_picture);
        }
        if self.line.is_empty() {
            self.line.set_exact(context.shape == Shape::Preformatted);
        }
        if let Some(anchor) = context.anchor {
            self.walked.anchors[anchor].text.push_str(text);
        }
        let letters = self.line.push(text);
        if letters > 0 {
            self.has_picture = false;
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

    /// Two line breaks end a paragraph, except where lines are all there is.
    fn end_cut_at_breaks(&mut self) {
        let context = self.context();
        let is_flow = context.row.is_none() && context.shape != Shape::Preformatted;
        if self.line.breaks() >= 2 && is_flow {
            self.end_cut();
        }
    }

    fn push_break(&mut self) {
        if let Some(anchor) = self.context().anchor {
            self.walked.anchors[anchor].text.push(' ');
        }
        match self.context().row {
            Some(_) => self.line.push_blank(),
            None => self.line.push_break(),
        }
    }

    fn push_image(&mut self, node: NodeRef<'_>, element: &Element) {
        let beside = || {
            let picture = node.parent().filter(|parent| is_picture(*parent))?;
            let found =
                self.sources.entry(picture.id()).or_insert_with(|| media::source_of(picture));
            found.clone().filter(|src| self.budget.put_out(src.len()))
        };
        match media::picture(element, beside) {
            Picture::Glyph(alt) => self.push_text(&alt),
            Picture::Nothing => {}
            Picture::Real { src, alt } => {
                if let Some(anchor) = self.context().anchor {
                    self.walked.anchors[anchor].wraps_picture = true;
                }
                self.add_medium(MediaKind::Image, src, alt);
            }
        }
    }

    fn add_medium(&mut self, kind: MediaKind, src: String, alt: Option<String>) {
        self.end_cut_at_breaks();
        self.has_picture = true;
        let container = self.context().container;
        self.walked.containers[container].pictures += 1;
        self.walked.media.push(Medium { cut: None, container, kind, src, alt });
    }

    /// Ends the cut under way, if it has text.
    fn end_cut(&mut self) {
        let context = self.context();
        let text = self.line.finish();
        let mut cut = std::mem::replace(&mut self.cut, empty_cut(context.shape, context.container));
        self.has_begun = false;
        if text.is_empty() {
            // An anchor without letters belongs nowhere, unless it goes on around the next block.
            self.anchors_from = self.walked.anchors.len();
            self.anchor_around = context.anchor;
            return;
        }
        let index = self.walked.cuts.len();
        if let Some(around) = self.anchor_around.take() {
            self.walked.anchors[around].cut = Some(index);
        }
        for anchor in &mut self.walked.anchors[self.anchors_from..] {
            anchor.cut = Some(index);
        }
        for medium in &mut self.walked.media[self.media_from..] {
            medium.cut = Some(index);
        }
        self.anchors_from = self.walked.anchors.len();
        self.media_from = self.walked.media.len();
        cut.text = text;
        if cut.letters == 0 {
            cut.inline = Marks::NONE;
        }
        self.walked.cuts.push(cut);
    }

    /// Adds to each container the pictures of those in it.
    fn count_pictures(&mut self) {
        let containers = &mut self.walked.containers;
        for at in (1..containers.len()).rev() {
            let Container { parent, pictures, .. } = containers[at];
            containers[parent].pictures += pictures;
        }
        // The document itself is none.
        containers[0].pictures = 0;
    }
}

fn is_picture(node: NodeRef<'_>) -> bool {
    node.element().is_some_and(|element| element.name() == "picture")
}

fn empty_cut(shape: Shape, container: usize) -> Cut {
    Cut {
        shape,
        text: String::new(),
        marker: None,
        container,
        inline: Marks::ALL,
        letters: 0,
        bold: 0,
        italic: 0,
        linked: 0,
        bold_until: 0,
        follows_picture: false,
    }
}

/// Whether a table's rows are data: several cells a row, and no cell that holds blocks of text.
fn is_data_table(table: NodeRef<'_>) -> bool {
    let (mut rows, mut cells, mut blocks) = (0usize, 0usize, 0usize);
    for node in table.descendants() {
        let Node::Element(element) = node.node() else {
            continue;
        };
        match element.name() {
            "tr" => rows += 1,
            "td" | "th" => cells += 1,
            "table" | "ul" | "ol" | "figure" | "blockquote" | "pre" | "h1" | "h2" | "h3" => {
                return false;
            }
            "p" | "div" => blocks += 1,
            _ => {}
        }
    }
    rows > 0 && cells > rows && blocks <= cells
}

/// The text inside an element that names an author, if it is short enough for a name.
fn author_name(node: NodeRef<'_>) -> Option<String> {
    let mut text = String::new();
    for (count, inner) in node.descendants().enumerate() {
        match inner.node() {
            Node::Text(piece) => text.push_str(piece),
            Node::Element(element) if is_skipped(element.name()) => return None,
            _ => {}
        }
        if text.len() > 200 || count > NAME_NODES {
            return None;
        }
    }
    Some(one_line(&text)).filter(|name| letters(name) > 0)
}

/// An address that Cloudflare hides: hex bytes, each XORed with the first.
fn decode_cfemail(hex: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let bytes = bytes?;
    let (key, hidden) = bytes.split_first()?;
    let address = String::from_utf8(hidden.iter().map(|byte| byte ^ key).collect()).ok()?;
    (address.contains('@') && !address.chars().any(char::is_control)).then_some(address)
}
