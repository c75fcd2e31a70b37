//! A folder with a drop in it and an archive beside it, driven through the library.

use rusqlite::Connection;
use seedbank::import::{ImportOptions, import};
use seedbank::model::ImportReport;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A folder with a drop in it, and a database beside it.
pub struct Place {
    pub folder: tempfile::TempDir,
}

/// 2024-03-01T00:00:00Z, long before any test runs: an unchanged time proves unchanged bytes.
pub const TIME: u64 = 1_709_251_200;

impl Place {
    pub fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(place.drop()).unwrap();
        place
    }

    pub fn drop(&self) -> PathBuf {
        self.folder.path().join("drop")
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("archive.db")
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.write_at(name, bytes, TIME)
    }

    pub fn write_at(&self, name: &str, bytes: impl AsRef<[u8]>, seconds: u64) -> PathBuf {
        let path = self.drop().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        set_time(&path, seconds);
        path
    }

    pub fn import(&self) -> ImportReport {
        self.import_with(|_| {})
    }

    pub fn import_with(&self, change: impl FnOnce(&mut ImportOptions)) -> ImportReport {
        let mut options = ImportOptions::new([self.drop()]);
        change(&mut options);
        let report = import(&self.database(), &options, &mut |_| {}).unwrap();
        assert!(report.adds_up(), "{report:?}");
        report
    }

    pub fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.database(), sql)
    }
}

pub fn set_time(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// Every row as text, columns joined by `|`.
pub fn rows(database: &Path, sql: &str) -> Vec<String> {
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

/// All rows but the runs' own.
pub fn dump(database: &Path) -> Vec<String> {
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
pub fn dump_without_ids(database: &Path) -> Vec<String> {
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

pub fn seed(epoch: &str, title: &str, url: &str, html: &str) -> String {
    format!("<!--{epoch}-->\n[{title}]({url})\n------\n\n{html}\n")
}

/// A text long enough for an article that is no stub.
pub fn text(words: &str) -> String {
    format!("<p>{}</p>", format!("{words}，图书馆今天早晨重新开门。").repeat(4))
}

pub const URL: &str = "https://www.news.example/a/1";
