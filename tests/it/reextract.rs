//! Rebuilding derived rows: by command, and before an import into an older archive.

use crate::place::{Place, URL, dump, dump_without_ids, seed, text, write_released};
use crate::support::TestEnv;
use rusqlite::Connection;
use seedbank::ReextractOptions;
use seedbank::internals::derive::{derive, derive_article};
use seedbank::internals::reextract::reextract;
use seedbank::internals::store::Writer;
use sha2::Digest;
use std::path::Path;
use std::time::Duration;

/// What the fixture has besides the `seeds` folder.
const TEXT: &str = "<p>同一家网站把同一篇文章放在两个地址下，文字一字不差，发布时间也一样，只有地址里的短名换过一次。</p>";

/// A drop with the files of the fixture.
fn drop_of_released() -> Place {
    let place = Place::new();
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for entry in std::fs::read_dir(seeds).unwrap() {
        let path = entry.unwrap().path();
        place.write(path.file_name().unwrap().to_str().unwrap(), std::fs::read(&path).unwrap());
    }
    let two =
        [("a.txt", "两个地址的同一篇", "old-slug"), ("b.txt", "同一篇，换了题目", "new-slug")];
    for (name, title, slug) in two {
        let url = format!("https://news.example/{slug}");
        place.write(name, seed("1707000000000", title, &url, TEXT));
    }
    place
}

fn without_places(rows: Vec<String>) -> Vec<String> {
    rows.into_iter().filter(|row| !row.starts_with("sighting|")).collect()
}

#[test]
fn an_archive_of_0_1_0_becomes_equal_to_a_new_import() {
    let fresh = drop_of_released();
    fresh.import();
    let fresh_rows = without_places(dump_without_ids(&fresh.database()));

    // By the command.
    let old = Place::new();
    write_released(&old.database(), include_str!("../fixtures/released/0.1.0.sql"));
    assert_eq!(old.rows("SELECT count(*) FROM article"), ["30"]);
    let report = reextract(&old.database(), &ReextractOptions::default(), &mut |_| {}).unwrap();
    assert_eq!((report.seeds, report.damaged), (34, 0));
    assert_eq!(without_places(dump_without_ids(&old.database())), fresh_rows);
    assert_eq!(old.rows("SELECT count(*) FROM article_merged WHERE run_id IS NULL"), ["1"]);
    assert_eq!(
        old.rows("SELECT value FROM meta WHERE key = 'extractor_version'"),
        [seedbank::internals::extract::EXTRACTOR_VERSION.to_string()]
    );

    // Before an import, which then recognises every file.
    let old = Place::new();
    write_released(&old.database(), include_str!("../fixtures/released/0.1.0.sql"));
    let copy = drop_of_released();
    let report = old.import_with(|options| options.paths = vec![copy.drop()]);
    assert_eq!((report.duplicate, report.files_seen), (34, 34));
    assert_eq!(without_places(dump_without_ids(&old.database())), fresh_rows);
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let env = TestEnv::new();
    write_released(&env.path("seedbank.db"), include_str!("../fixtures/released/0.1.0.sql"));
    let ran = env.run(&["stats"]).expect(1);
    assert!(ran.stderr.contains("hint: bring it up to date with `seedbank reextract`"), "{ran}");
    let before = dump_old(&env.path("seedbank.db"));
    let ran = env.run(&["reextract", "--dry-run"]).expect(0);
    insta::assert_snapshot!(ran.stdout.split_once('\n').unwrap().1);
    // The dry run of an import rebuilds too, without committing.
    env.write("drop/a.txt", crate::support::seed("一", "https://news.example/1").as_bytes());
    let ran = env.run(&["import", "--dry-run", "--json", "drop"]).expect(0);
    assert!(ran.stdout.contains("\"new\": 1,"), "{ran}");
    assert_eq!(dump_old(&env.path("seedbank.db")), before);
    env.run(&["reextract", "-q"]).expect(0);
    let ran = env.run(&["reextract"]).expect(0);
    assert!(ran.stdout.starts_with("All rows are already of this version"), "{ran}");
    env.run(&["stats"]).expect(0);
}

fn dump_old(database: &Path) -> Vec<String> {
    let connection = Connection::open(database).unwrap();
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    let rows = crate::place::rows(
        database,
        "SELECT id, article_id, text_sha256, extractor_version FROM seed
         UNION ALL SELECT id, seed_id, title, extractor_version FROM article",
    );
    rows.into_iter().chain([version.to_string()]).collect()
}

#[test]
fn there_is_nothing_to_derive_without_a_database() {
    let env = TestEnv::new();
    let ran = env.run(&["reextract"]).expect(10);
    assert_eq!(env.files(), [""; 0], "{ran}");
}

#[test]
fn pages_over_an_old_deadline_are_tried_again() {
    let place = Place::new();
    place.write("1.md", seed("1709164800000", "雨后", URL, &text("天晴了")));
    place.write("2.md", seed("1709164800000", "开门", "https://news.example/b", &text("雨停了")));
    assert_eq!(place.import().new, 2);
    // As if the first of two files with the same text had exceeded the time limit that older versions had.
    let bytes = seed("1709164800000", "雨后", URL, &text("雨停了")).into_bytes();
    let sha256: [u8; 32] = sha2::Sha256::digest(&bytes).into();
    let connection = Connection::open(place.database()).unwrap();
    let update = "UPDATE seed SET status = 'unparsed', status_detail = 'deadline',
        text_sha256 = NULL, text_length = 0, codec = 'none', body = ?1, sha256 = ?2,
        byte_length = length(?1) WHERE id = 1";
    connection.execute(update, (&bytes, &sha256)).unwrap();
    connection
        .execute_batch(
            "UPDATE article SET status = 'unparsed', status_detail = 'deadline', text_sha256 = NULL
                WHERE id = 1;
             UPDATE revision SET status = 'unparsed', text_sha256 = NULL WHERE article_id = 1;
             DELETE FROM paragraph WHERE article_id = 1;
             UPDATE seed SET extractor_version = 2;
             UPDATE article SET extractor_version = 2;
             UPDATE meta SET value = '2' WHERE key = 'extractor_version';",
        )
        .unwrap();
    drop(connection);
    assert_eq!(place.import().unchanged, 2);
    assert_eq!(place.rows("SELECT old_id, article_id, run_id FROM article_merged"), ["2|1|"]);
    assert_eq!(
        place.rows("SELECT status, status_detail, revision_count, paragraph_count FROM article"),
        ["ok||2|1"]
    );
    assert_eq!(place.rows("SELECT count(*) FROM seed WHERE status <> 'ok'"), ["0"]);
    assert_eq!(place.rows("SELECT count(*) FROM article_url WHERE article_id = 1"), ["2"]);
}

/// Whatever another extractor made of the seeds, a rebuild gives the rows of a new import.
#[test]
fn garbled_rows_become_equal_to_a_new_import() {
    let (place, fresh) = garbled();
    reextract(&place.database(), &ReextractOptions::default(), &mut |_| {}).unwrap();
    assert_eq!(dump_without_ids(&place.database()), fresh);
    assert_eq!(place.rows("PRAGMA foreign_key_check"), [""; 0]);

    // Forced once more: no row changes.
    let before = dump(&place.database());
    let options = ReextractOptions::default().with_all(true);
    let report = reextract(&place.database(), &options, &mut |_| {}).unwrap();
    assert_eq!(report.seeds, 35);
    assert_eq!(dump_without_ids(&place.database()), fresh);
    let revisions =
        |rows: &[String]| rows.iter().filter(|row| row.starts_with("revision|")).count();
    assert_eq!(revisions(&dump(&place.database())), revisions(&before));
}

#[test]
fn an_interrupted_rebuild_continues() {
    for (seeds, is_regrouped, settled) in [(12, false, 0), (99, false, 0), (99, true, 9)] {
        let (place, fresh) = garbled();
        let mut writer = Writer::open(&place.database(), Duration::ZERO).unwrap();
        let stale = writer.next_stale_seeds(0, u64::MAX).unwrap();
        let mut batch = writer.batch().unwrap();
        for seed in stale.into_iter().take(seeds) {
            let derivation = derive(seed.bytes.as_deref().unwrap(), &seed.sha256);
            batch.replace_derivation(seed.id, &derivation).unwrap();
        }
        if is_regrouped {
            batch.regroup(&derive_article).unwrap();
            batch.touch_next(0, settled).unwrap();
        }
        batch.commit(&derive_article).unwrap();
        // As if killed here.
        drop(writer);
        let report = place.import();
        assert_eq!((report.unchanged, report.files_seen), (35, 35));
        assert_eq!(dump_without_ids(&place.database()), fresh);
    }
}

/// An archive in which hardly any row is right, and the rows that it should have.
pub fn garbled() -> (Place, Vec<String>) {
    let place = drop_of_released();
    place.write(
        "edit.md",
        seed("1707000000001", "另一题目", "https://news.example/old-slug", &text("改写过的")),
    );
    place.import();
    let fresh = dump_without_ids(&place.database());
    let connection = Connection::open(place.database()).unwrap();
    connection
        .execute_batch(
            "PRAGMA foreign_keys = ON;
             BEGIN;
             UPDATE meta SET value = '1' WHERE key = 'extractor_version';
             UPDATE seed SET extractor_version = 1, title = 'x' || id, text_sha256 = zeroblob(32),
                canonical_url = 'https://wrong.example/' || (id % 5), published_at = NULL,
                published_precision = 'day', published_text = 'wrong'
                WHERE article_id IS NOT NULL;
             -- Some articles hold strangers' seeds, some share theirs out, one seed was rejected.
             UPDATE seed SET article_id = (SELECT min(a.id) FROM article a WHERE a.id > seed.id % 7)
                WHERE id % 3 = 0 AND article_id IS NOT NULL;
             UPDATE seed SET article_id = NULL, canonical_url = NULL WHERE id = 5;
             UPDATE article SET extractor_version = 1, title = 'wrong', published_at = NULL,
                language = 'xx', published_precision = 'minute';
             UPDATE article_url SET canonical_url = 'https://wrong.example/' || id WHERE id % 2;
             UPDATE paragraph SET text = 'wrong' WHERE id % 4 = 0;
             DELETE FROM link WHERE id % 3 = 0;
             UPDATE revision SET title = 'wrong', text_sha256 = NULL;
             COMMIT;",
        )
        .unwrap();
    drop(connection);
    (place, fresh)
}
