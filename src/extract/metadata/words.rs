//! Titles as words: what two have in common, and where one can be cut.

use super::super::text::{folded_text, is_letter};
use std::collections::HashSet;

/// Separators between a title and the name of a site, in either order.
const SEPARATORS: [&str; 13] =
    [" | ", " ｜ ", " - ", " – ", " — ", " » ", " « ", " :: ", " • ", " · ", "_", "|", "｜"];
/// How many of these can cut a title, from the end.
const MAX_PARTS: usize = 8;

/// The letters of a text, to compare two spellings of a name.
pub(super) fn key(text: &str) -> String {
    folded_text(text).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The ways to cut a title in two, from the end.
pub(super) fn parts(title: &str) -> Vec<(&str, &str)> {
    let mut parts: Vec<(&str, &str)> = SEPARATORS
        .iter()
        .flat_map(|sign| title.rmatch_indices(sign).take(MAX_PARTS))
        .filter(|(at, sign)| *sign != "_" || !is_in_name(title, *at))
        .map(|(at, sign)| (&title[..at], &title[at + sign.len()..]))
        .filter(|(before, behind)| !before.trim().is_empty() && !behind.trim().is_empty())
        .collect();
    parts.sort_by_key(|(before, _)| std::cmp::Reverse(before.len()));
    parts.truncate(MAX_PARTS);
    parts
}

/// Whether an underscore is inside a name (`read_line`).
fn is_in_name(title: &str, at: usize) -> bool {
    let is_latin = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = title.as_bytes();
    at > 0 && is_latin(bytes.get(at - 1)) && is_latin(bytes.get(at + 1))
}

/// The words of a text; in scripts without blanks, its pairs of characters.
pub(super) fn words(text: &str) -> HashSet<String> {
    let text = text.to_lowercase();
    let mut words = HashSet::new();
    for run in text.split(|c: char| !is_letter(c)).filter(|run| !run.is_empty()) {
        let is_dense = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{0e00}'..='\u{0eff}');
        if run.contains(is_dense) {
            let characters: Vec<char> = run.chars().collect();
            words.extend(characters.windows(2).map(|pair| pair.iter().collect::<String>()));
        } else {
            words.insert(run.to_owned());
        }
    }
    words
}

/// The words of a page's name, as a whole and in parts: it may contain the name of the site.
pub(super) fn words_of_name(name: &str) -> Vec<HashSet<String>> {
    let mut all = vec![words(name)];
    let cuts = parts(name);
    all.extend(cuts.iter().map(|(before, _)| words(before)));
    all.extend(cuts.last().map(|(_, behind)| words(behind)));
    all.retain(|words| !words.is_empty());
    all
}

/// How many words a title shares with the names of a page; 0 if it is another page's.
pub(super) fn agreement(title: &str, names: &[HashSet<String>]) -> usize {
    let words = words(title);
    let common = names.iter().map(|others| {
        let common = words.intersection(others).count();
        let is_same = common * 10 >= words.len() * 6 && common * 10 >= others.len() * 4;
        if is_same { common } else { 0 }
    });
    common.max().unwrap_or(0)
}
