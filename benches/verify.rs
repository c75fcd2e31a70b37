//! The cost of `verify` compared with plain hashing of the originals, measured in the same rounds.
//!
//! `cargo bench --bench verify [FOLDER]`; without a folder, the corpus beside the checkout. *plain* is
//! SHA-256 of all originals, from memory, on one thread; *hash* is what the originals add to `verify
//! --quick`: reading, decompressing, hashing; *whole* is all of `verify`, which derives every row again and
//! reads the full-text index word by word.

mod support;

use seedbank::internals::import::import;
use seedbank::internals::store::Reader;
use seedbank::internals::verify::verify;
use seedbank::{ArticleFilter, ImportOptions, VerifyOptions};
use sha2::Digest;
use std::path::Path;
use support::{folder, timed};

const ROUNDS: usize = 7;

fn main() {
    let Some(folder) = folder() else { return };
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
    let quick = VerifyOptions::default().with_quick(true);
    let hashing = VerifyOptions::default().with_reparse_sample(0);
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (plain, ()) = timed(|| {
            for bytes in &originals {
                std::hint::black_box(sha2::Sha256::digest(bytes));
            }
        });
        let quick = timed(|| run(&database, &quick)).0;
        let hash = timed(|| run(&database, &hashing)).0.saturating_sub(quick);
        let whole = timed(|| run(&database, &VerifyOptions::default())).0;
        rounds.push([plain, quick, hash, whole].map(|time| time.as_secs_f64()));
    }
    let median = |of: &dyn Fn(&[f64; 4]) -> f64| support::median(rounds.iter().map(of));
    let size = bytes as f64 / (1 << 20) as f64;
    println!("{}: {} originals, {size:.1} MiB", folder.display(), originals.len());
    for (at, name) in ["plain", "quick", "hash", "whole"].into_iter().enumerate() {
        let seconds = median(&|round| round[at]);
        println!("{name:5} {seconds:.3} s, {:.0} MiB/s", size / seconds);
    }
    println!("speed of hash / plain {:.2}", median(&|round| round[0] / round[2]));
}

fn run(database: &Path, options: &VerifyOptions) {
    let report = verify(database, options, &mut |_| {}, &mut |_| Ok(())).unwrap();
    assert_eq!(report.damage(), 0);
}
