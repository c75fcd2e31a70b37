//! Members of archives of every kind, read through the one entry.

use crate::pack::{Tar, Zip, ZipEntry, check, gzip, listed, open, zstd};
use crate::place::{Place, TIME};
use std::fs;
use std::path::Path;

#[test]
fn entries_have_names_and_times() {
    let tar = Tar::default()
        .file("a/1.md", b"one", TIME)
        .entry(b'5', b"a/folder/", 0, b"", TIME)
        .entry(0, b"v7/", 0, b"", TIME)
        .file("../../etc/passwd", b"up", TIME)
        .file("/abs", b"", 0)
        .entry(b'0', b"gbk-\xd0\xc2", 1, b"x", TIME)
        .finish();
    let lines = [
        "a/1.md: 3 2024-03-01T00:00:00Z",
        "../../etc/passwd: 2 2024-03-01T00:00:00Z",
        "/abs: 0",
        "gbk-\\xd0\\xc2: 1 2024-03-01T00:00:00Z",
    ];
    check(&tar, &lines);
    check(&gzip(&tar), &lines);
    check(&zstd(&tar), &lines);
    let zip = Zip::default()
        .entry(&ZipEntry::deflated("a/1.md", b"one"))
        .entry(&ZipEntry::stored("a/folder/", b""))
        .entry(&ZipEntry::deflated("../../etc/passwd", b"up").at(TIME + 1))
        .entry(&ZipEntry { date: 1 << 5 | 1, ..ZipEntry::stored("/abs", b"") })
        .entry(&ZipEntry { packed: zstd(b"x"), method: 93, ..ZipEntry::stored("zst", b"x") })
        .finish();
    check(
        &zip,
        &[
            "a/1.md: 3 2024-03-01T00:00:00Z",
            "../../etc/passwd: 2 2024-03-01T00:00:01Z",
            "/abs: 0",
            "zst: 1 2024-03-01T00:00:00Z",
        ],
    );
}

#[test]
fn long_names_and_exact_times() {
    let long = format!("{}.md", "长".repeat(100));
    let gnu = Tar::default()
        .entry(b'L', b"././@LongLink", long.len() as u64 + 1, format!("{long}\0").as_bytes(), 0)
        .file("cut", b"1", TIME);
    let pax = Tar::default().pax(&[("path", &long), ("mtime", "1709251200.987654321")]);
    let pax = pax.file("cut", b"1", 5).file("next", b"2", TIME);
    check(&gnu.finish(), &[&format!("{long}: 1 2024-03-01T00:00:00Z")]);
    let pax = pax.finish();
    check(&pax, &[&format!("{long}: 1 2024-03-01T00:00:00Z"), "next: 1 2024-03-01T00:00:00Z"]);
    let first = open(&pax, "a").unwrap().remove(0).unwrap();
    assert_eq!(first.origin.modified_ns, Some(1_709_251_200_987_654_321));

    let mut header = [0; 512];
    header[..4].copy_from_slice(b"name");
    header[345..351].copy_from_slice(b"prefix");
    // Numbers too large for digits, as GNU writes them: 3 bytes, and a second before 1970.
    header[124..136].copy_from_slice(b"\x80\0\0\0\0\0\0\0\0\0\0\x03");
    header[136..148].copy_from_slice(&[0xff; 12]);
    header[156] = b'0';
    header[257..263].copy_from_slice(b"ustar\0");
    let tar = Tar::default().header(header).data(b"abc").finish();
    check(&tar, &["prefix/name: 3"]);
    assert_eq!(
        open(&tar, "a").unwrap()[0].as_ref().unwrap().origin.modified_ns,
        Some(-1_000_000_000)
    );
}

#[test]
fn names_in_zips_are_read_in_their_encoding() {
    let names = ["新闻/图书馆重新开门.md", "新闻/雨后的街道.md"];
    let encoded = |encoding: &'static encoding_rs::Encoding| {
        let mut zip = Zip::default();
        for name in names {
            zip = zip.entry(&ZipEntry::stored(encoding.encode(name).0, b"1"));
        }
        zip.finish()
    };
    let lines = names.map(|name| format!("{name}: 1 2024-03-01T00:00:00Z"));
    for encoding in [encoding_rs::GBK, encoding_rs::GB18030, encoding_rs::UTF_8] {
        assert_eq!(listed(&encoded(encoding)), lines, "{}", encoding.name());
    }
    let traditional = ["新聞/圖書館重新開門.md", "新聞/雨後的街道與電車.md"];
    let mut zip = Zip::default();
    for name in traditional {
        zip = zip.entry(&ZipEntry::stored(encoding_rs::BIG5.encode(name).0, b"1"));
    }
    assert_eq!(
        listed(&zip.finish()),
        traditional.map(|name| format!("{name}: 1 2024-03-01T00:00:00Z"))
    );
    // A separate UTF-8 name, which counts only with the other name's checksum.
    let mut crc = flate2::Crc::new();
    crc.update(b"?.md");
    let mut extra = b"\x75\x70\x0b\x00\x01".to_vec();
    extra.extend(crc.sum().to_le_bytes());
    extra.extend("图.md".as_bytes());
    let named = |name: &str, mut extra: Vec<u8>| {
        extra[2] = (extra.len() - 4) as u8;
        Zip::default().entry(&ZipEntry { extra, ..ZipEntry::stored(name, b"1") }).finish()
    };
    check(&named("?.md", extra.clone()), &["图.md: 1 2024-03-01T00:00:00Z"]);
    check(&named("!.md", extra), &["!.md: 1 2024-03-01T00:00:00Z"]);
    // Declared as UTF-8, and not UTF-8.
    let liar = ZipEntry { flags: 1 << 11, ..ZipEntry::stored(b"\xff.md", b"1") };
    check(&Zip::default().entry(&liar).finish(), &["\\xff.md: 1 2024-03-01T00:00:00Z"]);
}

#[test]
fn unreadable_entries_are_reported() {
    let entry = |flags, method| ZipEntry { flags, method, ..ZipEntry::stored("a", b"1") };
    let zip = Zip::default().entry(&entry(1, 0)).entry(&entry(0, 14)).finish();
    check(
        &zip,
        &[
            "a: unreadable (encrypted)",
            "a: unreadable (compressed with method 14, which is not supported)",
        ],
    );
    let inner = [
        ("x.zip", Zip::default().entry(&ZipEntry::stored("a", b"1")).finish()),
        ("x.gz", gzip(b"1")),
        ("x.zst", zstd(b"1")),
        ("x.tar", Tar::default().file("a", b"1", TIME).finish()),
        ("x.7z", b"7z\xbc\xaf\x27\x1c\0\x04".to_vec()),
        ("x.jsonl", b"{\"seedbank_jsonl\":1}\n".to_vec()),
        ("x.lines", b"{\"url\":\"u\",\"html\":\"\"}\n{}\n".to_vec()),
    ];
    let mut tar = Tar::default();
    let mut zip = Zip::default();
    for (name, bytes) in &inner {
        tar = tar.file(name, bytes, TIME);
        zip = zip.entry(&ZipEntry::deflated(name, bytes));
    }
    for archive in [tar.finish(), zip.finish()] {
        let lines = listed(&archive);
        assert_eq!(lines.len(), inner.len(), "{lines:?}");
        for (line, (name, _)) in lines.iter().zip(&inner) {
            assert!(line.starts_with(&format!("{name}: unreadable (")), "{line}");
            assert!(line.contains("within an archive: unpack it"), "{line}");
        }
    }
    check(
        &gzip(&gzip(b"1")),
        &["-: unreadable (gz within gz: unpack it, and import what is in it)"],
    );
    for other in [&b"\xfd7zXZ\0\0\x04"[..], b"BZh91AY&SY\0", b"Rar!\x1a\x07\x01\0"] {
        let lines = listed(other);
        assert!(lines[0].contains(": unreadable (") && lines[0].contains("unpack it"), "{lines:?}");
    }
}

#[test]
fn lookalikes_are_not_archives() {
    for bytes in [
        zip_of(&["word/document.xml", "_rels/.rels", "[Content_Types].xml"], b"<x/>"),
        zip_of(&["mimetype", "META-INF/container.xml", "1.xhtml"], b"<x/>"),
        zip_of(&["META-INF/MANIFEST.MF", "a/B.class"], b"---\na: b\n"),
        b"BZh is how this text begins".to_vec(),
        vec![0; 10_240],
        b"{\"url\":\"u\",\"html\":\"\"}\n".to_vec(),
        b"{\"a\":1}\n{\"a\":2}\n".to_vec(),
        Vec::new(),
    ] {
        assert!(open(&bytes, "a").is_none(), "{bytes:?}");
    }
    // A part of the names that make a document, or all of them with a seed.
    for names in [
        &["mimetypes.md"][..],
        &["mimetype", "a.md"],
        &["META-INF/MANIFEST.MF", "a.md"],
        &["docProps/app.xml", "_rels/.rels"],
    ] {
        let lines = names.iter().map(|name| format!("{name}: 1 2024-03-01T00:00:00Z"));
        assert_eq!(listed(&zip_of(names, b"1")), lines.collect::<Vec<_>>());
    }
    let names = ["[Content_Types].xml", "_rels/.rels"];
    for seed in ["<!--1-->\n[题](u)\n---\n", "{\"url\":\"u\",\"html\":\"\"}", "---\ntitle: x\n"] {
        let lines = names.map(|name| format!("{name}: {} 2024-03-01T00:00:00Z", seed.len()));
        assert_eq!(listed(&zip_of(&names, seed.as_bytes())), lines);
    }
}

/// A zip with files of these names, all with the same content.
fn zip_of(names: &[&str], content: &[u8]) -> Vec<u8> {
    let entry = |zip: Zip, name: &&str| zip.entry(&ZipEntry::deflated(*name, content));
    names.iter().fold(Zip::default(), entry).finish()
}

/// POSIX: an entry of an unknown type is a file.
#[test]
fn entries_of_other_types_are_files() {
    let typed = |kind: u8| Tar::default().entry(kind, b"a.md", 3, b"one", 1_709_251_200).finish();
    for entry_type in *b"0789abmzBZ!" {
        check(&typed(entry_type), &["a.md: 3 2024-03-01T00:00:00Z"]);
    }
    for entry_type in *b"AEIN" {
        check(&typed(entry_type), &["a.md: not_regular (not a file, but about one)"]);
    }
    let rest = "a.md: unreadable (the rest of a file on another volume: unpack the archive, and \
                import what is in it)";
    check(&typed(b'M'), &[rest]);
}

/// A zip after any other bytes is recognised by its end; its offsets count from its own start or from the
/// file's.
#[test]
fn a_zip_after_other_bytes_is_read() {
    let zip = Zip::default().entry(&ZipEntry::deflated("a.md", b"one")).finish();
    let lines = ["a.md: 3 2024-03-01T00:00:00Z"];
    let program = [&b"MZ\x90\0PK\x03\x04 is in every program that reads zips\0"[..], &[7; 40_000]];
    let befores: [&[u8]; 9] = [
        &program.concat(),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n\r\n",
        b"#!/bin/sh\nexec unzip \"$0\"\n",
        &[0; 4096],
        b"PK00",
        b"------Boundary\r\nContent-Disposition: form-data\r\n\r\n",
        b"{not json}\n",
        b"[section]\nkey=1\n",
        b"<b>Warning</b>: x<br />\n",
    ];
    for before in befores {
        let relative = [before, &zip].concat();
        let mut absolute = relative.clone();
        let shift = before.len() as u32;
        for mark in [(&b"PK\x01\x02"[..], 42), (b"PK\x05\x06", 16)] {
            let at = absolute.windows(4).rposition(|window| window == mark.0).unwrap() + mark.1;
            let field: &mut [u8; 4] = (&mut absolute[at..at + 4]).try_into().unwrap();
            *field = (u32::from_le_bytes(*field) + shift).to_le_bytes();
        }
        for bytes in [relative, absolute] {
            check(&bytes, &lines);
            check(&[&bytes[..], &[0; 700]].concat(), &lines);
            let nested = "-: unreadable (zip within gz: unpack it, and import what is in it)";
            check(&gzip(&bytes), &[nested]);
        }
    }
    check(&[&zip[..], &[0; 200_000]].concat(), &lines);
    let page = [b"<!DOCTYPE html><html><body><!--", &zip[..]].concat();
    assert!(open(&page, "a").is_none());
    let after = "-: damaged_archive (has 5 bytes after its end that are not part of it)";
    check(&[&zip[..], b"after"].concat(), &[lines[0], after]);
    check(&[b"before", &zip[..], b"after"].concat(), &[lines[0], after]);
}

#[test]
fn padding_is_no_damage() {
    let tar = Tar::default().file("a.md", b"one", TIME).finish();
    let lines = ["a.md: 3 2024-03-01T00:00:00Z"];
    let halves = tar.split_at(700);
    for pack in [gzip, zstd] {
        for padding in [1, 2, 511, 100_000] {
            let zeros = vec![0; padding];
            check(&[pack(&tar), zeros.clone()].concat(), &lines);
            check(&[pack(halves.0), zeros.clone(), pack(halves.1), zeros].concat(), &lines);
        }
        let garbage = [pack(&tar), vec![0; 3], b"garbage".to_vec()].concat();
        let found = listed(&garbage);
        assert_eq!((found.len(), found[0].as_str()), (2, lines[0]), "{found:?}");
        assert!(found[1].contains("damaged_archive"), "{found:?}");
        // One compressed document.
        let one = open(&[pack(b"one"), vec![0; 5]].concat(), "a").unwrap();
        assert_eq!(one[0].as_ref().unwrap().bytes, b"one");
    }
    check(&[&tar[..], &[0; 5000]].concat(), &lines);
}

/// Unsupported containers of articles are refused, wherever they are.
#[test]
fn other_containers_are_refused_by_name() {
    for (bytes, name) in [
        (&b"\x1f\x9d\x90abc"[..], "compress (.Z)"),
        (b"WARC/1.0\r\nWARC-Type: warcinfo\r\n", "WARC"),
        (b"!<arch>\ndebian-binary   ", "ar"),
    ] {
        let found = listed(bytes);
        assert!(
            found[0].starts_with(&format!("-: unreadable ({name} is not supported: ")),
            "{found:?}"
        );
        let packed = listed(&gzip(bytes));
        assert!(packed[0].starts_with(&format!("-: unreadable ({name} within gz: ")), "{packed:?}");
        let inner = listed(&Tar::default().file("a", bytes, TIME).finish());
        assert!(
            inner[0].starts_with(&format!("a: unreadable ({name} within an archive: ")),
            "{inner:?}"
        );
    }
}

#[test]
fn empty_archives_are_counted_once() {
    let empty = "-: empty_file (an archive without files)";
    check(&Zip::default().finish(), &[empty]);
    check(&Zip::default().entry(&ZipEntry::stored("a/", b"")).finish(), &[empty]);
    check(&Tar::default().entry(b'5', b"a/", 0, b"", TIME).finish(), &[empty]);
}

#[test]
fn a_folder_walk_and_an_archive_leave_out_the_same() {
    let tar = Tar::default()
        .file("x/.git/config", b"1", TIME)
        .file("x/manifest.jsonl", b"{\"seedbank_manifest\":1}\n{}\n", TIME)
        .file("other/manifest.jsonl", b"{}\n", TIME)
        .file(".git", b"1", TIME)
        .finish();
    check(&tar, &["other/manifest.jsonl: 3 2024-03-01T00:00:00Z", ".git: 1 2024-03-01T00:00:00Z"]);
}

/// A folder has no bytes: an entry with bytes is a file, whatever its name and its type.
#[test]
fn a_folder_with_bytes_is_a_file() {
    let time = "2024-03-01T00:00:00Z";
    let folder =
        |name: &str, data: &[u8], mode| ZipEntry { mode, ..ZipEntry::deflated(name, data) };
    let zip = Zip::default()
        .entry(&folder("a/", b"one", 0))
        .entry(&folder("b/", b"two", 0o040_755))
        .entry(&folder("c", b"three", 0o040_755))
        .entry(&folder("empty/", b"", 0o040_755))
        .entry(&folder("also", b"", 0o040_755));
    let lines = ["a/: 3", "b/: 3", "c: 5"].map(|line| format!("{line} {time}"));
    check(&zip.finish(), &lines.each_ref().map(String::as_str));
    // Its directory declares it empty.
    let hidden = ZipEntry { length: 0, crc: 0, ..ZipEntry::stored("a/", &[b'x'; 40]) };
    let found = listed(&Zip::default().entry(&hidden).finish());
    assert!(
        found[0].starts_with("a/: damaged_archive (unpacks to more than the 0 bytes"),
        "{found:?}"
    );
    let tar = Tar::default()
        .entry(b'5', b"a/", 3, b"one", TIME)
        .entry(0, b"b/", 3, b"two", TIME)
        .entry(b'0', b"c/", 5, b"three", TIME)
        .entry(b'5', b"empty/", 0, b"", TIME);
    let lines = ["a/: 3", "b/: 3", "c/: 5"].map(|line| format!("{line} {time}"));
    check(&tar.finish(), &lines.each_ref().map(String::as_str));
}

/// Archives written by the usual programs.
#[test]
fn archives_of_other_programs() {
    let script = r#"
import io, os, sys, tarfile, zipfile
for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
    with tarfile.open(f"python{form}.tar", "w", format=form) as tar:
        for name in sorted(os.listdir("drop")):
            tar.add(f"drop/{name}")
with zipfile.ZipFile("python.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for name in sorted(os.listdir("drop")):
        z.write(f"drop/{name}")
with zipfile.ZipFile("stream.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for name in sorted(os.listdir("drop")):
        with z.open(f"drop/{name}", "w", force_zip64=True) as out:
            out.write(open(f"drop/{name}", "rb").read())
"#;
    let place = Place::new();
    let names = ["a.md", "图书馆.md", &format!("{}.md", "n".repeat(90))];
    for (number, name) in names.iter().enumerate() {
        place.write(name, "x".repeat(number + 1));
    }
    let folder = place.folder.path();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        let ran = command.args(arguments).current_dir(folder).env("TZ", "UTC").output();
        let is_there = ran.is_ok_and(|ran| ran.status.success());
        if !is_there {
            eprintln!("SKIPPED: no {program} that does this here");
        }
        is_there
    };
    let mut archives = Vec::new();
    if run("python3", &["-c", script]) {
        archives.extend(["python0.tar", "python1.tar", "python2.tar", "python.zip"]);
    }
    for (name, arguments) in [
        ("gnu.tar", &["--sort=name", "-cf", "gnu.tar", "drop"][..]),
        ("pax.tar", &["--sort=name", "--format=posix", "-cf", "pax.tar", "drop"]),
        ("gnu.tgz", &["--sort=name", "-czf", "gnu.tgz", "drop"]),
    ] {
        if run("tar", arguments) {
            archives.push(name);
        }
    }
    if run("zip", &["-qr", "info.zip", "drop"]) {
        archives.push("info.zip");
    }
    let expected = listed_from(&place.drop());
    assert_eq!(expected.len(), 3);
    for archive in archives {
        let mut lines = listed(&fs::read(folder.join(archive)).unwrap());
        lines.sort();
        assert_eq!(lines, expected, "{archive}");
    }
    if folder.join("stream.zip").exists() {
        assert_eq!(listed(&fs::read(folder.join("stream.zip")).unwrap()).len(), 3);
    }
}

fn listed_from(folder: &Path) -> Vec<String> {
    let mut lines: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let length = entry.metadata().unwrap().len();
            let name = entry.file_name().into_string().unwrap();
            format!("drop/{name}: {length} 2024-03-01T00:00:00Z")
        })
        .collect();
    lines.sort();
    lines
}
