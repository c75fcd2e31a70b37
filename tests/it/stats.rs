//! `seedbank stats`.

use crate::support::{TestEnv, seed};

#[test]
fn an_empty_database_has_sensible_numbers() {
    let env = TestEnv::new();
    std::fs::create_dir(env.path("drop")).unwrap();
    env.run(&["import", "-q", "drop"]).expect(0);
    let ran = env.run(&["stats"]).expect(0);
    assert!(ran.stdout.contains(" articles         0\n"), "{ran}");
    assert!(ran.stdout.ends_with("Nothing is in it yet: seedbank import FOLDER\n"), "{ran}");
}

#[test]
fn numbers_of_a_small_archive() {
    let env = TestEnv::new();
    for (name, url) in [
        ("a", "https://news.example/a"),
        ("b", "https://news.example/b"),
        ("c", "https://other.example/c"),
    ] {
        env.write(&format!("drop/{name}.txt"), seed(name, url).as_bytes());
    }
    env.write("drop/copy.txt", seed("a", "https://news.example/a").as_bytes());
    env.write("drop/note.txt", b"no header here\n");
    env.run(&["import", "-q", "drop"]).expect(0);
    let text = env.run(&["stats"]).expect(0).stdout;
    let (before_storage, _) = text.split_once("\nStorage\n").unwrap();
    insta::assert_snapshot!(before_storage);

    let json = env.run(&["stats", "--json"]).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["totals"]["articles"], 3);
    assert_eq!(json["sites"][0]["host"], "news.example");
    assert_eq!(json["months"][0]["month"], "2024-02");
    assert_eq!(json["outcomes"]["duplicate"], 1);
    assert_eq!(json["rejections"]["no_header"], 1);
}

#[test]
fn rows_of_another_extractor_are_read_with_a_note_and_never_added_to() {
    let env = TestEnv::with_article();
    let connection = rusqlite::Connection::open(env.path("seedbank.db")).unwrap();
    connection
        .execute("UPDATE meta SET value = '999' WHERE key = 'extractor_version'", [])
        .unwrap();
    drop(connection);
    let ran = env.run(&["stats"]).expect(0);
    assert!(ran.stderr.contains("extractor version 999"), "{ran}");
    let ran = env.run(&["import", "drop"]).expect(12);
    assert!(ran.stderr.contains("extractor version 999"), "{ran}");
}
