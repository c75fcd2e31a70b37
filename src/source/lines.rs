//! JSON objects of other programs as a carrier: each is a document, kept as it stands there.

use super::Member;
use super::carrier::{Carrier, Iter, Stream, one, peek, why};
use super::entries::Counted;
use super::json::{CUT, Piece, Place, Scanner};
use super::jsonl::{JsonlMembers, is_jsonl};
use super::live::Recorder;
use super::trails::Trails;
use super::transcode::Transcoded;
use crate::encoding;
use crate::model::{Document, JSONL_HEADER, Origin, PageRecord, Reason, Rejection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr_iter;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::io::{self, BufRead, Cursor, Read};

/// As much is looked at, at most, until an object begins.
pub(super) const LOOK: usize = 64 << 10;
const NO_ARTICLE: &str = "no JSON object with `html`, and `url` or `title`";

/// What a text is, by its first objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A document, or none.
    One,
    Articles,
    /// Lines of our own interchange file without the first.
    Export,
}

/// The members, if articles are a good part of what comes first, and more than one object is there:
/// one object alone is a document of its own. Otherwise the stream again, from its start.
pub(super) fn opened(head: &[u8], stream: Stream, carrier: Carrier) -> Result<Iter, Stream> {
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
        return Ok(members(verdict, is_ours, stream, None, carrier));
    }
    if is_jsonl(&look) {
        return Ok(members(Verdict::Export, true, stream, None, carrier));
    }
    if !may_begin(without_mark(&look)) {
        return Err(stream);
    }
    let mark = look[..look.len() - without_mark(&look).len()].to_vec();
    stream.consume(mark.len());
    let max_bytes = carrier.limits.max_bytes;
    let most = max_bytes.saturating_add(LOOK as u64);
    let recorder = Recorder::new(stream, most);
    let trails = encoding.and_then(Trails::of);
    let (verdict, recorder, error) = judge(recorder, max_bytes, trails);
    // An error is met again, after what was read.
    let whole = recorder.whole(error);
    match verdict {
        Verdict::One => Err(Box::new(Cursor::new(mark).chain(whole))),
        _ => Ok(members(verdict, false, whole, trails, carrier)),
    }
}

pub(super) fn members(
    verdict: Verdict,
    is_ours: bool,
    stream: Stream,
    trails: Option<Trails>,
    carrier: Carrier,
) -> Iter {
    match verdict {
        _ if is_ours => {
            let Carrier { origin, limits, .. } = carrier.clone();
            Box::new(Counted::new(JsonlMembers::new(stream, origin, limits.started), carrier))
        }
        Verdict::Export => {
            let detail = format!(
                "lines of a seedbank export without its first line: put {JSONL_HEADER} before them"
            );
            one(carrier.refuse(None, Rejection::because(Reason::DamagedArchive, detail)))
        }
        Verdict::Articles | Verdict::One => {
            let scanner = Scanner::new(stream, carrier.limits.max_bytes).with(trails);
            let carrier_of_all = carrier.clone();
            let members = LineMembers { scanner, carrier, refused: 0, is_over: false };
            Box::new(Counted::new(members, carrier_of_all))
        }
    }
}

/// The same of bytes in memory: whether they hold several documents.
pub(super) fn is_many(bytes: &[u8]) -> bool {
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

/// Whether a file begins as a seed with a header does: nearly all do, and need no other look.
pub(super) fn begins_otherwise(head: &[u8]) -> bool {
    let head = without_mark(head).trim_ascii_start();
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    head.starts_with(b"<!--")
        || head.starts_with(b"---")
        || (head.starts_with(b"[")
            && !begins_array(head)
            && line.windows(2).any(|pair| pair == b"]("))
}

/// Whether the first text after brackets is a name in an object: no title of a link begins so.
fn begins_array(head: &[u8]) -> bool {
    let is_bracket = |byte: &u8| *byte == b'[' || byte.is_ascii_whitespace();
    let inner = head.iter().position(|byte| !is_bracket(byte)).map_or(&[][..], |at| &head[at..]);
    let object = inner.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    object.is_some_and(|object| object.starts_with(b"\""))
}

/// Whether an object begins somewhere in this that can be one of many: first, or on a line.
fn may_begin(look: &[u8]) -> bool {
    let before = |at: usize| {
        let before =
            look[..at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t' | 0xef | 0xbb | 0xbf));
        before.is_none_or(|byte| b"\r\n[,}\x1e\0".contains(byte))
    };
    memchr_iter(b'{', look).any(|at| {
        let after = look[at + 1..].trim_ascii_start().first();
        after.is_none_or(|byte| *byte == b'"') && before(at)
    })
}

/// A byte-order mark is the file's, not the line's.
pub(super) fn without_mark(line: &[u8]) -> &[u8] {
    let in_gb18030 = || line.strip_prefix(b"\x84\x31\x95\x33");
    line.strip_prefix(b"\xef\xbb\xbf").or_else(in_gb18030).unwrap_or(line)
}

/// The encoding of what begins so, if it is not UTF-8 and may hold objects.
pub(super) fn other_encoding(look: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(look) {
        return Some(encoding).filter(|encoding| *encoding != UTF_8);
    }
    match *look {
        [1..=127, 0, 1..=127, 0, ..] => return Some(UTF_16LE),
        [0, 1..=127, 0, 1..=127, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let is_utf_8 = std::str::from_utf8(look).map_or_else(|it| it.error_len().is_none(), |_| true);
    if is_utf_8 || !may_begin(without_mark(look)) || is_mostly_utf_8(look) {
        return None;
    }
    let name = encoding::decode(look).ok()?.encoding;
    let label = name.split(' ').next()?;
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_8)
}

/// Whether a line ends only where a code unit does that is no byte.
pub(super) fn is_utf_16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Whether bad bytes are on fewer lines than letters beyond ASCII.
fn is_mostly_utf_8(look: &[u8]) -> bool {
    let lines = look.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_ascii());
    let (good, bad): (Vec<_>, Vec<_>) = lines.partition(|line| std::str::from_utf8(line).is_ok());
    good.len() > bad.len()
}

/// A line or an object as UTF-8. Each has an encoding of its own: files are joined from others.
pub(super) fn as_utf_8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_utf_8 = std::str::from_utf8(bytes).is_ok();
    let decoded = if is_utf_8 { None } else { encoding::decode(bytes).ok() };
    decoded.map_or(Cow::Borrowed(bytes), |decoded| Cow::Owned(decoded.text.into_bytes()))
}

pub(super) fn record(object: &[u8]) -> Option<Result<PageRecord, String>> {
    PageRecord::read(&as_utf_8(object))
}

/// What a text in UTF-16 is by its beginning, and whether it is our own interchange file.
fn judge_in(encoding: &'static Encoding, look: &[u8]) -> (Verdict, bool) {
    let (text, _) = encoding.decode_with_bom_removal(look);
    let text = text.as_bytes();
    let may_begin = !begins_otherwise(text) && may_begin(text);
    let verdict = if may_begin { judge(text, u64::MAX, None).0 } else { Verdict::One };
    (verdict, is_jsonl(text))
}

/// Looks at the first objects; gives the stream back as far as it was read, and what stopped it.
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
    // Whether a stream that was cut off holds one, nobody knows.
    let is_one = pieces == 1 && !scanner.has_marks && error.is_none();
    // A text that shows how such a line looks is a text.
    let is_good_part = scanner.object_bytes * 2 >= scanner.read_bytes;
    let verdict = match (has_article, has_export) {
        (true, _) if !is_one && is_good_part => Verdict::Articles,
        (_, true) if is_good_part => Verdict::Export,
        _ => Verdict::One,
    };
    (verdict, scanner.into_inner(), error)
}

pub(super) fn is_export_line(object: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum ExportLine {
        Article { seeds: IgnoredAny, canonical_url: IgnoredAny, paragraphs: IgnoredAny },
        Rejected { rejected_seed: IgnoredAny },
    }
    serde_json::from_slice::<ExportLine>(object).is_ok()
}

/// The documents of one file, object by object.
struct LineMembers {
    scanner: Scanner<Stream>,
    carrier: Carrier,
    /// The last line of which something was refused: each is refused once.
    refused: u64,
    is_over: bool,
}

impl LineMembers {
    fn take(&mut self, piece: Piece) -> Option<Member> {
        let (place, length, reason, detail) = match piece {
            Piece::Object(place, bytes) => match record(&bytes) {
                Some(Ok(page)) => {
                    let origin = self.origin(&page, place, bytes.len());
                    return Some(Ok(Document { origin, bytes, same_as: None }));
                }
                Some(Err(why)) => (place, bytes.len() as u64, Reason::DamagedArchive, why),
                None => (place, bytes.len() as u64, Reason::DamagedArchive, NO_ARTICLE.into()),
            },
            Piece::TooLong(place, length) => {
                let max_bytes = self.carrier.limits.max_bytes;
                let detail = format!("longer than {max_bytes} bytes, which is the limit");
                (place, length, Reason::TooLarge, detail)
            }
            Piece::Broken(place, CUT, length) => {
                (place, length, Reason::DamagedArchive, CUT.into())
            }
            Piece::Broken(place, _, length) | Piece::Junk(place, length) => {
                (place, length, Reason::DamagedArchive, NO_ARTICLE.into())
            }
        };
        let is_news = self.refused != place.line;
        self.refused = place.line;
        is_news.then(|| {
            let origin = self.carrier.entry(format!("line {}", place.line), length, None);
            Err((origin, Rejection::because(reason, detail)))
        })
    }

    /// An object that says when its page was saved has a state of its own; any other has the file's.
    fn origin(&self, page: &PageRecord, place: Place, length: usize) -> Origin {
        let saved = page.observed_at.as_ref().and_then(|time| time.moment());
        let nanoseconds = saved.and_then(|time| time.seconds().checked_mul(1_000_000_000));
        let of_the_file = &self.carrier.origin;
        let (modified_ns, observed_at) = match nanoseconds {
            Some(ns) => (None, self.carrier.believed(ns)),
            None => (of_the_file.modified_ns, of_the_file.observed_at),
        };
        // In the state that it has itself: others may come before and after it.
        Origin { modified_ns, observed_at, ..self.carrier.entry(name(place), length as u64, None) }
    }
}

fn name(Place { line, number }: Place) -> String {
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
                    return Some(self.carrier.refuse(Some(name), why(error)));
                }
            }
        }
        None
    }
}
