//! Imports a folder, and prints the articles that match a query.
//!
//! ```sh
//! cargo run --release --example import_and_search -- news.db seeds 图书馆 -猫
//! ```

use seedbank::{Archive, ImportOptions, Progress, Search};
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(database), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: import_and_search DATABASE FOLDER WORDS…".into());
    };
    let words: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    run(&PathBuf::from(database), &PathBuf::from(folder), &words.join(" "))
}

/// Imports the folder, and prints the hits.
pub fn run(database: &Path, folder: &Path, words: &str) -> Result<(), Box<dyn Error>> {
    let mut archive = Archive::at(database);
    let report = archive.import(&ImportOptions::new([folder]), &mut |progress| {
        if let Progress::Reading { files_seen, .. } = progress
            && files_seen % 1000 == 0
        {
            eprintln!("{files_seen} files");
        }
    })?;
    println!("{} new, {} revised, {} known", report.new, report.revised, report.unchanged);
    for (reason, files) in &report.reasons {
        println!("{files} rejected: {reason}");
    }
    for hit in archive.search(&Search::of(words)?.with_limit(10))? {
        println!("\n{} ({})", hit.title, hit.site.unwrap_or_default());
        if let Some(snippet) = hit.snippet {
            println!("  {}", snippet.text);
        }
    }
    Ok(())
}
