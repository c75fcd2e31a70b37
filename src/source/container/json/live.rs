//! JSON from a live stream, which may pause for a long time: its kind is decided as soon as an article is
//! complete, without waiting for more bytes.

use crate::source::container::json::interchange::is_jsonl;
use crate::source::container::json::lines::members;
use crate::source::container::json::look::{
    LOOK, Verdict, begins_otherwise, is_export_line, is_utf_16, other_encoding, record,
    without_mark,
};
use crate::source::container::json::trails::Trails;
use crate::source::container::json::{Piece, Scanner};
use crate::source::container::recorder::Recorder;
use crate::source::container::transcode::Transcoded;
use crate::source::container::{Container, HEAD, Iter, Stream, peek};
use memchr::memchr;
use std::io::{self, BufRead};

/// How many bytes show whether it is UTF-16.
const FIRST: u64 = 4;

/// The members of a stream whose first objects are articles, or of our interchange file; otherwise the stream
/// again, from its start. Only the bytes decide, not their timing.
pub(in crate::source) fn as_they_come(
    stream: Stream,
    container: Container,
) -> Result<Iter, Stream> {
    let (first, stream) = peek(stream, FIRST);
    let most = container.limits.max_bytes.saturating_add(LOOK as u64);
    let utf_16 = other_encoding(&first).filter(|encoding| is_utf_16(encoding));
    let mut recorder = Recorder::new(stream, most);
    let mut trails = None;
    // A byte-order mark in GB18030 is not part of a line; hardly anybody writes one.
    if without_mark(&first).is_empty() {
        return Err(recorder.whole(None));
    }
    loop {
        let looked;
        (looked, recorder) = match utf_16 {
            Some(encoding) => {
                let text = Recorder::new(Transcoded::new(recorder, encoding), most);
                let (looked, text) = look(text, most, trails);
                (looked, text.stream.into_inner())
            }
            None => look(recorder, most, trails),
        };
        match looked {
            Looked::Known(verdict, is_ours) => {
                let whole = recorder.whole(None);
                let whole: Stream = match utf_16 {
                    Some(encoding) => Box::new(Transcoded::new(whole, encoding)),
                    None => whole,
                };
                return Ok(members(verdict, is_ours, whole, trails, container));
            }
            Looked::Unknown(error) => return Err(recorder.whole(error)),
            // Read again, in the encoding that is now known.
            Looked::Encoded(found) => {
                trails = Some(found);
                recorder = Recorder::new(recorder.whole(None), most);
            }
        }
    }
}

/// The kind of a stream, by its first pieces.
enum Looked {
    /// Known, and whether it is our interchange file.
    Known(Verdict, bool),
    /// Its characters can end in a byte that looks like a backslash: it must be read in this encoding.
    Encoded(Trails),
    /// Too little, or something else; with the error that ended reading, if any.
    Unknown(Option<io::Error>),
}

/// Reads pieces until their kind is known.
fn look<R: BufRead>(
    stream: Recorder<R>,
    most: u64,
    trails: Option<Trails>,
) -> (Looked, Recorder<R>) {
    let mut scanner = Scanner::new(stream, most).with(trails);
    let (mut at, mut has_article, mut has_export) = (0, false, false);
    let looked = loop {
        let piece = match scanner.next() {
            Ok(Some(piece)) => piece,
            Ok(None) => break Looked::Unknown(None),
            Err(error) => break Looked::Unknown(Some(error)),
        };
        let seen = &scanner.stream().seen;
        let recent = &seen[at..];
        let is_text = memchr(0, recent).is_none();
        let is_seed =
            at < HEAD as usize && begins_otherwise(&seen[..seen.len().min(HEAD as usize)]);
        if !is_text || is_seed {
            break Looked::Unknown(None);
        }
        if trails.is_none()
            && std::str::from_utf8(recent).is_err()
            && let Some(found) = other_encoding(recent).and_then(Trails::of)
        {
            break Looked::Encoded(found);
        }
        if let Piece::Object(_, bytes) = &piece {
            if at == 0 && is_jsonl(bytes) {
                break Looked::Known(Verdict::Export, true);
            }
            has_article |= record(bytes).is_some();
            has_export |= !has_article && is_export_line(bytes);
        }
        at = seen.len();
        // A text that only quotes such an object as an example is a text.
        let is_good_part = scanner.object_bytes * 2 >= scanner.read_bytes;
        match (has_article, has_export) {
            (true, _) if is_good_part => break Looked::Known(Verdict::Articles, false),
            (_, true) if is_good_part => break Looked::Known(Verdict::Export, false),
            _ if scanner.read_bytes >= LOOK as u64 => break Looked::Unknown(None),
            _ => {}
        }
    };
    (looked, scanner.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, Place, Timestamp};
    use crate::source::Limits;
    use encoding_rs::{BIG5, GB18030};
    use std::io::{BufReader, Cursor, Read};

    /// A stream that would block.
    struct Silence;

    impl Read for Silence {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("it waits")
        }
    }

    fn container() -> Container {
        let origin = Origin::at(Place::of_file("-"));
        let started = Timestamp::now();
        let limits = Limits { max_bytes: 1 << 20, most_entries: 1000, most_refused: 1000, started };
        Container { origin, limits, is_stream: true, only_entries: false }
    }

    const ONE: &str = r#"{"url":"u","title":"題","html":"<p>說：\"成功\" 許功蓋</p>"}"#;
    const PRETTY: &str = "{\n \"url\": \"u\",\n \"title\": \"題\",\n \"html\":\n \"<p>許功\"\n}";

    fn utf_16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn complete_articles_are_not_delayed() {
        let header = "{\"seedbank_jsonl\":1}\n";
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let seed = format!("{{\"seeds\":[{{\"sha256\":\"{sha256}\",\"body\":\"\"}}]}}\n");
        let shapes = [
            (ONE.to_owned(), "line 1"),
            (format!("{ONE}\n"), "line 1"),
            (format!("\u{feff}\r\n{ONE}\r"), "line 2"),
            (format!("[{ONE}"), "line 1"),
            (format!("[\n  {ONE},"), "line 2"),
            (format!("\u{1e}{ONE}\n"), "line 1"),
            (PRETTY.to_owned(), "line 1"),
            (format!("[\n{PRETTY},"), "line 2"),
            (format!("{{}}{PRETTY}"), "line 1, object 2"),
            (format!("{header}{seed}"), "line 2"),
        ];
        for (text, name) in shapes {
            // Only the end of a line shows whether a byte is a backslash.
            let line = format!("{}\n", text.trim_start_matches('\u{feff}'));
            for bytes in [
                text.clone().into_bytes(),
                utf_16(&text),
                BIG5.encode(&line).0.into_owned(),
                GB18030.encode(&line).0.into_owned(),
            ] {
                let stream = Cursor::new(bytes.clone()).chain(BufReader::new(Silence));
                let members = as_they_come(Box::new(stream), container());
                let found = members.unwrap_or_else(|_| panic!("{text}")).find(Result::is_ok);
                let found = found.unwrap().unwrap().origin.place.member.unwrap();
                assert_eq!(found, name, "{text}: {bytes:?}");
            }
        }
    }

    /// From a compressed stream, everything that can be unpacked.
    #[cfg(feature = "archives")]
    #[test]
    fn flushed_data_is_not_delayed() {
        use crate::source::container::door::packed;
        use std::io::Write;
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let mut zst = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        for number in 0..3 {
            writeln!(gz, "{}", ONE.replace("\"u\"", &format!("\"{number}\""))).unwrap();
            writeln!(zst, "{}", ONE.replace("\"u\"", &format!("\"{number}\""))).unwrap();
        }
        gz.flush().unwrap();
        zst.flush().unwrap();
        for bytes in [gz.get_ref().clone(), zst.get_ref().clone()] {
            let stream = Cursor::new(bytes).chain(BufReader::new(Silence));
            let members =
                packed(Box::new(stream), &container()).unwrap_or_else(|_| panic!("packed"));
            let names = members.take(3).map(|member| member.unwrap().origin.place.member.unwrap());
            assert_eq!(names.collect::<Vec<_>>(), ["line 1", "line 2", "line 3"]);
        }
    }

    /// A line of something else before it is skipped alone.
    #[test]
    fn other_lines_may_come_first() {
        for first in ["Warning: host added", "null", "{\"a\":1}", "{\"a\":1,}", "url,title,html"] {
            let stream = Cursor::new(format!("{first}\n{ONE}")).chain(BufReader::new(Silence));
            let mut members = as_they_come(Box::new(stream), container()).ok().unwrap();
            let (origin, _) = members.next().unwrap().unwrap_err();
            assert_eq!(origin.place.member.as_deref(), Some("line 1"), "{first}");
            let document = members.next().unwrap().unwrap();
            assert_eq!(document.bytes, ONE.as_bytes(), "{first}");
        }
    }

    /// Anything else is returned unchanged.
    #[test]
    fn all_else_is_given_back() {
        let mut tar = format!("a.jsonl{}", "\0".repeat(505)).into_bytes();
        tar.extend(ONE.as_bytes());
        for bytes in [
            Vec::new(),
            b"[".to_vec(),
            format!("[題](https://news.example/1)\n---\n{ONE}").into_bytes(),
            utf_16(&format!("[題](https://news.example/1)\n---\n{ONE}")),
            format!("<!--1-->\n[題](https://news.example/1)\n---\n{ONE}").into_bytes(),
            format!("---\ntitle: 題\n---\n{ONE}").into_bytes(),
            format!("A line looks like this.\n{}{ONE}\n", "It is long.\n".repeat(90)).into_bytes(),
            format!("{}\n", "text ".repeat(20_000)).into_bytes(),
            b"{\"a\":1}\n".repeat(9_000),
            tar,
            [&b"\x84\x31\x95\x33"[..], &GB18030.encode(ONE).0].concat(),
        ] {
            let mut left = Vec::new();
            let given = as_they_come(Box::new(Cursor::new(bytes.clone())), container());
            given.err().unwrap().read_to_end(&mut left).unwrap();
            assert_eq!(left, bytes);
        }
    }
}
