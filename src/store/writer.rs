//! The one writer: opening, transactions, runs.

use super::article::PARAGRAPHS_AT_ONCE;
use super::fts5::{Inverted, Inverter};
use super::sameness::SeedKeys;
use super::{
    BUSY_TIMEOUT, LockWait, Migration, SCHEMA_VERSION, WriterLock, backup, check_extractor, index,
    migrate, open, refuse_irregular,
};
use crate::error::{Error, Result};
use crate::model::{Article, ImportReport, RunStatus, Sha256, Status, Timestamp};
use crate::search::TOKENIZER_VERSION;
use rusqlite::{Connection, OpenFlags, OptionalExtension, named_params};
use sha2::Digest;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

/// For so long a new archive does without a write-ahead log, which lets others read while a
/// transaction is committed, but has each page written twice: with it a first import takes a tenth more.
const YOUTH: Duration = Duration::from_secs(5);

/// The one connection that writes, with the lock that keeps others from it.
pub struct Writer {
    pub(super) connection: Connection,
    _lock: Option<WriterLock>,
    /// Whether everything happens in one transaction that is never committed.
    pub(super) is_trial: bool,
    migration: Option<Migration>,
    /// When the archive was made, as long as it has no write-ahead log.
    young_since: Option<Instant>,
    /// Whether the full-text index is kept with the rows: not one that is to be made anew, nor in a
    /// trial, which nobody searches.
    pub(super) is_indexing: bool,
    /// New articles of this transaction that are not in the index yet, by id.
    pub(super) unindexed: BTreeMap<i64, Inverted>,
    pub(super) inverter: Inverter,
    pub(super) run_id: i64,
    pub(super) next_seed_id: i64,
    pub(super) next_article_id: i64,
    sites: HashMap<String, i64>,
    /// Articles whose seeds or sightings changed in this batch; see `settle`.
    pub(super) touched: BTreeSet<i64>,
    /// What the batch's seeds of known articles say, by seed: settling need not derive it again.
    pub(super) fresh: HashMap<i64, Article>,
}

impl Writer {
    /// Opens for writing; creates the file where there is none, and migrates one of an older schema,
    /// of which a checked copy is made first.
    pub fn open<'a>(path: &Path, lock_wait: impl Into<LockWait<'a>>) -> Result<Self> {
        Self::open_migrated(path, lock_wait.into(), false)
    }

    /// Opens an existing archive inside a transaction that already stands, migration included, and
    /// is never to be committed.
    pub fn open_for_trial<'a>(path: &Path, lock_wait: impl Into<LockWait<'a>>) -> Result<Self> {
        Self::open_migrated(path, lock_wait.into(), true)
    }

    /// A private database that disappears with the value: what a dry run without an archive
    /// writes to. It stands in a transaction too.
    pub fn open_temporary() -> Result<Self> {
        Self::set_up(Connection::open("")?, Path::new(""), None, true)
    }

    fn open_migrated(path: &Path, lock_wait: LockWait<'_>, is_trial: bool) -> Result<Self> {
        refuse_irregular(path)?;
        let lock = WriterLock::acquire(path, lock_wait)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = open(lock.database(), flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        Self::set_up(connection, path, Some(lock), is_trial)
    }

    fn set_up(
        connection: Connection,
        path: &Path,
        lock: Option<WriterLock>,
        is_trial: bool,
    ) -> Result<Self> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(96 + PARAGRAPHS_AT_ONCE);
        let backup = match is_trial {
            true => None,
            false => backup::before_migration(&connection, path)?,
        };
        let reached = migrate::prepare(&connection, path)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // CHECKs tell other programs what a column can hold. What the writer stores comes from types
        // that can hold nothing else, so that to it they are assertions: on where assertions are, in
        // every test. SQLite makes a table of each long list in one; that took 7 % of an import.
        let is_sure = !cfg!(debug_assertions);
        connection.pragma_update(None, "ignore_check_constraints", is_sure)?;
        connection.pragma_update(None, "cache_size", -32_768)?;
        if is_trial || reached < SCHEMA_VERSION {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            migrate::migrate(&connection, reached)?;
            if !is_trial {
                connection.execute_batch("COMMIT")?;
            }
        }
        check_extractor(&connection, path)?;
        let is_current = index::read_tokenizer(&connection)? == Some(TOKENIZER_VERSION);
        let young_since = (reached == 0 && !is_trial).then(Instant::now);
        if young_since.is_some() {
            // What is written before the commit would lock readers out until then.
            connection.pragma_update(None, "cache_spill", false)?;
        }
        let next_seed_id = next_id(&connection, "seed")?;
        let next_article_id = next_id(&connection, "article")?;
        Ok(Self {
            connection,
            _lock: lock,
            is_trial,
            migration: (reached > 0 && reached < SCHEMA_VERSION)
                .then_some(Migration { from: reached, backup }),
            young_since,
            is_indexing: is_current && !is_trial,
            unindexed: BTreeMap::new(),
            inverter: Inverter::default(),
            run_id: 0,
            next_seed_id,
            next_article_id,
            sites: HashMap::new(),
            touched: BTreeSet::new(),
            fresh: HashMap::new(),
        })
    }

    /// What opening made of an archive of an older schema.
    pub fn migration(&self) -> Option<&Migration> {
        self.migration.as_ref()
    }

    /// Starts a transaction that takes the write lock at once: a deferred one would fail when it
    /// comes to write, whatever the timeout. In a trial it has begun long since.
    pub fn begin(&mut self) -> Result<()> {
        if self.is_trial {
            return Ok(());
        }
        if self.young_since.is_some_and(|since| since.elapsed() >= YOUTH) {
            self.end_youth()?;
        }
        Ok(self.connection.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn end_youth(&mut self) -> Result<()> {
        migrate::start_log(&self.connection)?;
        self.connection.pragma_update(None, "cache_spill", true)?;
        self.young_since = None;
        Ok(())
    }

    /// Commits the transaction; in a trial it goes on.
    pub fn commit(&mut self) -> Result<()> {
        if self.is_trial {
            return Ok(());
        }
        self.index_waiting()?;
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    /// Undoes the transaction; the writer is not used for storing afterwards.
    pub fn roll_back(&mut self) -> Result<()> {
        self.touched.clear();
        self.fresh.clear();
        self.unindexed.clear();
        Ok(self.connection.execute_batch("ROLLBACK")?)
    }

    /// Records that a run starts, and that one left running by a dead process was interrupted.
    pub fn start_run(&mut self, at: Timestamp, arguments: &str, note: Option<&str>) -> Result<i64> {
        const CLOSE: &str = "UPDATE import_run SET status = 'interrupted' WHERE status = 'running'";
        const OPEN: &str = "INSERT INTO import_run
            (started_at, status, program_version, arguments, note)
            VALUES (:started_at, 'running', :program_version, :arguments, :note)";
        self.connection.execute(CLOSE, [])?;
        self.connection.execute(
            OPEN,
            named_params! {
                ":started_at": at.to_string(),
                ":program_version": env!("CARGO_PKG_VERSION"),
                ":arguments": arguments,
                ":note": note,
            },
        )?;
        self.run_id = self.connection.last_insert_rowid();
        Ok(self.run_id)
    }

    /// Writes the run's counts so far; with a status other than running, its end too.
    pub fn record_run(&mut self, report: &ImportReport) -> Result<()> {
        const UPDATE: &str = "UPDATE import_run SET status = :status, finished_at = :finished_at,
            files_seen = :files_seen, new = :new, revised = :revised, duplicate = :duplicate,
            unchanged = :unchanged, rejected = :rejected WHERE id = :id";
        let is_over = report.status != RunStatus::Running;
        self.connection.prepare_cached(UPDATE)?.execute(named_params! {
            ":status": report.status.as_str(),
            ":finished_at": is_over.then(|| Timestamp::now().to_string()),
            ":files_seen": report.files_seen as i64,
            ":new": report.new as i64,
            ":revised": report.revised as i64,
            ":duplicate": report.duplicate as i64,
            ":unchanged": report.unchanged as i64,
            ":rejected": report.rejected as i64,
            ":id": self.run_id,
        })?;
        Ok(())
    }

    /// Leaves everything in the database file, as far as no reader stands in the way, and the archive
    /// to writers and readers at the same time.
    pub fn checkpoint(&mut self) -> Result<()> {
        if self.young_since.is_some() {
            return match self.end_youth() {
                // The next writer will.
                Err(error) if error.is_busy() => Ok(()),
                ended => ended,
            };
        }
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// The seeds of an article, by id.
    pub(super) fn seeds_of(&self, article_id: i64) -> Result<Vec<SeedKeys>> {
        const READ: &str = "SELECT id, sha256, canonical_url, url, title, published_at,
            observed_at, text_sha256, text_length, status FROM seed WHERE article_id = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(READ)?;
        let seeds = statement.query_map([article_id], |row| {
            Ok(SeedKeys {
                id: row.get("id")?,
                sha256: row.get("sha256")?,
                canonical_url: row.get("canonical_url")?,
                url: row.get("url")?,
                title: row.get("title")?,
                published_at: read_time(row, "published_at")?,
                observed_at: read_time(row, "observed_at")?,
                text_sha256: row.get("text_sha256")?,
                text_length: row.get("text_length")?,
                status: Status::from_stored(&row.get::<_, String>("status")?)
                    .unwrap_or(Status::Unparsed),
            })
        })?;
        Ok(seeds.collect::<Result<_, _>>()?)
    }

    /// The id of a site, made where it is new.
    pub(super) fn site(&mut self, host: &str) -> Result<i64> {
        const FIND: &str = "SELECT id FROM site WHERE host = ?1";
        const INSERT: &str = "INSERT INTO site (host) VALUES (?1)";
        if let Some(&id) = self.sites.get(host) {
            return Ok(id);
        }
        let found = self.connection.query_row(FIND, [host], |row| row.get("id")).optional()?;
        let id = match found {
            Some(id) => id,
            None => {
                self.connection.execute(INSERT, [host])?;
                self.connection.last_insert_rowid()
            }
        };
        self.sites.insert(host.to_owned(), id);
        Ok(id)
    }

    /// The original bytes of a seed.
    pub(super) fn original(&self, seed_id: i64) -> Result<Vec<u8>> {
        const READ: &str = "SELECT byte_length, codec, body FROM seed WHERE id = ?1";
        let (length, codec, body): (i64, String, Option<Vec<u8>>) =
            self.connection.prepare_cached(READ)?.query_row([seed_id], |row| {
                Ok((row.get("byte_length")?, row.get("codec")?, row.get("body")?))
            })?;
        unpack(&codec, &body.unwrap_or_default(), length as usize)
            .ok_or(Error::DamagedSeed(seed_id))
    }
}

/// A seed's bytes from what is kept of them; `None` if they are damaged.
pub(super) fn unpack(codec: &str, body: &[u8], byte_length: usize) -> Option<Vec<u8>> {
    match codec {
        "none" => Some(body.to_vec()),
        "zstd" if is_plausible(body, byte_length) => zstd::bulk::decompress(body, byte_length).ok(),
        _ => None,
    }
}

/// Whether a compressed body can be as long as its row says: memory is taken for it before the
/// first byte is looked at, and a wrong bit in the row may ask for all there is.
fn is_plausible(body: &[u8], byte_length: usize) -> bool {
    /// zstd's densest block is four bytes for 128 KiB.
    const GREATEST_RATIO: usize = 1 << 16;
    let declared = zstd::zstd_safe::get_frame_content_size(body);
    let is_declared = declared.is_ok_and(|size| size == Some(byte_length as u64));
    is_declared && byte_length / GREATEST_RATIO <= body.len()
}

/// The bytes of a row with `sha256`, `byte_length`, `codec` and `body`; `None` if none are kept, or
/// they no longer have their SHA-256.
pub(super) fn verified_bytes(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Vec<u8>>> {
    let Some(body) = row.get_ref("body")?.as_blob_or_null()? else {
        return Ok(None);
    };
    let sha256: Sha256 = row.get("sha256")?;
    let length: i64 = row.get("byte_length")?;
    let codec: String = row.get("codec")?;
    let bytes = unpack(&codec, body, usize::try_from(length).unwrap_or(0));
    Ok(bytes.filter(|bytes| sha2::Sha256::digest(bytes).as_slice() == sha256))
}

/// The id that the next row of a table will have. The writer hands out ids itself where two rows
/// name each other: nobody else inserts while it holds the lock.
fn next_id(connection: &Connection, table: &str) -> Result<i64> {
    const LAST: &str =
        "SELECT coalesce(max(seq), 0) + 1 AS next FROM sqlite_sequence WHERE name = ?1";
    Ok(connection.query_row(LAST, [table], |row| row.get("next"))?)
}

pub(super) fn read_time(
    row: &rusqlite::Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn youth_ends() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(&folder.path().join("seedbank.db"), Duration::ZERO).unwrap();
        let mode = |writer: &Writer, of: &str| -> String {
            writer.connection.query_row(&format!("PRAGMA {of}"), [], |row| row.get(0)).unwrap()
        };
        writer.begin().unwrap();
        writer.commit().unwrap();
        assert_eq!(mode(&writer, "journal_mode"), "delete");
        writer.young_since = writer.young_since.and_then(|since| since.checked_sub(YOUTH));
        writer.begin().unwrap();
        assert_eq!(mode(&writer, "journal_mode"), "wal");
        writer.commit().unwrap();
        writer.checkpoint().unwrap();
        assert!(writer.young_since.is_none());
    }
}
