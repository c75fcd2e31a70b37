//! `import --include` and `--exclude`: what is left out is no file of the import.

use crate::pack::{Tar, gzip};
use crate::place::Place;
use crate::repo::{Repo, article, has_git};
use crate::support::{TestEnv, seed};
use seedbank::{ImportFilter, ImportReport};

fn filter(include: &[&str], exclude: &[&str]) -> ImportFilter {
    let mut filter = ImportFilter::default();
    for pattern in include {
        filter = filter.include(pattern).unwrap();
    }
    for pattern in exclude {
        filter = filter.exclude(pattern).unwrap();
    }
    filter
}

fn import(place: &Place, include: &[&str], exclude: &[&str]) -> ImportReport {
    place.import_with(|options| options.filter = filter(include, exclude))
}

/// The new files and the others of a report.
#[track_caller]
fn check(report: &ImportReport, new: u64, unchanged: u64, others: u64) {
    assert!(report.adds_up());
    let found = (report.new, report.unchanged, report.files_seen - report.new - report.unchanged);
    assert_eq!(found, (new, unchanged, others), "{report:?}");
}

fn page(name: &str) -> String {
    seed(name, &format!("https://news.example/{name}"))
}

#[test]
fn files_are_left_out_by_their_names() {
    let place = Place::new();
    for name in ["a.md", "b.txt", "old/c.md", "old/d/e.md", "f/old/g.md", "x.jpg"] {
        place.write(name, page(name));
    }
    let with = |include: &[&str], exclude: &[&str]| -> u64 {
        let report = place.import_with(|options| {
            options.filter = filter(include, exclude);
            options.dry_run = true;
        });
        assert_eq!(report.new, report.files_seen);
        report.files_seen
    };
    assert_eq!(with(&[], &[]), 6);
    assert_eq!(with(&["*.md"], &[]), 4);
    assert_eq!(with(&[], &["*.md"]), 2);
    assert_eq!(with(&["*.md"], &["old/"]), 1);
    assert_eq!(with(&["*.md"], &["/old/"]), 2);
    assert_eq!(with(&["old/*.md", "x.jpg"], &[]), 2);
    assert_eq!(with(&["nothing"], &[]), 0);
    // A named file is compared by its name.
    let named = place.import_with(|options| {
        options.paths = vec![place.drop().join("old/c.md"), place.drop().join("b.txt")];
        options.filter = filter(&["*.md"], &["/drop/"]);
    });
    check(&named, 1, 0, 0);
    check(&import(&place, &["*.md"], &[]), 3, 1, 0);
    check(&import(&place, &[], &["*.md"]), 2, 0, 0);
    check(&place.import(), 0, 6, 0);
}

/// What cannot be looked into is no file of the import either, unless it was asked for.
#[test]
fn other_files_are_left_out_too() {
    let place = Place::new();
    place.write("a.md", page("a"));
    place.write("big.bin", vec![b'x'; 20_000]);
    std::os::unix::fs::symlink("a.md", place.drop().join("link")).unwrap();
    let report = place.import_with(|options| {
        options.filter = filter(&["*.md"], &[]);
        options.max_file_size = 10_000;
    });
    check(&report, 1, 0, 0);
}

fn tar() -> Tar {
    let file = |tar: Tar, name: &str| tar.file(name, page(name).as_bytes(), 1_709_251_200);
    ["./a.md", "./b.txt", "old/c.md", "old/x.jpg"].into_iter().fold(Tar::default(), file)
}

#[test]
fn a_container_is_remembered_with_its_filter() {
    let place = Place::new();
    place.write("x/all.tar", tar().finish());
    check(&import(&place, &["*.md"], &[]), 2, 0, 0);
    check(&import(&place, &["*.md"], &[]), 0, 2, 0);
    // Another filter reads it again, and so does none.
    check(&import(&place, &["*.md"], &["old/"]), 0, 0, 1);
    check(&import(&place, &["*.txt", "*.md"], &[]), 1, 0, 2);
    check(&import(&place, &["*.md", "*.txt", "*.md"], &[]), 0, 3, 0);
    check(&import(&place, &["all.tar"], &["*.txt"]), 1, 0, 2);
    check(&place.import(), 0, 0, 4);
    check(&place.import(), 0, 4, 0);
    check(&import(&place, &["*.md"], &[]), 0, 2, 0);
    // Nothing in it is asked for, which is remembered too.
    check(&import(&place, &["*.pdf"], &[]), 0, 0, 0);
    check(&import(&place, &[], &["all.tar"]), 0, 0, 0);
    assert_eq!(
        place.rows("SELECT filter, members FROM container ORDER BY id"),
        [
            r#"{"include":["*.md"],"path":"x/all.tar"}|2"#,
            r#"{"include":["*.md"],"exclude":["old/"],"path":"x/all.tar"}|1"#,
            r#"{"include":["*.md","*.txt"],"path":"x/all.tar"}|3"#,
            r#"{"include":["all.tar"],"exclude":["*.txt"],"path":"x/all.tar"}|3"#,
            "|4",
            r#"{"include":["*.pdf"],"path":"x/all.tar"}|0"#,
        ]
    );
}

/// A document that is compressed alone has no name but the file's, and neither have lines.
#[test]
fn what_has_no_name_in_it_has_that_of_the_file() {
    let place = Place::new();
    place.write("a.md.gz", gzip(page("a").as_bytes()));
    let line = |name: &str| {
        format!(
            "{{\"url\":\"https://news.example/{name}\",\"title\":\"{name}\",\"html\":\"<p>一</p>\"}}\n"
        )
    };
    place.write("b.jsonl", line("b") + &line("c"));
    place.write("d.tar.gz", gzip(&tar().finish()));
    check(&import(&place, &["*.gz"], &["d.*"]), 1, 0, 0);
    check(&import(&place, &["b.jsonl"], &[]), 2, 0, 0);
    check(&import(&place, &["b.jsonl"], &[]), 0, 2, 0);
    check(&import(&place, &["*.txt"], &[]), 1, 0, 0);
    check(&import(&place, &["*.txt"], &[]), 0, 1, 0);
}

/// Damage may have taken what was asked for along.
#[test]
fn damage_is_reported_whatever_is_asked_for() {
    let place = Place::new();
    let mut cut = tar().finish();
    cut.truncate(cut.len() - 1024 - 300);
    place.write("cut.tar", &cut);
    for _ in 0..2 {
        let report = import(&place, &["*.md"], &[]);
        assert_eq!(report.rejected, 1, "{report:?}");
    }
    assert_eq!(place.rows("SELECT reason FROM rejection"), ["damaged_archive"]);
    assert_eq!(place.rows("SELECT count(*) FROM container"), ["0"]);
}

#[test]
fn a_repository_is_remembered_with_its_filter() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.commit_file("a.md", article("甲"), 0);
    repo.commit_file("old/b.md", article("乙"), 1);
    repo.commit_file("c.txt", article("丙"), 2);
    let import = |include: &[&str], exclude: &[&str]| {
        repo.import_with(|options, _| options.filter = filter(include, exclude))
    };
    check(&import(&["*.md"], &["old/"]), 1, 0, 0);
    let again = import(&["*.md"], &["old/"]);
    check(&again, 0, 1, 0);
    assert_eq!(again.repository.unwrap().commits, 0);
    let other = import(&[], &[]);
    check(&other, 2, 1, 0);
    assert_eq!(other.repository.unwrap().commits, 3);
    check(&import(&[], &[]), 0, 3, 0);
    assert_eq!(
        repo.rows("SELECT filter, members FROM repository_history ORDER BY id"),
        [r#"{"include":["*.md"],"exclude":["old/"]}|1"#, "|3"]
    );
}

#[test]
fn the_program_filters_too() {
    let env = TestEnv::new();
    env.write("drop/a.md", page("a").as_bytes());
    env.write("drop/b.jpg", b"\xff\xd8\xff");
    env.run(&["import", "-q", "--expect-new", "--exclude", "*.jpg", "drop"]).expect(0);
    let files = "SELECT files_seen FROM import_run";
    assert_eq!(crate::place::rows(&env.path("seedbank.db"), files), ["1"]);
    let ran = env.run_with_bytes(&["import", "-q", "--include", "*.txt", "-"], &tar().finish());
    ran.expect(0);
    assert_eq!(crate::place::rows(&env.path("seedbank.db"), files), ["1", "1"]);
    let refused =
        |pattern: &str| env.run(&["import", "--exclude", pattern, "drop"]).expect(2).stderr;
    insta::assert_snapshot!(refused("[a"), @r#"
    error: "[a" is not a pattern of names: invalid range pattern
    hint: write *.jpg, drafts/, /2019/*.md or **/old/*; [*] stands for * itself
    "#);
    insta::assert_snapshot!(refused("!a"), @r#"
    error: "!a" is not a pattern of names: it begins with !; there is an option to include, and one to exclude
    hint: write *.jpg, drafts/, /2019/*.md or **/old/*; [*] stands for * itself
    "#);
    insta::assert_snapshot!(refused("a**"), @r#"
    error: "a**" is not a pattern of names: recursive wildcards must form a single path component
    hint: write *.jpg, drafts/, /2019/*.md or **/old/*; [*] stands for * itself
    "#);
    // Nothing that was asked for is nothing.
    env.run(&["import", "-q", "--expect-files", "--include", "*.pdf", "drop"]).expect(5);
}

/// A filter names paths too.
#[test]
fn a_redacted_copy_has_no_filter() {
    let env = TestEnv::new();
    env.write("drop/all.tar", &tar().finish());
    env.run(&["import", "-q", "--include", "old/", "drop"]).expect(0);
    env.run(&["backup", "-q", "--redact", "copy.db"]).expect(0);
    let rows = crate::place::rows(&env.path("copy.db"), "SELECT path, filter FROM container");
    assert_eq!(rows, [r#"redacted/container-1|{"redacted":true}"#]);
    env.run(&["--db", "copy.db", "verify"]).expect(0);
}
