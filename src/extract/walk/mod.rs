//! Walks the tree once, without recursion, and cuts it at block boundaries.
//!
//! Every letter outside of the elements of [`elements::is_skipped`] ends up in exactly one [`Cut`], in order.
//! `kinds` decides what a cut is; the walk only records what the tree indicates.

mod authors;
mod context;
mod enter;
mod formula;
pub(super) mod formulas;
mod inline;
mod line;
mod lists;
pub(super) mod mathml;
mod pictures;
mod spans;
mod tables;

use self::inline::Inline;
use self::lists::Ordered;
use self::tables::Table;
use crate::extract::address::decode_cfemail;
use crate::extract::budget::Budget;
use crate::extract::cut::{Container, Cut, Medium, Shape, Walked};
use crate::extract::dom::elements::{self, is_block, is_skipped};
use crate::extract::dom::{self, Element, Node, NodeId, NodeRef, Visitor};
use crate::extract::marks::copies::{self, Copy};
use crate::extract::marks::look::Look;
use crate::extract::marks::notes;
use crate::extract::marks::parts::Parts;
use crate::extract::marks::{self, Attributes, Marks};
use crate::extract::media;
use crate::extract::text::LineBuilder;
use crate::model::{MediaKind, PageLimit};
use context::{Context, InFormula, Keeps};
use std::collections::HashMap;
use std::ops::Range;

/// Maximum number of nested documents, each the `srcdoc` of an `iframe`.
const MAX_FRAMES: usize = 4;
/// The minimum cost of parsing one of them, in steps.
const FRAME_WORK: u64 = 10_000;

/// What a walk reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// The text of an article, as in a seed.
    Fragment,
    /// A whole page, including the names of its elements.
    Page,
    /// A whole page as browsers without scripts show it.
    WithoutScripts,
}

/// Walks a page with its title in a node; as browsers without scripts show it, if most of its text is for them.
pub(in crate::extract) fn walk_page(
    root: NodeRef<'_>,
    title: Option<NodeId>,
    budget: &Budget,
) -> Result<Walked, PageLimit> {
    let walk = |reads| walk(root, reads, title, budget);
    let walked = walk(Reads::Page)?;
    let letters = |walked: &Walked| walked.cuts.iter().map(|cut| cut.letters).sum::<usize>();
    let shown = letters(&walked);
    if walked.without_scripts <= shown {
        return Ok(walked);
    }
    let without_scripts = walk(Reads::WithoutScripts)?;
    Ok(if letters(&without_scripts) > 2 * shown { without_scripts } else { walked })
}

/// Walks the article of a document.
pub(in crate::extract) fn walk_fragment(
    root: NodeRef<'_>,
    budget: &Budget,
) -> Result<Walked, PageLimit> {
    walk(root, Reads::Fragment, None, budget)
}

/// Walks the whole tree, or returns the limit that a nested document exceeded.
fn walk(
    root: NodeRef<'_>,
    reads: Reads,
    title: Option<NodeId>,
    budget: &Budget,
) -> Result<Walked, PageLimit> {
    let mut walker = Walker::new(root, reads, title, budget);
    root.visit(&mut walker);
    walker.end_cut();
    walker.count_pictures();
    match walker.broken {
        Some(limit) => Err(limit),
        None => Ok(walker.walked),
    }
}

/// Marks of text by others than the author.
const OF_OTHERS: Marks =
    Marks::COMMENT.with(Marks::COMMENT_LIST).with(Marks::RELATED).with(Marks::PROMO);

struct Walker<'a> {
    budget: &'a Budget,
    reads: Reads,
    /// The element with the page's title.
    title: Option<NodeId>,
    walked: Walked,
    /// The contexts of the open elements, outermost first.
    stack: Vec<Context>,
    line: LineBuilder,
    /// The open inline elements of the line.
    inline: Inline,
    /// The ranges of links and code in the line.
    taken: Vec<Range<usize>>,
    /// Where the text of the innermost link begins in the line.
    anchor_start: usize,
    /// The marker of an item that has no text yet.
    marker: Option<String>,
    /// The end of a line that has only the label of a note; 0 without one.
    label_end: usize,
    /// The end of a line that ends in a name of a formula; 0 without one.
    name_end: usize,
    /// The counts of the current cut; its text is made at its end.
    cut: Cut,
    /// The first anchor and medium of the current cut, by index; and the anchor that continues around it.
    anchors_from: usize,
    anchor_around: Option<usize>,
    media_from: usize,
    /// Whether a picture follows the last letter.
    has_picture: bool,
    /// Whether the current cut has visible text.
    has_begun: bool,
    /// The open tables.
    tables: Vec<Table>,
    /// All ordered lists so far.
    lists: Vec<Ordered>,
    root: NodeRef<'a>,
    /// How many documents contain this one.
    frames: usize,
    broken: Option<PageLimit>,
    /// The addresses in the sources of a `picture`: many `img` can be inside one.
    sources: HashMap<NodeId, Option<String>>,
    /// How many elements were searched for the author.
    bylines: usize,
    /// The last picture that was read, and the node directly after it.
    image: Option<NodeId>,
    behind_image: Option<NodeId>,
    behind_noscript: Option<NodeId>,
}

/// A document inside a document is walked within the outer walk.
impl<'t> Visitor<'t> for Walker<'_> {
    /// Enters a node; returns whether its children follow.
    fn enter(&mut self, node: NodeRef<'t>) -> bool {
        match node.node() {
            Node::Text(text) => {
                match self.context().formula {
                    InFormula::No => self.push_text(text),
                    InFormula::Holder => {}
                    InFormula::Math => self.push_math(node, text),
                }
                false
            }
            Node::Element(element) => self.open_element(node, element),
            _ => true,
        }
    }

    fn leave(&mut self, node: NodeRef<'t>) {
        let Node::Element(element) = node.node() else {
            return;
        };
        let context = self.context();
        if let Some(anchor) = context.anchor.filter(|_| element.name() == "a") {
            self.close_anchor(anchor);
        }
        self.leave_element(context);
        self.set_apart(context);
        if context.is_block {
            let around = self.stack[self.stack.len() - 2];
            self.end_block(around.in_row);
        }
        match element.name() {
            "table" => drop(self.tables.pop()),
            "li" => self.marker = None,
            _ => {}
        }
        self.stack.pop();
    }
}

impl<'a> Walker<'a> {
    fn new(root: NodeRef<'a>, reads: Reads, title: Option<NodeId>, budget: &'a Budget) -> Self {
        let document = Container {
            parent: 0,
            marks: Marks::NONE,
            is_list: false,
            is_centred: false,
            pictures: 0,
            look: Look::default(),
        };
        Self {
            budget,
            reads,
            title,
            walked: Walked {
                containers: vec![document],
                languages: vec![(None, 0)],
                ..Walked::default()
            },
            stack: vec![Context::OUTERMOST],
            line: LineBuilder::default(),
            inline: Inline::default(),
            taken: Vec::new(),
            anchor_start: 0,
            marker: None,
            label_end: 0,
            name_end: 0,
            cut: empty_cut(Shape::Flow, 0),
            anchors_from: 0,
            anchor_around: None,
            media_from: 0,
            has_picture: false,
            has_begun: false,
            tables: Vec::new(),
            lists: Vec::new(),
            root,
            frames: 0,
            broken: None,
            sources: HashMap::new(),
            bylines: 0,
            image: None,
            behind_image: None,
            behind_noscript: None,
        }
    }

    /// Walks the document in an attribute of an `iframe`.
    fn walk_frame(&mut self, html: &str) {
        if self.frames == MAX_FRAMES {
            self.broken = Some(PageLimit::TooDeep);
            return;
        }
        self.budget.work(FRAME_WORK);
        match dom::parse(html, self.budget) {
            Ok(tree) => {
                let sources = std::mem::take(&mut self.sources);
                self.forget_images();
                self.frames += 1;
                self.end_block(self.context().in_row);
                tree.root().visit(self);
                self.end_block(self.context().in_row);
                self.frames -= 1;
                self.sources = sources;
                self.forget_images();
            }
            Err(limit) => self.broken = Some(limit),
        }
    }

    fn context(&self) -> Context {
        self.stack[self.stack.len() - 1]
    }

    fn open_element(&mut self, node: NodeRef<'_>, element: &Element) -> bool {
        let name = element.name();
        if let Some((kind, src)) = media::embedded(node, element) {
            self.add_medium(kind, src, None);
        }
        // They have children as fallback content.
        if media::is_image(name) && !matches!(name, "img" | "image") {
            self.push_image(node, element);
        }
        if self.open_void(node, element) {
            return false;
        }
        // The title in a page's head is not one of its blocks.
        if name == "title" && self.reads != Reads::Fragment && !self.context().in_drawing {
            return false;
        }
        if name == "noscript" || name == "noframes" && self.reads != Reads::Fragment {
            self.open_noscript(node, name);
            return false;
        }
        if name == "iframe"
            && let Some(html) = element.attr("srcdoc")
        {
            self.walk_frame(html);
            return false;
        }
        let around = self.context();
        let attributes = Attributes::of(element);
        let mut context = around;
        if self.open_formula(node, element, attributes.class, &mut context) {
            return false;
        }
        let is_drawing = name == "svg"
            && around.formula == InFormula::No
            && (around.in_drawing || elements::has_words(node));
        context.in_drawing |= is_drawing;
        if (is_skipped(name, |name| element.attr(name)) && !is_drawing)
            || (around.in_drawing && matches!(name, "title" | "desc" | "metadata" | "defs"))
            || (around.formula == InFormula::Math && name.starts_with("annotation"))
            || (around.in_ruby && name == "rp" && spans::has_no_letters(node))
        {
            return false;
        }
        if let Some(address) = attributes.cfemail.and_then(decode_cfemail) {
            self.push_text(&address);
            return false;
        }
        let Some(marks) = marks_in(node, element, &attributes, &context) else { return false };
        self.enter_element(node, element, &attributes, marks, context);
        true
    }

    /// Processes an element without content; returns whether it is one.
    fn open_void(&mut self, node: NodeRef<'_>, element: &Element) -> bool {
        match element.name() {
            "br" => self.push_break(),
            "hr" => self.end_cut(),
            "img" | "image" => {
                // Beside its source, a formula's picture is redundant.
                if self.context().formula == InFormula::No {
                    self.push_image(node, element);
                }
            }
            "base" => {
                let href = || element.attr("href").map(str::to_owned);
                self.walked.base = self.walked.base.take().or_else(href);
            }
            "wbr" | "input" | "source" | "track" | "link" | "meta" => {}
            _ => return false,
        }
        true
    }

    /// Enters an element, with the state around it and for its kind.
    fn enter_element(
        &mut self,
        node: NodeRef<'_>,
        element: &Element,
        attributes: &Attributes<'_>,
        marks: Marks,
        mut context: Context,
    ) {
        let name = element.name();
        context.is_of_others |=
            marks.has(OF_OTHERS) || matches!(name, "blockquote" | "q" | "figure");
        if marks.has(Marks::BYLINE) && !context.is_of_others {
            self.find_author(node, element);
        }
        context.is_block = (is_block(name) && !elements::is_button_in_line(node, name))
            || elements::is_cell_by_role(attributes.role)
            || attributes.style.contains("display:block")
            || (context.in_drawing && matches!(name, "svg" | "text"));
        let look = match self.reads {
            Reads::Fragment => Look::default(),
            Reads::Page | Reads::WithoutScripts => Look::of(element, attributes, marks),
        };
        if context.is_block && !context.in_row {
            self.begin_block();
            self.walked.containers.push(Container {
                parent: context.container,
                marks,
                is_list: matches!(name, "ul" | "ol" | "dl" | "menu"),
                is_centred: name == "center"
                    || attributes.align == "center"
                    || attributes.style.contains("text-align:center"),
                pictures: 0,
                look,
            });
            context.container = self.walked.containers.len() - 1;
            // An anchor around blocks stays one anchor, but inline marks end where blocks begin.
            context.inline = Marks::NONE;
            context.parts = Parts::NONE;
        } else {
            context.parts = context.parts.with(look.parts);
            context.inline = context.inline.with(marks);
        }
        if self.frames == 0 && self.title == Some(node.id()) {
            self.walked.title = Some(context.container);
        }
        context.is_apart = marks.has(Marks::SPOKEN);
        context.is_note = notes::is_in_line(name, attributes.class);
        self.set_apart(context);
        self.enter_shape(node, element, attributes, &mut context);
        self.enter_inline(node, element, attributes, &mut context);
        self.stack.push(context);
    }

    fn add_medium(&mut self, kind: MediaKind, src: String, alt: Option<String>) {
        self.end_cut_at_breaks();
        self.has_picture = true;
        let container = self.context().container;
        self.walked.containers[container].pictures += 1;
        self.walked.media.push(Medium { cut: None, container, kind, src, alt });
    }

    /// Ends the current cut, if it has text.
    fn end_cut(&mut self) {
        let context = self.context();
        if !self.line.is_empty() || self.inline.has_readings() {
            self.end_line(context);
        }
        let text = self.line.finish();
        (self.anchor_start, self.label_end, self.name_end) = (0, 0, 0);
        let mut cut = std::mem::replace(&mut self.cut, empty_cut(context.shape, context.container));
        self.has_begun = false;
        if text.is_empty() {
            self.taken.clear();
            // An anchor without letters is not placed, unless it continues around the next block.
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
        self.find_addresses(&cut, index);
        if cut.letters == 0 {
            cut.inline = Marks::NONE;
        }
        self.walked.cuts.push(cut);
    }

    /// Adds to each container the pictures of those inside it.
    fn count_pictures(&mut self) {
        let containers = &mut self.walked.containers;
        for at in (1..containers.len()).rev() {
            let Container { parent, pictures, .. } = containers[at];
            containers[parent].pictures += pictures;
        }
        // The document itself does not count.
        containers[0].pictures = 0;
    }
}

/// The marks of an element in its place; `None` for one that repeats what is read elsewhere.
fn marks_in(
    node: NodeRef<'_>,
    element: &Element,
    attributes: &Attributes<'_>,
    context: &Context,
) -> Option<Marks> {
    let marks = match context.formula {
        _ if context.in_drawing => Marks::CAPTION,
        InFormula::No => marks::of(node, element, attributes),
        // Text hidden there is only hidden from some readers.
        _ => Marks::NONE,
    };
    let marks = match element.name() {
        // The source of a quotation.
        "footer" if context.quote_depth > 0 => marks.without(Marks::ASIDE),
        "button" if elements::is_all_of_heading(node) => marks.without(Marks::ASIDE),
        _ => marks,
    };
    match copies::of(node, attributes, marks) {
        Some(Copy::Spoken) => None,
        Some(Copy::Seen) => Some(marks.without(Marks::HIDDEN)),
        None => Some(marks),
    }
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
        parts: Parts::NONE,
    }
}
