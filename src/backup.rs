//! Copies of an archive: where they are written, and which older ones are removed.

use crate::error::{Error, Result};
use crate::files::{ArchiveFiles, Taken, folder_of, real_path, remove_leftovers};
use crate::model::{StopFlag, Timestamp, setters};
use crate::store::{Copied, CopyMark, CopyOptions, Reader};
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Options of a backup.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BackupOptions {
    /// Replace an existing file of that name.
    pub force: bool,
    /// Leave out file paths, import command lines and notes.
    pub redact: bool,
    /// Keep only this many copies of this archive in the folder, the newest, including the new one. Redacted
    /// copies are counted separately, since they are incomplete.
    pub keep: Option<usize>,
    /// Cancels the copy and removes it.
    pub stop: StopFlag,
}

setters!(BackupOptions {
    with_force(force: bool) => force,
    with_redact(redact: bool) => redact,
    with_keep(keep: usize) => Some(keep),
    with_stop(stop: StopFlag) => stop,
});

/// The result of a backup.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BackupReport {
    /// The new copy.
    pub copied: Copied,
    /// Older copies that were removed.
    pub removed: Vec<PathBuf>,
    /// Copies in the folder from before archives had an identity. It is not known whose copies they are, so
    /// they are never removed. Counted if older copies are removed.
    pub unidentified: usize,
    /// Whether older copies were kept because the database is itself a copy that nothing was imported into:
    /// they may be newer and more complete than it.
    pub is_untouched_copy: bool,
    /// How long it took.
    pub seconds: f64,
}

/// Copies the archive into a file, or into a folder under a name with the time, also while an import runs.
/// Older copies are removed only after the new one is complete.
///
/// # Errors
///
/// If there is no archive, it is damaged, or the copy cannot be written: then nothing of it remains.
pub fn backup(
    database: &Path,
    destination: &Path,
    options: &BackupOptions,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<BackupReport> {
    let started = Instant::now();
    let mut reader = Reader::open_for_copy(database)?;
    reader.stop_by(&options.stop)?;
    let own = ArchiveFiles::of(database);
    let is_folder = destination.is_dir();
    if !is_folder && destination.as_os_str().as_bytes().ends_with(b"/") {
        return Err(Error::NoSuchFolder(destination.to_owned()));
    }
    let (path, taken) = if is_folder {
        // Includes leftovers from when all copies had the same name.
        let is_kin = |name: &OsStr| DatedName::parse(name).is_some();
        remove_leftovers(destination, &is_kin, &own);
        let real = real_path(database).map_err(Error::at(database))?;
        (destination.join(dated_name(&real, Timestamp::now())), Taken::Numbered)
    } else {
        (destination.to_owned(), Taken::replaced_if(options.force))
    };
    // Before the identity is read: an import that starts meanwhile gives it another one.
    let removes = options.keep.filter(|_| is_folder);
    let is_untouched_copy = removes.is_some() && reader.is_untouched_copy()?;
    let how = CopyOptions { taken, redact: options.redact, stop: options.stop.clone() };
    let copied = reader.copy_to(&path, how, on_progress)?;
    let older = match removes {
        Some(keep) if !is_untouched_copy => {
            let mut mark = reader.copy_mark()?;
            mark.is_redacted |= options.redact;
            remove_older(&mark, &own, &copied.path, keep)?
        }
        _ => Older::default(),
    };
    Ok(BackupReport {
        copied,
        removed: older.removed,
        unidentified: older.unidentified,
        is_untouched_copy,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// `news-20240204T234502Z.db` for `news.db`.
fn dated_name(database: &Path, time: Timestamp) -> OsString {
    /// In bytes: file systems allow 255, and a temporary name must fit too.
    const LONGEST: usize = 150;
    let name = database.file_stem().unwrap_or_default().as_bytes();
    let time: String = time.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let mut dated = OsStr::from_bytes(&name[..name.len().min(LONGEST)]).to_owned();
    dated.push(format!("-{time}.db"));
    dated
}

/// A file name that this program made; ordered by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct DatedName {
    time: Vec<u8>,
    /// 1 for a copy without a number in its name.
    number: u64,
}

impl DatedName {
    fn parse(name: &OsStr) -> Option<Self> {
        const SHAPE: &[u8] = b"-00000000T000000Z";
        let name = name.as_bytes().strip_suffix(b".db")?;
        let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let (rest, number) = name.split_at(name.len() - digits);
        let (rest, number) = if digits > 0 {
            (rest.strip_suffix(b"-")?, std::str::from_utf8(number).ok()?.parse().ok()?)
        } else {
            (rest, 1)
        };
        let (name, time) = rest.split_at(rest.len().checked_sub(SHAPE.len())?);
        let shape = time.iter().map(|&byte| if byte.is_ascii_digit() { b'0' } else { byte });
        let is_dated = !name.is_empty() && shape.eq(SHAPE.iter().copied());
        is_dated.then(|| Self { time: time.to_owned(), number })
    }
}

/// The result of looking for older copies.
#[derive(Debug, Default)]
struct Older {
    removed: Vec<PathBuf>,
    unidentified: usize,
}

/// Removes all but the newest complete copies of an archive from the folder of a new copy. Only files named
/// by this program, whatever the archive was called then. Only copies older than the new one, by name: of
/// backups that end at the same time, the newest is kept. Never the archive that was copied.
fn remove_older(mark: &CopyMark, own: &ArchiveFiles, new: &Path, keep: usize) -> Result<Older> {
    let folder = folder_of(new);
    let dated = |path: &Path| Some((DatedName::parse(path.file_name()?)?, path.to_owned()));
    let limit = dated(new);
    let mut copies = Vec::new();
    let mut unidentified = 0;
    for entry in std::fs::read_dir(folder).map_err(Error::at(folder))? {
        let entry = entry.map_err(Error::at(folder))?;
        let path = entry.path();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let may_go = is_file && path != new && !own.contains(&path);
        let Some(copy) = dated(&path).filter(|_| may_go) else { continue };
        match CopyMark::read(&path) {
            Ok(Some(CopyMark { archive_id: None, .. })) => unidentified += 1,
            Ok(Some(found)) if found == *mark => copies.push(copy),
            _ => {}
        }
    }
    copies.sort();
    let most = keep.saturating_sub(1);
    copies.truncate(copies.len().saturating_sub(most));
    copies.retain(|copy| limit.as_ref().is_some_and(|new| copy < new));
    let removed: Vec<PathBuf> = copies.into_iter().map(|(_, path)| path).collect();
    for path in &removed {
        match std::fs::remove_file(path) {
            // Another backup is removing the same file.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed.map_err(Error::at(path))?,
        }
    }
    Ok(Older { removed, unidentified })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Writer;
    use std::time::Duration;

    fn back_up(database: &Path, destination: &Path) -> BackupReport {
        let keep_one = BackupOptions { keep: Some(1), ..BackupOptions::default() };
        backup(database, destination, &keep_one, &mut |_, _| {}).unwrap()
    }

    fn names_in(folder: &Path) -> Vec<OsString> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    }

    /// In whatever order simultaneous backups finish.
    #[test]
    fn the_newest_copy_stays() {
        let outer = tempfile::tempdir().unwrap();
        let database = outer.path().join("news.db");
        drop(Writer::open(&database, Duration::ZERO).unwrap());
        let names = [
            "x-20240204T234501Z.db",
            "news-20240204T234502Z.db",
            "other-20240204T234502Z.db",
            "news-20240204T234502Z-2.db",
        ];
        let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]];
        for (number, order) in orders.into_iter().enumerate() {
            let folder = outer.path().join(number.to_string());
            std::fs::create_dir(&folder).unwrap();
            for name in names {
                back_up(&database, &folder.join(name));
            }
            let mark = Reader::open_for_copy(&database).unwrap().copy_mark().unwrap();
            for new in order {
                let own = ArchiveFiles::of(&database);
                remove_older(&mark, &own, &folder.join(names[new]), 1).unwrap();
                assert!(folder.join(names[3]).exists(), "{order:?}");
            }
            assert_eq!(names_in(&folder), [names[3]], "{order:?}");
        }
    }

    #[test]
    fn the_archive_that_is_copied_stays() {
        let outer = tempfile::tempdir().unwrap();
        let kept = outer.path().join("kept");
        std::fs::create_dir(&kept).unwrap();
        let database = kept.join("news-20240204T234502Z.db");
        Writer::open(&database, Duration::ZERO).unwrap().checkpoint().unwrap();
        let other = kept.join("news-20240204T234503Z.db");
        let link = outer.path().join("link.db");
        std::os::unix::fs::symlink(&database, &link).unwrap();
        for name in [&database, &link] {
            back_up(&database, &other);
            let report = back_up(name, &kept);
            assert!(report.removed.contains(&other), "{report:?}");
            assert!(database.exists() && report.copied.path.exists());
        }
    }

    /// Whatever both were called, and whether or not the first was written since.
    #[test]
    fn a_copy_that_is_written_is_another_archive() {
        let outer = tempfile::tempdir().unwrap();
        let path = |name: &str| outer.path().join(name);
        let (first, kept) = (path("news.db"), path("kept"));
        std::fs::create_dir(path("other")).unwrap();
        std::fs::create_dir(&kept).unwrap();
        let second = path("other/news.db");
        // To the end of its rollback-journal period, in which it looks like a copy.
        Writer::open(&first, Duration::ZERO).unwrap().checkpoint().unwrap();
        let identity = |path: &Path| Reader::open(path).unwrap().archive_id().unwrap();
        let before = kept.join("news-20240204T234502Z.db");
        back_up(&first, &before);
        back_up(&first, &second);
        assert_eq!(identity(&second), identity(&first));
        for _ in 0..2 {
            drop(Writer::open(&second, Duration::ZERO).unwrap());
            drop(Writer::open(&first, Duration::ZERO).unwrap());
            let own = back_up(&second, &kept);
            assert!(!own.removed.contains(&before) && before.exists(), "{own:?}");
            assert_eq!(identity(&own.copied.path), identity(&second));
            assert_ne!(identity(&second), identity(&first));
        }
        let report = back_up(&first, &kept);
        assert_eq!(report.removed, [before]);
        assert_eq!(names_in(&kept).len(), 2);
    }

    /// The copies may contain what was imported after the restored one.
    #[test]
    fn a_restored_copy_removes_nothing() {
        let outer = tempfile::tempdir().unwrap();
        let (database, kept) = (outer.path().join("news.db"), outer.path().join("kept"));
        std::fs::create_dir(&kept).unwrap();
        Writer::open(&database, Duration::ZERO).unwrap().checkpoint().unwrap();
        let early = kept.join("news-20240204T234502Z.db");
        let late = kept.join("news-20240205T234502Z.db");
        for copy in [&early, &late] {
            back_up(&database, copy);
        }
        std::fs::remove_file(&database).unwrap();
        std::fs::copy(&early, &database).unwrap();
        let report = back_up(&database, &kept);
        assert!(report.is_untouched_copy, "{report:?}");
        assert_eq!(report.removed, [""; 0].map(PathBuf::from));
        assert_eq!(names_in(&kept).len(), 3);

        // After it is written to, it is another archive, which removes only its own copies.
        Writer::open(&database, Duration::ZERO).unwrap().checkpoint().unwrap();
        let first = back_up(&database, &kept);
        assert!(!first.is_untouched_copy && first.removed.is_empty(), "{first:?}");
        assert_eq!(back_up(&database, &kept).removed, [first.copied.path]);
        assert!(early.exists() && late.exists());
    }

    #[test]
    fn a_copy_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("news.db");
        drop(Writer::open(&database, Duration::ZERO).unwrap());
        std::fs::create_dir(folder.path().join("kept")).unwrap();
        let options = BackupOptions { keep: Some(1), ..BackupOptions::default() };
        let stop = options.stop.clone();
        let kept = folder.path().join("kept");
        let ended = backup(&database, &kept, &options, &mut |_, _| stop.request());
        assert!(ended.unwrap_err().is_interruption());
        assert_eq!(names_in(&kept), [""; 0]);
    }

    #[test]
    fn names() {
        let time = Timestamp::from_seconds(1_707_090_302).unwrap();
        assert_eq!(dated_name(Path::new("/a/news.db"), time), "news-20240204T234502Z.db");
        assert_eq!(dated_name(Path::new("a.b.sqlite"), time), "a.b-20240204T234502Z.db");
        let parsed = |name: &str| DatedName::parse(OsStr::new(name));
        let bare = "字".repeat(80);
        for name in ["news", "seedbank", "a-20240204T234502Z", "-", &bare] {
            let dated = dated_name(Path::new(name), time);
            assert!(DatedName::parse(&dated).is_some() && dated.len() <= 200, "{dated:?}");
        }
        let inorder = [
            "b-20230204T234502Z.db",
            "a-20240204T234502Z.db",
            "b-20240204T234502Z-2.db",
            "a-20240204T234502Z-10.db",
            "a-20240204T234503Z.db",
        ];
        assert!(inorder.is_sorted_by_key(|name| parsed(name).unwrap()));
        for other in [
            "seedbank-20240204T234502Z.db-wal",
            "seedbank-20240204T234502.db",
            "seedbank-2024020xT234502Z.db",
            "seedbank-20240204T234502Z2.db",
            "seedbank-20240204T234502Z-.db",
            "seedbank-.db",
            "-20240204T234502Z.db",
            "20240204T234502Z.db",
            "seedbank.db",
        ] {
            assert_eq!(parsed(other), None, "{other}");
        }
    }
}
