//! Limits on the lines of files and functions, and on the files of a folder, without exceptions.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeMap;
use std::path::Path;

const MOST_LINES_OF_A_FILE: usize = 500;
/// Lines of a function, from `fn` to its closing brace.
const MOST_LINES_OF_A_FUNCTION: usize = 60;
/// Half of the files in `src/` are no longer.
const MEDIAN_OF_FILES: usize = 150;
const MOST_FILES_OF_A_FOLDER: usize = 15;
/// May have any number of files: one for each subcommand.
const FOLDER_OF_COMMANDS: &str = "src/cli/command";

/// The functions in a text: name, first line and number of lines of each.
fn functions(tokens: TokenStream, found: &mut Vec<(String, usize, usize)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            functions(group.stream(), found);
        }
        let [TokenTree::Ident(keyword), TokenTree::Ident(name), rest @ ..] = &tokens[at..] else {
            continue;
        };
        if keyword == "fn"
            && let Some(last) = last_line(rest)
        {
            let first = keyword.span().start().line;
            found.push((name.to_string(), first, last + 1 - first));
        }
    }
}

/// The end of the next function body; `None` for a function without one.
fn last_line(tokens: &[TokenTree]) -> Option<usize> {
    let end = tokens.iter().find(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        _ => false,
    })?;
    matches!(end, TokenTree::Group(_)).then(|| end.span().end().line)
}

fn long_functions(file: &str, text: &str) -> Vec<String> {
    let tokens = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut found = Vec::new();
    functions(tokens, &mut found);
    let is_long = |(.., lines): &(_, _, usize)| *lines > MOST_LINES_OF_A_FUNCTION;
    let line = |(name, line, lines)| format!("{file}:{line}: `{name}` has {lines} lines");
    found.into_iter().filter(is_long).map(line).collect()
}

/// The Rust files of the packages, with their texts.
fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["src", "tests", "benches", "examples", "crates", "fuzz", "build.rs"];
    let entries = places.iter().filter(|place| root.join(place).exists()).flat_map(|place| {
        let is_ours = |entry: &walkdir::DirEntry| entry.file_name() != "target";
        walkdir::WalkDir::new(root.join(place))
            .sort_by_file_name()
            .into_iter()
            .filter_entry(is_ours)
    });
    let paths = entries.map(|entry| entry.unwrap().into_path());
    let sources = paths.filter(|path| path.extension().is_some_and(|it| it == "rs"));
    let read = |path: std::path::PathBuf| {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    sources.map(read).collect()
}

#[test]
fn no_file_is_too_long_and_most_are_short() {
    let files = files();
    let length = |text: &str| text.lines().count();
    let long = files.iter().filter(|(_, text)| length(text) > MOST_LINES_OF_A_FILE);
    let long: Vec<_> =
        long.map(|(file, text)| format!("{file} has {} lines", length(text))).collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
    let sources = files.iter().filter(|(file, _)| file.starts_with("src/"));
    let mut lengths: Vec<usize> = sources.map(|(_, text)| length(text)).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= MEDIAN_OF_FILES, "half of the files in src/ have more than {median} lines");
}

#[test]
fn no_function_is_too_long() {
    let long: Vec<_> = files().iter().flat_map(|(file, text)| long_functions(file, text)).collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_folder_has_too_many_files() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (file, _) in files().iter().filter(|(file, _)| file.starts_with("src/")) {
        let (folder, _) = file.rsplit_once('/').unwrap();
        *counts.entry(folder.to_owned()).or_default() += 1;
    }
    counts.remove(FOLDER_OF_COMMANDS);
    counts.retain(|_, count| *count > MOST_FILES_OF_A_FOLDER);
    assert!(counts.is_empty(), "{counts:?}");
}

#[test]
fn a_long_function_is_found_wherever_it_stands() {
    let body = "    x();\n".repeat(MOST_LINES_OF_A_FUNCTION - 1);
    let long = format!("fn long(f: fn() -> u8)\n    -> u8 {{\n{body}}}\n");
    let fitting = long.replacen("    x();\n", "", 2);
    for (text, expected) in [
        (long.clone(), "a.rs:1: `long` has 62 lines"),
        (format!("\nimpl A {{\n{long}}}"), "a.rs:3: `long` has 62 lines"),
        (format!("laws! {{\n{long}}}"), "a.rs:2: `long` has 62 lines"),
        (format!("fn short() {{}}\n{long}"), "a.rs:2: `long` has 62 lines"),
    ] {
        assert!(long_functions("a.rs", &text).contains(&expected.to_owned()), "{text}");
    }
    for text in [fitting, format!("trait A {{ fn none(); }}\nstruct B {{\n{} }}", "\n".repeat(99))]
    {
        assert_eq!(long_functions("a.rs", &text), [""; 0], "{text}");
    }
}
