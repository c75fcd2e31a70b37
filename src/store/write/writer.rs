//! The only writer of an archive: opening, runs, the index.

use crate::error::Result;
use crate::model::{ImportReport, RunStatus, StopFlag, Timestamp};
use crate::store::index::keeper::IndexKeeper;
use crate::store::open::connection::{Opened, WriteConnection};
use crate::store::open::lock::LockWait;
use crate::store::open::migrate::{Migration, SCHEMA_VERSION};
use crate::store::write::ids::Ids;
use rusqlite::{Connection, named_params};
use std::path::Path;

/// The writer of an archive: only one at a time, on its own connection. Rows change in
/// [batches](crate::store::Batch).
pub struct Writer {
    pub(in crate::store) connection: WriteConnection,
    pub(in crate::store) ids: Ids,
    pub(in crate::store) index: IndexKeeper,
    pub(in crate::store) run_id: i64,
    migration: Option<Migration>,
    /// Whether there was no archive before.
    is_new: bool,
}

impl Writer {
    /// Opens for writing. Creates a missing archive, and migrates an older one after making a checked copy of
    /// it.
    pub fn open<'a>(path: &Path, lock_wait: impl Into<LockWait<'a>>) -> Result<Self> {
        Self::new(WriteConnection::open(path, lock_wait.into(), false)?)
    }

    /// Opens an existing archive inside a transaction that is never committed; it includes the migration.
    pub fn open_for_trial<'a>(path: &Path, lock_wait: impl Into<LockWait<'a>>) -> Result<Self> {
        Self::new(WriteConnection::open(path, lock_wait.into(), true)?)
    }

    /// A private database that is deleted with the value, for a dry run without an archive. Its transaction
    /// is never committed either.
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

    /// The migration that opening made, if the archive had an older schema.
    pub fn migration(&self) -> Option<&Migration> {
        self.migration.as_ref()
    }

    /// Whether there was no archive before: no place is known.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Runs work that can be abandoned at any moment. When the flag is set, SQLite is interrupted, the open
    /// batch is rolled back, and the result is `None`. In a trial, the work ends only between two statements.
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

    /// Records the start of a run, and marks a run that a dead process left unfinished as interrupted.
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

    /// Moves everything from the log into the database file that no reader still needs the log for, and
    /// leaves the archive open to writers and readers. Never waits. Does nothing in a trial.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.connection.checkpoint()
    }

    /// Whether the index needs a rebuild: its tokens are not this program's, or there is no index. Until then
    /// no command updates it.
    pub fn is_index_stale(&self) -> bool {
        self.index.is_stale()
    }

    /// Lets SQLite's own INSERT write the full-text index; see [`IndexWriting::Plain`](crate::store::IndexWriting::Plain).
    pub fn write_index_plainly(&mut self) {
        self.index.write_plainly();
    }

    /// Drops the index until [`Writer::rebuild_index`] builds it again. Used before so many rows change that
    /// updating it would cost more.
    pub fn give_up_index(&mut self) -> Result<()> {
        self.index.give_up(&self.connection)
    }

    /// Rebuilds the index from the stored rows, in batches that are committed one by one; an interrupted
    /// rebuild continues where it was. Reports how many of how many articles are done. If it is stopped, the
    /// index stays stale.
    pub fn rebuild_index(
        &mut self,
        stop: &StopFlag,
        on_progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64> {
        self.index.rebuild(&self.connection, stop, on_progress)
    }
}

/// Writes a run's counts so far, and its end if the status is not "running".
pub(in crate::store) fn record_run(
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
        // The open batch was rolled back, and the flag ends nothing else.
        let batch = writer.batch().unwrap();
        batch.connection.execute(NOTE, []).unwrap();
        batch.commit(&|_| None).unwrap();
        assert_eq!(writer.start_run(Timestamp::now(), "[]", None).unwrap(), 1);
    }
}
