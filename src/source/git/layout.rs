//! Checks the files of a repository before git opens one. git opens whatever has the names it knows, blocks
//! on a FIFO, and follows every link out of the repository.

use super::process::Git;
use crate::error::{Error, Result};
use crate::files::open_safely;
use crate::model::StopFlag;
use crate::source::file::read::kind_name;
use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Folders in which git opens nothing for us, unless a reference has such a name: hooks are switched off,
/// modules are repositories of their own, and the others belong to other programs.
const UNOPENED: [&str; 5] = ["hooks", "modules", "annex", "lfs", "rr-cache"];
/// The socket of git's file system monitor; it cannot be read.
const WATCHER: &str = "fsmonitor--daemon.ipc";
/// git reads these files completely: references, settings, lists of both. A sparse file can claim to be
/// larger than any memory.
const MOST_BYTES: u64 = 256 << 20;
/// The same for files that name one place, or a few.
const MOST_NAMES: u64 = 1 << 20;

/// Where the files of a repository are.
#[derive(Debug)]
pub(super) struct Layout {
    /// The folder that belongs to this working tree alone.
    pub own: PathBuf,
    /// The folder that all its worktrees share; usually the same.
    pub common: PathBuf,
    /// Size of its objects on disk, in bytes.
    pub object_bytes: u64,
}

impl Layout {
    /// Finds the repository in `folder`, which is canonical: an ordinary or bare one, a linked worktree, or a
    /// `.git` folder. Nothing outside of it and of the folders in `also` is opened, and nothing that is not a
    /// regular file.
    pub fn find(folder: &Path, also: &[PathBuf], stop: &StopFlag) -> Result<Self> {
        let mut look = Look::new(folder, also, stop)?;
        let own = look.own_folder(folder)?;
        look.walk(&own)?;
        let common = look.common_folder(&own)?;
        look.walk(&common)?;
        look.objects(&common.join("objects"))?;
        look.refuse_outside()?;
        if !is_repository(&own, &common) {
            return Err(Error::NotARepository(folder.to_owned()));
        }
        // The settings of one worktree are beside those of all.
        for file in [common.join("config"), own.join("config.worktree")] {
            look.settings(&file)?;
        }
        look.refuse_outside()?;
        Ok(Self { own, common, object_bytes: look.object_bytes })
    }

    /// Whether git would look for a reference of this name in a folder that was not checked.
    pub fn is_unopened(name: &str) -> bool {
        UNOPENED.iter().any(|folder| name.split('/').next() == Some(folder))
    }
}

/// The state of the check.
struct Look {
    /// All folders that may be read.
    roots: Vec<PathBuf>,
    git: Git,
    /// Folders and settings that were checked, canonical.
    seen: HashSet<PathBuf>,
    /// Links that lead out of the roots, and their targets.
    outside: Vec<(PathBuf, PathBuf)>,
    object_bytes: u64,
}

impl Look {
    fn new(folder: &Path, also: &[PathBuf], stop: &StopFlag) -> Result<Self> {
        let mut roots = vec![folder.to_owned()];
        for path in also {
            roots.push(super::existing(path)?);
        }
        // Outside of the repository, so that git does not open any of its files by itself.
        let git = Git::new(PathBuf::from("/"), stop.clone());
        Ok(Self { roots, git, seen: HashSet::new(), outside: Vec::new(), object_bytes: 0 })
    }

    /// The target of a path, if it may be read; `None` if nothing is there.
    fn follow(&mut self, place: &Path, way: &Path) -> Option<PathBuf> {
        let target = fs::canonicalize(way).ok()?;
        if self.roots.iter().any(|root| target.starts_with(root)) {
            return Some(target);
        }
        self.outside.push((place.to_owned(), target));
        None
    }

    fn refuse_outside(&mut self) -> Result<()> {
        let Some((place, target)) = self.outside.first().cloned() else { return Ok(()) };
        // The files of a worktree are inside those of its repository, and need both.
        let whole = |target: &Path| match target.parent() {
            Some(worktrees) if worktrees.ends_with("worktrees") => {
                worktrees.parent().unwrap_or(target).to_owned()
            }
            _ => target.to_owned(),
        };
        let named: BTreeSet<PathBuf> = self.outside.iter().map(|(_, to)| whole(to)).collect();
        Err(Error::LeadsOutside { place, target, named: named.into_iter().collect() })
    }

    /// The folder that git would use as the repository of this one.
    fn own_folder(&mut self, folder: &Path) -> Result<PathBuf> {
        let inside = folder.join(".git");
        let Ok(found) = fs::symlink_metadata(&inside) else { return Ok(folder.to_owned()) };
        let not_one = || Error::NotARepository(folder.to_owned());
        let (mut own, mut found) = (inside.clone(), found);
        if found.is_symlink() {
            let target = self.follow(&inside, &inside);
            self.refuse_outside()?;
            own = target.ok_or_else(not_one)?;
            found = fs::symlink_metadata(&own).map_err(Error::at(&own))?;
        }
        if found.is_dir() {
            return Ok(own);
        }
        let named = read_names(&own, &found)?;
        let named = named.strip_prefix(b"gitdir:").ok_or_else(not_one)?;
        let way = folder.join(OsStr::from_bytes(named.trim_ascii()));
        let target = self.follow(&inside, &way);
        self.refuse_outside()?;
        target.filter(|target| target.is_dir()).ok_or_else(not_one)
    }

    /// The folder that this worktree shares with others: the one that it names, or its own.
    fn common_folder(&mut self, own: &Path) -> Result<PathBuf> {
        let file = own.join("commondir");
        let Ok(found) = fs::metadata(&file) else { return Ok(own.to_owned()) };
        let named = read_names(&file, &found)?;
        let end = named.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |last| last + 1);
        let way = own.join(OsStr::from_bytes(&named[..end]));
        let target = self.follow(&file, &way);
        self.refuse_outside()?;
        target.ok_or_else(|| Error::NotARepository(own.to_owned()))
    }

    /// Checks every file that git may open below a repository's folder.
    fn walk(&mut self, top: &Path) -> Result<()> {
        let is_opened = |name: &OsStr| !UNOPENED.iter().any(|unopened| name == *unopened);
        let is_counted = |name: &OsStr| {
            let name = name.as_bytes();
            // The index files are not read, and logs are read line by line.
            !name.starts_with(b"index") && !name.starts_with(b"sharedindex") && name != b"logs"
        };
        if !self.seen.insert(top.to_owned()) {
            return Ok(());
        }
        for entry in entries(top)? {
            let (name, kind) = entry;
            let path = top.join(&name);
            if name == *"objects" || !is_opened(&name) || (name == *WATCHER && kind.is_socket()) {
                continue;
            }
            self.walk_entry(path, kind, if is_counted(&name) { Of::Names } else { Of::Others })?;
        }
        Ok(())
    }

    /// Checks one entry, and everything below it.
    fn walk_entry(&mut self, path: PathBuf, kind: FileType, of: Of) -> Result<()> {
        let mut waiting = vec![(path, kind)];
        while let Some((path, kind)) = waiting.pop() {
            let (path, kind) = if !kind.is_symlink() {
                (path, kind)
            } else {
                let Some(target) = self.follow(&path, &path) else { continue };
                let found = fs::symlink_metadata(&target).map_err(Error::at(&target))?;
                (target, found.file_type())
            };
            if kind.is_dir() {
                if self.seen.insert(path.clone()) {
                    let below = entries(&path)?.into_iter();
                    waiting.extend(below.map(|(name, kind)| (path.join(name), kind)));
                }
                continue;
            }
            // Deleted in the meantime, as a lock may be.
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            check_regular(&path, &found)?;
            match of {
                Of::Names if found.len() > MOST_BYTES => {
                    let what = format!("has {} bytes; the limit is {MOST_BYTES}", found.len());
                    return Err(Error::StrangeRepository { place: path, what });
                }
                Of::Objects => self.object_bytes += found.blocks() * 512,
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks a folder of objects, and those that it borrows objects from.
    fn objects(&mut self, folder: &Path) -> Result<()> {
        let mut waiting = vec![(folder.to_owned(), folder.to_owned())];
        while let Some((place, way)) = waiting.pop() {
            let Some(folder) = self.follow(&place, &way) else { continue };
            let found = fs::symlink_metadata(&folder).map_err(Error::at(&folder))?;
            let is_new = !self.seen.contains(&folder);
            self.walk_entry(folder.clone(), found.file_type(), Of::Objects)?;
            let list = folder.join("info/alternates");
            let Some(found) = fs::metadata(&list).ok().filter(|_| is_new) else { continue };
            for line in read_names(&list, &found)?.split(|byte| *byte == b'\n') {
                match line.first() {
                    None | Some(b'#') => {}
                    Some(b'"') => {
                        let what = "names a folder in quotation marks, which is not read".into();
                        return Err(Error::StrangeRepository { place: list, what });
                    }
                    Some(_) => {
                        waiting.push((list.clone(), folder.join(OsStr::from_bytes(line))));
                    }
                }
            }
        }
        Ok(())
    }

    /// Checks the files that settings include, whatever the condition.
    fn settings(&mut self, file: &Path) -> Result<()> {
        const ELSEWHERE: &str = r"^(include(if\..*)?\.path|extensions\.refstorage)$";
        let mut waiting = vec![file.to_owned()];
        while let Some(file) = waiting.pop() {
            let Ok(real) = fs::canonicalize(&file) else { continue };
            if !self.seen.insert(real) {
                continue;
            }
            for (key, value) in settings(&self.git, &file, ELSEWHERE)? {
                if key == b"extensions.refstorage" {
                    if value.windows(3).any(|part| part == b"://") {
                        let what = "has its references kept elsewhere".into();
                        return Err(Error::StrangeRepository { place: file, what });
                    }
                    continue;
                }
                let way = file.with_file_name(OsStr::from_bytes(&value));
                let Some(target) = self.follow(&file, &way) else { continue };
                let found = fs::symlink_metadata(&target).map_err(Error::at(&target))?;
                self.walk_entry(target, found.file_type(), Of::Names)?;
                waiting.push(way);
            }
        }
        Ok(())
    }
}

/// What a file belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Objects,
    /// Files that git reads completely.
    Names,
    Others,
}

/// A folder's entries; none if it no longer exists.
fn entries(folder: &Path) -> Result<Vec<(OsString, FileType)>> {
    let read = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(Error::at(folder))?,
    };
    let entry = |entry: io::Result<fs::DirEntry>| {
        entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?)))
    };
    read.map(entry).collect::<io::Result<_>>().map_err(Error::at(folder))
}

fn check_regular(path: &Path, found: &Metadata) -> Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let what = format!("is not a regular file: a {}", kind_name(found));
    Err(Error::StrangeRepository { place: path.to_owned(), what })
}

/// A file that names places, read completely.
fn read_names(path: &Path, found: &Metadata) -> Result<Vec<u8>> {
    check_regular(path, found)?;
    // A link that leads to it was already followed.
    let real = fs::canonicalize(path).map_err(Error::at(path))?;
    let mut names = Vec::new();
    let file: File = open_safely(&real).map_err(Error::at(path))?;
    file.take(MOST_NAMES + 1).read_to_end(&mut names).map_err(Error::at(path))?;
    if names.len() as u64 > MOST_NAMES {
        let what = format!("has more than {MOST_NAMES} bytes");
        return Err(Error::StrangeRepository { place: path.to_owned(), what });
    }
    Ok(names)
}

/// Whether git takes this for a repository. If not, it would try the folder around it, which was not checked.
fn is_repository(own: &Path, common: &Path) -> bool {
    let head = own.join("HEAD");
    let is_head = match fs::read_link(&head) {
        Ok(target) => target.as_os_str().as_bytes().starts_with(b"refs/"),
        Err(_) => {
            let mut text = Vec::new();
            let read = open_safely(&head).and_then(|file| file.take(255).read_to_end(&mut text));
            let name = text.strip_prefix(b"ref:").map(<[u8]>::trim_ascii_start);
            let is_id = || text.len() >= 40 && text[..40].iter().all(u8::is_ascii_hexdigit);
            read.is_ok() && name.map_or_else(is_id, |name| name.starts_with(b"refs/"))
        }
    };
    is_head && common.join("objects").is_dir() && common.join("refs").is_dir()
}

/// The values of the settings whose names match, with `~` resolved, from this file alone.
fn settings(git: &Git, file: &Path, pattern: &str) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let arguments = ["config", "--no-includes", "--null", "--type=path", "--get-regexp", pattern];
    let mut all: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    let mut named = OsString::from("--file=");
    named.push(file);
    all.insert(1, &named);
    let answer = git.ask(&all)?;
    // git exits with 1 if there is no such setting.
    if !answer.status.success() && answer.status.code() != Some(1) {
        let repository = file.to_owned();
        return Err(Error::Git { repository, message: answer.reason() });
    }
    let settings = answer.text.split(|byte| *byte == 0).filter(|setting| !setting.is_empty());
    let parts = settings.map(|setting| {
        let mut parts = setting.splitn(2, |byte| *byte == b'\n').map(<[u8]>::to_vec);
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    });
    Ok(parts.collect())
}
