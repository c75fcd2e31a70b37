//! How long a search takes, in the process and as a process.
//!
//! `cargo bench --bench search [FOLDER] [ARTICLES]`; without a folder, documents come from the corpus
//! beside the checkout, and 5,000 articles of real size are made of them. Each word is asked again
//! and again on an open archive; first the first 20 hits by rank, with their snippets.

mod support;

use seedbank::import::{ImportOptions, import};
use seedbank::search::Query;
use seedbank::store::{ArticleFilter, Order, Reader, Search};
use std::path::Path;
use std::process::{Command, Stdio};
use support::{folder, multiply, percentile, timed};

/// Words of two characters, rare and frequent; longer ones; one character; several.
const WORDS: [&str; 10] = [
    "鲸鱼",
    "律师",
    "人权",
    "香港",
    "中国",
    "言论自由",
    "的",
    "人权 律师",
    "人权 -香港",
    "privacy",
];
const ROUNDS: usize = 100;

fn main() {
    let Some(folder) = folder() else { return };
    let articles = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(5000);
    let place = tempfile::tempdir().unwrap();
    multiply(&folder, articles, &place.path().join("drop"));
    let database = place.path().join("bench.db");
    let options = ImportOptions::new([place.path().join("drop")]);
    let report = import(&database, &options, &mut |_| {}).unwrap();
    println!("{} articles; {ROUNDS} rounds, milliseconds", report.new);
    println!("                 in the process: by rank    by date  | a process");
    println!("words            matches     p50     p99     p50     p99 |   p50");
    for words in WORDS {
        measure(&database, words);
    }
}

fn measure(database: &Path, words: &str) {
    let reader = Reader::open(database).unwrap();
    let filter = ArticleFilter { query: Some(Query::parse(words).unwrap()), ..Default::default() };
    let ask = |order, limit| {
        let search = Search { filter: filter.clone(), order, limit };
        let mut found = 0;
        reader
            .search(&search, &mut |_| {
                found += 1;
                Ok(())
            })
            .unwrap();
        found
    };
    let matches = ask(Order::Date, None);
    let mut columns = Vec::new();
    for order in [Order::Rank, Order::Date] {
        let times = (0..ROUNDS).map(|_| timed(|| ask(order, Some(20))).0.as_secs_f64() * 1000.0);
        let times: Vec<f64> = times.collect();
        columns.push(percentile(times.iter().copied(), 0.5));
        columns.push(percentile(times.iter().copied(), 0.99));
    }
    let whole = (0..ROUNDS / 5).map(|_| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seedbank"));
        command.arg("--db").arg(database).args(["search", "-q", words]).stdout(Stdio::null());
        timed(|| assert!(command.status().unwrap().success())).0.as_secs_f64() * 1000.0
    });
    columns.push(percentile(whole, 0.5));
    let columns: Vec<String> = columns.iter().map(|ms| format!("{ms:7.2}")).collect();
    println!("{words:<16} {matches:7} {} | {}", columns[..4].join(" "), columns[4]);
}
