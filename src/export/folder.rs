//! The folder of an export, which is changed completely or not at all.
//!
//! The files are written into a stage, a subfolder of the folder, and moved to their names when all are
//! written; the files that they replace are kept in the stage until then. An export that fails or is killed
//! is undone from the stage, at once or by the next export.

use super::page_names::{is_html_page, is_markdown_page};
use crate::error::{Error, Result};
use crate::files::{ArchiveFiles, exists, open_safely, remove_leftovers};
use crate::model::Sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// The file that an export leaves beside the others, and its first line, by which an import recognises that
/// it is not a seed.
pub(super) const MANIFEST: &str = "manifest.jsonl";
const MANIFEST_HEADER: &str = "{\"seedbank_manifest\":1}";

/// The stage and its contents: the new files and their manifest, which gets its final name when it is
/// complete; the replaced files; the manifest of the earlier export; and a mark, see [`Kind::mark`].
const STAGE: &str = ".export.unfinished";
const NEW: &str = "new";
const NEW_MANIFEST: &str = "manifest.jsonl";
const MANIFEST_IN_MAKING: &str = "manifest.jsonl.unfinished";
const OLD: &str = "old";
const OLD_MANIFEST: &str = "earlier.jsonl";

/// The kind of an export, which decides what an earlier export of the same kind may have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Seeds,
    Html,
    Markdown,
}

impl Kind {
    /// Whether an export of this kind can have made a page with this name. Seeds keep their original names,
    /// so none is recognised.
    fn makes(self, name: &str) -> bool {
        match self {
            Self::Seeds => false,
            Self::Html => is_html_page(name),
            Self::Markdown => is_markdown_page(name),
        }
    }

    /// Whether an export of this kind uses such a file name.
    fn gives(self, name: &str) -> bool {
        match self {
            Self::Seeds => !name.contains('/') && ![MANIFEST, STAGE].contains(&name),
            Self::Html | Self::Markdown => self.makes(name),
        }
    }

    /// The name of an empty file in the stage, which shows that an export of this kind made it. It contains
    /// the inode of the stage: without that, a stage from elsewhere, in a repository or an archive file,
    /// could make an export replace files in the folder.
    fn mark(self, stage: &Path) -> io::Result<PathBuf> {
        let inode = stage.symlink_metadata()?.ino();
        Ok(stage.join(format!("{self:?}-{inode}").to_ascii_lowercase()))
    }

    /// The kind of the export that made a stage; `None` if no export made it.
    fn of_stage(stage: &Path) -> Option<Self> {
        let kinds = [Self::Seeds, Self::Html, Self::Markdown].into_iter();
        let is_marked = |kind: &Self| kind.mark(stage).is_ok_and(|mark| exists(&mark));
        kinds.filter(|_| is_real_folder(stage)).find(is_marked)
    }
}

/// A line of a manifest: of a page, or of a seed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Listed {
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(skip_serializing)]
    name: Option<String>,
    #[serde(skip_serializing)]
    sha256: Option<String>,
}

impl Listed {
    /// Whether a file can be the one that a line of this kind of export describes: a user may have replaced
    /// it.
    fn is_made(&self, kind: Kind, name: &str, path: &Path) -> bool {
        let Ok(mut file) = open_regular(path) else { return false };
        let Some(sha256) = &self.sha256 else { return kind.makes(name) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).is_ok_and(|_| {
            let found = Sha256::of(bytes);
            found.to_string() == *sha256
        })
    }

    /// The name, if an export can have used it: of a file, or of one in a subfolder.
    fn place(&self) -> Option<&str> {
        let name = self.page.as_deref().or(self.name.as_deref())?;
        let parts: Vec<_> = Path::new(name).components().collect();
        let is_inside = parts.iter().all(|part| matches!(part, Component::Normal(_)));
        (is_inside && (1..=2).contains(&parts.len())).then_some(name)
    }
}

/// The lines of a manifest after its header, as far as they are readable: a kill truncates the last one.
fn lines(manifest: &Path) -> Result<impl Iterator<Item = Listed>> {
    let file = open_regular(manifest)?;
    let lines = BufReader::new(file).split(b'\n').map_while(io::Result::ok).skip(1);
    Ok(lines.filter_map(|line| serde_json::from_slice(&line).ok()))
}

/// Opens a regular file for reading; never blocks on anything else with that name.
fn open_regular(path: &Path) -> Result<File> {
    let file = open_safely(path).map_err(Error::at(path))?;
    if !file.metadata().map_err(Error::at(path))?.is_file() {
        return Err(Error::NotAFile(path.to_owned()));
    }
    Ok(file)
}

/// An export in progress; nothing in the folder changes before [`ExportFolder::finish`].
#[derive(Debug)]
pub(super) struct ExportFolder {
    folder: PathBuf,
    kind: Kind,
    own: ArchiveFiles,
    manifest: BufWriter<File>,
    /// The subfolders created in the stage.
    subfolders: BTreeSet<String>,
    files: u64,
    bytes: u64,
    is_made: bool,
    is_done: bool,
    /// A lock, so that there is one export at a time; a stage without a lock is a leftover.
    _lock: File,
}

impl ExportFolder {
    /// Creates the folder, readable only by users who may read the archive. Refuses a folder that is not
    /// empty, unless `force` is set: then pages of an earlier export of the same kind are removed, files of
    /// the same names are replaced, and all others are kept.
    ///
    /// Fails with [`Error::ForeignManifest`] if another kind of export is in the folder, with
    /// [`Error::InTheWay`] if something else has the name of the stage, and with [`Error::ExportUnderWay`] if
    /// another export is writing into it.
    pub fn create(folder: &Path, force: bool, kind: Kind, own: ArchiveFiles) -> Result<Self> {
        let is_made = !exists(folder);
        match own.access() {
            Some(access) if is_made => access.make_folder(folder),
            _ => fs::create_dir_all(folder),
        }
        .map_err(Error::at(folder))?;
        let lock = File::open(folder).map_err(Error::at(folder))?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Err(Error::ExportUnderWay(folder.to_owned()));
        }
        let stage = folder.join(STAGE);
        if own.paths().first().is_some_and(|path| is_below(path, &stage)) {
            return Err(Error::OntoItself(stage));
        }
        refuse_other(folder, kind)?;
        clear(folder, &own)?;
        remove_leftovers(folder, &|name| name == MANIFEST, &own);
        let is_filled = fs::read_dir(folder).map_err(Error::at(folder))?.next().is_some();
        if is_filled && !force {
            return Err(Error::FolderNotEmpty(folder.to_owned()));
        }
        let is_ours = refuse_other(folder, kind)?;
        if let Some(access) = own.access().filter(|_| !is_filled || is_ours) {
            // A folder of another user keeps its permissions.
            let _ = access.narrow(folder);
        }
        let made = Self {
            manifest: stage_in(folder, kind, &own)?,
            folder: folder.to_owned(),
            kind,
            own,
            subfolders: BTreeSet::new(),
            files: 0,
            bytes: 0,
            is_made,
            is_done: false,
            _lock: lock,
        };
        Ok(made)
    }

    /// Writes a page under its own name, which may have one subfolder: `2024-03/7.html`.
    pub fn write_page(&mut self, name: &str, text: &str) -> Result<()> {
        debug_assert!(self.kind.makes(name), "a later export would not remove {name}");
        self.write(name, text.as_bytes(), None)?;
        self.list(&Listed { page: Some(name.to_owned()), ..Listed::default() })
    }

    /// Writes a file; [`ExportFolder::list`] must follow.
    pub fn write(&mut self, name: &str, bytes: &[u8], modified: Option<SystemTime>) -> Result<()> {
        let target = self.folder.join(name);
        self.own.check(&target)?;
        let new = self.folder.join(STAGE).join(NEW);
        if let Some((subfolder, _)) = name.split_once('/')
            && !self.subfolders.contains(subfolder)
        {
            fs::create_dir(new.join(subfolder)).map_err(Error::at(&target))?;
            self.subfolders.insert(subfolder.to_owned());
        }
        let written = create_file(&new.join(name), &self.own).and_then(|mut file| {
            file.write_all(bytes)?;
            modified.map_or(Ok(()), |time| file.set_modified(time))
        });
        written.map_err(Error::at(&target))?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Adds a line to the manifest.
    pub fn list(&mut self, line: &impl Serialize) -> Result<()> {
        let listed = serde_json::to_writer(&mut self.manifest, line).map_err(io::Error::from);
        listed.and_then(|()| self.manifest.write_all(b"\n")).map_err(Error::at(&self.folder))
    }

    /// Gives all files their names; returns their number and total size in bytes. If this fails, the folder
    /// is as it was before.
    pub fn finish(mut self) -> Result<(u64, u64)> {
        let stage = self.folder.join(STAGE);
        let synced = self.manifest.flush().and_then(|()| self.manifest.get_ref().sync_all());
        synced.map_err(Error::at(&self.folder))?;
        rename(&stage.join(MANIFEST_IN_MAKING), &stage.join(NEW_MANIFEST))?;
        put_in_place(&self.folder, self.kind, &self.own)?;
        self.is_done = true;
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(Error::at(&self.folder))?;
        Ok((self.files, self.bytes))
    }

    /// Names in the folder that no exported file may get.
    pub fn taken_names(&self) -> Vec<String> {
        let own = self.own.names().filter(|_| self.own.has_folder(&self.folder));
        own.chain([MANIFEST]).map(str::to_owned).collect()
    }
}

impl Drop for ExportFolder {
    fn drop(&mut self) {
        #[cfg(test)]
        if tests::is_killed() {
            return;
        }
        // Whatever cannot be removed now, the next export removes.
        let _ = clear(&self.folder, &self.own);
        if self.is_made && !self.is_done {
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// Whether a file is somewhere below a folder, which need not exist.
fn is_below(path: &Path, folder: &Path) -> bool {
    folder.canonicalize().is_ok_and(|folder| path.starts_with(folder))
}

/// Whether the folder has the manifest of an earlier export of this kind; fails for any other kind.
fn refuse_other(folder: &Path, kind: Kind) -> Result<bool> {
    let manifest = folder.join(MANIFEST);
    if !exists(&manifest) {
        return Ok(false);
    }
    let other = || Error::ForeignManifest(folder.to_owned());
    if !manifest.symlink_metadata().is_ok_and(|found| found.is_file()) {
        return Err(other());
    }
    let mut header = Vec::new();
    let file = open_regular(&manifest)?;
    BufReader::new(file).read_until(b'\n', &mut header).map_err(Error::at(&manifest))?;
    let is_kin = match lines(&manifest)?.next() {
        None => true,
        Some(Listed { page: Some(page), .. }) => {
            let others = [Kind::Html, Kind::Markdown].into_iter().filter(|&other| other != kind);
            kind != Kind::Seeds && !others.into_iter().any(|other| other.makes(&page))
        }
        Some(_) => kind == Kind::Seeds,
    };
    if is_kin && header.trim_ascii_end() == MANIFEST_HEADER.as_bytes() {
        Ok(true)
    } else {
        Err(other())
    }
}

/// Creates the stage with its manifest.
fn stage_in(folder: &Path, kind: Kind, own: &ArchiveFiles) -> Result<BufWriter<File>> {
    let stage = folder.join(STAGE);
    fs::create_dir(&stage).map_err(Error::at(&stage))?;
    let marked = kind.mark(&stage).and_then(|mark| create_file(&mark, own));
    marked.map_err(Error::at(&stage))?;
    for path in [stage.join(NEW), stage.join(OLD)] {
        fs::create_dir(&path).map_err(Error::at(path))?;
    }
    let path = stage.join(MANIFEST_IN_MAKING);
    let mut manifest = BufWriter::new(create_file(&path, own).map_err(Error::at(&path))?);
    writeln!(manifest, "{MANIFEST_HEADER}").map_err(Error::at(&path))?;
    Ok(manifest)
}

/// Creates a file that only users who may read the archive can read.
fn create_file(path: &Path, own: &ArchiveFiles) -> io::Result<File> {
    let mode = own.access().map_or(0o666, |access| access.file_mode());
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    own.access().map_or(Ok(false), |access| access.narrow_file(&file))?;
    Ok(file)
}

/// Moves the files of a complete stage to their names. Files that have these names, and pages of an earlier
/// export, are moved into the stage.
fn put_in_place(folder: &Path, kind: Kind, own: &ArchiveFiles) -> Result<()> {
    let stage = folder.join(STAGE);
    let (new, old) = (stage.join(NEW), stage.join(OLD));
    let mut left = BTreeSet::new();
    let earlier = stage.join(OLD_MANIFEST);
    if exists(&folder.join(MANIFEST)) {
        rename(&folder.join(MANIFEST), &earlier)?;
        for line in lines(&earlier)? {
            let Some(name) = line.place().filter(|name| kind.makes(name)) else { continue };
            let path = folder.join(name);
            if !is_in_real_folder(folder, name) || own.contains(&path) || !exists(&path) {
                continue;
            }
            // A user's folder may have this name now.
            if !exists(&new.join(name)) && !is_real_folder(&path) {
                move_file(folder, &old, name, own)?;
                left.extend(name.split_once('/').map(|(subfolder, _)| subfolder.to_owned()));
            }
        }
    }
    for line in lines(&stage.join(NEW_MANIFEST))? {
        let Some(name) = line.place() else { continue };
        let path = folder.join(name);
        own.check(&path)?;
        if is_real_folder(&path) {
            return Err(Error::at(path)(ErrorKind::IsADirectory.into()));
        }
        if exists(&path) && is_in_real_folder(folder, name) {
            move_file(folder, &old, name, own)?;
        }
        move_file(&new, folder, name, own)?;
    }
    rename(&stage.join(NEW_MANIFEST), &folder.join(MANIFEST))?;
    for subfolder in left {
        // It may contain files of the user.
        let _ = fs::remove_dir(folder.join(subfolder));
    }
    Ok(())
}

/// Restores a folder after an export that did not finish, and removes its stage. Fails, without changing
/// anything, if no export made the stage.
fn clear(folder: &Path, own: &ArchiveFiles) -> Result<()> {
    let stage = folder.join(STAGE);
    if !exists(&stage) {
        return Ok(());
    }
    let Some(kind) = Kind::of_stage(&stage) else {
        // An export that was killed before it could leave its mark has left an empty folder.
        return fs::remove_dir(&stage).map_err(|_| Error::InTheWay(stage));
    };
    // This file exists only between writing the last new file and moving it.
    if exists(&stage.join(NEW_MANIFEST)) {
        undo(folder, kind, own)?;
        // Before the rest of the stage: otherwise, restored files would look like new pages.
        remove_file(&stage.join(NEW_MANIFEST))?;
    }
    // The mark comes last, so that the leftovers of a kill are still recognised.
    let mark = kind.mark(&stage).map_err(Error::at(&stage))?;
    for entry in fs::read_dir(&stage).map_err(Error::at(&stage))? {
        let path = entry.map_err(Error::at(&stage))?.path();
        if is_real_folder(&path) {
            fs::remove_dir_all(&path).map_err(Error::at(&path))?;
        } else if path != mark {
            remove_file(&path)?;
        }
    }
    remove_file(&mark)?;
    fs::remove_dir(&stage).map_err(Error::at(&stage))
}

/// Moves new files back into the stage, then the replaced files out of it. A kill can come after any step;
/// completed steps are not repeated.
fn undo(folder: &Path, kind: Kind, own: &ArchiveFiles) -> Result<()> {
    let stage = folder.join(STAGE);
    let (new, old) = (stage.join(NEW), stage.join(OLD));
    let may_move = |name: &str| kind.gives(name) && !own.contains(&folder.join(name));
    let mut subfolders = BTreeSet::new();
    for line in lines(&stage.join(NEW_MANIFEST))? {
        let Some(name) = line.place().filter(|name| may_move(name)) else { continue };
        if !is_in_real_folder(folder, name) {
            continue;
        }
        subfolders.extend(name.split_once('/').map(|(subfolder, _)| subfolder.to_owned()));
        if !exists(&new.join(name)) && line.is_made(kind, name, &folder.join(name)) {
            move_file(folder, &new, name, own)?;
        }
    }
    let replaced = walkdir::WalkDir::new(&old).min_depth(1).max_depth(2).contents_first(true);
    for entry in replaced.into_iter().filter(|_| is_real_folder(&old)) {
        let entry = entry.map_err(|error| Error::at(&old)(error.into()))?;
        let name = entry.path().strip_prefix(&old).ok().and_then(Path::to_str);
        let Some(name) = name.filter(|name| !entry.file_type().is_dir() && may_move(name)) else {
            continue;
        };
        refuse_taken(&folder.join(name))?;
        move_file(&old, folder, name, own)?;
    }
    for subfolder in subfolders {
        let _ = fs::remove_dir(folder.join(subfolder));
    }
    if exists(&stage.join(OLD_MANIFEST)) {
        refuse_taken(&folder.join(MANIFEST))?;
        rename(&stage.join(OLD_MANIFEST), &folder.join(MANIFEST))?;
    }
    Ok(())
}

/// Fails if a user has created a file since: it is kept, and so is the replaced file, in the stage.
fn refuse_taken(path: &Path) -> Result<()> {
    if exists(path) { Err(Error::InTheWay(path.to_owned())) } else { Ok(()) }
}

/// Moves a file to the same name in another folder, and creates the subfolder if needed.
fn move_file(from: &Path, to: &Path, name: &str, own: &ArchiveFiles) -> Result<()> {
    let path = to.join(name);
    if let Some((subfolder, _)) = name.split_once('/') {
        let subfolder = to.join(subfolder);
        // A link would lead out of the folder.
        if !is_real_folder(&subfolder) {
            let made = match own.access() {
                Some(access) if !exists(&subfolder) => access.make_folder(&subfolder),
                _ => fs::create_dir(&subfolder),
            };
            made.map_err(Error::at(&subfolder))?;
        }
    }
    rename(&from.join(name), &path)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    #[cfg(test)]
    tests::count_down();
    fs::rename(from, to).map_err(Error::at(to))
}

/// A missing file is not an error.
fn remove_file(path: &Path) -> Result<()> {
    #[cfg(test)]
    tests::count_down();
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::at(path)(error)),
        _ => Ok(()),
    }
}

fn is_real_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// Whether the subfolder in a name, if any, is not a link.
fn is_in_real_folder(folder: &Path, name: &str) -> bool {
    name.split_once('/').is_none_or(|(subfolder, _)| is_real_folder(&folder.join(subfolder)))
}

#[cfg(test)]
mod tests;
