//! Our own interchange file as a carrier of documents: each seed in it is a member, seen where and
//! when the archive that wrote it saw it.

use super::carrier::{Member, why};
use super::read::believable;
use crate::model::{
    Document, JSONL_HEADER, Origin, Reason, RejectedSeedLine, RejectedSeedRecord, Rejection,
    SeedRecord, SightingRecord, Timestamp, hex,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::Digest;
use std::collections::VecDeque;
use std::io::{BufRead, Read};

/// Longer lines are left unread: a line must fit in memory, twice.
const LONGEST_LINE: u64 = 256 << 20;
/// How the first line begins, whatever the version.
const MARK: &[u8] = b"{\"seedbank_jsonl\":";

/// The members of one file, in its order.
pub(super) struct JsonlMembers<R> {
    lines: R,
    origin: Origin,
    started: Timestamp,
    line_number: u64,
    waiting: VecDeque<Member>,
    is_over: bool,
}

/// The part of an article's line that an import takes.
#[derive(Deserialize)]
struct ArticleLine {
    seeds: Vec<SeedRecord>,
}

/// Whether a file that begins so is one.
pub(super) fn is_jsonl(head: &[u8]) -> bool {
    head.starts_with(MARK)
}

impl<R: BufRead> JsonlMembers<R> {
    pub(super) fn new(lines: R, origin: Origin, started: Timestamp) -> Self {
        Self { lines, origin, started, line_number: 0, waiting: VecDeque::new(), is_over: false }
    }

    fn read_line(&mut self) {
        let mut line = Vec::new();
        self.line_number += 1;
        match (&mut self.lines).take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) => self.is_over = true,
            Ok(_) if line.len() as u64 == LONGEST_LINE => {
                self.stop(Reason::TooLarge, format!("longer than {LONGEST_LINE} bytes"));
            }
            Ok(_) if self.line_number == 1 => {
                if line.trim_ascii() != JSONL_HEADER.as_bytes() {
                    let known = "this program reads version 1 of seedbank_jsonl";
                    self.stop(Reason::DamagedArchive, known);
                }
            }
            Ok(_) => self.take_line(&line),
            Err(error) => {
                self.waiting.push_back(Err((self.place(), why(error))));
                self.is_over = true;
            }
        }
    }

    fn take_line(&mut self, line: &[u8]) {
        if let Ok(article) = serde_json::from_slice::<ArticleLine>(line) {
            for seed in article.seeds {
                self.take_seed(seed);
            }
        } else if let Ok(line) = serde_json::from_slice::<RejectedSeedLine>(line) {
            let RejectedSeedRecord { reason, seed, .. } = line.rejected_seed;
            let is_binary = reason == Reason::Binary.as_str();
            match seed.body.is_none() && seed.body_base64.is_none() && is_binary {
                true => self.take_binary(&seed),
                false => self.take_seed(seed),
            }
        } else if !line.trim_ascii().is_empty() {
            let detail = match line.ends_with(b"\n") {
                true => "neither an article nor a rejected seed",
                false => "the file ends in the middle of this line",
            };
            self.refuse(Reason::DamagedArchive, detail);
        }
    }

    /// The bytes of a binary file are nowhere kept, so it is not seen here where it was seen then.
    fn take_binary(&mut self, seed: &SeedRecord) {
        let path = seed.sightings.first().map_or("", |sighting| sighting.path.as_str());
        self.refuse(Reason::Binary, format!("the bytes of \"{path}\" were not kept"));
    }

    fn take_seed(&mut self, mut seed: SeedRecord) {
        let bytes = match (seed.body.take(), seed.body_base64.take()) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(text)) => match STANDARD.decode(text) {
                Ok(bytes) => bytes,
                Err(error) => return self.refuse(Reason::DamagedArchive, error.to_string()),
            },
            (None, None) => {
                let detail = "exported without the bytes: there is nothing in it to import";
                self.waiting.clear();
                return self.stop(Reason::DamagedArchive, detail);
            }
        };
        let digest: [u8; 32] = sha2::Sha256::digest(&bytes).into();
        if !hex(&digest).eq_ignore_ascii_case(&seed.sha256) {
            let detail = format!("the bytes of seed {} have another SHA-256", seed.sha256);
            return self.refuse(Reason::DamagedArchive, detail);
        }
        if seed.sightings.is_empty() {
            let origin = Origin { byte_length: bytes.len() as u64, ..self.place() };
            self.waiting.push_back(Ok(Document { origin, bytes }));
            return;
        }
        for sighting in seed.sightings {
            let origin = self.origin(sighting, bytes.len() as u64);
            self.waiting.push_back(Ok(Document { origin, bytes: bytes.clone() }));
        }
    }

    /// A sighting as its archive had it. What it proves of a file that may now be on this machine
    /// under the same name is not believed: that file is read.
    fn origin(&self, sighting: SightingRecord, byte_length: u64) -> Origin {
        let observed_at = sighting.observed_at.and_then(|time| time.parse::<Timestamp>().ok());
        let nanoseconds = |time: Timestamp| time.seconds().checked_mul(1_000_000_000);
        Origin {
            path: sighting.path,
            member: sighting.member,
            byte_length,
            modified_ns: sighting.modified_ns,
            observed_at: observed_at
                .and_then(nanoseconds)
                .and_then(|ns| believable(ns, self.started)),
            is_settled: false,
            object_id: None,
        }
    }

    /// The line that is being read.
    fn place(&self) -> Origin {
        Origin { member: Some(format!("line {}", self.line_number)), ..self.origin.clone() }
    }

    fn refuse(&mut self, reason: Reason, detail: impl Into<String>) {
        self.waiting.push_back(Err((self.place(), Rejection::because(reason, detail))));
    }

    fn stop(&mut self, reason: Reason, detail: impl Into<String>) {
        self.refuse(reason, detail);
        self.is_over = true;
    }
}

impl<R: BufRead> Iterator for JsonlMembers<R> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        while self.waiting.is_empty() && !self.is_over {
            self.read_line();
        }
        self.waiting.pop_front()
    }
}
