//! Opening an archive for reading, whoever writes to it.

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

/// How long a reader waits for another connection's lock: a new archive is its writer's alone for some
/// seconds, on a busy machine for more.
const BUSY_TIMEOUT: Duration = Duration::from_secs(120);

/// What a reader keeps of the file, in KiB (SQLite takes a negative number so): the index's upper
/// pages and the lengths of 100,000 articles, which ranking asks for one by one, have room in it.
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
                // Only now: it reads the schema.
                connection.pragma_update(None, "cache_size", READER_CACHE)?;
                Ok((connection, found))
            }
        }
    }

    /// The version of the extractor that made the rows, where it is another than this program's:
    /// they can be read, but not added to.
    pub fn other_extractor(&self) -> Result<Option<i64>> {
        let found = read_extractor(&self.connection)?;
        Ok((found != EXTRACTOR_VERSION).then_some(found))
    }

    /// The archive's identity: a random UUID in lower case, made with the archive or by its
    /// migration to schema version 7, and shared by its backups. `None` in an older archive.
    pub fn archive_id(&self) -> Result<Option<String>> {
        read_archive_id(&self.connection)
    }

    /// Whether the file is a copy that nothing was imported into, and so still has the identity of the
    /// archive that was copied.
    pub fn is_untouched_copy(&self) -> Result<bool> {
        // This one's own connection may be one that looks for no log.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = open(&self.path, flags)?;
        match look(&connection).and_then(|()| migrate::has_log(&connection)) {
            Ok(has_log) => Ok(!has_log),
            // Only a log asks for files beside the database.
            Err(error) if is_denied(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The file that was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From now on, what SQLite is at ends when the flag is set, with an error that
    /// [`is_interruption`](Error::is_interruption).
    pub fn stop_by(&mut self, stop: &StopFlag) -> Result<()> {
        stop_by(&mut self.connection, stop)
    }
}

/// Has statements of a connection end when the flag is set.
pub(in crate::store) fn stop_by(connection: &mut Connection, stop: &StopFlag) -> Result<()> {
    /// Some ten thousandths of a second.
    const STEPS: i32 = 10_000;
    let stop = stop.clone();
    Ok(connection.progress_handler(STEPS, Some(move || stop.is_requested()))?)
}

/// Fails where something else than a file has the name: a FIFO is waited for, a device may never end, and
/// nothing may be left beside either.
pub(in crate::store) fn refuse_irregular(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(found) if !found.is_file() => Err(Error::NotOurs(path.to_owned())),
        _ => Ok(()),
    }
}

/// Fails where something else than a file has a name that SQLite keeps a journal under: it opens that
/// without a look, waits for a FIFO, and writes where a link leads.
fn refuse_strange_companions(database: &Path) -> Result<()> {
    for suffix in ["-wal", "-shm", "-journal"] {
        let companion = with_suffix(database, suffix);
        if companion.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Error::StrangeCompanion(companion));
        }
    }
    Ok(())
}

/// A connection that can only read.
///
/// SQLite keeps beside the file what readers and writers share. Where the folder may not be written
/// and nothing of that is there, nobody writes, and the file can be read as it stands.
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

/// Opens a file by its real path: a name such as `file:…` is an address to SQLite, and `:memory:` no
/// file at all.
pub(in crate::store) fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let path = real_path(path).map_err(Error::at(path))?;
    refuse_strange_companions(&path)?;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Opens a file that nobody writes, by its real path, without looking for a writer or leaving
/// anything beside it.
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

/// The least that reads the file.
fn look(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA schema_version", [], |_| Ok(()))
}

/// Undoes the commit in which a writer died in the archive's rollback-journal period: a connection that can only
/// read cannot, and the next writer may be a week away.
fn roll_back(path: &Path) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    look(&connection).map_err(|_| Error::HalfCommitted(path.to_owned()))
}
