//! Texts inside blocks, escaped so that Markdown finds no markup in them.

use crate::view::content::{Linked, Nested, Piece};
use crate::view::is_unsafe_to_show;
use std::fmt::Write;

/// A text without links.
pub(super) fn escaped(text: &str, breaks: Breaks) -> String {
    let mut inline = Inline { out: String::new(), breaks, is_line_start: true };
    inline.push(text);
    inline.finish()
}

/// What a line break becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// A hard break; the next line starts like a new line.
    Hard,
    /// A character entity that does not break the line of Markdown, where everything must be on one line.
    Entity,
    /// `<br>`, which is allowed in table cells.
    Element,
}

/// A text with links that is being escaped.
pub(super) struct Inline {
    out: String,
    breaks: Breaks,
    is_line_start: bool,
}

impl Inline {
    pub fn of(text: &Linked<'_>, breaks: Breaks) -> String {
        Self::of_pieces(&text.pieces, breaks)
    }

    pub fn of_pieces(pieces: &[Piece<'_>], breaks: Breaks) -> String {
        let mut inline = Self { out: String::new(), breaks, is_line_start: true };
        for piece in pieces {
            match piece.url() {
                Some(url) => {
                    inline.out.push('[');
                    inline.is_line_start = false;
                    inline.push(piece.text);
                    let _ = write!(inline.out, "]({})", destination(url));
                }
                None => inline.push(piece.text),
            }
        }
        inline.finish()
    }

    /// The text of a list item, with its marker in front if Markdown has no such marker.
    pub fn marked(item: &Nested<'_>) -> String {
        match item.marker.filter(|_| item.number().is_none()) {
            Some(marker) => {
                let mut pieces = vec![Piece::plain(marker), Piece::plain(" ")];
                pieces.extend(&item.text.pieces);
                Self::of_pieces(&pieces, Breaks::Hard)
            }
            None => Self::of(&item.text, Breaks::Hard),
        }
    }

    fn push(&mut self, text: &str) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let behind = &rest[character.len_utf8()..];
            let opens_line = std::mem::take(&mut self.is_line_start);
            match character {
                '\n' => self.push_break(),
                ' ' | '\t' if opens_line => self.push_entity(character),
                '\0' => self.out.push('\u{fffd}'),
                other if other.is_control() => self.push_entity(other),
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '&' | '#' | '~' | '|' | '$' | '^' => {
                    self.out.extend(['\\', character]);
                }
                // Attributes of headings, and templates, are parsed before escapes are.
                '{' => self.push_entity(character),
                '>' | '-' | '+' | '=' | ':' if opens_line => self.out.extend(['\\', character]),
                // Before a link, it would make a picture.
                '!' if behind.is_empty() => self.out.push_str("\\!"),
                '0'..='9' if opens_line => {
                    rest = self.push_number(rest);
                    continue;
                }
                other => self.out.push(other),
            }
            rest = behind;
        }
    }

    /// A line that starts with `1.` or `1)` would be a list item.
    fn push_number<'a>(&mut self, text: &'a str) -> &'a str {
        let behind = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
        self.out.push_str(&text[..text.len() - behind.len()]);
        match behind.strip_prefix(['.', ')']) {
            Some(rest) => {
                self.out.push('\\');
                self.out.push_str(&behind[..1]);
                rest
            }
            None => behind,
        }
    }

    fn push_break(&mut self) {
        match self.breaks {
            // At the start of a line there is nothing to break.
            Breaks::Hard if self.out.is_empty() || self.out.ends_with('\n') => {
                self.push_entity('\n');
            }
            Breaks::Hard => {
                self.guard_end();
                self.out.push_str("\\\n");
                self.is_line_start = true;
            }
            Breaks::Entity => self.push_entity('\n'),
            Breaks::Element => self.out.push_str("<br>"),
        }
    }

    fn push_entity(&mut self, character: char) {
        let _ = write!(self.out, "&#{};", u32::from(character));
    }

    /// Blanks at the end of a line would be dropped.
    fn guard_end(&mut self) {
        let bare = self.out.trim_end_matches([' ', '\t']).len();
        let blanks = self.out.split_off(bare);
        for blank in blanks.chars() {
            self.push_entity(blank);
        }
    }

    fn finish(mut self) -> String {
        // A break needs a line after it.
        while self.out.ends_with("\\\n") {
            self.out.truncate(self.out.len() - 2);
            self.push_entity('\n');
        }
        self.guard_end();
        self.out
    }
}

/// An address as the target of a link, on one line and without characters that would end it.
pub(super) fn destination(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for (at, character) in url.char_indices() {
        match character {
            '(' | ')' => out.extend(['\\', character]),
            '&' if is_entity(&url[at..]) => out.push_str("\\&"),
            // Valid addresses do not contain these characters; escaped, they mean the same.
            '<' | '>' | '\\' | '|' | '`' => {
                let _ = write!(out, "%{:02X}", u32::from(character));
            }
            other if other.is_whitespace() || is_unsafe_to_show(other) => {
                let mut buffer = [0; 4];
                for byte in other.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a text starts with something that Markdown parses as an entity.
fn is_entity(text: &str) -> bool {
    // No entity has a name of more than 32 letters.
    let behind = text.bytes().skip(1).take(33);
    let mut behind = behind.skip_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
    behind.next() == Some(b';')
}
