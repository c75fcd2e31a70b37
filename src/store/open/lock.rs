//! One writer at a time, by a kernel lock that ends with its process: there are no stale locks.

use crate::error::{Error, Result};
use crate::files::{ArchiveFiles, real_path, with_suffix};
use crate::model::{StopFlag, Timestamp};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A held lock file begins with this.
const HOLDER: &[u8] = b"process ";

/// Held as long as the value lives.
#[derive(Debug)]
pub struct WriterLock {
    file: File,
    /// The locked file, absolute and without links.
    database: PathBuf,
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // First remove the holder's name, then release the kernel's lock.
        let _ = self.file.set_len(0);
        // Closing is not enough: a child process that is just starting may still have the file open.
        let _ = self.file.unlock();
    }
}

/// How long to wait for another writer.
#[derive(Debug, Clone, Copy)]
pub struct LockWait<'a> {
    /// No longer than this.
    pub at_most: Duration,
    /// Ends the waiting early.
    pub stop: Option<&'a StopFlag>,
}

impl From<Duration> for LockWait<'_> {
    fn from(at_most: Duration) -> Self {
        Self { at_most, stop: None }
    }
}

impl WriterLock {
    /// Locks `DB.lock` beside the real file, whatever links lead to it, and waits for it. [`Error::Locked`]
    /// names the holder's process and when it started.
    ///
    /// SQLite keeps one journal per name of a file, so a file with several names cannot be written safely:
    /// fails with [`Error::SeveralNames`] or [`Error::MountedAlone`], and leaves no trace.
    pub fn acquire<'a>(database: &Path, wait: impl Into<LockWait<'a>>) -> Result<Self> {
        let wait = wait.into();
        let real = real_path(database).map_err(Error::at(database))?;
        check_names(database, &real)?;
        let path = with_suffix(&real, ".lock");
        let mut file = open(&path)?;
        let started = Instant::now();
        let is_over =
            || wait.stop.is_some_and(StopFlag::is_requested) || started.elapsed() >= wait.at_most;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(Error::Io { path, error }),
                Err(TryLockError::WouldBlock) if is_over() => {
                    let mut text = String::new();
                    let _ = file.read_to_string(&mut text);
                    let holder = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
                    return Err(Error::Locked { path: database.to_owned(), holder });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        // The content of the file only informs people; the lock itself is the kernel's. Users who may not
        // write the archive must not be able to block it, and users who may write must be able to lock it.
        ArchiveFiles::of(&real).share(&file);
        let holder = format!("process {}, since {}\n", std::process::id(), Timestamp::now());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.as_bytes()))
            .map_err(Error::at(&path))?;
        Ok(Self { file, database: real })
    }

    /// The locked file, absolute and without links.
    pub fn database(&self) -> &Path {
        &self.database
    }
}

/// Opens a lock file and checks that it is one: its content will be overwritten.
fn open(path: &Path) -> Result<File> {
    let is_foreign = path.symlink_metadata().is_ok_and(|found| !found.is_file());
    if is_foreign {
        return Err(Error::ForeignLock(path.to_owned()));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // Something else may take the name after the check above.
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let mut file = options.open(path).map_err(Error::at(path))?;
    if !file.metadata().map_err(Error::at(path))?.is_file() {
        return Err(Error::ForeignLock(path.to_owned()));
    }
    let mut text = Vec::new();
    (&file).take(64).read_to_end(&mut text).map_err(Error::at(path))?;
    file.rewind().map_err(Error::at(path))?;
    // A power cut leaves zeros in place of the text.
    text.retain(|&byte| byte != 0);
    if text.starts_with(HOLDER) || HOLDER.starts_with(&text) {
        Ok(file)
    } else {
        Err(Error::ForeignLock(path.to_owned()))
    }
}

/// Fails if the file can be reached by a name in another folder or with another file name.
fn check_names(database: &Path, real: &Path) -> Result<()> {
    match fs::metadata(real) {
        Ok(found) if found.is_file() && found.nlink() > 1 => {
            return Err(Error::SeveralNames(database.to_owned()));
        }
        Ok(found) if found.is_file() => {}
        // SQLite reports what is wrong with it.
        _ => return Ok(()),
    }
    // If it cannot be read (another operating system), nothing is known about mounts.
    let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
    if mount_points(&mounts).any(|point| point == real) {
        Err(Error::MountedAlone(database.to_owned()))
    } else {
        Ok(())
    }
}

/// The mount points listed in `/proc/self/mountinfo`: the fifth field of each line, with spaces and the like
/// in octal.
fn mount_points(mounts: &[u8]) -> impl Iterator<Item = PathBuf> {
    let fields = mounts
        .split(|&byte| byte == b'\n')
        .filter_map(|line| line.split(|&byte| byte == b' ').nth(4));
    fields.map(|field| {
        let mut path = Vec::new();
        let mut rest = field;
        while let Some((&byte, after)) = rest.split_first() {
            let octal = after.get(..3).filter(|_| byte == b'\\');
            let octal = octal.and_then(|digits| std::str::from_utf8(digits).ok());
            match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
                Some(escaped) => {
                    path.push(escaped);
                    rest = &after[3..];
                }
                None => {
                    path.push(byte);
                    rest = after;
                }
            }
        }
        PathBuf::from(OsString::from_vec(path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn lock(database: &Path) -> Result<WriterLock> {
        WriterLock::acquire(database, Duration::ZERO)
    }

    #[test]
    fn one_file_has_one_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("real")).unwrap();
        symlink("real/a.db", path("link.db")).unwrap();
        symlink("real", path("folder")).unwrap();
        // The file need not exist yet.
        for _ in 0..2 {
            let held = lock(&path("link.db")).unwrap();
            for other in ["real/a.db", "folder/a.db", "real/../link.db"] {
                let refused = lock(&path(other));
                assert!(matches!(refused, Err(Error::Locked { .. })), "{other}: {refused:?}");
            }
            assert_eq!(held.database().file_name().unwrap(), "a.db");
            let holder = fs::read(path("real/a.db.lock")).unwrap();
            assert!(holder.starts_with(HOLDER));
            drop(held);
            assert_eq!(fs::read(path("real/a.db.lock")).unwrap(), b"");
            fs::write(path("real/a.db"), "").unwrap();
        }
        assert!(!path("link.db.lock").exists());
    }

    #[test]
    fn a_second_name_is_refused_without_a_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.db"), "").unwrap();
        fs::hard_link(path("a.db"), path("b.db")).unwrap();
        for name in ["a.db", "b.db"] {
            assert!(matches!(lock(&path(name)), Err(Error::SeveralNames(_))));
        }
        assert!(!path("a.db.lock").exists() && !path("b.db.lock").exists());
        fs::remove_file(path("b.db")).unwrap();
        lock(&path("a.db")).unwrap();
    }

    #[test]
    fn other_files_are_not_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for text in ["SQLite format 3\0", "my notes", "process"] {
            fs::write(path("a.db.lock"), text).unwrap();
            let held = lock(&path("a.db"));
            if text == "process" {
                drop(held.unwrap());
            } else {
                assert!(matches!(held, Err(Error::ForeignLock(_))));
                assert_eq!(fs::read(path("a.db.lock")).unwrap(), text.as_bytes());
            }
        }
        fs::write(path("a.db.lock"), [0; 40]).unwrap();
        lock(&path("a.db")).unwrap();
    }

    /// Where the name is a link or a pipe, nothing is created, emptied or waited for.
    #[test]
    fn a_lock_file_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("other"), "process 1, since then\n").unwrap();
        let fifo = std::ffi::CString::new(path("pipe").into_os_string().into_vec()).unwrap();
        // SAFETY: the name ends in NUL and lives as long as the call.
        assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
        fs::create_dir(path("folder")).unwrap();
        for target in ["other", "missing", "pipe", "folder", "/dev/null"] {
            symlink(target, path("a.db.lock")).unwrap();
            assert!(matches!(lock(&path("a.db")), Err(Error::ForeignLock(_))), "{target}");
            fs::remove_file(path("a.db.lock")).unwrap();
        }
        assert!(!path("missing").exists());
        assert_eq!(fs::read(path("other")).unwrap(), b"process 1, since then\n");
        fs::rename(path("pipe"), path("a.db.lock")).unwrap();
        assert!(matches!(lock(&path("a.db")), Err(Error::ForeignLock(_))));
    }

    #[test]
    fn mounts() {
        let text = b"22 1 0:5 / /proc rw - proc proc rw\n\
            31 1 8:1 /srv/a.db /data/a\\040b\\134\\303\\251.db rw,relatime - ext4 /dev/sda1 rw\nshort line";
        let found: Vec<PathBuf> = mount_points(text).collect();
        assert_eq!(found, [Path::new("/proc"), Path::new("/data/a b\\\u{e9}.db")]);
        assert!(mount_points(b"").next().is_none());
    }
}
