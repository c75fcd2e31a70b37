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
/// How many tags may come between two looks at the depth.
const DEPTH_CHECK: u32 = 16;
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
    let guard =
        Guard { builder, broken: Cell::new(None), has_token: Cell::new(false), tags: Cell::new(0) };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let mut pieces = Pieces::new(html);
    let queue = BufferQueue::default();
    while let Some(piece) = pieces.next() {
        tokenizer.sink.has_token.set(false);
        queue.push_back(StrTendril::from_slice(piece));
        // A script's end tag hands control back; nothing is run, so go on.
        while !queue.is_empty() {
            let _ = tokenizer.feed(&queue);
        }
        if let Some(limit) = tokenizer.sink.broken.get() {
            return Err(limit);
        }
        if tokenizer.sink.has_token.get() {
            pieces.saw_token();
        } else if pieces.open_attributes() > MAX_ATTRIBUTES {
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

/// Cuts a document into pieces such that a tag which its piece does not end starts that piece, and
/// counts the attributes of such a tag: html5ever compares each with all before it, and shows the
/// tag only when it ends.
struct Pieces<'a> {
    rest: &'a str,
    /// The tag that the last piece left open.
    open: Option<TagScanner>,
    /// Whether the last piece left a comment or a declaration open.
    is_in_declaration: bool,
}

impl<'a> Pieces<'a> {
    fn new(html: &'a str) -> Self {
        Self { rest: html, open: None, is_in_declaration: false }
    }

    /// A token shows that what seemed open is not: text in a script can look like a tag.
    fn saw_token(&mut self) {
        self.open = None;
        self.is_in_declaration = false;
    }

    fn open_attributes(&self) -> usize {
        self.open.as_ref().map_or(0, |tag| tag.attributes)
    }

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let limit = self.rest.floor_char_boundary(PIECE);
        let end = self.end_of_piece(&self.rest.as_bytes()[..limit]);
        let (piece, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(piece)
    }

    fn end_of_piece(&mut self, window: &[u8]) -> usize {
        let starts_declaration = window[0] == b'<' && matches!(window.get(1), Some(b'!' | b'?'));
        if self.is_in_declaration || (self.open.is_none() && starts_declaration) {
            self.is_in_declaration = true;
            let closed = window.iter().position(|&byte| byte == b'>');
            return closed.map_or(window.len(), |at| at + 1);
        }
        let mut at = 0;
        if let Some(tag) = &mut self.open {
            match tag.scan(window) {
                Some(length) => at = length,
                None => return window.len(),
            }
            self.open = None;
        }
        while let Some(start) = window[at..].iter().position(|&byte| byte == b'<') {
            let start = at + start;
            match window.get(start + 1) {
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'/') => {}
                Some(b'!' | b'?') | None if start > 0 => return start,
                _ => {
                    at = start + 1;
                    continue;
                }
            }
            let mut tag = TagScanner::default();
            match tag.scan(&window[start + 1..]) {
                Some(length) => at = start + 1 + length,
                None if start > 0 => return start,
                None => {
                    self.open = Some(tag);
                    return window.len();
                }
            }
        }
        window.len()
    }
}

/// Follows one tag as the HTML standard's tokenizer does, from behind its `<`.
#[derive(Default)]
struct TagScanner {
    state: TagState,
    attributes: usize,
}

/// The tokenizer's states inside a tag, by the names of the standard (13.2.5).
#[derive(Default, Clone, Copy)]
enum TagState {
    #[default]
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
    AfterQuoted,
    SelfClosing,
}

impl TagScanner {
    /// How many bytes of these the tag takes to its end; `None` if it goes on behind them.
    fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        use TagState::*;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            if let Quoted(quote) = self.state {
                // Addresses and styles: most of a tag.
                match bytes[at - 1..].iter().position(|&byte| byte == quote) {
                    None => return None,
                    Some(length) => at += length,
                }
                self.state = AfterQuoted;
                continue;
            }
            let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c');
            if byte == b'>' {
                return Some(at);
            }
            self.state = match self.state {
                TagName | AfterQuoted | Unquoted if is_space => BeforeName,
                TagName | AfterQuoted | Name | AfterName | BeforeName | SelfClosing
                    if byte == b'/' =>
                {
                    SelfClosing
                }
                TagName => TagName,
                Name if is_space => AfterName,
                Name | AfterName if byte == b'=' => BeforeValue,
                Name => Name,
                BeforeName | AfterName | BeforeValue if is_space => self.state,
                SelfClosing if is_space => BeforeName,
                BeforeName | AfterName | AfterQuoted | SelfClosing => {
                    self.attributes += 1;
                    Name
                }
                BeforeValue if matches!(byte, b'"' | b'\'') => Quoted(byte),
                BeforeValue | Unquoted => Unquoted,
                Quoted(quote) => Quoted(quote),
            };
        }
        None
    }
}

/// Stands between tokenizer and tree builder, and lets nothing more through once a limit is broken.
struct Guard {
    builder: TreeBuilder<ego_tree::NodeId, HtmlTreeSink>,
    broken: Cell<Option<&'static str>>,
    /// Whether a token came of the piece being fed.
    has_token: Cell<bool>,
    /// Tags so far.
    tags: Cell<u32>,
}

impl Guard {
    fn broken_by_tag(&self) -> Option<&'static str> {
        let html = self.builder.sink.0.borrow();
        if html.tree.values().len() > MAX_NODES {
            return Some("too_many_nodes");
        }
        // Going up from every tag would cost a tenth of the parse.
        self.tags.set(self.tags.get().wrapping_add(1));
        if !self.tags.get().is_multiple_of(DEPTH_CHECK) {
            return None;
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
        // However the tag is written, and whatever stands before it.
        for start in ["<p a= '>' ", "<p>文</p><p a='<' ", "<!-- > --><p ", "<p =='>'", "文<3<p/ "]
        {
            let html = format!("{start}{}", many(1_000_000));
            check(&html, Some("too_many_attributes"));
        }
        check(&format!("<p>文<!-- <p{} -->", many(2_000)), None);
        check(&format!("<p>{}", "a = b / c ".repeat(200_000)), None);
        check(&format!("<p title='{}'>", "a b ".repeat(200_000)), None);
        check(&format!("<script>{}</script>", "a b ".repeat(200_000)), None);
        check(&format!("<script>i<b {}</script>", "a b ".repeat(200_000)), None);
    }
}
