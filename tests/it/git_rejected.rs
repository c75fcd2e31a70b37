//! Files that are not articles in a repository's history: counted and known, with their bytes left in the
//! repository.

use crate::place::{Place, URL, dump_without_ids, seed, text};
use crate::repo::{Repo, TIME, has_git};
use crate::support::TestEnv;
use seedbank::internals::import::import;
use seedbank::{ImportOptions, ImportReport, Reason};
use sha2::Digest;

fn article(words: &str) -> String {
    seed("1709164800000", "雨后", URL, &text(words))
}

/// A list, a readme, notes, a picture, an empty file; an article and a possible one.
fn write_kinds(repo: &Repo) {
    repo.write("list.md", "某台\n------\n\n* [甲](1.md)\n* [乙](2.md)\n");
    repo.write("README.md", "# 镜像\n");
    repo.write("notes.txt", "notes\n");
    repo.write("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    repo.write("empty", "");
    repo.write("a.md", article("雨停了"));
    repo.write("bad.md", "[雨后](https://news.example/1\n------\n\n<p>雨停了。</p>\n");
    repo.commit(0);
}

const BODIES: &str =
    "SELECT substr(g.member, 42), coalesce(r.reason, g.outcome), s.body IS NOT NULL
    FROM sighting g JOIN seed s ON s.id = g.seed_id LEFT JOIN rejection r ON r.sighting_id = g.id
    WHERE g.object_id IS NOT NULL ORDER BY 1";

#[track_caller]
fn check_counts(report: &ImportReport, counts: [u64; 5]) {
    let found = [report.new, report.revised, report.duplicate, report.unchanged, report.rejected];
    assert_eq!(found, counts, "new, revised, duplicate, unchanged, rejected of {report:?}");
}

fn verify(database: &std::path::Path) {
    TestEnv::new().run(&["--db", database.to_str().unwrap(), "verify"]).expect(0);
}

#[test]
fn bytes_of_what_is_no_article_are_not_kept() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    write_kinds(&repo);
    let report = repo.import();
    check_counts(&report, [1, 0, 0, 0, 6]);
    assert_eq!(report.newly_refused, 1);
    assert_eq!(
        repo.rows(BODIES),
        [
            "README.md|readme|0",
            "a.md|new|1",
            "bad.md|bad_header|1",
            "empty|empty_file|0",
            "list.md|list|0",
            "notes.txt|no_header|0",
            "picture.png|binary|0",
        ]
    );
    verify(&repo.database());
    // In another commit or repository, they are known without reading their bytes.
    repo.write("copy.txt", "notes\n");
    repo.commit(1);
    let report = repo.import();
    check_counts(&report, [0, 0, 0, 7, 1]);
    assert_eq!(report.bytes_read, 0);

    // With `--keep-rejected`, they are read once more, and only once.
    let keep = |_: &mut _, git: &mut seedbank::GitSource| git.keep_rejected = true;
    check_counts(&repo.import_with(keep), [0, 0, 1, 0, 7]);
    let kept = repo.rows(BODIES);
    assert_eq!(
        kept.iter().filter(|row| row.ends_with("|0")).collect::<Vec<_>>(),
        ["picture.png|binary|0"]
    );
    check_counts(&repo.import_with(keep), [0, 0, 0, 8, 0]);
    verify(&repo.database());
    let fresh = Repo { folder: tempfile::tempdir().unwrap(), path: repo.path.clone() };
    fresh.import_with(keep);
    assert_eq!(dump_without_ids(&fresh.database()), dump_without_ids(&repo.database()));
    // Stored bytes stay.
    repo.import_with(|options, _| options.full = true);
    assert_eq!(repo.rows(BODIES), kept);
}

/// The bytes of a file are stored, wherever they were met before.
#[test]
fn a_file_adds_the_bytes() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    write_kinds(&repo);
    let drop = repo.folder.path().join("drop");
    std::fs::create_dir(&drop).unwrap();
    for name in ["list.md", "README.md", "notes.txt", "empty", "a.md"] {
        std::fs::copy(repo.path.join(name), drop.join(name)).unwrap();
        crate::place::set_time(&drop.join(name), TIME);
    }
    let files = || {
        import(&repo.database(), &ImportOptions::new([&drop]), &mut |_| {}).unwrap();
    };
    let history = || {
        repo.import();
    };
    let at_once = || {
        repo.import_with(|options, _| options.paths = vec![drop.clone()]);
    };
    let outcome = |steps: &[&dyn Fn()]| {
        let _ = std::fs::remove_file(repo.database());
        steps.iter().for_each(|step| step());
        verify(&repo.database());
        dump_without_ids(&repo.database())
    };
    let rows = outcome(&[&files, &history]);
    assert_eq!(repo.rows("SELECT count(*) FROM seed WHERE body IS NOT NULL"), ["6"]);
    for steps in [&[&history as &dyn Fn(), &files][..], &[&at_once], &[&history, &history, &files]]
    {
        assert!(outcome(steps) == rows, "order matters");
    }
}

/// If a later extractor accepts a rejected file, it is read again and becomes an article, as if it had always
/// been one.
#[test]
fn another_extractor_reads_them_once_more() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.write("notes.txt", "notes\n");
    let first = repo.commit_file("a.md", article("雨停了"), 0);
    repo.commit_file("a.md", article("雨终于停了"), 5);
    repo.commit_file("b.md", article("雨停了"), 9);
    repo.import();
    let fresh = articles(&repo);
    std::fs::remove_file(repo.database()).unwrap();

    // An older program has imported the history, and rejected the first version.
    repo.import_with(|_, git| git.pattern = Some("notes.txt".into()));
    let id = repo.git(&["rev-parse", &format!("{first}:a.md")]);
    let bytes = article("雨停了");
    let sha256 = seedbank::internals::model::hex(&sha2::Sha256::digest(bytes.as_bytes()));
    let (path, tip, length) = (repo.path.display(), repo.head(), bytes.len());
    let connection = rusqlite::Connection::open(repo.database()).unwrap();
    let older = format!(
        "INSERT INTO seed (sha256, byte_length, codec, observed_at, extractor_version)
            VALUES (x'{sha256}', {length}, 'none', '2024-03-01T00:00:00Z', 1);
         INSERT INTO sighting
            (run_id, seed_id, path, member, byte_length, observed_at, outcome, is_settled, object_id)
            VALUES (1, 2, '{path}', '{first}:a.md', {length}, '2024-03-01T00:00:00Z', 'rejected', 1,
                x'{id}');
         INSERT INTO rejection (sighting_id, reason) VALUES (2, 'no_header');
         UPDATE import_run SET files_seen = files_seen + 1, rejected = rejected + 1;
         UPDATE repository_history SET pattern = '', members = 2, tip = x'{tip}';
         UPDATE meta SET value = '1' WHERE key = 'extractor_version';
         UPDATE seed SET extractor_version = 1;"
    );
    connection.execute_batch(&older).unwrap();
    drop(connection);
    // An import of other files rebuilds the rows, and keeps what is known of the history.
    import(&repo.database(), &ImportOptions::new([""; 0]), &mut |_| {}).unwrap();
    verify(&repo.database());
    assert_eq!(repo.rows("SELECT count(*) FROM article"), ["0"]);
    let report = repo.import();
    check_counts(&report, [1, 1, 1, 0, 1]);
    assert_eq!(report.bytes_read as usize, article("雨终于停了").len() + length + 6);
    verify(&repo.database());
    assert_eq!(articles(&repo), fresh);
    let report = repo.import();
    check_counts(&report, [0, 0, 0, 4, 0]);
    assert_eq!(report.bytes_read, 0);
}

/// Everything about articles, without how it was found.
fn articles(repo: &Repo) -> Vec<String> {
    let rows = dump_without_ids(&repo.database()).into_iter();
    rows.filter(|row| !row.starts_with("sighting|") && !row.starts_with("rejection|")).collect()
}

/// An interchange file has what is stored.
#[test]
fn an_interchange_file_without_bytes_is_imported() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    write_kinds(&repo);
    repo.import();
    let place = Place { folder: repo.folder };
    let file = place.folder.path().join("archive.jsonl");
    place.export_jsonl(&file);
    let other = Place::new();
    let report = other.import_with(|options| options.paths = vec![file]);
    check_counts(&report, [1, 0, 0, 0, 6]);
    assert_eq!(
        report.reasons,
        [
            (Reason::List, 1),
            (Reason::Readme, 1),
            (Reason::Binary, 1),
            (Reason::EmptyFile, 1),
            (Reason::NoHeader, 1),
            (Reason::BadHeader, 1)
        ]
    );
    assert_eq!(other.rows("SELECT count(*) FROM seed"), ["2"]);
    let env = TestEnv::new();
    let database = place.database();
    let export = ["export", "--format", "seeds", "-o", "out"];
    let ran = env.run(&[&["--db", database.to_str().unwrap()], &export[..]].concat()).expect(0);
    assert!(ran.stderr.contains("5 seeds left out: their bytes are not kept"), "{ran}");
}

/// The tree of a commit decides, whatever was walked before.
#[test]
fn files_in_the_folder_of_a_page_are_resources() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.write("雨/a_files/early.js", "var early;");
    repo.commit(0);
    let page = |words: &str| format!("<!DOCTYPE html><title>{words}</title>{}", text(words));
    repo.write("雨/a.html", page("雨停了"));
    repo.write("雨/a_files/frame.html", page("广告"));
    repo.write("雨/a_files/b_files/x.css", "p {}");
    repo.write(
        "雨/b_files/alone.md",
        seed("1709164800000", "门", "https://news.example/alone", &text("门开了")),
    );
    repo.write("top.HTM", page("天晴了"));
    repo.write("top.files/frame.html", page("广告二"));
    repo.commit(1);
    let report = repo.import();
    check_counts(&report, [3, 0, 0, 0, 4]);
    assert_eq!((report.newly_refused, &report.reasons[1..]), (0, &[(Reason::Resource, 3)][..]));
    assert_eq!(
        repo.rows(
            "SELECT substr(g.member, 42), g.seed_id FROM sighting g JOIN rejection r
            ON r.sighting_id = g.id WHERE r.reason = 'resource' ORDER BY g.id"
        ),
        ["top.files/frame.html|", "雨/a_files/b_files/x.css|", "雨/a_files/frame.html|"]
    );
    // An import that begins later knows the pages too, and nothing is walked again for the resources.
    repo.commit_file("雨/a_files/late.html", page("广告三"), 2);
    let report = repo.import();
    check_counts(&report, [0, 0, 0, 7, 1]);
    assert_eq!(report.repository.unwrap().commits, 1);
    let report = repo.import();
    check_counts(&report, [0, 0, 0, 8, 0]);
    assert_eq!((report.bytes_read, report.repository.unwrap().commits), (0, 0));
    // The first file was not read as a resource, since there was no page yet.
    let report = repo.import_with(|options, _| options.full = true);
    check_counts(&report, [0, 0, 3, 0, 5]);
}
