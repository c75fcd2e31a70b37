//! A git repository as a container: every version of every file in its history.
//!
//! The installed git is driven by pipes: `rev-list` for the commits, `diff-tree` for what each
//! brought, `cat-file` for bytes. The library gix would have been the other choice: 74 crates more than
//! our 182, 70 s of a core to build them and 3.9 MB in the program, for what whoever has a repository has
//! installed; and git reads whatever git can write. Its answers are exact and its plumbing neither runs
//! nor heeds what a repository's configuration says; what could do so all the same is switched off in
//! `process.rs`. Nothing is written. Each question is answered before the next is asked: there is
//! nothing to hold back and nothing to lock, and git is at work while the parsers are.
//!
//! Before git is started, `layout.rs` looks through what it would open. `limits.rs` bounds what it takes,
//! and ends it with us.
//!
//! 100,000 blobs (357 MB) in 2,000 commits take git 7 s of a core; the whole import took 200 s on two
//! cores that others used too, 0.1 s the second time. seedbank held 96 MB then, `diff-tree` 49 MB beside
//! its view of the packs; with ten times the commits for as many blobs, 94 MB and 88 MB.

mod changes;
mod commits;
mod layout;
mod limits;
mod objects;
mod process;

pub use changes::{Allowance, Change, Changes, EntryKind, Found};
pub use commits::{Commit, Commits, Step};
pub use objects::{NotRead, Objects};

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

/// A list of more shallow commits than fit in here is none of git's.
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
    /// Opens an ordinary or bare repository, a linked worktree, or a `.git` folder: this one, never
    /// one that it merely lies in. What it has outside of its folder is read only within the folders
    /// of `also`. When `stop` is requested, whatever waits for git fails.
    ///
    /// Fails where it is none, where it leads outside or to what is no regular file, where it belongs
    /// to somebody whom git's settings do not trust, and where there is no git.
    pub fn open(path: &Path, also: &[PathBuf], stop: StopFlag) -> Result<Self> {
        let folder = existing(path)?;
        if !folder.is_dir() {
            return Err(Error::NotARepository(folder));
        }
        let Layout { own, common, object_bytes } = Layout::find(&folder, also, &stop)?;
        let git = Git::new(folder.clone(), stop).for_history(object_bytes);
        // git has to find what was looked through, and nothing else.
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

    /// What its objects take on the disk: what its history may come to depends on it.
    pub fn object_bytes(&self) -> u64 {
        self.object_bytes
    }

    /// The repository's absolute path: of its working tree where that stands around it. The same
    /// for each of its worktrees.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The commit that a branch, a tag or any other name stands for; without a name, the one that
    /// is checked out. `None` for a repository without any.
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

    /// Whether the history does not go back to its beginning here.
    pub fn is_shallow(&self) -> bool {
        !self.shallow.is_empty()
    }

    /// Stands for where the history is cut off: what a tip's history is depends on it. `None`
    /// where it is not.
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
        // What cannot be read on the way is told by the walk itself.
        let lines = process.output.by_ref().lines().map_while(std::io::Result::ok);
        let mut ids = lines.filter_map(|line| ObjectId::parse(&line));
        Ok(ids.find(|id| commits.contains(id)))
    }

    /// The commits of a history that are not in that of `base`.
    pub fn commits(&self, tip: &ObjectId, base: Option<&ObjectId>) -> Result<Commits> {
        Commits::start(&self.git, tip, base, self.shallow.clone())
    }

    /// What commits of the history of `tip` brought to the paths that match.
    pub fn changes(
        &self,
        tip: &ObjectId,
        pattern: Option<&OsStr>,
        allowance: Allowance,
    ) -> Result<Changes> {
        Changes::start(&self.git, tip, pattern, allowance)
    }

    pub fn objects(&self) -> Objects {
        Objects::new(self.git.clone())
    }
}

/// A path as it is in truth; fails where nothing is there.
fn existing(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::NoSuchPath(path.to_owned()),
        _ => Error::Io { path: path.to_owned(), source: error },
    })
}

/// The commits whose parents were left behind when the repository was cloned, sorted.
fn read_shallow(common: &Path) -> Result<Vec<ObjectId>> {
    let path = common.join("shallow");
    let file = match open_safely(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::Io { path, source: error }),
    };
    let mut text = String::new();
    file.take(LONGEST_SHALLOW).read_to_string(&mut text).map_err(Error::at(&path))?;
    let mut shallow: Vec<ObjectId> = text.lines().filter_map(ObjectId::parse).collect();
    shallow.sort();
    Ok(shallow)
}
