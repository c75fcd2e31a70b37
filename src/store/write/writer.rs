//! The one writer: opening, runs, batches.

use crate::error::Result;
use crate::model::{ImportReport, RunStatus, StopFlag, Timestamp};
use crate::store::index::keeper::IndexKeeper;
use crate::store::open::connection::{Opened, WriteConnection};
use crate::store::open::lock::LockWait;
use crate::store::open::migrate::{Migration, SCHEMA_VERSION};
use crate::store::write::ids::Ids;
use rusqlite::{Connection, named_params};
use std::path::Path;

/// Who may write to an archive: one at a time, with a connection of its own. Rows change in
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

    /// Whether the index is needs a rebuild: its tokens are not this program's, or there is none. Until
    /// then no command keeps it.
    pub fn is_index_stale(&self) -> bool {
        self.index.is_stale()
    }

    /// Has SQLite's own INSERT write the full-text index; see [`IndexWriting::Plain`].
    pub fn write_index_plainly(&mut self) {
        self.index.write_plainly();
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
        // What was begun is undone, and nothing else ends by the flag.
        let batch = writer.batch().unwrap();
        batch.connection.execute(NOTE, []).unwrap();
        batch.commit(&|_| None).unwrap();
        assert_eq!(writer.start_run(Timestamp::now(), "[]", None).unwrap(), 1);
    }
}
