//! What the benches have in common: where documents come from, clocks, memory.

#![allow(dead_code, reason = "each bench uses its own part")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The folder named on the command line, or the corpus beside the checkout; `None`, aloud, where
/// neither is there.
pub fn folder() -> Option<PathBuf> {
    let is_path =
        |argument: &String| !argument.starts_with('-') && argument.parse::<u64>().is_err();
    let named = std::env::args().skip(1).find(is_path);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/seeds");
    let folder = named.map_or(corpus, PathBuf::from);
    if !folder.is_dir() {
        println!("SKIPPED: there is no folder {}", folder.display());
        return None;
    }
    Some(folder)
}

pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed(), result)
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    percentile(values, 0.5)
}

/// The value that such a part of all values is below.
pub fn percentile(values: impl Iterator<Item = f64>, part: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    values[((values.len() as f64 * part) as usize).min(last)]
}

/// Bytes, of the whole process so far.
pub fn peak_memory() -> u64 {
    // SAFETY: getrusage only fills the struct that it is given.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_maxrss as u64 * 1024
}

/// Makes a folder of so many files of real size from the documents of another: each time around
/// with other addresses and publication times, so that each file is an article of its own.
pub fn multiply(folder: &Path, files: usize, into: &Path) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let documents: Vec<String> =
        paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    for number in 0..files {
        let document = &documents[number % documents.len()];
        let (epoch, rest) = document.split_once('\n').unwrap();
        let (link, body) = rest.split_once('\n').unwrap();
        let link = link.trim_end().trim_end_matches(')');
        let milliseconds = 1_500_000_000_000 + number as u64 * 60_000;
        assert!(epoch.starts_with("<!--") && link.contains("]("), "an unexpected header: {epoch}");
        let subfolder = into.join((number / 1000).to_string());
        std::fs::create_dir_all(&subfolder).unwrap();
        let seed = format!("<!--{milliseconds}-->\n{link}?copy={number})\n{body}");
        std::fs::write(subfolder.join(format!("{number}.txt")), seed).unwrap();
    }
}
