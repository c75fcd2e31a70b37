//! The first hundred bytes of the file, read without SQLite: SQLite cannot describe a file that it cannot
//! open.

use crate::error::{Error, Result};
use crate::store::open::migrate::{APPLICATION_ID, SCHEMA_VERSION};
use std::fs::File;
use std::io::Read;
use std::path::Path;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How many wrong bits a word may have and still be recognised. By chance, one of some hundred thousand
/// foreign numbers is this close.
const MOST_WRONG_BITS: u32 = 4;

/// The header of a database file.
pub(in crate::store) struct Header([u8; 100]);

impl Header {
    /// `None` for a shorter file.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(100);
        let file = File::open(path).map_err(Error::at(path))?;
        file.take(100).read_to_end(&mut bytes).map_err(Error::at(path))?;
        Ok(bytes.try_into().ok().map(Self))
    }

    /// The number that names the program the file belongs to.
    pub fn application_id(&self) -> i64 {
        i64::from(self.word(68))
    }

    /// The schema version, or the newest known one if the value is impossible.
    pub fn schema_version(&self) -> i64 {
        let version = i64::from(self.word(60));
        if (1..=SCHEMA_VERSION).contains(&version) { version } else { SCHEMA_VERSION }
    }

    /// Whether the file is not even a damaged archive: one of its two marks must be intact and the other
    /// nearly so.
    pub fn is_strangers(&self) -> bool {
        let magic = wrong_bits(&self.0[..16], MAGIC);
        let id = wrong_bits(&self.0[68..72], &(APPLICATION_ID as u32).to_be_bytes());
        magic.min(id) > 0 || magic.max(id) > MOST_WRONG_BITS
    }

    /// Which of the fixed values are wrong, and how SQLite would report the file.
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

    /// Whether this is the header of a copy as `backup` leaves it, with the complete file present: without a
    /// log, and as long as SQLite recorded.
    pub fn is_of_copy(&self, file_bytes: u64) -> bool {
        let page_size = match u16::from_be_bytes([self.0[16], self.0[17]]) {
            1 => 1 << 16,
            size => u64::from(size),
        };
        let has_no_log = self.0[18] == 1;
        // SQLite's own page count is valid only if the change counter still has the value it was recorded
        // with.
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
