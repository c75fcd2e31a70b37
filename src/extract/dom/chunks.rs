//! Feeds a document to html5ever in chunks, such that the attributes of a tag are counted before html5ever
//! reads them.

/// Bytes fed at once: the work between two checks of the limits.
pub(super) const CHUNK: usize = 4 << 10;

/// Cuts a document into chunks such that a tag that does not end in its chunk starts a new one, and counts
/// the attributes of such a tag: html5ever compares each attribute with all before it, and reports the tag
/// only when it ends.
pub(super) struct Chunks<'a> {
    rest: &'a str,
    /// The tag that the last chunk left open.
    open: Option<TagScanner>,
    /// Whether the last chunk left a comment or a declaration open.
    is_in_declaration: bool,
}

impl<'a> Chunks<'a> {
    pub fn new(html: &'a str) -> Self {
        Self { rest: html, open: None, is_in_declaration: false }
    }

    /// A token shows that what seemed an open tag is not one: text in a script can look like a tag.
    pub fn saw_token(&mut self) {
        self.open = None;
        self.is_in_declaration = false;
    }

    pub fn open_attributes(&self) -> usize {
        self.open.as_ref().map_or(0, |tag| tag.attributes)
    }

    pub fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let limit = self.rest.floor_char_boundary(CHUNK);
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

/// Follows one tag like the tokenizer of the HTML standard, starting after its `<`.
#[derive(Default)]
pub(super) struct TagScanner {
    state: TagState,
    attributes: usize,
}

/// The tokenizer's states inside a tag, with the names of the standard (13.2.5).
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
    /// How many of these bytes the tag takes to its end; `None` if it continues after them.
    pub fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
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
