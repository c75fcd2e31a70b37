//! Importing drops in every container: a document is the same one however it was packaged.

use crate::corpus;
use crate::pack::{Tar, Zip, ZipEntry, gzip, limits, zstd};
use crate::place::{Place, TIME, URL, dump, dump_without_ids, seed, set_time, text};
use crate::support::{TestEnv, seed as plain_seed};
use crate::verify::verified;
use seedbank::internals::source::{Walk, members};
use seedbank::{ImportReport, Reason, VerifyOptions};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A document of a drop: name, bytes, seconds since 1970.
type File = (String, Vec<u8>, u64);

fn folder(place: &Place, files: &[File]) -> PathBuf {
    for (name, bytes, seconds) in files {
        place.write_at(&format!("files/{name}"), bytes, *seconds);
    }
    place.drop().join("files")
}

fn tar(files: &[File]) -> Vec<u8> {
    let add = |tar: Tar, (name, bytes, seconds): &File| {
        tar.pax(&[("path", name)]).file("x", bytes, *seconds)
    };
    files.iter().fold(Tar::default(), add).finish()
}

fn zip(files: &[File]) -> Vec<u8> {
    let add = |zip: Zip, (name, bytes, seconds): &File| {
        let entry = ZipEntry { flags: 1 << 11, ..ZipEntry::deflated(name, bytes) };
        zip.entry(&entry.at(*seconds))
    };
    files.iter().fold(Zip::default(), add).finish()
}

fn all_files(folder: &Path) -> Vec<File> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let within = all_files(&path);
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.extend(
                within.into_iter().map(|(file, bytes, at)| (format!("{name}/{file}"), bytes, at)),
            );
        } else {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read(&path).unwrap(), TIME));
        }
    }
    files.sort();
    files
}

/// All rows, without the places of sightings.
fn rows_without_places(place: &Place) -> Vec<String> {
    let rows = dump_without_ids(&place.database());
    rows.into_iter().filter(|row| !row.starts_with("sighting|")).collect()
}

/// The addresses of all articles, and all their texts.
fn articles_and_revisions(place: &Place) -> Vec<String> {
    place.rows(
        "SELECT u.canonical_url, r.title, r.text_sha256 FROM article_url u
         JOIN revision r ON r.article_id = u.article_id ORDER BY 1, 2, 3",
    )
}

/// Imports the same documents in each of these containers, with the same times or with others.
fn check_containers(files: &[File], containers: &[(&str, bool)]) {
    let of_the_folder = Place::new();
    let drop = folder(&of_the_folder, files);
    let expected = of_the_folder.import_with(|options| options.paths = vec![drop]);
    let other_times: Vec<File> = files
        .iter()
        .enumerate()
        .map(|(index, (name, bytes, at))| {
            (name.clone(), bytes.clone(), at + 60 * (index as u64 % 7))
        })
        .collect();
    for (name, is_same_time) in containers {
        let files = if *is_same_time { files } else { &other_times };
        let bytes = match *name {
            "tar" => tar(files),
            "tar.gz" => gzip(&tar(files)),
            "tar.zst" => zstd(&tar(files)),
            _ => zip(files),
        };
        let place = Place::new();
        place.write("a", bytes);
        let report = place.import();
        assert_eq!(report.files_seen, expected.files_seen, "{name}");
        assert_eq!(report.rejected, expected.rejected, "{name}");
        // Not `assert_eq`, which would print megabytes of rows.
        if *is_same_time {
            assert!(rows_without_places(&place) == rows_without_places(&of_the_folder), "{name}");
        }
        let said = articles_and_revisions(&place);
        assert!(said == articles_and_revisions(&of_the_folder), "{name}");
        check_undamaged(&place);
    }
}

/// However documents came, `verify` finds nothing.
#[track_caller]
fn check_undamaged(place: &Place) {
    let (_, findings) = verified(&place.database(), &VerifyOptions::default());
    assert_eq!(findings, []);
}

#[test]
fn every_container_gives_the_same_rows() {
    let seeds = all_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds"));
    for is_same_time in [true, false] {
        check_containers(
            &seeds,
            &["tar", "tar.gz", "tar.zst", "zip"].map(|name| (name, is_same_time)),
        );
    }
}

#[test]
fn every_container_of_the_corpus_gives_the_same_rows() {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let named = |path: &PathBuf| format!("{}/{}", name(path.parent().unwrap()), name(path));
    let files: Vec<File> = corpus::files(&["seeds", "posts", "news"])
        .iter()
        .map(|path| (named(path), fs::read(path).unwrap(), TIME))
        .collect();
    if !files.is_empty() {
        check_containers(&files, &[("tar.zst", true), ("zip", true), ("zip", false)]);
    }
}

fn two_files() -> Vec<File> {
    let first = seed("1709164800000", "雨后", URL, &text("雨停了"));
    let second = seed("NaN", "另一篇", "https://news.example/b", &text("天晴了"));
    vec![("甲/1.md".into(), first.into(), TIME), ("2.md".into(), second.into(), TIME + 5)]
}

#[track_caller]
fn check_counts(report: &ImportReport, counts: [u64; 5]) {
    let found = [report.new, report.revised, report.duplicate, report.unchanged, report.rejected];
    assert_eq!(found, counts, "new, revised, duplicate, unchanged, rejected of {report:?}");
}

#[test]
fn a_member_is_a_file_of_the_run() {
    let place = Place::new();
    let path = place.write("a.zip", zip(&two_files()));
    let report = place.import();
    check_counts(&report, [2, 0, 0, 0, 0]);
    assert_eq!(
        place.rows(&format!(
            "SELECT replace(path, '{}', ''), member, byte_length, modified_at, observed_at, outcome
             FROM sighting ORDER BY id",
            fs::canonicalize(place.drop()).unwrap().display()
        )),
        [
            "/a.zip|甲/1.md|268|2024-03-01T00:00:00Z|2024-03-01T00:00:00Z|new",
            "/a.zip|2.md|255|2024-03-01T00:00:05Z|2024-03-01T00:00:05Z|new"
        ]
    );
    // Unchanged, it is not read; with another time it is read, with nothing new.
    let before = dump(&place.database());
    let report = place.import();
    check_counts(&report, [0, 0, 0, 2, 0]);
    assert_eq!(report.bytes_read, 0);
    check_counts(&place.import_with(|options| options.full = true), [0, 0, 2, 0, 0]);
    set_time(&path, TIME + 1);
    check_counts(&place.import(), [0, 0, 2, 0, 0]);
    check_counts(&place.import(), [0, 0, 0, 2, 0]);
    assert_eq!(dump(&place.database()), before);
    assert_eq!(
        place.rows("SELECT run_id, members, is_settled, modified_at FROM container ORDER BY id"),
        ["3|2|1|2024-03-01T00:00:00Z", "4|2|1|2024-03-01T00:00:01Z"]
    );
    // In the former state, it is known too.
    set_time(&path, TIME);
    check_counts(&place.import(), [0, 0, 0, 2, 0]);
}

#[test]
fn a_dry_run_remembers_no_container() {
    let place = Place::new();
    place.write("a.tar", tar(&two_files()));
    check_counts(&place.import_with(|options| options.dry_run = true), [2, 0, 0, 0, 0]);
    check_counts(&place.import(), [2, 0, 0, 0, 0]);
    let path = place.write("b.tar", tar(&two_files()));
    check_counts(&place.import_with(|options| options.dry_run = true), [0, 0, 2, 2, 0]);
    check_counts(&place.import(), [0, 0, 2, 2, 0]);
    // A file so recent that a change might not show in its time is read again.
    let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    set_time(&path, now.unwrap().as_secs() + 60);
    check_counts(&place.import(), [0, 0, 2, 2, 0]);
    check_counts(&place.import(), [0, 0, 2, 2, 0]);
}

#[test]
fn a_container_with_something_refused_is_tried_again() {
    let place = Place::new();
    let mut files = two_files();
    files.push(("large.md".into(), vec![b'x'; 3000], TIME));
    place.write("a.tar.gz", gzip(&tar(&files)));
    let small = |place: &Place| place.import_with(|options| options.max_file_size = 2000);
    let report = small(&place);
    check_counts(&report, [2, 0, 0, 0, 1]);
    assert_eq!(report.newly_refused, 1);
    let report = small(&place);
    check_counts(&report, [0, 0, 2, 0, 1]);
    assert_eq!(report.newly_refused, 0);
    check_counts(&place.import(), [0, 0, 2, 0, 1]);
    check_counts(&place.import(), [0, 0, 0, 3, 0]);
    assert_eq!(place.rows("SELECT count(*) FROM rejection"), ["2"]);
}

#[test]
fn a_broken_archive_gives_complete_entries_and_the_drop_continues() {
    let place = Place::new();
    let whole = tar(&two_files());
    place.write("1_cut.tar", &whole[..whole.len() - 1324]);
    place.write("2_page.md", seed("NaN", "第三篇", "https://news.example/c", &text("门开了")));
    let report = place.import();
    check_counts(&report, [2, 0, 0, 0, 1]);
    assert_eq!(report.reasons, [(Reason::DamagedArchive, 1)]);
    assert_eq!(report.newly_refused, 1);
    assert_eq!(place.rows("SELECT member FROM sighting WHERE outcome = 'rejected'"), ["2.md"]);
    assert_eq!(place.rows("SELECT title FROM article ORDER BY id"), ["雨后", "第三篇"]);
    let report = place.import();
    check_counts(&report, [0, 0, 1, 1, 1]);
    assert_eq!(report.newly_refused, 0);
    place.write_at("1_cut.tar", whole, TIME + 1);
    check_counts(&place.import(), [1, 0, 1, 1, 0]);
    check_counts(&place.import(), [0, 0, 0, 3, 0]);
}

#[test]
fn links_in_an_archive_do_not_make_it_be_read_again() {
    let place = Place::new();
    let (name, bytes, at) = two_files().remove(1);
    let tar = Tar::default().file(&name, &bytes, at).entry(b'2', b"link", 0, b"", at);
    place.write("a.tar", tar.finish());
    check_counts(&place.import(), [1, 0, 0, 0, 1]);
    check_counts(&place.import(), [0, 0, 0, 2, 0]);
}

#[test]
fn an_archive_that_changes_while_it_is_read_is_not_seen() {
    let place = Place::new();
    let path = place.write("a.tar", tar(&two_files()));
    let walk = Walk::new(std::slice::from_ref(&path), &place.database()).unwrap();
    let found = walk.files().next().unwrap();
    let limits = limits();
    let mut unchanged = members(&found, limits).unwrap();
    assert_eq!(unchanged.by_ref().count(), 2);
    assert_eq!(unchanged.finish().unwrap().members, 2);

    let mut changed = members(&found, limits).unwrap();
    assert!(changed.next().unwrap().is_ok());
    fs::File::options().append(true).open(&path).unwrap().write_all(&[0; 512]).unwrap();
    assert!(changed.next().unwrap().is_ok());
    let (_, rejection) = changed.next().unwrap().unwrap_err();
    assert_eq!(rejection.reason.as_str(), "changed_while_reading");
    assert!(changed.next().is_none());
    assert!(changed.finish().is_none());
    // Nor is one that was not read to its end.
    let mut begun = members(&walk.files().next().unwrap(), limits).unwrap();
    begun.next();
    assert!(begun.finish().is_none());
}

#[test]
fn a_document_that_is_packed_has_the_place_of_its_file() {
    let place = Place::new();
    let (_, bytes, _) = two_files().remove(0);
    let mut with_time = gzip(&bytes);
    with_time[4..8].copy_from_slice(&(TIME as u32 - 100).to_le_bytes());
    let length = with_time.len();
    place.write("1.md.gz", with_time);
    place.write("2.md.zst", zstd(&bytes));
    place.write("3.md", &bytes);
    check_counts(&place.import(), [1, 0, 2, 0, 0]);
    assert_eq!(
        place.rows("SELECT member, byte_length, observed_at FROM sighting ORDER BY id LIMIT 1"),
        [format!("|{length}|2024-02-29T23:58:20Z")]
    );
    assert_eq!(
        place.rows("SELECT observed_at FROM sighting ORDER BY id DESC LIMIT 2"),
        ["2024-03-01T00:00:00Z"; 2]
    );
    check_counts(&place.import(), [0, 0, 0, 3, 0]);
    check_undamaged(&place);
    assert_eq!(place.rows("SELECT count(*) FROM container"), ["0"]);
    // Half a container gives nothing.
    let half = gzip(&bytes);
    place.write("4.md.gz", &half[..half.len() / 2]);
    let report = place.import();
    check_counts(&report, [0, 0, 0, 3, 1]);
    assert_eq!(report.reasons, [(Reason::DamagedArchive, 1)]);
    assert_eq!(place.rows("SELECT count(*) FROM seed"), ["1"]);
}

#[test]
fn an_older_schema_knows_no_container() {
    let place = Place::new();
    place.write("a.tar", tar(&two_files()));
    crate::place::write_released(&place.database(), include_str!("../fixtures/released/0.1.0.sql"));
    // That version rejected it as a binary file, and stored only its hash.
    let connection = rusqlite::Connection::open(place.database()).unwrap();
    let path = fs::canonicalize(place.drop().join("a.tar")).unwrap();
    let (path, length) = (path.to_str().unwrap(), fs::metadata(&path).unwrap().len());
    connection
        .execute(
            "INSERT INTO seed (id, sha256, byte_length, codec, extractor_version)
             VALUES (1000, zeroblob(32), ?1, 'none', 1)",
            [length as i64],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO sighting (run_id, seed_id, path, byte_length, modified_ns, outcome, is_settled)
             VALUES (1, 1000, ?1, ?2, ?3, 'rejected', 1)",
            (path, length as i64, TIME as i64 * 1_000_000_000),
        )
        .unwrap();
    drop(connection);
    check_counts(&place.import_with(|options| options.dry_run = true), [2, 0, 0, 0, 0]);
    check_counts(&place.import(), [2, 0, 0, 0, 0]);
    check_counts(&place.import(), [0, 0, 0, 2, 0]);
}

#[test]
fn an_interchange_file_may_be_packed() {
    let place = Place::new();
    let drop = folder(&place, &two_files());
    place.import_with(|options| options.paths = vec![drop]);
    let file = place.folder.path().join("archive.jsonl");
    place.export_jsonl(&file);
    let other = Place::new();
    other.write("archive.jsonl.gz", gzip(&fs::read(&file).unwrap()));
    check_counts(&other.import(), [2, 0, 0, 0, 0]);
    check_counts(&other.import(), [0, 0, 0, 2, 0]);
}

#[test]
fn standard_input_is_a_document_or_an_archive() {
    let env = TestEnv::new();
    let check = |input: &[u8], expected: [u64; 3]| {
        let ran = env.run_with_bytes(&["import", "-", "--json"], input);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let counts = ["new", "duplicate", "rejected"].map(|name| report[name].as_u64().unwrap());
        assert_eq!(counts, expected, "{report}");
    };
    let page = plain_seed("一", "https://news.example/1");
    check(page.as_bytes(), [1, 0, 0]);
    check(page.as_bytes(), [0, 1, 0]);
    check(&tar(&two_files()), [2, 0, 0]);
    check(&gzip(&tar(&two_files())), [0, 2, 0]);
    check(&zip(&two_files()), [0, 2, 0]);
    check(&zstd(page.as_bytes()), [0, 1, 0]);
    check(b"", [0, 0, 1]);
    let sql = "SELECT DISTINCT path FROM sighting";
    assert_eq!(env.run(&["sql", "--format", "tsv", sql]).expect(0).stdout, "path\n-\n");
    let sql = "SELECT count(*) AS n FROM sighting WHERE member IS NULL AND observed_at IS NULL";
    assert_eq!(env.run(&["sql", "--format", "tsv", sql]).expect(0).stdout, "n\n0\n");

    // A stream is never recognised as refused before.
    for _ in 0..2 {
        let cut = &tar(&two_files())[..1600];
        let ran = env.run_with_bytes(&["import", "-"], cut).expect(3);
        assert!(ran.stdout.contains(": damaged_archive (ends after 64 of the file"), "{ran}");
    }

    // A zip is read from its end.
    let large = ["import", "-", "--max-file-size", "500"];
    let ran = env.run_with_bytes(&large, &zip(&two_files())).expect(3);
    assert!(ran.stdout.contains("a zip of more than 500 bytes through a pipe"), "{ran}");
}

#[test]
fn lists_of_paths() {
    let env = TestEnv::new();
    env.write("drop/a b.txt", plain_seed("一", "https://news.example/1").as_bytes());
    env.write("drop/c\nd.txt", plain_seed("二", "https://news.example/2").as_bytes());
    env.write("list", b"drop/a b.txt\n\n");
    let ran = env.run(&["import", "--files-from", "list"]).expect(0);
    assert!(ran.stdout.starts_with("1 file, "), "{ran}");
    let list = ["import", "--files-from", "-", "-0"];
    let ran = env.run_with_input(&list, "drop/a b.txt\0drop/c\nd.txt\0").expect(0);
    assert!(ran.stdout.contains(" new        1 ") && ran.stdout.contains("unchanged  1 "), "{ran}");
    // Together with other paths.
    let ran = env.run(&["import", "drop", "--files-from", "list"]).expect(0);
    assert!(ran.stdout.starts_with("3 files, "), "{ran}");

    let ran = env.run_with_input(&["import", "--files-from", "-"], "").expect(0);
    assert_eq!(ran.stderr, "note: the list \"-\" names no files\n");
    let missing = env.run_with_input(&["import", "--files-from", "-"], "drop\nmissing\n").expect(1);
    assert!(missing.stderr.contains("\"missing\" does not exist"), "{missing}");
    let missing = env.run(&["import", "--files-from", "nowhere"]).expect(1);
    assert!(missing.stderr.contains("\"nowhere\" does not exist"), "{missing}");
    let twice = env.run(&["import", "-", "--files-from", "-"]).expect(2);
    insta::assert_snapshot!(twice.stderr, @r#"
    error: "-" is standard input, and cannot be the list and an input at once
    hint: write the list into a file, and name that with --files-from FILE
    "#);
    env.run(&["import", "drop", "--null"]).expect(2);
}
