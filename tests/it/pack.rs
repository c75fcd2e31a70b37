//! Builds archives byte by byte: valid ones, and ones that no honest program would write; and lists their
//! members.

use crate::place::Place;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use seedbank::Timestamp;
use seedbank::internals::source::{Limits, Member, Walk, members};
use std::io::Write;

/// A tar that is being built.
#[derive(Clone, Default)]
pub struct Tar {
    bytes: Vec<u8>,
}

impl Tar {
    pub fn file(self, name: &str, data: &[u8], seconds: u64) -> Self {
        self.entry(b'0', name.as_bytes(), data.len() as u64, data, seconds)
    }

    /// An entry that declares `length` for `data`.
    pub fn entry(self, kind: u8, name: &[u8], length: u64, data: &[u8], seconds: u64) -> Self {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name);
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{length:011o}\0").as_bytes());
        header[136..148].copy_from_slice(format!("{seconds:011o}\0").as_bytes());
        header[156] = kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        self.header(header).data(data)
    }

    /// A header, with its checksum corrected.
    pub fn header(self, mut header: [u8; 512]) -> Self {
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.raw(&header)
    }

    /// A pax header for the next entry.
    pub fn pax(self, fields: &[(&str, &str)]) -> Self {
        let fields: String = fields.iter().map(|(key, value)| pax_field(key, value)).collect();
        self.entry(b'x', b"pax", fields.len() as u64, fields.as_bytes(), 0)
    }

    pub fn data(self, data: &[u8]) -> Self {
        let padding = data.len().wrapping_neg() % 512;
        self.raw(data).raw(&vec![0; padding])
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// With the end marker of a tar.
    pub fn finish(self) -> Vec<u8> {
        self.raw(&[0; 1024]).bytes
    }

    pub fn unfinished(self) -> Vec<u8> {
        self.bytes
    }
}

/// The length includes itself.
fn pax_field(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length.to_string().len() + rest.len() != length {
        length = length.to_string().len() + rest.len();
    }
    format!("{length}{rest}")
}

/// A zip that is being built; the directory's data of an entry can be changed.
#[derive(Default)]
pub struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

/// The data in both headers of an entry.
#[derive(Clone)]
pub struct ZipEntry {
    pub name: Vec<u8>,
    pub packed: Vec<u8>,
    pub length: u32,
    pub crc: u32,
    pub method: u16,
    pub flags: u16,
    /// Date and time, in DOS format.
    pub date: u16,
    pub time: u16,
    pub extra: Vec<u8>,
    /// `st_mode`, as a Unix program writes it; 0 for other programs.
    pub mode: u32,
}

/// 2024-03-01 00:00:00.
pub const DOS_DATE: u16 = (2024 - 1980) << 9 | 3 << 5 | 1;

impl ZipEntry {
    pub fn deflated(name: impl AsRef<[u8]>, data: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        Self { packed: encoder.finish().unwrap(), method: 8, ..Self::stored(name, data) }
    }

    pub fn stored(name: impl AsRef<[u8]>, data: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        Self {
            name: name.as_ref().to_owned(),
            packed: data.to_owned(),
            length: data.len() as u32,
            crc: crc.sum(),
            method: 0,
            flags: 0,
            date: DOS_DATE,
            time: 0,
            extra: Vec::new(),
            mode: 0,
        }
    }

    /// With the extra field for the time in UTC.
    pub fn at(mut self, seconds: u64) -> Self {
        self.extra.extend(b"\x55\x54\x05\x00\x01");
        self.extra.extend((seconds as u32).to_le_bytes());
        self
    }

    fn fields(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        for number in [20, self.flags, self.method, self.time, self.date] {
            fields.extend(number.to_le_bytes());
        }
        for number in [self.crc, self.packed.len() as u32, self.length] {
            fields.extend(number.to_le_bytes());
        }
        fields.extend((self.name.len() as u16).to_le_bytes());
        fields.extend((self.extra.len() as u16).to_le_bytes());
        fields
    }
}

impl Zip {
    pub fn entry(mut self, entry: &ZipEntry) -> Self {
        let offset = self.bytes.len() as u32;
        self = self.local(entry);
        self.listed(entry, offset)
    }

    /// An entry in the file that is not in the directory.
    pub fn local(mut self, entry: &ZipEntry) -> Self {
        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(entry.fields());
        self.bytes.extend(&entry.name);
        self.bytes.extend(&entry.extra);
        self.bytes.extend(&entry.packed);
        self
    }

    /// An entry in the directory only.
    pub fn listed(mut self, entry: &ZipEntry, offset: u32) -> Self {
        let made_by: u16 = if entry.mode == 0 { 20 } else { 3 << 8 | 20 };
        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(made_by.to_le_bytes());
        self.directory.extend(entry.fields());
        self.directory.extend([0; 6]);
        self.directory.extend((entry.mode << 16).to_le_bytes());
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(&entry.name);
        self.directory.extend(&entry.extra);
        self.entries += 1;
        self
    }

    pub fn finish(self) -> Vec<u8> {
        let start = self.bytes.len() as u32;
        self.finish_at(start)
    }

    /// With a 64-bit end record, which declares this number of entries.
    pub fn finish_64(mut self, entries: u64) -> Vec<u8> {
        let (start, length) = (self.bytes.len() as u64, self.directory.len() as u64);
        let mut end = b"PK\x06\x06".to_vec();
        end.extend(44u64.to_le_bytes());
        end.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [entries, entries, length, start] {
            end.extend(number.to_le_bytes());
        }
        end.extend(b"PK\x06\x07\0\0\0\0");
        end.extend((start + length).to_le_bytes());
        end.extend([1, 0, 0, 0]);
        self.directory.extend(end);
        self.finish_at(u32::MAX)
    }

    fn finish_at(mut self, start: u32) -> Vec<u8> {
        let length = self.directory.len() as u32;
        self.bytes.extend(&self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.entries.to_le_bytes());
        self.bytes.extend(self.entries.to_le_bytes());
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(start.to_le_bytes());
        self.bytes.extend([0; 2]);
        self.bytes
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

pub const LIMIT: u64 = 64 << 10;
pub const MOST_ENTRIES: u64 = 1200;
pub const MOST_REFUSED: u64 = 20;

pub fn limits() -> Limits {
    Limits {
        max_bytes: LIMIT,
        most_entries: MOST_ENTRIES,
        most_refused: MOST_REFUSED,
        started: Timestamp::now(),
    }
}

/// The members of a file; `None` if it is not a container.
pub fn open(bytes: &[u8], name: &str) -> Option<Vec<Member>> {
    let place = Place::new();
    let path = place.write(name, bytes);
    let walk = Walk::new(&[path], &place.database()).unwrap();
    let found = walk.files().next().unwrap();
    members(&found, limits()).map(Iterator::collect)
}

/// Every member in a line: its bytes and time, or why it was rejected.
pub fn listed(bytes: &[u8]) -> Vec<String> {
    let line = |member: Member| {
        let (origin, what) = match member {
            Ok(document) => {
                let time = document.origin.observed_at.map(|time| format!(" {time}"));
                let length = document.bytes.len();
                (document.origin, format!("{length}{}", time.unwrap_or_default()))
            }
            Err((origin, why)) => {
                let detail = why.detail.map(|detail| format!(" ({detail})"));
                (origin, format!("{}{}", why.reason.as_str(), detail.unwrap_or_default()))
            }
        };
        format!("{}: {what}", origin.place.member.as_deref().unwrap_or("-"))
    };
    open(bytes, "a").expect("a container").into_iter().map(line).collect()
}

#[track_caller]
pub fn check(bytes: &[u8], expected: &[&str]) {
    assert_eq!(listed(bytes), expected);
}
