//! `seedbank backup`.

use crate::place::{dump, rows, write_released};
use crate::support::{TestEnv, bytes_of, seed};
use rusqlite::Connection;
use seedbank::internals::model::ObjectId;
use seedbank::internals::store::{CopyOptions, KnownHistory, Reader, Writer};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// With a second import that has a note, and a file that is not an article.
fn env() -> TestEnv {
    let env = TestEnv::with_article();
    env.write("drop/secret-place/b.txt", seed("另一篇", "https://news.example/b").as_bytes());
    env.write("drop/secret-place/huge.txt", &vec![b'x'; 3_000_000]);
    let note = ["--note", "from secret-person"];
    env.run(&[&["import", "-q", "--max-file-size", "2M", "drop"][..], &note].concat()).expect(3);
    env
}

#[test]
fn a_copy_holds_everything_in_one_file() {
    let env = env();
    let ran = env.run(&["backup", "copy.db"]).expect(0);
    assert!(ran.stdout.starts_with("\"copy.db\": 2 articles, 2 seeds, "), "{ran}");
    assert_eq!(dump(&env.path("copy.db")), dump(&env.path("seedbank.db")));
    assert_eq!(rows(&env.path("copy.db"), "PRAGMA journal_mode"), ["delete"]);
    env.run(&["--db", "copy.db", "verify"]).expect(0);
    // It can be used like the archive itself.
    let ran = env.run(&["--db", "copy.db", "import", "--json", "drop"]).expect(0);
    assert!(ran.stdout.contains("\"unchanged\": 2,"), "{ran}");
    let files = ["copy.db", "copy.db.lock", "drop", "seedbank.db", "seedbank.db.lock"];
    assert_eq!(env.files(), files);
}

#[test]
fn existing_files_are_kept() {
    let env = env();
    env.write("other.db", b"something else");
    let ran = env.run(&["backup", "other.db"]).expect(1);
    assert!(ran.stderr.contains("\"other.db\" already exists\nhint: "), "{ran}");
    assert_eq!(bytes_of(&env.path("other.db")), b"something else");
    env.run(&["backup", "--force", "other.db"]).expect(0);
    env.run(&["--db", "other.db", "verify"]).expect(0);

    let before = bytes_of(&env.path("seedbank.db"));
    std::os::unix::fs::symlink(env.path("seedbank.db"), env.path("link.db")).unwrap();
    for own in ["seedbank.db", "./seedbank.db", "link.db", "seedbank.db-wal", "seedbank.db.lock"] {
        let ran = env.run(&["backup", "--force", own]).expect(1);
        assert!(ran.stderr.contains("is the database itself, or belongs to it\nhint: "), "{ran}");
    }
    assert!(bytes_of(&env.path("seedbank.db")) == before);
    // SQLite would apply it to the copy.
    env.write("third.db-wal", b"pages of another database");
    let ran = env.run(&["backup", "third.db"]).expect(1);
    assert!(ran.stderr.contains("\"third.db-wal\" says that \"third.db\" is in use"), "{ran}");
    for folder in ["missing/x.db", "missing/"] {
        let ran = env.run(&["backup", folder]).expect(1);
        assert!(ran.stderr.contains("there is no folder \"missing"), "{ran}");
    }
    env.run(&["--db", "nothing.db", "backup", "x.db"]).expect(10);
    assert!(!env.files().iter().any(|name| name.starts_with(".") || name == "x.db"));
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn report(ran: &crate::support::Ran) -> serde_json::Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn older_copies_go_and_strangers_stay() {
    let env = env();
    std::fs::create_dir(env.path("kept")).unwrap();
    // Also under an earlier name of the archive.
    env.run(&["backup", "kept/news-20200101T000000Z.db"]).expect(0);
    env.run(&["backup", "kept/seedbank-20210101T000000Z.db"]).expect(0);
    env.run(&["backup", "kept/seedbank-20210101T000000Z-2.db"]).expect(0);
    // Made while the clock was wrong.
    env.run(&["backup", "kept/seedbank-29990101T000000Z.db"]).expect(0);
    env.run(&["backup", "kept/mine.db"]).expect(0);
    env.write("kept/seedbank-20190101T000000Z.db", &[7; 200]);
    // Truncated by another copying program.
    let whole = bytes_of(&env.path("kept/mine.db"));
    env.write("kept/seedbank-20190102T000000Z.db", &whole[..whole.len() - 8192]);
    // Written to since it was made.
    env.run(&["backup", "kept/seedbank-20190103T000000Z.db"]).expect(0);
    env.run(&["--db", "kept/seedbank-20190103T000000Z.db", "import", "-q", "--full", "drop"])
        .expect(0);
    env.run(&["backup", "--redact", "kept/seedbank-20190104T000000Z.db"]).expect(0);
    let before = names(&env.path("kept"));
    let ran = env.run(&["backup", "kept", "--keep", "2", "--json"]).expect(0);
    let report = report(&ran);
    let removed = [
        "kept/news-20200101T000000Z.db",
        "kept/seedbank-20210101T000000Z.db",
        "kept/seedbank-20210101T000000Z-2.db",
    ];
    assert_eq!(report["removed"], serde_json::json!(removed));
    assert_eq!(report["unidentified"], 0);
    let new = report["path"].as_str().unwrap().strip_prefix("kept/").unwrap().to_owned();
    let gone = |name: &String| removed.contains(&format!("kept/{name}").as_str());
    let mut expected: Vec<String> = before.into_iter().filter(|name| !gone(name)).collect();
    expected.push(new);
    expected.sort();
    assert_eq!(names(&env.path("kept")), expected);
    env.run(&["backup", "one.db", "--keep", "2"]).expect(2);
    env.run(&["backup", "kept", "--keep", "0"]).expect(2);
}

#[test]
fn two_archives_share_a_folder() {
    let env = env();
    std::fs::create_dir(env.path("kept")).unwrap();
    env.run(&["--db", "news.db", "import", "-q", "--max-file-size", "5M", "drop"]).expect(0);
    std::os::unix::fs::symlink("news.db", env.path("link.db")).unwrap();
    for (database, name) in [("seedbank.db", "seedbank"), ("news.db", "news"), ("link.db", "news")]
    {
        let ran = env.run(&["--db", database, "backup", "kept", "--keep", "1", "--json"]).expect(0);
        let path = report(&ran)["path"].as_str().unwrap().to_owned();
        assert!(path.starts_with(&format!("kept/{name}-2")), "{path}");
    }
    // The same name twice: from another archive, or within one second.
    std::fs::create_dir(env.path("other")).unwrap();
    env.run(&["--db", "other/news.db", "import", "-q", "--max-file-size", "5M", "drop"]).expect(0);
    env.run(&["--db", "other/news.db", "backup", "kept", "--keep", "1"]).expect(0);
    let names = names(&env.path("kept"));
    let count = |start| names.iter().filter(|name| name.starts_with(start)).count();
    assert_eq!((count("seedbank-"), count("news-"), names.len()), (1, 2, 3), "{names:?}");
}

#[test]
fn copies_without_identity_are_counted_and_stay() {
    let env = env();
    std::fs::create_dir(env.path("kept")).unwrap();
    let old = "kept/seedbank-20200101T000000Z.db";
    write_released(&env.path(old), include_str!("../fixtures/released/0.1.0.sql"));
    let ran = env.run(&["backup", "kept", "--keep", "1"]).expect(0);
    assert!(ran.stdout.contains("\nKept 1 backup from before archives had an identity"), "{ran}");
    // A redacted copy that is used as an archive has redacted copies.
    env.run(&["backup", "--redact", "others.db"]).expect(0);
    std::fs::create_dir(env.path("theirs")).unwrap();
    env.run(&["--db", "others.db", "backup", "theirs", "--keep", "1"]).expect(0);
    let ran = env.run(&["--db", "others.db", "backup", "theirs", "--keep", "1"]).expect(0);
    let kept_all =
        "\nRemoved no backup: this database is a restored copy that nothing was imported into\n";
    assert!(ran.stdout.ends_with(kept_all), "{ran}");
    assert_eq!(names(&env.path("theirs")).len(), 2);
    env.run(&["--db", "others.db", "import", "-q", "--max-file-size", "5M", "drop"]).expect(0);
    for _ in 0..2 {
        env.run(&["--db", "others.db", "backup", "theirs", "--keep", "1"]).expect(0);
    }
    assert_eq!(names(&env.path("theirs")).len(), 3);
    // An archive without an identity has no copies that are certainly its own.
    for _ in 0..2 {
        let ran = env.run(&["--db", old, "backup", "kept", "--keep", "1", "--json"]).expect(0);
        assert_eq!(report(&ran)["removed"], serde_json::json!([]));
    }
}

/// The leftover of a kill, and a process with the same id, as in a container.
#[test]
fn leftovers_of_killed_copies_go() {
    let env = env();
    std::fs::create_dir(env.path("kept")).unwrap();
    let left = ["latest.db", "seedbank-20200101T000000Z.db", "x-20200101T000000Z-2.db"];
    let plant = || left.map(|name| env.write(&format!("kept/.{name}.1.tmp"), b"half"));
    plant();
    let script = "touch \"kept/.latest.db.$$.tmp\"; exec \"$0\" backup --force kept/latest.db";
    for _ in 0..2 {
        let ran = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_seedbank")])
            .current_dir(env.path(""))
            .output()
            .unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }
    plant();
    let ran = env.run(&["backup", "kept", "--keep", "3", "--json"]).expect(0);
    let new = report(&ran)["path"].as_str().unwrap().strip_prefix("kept/").unwrap().to_owned();
    // A leftover of another name: the next copy with that name will remove it.
    assert_eq!(names(&env.path("kept")), [".latest.db.1.tmp".into(), "latest.db".into(), new]);
}

#[test]
fn a_redacted_copy_has_no_trace_of_a_source() {
    let env = env();
    env.run(&["backup", "--redact", "for-others.db"]).expect(0);
    let contains = |file: &str, word: &str| {
        bytes_of(&env.path(file)).windows(word.len()).any(|window| window == word.as_bytes())
    };
    let place = env.path("").canonicalize().unwrap();
    for word in ["secret-place", "secret-person", "--max-file-size", place.to_str().unwrap()] {
        assert!(contains("seedbank.db", word), "{word}");
        assert!(!contains("for-others.db", word), "{word}");
    }
    assert_eq!(
        rows(&env.path("for-others.db"), "SELECT path, member FROM sighting ORDER BY id"),
        ["redacted/seed-1|", "redacted/seed-2|", "redacted/file-3|"]
    );
    // Every command works on it, and more can be imported.
    for command in [
        &["verify"][..],
        &["stats"],
        &["runs", "2"],
        &["history", "1"],
        &["explain", "1"],
        &["export", "--format", "seeds", "-o", "seeds"],
        &["export", "--format", "jsonl", "-o", "archive.jsonl"],
        &["reextract", "--all"],
        &["import", "--max-file-size", "5M", "drop"],
        &["verify"],
    ] {
        env.run(&[&["--db", "for-others.db"], command].concat()).expect(0);
    }
    assert_eq!(rows(&env.path("for-others.db"), "SELECT count(*) FROM article"), ["2"]);
}

/// The paths of containers, and details that name their members, are traces too.
#[test]
fn a_redacted_copy_has_no_trace_of_containers() {
    let env = TestEnv::new();
    let line =
        |number: u32| format!("{{\"url\":\"https://news.example/{number}\",\"html\":\"\"}}\n");
    env.write("drop/secret-place.jsonl", (line(1) + &line(2)).as_bytes());
    let binary = "{\"seedbank_jsonl\":1}\n{\"rejected_seed\":{\"reason\":\"binary\",\"sha256\":\"\",\
                  \"sightings\":[{\"path\":\"/home/secret-person/a.png\"}]}}\n";
    env.write("drop/other.jsonl", binary.as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    env.run(&["backup", "--redact", "for-others.db"]).expect(0);
    let contains = |file: &str, word: &str| {
        bytes_of(&env.path(file)).windows(word.len()).any(|window| window == word.as_bytes())
    };
    for word in ["secret-place", "secret-person"] {
        assert!(contains("seedbank.db", word), "{word}");
        assert!(!contains("for-others.db", word), "{word}");
    }
    let paths = rows(&env.path("for-others.db"), "SELECT path FROM container ORDER BY id");
    assert_eq!(paths, ["redacted/container-1", "redacted/container-2"]);
    env.run(&["--db", "for-others.db", "verify"]).expect(0);
}

#[test]
fn an_older_archive_can_be_copied_too() {
    let env = TestEnv::new();
    write_released(&env.path("seedbank.db"), include_str!("../fixtures/released/0.1.0.sql"));
    env.run(&["backup", "copy.db"]).expect(0);
    env.run(&["backup", "--redact", "for-others.db"]).expect(0);
    let paths = "SELECT count(*) FROM sighting WHERE path NOT LIKE 'redacted/seed-%'";
    assert_eq!(rows(&env.path("for-others.db"), paths), ["0"]);
    for copy in ["copy.db", "for-others.db"] {
        assert_eq!(rows(&env.path(copy), "PRAGMA user_version"), ["1"]);
        env.run(&["--db", copy, "reextract", "-q"]).expect(0);
        env.run(&["--db", copy, "verify"]).expect(0);
    }
}

/// The writer is in the middle of a batch: the copy has what was committed.
#[test]
fn a_copy_while_an_import_is_under_way() {
    let env = env();
    let mut writer = Writer::open(&env.path("seedbank.db"), Duration::ZERO).unwrap();
    let mut batch = writer.batch().unwrap();
    let history = KnownHistory {
        path: "/repo".into(),
        pattern: String::new(),
        filter: String::new(),
        tip: ObjectId::from_bytes(vec![7; 20]).unwrap(),
        boundary: None,
        members: 0,
    };
    batch.remember_history(&history).unwrap();
    env.run(&["backup", "copy.db"]).expect(0);
    batch.commit(&|_| None).unwrap();
    env.run(&["backup", "later.db"]).expect(0);
    let histories = |file: &str| rows(&env.path(file), "SELECT path FROM repository_history");
    assert_eq!((histories("copy.db"), histories("later.db")), (vec![], vec!["/repo".to_owned()]));
}

#[test]
fn a_damaged_archive_is_not_copied() {
    let env = env();
    let path = env.path("seedbank.db");
    let root = rows(&path, "SELECT rootpage FROM sqlite_schema WHERE name = 'sighting_by_path'");
    let page: usize = root[0].parse().unwrap();
    let mut bytes = bytes_of(&path);
    bytes[(page - 1) * 8192..page * 8192].fill(0xff);
    std::fs::write(&path, &bytes).unwrap();
    let ran = env.run(&["backup", "copy.db"]).expect(1);
    assert!(ran.stderr.contains("is damaged, and so would be its copy"), "{ran}");
    assert!(ran.stderr.contains("seedbank verify"), "{ran}");
    assert_eq!(env.files(), ["drop", "seedbank.db", "seedbank.db.lock"]);
}

/// A limit on the size of files simulates a full disk.
#[test]
fn a_full_disk_leaves_nothing() {
    let env = env();
    let script = format!(
        "trap '' XFSZ; ulimit -f 100; exec '{}' backup copy.db",
        env!("CARGO_BIN_EXE_seedbank")
    );
    let ran = Command::new("sh")
        .args(["-c", &script])
        .current_dir(env.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(1));
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("\"copy.db\" could not be written: "), "{said}");
    assert_eq!(env.files(), ["drop", "seedbank.db", "seedbank.db.lock"]);
    env.run(&["verify"]).expect(0);
}

#[test]
fn a_copy_is_for_the_same_eyes() {
    use std::os::unix::fs::PermissionsExt;
    let env = env();
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(env.path("seedbank.db"), mode).unwrap();
    let reader = Reader::open(&env.path("seedbank.db")).unwrap();
    reader.copy_to(&env.path("copy.db"), CopyOptions::default(), &mut |_, _| {}).unwrap();
    let mode = std::fs::metadata(env.path("copy.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(Connection::open(env.path("copy.db")).unwrap());
}
