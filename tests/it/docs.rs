//! The examples in `docs/` show the real output of the programs; `docs_readme.rs` has those of README.md.

use crate::support::TestEnv;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// A command, with the lines up to its last quotation mark and its input up to `END` if it has some, and the output
/// shown.
pub struct Example<'a> {
    pub command: &'a str,
    shown: &'a str,
}

pub fn examples(document: &str) -> Vec<Example<'_>> {
    let blocks = document.split("```console\n$ ").skip(1);
    let examples = blocks.map(|block| {
        let (block, _) = block.split_once("```").unwrap();
        let is_whole = |end: &usize| block[..*end].matches('"').count() % 2 == 0;
        let end = if block.lines().next().unwrap().ends_with("<<'END'") {
            block.find("\nEND\n").unwrap() + "\nEND".len()
        } else {
            block.match_indices('\n').map(|(end, _)| end).find(is_whole).unwrap()
        };
        Example { command: &block[..end], shown: &block[end + 1..] }
    });
    examples.collect()
}

/// Runs an example and compares the output. Skipped, with a message, if its tool is not installed; returns
/// whether it ran.
pub fn check(example: &Example<'_>, folder: &Path, database: PathBuf) -> bool {
    let program = Path::new(env!("CARGO_BIN_EXE_seedbank")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let command = example.command;
    let ran = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", &path)
        .env("SEEDBANK_DB", database)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    if crate::support::is_absent(ran.status.code() == Some(127), &stderr) {
        eprintln!("SKIPPED: {command}\n{stderr}");
        return false;
    }
    let printed = String::from_utf8(ran.stdout).unwrap().replace("\r\n", "\n");
    // The examples leave out suggestions, and durations differ between runs.
    let printed = printed.split("\nNext: ").next().unwrap();
    assert_eq!(without_times(printed), without_times(example.shown), "{command}\n{stderr}");
    assert!(ran.status.success(), "{command}\n{stderr}");
    true
}

#[test]
fn the_page_on_other_tools_shows_what_they_print() {
    let page = document("docs/other-tools.md");
    let env = TestEnv::new();
    let seeds = root().join("seeds");
    env.run(&["import", "-q", seeds.to_str().unwrap()]).expect(0);
    let (_, rest) = page.split_once("```json\n").unwrap();
    env.write("metadata.json", rest.split_once("```").unwrap().0.as_bytes());
    let examples = examples(&page);
    assert_eq!(examples.len(), 15);
    for example in examples {
        check(&example, &env.path("."), env.path("seedbank.db"));
    }
}

#[test]
fn the_page_on_tables_shows_what_the_program_prints() {
    let page = document("docs/tables.md");
    let env = TestEnv::new();
    env.run(&["import", "-q", root().join("seeds").to_str().unwrap()]).expect(0);
    let examples = examples(&page);
    assert_eq!(examples.len(), 3);
    for example in examples {
        assert!(check(&example, &env.path("."), env.path("seedbank.db")));
    }
}

/// seedbank expects nobody else to write.
#[test]
fn other_tools_open_the_archive_for_reading() {
    let pages = std::fs::read_dir(root().join("docs")).unwrap();
    let pages = pages.map(|page| page.unwrap().path()).chain(["README.md".into()]);
    let mut opened = 0;
    for page in pages {
        let text = std::fs::read_to_string(root().join(&page)).unwrap();
        for line in text.lines() {
            let opens = ["sqlite3 '", "sqlite3 -", "sqlite3 seedbank", "connect(", "ATTACH '"];
            if opens.iter().any(|it| line.contains(it)) && line.contains(".db") {
                let is_safe = line.contains(".db?mode=ro") || line.contains("READ_ONLY");
                assert!(is_safe, "{}: {line}", page.display());
                opened += 1;
            }
        }
    }
    assert!(opened > 10, "{opened}");
}

/// The observed time is that of the checkout.
fn without_times(text: &str) -> String {
    let line = |line: &str| {
        let line = line.split(" read in ").next().unwrap();
        match line.split_once("observed ") {
            Some((before, after)) => format!("{before}{}", &after["2024-02-05 00:00:00".len()..]),
            None => line.to_owned(),
        }
    };
    text.trim_end().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The cells of the rows in a page's tables.
fn table_rows(page: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    cells.filter(|cells| cells[0] != "limit" && cells[0] != "---")
}

/// `64 KiB`, `1,024`, `30 s`.
fn number_of(written: &str) -> u64 {
    let (digits, unit) = written.split_once(' ').unwrap_or((written, ""));
    let factor = match unit {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "" | "s" => 1,
        other => panic!("{other} in {written}"),
    };
    digits.replace(',', "").parse::<u64>().unwrap_or_else(|_| panic!("{written}")) * factor
}

/// The value of a constant in the code: a number, a product or a shift, or a `Duration` in seconds.
fn constant(name: &str, path: &str) -> u64 {
    let code = document(path);
    let mark = format!("const {name}:");
    let (_, rest) = code.split_once(&mark).unwrap_or_else(|| panic!("no {name} in {path}"));
    let value = rest.split_once(" = ").unwrap().1.split_once(';').unwrap().0;
    let value = value.strip_prefix("Duration::from_secs(").unwrap_or(value).trim_end_matches(')');
    let number = |text: &str| text.trim().replace('_', "").parse::<u64>().unwrap();
    match value.split_once("<<") {
        Some((number_of_units, bits)) => number(number_of_units) << number(bits),
        None => value.split('*').map(number).product(),
    }
}

#[test]
fn the_page_on_limits_has_the_numbers_of_the_code() {
    let page = document("docs/limits.md");
    let mut rows = 0;
    for cells in table_rows(&page) {
        assert_eq!(cells.len(), 4, "{cells:?}");
        let (name, path) = cells[3].split_once(" in ").unwrap_or_else(|| panic!("{cells:?}"));
        let (name, path) = (name.trim_matches('`'), path.trim_matches('`'));
        assert_eq!(number_of(cells[0]), constant(name, path), "{name} in {path}");
        rows += 1;
    }
    assert!(rows > 20, "{rows}");
}

/// Constants that are named like a limit but do not limit an input: what they are instead, and where.
const NO_LIMITS: [(&str, &str); 34] = [
    ("the shape of what is shown or named", "backup.rs LONGEST"),
    ("the shape of what is shown or named", "files/mod.rs MOST"),
    ("the shape of what is shown or named", "snippet.rs MOST_COLUMNS"),
    ("the shape of what is shown or named", "lines.rs MOST_LINES"),
    ("the shape of what is shown or named", "chart/scale.rs MOST_LINES"),
    ("the shape of what is shown or named", "lines.rs MOST_NAME"),
    ("the system's own", "files/own.rs MOST_LINKS"),
    ("the format's own", "fts5/options.rs LARGEST_PAGE_SIZE"),
    ("the format's own", "header.rs MOST_WRONG_BITS"),
    ("the format's own", "signature/checks.rs LONGEST"),
    ("the format's own", "bare.rs MAX_HOST"),
    ("the format's own", "archive/zip.rs HIGHEST_VERSION"),
    ("the format's own", "archive/zip.rs MOST"),
    ("the format's own", "term_check.rs LONGEST"),
    ("the tables' own", "plausible.rs MOST_LETTERS"),
    ("the tables' own", "marks/parts.rs LONGEST"),
    ("the tables' own", "text_kind/names.rs LONGEST_NAME"),
    ("the tables' own", "fast_path.rs LONGEST_BARE"),
    ("the tables' own", "endings.rs LONGEST"),
    ("what a rule takes for something", "author.rs MAX_HAN"),
    ("what a rule takes for something", "author.rs MAX_LETTERS"),
    ("what a rule takes for something", "author.rs MAX_SMALL_WORDS"),
    ("what a rule takes for something", "author.rs MAX_WORDS"),
    ("what a rule takes for something", "copies.rs MOST_BYTES"),
    ("what a rule takes for something", "copies.rs MOST_NODES"),
    ("what a rule takes for something", "dates.rs LONGEST"),
    ("what a rule takes for something", "language.rs MOST_KANJI_ALONE"),
    ("what a rule takes for something", "lists.rs MOST_INDENTS"),
    ("what a rule takes for something", "tables.rs MOST_IN_CELL"),
    ("what a rule takes for something", "endings.rs LONGEST_CREDIT"),
    ("what a rule takes for something", "walls.rs LONGEST"),
    ("which of two ways is faster", "search.rs MOST_LOOKED_UP"),
    ("which of two ways is faster", "text_index.rs MOST_SEARCHES"),
    ("how a busy database is waited for", "patience.rs MOST_PAUSE"),
];

/// The constants of the code that are named like a limit: `path NAME`.
fn limits_in(folder: &Path, found: &mut BTreeSet<String>) {
    const NAMES: [&str; 7] =
        ["MAX", "MOST", "LONGEST", "DEEPEST", "LARGEST", "DEFAULT_MAX", "HIGHEST"];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            limits_in(&path, found);
        }
        let is_code = path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs");
        let code = if is_code { std::fs::read_to_string(&path).unwrap() } else { String::new() };
        let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
        for line in code.lines().filter_map(|line| line.split_once("const ")) {
            let Some((name, of_type)) = line.1.split_once(": ") else { continue };
            let is_number = ["u8 ", "u16 ", "u32 ", "u64 ", "usize ", "i32 ", "i64 "]
                .iter()
                .any(|number| of_type.starts_with(number));
            let is_limit =
                NAMES.iter().any(|it| name == *it || name.starts_with(&format!("{it}_")));
            if is_number && is_limit {
                found.insert(format!("{path} {name}"));
            }
        }
    }
}

#[test]
fn every_limit_of_the_code_is_on_the_page() {
    let page = document("docs/limits.md");
    let row = |cells: Vec<&str>| {
        let (name, path) = cells[3].split_once(" in ").unwrap();
        format!("{} {}", path.trim_matches('`'), name.trim_matches('`'))
    };
    let listed: BTreeSet<String> = table_rows(&page).map(row).collect();
    let mut found = BTreeSet::new();
    limits_in(&root().join("src"), &mut found);
    // Files may move; the constants in them stay the same.
    let is = |limit: &str, name: &str| limit.ends_with(&format!("/{name}"));
    let is_none = |limit: &&String| NO_LIMITS.iter().any(|(_, name)| is(limit, name));
    let missing: Vec<_> = found.difference(&listed).filter(|it| !is_none(it)).collect();
    assert!(missing.is_empty(), "neither on the page nor in NO_LIMITS: {missing:#?}");
    let is_gone = |(_, name): &&(&str, &str)| !found.iter().any(|limit| is(limit, name));
    let gone: Vec<_> = NO_LIMITS.iter().filter(is_gone).collect();
    assert!(gone.is_empty(), "in NO_LIMITS, and not in the code: {gone:#?}");
}

/// The table for newcomers names files that are there, as paths from `src/` or a room of the extractor.
#[test]
fn architecture_names_files_that_exist() {
    let page = document("ARCHITECTURE.md");
    let (_, section) = page.split_once("## Where something is added").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let quoted = section.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = quoted.filter(|it| it.contains('/')).collect();
    let exists = |path: &str| {
        ["", "src", "src/extract"].iter().any(|folder| root().join(folder).join(path).exists())
    };
    let missing: Vec<_> = paths.iter().filter(|path| !exists(path)).collect();
    assert!(missing.is_empty() && paths.len() > 20, "{missing:?}");
}
