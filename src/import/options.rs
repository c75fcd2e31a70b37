//! Options of an import.

use super::{GitSource, PageAddress};
use crate::model::{StopFlag, setters};
use crate::source::ImportFilter;
use crate::store::IndexWriting;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// 64 MiB: seeds have some 30 KB, so a larger file is hardly an article.
pub const DEFAULT_MAX_FILE_SIZE: u64 = 64 << 20;

/// Options of an import. By default, nothing is imported.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImportOptions {
    /// Files and folders, in this order; the files of a folder in byte order of their paths.
    pub paths: Vec<PathBuf>,
    /// A stream to read after the paths, usually standard input: one document or one container.
    pub stream: Option<Arc<File>>,
    /// A repository to import after these.
    pub git: Option<GitSource>,
    /// Which files of the paths, of containers and of the repository are asked for.
    pub filter: ImportFilter,
    /// The address of pages that do not name one.
    pub address: PageAddress,
    /// Report what would happen, without changing anything.
    pub dry_run: bool,
    /// Read files again even if their place, size and time are known.
    pub full: bool,
    /// Parser threads; 0 for one per core.
    pub jobs: usize,
    /// Bytes; larger files are rejected unread.
    pub max_file_size: u64,
    /// Whether to count the files ahead, in a walk of its own, so that [`Progress`](crate::Progress) has the share of
    /// what is stored. Not with a stream, documents or a repository.
    pub count_ahead: bool,
    /// How new articles are written to the full-text index.
    pub index: IndexWriting,
    /// Stored with the run, for a person.
    pub note: Option<String>,
    /// The command line of the program, stored with the run.
    pub arguments: Vec<String>,
    /// How long to wait for another writer; not at all by default.
    pub lock_wait: Duration,
    /// Ends the run early: everything stored by then is kept, and its status is
    /// [`Interrupted`](crate::RunStatus::Interrupted).
    pub stop: StopFlag,
}

impl ImportOptions {
    /// Imports everything in these files and folders.
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            stream: None,
            git: None,
            filter: ImportFilter::default(),
            address: PageAddress::Unknown,
            dry_run: false,
            full: false,
            jobs: 0,
            max_file_size: DEFAULT_MAX_FILE_SIZE,
            count_ahead: false,
            index: IndexWriting::default(),
            note: None,
            arguments: Vec::new(),
            lock_wait: Duration::ZERO,
            stop: StopFlag::new(),
        }
    }
}

setters!(ImportOptions {
    with_git(git: GitSource) => Some(git),
    with_filter(filter: ImportFilter) => filter,
    with_address(address: PageAddress) => address,
    with_dry_run(dry_run: bool) => dry_run,
    with_full(full: bool) => full,
    with_jobs(jobs: usize) => jobs,
    with_max_file_size(max_file_size: u64) => max_file_size,
    with_count_ahead(count_ahead: bool) => count_ahead,
    with_note(note: impl Into<String>) => Some(note.into()),
    with_lock_wait(lock_wait: Duration) => lock_wait,
    with_stop(stop: StopFlag) => stop,
});
