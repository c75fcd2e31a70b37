//! Copies of an archive: taken while others write, checked, and only then given their name.

use crate::error::{Error, Result};
use crate::files::{
    ArchiveFiles, NewFile, Taken, exists, folder_of, real_path, remove_leftovers, with_suffix,
};
use crate::model::StopFlag;
use crate::store::open::header::Header;
use crate::store::open::meta::read_archive_id;
use crate::store::open::migrate;
use crate::store::open::migrate::SCHEMA_VERSION;
use crate::store::open::reader::{Reader, open, open_unlocked, stop_by};
use crate::store::open::redact::{redact_containers, redact_repositories};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many pages are copied between two reports of progress.
const PAGES_AT_ONCE: i32 = 1_024;
const PAUSE: Duration = Duration::from_millis(50);

/// In `meta` of a redacted copy.
const REDACTED_KEY: &str = "redacted";

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Where it is.
    pub path: PathBuf,
    /// Of the file.
    pub bytes: u64,
    pub articles: u64,
    pub seeds: u64,
}

/// How a copy is to be.
#[derive(Debug, Clone, Default)]
pub struct CopyOptions {
    /// What to do where there is a file of that name.
    pub taken: Taken,
    /// Leave out where files lay, what the imports were called with, and the notes.
    pub redact: bool,
    /// Gives the copy up.
    pub stop: StopFlag,
}

/// Which copy a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyMark {
    /// Of the archive that was copied; `None` for a copy of one from before there was any.
    pub archive_id: Option<String>,
    pub is_redacted: bool,
}

impl CopyMark {
    /// Reads what a file says of itself; `None` where it is not the whole of a finished copy, or
    /// seedbank wrote to it since.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = fs::metadata(path).map_err(Error::at(path))?.len();
        let is_whole = Header::read(path)?.is_some_and(|header| header.is_of_copy(bytes));
        if !is_whole || refuse_in_use(path).is_err() {
            return Ok(None);
        }
        let path = real_path(path).map_err(Error::at(path))?;
        // What cannot be read is damaged, and so not whole.
        Ok(open_unlocked(&path).and_then(|connection| Self::of(&connection)).ok())
    }

    fn of(connection: &Connection) -> Result<Self> {
        const REDACTED: &str = "SELECT count(*) > 0 AS is_redacted FROM meta WHERE key = ?1";
        let is_redacted =
            connection.query_row(REDACTED, [REDACTED_KEY], |row| row.get("is_redacted"))?;
        Ok(Self { archive_id: read_archive_id(connection)?, is_redacted })
    }
}

impl Reader {
    /// Opens an existing archive to be copied; an older schema will do.
    pub fn open_for_copy(path: &Path) -> Result<Self> {
        let (connection, _) = Self::connect(path)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// What a copy of this archive, not redacted any further, says of itself.
    pub fn copy_mark(&self) -> Result<CopyMark> {
        CopyMark::of(&self.connection)
    }

    /// Copies the archive as it stands at this moment, whatever an import does meanwhile, into one
    /// file that needs no other beside it. It appears under its name when it is whole, checked and
    /// on the disk; where anything fails, nothing is left. Hands out pages done, of how many.
    pub fn copy_to(
        &self,
        destination: &Path,
        options: CopyOptions,
        on_progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Copied> {
        if destination.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Error::NotAFile(destination.to_owned()));
        }
        copy(&self.connection, &self.path, destination, &options, on_progress)
    }
}

/// Copies an older archive that is about to be migrated, and returns the copy's path. One that the
/// same state was copied to before (a migration that was interrupted) is enough; one of another
/// state stays, and the copy gets a number.
pub(in crate::store) fn before_migration(
    connection: &Connection,
    path: &Path,
    stop: &StopFlag,
) -> Result<Option<PathBuf>> {
    const IS_EMPTY: &str = "SELECT NOT EXISTS (SELECT 1 FROM seed)
            AND NOT EXISTS (SELECT 1 FROM import_run) AS is_empty";
    let migrate::Identity::Ours(found) = migrate::identify(connection, path)? else {
        return Ok(None);
    };
    let is_empty = || connection.query_row(IS_EMPTY, [], |row| row.get::<_, bool>("is_empty"));
    if found >= SCHEMA_VERSION || is_empty()? {
        return Ok(None);
    }
    let own = state(connection)?;
    // Beside the file itself, where the next migration looks for it, whatever link leads here.
    let real = real_path(path).map_err(Error::at(path))?;
    let path = if path.is_symlink() { &real } else { path };
    // One killed between the copy's new name and the end of its old one leaves both, and needs no other.
    let kin = with_suffix(path, ".before-v");
    let kin = kin.file_name().unwrap_or_default().as_bytes();
    let is_kin = |name: &OsStr| name.as_bytes().starts_with(kin);
    remove_leftovers(folder_of(path), &is_kin, &ArchiveFiles::of(path));
    for number in 1.. {
        let copy_path = backup_path(path, number);
        match Reader::open_for_copy(&copy_path) {
            Err(Error::NoDatabase(_)) if !exists(&copy_path) => {
                let options = CopyOptions { stop: stop.clone(), ..CopyOptions::default() };
                let copied = copy(connection, path, &copy_path, &options, &mut |_, _| {})?;
                return Ok(Some(copied.path));
            }
            Ok(copy) if state(&copy.connection).is_ok_and(|copied| copied == own) => {
                return Ok(Some(copy_path));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// `seedbank.db.before-v3.bak`, and from the second on `seedbank.db.before-v3.2.bak`.
fn backup_path(path: &Path, number: u32) -> PathBuf {
    let number = if number > 1 { format!(".{number}") } else { String::new() };
    with_suffix(path, format!(".before-v{SCHEMA_VERSION}{number}.bak"))
}

/// What tells one state of an archive from another: every id that was ever given, what an extractor
/// made of it, and how each import ended. Not its identity, which a copy changes as it is written.
fn state(connection: &Connection) -> Result<Vec<(String, String)>> {
    const READ: &str = "SELECT name, CAST(seq AS TEXT) AS value FROM sqlite_sequence
        UNION ALL SELECT key, value FROM meta WHERE key <> 'archive_id'
        UNION ALL SELECT CAST(id AS TEXT), status || coalesce(finished_at, '') FROM import_run
        UNION ALL SELECT 'user_version', CAST(user_version AS TEXT) FROM pragma_user_version
        ORDER BY 1, 2";
    let mut statement = connection.prepare(READ)?;
    let rows = statement.query_map([], |row| Ok((row.get("name")?, row.get("value")?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn copy(
    from: &Connection,
    database: &Path,
    destination: &Path,
    options: &CopyOptions,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied> {
    let own = ArchiveFiles::of(database);
    let making = NewFile::create(destination, options.taken, &own)?;
    if options.taken != Taken::Numbered {
        refuse_in_use(destination)?;
    }
    if let Some(access) = own.access() {
        access.grant(making.file()).map_err(Error::at(destination))?;
    }
    let refused = |error: Error| match error {
        error if error.is_interruption() || error.is_busy() => error,
        error if error.is_damage() => Error::DamagedCopy(database.to_owned()),
        Error::Sqlite(source) => Error::NotCopied { path: destination.to_owned(), source },
        other => other,
    };
    let filled = fill(from, database, making.temporary(), options, on_progress);
    let mut copied = filled.map_err(refused)?;
    copied.path = making.finish()?;
    Ok(copied)
}

/// SQLite would take what stands beside the old file for changes to the new one.
fn refuse_in_use(path: &Path) -> Result<()> {
    for suffix in ["-wal", "-journal"] {
        let companion = with_suffix(path, suffix);
        if exists(&companion) {
            return Err(Error::InUse { path: path.to_owned(), companion });
        }
    }
    Ok(())
}

/// Copies into the file in the making, and checks what came of it.
fn fill(
    from: &Connection,
    database: &Path,
    temporary: &Path,
    options: &CopyOptions,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied> {
    // One state, however many steps it takes: without it, every commit of an import would have the
    // copy begin again.
    let state = from.unchecked_transaction()?;
    let expected = row_counts(from)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = open(temporary, flags)?;
    stop_by(&mut copy, &options.stop)?;
    // No file beside it; should this process die, the whole copy is worthless anyway.
    copy.pragma_update(None, "journal_mode", "MEMORY")?;
    let backup = Backup::new(from, &mut copy)?;
    loop {
        let step = backup.step(PAGES_AT_ONCE)?;
        let progress = backup.progress();
        let done = progress.pagecount - progress.remaining;
        let pages = |number: i32| u64::try_from(number).unwrap_or(0);
        on_progress(pages(done), pages(progress.pagecount));
        if options.stop.is_requested() {
            return Err(Error::interruption());
        }
        match step {
            StepResult::Done => break,
            StepResult::More => {}
            _ => std::thread::sleep(PAUSE),
        }
    }
    drop(backup);
    state.finish()?;
    // A backup is one file, that can be read from where nothing can be written.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    let damaged = || Error::DamagedCopy(database.to_owned());
    let found = row_counts(&copy)
        .map_err(|error| if error.is_interruption() { error } else { damaged() })?;
    if options.redact {
        redact_rows(&copy)?;
    }
    if found != expected || !is_whole(&copy)? {
        return Err(damaged());
    }
    copy.close().map_err(|(_, error)| error)?;
    let bytes = fs::metadata(temporary).map_err(Error::at(temporary))?.len();
    let count = |table: &str| found.get(table).copied().unwrap_or(0);
    Ok(Copied { path: PathBuf::new(), bytes, articles: count("article"), seeds: count("seed") })
}

/// Leaves out what can expose a source: where files lay (a seed is then named by its number), the
/// command lines of the imports, and their notes, which repositories were walked and what commits
/// they have; and the pages that these stood on.
fn redact_rows(copy: &Connection) -> Result<()> {
    // A detail quotes the names that it tells of.
    const REDACT: &str = "
        PRAGMA secure_delete = ON;
        PRAGMA journal_mode = MEMORY;
        BEGIN;
        UPDATE sighting SET member = NULL,
            path = CASE WHEN seed_id IS NULL THEN 'redacted/file-' || id
                        ELSE 'redacted/seed-' || seed_id END;
        UPDATE import_run SET arguments = '[]', note = NULL;
        UPDATE rejection SET detail = NULL WHERE detail LIKE '%\"%';";
    const FINISH: &str = "
        COMMIT;
        VACUUM;
        PRAGMA journal_mode = DELETE;";
    const MARK: &str = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, '1')";
    copy.execute_batch(REDACT)?;
    copy.execute(MARK, [REDACTED_KEY])?;
    redact_containers(copy)?;
    redact_repositories(copy)?;
    Ok(copy.execute_batch(FINISH)?)
}

/// Whether SQLite finds nothing wrong.
fn is_whole(copy: &Connection) -> Result<bool> {
    const INTEGRITY: &str = "PRAGMA integrity_check(1)";
    const REFERENCES: &str = "SELECT count(*) AS broken FROM pragma_foreign_key_check()";
    let said: String = copy.query_row(INTEGRITY, [], |row| row.get("integrity_check"))?;
    let broken: i64 = copy.query_row(REFERENCES, [], |row| row.get("broken"))?;
    Ok(said == "ok" && broken == 0)
}

/// How many rows each table has, those of the full-text index too.
fn row_counts(connection: &Connection) -> Result<BTreeMap<String, u64>> {
    const TABLES: &str = "SELECT name, replace(name, '\"', '\"\"') AS quoted FROM sqlite_schema
        WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'";
    let mut statement = connection.prepare(TABLES)?;
    let tables = statement
        .query_map([], |row| Ok((row.get("name")?, row.get("quoted")?)))?
        .collect::<Result<Vec<(String, String)>, _>>()?;
    let count = |(name, quoted): (String, String)| -> Result<_> {
        let sql = format!("SELECT count(*) AS count FROM \"{quoted}\"");
        Ok((name, connection.query_row(&sql, [], |row| row.get("count"))?))
    };
    tables.into_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_counted() {
        let connection = migrate::schema_of(SCHEMA_VERSION).unwrap();
        connection.execute_batch("CREATE TABLE \"a \"\" b\" AS SELECT 1").unwrap();
        let counts = row_counts(&connection).unwrap();
        for table in ["seed", "meta", "container", "former_paragraph", "article_fts_data", "a \" b"]
        {
            assert!(counts.contains_key(table), "{table}");
        }
        assert!(!counts.contains_key("article_fts"));
    }
}
