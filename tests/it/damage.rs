//! Flips single bits of an archive, and finds out without `verify` what that changed.

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use seedbank::VerifyOptions;
use seedbank::internals::verify::verify;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Columns that are stored only once and follow from nothing else.
const UNPROVABLE: [&str; 11] = [
    // Random: only its format can be checked.
    "meta.archive_id",
    "sighting.is_settled",
    // The file may be compressed, so its length is not that of the document. A member's is.
    "sighting.byte_length",
    // Below the second; the second is in modified_at.
    "sighting.modified_ns",
    "rejection.detail",
    "import_run.note",
    "import_run.arguments",
    "import_run.started_at",
    "import_run.finished_at",
    "import_run.program_version",
    "sqlite_sequence.seq",
];

/// The results of a number of flips.
#[derive(Debug, Default)]
pub struct Tally {
    /// Flips that changed nothing readable: free space, and bits that SQLite ignores.
    pub harmless: usize,
    /// Flips that changed something and were found.
    pub found: usize,
    /// Flips after which the archive could not be opened, with an error.
    pub refused: usize,
    /// Flips that changed only values that nothing can check.
    pub unprovable: Vec<String>,
    /// Flips that changed something important and were not found.
    pub missed: Vec<String>,
}

/// Flips bits of a database file, one at a time: half of them anywhere, half in a page of a table or index
/// that is chosen first, so that small ones get their share.
pub fn flip(database: &Path, flips: usize, seed: u64) -> Tally {
    let original = std::fs::read(database).unwrap();
    let before = dump(database).unwrap();
    let pages = pages(database);
    let folder = tempfile::tempdir().unwrap();
    let flipped = folder.path().join("flipped.db");
    let mut random = Random(seed);
    let mut tally = Tally::default();
    for number in 0..flips {
        let at = match number % 2 {
            0 => random.below(original.len()),
            _ => {
                let of_one = &pages[random.below(pages.len())];
                let page = of_one[random.below(of_one.len())];
                // Most zero bytes are free space.
                let mut at = || page + random.below(PAGE_SIZE);
                std::iter::repeat_with(&mut at).find(|&at| original[at] != 0).unwrap()
            }
        };
        let bit = random.below(8);
        let mut bytes = original.clone();
        bytes[at] ^= 1 << bit;
        std::fs::write(&flipped, &bytes).unwrap();
        tally.count(&before, &flipped, &format!("byte {at} bit {bit}"));
        assert!(std::fs::read(&flipped).unwrap() == bytes, "verify has written");
    }
    tally
}

const PAGE_SIZE: usize = 8192;

impl Tally {
    fn count(&mut self, before: &Dump, flipped: &Path, place: &str) {
        let mut findings = Vec::new();
        let options = VerifyOptions::default().with_jobs(1);
        let verified = verify(flipped, &options, &mut |_| {}, &mut |finding| {
            findings.push(finding.clone());
            Ok(())
        });
        let mut changed = match dump(flipped) {
            Ok(after) => changed(before, &after),
            Err(error) => BTreeSet::from([format!("unreadable: {error}")]),
        };
        // Another separator between the same two pages leads to them as well.
        if changed.contains("article_fts_idx.term") && every_word_is_found(flipped) {
            changed.remove("article_fts_idx.term");
        }
        let is_provable = |what: &String| !UNPROVABLE.contains(&what.as_str());
        match verified {
            Err(_) => self.refused += 1,
            Ok(report) if report.damage() > 0 => self.found += 1,
            // Reporting that rows and index must be rebuilt is as good as a finding, since a rebuild repairs
            // them.
            Ok(report) if report.to_rebuild().next().is_some() => self.found += 1,
            Ok(_) if changed.is_empty() => self.harmless += 1,
            Ok(_) if changed.iter().any(is_provable) => {
                self.missed.push(format!("{place}: {changed:?}"));
            }
            Ok(_) => self.unprovable.push(format!("{place}: {changed:?}")),
        }
    }
}

/// Whether a search for each word of the full-text index finds all of its places.
fn every_word_is_found(database: &Path) -> bool {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let count = |sql: &str, connection: &Connection| -> rusqlite::Result<i64> {
        connection.query_row(sql, [], |row| row.get(0))
    };
    let found = connection.and_then(|connection| {
        connection.execute_batch(
            "CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, article_fts, instance)",
        )?;
        let all = "SELECT count(*) FROM temp.words";
        let by_word = "SELECT sum((SELECT count(*) FROM temp.words f WHERE f.term = w.term))
            FROM (SELECT DISTINCT term FROM temp.words) w";
        Ok(count(all, &connection)? == count(by_word, &connection)?)
    });
    found.unwrap_or(false)
}

/// Every cell of every table by its column, and every index by its name.
type Dump = BTreeMap<String, Vec<Value>>;

fn dump(database: &Path) -> rusqlite::Result<Dump> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut dump = Dump::new();
    for pragma in ["user_version", "application_id", "encoding", "page_size"] {
        let value = connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))?;
        dump.insert(pragma.to_owned(), vec![value]);
    }
    add(
        &connection,
        &mut dump,
        "sqlite_schema",
        "SELECT type, name, tbl_name, sql FROM sqlite_schema",
    )?;
    add_tables(&connection, &mut dump)?;
    for body in dump.get_mut("seed.body").into_iter().flatten() {
        if let Value::Blob(bytes) = body {
            let unpacked = zstd::stream::decode_all(bytes.as_slice());
            *body = unpacked.map_or(Value::Null, Value::Blob);
        }
    }
    add_indexes(&connection, &mut dump)?;
    Ok(dump)
}

/// Adds every table, as its readers see it.
fn add_tables(connection: &Connection, dump: &mut Dump) -> rusqlite::Result<()> {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table'
        AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";
    for table in column(connection, names)? {
        let sql = match table.as_str() {
            // As `seed_text` returns it; the same bytes in another compression are the same seed.
            "seed" => "SELECT * FROM seed NOT INDEXED ORDER BY id".to_owned(),
            // Only what a search sees of the index; a few bits in its blocks have no meaning.
            "article_fts_data" => {
                connection.execute_batch(
                    "CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, article_fts, instance)",
                )?;
                let words = "SELECT term, doc, col, offset FROM temp.words ORDER BY 1, 2, 3, 4";
                add(connection, dump, "words", words)?;
                "SELECT id, block FROM article_fts_data WHERE id < 100 ORDER BY id".to_owned()
            }
            "meta" => "SELECT key, iif(key = 'archive_id', NULL, value) AS value,
                    iif(key = 'archive_id', value, NULL) AS archive_id
                FROM meta NOT INDEXED ORDER BY 1"
                .to_owned(),
            "sqlite_sequence" => "SELECT name, seq FROM sqlite_sequence ORDER BY 1".to_owned(),
            _ => format!("SELECT * FROM {table} NOT INDEXED ORDER BY 1, 2"),
        };
        add(connection, dump, &table, &sql)?;
    }
    Ok(())
}

/// Adds every index, each read by itself.
fn add_indexes(connection: &Connection, dump: &mut Dump) -> rusqlite::Result<()> {
    let indexes = "SELECT tbl_name || '|' || name FROM sqlite_schema
        WHERE type = 'index' AND tbl_name <> 'meta' AND tbl_name NOT LIKE 'article_fts%'";
    for index in column(connection, indexes)? {
        let (table, index) = index.split_once('|').unwrap();
        let columns = format!("SELECT name FROM pragma_index_info('{index}') ORDER BY seqno");
        let columns = column(connection, &columns)?.join(", ");
        let filter = match index {
            "seed_refused" => "WHERE status_detail IS NOT NULL",
            "revision_by_pair" => "WHERE pair_key IS NOT NULL",
            "link_by_address" => "WHERE address_key IS NOT NULL",
            _ => "",
        };
        let key = if table == "article_merged" { "old_id" } else { "id" };
        let sql = format!(
            "SELECT {columns}, {key} AS key FROM {table} INDEXED BY {index} {filter} ORDER BY {columns}"
        );
        add(connection, dump, index, &sql)?;
    }
    Ok(())
}

fn add(connection: &Connection, dump: &mut Dump, name: &str, sql: &str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let columns: Vec<String> =
        statement.column_names().map(|column| format!("{name}.{column}")).collect();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for (at, column) in columns.iter().enumerate() {
            dump.entry(column.clone()).or_default().push(row.get(at)?);
        }
    }
    Ok(())
}

fn column(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// The names of the columns that differ.
fn changed(before: &Dump, after: &Dump) -> BTreeSet<String> {
    let names = before.keys().chain(after.keys());
    names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// Where the pages of each table and index begin.
fn pages(database: &Path) -> Vec<Vec<usize>> {
    let connection = Connection::open(database).unwrap();
    let mut statement = connection.prepare("SELECT name, pgoffset FROM dbstat").unwrap();
    let mut pages: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let offset: i64 = row.get(1).unwrap();
        pages.entry(row.get(0).unwrap()).or_default().push(offset as usize);
    }
    pages.into_values().collect()
}

/// The same numbers in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}
