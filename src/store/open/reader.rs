//! Opens an archive for reading, also while another program writes to it.

use crate::error::{Error, Result};
use crate::extract::EXTRACTOR_VERSION;
use crate::files::{real_path, with_suffix};
use crate::model::StopFlag;
use crate::store::open::meta::{read_archive_id, read_extractor};
use crate::store::open::migrate::{self, SCHEMA_VERSION};
use rusqlite::ffi::SQLITE_READONLY_ROLLBACK;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a reader waits for a lock of another connection. A new archive is locked by its writer for some
/// seconds, longer on a busy machine.
const BUSY_TIMEOUT: Duration = Duration::from_secs(120);

/// Page cache of a reader in KiB (SQLite expects such sizes negative). It has room for the upper pages of the
/// index and for the lengths of 100,000 articles, which ranking looks up one by one.
const READER_CACHE: i64 = -16_384;

/// An archive opened for reading only.
pub struct Reader {
    pub(in crate::store) connection: Connection,
    pub(in crate::store) path: PathBuf,
}

impl Reader {
    /// Opens an existing archive of exactly this program's schema; changes nothing.
    pub fn open(path: &Path) -> Result<Self> {
        let (connection, found) = Self::connect(path)?;
        if found < SCHEMA_VERSION {
            let path = path.to_owned();
            return Err(Error::OlderDatabase { path, found, known: SCHEMA_VERSION });
        }
        Ok(Self { connection, path: path.to_owned() })
    }

    /// A connection to an existing archive of this program's schema version or an older one.
    pub(in crate::store) fn connect(path: &Path) -> Result<(Connection, i64)> {
        if !path.exists() {
            return Err(Error::NoDatabase(path.to_owned()));
        }
        refuse_irregular(path)?;
        let connection = connect_for_reading(path)?;
        match migrate::identify(&connection, path)? {
            migrate::Identity::Empty => Err(Error::NoDatabase(path.to_owned())),
            migrate::Identity::Ours(found) => {
                // Only now, because this reads the schema.
                connection.pragma_update(None, "cache_size", READER_CACHE)?;
                Ok((connection, found))
            }
        }
    }

    /// The version of the extractor that made the rows, if it is not this program's. Such rows can be read
    /// but not added to.
    pub fn other_extractor(&self) -> Result<Option<i64>> {
        let found = read_extractor(&self.connection)?;
        Ok((found != EXTRACTOR_VERSION).then_some(found))
    }

    /// The archive's identity: a random UUID in lower case, made with the archive or by its migration to
    /// schema version 7, and shared by its backups. `None` in an older archive.
    pub fn archive_id(&self) -> Result<Option<String>> {
        read_archive_id(&self.connection)
    }

    /// Whether the file is a copy that nothing was imported into, so that it still has the identity of the
    /// copied archive.
    pub fn is_untouched_copy(&self) -> Result<bool> {
        // A separate connection: the reader's own may have been opened as immutable, without looking for a
        // log.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = open(&self.path, flags)?;
        match look(&connection).and_then(|()| migrate::has_log(&connection)) {
            Ok(has_log) => Ok(!has_log),
            // Only a log makes SQLite open files beside the database.
            Err(error) if is_denied(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The file that was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From now on, setting the flag interrupts SQLite, with an error for which
    /// [`is_interruption`](Error::is_interruption) is true.
    pub fn stop_by(&mut self, stop: &StopFlag) -> Result<()> {
        stop_by(&mut self.connection, stop)
    }
}

/// Makes the statements of a connection end when the flag is set.
pub(in crate::store) fn stop_by(connection: &mut Connection, stop: &StopFlag) -> Result<()> {
    /// Some ten-thousandths of a second.
    const STEPS: i32 = 10_000;
    let stop = stop.clone();
    Ok(connection.progress_handler(STEPS, Some(move || stop.is_requested()))?)
}

/// Fails if the name belongs to something other than a regular file: opening a FIFO would block, a device may
/// never end, and no companion files may be created beside either.
pub(in crate::store) fn refuse_irregular(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(found) if !found.is_file() => Err(Error::NotOurs(path.to_owned())),
        _ => Ok(()),
    }
}

/// Fails if something other than a regular file has the name of one of SQLite's journals. SQLite opens those
/// without checking: it would block on a FIFO and write to the target of a link.
fn refuse_strange_companions(database: &Path) -> Result<()> {
    for suffix in ["-wal", "-shm", "-journal"] {
        let companion = with_suffix(database, suffix);
        if companion.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Error::StrangeCompanion(companion));
        }
    }
    Ok(())
}

/// A read-only connection.
///
/// SQLite keeps files beside the database that readers and writers share. If the folder is not writable and
/// there are none, nobody writes, and the database file can be read alone.
pub(in crate::store) fn connect_for_reading(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    let Err(error) = look(&connection) else {
        return Ok(connection);
    };
    if error.sqlite_error().is_some_and(|error| error.extended_code == SQLITE_READONLY_ROLLBACK) {
        roll_back(path)?;
        return Ok(connection);
    }
    let path = real_path(path).map_err(Error::at(path))?;
    let log = with_suffix(&path, "-wal");
    if !is_denied(&error) || log.exists() {
        return Ok(connection);
    }
    open_unlocked(&path)
}

/// Opens a file by its real path: SQLite would take a name such as `file:…` for a URI, and `:memory:` for no
/// file at all.
pub(in crate::store) fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let path = real_path(path).map_err(Error::at(path))?;
    refuse_strange_companions(&path)?;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Opens a file that nobody writes to, by its real path, without locking it and without creating files beside
/// it.
pub(in crate::store) fn open_unlocked(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut address = String::from("file://");
    for &byte in path.as_os_str().as_bytes() {
        let _ = if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            write!(address, "{}", char::from(byte))
        } else {
            write!(address, "%{byte:02X}")
        };
    }
    address.push_str("?immutable=1");
    Ok(Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI)?)
}

fn is_denied(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

/// The cheapest query that reads the file.
fn look(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA schema_version", [], |_| Ok(()))
}

/// Rolls back a commit during which a writer crashed in the archive's rollback-journal period. A read-only
/// connection cannot do that, and the next writer may be a week away.
fn roll_back(path: &Path) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    look(&connection).map_err(|_| Error::HalfCommitted(path.to_owned()))
}
