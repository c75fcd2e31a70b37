//! A git repository as a container: every version of every file in its history.
//!
//! The installed git is driven through pipes: `rev-list` lists the commits, `diff-tree` their changes,
//! `cat-file` returns bytes. The alternative was the library gix: 74 crates more than our 182, 70 s of a core
//! to build them and 3.9 MB in the program, for something that everybody with a repository has installed; and
//! git reads whatever git can write. Its answers are exact, and its plumbing commands ignore a repository's
//! configuration; the exceptions are switched off in `process.rs`. Nothing is written. Each question is
//! answered before the next is asked, so no backpressure or locking is needed, and git works while the
//! parsers do.
//!
//! Before git is started, `layout.rs` checks the files that it would open. `limits.rs` limits its resources,
//! and ends it together with us.
//!
//! 100,000 blobs (357 MB) in 2,000 commits take git 7 s of a core; the whole import took 200 s on two shared
//! cores, and 0.1 s the second time. seedbank used 96 MB of memory, `diff-tree` 49 MB in addition to the
//! mapped packs; with ten times the commits for the same number of blobs, 94 MB and 88 MB.

mod changes;
mod commits;
mod layout;
mod limits;
mod objects;
mod pages;
mod process;

pub use changes::{Allowance, ChangedFile, Changes, EntryKind, Found};
pub use commits::{Commit, Commits, Step};
pub use objects::{NotRead, Objects};
pub use pages::CommitPages;

use crate::error::{Error, Result};
use crate::files::open_safely;
use crate::model::{ObjectId, Sha256, StopFlag, path_label};
use layout::Layout;
use process::Git;
use sha2::Digest;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// git never writes a longer list of shallow commits.
const LONGEST_SHALLOW: u64 = 64 << 20;

/// A repository that git can read.
#[derive(Debug)]
pub struct Repository {
    git: Git,
    label: String,
    shallow: Vec<ObjectId>,
    object_bytes: u64,
}

impl Repository {
    /// Opens an ordinary or bare repository, a linked worktree, or a `.git` folder: exactly this folder,
    /// never a repository around it. Files outside of it are read only within the folders in `also`. When
    /// `stop` is requested, every wait for git fails.
    ///
    /// Fails if it is not a repository, if it leads outside or to something that is not a regular file, if it
    /// belongs to a user whom git's settings do not trust, and if git is not installed.
    pub fn open(path: &Path, also: &[PathBuf], stop: StopFlag) -> Result<Self> {
        let folder = existing(path)?;
        if !folder.is_dir() {
            return Err(Error::NotARepository(folder));
        }
        let Layout { own, common, object_bytes } = Layout::find(&folder, also, &stop)?;
        let git = Git::new(folder.clone(), stop).for_history(object_bytes);
        // git must find exactly what was checked.
        for (question, expected) in [("--absolute-git-dir", &own), ("--git-common-dir", &common)] {
            let found = git.ask_for_line(&["rev-parse", question])?;
            let found = folder.join(OsStr::from_bytes(&found));
            if fs::canonicalize(&found).ok() != fs::canonicalize(expected).ok() {
                return Err(Error::NotARepository(folder));
            }
        }
        let place = if common.ends_with(".git") { common.parent() } else { None };
        let label = path_label(place.unwrap_or(&common));
        Ok(Self { git, label, shallow: read_shallow(&common)?, object_bytes })
    }

    /// Size of its objects on disk, on which the limits of its history depend.
    pub fn object_bytes(&self) -> u64 {
        self.object_bytes
    }

    /// The repository's absolute path: that of its working tree if there is one. The same for each of its
    /// worktrees.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The commit of a branch, a tag or another name; without a name, the one that is checked out. `None` for
    /// a repository without commits.
    pub fn tip(&self, name: Option<&str>) -> Result<Option<ObjectId>> {
        let name = name.unwrap_or("HEAD");
        let is_sayable = !name.is_empty() && !name.contains(char::is_control);
        if is_sayable
            && !Layout::is_unopened(name)
            && let Some(id) = self.objects().commit_named(name)?
        {
            return Ok(Some(id));
        }
        let refs = self.git.ask_for_line(&["for-each-ref", "--count=1", "--format=%(refname)"])?;
        if refs.is_empty() && name == "HEAD" {
            Ok(None)
        } else {
            let repository = self.git.folder().to_owned();
            Err(Error::NoSuchCommit { repository, name: name.to_owned() })
        }
    }

    /// Whether the repository has only the end of its history.
    pub fn is_shallow(&self) -> bool {
        !self.shallow.is_empty()
    }

    /// Identifies where the history is cut off, on which the history of a tip depends. `None` if it is not.
    pub fn boundary(&self) -> Option<Sha256> {
        let mut hash = sha2::Sha256::new();
        self.shallow.iter().for_each(|id| hash.update(id.as_bytes()));
        self.is_shallow().then(|| Sha256::of_hash(hash))
    }

    /// The first of these commits that is met on the way back from `tip`.
    pub fn newest_of(
        &self,
        commits: &HashSet<ObjectId>,
        tip: &ObjectId,
    ) -> Result<Option<ObjectId>> {
        if commits.is_empty() {
            return Ok(None);
        }
        let tip = tip.to_string();
        let mut process = self.git.start(&[OsStr::new("rev-list"), OsStr::new(&tip)])?;
        // Unreadable commits are reported by the walk itself.
        let lines = process.output.by_ref().lines().map_while(std::io::Result::ok);
        let mut ids = lines.filter_map(|line| ObjectId::parse(&line));
        Ok(ids.find(|id| commits.contains(id)))
    }

    /// The commits of a history that are not in that of `base`.
    pub fn commits(&self, tip: &ObjectId, base: Option<&ObjectId>) -> Result<Commits> {
        Commits::start(&self.git, tip, base, self.shallow.clone())
    }

    /// The changes of the commits in the history of `tip`, at the paths that match.
    pub fn changes(
        &self,
        tip: &ObjectId,
        pattern: Option<&OsStr>,
        allowance: Allowance,
    ) -> Result<Changes> {
        Changes::start(&self.git, tip, pattern, allowance)
    }

    /// What reads the bytes of its objects.
    pub fn objects(&self) -> Objects {
        Objects::new(self.git.clone())
    }
}

/// The canonical path; fails if nothing is there.
fn existing(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::NoSuchPath(path.to_owned()),
        _ => Error::Io { path: path.to_owned(), error },
    })
}

/// The commits whose parents were left out when the repository was cloned, sorted.
fn read_shallow(common: &Path) -> Result<Vec<ObjectId>> {
    let path = common.join("shallow");
    let file = match open_safely(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::Io { path, error }),
    };
    let mut text = String::new();
    file.take(LONGEST_SHALLOW).read_to_string(&mut text).map_err(Error::at(&path))?;
    let mut shallow: Vec<ObjectId> = text.lines().filter_map(ObjectId::parse).collect();
    shallow.sort();
    Ok(shallow)
}
