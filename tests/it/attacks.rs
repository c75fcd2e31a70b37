//! Archives that are damaged, or built as an attack.

use crate::pack::{
    LIMIT, MOST_ENTRIES, MOST_REFUSED, Tar, Zip, ZipEntry, check, gzip, listed, open, zstd,
};
use crate::place::{TIME, seed, text};
use proptest::prelude::*;

#[test]
fn two_entries_of_one_name_are_both_there() {
    let tar = Tar::default().file("a", b"1", TIME).file("a", b"22", TIME).finish();
    check(&tar, &["a: 1 2024-03-01T00:00:00Z", "a: 2 2024-03-01T00:00:00Z"]);
    let (one, two) = (ZipEntry::stored("a", b"1"), ZipEntry::stored("a", b"22"));
    let zip = Zip::default().entry(&one).entry(&two).finish();
    check(&zip, &["a: 1 2024-03-01T00:00:00Z", "a: 2 2024-03-01T00:00:00Z"]);
    // Only the second is in the directory.
    let hidden = Zip::default().local(&one).entry(&two).finish();
    check(
        &hidden,
        &[
            "a: 2 2024-03-01T00:00:00Z",
            "-: damaged_archive (has entries at byte 0 that its directory does not name: they were not read)",
        ],
    );
    // A zip after another: its directory does not list the first.
    let appended = [Zip::default().entry(&one).finish(), Zip::default().entry(&two).finish()];
    check(
        &appended.concat(),
        &[
            "a: 2 2024-03-01T00:00:00Z",
            "-: damaged_archive (has entries at byte 0 that its directory does not name: they were not read)",
        ],
    );
    // Concatenated tars are read to the end.
    let tars = [tar.clone(), tar].concat();
    assert_eq!(listed(&tars).len(), 4);
}

#[test]
fn what_is_no_file_is_counted_and_never_followed() {
    let tar = Tar::default()
        .entry(b'1', b"hard", 7, b"", TIME)
        .entry(b'2', b"soft", 0, b"", TIME)
        .entry(b'3', b"char", 0, b"", TIME)
        .entry(b'6', b"fifo", 0, b"", TIME)
        .entry(b'?', b"strange", 3, b"abc", TIME)
        .entry(b'S', b"sparse", 4, b"data", TIME)
        .pax(&[("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")])
        .file("GNUSparseFile.0/x", b"1\n0\n1\n", TIME)
        .file("last", b"1", TIME)
        .finish();
    check(
        &tar,
        &[
            "hard: not_regular (hard link)",
            "soft: not_regular (symbolic link)",
            "char: not_regular (device)",
            "fifo: not_regular (FIFO)",
            "strange: 3 2024-03-01T00:00:00Z",
            "sparse: unreadable (a sparse file: unpack the archive, and import what is in it)",
            "GNUSparseFile.0/x: unreadable (a sparse file: unpack the archive, and import what is in it)",
            "last: 1 2024-03-01T00:00:00Z",
        ],
    );
    let mode = |mode, name| ZipEntry { mode, ..ZipEntry::stored(name, b"to") };
    let zip = Zip::default()
        .entry(&mode(0o120_777, "soft"))
        .entry(&mode(0o020_644, "char"))
        .entry(&mode(0o100_644, "file"))
        .finish();
    check(
        &zip,
        &[
            "soft: not_regular (symbolic link)",
            "char: not_regular (special file)",
            "file: 2 2024-03-01T00:00:00Z",
        ],
    );
}

/// The map of a sparse file can continue in more blocks, which are not entries.
#[test]
fn the_map_of_a_sparse_file_is_stepped_over() {
    let mut header = [0; 512];
    header[..6].copy_from_slice(b"sparse");
    header[124..136].copy_from_slice(b"00000000004\0");
    header[156] = b'S';
    header[257..265].copy_from_slice(b"ustar  \0");
    header[482] = 1;
    let (mut more, last) = ([0; 512], [0; 512]);
    more[504] = 1;
    let tar = Tar::default().header(header).raw(&more).raw(&last).data(b"data");
    let lines = listed(&tar.file("b", b"1", TIME).finish());
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1], "b: 1 2024-03-01T00:00:00Z");
}

#[test]
fn truncated_archives_give_complete_entries_and_report_it() {
    let tar = Tar::default().file("a", b"1", TIME).file("b", &[b'x'; 600], TIME).unfinished();
    let cut_at = |length: usize| listed(&tar[..length]);
    let whole = "a: 1 2024-03-01T00:00:00Z".to_owned();
    let check = |length: usize, last: &str| {
        assert_eq!(cut_at(length), [whole.clone(), last.to_owned()], "{length}");
    };
    check(
        1024,
        "-: damaged_archive (ends without the end marker of a tar: it may be truncated; the 1 file before it was read, the last entry \"a\")",
    );
    check(
        1100,
        "-: damaged_archive (ends in the middle of a header; the 1 file before it was read, the last entry \"a\")",
    );
    check(
        1536,
        "b: damaged_archive (ends after 0 of the file's 600 bytes; the 1 file before it was read)",
    );
    check(
        2000,
        "b: damaged_archive (ends after 464 of the file's 600 bytes; the 1 file before it was read)",
    );
    let junk = |junk: &[u8]| {
        let lines =
            listed(&Tar::default().file("a", b"1", TIME).raw(&[0; 1024]).raw(junk).unfinished());
        (lines.len(), lines.last().unwrap().clone())
    };
    for bytes in [&b"junk"[..], &[b'x'; 600]] {
        let (count, last) = junk(bytes);
        assert!(count == 2 && last.contains("data after its end"), "{last}");
    }
    assert_eq!(junk(&[0; 100]).0, 1);
    let packed = [gzip(&tar), zstd(&tar)];
    for packed in &packed {
        for length in [packed.len() - 1, packed.len() / 2] {
            let lines = listed(&packed[..length]);
            assert!(lines.last().unwrap().contains(": damaged_archive ("), "{lines:?}");
        }
    }
    // If only the end is missing, every file is complete, and none is reported as half.
    assert_eq!(cut_at(tar.len())[..2], [whole.clone(), "b: 600 2024-03-01T00:00:00Z".into()]);
    assert_eq!(cut_at(1536 + 600).len(), 3);

    let zip = Zip::default().entry(&ZipEntry::stored("a", b"1")).finish();
    for length in [zip.len() - 1, zip.len() - 22, 40, 4] {
        assert_eq!(
            listed(&zip[..length]),
            [
                "-: damaged_archive (has no directory at its end: it may be truncated, or more than a zip)"
            ]
        );
    }
}

#[test]
fn checksums_reveal_damage() {
    let tar = Tar::default().file("a", b"1", TIME).file("b", b"2", TIME).finish();
    let mut packed = gzip(&tar);
    let at = packed.len() - 8;
    packed[at] ^= 1;
    let lines = listed(&packed);
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("-: damaged_archive (corrupt gzip stream does not have a matching checksum; the 2 files before it were read"), "{lines:?}");

    let mut header = tar.clone();
    header[1024 + 5] ^= 1;
    check(
        &header,
        &[
            "a: 1 2024-03-01T00:00:00Z",
            "-: damaged_archive (has no header where the next entry should be; the 1 file before it was read, the last entry \"a\")",
        ],
    );
    let entry = ZipEntry::deflated("a", b"one");
    let lies = [
        (ZipEntry { crc: 1, ..entry.clone() }, "its checksum does not match"),
        (
            ZipEntry { length: 2, ..entry.clone() },
            "unpacks to more than the 2 bytes that it declares",
        ),
        (ZipEntry { length: 4, ..entry.clone() }, "unpacks to 3 of 4 bytes"),
    ];
    for (lie, why) in lies {
        let zip = Zip::default().entry(&lie).entry(&ZipEntry::stored("b", b"2")).finish();
        check(&zip, &[&format!("a: damaged_archive ({why})"), "b: 1 2024-03-01T00:00:00Z"]);
    }
    // The directory leads to something else.
    let zip = Zip::default().local(&entry).listed(&ZipEntry::stored("z", b""), 0).finish();
    assert_eq!(listed(&zip)[0], "z: damaged_archive (its local header is missing)");
}

#[test]
fn too_large_members_are_left_unread() {
    let large = vec![b'x'; LIMIT as usize + 1];
    let tar = Tar::default().file("large", &large, TIME).file("b", b"1", TIME).finish();
    let zip = Zip::default()
        .entry(&ZipEntry::deflated("large", &large))
        .entry(&ZipEntry::stored("b", b"1"))
        .finish();
    let lines = ["large: too_large (65537 bytes; the limit is 65536)", "b: 1 2024-03-01T00:00:00Z"];
    check(&tar, &lines);
    check(&zip, &lines);
    check(&gzip(&large), &["-: too_large (more than 65536 bytes, which is the limit)"]);
    check(&gzip(&large[1..]), &["-: 65536 2024-03-01T00:00:00Z"]);
}

/// A few kilobytes that unpack to many gigabytes: rejected soon, whatever sizes they declare.
#[test]
fn bombs_end_soon() {
    // 300 tars of 1 MiB each, compressed twice, to some hundred bytes each.
    let piece = Tar::default().file("zeros", &vec![0; 1 << 20], TIME).unfinished();
    let packed = zstd(&piece.repeat(64));
    let bomb = packed.repeat(200);
    assert!(bomb.len() < 1 << 21, "{}", bomb.len());
    let lines = listed(&bomb);
    let last = lines.last().unwrap();
    assert!(last.contains("too_large (it unpacks to more than 500 times its size"), "{last}");
    assert!(lines.len() < 1200, "{}", lines.len());

    // A file with a false small size.
    let zeros = vec![0; 8 << 20];
    let liar = ZipEntry { length: 100, ..ZipEntry::deflated("a", &zeros) };
    check(
        &Zip::default().entry(&liar).finish(),
        &["a: damaged_archive (unpacks to more than the 100 bytes that it declares)"],
    );

    // The same bytes under a thousand names; and one entry quoted inside the next.
    let kernel = ZipEntry::deflated("a", &zeros[..60_000]);
    let mut zip = Zip::default().local(&kernel);
    for _ in 0..1000 {
        zip = zip.listed(&kernel, 0);
    }
    let over = ["-: damaged_archive (entries overlap: nothing in it is read)"];
    check(&zip.finish(), &over);
    let inner = Zip::default().local(&kernel).finish();
    let outer = ZipEntry::stored("outer", &inner[..inner.len() - 22]);
    let offset = (30 + outer.name.len()) as u32;
    check(&Zip::default().entry(&outer).listed(&kernel, offset).finish(), &over);
}

#[test]
fn too_many_entries_are_not_read() {
    let one = ZipEntry::stored("a/", b"");
    let limit = MOST_ENTRIES as usize;
    for (entries, is_too_many) in [(limit, false), (limit + 1, true)] {
        let zip = (0..entries).fold(Zip::default(), |zip, _| zip.entry(&one)).finish();
        let tar = Tar::default().entry(b'5', b"a/", 0, b"", TIME).unfinished().repeat(entries);
        let tar = Tar::default().raw(&tar).finish();
        let why =
            if is_too_many { "too_large (has more than 1200 entries" } else { "empty_file (" };
        for archive in [zip, tar] {
            let lines = listed(&archive);
            assert!(lines.len() == 1 && lines[0].starts_with(&format!("-: {why}")), "{lines:?}");
        }
    }
    // The declared number is enough.
    let zip = || Zip::default().entry(&ZipEntry::stored("a", b"1"));
    check(&zip().finish_64(1), &["a: 1 2024-03-01T00:00:00Z"]);
    check(&zip().finish_64(1 << 40), &["-: too_large (has more than 1200 entries)"]);
    check(
        &zip().finish_64(2),
        &["-: damaged_archive (its directory has 1 entries and declares 2)"],
    );
}

/// In any layout of JSON, each object, line and sighting is an entry.
#[test]
fn too_many_lines_are_not_read() {
    let limit = MOST_ENTRIES as usize;
    let line = "{\"url\":\"u\",\"html\":\"\"}\n";
    let header = "{\"seedbank_jsonl\":1}\n";
    // A seed of the empty text.
    let seed = "{\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\
                \"body\":\"\"";
    let sightings = |count: usize| vec!["{\"path\":\"a\"}"; count].join(",");
    let seen =
        |count| format!("{header}{{\"seeds\":[{seed},\"sightings\":[{}]}}]}}", sightings(count));
    let seeds =
        |count| format!("{header}{{\"seeds\":[{}]}}", vec![format!("{seed}}}"); count].join(","));
    let shapes: [&dyn Fn(usize) -> String; 5] = [
        &|count| line.repeat(count),
        &|count| line.trim_end().repeat(count),
        &|count| format!("[{}]", vec![line; count].join(",")),
        &seen,
        &seeds,
    ];
    for (number, shape) in shapes.into_iter().enumerate() {
        assert_eq!(listed(shape(limit).as_bytes()).len(), limit, "{number}");
        for bytes in [shape(limit + 1).into_bytes(), zstd(shape(3 * limit).as_bytes())] {
            let lines = listed(&bytes);
            assert_eq!(lines.len(), limit + 1, "{number}");
            let last =
                "-: too_large (has more than 1200 entries; the 1200 files before it were read";
            assert!(lines[limit].starts_with(last), "{number}: {}", lines[limit]);
        }
    }
}

/// A row has the complete path of its file.
#[test]
fn long_paths_count_as_several() {
    let name = vec![b'a'; 256 * 500];
    let tar = (0..3).fold(Tar::default(), |tar, _| {
        tar.entry(b'L', b"././@LongLink", name.len() as u64, &name, 0).file("", b"1", TIME)
    });
    let lines = listed(&tar.finish());
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("-: too_large (has more than 1200 entries; the 2 files"));
    let path = String::from_utf8(name).unwrap();
    let sighting = format!("{{\"path\":\"{path}\"}}");
    let seen = format!(
        "{{\"seedbank_jsonl\":1}}\n{{\"seeds\":[{{\"sha256\":\"\
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"body\":\"\",\
         \"sightings\":[{}]}}]}}",
        vec![sighting; 3].join(",")
    );
    let lines = listed(seen.as_bytes());
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("-: too_large (has more than 1200 entries; the 2 files"));
}

/// Bad lines do not each cost a row without limit, and no good line among them is lost.
#[test]
fn of_many_bad_lines_only_the_first_are_named() {
    let named = MOST_REFUSED as usize;
    let good =
        "{\"url\":\"u\",\"html\":\"<p>long enough to be the better part of the file</p>\"}\n";
    let our_own = |text: &str| format!("{{\"seedbank_jsonl\":1}}\n{}", text.replace(good, "\n"));
    let text = format!("{good}bad\n").repeat(named + 5);
    let lines = listed(text.as_bytes());
    let is_good = |line: &&String| !line.contains("damaged_archive");
    assert_eq!(lines.iter().filter(is_good).count(), named + 5);
    assert_eq!(lines.len(), 2 * named + 6);
    assert_eq!(
        lines.last().unwrap(),
        "-: damaged_archive (5 more are refused, the last of them \"line 50\": damaged_archive \
         (no JSON object with `html`, and `url` or `title`))"
    );
    let lines = listed(our_own(&text).as_bytes());
    assert_eq!(lines.len(), named + 1);
    assert!(lines[named].starts_with("-: damaged_archive (5 more are refused"), "{lines:?}");
    assert_eq!(listed(format!("{good}bad\n").repeat(named).as_bytes()).len(), 2 * named);
}

/// A frame that needs a window of two gigabytes.
#[test]
fn a_large_window_is_not_allowed() {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(31).unwrap();
    std::io::Write::write_all(&mut encoder, b"1").unwrap();
    let packed = encoder.finish().unwrap();
    check(
        &packed,
        &["-: unreadable (compressed with too large a window (zstd --long): unpack it first)"],
    );
}

/// A name with a great declared length is not read.
#[test]
fn long_names_are_not_believed() {
    for kind in [b'L', b'K', b'x', b'g'] {
        let tar = Tar::default().file("a", b"1", TIME).entry(kind, b"x", 1 << 30, b"", 0).finish();
        let lines = listed(&tar);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].contains("has a name or field of 1073741824 bytes"), "{lines:?}");
    }
    let huge = Tar::default().entry(b'0', b"a", 4 << 30, b"", TIME).finish();
    assert_eq!(listed(&huge[..512]).len(), 1);
    for fields in
        ["5 a=b\n", "x", "999999999999999999999 a=b\n", "12 mtime\n", "0 ", "13 size=many\n\n"]
    {
        let tar = Tar::default().entry(b'x', b"x", fields.len() as u64, fields.as_bytes(), 0);
        let lines = listed(&tar.file("a", b"1", TIME).finish());
        assert!(lines[0].contains("malformed pax fields"), "{fields:?}: {lines:?}");
    }
    // Directories with impossible contents.
    let sound = Zip::default().entry(&ZipEntry::stored("a", b"1")).finish();
    for at in sound.len() - 22 + 10..sound.len() - 2 {
        let mut zip = sound.clone();
        zip[at] = 0xfe;
        let lines = listed(&zip);
        let is_refused = |reason| lines[0].starts_with(&format!("-: {reason} ("));
        assert!(is_refused("damaged_archive") || is_refused("too_large"), "{at}: {lines:?}");
    }
}

fn sound_archives() -> Vec<Vec<u8>> {
    let body = seed("NaN", "雨后", "https://news.example/a", &text("雨停了"));
    let tar = Tar::default()
        .pax(&[("path", "雨.md")])
        .file("x", body.as_bytes(), TIME)
        .file("b", b"2", TIME)
        .finish();
    let zip = Zip::default()
        .entry(&ZipEntry::deflated("雨.md", body.as_bytes()).at(TIME))
        .entry(&ZipEntry::stored("b", b"2"))
        .finish();
    vec![gzip(&tar), zstd(&tar), tar, zip]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// An archive with any damage is read to its end, and members with a checksum are unchanged.
    #[test]
    fn any_damage_is_survived(
        which in 0..4usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in any::<prop::sample::Index>(),
    ) {
        let sound = &sound_archives()[which];
        let contents: Vec<Vec<u8>> = open(sound, "a").unwrap().into_iter().map(|member| member.unwrap().bytes).collect();
        let mut bytes = sound.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(length.index(bytes.len()) + 1);
        for member in open(&bytes, "a").unwrap_or_default() {
            if let (Ok(document), 3) = (member, which) {
                prop_assert!(contents.contains(&document.bytes));
            }
        }
    }
}
