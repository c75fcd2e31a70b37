//! What a file is by its content, where it is neither a seed nor read as a container: one table.
//!
//! `docs/drops.md` lists the table by name; a test compares both.

use crate::model::{Reason, Rejection};
use memchr::memmem;

/// What an import does with a file of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Holds documents that may be articles: refused by name, until somebody unpacks it.
    Container,
    /// One document that may be an article: its bytes are kept for a later version.
    Document,
    /// Nothing that an article is saved as.
    Other,
}

/// A format that is known by its bytes.
#[derive(Debug)]
pub struct Signature {
    /// As the documentation and messages call it.
    pub name: &'static str,
    pub kind: Kind,
    /// Where the mark is, in bytes from the start.
    at: usize,
    mark: &'static [u8],
    /// What else must hold of the bytes: a few letters may also begin a text.
    check: fn(&[u8]) -> bool,
}

const UNPACK: &str = "unpack it, and import what is in it";
const EXPORT: &str = "export what is in it as files, and import those";

impl Kind {
    /// As stored in `rejection.reason` for every file of this kind.
    pub fn reason(self) -> Reason {
        match self {
            Self::Container => Reason::Unreadable,
            Self::Document => Reason::Unsupported,
            Self::Other => Reason::Binary,
        }
    }
}

impl Signature {
    /// Why a file of this format gives no article, with the next step.
    pub fn rejection(&self) -> Rejection {
        match self.kind {
            Kind::Container => {
                let step = if is_packed(self.name) { UNPACK } else { EXPORT };
                let detail = format!("{} is not read here: {step}", self.name);
                Rejection::because(Reason::Unreadable, detail)
            }
            Kind::Document => unsupported(self.name),
            Kind::Other => Rejection::new(Reason::Binary),
        }
    }

    fn fits(&self, bytes: &[u8]) -> bool {
        let at = bytes.get(self.at..).unwrap_or_default();
        at.starts_with(self.mark) && (self.check)(bytes)
    }
}

/// A document of a format that a later version may read.
pub(super) fn unsupported(name: &str) -> Rejection {
    let detail = format!("{name} is not read yet: its bytes are kept for a version that reads it");
    Rejection::because(Reason::Unsupported, detail)
}

/// What else can be said than to unpack it.
fn is_packed(name: &str) -> bool {
    const KEPT_IN: [&str; 10] =
        ["WARC", "ARC", "ZIM", "CHM", "mbox", "SQLite", "Parquet", "Arrow", "Avro", "git bundle"];
    !KEPT_IN.contains(&name)
}

/// What a file is that begins with `head`, if it holds others.
pub fn container(head: &[u8]) -> Option<&'static Signature> {
    find(head).filter(|found| found.kind == Kind::Container)
}

/// What a whole file is; `None` for what the table does not have, which may be text.
pub fn of(bytes: &[u8]) -> Option<&'static Signature> {
    let found = find(bytes);
    let is_page = super::page::begins_page(bytes);
    if !(is_page || may_hold_zip(bytes)) || zip_end(bytes).is_none() {
        return found;
    }
    let name = if is_page { SELF_EXTRACTING } else { "zip" };
    TABLE.iter().find(|row| row.name == name)
}

/// Whether a file that begins so is searched for a zip after its beginning. What may be a seed or a
/// page is read as that, whatever comes after it.
pub fn may_hold_zip(head: &[u8]) -> bool {
    let found = find(head);
    let is_final = found.is_some_and(|found| found.kind == Kind::Container || found.name == OFFICE);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    !is_final && !head.trim_ascii_start().first().is_some_and(|first| b"[-{<".contains(first))
}

fn find(bytes: &[u8]) -> Option<&'static Signature> {
    TABLE.iter().find(|row| row.fits(bytes))
}

/// How far a zip's last record can be from its end: its own length and the longest comment.
pub const ZIP_TAIL: usize = 22 + u16::MAX as usize;

/// Where the record that ends a zip is in these bytes, if padding alone comes after it: a zip may
/// begin anywhere, so this is what knows it.
pub fn zip_end(bytes: &[u8]) -> Option<usize> {
    let length = bytes.iter().rposition(|byte| *byte != 0)? + 1;
    let from = length.saturating_sub(ZIP_TAIL);
    memmem::rfind_iter(&bytes[from..length], b"PK\x05\x06").map(|at| from + at).find(|&at| {
        let Some(record) = bytes.get(at..at + 22) else { return false };
        let comment = usize::from(u16::from_le_bytes([record[20], record[21]]));
        // The record itself may end in NUL bytes, and so may its comment.
        let end = at + 22 + comment;
        end <= bytes.len() && end >= length
    })
}

const fn row(kind: Kind, name: &'static str, mark: &'static [u8]) -> Signature {
    let check = if has_control(mark) { always } else { is_no_text };
    Signature { name, kind, at: 0, mark, check }
}

const fn packed(name: &'static str, mark: &'static [u8]) -> Signature {
    row(Kind::Container, name, mark)
}

const fn other(name: &'static str, mark: &'static [u8]) -> Signature {
    row(Kind::Other, name, mark)
}

impl Signature {
    const fn at(self, at: usize) -> Self {
        Self { at, ..self }
    }

    const fn when(self, check: fn(&[u8]) -> bool) -> Self {
        Self { check, ..self }
    }
}

const OFFICE: &str = "Office documents, books and programs that are zips";
const SELF_EXTRACTING: &str = "a web page that is a zip too";

/// The first row that fits counts.
#[rustfmt::skip]
static TABLE: &[Signature] = &[
    other(OFFICE, b"PK\x03\x04").when(is_office),
    packed("zip", b"PK\x03\x04"), packed("zip", b"PK\x05\x06"), packed("zip", b"PK\x07\x08"),
    packed("gz", b"\x1f\x8b"),
    packed("zst", b"\x28\xb5\x2f\xfd").when(always), packed("zst", b"\x2a\x4d\x18").at(1).when(is_skippable),
    packed("tar", b"ustar").at(257).when(always),
    packed("xz", b"\xfd7zXZ\0"),
    packed("bzip2", b"BZh").when(is_bzip2),
    packed("lzip", b"LZIP"),
    packed("lzma", b"\x5d\0\0").when(is_lzma),
    packed("compress (.Z)", b"\x1f\x9d"), packed("pack (.z)", b"\x1f\x1e"), packed("compress (.Z)", b"\x1f\xa0"),
    packed("lz4", b"\x04\x22\x4d\x18"), packed("lz4", b"\x02\x21\x4c\x18"),
    packed("lzop", b"\x89LZO\0\r\n\x1a\n"), packed("lrzip", b"LRZI"), packed("grzip", b"GRZipII\0"), packed("zpaq", b"7kSt"), packed("zpaq", b"zPQ"),
    packed("snappy", b"\xff\x06\0\0sNaPpY"),
    packed("7z", b"7z\xbc\xaf\x27\x1c"),
    packed("rar", b"Rar!\x1a\x07"), packed("rar", b"RE~^"),
    packed("cab", b"MSCF\0\0\0\0"), packed("cab", b"ISc("),
    packed("lha", b"-lh").at(2).when(is_lha), packed("lha", b"-lz").at(2).when(is_lha), packed("lha", b"-pm").at(2).when(is_lha),
    packed("arj", b"\x60\xea").when(is_arj),
    packed("zoo", b"\xdc\xa7\xc4\xfd").at(20).when(always),
    packed("ace", b"**ACE**").at(7),
    packed("StuffIt", b"SIT!"), packed("StuffIt", b"StuffIt (c)1997-"), packed("StuffIt", b"StuffIt!"),
    packed("cpio", b"07070").when(is_cpio), packed("cpio", b"070727").when(is_afio), packed("cpio", b"\xc7\x71").when(is_old_cpio), packed("cpio", b"\x71\xc7").when(is_old_cpio),
    packed("ar", b"!<arch>\n").when(always), packed("ar", b"!<thin>\n").when(always),
    packed("rpm", b"\xed\xab\xee\xdb"), packed("xar", b"xar!"),
    packed("ISO image", b"CD001").at(0x8001), packed("squashfs", b"hsqs"), packed("WIM", b"MSWIM\0\0\0"),
    packed("WARC", b"WARC/").when(is_warc), packed("ARC", b"filedesc://").when(always),
    packed("ZIM", b"ZIM\x04"), packed("CHM", b"ITSF"),
    packed("mbox", b"From ").when(is_mbox), packed("Outlook folder", b"!BDN"), packed("TNEF", b"\x78\x9f\x3e\x22"),
    packed("SQLite", b"SQLite format 3\0"),
    packed("Parquet", b"PAR1"), packed("Arrow", b"ARROW1\0"), packed("Avro", b"Obj\x01"),
    packed("git bundle", b"# v2 git bundle\n").when(always), packed("git bundle", b"# v3 git bundle\n").when(always),
    packed("git pack", b"PACK\0\0\0"),
    packed("uuencode", b"begin ").when(is_uuencode),
    packed("BinHex", b"(This file must be converted with BinHex").when(always),

    row(Kind::Document, "a web archive of Safari", b"bplist00").when(is_webarchive),
    row(Kind::Document, "a page with its HTTP headers", b"HTTP/").when(is_http),
    row(Kind::Document, SELF_EXTRACTING, b"").when(never),

    other("PNG", b"\x89PNG\r\n\x1a\n"), other("PNG", b"\x8aMNG"), other("JPEG", b"\xff\xd8\xff").when(always),
    other("GIF", b"GIF87a"), other("GIF", b"GIF89a"), other("BMP", b"BM").when(is_bmp),
    other("TIFF", b"II*\0"), other("TIFF", b"MM\0*"), other("TIFF", b"II+\0"), other("TIFF", b"MM\0+"),
    other("JPEG 2000", b"\0\0\0\x0cjP  "), other("JPEG 2000", b"\xff\x4f\xff\x51"),
    other("JPEG XL", b"\0\0\0\x0cJXL "), other("JPEG XL", b"\xff\x0a"),
    other("icon", b"\0\0\x01\0").when(is_icon), other("icon", b"\0\0\x02\0").when(is_icon), other("icon", b"icns"),
    other("Photoshop", b"8BPS"), other("GIMP", b"gimp xcf"), other("OpenEXR", b"\x76\x2f\x31\x01"),
    other("DDS", b"DDS "), other("QOI", b"qoif"), other("WMF", b"\xd7\xcd\xc6\x9a"), other("WMF", b" EMF").at(40),
    other("DjVu", b"AT&TFORM"),
    other("MP4, HEIF or AVIF", b"ftyp").at(4), other("QuickTime", b"moov").at(4), other("QuickTime", b"mdat").at(4), other("QuickTime", b"wide").at(4),
    other("WebP, WAV or AVI", b"RIFF"), other("AIFF", b"FORM"),
    other("MP3", b"ID3"), other("MP3", b"\xff\xfb"), other("MP3", b"\xff\xfa"), other("MP3", b"\xff\xf3"), other("MP3", b"\xff\xf2"),
    other("AAC", b"\xff\xf1"), other("AAC", b"\xff\xf9"), other("AMR", b"#!AMR"), other("MIDI", b"MThd"), other("FLAC", b"fLaC"),
    other("Ogg", b"OggS"), other("AU", b".snd"), other("WavPack", b"wvpk"), other("Monkey's Audio", b"MAC "),
    other("Matroska or WebM", b"\x1a\x45\xdf\xa3"), other("Flash", b"FLV\x01"), other("Flash", b"CWS"), other("Flash", b"FWS"),
    other("MPEG", b"\0\0\x01\xba"), other("MPEG", b"\0\0\x01\xb3"), other("MPEG", b"\x47").when(is_transport_stream),
    other("Windows Media", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), other("RealMedia", b".RMF"),
    other("font", b"wOFF"), other("font", b"wOF2"), other("font", b"OTTO"), other("font", b"ttcf"), other("font", b"\0\x01\0\0\0"), other("font", b"true\0"), other("font", b"LP").at(34).when(is_eot),
    other("ELF", b"\x7fELF"), other("Windows program", b"MZ"),
    other("Mach-O", b"\xfe\xed\xfa\xce"), other("Mach-O", b"\xfe\xed\xfa\xcf"), other("Mach-O", b"\xce\xfa\xed\xfe"), other("Mach-O", b"\xcf\xfa\xed\xfe"),
    other("Java class", b"\xca\xfe\xba\xbe"), other("DEX", b"dex\n"), other("WebAssembly", b"\0asm"), other("LLVM bitcode", b"BC\xc0\xde"),
    other("Python bytecode", b"\r\r\n").at(1).when(is_python), other("Python bytecode", b"\x03\xf3\r\n"), other("Lua bytecode", b"\x1bLua"),
    other("Windows shortcut", b"L\0\0\0\x01\x14\x02\0"),
    other("PDF", b"%PDF-").when(always), other("PostScript", b"%!PS").when(always), other("PostScript", b"\xc5\xd0\xd3\xc6"),
    other("old Office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), other("Access", b"\0\x01\0\0Standard "), other("WordPerfect", b"\xffWPC"),
    other("Mobipocket", b"BOOKMOBI").at(60), other("Mobipocket", b"ITOLITLS"),
    other("property list", b"bplist00"), other("Finder data", b"\0\0\0\x01Bud1"), other("AppleDouble", b"\0\x05\x16\x07"), other("AppleDouble", b"\0\x05\x16\0"),
    other("torrent", b"d8:announce"), other("torrent", b"d13:announce-list"), other("message catalogue", b"\xde\x12\x04\x95"), other("message catalogue", b"\x95\x04\x12\xde"),
    other("time zone", b"TZif"), other("NumPy", b"\x93NUMPY"), other("HDF5", b"\x89HDF\r\n\x1a\n"), other("git index", b"DIRC\0\0\0"),
    other("packet capture", b"\xd4\xc3\xb2\xa1"), other("packet capture", b"\xa1\xb2\xc3\xd4"), other("packet capture", b"\x0a\x0d\x0d\x0a"),
    other("Windows registry", b"regf"), other("disk image", b"QFI\xfb"), other("disk image", b"KDMV"), other("disk image", b"vhdxfile"),
];

/// As much as every caller has of a file.
const HEAD: usize = 1024;

/// Control characters that no text has. NUL is one, though texts may have a stray one.
const fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127)
}

const fn has_control(mark: &[u8]) -> bool {
    let mut at = 0;
    while at < mark.len() {
        if is_control(mark[at]) {
            return true;
        }
        at += 1;
    }
    false
}

/// For marks that are letters, in some encoding: that what follows is not a text.
fn is_no_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let controls = head.iter().filter(|byte| is_control(**byte)).count();
    controls >= 2 && controls * 32 >= head.len()
}

fn always(_: &[u8]) -> bool {
    true
}

/// For a row that only other code chooses.
fn never(_: &[u8]) -> bool {
    false
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Office documents, books and programs are zips, and one thing to everybody: what they are is
/// known by their first entry.
fn is_office(bytes: &[u8]) -> bool {
    const FOLDERS: [&[u8]; 3] = [b"_rels/", b"docProps/", b"META-INF/"];
    let length = u16_at(bytes, 26).unwrap_or(0);
    let after_name = bytes.get(30 + length + u16_at(bytes, 28).unwrap_or(0)..);
    let name = bytes.get(30..30 + length).unwrap_or_default();
    // This entry is the first, and not packed, so that programs like this one can read it.
    let has_type = || {
        let types: [&[u8]; 2] = [b"application/", b"image/"];
        after_name.is_some_and(|content| types.iter().any(|known| content.starts_with(known)))
    };
    name == b"[Content_Types].xml"
        || (name == b"mimetype" && has_type())
        || FOLDERS.iter().any(|folder| name.starts_with(folder))
}

fn is_skippable(bytes: &[u8]) -> bool {
    bytes[0] >> 4 == 5
}

fn is_bzip2(bytes: &[u8]) -> bool {
    let block = bytes.get(4..10);
    let is_block = block == Some(b"1AY&SY") || block == Some(b"\x17\x72\x45\x38\x50\x90");
    matches!(bytes.get(3), Some(b'1'..=b'9')) && is_block
}

/// Its header has no mark: the size of its window and its length are what few other bytes are.
fn is_lzma(bytes: &[u8]) -> bool {
    const LONGEST: u64 = 1 << 38;
    let window = u32_at(bytes, 1).unwrap_or(0);
    let is_size = |size: u32| size >= 1 << 12 && size.is_power_of_two();
    let length =
        bytes.get(5..).and_then(|rest| rest.first_chunk()).map(|of| u64::from_le_bytes(*of));
    let is_window = is_size(window) || (window.is_multiple_of(3) && is_size(window / 3 * 2));
    is_window && length.is_some_and(|length| length == u64::MAX || length < LONGEST)
}

fn is_lha(bytes: &[u8]) -> bool {
    bytes.get(6) == Some(&b'-') && bytes[5].is_ascii_alphanumeric() && is_no_text(bytes)
}

fn is_arj(bytes: &[u8]) -> bool {
    u16_at(bytes, 2).is_some_and(|length| (30..=2600).contains(&length)) && is_no_text(bytes)
}

/// Headers of nothing but digits.
fn is_cpio(bytes: &[u8]) -> bool {
    match bytes.get(5) {
        Some(b'1' | b'2') => {
            bytes.get(..110).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
        }
        Some(b'7') => {
            bytes.get(..76).is_some_and(|it| it.iter().all(|byte| matches!(byte, b'0'..=b'7')))
        }
        _ => false,
    }
}

/// The same of a large file, as afio writes it.
fn is_afio(bytes: &[u8]) -> bool {
    bytes.get(30) == Some(&b'm') && bytes[..30].iter().all(u8::is_ascii_hexdigit)
}

/// The length of the first name is no more than a path has.
fn is_old_cpio(bytes: &[u8]) -> bool {
    let length = bytes.get(20..22).map(|of| match bytes[0] {
        0xc7 => u16::from_le_bytes([of[0], of[1]]),
        _ => u16::from_be_bytes([of[0], of[1]]),
    });
    length.is_some_and(|length| (2..=4096).contains(&length))
        && bytes.len() > 26
        && is_no_text(bytes)
}

fn is_warc(bytes: &[u8]) -> bool {
    let version = bytes.get(5..8).unwrap_or_default();
    matches!(version, [b'0'..=b'9', b'.', b'0'..=b'9'])
}

/// A first line that only a mailbox has, and a header under it.
fn is_mbox(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let has_time =
        first.windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b':' && w[2].is_ascii_digit());
    has_time && lines.next().is_some_and(super::page::is_mail_header)
}

/// `begin 644 name`.
fn is_uuencode(bytes: &[u8]) -> bool {
    let mode = bytes.get(6..10).unwrap_or_default();
    matches!(mode, [b'0'..=b'7', b'0'..=b'7', b'0'..=b'7', b' '])
}

fn is_webarchive(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"WebMainResource").is_some()
}

/// `HTTP/1.1 200`, `HTTP/2 200`.
fn is_http(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = line[5..].split(|byte| *byte == b' ');
    let is_number = |word: &[u8]| word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    let has_version = words.next().is_some_and(|word| !word.is_empty() && is_number(word));
    let status = words.next().map(<[u8]>::trim_ascii).unwrap_or_default();
    has_version && status.len() == 3 && is_number(status)
}

fn is_bmp(bytes: &[u8]) -> bool {
    u32_at(bytes, 6) == Some(0)
        && u32_at(bytes, 14).is_some_and(|header| (12..=124).contains(&header))
}

/// As many pictures as it says, of which the first has a zero where one must be.
fn is_icon(bytes: &[u8]) -> bool {
    u16_at(bytes, 4).is_some_and(|count| (1..=256).contains(&count)) && bytes.get(9) == Some(&0)
}

fn is_transport_stream(bytes: &[u8]) -> bool {
    bytes.get(188) == Some(&0x47) && bytes.get(376) == Some(&0x47) && is_no_text(bytes)
}

fn is_eot(bytes: &[u8]) -> bool {
    u32_at(bytes, 0).map(|length| length as usize) == Some(bytes.len())
}

/// Its flags are few.
fn is_python(bytes: &[u8]) -> bool {
    u32_at(bytes, 4).is_some_and(|flags| flags < 4)
}

#[cfg(test)]
mod tests;
