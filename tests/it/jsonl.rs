//! The interchange file: `export --format jsonl`, and importing it.

use crate::place::{Place, URL, dump, dump_without_ids, seed, set_time, text};
use crate::support::{TestEnv, bytes_of};
use std::fs;
use std::path::PathBuf;

/// An edited article, a page in GBK, a copy, a file that is not an article, and a binary one.
fn archive() -> Place {
    let place = Place::new();
    place.write_at("1.md", seed("1709164800000", "雨后", URL, &text("雨停了")), crate::place::TIME);
    place.write_at(
        "2.md",
        seed("1709164900000", "雨后", URL, &text("天晴了")),
        crate::place::TIME + 9,
    );
    place.write_at(
        "copy.md",
        seed("1709164900000", "雨后", URL, &text("天晴了")),
        crate::place::TIME + 9,
    );
    let gbk = seed("1709164900000", "国标", "https://news.example/gbk", &text("门开了"));
    let (gbk, _, _) = encoding_rs::GBK.encode(&gbk);
    place.write("gbk.md", &gbk);
    place.write("notes.txt", "no header\n");
    place.write("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08");
    let report = place.import();
    assert_eq!((report.new, report.revised, report.duplicate, report.rejected), (2, 1, 1, 2));
    place
}

fn exported(place: &Place) -> PathBuf {
    let file = place.folder.path().join("archive.jsonl");
    place.export_jsonl(&file);
    file
}

/// The rows of stored bytes; those of a binary file cannot be exported.
fn kept(place: &Place) -> Vec<String> {
    let png = place.rows("SELECT sha256 FROM seed WHERE body IS NULL");
    let is_kept = |row: &String| {
        !row.starts_with("sighting||") && png.iter().all(|sha256| !row.contains(sha256.as_str()))
    };
    dump_without_ids(&place.database()).into_iter().filter(is_kept).collect()
}

#[test]
fn an_empty_archive_becomes_equal_and_the_same_one_is_unchanged() {
    let place = archive();
    let file = exported(&place);
    let other = Place::new();
    let report = other.import_with(|options| options.paths = vec![file.clone()]);
    assert_eq!((report.new, report.revised, report.duplicate, report.rejected), (2, 1, 1, 2));
    assert_eq!(report.newly_refused, 0);
    assert_eq!(kept(&other), kept(&place));

    let rows = |place: &Place| -> Vec<String> {
        let is_known = |row: &String| !row.starts_with("sighting") && !row.starts_with("rejection");
        dump(&place.database()).into_iter().filter(is_known).collect()
    };
    let before = rows(&place);
    let report = place.import_with(|options| options.paths = vec![file]);
    assert_eq!((report.duplicate, report.rejected, report.files_seen), (4, 2, 6));
    assert_eq!(rows(&place), before);
    // Files that still exist are recognised by their state, as before.
    assert_eq!(place.import().unchanged, 6);
}

/// A file that was read to its end is recognised by its state.
#[test]
fn an_unchanged_file_counts_as_its_lines() {
    let place = archive();
    let file = exported(&place);
    set_time(&file, crate::place::TIME);
    let other = Place::new();
    let import = || other.import_with(|options| options.paths = vec![file.clone()]);
    assert_eq!((import().files_seen, import().unchanged), (6, 6));
    let again = import();
    assert_eq!((again.bytes_read, again.unchanged), (0, 6));
    assert_eq!(other.rows("SELECT members, is_settled FROM container"), ["6|1"]);
    // Refused lines may be accepted another time.
    let cut = fs::read(&file).unwrap();
    fs::write(&file, &cut[..cut.len() - 10]).unwrap();
    set_time(&file, crate::place::TIME);
    let report = import();
    assert_eq!((report.unchanged, report.newly_refused), (0, 1));
    let report = import();
    assert_eq!((report.unchanged, report.newly_refused), (0, 0));
}

#[test]
fn a_claim_about_a_local_file_is_not_believed() {
    let place = archive();
    let file = exported(&place);
    // The archive is gone, and one of its files now has another content of the same length.
    let other = Place { folder: tempfile::tempdir().unwrap() };
    other.import_with(|options| options.paths = vec![file]);
    place.write("1.md", seed("1709164800000", "雨后", URL, &text("雪停了")));
    let report = other.import_with(|options| options.paths = vec![place.drop()]);
    assert_eq!(report.revised, 1, "{report:?}");
}

#[test]
fn an_export_of_seeds_rebuilds_the_articles() {
    let env = TestEnv::new();
    let place = archive();
    let database = place.database();
    let database = database.to_str().unwrap();
    env.run(&["--db", database, "export", "--format", "seeds", "-o", "out", "-q"]).expect(0);
    let other = Place::new();
    let out = env.path("out");
    let report = other.import_with(|options| options.paths = vec![out.clone()]);
    assert_eq!((report.new, report.revised, report.rejected), (2, 1, 1));
    let without_places = |place: &Place| -> Vec<String> {
        kept(place).into_iter().filter(|row| !row.starts_with("sighting|")).collect()
    };
    assert_eq!(without_places(&other), without_places(&place));
    let before: Vec<_> = without_places(&place);
    place.import_with(|options| options.paths = vec![out]);
    assert_eq!(without_places(&place), before);
}

#[test]
fn a_file_cut_in_the_middle_gives_what_was_whole() {
    let env = TestEnv::new();
    let place = archive();
    let whole = bytes_of(&exported(&place));
    let second_line_ends = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1);
    env.write("cut.jsonl", &whole[..second_line_ends.unwrap().0 + 200]);
    let ran = env.run(&["import", "cut.jsonl"]).expect(3);
    insta::assert_snapshot!(ran.stdout.split_once('\n').unwrap().1);
    // Refused before, in the same state.
    env.run(&["import", "-q", "cut.jsonl"]).expect(0);
}

#[test]
fn malformed_lines_are_refused() {
    let place = archive();
    let file = exported(&place);
    let lines = fs::read_to_string(&file).unwrap();
    let env = TestEnv::new();
    let check = |name: &str, text: &str, detail: &str| {
        env.write(name, text.as_bytes());
        let ran = env.run(&["import", name]).expect(3);
        assert!(ran.stdout.contains(detail), "{ran}");
    };
    check("later.jsonl", &lines.replacen(":1}", ":2}", 1), "reads version 1 of seedbank_jsonl");
    check("strange.jsonl", "{\"seedbank_jsonl\":1}\n{\"x\":1}\n", "neither an article nor");
    let other_bytes = lines.replace("雨停了", "雪停了");
    check("other.jsonl", &other_bytes, "have another SHA-256");
    let database = place.database();
    let export = ["--db", database.to_str().unwrap(), "export", "--format", "jsonl"];
    let without = env.run(&[&export[..], &["--without-bytes"]].concat()).expect(0);
    check("without.jsonl", &without.stdout, "exported without the bytes");
    assert_eq!(
        env.run(&["sql", "--format", "tsv", "SELECT count(*) FROM article"]).stdout,
        "count(*)\n2\n"
    );

    // A part of an export, without its first line.
    let (_, rest) = lines.split_once('\n').unwrap();
    check("part.jsonl", rest, "without its first line");

    // JSON lines of another kind are not an article.
    env.write("foreign.jsonl", b"{\"a\":1}\n{\"a\":2}\n");
    let ran = env.run(&["import", "foreign.jsonl"]).expect(0);
    assert!(ran.stdout.contains("1 no_header"), "{ran}");
}

/// Saved again by other programs, and concatenated with itself.
#[test]
fn an_export_is_recognised_in_other_encodings() {
    let place = archive();
    let text = fs::read_to_string(exported(&place)).unwrap();
    let utf_16 = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    for bytes in [
        format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes(),
        utf_16(&text),
        format!("{text}\0\0\0").into_bytes(),
    ] {
        let other = Place::new();
        other.write("a.jsonl", bytes);
        let report = other.import();
        assert_eq!((report.new, report.revised, report.duplicate, report.rejected), (2, 1, 1, 2));
        assert_eq!(kept(&other), kept(&place));
    }
    let other = Place::new();
    other.write("a.jsonl", format!("{text}{text}"));
    let report = other.import();
    assert_eq!((report.new, report.revised, report.newly_refused), (2, 1, 0));
}

/// The bytes of a seed are exported once, however often it was seen.
#[test]
fn sightings_share_their_bytes() {
    use sha2::Digest;
    let body = seed("1709164800000", "雨后", URL, &text("雨停了"));
    let other = "no header";
    let record = |body: &str, sightings: &str| {
        let sha256: String =
            sha2::Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
        let body = serde_json::to_string(body).unwrap();
        format!("{{\"sha256\":\"{sha256}\",\"body\":{body},\"sightings\":[{sightings}]}}")
    };
    let places: Vec<String> = (0..50).map(|at| format!("{{\"path\":\"/x/{at}\"}}")).collect();
    let places = places.join(",");
    let line = format!(
        "{{\"seedbank_jsonl\":1}}\n{{\"seeds\":[{},{}]}}\n{{\"rejected_seed\":{}}}\n",
        record(&body, &format!("{places},5,{{}}")),
        record(&body.replace('雨', "雪"), ""),
        record(other, &places),
    );
    let place = Place::new();
    place.write("a.jsonl", line);
    let report = place.import();
    assert_eq!((report.new, report.duplicate, report.revised), (1, 49, 1), "{report:?}");
    // 50 of the rejected seed, and the line with malformed sightings, which counts once.
    assert_eq!((report.rejected, report.newly_refused), (51, 1), "{report:?}");
    let bytes = body.len() * 2 + other.len();
    assert_eq!(report.bytes_read, bytes as u64);
    assert_eq!(place.rows("SELECT count(*) FROM sighting WHERE path LIKE '/x/%'"), ["100"]);
}

#[test]
fn one_line() {
    let env = TestEnv::with_article();
    let ran = env.run(&["export", "--format", "jsonl"]).expect(0);
    insta::assert_snapshot!(ran.stdout);
}
