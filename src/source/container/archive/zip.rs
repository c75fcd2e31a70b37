//! zip: read by its directory, which is checked against the entries in the file.

use super::page_folders::PageFolders;
use super::zip_directory::{Directory, Entry, Fields, LOCAL_LENGTH, LOCAL_MARK, read_at};
use super::zip_names::{NameEncoding, is_unknown};
use super::{Expansion, document, is_left_out, is_manifest, zstd_decoder};
use crate::format::signature;
use crate::model::{Reason, Rejection};
use crate::source::container::entries::{Entries, with_taken};
use crate::source::container::{Container, Iter, Member, one, why};
use crate::source::file::read::{read_at_most, too_large};
use flate2::Crc;
use flate2::read::DeflateDecoder;
use memchr::memmem;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// File types of Unix, as in `st_mode`.
const TYPE_MASK: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const SYMBOLIC_LINK: u32 = 0o120_000;
const REGULAR: u32 = 0o100_000;

/// The members of a zip file; `None` if the zip is one document: it has all the names of that document
/// format, and no entry is a seed.
pub(super) fn open<R: Read + Seek + 'static>(file: R, container: Container) -> Option<Iter> {
    match ZipMembers::new(file, container.clone()) {
        Ok(mut members) => (!members.is_one_document()).then(|| PageFolders::of(members)),
        Err(rejection) => Some(one(container.refuse(None, rejection))),
    }
}

/// The entries of one archive, in the order of its directory.
struct ZipMembers<R> {
    file: R,
    container: Container,
    directory: Directory,
    names: NameEncoding,
    expansion: Expansion,
    /// Entries that the directory does not list; reported last.
    unlisted: Option<Rejection>,
    /// Files that were read completely.
    taken: u64,
    /// Whether anything was counted, imported or not.
    is_used: bool,
    is_over: bool,
}

/// The range of the file that an entry takes, with its header.
struct Extent {
    start: u64,
    end: u64,
}

impl<R: Read + Seek> ZipMembers<R> {
    fn new(mut file: R, container: Container) -> Result<Self, Rejection> {
        let mut directory = Directory::read(&mut file, Entries::of(&container))?;
        let (mut extents, mut unknown_names) = (Vec::new(), Vec::new());
        for entry in directory.by_ref() {
            let entry = entry?;
            extents.push(extent(&mut file, &entry)?);
            if is_unknown(&entry) {
                unknown_names.push(entry.name);
            }
        }
        directory.rewind();
        let names = NameEncoding::detect(&unknown_names);
        let unlisted = check_extents(&mut file, extents, directory.start)?;
        let unlisted = unlisted.or_else(|| match directory.after {
            0 => None,
            after => {
                Some(damaged(&format!("has {after} bytes after its end that are not part of it")))
            }
        });
        Ok(Self {
            file,
            container,
            directory,
            names,
            expansion: Expansion::default(),
            unlisted,
            taken: 0,
            is_used: false,
            is_over: false,
        })
    }

    fn is_one_document(&mut self) -> bool {
        let entries: Vec<Entry> = self.directory.by_ref().map_while(Result::ok).collect();
        self.directory.rewind();
        signature::is_one_document(entries.iter().map(|entry| &entry.name[..]))
            && !entries.iter().any(|entry| self.begins_seed(entry).unwrap_or(false))
    }

    /// Whether an entry begins with a seed's header.
    fn begins_seed(&mut self, entry: &Entry) -> Option<bool> {
        const ENOUGH: u64 = 4096;
        let start = data_start(&mut self.file, entry).ok()??;
        self.file.seek(SeekFrom::Start(start)).ok()?;
        let packed = (&mut self.file).take(entry.packed_length);
        let mut head = Vec::new();
        // An error further on does not matter for this check.
        _ = match entry.method {
            0 => packed.take(ENOUGH).read_to_end(&mut head),
            8 => DeflateDecoder::new(packed).take(ENOUGH).read_to_end(&mut head),
            _ => return None,
        };
        Some(signature::begins_with_header(&head))
    }

    /// The next member; `None` for an entry that does not count.
    fn take_entry(&mut self, entry: &Entry) -> Option<Member> {
        let name = self.names.name(entry);
        let file_type = entry.unix_mode.map(|mode| mode & TYPE_MASK).filter(|mode| *mode != 0);
        let is_folder = entry.name.ends_with(b"/") || file_type == Some(FOLDER);
        if is_folder && is_empty(entry) || is_left_out(&entry.name) {
            return None;
        }
        self.is_used = true;
        let read = match file_type {
            Some(SYMBOLIC_LINK) => Err(Rejection::because(Reason::NotRegular, "symbolic link")),
            // An entry with bytes is a file, whatever type it claims.
            Some(REGULAR | FOLDER) | None => self.read_entry(entry),
            Some(_) => Err(Rejection::because(Reason::NotRegular, "special file")),
        };
        match read {
            Ok(bytes) if is_manifest(&name, &bytes) => None,
            Ok(bytes) => {
                self.taken += 1;
                Some(document(&self.container, name, entry.modified_ns, bytes))
            }
            // With the entry's own state, which is not in doubt here.
            Err(why) if matches!(why.reason, Reason::NotRegular | Reason::TooLarge) => {
                Some(Err((self.container.entry(name, entry.length, entry.modified_ns), why)))
            }
            Err(why) => Some(self.container.refuse(Some(name), why)),
        }
    }

    /// The bytes of a file, if they match its checksum.
    fn read_entry(&mut self, entry: &Entry) -> Result<Vec<u8>, Rejection> {
        let max_bytes = self.container.limits.max_bytes;
        if entry.is_encrypted {
            return Err(Rejection::because(Reason::Unreadable, "encrypted"));
        }
        if entry.length > max_bytes {
            return Err(too_large(entry.length, max_bytes));
        }
        let start = data_start(&mut self.file, entry)?;
        let start = start.ok_or_else(|| damaged("its local header is missing"))?;
        self.file.seek(SeekFrom::Start(start)).map_err(why)?;
        let packed = (&mut self.file).take(entry.packed_length);
        // Reading one byte more than declared is enough to detect a wrong length.
        let unpacked = match entry.method {
            0 => read_at_most(packed, 0, entry.length),
            8 => read_at_most(DeflateDecoder::new(packed), 0, entry.length),
            93 => zstd_decoder(BufReader::new(packed))
                .and_then(|unpacked| read_at_most(unpacked, 0, entry.length)),
            method => {
                let detail = format!("compressed with method {method}, which is not supported");
                return Err(Rejection::because(Reason::Unreadable, detail));
            }
        };
        self.expansion.packed += entry.packed_length;
        // An entry that breaks while it is read counts with its declared length.
        self.expansion.unpacked +=
            unpacked.as_ref().map_or(entry.length, |bytes| bytes.len() as u64);
        let bytes = unpacked.map_err(why)?;
        let mut crc = Crc::new();
        crc.update(&bytes);
        match bytes.len() as u64 {
            length if length > entry.length => Err(damaged(&format!(
                "unpacks to more than the {} bytes that it declares",
                entry.length
            ))),
            length if length < entry.length => {
                Err(damaged(&format!("unpacks to {length} of {} bytes", entry.length)))
            }
            _ if crc.sum() != entry.crc => Err(damaged("its checksum does not match")),
            _ => Ok(bytes),
        }
    }

    /// After all entries were read.
    fn end(&mut self) -> Option<Member> {
        self.is_over = true;
        let empty = Rejection::because(Reason::EmptyFile, "an archive without files");
        let last = self.unlisted.take().or((!self.is_used).then_some(empty));
        last.map(|rejection| self.container.refuse(None, rejection))
    }
}

impl<R: Read + Seek> Iterator for ZipMembers<R> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        while !self.is_over {
            if let Err(error) = self.expansion.check() {
                self.is_over = true;
                let rejection = with_taken(why(error), self.taken, None);
                return Some(self.container.refuse(None, rejection));
            }
            let member = match self.directory.next() {
                Some(Ok(entry)) => self.take_entry(&entry),
                Some(Err(rejection)) => Some(self.container.refuse(None, rejection)),
                None => self.end(),
            };
            if member.is_some() {
                return member;
            }
        }
        None
    }
}

/// Whether an entry must be empty.
fn is_empty(entry: &Entry) -> bool {
    /// No compression method turns nothing into more bytes.
    const MOST: u64 = 16;
    entry.length == 0 && entry.packed_length <= MOST
}

fn damaged(detail: &str) -> Rejection {
    Rejection::because(Reason::DamagedArchive, detail)
}

/// Where the entry's bytes begin: after its local header, whose name must match.
fn data_start(file: &mut (impl Read + Seek), entry: &Entry) -> Result<Option<u64>, Rejection> {
    let length = LOCAL_LENGTH + entry.name.len();
    let header = match read_at(file, entry.offset, length) {
        Ok(header) => header,
        Err(rejection) if rejection.reason == Reason::DamagedArchive => return Ok(None),
        Err(rejection) => return Err(rejection),
    };
    let mut fields = Fields(&header[26..]);
    let (name, extra) = (fields.u16(), fields.u16());
    let is_same = header.starts_with(LOCAL_MARK)
        && name.map(usize::from) == Some(entry.name.len())
        && header[LOCAL_LENGTH..] == entry.name[..];
    let behind = length as u64 + u64::from(extra.unwrap_or(0));
    Ok(is_same.then(|| entry.offset.saturating_add(behind)))
}

fn extent(file: &mut (impl Read + Seek), entry: &Entry) -> Result<Extent, Rejection> {
    let least = entry.offset.saturating_add((LOCAL_LENGTH + entry.name.len()) as u64);
    let data = data_start(file, entry)?.unwrap_or(least);
    let end = data.saturating_add(entry.packed_length);
    Ok(Extent { start: entry.offset, end })
}

/// Fails if entries share bytes, which would let a few kilobytes be read again and again. Also detects
/// entries between them that the directory does not list.
fn check_extents(
    file: &mut (impl Read + Seek),
    mut extents: Vec<Extent>,
    directory_start: u64,
) -> Result<Option<Rejection>, Rejection> {
    extents.sort_unstable_by_key(|extent| extent.start);
    extents.push(Extent { start: directory_start, end: directory_start });
    let (mut end, mut unlisted) = (0, None);
    for extent in extents {
        if extent.start < end {
            return Err(damaged("entries overlap: nothing in it is read"));
        }
        if unlisted.is_none() && holds_entry(file, end, extent.start)? {
            unlisted = Some(damaged(&format!(
                "has entries at byte {end} that its directory does not name: they were not read"
            )));
        }
        end = extent.end;
    }
    Ok(unlisted)
}

/// Whether a local header begins between two positions.
fn holds_entry(file: &mut (impl Read + Seek), from: u64, to: u64) -> Result<bool, Rejection> {
    const PIECE: u64 = 64 << 10;
    let mut at = from;
    while to.saturating_sub(at) >= LOCAL_LENGTH as u64 {
        let length = PIECE.min(to - at);
        let piece = read_at(file, at, length as usize)?;
        let mut marks = memmem::find_iter(&piece, LOCAL_MARK);
        // A header that the piece cuts is at the beginning of the next piece.
        let whole = piece.len() - LOCAL_LENGTH;
        if marks.any(|mark| mark <= whole && is_local_header(&piece[mark..])) {
            return Ok(true);
        }
        at += length - LOCAL_LENGTH as u64 + 1;
    }
    Ok(false)
}

/// Whether this can be a header, and not only its signature, which programs that read zips contain.
fn is_local_header(header: &[u8]) -> bool {
    const HIGHEST_VERSION: u16 = 63;
    let mut fields = Fields(&header[4..]);
    let (version, _, method) = (fields.u16(), fields.u16(), fields.u16());
    let name = Fields(&header[26..]).u16();
    version.is_some_and(|version| version & 0xff <= HIGHEST_VERSION)
        && method.is_some_and(|method| method <= 99)
        && name.is_some_and(|name| (1..=4096).contains(&name))
}
