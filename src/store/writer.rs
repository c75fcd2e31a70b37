//! The one writer: opening, runs, batches.

use super::connection::{Opened, WriteConnection};
use super::ids::Ids;
use super::index::IndexKeeper;
use super::sameness::{Earliest, SeedKeys};
use super::{Batch, LockWait, Migration, SCHEMA_VERSION};
use crate::error::{Error, Result};
use crate::model::{Codec, ImportReport, RunStatus, Sha256, Status, StopFlag, Timestamp};
use rusqlite::{Connection, named_params};
use std::path::Path;
use std::str::FromStr;

/// What [`read_seed_keys`] reads, of a seed `s`.
macro_rules! seed_keys {
    () => {
        "s.id AS seed_id, s.sha256, s.canonical_url, s.url, s.title, s.published_at,
            s.published_precision, s.observed_at, s.text_sha256, s.text_length, s.status"
    };
}
pub(super) use seed_keys;

/// Who may write to an archive: one at a time, with a connection of its own. Rows change in
/// [batches](Batch).
pub struct Writer {
    pub(super) connection: WriteConnection,
    pub(super) ids: Ids,
    pub(super) index: IndexKeeper,
    pub(super) run_id: i64,
    migration: Option<Migration>,
    /// Whether there was no archive before.
    is_new: bool,
}

impl Writer {
    /// Opens for writing; creates the file where there is none, and migrates one of an older schema,
    /// of which a checked copy is made first.
    pub fn open<'a>(path: &Path, lock_wait: impl Into<LockWait<'a>>) -> Result<Self> {
        Self::new(WriteConnection::open(path, lock_wait.into(), false)?)
    }

    /// Opens an existing archive inside a transaction that already stands, migration included, and
    /// is never committed.
    pub fn open_for_trial<'a>(path: &Path, lock_wait: impl Into<LockWait<'a>>) -> Result<Self> {
        Self::new(WriteConnection::open(path, lock_wait.into(), true)?)
    }

    /// A private database that disappears with the value: what a dry run without an archive
    /// writes to. It stands in a transaction too.
    pub fn open_temporary() -> Result<Self> {
        Self::new(WriteConnection::temporary()?)
    }

    fn new((connection, opened): (WriteConnection, Opened)) -> Result<Self> {
        let Opened { reached, backup } = opened;
        Ok(Self {
            ids: Ids::read(&connection)?,
            index: IndexKeeper::new(&connection, connection.is_trial())?,
            run_id: 0,
            migration: (reached > 0 && reached < SCHEMA_VERSION)
                .then_some(Migration { from: reached, backup }),
            is_new: reached == 0,
            connection,
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

    /// Does what can be given up at any moment: when the flag is set, whatever SQLite is at ends, the
    /// open batch is undone, and the result is `None`. In a trial it only ends between two statements.
    pub fn until_stopped<T>(
        &mut self,
        stop: &StopFlag,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        self.connection.stop_by(stop)?;
        let worked = work(self);
        self.connection.stop_by_nothing()?;
        match worked {
            Err(error) if error.is_interruption() && stop.is_requested() => Ok(None),
            worked => worked.map(Some),
        }
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
                ":started_at": at,
                ":program_version": env!("CARGO_PKG_VERSION"),
                ":arguments": arguments,
                ":note": note,
            },
        )?;
        self.run_id = self.connection.last_insert_rowid();
        Ok(self.run_id)
    }

    /// Writes the counts of a run that failed, outside of any batch.
    pub fn record_run(&mut self, report: &ImportReport) -> Result<()> {
        record_run(&self.connection, self.run_id, report)
    }

    /// Leaves everything in the database file, as far as no reader needs what was there before, and
    /// the archive to writers and readers at the same time. Waits for nobody. Does nothing in a trial.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.connection.checkpoint()
    }

    /// Whether the index is to be made anew: its tokens are not this program's, or there is none.
    /// Until then no command keeps it.
    pub fn is_index_stale(&self) -> bool {
        self.index.is_stale()
    }

    /// Gives the index up, until [`Writer::rebuild_index`] makes it anew: before so many rows change
    /// that keeping it would cost more.
    pub fn give_up_index(&mut self) -> Result<()> {
        self.index.give_up(&self.connection)
    }

    /// Makes the index anew from the stored rows, in batches that are committed one by one; an
    /// interrupted one goes on where it was. Hands out how many articles of how many are done. Where
    /// it is stopped, the index stays stale.
    pub fn rebuild_index(
        &mut self,
        stop: &StopFlag,
        on_progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64> {
        self.index.rebuild(&self.connection, stop, on_progress)
    }
}

/// Writes a run's counts so far; with a status other than running, its end too.
pub(super) fn record_run(
    connection: &Connection,
    run_id: i64,
    report: &ImportReport,
) -> Result<()> {
    const UPDATE: &str = "UPDATE import_run SET status = :status, finished_at = :finished_at,
        files_seen = :files_seen, new = :new, revised = :revised, duplicate = :duplicate,
        unchanged = :unchanged, rejected = :rejected WHERE id = :id";
    let is_over = report.status != RunStatus::Running;
    connection.prepare_cached(UPDATE)?.execute(named_params! {
        ":status": report.status,
        ":finished_at": is_over.then(Timestamp::now),
        ":files_seen": report.files_seen,
        ":new": report.new,
        ":revised": report.revised,
        ":duplicate": report.duplicate,
        ":unchanged": report.unchanged,
        ":rejected": report.rejected,
        ":id": run_id,
    })?;
    Ok(())
}

impl Batch<'_> {
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

    /// The original bytes of a seed.
    pub(super) fn original(&self, seed_id: i64) -> Result<Vec<u8>> {
        const READ: &str = "SELECT byte_length, codec, body FROM seed WHERE id = ?1";
        let (length, codec, body): (usize, Option<Codec>, Option<Vec<u8>>) =
            self.connection.prepare_cached(READ)?.query_row([seed_id], |row| {
                Ok((row.get("byte_length")?, read_known(row, "codec")?, row.get("body")?))
            })?;
        let body = body.unwrap_or_default();
        let bytes = codec.and_then(|codec| unpack(codec, &body, length));
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
    Ok(bytes.filter(|bytes| Sha256::of(bytes) == sha256))
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
    use std::time::Duration;

    #[test]
    fn a_statement_without_end_is_given_up() {
        const ENDLESS: &str = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)
            INSERT INTO meta SELECT 'x' || max(i), i FROM n";
        const NOTE: &str = "INSERT INTO meta (key, value) VALUES ('note', '1')";
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(&folder.path().join("seedbank.db"), Duration::ZERO).unwrap();
        let stop = StopFlag::new();
        let request = stop.clone();
        std::thread::spawn(move || request.request());
        let worked = writer.until_stopped(&stop, |writer| {
            let batch = writer.batch()?;
            batch.connection.execute(NOTE, [])?;
            Ok(batch.connection.execute_batch(ENDLESS)?)
        });
        assert!(worked.unwrap().is_none());
        // What was begun is undone, and nothing else ends by the flag.
        let batch = writer.batch().unwrap();
        batch.connection.execute(NOTE, []).unwrap();
        batch.commit(&|_| None).unwrap();
        assert_eq!(writer.start_run(Timestamp::now(), "[]", None).unwrap(), 1);
    }
}
