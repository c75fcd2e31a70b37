//! HTML to a tree, under limits: html5ever alone takes minutes and gigabytes for some 0.1 MB pages.

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, create_element};
use html5ever::{LocalName, QualName, ns};
use scraper::{Html, HtmlTreeSink};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// The largest real document has under 10,000 nodes; a formatting bomb builds millions.
const MAX_NODES: usize = 250_000;
/// Real documents stay under 50; html5ever is quadratic in depth.
const MAX_DEPTH: usize = 1_024;
/// Of one tag. html5ever compares each with all before it.
const MAX_ATTRIBUTES: usize = 1_000;
const MAX_TIME: Duration = Duration::from_secs(5);
/// Bytes fed at once: what may happen between two looks at the limits.
const PIECE: usize = 4 << 10;

/// Parses a fragment as the inside of `body`, or names the limit it broke, as `status_detail` does.
pub(super) fn parse(html: &str) -> Result<Html, &'static str> {
    let started = Instant::now();
    let sink = HtmlTreeSink::new(Html::new_fragment());
    let body = QualName::new(None, ns!(html), LocalName::from("body"));
    let context = create_element(&sink, body, Vec::new());
    let builder = TreeBuilder::new_for_fragment(sink, context, None, TreeBuilderOpts::default());
    let guard = Guard { builder, broken: Cell::new(None), has_token: Cell::new(false) };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let mut open_tag = AttributeCount::default();
    let queue = BufferQueue::default();
    for piece in pieces(html) {
        tokenizer.sink.has_token.set(false);
        queue.push_back(StrTendril::from_slice(piece));
        // A script's end tag hands control back; nothing is run, so go on.
        while !queue.is_empty() {
            let _ = tokenizer.feed(&queue);
        }
        let has_token = tokenizer.sink.has_token.get();
        if has_token {
            open_tag = AttributeCount::default();
        }
        open_tag.add(piece);
        if let Some(limit) = tokenizer.sink.broken.get() {
            return Err(limit);
        }
        // Text that only looks like a tag, as in a script, gives tokens all the while.
        if open_tag.count > MAX_ATTRIBUTES && !has_token {
            return Err("too_many_attributes");
        }
        if started.elapsed() > MAX_TIME {
            return Err("deadline");
        }
    }
    tokenizer.end();
    match tokenizer.sink.broken.get() {
        Some(limit) => Err(limit),
        None => Ok(tokenizer.sink.builder.sink.0.into_inner()),
    }
}

/// Pieces that start at a `<` where they can, so that a tag under construction starts one.
fn pieces(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let limit = rest.floor_char_boundary(PIECE);
        let end = match rest.as_bytes()[1..limit].iter().position(|&byte| byte == b'<') {
            Some(at) => at + 1,
            None => limit,
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Attributes of a tag that the tokenizer has not finished, counted as it does, but at once.
#[derive(Default)]
struct AttributeCount {
    count: usize,
    construct: Construct,
    quote: Option<u8>,
    before: u8,
}

/// What the tokenizer is in the middle of.
#[derive(Default, PartialEq, Eq)]
enum Construct {
    #[default]
    Nothing,
    Tag,
    /// A comment or a declaration; ends with its token.
    Other,
}

impl AttributeCount {
    fn add(&mut self, piece: &str) {
        let bytes = piece.as_bytes();
        if self.construct == Construct::Nothing && bytes.first() == Some(&b'<') {
            let is_tag = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'/';
            self.construct =
                if bytes.get(1).is_some_and(is_tag) { Construct::Tag } else { Construct::Other };
            self.count = 0;
        }
        if self.construct != Construct::Tag {
            return;
        }
        let is_separator = |byte: u8| byte.is_ascii_whitespace() || byte == b'/';
        for &byte in bytes {
            match self.quote {
                Some(quote) if byte == quote => self.quote = None,
                Some(_) => {}
                None if byte == b'>' => {
                    self.construct = Construct::Nothing;
                    return;
                }
                None if matches!(byte, b'"' | b'\'') && self.before == b'=' => {
                    self.quote = Some(byte);
                }
                None if is_separator(self.before) && !is_separator(byte) && byte != b'=' => {
                    self.count += 1;
                }
                None => {}
            }
            self.before = byte;
        }
    }
}

/// Stands between tokenizer and tree builder, and lets nothing more through once a limit is broken.
struct Guard {
    builder: TreeBuilder<ego_tree::NodeId, HtmlTreeSink>,
    broken: Cell<Option<&'static str>>,
    /// Whether a token came of the piece being fed.
    has_token: Cell<bool>,
}

impl Guard {
    fn broken_by_tag(&self) -> Option<&'static str> {
        let html = self.builder.sink.0.borrow();
        if html.tree.values().len() > MAX_NODES {
            return Some("too_many_nodes");
        }
        let newest = html.tree.nodes().next_back()?;
        (newest.ancestors().take(MAX_DEPTH + 1).count() > MAX_DEPTH).then_some("too_deep")
    }
}

impl TokenSink for Guard {
    type Handle = ego_tree::NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Self::Handle> {
        if matches!(token, Token::ParseError(_)) {
            return TokenSinkResult::Continue;
        }
        self.has_token.set(true);
        if self.broken.get().is_some() {
            return TokenSinkResult::Continue;
        }
        let attributes = match &token {
            Token::TagToken(tag) => Some(tag.attrs.len()),
            _ => None,
        };
        if attributes.is_some_and(|count| count > MAX_ATTRIBUTES) {
            self.broken.set(Some("too_many_attributes"));
            return TokenSinkResult::Continue;
        }
        let result = self.builder.process_token(token, line);
        if attributes.is_some() {
            self.broken.set(self.broken_by_tag());
        }
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, broken: Option<&str>) {
        assert_eq!(parse(html).err(), broken, "{}", &html[..html.len().min(60)]);
    }

    #[test]
    fn limits() {
        check("<p>文</p>", None);
        check("", None);
        check(&"<div>".repeat(1_000), None);
        check(&"<div>".repeat(100_000), Some("too_deep"));
        check(&"<p>文".repeat(100_000), None);
        check(&"<p>文".repeat(130_000), Some("too_many_nodes"));
        let fonts: String = (0..4_000).map(|n| format!("<p><font color={n}>")).collect();
        check(&fonts, Some("too_many_nodes"));
        check(&"<b><p>".repeat(10_000), None);
        check(&"<table><tr><td>".repeat(20_000), Some("too_deep"));
        check(&format!("<p>文<br {}>", "a ".repeat(3_000_000)), Some("too_many_attributes"));
        let many =
            |count: usize| (0..count).map(|n| format!(" a{n}=\"b c d\"")).collect::<String>();
        check(&format!("<p{}>", many(1_000)), None);
        check(&format!("<p{}>", many(1_001)), Some("too_many_attributes"));
        check(&format!("<p{}", many(1_000_000)), Some("too_many_attributes"));
        check(&format!("<p>文<!-- <p{} -->", many(2_000)), None);
        check(&format!("<p>{}", "a = b / c ".repeat(200_000)), None);
        check(&format!("<p title='{}'>", "a b ".repeat(200_000)), None);
        check(&format!("<script>{}</script>", "a b ".repeat(200_000)), None);
        check(&format!("<script>i<b {}</script>", "a b ".repeat(200_000)), None);
    }
}
