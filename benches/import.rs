//! What an import costs against its parts, measured in the same rounds.
//!
//! `cargo bench --bench import [FOLDER]`; without a folder, the corpus beside the checkout. Parts run
//! on one thread: *parse* is reading, hashing, parsing, cutting and compressing, *insert* is the
//! writer alone. The import on two cores cannot beat max((parse + insert) / 2, insert).

use seedbank::derive::derive;
use seedbank::import::{ImportOptions, import};
use seedbank::model::Timestamp;
use seedbank::search::Tokens;
use seedbank::source::{Walk, read};
use seedbank::store::{Derivation, NewSighting, Original, Writer};
use sha2::Digest;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const ZSTD_LEVEL: i32 = 3;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/seeds");
    let folder = folder.map_or(corpus, PathBuf::from);
    if !folder.is_dir() {
        println!("SKIPPED: there is no folder {}", folder.display());
        return;
    }
    let mut rounds = Vec::new();
    // Before anything else holds documents in memory.
    let whole_first = whole(&folder);
    let peak = peak_memory();
    for _ in 0..ROUNDS {
        let (parse, sightings) = timed(|| parse(&folder));
        let insert = insert(&sightings);
        drop(sightings);
        let whole = whole(&folder);
        let bound = ((parse + insert) / 2).max(insert);
        rounds.push((parse, insert, whole, whole.as_secs_f64() / bound.as_secs_f64()));
    }
    println!("{}: medians of {ROUNDS} rounds, seconds of wall time", folder.display());
    println!("first import {:.3}, peak memory of it {} MiB", whole_first.as_secs_f64(), peak >> 20);
    println!("parse  {:.3}", median(rounds.iter().map(|round| round.0.as_secs_f64())));
    println!("insert {:.3}", median(rounds.iter().map(|round| round.1.as_secs_f64())));
    println!("import {:.3}", median(rounds.iter().map(|round| round.2.as_secs_f64())));
    println!("import / bound {:.2}", median(rounds.iter().map(|round| round.3)));
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed(), result)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn parse(folder: &Path) -> Vec<NewSighting> {
    let walk = Walk::new(&[folder.to_owned()], Path::new("bench.db")).unwrap();
    let now = Timestamp::now();
    walk.files()
        .filter_map(|found| read(&found, u64::MAX >> 1, now).ok())
        .map(|document| {
            let sha256 = sha2::Sha256::digest(&document.bytes).into();
            let derivation = derive(&document.bytes, &sha256);
            NewSighting {
                tokens: match &derivation {
                    Derivation::Article { article, .. } => Tokens::of(article),
                    Derivation::Rejected(_) => Tokens::default(),
                },
                derivation,
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

fn insert(sightings: &[NewSighting]) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let mut writer = Writer::open(&folder.path().join("bench.db"), Duration::ZERO).unwrap();
    writer.start_run(Timestamp::now(), "[]", None).unwrap();
    // Batches of about the size that an import makes.
    for batch in sightings.chunks(550) {
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

/// Bytes, of the whole process so far.
fn peak_memory() -> u64 {
    // SAFETY: getrusage only fills the struct that it is given.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_maxrss as u64 * 1024
}
