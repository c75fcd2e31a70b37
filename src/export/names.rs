//! File names: unique in their folder, and safe on every file system.

use caseless::Caseless;
use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization;

/// Maximum length of a name in bytes: file systems allow 255, and the number of a collision must fit too.
const MAX_BYTES: usize = 200;

/// Names that Windows reserves for devices, whatever the extension.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Gives each file of a folder a unique name that is safe on every file system.
#[derive(Debug, Default)]
pub struct FileNames {
    /// As their [`key`]s.
    taken: HashSet<String>,
    /// The next number to try for a name that is taken: thousands of files may be called `index.html`.
    next: HashMap<String, u64>,
}

impl FileNames {
    /// For a folder in which these names are already used.
    pub fn with_taken<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { taken: names.into_iter().map(key).collect(), next: HashMap::new() }
    }

    /// Returns a free name that resembles the last part of a path, and marks it as taken.
    pub fn take(&mut self, path: &str) -> String {
        let name = safe_name(path.rsplit('/').next().unwrap_or(path));
        if self.taken.insert(key(&name)) {
            return name;
        }
        let next = self.next.entry(key(&name)).or_insert(2);
        loop {
            let numbered = with_number(&name, *next);
            *next += 1;
            if self.taken.insert(key(&numbered)) {
                return numbered;
            }
        }
    }
}

/// What two names have in common that some file system takes for one: macOS distinguishes neither `A` from `a` nor
/// `é` from `e` with an accent.
fn key(name: &str) -> String {
    name.nfd().default_case_fold().nfc().collect()
}

fn safe_name(part: &str) -> String {
    let cleaned: String = part
        .chars()
        .map(|character| match character {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            other if crate::view::is_unsafe_to_show(other) => '_',
            other => other,
        })
        .collect();
    // Windows drops trailing dots and spaces, so two names could become the same.
    let mut name = cleaned.trim_end_matches(['.', ' ']).to_owned();
    if name.starts_with('.') {
        name.replace_range(..1, "_");
    }
    // A file from a pipe is named by a dash.
    if name.is_empty() || name == "-" {
        name = "seed".into();
    }
    let (stem, _) = split_extension(&name);
    let device = stem.split('.').next().unwrap_or(stem).trim_end();
    if RESERVED.contains(&device.to_lowercase().as_str()) {
        name.insert(0, '_');
    }
    let (stem, extension) = split_extension(&name);
    format!("{}{extension}", cut(stem, MAX_BYTES - extension.len()))
}

/// `a.txt` to `a (2).txt`, within the limit.
fn with_number(name: &str, number: u64) -> String {
    let (stem, extension) = split_extension(name);
    let tail = format!(" ({number}){extension}");
    format!("{}{tail}", cut(stem, MAX_BYTES - tail.len()))
}

/// Splits off an extension, including its dot; a longer one does not count as an extension.
fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 20 => name.split_at(dot),
        _ => (name, ""),
    }
}

fn cut(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(paths: &[&str], expected: &[&str]) {
        let mut names = FileNames::with_taken(["manifest.jsonl"]);
        let given: Vec<String> = paths.iter().map(|path| names.take(path)).collect();
        assert_eq!(given, expected);
    }

    #[test]
    fn names_are_safe_and_their_own() {
        check(&["/a/b/新闻.txt"], &["新闻.txt"]);
        check(&["/a/x.txt", "/b/x.txt"], &["x.txt", "x (2).txt"]);
        check(&["/a/X.TXT", "/b/x.txt"], &["X.TXT", "x (2).txt"]);
        check(&["/a/x (2).txt", "/a/x.txt", "/b/x.txt"], &["x (2).txt", "x.txt", "x (3).txt"]);
        // One name to macOS, which composes marks, and folds cases that have no lower case in common.
        check(&["/a/caf\u{e9}", "/b/CAFE\u{301}"], &["caf\u{e9}", "CAFE\u{301} (2)"]);
        check(&["/a/Straße", "/b/STRASSE"], &["Straße", "STRASSE (2)"]);
        check(&["\u{212b}", "/b/\u{e5}", "A\u{30a}"], &["\u{212b}", "\u{e5} (2)", "A\u{30a} (3)"]);
        check(&["/a/manifest.jsonl"], &["manifest (2).jsonl"]);
        check(&["/a/.."], &["seed"]);
        check(&["/a/.hidden"], &["_hidden"]);
        check(&["/a/..\\..\\x"], &["_._.._x"]);
        check(&["/", "-"], &["seed", "seed (2)"]);
        check(&["/a/CON", "/a/nul.txt"], &["_CON", "_nul.txt"]);
        check(&["/a/com1.tar.gz"], &["_com1.tar.gz"]);
        check(&["/a/b\n\u{1b}[2J\u{202e}c"], &["b__[2J_c"]);
        check(&["/a/x. "], &["x"]);
        check(&["/a/c:d"], &["c_d"]);
    }

    #[test]
    fn names_are_cut_at_a_character() {
        let long = format!("/a/{}.txt", "字".repeat(100));
        let mut names = FileNames::default();
        for name in [names.take(&long), names.take(&long)] {
            assert!(name.len() <= MAX_BYTES && name.len() > MAX_BYTES - 3, "{name}");
            assert!(name.ends_with(".txt"));
        }
    }
}
