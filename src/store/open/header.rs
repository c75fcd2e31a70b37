//! The first hundred bytes of the file, read without SQLite: it cannot say what it cannot open.

use crate::error::{Error, Result};
use crate::store::open::migrate::{APPLICATION_ID, SCHEMA_VERSION};
use std::fs::File;
use std::io::Read;
use std::path::Path;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How many wrong bits a word may have and still be taken for itself: by chance, a stranger's
/// number is as near as this in one of some hundred thousand.
const MOST_WRONG_BITS: u32 = 4;

/// The head of a database file.
pub(in crate::store) struct Header([u8; 100]);

impl Header {
    /// `None` for a file that is shorter.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(100);
        let file = File::open(path).map_err(Error::at(path))?;
        file.take(100).read_to_end(&mut bytes).map_err(Error::at(path))?;
        Ok(bytes.try_into().ok().map(Self))
    }

    /// The number that says whose file it is.
    pub fn application_id(&self) -> i64 {
        i64::from(self.word(68))
    }

    /// The schema version, or the newest known where it cannot be that.
    pub fn schema_version(&self) -> i64 {
        let version = i64::from(self.word(60));
        if (1..=SCHEMA_VERSION).contains(&version) { version } else { SCHEMA_VERSION }
    }

    /// Whether it is not even a damaged archive: one of its two marks must stand unhurt, and the
    /// other must be near.
    pub fn is_strangers(&self) -> bool {
        let magic = wrong_bits(&self.0[..16], MAGIC);
        let id = wrong_bits(&self.0[68..72], &(APPLICATION_ID as u32).to_be_bytes());
        magic.min(id) > 0 || magic.max(id) > MOST_WRONG_BITS
    }

    /// Which fixed values do not stand there, and what SQLite would make of it.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fixed = |name: &str, is_right: bool| {
            if !is_right {
                faults.push(format!("the {name} in the file's head is damaged"));
            }
        };
        let byte = |at: usize| self.0[at];
        fixed("signature", &self.0[..16] == MAGIC);
        fixed("application id", self.application_id() == APPLICATION_ID);
        fixed("schema version", self.word(60) > 0);
        let page_size = u16::from_be_bytes([byte(16), byte(17)]);
        fixed("page size", page_size == 1 || (page_size >= 512 && page_size.is_power_of_two()));
        let is_mode = |mode: u8| mode == 1 || mode == 2;
        fixed("journal mode", is_mode(byte(18)) && byte(18) == byte(19));
        fixed("reserved space", byte(20) == 0);
        fixed("payload fractions", self.0[21..24] == [64, 32, 32]);
        fixed("schema format", self.word(44) == 4);
        fixed("text encoding", self.word(56) == 1);
        fixed("reserved space", self.0[72..92].iter().all(|&byte| byte == 0));
        faults
    }

    /// Whether this is the head of a copy as `backup` leaves it, all of its file there: without a log,
    /// and so long as SQLite says.
    pub fn is_of_copy(&self, file_bytes: u64) -> bool {
        let page_size = match u16::from_be_bytes([self.0[16], self.0[17]]) {
            1 => 1 << 16,
            size => u64::from(size),
        };
        let has_no_log = self.0[18] == 1;
        // SQLite's own count is right where the change counter is the one that it was made at.
        let is_counted = self.word(24) == self.word(92);
        let bytes = u64::from(self.word(28)) * page_size;
        self.faults().is_empty() && has_no_log && is_counted && bytes == file_bytes
    }

    fn word(&self, at: usize) -> u32 {
        self.0[at..at + 4].iter().fold(0, |word, &byte| word << 8 | u32::from(byte))
    }
}

fn wrong_bits(found: &[u8], right: &[u8]) -> u32 {
    found.iter().zip(right).map(|(found, right)| (found ^ right).count_ones()).sum()
}
