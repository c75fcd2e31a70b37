//! Laws for any history, and for large ones.

use crate::corpus;
use crate::place::{Place, dump_without_ids, seed, text};
use crate::repo::{Repo, TIME, has_git};
use proptest::prelude::*;
use seedbank::ImportReport;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn article(version: u8) -> String {
    let url = format!("https://news.example/{version}");
    seed("1709164800000", &format!("v{version}"), &url, &text(&format!("v{version}")))
}

/// Rows without places.
fn without_places(database: &Path) -> Vec<String> {
    let rows = dump_without_ids(database).into_iter();
    rows.filter(|row| !row.starts_with("sighting|")).collect()
}

/// Imports files under their folders' names and their own, all with one time.
fn check_folder_and_repository(files: &[PathBuf]) {
    let place = Place::new();
    let repo = Repo::new();
    for file in files {
        let folder = file.parent().unwrap();
        let name = file.strip_prefix(folder.parent().unwrap()).unwrap().to_str().unwrap();
        let bytes = fs::read(file).unwrap();
        place.write_at(name, &bytes, TIME);
        repo.write(name, &bytes);
    }
    repo.commit(0);
    let (files, versions) = (place.import(), repo.import_with(|_, git| git.keep_rejected = true));
    let counts = |report: &ImportReport| {
        [report.new, report.revised, report.duplicate, report.rejected, report.files_seen]
    };
    assert_eq!(counts(&files), counts(&versions));
    let (folder, repository) =
        (without_places(&place.database()), without_places(&repo.database()));
    assert!(folder == repository, "not the same from a folder and a repository");
}

#[test]
fn a_folder_and_a_repository_of_equal_times_give_the_same_rows() {
    if !has_git() {
        return;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = ["seeds", "tests/fixtures/rejected"].map(|folder| fs::read_dir(here.join(folder)));
    let own = own.into_iter().flat_map(Result::unwrap).map(|entry| entry.unwrap().path());
    check_folder_and_repository(&own.collect::<Vec<_>>());
    check_folder_and_repository(&corpus::files(&["seeds", "posts", "news"]));
}

/// Some two hundred commits, each changing some fifteen of three thousand files.
#[test]
fn thousands_of_files_in_hundreds_of_commits() {
    if !has_git() {
        return;
    }
    let mut stream = Vec::new();
    for commit in 0..200_u64 {
        let time = TIME + commit * 3600;
        let head =
            format!("commit refs/heads/main\ncommitter C <c@c.example> {time} +0000\ndata 1\nm");
        stream.extend_from_slice(head.as_bytes());
        for file in 0..15 {
            // A third of them is written again and again, with noise; some of these are edited.
            let number = match file % 3 {
                0 => (commit * 3 + file) % 400,
                _ => 1000 + commit * 15 + file,
            };
            let words = if (commit + file) % 10 == 0 { "改了" } else { "文" };
            let url = format!("https://news.example/{number}");
            let body = seed("NaN", &format!("{number}"), &url, &text(&format!("{words}{number}")));
            let body = format!("{body}<!-- {commit} -->");
            let part = format!(
                "M 100644 inline n/{}/{number}.md\ndata {}\n{body}\n",
                number % 10,
                body.len()
            );
            stream.extend_from_slice(part.as_bytes());
        }
    }
    let repo = Repo::new();
    repo.fast_import(&stream);
    let report = repo.import();
    assert_eq!(report.files_seen, 3000);
    assert_eq!(report.repository.unwrap().commits, 200);
    assert_eq!(report.rejected, 0);
    assert!(report.revised > 0 && report.duplicate > 0, "{report:?}");
    let again = repo.import();
    assert_eq!((again.unchanged, again.files_seen), (3000, 3000));
    eprintln!(
        "3,000 versions in 200 commits: {:.1} s, again {:.1} s",
        report.seconds, again.seconds
    );
}

/// The earlier commits that a commit continues, and which version of which file it writes; `None` deletes it.
type Made = (Vec<usize>, Vec<(u8, Option<u8>)>);

/// A history of few files, versions and branches, as a stream for `fast-import`.
fn stream_of(commits: &[Made]) -> Vec<u8> {
    let mut stream = String::new();
    for (number, (parents, files)) in commits.iter().enumerate() {
        // Clocks that disagree: a commit may be older than its parents.
        let time = TIME + [5, 3, 9, 1, 7][number % 5];
        stream.push_str(&format!(
            "commit refs/heads/c{number}\nmark :{}\ncommitter C <c@c.example> {time} +0000\ndata 1\nm",
            number + 1
        ));
        let parents: BTreeSet<usize> =
            parents.iter().filter(|_| number > 0).map(|parent| parent % number.max(1)).collect();
        for (at, parent) in parents.iter().enumerate() {
            let word = if at == 0 { "from" } else { "merge" };
            stream.push_str(&format!("{word} :{}\n", parent + 1));
        }
        for (file, version) in files {
            match version {
                Some(version) => {
                    let body = article(*version);
                    let size = body.len();
                    stream.push_str(&format!("M 100644 inline d/{file}.md\ndata {size}\n{body}\n"));
                }
                None => stream.push_str(&format!("D d/{file}.md\n")),
            }
        }
    }
    stream.into_bytes()
}

/// Every blob and path of every commit of a history, and which commits have it.
fn versions(repo: &Repo, reference: &str) -> BTreeMap<String, BTreeSet<String>> {
    let commits = repo.git(&["rev-list", reference]);
    let tree = |commit: &str| -> BTreeSet<String> {
        let entries = repo.git(&["ls-tree", "-r", commit]);
        let name = |entry: &str| entry.split(' ').nth(2).unwrap().replace('\t', "|");
        entries.lines().map(name).collect()
    };
    commits.lines().map(|commit| (commit.to_owned(), tree(commit))).collect()
}

/// The entries of each commit that none of its parents has, computed independently of the import.
fn brought(repo: &Repo, reference: &str) -> BTreeSet<String> {
    let trees = versions(repo, reference);
    let parents = repo.git(&["rev-list", "--parents", reference]);
    let mut found = BTreeSet::new();
    for line in parents.lines() {
        let (commit, parents) = line.split_once(' ').unwrap_or((line, ""));
        let is_old = |version: &String| {
            parents.split_whitespace().any(|parent| trees[parent].contains(version))
        };
        let new = trees[commit].iter().filter(|version| !is_old(version));
        found.extend(new.map(|version| format!("{commit}|{version}")));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_version_is_lost_and_steps_change_nothing(
        commits in prop::collection::vec(
            (
                prop::collection::vec(0..12usize, 1..4),
                prop::collection::vec((0..4u8, prop::option::weighted(0.8, 0..5u8)), 0..3),
            ),
            2..12,
        ),
        step in 0..12usize,
    ) {
        if !has_git() {
            return Ok(());
        }
        let repo = Repo::new();
        repo.fast_import(&stream_of(&commits));
        let tip = format!("c{}", commits.len() - 1);
        let at_once = repo.import_ref(&tip);
        let found = |columns: &str| repo.rows(&format!("SELECT {columns} FROM sighting"));
        let set = |rows: Vec<String>| rows.into_iter().collect::<BTreeSet<String>>();
        const VERSION: &str = "lower(hex(object_id)), substr(member, 42)";
        let sightings = found(&format!("substr(member, 1, 40), {VERSION}"));
        prop_assert_eq!(at_once.files_seen, sightings.len() as u64);
        prop_assert_eq!(set(sightings), brought(&repo, &tip));
        // So nothing is missed.
        let all = versions(&repo, &tip).into_values().flatten().collect();
        prop_assert_eq!(set(found(VERSION)), all);

        let rows_at_once = dump_without_ids(&repo.database());
        let again = repo.import_ref(&tip);
        prop_assert_eq!(again.unchanged, at_once.files_seen);
        fs::remove_file(repo.database()).unwrap();
        let step = format!("c{}", step % commits.len());
        let first = repo.import_ref(&step);
        let second = repo.import_ref(&tip);
        if repo.command(&["merge-base", "--is-ancestor", &step, &tip]).status().unwrap().success() {
            prop_assert_eq!(second.unchanged, first.files_seen);
            prop_assert_eq!(second.files_seen, at_once.files_seen);
            prop_assert_eq!(dump_without_ids(&repo.database()), rows_at_once);
        }
    }
}
