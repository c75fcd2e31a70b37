//! The fast path to html5ever's tree for plain markup, which is nearly all of a document.
//!
//! html5ever's tokenizer goes character by character through states that can be interrupted anywhere. Text,
//! and tags in their usual form, have only one reading: they are cut out of the document directly and passed
//! to the tree builder. Everything else goes through the tokenizer, a tag at a time, or from there to the end
//! of the document; no rule of HTML is decided here. Tests compare the trees of both ways, on generated and
//! real documents.

use super::Guard;
use super::chunks::{CHUNK, TagScanner};
use crate::model::PageLimit;
use html5ever::buffer_queue::BufferQueue;
use html5ever::data::NAMED_ENTITIES;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::{Attribute, LocalName, QualName, ns};
use memchr::{memchr, memchr3, memmem};

/// A tag with more attributes is left to the tokenizer and the limits around it.
const PLAIN_ATTRIBUTES: usize = 64;
/// Few tags have more.
const USUAL_ATTRIBUTES: usize = 4;

/// Passes as much of a document to the tree builder as possible, from its start, and returns the number of
/// bytes: the tokenizer continues there. Or returns the limit that was exceeded.
pub(super) fn parse(html: &str, tokenizer: &Tokenizer<Guard<'_>>) -> Result<usize, PageLimit> {
    let source = StrTendril::from_slice(html);
    let mut parser = Parser { html, source, tokenizer, at: 0 };
    while parser.at < html.len() && parser.step().is_some() {
        if let Some(limit) = tokenizer.sink.broken() {
            return Err(limit);
        }
    }
    Ok(parser.at)
}

struct Parser<'a> {
    html: &'a str,
    /// The same text, to take slices of.
    source: StrTendril,
    tokenizer: &'a Tokenizer<Guard<'a>>,
    /// Everything before has been passed to the tree builder. At this position the tokenizer is between two
    /// tokens, or in raw text.
    at: usize,
}

impl Parser<'_> {
    /// Passes on the text before the next tag, and the tag; `None` if only the tokenizer can continue.
    fn step(&mut self) -> Option<()> {
        let bytes = self.html.as_bytes();
        if self.tokenizer.sink.is_in_raw_text() {
            // The tokenizer finds its end, which is before a `>`.
            let end = self.at + memchr(b'>', &bytes[self.at..])? + 1;
            return self.feed(end);
        }
        let tag_at = memchr(b'<', &bytes[self.at..]).map_or(bytes.len(), |length| self.at + length);
        if self.at < tag_at {
            match self.text(self.at, tag_at, false) {
                Some(text) => self.emit(Token::CharacterTokens(text)),
                None => return self.feed_tag(tag_at),
            }
            self.at = tag_at;
        }
        match bytes.get(tag_at + 1) {
            Some(b'!') => {
                let end = comment_end(&bytes[tag_at..])?;
                self.emit(Token::CommentToken(StrTendril::new()));
                self.at += end;
            }
            Some(_) => match self.tag() {
                Some((tag, end)) => {
                    self.emit(Token::TagToken(tag));
                    self.at = end;
                }
                None => return self.feed_tag(tag_at),
            },
            // A `<` at the end, or the end itself.
            None if tag_at < bytes.len() => return None,
            None => {}
        }
        Some(())
    }

    fn emit(&self, token: Token) {
        let result = self.tokenizer.sink.process_token(token, 1);
        debug_assert!(
            matches!(result, TokenSinkResult::Continue | TokenSinkResult::EncodingIndicator(_)),
            "{result:?}"
        );
    }

    /// Passes everything up to the end of the tag at `tag_at` to the tokenizer.
    fn feed_tag(&mut self, tag_at: usize) -> Option<()> {
        let tag = self.html.as_bytes().get(tag_at + 1..)?;
        if !tag.strip_prefix(b"/").unwrap_or(tag).first()?.is_ascii_alphabetic() {
            return None;
        }
        // Inside these, CDATA sections have another meaning than elsewhere.
        let starts = |name: &str| {
            tag.get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
        };
        if starts("svg") || starts("math") {
            return None;
        }
        let end = tag_at + 1 + TagScanner::default().scan(&tag[..tag.len().min(CHUNK)])?;
        self.feed(end)
    }

    fn feed(&mut self, end: usize) -> Option<()> {
        if end - self.at > 2 * CHUNK {
            return None;
        }
        let queue = BufferQueue::default();
        queue.push_back(self.cut(self.at, end));
        // A script's end tag returns control; no script is run, so this continues.
        while !queue.is_empty() {
            let _ = self.tokenizer.feed(&queue);
        }
        self.at = end;
        Some(())
    }

    fn cut(&self, start: usize, end: usize) -> StrTendril {
        // Offsets of ASCII characters or the ends of the document; files are below 4 GiB.
        self.source.subtendril(start as u32, (end - start) as u32)
    }

    /// The decoded text of a stretch, or of a value; `None` if only the tokenizer reads it correctly.
    fn text(&self, start: usize, end: usize, is_value: bool) -> Option<StrTendril> {
        let bytes = &self.html.as_bytes()[start..end];
        if memchr3(b'&', b'\r', b'\0', bytes).is_none() {
            return Some(self.cut(start, end));
        }
        decoded(&self.html[start..end], is_value)
    }

    /// The tag at `self.at`, and its end; `None` if it is not in the usual form.
    fn tag(&self) -> Option<(Tag, usize)> {
        let bytes = self.html.as_bytes();
        let is_end = bytes[self.at + 1] == b'/';
        let start = self.at + 1 + usize::from(is_end);
        let mut at = start + bytes[start..].iter().position(|&byte| !is_name(byte))?;
        let name = &self.html[start..at];
        if !name.as_bytes().first()?.is_ascii_lowercase() || (!is_end && holds_raw_text(name)) {
            return None;
        }
        let mut tag = Tag {
            kind: if is_end { TagKind::EndTag } else { TagKind::StartTag },
            name: LocalName::from(name),
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        for _ in 0..=PLAIN_ATTRIBUTES {
            let blanks = blanks(&bytes[at..]);
            at += blanks;
            match bytes.get(at)? {
                b'>' => return Some((tag, at + 1)),
                b'/' if bytes.get(at + 1) == Some(&b'>') => {
                    tag.self_closing = true;
                    return Some((tag, at + 2));
                }
                _ if blanks == 0 || is_end => return None,
                _ => at = self.attribute(at, &mut tag)?,
            }
        }
        None
    }

    /// Reads an attribute into its tag, and returns its end.
    fn attribute(&self, start: usize, tag: &mut Tag) -> Option<usize> {
        let bytes = self.html.as_bytes();
        let name_end = start + bytes[start..].iter().position(|&byte| !is_name(byte))?;
        if name_end == start {
            return None;
        }
        let behind = name_end + blanks(&bytes[name_end..]);
        let (value, end) = match bytes.get(behind)? {
            b'=' => self.value(behind + 1 + blanks(&bytes[behind + 1..]))?,
            b'>' | b'/' => (StrTendril::new(), name_end),
            _ if behind > name_end => (StrTendril::new(), name_end),
            _ => return None,
        };
        let name = LocalName::from(&self.html[start..name_end]);
        if tag.attrs.iter().any(|known| known.name.local == name) {
            tag.had_duplicate_attributes = true;
        } else {
            if tag.attrs.is_empty() {
                tag.attrs = Vec::with_capacity(USUAL_ATTRIBUTES);
            }
            tag.attrs.push(Attribute { name: QualName::new(None, ns!(), name), value });
        }
        Some(end)
    }

    /// The value that starts here, and its end, including its quotes.
    fn value(&self, start: usize) -> Option<(StrTendril, usize)> {
        let bytes = &self.html.as_bytes()[start..];
        match *bytes.first()? {
            quote @ (b'"' | b'\'') => {
                let end = start + 1 + memchr(quote, &bytes[1..])?;
                Some((self.text(start + 1, end, true)?, end + 1))
            }
            _ => {
                let is_plain =
                    |byte: &u8| is_name(*byte) || matches!(byte, b'A'..=b'Z' | b'/' | b'#' | b'%');
                let length = bytes.iter().take_while(|byte| is_plain(byte)).count();
                let is_whole = blanks(&bytes[length..]) > 0 || *bytes.get(length)? == b'>';
                (length > 0 && is_whole).then(|| (self.cut(start, start + length), start + length))
            }
        }
    }
}

/// Whether a byte occurs in the names of most tags and attributes.
fn is_name(byte: u8) -> bool {
    // A table: this is asked for each byte of each tag.
    static IN_NAMES: [bool; 256] = {
        let mut bytes = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            bytes[byte] =
                matches!(byte as u8, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b':' | b'.');
            byte += 1;
        }
        bytes
    };
    IN_NAMES[usize::from(byte)]
}

/// The number of blanks at the start, as inside a tag.
fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\x0c')).count()
}

/// Elements whose start tag makes the tokenizer read raw text, and those with CDATA sections.
fn holds_raw_text(name: &str) -> bool {
    matches!(
        name,
        "iframe"
            | "math"
            | "noembed"
            | "noframes"
            | "noscript"
            | "plaintext"
            | "script"
            | "style"
            | "svg"
            | "textarea"
            | "title"
            | "xmp"
    )
}

/// The length of the comment at the start; `None` for other declarations, and for comments that do not end in
/// `-->`.
fn comment_end(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(b"<!--") {
        return None;
    }
    // The first dashes can be the last: `<!-->`.
    let end = 2 + memmem::find(&bytes[2..], b"-->")? + 3;
    memmem::find(&bytes[..end], b"--!>").is_none().then_some(end)
}

/// A text with its character references and line ends decoded.
fn decoded(text: &str, is_value: bool) -> Option<StrTendril> {
    let mut read = StrTendril::with_capacity(text.len() as u32);
    let mut rest = text;
    while let Some(at) = memchr3(b'&', b'\r', b'\0', rest.as_bytes()) {
        read.push_slice(&rest[..at]);
        let behind = &rest[at + 1..];
        rest = match rest.as_bytes()[at] {
            b'&' => {
                let (characters, length) = reference(behind, is_value)?;
                characters.into_iter().flatten().for_each(|c| read.push_char(c));
                &behind[length..]
            }
            b'\r' => {
                read.push_char('\n');
                behind.strip_prefix('\n').unwrap_or(behind)
            }
            _ => return None,
        };
    }
    read.push_slice(rest);
    Some(read)
}

/// The value of a character reference after a `&`, and its length; the `&` itself if there is none.
fn reference(text: &str, is_value: bool) -> Option<([Option<char>; 2], usize)> {
    const LITERAL: ([Option<char>; 2], usize) = ([Some('&'), None], 0);
    let length = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, behind) = text.split_at(length);
    let first = text.bytes().next();
    match first {
        Some(b'#') => {
            let (c, length) = numeric(&text[1..])?;
            Some(([Some(c), None], 1 + length))
        }
        Some(byte) if byte.is_ascii_alphabetic() => {
            if behind.starts_with(';')
                && let Some(&(one, two)) = NAMED_ENTITIES.get(&text[..=length])
                && one != 0
            {
                let second = char::from_u32(two).filter(|&c| c != '\0');
                return Some(([Some(char::from_u32(one)?), second], length + 1));
            }
            // A name without its semicolon is valid too, and so is its prefix, but not in a query.
            let is_known =
                |length| NAMED_ENTITIES.get(&name[..length]).is_some_and(|known| known.0 != 0);
            let is_query = is_value && behind.starts_with('=');
            (is_query || !(1..=length.min(LONGEST_BARE)).any(is_known)).then_some(LITERAL)
        }
        _ => Some(LITERAL),
    }
}

/// The longest name that needs no semicolon: `Ccedil` and others have six letters.
pub(super) const LONGEST_BARE: usize = 6;

/// The character of a number, and the length from after the `#`; `None` unless it is a usual one.
fn numeric(text: &str) -> Option<(char, usize)> {
    let (digits, radix, before) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (text, 10, 0),
    };
    let length = digits.bytes().take(8).position(|byte| byte == b';')?;
    if digits.starts_with('+') {
        return None;
    }
    let c = char::from_u32(u32::from_str_radix(&digits[..length], radix).ok()?)?;
    matches!(c, ' '..='~' | '\u{a0}'..).then_some((c, before + length + 1))
}
