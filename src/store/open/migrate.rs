//! The versions of the schema: `application_id` marks a file as ours, `user_version` is its schema version.

use crate::error::{Error, Result};
use crate::extract::EXTRACTOR_VERSION;
use crate::store::open::meta::mark_indexed;
use rusqlite::{Connection, ErrorCode};
use std::path::{Path, PathBuf};

/// "SEED" in ASCII.
pub const APPLICATION_ID: i64 = 0x5345_4544;

/// The files of `migrations/`, listed by `build.rs`. The number of each is the `user_version` that it sets.
/// A released file never changes.
const MIGRATIONS: &[&str] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// The newest schema version, the one this program reads and writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// 15 % cheaper in real imports than SQLite's default of 4096 (measured).
const PAGE_SIZE: i64 = 8192;

/// What opening for writing did to an archive with an older schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The schema version before.
    pub from: i64,
    /// The copy made before the migration; `None` if the archive was empty.
    pub backup: Option<PathBuf>,
}

/// Which program a file belongs to.
pub(in crate::store) enum Identity {
    /// An empty file, or one without tables that no other program has marked as its own.
    Empty,
    /// Ours, at this schema version.
    Ours(i64),
}

/// Distinguishes a new file, an archive and another program's database, without changing any of them.
pub(in crate::store) fn identify(connection: &Connection, path: &Path) -> Result<Identity> {
    let not_ours = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Error::NotOurs(path.to_owned()),
        _ => error.into(),
    };
    let application_id: i64 = connection
        .query_row("PRAGMA application_id", [], |row| row.get("application_id"))
        .map_err(not_ours)?;
    let version: i64 =
        connection.query_row("PRAGMA user_version", [], |row| row.get("user_version"))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) AS tables FROM sqlite_schema", [], |row| {
            row.get("tables")
        })?;
    match (application_id, tables, version) {
        (0, 0, _) => Ok(Identity::Empty),
        (APPLICATION_ID, _, found) if found > SCHEMA_VERSION => {
            Err(Error::NewerDatabase { path: path.to_owned(), found, known: SCHEMA_VERSION })
        }
        (APPLICATION_ID, 1.., 1..) => Ok(Identity::Ours(version)),
        _ => Err(Error::NotOurs(path.to_owned())),
    }
}

/// An in-memory database with the schema of a version, as its migrations make it.
pub(in crate::store) fn schema_of(version: i64) -> Result<Connection> {
    let connection = Connection::open_in_memory()?;
    for sql in &MIGRATIONS[..version as usize] {
        connection.execute_batch(sql)?;
    }
    Ok(connection)
}

/// Makes the settings that a transaction cannot contain, and returns the schema version of the file: 0 for a
/// new one, which has no write-ahead log yet.
pub(in crate::store) fn prepare(connection: &Connection, path: &Path) -> Result<i64> {
    match identify(connection, path)? {
        Identity::Empty => {
            connection.pragma_update(None, "page_size", PAGE_SIZE)?;
            Ok(0)
        }
        Identity::Ours(version) => {
            start_log(connection)?;
            Ok(version)
        }
    }
}

/// Gives a copy that is about to be written an identity of its own. It is another archive from then on, and
/// neither may remove the other's backups.
pub(in crate::store) fn leave_origin(connection: &Connection, path: &Path) -> Result<()> {
    // A UUID of version 4, as migration 7 makes it.
    const RENAME: &str = "UPDATE meta SET value = (
            SELECT substr(r, 1, 8) || '-' || substr(r, 9, 4) || '-4' || substr(r, 14, 3) || '-'
                || substr('89ab', 1 + (random() & 3), 1) || substr(r, 18, 3) || '-' || substr(r, 21)
            FROM (SELECT lower(hex(randomblob(16))) AS r))
        WHERE key = 'archive_id'";
    if let Identity::Empty = identify(connection, path)? {
        return Ok(());
    }
    if !has_log(connection)? {
        connection.execute(RENAME, [])?;
    }
    Ok(())
}

/// Whether the file has a write-ahead log. An archive has one after its first seconds; a copy that nobody has
/// written to never has one. The connection must have read the file before.
pub(in crate::store) fn has_log(connection: &Connection) -> rusqlite::Result<bool> {
    const MODE: &str = "PRAGMA journal_mode";
    let mode: String = connection.query_row(MODE, [], |row| row.get("journal_mode"))?;
    Ok(mode == "wal")
}

/// Switches to a write-ahead log. Only for a file that is certainly ours, since this rewrites its header.
pub(in crate::store) fn start_log(connection: &Connection) -> Result<()> {
    Ok(connection.pragma_update(None, "journal_mode", "WAL")?)
}

/// Migrates a new or older archive to the newest schema, inside the open transaction.
pub(in crate::store) fn migrate(connection: &Connection, reached: i64) -> Result<()> {
    for sql in &MIGRATIONS[reached as usize..] {
        connection.execute_batch(sql)?;
    }
    if reached == 0 {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        const STAMP: &str = "INSERT INTO meta (key, value) VALUES ('extractor_version', ?1)";
        connection.execute(STAMP, [EXTRACTOR_VERSION.to_string()])?;
        mark_indexed(connection)?;
    }
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    Ok(())
}
