//! The archive's own files, which no output may overwrite.

use super::{Access, folder_of, with_suffix};
use crate::error::{Error, Result};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Suffixes of the files that SQLite and seedbank keep beside a database.
const COMPANIONS: [&str; 4] = ["-wal", "-shm", "-journal", ".lock"];

/// The file that a path leads to, absolute, with all links followed; the file itself need not exist. Since it
/// starts with `/`, SQLite cannot take it for a URI (`file:…`), which would open another file.
pub fn real_path(path: &Path) -> io::Result<PathBuf> {
    /// The same limit as in the kernel.
    const MOST_LINKS: usize = 40;
    if path.as_os_str().as_bytes().ends_with(b"/") {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
        let folder = folder_of(&path).canonicalize()?;
        let place = folder.join(name);
        match place.read_link() {
            Ok(target) => path = folder.join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

/// Device and inode.
type FileId = (u64, u64);

fn id(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}

/// The database file of an archive and its companions, by path and by inode, and who may read the archive.
#[derive(Debug, Clone, Default)]
pub struct ArchiveFiles {
    ids: Vec<FileId>,
    /// The folder and the names in it: SQLite makes some of the files only when needed.
    folder: Option<FileId>,
    names: Vec<OsString>,
    paths: Vec<PathBuf>,
    access: Option<Access>,
}

impl ArchiveFiles {
    /// The files of a database, which need not exist.
    pub fn of(database: &Path) -> Self {
        let database = real_path(database).unwrap_or_else(|_| database.to_owned());
        let companions = COMPANIONS.iter().map(|suffix| with_suffix(&database, suffix));
        let paths: Vec<PathBuf> = std::iter::once(database.clone()).chain(companions).collect();
        Self {
            ids: paths
                .iter()
                .filter_map(|path| fs::metadata(path).ok())
                .map(|it| id(&it))
                .collect(),
            folder: fs::metadata(folder_of(&database)).ok().map(|found| id(&found)),
            names: paths.iter().filter_map(|path| Some(path.file_name()?.to_owned())).collect(),
            access: fs::metadata(&database).ok().map(|found| Access::of(&found)),
            paths,
        }
    }

    /// Fails if a file to be written is one of the archive's own.
    pub fn check(&self, path: &Path) -> Result<()> {
        if self.contains(path) { Err(Error::OntoItself(path.to_owned())) } else { Ok(()) }
    }

    /// Whether a path is one of the archive's own files, under whatever name.
    pub fn contains(&self, path: &Path) -> bool {
        let is_named =
            path.file_name().is_some_and(|name| self.names.iter().any(|own| own == name));
        fs::metadata(path).is_ok_and(|found| self.has_id(&found))
            || (is_named && self.has_folder(folder_of(path)))
    }

    /// Whether a file is one of them, by its inode.
    pub fn has_id(&self, found: &Metadata) -> bool {
        self.ids.contains(&id(found))
    }

    /// Whether a folder is the one that contains them.
    pub fn has_folder(&self, folder: &Path) -> bool {
        fs::metadata(folder).is_ok_and(|found| self.folder == Some(id(&found)))
    }

    /// Their names in their folder.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().filter_map(|name| name.to_str())
    }

    /// Their absolute paths, including those that do not exist; the database first.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Gives a lock file to the users who may write the archive, as far as the system allows, and removes
    /// permissions from the journals that the archive had earlier and no longer has.
    pub fn share(&self, lock: &File) {
        let Some(access) = self.access else { return };
        access.share(lock);
        for journal in &self.paths[1..self.paths.len() - 1] {
            let _ = access.narrow(journal);
        }
    }

    /// For files without anything from the archive: everybody may read them.
    pub fn for_everybody(self) -> Self {
        Self { access: None, ..self }
    }

    /// Who may read the archive; `None` if it does not exist.
    pub fn access(&self) -> Option<Access> {
        self.access
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn one_file_has_one_path() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        symlink("real", root.join("folder")).unwrap();
        symlink("../link", root.join("real/second")).unwrap();
        symlink("folder/file:a?b.db", root.join("link")).unwrap();
        let expected = root.join("real/file:a?b.db");
        for name in ["link", "real/second", "folder/../real/file:a?b.db", "folder/file:a?b.db"] {
            assert_eq!(real_path(&root.join(name)).unwrap(), expected, "{name}");
        }
        symlink("loop", root.join("loop")).unwrap();
        for bad in ["loop", "missing/x", "real/..", "real/x/"] {
            assert!(real_path(&root.join(bad)).is_err(), "{bad}");
        }
        assert!(real_path(Path::new("")).is_err());
    }

    #[test]
    fn own_files_are_recognised_by_every_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.db"), "").unwrap();
        fs::create_dir(path("sub")).unwrap();
        symlink("a.db", path("link.db")).unwrap();
        symlink(".", path("here")).unwrap();
        fs::hard_link(path("a.db"), path("hard.db")).unwrap();
        for database in ["a.db", "link.db", "here/a.db"] {
            let own = ArchiveFiles::of(&path(database));
            for name in ["a.db", "link.db", "hard.db", "here/a.db", "sub/../a.db", "here/here/a.db"]
            {
                assert!(own.contains(&path(name)), "{name}");
            }
            for name in ["a.db-wal", "here/a.db-shm", "a.db-journal", "sub/../a.db.lock"] {
                assert!(own.contains(&path(name)), "{name}");
                own.check(&path(name)).unwrap_err();
            }
            for name in ["b.db", "sub/a.db", "sub/a.db-wal", "a.db.bak", "missing/a.db"] {
                assert!(!own.contains(&path(name)), "{name}");
            }
        }
    }
}
