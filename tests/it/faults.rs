//! A kill or an error at each call that changes a file: no archive is damaged, unfinished work is reported,
//! and repeating the command gives the result of an undisturbed run.
//!
//! Each run tests some of these calls, evenly spread; `SEEDBANK_CRASH_ROUNDS=1000 cargo test --test it
//! faults:: -- --nocapture` tests all and prints their number.

use crate::place::{Place, dump_without_ids, rows, seed as seed_at, text, write_released};
use crate::reextract::garbled;
use crate::support::{Ran, TestEnv};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The number of a command's calls that are tested in a normal run.
const ROUNDS: usize = 6;

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Half of a write is written, and the process is killed.
    Kill,
    /// It fails, once.
    Error,
    /// It fails, and so do all later ones.
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

/// The library that counts the calls and makes them fail, built by the compiler that built SQLite.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libfaults.so");
        // Two test runs may build it at the same time.
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

/// The calls to test, as many of each kind, evenly spread; or all. Each kind of fault, by its number, gets
/// other calls.
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

/// A command to be tested, and its initial state.
struct Trial<'a> {
    name: &'a str,
    arguments: &'a [&'a str],
    /// Makes the initial state in an empty folder.
    prepare: &'a dyn Fn(&TestEnv),
    /// Checks what a fault left, before the command is run again.
    check: &'a dyn Fn(&TestEnv),
    /// The final rows; `None` for those of the undisturbed command.
    expected: Option<Vec<String>>,
}

impl Trial<'_> {
    /// Tests faults at some calls, or at all.
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

    /// One run with a fault, and the repetition after it.
    fn meet(&self, env: &TestEnv, fault: Fault, at: usize, call: &str, files: &[String]) {
        let mut command = command(env, self.arguments);
        command
            .env("SEEDBANK_FAULT_AT", (at + 1).to_string())
            .env("SEEDBANK_FAULT_HOW", fault.name());
        let ran = env.wait(command.spawn().unwrap());
        let place = format!("{}: {} at call {at}, {call}: {ran}", self.name, fault.name());
        match fault {
            // It can only have finished if all that was left to do comes after printing.
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

/// Rebuilds what a command leaves to another one to rebuild, and verifies everything.
fn finish(env: &TestEnv) -> Ran {
    env.run(&["reextract", "-q"]).expect(0);
    env.run(&["verify"])
}

/// Checks that nothing is damaged, and that pending rebuilds are reported with the command for them.
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

/// New articles, revisions, duplicates, one that joins two, and files that are not articles: enough of each
/// for the index to be loaded, and for entries to be removed.
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

/// Between two steps, hardly any rows fit together.
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
    // Including the content of its log.
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

/// Either the old copy or the new one is there, never half of one.
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
