//! Imports documents that another thread fetches, without files.
//!
//! ```sh
//! cargo run --release --example import_documents -- news.db
//! ```

use seedbank::{Archive, ImportOptions, NewDocument, Timestamp};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

fn main() -> Result<(), Box<dyn Error>> {
    let database = std::env::args_os().nth(1).ok_or("usage: import_documents DATABASE")?;
    run(&PathBuf::from(database))
}

/// Imports the documents that a thread fetches.
pub fn run(database: &Path) -> Result<(), Box<dyn Error>> {
    // A short queue: a fetcher that is faster than the archive waits.
    let (sender, receiver) = mpsc::sync_channel(16);
    let fetcher = std::thread::spawn(move || {
        for number in 1..=5 {
            let document = NewDocument::new(format!("crawl/{number}"), fetched(number))
                .with_url(format!("https://news.example/weather/{number}"))
                .with_observed_at(Timestamp::now());
            if sender.send(document).is_err() {
                return;
            }
        }
    });
    let mut archive = Archive::at(database);
    let options = ImportOptions::default().with_note("a crawl");
    let report = archive.import_documents(receiver, &options, &mut |_| {})?;
    fetcher.join().map_err(|_| "the fetcher panicked")?;
    println!("{} new, {} duplicates, {} rejected", report.new, report.duplicate, report.rejected);
    let article = archive.article("https://news.example/weather/3")?;
    println!("{}: {} characters", article.title, article.char_count);
    Ok(())
}

/// Stands in for a page of the web.
fn fetched(number: u32) -> String {
    format!(
        "<!doctype html><html lang=en><title>Rain, day {number} - The Example</title>
        <nav><a href=/>Home</a></nav>
        <article><h1>Rain, day {number}</h1><p>By a Reporter</p>
        <p>It has rained for {number} days, and the river has risen by {number} metres. Nobody in the town
        remembers a spring like this one, and the oldest of them remember many.</p>
        <p>The bridge stays closed. The school has moved to the hall on the hill, where the children have
        drawn the flood on all the windows.</p></article></html>"
    )
}
