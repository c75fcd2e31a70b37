//! A folder with a drop and an archive, used through the library.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use seedbank::internals::derive::derive_article;
use seedbank::internals::export::JsonlWriter;
use seedbank::internals::import::import;
use seedbank::internals::model::Article;
use seedbank::internals::store::{Bytes, Reader, Selection};
use seedbank::{ImportOptions, ImportReport};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A folder with a drop, and a database beside it.
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

    /// Exports the archive as an interchange file.
    pub fn export_jsonl(&self, path: &Path) {
        let reader = Reader::open(&self.database()).unwrap();
        let mut writer = JsonlWriter::new(fs::File::create(path).unwrap()).unwrap();
        let bytes = Bytes::Included;
        let all = Selection::default();
        reader.article_records(&all, bytes, &mut |article| writer.article(&article)).unwrap();
        reader.rejected_seed_records(bytes, &mut |seed| writer.rejected_seed(seed)).unwrap();
        writer.finish().unwrap();
    }

    /// The article of a stored seed, by its SHA-256 in hexadecimal.
    pub fn derive_seed(&self, sha256: &str) -> Article {
        derive_seed(&self.database(), sha256)
    }
}

/// The article of a stored seed, by its SHA-256 in hexadecimal.
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

/// Makes an archive of a released version from its dump.
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
    let flags = FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("unpacked", 2, flags, unpacked).unwrap();
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

/// `unpacked(codec, body)`: the bytes of an original, in whatever compression.
fn unpacked(call: &Context<'_>) -> rusqlite::Result<Option<Vec<u8>>> {
    let body: Option<Vec<u8>> = call.get(1)?;
    let is_packed = call.get::<String>(0)? == "zstd";
    Ok(body.map(|body| if is_packed { zstd::decode_all(&body[..]).unwrap() } else { body }))
}

/// All rows except those of runs.
pub fn dump(database: &Path) -> Vec<String> {
    const TABLES: [&str; 14] = [
        "site",
        "article",
        "paragraph",
        "link",
        "media",
        "author",
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

/// All rows that the order of imports must not change, with every column but their ids. Instead of the id of
/// another row, its natural key is written; for an article, its current seed. Originals are compared
/// uncompressed, since compression may differ.
pub fn dump_without_ids(database: &Path) -> Vec<String> {
    const TABLES: [&str; 10] = [
        "article",
        "paragraph",
        "link",
        "media",
        "author",
        "tag",
        "revision",
        "former_paragraph",
        "article_url",
        "seed",
    ];
    // The other columns of a sighting depend on what was seen before it.
    const SIGHTINGS: &str = "SELECT 'sighting', s.sha256, g.path, g.member, g.byte_length,
            g.modified_ns, g.observed_at
         FROM sighting g LEFT JOIN seed s ON s.id = g.seed_id";
    // A site that no article has any more is kept.
    const SITES: &str = "SELECT 'site', host, name FROM site WHERE name IS NOT NULL";
    let mut dump: Vec<String> = TABLES
        .iter()
        .flat_map(|table| rows(database, &select_without_ids(database, table)))
        .chain(rows(database, SIGHTINGS))
        .chain(rows(database, SITES))
        .collect();
    dump.sort();
    dump
}

/// All columns of a table, without ids.
fn select_without_ids(database: &Path, table: &str) -> String {
    let article = |row: &str| {
        format!(
            "(SELECT lower(hex(s.sha256)) FROM article a JOIN seed s ON s.id = a.seed_id
              WHERE a.id = {row}.article_id)"
        )
    };
    let names = rows(database, &format!("SELECT name FROM pragma_table_info('{table}')"));
    let columns = names.iter().filter(|name| *name != "id").map(|name| match name.as_str() {
        "article_id" => article("t"),
        "codec" => "NULL".to_owned(),
        "body" => "unpacked(t.codec, t.body)".to_owned(),
        "seed_id" => "(SELECT s.sha256 FROM seed s WHERE s.id = t.seed_id)".to_owned(),
        "site_id" => "(SELECT s.host FROM site s WHERE s.id = t.site_id)".to_owned(),
        "paragraph_id" => {
            "(SELECT p.position FROM paragraph p WHERE p.id = t.paragraph_id)".to_owned()
        }
        "revision_id" => format!(
            "(SELECT {} || ' ' || r.sequence FROM revision r WHERE r.id = t.revision_id)",
            article("r")
        ),
        name => format!("t.{name}"),
    });
    let columns: Vec<String> = columns.collect();
    format!("SELECT '{table}', {} FROM {table} t", columns.join(", "))
}

pub fn seed(epoch: &str, title: &str, url: &str, html: &str) -> String {
    format!("<!--{epoch}-->\n[{title}]({url})\n------\n\n{html}\n")
}

/// A text long enough for an article that is not a stub.
pub fn text(words: &str) -> String {
    format!("<p>{}</p>", format!("{words}，图书馆今天早晨重新开门。").repeat(4))
}

pub const URL: &str = "https://www.news.example/a/1";
