//! Files that are not an archive, an incomplete one, or one of a later version: every command reports that.

use crate::support::{TestEnv, bytes_of};
use rusqlite::Connection;
use seedbank::internals::store::SCHEMA_VERSION;
use std::path::Path;

/// Every command that opens the database; none may change it.
const COMMANDS: [&[&str]; 17] = [
    &["import", "drop"],
    &["import", "--dry-run", "drop"],
    &["sql", "SELECT count(*) FROM article"],
    &["stats"],
    &["search", "文章"],
    &["export", "--format", "jsonl"],
    &["export", "--format", "seeds", "-o", "out"],
    &["show", "1", "--blocks"],
    &["history", "1"],
    &["diff", "1"],
    &["explain", "1"],
    &["runs"],
    &["reextract"],
    &["verify"],
    &["backup", "copy.db"],
    &["migrate"],
    &["migrate", "--status"],
];

/// Runs every command on a file; each must end with one of these codes, print the reason, and leave the file
/// unchanged.
fn check(bytes: &[u8], allowed: &[i32]) {
    for command in COMMANDS {
        let env = TestEnv::new();
        env.write("drop/a.txt", b"not an article\n");
        env.write("seedbank.db", bytes);
        let ran = env.run(command);
        assert!(allowed.contains(&ran.status), "{command:?}: {ran}");
        assert!(!ran.stderr.contains("panicked"), "{command:?}: {ran}");
        assert!(ran.status == 4 || ran.stderr.starts_with("error: "), "{command:?}: {ran}");
        assert!(bytes_of(&env.path("seedbank.db")) == bytes, "{command:?}: {ran}");
        assert!(!env.path("copy.db").exists(), "{command:?}");
    }
}

/// An archive of one article, as one file.
fn archive() -> Vec<u8> {
    let env = TestEnv::with_article();
    env.run(&["backup", "-q", "one.db"]).expect(0);
    bytes_of(&env.path("one.db"))
}

fn changed(bytes: &[u8], change: impl FnOnce(&Connection)) -> Vec<u8> {
    let env = TestEnv::new();
    let path = env.write("changed.db", bytes);
    let connection = Connection::open(&path).unwrap();
    change(&connection);
    drop(connection);
    bytes_of(&path)
}

#[test]
fn strangers() {
    let check = |bytes: &[u8]| check(bytes, &[10]);
    check(b"these are notes and no database at all\n");
    check(&[0; 20_000]);
    check(&[b"SQLite format 3\0".as_slice(), &[1; 500]].concat());
    let other = changed(b"", |connection| {
        connection.execute_batch("CREATE TABLE article (id INTEGER PRIMARY KEY)").unwrap();
    });
    check(&other);
    let claimed = changed(b"", |connection| {
        connection.pragma_update(None, "application_id", 0x1234_5678).unwrap();
    });
    check(&claimed);
}

#[test]
fn a_later_version() {
    let newer = changed(&archive(), |connection| {
        connection.pragma_update(None, "user_version", 999).unwrap();
    });
    check(&newer, &[12]);
}

#[test]
fn torn_archives() {
    let whole = archive();
    for length in [512, 8_000, 8_192] {
        check(&whole[..length], &[1, 4, 10]);
    }
    let mut no_schema = whole.clone();
    no_schema[100..8_192].fill(0xff);
    check(&no_schema, &[1, 4, 10]);
    let mut no_signature = whole.clone();
    no_signature[3] ^= 1;
    check(&no_signature, &[4, 10]);
    let mut other_id = whole.clone();
    other_id[70] ^= 0x10;
    check(&other_id, &[4, 10]);
}

#[test]
fn verify_knows_an_archive_with_a_damaged_head() {
    let whole = archive();
    for (at, bit, what) in [
        (3, 1, "file: the signature in the file's head is damaged"),
        (17, 4, "file: the page size in the file's head is damaged"),
        (19, 4, "file: the journal mode in the file's head is damaged"),
        (57, 0x80, "file: the text encoding in the file's head is damaged"),
        (63, SCHEMA_VERSION as u8, "file: the schema version in the file's head is damaged"),
        (70, 0x10, "file: the application id in the file's head is damaged"),
    ] {
        let mut bytes = whole.clone();
        bytes[at] ^= bit;
        let env = TestEnv::new();
        env.write("seedbank.db", &bytes);
        let ran = env.run(&["verify"]).expect(4);
        assert!(ran.stdout.starts_with(what), "{at}: {ran}");
    }
}

#[test]
fn an_empty_file_is_a_new_database_to_what_writes_and_none_to_what_reads() {
    let env = TestEnv::new();
    env.write("seedbank.db", b"");
    for command in [&["verify"][..], &["backup", "copy.db"], &["migrate"], &["stats"]] {
        env.run(command).expect(10);
    }
    assert_eq!(std::fs::metadata(Path::new(&env.path("seedbank.db"))).unwrap().len(), 0);
}

#[test]
fn a_word_that_no_version_wrote_is_named() {
    let env = TestEnv::with_article();
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.pragma_update(None, "ignore_check_constraints", true).unwrap();
    connection.execute("UPDATE article SET status = 'okay'", []).unwrap();
    for command in [&["show", "1"][..], &["export", "--format", "jsonl"]] {
        let ran = env.run(command).expect(1);
        assert!(ran.stderr.contains("this version knows no Status \"okay\""), "{command:?}: {ran}");
        assert!(ran.stderr.contains("see what is damaged"), "{command:?}: {ran}");
    }
}
