//! A kill or an error at the calls that change a file, one after the other: no archive is damaged by
//! it, what is unfinished says so, and doing it again gives what an undisturbed run gives.
//!
//! Each run has some of these calls, evenly spread; `SEEDBANK_CRASH_ROUNDS=1000 cargo test --test it
//! faults:: -- --nocapture` has all of them and prints how many.

use crate::place::{Place, dump_without_ids, rows, seed as seed_at, text, write_released};
use crate::reextract::garbled;
use crate::support::{Ran, TestEnv};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// How many calls of a command meet a fault in every test run.
const ROUNDS: usize = 6;

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Half of a write is written, and nothing after it.
    Kill,
    /// It fails, once.
    Error,
    /// It fails, and so does all that follows.
    Full,
}

impl Fault {
    const ALL: [Self; 3] = [Self::Kill, Self::Error, Self::Full];

    fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Error => "error",
            Self::Full => "full",
        }
    }
}

/// What counts the calls and lets them fail, built by the compiler that built SQLite.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libfaults.so");
        // Two test runs may build it at once.
        let own = library.with_extension(std::process::id().to_string());
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults/shim.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&own).arg(source).arg("-ldl");
        assert!(cc.status().unwrap().success());
        std::fs::rename(own, &library).unwrap();
        library
    })
}

fn command(env: &TestEnv, arguments: &[&str]) -> Command {
    let mut command = env.command(arguments);
    command.env("LD_PRELOAD", shim());
    command
}

/// The calls of an undisturbed run, in order.
fn calls(env: &TestEnv, arguments: &[&str]) -> Vec<String> {
    let log = env.path("calls.log");
    let mut command = command(env, arguments);
    command.env("SEEDBANK_FAULT_LOG", &log);
    env.wait(command.spawn().unwrap()).expect(0);
    let calls = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(log).unwrap();
    calls.lines().map(str::to_owned).collect()
}

/// The calls that meet a fault, as many of each kind, evenly spread; or all. Each fault, by its number,
/// has others.
fn points(calls: &[String], fault: usize) -> Vec<usize> {
    let given = std::env::var("SEEDBANK_CRASH_ROUNDS").ok();
    let rounds = given.and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    if rounds >= calls.len() {
        return (0..calls.len()).collect();
    }
    let mut of_kinds: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, call) in calls.iter().enumerate() {
        of_kinds.entry(call).or_default().push(at);
    }
    let most = (rounds / of_kinds.len()).max(1);
    let spread = |of_kind: &Vec<usize>| -> Vec<usize> {
        let (faults, count) = (Fault::ALL.len(), of_kind.len().min(most));
        let place = |at: usize| of_kind[(at * faults + fault) * of_kind.len() / (count * faults)];
        (0..count).map(place).collect()
    };
    of_kinds.values().flat_map(spread).collect()
}

/// A command that is to withstand faults, and where it begins.
struct Trial<'a> {
    name: &'a str,
    arguments: &'a [&'a str],
    /// Makes what it begins with, in an empty folder.
    prepare: &'a dyn Fn(&TestEnv),
    /// Looks at what a fault left, before the command is run again.
    check: &'a dyn Fn(&TestEnv),
    /// The rows that there are at the end; `None` for those that the undisturbed command leaves.
    expected: Option<Vec<String>>,
}

impl Trial<'_> {
    /// Meets faults at some calls, or at all.
    fn run(mut self) {
        let env = TestEnv::new();
        (self.prepare)(&env);
        let start = env.keep();
        let calls = calls(&env, self.arguments);
        let files = env.files();
        finish(&env);
        let left = dump_without_ids(&env.path("seedbank.db"));
        let is_expected = self.expected.get_or_insert_with(|| left.clone()) == &left;
        assert!(is_expected, "{}: other rows", self.name);
        for (number, fault) in Fault::ALL.into_iter().enumerate() {
            let mut met = BTreeMap::new();
            for at in points(&calls, number) {
                *met.entry(calls[at].as_str()).or_insert(0) += 1;
                env.restore(&start);
                self.meet(&env, fault, at, &calls[at], &files);
            }
            println!("{}: {} at {met:?} of {} calls", self.name, fault.name(), calls.len());
        }
    }

    /// One run with a fault, and what comes after it.
    fn meet(&self, env: &TestEnv, fault: Fault, at: usize, call: &str, files: &[String]) {
        let mut command = command(env, self.arguments);
        command
            .env("SEEDBANK_FAULT_AT", (at + 1).to_string())
            .env("SEEDBANK_FAULT_HOW", fault.name());
        let ran = env.wait(command.spawn().unwrap());
        let place = format!("{}: {} at call {at}, {call}: {ran}", self.name, fault.name());
        match fault {
            // Only what comes after everything is printed can still come to its end.
            Fault::Kill => assert!([-1, 0].contains(&ran.status), "{place}"),
            _ => assert!([0, 1].contains(&ran.status), "{place}"),
        }
        assert!(!ran.stderr.contains("panicked"), "{place}");
        check_unfinished(env, &place);
        (self.check)(env);
        let again = env.run(self.arguments);
        assert_eq!(again.status, 0, "{place}\nagain: {again}");
        assert_eq!(env.files(), files, "{place}");
        let verified = finish(env);
        assert_eq!(verified.status, 0, "{place}\nat the end: {verified}");
        let found = dump_without_ids(&env.path("seedbank.db"));
        let expected = self.expected.as_deref().unwrap_or_default();
        let other = found.iter().find(|row| !expected.contains(row));
        assert!(found == expected, "{place}\nother rows: {other:?}");
    }
}

/// Rebuilds what a command leaves to be rebuilt by another, and looks at all of it.
fn finish(env: &TestEnv) -> Ran {
    env.run(&["reextract", "-q"]).expect(0);
    env.run(&["verify"])
}

/// Nothing is damaged; what is to be rebuilt is said, with the command that does it.
fn check_unfinished(env: &TestEnv, place: &str) {
    for options in [&["verify"][..], &["verify", "--quick", "-q"]] {
        let verified = env.run(options);
        let is_named = |ran: &Ran| ran.stderr.contains("hint: rebuild with `seedbank reextract`");
        match verified.status {
            0 => {}
            1 => assert!(is_named(&verified), "{place}\n{verified}"),
            // A first import that stored nothing.
            10 => assert_eq!(env.run(&["stats"]).status, 10, "{place}\n{verified}"),
            _ => panic!("{place}\n{verified}"),
        }
    }
}

/// New articles, revisions, duplicates, one that joins two, and files that are no article: enough of
/// each to be loaded into the index, and to be taken out again.
fn drop_into(env: &TestEnv) {
    for number in 0..30 {
        let url = format!("https://news.example/{}", number - number % 5 / 4);
        let words = text(&format!("第{number}天，<a href='/x'>河水</a>涨到了桥下"));
        let bytes = seed_at("NaN", &format!("题{number}"), &url, &words);
        env.write(&format!("drop/{number:02}.md"), bytes.as_bytes());
    }
    env.write("drop/note.txt", b"no header\n");
}

fn imported(env: &TestEnv) {
    drop_into(env);
    env.run(&["import", "-q", "drop"]).expect(0);
}

fn change(env: &TestEnv, sql: &str) {
    Connection::open(env.path("seedbank.db")).unwrap().execute_batch(sql).unwrap();
}

fn nothing(_: &TestEnv) {}

#[test]
fn a_rebuild_of_all_rows() {
    Trial {
        name: "reextract --all",
        arguments: &["reextract", "-q", "--all"],
        prepare: &imported,
        check: &nothing,
        expected: None,
    }
    .run();
}

/// Between two steps hardly a row goes with another.
#[test]
fn a_rebuild_of_rows_that_are_all_wrong() {
    let (place, fresh) = garbled();
    Trial {
        name: "reextract",
        arguments: &["reextract", "-q"],
        prepare: &|env| copy_database(&place, env),
        check: &nothing,
        expected: Some(fresh),
    }
    .run();
}

fn copy_database(place: &Place, env: &TestEnv) {
    // With what its log holds.
    let connection = Connection::open(place.database()).unwrap();
    let to = env.path("seedbank.db");
    connection.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

#[test]
fn a_rebuild_of_the_index() {
    for arguments in [&["reextract", "-q"][..], &["import", "-q", "drop"]] {
        Trial {
            name: "the index",
            arguments,
            prepare: &|env| {
                imported(env);
                change(env, "DELETE FROM meta WHERE key LIKE 'tokenizer%'");
            },
            check: &nothing,
            expected: None,
        }
        .run();
    }
}

#[test]
fn an_import() {
    Trial {
        name: "a first import",
        arguments: &["import", "-q", "drop"],
        prepare: &drop_into,
        check: &nothing,
        expected: None,
    }
    .run();
    Trial {
        name: "a later import",
        arguments: &["import", "-q", "drop"],
        prepare: &|env| {
            imported(env);
            for number in 20..50 {
                let url = format!("https://news.example/{number}");
                let words = text(&format!("第{number}天，河水退了"));
                let bytes = seed_at("NaN", &format!("题{number}"), &url, &words);
                env.write(&format!("drop/later/{number:02}.md"), bytes.as_bytes());
            }
        },
        check: &nothing,
        expected: None,
    }
    .run();
}

#[test]
fn a_migration() {
    let released = include_str!("../fixtures/released/0.1.0.sql");
    for arguments in [&["migrate", "-q"][..], &["reextract", "-q"]] {
        Trial {
            name: "a migration",
            arguments,
            prepare: &|env| write_released(&env.path("seedbank.db"), released),
            check: &nothing,
            expected: None,
        }
        .run();
    }
}

/// The copy that there was, or the new one, and never half of one.
#[test]
fn a_backup() {
    Trial {
        name: "a backup",
        arguments: &["backup", "-q", "--force", "copies/a.db"],
        prepare: &|env| {
            imported(env);
            std::fs::create_dir(env.path("copies")).unwrap();
            env.run(&["backup", "-q", "copies/a.db"]).expect(0);
            env.write(
                "drop/new.md",
                seed_at("NaN", "新", "https://news.example/new", &text("新")).as_bytes(),
            );
            env.run(&["import", "-q", "drop"]).expect(0);
        },
        check: &|env| {
            env.run(&["--db", "copies/a.db", "verify", "-q"]).expect(0);
            let articles = rows(&env.path("copies/a.db"), "SELECT count(*) FROM article");
            assert!(["24", "25"].contains(&articles[0].as_str()), "{articles:?}");
        },
        expected: None,
    }
    .run();
}
