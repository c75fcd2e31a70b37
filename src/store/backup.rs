//! Copies of an archive: taken while others write, checked, and only then given their name.

use super::carriers::redact_carriers;
use super::repository::redact_repositories;
use super::{BUSY_TIMEOUT, Reader, SCHEMA_VERSION, migrate};
use crate::error::{Error, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many pages are copied between two reports of progress.
const PAGES_AT_ONCE: i32 = 1_024;
const PAUSE: Duration = Duration::from_millis(50);

/// What SQLite keeps beside a database, and we.
const COMPANIONS: [&str; 4] = ["-wal", "-shm", "-journal", ".lock"];

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Of the file.
    pub bytes: u64,
    pub articles: u64,
    pub seeds: u64,
}

/// How a copy is to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct CopyOptions {
    /// Replace a file of that name.
    pub force: bool,
    /// Leave out where files lay, what the imports were called with, and the notes.
    pub redact: bool,
}

impl Reader {
    /// Opens an existing archive to be copied; an older schema will do.
    pub fn open_for_copy(path: &Path) -> Result<Self> {
        let (connection, _) = Self::connect(path)?;
        Ok(Self { connection, path: path.to_owned() })
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
        refuse_own_files(&self.path, destination)?;
        copy(&self.connection, &self.path, destination, options, on_progress)
    }
}

/// Copies an older archive that is about to be migrated, and returns the copy's path. One that the
/// same state was copied to before (a migration that was interrupted) is enough; one of another
/// state stays, and the copy gets a number.
pub(super) fn before_migration(connection: &Connection, path: &Path) -> Result<Option<PathBuf>> {
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
    for number in 1.. {
        let copy_path = backup_path(path, number);
        match Reader::open_for_copy(&copy_path) {
            Err(Error::NoDatabase(_)) if !exists(&copy_path) => {
                copy(connection, path, &copy_path, CopyOptions::default(), &mut |_, _| {})?;
                return Ok(Some(copy_path));
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
    with_suffix(path, &format!(".before-v{SCHEMA_VERSION}{number}.bak"))
}

/// What tells one state of an archive from another: every id that was ever given, what an extractor
/// made of it, and how each import ended.
fn state(connection: &Connection) -> Result<Vec<(String, String)>> {
    const READ: &str = "SELECT name, CAST(seq AS TEXT) AS value FROM sqlite_sequence
        UNION ALL SELECT key, value FROM meta
        UNION ALL SELECT CAST(id AS TEXT), status || coalesce(finished_at, '') FROM import_run
        UNION ALL SELECT 'user_version', CAST(user_version AS TEXT) FROM pragma_user_version
        ORDER BY 1, 2";
    let mut statement = connection.prepare(READ)?;
    let rows = statement.query_map([], |row| Ok((row.get("name")?, row.get("value")?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Fails where the destination is the archive itself, or what belongs to it.
fn refuse_own_files(database: &Path, destination: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let own = || fs::metadata(database).ok().map(|found| (found.dev(), found.ino()));
    let there = fs::metadata(destination).ok().map(|found| (found.dev(), found.ino()));
    let place =
        |path: &Path| Some((folder_of(path).canonicalize().ok()?, path.file_name()?.to_owned()));
    let is_companion = || {
        COMPANIONS.iter().any(|suffix| place(&with_suffix(database, suffix)) == place(destination))
    };
    if (there.is_some() && there == own()) || is_companion() {
        return Err(Error::OntoItself(destination.to_owned()));
    }
    Ok(())
}

fn copy(
    from: &Connection,
    database: &Path,
    destination: &Path,
    options: CopyOptions,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied> {
    let making = CopyInMaking::create(destination, options.force)?;
    if let Ok(metadata) = fs::metadata(database) {
        // Whoever may not read the archive may not read its copy.
        fs::set_permissions(&making.temporary, metadata.permissions())
            .map_err(Error::at(destination))?;
    }
    let refused = |error: Error| match error {
        error if error.is_damage() => Error::DamagedCopy(database.to_owned()),
        Error::Sqlite(source) => Error::NotCopied { path: destination.to_owned(), source },
        other => other,
    };
    let copied = fill(from, database, &making, options.redact, on_progress).map_err(refused)?;
    making.finish()?;
    Ok(copied)
}

/// Copies into the file in the making, and checks what came of it.
fn fill(
    from: &Connection,
    database: &Path,
    making: &CopyInMaking,
    redact: bool,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied> {
    // One state, however many steps it takes: without it, every commit of an import would have the
    // copy begin again.
    let state = from.unchecked_transaction()?;
    let expected = row_counts(from)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(&making.temporary, flags)?;
    copy.busy_timeout(BUSY_TIMEOUT)?;
    // No file beside it; should this process die, the whole copy is worthless anyway.
    copy.pragma_update(None, "journal_mode", "MEMORY")?;
    let backup = Backup::new(from, &mut copy)?;
    loop {
        let step = backup.step(PAGES_AT_ONCE)?;
        let progress = backup.progress();
        let done = progress.pagecount - progress.remaining;
        on_progress(done as u64, progress.pagecount as u64);
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
    if redact {
        redact_rows(&copy)?;
    }
    let damaged = || Error::DamagedCopy(database.to_owned());
    let found = row_counts(&copy).map_err(|_| damaged())?;
    if found != expected || !is_whole(&copy)? {
        return Err(damaged());
    }
    copy.close().map_err(|(_, error)| error)?;
    let bytes = fs::metadata(&making.temporary).map_err(Error::at(&making.path))?.len();
    let count = |table: &str| found.get(table).map_or(0, |&count| count as u64);
    Ok(Copied { bytes, articles: count("article"), seeds: count("seed") })
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
    copy.execute_batch(REDACT)?;
    redact_carriers(copy)?;
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

/// How many rows each table has.
fn row_counts(connection: &Connection) -> Result<BTreeMap<String, i64>> {
    const COUNTS: &str = "SELECT 'site' AS name, count(*) AS count FROM site
        UNION ALL SELECT 'import_run', count(*) FROM import_run
        UNION ALL SELECT 'seed', count(*) FROM seed
        UNION ALL SELECT 'sighting', count(*) FROM sighting
        UNION ALL SELECT 'rejection', count(*) FROM rejection
        UNION ALL SELECT 'article', count(*) FROM article
        UNION ALL SELECT 'revision', count(*) FROM revision
        UNION ALL SELECT 'article_url', count(*) FROM article_url
        UNION ALL SELECT 'paragraph', count(*) FROM paragraph
        UNION ALL SELECT 'link', count(*) FROM link
        UNION ALL SELECT 'media', count(*) FROM media
        UNION ALL SELECT 'tag', count(*) FROM tag";
    let mut statement = connection.prepare(COUNTS)?;
    let rows = statement.query_map([], |row| Ok((row.get("name")?, row.get("count")?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A database under a temporary name beside its own; dropped before [`CopyInMaking::finish`], it
/// leaves nothing, nor what SQLite may have put beside it.
struct CopyInMaking {
    temporary: PathBuf,
    path: PathBuf,
}

impl CopyInMaking {
    fn create(path: &Path, force: bool) -> Result<Self> {
        let invalid = || Error::at(path)(std::io::ErrorKind::InvalidInput.into());
        let name = path.file_name().ok_or_else(invalid)?;
        let folder = folder_of(path);
        if !folder.is_dir() {
            return Err(Error::NoSuchFolder(folder.to_owned()));
        }
        if path.is_dir() || (!force && exists(path)) {
            return Err(Error::AlreadyExists(path.to_owned()));
        }
        // SQLite would take what stands beside the old file for changes to the new one.
        for suffix in ["-wal", "-journal"] {
            let companion = with_suffix(path, suffix);
            if exists(&companion) {
                return Err(Error::InUse { path: path.to_owned(), companion });
            }
        }
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(hidden);
        let made = OpenOptions::new().write(true).create_new(true).open(&temporary);
        made.map_err(Error::at(path))?;
        Ok(Self { temporary, path: path.to_owned() })
    }

    /// Brings the copy to the disk and gives it its name.
    fn finish(self) -> Result<()> {
        let synced = File::open(&self.temporary).and_then(|file| file.sync_all());
        synced.map_err(Error::at(&self.path))?;
        fs::rename(&self.temporary, &self.path).map_err(Error::at(&self.path))?;
        let folder = folder_of(&self.path);
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(Error::at(folder))
    }
}

impl Drop for CopyInMaking {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(with_suffix(&self.temporary, suffix));
        }
    }
}

/// Whether there is anything of that name, a link to nowhere too.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}
