//! Imports through the library: outcomes and sameness.

use crate::place::{Place, TIME, URL, dump, seed, set_time, text};
use crate::support::TestEnv;
use rusqlite::Connection;
use seedbank::internals::import::import;
use seedbank::{Error, ImportOptions, ImportReport, Reason, RunStatus};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

#[track_caller]
fn check_counts(report: &ImportReport, counts: [u64; 5]) {
    let found = [report.new, report.revised, report.duplicate, report.unchanged, report.rejected];
    assert_eq!(found, counts, "new, revised, duplicate, unchanged, rejected of {report:?}");
    assert_eq!(report.status, RunStatus::Complete);
}

#[test]
fn the_reference_seed() {
    let place = Place::new();
    let bytes = include_bytes!("../../seeds/000_1649f93ecfe387c8.txt");
    place.write("000.txt", bytes);
    check_counts(&place.import(), [1, 0, 0, 0, 0]);
    assert_eq!(
        place.rows(
            "SELECT a.published_at, t.host, a.paragraph_count, a.dateline, a.revision_count, a.script
             FROM article a JOIN site t ON t.id = a.site_id"
        ),
        ["2024-02-04T23:45:02Z|rfi.fr|7|05/02/2024 - 00:35|1|Hans"]
    );
    assert_eq!(
        place.rows(
            "SELECT kind, count(*) FROM paragraph WHERE is_content = 1 GROUP BY kind
             UNION ALL SELECT kind, count(*) FROM link GROUP BY kind
             UNION ALL SELECT kind, count(*) FROM media GROUP BY kind"
        ),
        ["lead|1", "paragraph|6", "share|4", "image|1"]
    );
}

/// Paragraphs are inserted many at a time; a link must find its own.
#[test]
fn links_belong_to_their_paragraphs() {
    let place = Place::new();
    for (count, name) in [(1, "一"), (63, "二"), (64, "三"), (65, "四"), (200, "五")] {
        let line =
            |at| format!("<p>{name}篇第{at}段说的<a href='/{at}'>{name}{at}</a>在这里。</p>");
        let html: String = (0..count).map(line).collect();
        let url = format!("https://news.example/{count}");
        place.write(&format!("{count}.md"), seed("1709164800000", name, &url, &html).as_bytes());
    }
    check_counts(&place.import(), [5, 0, 0, 0, 0]);
    assert_eq!(
        place.rows(
            "SELECT count(*), count(DISTINCT p.id), sum(instr(p.text, '的' || l.text || '在') > 0),
                sum(p.article_id = l.article_id), sum(p.position = l.position)
             FROM link l JOIN paragraph p ON p.id = l.paragraph_id"
        ),
        ["393|393|393|393|393"]
    );
}

#[test]
fn outcomes_in_one_drop() {
    let place = Place::new();
    let first = seed("1709164800000", "雨后", URL, &text("雨停了"));
    place.write("1_first.md", &first);
    place.write("2_same_bytes.md", &first);
    place.write("3_same_text.md", seed("1709164800000", "雨 后", URL, &text("雨停了")));
    place.write("4_edited.md", seed("1709164900000", "雨后", URL, &text("雨终于停了")));
    place.write("5_retitled.md", seed("1709165000000", "雨后开门", URL, &text("雨终于停了")));
    place.write("6_other.md", seed("NaN", "另一篇", "https://news.example/b", &text("天晴了")));
    place.write("7_list.md", "某台\n------\n\n* [甲](1.md)\n* [乙](2.md)\n");
    let report = place.import();
    check_counts(&report, [2, 2, 2, 0, 1]);
    assert_eq!(report.reasons, [(Reason::List, 1)]);
    assert_eq!(report.newly_refused, 0);
    assert_eq!(
        place.rows("SELECT outcome, matched_by FROM sighting ORDER BY path"),
        ["new|", "duplicate|bytes", "duplicate|url", "revised|", "revised|", "new|", "rejected|"]
    );
    assert_eq!(
        place.rows("SELECT sequence, title, change, published_at FROM revision WHERE article_id = 1 ORDER BY sequence"),
        [
            "1|雨后|first|2024-02-29T00:00:00Z",
            "2|雨后|text|2024-02-29T00:01:40Z",
            "3|雨后开门|title|2024-02-29T00:03:20Z"
        ]
    );
    assert_eq!(
        place.rows(
            "SELECT title, published_at, updated_at, revision_count FROM article ORDER BY id"
        ),
        ["雨后开门|2024-02-29T00:00:00Z|2024-02-29T00:03:20Z|3", "另一篇|||1"]
    );
    assert_eq!(place.rows("PRAGMA foreign_key_check"), [""; 0]);
}

#[test]
fn a_later_stub_never_hides_the_text() {
    let place = Place::new();
    place.write("1.md", seed("1709164800000", "雨后", URL, &text("雨停了")));
    place.import();
    place.write("2.md", seed("1709200000000", "雨后", URL, "<p>雨后</p>"));
    place.write("3.md", seed("1709200000000", "雨后", URL, "<p>文章已删除。</p>"));
    check_counts(&place.import(), [0, 2, 0, 1, 0]);
    assert_eq!(
        place.rows("SELECT status, revision_count, paragraph_count, updated_at FROM article"),
        ["ok|3|1|2024-02-29T00:00:00Z"]
    );
    assert_eq!(place.rows("SELECT status FROM revision ORDER BY sequence").len(), 3);
}

#[test]
fn unchanged_files_are_not_read_and_changed_ones_are() {
    let place = Place::new();
    let path = place.write("1.md", seed("NaN", "雨后", URL, &text("雨停了")));
    place.write("2.md", "# 说明\n");
    check_counts(&place.import(), [1, 0, 0, 0, 1]);
    let before = dump(&place.database());
    let report = place.import();
    check_counts(&report, [0, 0, 0, 2, 0]);
    assert_eq!(report.bytes_read, 0);
    assert_eq!(dump(&place.database()), before);
    check_counts(&place.import_with(|options| options.full = true), [0, 0, 1, 0, 1]);
    assert_eq!(dump(&place.database()), before);

    set_time(&path, TIME + 60);
    check_counts(&place.import(), [0, 0, 1, 1, 0]);
    assert_eq!(place.rows("SELECT count(*) FROM sighting"), ["3"]);
    place.write_at("1.md", seed("NaN", "雨后", URL, &text("雨终于停了")), TIME + 120);
    check_counts(&place.import(), [0, 1, 0, 1, 0]);
}

#[test]
fn a_fresh_file_is_read_again_until_its_time_has_settled() {
    let place = Place::new();
    let path = place.drop().join("1.md");
    fs::write(&path, seed("NaN", "雨后", URL, &text("雨停了"))).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    // A whole second in the future, as if a change might not show in the time.
    set_time(&path, now + 60);
    check_counts(&place.import(), [1, 0, 0, 0, 0]);
    check_counts(&place.import(), [0, 0, 1, 0, 0]);
    assert_eq!(place.rows("SELECT count(*) FROM sighting"), ["1"]);
}

#[test]
fn every_rejected_fixture_gives_its_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rejected");
    let place = Place::new();
    let mut options = ImportOptions::new([&folder]);
    options.full = true;
    let report = import(&place.database(), &options, &mut |_| {}).unwrap();
    assert_eq!(report.rejected, report.files_seen);
    let found = place.rows(
        "SELECT g.path, r.reason, s.body IS NULL FROM sighting g
         JOIN rejection r ON r.sighting_id = g.id LEFT JOIN seed s ON s.id = g.seed_id",
    );
    assert_eq!(found.len() as u64, report.files_seen);
    for row in found {
        let mut cells = row.split('|');
        let name =
            Path::new(cells.next().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
        let reason = cells.next().unwrap();
        assert!(name.starts_with(reason), "{row}");
        let is_kept = !["binary", "damaged_archive"].contains(&reason);
        assert_eq!(cells.next().unwrap() == "0", is_kept, "{row}");
    }
    let reasons: Vec<&str> = report.reasons.iter().map(|(reason, _)| reason.as_str()).collect();
    let expected = [
        "list",
        "readme",
        "binary",
        "empty_file",
        "no_header",
        "unsupported",
        "undecodable",
        "damaged_archive",
        "bad_header",
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn what_is_no_regular_file_is_counted_and_never_waited_for() {
    let place = Place::new();
    let status = std::process::Command::new("mkfifo").arg(place.drop().join("1_fifo.md")).status();
    assert!(status.unwrap().success());
    place.write("2.md", seed("NaN", "雨后", URL, &text("雨停了")));
    std::os::unix::fs::symlink("2.md", place.drop().join("3_link.md")).unwrap();
    std::os::unix::fs::symlink(".", place.drop().join("4_loop")).unwrap();
    place.write("5_large.md", vec![b'x'; 3000]);
    let report = place.import_with(|options| options.max_file_size = 2000);
    check_counts(&report, [1, 0, 0, 0, 4]);
    assert_eq!(report.reasons, [(Reason::NotRegular, 3), (Reason::TooLarge, 1)]);
    assert_eq!(report.newly_refused, 1);
    assert_eq!(
        place.rows("SELECT detail FROM rejection ORDER BY id"),
        ["FIFO", "symbolic link", "symbolic link", "3000 bytes; the limit is 2000"]
    );
    // The same state is refused again, but not reported as new.
    let report = place.import_with(|options| options.max_file_size = 2000);
    check_counts(&report, [0, 0, 0, 1, 4]);
    assert_eq!(report.newly_refused, 0);
    assert_eq!(place.rows("SELECT count(*) FROM sighting"), ["5"]);
    check_counts(&place.import(), [0, 0, 0, 1, 4]);
}

#[test]
fn the_database_and_version_control_are_left_out() {
    let place = Place::new();
    place.write("1.md", seed("NaN", "雨后", URL, &text("雨停了")));
    place.write(".git/config.md", "x");
    place.write("manifest.jsonl", "{\"seedbank_manifest\":1}\n{}\n");
    place.write("other/manifest.jsonl", "{}\n");
    let database = place.drop().join("archive.db");
    let run = || import(&database, &ImportOptions::new([place.drop()]), &mut |_| {}).unwrap();
    check_counts(&run(), [1, 0, 0, 0, 1]);
    check_counts(&run(), [0, 0, 0, 2, 0]);
}

#[test]
fn a_dry_run_is_accurate_and_changes_nothing() {
    let place = Place::new();
    place.write("1.md", seed("NaN", "雨后", URL, &text("雨停了")));
    place.write("2.md", seed("NaN", "雨后", URL, &text("雨终于停了")));
    let dry = place.import_with(|options| options.dry_run = true);
    assert!(!place.database().exists());
    assert!(!place.folder.path().join("archive.db.lock").exists());
    assert_eq!(dry.run_id, None);
    let wet = place.import();
    check_counts(&dry, [1, 1, 0, 0, 0]);
    check_counts(&wet, [1, 1, 0, 0, 0]);
    place.write("3.md", seed("NaN", "雨后", URL, &text("雨又来了")));
    let before = (dump(&place.database()), place.rows("SELECT count(*) FROM import_run"));
    check_counts(&place.import_with(|options| options.dry_run = true), [0, 1, 0, 2, 0]);
    assert_eq!((dump(&place.database()), place.rows("SELECT count(*) FROM import_run")), before);
}

/// SQLite makes such a file when a table is dropped; it counts as a new database.
#[test]
fn a_dry_run_into_a_file_without_tables() {
    let place = Place::new();
    place.write("1.md", seed("NaN", "雨后", URL, &text("雨停了")));
    let other = Connection::open(place.database()).unwrap();
    other.execute_batch("CREATE TABLE t (a); DROP TABLE t").unwrap();
    drop(other);
    let before = fs::read(place.database()).unwrap();
    assert!(!before.is_empty());
    check_counts(&place.import_with(|options| options.dry_run = true), [1, 0, 0, 0, 0]);
    assert_eq!(fs::read(place.database()).unwrap(), before);
    check_counts(&place.import(), [1, 0, 0, 0, 0]);
}

#[test]
fn a_run_that_never_ended_is_marked_by_the_next() {
    let place = Place::new();
    place.write("1.md", seed("NaN", "雨后", URL, &text("雨停了")));
    place.import();
    let connection = Connection::open(place.database()).unwrap();
    connection.execute("UPDATE import_run SET status = 'running', finished_at = NULL", []).unwrap();
    drop(connection);
    place.import();
    assert_eq!(
        place.rows("SELECT status FROM import_run ORDER BY id"),
        ["interrupted", "complete"]
    );
}

#[test]
fn strangers_and_newer_databases_are_refused_unchanged() {
    let place = Place::new();
    place.write("1.md", seed("NaN", "雨后", URL, &text("雨停了")));
    let options = ImportOptions::new([place.drop()]);
    let refused = |expected: fn(&Error) -> bool| {
        let before = fs::read(place.database()).unwrap();
        let error = import(&place.database(), &options, &mut |_| {}).unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert_eq!(fs::read(place.database()).unwrap(), before);
    };
    let connection = Connection::open(place.database()).unwrap();
    connection.execute_batch("CREATE TABLE t (a)").unwrap();
    drop(connection);
    refused(|error| matches!(error, Error::NotOurs(_)));
    fs::write(place.database(), "not a database at all, but long enough to be read as one")
        .unwrap();
    refused(|error| matches!(error, Error::NotOurs(_)));
    fs::write(place.database(), "").unwrap();
    place.import();
    let connection = Connection::open(place.database()).unwrap();
    connection.execute_batch("PRAGMA user_version = 999").unwrap();
    drop(connection);
    refused(|error| matches!(error, Error::NewerDatabase { found: 999, .. }));
}

#[test]
fn a_second_writer_learns_who_holds_the_lock() {
    let place = Place::new();
    place.write("1.md", seed("NaN", "雨后", URL, &text("雨停了")));
    let _lock =
        seedbank::internals::store::WriterLock::acquire(&place.database(), Duration::ZERO).unwrap();
    let options = ImportOptions::new([place.drop()]);
    match import(&place.database(), &options, &mut |_| {}).unwrap_err() {
        Error::Locked { holder: Some(holder), .. } => {
            assert!(holder.contains(&std::process::id().to_string()), "{holder}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_path_that_does_not_exist_fails_before_anything_is_written() {
    let place = Place::new();
    let options = ImportOptions::new([place.drop(), place.drop().join("missing")]);
    let error = import(&place.database(), &options, &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::NoSuchPath(_)), "{error:?}");
    assert!(!place.database().exists());
}

/// SQLite takes some names for URIs.
#[test]
fn a_database_is_the_file_that_is_named() {
    let env = TestEnv::with_article();
    for name in ["file:a.db?mode=memory", ":memory:", "a?cache=shared", "file:%61.db"] {
        env.run(&["--db", name, "import", "-q", "drop"]).expect(0);
        assert!(env.path(name).is_file() && !env.path("a.db").exists(), "{name}");
        env.run(&["--db", name, "verify", "-q"]).expect(0);
        let ran =
            env.run(&["--db", name, "sql", "--format", "csv", "SELECT count(*) FROM article"]);
        assert_eq!(ran.expect(0).stdout, "count(*)\n1\n");
    }
    let before = env.files();
    for nothing in ["new/", "missing/x.db"] {
        env.run(&["--db", nothing, "import", "-q", "drop"]).expect(1);
    }
    // SQLite keeps a journal for each name: one writer does not see what the other has begun.
    std::fs::hard_link(env.path("seedbank.db"), env.path("second.db")).unwrap();
    for name in ["seedbank.db", "second.db"] {
        let ran = env.run(&["--db", name, "import", "-q", "drop"]).expect(1);
        assert!(ran.stderr.contains("has a second name, a hard link\nhint: SQLite keeps"), "{ran}");
        env.run(&["--db", name, "stats", "-q"]).expect(0);
    }
    std::fs::remove_file(env.path("second.db")).unwrap();
    assert_eq!(env.files(), before);
    env.run(&["import", "-q", "drop"]).expect(0);
}
