//! The directory at the end of a zip. What it says of an entry is trusted only where it must be.

use crate::format::signature::{ZIP_TAIL, zip_end};
use crate::model::{Reason, Rejection};
use crate::source::container::entries::Entries;
use crate::source::container::why;
use chrono::NaiveDate;
use memchr::memmem;
use std::io::{Read, Seek, SeekFrom};

/// A larger directory is not read, since it must be in memory.
const LONGEST_DIRECTORY: u64 = 64 << 20;
/// In longer padding after a zip, the end record is not searched for.
const MOST_PADDING: usize = 1 << 20;
const END_LENGTH: usize = 22;
const END_MARK: &[u8] = b"PK\x05\x06";
const LOCATOR_LENGTH: usize = 20;
const END_64_LENGTH: usize = 56;
pub(super) const LOCAL_LENGTH: usize = 30;
pub(super) const LOCAL_MARK: &[u8; 4] = b"PK\x03\x04";
/// This value means that the number is in a 64-bit field elsewhere.
const IN_64_BITS: u64 = u32::MAX as u64;

/// The directory of one archive.
pub(super) struct Directory {
    bytes: Vec<u8>,
    /// Where it begins in the file.
    pub start: u64,
    /// How far all data is after the position that the directory gives: something was put before the zip.
    shift: u64,
    /// Bytes at the end of the file that are neither part of the zip nor padding.
    pub after: u64,
    at: usize,
}

/// One entry, as the directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub name: Vec<u8>,
    pub has_utf8_name: bool,
    /// The name in UTF-8, if it is stored separately.
    pub unicode_name: Option<Vec<u8>>,
    pub is_encrypted: bool,
    pub method: u16,
    pub crc: u32,
    pub packed_length: u64,
    pub length: u64,
    /// Where its local header begins in the file.
    pub offset: u64,
    pub modified_ns: Option<i64>,
    /// File type and permissions, if a Unix program made the zip.
    pub unix_mode: Option<u32>,
}

fn damaged(detail: &str) -> Rejection {
    Rejection::because(Reason::DamagedArchive, detail)
}

impl Directory {
    /// Finds and reads the directory.
    pub fn read(file: &mut (impl Read + Seek), entries: Entries) -> Result<Self, Rejection> {
        let cut =
            || damaged("has no directory at its end: it may be truncated, or more than a zip");
        let End { tail, tail_start, at, after } = find_end(file)?.ok_or_else(cut)?;
        let end = tail_start + at as u64;
        let (extent, directory_end) = match at.checked_sub(LOCATOR_LENGTH).map(|at| &tail[at..]) {
            Some(locator) if locator.starts_with(b"PK\x06\x07") => {
                read_end_64(file, locator, end - LOCATOR_LENGTH as u64)?
            }
            _ => (Extent::read(&tail[at..]).ok_or_else(cut)?, end),
        };
        if extent.is_split {
            let detail = "a part of a zip that was split: join it, and import the whole";
            return Err(Rejection::because(Reason::Unreadable, detail));
        }
        let start = directory_end.checked_sub(extent.length).ok_or_else(cut)?;
        entries.check(extent.entries)?;
        if extent.length > LONGEST_DIRECTORY {
            let detail = format!(
                "has a directory of more than {LONGEST_DIRECTORY} bytes: unpack it, and import what is in it"
            );
            return Err(Rejection::because(Reason::TooLarge, detail));
        }
        let misplaced = || damaged("its directory is not where it should be");
        let shift = start.checked_sub(extent.offset).ok_or_else(misplaced)?;
        let bytes = read_at(file, start, extent.length as usize)?;
        let mut directory = Self { bytes, start, shift, after, at: 0 };
        directory.check_count(extent.entries, entries)?;
        Ok(directory)
    }

    /// Checks the number of entries against the end record; old programs count to 65,535 and start again from
    /// 0.
    fn check_count(&mut self, expected: u64, mut entries: Entries) -> Result<(), Rejection> {
        let mut count = 0;
        for entry in self.by_ref() {
            entries.take(entry?.name.len())?;
            count += 1;
        }
        self.at = 0;
        if count != expected && !(expected <= 0xffff && count % 0x1_0000 == expected) {
            let detail = format!("its directory has {count} entries and declares {expected}");
            return Err(damaged(&detail));
        }
        Ok(())
    }

    /// Returns to the first entry.
    pub fn rewind(&mut self) {
        self.at = 0;
    }
}

impl Iterator for Directory {
    type Item = Result<Entry, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Fields(self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?);
        let Some(entry) = Entry::read(&mut fields, self.shift) else {
            self.at = self.bytes.len();
            return Some(Err(damaged("its directory is malformed")));
        };
        self.at = self.bytes.len() - fields.0.len();
        Some(Ok(entry))
    }
}

/// The position and the size of the directory.
struct Extent {
    is_split: bool,
    entries: u64,
    length: u64,
    offset: u64,
}

impl Extent {
    fn read(end: &[u8]) -> Option<Self> {
        let mut fields = Fields(end.get(4..)?);
        let (disk, first_disk) = (fields.u16()?, fields.u16()?);
        fields.u16()?;
        Some(Self {
            is_split: disk != first_disk,
            entries: fields.u16()?.into(),
            length: fields.u32()?.into(),
            offset: fields.u32()?.into(),
        })
    }

    fn read_64(end: &[u8]) -> Option<Self> {
        if !end.starts_with(b"PK\x06\x06") {
            return None;
        }
        let mut fields = Fields(end.get(16..)?);
        let (disk, first_disk) = (fields.u32()?, fields.u32()?);
        fields.u64()?;
        Some(Self {
            is_split: disk != first_disk,
            entries: fields.u64()?,
            length: fields.u64()?,
            offset: fields.u64()?,
        })
    }
}

/// The record at the end of a zip, and the bytes that were read to find it.
struct End {
    tail: Vec<u8>,
    tail_start: u64,
    /// Where it begins in `tail`.
    at: usize,
    /// Bytes after it that are neither its comment nor padding.
    after: u64,
}

/// Whether the file ends like a zip with entries. If other data follows the end, only if there is a
/// directory.
pub(super) fn has_end(file: &mut (impl Read + Seek)) -> bool {
    match find_end(file) {
        Ok(Some(End { tail, at, after: 0, .. })) => {
            Extent::read(&tail[at..]).is_some_and(|extent| extent.entries > 0 || extent.length > 0)
        }
        Ok(Some(_)) => {
            let directory = Directory::read(file, Entries::unlimited());
            directory.is_ok_and(|directory| !directory.bytes.is_empty())
        }
        _ => false,
    }
}

/// Finds the end record: one whose comment or padding reaches the end of the file; otherwise the last
/// possible one, followed by other data.
fn find_end(file: &mut (impl Read + Seek)) -> Result<Option<End>, Rejection> {
    let length = file.seek(SeekFrom::End(0)).map_err(why)?;
    let mut read_tail = |most: usize| -> Result<_, Rejection> {
        let tail_start = length.saturating_sub(most as u64);
        Ok((read_at(file, tail_start, (length - tail_start) as usize)?, tail_start))
    };
    let (mut tail, mut tail_start) = read_tail(ZIP_TAIL + LOCATOR_LENGTH)?;
    let mut at = zip_end(&tail);
    if at.is_none() && tail.last() == Some(&0) && tail_start > 0 {
        (tail, tail_start) = read_tail(MOST_PADDING)?;
        at = zip_end(&tail);
    }
    if let Some(at) = at {
        return Ok(Some(End { tail, tail_start, at, after: 0 }));
    }
    let found = memmem::rfind(&tail, END_MARK).and_then(|at| {
        let comment = Fields(tail.get(at + END_LENGTH - 2..)?).u16()?;
        Some((at, tail.len().checked_sub(at + END_LENGTH + usize::from(comment))?))
    });
    Ok(found.map(|(at, after)| End { tail, tail_start, at, after: after as u64 }))
}

/// The 64-bit end record: at the position in its locator, or directly before that.
fn read_end_64(
    file: &mut (impl Read + Seek),
    locator: &[u8],
    locator_at: u64,
) -> Result<(Extent, u64), Rejection> {
    let said = Fields(&locator[8..]).u64().unwrap_or(u64::MAX);
    let before = locator_at.saturating_sub(END_64_LENGTH as u64);
    for at in [said, before] {
        if at.checked_add(END_64_LENGTH as u64).is_some_and(|end| end <= locator_at)
            && let Some(extent) = Extent::read_64(&read_at(file, at, END_64_LENGTH)?)
        {
            return Ok((extent, at));
        }
    }
    Err(damaged("the end of its directory is malformed"))
}

/// Reads bytes; the caller ensures that there are few.
pub(super) fn read_at(
    file: &mut (impl Read + Seek),
    at: u64,
    length: usize,
) -> Result<Vec<u8>, Rejection> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes)).map_err(why)?;
    Ok(bytes)
}

impl Entry {
    fn read(fields: &mut Fields<'_>, shift: u64) -> Option<Self> {
        if fields.take(4)? != b"PK\x01\x02" {
            return None;
        }
        let made_by = fields.u16()?;
        fields.u16()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let (time, date, crc) = (fields.u16()?, fields.u16()?, fields.u32()?);
        let (packed_length, length) = (fields.u32()?, fields.u32()?);
        let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
        fields.take(4)?;
        let (attributes, offset) = (fields.u32()?, fields.u32()?);
        let mut entry = Self {
            name: fields.take(name.into())?.to_owned(),
            has_utf8_name: flags & 1 << 11 != 0,
            unicode_name: None,
            is_encrypted: flags & (1 | 1 << 6 | 1 << 13) != 0,
            method,
            crc,
            packed_length: packed_length.into(),
            length: length.into(),
            offset: offset.into(),
            modified_ns: dos_time(date, time),
            unix_mode: (made_by >> 8 == 3).then_some(attributes >> 16),
        };
        entry.read_extra(fields.take(extra.into())?);
        fields.take(comment.into())?;
        entry.offset = entry.offset.checked_add(shift)?;
        Some(entry)
    }

    /// Reads fields that do not fit into the entry itself. Malformed ones are ignored.
    fn read_extra(&mut self, extra: &[u8]) {
        let mut fields = Fields(extra);
        let mut utc = None;
        while let (Some(id), Some(length)) = (fields.u16(), fields.u16()) {
            let Some(field) = fields.take(length.into()) else { return };
            match id {
                0x0001 => self.read_64_bits(Fields(field)),
                0x5455 => utc = unix_time(Fields(field)).or(utc),
                0x000a => utc = utc.or_else(|| ntfs_time(Fields(field))),
                0x7075 => self.unicode_name = unicode_name(Fields(field), &self.name),
                _ => {}
            }
        }
        self.modified_ns = utc.or(self.modified_ns);
    }

    fn read_64_bits(&mut self, mut field: Fields<'_>) {
        for number in [&mut self.length, &mut self.packed_length, &mut self.offset] {
            if *number == IN_64_BITS
                && let Some(long) = field.u64()
            {
                *number = long;
            }
        }
    }
}

/// Seconds since 1970 in UTC.
fn unix_time(mut field: Fields<'_>) -> Option<i64> {
    let has_modified = field.take(1)?[0] & 1 != 0;
    has_modified.then_some(())?;
    Some(i64::from(field.u32()? as i32) * 1_000_000_000)
}

/// Tenths of microseconds since 1601 in UTC.
fn ntfs_time(mut field: Fields<'_>) -> Option<i64> {
    const SECONDS_1601_TO_1970: i64 = 11_644_473_600;
    field.u32()?;
    while let (Some(tag), Some(length)) = (field.u16(), field.u16()) {
        let mut inner = Fields(field.take(length.into())?);
        if tag == 1 {
            let ticks = i64::try_from(inner.u64()?).ok()?;
            return ticks.checked_sub(SECONDS_1601_TO_1970 * 10_000_000)?.checked_mul(100);
        }
    }
    None
}

/// Valid only for the name whose checksum it has.
fn unicode_name(mut field: Fields<'_>, name: &[u8]) -> Option<Vec<u8>> {
    let version = field.take(1)?[0];
    let mut crc = flate2::Crc::new();
    crc.update(name);
    (version == 1 && field.u32()? == crc.sum()).then(|| field.0.to_owned())
}

/// A time without a zone, in steps of two seconds; taken as UTC.
fn dos_time(date: u16, time: u16) -> Option<i64> {
    let [date, time] = [u32::from(date), u32::from(time)];
    let day = NaiveDate::from_ymd_opt(1980 + (date >> 9) as i32, date >> 5 & 15, date & 31)?;
    let moment = day.and_hms_opt(time >> 11, time >> 5 & 63, (time & 31) * 2)?;
    moment.and_utc().timestamp().checked_mul(1_000_000_000)
}

/// Consecutive numbers, little-endian.
pub(super) struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    pub fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
}
