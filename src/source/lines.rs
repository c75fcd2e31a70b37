//! JSON lines of other programs as a carrier: each line is a document, kept as it stands there.

use super::Member;
use super::carrier::{Carrier, Iter, Stream, peek, why};
use crate::model::{Document, Origin, PageRecord, Reason, Rejection};
use serde::de::IgnoredAny;
use std::io::{self, BufRead, Cursor, Read};

/// Whether this can be the start of such a file.
pub(super) fn may_begin(head: &[u8]) -> bool {
    without_mark(head).trim_ascii_start().starts_with(b"{")
}

/// The members, if the first line is an article and not the only line: one object alone is a
/// document of its own. Otherwise the stream again, from its start.
pub(super) fn opened(mut stream: Stream, carrier: Carrier) -> Result<Iter, Stream> {
    let mut first = Vec::new();
    // An error is met again, behind what was read.
    let read = read_line(&mut stream, carrier.limits.max_bytes, &mut first);
    let (after, rest) = peek(stream, 4096);
    let is_one = read.is_ok() && is_article(&first) && is_more(&after);
    let whole: Stream = Box::new(Cursor::new(first).chain(rest));
    match is_one {
        true => Ok(Box::new(LineMembers { lines: whole, carrier, line_number: 0, is_over: false })),
        false => Err(whole),
    }
}

/// The same of bytes in memory.
pub(super) fn is_many(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    may_begin(bytes) && is_article(&bytes[..end]) && is_more(&bytes[end..])
}

fn is_article(line: &[u8]) -> bool {
    PageRecord::read(without_mark(line)).is_some()
}

fn is_more(after: &[u8]) -> bool {
    !after.trim_ascii().is_empty()
}

/// A byte-order mark is the file's, not the line's.
fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

/// Reads a line with its end, but hardly more than a document may have.
fn read_line(stream: &mut Stream, max_bytes: u64, line: &mut Vec<u8>) -> io::Result<usize> {
    // A line of just that many bytes has two more for its end.
    stream.take(max_bytes.saturating_add(2)).read_until(b'\n', line)
}

/// The documents of one file, line by line.
struct LineMembers {
    lines: Stream,
    carrier: Carrier,
    line_number: u64,
    is_over: bool,
}

impl LineMembers {
    fn take_line(&mut self, mut line: Vec<u8>) -> Option<Member> {
        let is_ended = line.ends_with(b"\n");
        if is_ended {
            line.truncate(line.len() - 1 - usize::from(line.ends_with(b"\r\n")));
        }
        if self.line_number == 1 {
            line = without_mark(&line).to_owned();
        }
        if line.trim_ascii().is_empty() {
            return None;
        }
        if line.len() as u64 > self.carrier.limits.max_bytes {
            return Some(self.refuse_long(line.len(), is_ended));
        }
        let refuse = |detail: &str| {
            let rejection = Rejection::because(Reason::DamagedArchive, detail);
            Err((self.place(line.len()), rejection))
        };
        Some(match PageRecord::read(&line) {
            Some(Ok(page)) => Ok(Document { origin: self.origin(&page, line.len()), bytes: line }),
            Some(Err(why)) => refuse(&why),
            None if !is_ended && serde_json::from_slice::<IgnoredAny>(&line).is_err() => {
                refuse("the file ends in the middle of this line")
            }
            None => refuse("no JSON object with `html`, and `url` or `title`"),
        })
    }

    /// Goes on behind a line that is too long to be read.
    fn refuse_long(&mut self, read: usize, is_ended: bool) -> Member {
        let skipped = match is_ended {
            true => Ok(0),
            false => self.lines.skip_until(b'\n'),
        };
        match skipped {
            Ok(skipped) => {
                let max_bytes = self.carrier.limits.max_bytes;
                let detail = format!("longer than {max_bytes} bytes, which is the limit");
                let rejection = Rejection::because(Reason::TooLarge, detail);
                Err((self.place(read + skipped), rejection))
            }
            Err(error) => self.stop(error),
        }
    }

    fn stop(&mut self, error: io::Error) -> Member {
        self.is_over = true;
        self.carrier.refuse(Some(self.name()), why(error))
    }

    /// A line that says when its page was saved has a state of its own; any other has the file's.
    fn origin(&self, page: &PageRecord, length: usize) -> Origin {
        let saved = page.observed_at.as_ref().and_then(|time| time.moment());
        let nanoseconds = saved.and_then(|time| time.seconds().checked_mul(1_000_000_000));
        let of_the_file = &self.carrier.origin;
        let (modified_ns, observed_at) = match nanoseconds {
            Some(ns) => (None, self.carrier.believed(ns)),
            None => (of_the_file.modified_ns, of_the_file.observed_at),
        };
        Origin { modified_ns, observed_at, ..self.place(length) }
    }

    /// A line in the state that it has itself: others may come before and behind it.
    fn place(&self, length: usize) -> Origin {
        self.carrier.entry(self.name(), length as u64, None)
    }

    fn name(&self) -> String {
        format!("line {}", self.line_number)
    }
}

impl Iterator for LineMembers {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        while !self.is_over {
            let mut line = Vec::new();
            self.line_number += 1;
            match read_line(&mut self.lines, self.carrier.limits.max_bytes, &mut line) {
                Ok(0) => self.is_over = true,
                Ok(_) => {
                    if let Some(member) = self.take_line(line) {
                        return Some(member);
                    }
                }
                Err(error) => return Some(self.stop(error)),
            }
        }
        None
    }
}
