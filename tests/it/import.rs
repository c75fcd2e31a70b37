//! What an import makes of a drop, through the library: outcomes, sameness, laws.

use proptest::prelude::*;
use rusqlite::Connection;
use seedbank::Error;
use seedbank::import::{ImportOptions, import};
use seedbank::model::{ImportReport, RunStatus};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A folder with a drop in it, and a database beside it.
struct Place {
    folder: tempfile::TempDir,
}

/// 2024-03-01T00:00:00Z, long before any test runs: an unchanged time proves unchanged bytes.
const TIME: u64 = 1_709_251_200;

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(place.drop()).unwrap();
        place
    }

    fn drop(&self) -> PathBuf {
        self.folder.path().join("drop")
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("archive.db")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.write_at(name, bytes, TIME)
    }

    fn write_at(&self, name: &str, bytes: impl AsRef<[u8]>, seconds: u64) -> PathBuf {
        let path = self.drop().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        set_time(&path, seconds);
        path
    }

    fn import(&self) -> ImportReport {
        self.import_with(|_| {})
    }

    fn import_with(&self, change: impl FnOnce(&mut ImportOptions)) -> ImportReport {
        let mut options = ImportOptions::new([self.drop()]);
        change(&mut options);
        let report = import(&self.database(), &options, &mut |_| {}).unwrap();
        assert!(report.adds_up(), "{report:?}");
        report
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.database(), sql)
    }
}

fn set_time(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// Every row as text, columns joined by `|`.
fn rows(database: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(database).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cells = (0..columns).map(|column| match row.get_ref(column).unwrap() {
            rusqlite::types::ValueRef::Null => String::new(),
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            rusqlite::types::ValueRef::Real(number) => number.to_string(),
            rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            rusqlite::types::ValueRef::Blob(bytes) => {
                bytes.iter().map(|byte| format!("{byte:02x}")).collect()
            }
        });
        found.push(cells.collect::<Vec<_>>().join("|"));
    }
    found
}

fn seed(epoch: &str, title: &str, url: &str, html: &str) -> String {
    format!("<!--{epoch}-->\n[{title}]({url})\n------\n\n{html}\n")
}

/// A text long enough for an article that is no stub.
fn text(words: &str) -> String {
    format!("<p>{}</p>", format!("{words}，图书馆今天早晨重新开门。").repeat(4))
}

const URL: &str = "https://www.news.example/a/1";

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
    assert_eq!(report.reasons, [("list", 1)]);
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
    // A whole second in the future: as if the file system's clock could still tick on it.
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
        assert_eq!(cells.next().unwrap() == "1", reason == "binary", "{row}");
    }
    let reasons: Vec<&str> = report.reasons.iter().map(|(reason, _)| *reason).collect();
    let expected =
        ["list", "readme", "binary", "empty_file", "no_header", "undecodable", "bad_header"];
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
    assert_eq!(report.reasons, [("not_regular", 3), ("too_large", 1)]);
    assert_eq!(report.newly_refused, 1);
    assert_eq!(
        place.rows("SELECT detail FROM rejection ORDER BY id"),
        ["FIFO", "symbolic link", "symbolic link", "3000 bytes; the limit is 2000"]
    );
    // The same state is refused again, but no news.
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
fn a_dry_run_tells_the_truth_and_changes_nothing() {
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
fn a_second_writer_is_told_who_holds_the_lock() {
    let place = Place::new();
    place.write("1.md", seed("NaN", "雨后", URL, &text("雨停了")));
    let _lock = seedbank::store::WriterLock::acquire(&place.database(), Duration::ZERO).unwrap();
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

#[test]
fn the_schema() {
    let place = Place::new();
    place.import();
    let schema =
        place.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name");
    insta::assert_snapshot!("schema", schema.join(";\n\n"));
    assert_eq!(place.rows("PRAGMA application_id"), [0x5345_4544.to_string()]);
    assert_eq!(place.rows("PRAGMA journal_mode"), ["wal"]);
    assert_eq!(place.rows("PRAGMA page_size"), ["8192"]);
}

/// All rows but the runs' own.
fn dump(database: &Path) -> Vec<String> {
    const TABLES: [&str; 11] = [
        "site",
        "article",
        "paragraph",
        "link",
        "media",
        "tag",
        "revision",
        "article_url",
        "seed",
        "sighting",
        "rejection",
    ];
    let all =
        |table: &&str| rows(database, &format!("SELECT '{table}', * FROM {table} ORDER BY id"));
    TABLES.iter().flat_map(all).collect()
}

/// All rows that the order of imports must not change, ids replaced by what they stand for.
fn dump_without_ids(database: &Path) -> Vec<String> {
    const QUERIES: [&str; 6] = [
        "SELECT 'article', a.canonical_url, t.host, a.url, a.title, a.title_raw, a.author, a.dateline,
            a.script, a.published_at, a.updated_at, a.status, a.text_sha256, s.sha256,
            a.revision_count, a.paragraph_count, a.char_count, a.first_seen_at, a.last_seen_at
         FROM article a JOIN seed s ON s.id = a.seed_id LEFT JOIN site t ON t.id = a.site_id",
        "SELECT 'paragraph', a.canonical_url, p.position, p.kind, p.level, p.text, p.is_content
         FROM paragraph p JOIN article a ON a.id = p.article_id",
        "SELECT 'revision', a.canonical_url, r.sequence, s.sha256, r.title, r.status, r.text_sha256,
            r.published_at, r.observed_at, r.change
         FROM revision r JOIN article a ON a.id = r.article_id JOIN seed s ON s.id = r.seed_id",
        "SELECT 'article_url', u.canonical_url, a.canonical_url, u.url
         FROM article_url u JOIN article a ON a.id = u.article_id",
        "SELECT 'seed', s.sha256, s.byte_length, s.body, s.format, a.canonical_url, s.title,
            s.published_at, s.text_sha256, s.status, s.observed_at
         FROM seed s LEFT JOIN article a ON a.id = s.article_id",
        "SELECT 'sighting', s.sha256, g.path, g.modified_ns, g.observed_at
         FROM sighting g JOIN seed s ON s.id = g.seed_id",
    ];
    let mut dump: Vec<String> = QUERIES.iter().flat_map(|sql| rows(database, sql)).collect();
    dump.sort();
    dump
}

/// A seed of few possible values, so that addresses, texts, titles and times meet often.
fn any_seed() -> impl Strategy<Value = (String, u64)> {
    let epoch = prop::sample::select(&["NaN", "1709164800000", "1709200000000"][..]);
    let title = prop::sample::select(&["雨后", "雨 后", "开门"][..]);
    let url = prop::sample::select(
        &[URL, "http://news.example//a/1/?utm_source=x", "https://news.example/b", ""][..],
    );
    let body = prop::sample::select(&["雨停了", "天晴了", "", "短"][..]);
    let noise = prop::sample::select(&["", "<script>1</script>", "<script>2</script>"][..]);
    (epoch, title, url, body, noise, 0..4u64).prop_map(|(epoch, title, url, body, noise, time)| {
        let html = match body {
            "" => String::new(),
            "短" => "<p>短</p>".to_owned(),
            body => text(body),
        };
        (seed(epoch, title, url, &(html + noise)), TIME + time)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn order_and_repetition_change_nothing(
        seeds in prop::collection::vec(any_seed(), 1..8),
        parts in prop::collection::vec(0..3usize, 8),
    ) {
        let at_once = Place::new();
        for (number, (bytes, time)) in seeds.iter().enumerate() {
            at_once.write_at(&format!("{number}.md"), bytes, *time);
        }
        let by_parts = Place { folder: tempfile::tempdir().unwrap() };
        at_once.import();
        let options = |numbers: Vec<usize>| {
            ImportOptions::new(numbers.iter().map(|number| at_once.drop().join(format!("{number}.md"))))
        };
        for part in [2, 0, 1, 2] {
            let numbers: Vec<usize> = (0..seeds.len()).rev().filter(|&n| parts[n] == part).collect();
            import(&by_parts.database(), &options(numbers), &mut |_| {}).unwrap();
        }
        prop_assert_eq!(dump_without_ids(&by_parts.database()), dump_without_ids(&at_once.database()));

        let before = dump(&at_once.database());
        let again = at_once.import_with(|options| options.full = true);
        prop_assert_eq!((again.new, again.revised), (0, 0));
        prop_assert_eq!(dump(&at_once.database()), before);
    }
}

/// Every real document is taken, and a second import finds nothing to do.
#[test]
fn the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("SKIPPED: no corpus beside the checkout");
        return;
    }
    let place = Place::new();
    let folders: Vec<PathBuf> =
        ["seeds", "posts", "news"].iter().map(|name| corpus.join(name)).collect();
    let run = || import(&place.database(), &ImportOptions::new(&folders), &mut |_| {}).unwrap();
    let report = run();
    assert!(report.adds_up());
    assert_eq!((report.files_seen, report.rejected, report.newly_refused), (1206, 0, 0));
    assert_eq!(place.rows("SELECT count(*) FROM article"), [report.new.to_string()]);
    assert_eq!(place.rows("PRAGMA foreign_key_check"), [""; 0]);
    let report = run();
    assert_eq!((report.files_seen, report.unchanged, report.bytes_read), (1206, 1206, 0));
}
