//! A folder with a drop in it and an archive beside it, driven through the library.

use rusqlite::Connection;
use seedbank::derive::derive_article;
use seedbank::export::JsonlWriter;
use seedbank::import::{ImportOptions, import};
use seedbank::model::{Article, ImportReport};
use seedbank::store::{Bytes, Reader, Selection};
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

    /// Writes the interchange file of the archive.
    pub fn export_jsonl(&self, path: &Path) {
        let reader = Reader::open(&self.database()).unwrap();
        let mut writer = JsonlWriter::new(fs::File::create(path).unwrap()).unwrap();
        let bytes = Bytes::Included;
        let all = Selection::default();
        reader.article_records(&all, bytes, &mut |article| writer.article(&article)).unwrap();
        reader.rejected_seed_records(bytes, &mut |seed| writer.rejected_seed(seed)).unwrap();
        writer.finish().unwrap();
    }

    /// What the stored bytes of a seed say, by its SHA-256 in hexadecimal.
    pub fn derive_seed(&self, sha256: &str) -> Article {
        derive_seed(&self.database(), sha256)
    }
}

/// What the stored bytes of a seed say, by its SHA-256 in hexadecimal.
pub fn derive_seed(database: &Path, sha256: &str) -> Article {
    let sql = "SELECT byte_length, codec, body FROM seed WHERE lower(hex(sha256)) = ?1";
    let connection = Connection::open(database).unwrap();
    let (length, codec, body): (i64, String, Vec<u8>) = connection
        .query_row(sql, [sha256], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    let bytes = match codec.as_str() {
        "zstd" => zstd::bulk::decompress(&body, length as usize).unwrap(),
        _ => body,
    };
    derive_article(&bytes).unwrap()
}

/// Makes the archive that a released version left, from its dump.
pub fn write_released(database: &Path, sql: &str) {
    Connection::open(database).unwrap().execute_batch(sql).unwrap();
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
    const TABLES: [&str; 13] = [
        "site",
        "article",
        "paragraph",
        "link",
        "media",
        "tag",
        "revision",
        "former_paragraph",
        "article_url",
        "seed",
        "sighting",
        "rejection",
        "article_merged",
    ];
    let all =
        |table: &&str| rows(database, &format!("SELECT '{table}', * FROM {table} ORDER BY 2"));
    TABLES.iter().flat_map(all).collect()
}

/// All rows that the order of imports must not change; instead of its id, each article is named by
/// its current seed.
pub fn dump_without_ids(database: &Path) -> Vec<String> {
    const QUERIES: [&str; 10] = [
        "SELECT 'article', s.sha256, a.canonical_url, t.host, a.url, a.title, a.title_raw, a.author,
            a.dateline, a.script, a.language, a.published_at, a.published_precision, a.updated_at,
            a.status, a.status_detail, a.text_sha256, a.revision_count, a.paragraph_count, a.char_count, a.first_seen_at,
            a.last_seen_at, a.extractor_version
         FROM article a JOIN seed s ON s.id = a.seed_id LEFT JOIN site t ON t.id = a.site_id",
        "SELECT 'paragraph', s.sha256, p.position, p.kind, p.level, p.marker, p.text,
            p.is_content
         FROM paragraph p JOIN article a ON a.id = p.article_id JOIN seed s ON s.id = a.seed_id",
        "SELECT 'link', s.sha256, p.position, l.position, l.kind, l.url, l.href, l.text, l.host,
            l.is_internal
         FROM link l LEFT JOIN paragraph p ON p.id = l.paragraph_id
         JOIN article a ON a.id = l.article_id JOIN seed s ON s.id = a.seed_id",
        "SELECT 'media', s.sha256, p.position, m.position, m.kind, m.url, m.src, m.alt, m.caption
         FROM media m LEFT JOIN paragraph p ON p.id = m.paragraph_id
         JOIN article a ON a.id = m.article_id JOIN seed s ON s.id = a.seed_id",
        "SELECT 'tag', s.sha256, t.position, t.name, t.kind
         FROM tag t JOIN article a ON a.id = t.article_id JOIN seed s ON s.id = a.seed_id",
        "SELECT 'revision', c.sha256, r.sequence, s.sha256, r.title, r.status, r.text_sha256,
            r.published_at, r.observed_at, r.change
         FROM revision r JOIN article a ON a.id = r.article_id JOIN seed s ON s.id = r.seed_id
         JOIN seed c ON c.id = a.seed_id",
        "SELECT 'former_paragraph', c.sha256, r.sequence, f.position, f.kind, f.text
         FROM former_paragraph f JOIN revision r ON r.id = f.revision_id
         JOIN article a ON a.id = r.article_id JOIN seed c ON c.id = a.seed_id",
        "SELECT 'article_url', s.sha256, u.canonical_url, u.url
         FROM article_url u JOIN article a ON a.id = u.article_id JOIN seed s ON s.id = a.seed_id",
        "SELECT 'seed', s.sha256, s.byte_length, s.codec, s.body, s.format, s.encoding, c.sha256,
            t.host, s.url, s.canonical_url, s.title, s.published_at, s.published_precision,
            s.published_text, s.text_sha256, s.text_length,
            s.status, s.status_detail, s.observed_at, s.extractor_version
         FROM seed s LEFT JOIN article a ON a.id = s.article_id
         LEFT JOIN seed c ON c.id = a.seed_id LEFT JOIN site t ON t.id = s.site_id",
        "SELECT 'sighting', s.sha256, g.path, g.member, g.byte_length, g.modified_ns, g.observed_at
         FROM sighting g LEFT JOIN seed s ON s.id = g.seed_id",
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
