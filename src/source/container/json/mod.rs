//! Scans a text for JSON objects: where each begins and ends, whatever is between them.
//!
//! Only the object that is being read is in memory, and nothing is recursive.

mod interchange;
pub(super) mod lines;
pub(super) mod live;
mod look;
mod trails;

use crate::source::container::json::trails::Trails;
use memchr::{memchr, memchr3};
use std::io::{self, BufRead};

/// The place of an object: its line, from 1, and its number among the objects that begin on this line, from
/// 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::source) struct Place {
    pub line: u64,
    pub number: u64,
}

/// The next piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) enum Piece {
    /// An object's bytes, from brace to brace; whether they are valid JSON is checked later.
    Object(Place, Vec<u8>),
    /// An object longer than the limit, with its length in bytes.
    TooLong(Place, u64),
    /// An object that is cut off or malformed; with the number of bytes read of it.
    Broken(Place, &'static str, u64),
    /// This many bytes that are neither an object nor a separator.
    Junk(Place, u64),
}

pub(in crate::source) const CUT: &str = "the file ends in the middle of this line";
const MALFORMED: &str = "this is no JSON";

/// More deeply nested text is not an object: every open bracket must be remembered.
const DEEPEST: usize = 1 << 20;

/// Reads a text piece by piece.
pub(in crate::source) struct Scanner<R> {
    stream: R,
    /// Bytes that are read again, before the stream.
    again: Vec<u8>,
    again_at: usize,
    most: u64,
    trails: Option<Trails>,
    line: u64,
    /// Number of objects that began on this line.
    number: u64,
    after_return: bool,
    /// Whether lines that can be the rest of a broken object are skipped.
    is_after_broken: bool,
    /// On lines before this one, an object must end on its own line.
    single_until: u64,
    /// Whether there were commas or brackets between the objects.
    pub has_marks: bool,
    /// Bytes of all objects so far.
    pub object_bytes: u64,
    /// Bytes read from the stream.
    pub read_bytes: u64,
}

/// An object that is being read.
#[derive(Default)]
struct Open {
    bytes: Vec<u8>,
    length: u64,
    /// The number of its bytes on its first line, if it has more lines.
    first_line: Option<usize>,
}

impl<R: BufRead> Scanner<R> {
    /// `most` is the maximum length of an object in bytes.
    pub fn new(stream: R, most: u64) -> Self {
        Self {
            stream,
            again: Vec::new(),
            again_at: 0,
            most,
            trails: None,
            line: 1,
            number: 0,
            after_return: false,
            is_after_broken: false,
            single_until: 0,
            has_marks: false,
            object_bytes: 0,
            read_bytes: 0,
        }
    }

    /// For a text whose characters can end in a byte that looks like a backslash.
    pub fn with(self, trails: Option<Trails>) -> Self {
        Self { trails, ..self }
    }

    pub fn into_inner(self) -> R {
        self.stream
    }

    pub fn stream(&self) -> &R {
        &self.stream
    }

    /// The number of the line that is being read.
    pub fn line(&self) -> u64 {
        self.line
    }

    fn fill(&mut self) -> io::Result<&[u8]> {
        if self.again_at < self.again.len() {
            return Ok(&self.again[self.again_at..]);
        }
        self.again = Vec::new();
        self.again_at = 0;
        self.stream.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if self.again_at < self.again.len() {
            self.again_at += count;
        } else {
            self.stream.consume(count);
            self.read_bytes += count as u64;
        }
    }

    /// Counts the line that a byte ends; CR, LF and both together end one line.
    fn count_line(&mut self, byte: u8) {
        if byte == b'\r' || (byte == b'\n' && !self.after_return) {
            self.line += 1;
            self.number = 0;
        }
        self.after_return = byte == b'\r';
    }

    fn place(&mut self) -> Place {
        self.number += 1;
        Place { line: self.line, number: self.number }
    }

    /// The next piece; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let Some(&byte) = self.fill()?.first() else { return Ok(None) };
            match byte {
                b'{' => {
                    self.is_after_broken = false;
                    return self.object().map(Some);
                }
                // RFC 7464 puts a record separator before each object.
                b',' | b'[' | b']' | 0x1e => self.has_marks = true,
                b'\0' => {}
                // A byte-order mark: concatenated files have some inside.
                0xef | 0xbb | 0xbf => {}
                _ if byte.is_ascii_whitespace() => {}
                _ => {
                    let place = self.place();
                    let is_rest = self.is_after_broken && matches!(byte, b'"' | b'}' | b':');
                    let is_known = is_rest || self.line < self.single_until;
                    let length = self.skip_junk()?;
                    if is_known {
                        continue;
                    }
                    self.is_after_broken = false;
                    return Ok(Some(Piece::Junk(place, length)));
                }
            }
            self.count_line(byte);
            self.consume(1);
        }
    }

    /// Skips to the end of the line, or to the next object on it; returns the number of bytes.
    fn skip_junk(&mut self) -> io::Result<u64> {
        let (mut before, mut is_over, mut length) = (0, false, 0);
        while !is_over {
            let buffer = self.fill()?;
            if buffer.is_empty() {
                break;
            }
            let mut end = buffer.len();
            for (at, &byte) in buffer.iter().enumerate() {
                let is_next = byte == b'{' && matches!(before, b'}' | b',' | b'[');
                if is_next || matches!(byte, b'\n' | b'\r') {
                    (end, is_over) = (at, true);
                    break;
                }
                if !byte.is_ascii_whitespace() {
                    before = byte;
                }
            }
            self.consume(end);
            length += end as u64;
        }
        self.after_return = false;
        Ok(length)
    }

    fn object(&mut self) -> io::Result<Piece> {
        let place = self.place();
        let is_single = place.line < self.single_until;
        let mut grammar = Grammar { trails: self.trails, ..Grammar::default() };
        let mut open = Open::default();
        let most = self.most;
        loop {
            let buffer = self.fill()?;
            if buffer.is_empty() {
                return self.broken(place, open, CUT);
            }
            let (mut count, step) = grammar.step(buffer);
            // The end of the line is not part of the object.
            count -= usize::from(is_single && step == Step::Line);
            let taken = &buffer[..count];
            open.length += count as u64;
            if open.length <= most {
                open.bytes.extend_from_slice(taken);
            } else {
                open.bytes = Vec::new();
            }
            let last = taken.last().copied();
            self.consume(count);
            self.after_return &= count <= 1;
            match step {
                Step::More => self.after_return = false,
                Step::Line if is_single => return self.broken(place, open, MALFORMED),
                Step::Line => {
                    open.first_line.get_or_insert(open.bytes.len());
                    self.count_line(last.unwrap_or(b'\n'));
                }
                Step::Bad => return self.broken(place, open, MALFORMED),
                Step::End => {
                    self.after_return = false;
                    self.object_bytes += open.length;
                    return Ok(if open.length > self.most {
                        Piece::TooLong(place, open.length)
                    } else {
                        Piece::Object(place, open.bytes)
                    });
                }
            }
        }
    }

    /// Continues after a broken object: on its other lines there may be valid ones.
    fn broken(&mut self, place: Place, open: Open, why: &'static str) -> io::Result<Piece> {
        let is_kept = open.length <= self.most;
        let mut length = open.length;
        let first_line = open.first_line.filter(|_| is_kept && place.line >= self.single_until);
        match first_line {
            Some(at) => {
                // The line on which it broke may start an object over several lines.
                self.single_until = self.line + u64::from(why == CUT);
                (self.line, self.number) = (place.line + 1, 0);
                self.after_return = open.bytes[at - 1] == b'\r';
                self.is_after_broken = true;
                let mut again = open.bytes;
                again.drain(..at);
                again.extend_from_slice(&self.again[self.again_at..]);
                (self.again, self.again_at) = (again, 0);
            }
            None => length += self.skip_junk()?,
        }
        Ok(if is_kept && length <= self.most {
            Piece::Broken(place, why, length)
        } else {
            Piece::TooLong(place, length)
        })
    }
}

/// Where a run of an object's bytes ends.
#[derive(Debug, PartialEq, Eq)]
enum Step {
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
struct Grammar {
    /// The open brackets.
    open: Vec<u8>,
    expect: Expect,
    is_escaped: bool,
    trails: Option<Trails>,
}

impl Grammar {
    /// Reads to the end of a line or of the object, at most.
    fn step(&mut self, bytes: &[u8]) -> (usize, Step) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The pieces as text, read with a buffer of this size in bytes.
    fn pieces(text: &str, buffer: usize) -> Vec<String> {
        pieces_up_to(text, buffer, 40)
    }

    fn pieces_up_to(text: &str, buffer: usize, most: u64) -> Vec<String> {
        let stream = io::BufReader::with_capacity(buffer, text.as_bytes());
        let mut scanner = Scanner::new(stream, most);
        let mut found = Vec::new();
        while let Some(piece) = scanner.next().unwrap() {
            let at = |place: Place| match place.number {
                1 => place.line.to_string(),
                number => format!("{}.{number}", place.line),
            };
            found.push(match piece {
                Piece::Object(place, bytes) => {
                    format!("{} {}", at(place), String::from_utf8(bytes).unwrap())
                }
                Piece::TooLong(place, length) => format!("{} {length} bytes", at(place)),
                Piece::Broken(place, CUT, _) => format!("{} cut", at(place)),
                Piece::Broken(place, ..) => format!("{} broken", at(place)),
                Piece::Junk(place, _) => format!("{} junk", at(place)),
            });
        }
        found
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        for buffer in [1, 2, 3, 7, 4096] {
            assert_eq!(pieces(text, buffer), expected, "{text:?} by {buffer}");
        }
    }

    #[test]
    fn objects_are_found_in_every_shape() {
        check("", &[]);
        check("{}\n\n{}", &["1 {}", "3 {}"]);
        check("{}\r{}\r\n{}\n\r\n{}", &["1 {}", "2 {}", "3 {}", "5 {}"]);
        check("{},\n{},\n", &["1 {}", "2 {}"]);
        check("[{}, {}\n,{}]\n", &["1 {}", "1.2 {}", "2 {}"]);
        check("{}{}\u{1e}{}", &["1 {}", "1.2 {}", "1.3 {}"]);
        check("\u{feff}{}\n\u{feff}{}\0\0", &["1 {}", "2 {}"]);
        check("{\n \"a\": [1,\r\n{}]\n}\n{}", &["1 {\n \"a\": [1,\r\n{}]\n}", "5 {}"]);
        check(
            r#"{"a":"}{\\\"","b":-1.5e+3}{"c":null}"#,
            &[r#"1 {"a":"}{\\\"","b":-1.5e+3}"#, r#"1.2 {"c":null}"#],
        );
    }

    #[test]
    fn what_is_bad_is_named_and_the_rest_is_found() {
        check("log\n{}\nnull\n{}", &["1 junk", "2 {}", "3 junk", "4 {}"]);
        check("[1,{}]", &["1 junk", "1.2 {}"]);
        check("{\"a\":1,}{}\n{}", &["1 broken", "1.2 {}", "2 {}"]);
        check("{\"a\n{}", &["1 broken", "2 {}"]);
        check("{\"a\":\n{}\n{}\n{}", &["1 broken", "2 {}", "3 {}", "4 {}"]);
        check("{\"a\":\n{\"b\":\n{}\n{", &["1 broken", "2 broken", "3 {}", "4 cut"]);
        check("{\"a\":\n{\"b\":\n{}", &["1 cut", "2 broken", "3 {}"]);
        check("{\n\"a\": x y,\n\"b\": 2\n}\n{}", &["1 broken", "5 {}"]);
        check("{\n\"a\": 1,\n{\n\"b\": 2\n}\n", &["1 broken", "3 {\n\"b\": 2\n}"]);
        check(&format!("{{\"a\":\"{}\"}}\n{{}}", "x".repeat(50)), &["1 58 bytes", "2 {}"]);
        check(&format!("{{\"a\":\"{}\n{{}}", "x".repeat(50)), &["1 56 bytes", "2 {}"]);
        check("{} text {}\n{}", &["1 {}", "1.2 junk", "2 {}"]);
    }

    proptest! {
        /// Every byte is read a bounded number of times, and buffering does not change the result.
        #[test]
        fn any_text_ends(text in "[{}\\[\\],:\"ax\\\\ \n\r]{0,80}", buffer in 1usize..9) {
            prop_assert_eq!(pieces(&text, buffer), pieces(&text, 4096));
        }

        #[test]
        fn objects_are_found_between_bad_lines(
            bad in prop::collection::vec("[{}\\[\\]:,\"ax]{0,9}", 0..9),
        ) {
            let text: String = bad.iter().map(|bad| format!("{bad}\n{{\"z\":1}}\n")).collect();
            let found = pieces_up_to(&text, 4096, u64::MAX);
            // On its own, or within an object over several lines.
            let good = found.iter().map(|piece| piece.matches("{\"z\":1}").count()).sum::<usize>();
            prop_assert_eq!(good, bad.len(), "{:?}", found);
        }
    }
}
