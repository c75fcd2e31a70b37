//! Copies of an archive: made while others write, checked, and only then given their final name.

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

/// The key in `meta` that marks a redacted copy.
const REDACTED_KEY: &str = "redacted";

/// A finished copy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// The path of the copy.
    pub path: PathBuf,
    /// Size of the copy.
    pub bytes: u64,
    /// How many articles it has.
    pub articles: u64,
    /// How many distinct files it has, including those without an article.
    pub seeds: u64,
}

/// Options of a copy.
#[derive(Debug, Clone, Default)]
pub struct CopyOptions {
    /// What to do if a file of that name exists.
    pub taken: Taken,
    /// Leave out file paths, import command lines and notes.
    pub redact: bool,
    /// Cancels the copy.
    pub stop: StopFlag,
}

/// Identifies which archive a file is a copy of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyMark {
    /// Identity of the copied archive; `None` if it was copied before archives had identities.
    pub archive_id: Option<String>,
    /// Whether what can expose a source was left out.
    pub is_redacted: bool,
}

impl CopyMark {
    /// Reads the mark of a copy. `None` if the file is not a complete, finished copy, or if seedbank wrote to
    /// it since.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = fs::metadata(path).map_err(Error::at(path))?.len();
        let is_whole = Header::read(path)?.is_some_and(|header| header.is_of_copy(bytes));
        if !is_whole || refuse_in_use(path).is_err() {
            return Ok(None);
        }
        let path = real_path(path).map_err(Error::at(path))?;
        // An unreadable file is damaged, so it is not a complete copy.
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
    /// Opens an existing archive for copying; older schema versions are accepted.
    pub fn open_for_copy(path: &Path) -> Result<Self> {
        let (connection, _) = Self::connect(path)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// The mark that an unredacted copy of this archive has.
    pub fn copy_mark(&self) -> Result<CopyMark> {
        CopyMark::of(&self.connection)
    }

    /// Copies the archive as it is at this moment, even while an import runs, into one file that needs no
    /// companion files. The copy gets its name once it is complete, checked and synced to disk; if anything
    /// fails, nothing is left behind. `on_progress` receives the pages done and the total.
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

/// Copies an older archive before its migration, and returns the path of the copy. A copy of the same state,
/// left by an interrupted migration, is used again. A copy of another state is kept, and the new copy gets a
/// number.
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
    // Beside the real file, where the next migration looks for it, whatever link led here.
    let real = real_path(path).map_err(Error::at(path))?;
    let path = if path.is_symlink() { &real } else { path };
    // A migration that was killed between giving the copy its new name and removing the old one leaves both;
    // no further copy is needed.
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

/// `seedbank.db.before-v3.bak`; from the second copy on, `seedbank.db.before-v3.2.bak`.
fn backup_path(path: &Path, number: u32) -> PathBuf {
    let number = if number > 1 { format!(".{number}") } else { String::new() };
    with_suffix(path, format!(".before-v{SCHEMA_VERSION}{number}.bak"))
}

/// What distinguishes two states of an archive: every id ever assigned, the extractor's results, and how each
/// import ended. The identity is not part of it, since copying changes it.
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
    let fill = |temporary: &Path| fill(from, database, temporary, options, on_progress);
    let (path, copied) = make_copy(database, destination, options.taken, fill)?;
    Ok(Copied { path, ..copied })
}

/// Makes a database from another one; `fill` writes it into the unfinished file that it gets. Returns its path, and
/// what `fill` returns. If anything fails, nothing is left behind.
pub(in crate::store) fn make_copy<T>(
    database: &Path,
    destination: &Path,
    taken: Taken,
    fill: impl FnOnce(&Path) -> Result<T>,
) -> Result<(PathBuf, T)> {
    let own = ArchiveFiles::of(database);
    let making = NewFile::create(destination, taken, &own)?;
    if taken != Taken::Numbered {
        refuse_in_use(destination)?;
    }
    if let Some(access) = own.access() {
        access.grant(making.file()).map_err(Error::at(destination))?;
    }
    let refused = |error: Error| match error {
        error if error.is_interruption() || error.is_busy() => error,
        error if error.is_damage() => Error::DamagedCopy(database.to_owned()),
        Error::Database(error) => Error::NotCopied { path: destination.to_owned(), error },
        other => other,
    };
    let filled = fill(making.temporary()).map_err(refused)?;
    Ok((making.finish()?, filled))
}

/// SQLite would apply the old file's journals to the new file.
fn refuse_in_use(path: &Path) -> Result<()> {
    for suffix in ["-wal", "-journal"] {
        let companion = with_suffix(path, suffix);
        if exists(&companion) {
            return Err(Error::InUse { path: path.to_owned(), companion });
        }
    }
    Ok(())
}

/// Copies into the unfinished file and checks the result.
fn fill(
    from: &Connection,
    database: &Path,
    temporary: &Path,
    options: &CopyOptions,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied> {
    // All steps copy one state: without a transaction, every commit of an import would restart the copy.
    let state = from.unchecked_transaction()?;
    let expected = row_counts(from)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = open(temporary, flags)?;
    stop_by(&mut copy, &options.stop)?;
    // No file beside it; if this process dies, the copy is worthless anyway.
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
    // A backup is a single file, readable from read-only media.
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

/// Removes what can expose a source: file paths (a seed is then named by its number), command lines and notes
/// of imports, the repositories walked and the commits in them. Also clears the database pages that held
/// these.
fn redact_rows(copy: &Connection) -> Result<()> {
    // Details can quote names.
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

/// Whether SQLite's own check finds nothing wrong.
pub(in crate::store) fn is_whole(copy: &Connection) -> Result<bool> {
    const INTEGRITY: &str = "PRAGMA integrity_check(1)";
    const REFERENCES: &str = "SELECT count(*) AS broken FROM pragma_foreign_key_check()";
    let said: String = copy.query_row(INTEGRITY, [], |row| row.get("integrity_check"))?;
    let broken: i64 = copy.query_row(REFERENCES, [], |row| row.get("broken"))?;
    Ok(said == "ok" && broken == 0)
}

/// The number of rows in each table, including those of the full-text index.
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
