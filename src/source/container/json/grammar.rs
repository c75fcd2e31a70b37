//! Follows the brackets and quotes of JSON byte by byte, to find where an object ends or breaks.

use crate::source::container::json::trails::Trails;
use memchr::{memchr, memchr3};

/// More deeply nested text is not an object: every open bracket must be remembered.
const DEEPEST: usize = 1 << 20;

/// Where a run of an object's bytes ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// At the end of the buffer.
    More,
    /// At the end of a line.
    Line,
    /// At its last brace.
    End,
    /// At an invalid byte.
    Bad,
}

/// What may come next inside an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Expect {
    #[default]
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// The rest of a number or word.
    Word,
    /// The rest of a string that is a key, or a value.
    KeyText,
    Text,
}

/// The brackets and quotes of JSON: as much of the grammar as is needed to find where an object ends or
/// breaks.
#[derive(Default)]
pub(super) struct Grammar {
    /// The open brackets.
    open: Vec<u8>,
    expect: Expect,
    is_escaped: bool,
    trails: Option<Trails>,
}

impl Grammar {
    pub fn of(trails: Option<Trails>) -> Self {
        Self { trails, ..Self::default() }
    }

    /// Reads to the end of a line or of the object, at most.
    pub fn step(&mut self, bytes: &[u8]) -> (usize, Step) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self.expect {
                Expect::Text | Expect::KeyText => match self.text(&bytes[at..]) {
                    Some(length) => {
                        at += length;
                        continue;
                    }
                    None => return (at, Step::Bad),
                },
                Expect::Word if byte.is_ascii_alphanumeric() || b"+-.".contains(&byte) => {}
                _ if byte == b'\n' || byte == b'\r' => {
                    self.end_word();
                    return (at + 1, Step::Line);
                }
                _ if byte.is_ascii_whitespace() => self.end_word(),
                _ => {
                    self.end_word();
                    match self.next(byte) {
                        Some(expect) => self.expect = expect,
                        None => return (at, Step::Bad),
                    }
                    if self.open.is_empty() {
                        return (at + 1, Step::End);
                    }
                }
            }
            at += 1;
        }
        (at, Step::More)
    }

    fn end_word(&mut self) {
        if self.expect == Expect::Word {
            self.expect = Expect::CommaOrEnd;
        }
    }

    /// How many bytes of a string can be skipped at once; `None` at the end of a line, which a string cannot
    /// contain.
    fn text(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.is_escaped {
            self.is_escaped = false;
            return (!matches!(bytes[0], b'\n' | b'\r')).then_some(1);
        }
        let stop = match &mut self.trails {
            Some(trails) => {
                let is_stop = |&byte: &u8| !trails.take(byte) && b"\"\\\n\r".contains(&byte);
                bytes.iter().position(is_stop).unwrap_or(bytes.len())
            }
            None => {
                let stop = memchr3(b'"', b'\\', b'\n', bytes).unwrap_or(bytes.len());
                memchr(b'\r', &bytes[..stop]).unwrap_or(stop)
            }
        };
        match bytes.get(stop) {
            None => return Some(stop),
            Some(b'"') if self.expect == Expect::KeyText => self.expect = Expect::Colon,
            Some(b'"') => self.expect = Expect::CommaOrEnd,
            Some(b'\\') => self.is_escaped = true,
            Some(_) if stop > 0 => return Some(stop),
            Some(_) => return None,
        }
        Some(stop + 1)
    }

    fn next(&mut self, byte: u8) -> Option<Expect> {
        let innermost = self.open.last().copied();
        Some(match (self.expect, byte) {
            (Expect::Value | Expect::ValueOrEnd, b'{') => self.opened(byte, Expect::KeyOrEnd)?,
            (Expect::Value | Expect::ValueOrEnd, b'[') => self.opened(byte, Expect::ValueOrEnd)?,
            (Expect::Value | Expect::ValueOrEnd, b'"') => Expect::Text,
            (Expect::Value | Expect::ValueOrEnd, b'-') => Expect::Word,
            (Expect::Value | Expect::ValueOrEnd, _) if byte.is_ascii_alphanumeric() => Expect::Word,
            (Expect::Key | Expect::KeyOrEnd, b'"') => Expect::KeyText,
            (Expect::Colon, b':') => Expect::Value,
            (Expect::CommaOrEnd, b',') if innermost == Some(b'{') => Expect::Key,
            (Expect::CommaOrEnd, b',') => Expect::Value,
            (Expect::KeyOrEnd | Expect::CommaOrEnd, b'}') if innermost == Some(b'{') => {
                self.closed()
            }
            (Expect::ValueOrEnd | Expect::CommaOrEnd, b']') if innermost == Some(b'[') => {
                self.closed()
            }
            _ => return None,
        })
    }

    fn opened(&mut self, bracket: u8, expect: Expect) -> Option<Expect> {
        self.open.push(bracket);
        (self.open.len() <= DEEPEST).then_some(expect)
    }

    fn closed(&mut self) -> Expect {
        self.open.pop();
        Expect::CommaOrEnd
    }
}
