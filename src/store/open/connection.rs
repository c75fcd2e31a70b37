//! The connection that writes: the locks it waits for, when others may read, and its one transaction.

use crate::error::Result;
use crate::model::StopFlag;
use crate::store::open::lock::{LockWait, WriterLock};
use crate::store::open::meta::check_extractor;
use crate::store::open::migrate::SCHEMA_VERSION;
use crate::store::open::patience::Patience;
use crate::store::open::reader::{open, refuse_irregular, stop_by};
use crate::store::open::{backup, migrate};
use crate::store::schema::PARAGRAPHS_AT_ONCE;
use rusqlite::{Connection, OpenFlags};
use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A new archive stays in rollback-journal mode this long, and other programs wait. A write-ahead log would
/// let them read meanwhile, but writes every page twice: a twentieth more CPU time in a first import.
const JOURNAL_PERIOD: Duration = Duration::from_secs(5);

/// A connection with the lock that keeps other writers out.
pub(in crate::store) struct WriteConnection {
    connection: Connection,
    patience: Patience,
    _lock: Option<WriterLock>,
    mode: Cell<Mode>,
}

/// How the connection treats its transactions.
#[derive(Debug, Clone, Copy)]
enum Mode {
    /// The archive was created at that time, has a rollback journal, and blocks other readers.
    Alone(Instant),
    /// The archive has a write-ahead log: readers and writer do not block each other.
    Shared,
    /// Everything happens in one transaction that is never committed.
    Trial,
}

/// What opening found and did.
#[derive(Debug)]
pub(in crate::store) struct Opened {
    /// The schema version before; 0 if there was no archive.
    pub reached: i64,
    /// The copy made before the migration.
    pub backup: Option<PathBuf>,
}

impl WriteConnection {
    /// Opens the archive at `path`, and creates or migrates it; for a trial, inside its transaction.
    pub fn open(path: &Path, wait: LockWait<'_>, is_trial: bool) -> Result<(Self, Opened)> {
        refuse_irregular(path)?;
        let patience = Patience::new(wait.stop);
        let lock = WriterLock::acquire(path, wait)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = open(lock.database(), flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        Self::set_up(connection, path, Some(lock), patience, is_trial)
    }

    /// A private archive that is deleted with the value. A trial's transaction is open in it.
    pub fn temporary() -> Result<(Self, Opened)> {
        Self::set_up(Connection::open("")?, Path::new(""), None, Patience::new(None), true)
    }

    fn set_up(
        mut connection: Connection,
        path: &Path,
        lock: Option<WriterLock>,
        patience: Patience,
        is_trial: bool,
    ) -> Result<(Self, Opened)> {
        patience.begin(&connection)?;
        stop_by(&mut connection, patience.stop())?;
        connection.set_prepared_statement_cache_capacity(96 + PARAGRAPHS_AT_ONCE);
        migrate::leave_origin(&connection, path)?;
        let backup = if is_trial {
            None
        } else {
            backup::before_migration(&connection, path, patience.stop())?
        };
        let reached = migrate::prepare(&connection, path)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // CHECKs tell other programs what a column can hold. The writer stores types that can hold nothing
        // else, so for it they are assertions: enabled where assertions are, in every test. SQLite builds a
        // table for each long list in a CHECK; that took 7 % of an import.
        let is_sure = !cfg!(debug_assertions);
        connection.pragma_update(None, "ignore_check_constraints", is_sure)?;
        connection.pragma_update(None, "cache_size", -32_768)?;
        let is_alone = reached == 0 && !is_trial;
        if is_alone {
            connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            // SQLite copies each page that a statement changes, in case the statement fails. In exclusive
            // mode, a file that once held such copies (a migration's, for example) would be used for every
            // later statement.
            connection.pragma_update(None, "temp_store", "MEMORY")?;
        }
        if is_trial || reached < SCHEMA_VERSION {
            // Nobody can start to read a new archive while it is written.
            let begin = if is_alone { "BEGIN EXCLUSIVE" } else { "BEGIN IMMEDIATE" };
            connection.execute_batch(begin)?;
            migrate::migrate(&connection, reached)?;
            if !is_trial {
                connection.execute_batch("COMMIT")?;
            }
        }
        check_extractor(&connection, path)?;
        connection.progress_handler(0, None::<fn() -> bool>)?;
        let mode = match is_trial {
            true => Mode::Trial,
            false if is_alone => Mode::Alone(Instant::now()),
            false => Mode::Shared,
        };
        let connection = Self { connection, patience, _lock: lock, mode: Cell::new(mode) };
        Ok((connection, Opened { reached, backup }))
    }

    /// Whether nothing is ever committed.
    pub fn is_trial(&self) -> bool {
        matches!(self.mode.get(), Mode::Trial)
    }

    /// Whether readers must wait for this connection.
    pub fn keeps_readers_out(&self) -> bool {
        matches!(self.mode.get(), Mode::Alone(_))
    }

    /// Starts a transaction that takes the write lock at once: a deferred one could fail at its first write,
    /// whatever the timeout. In a trial, the transaction is already open.
    pub fn begin(&self) -> Result<Transaction<'_>> {
        let mut transaction = Transaction { connection: self, is_open: false };
        transaction.begin()?;
        Ok(transaction)
    }

    fn end_journal_period(&self) -> Result<()> {
        // The next access releases the lock and starts the log, so nobody can come in between.
        self.connection.pragma_update(None, "locking_mode", "NORMAL")?;
        self.connection.pragma_update(None, "temp_store", "DEFAULT")?;
        migrate::start_log(&self.connection)?;
        self.mode.set(Mode::Shared);
        Ok(())
    }

    /// Moves everything from the log into the database file that no reader still needs the log for, and
    /// leaves the archive open to writers and readers. Never waits. Does nothing in a trial.
    pub fn checkpoint(&self) -> Result<()> {
        match self.mode.get() {
            Mode::Alone(_) => self.end_journal_period(),
            Mode::Shared => {
                self.connection.busy_timeout(Duration::ZERO)?;
                self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
                self.patience.begin(&self.connection)
            }
            Mode::Trial => Ok(()),
        }
    }

    /// From now on, setting the flag interrupts whatever SQLite is doing. Not in a trial: SQLite would roll
    /// back its transaction on the interruption, and a trial is rolled back as a whole, at its end.
    pub fn stop_by(&mut self, stop: &StopFlag) -> Result<()> {
        if self.is_trial() { Ok(()) } else { stop_by(&mut self.connection, stop) }
    }

    /// From now on, nothing is interrupted.
    pub fn stop_by_nothing(&mut self) -> Result<()> {
        Ok(self.connection.progress_handler(0, None::<fn() -> bool>)?)
    }
}

impl Deref for WriteConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for WriteConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

/// The open transaction of a connection; rolled back on drop unless it was committed.
///
/// A trial that had to be rolled back is over: its connection refuses further writes.
pub(in crate::store) struct Transaction<'c> {
    connection: &'c WriteConnection,
    is_open: bool,
}

impl Transaction<'_> {
    /// Whether there is something to commit or to roll back.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Starts the next transaction after a commit.
    pub fn begin(&mut self) -> Result<()> {
        match self.connection.mode.get() {
            Mode::Alone(since) if since.elapsed() >= JOURNAL_PERIOD => {
                self.connection.end_journal_period()?;
            }
            _ => {}
        }
        if !self.connection.is_trial() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        self.is_open = true;
        Ok(())
    }

    /// Commits; does nothing in a trial, whose transaction continues.
    pub fn commit(&mut self) -> Result<()> {
        if !self.connection.is_trial() {
            self.connection.execute_batch("COMMIT")?;
        }
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        // SQLite may have rolled it back itself. If the rollback fails, so does the next `begin`.
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        if self.connection.is_trial() {
            let _ = self.connection.pragma_update(None, "query_only", true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "INSERT INTO meta (key, value) VALUES ('note', '1')";

    fn open_new(folder: &Path, is_trial: bool) -> WriteConnection {
        let wait = LockWait::from(Duration::ZERO);
        WriteConnection::open(&folder.join("seedbank.db"), wait, is_trial).unwrap().0
    }

    fn notes(connection: &Connection) -> i64 {
        const COUNT: &str = "SELECT count(*) FROM meta WHERE key = 'note'";
        connection.query_row(COUNT, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn the_journal_period_ends() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open_new(folder.path(), false);
        let pragma = |name: &str| -> String {
            connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
        };
        connection.begin().unwrap().commit().unwrap();
        assert_eq!(
            (pragma("journal_mode"), pragma("locking_mode")),
            ("delete".into(), "exclusive".into())
        );
        assert!(connection.keeps_readers_out());
        let Mode::Alone(since) = connection.mode.get() else { panic!("{:?}", connection.mode) };
        connection.mode.set(Mode::Alone(since.checked_sub(JOURNAL_PERIOD).unwrap()));
        connection.begin().unwrap().commit().unwrap();
        assert_eq!(
            (pragma("journal_mode"), pragma("locking_mode")),
            ("wal".into(), "normal".into())
        );
        connection.checkpoint().unwrap();
        assert!(!connection.keeps_readers_out());
    }

    #[test]
    fn a_dropped_transaction_is_undone() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open_new(folder.path(), false);
        let transaction = connection.begin().unwrap();
        connection.execute(NOTE, []).unwrap();
        drop(transaction);
        assert_eq!(notes(&connection), 0);
        let mut transaction = connection.begin().unwrap();
        connection.execute(NOTE, []).unwrap();
        transaction.commit().unwrap();
        drop(transaction);
        assert_eq!(notes(&connection), 1);
    }

    #[test]
    fn a_trial_commits_nothing_and_is_over_once_undone() {
        let folder = tempfile::tempdir().unwrap();
        drop(open_new(folder.path(), false));
        let connection = open_new(folder.path(), true);
        let mut transaction = connection.begin().unwrap();
        connection.execute(NOTE, []).unwrap();
        transaction.commit().unwrap();
        drop(transaction);
        assert_eq!(notes(&connection), 1);
        drop(connection.begin().unwrap());
        assert_eq!(notes(&connection), 0);
        let refused = connection.execute(NOTE, []).unwrap_err();
        assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly));
        drop(connection);
        assert_eq!(notes(&open_new(folder.path(), false)), 0);
    }
}
