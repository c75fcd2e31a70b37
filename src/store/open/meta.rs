//! The table `meta`: which versions made the archive's rows and tokens, and the archive's identity.

use crate::error::{Error, Result};
use crate::extract::EXTRACTOR_VERSION;
use crate::search::TOKENIZER_VERSION;
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// The version of the index's tokens; missing while the index is not complete.
pub(in crate::store) const VERSION_KEY: &str = "tokenizer_version";
/// The version of an index that is being built.
pub(in crate::store) const MAKING_KEY: &str = "tokenizer_version_in_making";

/// The version of the index's tokens; `None` while there is no complete index.
pub(in crate::store) fn read_tokenizer(connection: &Connection) -> Result<Option<i64>> {
    read_version(connection, VERSION_KEY)
}

pub(in crate::store) fn read_version(connection: &Connection, key: &str) -> Result<Option<i64>> {
    const READ: &str = "SELECT value FROM meta WHERE key = ?1";
    let mut statement = connection.prepare_cached(READ)?;
    let version: Option<String> = statement.query_row([key], |row| row.get("value")).optional()?;
    Ok(version.map(|version| version.parse().unwrap_or(0)))
}

/// Records that the index holds this program's tokens.
pub(in crate::store) fn mark_indexed(connection: &Connection) -> Result<()> {
    write_version(connection, VERSION_KEY, Some(TOKENIZER_VERSION))
}

pub(in crate::store) fn write_version(
    connection: &Connection,
    key: &str,
    version: Option<i64>,
) -> Result<()> {
    const SET: &str = "INSERT INTO meta (key, value) VALUES (?1, ?2)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    const REMOVE: &str = "DELETE FROM meta WHERE key = ?1";
    match version {
        Some(version) => connection.execute(SET, (key, version.to_string()))?,
        None => connection.execute(REMOVE, [key])?,
    };
    Ok(())
}

/// The version of the extractor that made the archive's rows.
pub(in crate::store) fn read_extractor(connection: &Connection) -> Result<i64> {
    const READ: &str = "SELECT value FROM meta WHERE key = 'extractor_version'";
    let version: String = connection.query_row(READ, [], |row| row.get("value"))?;
    Ok(version.parse().unwrap_or(0))
}

/// The archive's identity: a UUID that its backups share; `None` before schema version 7.
pub(in crate::store) fn read_archive_id(connection: &Connection) -> Result<Option<String>> {
    const READ: &str = "SELECT value FROM meta WHERE key = 'archive_id'";
    Ok(connection.query_row(READ, [], |row| row.get("value")).optional()?)
}

/// Fails if a newer extractor than this program's made the archive's rows: this program would replace them by
/// worse ones.
pub(in crate::store) fn check_extractor(connection: &Connection, path: &Path) -> Result<()> {
    let found = read_extractor(connection)?;
    if found <= EXTRACTOR_VERSION {
        return Ok(());
    }
    Err(Error::NewerExtractor { path: path.to_owned(), found, known: EXTRACTOR_VERSION })
}
