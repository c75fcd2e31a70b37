//! What `verify` costs against plain hashing of the originals, measured in the same rounds.
//!
//! `cargo bench --bench verify [FOLDER]`; without a folder, the corpus beside the checkout. *plain* is
//! SHA-256 of all originals, from memory, on one thread; *hash* is what the originals add to
//! `verify --quick`: reading, decompressing, hashing; *whole* is all of `verify`, which derives every
//! row anew and reads the full-text index word by word.

use seedbank::import::{ImportOptions, import};
use seedbank::store::{ArticleFilter, Reader};
use seedbank::verify::{VerifyOptions, verify};
use sha2::Digest;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = folder.map_or(corpus, PathBuf::from);
    if !folder.is_dir() {
        println!("SKIPPED: there is no folder {}", folder.display());
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let database = place.path().join("bench.db");
    import(&database, &ImportOptions::new([&folder]), &mut |_| {}).unwrap();
    let mut originals = Vec::new();
    let reader = Reader::open(&database).unwrap();
    reader
        .originals(&ArticleFilter::default(), &mut |seed| {
            originals.push(seed.bytes);
            Ok(())
        })
        .unwrap();
    let bytes: usize = originals.iter().map(Vec::len).sum();
    let quick = VerifyOptions { quick: true, ..Default::default() };
    let hashing = VerifyOptions { reparse_sample: Some(0), ..Default::default() };
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let plain = timed(|| {
            for bytes in &originals {
                std::hint::black_box(sha2::Sha256::digest(bytes));
            }
        });
        let quick = timed(|| run(&database, &quick));
        let hash = timed(|| run(&database, &hashing)).saturating_sub(quick);
        let whole = timed(|| run(&database, &VerifyOptions::default()));
        rounds.push([plain, quick, hash, whole].map(|time| time.as_secs_f64()));
    }
    let median = |of: &dyn Fn(&[f64; 4]) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let size = bytes as f64 / (1 << 20) as f64;
    println!("{}: {} originals, {size:.1} MiB", folder.display(), originals.len());
    for (at, name) in ["plain", "quick", "hash", "whole"].into_iter().enumerate() {
        let seconds = median(&|round| round[at]);
        println!("{name:5} {seconds:.3} s, {:.0} MiB/s", size / seconds);
    }
    println!("speed of hash / plain {:.2}", median(&|round| round[0] / round[2]));
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn run(database: &Path, options: &VerifyOptions) {
    let report = verify(database, options, &mut |_| {}, &mut |_| Ok(())).unwrap();
    assert_eq!(report.damage(), 0);
}
