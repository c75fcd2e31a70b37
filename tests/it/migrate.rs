//! `seedbank migrate`, and the copy that is made before every migration.

use crate::place::{rows, write_released};
use crate::support::{TestEnv, bytes_of, seed};
use rusqlite::Connection;
use seedbank::internals::store::SCHEMA_VERSION;
use std::path::Path;
use std::time::{Duration, Instant};

const RELEASED: &str = include_str!("../fixtures/released/0.1.0.sql");

fn env() -> TestEnv {
    let env = TestEnv::new();
    write_released(&env.path("seedbank.db"), RELEASED);
    env
}

fn backup_name(suffix: &str) -> String {
    format!("seedbank.db.before-v{SCHEMA_VERSION}{suffix}.bak")
}

fn version(database: &Path) -> String {
    rows(database, "PRAGMA user_version").remove(0)
}

#[test]
fn status_says_what_is_pending_and_changes_nothing() {
    let env = env();
    let before = bytes_of(&env.path("seedbank.db"));
    let ran = env.run(&["migrate", "--status"]).expect(0);
    insta::assert_snapshot!(ran.stdout);
    let ran = env.run(&["migrate", "--status", "--json"]).expect(0);
    let status: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(status["schema_version"], 1);
    assert_eq!(status["pending"][0], 2);
    assert_eq!((&status["extractor_version"], &status["seeds_to_derive"]), (&1.into(), &34.into()));
    assert!(bytes_of(&env.path("seedbank.db")) == before);
    assert_eq!(env.files(), ["seedbank.db"]);
    let env = TestEnv::new();
    env.run(&["migrate", "--status"]).expect(10);
    env.run(&["migrate"]).expect(10);
    assert_eq!(env.files(), [""; 0]);
}

#[test]
fn a_migration_keeps_the_archive_as_it_was() {
    let env = env();
    let ran = env.run(&["migrate"]).expect(0);
    let backup = backup_name("");
    assert!(ran.stdout.contains(&format!("The database as it was: \"./{backup}\"\n")), "{ran}");
    assert_eq!(version(&env.path(&backup)), "1");
    assert_eq!(version(&env.path("seedbank.db")), SCHEMA_VERSION.to_string());
    env.run(&["--db", &backup, "verify"]).expect(0);
    let ran = env.run(&["migrate"]).expect(0);
    assert!(ran.stdout.starts_with("The schema is already up to date\n"), "{ran}");
    env.run(&["reextract", "-q"]).expect(0);
    env.run(&["verify"]).expect(0);
}

#[test]
fn writing_commands_make_the_copy_and_a_dry_run_none() {
    let env = env();
    env.write("drop/a.txt", seed("一", "https://news.example/1").as_bytes());
    env.run(&["import", "-q", "--dry-run", "drop"]).expect(0);
    env.run(&["reextract", "-q", "--dry-run"]).expect(0);
    assert!(!env.path(&backup_name("")).exists());
    env.run(&["import", "-q", "drop"]).expect(0);
    assert_eq!(version(&env.path(&backup_name(""))), "1");
}

#[test]
fn a_copy_of_another_state_stays() {
    let env = env();
    env.write(&backup_name(""), b"another file of that name");
    env.run(&["migrate", "-q"]).expect(0);
    assert_eq!(bytes_of(&env.path(&backup_name(""))), b"another file of that name");
    assert_eq!(version(&env.path(&backup_name(".2"))), "1");
}

#[test]
fn an_empty_archive_needs_no_copy() {
    let env = TestEnv::new();
    let schema = include_str!("../../migrations/0001_archive.sql");
    let sql = format!(
        "{schema}; INSERT INTO meta VALUES ('extractor_version', '2');
         PRAGMA application_id = {}; PRAGMA user_version = 1;",
        0x5345_4544
    );
    write_released(&env.path("seedbank.db"), &sql);
    env.run(&["migrate"]).expect(0);
    assert_eq!(env.files(), ["seedbank.db", "seedbank.db.lock"]);
}

/// An older program wrote two different names alike: which file it was is checked once more.
#[test]
fn a_label_of_two_names_proves_nothing() {
    let env = TestEnv::new();
    let rename = r"; UPDATE sighting SET is_settled = 1, path = '/d/' || CASE id WHEN 1 THEN '\xff.md'
        WHEN 2 THEN 'a\x\xe4\xb8.md' ELSE 'a\x41\b' || id || '\xFF.md' END;";
    write_released(&env.path("seedbank.db"), &format!("{RELEASED}{rename}"));
    env.run(&["migrate"]).expect(0);
    let sql = "SELECT max(is_settled), count(*) FROM sighting s JOIN seed ON seed.id = s.seed_id
        WHERE article_id IS NOT NULL GROUP BY s.id > 2";
    assert_eq!(rows(&env.path("seedbank.db"), sql)[0], "0|2");
    assert!(rows(&env.path("seedbank.db"), sql)[1].starts_with("1|"));
}

/// Without room for the copy there is no migration.
#[test]
fn a_full_disk_leaves_the_archive_as_it_was() {
    let env = env();
    let before = bytes_of(&env.path("seedbank.db"));
    let program = env!("CARGO_BIN_EXE_seedbank");
    let script = format!("trap '' XFSZ; ulimit -f 100; exec '{program}' migrate");
    let ran =
        std::process::Command::new("sh").args(["-c", &script]).current_dir(env.path("")).output();
    let ran = ran.unwrap();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert!(bytes_of(&env.path("seedbank.db")) == before);
    assert_eq!(env.files(), ["seedbank.db", "seedbank.db.lock"]);
    env.run(&["migrate"]).expect(0);
}

/// Killed at any moment, a migration is either not done or complete; and the next one succeeds.
#[test]
fn a_killed_migration_leaves_the_old_version_or_the_new_one() {
    let released = TestEnv::new();
    let path = released.path("large.db");
    write_released(&path, RELEASED);
    // Enough seeds for the new indexes to take some time.
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
             INSERT INTO seed (sha256, byte_length, codec, observed_at, text_sha256,
                extractor_version) SELECT randomblob(32), 1, 'none', NULL, randomblob(32), 1 FROM n",
        )
        .unwrap();
    let bytes = bytes_of(&path);
    let count = "SELECT count(*), (SELECT count(*) FROM seed) FROM article";
    let whole = rows(&path, count);
    let mut old = 0;
    for delay in [0, 5, 20, 60] {
        let env = TestEnv::new();
        env.write("seedbank.db", &bytes);
        // One gets only as far as the copy, however slow this test is.
        let hold = Connection::open(env.path("seedbank.db")).unwrap();
        if delay == 0 {
            hold.execute_batch("BEGIN IMMEDIATE").unwrap();
        }
        let mut child = env.command(&["migrate", "-q"]).spawn().unwrap();
        let (started, backup) = (Instant::now(), env.path(&backup_name("")));
        while !backup.exists() && started.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        drop(hold);
        let database = env.path("seedbank.db");
        let reached = version(&database);
        assert!(reached == "1" || reached == SCHEMA_VERSION.to_string(), "{reached}");
        old += u32::from(reached == "1");
        assert_eq!(rows(&database, "PRAGMA integrity_check"), ["ok"]);
        assert_eq!(rows(&database, count), whole);
        env.run(&["migrate", "-q"]).expect(0);
        assert_eq!(version(&database), SCHEMA_VERSION.to_string());
        assert_eq!(rows(&database, count), whole);
        // The copy of the first attempt was used.
        assert_eq!(version(&backup), "1");
        assert!(!env.path(&backup_name(".2")).exists());
    }
    assert!(old > 0, "no migration was killed in time");
}
