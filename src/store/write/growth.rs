//! Tests of the cost of settling as articles grow. Cost is counted in steps of SQLite's virtual machine and
//! in originals read again, never in time.

use crate::derive::{derive, derive_article};
use crate::model::{Codec, Origin, Original, Place, Sha256};
use crate::store::write::sighting::NewSighting;
use crate::store::write::writer::Writer;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file of an article, and when it was last changed.
#[derive(Clone)]
struct File {
    name: String,
    text: String,
    seconds: u64,
}

fn file(number: usize, url: usize, epoch: usize, body: &str) -> File {
    let text = format!(
        "<!--{}-->\n[题目](https://news.example/{url})\n------\n\n{body}\n",
        1_700_000_000_000 + epoch * 1000
    );
    File { name: format!("/drop/{number}.md"), text, seconds: 1_700_000_000 + number as u64 }
}

fn body(number: usize) -> String {
    format!(
        "<p>第{number}版说的是另一件事，{number}。</p><p>{}</p>",
        "每一版都有的一段话。".repeat(5)
    )
}

fn sighting(file: &File) -> NewSighting {
    let sha256 = Sha256::of(&file.text);
    let modified_ns = file.seconds as i64 * 1_000_000_000;
    NewSighting {
        origin: Origin {
            byte_length: file.text.len() as u64,
            modified_ns: Some(modified_ns),
            observed_at: crate::model::Timestamp::from_seconds(file.seconds as i64),
            is_settled: true,
            ..Origin::at(Place::of_file(&file.name))
        },
        original: Some(Original {
            sha256,
            byte_length: file.text.len() as u64,
            codec: Codec::Plain,
            body: Some(file.text.clone().into_bytes()),
        }),
        derivation: derive(file.text.as_bytes(), &sha256),
        inverted: None,
    }
}

/// Stores the files in batches of this size. Returns the steps in hundreds, and the number of originals read
/// again.
fn cost(files: &[File], batch: usize) -> (u64, u64) {
    let mut writer = Writer::open_temporary().unwrap();
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    let count = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    };
    writer.connection.progress_handler(100, Some(count)).unwrap();
    let derived = Cell::new(0);
    let derive = |bytes: &[u8]| {
        derived.set(derived.get() + 1);
        derive_article(bytes)
    };
    writer.start_run(crate::model::Timestamp::now(), "[]", None).unwrap();
    for files in files.chunks(batch) {
        let mut batch = writer.batch().unwrap();
        for file in files {
            batch.store(&mut sighting(file)).unwrap();
        }
        batch.commit(&derive).unwrap();
    }
    (steps.load(Ordering::Relaxed), derived.get())
}

/// Checks that four times the input costs at most five times the work.
#[track_caller]
fn check(name: &str, batch: impl Fn(usize) -> usize, files: impl Fn(usize) -> Vec<File>) {
    const LEAST: usize = 100;
    let (steps, derived) = cost(&files(LEAST), batch(LEAST));
    let (more_steps, more_derived) = cost(&files(4 * LEAST), batch(4 * LEAST));
    assert!(more_steps <= 5 * steps, "{name}: {steps} → {more_steps} × 100 steps");
    assert!(more_derived <= 5 * derived.max(20), "{name}: {derived} → {more_derived} originals");
}

fn numbered(count: usize, one: impl Fn(usize) -> File) -> Vec<File> {
    (0..count).map(one).collect()
}

#[test]
fn versions_of_one_address() {
    let rising = |n| numbered(n, |at| file(at, 1, at, &body(at)));
    check("oldest first", |all| all, rising);
    check("newest first", |all| all, |n| rising(n).into_iter().rev().collect());
    let shuffled = |n: usize| (0..n).map(|at| rising(n)[at * 37 % n].clone()).collect();
    check("in no order", |all| all, shuffled);
    check(
        "of other titles",
        |all| all,
        |n| {
            let title = |at: usize| format!("题目{at}");
            rising(n)
                .into_iter()
                .enumerate()
                .map(|(at, mut file)| {
                    file.text = file.text.replace("题目", &title(at));
                    file
                })
                .collect()
        },
    );
    let same = |n| numbered(n, |at| file(at, 1, at, &format!("{}<script>{at}</script>", body(0))));
    check("of one text", |_| 10, same);
}

#[test]
fn a_new_version_reads_no_other_again() {
    // Each batch compares the last text with the new one, and no earlier one.
    let versions = |n| numbered(n, |at| file(at, 1, at, &body(at)));
    let (_, derived) = cost(&versions(200), 10);
    assert!(derived <= 2 * 20, "{derived} originals in 20 batches");
}

#[test]
fn addresses_of_one_article() {
    // The same text under other addresses, and the same bytes in other places.
    check("addresses", |_| 10, |n| numbered(n, |at| file(at, at, 0, &body(0))));
    check(
        "sightings",
        |_| 10,
        |n| numbered(n, |at| File { name: format!("/drop/{at}.md"), ..file(at, 1, 0, &body(0)) }),
    );
}

#[test]
fn articles_that_become_one() {
    // One article with many addresses, and as many articles with their own that it is joined with; the lowest
    // id comes last.
    check(
        "joins",
        |all| 3 * all,
        |n| {
            let own = (0..n).map(|at| file(at, at, at, &body(at)));
            let versions = (0..n).map(|at| file(n + at, n, n + at, &body(n + at)));
            let joining = (0..n).rev().map(|at| file(2 * n + at, n, at, &body(at)));
            own.chain(versions).chain(joining).collect()
        },
    );
}

/// Paragraphs that were removed from an article, once.
#[test]
fn former_paragraphs() {
    let steps = |paragraphs: usize| {
        let mut writer = Writer::open_temporary().unwrap();
        writer.start_run(crate::model::Timestamp::now(), "[]", None).unwrap();
        let mut batch = writer.batch().unwrap();
        for version in 0..3 {
            let all = (0..paragraphs).map(|at| format!("<p>第{version}版第{at}段。</p>"));
            batch
                .store(&mut sighting(&file(version, 1, version, &all.collect::<String>())))
                .unwrap();
        }
        batch.commit(&derive_article).unwrap();
        let steps = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&steps);
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            false
        };
        writer.connection.progress_handler(100, Some(count)).unwrap();
        let removed: i64 = writer
            .connection
            .query_row("SELECT count(text) FROM removed_text", [], |row| row.get(0))
            .unwrap();
        assert_eq!(removed as usize, 2 * paragraphs);
        steps.load(Ordering::Relaxed)
    };
    let (few, many) = (steps(200), steps(800));
    assert!(many <= 5 * few, "{few} → {many} × 100 steps");
}
