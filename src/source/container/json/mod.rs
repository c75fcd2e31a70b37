//! Scans a text for JSON objects: where each begins and ends, whatever is between them.
//!
//! Only the object that is being read is in memory, and nothing is recursive.

mod grammar;
mod interchange;
pub(super) mod lines;
pub(super) mod live;
mod look;
mod trails;

use crate::source::container::json::grammar::{Grammar, Step};
use crate::source::container::json::trails::Trails;
use std::io::{self, BufRead};

/// The place of an object: its line, from 1, and its number among the objects that begin on this line, from
/// 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::source) struct Position {
    pub line: u64,
    pub number: u64,
}

/// The next piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) enum Piece {
    /// An object's bytes, from brace to brace; whether they are valid JSON is checked later.
    Object(Position, Vec<u8>),
    /// An object longer than the limit, with its length in bytes.
    TooLong(Position, u64),
    /// An object that is cut off or malformed; with the number of bytes read of it.
    Broken(Position, &'static str, u64),
    /// This many bytes that are neither an object nor a separator.
    Junk(Position, u64),
}

pub(in crate::source) const CUT: &str = "the file ends in the middle of this line";
const MALFORMED: &str = "this is no JSON";

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

    fn position(&mut self) -> Position {
        self.number += 1;
        Position { line: self.line, number: self.number }
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
                    let position = self.position();
                    let is_rest = self.is_after_broken && matches!(byte, b'"' | b'}' | b':');
                    let is_known = is_rest || self.line < self.single_until;
                    let length = self.skip_junk()?;
                    if is_known {
                        continue;
                    }
                    self.is_after_broken = false;
                    return Ok(Some(Piece::Junk(position, length)));
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
        let position = self.position();
        let is_single = position.line < self.single_until;
        let mut grammar = Grammar::of(self.trails);
        let mut open = Open::default();
        let most = self.most;
        loop {
            let buffer = self.fill()?;
            if buffer.is_empty() {
                return self.broken(position, open, CUT);
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
                Step::Line if is_single => return self.broken(position, open, MALFORMED),
                Step::Line => {
                    open.first_line.get_or_insert(open.bytes.len());
                    self.count_line(last.unwrap_or(b'\n'));
                }
                Step::Bad => return self.broken(position, open, MALFORMED),
                Step::End => {
                    self.after_return = false;
                    self.object_bytes += open.length;
                    return Ok(if open.length > self.most {
                        Piece::TooLong(position, open.length)
                    } else {
                        Piece::Object(position, open.bytes)
                    });
                }
            }
        }
    }

    /// Continues after a broken object: on its other lines there may be valid ones.
    fn broken(&mut self, position: Position, open: Open, why: &'static str) -> io::Result<Piece> {
        let is_kept = open.length <= self.most;
        let mut length = open.length;
        let first_line = open.first_line.filter(|_| is_kept && position.line >= self.single_until);
        match first_line {
            Some(at) => {
                // The line on which it broke may start an object over several lines.
                self.single_until = self.line + u64::from(why == CUT);
                (self.line, self.number) = (position.line + 1, 0);
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
            Piece::Broken(position, why, length)
        } else {
            Piece::TooLong(position, length)
        })
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
            let at = |position: Position| match position.number {
                1 => position.line.to_string(),
                number => format!("{}.{number}", position.line),
            };
            found.push(match piece {
                Piece::Object(position, bytes) => {
                    format!("{} {}", at(position), String::from_utf8(bytes).unwrap())
                }
                Piece::TooLong(position, length) => format!("{} {length} bytes", at(position)),
                Piece::Broken(position, CUT, _) => format!("{} cut", at(position)),
                Piece::Broken(position, ..) => format!("{} broken", at(position)),
                Piece::Junk(position, _) => format!("{} junk", at(position)),
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
    fn bad_parts_are_reported_and_the_rest_is_found() {
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
