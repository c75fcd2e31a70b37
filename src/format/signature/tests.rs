use super::super::page;
use super::*;
use crate::format::parse;
use crate::model::Format;
use std::collections::BTreeSet;

#[track_caller]
fn check(bytes: &[u8], name: &str, reason: Reason) {
    let rejection = parse(bytes).expect_err(name);
    assert_eq!(rejection.reason, reason, "{name}: {rejection:?}");
    let detail = rejection.detail.unwrap_or_default();
    assert!(detail.starts_with(name) || reason == Reason::Binary, "{name}: {detail}");
}

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
        check(bytes, name, Reason::Unreadable);
        let by_head = container(bytes).map(|known| known.name);
        assert_eq!(by_head.or(is_zip(bytes).then_some("zip")), Some(name));
    }
    let mut tar = vec![0; 300];
    tar[257..263].copy_from_slice(b"ustar\0");
    check(&tar, "tar", Reason::Unreadable);
    let image = |mark: &[u8]| [&[0; 0x8001], mark, &[0; 2048]].concat();
    check(&image(b"CD001"), "ISO image", Reason::Unreadable);
    check(&image(b"BEA01"), "UDF image", Reason::Unreadable);
}

#[test]
fn what_was_written_as_text_is_refused_by_name() {
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
        check(text.as_bytes(), name, Reason::Unreadable);
    }
    for text in ["begin 644 的意思\n是开始\n", "begin 644 with this\nand go on\n", "beginning\n"]
    {
        check(text.as_bytes(), "", Reason::NoHeader);
    }
}

#[test]
fn an_archive_in_the_program_that_unpacks_it_is_refused_by_name() {
    let program = [&b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff"[..], &[0; 3000]].concat();
    let with = |archive: &[u8]| [&program, archive, &[7; 64]].concat();
    let seven = b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0\x28\0\0\0\0\0\0\0\x14\0\0\0\0\0\0\0";
    check(&with(seven), "7z", Reason::Unreadable);
    check(&with(b"Rar!\x1a\x07\0\xcf\x90\x73\0\0"), "rar", Reason::Unreadable);
    check(&with(b"Rar!\x1a\x07\x01\0\x33\x92\xb5\xe5\x0a\x01"), "rar", Reason::Unreadable);
    let cab = [&b"MSCF\0\0\0\0\x40\0\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0\x03\x01"[..], &[0; 40]].concat();
    check(&with(&cab), "cab", Reason::Unreadable);
    // A program that reads such archives.
    let marks = b"7z\xbc\xaf\x27\x1c Rar!\x1a\x07\0 Rar!\x1a\x07\x01\0 MSCF\0\0\0\0 and more";
    check(&with(marks), "Windows program", Reason::Binary);
}

#[test]
fn documents_are_kept_for_a_later_version() {
    let inputs = [
        ("2024 INFO item: {\"url\":\"u\",\"html\":\"\"}\n", "JSON articles among"),
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
        ("\r\nHTTP/1.1 200 OK\r\n\r\n<html>", "a page with its HTTP headers"),
        (
            "<br />\n<b>Notice</b>: x<br />\n<rss version=\"2.0\"><channel><title>雨</title>",
            "a feed",
        ),
        ("<?xml version='1.0'?><?x title=\"a>b\"?>\n<feed xmlns='x'/>", "a feed"),
        ("Subject: x\r\nFrom: <y>\r\n\r\n雨", "a mail"),
        ("From : x\r\nX_Y: z\r\ncontent-type : multipart/related\r\n \t\r\n雨", "a mail"),
        ("From - Mon\rMIME-Version: 1.0\r\r雨", "a mail"),
        ("This is a message in parts.\n\n--x\nContent-Type: text/html\n\n<p>雨", "a mail"),
        (
            "---\n{\"url\":\"u\",\"html\":\"\"}\n---\n{\"url\":\"v\",\n\"html\":\"\"}\n",
            "JSON articles among",
        ),
        (
            "{\"title\": \"题\", \"date\": \"2024-03-04\"}\n\n雨停了。",
            "a text with front matter in JSON",
        ),
    ];
    for (text, name) in inputs {
        check(text.as_bytes(), name, Reason::Unsupported);
    }
    check(
        b"bplist00\xd1\x01\x02_\x10\x0fWebMainResource\xd2",
        "a web archive",
        Reason::Unsupported,
    );
    for text in
        ["每页以 <!DOCTYPE html> 开头。\n", "用 `<html><body>` 开头\n", "Title: x\nDate: y\n\n文"]
    {
        check(text.as_bytes(), "", Reason::NoHeader);
    }
}

/// HTML is a page, whatever comes before it, and even if it is truncated.
#[test]
fn html_without_a_header_is_a_page() {
    for text in [
        "<!doctype html><title>雨</title>",
        "\u{feff} \r\n<!-- saved from url=(0014)about:internet -->\n<HTML lang=zh>\n",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">\n<html xmlns=\"y\">",
        "<head><meta charset=utf-8></head><p>文",
        "<text>\n\u{feff}<html>\n",
        "<script>x</script><!doctype html>\n",
        "Warning: mysql_connect()\n\n  <!DOCTYPE html>\n<html>",
        "正文<!DOCTYPE html><html><body>雨",
        "\u{200b}<!DOCTYPE html><p>雨",
        "<style>p{}</style>\n<body><p>雨",
        "<script>x</script><link rel=x><BODY>雨",
        "<%@ page language=\"x\" %>\n<html>",
        "<?php if ($a > 3) { } ?>\n<html>",
        "<!--><html>",
        "<p>文</p>",
        "<h2 class=x>题</h2><div>雨停了</div>",
        "<article><title>雨</title><p>雨停了</p></article>",
        "<Div\n>雨停了",
        "<document><p>雨</p></document>",
        "<text id='https://news.example/1' encoding=gbk>\n\n<!-- x -->雨停了<table>",
    ] {
        check_page(text.as_bytes());
    }
    let utf_16: Vec<u8> =
        "\u{feff}<html><p>雨停了</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_page(&utf_16);
    let warnings = "Warning: x() in /a.php on line 3\n".repeat(200);
    for start in ["<html><head>", "<!doctype html><p>"] {
        check_page(format!("{warnings}{start}").as_bytes());
        check_page(format!("<!-- {warnings} -->{start}").as_bytes());
    }
    for text in [
        "<?xml version='1.0'?><p>雨</p>",
        "<svg/>",
        "<",
        "< p>",
        "<script>x</script>",
        "<svg><p>雨</p></svg>",
    ] {
        check(text.as_bytes(), "", Reason::NoHeader);
    }
}

#[track_caller]
fn check_page(bytes: &[u8]) {
    let shown = String::from_utf8_lossy(bytes);
    let document = parse(bytes).unwrap_or_else(|rejection| panic!("{shown}: {rejection:?}"));
    assert_eq!(document.format, Format::Page, "{shown}");
}

/// XML is recognised by its first element and its namespace, and by the names of its elements.
#[test]
fn xml_that_may_be_an_article_is_kept() {
    let jats = "<!DOCTYPE article PUBLIC \"-//NLM//DTD JATS (Z39.96)\" \"x\">\n<article/>";
    for (text, name) in [
        (jats, "JATS"),
        ("<article><front><article-meta/></front><body><p>雨</p></body></article>", "JATS"),
        ("<article xmlns='http://docbook.org/ns/docbook'><para>雨</para></article>", "DocBook"),
        ("<!DOCTYPE book PUBLIC '-//OASIS//DTD DocBook XML V4.5//EN' 'x'><book/>", "DocBook"),
        ("<d:section xmlns:d='http://docbook.org/ns/docbook'/>", "DocBook"),
        ("<!DOCTYPE topic PUBLIC '-//OASIS//DTD DITA Topic//EN' 'x'><topic id='a'/>", "DITA"),
        ("<teiCorpus xmlns='http://www.tei-c.org/ns/1.0'/>", "TEI"),
        ("<FictionBook xmlns='http://www.gribuser.ru/xml/fictionbook/2.0'/>", "FictionBook"),
        (
            "<office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'/>",
            "flat OpenDocument",
        ),
        ("<?mso-application progid='Word.Document'?><w:wordDocument/>", "Word in XML"),
        (
            "<pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'/>",
            "Word in XML",
        ),
        (
            "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'/>",
            "Word in XML",
        ),
        ("<!DOCTYPE wml PUBLIC '-//WAPFORUM//DTD WML 1.1//EN' 'x'><wml><card/></wml>", "WML"),
        ("<entry xmlns='http://www.w3.org/2005/Atom'><title>雨</title></entry>", "a feed"),
        ("<news><item><title>雨</title><content>雨停了</content></item></news>", "XML with"),
        ("<n:news><n:headline>雨</n:headline><n:body_text>停</n:body_text></n:news>", "XML with"),
    ] {
        for before in ["<?xml version='1.0' encoding='utf-8'?>\n", "\u{feff}<?xml version='1.0'?>"]
        {
            check(format!("{before}{text}").as_bytes(), name, Reason::Unsupported);
        }
    }
    for none in [
        "<?xml version='1.0'?><svg><title>雨</title><text>雨</text></svg>",
        "<?xml version='1.0'?><opml><head><title>x</title></head><body/></opml>",
        "<?xml version='1.0'?><urlset><url><loc>u</loc></url></urlset>",
    ] {
        check(none.as_bytes(), "", Reason::NoHeader);
    }
}

#[test]
fn records_that_may_be_articles_are_kept() {
    let dump =
        "-- MySQL dump 10.13\n--\n\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `p`;\n";
    let rows = "INSERT INTO `p` VALUES (1,'雨','<p>雨停了</p>');\n";
    for (text, name) in [
        ("url,title,html\nhttps://news.example/1,雨,\"<p>雨停了</p>\"\n".to_owned(), "CSV"),
        ("\u{feff}\"标题\"\t\"正文\"\r\n雨\t雨停了\r\n".into(), "CSV"),
        ("id;Article Title;Body Text\r1;雨;雨停了\r".into(), "CSV"),
        (format!("{dump}{rows}"), "SQL"),
        (rows.to_lowercase(), "SQL"),
        ("PRAGMA foreign_keys=OFF;\nCREATE TABLE p(title,content);\ninsert into p values('雨','停');".into(), "SQL"),
        ("SET x = 0;\nCOPY public.p (id, title, body) FROM stdin;\n1\t雨\t停\n\\.\n".into(), "SQL"),
        ("title: 雨\nurl: https://news.example/1\ncontent: |\n  雨停了\n".into(), "YAML"),
        ("# x\n- title: 雨\n  text: >\n    雨停了\n- title: 门\n  text: 开\n".into(), "YAML"),
        ("%YAML 1.2\n---\ntitle: 雨\nbody: 停\n".into(), "YAML"),
        ("---\ntitle: 雨\ncontent: |\n  停\n---\ntitle: 门\ncontent: 开\n".into(), "YAML"),
        ("---\ntitle: 雨\ncontent: |\n  停\n---\n\n".into(), "YAML"),
        ("---\ntitle: 雨\ncontent: |\n  停\n".into(), "YAML"),
        ("---\n- title: 雨\n  content: 停\n---\n- title: 门\n  content: 开\n".into(), "YAML"),
        ("+++\ntitle = '雨'\ncontent = '停'\n+++\n".into(), "YAML"),
        ("---\n{\"title\":\"雨\",\"content\":\"停\"}\n---\n{\"title\":\"门\",\"content\":\"开\"}\n".into(), "YAML"),
        ("{title: '雨', html: '<p>停</p>',}".into(), "JSON5"),
        ("// x\n/* y */ [{'title': '雨', 'html': '<p>停</p>'}]".into(), "JSON5"),
        ("{ // x\n \"title\": \"雨\", \"html\": \"停\" }".into(), "JSON5"),
        ("var page = {\"title\":\"雨\",\n\"html\":\"停\"};".into(), "JSON5"),
        ("export default {\n title: `雨`,\n content: `停`\n}".into(), "JSON5"),
        ("callback({\n\"url\":\"u\",\n\"html\":\"停\"})".into(), "JSON5"),
        ("{\\rtf1\\ansi \\u38632?}".into(), "RTF"),
        ("\n\\documentclass{article}\n\\begin{document}\n雨\n".into(), "LaTeX"),
        ("#+TITLE: 雨\n\n雨停了\n".into(), "Org"),
    ] {
        check(text.as_bytes(), name, Reason::Unsupported);
    }
    for none in [
        "id,name,count\n1,雨,3\n",
        "title,text\n",
        "| title | text |\n|---|---|\n| 雨 | 停 |\n",
        "CREATE TABLE p(id, n);\nINSERT INTO p VALUES (1, 2);\n",
        "Insert the key, then replace the title into the text.\n",
        "name: x\nversion: 3\n",
        "title: 雨\ntext: 停\n\n雨停了，门开了。\n",
        "body { title: x; text: y }\n",
        "var a = {title: 1};\n",
        "title: 雨\n",
    ] {
        check(none.as_bytes(), "", Reason::NoHeader);
    }
    // A seed may have such fields besides its body.
    let seed = "---\ntitle: 雨\ncontent: 新闻\n---\n雨停了。\n";
    assert!(parse(seed.as_bytes()).is_ok());
}

/// Files that a Macintosh wraps together with its metadata may contain a seed.
#[test]
fn wrappings_of_the_macintosh() {
    let seed = "<!--1-->\n[题](https://news.example/1)\n---\n<p>文";
    let single = [&b"\0\x05\x16\0\0\x02\0\0"[..], seed.as_bytes()].concat();
    check(&single, "AppleSingle", Reason::Unreadable);
    check(b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ", "AppleDouble", Reason::Binary);
    let mut header = [0; 128];
    header[1..6].copy_from_slice(b"\x04a.md");
    header[65..73].copy_from_slice(b"TEXTttxt");
    header[124..126].copy_from_slice(&[0x6d, 0x98]);
    let binary = [&header[..], seed.as_bytes()].concat();
    check(&binary, "MacBinary", Reason::Unreadable);
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

/// Whatever other programs call the text of an article, a possible article is kept.
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
        check(&with(before, b""), "zip", Reason::Unreadable);
    }
    check(&with(b"\0\0\0\0", &[0; 600]), "zip", Reason::Unreadable);
    check(&with(b"<!doctype html><p>", b""), "a web page that is a zip", Reason::Unsupported);
    check(
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
    check(&["一段文字。\n".as_bytes(), &end].concat(), "", Reason::NoHeader);
    check_page(&[b"<!doctype html><p>", &end[..]].concat());
    check(&end, "zip", Reason::Unreadable);
}

/// A zip is a document if it has all the names of a document format.
#[test]
fn documents_that_are_zips_are_known_by_all_their_names() {
    let check_names = |names: &[&str], reason| {
        check(&[b"PK\x03\x04\0\0\0", &directory(names)[..]].concat(), "zip", reason);
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
    check(b"PK\x03\x04\x14\0\0\0[Content_Types].xml", "zip", Reason::Unreadable);
}

#[test]
fn the_mark_of_a_tar_in_a_text_is_text() {
    let text = format!("{}ustar{}", "雨停了".repeat(28).split_at(252).0, " ".repeat(300));
    check(text.replacen('雨', "     雨", 1).as_bytes(), "", Reason::NoHeader);
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
    check("文\n```html\n<html>\n```\n".as_bytes(), "", Reason::NoHeader);
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
