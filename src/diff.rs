//! What changed between two texts of an article, paragraph by paragraph. Pure.

use crate::model::Block;
use crate::normalize::folded_text;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Two paragraphs that share at least so much of their pairs of characters are one that was
/// changed; fewer, and they are one taken out and one put in.
const LEAST_ALIKE: f64 = 0.4;
/// Beyond so many pairings of removed with added paragraphs, they are paired in order.
const MOST_PAIRINGS: usize = 40_000;
/// After this the comparison of two paragraphs becomes a rougher one.
const PATIENCE: Duration = Duration::from_millis(300);

/// One paragraph of the two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<'a> {
    /// In both; as the later one has it.
    Same(&'a str),
    Removed(&'a str),
    Added(&'a str),
    /// In both, not word for word.
    Changed(Vec<Piece>),
}

/// A part of a changed paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Same(String),
    Removed(String),
    Added(String),
}

/// Compares the content blocks of two texts. Spacing and the way blocks are marked do not count.
pub fn compare<'a>(before: &'a [Block], after: &'a [Block]) -> Vec<Change<'a>> {
    let content = |blocks: &'a [Block]| -> Vec<(&'a str, String)> {
        let content = blocks.iter().filter(|block| block.kind.is_content());
        content.map(|block| (block.text.as_str(), folded_text(&block.text))).collect()
    };
    let (before, after) = (content(before), content(after));
    let keys = |side: &[(&str, String)]| -> Vec<String> {
        side.iter().map(|(_, key)| key.clone()).collect()
    };
    let mut changes = Vec::new();
    for op in diff(&keys(&before), &keys(&after)) {
        let (old, new) = (&before[op.old_range()], &after[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => changes.extend(new.iter().map(|(text, _)| Change::Same(text))),
            DiffOp::Delete { .. } => {
                changes.extend(old.iter().map(|(text, _)| Change::Removed(text)));
            }
            DiffOp::Insert { .. } => {
                changes.extend(new.iter().map(|(text, _)| Change::Added(text)));
            }
            DiffOp::Replace { .. } => {
                let text =
                    |side: &[(&'a str, String)]| side.iter().map(|(text, _)| *text).collect();
                pair_up(text(old), text(new), &mut changes);
            }
        }
    }
    changes
}

/// Compares two lines of text character by character, words of other scripts as wholes.
pub fn compare_lines(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (tokens(before), tokens(after));
    let mut pieces: Vec<Piece> = Vec::new();
    let ops = diff(&old, &new);
    for (at, op) in ops.iter().enumerate() {
        let (removed, added) = (old[op.old_range()].concat(), new[op.new_range()].concat());
        match op {
            // A single common character between two changes says nothing, and is hard to read.
            DiffOp::Equal { len: 1, .. } if at > 0 && at + 1 < ops.len() => {
                pieces.extend([Piece::Removed(removed), Piece::Added(added)]);
            }
            DiffOp::Equal { .. } => pieces.push(Piece::Same(added)),
            _ => pieces.extend([Piece::Removed(removed), Piece::Added(added)]),
        }
    }
    gathered(pieces)
}

fn diff<T: std::hash::Hash + Eq + Ord>(old: &[T], new: &[T]) -> Vec<DiffOp> {
    capture_diff_slices_deadline(Algorithm::Myers, old, new, Some(Instant::now() + PATIENCE))
}

/// Between two common pieces, all that was removed, then all that was added.
fn gathered(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut gathered = Vec::new();
    let (mut removed, mut added) = (String::new(), String::new());
    let flush = |removed: &mut String, added: &mut String, into: &mut Vec<Piece>| {
        if !removed.is_empty() {
            into.push(Piece::Removed(std::mem::take(removed)));
        }
        if !added.is_empty() {
            into.push(Piece::Added(std::mem::take(added)));
        }
    };
    for piece in pieces {
        match piece {
            Piece::Removed(text) => removed.push_str(&text),
            Piece::Added(text) => added.push_str(&text),
            Piece::Same(text) => {
                flush(&mut removed, &mut added, &mut gathered);
                gathered.push(Piece::Same(text));
            }
        }
    }
    flush(&mut removed, &mut added, &mut gathered);
    gathered
}

/// Characters of scripts without word spaces each on its own, other letters and digits by words.
fn tokens(text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() && c < '\u{2e80}';
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut was_word = false;
    for (at, c) in text.char_indices() {
        if at > 0 && !(was_word && is_word(c)) {
            tokens.push(&text[start..at]);
            start = at;
        }
        was_word = is_word(c);
    }
    if start < text.len() {
        tokens.push(&text[start..]);
    }
    tokens
}

/// Finds, among paragraphs that were replaced, those that are each other's other version.
fn pair_up<'a>(old: Vec<&'a str>, new: Vec<&'a str>, changes: &mut Vec<Change<'a>>) {
    let pairs = match old.len() * new.len() <= MOST_PAIRINGS {
        true => best_pairs(&old, &new),
        false => (0..old.len().min(new.len()))
            .filter(|&at| likeness(&bigrams(old[at]), &bigrams(new[at])) >= LEAST_ALIKE)
            .map(|at| (at, at))
            .collect(),
    };
    let (mut from, mut to) = (0, 0);
    for (one, other) in pairs.into_iter().chain([(old.len(), new.len())]) {
        changes.extend(old[from..one].iter().map(|text| Change::Removed(text)));
        changes.extend(new[to..other].iter().map(|text| Change::Added(text)));
        if let (Some(before), Some(after)) = (old.get(one), new.get(other)) {
            changes.push(Change::Changed(compare_lines(before, after)));
        }
        (from, to) = (one + 1, other + 1);
    }
}

/// The pairing, in order on both sides, with the greatest likeness in all.
fn best_pairs(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let bags = |texts: &[&str]| -> Vec<_> { texts.iter().map(|text| bigrams(text)).collect() };
    let (old, new) = (bags(old), bags(new));
    let width = new.len() + 1;
    let mut best = vec![0.0; (old.len() + 1) * width];
    let mut alike = vec![0.0; old.len() * new.len()];
    for one in (0..old.len()).rev() {
        for other in (0..new.len()).rev() {
            let likeness = likeness(&old[one], &new[other]);
            alike[one * new.len() + other] = likeness;
            let paired = match likeness >= LEAST_ALIKE {
                true => likeness + best[(one + 1) * width + other + 1],
                false => 0.0,
            };
            let apart = f64::max(best[(one + 1) * width + other], best[one * width + other + 1]);
            best[one * width + other] = paired.max(apart);
        }
    }
    let mut pairs = Vec::new();
    let (mut one, mut other) = (0, 0);
    while one < old.len() && other < new.len() {
        let here = best[one * width + other];
        let likeness = alike[one * new.len() + other];
        if likeness >= LEAST_ALIKE && here == likeness + best[(one + 1) * width + other + 1] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if here == best[(one + 1) * width + other] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

/// How often each pair of neighbouring characters stands in a text.
fn bigrams(text: &str) -> HashMap<(char, char), u32> {
    let characters: Vec<char> = folded_text(text).chars().collect();
    let mut bag = HashMap::new();
    for pair in characters.windows(2) {
        *bag.entry((pair[0], pair[1])).or_default() += 1;
    }
    bag
}

/// Dice's coefficient of two bags: 0 for nothing in common, 1 for the same.
fn likeness(one: &HashMap<(char, char), u32>, other: &HashMap<(char, char), u32>) -> f64 {
    let size = |bag: &HashMap<_, u32>| bag.values().sum::<u32>();
    let common: u32 =
        one.iter().map(|(pair, count)| count.min(other.get(pair).unwrap_or(&0))).sum();
    match size(one) + size(other) {
        0 => 0.0,
        total => f64::from(2 * common) / f64::from(total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BlockKind;
    use proptest::prelude::*;

    fn blocks(texts: &[&str]) -> Vec<Block> {
        let block = |text: &&str| Block {
            kind: BlockKind::Paragraph,
            level: None,
            text: (*text).to_owned(),
        };
        texts.iter().map(block).collect()
    }

    /// `=` same, `-` removed, `+` added, `~` changed, with `[-…-]` and `{+…+}` inside.
    fn shown(before: &[&str], after: &[&str]) -> Vec<String> {
        let (before, after) = (blocks(before), blocks(after));
        let piece = |piece: &Piece| match piece {
            Piece::Same(text) => text.clone(),
            Piece::Removed(text) => format!("[-{text}-]"),
            Piece::Added(text) => format!("{{+{text}+}}"),
        };
        let line = |change: Change<'_>| match change {
            Change::Same(text) => format!("={text}"),
            Change::Removed(text) => format!("-{text}"),
            Change::Added(text) => format!("+{text}"),
            Change::Changed(pieces) => format!("~{}", pieces.iter().map(piece).collect::<String>()),
        };
        compare(&before, &after).into_iter().map(line).collect()
    }

    #[test]
    fn paragraphs_and_words() {
        let check = |before: &[&str], after: &[&str], expected: &[&str]| {
            assert_eq!(shown(before, after), expected);
        };
        check(&["一样", "去掉的"], &["一 样"], &["=一 样", "-去掉的"]);
        check(
            &["会议定于星期三下午举行", "第二段"],
            &["会议定于星期五下午举行", "第二段"],
            &["~会议定于星期[-三-]{+五+}下午举行", "=第二段"],
        );
        check(
            &["The minister said nothing today"],
            &["The minister said everything today"],
            &["~The minister said [-nothing-]{+everything+} today"],
        );
        // What has nothing in common is no edit.
        check(&["雨停了，大家出门"], &["股市今天收高"], &["-雨停了，大家出门", "+股市今天收高"]);
        // A paragraph put in before one that was edited.
        check(
            &["图书馆今天早晨重新开门"],
            &["完全另外的句子", "图书馆今天傍晚重新开门"],
            &["+完全另外的句子", "~图书馆今天[-早晨-]{+傍晚+}重新开门"],
        );
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off(
            before in prop::collection::vec("[ab一二三]{1,6}", 0..6),
            after in prop::collection::vec("[ab一二三]{1,6}", 0..6),
        ) {
            let (old, new) = (
                blocks(&before.iter().map(String::as_str).collect::<Vec<_>>()),
                blocks(&after.iter().map(String::as_str).collect::<Vec<_>>()),
            );
            let (mut was, mut is) = (Vec::new(), Vec::new());
            for change in compare(&old, &new) {
                match change {
                    Change::Same(text) => { was.push(text.to_owned()); is.push(text.to_owned()); }
                    Change::Removed(text) => was.push(text.to_owned()),
                    Change::Added(text) => is.push(text.to_owned()),
                    Change::Changed(pieces) => {
                        let side = |wanted: fn(&Piece) -> Option<&str>| -> String {
                            pieces.iter().filter_map(wanted).collect()
                        };
                        was.push(side(|piece| match piece {
                            Piece::Same(text) | Piece::Removed(text) => Some(text),
                            Piece::Added(_) => None,
                        }));
                        is.push(side(|piece| match piece {
                            Piece::Same(text) | Piece::Added(text) => Some(text),
                            Piece::Removed(_) => None,
                        }));
                    }
                }
            }
            prop_assert_eq!(was, before);
            prop_assert_eq!(is, after);
        }
    }
}
