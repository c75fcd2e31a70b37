//! README.md begins with what a newcomer does first, shows the real output of the program, and is the same in Chinese;
//! `docs/json.md` has every field that the program prints.

use crate::docs::{check, document, examples, root};
use crate::place::rows;
use crate::support::TestEnv;
use serde_json::Value;
use std::collections::BTreeSet;

/// The lines between fences, with what follows the first fence, and the text around them.
fn parted(page: &str) -> (Vec<String>, String) {
    let (mut blocks, mut prose) = (Vec::new(), String::new());
    for (number, part) in page.split("```").enumerate() {
        if number % 2 == 1 {
            blocks.push(part.to_owned());
        } else {
            prose.push_str(part);
        }
    }
    (blocks, prose)
}

/// The one block of a page that is fenced as this.
fn block<'a>(blocks: &'a [String], language: &str) -> &'a str {
    let mut found =
        blocks.iter().filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    let block = found.next().unwrap();
    assert_eq!(found.next(), None, "another {language}");
    block
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let readme = document("README.md");
    let examples = examples(&readme);
    assert_eq!(examples.len(), 11);
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("seedbank.db");
    for example in examples {
        // Another tool is asked in the folder of the archive, and may not be installed.
        let is_ours = example.command.starts_with("seedbank ");
        let place = if is_ours { root() } else { folder.path() };
        assert!(check(&example, place, archive.clone()) || !is_ours);
    }
}

#[test]
fn the_readme_starts_with_a_seed_and_two_commands() {
    let readme = document("README.md");
    let (blocks, _) = parted(&readme);
    assert_eq!(block(&blocks, "sh"), "cargo run --release -- import seeds\ncargo test\n");
    let first: String = readme.lines().take(40).map(|line| format!("{line}\n")).collect();
    assert_eq!(parted(&first).0.len(), 3);
    assert!(first.contains("\n$ seedbank import seeds\n") && first.contains("README.zh.md"));
    // The seed that it shows is one.
    let seed = block(&blocks, "html");
    assert_eq!(seed.lines().count(), 6);
    let env = TestEnv::new();
    env.write("drop/a.txt", seed.as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    let question = "SELECT title || ' ' || published_at || ' ' || paragraph_count FROM article";
    assert_eq!(
        rows(&env.path("seedbank.db"), question),
        ["图书馆整修两个月后重新开门 2024-03-04T00:00:00Z 2"]
    );
}

/// `contrib.rs` runs these lines.
#[test]
fn the_readme_has_lines_of_the_crontab() {
    let crontab = document("contrib/seedbank.cron");
    let (blocks, _) = parted(&document("README.md"));
    let lines: Vec<&str> = block(&blocks, "crontab").lines().collect();
    let other: Vec<_> =
        lines.iter().filter(|line| !crontab.lines().any(|it| it == **line)).collect();
    assert!(other.is_empty() && lines.len() == 3, "{other:#?}");
}

/// What a translation keeps: blocks, levels of headings, code in the text and links, which may stand in another order.
#[test]
fn the_readme_is_the_same_in_chinese() {
    let (english, chinese) = (document("README.md"), document("README.zh.md"));
    let ((blocks, prose), (our_blocks, our_prose)) = (parted(&english), parted(&chinese));
    assert_eq!(our_blocks, blocks);
    let headings = |prose: &str| {
        let lines = prose.lines().filter(|line| line.starts_with('#'));
        lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(headings(&our_prose), headings(&prose));
    let code = |prose: &str| {
        let spans = prose.split('`').skip(1).step_by(2);
        spans
            .map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<BTreeSet<_>>()
    };
    let only_one = |ours: BTreeSet<String>, theirs: BTreeSet<String>| {
        ours.symmetric_difference(&theirs).cloned().collect::<Vec<_>>()
    };
    assert_eq!(only_one(code(&our_prose), code(&prose)), [""; 0]);
    let links = |prose: &str| {
        let links =
            prose.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0.to_owned());
        // Each leads to the other.
        links.filter(|link| !link.starts_with("README")).collect::<BTreeSet<_>>()
    };
    assert_eq!(only_one(links(&our_prose), links(&prose)), [""; 0]);
    assert!(english.contains("](README.zh.md)") && chinese.contains("](README.md)"));
}

/// The names of an object's fields, or of those of a list's first object.
fn fields(printed: &str) -> BTreeSet<String> {
    let value: Value = serde_json::from_str(printed).unwrap();
    let value = value.get(0).unwrap_or(&value);
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_page_on_json_has_every_field() {
    let env = TestEnv::new();
    let seeds = root().join("seeds");
    std::os::unix::fs::symlink(&seeds, env.path("seeds")).unwrap();
    let page = document("docs/json.md");
    let mut commands = 0;
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let mut code = row.split('`').skip(1).step_by(2);
        let command = code.next().unwrap();
        let arguments: Vec<&str> = ["--json"].into_iter().chain(command.split(' ')).collect();
        let ran = env.run(&arguments);
        assert!([0, 5].contains(&ran.status), "{command}\n{ran}");
        let listed: BTreeSet<String> = code.map(str::to_owned).collect();
        assert_eq!(fields(&ran.stdout), listed, "{command}");
        commands += 1;
    }
    assert!(commands > 15, "{commands}");
}
