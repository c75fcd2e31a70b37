//! Our interchange file as a container: each seed in it is a member, with the places and times of the archive
//! that wrote it.

use crate::model::{
    Document, JSONL_HEADER, Origin, Reason, Rejection, Sha256, SightingRecord, Timestamp,
};
use crate::source::container::json::look::{as_utf_8, without_mark};
use crate::source::container::json::{Piece, Scanner};
use crate::source::container::{Member, why};
use crate::source::file::read::believable;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{BufRead, Cursor, Read};

/// Longer lines are skipped: a line must fit in memory, twice.
const LONGEST_LINE: u64 = 256 << 20;
/// The beginning of the first line, whatever the version.
const MARK: &[u8] = b"{\"seedbank_jsonl\":";

/// The members of one file, in its order.
pub(in crate::source) struct JsonlMembers<R> {
    lines: R,
    origin: Origin,
    started: Timestamp,
    line_number: u64,
    /// The remaining seeds of the line.
    seeds: Option<Objects>,
    /// The seed whose sightings are being yielded.
    seed: Option<Seen>,
    waiting: Option<Member>,
    /// The last line with a refusal: each line is refused once, whatever it contains.
    refused_line: u64,
    is_over: bool,
}

/// The objects of an array, read one at a time: a few bytes of an array can become many more when parsed.
type Objects = Scanner<Cursor<Vec<u8>>>;

/// A seed and its sightings.
struct Seen {
    sha256: Sha256,
    byte_length: u64,
    /// Taken by the first sighting; the others share them.
    bytes: Option<Vec<u8>>,
    sightings: Objects,
}

/// The fields of an article's line that an import reads.
#[derive(Deserialize)]
struct ArticleLine<'a> {
    #[serde(borrow)]
    seeds: &'a RawValue,
}

#[derive(Deserialize)]
struct RejectedLine<'a> {
    #[serde(borrow)]
    rejected_seed: &'a RawValue,
}

/// The record of a seed, with its sightings unparsed.
#[derive(Deserialize)]
struct SeedLine<'a> {
    sha256: String,
    body: Option<String>,
    body_base64: Option<String>,
    #[serde(borrow)]
    sightings: Option<&'a RawValue>,
    reason: Option<String>,
}

/// Whether a file with this beginning is an interchange file.
pub(in crate::source) fn is_jsonl(head: &[u8]) -> bool {
    without_mark(head).starts_with(MARK)
}

fn objects(array: &RawValue) -> Objects {
    Scanner::new(Cursor::new(array.get().as_bytes().to_vec()), u64::MAX)
}

impl<R: BufRead> JsonlMembers<R> {
    pub(in crate::source) fn new(lines: R, origin: Origin, started: Timestamp) -> Self {
        Self {
            lines,
            origin,
            started,
            line_number: 0,
            seeds: None,
            seed: None,
            waiting: None,
            refused_line: 0,
            is_over: false,
        }
    }

    fn read_line(&mut self) {
        let mut line = Vec::new();
        self.line_number += 1;
        match (&mut self.lines).take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) => self.is_over = true,
            Ok(_) if line.len() as u64 == LONGEST_LINE => {
                self.stop(Reason::TooLarge, format!("longer than {LONGEST_LINE} bytes"));
            }
            Ok(_) if is_jsonl(&line) => {
                // Files that were concatenated have one further down.
                if without_mark(&line).trim_ascii() != JSONL_HEADER.as_bytes() {
                    let known = "this program reads version 1 of seedbank_jsonl";
                    self.stop(Reason::DamagedArchive, known);
                }
            }
            Ok(_) => self.take_line(&as_utf_8(&line)),
            Err(error) => {
                self.waiting = Some(Err((self.line(), why(error))));
                self.is_over = true;
            }
        }
    }

    fn take_line(&mut self, line: &[u8]) {
        // Padding at the end of a file is not a line.
        let is_padding = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
        let end = line.iter().rposition(|byte| !is_padding(byte)).map_or(0, |at| at + 1);
        let text = without_mark(&line[..end]);
        if text.is_empty() {
            return;
        }
        if let Ok(article) = serde_json::from_slice::<ArticleLine<'_>>(text) {
            self.seeds = Some(objects(article.seeds));
        } else if let Ok(line) = serde_json::from_slice::<RejectedLine<'_>>(text) {
            self.take_seed(line.rejected_seed.get().as_bytes());
        } else {
            let detail = if line.ends_with(b"\n") {
                "neither an article nor a rejected seed"
            } else {
                "the file ends in the middle of this line"
            };
            self.refuse(Reason::DamagedArchive, detail);
        }
    }

    fn take_seed(&mut self, json: &[u8]) {
        let Ok(seed) = serde_json::from_slice::<SeedLine<'_>>(json) else {
            return self.refuse(Reason::DamagedArchive, "has a malformed seed");
        };
        let bytes = match (seed.body, seed.body_base64) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(text)) => match STANDARD.decode(text) {
                Ok(bytes) => bytes,
                Err(error) => return self.refuse(Reason::DamagedArchive, error.to_string()),
            },
            (None, None) => {
                // For a seed that is not an article, the bytes may be stored or not.
                let reason = seed.reason.and_then(|reason| reason.parse::<Reason>().ok());
                if let Some(reason) = reason.filter(|reason| !reason.is_refusal()) {
                    return self.take_bodiless(reason, seed.sightings);
                }
                let detail = "exported without the bytes: it has nothing to import";
                self.seeds = None;
                return self.stop(Reason::DamagedArchive, detail);
            }
        };
        let sha256 = Sha256::of(&bytes);
        if seed.sha256.parse() != Ok(sha256) {
            let detail = format!("the bytes of seed {} have another SHA-256", seed.sha256);
            return self.refuse(Reason::DamagedArchive, detail);
        }
        let sightings =
            seed.sightings.map_or_else(|| Scanner::new(Cursor::new(Vec::new()), u64::MAX), objects);
        let byte_length = bytes.len() as u64;
        self.seed = Some(Seen { sha256, byte_length, bytes: Some(bytes), sightings });
    }

    /// A seed without bytes is not recorded as seen at its original places.
    fn take_bodiless(&mut self, reason: Reason, sightings: Option<&RawValue>) {
        let first = sightings.and_then(|all| objects(all).next().ok().flatten());
        let sighting = match first {
            Some(Piece::Object(_, json)) => serde_json::from_slice::<SightingRecord>(&json).ok(),
            _ => None,
        };
        let path = sighting.map(|sighting| sighting.place.path).unwrap_or_default();
        self.refuse(reason, format!("the bytes of \"{path}\" were not kept"));
    }

    /// The next sighting of the seed; if it has none, it was seen on its line.
    fn next_sighting(&mut self) {
        let Some(seed) = &mut self.seed else { return };
        let piece = seed.sightings.next();
        let (sha256, byte_length) = (seed.sha256, seed.byte_length);
        let origin = match piece {
            Ok(Some(Piece::Object(_, json))) => {
                serde_json::from_slice(&json).ok().map(|it| self.sighted(it, byte_length))
            }
            Ok(None) => match self.seed.take().and_then(|seed| seed.bytes) {
                Some(bytes) => {
                    let origin = Origin { byte_length, ..self.line() };
                    self.waiting = Some(Ok(Document { origin, bytes, same_as: None }));
                    return;
                }
                None => return,
            },
            Ok(Some(_)) | Err(_) => None,
        };
        let Some(origin) = origin else {
            return self.refuse(Reason::DamagedArchive, "has a malformed sighting");
        };
        let bytes = self.seed.as_mut().and_then(|seed| seed.bytes.take());
        let same_as = bytes.is_none().then_some(sha256);
        let bytes = bytes.unwrap_or_default();
        self.waiting = Some(Ok(Document { origin, bytes, same_as }));
    }

    fn next_seed(&mut self) {
        let Some(seeds) = &mut self.seeds else { return };
        match seeds.next() {
            Ok(Some(Piece::Object(_, json))) => self.take_seed(&json),
            Ok(None) => self.seeds = None,
            Ok(Some(_)) | Err(_) => {
                self.refuse(Reason::DamagedArchive, "has a malformed seed");
            }
        }
    }

    /// A sighting as its archive recorded it. It is not used to recognise a file of the same name on this
    /// machine: such a file is read.
    fn sighted(&self, sighting: SightingRecord, byte_length: u64) -> Origin {
        let observed_at = sighting.observed_at.and_then(|time| time.parse::<Timestamp>().ok());
        let nanoseconds = |time: Timestamp| time.seconds().checked_mul(1_000_000_000);
        Origin {
            byte_length,
            modified_ns: sighting.modified_ns,
            observed_at: observed_at
                .and_then(nanoseconds)
                .and_then(|ns| believable(ns, self.started)),
            ..Origin::at(sighting.place)
        }
    }

    /// The place of the line that is being read.
    fn line(&self) -> Origin {
        let place = self.origin.place.entry(format!("line {}", self.line_number));
        Origin { place, ..self.origin.clone() }
    }

    fn refuse(&mut self, reason: Reason, detail: impl Into<String>) {
        let is_refusal = reason.is_refusal();
        if is_refusal && self.refused_line == self.line_number {
            return;
        }
        if is_refusal {
            self.refused_line = self.line_number;
        }
        self.waiting = Some(Err((self.line(), Rejection::because(reason, detail))));
    }

    fn stop(&mut self, reason: Reason, detail: impl Into<String>) {
        self.refuse(reason, detail);
        self.is_over = true;
    }
}

impl<R: BufRead> Iterator for JsonlMembers<R> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        loop {
            if self.waiting.is_some() {
                return self.waiting.take();
            } else if self.seed.is_some() {
                self.next_sighting();
            } else if self.seeds.is_some() {
                self.next_seed();
            } else if !self.is_over {
                self.read_line();
            } else {
                return None;
            }
        }
    }
}
