use super::super::page;
use super::*;
use crate::format::parse;
use std::collections::BTreeSet;

#[track_caller]
fn check(bytes: &[u8], name: &str, reason: Reason) {
    let rejection = parse(bytes).expect_err(name);
    assert_eq!(rejection.reason, reason, "{name}: {rejection:?}");
    let detail = rejection.detail.unwrap_or_default();
    assert!(detail.starts_with(name) || reason == Reason::Binary, "{name}: {detail}");
}

/// The documentation has the names of the code and no others, each kind under its reason.
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
        let texts = page::names().into_iter().filter(|_| kind == Kind::Document);
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
    let inputs: [(&[u8], &str); 30] = [
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
        (b"begin 644 a.tar\nM....\n", "uuencode"),
        (b"xar!\0\x1c\0\x01\0\0", "xar"),
        (b"\x04\x22\x4d\x18\x64\x40", "lz4"),
    ];
    for (bytes, name) in inputs {
        check(bytes, name, Reason::Unreadable);
        assert_eq!(container(bytes).map(|known| known.name), Some(name));
    }
    let mut tar = vec![b'a'; 300];
    tar[257..263].copy_from_slice(b"ustar\0");
    check(&tar, "tar", Reason::Unreadable);
}

#[test]
fn documents_are_kept_for_a_later_version() {
    let page = "a web page";
    let inputs = [
        ("<!doctype html><title>雨</title>", page),
        ("\u{feff} \r\n<!-- saved from url=(0014)about:internet -->\n<HTML lang=zh>\n", page),
        ("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">\n<html xmlns=\"y\">", page),
        ("<head><meta charset=utf-8></head><p>文", page),
        ("<text>\n\u{feff}<html>\n", page),
        ("<script>x</script><!doctype html>\n", page),
        ("2024 INFO item: {\"url\":\"u\",\"html\":\"\"}\n", "JSON articles among"),
        ("Warning: mysql_connect()\n\n  <!DOCTYPE html>\n<html>", page),
        ("<?xml version='1.0'?><rss version=\"2.0\"><channel/></rss>", "a feed"),
        ("<?xml version='1.0'?><?xml-stylesheet href='x'?>\n<feed xmlns='x'/>", "a feed"),
        ("<atom:feed xmlns:atom='x'/>", "a feed"),
        ("<rdf:RDF xmlns='http://purl.org/rss/1.0/'/>", "a feed"),
        (
            "From: <x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tx\r\n\r\n",
            "a mail",
        ),
        ("{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[]}", "a JSON feed"),
        ("{\"log\":{\"version\":\"1.2\",\"entries\":[]}}", "an HTTP archive (HAR)"),
        ("{\"data\":[{\"url\":\"u\",\"html\":\"\"}]}", "JSON with articles"),
        ("a log\n[{\"url\":\"u\",\"html\":\"\"},\nmore", "JSON articles among"),
        ("<?xml version='1.0'?><!DOCTYPE en-export SYSTEM 'x'><en-export/>", "Evernote"),
        ("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<html>", "a page with its HTTP headers"),
    ];
    for (text, name) in inputs {
        check(text.as_bytes(), name, Reason::Unsupported);
    }
    check(
        b"bplist00\xd1\x01\x02_\x10\x0fWebMainResource\xd2",
        "a web archive",
        Reason::Unsupported,
    );
    let utf_16: Vec<u8> =
        "\u{feff}<html><p>雨停了</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&utf_16, page, Reason::Unsupported);
}

/// Whatever other programs call the text of an article, what may be one is not thrown away.
#[test]
fn json_with_other_names_is_kept() {
    for text in [
        r#"{"url":"u","content":"<p>雨"}"#,
        r#"{"title":"t","Body":"雨"}"#,
        r#"{"headline":"t","articleBody":"雨","@type":"NewsArticle"}"#,
        r#"{"link":"u","title":{"rendered":"t"},"content":{"rendered":"<p>雨","protected":false}}"#,
        r#"{"permalink":"u","content_html":["<p>雨"]}"#,
        r#"{"data":{"posts":[{"title":"t","full-text":"雨"}]}}"#,
        r#"{"标题":"雨","正文":"雨停了"}"#,
        r#"{"html":"<p>雨","headline":"t"}"#,
        "{\"title\":\"t\",\"text\":\"雨\"}\n{\"title\":\"t\",\"text\":\"门\"}",
        r#"[{"title":"t","text":"雨"}]"#,
    ] {
        check(text.as_bytes(), "JSON whose articles have other fields", Reason::Unsupported);
    }
    for text in [r#"{"title":"t","text":"雨"#, r#"{"title":"t","n":NaN,"text":"雨"}"#] {
        check(text.as_bytes(), "JSON with an article in it", Reason::BadHeader);
    }
    for text in [
        r#"{"url":"u","text":""}"#,
        r#"{"title":"t","text":null}"#,
        r#"{"title":"t","count":3}"#,
        r#"{"name":"n","text":"雨"}"#,
        r#"{"title":"t","description":"雨"}"#,
        r#"{"title":"t","text":{"id":"x"}}"#,
        r#"{"text":"雨"}"#,
    ] {
        assert_eq!(parse(text.as_bytes()).unwrap_err().reason, Reason::NoHeader, "{text}");
    }
}

#[test]
fn a_zip_after_other_bytes_is_known_by_its_end() {
    let mut end = b"PK\x05\x06".to_vec();
    end.extend([0; 18]);
    let with = |before: &[u8], after: &[u8]| [before, &end, after].concat();
    check(&with(b"MZ\0\0program", b""), "zip", Reason::Unreadable);
    check(&with(b"HTTP/1.1 200 OK\r\n\r\nPK\x03\x04", b""), "zip", Reason::Unreadable);
    check(&with(b"\0\0\0\0", &[0; 600]), "zip", Reason::Unreadable);
    check(&with(b"<!doctype html><p>", b""), "a web page that is a zip", Reason::Unsupported);
    let mut commented = end.clone();
    commented[20] = 3;
    assert_eq!(zip_end(&commented), None);
    assert_eq!(zip_end(&[&commented[..], b"123"].concat()), Some(0));
    assert_eq!(zip_end(&[&commented[..], b"1234"].concat()), None);
    assert_eq!(zip_end(b""), None);
}

#[test]
fn what_is_no_article_is_dropped_only_for_its_mark() {
    for (bytes, name) in [
        (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "PNG"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0", "WebP"),
        (b"\x7fELF\x02\x01\x01\0", "ELF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "Office"),
    ] {
        check(bytes, name, Reason::Binary);
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
        check(text.as_bytes(), "", Reason::NoHeader);
    }
    for text in ["文\n```html\n<html>\n```\n", "<p>文</p>", "<svg/>"] {
        check(text.as_bytes(), "", Reason::NoHeader);
    }
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
