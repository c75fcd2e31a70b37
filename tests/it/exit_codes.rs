//! Every exit code, with its messages.

use crate::support::{TestEnv, seed};
use std::fs::File;
use std::io::Write;

/// Runs a command in `env` and shows its output.
fn shown(env: &TestEnv, arguments: &[&str], status: i32) -> String {
    let ran = env.run(arguments).expect(status);
    format!("{}{}", ran.stdout, ran.stderr)
}

#[test]
fn done() {
    let env = TestEnv::with_article();
    env.write("drop/note.txt", b"not an article\n");
    env.run(&["import", "drop"]).expect(0);
    env.run(&["--version"]).expect(0);
}

#[test]
fn failed() {
    let env = TestEnv::new();
    let said = shown(&env, &["import", "missing"], 1);
    insta::assert_snapshot!(said, @r#"
    error: "missing" does not exist
    hint: check its spelling; nothing was imported
    "#);
    assert_eq!(env.files(), [""; 0]);
}

#[test]
fn wrong_usage() {
    let env = TestEnv::new();
    env.run(&[]).expect(2);
    env.run(&["import"]).expect(2);
    env.run(&["import", "x", "--max-file-size", "many"]).expect(2);
    env.run(&["nothing"]).expect(2);
    env.run(&["sql", "SELECT 1", "-q", "-v"]).expect(2);
}

#[test]
fn refused_files_count_once() {
    let env = TestEnv::new();
    env.write("drop/a.txt", seed("标题", "https://news.example/a").as_bytes());
    env.write("drop/large.txt", &vec![b'x'; 20_000]);
    let import = ["import", "--max-file-size", "10k", "drop"];
    let said = shown(&env, &import, 3);
    assert!(said.contains("/drop/large.txt\": too_large ("), "{said}");
    // The same file in the same state is not reported again.
    env.run(&import).expect(0);
    env.run(&["import", "drop"]).expect(0);
}

#[test]
fn no_database() {
    let env = TestEnv::new();
    for command in [&["stats"][..], &["sql", "SELECT 1"], &["export", "--format", "csv"]] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown(&env, command, 10), @r#"
            error: there is no database at "./seedbank.db"
            hint: create it with `seedbank import FOLDER`, or name another with --db
            "#);
        }
    }
    assert_eq!(env.files(), [""; 0]);
    env.write("notes.txt", b"these are notes and no database at all\n");
    shown(&env, &["--db", "notes.txt", "stats"], 10);
    shown(&env, &["--db", "notes.txt", "import", "."], 10);
}

#[test]
fn locked() {
    let env = TestEnv::with_article();
    let mut lock = File::options().write(true).open(env.path("seedbank.db.lock")).unwrap();
    lock.lock().unwrap();
    lock.write_all(b"process 7, since 2024-02-04T23:45:02Z\n").unwrap();
    let said = shown(&env, &["import", "drop"], 11);
    assert!(said.starts_with("error: another writer holds \"./seedbank.db\" (process "), "{said}");
    assert!(said.contains("hint: "), "{said}");
    // Readers are not affected.
    env.run(&["stats"]).expect(0);
}

#[test]
fn newer_database() {
    let env = TestEnv::with_article();
    let connection = rusqlite::Connection::open(env.path("seedbank.db")).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    for command in [&["stats"][..], &["import", "drop"]] {
        let said = shown(&env, command, 12);
        assert!(said.contains("has schema version 999"), "{said}");
    }
}

#[test]
fn refused_sql() {
    let env = TestEnv::with_article();
    insta::assert_snapshot!(shown(&env, &["sql", "DELETE FROM article"], 13), @r#"
    error: the SQL was refused: deleting from "article" is not allowed here
    hint: this command only reads; to change a copy, use sqlite3 on a copy of the database
    "#);
}

#[test]
fn the_version_names_what_reads_an_archive() {
    let env = TestEnv::new();
    let short = env.run(&["--version"]).expect(0).stdout;
    assert!(short.starts_with(concat!("seedbank ", env!("CARGO_PKG_VERSION"))), "{short}");
    assert_eq!(short.lines().count(), 1);
    for arguments in [&["-v", "--version"][..], &["--version", "--verbose"], &["-Vv"]] {
        let long = env.run(arguments).expect(0).stdout;
        let parts: Vec<_> =
            long.lines().skip(1).map(|line| line.split_whitespace().next()).collect();
        let expected = ["SQLite", "schema", "extractor", "tokenizer"].map(Some);
        assert_eq!((long.lines().next(), &parts[..]), (short.lines().next(), &expected[..]));
    }
}

/// One address is not that of several documents.
#[test]
fn an_address_is_for_one_document() {
    use crate::pack::Tar;
    let env = TestEnv::new();
    let page = |name: &str| format!("<title>{name}</title><p>One.").into_bytes();
    let tar = Tar::default().file("a.html", &page("a"), 9).file("b.html", &page("b"), 9).finish();
    env.write("all.tar", &tar);
    let call = ["import", "-q", "--url", "https://news.example/a"];
    let refused = env.run(&[&call[..], &["all.tar"]].concat()).expect(2);
    insta::assert_snapshot!(refused.stderr, @r#"
    error: "[FOLDER]/all.tar" has several documents, and --url is the address of one
    hint: import one of its pages alone; or all of them without --url, or with --url-from-path
    "#);
    assert_eq!(env.files(), ["all.tar"]);
    let refused = env.run_with_bytes(&[&call[..], &["-"]].concat(), &tar).expect(2);
    insta::assert_snapshot!(refused.stderr, @r#"
    error: "-" has several documents, and --url is the address of one
    hint: import one of its pages alone; or all of them without --url, or with --url-from-path
    "#);
    let counted = env.run(&["sql", "--raw", "SELECT count(*) FROM sighting"]).expect(0).stdout;
    assert_eq!(counted.trim(), "0");
}
