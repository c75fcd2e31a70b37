//! One writer at a time, by a lock that the kernel frees with its process: there are no stale ones.

use crate::error::{Error, Result};
use crate::model::{StopFlag, Timestamp};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Held as long as the value lives.
#[derive(Debug)]
pub struct WriterLock {
    file: File,
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Closing would not do: a child that is just being started has the file open still.
        let _ = self.file.unlock();
    }
}

/// How long to wait for another writer.
#[derive(Debug, Clone, Copy)]
pub struct LockWait<'a> {
    pub at_most: Duration,
    pub stop: Option<&'a StopFlag>,
}

impl From<Duration> for LockWait<'_> {
    fn from(at_most: Duration) -> Self {
        Self { at_most, stop: None }
    }
}

impl WriterLock {
    /// Locks `DB.lock`, waiting for it; [`Error::Locked`] names the holder's process and start.
    pub fn acquire<'a>(database: &Path, wait: impl Into<LockWait<'a>>) -> Result<Self> {
        let wait = wait.into();
        let path = lock_path(database);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::at(&path))?;
        let started = Instant::now();
        let is_over =
            || wait.stop.is_some_and(StopFlag::is_requested) || started.elapsed() >= wait.at_most;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => return Err(Error::Io { path, source }),
                Err(TryLockError::WouldBlock) if is_over() => {
                    let mut text = String::new();
                    let _ = file.read_to_string(&mut text);
                    let holder = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
                    return Err(Error::Locked { path: database.to_owned(), holder });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        // What stands in the file only helps a person; the lock itself is the kernel's.
        let holder = format!("process {}, since {}\n", std::process::id(), Timestamp::now());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.as_bytes()))
            .map_err(Error::at(&path))?;
        Ok(Self { file })
    }
}

/// `seedbank.db` is locked through `seedbank.db.lock`.
pub(super) fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}
