//! Parses HTML to a tree, under limits: html5ever alone takes minutes and gigabytes for some pages of 0.1 MB.

mod chunks;
pub(super) mod elements;
mod fast_path;
mod shadow;
#[cfg(test)]
mod tests;
mod tree;

use crate::extract::budget::Budget;
use crate::model::PageLimit;
use chunks::Chunks;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{Tracer, TreeBuilder, TreeBuilderOpts, TreeSink, create_element};
use html5ever::{LocalName, QualName, ns};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use tree::{Sink, is_formatting, work_of};

pub(in crate::extract) use tree::{Element, Node, NodeId, NodeRef, Tree, Visitor};

/// The largest real document has less than 10,000 nodes; a formatting bomb makes millions.
const MAX_NODES: usize = 250_000;
/// Real documents stay under 50; html5ever is quadratic in depth.
const MAX_DEPTH: usize = 1_024;
/// The number of tags between two checks of the depth.
const DEPTH_CHECK: u32 = 16;
/// Maximum for one tag. html5ever compares each with all before it.
const MAX_ATTRIBUTES: usize = 1_000;
/// For a tag with more, the comparisons are counted.
const FEW_ATTRIBUTES: usize = 32;
/// html5ever searches for unknown names in this many lists, which grow with the document.
const NAME_LISTS: usize = 4_096;
/// The cost of each name in such a list, in steps: the next one is anywhere in memory.
const NAME_STEPS: u64 = 128;

/// Parses a fragment as the content of `body`, or returns the exceeded limit, as in `status_detail`.
pub(in crate::extract) fn parse(html: &str, budget: &Budget) -> Result<Tree, PageLimit> {
    let html = html.strip_prefix('\u{feff}').unwrap_or(html);
    let tokenizer = tokenizer(budget);
    let at = fast_path::parse(html, &tokenizer)?;
    finish(&html[at..], tokenizer)
}

/// Parses the rest after the fast path with html5ever's tokenizer.
fn finish(rest: &str, tokenizer: Tokenizer<Guard<'_>>) -> Result<Tree, PageLimit> {
    feed(rest, &tokenizer)?;
    tokenizer.end();
    match tokenizer.sink.broken() {
        Some(limit) => Err(limit),
        None => Ok(tokenizer.sink.builder.sink.finish()),
    }
}

/// Whether the fast path gives the same tree as html5ever's tokenizer alone. Documents that exceed a limit
/// either way are ignored, since the limits count the tokenizer's work too. For the fuzz target `tree`.
pub(in crate::extract) fn does_fast_path_agree(html: &str) -> bool {
    let html = html.strip_prefix('\u{feff}').unwrap_or(html);
    let budget = Budget::of(html.len());
    match (parse(html, &budget), finish(html, tokenizer(&budget))) {
        (Ok(fast), Ok(slow)) => {
            let mut open = vec![(fast.root(), slow.root())];
            while let Some((fast, slow)) = open.pop() {
                if fast.node() != slow.node() || fast.children().count() != slow.children().count()
                {
                    return false;
                }
                open.extend(fast.children().zip(slow.children()));
            }
            true
        }
        _ => true,
    }
}

fn tokenizer(budget: &Budget) -> Tokenizer<Guard<'_>> {
    let sink = Sink::new(budget);
    let body = QualName::new(None, ns!(html), LocalName::from("body"));
    let context = create_element(&sink, body, Vec::new());
    let builder = TreeBuilder::new_for_fragment(sink, context, None, TreeBuilderOpts::default());
    // Otherwise it would discard one at the start of every input.
    let options = TokenizerOpts { discard_bom: false, ..Default::default() };
    Tokenizer::new(Guard::new(builder), options)
}

/// Passes the rest of a document through html5ever's tokenizer.
fn feed(html: &str, tokenizer: &Tokenizer<Guard<'_>>) -> Result<(), PageLimit> {
    let mut chunks = Chunks::new(html);
    let queue = BufferQueue::default();
    while let Some(chunk) = chunks.next() {
        tokenizer.sink.has_token.set(false);
        queue.push_back(StrTendril::from_slice(chunk));
        // A script's end tag returns control; no script is run, so this continues.
        while !queue.is_empty() {
            let _ = tokenizer.feed(&queue);
        }
        if let Some(limit) = tokenizer.sink.broken() {
            return Err(limit);
        }
        if tokenizer.sink.has_token.get() {
            chunks.saw_token();
        } else if chunks.open_attributes() > MAX_ATTRIBUTES {
            return Err(PageLimit::TooManyAttributes);
        }
    }
    Ok(())
}

/// Stands between the tokenizer and the tree builder, and passes nothing on after a limit was exceeded.
struct Guard<'a> {
    builder: TreeBuilder<NodeId, Sink<'a>>,
    broken: Cell<Option<PageLimit>>,
    /// Whether the current chunk gave a token.
    has_token: Cell<bool>,
    /// Whether the builder switched the tokenizer to raw text, up to an end tag.
    is_in_raw_text: Cell<bool>,
    /// Tags so far.
    tags: Cell<u32>,
    /// Attributes so far.
    attributes: Cell<usize>,
    /// The names that html5ever must search for, once there are many.
    names: RefCell<HashSet<LocalName>>,
    open: Open,
}

/// The open formatting elements at the last check, and those since.
#[derive(Default)]
struct Open {
    count: Cell<u64>,
    /// The cost of comparing a tag with each of them, in steps.
    work: Cell<u64>,
}

impl Open {
    fn add(&self, work: u64) {
        self.count.set(self.count.get() + u64::from(work > 0));
        self.work.set(self.work.get() + work);
    }
}

/// Adds up the open elements of html5ever.
struct Look<'a> {
    tree: &'a Tree,
    open: &'a Open,
}

impl Tracer for Look<'_> {
    type Handle = NodeId;

    fn trace_handle(&self, node: &NodeId) {
        self.open.add(self.tree.work_of(*node));
    }
}

impl<'a> Guard<'a> {
    fn new(builder: TreeBuilder<NodeId, Sink<'a>>) -> Self {
        Self {
            builder,
            broken: Cell::new(None),
            has_token: Cell::new(false),
            is_in_raw_text: Cell::new(false),
            tags: Cell::new(0),
            attributes: Cell::new(0),
            names: RefCell::default(),
            open: Open::default(),
        }
    }

    fn broken(&self) -> Option<PageLimit> {
        self.broken.get()
    }

    fn is_in_raw_text(&self) -> bool {
        self.is_in_raw_text.get()
    }

    /// Counts the work on a tag for which html5ever does not ask the sink.
    fn count(&self, tag: &Tag) {
        let budget = self.builder.sink.budget;
        budget.work(1);
        let attributes = tag.attrs.len();
        if attributes > FEW_ATTRIBUTES {
            budget.work((attributes * attributes / 4) as u64);
        }
        self.attributes.set(self.attributes.get() + attributes);
        if self.attributes.get() > NAME_LISTS {
            let mut names = self.names.borrow_mut();
            let long = tag.attrs.iter().map(|attribute| &attribute.name.local);
            for name in long.filter(|name| name.len() > 7) {
                names.insert(name.clone());
                budget.work(NAME_STEPS * (names.len() / NAME_LISTS) as u64);
            }
        }
        if is_formatting(&tag.name) {
            // It is compared with the open ones, each of which can be copied for that.
            let own = 2 + work_of(&tag.attrs);
            budget.work(self.open.work.get() + self.open.count.get() * own);
            self.open.add(own);
        }
    }

    fn broken_by_tag(&self) -> Option<PageLimit> {
        let sink = &self.builder.sink;
        let tree = sink.tree();
        if tree.len() > MAX_NODES {
            return Some(PageLimit::TooManyNodes);
        }
        if let Some(limit) = sink.budget.broken() {
            return Some(limit);
        }
        // Walking up from every tag would cost a tenth of the parse.
        self.tags.set(self.tags.get().wrapping_add(1));
        if !self.tags.get().is_multiple_of(DEPTH_CHECK) {
            return None;
        }
        self.open.count.set(0);
        self.open.work.set(0);
        self.builder.trace_handles(&Look { tree: &tree, open: &self.open });
        (tree.depth_of_newest(MAX_DEPTH + 1) > MAX_DEPTH).then_some(PageLimit::TooDeep)
    }
}

impl TokenSink for Guard<'_> {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        if matches!(token, Token::ParseError(_)) {
            return TokenSinkResult::Continue;
        }
        self.has_token.set(true);
        if self.broken.get().is_some() {
            return TokenSinkResult::Continue;
        }
        let Token::TagToken(tag) = &token else {
            return self.builder.process_token(token, line);
        };
        if tag.attrs.len() > MAX_ATTRIBUTES {
            self.broken.set(Some(PageLimit::TooManyAttributes));
            return TokenSinkResult::Continue;
        }
        self.count(tag);
        // In raw text, no tag is seen except its end.
        if tag.kind == TagKind::EndTag {
            self.is_in_raw_text.set(false);
        }
        let result = self.builder.process_token(token, line);
        if matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext) {
            self.is_in_raw_text.set(true);
        }
        self.broken.set(self.broken_by_tag());
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
