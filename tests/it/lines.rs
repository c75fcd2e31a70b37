//! JSON lines of other programs, and one such object as a seed.

use crate::place::{Place, TIME, dump_without_ids, set_time, text};
use crate::support::TestEnv;
use seedbank::internals::model::hex;
use seedbank::{ImportReport, Reason};
use sha2::{Digest, Sha256};
use std::fs;

#[track_caller]
fn check_counts(report: &ImportReport, counts: [u64; 5]) {
    let found = [report.new, report.revised, report.duplicate, report.unchanged, report.rejected];
    assert_eq!(found, counts, "new, revised, duplicate, unchanged, rejected of {report:?}");
}

fn line(url: &str, title: &str, html: &str, more: &str) -> String {
    let url = serde_json::to_string(url).unwrap();
    let (title, html) =
        (serde_json::to_string(title).unwrap(), serde_json::to_string(html).unwrap());
    format!("{{\"url\":{url},\"title\":{title},\"html\":{html}{more}}}")
}

fn page(number: u32, more: &str) -> String {
    let url = format!("https://news.example/{number}");
    line(&url, &format!("第{number}篇"), &text(&format!("第{number}场雨停了")), more)
}

#[test]
fn each_line_is_a_document_and_its_bytes_are_kept() {
    let place = Place::new();
    let lines = [
        page(
            1,
            r#","published_at":"2024-02-29T08:00:00+08:00","author":"甲","tags":["雨","雨","门"]"#,
        ),
        page(
            2,
            r#","published_at":1709164800,"observed_at":"2024-02-29T12:00:00Z","crawl":{"id":7}"#,
        ),
        page(3, r#","published_at":1709164800123,"author":["乙","丙"],"tags":"街""#),
        page(4, r#","published_at":"2024-02-29 08:00:00""#),
        page(5, ""),
    ];
    let path =
        place.write("a.jsonl", format!("\u{feff}{}\r\n\n{}", lines[0], lines[1..].join("\n")));
    check_counts(&place.import(), [5, 0, 0, 0, 0]);
    assert_eq!(
        place.rows("SELECT title, published_at, author, first_seen_at FROM article ORDER BY id"),
        [
            "第1篇|2024-02-29T00:00:00Z|甲|2024-03-01T00:00:00Z",
            "第2篇|2024-02-29T00:00:00Z||2024-02-29T12:00:00Z",
            "第3篇|2024-02-29T00:00:00Z|乙、丙|2024-03-01T00:00:00Z",
            "第4篇|2024-02-29T00:00:00Z||2024-03-01T00:00:00Z",
            "第5篇|||2024-03-01T00:00:00Z",
        ]
    );
    assert_eq!(
        place.rows("SELECT name, kind FROM tag ORDER BY id"),
        ["雨|tag", "门|tag", "街|tag"]
    );
    assert_eq!(
        place.rows("SELECT member FROM sighting ORDER BY id"),
        ["line 1", "line 3", "line 4", "line 5", "line 6"]
    );
    assert_eq!(place.rows("SELECT DISTINCT format FROM seed"), ["J"]);
    let lengths: Vec<String> = lines.iter().map(|line| line.len().to_string()).collect();
    assert_eq!(place.rows("SELECT byte_length FROM seed ORDER BY id"), lengths);
    check_counts(&place.import(), [0, 0, 0, 5, 0]);
    // A line with its own time has a state of its own, whatever the file's time.
    set_time(&path, TIME + 1);
    check_counts(&place.import(), [0, 0, 5, 0, 0]);
    assert_eq!(place.rows("SELECT count(*) FROM sighting WHERE member = 'line 3'"), ["1"]);
    assert_eq!(place.rows("SELECT count(*) FROM sighting WHERE member = 'line 4'"), ["2"]);
}

#[test]
fn bad_lines_are_refused_by_their_number() {
    let place = Place::new();
    let long = page(9, &format!(",\"x\":\"{}\"", "x".repeat(3000)));
    let lines = [
        page(1, ""),
        "not JSON".into(),
        "{\"url\":\"u\"}".into(),
        "{\"url\":\"u\",\"html\":null}".into(),
        "{\"url\":\"u\",\"html\":null,\"html\":5}".into(),
        long,
        "[1]".into(),
        page(2, ""),
        page(3, "")[..60].into(),
    ];
    place.write("a.jsonl", lines.join("\n"));
    let report = place.import_with(|options| options.max_file_size = 2000);
    check_counts(&report, [2, 0, 0, 0, 7]);
    assert_eq!(report.newly_refused, 7);
    let no_article = "no JSON object with `html`, and `url` or `title`";
    assert_eq!(
        place.rows(
            "SELECT g.member, r.reason, r.detail FROM rejection r
             JOIN sighting g ON g.id = r.sighting_id ORDER BY r.id"
        ),
        [
            format!("line 2|damaged_archive|{no_article}"),
            format!("line 3|damaged_archive|{no_article}"),
            "line 4|damaged_archive|its `html` is not a text".into(),
            "line 5|damaged_archive|its `html` is not a text".into(),
            "line 6|too_large|longer than 2000 bytes, which is the limit".into(),
            format!("line 7|damaged_archive|{no_article}"),
            "line 9|damaged_archive|the file ends in the middle of this line".into(),
        ]
    );
    assert_eq!(place.rows("SELECT count(*) FROM seed"), ["2"]);
    let report = place.import_with(|options| options.max_file_size = 2000);
    check_counts(&report, [0, 0, 2, 0, 7]);
    assert_eq!(report.newly_refused, 0);
    // Nor are they new if others were added after them.
    place.write_at("a.jsonl", format!("{}\n{}", lines[..8].join("\n"), page(4, "")), TIME + 9);
    let report = place.import_with(|options| options.max_file_size = 2000);
    check_counts(&report, [1, 0, 2, 0, 6]);
    assert_eq!(report.newly_refused, 0);
}

/// In any layout of the objects, all readable ones are imported.
#[test]
fn objects_are_read_in_every_layout() {
    let pages = [page(1, ""), page(2, ""), page(3, "")];
    let pretty: Vec<String> = pages
        .iter()
        .map(|page| format!("{:#}", serde_json::from_str::<serde_json::Value>(page).unwrap()))
        .collect();
    let [one, two, three] = ["line 1", "line 2", "line 3"];
    let on_one_line = [one, "line 1, object 2", "line 1, object 3"];
    let shapes = [
        (pages.join("\n"), [one, two, three]),
        (pages.join("\r"), [one, two, three]),
        (format!("\u{feff}{}\r\n", pages.join("\r\n")), [one, two, three]),
        (pages.join("\n\n \n"), [one, "line 4", "line 7"]),
        (format!("{},\n", pages.join(",\n")), [one, two, three]),
        (format!("[{}]", pages.join(",")), on_one_line),
        (format!("[\n{}\n]\n", pages.join(",\n")), [two, three, "line 4"]),
        (format!("[{}]", pretty.join(", ")), [one, "line 5", "line 9"]),
        (pretty.join("\n"), [one, "line 6", "line 11"]),
        (pages.concat(), on_one_line),
        (format!("\u{1e}{}\n", pages.join("\n\u{1e}")), [one, two, three]),
        (format!("{}\n\0\0\0", pages.join("\n")), [one, two, three]),
    ];
    let mut files: Vec<(Vec<u8>, [&str; 3])> = Vec::new();
    for (text, members) in shapes {
        files.push((text.encode_utf16().flat_map(u16::to_le_bytes).collect(), members));
        files.push((text.encode_utf16().flat_map(u16::to_be_bytes).collect(), members));
        files.push((encoding_rs::GB18030.encode(&text).0.into_owned(), members));
        files.push((text.into_bytes(), members));
    }
    for (number, (bytes, members)) in files.into_iter().enumerate() {
        let place = Place::new();
        place.write("a", &bytes);
        let report = place.import();
        assert_eq!((report.new, report.rejected), (3, 0), "{number}: {bytes:?}");
        assert_eq!(place.rows("SELECT member FROM sighting ORDER BY id"), members, "{number}");
        assert_eq!(
            place.rows("SELECT title FROM article ORDER BY url"),
            ["第1篇", "第2篇", "第3篇"],
            "{number}"
        );
        assert_eq!(place.import().unchanged, 3, "{number}");
    }
}

/// The bytes of a line are the seed, in whatever encoding; other lines in the file do not matter.
#[test]
fn each_line_has_an_encoding_of_its_own() {
    use encoding_rs::{BIG5, Encoding, GB18030, SHIFT_JIS, UTF_8};
    // The second byte of many of these characters looks like a backslash.
    let big5 = |number: u32| {
        let html = text("許功蓋說：\"成功\"，<i title=\"功\">閱讀</i>");
        line(&format!("https://news.example/{number}"), "許功", &html, "")
    };
    let japanese = |number: u32| {
        let html = "<p>申請表\"を\"十分に読んでください。ｱｲｳ表\"と\"書いてあります。</p>".repeat(5);
        line(&format!("https://news.example/{number}"), "予定表", &html, "")
    };
    let chinese = |number: u32| page(number, "");
    let in_one = |encoding: &'static Encoding, page: &dyn Fn(u32) -> String| -> Vec<Vec<u8>> {
        (1..4).map(|number| encoding.encode(&page(number)).0.into_owned()).collect()
    };
    // One bad byte in otherwise pure ASCII, in the part that is checked.
    let stray = line("https://news.example/s", "s", &"<p>It is dry.</p>".repeat(4500), "");
    let mut stray = stray.into_bytes();
    stray[61_000] = 0xe9;
    let mixed = [
        UTF_8.encode(&chinese(1)).0.into_owned(),
        GB18030.encode(&chinese(2)).0.into_owned(),
        UTF_8.encode(&big5(3)).0.into_owned(),
    ];
    for (lines, titles) in [
        (in_one(BIG5, &big5), ["許功", "許功", "許功"]),
        (in_one(SHIFT_JIS, &japanese), ["予定表", "予定表", "予定表"]),
        (mixed.to_vec(), ["第1篇", "第2篇", "許功"]),
        (vec![stray, chinese(1).into_bytes(), chinese(2).into_bytes()], ["s", "第1篇", "第2篇"]),
    ] {
        let place = Place::new();
        place.write("a.jsonl", lines.join(&b'\n'));
        let report = place.import();
        assert_eq!((report.new, report.rejected), (3, 0), "{titles:?}");
        assert_eq!(place.rows("SELECT title FROM article ORDER BY id"), titles);
        let sums: Vec<String> = lines.iter().map(|line| hex(&Sha256::digest(line))).collect();
        assert_eq!(
            place.rows("SELECT lower(hex(sha256)) FROM seed ORDER BY id"),
            sums,
            "{titles:?}"
        );
    }
}

/// A header has such a pair too, but no title begins like an object.
#[test]
fn an_array_that_quotes_a_link_is_an_array() {
    let place = Place::new();
    let pages = [line("https://news.example/1", "[雨](u) 停了", &text("雨"), ""), page(2, "")];
    for (name, before) in [("1", "["), ("2", "\u{feff} [\t[ "), ("3", "[\n\n")] {
        place.write(name, format!("{before}{}]", pages.join(",")));
    }
    place.write("seed.md", format!("[{{\"题\"}}](https://news.example/3)\n---\n{}", text("门")));
    let report = place.import();
    check_counts(&report, [3, 0, 4, 0, 0]);
}

/// Other data before, between or after articles only affects itself.
#[test]
fn malformed_parts_are_refused_by_their_line() {
    let [one, two] = [page(1, ""), page(2, "")];
    let cut = &one[..one.len() - 9];
    for (text, refused) in [
        (format!("{{\"url\":\"u\",\"error\":1}}\n{one}\n{two}"), vec!["line 1"]),
        (format!("url,title,html\n{one}\n{two}\n"), vec!["line 1"]),
        (format!("null\n[]\n{one}\n\"x\"\n{two}\n"), vec!["line 1", "line 4"]),
        (format!("{cut}\n{one}\n{two}"), vec!["line 1"]),
        (format!("{{\"url\":\n{one}\n{{\n{two}\n"), vec!["line 1", "line 3"]),
        (format!("[{one},{{\"a\":1,}},{two},"), vec!["line 1"]),
        (format!("{one}\n{two}\n{cut}"), vec!["line 3"]),
    ] {
        let place = Place::new();
        place.write("a.jsonl", &text);
        let report = place.import();
        assert_eq!(report.new, 2, "{text}");
        let sql = "SELECT g.member FROM rejection r JOIN sighting g ON g.id = r.sighting_id
            ORDER BY g.id";
        assert_eq!(place.rows(sql), refused, "{text}");
        assert_eq!(report.newly_refused, refused.len() as u64, "{text}");
        assert_eq!(place.import().newly_refused, 0, "{text}");
    }
    // A text that quotes such lines as examples is a text, and nothing of it is lost.
    let place = Place::new();
    place.write("notes.txt", format!("{}\n{one}\n", "A line looks like this.\n".repeat(90)));
    assert_eq!(place.import().reasons, [(Reason::Unsupported, 1)]);
    assert_eq!(place.rows("SELECT count(*) FROM seed WHERE body IS NOT NULL"), ["1"]);
}

#[test]
fn one_object_alone_is_a_seed() {
    let place = Place::new();
    place.write("1.json", page(1, ""));
    place.write("2.json", format!("{}\n", page(2, "")));
    let pretty: serde_json::Value = serde_json::from_str(&page(3, "")).unwrap();
    place.write("3.json", format!("{pretty:#}"));
    place.write("4.json", "{\"url\":\"u\",\"html\":5}");
    place.write("5.json", "{\"url\":\"u\",\"text\":\"\"}");
    let report = place.import();
    check_counts(&report, [3, 0, 0, 0, 2]);
    assert_eq!(report.reasons, [(Reason::NoHeader, 1), (Reason::BadHeader, 1)]);
    assert_eq!(place.rows("SELECT DISTINCT member FROM sighting"), [""]);
    check_counts(&place.import(), [0, 0, 0, 5, 0]);
}

/// Exported as files or lines and imported again, the lines are the same seeds and articles.
#[test]
fn exports_of_lines_rebuild_them() {
    let place = Place::new();
    let lines = [page(1, ""), page(2, r#","published_at":1709164800"#)];
    place.write("a.jsonl", lines.join("\n"));
    place.import();
    let file = place.folder.path().join("archive.jsonl");
    place.export_jsonl(&file);
    let env = TestEnv::new();
    let database = place.database();
    let database = database.to_str().unwrap();
    env.run(&["--db", database, "export", "--format", "seeds", "-o", "out", "-q"]).expect(0);
    let names: Vec<_> = fs::read_dir(env.path("out")).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let rows = |place: &Place| -> Vec<String> {
        let rows = dump_without_ids(&place.database());
        rows.into_iter().filter(|row| !row.starts_with("sighting|")).collect()
    };
    for path in [file, env.path("out")] {
        let other = Place::new();
        let report = other.import_with(|options| options.paths = vec![path]);
        check_counts(&report, [2, 0, 0, 0, 0]);
        assert_eq!(rows(&other), rows(&place));
    }
}

#[test]
fn lines_from_a_pipe() {
    let env = TestEnv::new();
    let input = format!("{}\n{}\n", page(1, ""), page(2, ""));
    let ran = env.run_with_input(&["import", "-"], &input).expect(0);
    assert!(ran.stdout.contains(" new        2 "), "{ran}");
    let ran = env.run_with_input(&["import", "-"], &page(1, "")).expect(0);
    assert!(ran.stdout.contains(" duplicate  1 "), "{ran}");
}
