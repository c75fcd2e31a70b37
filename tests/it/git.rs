//! `import --git`: what is imported from a repository's history.

use crate::place::{Place, URL, dump, dump_without_ids, seed, text};
use crate::repo::{Repo, TIME, has_git};
use crate::support::TestEnv;
use seedbank::{ImportReport, Reason};
use std::fs;

#[track_caller]
fn check_counts(report: &ImportReport, counts: [u64; 5]) {
    let found = [report.new, report.revised, report.duplicate, report.unchanged, report.rejected];
    assert_eq!(found, counts, "new, revised, duplicate, unchanged, rejected of {report:?}");
}

fn article(words: &str) -> String {
    seed("1709164800000", "雨后", URL, &text(words))
}

fn other_article(name: &str) -> String {
    seed("1709164800000", name, &format!("https://news.example/{name}"), &text(name))
}

#[test]
fn every_version_is_a_sighting_and_only_an_edit_is_a_revision() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.write("README.md", "# 镜像\n");
    repo.write("lists/1.md", "某台\n------\n\n* [甲](1.md)\n* [乙](2.md)\n");
    for crawl in 0..50 {
        let words = if crawl < 25 { "雨停了" } else { "雨终于停了" };
        repo.commit_file("a/1.md", article(words) + &format!("<!-- crawl {crawl} -->"), crawl);
    }
    let report = repo.import();
    check_counts(&report, [1, 1, 48, 0, 2]);
    assert_eq!(report.reasons, [(Reason::List, 1), (Reason::Readme, 1)]);
    assert_eq!(report.newly_refused, 0);
    assert_eq!(report.repository.unwrap().commits, 50);
    assert_eq!(
        repo.rows("SELECT sequence, change, observed_at FROM revision ORDER BY sequence"),
        ["1|first|2024-03-01T00:00:00Z", "2|text|2024-03-01T00:00:25Z"]
    );
    assert_eq!(
        repo.rows("SELECT first_seen_at, last_seen_at FROM article"),
        ["2024-03-01T00:00:00Z|2024-03-01T00:00:49Z"]
    );
    let path = repo.path.to_str().unwrap().to_owned();
    assert_eq!(repo.rows("SELECT DISTINCT path FROM sighting"), [path]);
    let last = format!("{}:a/1.md", repo.head());
    assert_eq!(repo.rows("SELECT member FROM sighting ORDER BY id DESC LIMIT 1"), [last]);

    // Another import walks nothing; after one more commit, the next one walks only that.
    let before = dump(&repo.database());
    let report = repo.import();
    check_counts(&report, [0, 0, 0, 52, 0]);
    assert_eq!((report.bytes_read, report.repository.unwrap().commits), (0, 0));
    assert_eq!(dump(&repo.database()), before);
    repo.commit_file("a/1.md", article("雨又来了"), 60);
    let report = repo.import();
    check_counts(&report, [0, 1, 0, 52, 0]);
    assert_eq!(report.repository.unwrap().commits, 1);
    // With `--full` it reads everything, and finds nothing new.
    let before = dump(&repo.database());
    let report = repo.import_with(|options, _| options.full = true);
    check_counts(&report, [0, 0, 51, 0, 2]);
    assert_eq!(report.repository.unwrap().commits, 51);
    assert_eq!(dump(&repo.database()), before);
}

#[test]
fn a_merge_adds_only_its_own_versions() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let root = repo.commit_file("a.md", other_article("a"), 0);
    repo.git(&["checkout", "-q", "-b", "side"]);
    let side = repo.commit_file("side.md", other_article("side"), 1);
    repo.git(&["checkout", "-q", "main"]);
    let main = repo.commit_file("main.md", other_article("main"), 2);
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    repo.write("a.md", other_article("merged"));
    repo.write("only_here.md", other_article("only"));
    let merge = repo.commit(3);
    check_counts(&repo.import(), [5, 0, 0, 0, 0]);
    assert_eq!(
        repo.members(&[("root", &root), ("side", &side), ("main", &main), ("merge", &merge)]),
        [
            "root:a.md|new||2024-03-01T00:00:00Z",
            "side:side.md|new||2024-03-01T00:00:01Z",
            "main:main.md|new||2024-03-01T00:00:02Z",
            "merge:a.md|new||2024-03-01T00:00:03Z",
            "merge:only_here.md|new||2024-03-01T00:00:03Z",
        ]
    );
}

#[test]
fn the_history_of_a_path() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let a = repo.commit_file("a.md", article("雨停了"), 0);
    // Renamed: seen at another place, and not read again.
    repo.git(&["mv", "a.md", "b.md"]);
    let b = repo.commit(1);
    // A change of the mode is not a version; versions of a deleted file stay; a restored version is known.
    repo.git(&["update-index", "--chmod=+x", "b.md"]);
    repo.git(&["commit", "-q", "-m", "x"]);
    fs::remove_file(repo.path.join("b.md")).unwrap();
    repo.commit(3);
    let back = repo.commit_file("b.md", article("雨停了"), 4);
    // A link, then a file in its place with the link's target as its bytes.
    std::os::unix::fs::symlink("b.md", repo.path.join("link.md")).unwrap();
    let link = repo.commit(5);
    fs::remove_file(repo.path.join("link.md")).unwrap();
    let file = repo.commit_file("link.md", "b.md", 6);
    let commit = format!("160000,{link},module");
    repo.git(&["update-index", "--add", "--cacheinfo", &commit]);
    repo.git(&["commit", "-q", "-m", "module"]);
    let module = repo.head();

    let report = repo.import();
    check_counts(&report, [1, 0, 2, 0, 3]);
    assert_eq!(report.reasons, [(Reason::NotRegular, 2), (Reason::NoHeader, 1)]);
    assert_eq!(report.newly_refused, 0);
    let names = [
        ("a", a.as_str()),
        ("b", &b),
        ("back", &back),
        ("link", &link),
        ("file", &file),
        ("module", &module),
    ];
    assert_eq!(
        repo.members(&names),
        [
            "a:a.md|new||2024-03-01T00:00:00Z",
            "b:b.md|duplicate|bytes|2024-03-01T00:00:01Z",
            "back:b.md|duplicate|bytes|2024-03-01T00:00:04Z",
            "link:link.md|rejected||2024-03-01T00:00:05Z",
            "file:link.md|rejected||2024-03-01T00:00:06Z",
            "module:module|rejected||2024-03-01T00:00:00Z",
        ]
    );
    assert_eq!(
        repo.rows("SELECT detail FROM rejection WHERE reason = 'not_regular' ORDER BY id"),
        ["symbolic link", "submodule"]
    );
    assert_eq!(report.bytes_read, article("雨停了").len() as u64 + 4);
    // Entries that are not files are counted each time, as in a folder, and not reported as new.
    check_counts(&repo.import(), [0, 0, 0, 4, 2]);
    let database = repo.database();
    TestEnv::new().run(&["--db", database.to_str().unwrap(), "verify"]).expect(0);
    assert_eq!(repo.rows("SELECT count(*) FROM sighting"), ["6"]);
}

#[test]
fn paths_are_labels() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let stream = b"blob\nmark :1\ndata 2\nx\n\
        commit refs/heads/main\ncommitter C <c@c> 1709251200 +0000\ndata 1\nm\
        M 100644 :1 \"\\377\\376.md\"\nM 100644 :1 \"a\\nb.md\"\nM 100644 :1 \"..../x:y.md\"\n";
    repo.fast_import(stream);
    check_counts(&repo.import(), [0, 0, 0, 0, 3]);
    assert_eq!(
        repo.members(&[("c", &repo.head())]),
        [
            "c:..../x:y.md|rejected||2024-03-01T00:00:00Z",
            "c:a\nb.md|rejected||2024-03-01T00:00:00Z",
            "c:\\xff\\xfe.md|rejected||2024-03-01T00:00:00Z",
        ]
    );
    check_counts(&repo.import(), [0, 0, 0, 3, 0]);
}

/// No file system has such a path, but a tree can.
#[test]
fn a_path_without_end_is_refused() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let body = other_article("a");
    let (size, long) = (body.len(), vec!["d".repeat(40_000); 2].join("/"));
    let stream = format!(
        "commit refs/heads/main\ncommitter C <c@c> {TIME} +0000\ndata 1\nm\
         M 100644 inline {long}\ndata {size}\n{body}\nM 100644 inline e.md\ndata {size}\n{body}\n"
    );
    repo.fast_import(stream.as_bytes());
    let report = repo.import();
    check_counts(&report, [1, 0, 0, 0, 1]);
    assert_eq!(
        repo.rows("SELECT reason, detail FROM rejection"),
        ["damaged_archive|a path of more than 65536 bytes"]
    );
    check_counts(&repo.import(), [0, 0, 0, 1, 1]);
}

#[test]
fn a_redacted_copy_does_not_know_the_repository() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.commit_file("a.md", other_article("a"), 0);
    repo.import();
    let env = TestEnv::new();
    let database = repo.database();
    let database = ["--db", database.to_str().unwrap()];
    env.run(&[&database[..], &["backup", "--redact", "copy.db"]].concat()).expect(0);
    let copy = fs::read(env.path("copy.db")).unwrap();
    let (id, path) = (repo.head(), repo.path.to_str().unwrap().to_owned());
    let raw = seedbank::internals::model::unhex(&id).unwrap();
    for trace in [id.as_bytes(), &raw, path.as_bytes(), b"a.md"] {
        assert!(!copy.windows(trace.len()).any(|window| window == trace));
    }
}

#[test]
fn a_file_of_many_is_refused_by_name() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.write("a.jsonl", "{\"seedbank_jsonl\":1}\n");
    repo.write("b.md", zstd::bulk::compress(other_article("b").as_bytes(), 3).unwrap());
    repo.commit(0);
    let report = repo.import();
    check_counts(&report, [0, 0, 0, 0, 2]);
    assert_eq!(report.newly_refused, 2);
    assert_eq!(
        repo.rows("SELECT detail FROM rejection ORDER BY id"),
        [
            "jsonl within a repository: check it out, and import it",
            "zst within a repository: check it out, and import it"
        ]
    );
}

#[test]
fn a_pattern_is_gits_own_glob() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    for name in ["a.md", "news/b.md", "news/2024/c.md", "news/2024/c.txt", "[x].md"] {
        repo.write(name, other_article(&name.replace(['/', '.', '[', ']'], "_")));
    }
    repo.commit(0);
    let check = |pattern: &str, expected: &[&str]| {
        let _ = fs::remove_file(repo.database());
        let report = repo.import_with(|_, git| git.pattern = Some(pattern.into()));
        let found = repo.rows("SELECT substr(member, 42) FROM sighting ORDER BY 1");
        assert_eq!(found, expected, "{pattern}");
        assert_eq!(report.new, expected.len() as u64);
    };
    check("*.md", &["[x].md", "a.md"]);
    check("**/*.md", &["[x].md", "a.md", "news/2024/c.md", "news/b.md"]);
    check("news", &["news/2024/c.md", "news/2024/c.txt", "news/b.md"]);
    check("news/*/c.*", &["news/2024/c.md", "news/2024/c.txt"]);
    check("[[]x].md", &["[x].md"]);
    check("missing", &[]);

    // Each pattern has its own history, independent of what others excluded.
    let report = repo.import();
    check_counts(&report, [5, 0, 0, 0, 0]);
    let outside = repo.try_import(|_, git| git.pattern = Some("../x".into())).unwrap_err();
    assert!(outside.to_string().contains("outside repository"), "{outside}");
}

#[test]
fn another_branch_and_a_rewritten_history_are_not_read_again() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.commit_file("a.md", other_article("a"), 0);
    repo.commit_file("b.md", other_article("b"), 1);
    repo.git(&["branch", "-q", "work"]);
    check_counts(&repo.import(), [2, 0, 0, 0, 0]);
    repo.git(&["checkout", "-q", "work"]);
    repo.commit_file("c.md", other_article("c"), 2);
    let report = repo.import_ref("work");
    check_counts(&report, [1, 0, 0, 2, 0]);
    assert_eq!(report.repository.unwrap().commits, 1);

    // Rewritten from its root: other commits, the same bytes.
    repo.git(&["checkout", "-q", "--orphan", "again"]);
    repo.commit(10);
    repo.git(&["branch", "-q", "-M", "again", "main"]);
    repo.git(&["branch", "-q", "-D", "work"]);
    repo.git(&["-c", "gc.reflogExpire=now", "gc", "-q", "--prune=now"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    let report = repo.import();
    check_counts(&report, [0, 0, 3, 0, 0]);
    assert_eq!((report.bytes_read, report.repository.unwrap().commits), (0, 1));
    // Nor are they read in another repository.
    let copy = repo.folder.path().join("copy");
    repo.git(&["clone", "-q", "--bare", ".", copy.to_str().unwrap()]);
    let report = repo.import_with(|_, git| git.repository = copy);
    check_counts(&report, [0, 0, 3, 0, 0]);
    assert_eq!(report.bytes_read, 0);
    assert_eq!(repo.rows("SELECT count(*) FROM seed"), ["3"]);
}

#[test]
fn kinds_of_repositories() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let first = repo.commit_file("a.md", other_article("a"), 0);
    repo.commit_file("b.md", other_article("b"), 1);
    repo.git(&["tag", "-a", "-m", "t", "v1", &first]);
    let worktree = repo.folder.path().join("worktree");
    repo.git(&["worktree", "add", "-q", "--detach", worktree.to_str().unwrap(), &first]);
    let bare = repo.folder.path().join("bare.git");
    repo.git(&["clone", "-q", "--bare", "--no-local", ".", bare.to_str().unwrap()]);
    repo.git(&["pack-refs", "--all"]);
    repo.git(&["repack", "-q", "-a", "-d", "-f"]);

    for name in ["v1", &first, &first[..12], "main~1"] {
        let _ = fs::remove_file(repo.database());
        check_counts(&repo.import_ref(name), [1, 0, 0, 0, 0]);
    }
    // A repository has one name, in all its worktrees.
    let inner = repo.path.join(".git");
    check_counts(&repo.import_with(|_, git| git.repository = inner), [1, 0, 0, 1, 0]);
    let linked = |_: &mut _, git: &mut seedbank::GitSource| {
        git.repository = worktree;
        git.also = vec![repo.path.clone()];
    };
    check_counts(&repo.import_with(linked), [0, 0, 0, 1, 0]);
    assert_eq!(repo.rows("SELECT count(DISTINCT path) FROM sighting"), ["1"]);
    check_counts(&repo.import_with(|_, git| git.repository = bare), [0, 0, 2, 0, 0]);

    let repo = Repo::with(&["--object-format=sha256"]);
    repo.commit_file("a.md", other_article("a"), 0);
    check_counts(&repo.import(), [1, 0, 0, 0, 0]);
    check_counts(&repo.import(), [0, 0, 0, 1, 0]);
    assert_eq!(repo.rows("SELECT length(object_id) FROM sighting"), ["32"]);
}

#[test]
fn a_shallow_clone_is_walked_again_when_deepened() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    for number in 0..4 {
        repo.commit_file("a.md", article(&"雨".repeat(number + 1)), number as u64);
    }
    let mut shallow = Repo::new();
    let url = format!("file://{}", repo.path.display());
    shallow.path = shallow.folder.path().canonicalize().unwrap().join("shallow");
    let target = shallow.path.to_str().unwrap().to_owned();
    repo.git(&["clone", "-q", "--depth=2", &url, &target]);
    let report = shallow.import();
    check_counts(&report, [1, 1, 0, 0, 0]);
    assert!(report.repository.unwrap().is_shallow);
    check_counts(&shallow.import(), [0, 0, 0, 2, 0]);
    shallow.git(&["fetch", "-q", "--deepen=1"]);
    let report = shallow.import();
    check_counts(&report, [0, 1, 0, 2, 0]);
    shallow.git(&["fetch", "-q", "--unshallow"]);
    let report = shallow.import();
    // The oldest commits of the clone count as adding everything in them.
    check_counts(&report, [0, 1, 0, 3, 0]);
    assert!(!report.repository.unwrap().is_shallow);
    assert_eq!(shallow.rows("SELECT revision_count FROM article"), ["4"]);
}

#[test]
fn unread_versions_are_tried_again() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.write("small.md", other_article("small"));
    repo.write("large.md", other_article("large") + &"x".repeat(5000));
    repo.commit(0);
    let small = |options: &mut seedbank::ImportOptions, _: &mut _| {
        options.max_file_size = 4000;
    };
    let report = repo.import_with(small);
    check_counts(&report, [1, 0, 0, 0, 1]);
    assert_eq!(
        (report.reasons.as_slice(), report.newly_refused),
        (&[(Reason::TooLarge, 1)][..], 1)
    );
    let report = repo.import_with(small);
    check_counts(&report, [0, 0, 0, 1, 1]);
    assert_eq!(report.newly_refused, 0);
    assert_eq!(repo.rows("SELECT count(*) FROM sighting"), ["2"]);
    repo.commit_file("more.md", other_article("more"), 1);
    check_counts(&repo.import(), [2, 0, 0, 1, 0]);
    check_counts(&repo.import(), [0, 0, 0, 3, 0]);
}

#[test]
fn a_run_that_fails_begins_again_where_it_must() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.commit_file("a.md", other_article("a"), 0);
    // As if the run that imported it had not finished.
    repo.import();
    let connection = rusqlite::Connection::open(repo.database()).unwrap();
    connection.execute("DELETE FROM repository_history", []).unwrap();
    drop(connection);
    repo.commit_file("b.md", other_article("b"), 1);
    let report = repo.import();
    check_counts(&report, [1, 0, 0, 1, 0]);
    assert_eq!(report.repository.unwrap().commits, 2);
    assert_eq!(repo.rows("SELECT members FROM repository_history"), ["2"]);
}

#[test]
fn a_dry_run_is_accurate_and_changes_nothing() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.commit_file("a.md", article("雨停了"), 0);
    repo.write("copy.md", article("雨停了"));
    repo.commit(1);
    let dry = |options: &mut seedbank::ImportOptions, _: &mut _| options.dry_run = true;
    check_counts(&repo.import_with(dry), [1, 0, 1, 0, 0]);
    assert!(!repo.database().exists());
    repo.import();
    repo.commit_file("a.md", article("雨终于停了"), 2);
    let before = (dump(&repo.database()), repo.rows("SELECT * FROM repository_history"));
    check_counts(&repo.import_with(dry), [0, 1, 0, 2, 0]);
    assert_eq!((dump(&repo.database()), repo.rows("SELECT * FROM repository_history")), before);
}

#[test]
fn an_interchange_file_includes_the_history() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.commit_file("a.md", article("雨停了"), 0);
    repo.commit_file("a.md", article("雨终于停了"), 1);
    repo.write("notes.md", "notes\n");
    repo.commit(2);
    repo.import_with(|_, git| git.keep_rejected = true);
    let source = repo.source();
    let place = Place { folder: repo.folder };
    let file = place.folder.path().join("archive.jsonl");
    place.export_jsonl(&file);
    let other = Place::new();
    other.import_with(|options| options.paths = vec![file]);
    assert_eq!(dump_without_ids(&other.database()), dump_without_ids(&place.database()));

    // Originals are named by their paths.
    let env = TestEnv::new();
    let database = place.database();
    let export = ["export", "--format", "seeds", "-q", "-o", "out"];
    env.run(&[&["--db", database.to_str().unwrap()], &export[..]].concat()).expect(0);
    let names = fs::read_dir(env.path("out")).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a (2).md", "a.md", "manifest.jsonl", "notes.md"]);

    // That archive cannot rely on the repository's records; it reads the file once, and knows it afterwards.
    let import = || {
        other.import_with(|options| {
            options.paths.clear();
            options.git = Some(source.clone());
        })
    };
    check_counts(&import(), [0, 0, 2, 0, 1]);
    check_counts(&import(), [0, 0, 0, 3, 0]);
    assert_eq!(dump_without_ids(&other.database()), dump_without_ids(&place.database()));
    let connection = rusqlite::Connection::open(other.database()).unwrap();
    connection.execute("DELETE FROM repository_history", []).unwrap();
    drop(connection);
    check_counts(&import(), [0, 0, 0, 3, 0]);
}
