//! An archive in its first seconds, which has no write-ahead log yet.

use crate::place::rows;
use crate::support::{TestEnv, set_mode};
use rusqlite::{Connection, OpenFlags};
use seedbank::model::Timestamp;
use seedbank::store::Writer;
use std::fs;
use std::time::Duration;

/// The archive as a writer leaves it that dies in the middle of a commit: some pages are written, and
/// what undoes them stands beside it.
fn half_committed(env: &TestEnv, name: &str) {
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
    // Pages that do not fit are written at once.
    connection.pragma_update(None, "cache_size", 1).unwrap();
    connection
        .execute_batch(
            "BEGIN IMMEDIATE;
            UPDATE article SET title = '半';
            UPDATE seed SET body = zeroblob(1000000);
            UPDATE site SET host = 'half.example';",
        )
        .unwrap();
    for companion in ["", "-journal"] {
        let left = env.path(&format!("seedbank.db{companion}"));
        fs::copy(left, env.path(&format!("{name}{companion}"))).unwrap();
    }
}

#[test]
fn a_commit_that_a_writer_died_in() {
    let env = TestEnv::with_article();
    fs::create_dir(env.path("folder")).unwrap();
    half_committed(&env, "folder/half.db");
    let database = env.path("folder/half.db");
    let titles = ["--db", "folder/half.db", "sql", "--format", "csv", "SELECT title FROM article"];
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let looked = Connection::open_with_flags(&database, read_only).unwrap();
    looked.query_row("SELECT title FROM article", [], |_| Ok(())).unwrap_err();

    // Who may not write must not take what is there for the archive.
    for (file, folder) in [(0o444, 0o777), (0o644, 0o555)] {
        set_mode(&database, file);
        set_mode(&env.path("folder"), folder);
        let ran = env.wait(env.command_of_stranger(&titles).spawn().unwrap()).expect(1);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.starts_with("error: a writer of \"folder/half.db\" died"), "{ran}");
        assert!(ran.stderr.contains("hint: "), "{ran}");
    }
    set_mode(&env.path("folder"), 0o755);
    assert_eq!(env.run(&titles).expect(0).stdout, "title\n标题\n");
    assert!(!env.path("folder/half.db-journal").exists());
    env.run(&["--db", "folder/half.db", "verify", "-q"]).expect(0);
}

#[test]
fn reading_a_new_archive_while_it_is_filled() {
    let env = TestEnv::new();
    let database = env.path("seedbank.db");
    let mut writer = Writer::open(&database, Duration::ZERO).unwrap();
    assert_eq!(rows(&database, "PRAGMA journal_mode"), ["delete"]);
    let other = Connection::open(&database).unwrap();
    other.busy_timeout(Duration::ZERO).unwrap();
    let runs = || -> i64 {
        other.query_row("SELECT count(*) FROM import_run", [], |row| row.get(0)).unwrap()
    };
    writer.begin().unwrap();
    writer.start_run(Timestamp::now(), "[]", None).unwrap();
    assert_eq!(runs(), 0);
    writer.commit().unwrap();
    assert_eq!(runs(), 1);
    // Another's connection does not keep it from what an archive is to be.
    writer.checkpoint().unwrap();
    assert_eq!(rows(&database, "PRAGMA journal_mode"), ["wal"]);
    assert_eq!(runs(), 1);
    drop(writer);
    // Who dies before leaves it to the next.
    other.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(other);
    drop(Writer::open(&database, Duration::ZERO).unwrap());
    assert_eq!(rows(&database, "PRAGMA journal_mode"), ["wal"]);
}
