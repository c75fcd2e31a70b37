//! JSON objects of other programs as a container: each object is a document, stored as it is.

use crate::format::JsonArticle;
use crate::model::{Document, JSONL_HEADER, Origin, Reason, Rejection};
use crate::source::Member;
use crate::source::container::entries::Counted;
use crate::source::container::json::interchange::{JsonlMembers, is_jsonl};
use crate::source::container::json::look::{
    LOOK, Verdict, begins_otherwise, is_export_line, is_utf_16, may_begin, other_encoding, record,
    without_mark,
};
use crate::source::container::json::trails::Trails;
use crate::source::container::json::{CUT, Piece, Position, Scanner};
use crate::source::container::recorder::Recorder;
use crate::source::container::transcode::Transcoded;
use crate::source::container::{Container, Iter, Stream, one, peek, why};
use encoding_rs::Encoding;
use std::io::{self, BufRead, Cursor, Read};

const NO_ARTICLE: &str = "no JSON object with `html`, and `url` or `title`";

/// The members, if there is more than one object and a good part of the first objects are articles: a single
/// object is a document of its own. Otherwise the stream again, from its start.
pub(in crate::source) fn opened(
    head: &[u8],
    stream: Stream,
    container: Container,
) -> Result<Iter, Stream> {
    if begins_otherwise(head) {
        return Err(stream);
    }
    let (look, mut stream) = peek(stream, LOOK as u64);
    let encoding = other_encoding(&look);
    if let Some(encoding) = encoding.filter(|encoding| is_utf_16(encoding)) {
        let (verdict, is_ours) = judge_in(encoding, &look);
        if verdict == Verdict::One && !is_ours {
            return Err(stream);
        }
        let stream = Box::new(Transcoded::new(stream, encoding));
        return Ok(members(verdict, is_ours, stream, None, container));
    }
    if is_jsonl(&look) {
        return Ok(members(Verdict::Export, true, stream, None, container));
    }
    if !may_begin(without_mark(&look)) {
        return Err(stream);
    }
    let mark = look[..look.len() - without_mark(&look).len()].to_vec();
    stream.consume(mark.len());
    let max_bytes = container.limits.max_bytes;
    let most = max_bytes.saturating_add(LOOK as u64);
    let recorder = Recorder::new(stream, most);
    let trails = encoding.and_then(Trails::of);
    let (verdict, recorder, error) = judge(recorder, max_bytes, trails);
    // The error occurs again, after the bytes that were read.
    let whole = recorder.whole(error);
    match verdict {
        Verdict::One => Err(Box::new(Cursor::new(mark).chain(whole))),
        _ => Ok(members(verdict, false, whole, trails, container)),
    }
}

pub(in crate::source) fn members(
    verdict: Verdict,
    is_ours: bool,
    stream: Stream,
    trails: Option<Trails>,
    container: Container,
) -> Iter {
    match verdict {
        _ if is_ours => {
            let Container { origin, limits, .. } = container.clone();
            Box::new(Counted::new(JsonlMembers::new(stream, origin, limits.started), container))
        }
        Verdict::Export => {
            let detail = format!(
                "lines of a seedbank export without its first line: put {JSONL_HEADER} before them"
            );
            one(container.refuse(None, Rejection::because(Reason::DamagedArchive, detail)))
        }
        Verdict::Articles | Verdict::One => {
            let scanner = Scanner::new(stream, container.limits.max_bytes).with(trails);
            let container_of_all = container.clone();
            let members = LineMembers { scanner, container, refused: 0, is_over: false };
            Box::new(Counted::new(members, container_of_all))
        }
    }
}

/// Whether bytes in memory contain several documents.
pub(in crate::source) fn is_many(bytes: &[u8]) -> bool {
    if begins_otherwise(bytes) {
        return false;
    }
    let look = &bytes[..bytes.len().min(LOOK)];
    let encoding = other_encoding(look);
    if let Some(encoding) = encoding.filter(|encoding| is_utf_16(encoding)) {
        return judge_in(encoding, look) != (Verdict::One, false);
    }
    let trails = encoding.and_then(Trails::of);
    is_jsonl(look)
        || (may_begin(without_mark(look))
            && judge(without_mark(bytes), u64::MAX, trails).0 != Verdict::One)
}

/// What a text in UTF-16 is by its beginning, and whether it is our interchange file.
fn judge_in(encoding: &'static Encoding, look: &[u8]) -> (Verdict, bool) {
    let (text, _) = encoding.decode_with_bom_removal(look);
    let text = text.as_bytes();
    let may_begin = !begins_otherwise(text) && may_begin(text);
    let verdict = if may_begin { judge(text, u64::MAX, None).0 } else { Verdict::One };
    (verdict, is_jsonl(text))
}

/// Checks the first objects; returns the stream as far as it was read, and the error that stopped it.
fn judge<R: BufRead>(
    stream: R,
    max_bytes: u64,
    trails: Option<Trails>,
) -> (Verdict, R, Option<io::Error>) {
    let mut scanner = Scanner::new(stream, max_bytes).with(trails);
    let (mut pieces, mut has_article, mut has_export, mut error) = (0, false, false, None);
    loop {
        match scanner.next() {
            Ok(Some(Piece::Object(_, bytes))) => {
                has_article |= record(&bytes).is_some();
                has_export |= !has_article && is_export_line(&bytes);
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(why) => {
                error = Some(why);
                break;
            }
        }
        pieces += 1;
        let is_known = (has_article || has_export) && (pieces > 1 || scanner.has_marks);
        if is_known && scanner.read_bytes >= LOOK as u64 {
            break;
        }
    }
    // Whether a stream that was cut off contains only one object is unknown.
    let is_one = pieces == 1 && !scanner.has_marks && error.is_none();
    // A text that only quotes such a line as an example is a text.
    let is_good_part = scanner.object_bytes * 2 >= scanner.read_bytes;
    let verdict = match (has_article, has_export) {
        (true, _) if !is_one && is_good_part => Verdict::Articles,
        (_, true) if is_good_part => Verdict::Export,
        _ => Verdict::One,
    };
    (verdict, scanner.into_inner(), error)
}

/// The documents of one file, one object each.
struct LineMembers {
    scanner: Scanner<Stream>,
    container: Container,
    /// The last line with a refusal: each line is refused once.
    refused: u64,
    is_over: bool,
}

impl LineMembers {
    fn take(&mut self, piece: Piece) -> Option<Member> {
        let (position, length, reason, detail) = match piece {
            Piece::Object(position, bytes) => match record(&bytes) {
                Some(Ok(article)) => {
                    let origin = self.origin(&article, position, bytes.len());
                    return Some(Ok(Document { origin, bytes, same_as: None }));
                }
                Some(Err(why)) => (position, bytes.len() as u64, Reason::DamagedArchive, why),
                None => (position, bytes.len() as u64, Reason::DamagedArchive, NO_ARTICLE.into()),
            },
            Piece::TooLong(position, length) => {
                let max_bytes = self.container.limits.max_bytes;
                let detail = format!("longer than {max_bytes} bytes, which is the limit");
                (position, length, Reason::TooLarge, detail)
            }
            Piece::Broken(position, CUT, length) => {
                (position, length, Reason::DamagedArchive, CUT.into())
            }
            Piece::Broken(position, _, length) | Piece::Junk(position, length) => {
                (position, length, Reason::DamagedArchive, NO_ARTICLE.into())
            }
        };
        let is_news = self.refused != position.line;
        self.refused = position.line;
        is_news.then(|| {
            let origin = self.container.entry(format!("line {}", position.line), length, None);
            Err((origin, Rejection::because(reason, detail)))
        })
    }

    /// An object with the time of its saving has a state of its own; any other has the state of the file.
    fn origin(&self, article: &JsonArticle, position: Position, length: usize) -> Origin {
        let saved = article.observed_at.as_ref().and_then(|time| time.moment());
        let nanoseconds = saved.and_then(|time| time.seconds().checked_mul(1_000_000_000));
        let of_the_file = &self.container.origin;
        let (modified_ns, observed_at) = match nanoseconds {
            Some(ns) => (None, self.container.believed(ns)),
            None => (of_the_file.modified_ns, of_the_file.observed_at),
        };
        // With its own state: others may come before and after it.
        Origin {
            modified_ns,
            observed_at,
            ..self.container.entry(name(position), length as u64, None)
        }
    }
}

fn name(Position { line, number }: Position) -> String {
    if number == 1 { format!("line {line}") } else { format!("line {line}, object {number}") }
}

impl Iterator for LineMembers {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        while !self.is_over {
            match self.scanner.next() {
                Ok(Some(piece)) => {
                    if let Some(member) = self.take(piece) {
                        return Some(member);
                    }
                }
                Ok(None) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    let name = format!("line {}", self.scanner.line());
                    return Some(self.container.refuse(Some(name), why(error)));
                }
            }
        }
        None
    }
}
