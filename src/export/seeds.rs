//! Exports the original files.

use super::FileNames;
use super::folder::{ExportFolder, Kind};
use crate::error::Result;
use crate::files::ArchiveFiles;
use crate::model::{Sha256, SightingOutcome, Timestamp};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A folder of original files, with a manifest by which an import recognises it.
///
/// Dropping it before [`SeedFolder::finish`] leaves the folder as it was.
#[derive(Debug)]
pub struct SeedFolder {
    folder: ExportFolder,
    names: FileNames,
}

impl SeedFolder {
    /// Creates the folder. A folder that is not empty is refused, unless `force` is set: then files of the
    /// same names are replaced, but never those of the archive.
    pub fn create(folder: &Path, force: bool, archive: ArchiveFiles) -> Result<Self> {
        let folder = ExportFolder::create(folder, force, Kind::Seeds, archive)?;
        let names = FileNames::with_taken(folder.taken_names().iter().map(String::as_str));
        Ok(Self { folder, names })
    }

    /// Writes one seed, named by the last part of `path`, with its time.
    pub fn add(
        &mut self,
        path: &str,
        bytes: &[u8],
        sha256: &Sha256,
        observed_at: Option<Timestamp>,
        outcome: Option<SightingOutcome>,
    ) -> Result<()> {
        let name = self.names.take(path);
        // An unknown time must not be imported again as today's: an import treats 1970 as unknown.
        let seconds = observed_at.map_or(0, Timestamp::seconds).max(0);
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds as u64);
        self.folder.write(&name, bytes, Some(modified))?;
        self.folder.list(&json!({
            "sha256": sha256,
            "name": name,
            "observed_at": observed_at,
            "outcome": outcome.map_or("", SightingOutcome::as_str),
        }))
    }

    /// Gives all files their names, the manifest last; returns their number and total size in bytes.
    pub fn finish(self) -> Result<(u64, u64)> {
        self.folder.finish()
    }
}
