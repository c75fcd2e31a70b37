use super::*;
use crate::format::tests::{check_page, check_refused};
use crate::format::{parse, text_kind};
use std::collections::BTreeSet;

/// The documentation lists exactly the names in the code, each kind under its reason.
#[test]
fn the_table_is_in_the_documentation() {
    let docs = include_str!("../../../docs/drops.md");
    let section = docs.split_once("## What it cannot read").unwrap().1;
    let documented = |reason: &str| -> BTreeSet<&str> {
        let start = format!("| `{reason}` | ");
        let row = section.lines().find_map(|line| line.strip_prefix(&start)).unwrap();
        let names = row.split(" | ").next().unwrap();
        names.split(" · ").map(str::trim).collect()
    };
    for kind in [Kind::Container, Kind::Document, Kind::Other] {
        let rows = TABLE.iter().filter(|row| row.kind == kind).map(|row| row.name);
        let texts = text_kind::names().into_iter().filter(|_| kind == Kind::Document);
        let names: BTreeSet<&str> = rows.chain(texts).collect();
        assert_eq!(documented(kind.reason().as_str()), names);
    }
}

#[test]
fn containers_are_refused_by_name() {
    let cpio = format!("070701{}", "0".repeat(104));
    let odc = format!("070707{}", "1".repeat(70));
    let mut old_cpio = b"\xc7\x71\x01\x02\0\0\xa4\x81".to_vec();
    old_cpio.extend([0; 12]);
    old_cpio.extend(b"\x05\0\0\0\0\0a.md\0\0");
    let lzma = b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\x20";
    let known = b"\x5d\0\0\x10\0\x40\0\0\0\0\0\0\0\0\x20";
    let mut zoo = b"ZOO 2.10 Archive.\x1a\0\0".to_vec();
    zoo.extend(b"\xdc\xa7\xc4\xfd");
    let inputs: [(&[u8], &str); 29] = [
        (b"\xfd7zXZ\0\0\x04", "xz"),
        (b"BZh91AY&SY\0\0", "bzip2"),
        (b"BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0", "bzip2"),
        (b"LZIP\x01\x0c\0\0\0", "lzip"),
        (lzma, "lzma"),
        (known, "lzma"),
        (b"\x1f\x9d\x90\x41\x42", "compress (.Z)"),
        (b"\x1f\x8b\x08\0", "gz"),
        (b"\x28\xb5\x2f\xfd\0", "zst"),
        (b"\x50\x2a\x4d\x18\0\0\0\0", "zst"),
        (b"PK\x03\x04\x14\0\0\0", "zip"),
        (b"PK\x07\x08PK\x03\x04", "zip"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
        (b"Rar!\x1a\x07\x01\0", "rar"),
        (b"MSCF\0\0\0\0\x10", "cab"),
        (b"\x20\x11-lh5-\x10\0\0\0\x20\0\0\0", "lha"),
        (b"\x60\xea\x1e\0\x1e\x0b\x01\0", "arj"),
        (&zoo, "zoo"),
        (cpio.as_bytes(), "cpio"),
        (odc.as_bytes(), "cpio"),
        (&old_cpio, "cpio"),
        (b"!<arch>\ndebian-binary   ", "ar"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n", "WARC"),
        (b"filedesc://a.arc 0.0.0.0 20040101000000 text/plain 69\n1 0 x\n", "ARC"),
        (b"From a@b.example Fri Mar  1 00:00:00 2024\nSubject: x\n\n", "mbox"),
        (b"SQLite format 3\0\x10\0", "SQLite"),
        (b"# v2 git bundle\n0000 HEAD\n", "git bundle"),
        (b"xar!\0\x1c\0\x01\0\0", "xar"),
        (b"\x04\x22\x4d\x18\x64\x40", "lz4"),
    ];
    for (bytes, name) in inputs {
        check_refused(bytes, name, Reason::Unreadable);
        let by_head = container(bytes).map(|known| known.name);
        assert_eq!(by_head.or(is_zip(bytes).then_some("zip")), Some(name));
    }
    let mut tar = vec![0; 300];
    tar[257..263].copy_from_slice(b"ustar\0");
    check_refused(&tar, "tar", Reason::Unreadable);
    let image = |mark: &[u8]| [&[0; 0x8001], mark, &[0; 2048]].concat();
    check_refused(&image(b"CD001"), "ISO image", Reason::Unreadable);
    check_refused(&image(b"BEA01"), "UDF image", Reason::Unreadable);
}

#[test]
fn files_encoded_as_text_are_refused_by_name() {
    let uu = "begin 644 a.md\n%:&5L;&\\\n`\nend\n";
    for (text, name) in [
        (uu.to_owned(), "uuencode"),
        (uu.replace("644", "0644"), "uuencode"),
        (uu.replace("644", "100644"), "uuencode"),
        (format!("\n\n{uu}"), "uuencode"),
        (format!("这是那个文件：\r\n\r\n{uu}"), "uuencode"),
        ("begin-base64 644 a.md\naGVsbG8=\n====\n".into(), "uuencode"),
        ("=ybegin line=128 size=5 name=a\r\nabcde\r\n=yend size=5\r\n".into(), "yEnc"),
        ("\n-----BEGIN PGP MESSAGE-----\nVersion: x\n\nhQ\n".into(), "PGP"),
        ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n[题](u)\n---\n".into(), "PGP"),
        ("一句话\n\n(This file must be converted with BinHex 4.0)\n\n:a".into(), "BinHex"),
        ("#!/bin/sh\n# This is a shell archive (x).\n".into(), "shell archive"),
        ("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n".repeat(5), "base64"),
        ("\u{feff}\r\nWARC/1.0\r\nWARC-Type: response\r\n".into(), "WARC"),
        ("\n\nFrom a@b.example Fri Mar  1 00:00:00 2024\nSubject: x\n\n".into(), "mbox"),
    ] {
        check_refused(text.as_bytes(), name, Reason::Unreadable);
    }
    for text in ["begin 644 的意思\n是开始\n", "begin 644 with this\nand go on\n", "beginning\n"]
    {
        check_refused(text.as_bytes(), "", Reason::NoHeader);
    }
}

#[test]
fn an_archive_in_the_program_that_unpacks_it_is_refused_by_name() {
    let program = [&b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff"[..], &[0; 3000]].concat();
    let with = |archive: &[u8]| [&program, archive, &[7; 64]].concat();
    let seven = b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0\x28\0\0\0\0\0\0\0\x14\0\0\0\0\0\0\0";
    check_refused(&with(seven), "7z", Reason::Unreadable);
    check_refused(&with(b"Rar!\x1a\x07\0\xcf\x90\x73\0\0"), "rar", Reason::Unreadable);
    check_refused(&with(b"Rar!\x1a\x07\x01\0\x33\x92\xb5\xe5\x0a\x01"), "rar", Reason::Unreadable);
    let cab = [&b"MSCF\0\0\0\0\x40\0\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0\x03\x01"[..], &[0; 40]].concat();
    check_refused(&with(&cab), "cab", Reason::Unreadable);
    // A program that reads such archives.
    let marks = b"7z\xbc\xaf\x27\x1c Rar!\x1a\x07\0 Rar!\x1a\x07\x01\0 MSCF\0\0\0\0 and more";
    check_refused(&with(marks), "Windows program", Reason::Binary);
}

/// Files that a Macintosh wraps together with its metadata may contain a seed.
#[test]
fn wrappings_of_the_macintosh() {
    let seed = "<!--1-->\n[题](https://news.example/1)\n---\n<p>文";
    let single = [&b"\0\x05\x16\0\0\x02\0\0"[..], seed.as_bytes()].concat();
    check_refused(&single, "AppleSingle", Reason::Unreadable);
    check_refused(b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ", "AppleDouble", Reason::Binary);
    let mut header = [0; 128];
    header[1..6].copy_from_slice(b"\x04a.md");
    header[65..73].copy_from_slice(b"TEXTttxt");
    header[124..126].copy_from_slice(&[0x6d, 0x98]);
    let binary = [&header[..], seed.as_bytes()].concat();
    check_refused(&binary, "MacBinary", Reason::Unreadable);
    header[65] = b't';
    assert_ne!(of(&[&header[..], seed.as_bytes()].concat()).map(|it| it.name), Some("MacBinary"));
}

/// A directory with such names, and its end; the entries themselves are missing.
fn directory(names: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for name in names {
        bytes.extend(b"PK\x01\x02");
        bytes.extend([0; 24]);
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0; 16]);
        bytes.extend(name.as_bytes());
    }
    let length = (bytes.len() as u32).to_le_bytes();
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([names.len() as u8, 0, names.len() as u8, 0]);
    bytes.extend(length);
    bytes.extend([0; 6]);
    bytes
}

#[test]
fn a_zip_after_other_bytes_is_recognised_by_its_end() {
    let end = directory(&["a.md"]);
    let with = |before: &[u8], after: &[u8]| [before, &end, after].concat();
    for before in [
        &b"MZ\0\0program"[..],
        b"HTTP/1.1 200 OK\r\n\r\nPK\x03\x04",
        b"------Boundary\r\nContent-Disposition: x\r\n\r\n",
        b"{not json}\n",
        b"[section]\n",
        b"<br />\n",
        // A seed, followed by something else.
        b"<!--1-->\n[x](u)\n---\n<p>",
        b"---\ntitle: x\n---\n",
        b"{\"url\":\"u\",\"html\":\"\"}\n",
    ] {
        check_refused(&with(before, b""), "zip", Reason::Unreadable);
    }
    check_refused(&with(b"\0\0\0\0", &[0; 600]), "zip", Reason::Unreadable);
    check_refused(
        &with(b"<!doctype html><p>", b""),
        "a web page that is a zip",
        Reason::Unsupported,
    );
    check_refused(
        &with(b"\xef\xbb\xbf<!-- x --><html>", b""),
        "a web page that is a zip",
        Reason::Unsupported,
    );
    let mut commented = end.clone();
    let comment = commented.len() - 2;
    commented[comment] = 3;
    assert_eq!(zip_end(&commented), None);
    assert_eq!(zip_end(&[&commented[..], b"123"].concat()), Some(end.len() - 22));
    assert_eq!(zip_end(&[&commented[..], b"1234"].concat()), None);
    assert_eq!(zip_end(b""), None);
}

#[test]
fn the_end_of_an_empty_zip_makes_no_zip_of_a_text() {
    let end = directory(&[]);
    check_refused(&["一段文字。\n".as_bytes(), &end].concat(), "", Reason::NoHeader);
    check_page(&[b"<!doctype html><p>", &end[..]].concat());
    check_refused(&end, "zip", Reason::Unreadable);
}

/// A zip is a document if it has all the names of a document format.
#[test]
fn documents_that_are_zips_need_all_their_names() {
    let check_names = |names: &[&str], reason| {
        check_refused(&[b"PK\x03\x04\0\0\0", &directory(names)[..]].concat(), "zip", reason);
    };
    for names in [
        ["word/document.xml", "_rels/.rels", "[Content_Types].xml"],
        ["mimetype", "META-INF/container.xml", "OEBPS/1.xhtml"],
        ["META-INF/manifest.xml", "content.xml", "mimetype"],
        ["META-INF/", "META-INF/MANIFEST.MF", "a/B.class"],
        ["classes.dex", "AndroidManifest.xml", "META-INF/MANIFEST.MF"],
    ] {
        check_names(&names, Reason::Binary);
    }
    for names in [
        ["META-INF/notes.txt", "META-INF/container.xml", "a.md"],
        ["docProps/app.xml", "_rels/.rels", "a.md"],
        ["[Content_Types].xml", "docProps/app.xml", "a.md"],
        ["mimetype", "content.xml", "a.md"],
        ["META-INF/MANIFEST.MF", "a.md", "b.md"],
    ] {
        check_names(&names, Reason::Unreadable);
    }
    // A truncated zip may be anything.
    check_refused(b"PK\x03\x04\x14\0\0\0[Content_Types].xml", "zip", Reason::Unreadable);
}

#[test]
fn the_mark_of_a_tar_in_a_text_is_text() {
    let text = format!("{}ustar{}", "雨停了".repeat(28).split_at(252).0, " ".repeat(300));
    check_refused(text.replacen('雨', "     雨", 1).as_bytes(), "", Reason::NoHeader);
}

#[test]
fn files_are_dropped_only_for_their_signature() {
    for (bytes, name) in [
        (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "PNG"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0", "WebP"),
        (b"\x7fELF\x02\x01\x01\0", "ELF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "Office"),
    ] {
        check_refused(bytes, name, Reason::Binary);
    }
    // The same letters in a text.
    for text in [
        "MZ 是两个字母",
        "RIFF of rock",
        "BZh9",
        "GIF89a is old",
        "LZIP",
        "070701",
        "From here\nto: x",
    ] {
        check_refused(text.as_bytes(), "", Reason::NoHeader);
    }
    check_refused("文\n```html\n<html>\n```\n".as_bytes(), "", Reason::NoHeader);
}

#[test]
fn a_seed_is_a_seed_whatever_it_holds() {
    let mut end = b"PK\x05\x06".to_vec();
    end.extend([0; 18]);
    for body in ["<!doctype html><html>", "WARC/1.0\r\n", "<rss>", "MIME-Version: 1.0\n\n"] {
        let seed = format!("<!--1-->\n[题](https://news.example/1)\n---\n{body}<p>文</p>");
        assert!(parse(seed.as_bytes()).is_ok(), "{body}");
        assert!(of(&[seed.as_bytes(), &end].concat()).is_none());
    }
}
