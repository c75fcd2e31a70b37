//! The file of `stats --health --state`, written as logrotate writes its own: a text that is replaced as a whole.

use crate::cli::Global;
use crate::cli::outcome::UsageError;
use anyhow::Result;
use seedbank::Error;
use seedbank::internals::files::{ArchiveFiles, NewFile, Taken};
use seedbank::internals::model::path_label;
use seedbank::internals::view::health::State;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// More than a hundred thousand problems.
const MOST_BYTES: u64 = 16 << 20;

/// The state, and the file that will replace it.
pub struct StateFile {
    pub state: State,
    file: NewFile,
    path: PathBuf,
}

impl StateFile {
    /// Reads the state of an archive; a file that is missing or empty is the state of one of which nothing was
    /// reported. Fails if it is anything else, or could not be replaced.
    pub fn open(path: &Path, archive_id: String, global: &Global) -> Result<Self> {
        let file = NewFile::create(path, Taken::Replaced, &ArchiveFiles::of(&global.db))?;
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(found) => {
                let read = found.take(MOST_BYTES + 1).read_to_end(&mut bytes);
                read.map_err(Error::at(path))?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Error::at(path)(error).into()),
        }
        if bytes.is_empty() {
            return Ok(Self { state: State::new(archive_id), file, path: path.to_owned() });
        }
        let wrong = |why: String| UsageError {
            message: format!("\"{}\" {why}", path_label(path)),
            hint: "name another file; or remove it, and every current problem is reported anew"
                .into(),
            path: Some(path.to_owned()),
        };
        if bytes.len() as u64 > MOST_BYTES {
            let why = format!("has more than {MOST_BYTES} bytes, which is no state");
            return Err(wrong(why).into());
        }
        let state = State::read(&String::from_utf8_lossy(&bytes)).map_err(wrong)?;
        if state.archive_id != archive_id {
            return Err(wrong("is the state of another archive".into()).into());
        }
        Ok(Self { state, file, path: path.to_owned() })
    }

    /// Writes the new state, which replaces the old one when the file is finished.
    pub fn write(mut self) -> Result<NewFile> {
        let written = self.file.write_all(self.state.to_string().as_bytes());
        written.and_then(|()| self.file.flush()).map_err(Error::at(self.path))?;
        Ok(self.file)
    }
}
