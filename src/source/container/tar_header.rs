//! The 512-byte header of a tar entry, and the pax fields that can precede it.

/// Everything in a tar is padded to blocks of this size.
pub(in crate::source) const BLOCK: usize = 512;

/// The type of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum EntryType {
    File,
    Folder,
    HardLink,
    SymbolicLink,
    Device,
    Fifo,
    /// The name of the next entry, or of its link target.
    LongName,
    LongLink,
    /// Fields of the next entry, or of all that follow.
    Pax,
    GlobalPax,
    Sparse,
    /// The rest of a file that begins on another volume.
    Rest,
    /// Data that programs store beside a file: access rights, attributes, earlier names.
    Beside,
}

impl EntryType {
    pub fn name(self) -> &'static str {
        match self {
            Self::HardLink => "hard link",
            Self::SymbolicLink => "symbolic link",
            Self::Device => "device",
            Self::Fifo => "FIFO",
            _ => "not a file, but about one",
        }
    }
}

/// The fields of a header that are needed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Header {
    pub entry_type: EntryType,
    pub length: u64,
    pub modified_ns: Option<i64>,
    /// Whether blocks with more of a sparse file's map follow.
    pub has_sparse_extension: bool,
    has_prefix: bool,
}

impl Header {
    /// `None` if this is not a header: its checksum is wrong, or a number is invalid.
    pub fn read(block: &[u8; BLOCK]) -> Option<Self> {
        if !has_checksum(block) {
            return None;
        }
        let has_prefix = &block[257..263] == b"ustar\0";
        let length = number(&block[124..136])?.try_into().ok()?;
        let entry_type = match block[156] {
            // An entry with bytes is a file, whatever type it claims.
            b'5' if length > 0 => EntryType::File,
            // v7 had no type for folders.
            0 if length == 0 && name_field(block).ends_with(b"/") => EntryType::Folder,
            0 => EntryType::File,
            b'1' => EntryType::HardLink,
            b'2' => EntryType::SymbolicLink,
            b'3' | b'4' => EntryType::Device,
            b'5' | b'D' | b'V' => EntryType::Folder,
            b'6' => EntryType::Fifo,
            b'L' => EntryType::LongName,
            b'K' => EntryType::LongLink,
            b'x' | b'X' => EntryType::Pax,
            b'g' => EntryType::GlobalPax,
            b'S' => EntryType::Sparse,
            b'M' => EntryType::Rest,
            b'A' | b'E' | b'I' | b'N' => EntryType::Beside,
            // POSIX: unknown types are read as files.
            _ => EntryType::File,
        };
        let seconds = number(&block[136..148]);
        Some(Self {
            entry_type,
            length,
            modified_ns: seconds.and_then(|seconds| seconds.checked_mul(1_000_000_000)),
            has_sparse_extension: entry_type == EntryType::Sparse && block[482] != 0,
            has_prefix,
        })
    }

    /// The name in the header itself.
    pub fn name(&self, block: &[u8; BLOCK]) -> Vec<u8> {
        let prefix = until_nul(&block[345..500]);
        if self.has_prefix && !prefix.is_empty() {
            [prefix, b"/", name_field(block)].concat()
        } else {
            name_field(block).to_owned()
        }
    }
}

/// Whether a file with this beginning is a tar: no other file has its own checksum there.
pub(in crate::source) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else { return false };
    // A header with the signature alone is recognised by that: a damaged tar.
    block[0] != 0 && has_checksum(block)
}

pub(in crate::source) fn is_zero(block: &[u8; BLOCK]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// The sum of all bytes, with those of the sum itself counted as blanks. Some programs summed signed bytes.
fn has_checksum(block: &[u8; BLOCK]) -> bool {
    let Some(said) = octal(&block[148..156]) else { return false };
    let with_blanks = |index: usize| if (148..156).contains(&index) { b' ' } else { block[index] };
    let unsigned: i64 = (0..BLOCK).map(|index| i64::from(with_blanks(index))).sum();
    let signed: i64 = (0..BLOCK).map(|index| i64::from(with_blanks(index) as i8)).sum();
    said == unsigned || said == signed
}

fn name_field(block: &[u8; BLOCK]) -> &[u8] {
    until_nul(&block[..100])
}

pub(in crate::source) fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits; if the first bit is set, a binary number, as GNU writes values that are too large for
/// digits.
fn number(field: &[u8]) -> Option<i64> {
    let first = *field.first()?;
    if first & 0x80 == 0 {
        return octal(field);
    }
    // The next bit is the sign.
    let start = if first & 0x40 == 0 { i128::from(first & 0x3f) } else { i128::from(first as i8) };
    let value = field[1..].iter().fold(start, |value, byte| (value << 8) | i128::from(*byte));
    value.try_into().ok()
}

fn octal(field: &[u8]) -> Option<i64> {
    let digits = std::str::from_utf8(until_nul(field)).ok()?.trim();
    match digits {
        "" => Some(0),
        _ if digits.starts_with(['+', '-']) => None,
        _ => i64::from_str_radix(digits, 8).ok(),
    }
}

/// The pax fields that are needed here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct PaxFields {
    pub path: Option<Vec<u8>>,
    pub length: Option<u64>,
    pub modified_ns: Option<i64>,
    pub is_sparse: bool,
}

impl PaxFields {
    /// Reads records of `LENGTH KEY=VALUE\n`; `None` if they are malformed.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut fields = Self::default();
        while !bytes.is_empty() {
            let digits = bytes.iter().position(|byte| *byte == b' ')?;
            let length: usize = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
            let field = bytes.get(digits + 1..length)?.strip_suffix(b"\n")?;
            let equals = field.iter().position(|byte| *byte == b'=')?;
            fields.set(&field[..equals], &field[equals + 1..])?;
            bytes = &bytes[length..];
        }
        Some(fields)
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let text = std::str::from_utf8(value);
        match key {
            b"path" => self.path = Some(value.to_owned()),
            b"size" => self.length = Some(text.ok()?.parse().ok()?),
            b"mtime" => self.modified_ns = text.ok().and_then(decimal_ns),
            _ => self.is_sparse |= key.starts_with(b"GNU.sparse."),
        }
        Some(())
    }
}

/// Decimal seconds, as nanoseconds.
fn decimal_ns(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<9}")[..9].parse().ok()?;
    let fraction = if seconds.starts_with('-') { -fraction } else { fraction };
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(fraction)
}
