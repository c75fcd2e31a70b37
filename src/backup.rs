//! Copies of an archive: where they go, and which older ones may go.

use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::store::{Copied, CopyOptions, Reader, is_archive};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How to back up.
#[derive(Debug, Clone, Default)]
pub struct BackupOptions {
    /// Replace a file of that name.
    pub force: bool,
    /// Leave out where files lay, what the imports were called with, and the notes.
    pub redact: bool,
    /// Of the copies in the folder that were named by this program, leave only the latest so many.
    pub keep: Option<usize>,
}

/// What a backup came to.
#[derive(Debug, Clone, PartialEq)]
pub struct BackupReport {
    pub path: PathBuf,
    pub copied: Copied,
    /// Older copies that were removed.
    pub removed: Vec<PathBuf>,
    pub seconds: f64,
}

/// Copies the archive into a file, or into a folder under a name with the time; an import may be
/// under way. Older copies are removed only when the new one is there.
pub fn backup(
    database: &Path,
    destination: &Path,
    options: &BackupOptions,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<BackupReport> {
    let started = Instant::now();
    let reader = Reader::open_for_copy(database)?;
    let is_folder = destination.is_dir();
    if !is_folder && destination.as_os_str().as_bytes().ends_with(b"/") {
        return Err(Error::NoSuchFolder(destination.to_owned()));
    }
    let path = match is_folder {
        true => destination.join(dated_name(Timestamp::now())),
        false => destination.to_owned(),
    };
    let how = CopyOptions { force: options.force, redact: options.redact };
    let copied = reader.copy_to(&path, how, on_progress)?;
    let removed = match options.keep {
        Some(keep) if is_folder => remove_older(destination, &path, keep)?,
        _ => Vec::new(),
    };
    Ok(BackupReport { path, copied, removed, seconds: started.elapsed().as_secs_f64() })
}

/// `seedbank-20240204T234502Z.db`, which sorts by time.
fn dated_name(time: Timestamp) -> String {
    let time: String = time.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("seedbank-{time}.db")
}

fn is_dated_name(name: &str) -> bool {
    let time = name.strip_prefix("seedbank-").and_then(|rest| rest.strip_suffix(".db"));
    time.is_some_and(|time| {
        let shape = time.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
        shape.eq(*b"00000000T000000Z")
    })
}

/// Removes all but the latest copies of a folder: what has a name and a head as we give them, and
/// never the new one, whatever the clock said before.
fn remove_older(folder: &Path, new: &Path, keep: usize) -> Result<Vec<PathBuf>> {
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::at(folder))? {
        let entry = entry.map_err(Error::at(folder))?;
        let path = entry.path();
        let is_named = entry.file_name().to_str().is_some_and(is_dated_name);
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_named && is_file && path != new && is_archive(&path)? {
            copies.push(path);
        }
    }
    copies.sort();
    let most = keep.saturating_sub(1);
    copies.truncate(copies.len().saturating_sub(most));
    for path in &copies {
        std::fs::remove_file(path).map_err(Error::at(path))?;
    }
    Ok(copies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let name = dated_name(Timestamp::from_seconds(1_707_090_302).unwrap());
        assert_eq!(name, "seedbank-20240204T234502Z.db");
        assert!(is_dated_name(&name));
        for other in [
            "seedbank-20240204T234502Z.db-wal",
            "seedbank-20240204T234502.db",
            "seedbank-2024020xT234502Z.db",
            "seedbank-.db",
            "Seedbank-20240204T234502Z.db",
            "seedbank.db",
        ] {
            assert!(!is_dated_name(other), "{other}");
        }
    }
}
