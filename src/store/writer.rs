//! The one writer: opening, transactions, runs.

use super::article::PARAGRAPHS_AT_ONCE;
use super::fts5::{Inverted, Inverter};
use super::patience::Patience;
use super::sameness::{Earliest, SeedKeys};
use super::touched::Touched;
use super::{
    LockWait, Migration, SCHEMA_VERSION, WriterLock, backup, check_extractor, index, migrate, open,
    refuse_irregular, stop_by,
};
use crate::error::{Error, Result};
use crate::model::{Article, Codec, ImportReport, RunStatus, Sha256, Status, StopFlag, Timestamp};
use crate::search::TOKENIZER_VERSION;
use rusqlite::{Connection, OpenFlags, OptionalExtension, named_params};
use sha2::Digest;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// For so long a new archive is its writer's alone, and others wait: a write-ahead log, which lets them
/// read meanwhile, has each page written twice, and a first import take a twentieth more CPU time.
const YOUTH: Duration = Duration::from_secs(5);

/// What [`read_seed_keys`] reads, of a seed `s`.
macro_rules! seed_keys {
    () => {
        "s.id AS seed_id, s.sha256, s.canonical_url, s.url, s.title, s.published_at,
            s.published_precision, s.observed_at, s.text_sha256, s.text_length, s.status"
    };
}
pub(super) use seed_keys;

/// The one connection that writes, with the lock that keeps others from it.
pub struct Writer {
    pub(super) connection: Connection,
    patience: Patience,
    _lock: Option<WriterLock>,
    /// Whether everything happens in one transaction that is never committed.
    pub(super) is_trial: bool,
    migration: Option<Migration>,
    /// Whether there was no archive before.
    is_new: bool,
    /// When the archive was made, as long as nobody else reads it.
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
    /// Articles whose seeds or sightings changed in this batch, by id; see `settle`.
    pub(super) touched: BTreeMap<i64, Touched>,
    /// Articles that turned out to be another, with that one; see [`Writer::join`].
    pub(super) joined: HashMap<i64, i64>,
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
        Self::set_up(Connection::open("")?, Path::new(""), None, Patience::new(None), true)
    }

    fn open_migrated(path: &Path, lock_wait: LockWait<'_>, is_trial: bool) -> Result<Self> {
        refuse_irregular(path)?;
        let patience = Patience::new(lock_wait.stop);
        let lock = WriterLock::acquire(path, lock_wait)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = open(lock.database(), flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        Self::set_up(connection, path, Some(lock), patience, is_trial)
    }

    fn set_up(
        mut connection: Connection,
        path: &Path,
        lock: Option<WriterLock>,
        patience: Patience,
        is_trial: bool,
    ) -> Result<Self> {
        patience.begin(&connection)?;
        stop_by(&mut connection, patience.stop())?;
        connection.set_prepared_statement_cache_capacity(96 + PARAGRAPHS_AT_ONCE);
        migrate::leave_origin(&connection, path)?;
        let backup = match is_trial {
            true => None,
            false => backup::before_migration(&connection, path, patience.stop())?,
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
        let is_young = reached == 0 && !is_trial;
        if is_young {
            connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        }
        if is_trial || reached < SCHEMA_VERSION {
            // Nobody has begun to read what is young when it is written.
            connection.execute_batch(if is_young {
                "BEGIN EXCLUSIVE"
            } else {
                "BEGIN IMMEDIATE"
            })?;
            migrate::migrate(&connection, reached)?;
            if !is_trial {
                connection.execute_batch("COMMIT")?;
            }
        }
        check_extractor(&connection, path)?;
        let is_current = index::read_tokenizer(&connection)? == Some(TOKENIZER_VERSION);
        let next_seed_id = next_id(&connection, "seed")?;
        let next_article_id = next_id(&connection, "article")?;
        connection.progress_handler(0, None::<fn() -> bool>)?;
        Ok(Self {
            connection,
            patience,
            _lock: lock,
            is_trial,
            migration: (reached > 0 && reached < SCHEMA_VERSION)
                .then_some(Migration { from: reached, backup }),
            is_new: reached == 0,
            young_since: is_young.then(Instant::now),
            is_indexing: is_current && !is_trial,
            unindexed: BTreeMap::new(),
            inverter: Inverter::default(),
            run_id: 0,
            next_seed_id,
            next_article_id,
            sites: HashMap::new(),
            touched: BTreeMap::new(),
            joined: HashMap::new(),
            fresh: HashMap::new(),
        })
    }

    /// What opening made of an archive of an older schema.
    pub fn migration(&self) -> Option<&Migration> {
        self.migration.as_ref()
    }

    /// Whether there was no archive before: it knows nothing of any place.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Whether others wait for this writer to let them read.
    pub fn is_young(&self) -> bool {
        self.young_since.is_some()
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
        // The lock goes with the next access, which starts the log: nobody comes in between.
        self.connection.pragma_update(None, "locking_mode", "NORMAL")?;
        migrate::start_log(&self.connection)?;
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

    /// Does what can be given up at any moment: when the flag is set, whatever SQLite is at ends, the
    /// open transaction is undone, and the result is `None`. A trial's transaction stays, to be undone
    /// as a whole: SQLite would undo it where it is interrupted, so there it is not.
    pub fn until_stopped<T>(
        &mut self,
        stop: &StopFlag,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        if !self.is_trial {
            stop_by(&mut self.connection, stop)?;
        }
        let worked = work(self);
        self.connection.progress_handler(0, None::<fn() -> bool>)?;
        match worked {
            Err(error) if error.is_interruption() && stop.is_requested() => {
                // SQLite may have undone it itself.
                if !self.is_trial && !self.connection.is_autocommit() {
                    self.roll_back()?;
                }
                Ok(None)
            }
            worked => worked.map(Some),
        }
    }

    /// Undoes the transaction; the writer is not used for storing afterwards.
    pub fn roll_back(&mut self) -> Result<()> {
        self.touched.clear();
        self.joined.clear();
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
            ":status": report.status,
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

    /// Leaves everything in the database file, as far as no reader needs what was there before, and
    /// the archive to writers and readers at the same time. Waits for nobody.
    pub fn checkpoint(&mut self) -> Result<()> {
        if self.young_since.is_some() {
            return self.end_youth();
        }
        self.connection.busy_timeout(Duration::ZERO)?;
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        self.patience.begin(&self.connection)
    }

    /// The seeds of an article, by id.
    pub(super) fn seeds_of(&self, article_id: i64) -> Result<Vec<SeedKeys>> {
        const READ: &str = concat!(
            "SELECT ",
            seed_keys!(),
            " FROM seed s
            WHERE s.article_id = ?1 ORDER BY s.id"
        );
        let mut statement = self.connection.prepare_cached(READ)?;
        let seeds = statement.query_map([article_id], read_seed_keys)?;
        Ok(seeds.collect::<Result<_, _>>()?)
    }

    /// One seed of an article.
    pub(super) fn seed_keys(&self, id: i64) -> Result<SeedKeys> {
        const READ: &str = concat!("SELECT ", seed_keys!(), " FROM seed s WHERE s.id = ?1");
        Ok(self.connection.prepare_cached(READ)?.query_row([id], read_seed_keys)?)
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
        let (length, codec, body): (i64, Option<Codec>, Option<Vec<u8>>) =
            self.connection.prepare_cached(READ)?.query_row([seed_id], |row| {
                Ok((row.get("byte_length")?, read_known(row, "codec")?, row.get("body")?))
            })?;
        let body = body.unwrap_or_default();
        let bytes = codec.and_then(|codec| unpack(codec, &body, length as usize));
        bytes.ok_or(Error::DamagedSeed(seed_id))
    }
}

/// A seed's bytes from what is kept of them; `None` if they are damaged.
pub(super) fn unpack(codec: Codec, body: &[u8], byte_length: usize) -> Option<Vec<u8>> {
    match codec {
        Codec::Plain => Some(body.to_vec()),
        Codec::Zstd if is_plausible(body, byte_length) => {
            zstd::bulk::decompress(body, byte_length).ok()
        }
        Codec::Zstd => None,
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
    let codec: Option<Codec> = read_known(row, "codec")?;
    let length = usize::try_from(length).unwrap_or(0);
    let bytes = codec.and_then(|codec| unpack(codec, body, length));
    Ok(bytes.filter(|bytes| sha2::Sha256::digest(bytes).as_slice() == sha256))
}

/// The id that the next row of a table will have. The writer hands out ids itself where two rows
/// name each other: nobody else inserts while it holds the lock.
fn next_id(connection: &Connection, table: &str) -> Result<i64> {
    const LAST: &str =
        "SELECT coalesce(max(seq), 0) + 1 AS next FROM sqlite_sequence WHERE name = ?1";
    Ok(connection.query_row(LAST, [table], |row| row.get("next"))?)
}

pub(super) fn read_seed_keys(row: &rusqlite::Row<'_>) -> rusqlite::Result<SeedKeys> {
    let published = read_published(row)?;
    Ok(SeedKeys {
        id: row.get("seed_id")?,
        sha256: row.get("sha256")?,
        canonical_url: row.get("canonical_url")?,
        url: row.get("url")?,
        title: row.get("title")?,
        published_at: published.map(|(at, _)| at),
        precision: published.and_then(|(_, precision)| precision),
        observed_at: read_known(row, "observed_at")?,
        text_sha256: row.get("text_sha256")?,
        text_length: row.get("text_length")?,
        status: read_known(row, "status")?.unwrap_or(Status::Unparsed),
    })
}

pub(super) fn read_published(row: &rusqlite::Row<'_>) -> rusqlite::Result<Earliest> {
    let precision = read_known(row, "published_precision")?;
    Ok(read_known(row, "published_at")?.map(|at| (at, precision)))
}

/// What a column says, as far as it can be understood. A wrong bit in it counts as nothing: finding
/// it is for `verify`, and other files can be imported meanwhile.
pub(super) fn read_known<T: FromStr>(
    row: &rusqlite::Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    Ok(text.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_without_end_is_given_up() {
        const ENDLESS: &str = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)
            INSERT INTO meta SELECT 'x' || max(i), i FROM n";
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(&folder.path().join("seedbank.db"), Duration::ZERO).unwrap();
        let stop = StopFlag::new();
        let request = stop.clone();
        std::thread::spawn(move || request.request());
        let worked = writer.until_stopped(&stop, |writer| {
            writer.begin()?;
            writer.start_run(Timestamp::now(), "[]", None)?;
            Ok(writer.connection.execute_batch(ENDLESS)?)
        });
        assert!(worked.unwrap().is_none());
        // What was begun is undone, and nothing else ends by the flag.
        writer.begin().unwrap();
        assert_eq!(writer.start_run(Timestamp::now(), "[]", None).unwrap(), 1);
        writer.commit().unwrap();
    }

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
        assert_eq!(mode(&writer, "locking_mode"), "exclusive");
        writer.young_since = writer.young_since.and_then(|since| since.checked_sub(YOUTH));
        writer.begin().unwrap();
        assert_eq!(mode(&writer, "journal_mode"), "wal");
        assert_eq!(mode(&writer, "locking_mode"), "normal");
        writer.commit().unwrap();
        writer.checkpoint().unwrap();
        assert!(writer.young_since.is_none());
    }
}
