//! What an import costs against its parts, measured in the same rounds.
//!
//! `cargo bench --bench import [FOLDER]`; without a folder, the corpus beside the checkout. Parts run
//! on one thread: *parse* is reading, hashing, parsing, cutting and compressing, *invert* what
//! the index needs of that, *insert* the writer alone. The import on two cores cannot beat
//! max((parse + invert + insert) / 2, insert).

mod support;

use seedbank::derive::derive;
use seedbank::import::{ImportOptions, import};
use seedbank::model::Timestamp;
use seedbank::search::Tokens;
use seedbank::source::{Walk, read};
use seedbank::store::fts5::Inverter;
use seedbank::store::{Derivation, NewSighting, Original, Writer};
use sha2::Digest;
use std::path::Path;
use std::time::{Duration, Instant};
use support::{folder, median, peak_memory, timed};

const ROUNDS: usize = 7;
const ZSTD_LEVEL: i32 = 3;

fn main() {
    let Some(folder) = folder() else { return };
    let mut rounds = Vec::new();
    // Before anything else holds documents in memory.
    let whole_first = whole(&folder);
    let peak = peak_memory();
    for _ in 0..ROUNDS {
        let (parse, mut sightings) = timed(|| parse(&folder));
        let invert = timed(|| invert(&mut sightings)).0;
        let insert = insert(&mut sightings, true);
        let insert_rows = self::insert(&mut sightings, false);
        drop(sightings);
        let whole = whole(&folder);
        let bound = ((parse + invert + insert) / 2).max(insert);
        let seconds = [parse, invert, insert, insert_rows, whole].map(|part| part.as_secs_f64());
        let index = seconds[1] + seconds[2] - seconds[3];
        rounds.push((seconds, index, seconds[4] / bound.as_secs_f64()));
    }
    println!("{}: medians of {ROUNDS} rounds, seconds of wall time", folder.display());
    println!("first import {:.3}, peak memory of it {} MiB", whole_first.as_secs_f64(), peak >> 20);
    for (column, name) in
        ["parse", "invert", "insert", "insert without index", "import"].iter().enumerate()
    {
        println!("{name:<22} {:.3}", median(rounds.iter().map(|round| round.0[column])));
    }
    let share = |round: &([f64; 5], f64, f64)| round.1 / (round.0[0] + round.0[1] + round.0[2]);
    println!("index / all work       {:.2}", median(rounds.iter().map(share)));
    println!("import / bound         {:.2}", median(rounds.iter().map(|round| round.2)));
}

fn parse(folder: &Path) -> Vec<NewSighting> {
    let walk = Walk::new(&[folder.to_owned()], Path::new("bench.db")).unwrap();
    let now = Timestamp::now();
    walk.files()
        .filter_map(|found| read(&found, u64::MAX >> 1, now).ok())
        .map(|document| {
            let sha256 = sha2::Sha256::digest(&document.bytes).into();
            NewSighting {
                derivation: derive(&document.bytes, &sha256),
                inverted: None,
                original: Some(Original {
                    sha256,
                    byte_length: document.bytes.len() as u64,
                    codec: "zstd",
                    body: zstd::bulk::compress(&document.bytes, ZSTD_LEVEL).ok(),
                }),
                origin: document.origin,
            }
        })
        .collect()
}

fn invert(sightings: &mut [NewSighting]) {
    let mut inverter = Inverter::default();
    for sighting in sightings {
        if let Derivation::Article { article, .. } = &sighting.derivation {
            sighting.inverted = Some(inverter.invert_tokens(&Tokens::of(article)).unwrap());
        }
    }
}

fn insert(sightings: &mut [NewSighting], with_index: bool) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let mut writer = Writer::open(&folder.path().join("bench.db"), Duration::ZERO).unwrap();
    if !with_index {
        writer.give_up_index().unwrap();
    }
    writer.start_run(Timestamp::now(), "[]", None).unwrap();
    // Batches of about the size that an import makes.
    for batch in sightings.chunks_mut(550) {
        writer.begin().unwrap();
        for sighting in batch {
            writer.put(sighting).unwrap();
        }
        writer.settle(&|_| None).unwrap();
        writer.commit().unwrap();
    }
    writer.checkpoint().unwrap();
    started.elapsed()
}

fn whole(folder: &Path) -> Duration {
    let database = tempfile::tempdir().unwrap();
    let mut options = ImportOptions::new([folder]);
    options.jobs = 2;
    let run = || import(&database.path().join("bench.db"), &options, &mut |_| {}).unwrap();
    timed(run).0
}
