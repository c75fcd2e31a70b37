//! A file that appears under its name only when it is complete: it is written beside it, synced and renamed.

use super::{ArchiveFiles, cut, exists, folder_of, with_suffix};
use crate::error::{Error, Result};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Files that SQLite may make beside an unfinished database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What happens if a file with the name exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Taken {
    /// The new file is refused.
    #[default]
    Refused,
    /// The existing file is replaced.
    Replaced,
    /// The new file gets a number after its name: `news-20240501T030000Z-2.db`.
    Numbered,
}

impl Taken {
    /// As the option `--force` says.
    pub fn replaced_if(force: bool) -> Self {
        if force { Self::Replaced } else { Self::Refused }
    }
}

/// An unfinished file, under a temporary name in its future folder: `.NAME.NUMBER.tmp`.
///
/// A lock on it shows that its process is alive. A temporary file without a lock is removed by the next
/// command that makes a file of the same name, ignoring numbers. Dropping the value before
/// [`NewFile::finish`] removes the file.
#[derive(Debug)]
pub struct NewFile {
    file: BufWriter<File>,
    temporary: PathBuf,
    path: PathBuf,
    taken: Taken,
}

impl NewFile {
    /// Creates the temporary file. Refuses to replace anything that is not a regular file, and the archive's
    /// own files. Only users who may read the archive, and the file that is replaced, may read it.
    pub fn create(path: &Path, taken: Taken, own: &ArchiveFiles) -> Result<Self> {
        own.check(path)?;
        let name =
            path.file_name().ok_or(ErrorKind::InvalidInput.into()).map_err(Error::at(path))?;
        let folder = folder_of(path);
        if !folder.is_dir() {
            return Err(Error::NoSuchFolder(folder.to_owned()));
        }
        let replaced = path.symlink_metadata().ok().filter(|_| taken != Taken::Numbered);
        if replaced.is_some() && taken == Taken::Refused {
            return Err(Error::AlreadyExists(path.to_owned()));
        }
        let mut mode = own.access().map_or(0o666, |access| access.file_mode());
        if let Some(found) = replaced {
            // A device or a FIFO, also behind a link, would become a regular file.
            if path.metadata().is_ok_and(|found| !found.is_file()) {
                return Err(Error::NotAFile(path.to_owned()));
            }
            if found.is_file() {
                mode &= found.mode() | 0o600;
            }
        }
        let shape = shape(name);
        remove_leftovers(folder, &|other| self::shape(other) == shape, own);
        let (file, temporary) = make(folder, name, mode)?;
        let made = Self { file: BufWriter::new(file), temporary, path: path.to_owned(), taken };
        if let Some(access) = own.access() {
            access.narrow_file(made.file.get_ref()).map_err(Error::at(path))?;
        }
        Ok(made)
    }

    /// The temporary path.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// The open file; a database, for example, is written by its path instead.
    pub fn file(&self) -> &File {
        self.file.get_ref()
    }

    /// Syncs the file to disk and gives it its final name, which is returned.
    pub fn finish(mut self) -> Result<PathBuf> {
        let at = |path: &Path| Error::at(path.to_owned());
        self.file.flush().map_err(at(&self.path))?;
        self.file.get_ref().sync_all().map_err(at(&self.path))?;
        for number in 1.. {
            let path = if number > 1 { with_number(&self.path, number) } else { self.path.clone() };
            match self.place(&path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(at(&path)(error));
                }
                Err(_) if self.taken == Taken::Numbered => continue,
                Err(_) => break,
                Ok(()) => {}
            }
            // Dropping must remove nothing: another process may have this temporary name by now.
            self.temporary = PathBuf::new();
            let folder = folder_of(&path);
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(at(folder))?;
            return Ok(path);
        }
        Err(Error::AlreadyExists(self.path.clone()))
    }

    /// Renaming replaces a file that appeared in the meantime; linking does not.
    fn place(&self, path: &Path) -> io::Result<()> {
        let is_taken = || COMPANIONS.iter().any(|suffix| exists(&with_suffix(path, suffix)));
        match self.taken {
            Taken::Replaced => return fs::rename(&self.temporary, path),
            // SQLite would apply leftovers of an earlier database to the new one.
            Taken::Numbered if is_taken() => return Err(ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        match fs::hard_link(&self.temporary, path) {
            Ok(()) => fs::remove_file(&self.temporary),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
            // The file system has no hard links.
            Err(_) if exists(path) => Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&self.temporary, path),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.temporary.as_os_str().is_empty() {
            remove(&self.temporary);
        }
    }
}

fn make(folder: &Path, name: &OsStr, mode: u32) -> Result<(File, PathBuf)> {
    // In a container, every process may have the same id.
    for number in std::process::id().. {
        let mut hidden = OsString::from(".");
        hidden.push(cut(name));
        hidden.push(format!(".{number}.tmp"));
        let temporary = folder.join(hidden);
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).mode(mode).open(&temporary) {
            Ok(file) if holds(&file, &temporary) == Some(true) => return Ok((file, temporary)),
            // Another process is just removing it as a leftover.
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::at(folder.join(name))(error)),
        }
    }
    Err(Error::AlreadyExists(folder.join(name)))
}

/// Locks a temporary file and returns whether it still has its name; `None` if another process has the lock.
fn holds(file: &File, path: &Path) -> Option<bool> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return None,
        // The file system has no locks; nothing is removed as a leftover there either.
        Err(TryLockError::Error(_)) => return Some(true),
        Ok(()) => {}
    }
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let named = path.symlink_metadata().ok().map(id);
    Some(named.is_some() && named == file.metadata().ok().map(id))
}

/// Removes temporary files of dead processes whose names match `is_kin`. Files that cannot be removed stay: a
/// leftover does not stop a command.
pub fn remove_leftovers(folder: &Path, is_kin: &dyn Fn(&OsStr) -> bool, own: &ArchiveFiles) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let path = entry.path();
        if !inner_name(&name).is_some_and(is_kin) || own.contains(&path) {
            continue;
        }
        let mut options = OpenOptions::new();
        let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
        let Ok(file) = options.write(true).custom_flags(flags).open(&path) else { continue };
        let is_file = file.metadata().is_ok_and(|found| found.is_file());
        if is_file && matches!(file.try_lock(), Ok(())) && holds(&file, &path) == Some(true) {
            remove(&path);
        }
    }
}

fn remove(temporary: &Path) {
    for suffix in COMPANIONS {
        let _ = fs::remove_file(with_suffix(temporary, suffix));
    }
    let _ = fs::remove_file(temporary);
}

/// The final name that a temporary file was made for, as far as it is kept: `a` of `.a.17.tmp`.
fn inner_name(name: &OsStr) -> Option<&OsStr> {
    let inner = name.as_bytes().strip_prefix(b".")?.strip_suffix(b".tmp")?;
    let dot = inner.iter().rposition(|&byte| byte == b'.')?;
    let (name, number) = (&inner[..dot], &inner[dot + 1..]);
    let is_ours = !name.is_empty() && !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    is_ours.then(|| OsStr::from_bytes(name))
}

/// `a.db` to `a-2.db`.
fn with_number(path: &Path, number: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    let mut numbered = path.with_file_name(name);
    if let Some(extension) = path.extension() {
        // Not `set_extension`, which would replace everything after a dot in the name.
        numbered = with_suffix(&with_suffix(&numbered, "."), extension);
    }
    numbered
}

/// A name with every number reduced to one digit, so that copies named by their time are of the same kind.
fn shape(name: &OsStr) -> OsString {
    let mut shape: Vec<u8> = Vec::new();
    for &byte in cut(name).as_bytes() {
        let byte = if byte.is_ascii_digit() { b'0' } else { byte };
        if byte != b'0' || shape.last() != Some(&b'0') {
            shape.push(byte);
        }
    }
    OsString::from_vec(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn write(path: &Path, force: bool, text: &str) -> Result<()> {
        let mut file = NewFile::create(path, Taken::replaced_if(force), &Default::default())?;
        file.write_all(text.as_bytes()).unwrap();
        file.finish().map(drop)
    }

    #[test]
    fn it_appears_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let mut file = NewFile::create(&path, Taken::Refused, &ArchiveFiles::default()).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!exists(&path));
        drop(file);
        assert_eq!(names(folder.path()), [""; 0]);
        write(&path, false, "one").unwrap();
        assert!(matches!(write(&path, false, "two"), Err(Error::AlreadyExists(_))));
        write(&path, true, "two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_file_that_appeared_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let file = NewFile::create(&path, Taken::Refused, &ArchiveFiles::default()).unwrap();
        fs::write(&path, "mine").unwrap();
        assert!(matches!(file.finish(), Err(Error::AlreadyExists(_))));
        fs::write(folder.path().join("a-2.txt-wal"), "").unwrap();
        let file = NewFile::create(&path, Taken::Numbered, &ArchiveFiles::default()).unwrap();
        assert_eq!(file.finish().unwrap(), folder.path().join("a-3.txt"));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        assert_eq!(names(folder.path()), ["a-2.txt-wal", "a-3.txt", "a.txt"]);
    }

    #[test]
    fn leftovers_go_and_what_is_being_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let own = ArchiveFiles::of(&path(".a-9.db.5.tmp"));
        let pid = std::process::id();
        for name in [
            &format!(".a-1.db.{pid}.tmp"),
            ".a-22.db.1.tmp",
            ".a-22.db.1.tmp-journal",
            ".a-9.db.5.tmp",
            ".b-1.db.1.tmp",
            ".a-1.db.x.tmp",
            "a-1.db.1.tmp",
        ] {
            fs::write(path(name), "").unwrap();
        }
        symlink("mine", path(".a-1.db.3.tmp")).unwrap();
        fs::create_dir(path(".a-1.db.4.tmp")).unwrap();
        let living = NewFile::create(&path("a-1.db"), Taken::Refused, &own).unwrap();
        let second = NewFile::create(&path("a-1.db"), Taken::Refused, &own).unwrap();
        assert!(living.temporary().exists() && living.temporary() != second.temporary());
        drop(living);
        second.finish().unwrap();
        let left = [
            ".a-1.db.3.tmp",
            ".a-1.db.4.tmp",
            ".a-1.db.x.tmp",
            ".a-9.db.5.tmp",
            ".b-1.db.1.tmp",
            "a-1.db",
            "a-1.db.1.tmp",
        ];
        assert_eq!(names(folder.path()), left);
    }

    #[test]
    fn only_files_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("folder")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        fs::write(path("mine"), "mine").unwrap();
        symlink("mine", path("link")).unwrap();
        assert!(write(&path("folder"), true, "").is_err());
        assert!(write(&path("socket"), true, "").is_err());
        assert!(matches!(write(&path("missing/a"), true, ""), Err(Error::NoSuchFolder(_))));
        symlink("socket", path("to-socket")).unwrap();
        assert!(matches!(write(&path("to-socket"), true, ""), Err(Error::NotAFile(_))));
        write(&path("link"), true, "new").unwrap();
        assert_eq!(fs::read(path("mine")).unwrap(), b"mine");
        write(&path(&"字".repeat(85)), false, "").unwrap();
        let own = ArchiveFiles::of(&path("mine"));
        assert!(matches!(
            NewFile::create(&path("mine"), Taken::Replaced, &own),
            Err(Error::OntoItself(_))
        ));
    }

    #[test]
    fn it_is_for_the_same_eyes() {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (database, path) = (folder.path().join("a.db"), folder.path().join("x"));
        fs::write(&database, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        let set =
            |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        let write =
            || NewFile::create(&path, Taken::Replaced, &ArchiveFiles::of(&database))?.finish();
        set(&database, 0o600);
        write().unwrap();
        assert_eq!(mode(&path), 0o600);
        // The replaced file had fewer readers.
        set(&database, 0o644);
        write().unwrap();
        assert_eq!(mode(&path), 0o600);
    }
}
