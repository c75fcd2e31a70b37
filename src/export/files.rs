use super::FileNames;
use crate::error::{Error, Result};
use crate::model::{Sha256, Timestamp, hex};
use serde_json::json;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What an export into a folder leaves beside its files, and its first line, by which an import
/// knows that it is no seed.
pub(super) const MANIFEST: &str = "manifest.jsonl";
pub(super) const MANIFEST_HEADER: &str = "{\"seedbank_manifest\":1}";

/// A file that appears under its name only when it is whole: written beside it, synced, renamed.
/// Dropped before [`FileInMaking::finish`], it leaves nothing.
#[derive(Debug)]
pub struct FileInMaking {
    file: Option<BufWriter<File>>,
    temporary: PathBuf,
    path: PathBuf,
}

impl FileInMaking {
    /// Refuses to replace a file unless `force` says so.
    pub fn create(path: &Path, force: bool) -> Result<Self> {
        let name = path.file_name().ok_or_else(|| no_name(path))?;
        if !force && path.symlink_metadata().is_ok() {
            return Err(Error::AlreadyExists(path.to_owned()));
        }
        // A device or a FIFO, by a link too, would become a file.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Error::NotAFile(path.to_owned()));
        }
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.tmp", std::process::id()));
        Self::through(path.with_file_name(hidden), path)
    }

    /// The same for a file that may be replaced, through a temporary one of a known name.
    pub(super) fn through(temporary: PathBuf, path: &Path) -> Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)
            .map_err(Error::at(&temporary))?;
        Ok(Self { file: Some(BufWriter::new(file)), temporary, path: path.to_owned() })
    }

    /// Brings the file to the disk and gives it its name.
    pub fn finish(mut self) -> Result<()> {
        if let Some(file) = self.close()? {
            file.sync_all().map_err(Error::at(&self.path))?;
        }
        fs::rename(&self.temporary, &self.path).map_err(Error::at(&self.path))?;
        let folder = self.path.parent().filter(|path| path.as_os_str() != "");
        let folder = folder.unwrap_or(Path::new("."));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(Error::at(folder))
    }

    /// Gives the file its name, and leaves it to the system when to bring it to the disk: one of
    /// very many, of which none counts before the last is there.
    pub(super) fn place(mut self) -> Result<()> {
        self.close()?;
        fs::rename(&self.temporary, &self.path).map_err(Error::at(&self.path))
    }

    fn close(&mut self) -> Result<Option<File>> {
        let flushed = self.file.take().map(BufWriter::into_inner).transpose();
        flushed.map_err(|error| Error::at(&self.path)(error.into_error()))
    }
}

impl Write for FileInMaking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for FileInMaking {
    fn drop(&mut self) {
        // After the renaming there is nothing of that name.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Fails if there is something in a folder.
pub(super) fn refuse_filled(folder: &Path) -> Result<()> {
    let mut entries = fs::read_dir(folder).map_err(Error::at(folder))?;
    match entries.next() {
        Some(_) => Err(Error::FolderNotEmpty(folder.to_owned())),
        None => Ok(()),
    }
}

fn no_name(path: &Path) -> Error {
    Error::Io { path: path.to_owned(), source: io::ErrorKind::InvalidInput.into() }
}

/// A folder of seeds as files, with the manifest by which an import can tell it from a drop.
#[derive(Debug)]
pub struct SeedFolder {
    folder: PathBuf,
    names: FileNames,
    manifest: FileInMaking,
    /// Files written.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
}

impl SeedFolder {
    /// Makes the folder. One with something in it is refused unless `force` says to write into
    /// it, replacing files of the same names.
    pub fn create(folder: &Path, force: bool) -> Result<Self> {
        fs::create_dir_all(folder).map_err(Error::at(folder))?;
        if !force {
            refuse_filled(folder)?;
        }
        let mut manifest = FileInMaking::create(&folder.join(MANIFEST), true)?;
        writeln!(manifest, "{MANIFEST_HEADER}").map_err(Error::at(folder))?;
        Ok(Self {
            folder: folder.to_owned(),
            names: FileNames::with_taken([MANIFEST]),
            manifest,
            files: 0,
            bytes: 0,
        })
    }

    /// Writes one seed under the last part of `path`, with its time.
    pub fn add(
        &mut self,
        path: &str,
        bytes: &[u8],
        sha256: &Sha256,
        observed_at: Option<Timestamp>,
        outcome: &str,
    ) -> Result<()> {
        let name = self.names.take(path);
        let file = self.folder.join(&name);
        write_file(&file, bytes, observed_at).map_err(Error::at(&file))?;
        let line = json!({
            "sha256": hex(sha256),
            "name": name,
            "observed_at": observed_at.map(|time| time.to_string()),
            "outcome": outcome,
        });
        writeln!(self.manifest, "{line}").map_err(Error::at(&self.folder))?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Puts the manifest in its place, now that everything it names is there.
    pub fn finish(self) -> Result<(u64, u64)> {
        self.manifest.finish()?;
        Ok((self.files, self.bytes))
    }
}

fn write_file(path: &Path, bytes: &[u8], observed_at: Option<Timestamp>) -> io::Result<()> {
    // What is there is replaced and not written into: it may be a link to somewhere else.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    // An unknown time must not come back as today: an import takes 1970 for unknown.
    let seconds = observed_at.map_or(0, Timestamp::seconds).max(0);
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds as u64))
}
