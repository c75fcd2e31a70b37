//! A new archive in its rollback-journal period, before it has a write-ahead log.

use crate::place::rows;
use crate::support::{TestEnv, set_mode, until};
use rusqlite::{Connection, OpenFlags};
use seedbank::Timestamp;
use seedbank::internals::store::{Reader, Writer};
use std::fs;
use std::time::Duration;

/// The archive after a writer crashed during a commit: some pages are written, and the journal that undoes
/// them is beside it.
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

    // Users without write access must not read the half-committed state.
    for (file, folder) in [(0o444, 0o777), (0o644, 0o555)] {
        set_mode(&database, file);
        set_mode(&env.path("folder"), folder);
        let ran = env.wait(env.command_of_stranger(&titles).spawn().unwrap()).expect(1);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.starts_with("error: a writer of \"folder/half.db\" crashed"), "{ran}");
        assert!(ran.stderr.contains("hint: "), "{ran}");
    }
    set_mode(&env.path("folder"), 0o755);
    assert_eq!(env.run(&titles).expect(0).stdout, "title\n标题\n");
    assert!(!env.path("folder/half.db-journal").exists());
    env.run(&["--db", "folder/half.db", "verify", "-q"]).expect(0);
}

/// Others wait as long as it takes, and none of them fails.
#[test]
fn a_new_archive_is_its_writers_alone() {
    let env = TestEnv::new();
    let database = env.path("seedbank.db");
    let mut writer = Writer::open(&database, Duration::ZERO).unwrap();
    let hasty = Connection::open(&database).unwrap();
    hasty.busy_timeout(Duration::ZERO).unwrap();
    let runs = |connection: &Connection| -> rusqlite::Result<i64> {
        connection.query_row("SELECT count(*) FROM import_run", [], |row| row.get(0))
    };
    let refused = runs(&hasty).unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy));
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| Reader::open(&database).unwrap().runs(9).unwrap().len());
        writer.start_run(Timestamp::now(), "[]", None).unwrap();
        writer.batch().unwrap().commit(&|_| None).unwrap();
        runs(&hasty).unwrap_err();
        writer.checkpoint().unwrap();
        assert_eq!(reading.join().unwrap(), 1);
    });
    assert_eq!(rows(&database, "PRAGMA journal_mode"), ["wal"]);
    // From now on, nobody waits for others.
    hasty.execute_batch("BEGIN").unwrap();
    assert_eq!(runs(&hasty).unwrap(), 1);
    writer.start_run(Timestamp::now(), "[]", None).unwrap();
    writer.checkpoint().unwrap();
    assert_eq!(runs(&hasty).unwrap(), 1);
    hasty.execute_batch("COMMIT").unwrap();
    assert_eq!(runs(&hasty).unwrap(), 2);
    drop(writer);
    // A writer that ends before leaves the switch to the next one.
    hasty.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(hasty);
    drop(Writer::open(&database, Duration::ZERO).unwrap());
    assert_eq!(rows(&database, "PRAGMA journal_mode"), ["wal"]);
}

/// An import that has nothing to do does not make others wait.
#[test]
fn a_new_archive_can_be_read_although_the_input_is_silent() {
    let env = TestEnv::new();
    let mut child = env.command(&["import", "-q", "-"]).spawn().unwrap();
    let input = child.stdin.take();
    until("the archive", || env.path("seedbank.db").exists());
    until("a reader", || env.run(&["stats", "-q"]).status == 0);
    assert!(child.try_wait().unwrap().is_none());
    drop(input);
    env.wait(child).expect(0);
}
