//! Readers of one file that do not move each other's position.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// A reader with its own position in a shared file: several readers of different parts do not move each
/// other's position, as they would with a shared offset.
#[derive(Debug, Clone)]
pub struct Placed {
    file: Arc<File>,
    at: u64,
}

impl Placed {
    /// A reader at the start of a regular file.
    pub fn new(file: Arc<File>) -> Self {
        Self { file, at: 0 }
    }
}

impl Read for Placed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Placed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.file.metadata()?.len(), by),
        };
        let to = from.checked_add_signed(by);
        self.at = to.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};

    #[test]
    fn a_look_at_the_end_moves_no_other_reader() {
        let mut file = tempfile::tempfile().unwrap();
        let text: String = (0..3000).map(|line| format!("line {line}\n")).collect();
        file.write_all(text.as_bytes()).unwrap();
        let file = Arc::new(file);
        let mut lines = BufReader::new(Placed::new(Arc::clone(&file)));
        let mut read = String::new();
        lines.read_line(&mut read).unwrap();
        let mut end = Placed::new(file);
        end.seek(SeekFrom::End(-5)).unwrap();
        let mut last = String::new();
        end.read_to_string(&mut last).unwrap();
        assert_eq!(last, "2999\n");
        assert!(end.seek(SeekFrom::Current(-100_000)).is_err());
        lines.read_to_string(&mut read).unwrap();
        assert!(read == text);
    }
}
