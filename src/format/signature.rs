//! The table of signatures: recognises files that are neither seeds nor supported containers by their bytes.
//!
//! `docs/drops.md` lists the table by name; a test compares the two.

mod checks;
mod inside;
mod zip;

use super::{envelope, text_kind};
use crate::model::{Reason, Rejection};
use checks::*;
pub use zip::{ZIP_TAIL, is_one_document, is_zip, zip_end};
pub(super) use zip::{ZipEntry, zip_entries};

/// How an import treats a file of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Contains documents that may be articles; refused by name until somebody unpacks it.
    Container,
    /// One document that may be an article; its bytes are stored for a later version.
    Document,
    /// A format in which articles are not saved.
    Other,
}

/// A format that is recognised by its bytes.
#[derive(Debug)]
pub struct Signature {
    /// The name in the documentation and in messages.
    pub name: &'static str,
    /// How such a file is handled.
    pub kind: Kind,
    /// The offset of the mark in bytes.
    at: usize,
    mark: &'static [u8],
    /// A further condition, since a few letters can also begin a text.
    check: fn(&[u8]) -> bool,
}

const UNPACK: &str = "unpack it, and import what is in it";
const DECRYPT: &str = "decrypt it, and import what is in it";
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
                let detail = format!("{} is not supported: {}", self.name, step(self.name));
                Rejection::because(Reason::Unreadable, detail)
            }
            Kind::Document => unsupported(self.name),
            Kind::Other => Rejection::new(Reason::Binary),
        }
    }

    fn fits(&self, bytes: &[u8]) -> bool {
        let at = bytes.get(self.at..).unwrap_or_default();
        // One byte rules out nearly all of them.
        let is_likely = self.mark.is_empty() || at.first() == self.mark.first();
        is_likely && at.starts_with(self.mark) && (self.check)(bytes)
    }
}

/// Rejects a document in a format that a later version may support.
pub(super) fn unsupported(name: &str) -> Rejection {
    let detail =
        format!("{name} is not supported yet: its bytes are kept for a version that reads it");
    Rejection::because(Reason::Unsupported, detail)
}

/// What the user can do with a container of this name.
fn step(name: &str) -> &'static str {
    const KEPT_IN: [&str; 10] =
        ["WARC", "ARC", "ZIM", "CHM", "mbox", "SQLite", "Parquet", "Arrow", "Avro", "git bundle"];
    match name {
        ENCRYPTED | OPENSSL => DECRYPT,
        _ if KEPT_IN.contains(&name) => EXPORT,
        _ => UNPACK,
    }
}

/// The kind of container that begins with `head`. Not for a zip: it may also be a single document, which only
/// the whole file shows ([`of`]).
pub fn container(head: &[u8]) -> Option<&'static Signature> {
    find(head).filter(|found| found.kind == Kind::Container && found.name != ZIP)
}

/// The format of a whole file; `None` if the table does not have it, in which case it may be text.
pub fn of(bytes: &[u8]) -> Option<&'static Signature> {
    let found = find(bytes);
    let is_other_container =
        found.is_some_and(|found| found.kind == Kind::Container && found.name != ZIP);
    let Some(end) = zip_end(bytes).filter(|_| !is_other_container) else {
        return inside::archive(bytes, found).or(found);
    };
    let entries = zip_entries(bytes, end);
    let names: Option<Vec<&[u8]>> = entries.map(|it| it.iter().map(|entry| entry.name).collect());
    if is_zip(bytes) {
        let is_document = names.is_some_and(|names| is_one_document(names.iter().copied()));
        return if is_document { named(OFFICE) } else { found };
    }
    match names {
        // An empty zip after other data: only that data counts.
        Some(names) if names.is_empty() => found,
        None if begins_seed(bytes) => found,
        _ if text_kind::begins_document(head(bytes)) => named(SELF_EXTRACTING),
        _ => named(ZIP),
    }
}

/// The same for a text that starts with a visible character.
pub(super) fn of_text(text: &str) -> Option<&'static Signature> {
    find(text.as_bytes()).filter(|found| found.kind != Kind::Other)
}

/// Whether a file with this beginning is searched for a zip after its beginning. Possible seeds and pages are
/// parsed first; a zip in them is noticed then.
pub fn may_hold_zip(head: &[u8]) -> bool {
    let is_final = find(head).is_some_and(|found| found.kind == Kind::Container);
    !is_final && !begins_seed(head) && !text_kind::begins_document(head)
}

/// Whether bytes with this beginning are a seed in any format.
pub fn begins_with_header(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    begins_seed(head)
        && match text.trim_start_matches('\u{feff}').trim_start() {
            object if object.starts_with('{') => {
                (object.contains("\"html\"")
                    && ["\"url\"", "\"title\""].iter().any(|it| object.contains(it)))
                    || envelope::begins(head)
            }
            text => super::has_header(text),
        }
}

/// Whether a file can be a seed by its first bytes.
fn begins_seed(bytes: &[u8]) -> bool {
    let head = head(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).trim_ascii_start();
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let has = |part: &[u8]| memchr::memmem::find(line, part).is_some();
    match head.first() {
        Some(b'[') => has(b"]("),
        Some(b'<') => line.starts_with(b"<!--") && has(b"-->"),
        Some(fence @ (b'-' | b'+')) => line.trim_ascii_end() == [*fence; 3],
        // Including a page in its envelope.
        Some(b'{') => head[1..].trim_ascii_start().first() == Some(&b'"'),
        _ => false,
    }
}

pub(super) fn named(name: &str) -> Option<&'static Signature> {
    TABLE.iter().find(|row| row.name == name)
}

fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(HEAD)]
}

fn find(bytes: &[u8]) -> Option<&'static Signature> {
    TABLE.iter().find(|row| row.fits(bytes))
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

const ZIP: &str = "zip";
pub(super) const ENCRYPTED: &str = "PGP, age or PKCS #7";
const OPENSSL: &str = "OpenSSL";
const OFFICE: &str = "Office documents, books and programs that are zips";
pub(super) const SELF_EXTRACTING: &str = "a web page that is a zip too";

/// The first matching row counts.
#[rustfmt::skip]
static TABLE: &[Signature] = &[
    packed(ZIP, b"PK\x03\x04"), packed(ZIP, b"PK\x05\x06"), packed(ZIP, b"PK\x07\x08"),
    other(OFFICE, b"").when(never),
    packed("gz", b"\x1f\x8b"),
    packed("zst", b"\x28\xb5\x2f\xfd").when(always), packed("zst", b"\x2a\x4d\x18").at(1).when(is_skippable),
    packed("tar", b"ustar").at(257).when(is_no_text),
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
    packed("AppleSingle", b"\0\x05\x16\0"), packed("MacBinary", b"\0").when(is_mac_binary),
    packed("StuffIt", b"SIT!"), packed("StuffIt", b"StuffIt (c)1997-"), packed("StuffIt", b"StuffIt!"),
    packed("cpio", b"07070").when(is_cpio), packed("cpio", b"070727").when(is_afio), packed("cpio", b"\xc7\x71").when(is_old_cpio), packed("cpio", b"\x71\xc7").when(is_old_cpio),
    packed("ar", b"!<arch>\n").when(always), packed("ar", b"!<thin>\n").when(always),
    packed("rpm", b"\xed\xab\xee\xdb"), packed("xar", b"xar!"),
    packed("ISO image", b"CD001").at(0x8001).when(always), packed("ISO image", b"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"), packed("UDF image", b"BEA01").at(0x8001).when(always), packed("squashfs", b"hsqs"), packed("WIM", b"MSWIM\0\0\0"),
    packed("WARC", b"WARC/").when(is_warc), packed("ARC", b"filedesc://").when(always),
    packed("ZIM", b"ZIM\x04"), packed("CHM", b"ITSF"),
    packed("mbox", b"From ").when(is_mbox), packed("Outlook folder", b"!BDN"), packed("TNEF", b"\x78\x9f\x3e\x22"),
    packed("SQLite", b"SQLite format 3\0"),
    packed("Parquet", b"PAR1"), packed("Arrow", b"ARROW1\0"), packed("Avro", b"Obj\x01"),
    packed("git bundle", b"# v2 git bundle\n").when(always), packed("git bundle", b"# v3 git bundle\n").when(always),
    packed("git pack", b"PACK\0\0\0"),
    packed("uuencode", b"").when(never), packed("yEnc", b"=ybegin ").when(always), packed("BinHex", b"").when(never), packed("shell archive", b"").when(never), packed("base64", b"").when(never),
    packed(ENCRYPTED, b"").when(never), packed(ENCRYPTED, b"age-encryption.org/v1\n").when(always), packed(OPENSSL, b"Salted__"),
    packed("SEA ARC", b"\x1a").when(is_sea_arc), packed("FreeArc", b"ArC\x01"), packed("ALZip", b"ALZ\x01"), packed("ALZip", b"EGGA"), packed("rzip", b"RZIP"), packed("bzip3", b"BZ3v1"), packed("lzfse", b"bvx2"), packed("pbzx", b"pbzx"), packed("DAR", b"\0\0\0\x7b"),
    packed("disk image", b"QFI\xfb"), packed("disk image", b"KDMV"), packed("disk image", b"vhdxfile"), packed("disk image", b"conectix"), packed("disk image", b"NTFS    ").at(3).when(is_boot_sector), packed("disk image", b"FAT").at(54).when(is_boot_sector), packed("disk image", b"FAT32   ").at(82).when(is_boot_sector),

    row(Kind::Document, "a web archive of Safari", b"bplist00").when(is_webarchive),
    row(Kind::Document, "a page with its HTTP headers", b"HTTP/").when(is_http),
    row(Kind::Document, "RTF", b"{\\rtf").when(always), row(Kind::Document, "LaTeX", b"\\documentclass").when(always), row(Kind::Document, "LaTeX", b"\\documentstyle").when(always),
    row(Kind::Document, "Org", b"#+TITLE:").when(always), row(Kind::Document, "Org", b"#+title:").when(always),
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
    other("property list", b"bplist00"), other("Finder data", b"\0\0\0\x01Bud1"), other("AppleDouble", b"\0\x05\x16\x07"),
    other("torrent", b"d8:announce"), other("torrent", b"d13:announce-list"), other("message catalogue", b"\xde\x12\x04\x95"), other("message catalogue", b"\x95\x04\x12\xde"),
    other("time zone", b"TZif"), other("NumPy", b"\x93NUMPY"), other("HDF5", b"\x89HDF\r\n\x1a\n"), other("git index", b"DIRC\0\0\0"),
    other("packet capture", b"\xd4\xc3\xb2\xa1"), other("packet capture", b"\xa1\xb2\xc3\xd4"), other("packet capture", b"\x0a\x0d\x0d\x0a"),
    other("Windows registry", b"regf"),
];

#[cfg(test)]
mod tests;
