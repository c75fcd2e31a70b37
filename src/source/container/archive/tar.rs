//! tar, in its common dialects: v7, ustar, GNU and pax.

use super::{document, is_left_out, is_manifest};
use crate::model::{Reason, Rejection, bytes_label};
use crate::source::container::entries::{Entries, with_taken};
use crate::source::container::tar_header::{
    BLOCK, EntryType, Header, PaxFields, is_zero, until_nul,
};
use crate::source::container::{Container, Member, Stream, why};
use crate::source::file::read::too_large;
use std::io::{self, Read};

/// Longer names and fields are invalid: some paths have thousands of bytes, none has a million.
const LONGEST_NAME: u64 = 1 << 20;

const BEHIND_ITS_END: &str = "has data after its end that is not an entry";

/// The entries of one archive, in its order.
pub(super) struct TarMembers {
    stream: Stream,
    container: Container,
    /// The name of the next entry, if its own header has no room for it.
    long_name: Option<Vec<u8>>,
    pax: PaxFields,
    entries: Entries,
    /// Files that were read completely.
    taken: u64,
    /// Whether anything was counted, imported or not.
    is_used: bool,
    last_name: Option<String>,
    is_ended: bool,
    is_over: bool,
}

/// Why reading cannot continue, and the entry in which it stopped.
struct Stop(Option<String>, Rejection);

fn damaged(what: &str) -> Stop {
    Stop(None, Rejection::because(Reason::DamagedArchive, what))
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self(None, why(error))
    }
}

/// An entry whose headers are all read.
struct Entry {
    name: String,
    entry_type: EntryType,
    length: u64,
    modified_ns: Option<i64>,
}

impl TarMembers {
    pub fn new(stream: Stream, container: Container) -> Self {
        Self {
            stream,
            entries: Entries::of(&container),
            container,
            long_name: None,
            pax: PaxFields::default(),
            taken: 0,
            is_used: false,
            last_name: None,
            is_ended: false,
            is_over: false,
        }
    }

    /// Reads to the next member; `None` for headers and for entries that do not count.
    fn step(&mut self) -> Result<Option<Member>, Stop> {
        let mut block = [0; BLOCK];
        match read_up_to(&mut self.stream, &mut block)? {
            BLOCK => {}
            length if block[..length].iter().any(|byte| *byte != 0) => {
                return Err(damaged(if self.is_ended {
                    BEHIND_ITS_END
                } else {
                    "ends in the middle of a header"
                }));
            }
            _ => return self.end(),
        }
        if is_zero(&block) {
            // Two such blocks are the end; data appended to an archive comes after them.
            self.is_ended = true;
            return Ok(None);
        }
        let Some(header) = Header::read(&block) else {
            let after = if self.is_ended {
                BEHIND_ITS_END
            } else {
                "has no header where the next entry should be"
            };
            return Err(damaged(after));
        };
        self.is_ended = false;
        self.take_header(header, &block)
    }

    fn take_header(&mut self, header: Header, block: &[u8; BLOCK]) -> Result<Option<Member>, Stop> {
        match header.entry_type {
            EntryType::LongName => {
                let name = self.read_field(header.length)?;
                self.long_name = Some(until_nul(&name).to_owned());
            }
            EntryType::LongLink | EntryType::GlobalPax => drop(self.read_field(header.length)?),
            EntryType::Pax => {
                let fields = self.read_field(header.length)?;
                self.pax =
                    PaxFields::read(&fields).ok_or_else(|| damaged("has malformed pax fields"))?;
            }
            _ => {
                let pax = std::mem::take(&mut self.pax);
                let name = self.long_name.take();
                let name = pax.path.or(name).unwrap_or_else(|| header.name(block));
                let is_sparse = pax.is_sparse || header.entry_type == EntryType::Sparse;
                let entry = Entry {
                    name: bytes_label(&name),
                    entry_type: if is_sparse { EntryType::Sparse } else { header.entry_type },
                    length: pax.length.unwrap_or(header.length),
                    modified_ns: pax.modified_ns.or(header.modified_ns),
                };
                if header.has_sparse_extension {
                    self.skip_sparse_maps()?;
                }
                self.entries.take(name.len()).map_err(|why| Stop(None, why))?;
                return self.take_entry(entry, is_left_out(&name));
            }
        }
        Ok(None)
    }

    fn take_entry(&mut self, entry: Entry, is_left_out: bool) -> Result<Option<Member>, Stop> {
        let length = match entry.entry_type {
            // Old programs write the length of the link's target, and no bytes.
            EntryType::HardLink => 0,
            _ => entry.length,
        };
        let max_bytes = self.container.limits.max_bytes;
        let Entry { name, modified_ns, .. } = entry;
        self.last_name = Some(name.clone());
        let refusal = match entry.entry_type {
            EntryType::Folder => None,
            _ if is_left_out => None,
            EntryType::File if length > max_bytes => Some(too_large(length, max_bytes)),
            EntryType::File => return self.take_file(name, length, modified_ns),
            EntryType::Sparse | EntryType::Rest => {
                let what = if entry.entry_type == EntryType::Rest {
                    "the rest of a file on another volume"
                } else {
                    "a sparse file"
                };
                let detail = format!("{what}: unpack the archive, and import what is in it");
                Some(Rejection::because(Reason::Unreadable, detail))
            }
            other => Some(Rejection::because(Reason::NotRegular, other.name())),
        };
        self.skip(length, &name)?;
        Ok(refusal.map(|refusal| {
            self.is_used = true;
            Err((self.container.entry(name, length, modified_ns), refusal))
        }))
    }

    fn take_file(
        &mut self,
        name: String,
        length: u64,
        modified_ns: Option<i64>,
    ) -> Result<Option<Member>, Stop> {
        let mut bytes = Vec::new();
        let read = (&mut self.stream).take(length).read_to_end(&mut bytes);
        if let Err(error) = read {
            return Err(Stop(Some(name), why(error)));
        }
        if (bytes.len() as u64) < length {
            let detail = format!("ends after {} of the file's {length} bytes", bytes.len());
            let rejection = Rejection::because(Reason::DamagedArchive, detail);
            return Err(Stop(Some(name), rejection));
        }
        self.is_used = true;
        self.taken += 1;
        // If the archive is cut off in the padding, the file itself is complete: the next header is missing.
        self.skip_padding(length)?;
        if is_manifest(&name, &bytes) {
            return Ok(None);
        }
        Ok(Some(document(&self.container, name, modified_ns, bytes)))
    }

    /// At the end of the file.
    fn end(&mut self) -> Result<Option<Member>, Stop> {
        self.is_over = true;
        if !self.is_ended {
            return Err(damaged("ends without the end marker of a tar: it may be truncated"));
        }
        let detail = "an archive without files";
        let empty = Rejection::because(Reason::EmptyFile, detail);
        Ok((!self.is_used).then(|| self.container.refuse(None, empty)))
    }

    /// The content of a header that only describes the next one.
    fn read_field(&mut self, length: u64) -> Result<Vec<u8>, Stop> {
        if length > LONGEST_NAME {
            let what = format!("has a name or field of {length} bytes");
            return Err(damaged(&what));
        }
        let mut bytes = Vec::new();
        (&mut self.stream).take(length).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < length {
            return Err(damaged("ends in the middle of a name"));
        }
        self.skip_padding(length)?;
        Ok(bytes)
    }

    fn skip(&mut self, length: u64, name: &str) -> Result<(), Stop> {
        let skipped = io::copy(&mut (&mut self.stream).take(length), &mut io::sink())
            .map_err(|error| Stop(Some(name.to_owned()), why(error)))?;
        if skipped < length {
            let detail = format!("ends after {skipped} of the entry's {length} bytes");
            let rejection = Rejection::because(Reason::DamagedArchive, detail);
            return Err(Stop(Some(name.to_owned()), rejection));
        }
        self.skip_padding(length)
    }

    fn skip_padding(&mut self, length: u64) -> Result<(), Stop> {
        let padding = length.wrapping_neg() % BLOCK as u64;
        io::copy(&mut (&mut self.stream).take(padding), &mut io::sink())?;
        Ok(())
    }

    /// GNU's map of a sparse file continues after its header, block by block.
    fn skip_sparse_maps(&mut self) -> Result<(), Stop> {
        let mut block = [0; BLOCK];
        loop {
            if read_up_to(&mut self.stream, &mut block)? < BLOCK {
                return Err(damaged("ends in the middle of a sparse file's map"));
            }
            if block[504] == 0 {
                return Ok(());
            }
        }
    }
}

impl Iterator for TarMembers {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        while !self.is_over {
            match self.step() {
                Ok(None) => {}
                Ok(member) => return member,
                Err(Stop(name, rejection)) => {
                    self.is_over = true;
                    let last_name = self.last_name.as_deref().filter(|_| name.is_none());
                    let rejection = with_taken(rejection, self.taken, last_name);
                    return Some(self.container.refuse(name, rejection));
                }
            }
        }
        None
    }
}

/// Fills the buffer as far as there are bytes.
fn read_up_to(stream: &mut Stream, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match stream.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
