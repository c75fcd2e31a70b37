//! Real documents, if there are some beside the checkout.
//!
//! A normal run checks one in five of them; with `SEEDBANK_CORPUS=all` the laws are checked over all.

use std::path::{Path, PathBuf};

/// A normal run checks every n-th document.
const STEP: usize = 5;

/// Whether the expensive laws are checked for every document.
pub fn is_whole() -> bool {
    std::env::var("SEEDBANK_CORPUS").is_ok_and(|part| part == "all")
}

/// The files in some of the corpus's folders, in order; without a corpus none, with a message.
pub fn files(folders: &[&str]) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("SKIPPED: no corpus beside the checkout");
        return Vec::new();
    }
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(corpus.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 1_000, "{}", files.len());
    let step = if is_whole() { 1 } else { STEP };
    files.into_iter().step_by(step).collect()
}
