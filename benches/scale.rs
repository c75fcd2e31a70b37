//! The cost of an import and a search as an archive grows.
//!
//! `cargo bench --bench scale [FOLDER] [ARTICLES] | ARCHIVE`; without a folder, documents come from the
//! corpus beside the checkout, from which 100,000 files of real size are made (3 GB, and 5 GB for the
//! archive, removed afterwards). They are imported in separate processes: a hundredth of them, a tenth, and
//! all. Then the largest archive, or the given one, is searched on an open connection: the first 20 hits by
//! rank, with their snippets.

mod support;

use rusqlite::{Connection, OpenFlags};
use seedbank::internals::store::Reader;
use seedbank::{Query, Search};
use std::path::Path;
use std::process::Command;
use support::{folder, multiply, percentile, remove_database, run, timed};

/// Single characters and words, rare and frequent; several words.
const WORDS: [&str; 13] = [
    "的",
    "权",
    "民",
    "鲸鱼",
    "律师",
    "人权",
    "香港",
    "中国",
    "言论自由",
    "人权 律师",
    "的 人权",
    "人权 -香港",
    "privacy",
];
/// Two-character words from random places of the texts: each as likely as it is frequent.
const RANDOM_WORDS: usize = 400;
const ROUNDS: usize = 20;

fn main() {
    if let Some(archive) = std::env::args().skip(1).find(|argument| Path::new(argument).is_file()) {
        return search(Path::new(&archive));
    }
    let Some(folder) = folder() else { return };
    let most = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let place = tempfile::tempdir().unwrap();
    let drop = place.path().join("drop");
    multiply(&folder, most, &drop);
    let database = place.path().join("bench.db");
    println!("    files  wall s  wall ms/file  cpu ms/file  peak MiB");
    for files in [most / 100, most / 10, most] {
        remove_database(&database);
        let mut command = Command::new(env!("CARGO_BIN_EXE_seedbank"));
        command.arg("--db").arg(&database).args(["import", "-q"]);
        // `multiply` makes a thousand files per folder.
        command.args((0..files.div_ceil(1000)).map(|number| drop.join(number.to_string())));
        let usage = run(&mut command);
        let per_file = |seconds: f64| seconds * 1000.0 / files as f64;
        println!(
            "{files:9} {:7.1} {:13.2} {:12.2} {:9}",
            usage.wall,
            per_file(usage.wall),
            per_file(usage.cpu),
            usage.peak_memory >> 20
        );
    }
    search(&database);
}

fn search(database: &Path) {
    println!("\nsearches, ms         matches      p50      p99");
    let reader = Reader::open(database).unwrap();
    for words in WORDS {
        let times: Vec<f64> = (0..ROUNDS).map(|_| ask(&reader, words)).collect();
        print_row(words, &matches(database, words).to_string(), &times);
    }
    let words = random_words(database);
    let times: Vec<f64> = words.iter().map(|words| ask(&reader, words)).collect();
    print_row(&format!("{RANDOM_WORDS} random pairs"), "", &times);
}

fn print_row(name: &str, matches: &str, times: &[f64]) {
    let [p50, p99] = [0.5, 0.99].map(|part| percentile(times.iter().copied(), part));
    println!("{name:<18} {matches:>9} {p50:8.2} {p99:8.2}");
}

/// Milliseconds until the first hits.
fn ask(reader: &Reader, words: &str) -> f64 {
    let search = Search::of(words).unwrap().with_limit(20);
    timed(|| reader.search(&search, &mut |_| Ok(())).unwrap()).0.as_secs_f64() * 1000.0
}

fn matches(database: &Path, words: &str) -> i64 {
    const COUNT: &str = "SELECT count(*) FROM article_fts WHERE article_fts MATCH ?1";
    let expression = Query::parse(words).unwrap().match_expression();
    connect(database).query_row(COUNT, [expression], |row| row.get(0)).unwrap()
}

fn connect(database: &Path) -> Connection {
    Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn random_words(database: &Path) -> Vec<String> {
    const TEXT: &str =
        "SELECT text FROM paragraph WHERE id >= ?1 AND is_content = 1 ORDER BY id LIMIT 1";
    let connection = connect(database);
    let greatest = "SELECT max(id) FROM paragraph";
    let greatest: i64 = connection.query_row(greatest, [], |row| row.get(0)).unwrap();
    // The same ones in every run.
    let mut state = 1_u64;
    let mut random = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut words = Vec::new();
    while words.len() < RANDOM_WORDS {
        let text = connection
            .query_row(TEXT, [random(greatest as u64) as i64], |row| row.get::<_, String>(0));
        let characters: Vec<char> = text.unwrap_or_default().chars().collect();
        if characters.len() < 2 {
            continue;
        }
        let at = random(characters.len() as u64 - 1) as usize;
        let pair = &characters[at..at + 2];
        if pair.iter().all(|c| ('\u{4e00}'..='\u{9fff}').contains(c)) {
            words.push(pair.iter().collect());
        }
    }
    words
}
