//! Titles: plain text in which some scrapers left HTML entities.

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

/// Decodes entities once and trims the ends; the text between is kept as written.
pub(super) fn clean(raw: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    decode_entities(raw).trim_matches(is_edge).to_owned()
}

fn decode_entities(raw: &str) -> String {
    if !raw.contains('&') {
        return raw.to_owned();
    }
    // A title has no tags: every `<` is literal, so the tokenizer only has to decode entities.
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(raw.replace('<', "&lt;")));
    let tokenizer = Tokenizer::new(Characters::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// Collects all characters that a tokenizer emits.
#[derive(Default)]
struct Characters(RefCell<String>);

impl TokenSink for Characters {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        if let Token::CharacterTokens(characters) = token {
            self.0.borrow_mut().push_str(&characters);
        }
        TokenSinkResult::Continue
    }
}
