//! `seedbank verify`.

use crate::corpus;
use crate::damage::{Random, flip};
use crate::place::{Place, URL, seed, text};
use crate::support::{TestEnv, bytes_of};
use rusqlite::Connection;
use seedbank::internals::verify::verify;
use seedbank::{Finding, LeftOut, Subset, VerifyOptions, VerifyReport};
use std::path::{Path, PathBuf};

pub fn verified(database: &Path, options: &VerifyOptions) -> (VerifyReport, Vec<Finding>) {
    let mut findings = Vec::new();
    let report = verify(database, options, &mut |_| {}, &mut |finding| {
        findings.push(finding.clone());
        Ok(())
    });
    (report.unwrap(), findings)
}

/// The findings as lines, after a change of the database.
fn findings_after(change: &str) -> Vec<String> {
    let place = archive();
    let connection = Connection::open(place.database()).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute_batch(change).unwrap();
    drop(connection);
    let (_, findings) = verified(&place.database(), &VerifyOptions::default());
    let line = |finding: Finding| {
        let row = finding.row.map(|(table, id)| format!("{table} {id}: ")).unwrap_or_default();
        format!("{}: {row}{}", finding.check.as_str(), finding.what)
    };
    findings.into_iter().map(line).collect()
}

/// The `seeds` folder, an edited article, a joined one, and files that are not articles.
fn archive() -> Place {
    let place = Place::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")).unwrap() {
        let path = entry.unwrap().path();
        place.write(path.file_name().unwrap().to_str().unwrap(), bytes_of(&path));
    }
    place.write("edited/1.md", seed("1709164800000", "雨后", URL, &text("天晴了")));
    let both = format!("{}{}", text("天晴了"), text("门开了"));
    place.write("edited/2.md", seed("1709168400000", "雨后", URL, &both));
    place.write("edited/3.md", seed("1709172000000", "雨停", URL, "<p>短</p>"));
    place.write("other/list.md", "[一](https://news.example/1)\n\n[二](https://news.example/2)\n");
    place.write("other/image.png", b"\x89PNG\r\n\x1a\n\0\0\0\0");
    place.import();
    place.write(
        "late/4.md",
        seed("1709164800000", "雨后", "https://news.example/z", &text("天晴了")),
    );
    place.import_with(|options| options.note = Some("the second drop".into()));
    place
}

/// A database that cannot be opened on a read-only disk is not damaged: its log needs a file beside it.
#[test]
fn a_read_only_disk_is_not_damage() {
    let place = archive();
    let env = TestEnv::new();
    std::fs::copy(one_file(&place), env.path("seedbank.db")).unwrap();
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    drop(connection);
    let program = env!("CARGO_BIN_EXE_seedbank");
    let script = format!("trap '' XFSZ; ulimit -f 4; exec '{program}' verify");
    let ran =
        std::process::Command::new("sh").args(["-c", &script]).current_dir(env.path("")).output();
    let ran = ran.unwrap();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    env.run(&["verify"]).expect(0);
}

/// The archive as one file, with nothing beside it.
fn one_file(place: &Place) -> PathBuf {
    let path = place.folder.path().join("one.db");
    let connection = Connection::open(place.database()).unwrap();
    connection.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
    path
}

#[test]
fn an_archive_as_it_was_written() {
    let place = archive();
    let before = bytes_of(&place.database());
    let (report, findings) = verified(&place.database(), &VerifyOptions::default());
    assert_eq!(findings, []);
    assert_eq!(report.damage(), 0);
    assert_eq!(report.not_compared, 0);
    let count = |sql: &str| place.rows(sql)[0].parse::<u64>().unwrap();
    assert_eq!(report.originals, count("SELECT count(*) FROM seed WHERE body IS NOT NULL"));
    assert_eq!((report.not_kept, report.left_out.len()), (1, 0));
    let articles = count("SELECT count(*) FROM article");
    assert_eq!(
        report.articles,
        articles + count("SELECT count(*) FROM seed WHERE article_id IS NULL") - 1
    );
    assert!(bytes_of(&place.database()) == before);
}

#[test]
fn every_part_is_one_of_all_parts() {
    let place = archive();
    let (whole, _) = verified(&place.database(), &VerifyOptions::default());
    let (mut originals, mut articles) = (0, 0);
    for part in 1..=5 {
        let subset = Subset { part, of: 5 };
        let options = VerifyOptions::default().with_subset(subset);
        let (report, findings) = verified(&place.database(), &options);
        assert_eq!(findings, []);
        assert!(report.originals > 0 && report.originals < whole.originals);
        originals += report.originals;
        articles += report.articles;
    }
    assert_eq!((originals, articles), (whole.originals, whole.articles));
    let options = VerifyOptions::default().with_reparse_sample(5);
    let (report, _) = verified(&place.database(), &options);
    assert_eq!((report.originals, report.articles), (whole.originals, 5 + 1));
}

/// Checks that a change of the database leads to exactly these findings.
#[track_caller]
fn check_named(change: &str, expected: &[&str]) {
    assert_eq!(findings_after(change), expected, "{change}");
}

#[test]
fn damage_of_originals_is_named() {
    check_named(
        "UPDATE seed SET body = zeroblob(length(body)) WHERE id = 3",
        &["originals: seed 3: it cannot be decompressed"],
    );
    check_named(
        "UPDATE seed SET body = (SELECT body FROM seed WHERE id = 4),
            byte_length = (SELECT byte_length FROM seed WHERE id = 4) WHERE id = 3;
         UPDATE sighting SET byte_length = (SELECT byte_length FROM seed WHERE id = 4)
            WHERE seed_id = 3",
        &["originals: seed 3: its bytes do not have its SHA-256"],
    );
    check_named(
        "UPDATE seed SET byte_length = 1 << 60 WHERE id = 3;
         UPDATE sighting SET byte_length = 1 << 60 WHERE seed_id = 3",
        &["originals: seed 3: it cannot be decompressed"],
    );
}

#[test]
fn rows_that_the_originals_do_not_give_are_named() {
    check_named(
        "UPDATE paragraph SET text = text || '。' WHERE article_id = 2 AND position = 0",
        &["articles: article 2: paragraph: row 1: text not as derived again"],
    );
    check_named(
        "UPDATE paragraph SET text = '雨' WHERE id =
            (SELECT min(id) FROM paragraph WHERE article_id = 2 AND is_content = 1)",
        &[
            "articles: article 2: paragraph: row 1: text not as derived again",
            "index: article 2: the full-text index does not have its words",
        ],
    );
    check_named(
        "UPDATE article SET char_count = char_count + 1 WHERE id = 2",
        &[
            "rows: article 2: it is not what its current seed 4 says",
            "articles: article 2: char_count not as derived again",
        ],
    );
    check_named(
        "UPDATE site SET name = 'x' WHERE id = 2",
        &["rows: site 2: its name is not the one that most of its articles give"],
    );
    check_named(
        "UPDATE tag SET name = name || 'x' WHERE id = 1",
        &["articles: article 27: tag: row 1: name not as derived again"],
    );
    check_named(
        "UPDATE revision SET seed_id = 99999 WHERE article_id = 2",
        &[
            "references: revision 2: it refers to a missing row of seed",
            "references: revision 30: it refers to a missing row of seed",
            "references: revision 31: it refers to a missing row of seed",
            "rows: article 2: no revision has its current seed",
            "articles: article 2: revision: row 1: seed_id not as derived again",
        ],
    );
}

#[test]
fn rows_that_contradict_each_other_are_named() {
    check_named(
        "UPDATE import_run SET new = new + 1 WHERE id = 1",
        &[
            "rows: import_run 1: its counts do not add up to files_seen",
            "rows: import_run 1: its counts are not those of its sightings",
        ],
    );
    let version = seedbank::internals::extract::EXTRACTOR_VERSION;
    check_named(
        "UPDATE article SET extractor_version = 99 WHERE id = 2",
        &[&format!("rows: article 2: extractor_version is 99, and the archive's is {version}")],
    );
    let damaged = "0b5cde0a-7f7a-1d5e-9a3e-0123456789ab";
    check_named(
        &format!("UPDATE meta SET value = '{damaged}' WHERE key = 'archive_id'"),
        &[&format!("rows: meta: archive_id is \"{damaged}\", which is no UUID")],
    );
}

#[test]
fn damage_of_the_index_is_named() {
    check_named(
        "DELETE FROM article_fts_docsize WHERE id = 2",
        &[
            "rows: article 2: it is not in the full-text index",
            "index: the full-text index has wrong totals",
        ],
    );
    check_named(
        "UPDATE article_fts_config SET k = 'automergd' WHERE k = 'automerge'",
        &["schema: the settings of the full-text index have changed"],
    );
    check_named(
        "UPDATE meta SET value = '7' WHERE key = 'tokenizer_version'",
        &["index: meta names version 7 for its tokens, but they are this program's"],
    );
}

#[test]
fn damage_of_the_structure_is_named() {
    check_named(
        "UPDATE rejection SET detail = CAST(x'61ff' AS TEXT) WHERE id = 1",
        &["structure: a text in rejection.detail is not UTF-8"],
    );
    check_named(
        "UPDATE meta SET value = CAST(x'b1' AS TEXT) WHERE key = 'tokenizer_version'",
        &["structure: a text in meta.value is not UTF-8"],
    );
    check_named(
        "DROP INDEX sighting_by_run",
        &[
            "structure: the index sighting_by_run cannot be read to the end: no such index: sighting_by_run",
            "schema: the index \"sighting_by_run\" is not as it was made",
        ],
    );
    // Additions of the user are not damage.
    check_named("CREATE TABLE mine (a); CREATE VIEW my_view AS SELECT 1", &[]);
}

/// The leftovers of a killed rebuild are not damage, and neither are the rows of an older program.
#[test]
fn pending_rebuilds_are_not_damage() {
    use seedbank::internals::extract::EXTRACTOR_VERSION;
    let check = |change: &str, expected: &[LeftOut]| {
        let place = archive();
        Connection::open(place.database()).unwrap().execute_batch(change).unwrap();
        for quick in [false, true] {
            let options = VerifyOptions::default().with_quick(quick);
            let (report, findings) = verified(&place.database(), &options);
            assert_eq!(findings, [], "{change}");
            assert_eq!(report.to_rebuild().collect::<Vec<_>>(), expected, "{change}");
        }
    };
    let no_index = "DELETE FROM meta WHERE key LIKE 'tokenizer%'";
    check("", &[]);
    check(no_index, &[LeftOut::NoIndex]);
    check(
        "UPDATE meta SET key = 'tokenizer_version_in_making' WHERE key = 'tokenizer_version'",
        &[LeftOut::NoIndex],
    );
    // All articles are settled, or none, or only their seeds are derived.
    let stale = "UPDATE meta SET value = '0' WHERE key = 'extractor_version'";
    check(stale, &[LeftOut::OtherExtractor(0)]);
    check(
        &format!("{stale}; {no_index}; UPDATE article SET extractor_version = 0"),
        &[LeftOut::OtherExtractor(0), LeftOut::NoIndex],
    );
    check(
        &format!("{stale}; UPDATE seed SET title = 'other' WHERE article_id IS NOT NULL"),
        &[LeftOut::OtherExtractor(0)],
    );
    let older = EXTRACTOR_VERSION - 1;
    check(
        &format!("UPDATE meta SET value = '{older}' WHERE key = 'extractor_version'"),
        &[LeftOut::OtherExtractor(older)],
    );
}

#[test]
fn pending_rebuilds_are_reported() {
    let env = TestEnv::with_article();
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.execute("DELETE FROM meta WHERE key LIKE 'tokenizer%'", []).unwrap();
    let ran = env.run(&["verify", "-q"]).expect(1);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(ran.stderr, @r#"
    error: the full-text index of "./seedbank.db" must be rebuilt before everything can be verified
    hint: rebuild with `seedbank reextract`; an import rebuilds it too
    "#);
    let ran = env.run(&["verify", "--json"]).expect(1);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["damage"], 0);
    assert_eq!(json["to_rebuild"][0], "the full-text index, which must be rebuilt");
    connection.execute("UPDATE meta SET value = '0' WHERE key = 'extractor_version'", []).unwrap();
    let ran = env.run(&["verify"]).expect(1);
    assert!(ran.stdout.starts_with("No damage found in "), "{ran}");
    assert!(ran.stderr.contains("error: the rows and the full-text index of"), "{ran}");
    // Real damage is still reported.
    connection.execute("UPDATE seed SET body = x'00'", []).unwrap();
    env.run(&["verify", "-q"]).expect(4);
}

/// A word that a search no longer finds, although the index has it.
#[test]
fn a_page_that_is_not_found_by_its_words() {
    let findings = findings_after(
        "UPDATE article_fts_idx SET term = CAST('0' AS BLOB) WHERE (segid, pgno) =
            (SELECT segid, pgno FROM article_fts_idx WHERE pgno > 2 ORDER BY segid DESC LIMIT 1)",
    );
    let expected = "index: a page of the full-text index is not found by its words";
    assert!(findings.iter().any(|finding| finding == expected), "{findings:?}");
}

#[test]
fn a_finding_names_the_places_of_the_file() {
    let env = TestEnv::with_article();
    let ran = env.run(&["verify"]).expect(0);
    assert!(ran.stdout.starts_with("No damage found in "), "{ran}");
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.execute("UPDATE seed SET body = x'00', codec = 'none'", []).unwrap();
    drop(connection);
    let ran = env.run(&["verify", "-q"]).expect(4);
    let sha256 = connection_sha256(&env);
    assert_eq!(
        ran.stdout,
        format!(
            "originals: seed 1: its bytes do not have its SHA-256; sha256 {sha256}; seen at \"[FOLDER]/drop/a.txt\"\n"
        )
    );
    let ran = env.run(&["verify", "--json"]).expect(4);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["by_check"]["originals"], 1);
    assert_eq!(json["findings"][0]["seed"]["sha256"], sha256);
    assert!(ran.stderr.contains("hint: restore a backup that verifies"), "{ran}");
    // Pages and counts are unchanged.
    let ran = env.run(&["verify", "--quick"]).expect(0);
    assert!(ran.stdout.contains("Not checked: originals"), "{ran}");
    env.run(&["verify", "--subset", "8/7"]).expect(2);
}

fn connection_sha256(env: &TestEnv) -> String {
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.query_row("SELECT lower(hex(sha256)) FROM seed", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_rebuild_repairs_derived_rows() {
    let env = TestEnv::with_article();
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.execute("UPDATE paragraph SET text = 'wrong'", []).unwrap();
    drop(connection);
    let ran = env.run(&["verify"]).expect(4);
    assert!(ran.stderr.contains("seedbank reextract --all"), "{ran}");
    env.run(&["reextract", "--all", "-q"]).expect(0);
    env.run(&["verify"]).expect(0);
}

/// Of single flipped bits, all that change something are found.
#[test]
fn single_bits() {
    let tally = flip(&one_file(&archive()), 200, 7);
    assert_eq!(tally.missed, [""; 0], "{tally:?}");
    assert!(tally.found > 50, "{tally:?}");
}

/// The same over real documents. For a long run: `SEEDBANK_BIT_FLIPS=3000 cargo test --release --test it
/// single_bits_of_the_corpus -- --nocapture`.
#[test]
fn single_bits_of_the_corpus() {
    let files = corpus::files(&["seeds"]);
    if files.is_empty() {
        return;
    }
    let place = archive();
    place.import_with(|options| options.paths = files[..10].to_vec());
    let flips = std::env::var("SEEDBANK_BIT_FLIPS").ok().and_then(|flips| flips.parse().ok());
    let tally = flip(&one_file(&place), flips.unwrap_or(40), 12);
    let unprovable = tally.unprovable.len();
    println!("{} found, {} refused, {} harmless", tally.found, tally.refused, tally.harmless);
    println!("{unprovable} that nothing can prove: {:#?}", tally.unprovable);
    assert_eq!(tally.missed, [""; 0]);
}

/// Whatever is done to the file, there is an answer, and the file is unchanged.
#[test]
fn torn_files() {
    let place = archive();
    let file = one_file(&place);
    let whole = bytes_of(&file);
    let check = |bytes: &[u8], what: &str| {
        std::fs::write(&file, bytes).unwrap();
        let (report, findings) = verified(&file, &VerifyOptions::default());
        assert!(!findings.is_empty(), "{what}: {report:?}");
        assert!(bytes_of(&file) == bytes, "{what}: verify has written");
    };
    for length in [100, 5_000, 8_192, 8_193, whole.len() / 2, whole.len() - 1] {
        check(&whole[..length], &format!("{length} bytes"));
    }
    let mut random = Random(3);
    for round in 0..10 {
        // A page with other content, as a failing disk returns it.
        let mut bytes = whole.clone();
        let page = 8_192 * random.below(whole.len() / 8_192 - 1) + 8_192;
        for byte in &mut bytes[page..page + 8_192] {
            *byte = if round % 2 == 0 { 0 } else { random.below(256) as u8 };
        }
        check(&bytes, &format!("page at {page}, round {round}"));
    }
}
