//! A folder of pages, of which a later export of the same folder knows what to replace.

use super::files::{FileInMaking, MANIFEST, MANIFEST_HEADER, refuse_filled};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

/// The manifest while the export goes on; it names every file before that is there.
const UNFINISHED: &str = ".manifest.jsonl.unfinished";

/// The page that is being written; one name for all, so that a kill leaves none unknown.
const PAGE_IN_MAKING: &str = ".page.unfinished";

/// A line of the manifest.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    page: String,
}

/// A folder of pages in the making. Whole only when its manifest is there.
///
/// Dropped before [`PageFolder::finish`], it takes its pages away. After a kill they stay, listed,
/// and the next export takes them away.
#[derive(Debug)]
pub struct PageFolder {
    folder: PathBuf,
    manifest: Option<File>,
    /// The subfolders that were made or looked at.
    subfolders: BTreeSet<String>,
    files: u64,
    bytes: u64,
}

impl PageFolder {
    /// Makes the folder. One with something in it is refused, unless `force` says to write into
    /// it; then the pages that an earlier export wrote go, and all else stays. `door` is the page
    /// that a reader opens: to be written last, as it goes first.
    ///
    /// Fails with [`Error::ForeignManifest`] where something else than pages was exported to it.
    pub fn create(folder: &Path, force: bool, door: Option<&str>) -> Result<Self> {
        fs::create_dir_all(folder).map_err(Error::at(folder))?;
        if !force {
            refuse_filled(folder)?;
        }
        remove_earlier(folder)?;
        let path = folder.join(UNFINISHED);
        let manifest = OpenOptions::new().write(true).create_new(true).open(&path);
        let mut made = Self {
            folder: folder.to_owned(),
            manifest: Some(manifest.map_err(Error::at(&path))?),
            subfolders: BTreeSet::new(),
            files: 0,
            bytes: 0,
        };
        made.line(MANIFEST_HEADER.as_bytes())?;
        if let Some(door) = door {
            made.announce(door)?;
        }
        Ok(made)
    }

    /// Writes a page under a name of its own, which may have one subfolder: `2024-03/7.html`.
    pub fn write(&mut self, name: &str, text: &str) -> Result<()> {
        if let Some((subfolder, _)) = name.split_once('/') {
            self.make_subfolder(subfolder)?;
        }
        self.announce(name)?;
        let path = self.folder.join(name);
        let mut file = FileInMaking::through(self.folder.join(PAGE_IN_MAKING), &path)?;
        file.write_all(text.as_bytes()).map_err(Error::at(&path))?;
        file.place()?;
        self.files += 1;
        self.bytes += text.len() as u64;
        Ok(())
    }

    /// Says that all is there; returns the number of files and their bytes.
    pub fn finish(mut self) -> Result<(u64, u64)> {
        let (from, to) = (self.folder.join(UNFINISHED), self.folder.join(MANIFEST));
        if let Some(manifest) = self.manifest.take() {
            let whole = manifest.sync_all().and_then(|()| fs::rename(&from, &to));
            if let Err(error) = whole {
                self.manifest = Some(manifest);
                return Err(Error::at(&to)(error));
            }
        }
        Ok((self.files, self.bytes))
    }

    fn announce(&mut self, name: &str) -> Result<()> {
        let line = serde_json::to_vec(&Written { page: name.to_owned() })?;
        self.line(&line)
    }

    /// In one write, and at once: after a kill it must be there.
    fn line(&mut self, line: &[u8]) -> Result<()> {
        let line = [line, b"\n"].concat();
        match &mut self.manifest {
            Some(manifest) => manifest.write_all(&line).map_err(Error::at(&self.folder)),
            None => Ok(()),
        }
    }

    fn make_subfolder(&mut self, name: &str) -> Result<()> {
        if self.subfolders.contains(name) {
            return Ok(());
        }
        let path = self.folder.join(name);
        match fs::create_dir(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(Error::at(&path)(error));
            }
            _ => {}
        }
        // A link would lead out of the folder.
        let metadata = path.symlink_metadata().map_err(Error::at(&path))?;
        if !metadata.is_dir() {
            return Err(Error::at(&path)(ErrorKind::NotADirectory.into()));
        }
        self.subfolders.insert(name.to_owned());
        Ok(())
    }
}

impl Drop for PageFolder {
    fn drop(&mut self) {
        if self.manifest.take().is_some() {
            // What cannot be taken away now is listed still.
            let _ = remove_listed(&self.folder, UNFINISHED);
        }
    }
}

/// Takes away the pages of an earlier export, whole or not.
fn remove_earlier(folder: &Path) -> Result<()> {
    let manifest = folder.join(MANIFEST);
    let is_there = manifest.symlink_metadata().is_ok();
    if is_there && !lists_pages(&manifest).map_err(Error::at(&manifest))? {
        return Err(Error::ForeignManifest(folder.to_owned()));
    }
    remove_listed(folder, UNFINISHED)?;
    if is_there {
        // Not whole any more; and if this ends early, the next one goes on.
        let unfinished = folder.join(UNFINISHED);
        fs::rename(&manifest, &unfinished).map_err(Error::at(&unfinished))?;
        remove_listed(folder, UNFINISHED)?;
    }
    Ok(())
}

/// Whether a manifest is one of pages.
fn lists_pages(manifest: &Path) -> std::io::Result<bool> {
    if !manifest.symlink_metadata()?.is_file() {
        return Ok(false);
    }
    let mut lines = BufReader::new(File::open(manifest)?).split(b'\n');
    let is_header =
        lines.next().transpose()?.is_some_and(|line| line == MANIFEST_HEADER.as_bytes());
    let first = lines.next().transpose()?;
    Ok(is_header && first.is_none_or(|line| serde_json::from_slice::<Written>(&line).is_ok()))
}

/// Takes away what a manifest lists, a page that did not get its name, subfolders that are then
/// empty, and at last the manifest.
fn remove_listed(folder: &Path, manifest: &str) -> Result<()> {
    let path = folder.join(manifest);
    let file = match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(Error::at(&path))?,
    };
    let mut subfolders = BTreeSet::new();
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(Error::at(&path))?;
        // The first line, or one that a kill cut off.
        let Ok(Written { page }) = serde_json::from_slice(&line) else {
            continue;
        };
        let Some(subfolder) = place_inside(&page) else {
            continue;
        };
        if subfolder.is_some_and(|name| !is_real_folder(&folder.join(name))) {
            continue;
        }
        subfolders.extend(subfolder.map(str::to_owned));
        remove_file(&folder.join(page))?;
    }
    remove_file(&folder.join(PAGE_IN_MAKING))?;
    for subfolder in subfolders {
        // Something of somebody else's may be in it.
        let _ = fs::remove_dir(folder.join(subfolder));
    }
    remove_file(&path)
}

/// One that is not there will do.
fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::at(path)(error)),
        _ => Ok(()),
    }
}

fn is_real_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// The subfolder of a page, if it has one; `None` for a name that no page has: somebody else may
/// have written the manifest, and nothing outside the folder is touched.
fn place_inside(page: &str) -> Option<Option<&str>> {
    let mut parts = Path::new(page).components();
    let mut part = || match parts.next() {
        Some(Component::Normal(part)) => Some(part.to_str()),
        Some(_) => None,
        None => Some(None),
    };
    match (part()?, part()?, part()?) {
        (Some(_), None, _) => Some(None),
        (Some(subfolder), Some(_), None) => Some(Some(subfolder)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> Vec<String> {
        let entries = walkdir::WalkDir::new(folder).min_depth(1).sort_by_file_name();
        let inside = |entry: walkdir::DirEntry| {
            entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned()
        };
        entries.into_iter().map(|entry| inside(entry.unwrap())).collect()
    }

    fn export(folder: &Path, pages: &[&str]) -> Result<()> {
        let mut made = PageFolder::create(folder, true, Some("index.html"))?;
        for page in pages {
            made.write(page, "text")?;
        }
        made.write("index.html", "index")?;
        made.finish().map(drop)
    }

    #[test]
    fn a_later_export_takes_the_pages_of_an_earlier_one_away() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("mine.txt"), "mine").unwrap();
        export(folder, &["2024-03/1.html", "2024-04/2.html"]).unwrap();
        fs::write(folder.join("2024-04/mine.txt"), "mine").unwrap();
        export(folder, &["2024-05/3.html"]).unwrap();
        let expected = [
            "2024-04",
            "2024-04/mine.txt",
            "2024-05",
            "2024-05/3.html",
            "index.html",
            "manifest.jsonl",
            "mine.txt",
        ];
        assert_eq!(files(folder), expected);
        let error = PageFolder::create(folder, false, None).unwrap_err();
        assert!(matches!(error, Error::FolderNotEmpty(_)), "{error}");
    }

    #[test]
    fn an_export_that_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut made = PageFolder::create(folder.path(), false, Some("index.html")).unwrap();
        made.write("2024-03/1.html", "text").unwrap();
        drop(made);
        assert_eq!(files(folder.path()), [""; 0]);
    }

    #[test]
    fn after_a_kill_the_next_export_clears_up() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        export(folder, &["2024-03/1.html"]).unwrap();
        let mut made = PageFolder::create(folder, true, None).unwrap();
        made.write("2024-04/2.html", "text").unwrap();
        std::mem::forget(made);
        let unfinished = folder.join(UNFINISHED);
        fs::write(folder.join(PAGE_IN_MAKING), "te").unwrap();
        // Killed in the middle of a line.
        let mut manifest = OpenOptions::new().append(true).open(&unfinished).unwrap();
        manifest.write_all(b"{\"page\":\"2024-0").unwrap();
        let left = [UNFINISHED, PAGE_IN_MAKING, "2024-04", "2024-04/2.html"];
        assert_eq!(files(folder), left);
        export(folder, &["2024-05/3.html"]).unwrap();
        assert_eq!(files(folder), ["2024-05", "2024-05/3.html", "index.html", "manifest.jsonl"]);
    }

    #[test]
    fn nothing_outside_the_folder_is_touched() {
        let outer = tempfile::tempdir().unwrap();
        let (folder, other) = (outer.path().join("out"), outer.path().join("other"));
        fs::create_dir(&other).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(other.join("1.html"), "mine").unwrap();
        std::os::unix::fs::symlink(&other, folder.join("2024-03")).unwrap();
        let absolute = other.join("1.html");
        let lines = [
            MANIFEST_HEADER.to_owned(),
            "{\"page\":\"../other/1.html\"}".to_owned(),
            format!("{{\"page\":{:?}}}", absolute.to_str().unwrap()),
            "{\"page\":\"2024-03/1.html\"}".to_owned(),
            "{\"page\":\"a/b/c\"}".to_owned(),
        ];
        fs::write(folder.join(MANIFEST), lines.join("\n")).unwrap();
        let error = export(&folder, &["2024-03/1.html"]).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error}");
        assert_eq!(fs::read(&absolute).unwrap(), b"mine");
        assert_eq!(files(&other), ["1.html"]);
    }

    #[test]
    fn another_kind_of_manifest_is_left_alone() {
        let others: [&[u8]; 3] = [
            b"mine",
            b"\xff\xfe",
            b"{\"seedbank_manifest\":1}\n{\"sha256\":\"ab\",\"name\":\"a.txt\"}\n",
        ];
        for text in others {
            let folder = tempfile::tempdir().unwrap();
            let manifest = folder.path().join(MANIFEST);
            fs::write(&manifest, text).unwrap();
            let error = export(folder.path(), &[]).unwrap_err();
            assert!(matches!(error, Error::ForeignManifest(_)), "{error}");
            assert_eq!(fs::read(&manifest).unwrap(), text);
        }
    }
}
