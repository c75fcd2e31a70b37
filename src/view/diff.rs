//! Compares two texts of an article, paragraph by paragraph. Pure.

use crate::extract::folded_text;
use crate::model::Block;
use similar::{Algorithm, DiffOp, capture_diff};
use std::collections::HashMap;
use std::hash::Hash;

/// Two paragraphs that share at least this much of their pairs of characters are shown as changed; otherwise
/// as one removed and one added.
const LEAST_ALIKE: f64 = 0.4;
/// Beyond this number of pairings of removed with added paragraphs, they are paired in order; likewise if
/// pairing would take more steps, each of which looks up a pair of characters.
const MOST_PAIRINGS: usize = 40_000;
const MOST_PAIRING_STEPS: usize = 20_000_000;
/// The limit for one comparison, in steps of some nanoseconds. After that, the rest is compared more
/// coarsely, by items that occur once on both sides. It is counted, not timed, so that a busy machine gives
/// the same result.
const MOST_STEPS: usize = 200_000_000;
/// How many times unique items are searched for between unique items.
const MOST_ROUNDS: u32 = 8;

/// One paragraph of the two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffPart<'a> {
    /// In both; as in the later text.
    Same(&'a str),
    /// Only in the earlier one.
    Removed(&'a str),
    /// Only in the later one.
    Added(&'a str),
    /// In both, with changed words.
    Changed(Vec<Piece>),
}

/// A part of a changed paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// Only in the earlier one.
    Removed(String),
    /// Only in the later one.
    Added(String),
}

/// Compares the content blocks of two texts, ignoring spacing and the kinds of blocks.
pub fn compare<'a>(before: &'a [Block], after: &'a [Block]) -> Vec<DiffPart<'a>> {
    let content = |blocks: &'a [Block]| -> Vec<(&'a str, String)> {
        let content = blocks.iter().filter(|block| block.kind.is_content());
        content.map(|block| (block.text.as_str(), folded_text(&block.text))).collect()
    };
    let (before, after) = (content(before), content(after));
    let keys = |side: &[(&str, String)]| -> Vec<String> {
        side.iter().map(|(_, key)| key.clone()).collect()
    };
    let mut steps = MOST_STEPS;
    let mut changes = Vec::new();
    for op in diff(&keys(&before), &keys(&after), &mut steps) {
        let (old, new) = (&before[op.old_range()], &after[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => {
                changes.extend(new.iter().map(|(text, _)| DiffPart::Same(text)))
            }
            DiffOp::Delete { .. } => {
                changes.extend(old.iter().map(|(text, _)| DiffPart::Removed(text)));
            }
            DiffOp::Insert { .. } => {
                changes.extend(new.iter().map(|(text, _)| DiffPart::Added(text)));
            }
            DiffOp::Replace { .. } => {
                let text =
                    |side: &[(&'a str, String)]| side.iter().map(|(text, _)| *text).collect();
                pair_up(text(old), text(new), &mut changes, &mut steps);
            }
        }
    }
    changes
}

/// Compares two lines of text character by character; words of scripts with blanks are compared as a whole.
pub fn compare_lines(before: &str, after: &str) -> Vec<Piece> {
    pieces(before, after, &mut { MOST_STEPS })
}

fn pieces(before: &str, after: &str, steps: &mut usize) -> Vec<Piece> {
    let (old, new) = (tokens(before), tokens(after));
    let mut pieces: Vec<Piece> = Vec::new();
    let ops = diff(&old, &new, steps);
    for (at, op) in ops.iter().enumerate() {
        let (removed, added) = (old[op.old_range()].concat(), new[op.new_range()].concat());
        match op {
            // A single common character between two changes is not informative, and hard to read.
            DiffOp::Equal { len: 1, .. } if at > 0 && at + 1 < ops.len() => {
                pieces.extend([Piece::Removed(removed), Piece::Added(added)]);
            }
            DiffOp::Equal { .. } => pieces.push(Piece::Same(added)),
            _ => pieces.extend([Piece::Removed(removed), Piece::Added(added)]),
        }
    }
    gathered(pieces)
}

/// The differences between two sequences. Takes at most `steps` steps, which it subtracts, plus a few for
/// each item.
fn diff<T: Hash + Eq + Ord>(old: &[T], new: &[T], steps: &mut usize) -> Vec<DiffOp> {
    let mut common = Vec::new();
    find_common(old, new, (0, 0), MOST_ROUNDS, steps, &mut common);
    // Adjacent common runs are merged.
    common.dedup_by(|next, last| {
        let follows = (next.0, next.1) == (last.0 + last.2, last.1 + last.2);
        last.2 += if follows { next.2 } else { 0 };
        follows
    });
    let mut ops: Vec<DiffOp> = Vec::new();
    let (mut from, mut to) = (0, 0);
    for (old_index, new_index, len) in common.into_iter().chain([(old.len(), new.len(), 0)]) {
        match (old_index - from, new_index - to) {
            (0, 0) => {}
            (old_len, 0) => ops.push(DiffOp::Delete { old_index: from, old_len, new_index: to }),
            (0, new_len) => ops.push(DiffOp::Insert { old_index: from, new_index: to, new_len }),
            (old_len, new_len) => {
                ops.push(DiffOp::Replace { old_index: from, old_len, new_index: to, new_len });
            }
        }
        if len > 0 {
            ops.push(DiffOp::Equal { old_index, new_index, len });
        }
        (from, to) = (old_index + len, new_index + len);
    }
    ops
}

/// Collects the common runs of two sequences that begin at these indices: indices and length, in order.
fn find_common<T: Hash + Eq + Ord>(
    old: &[T],
    new: &[T],
    (old_at, new_at): (usize, usize),
    rounds: u32,
    steps: &mut usize,
    common: &mut Vec<(usize, usize, usize)>,
) {
    let start = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (old, new) = (&old[start..], &new[start..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let (old_at, new_at) = (old_at + start, new_at + start);
    if start > 0 {
        common.push((old_at - start, new_at - start, start));
    }
    // Myers' algorithm takes as many steps as there are items, times the number of differing ones.
    let length = old.len() + new.len();
    let worst = length.saturating_mul(length);
    if old.is_empty() || new.is_empty() {
        // Nothing is common.
    } else if worst <= *steps {
        *steps -= worst;
        for op in capture_diff(Algorithm::Myers, old, 0..old.len(), new, 0..new.len()) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                common.push((old_at + old_index, new_at + new_index, len));
            }
        }
    } else if rounds > 0 {
        let (mut from, mut to) = (0, 0);
        let anchors = anchors(old, new);
        let is_anchored = !anchors.is_empty();
        let ends = is_anchored.then_some((old.len(), new.len()));
        for (one, other) in anchors.into_iter().chain(ends) {
            let at = (old_at + from, new_at + to);
            find_common(&old[from..one], &new[to..other], at, rounds - 1, steps, common);
            if one < old.len() {
                common.push((old_at + one, new_at + other, 1));
            }
            (from, to) = (one + 1, other + 1);
        }
    }
    if end > 0 {
        common.push((old_at + old.len(), new_at + new.len(), end));
    }
}

/// The longest common subsequence of the items that occur once on both sides (as in a patience diff).
fn anchors<T: Hash + Eq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    fn once<T: Hash + Eq>(items: &[T]) -> HashMap<&T, Option<usize>> {
        let mut places = HashMap::new();
        for (at, item) in items.iter().enumerate() {
            places.entry(item).and_modify(|place| *place = None).or_insert(Some(at));
        }
        places
    }
    let (old_places, new_places) = (once(old), once(new));
    // For each length, the chain of that length that ends earliest in `new`, as an index into `links`.
    let mut shortest: Vec<usize> = Vec::new();
    let mut links: Vec<(usize, usize, Option<usize>)> = Vec::new();
    for (at, item) in old.iter().enumerate() {
        let is_single = old_places.get(item) == Some(&Some(at));
        let Some(&Some(other)) = new_places.get(item).filter(|_| is_single) else { continue };
        let length = shortest.partition_point(|&link| links[link].1 < other);
        let before = length.checked_sub(1).map(|before| shortest[before]);
        if length == shortest.len() {
            shortest.push(links.len());
        } else {
            shortest[length] = links.len();
        }
        links.push((at, other, before));
    }
    let mut chain = Vec::new();
    let mut at = shortest.last().copied();
    while let Some(link) = at {
        chain.push((links[link].0, links[link].1));
        at = links[link].2;
    }
    chain.reverse();
    chain
}

/// Between two common pieces, first everything that was removed, then everything that was added.
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

/// Characters of scripts without blanks one by one, other letters and digits by words.
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

/// Finds pairs of old and new versions among replaced paragraphs.
fn pair_up<'a>(
    old: Vec<&'a str>,
    new: Vec<&'a str>,
    changes: &mut Vec<DiffPart<'a>>,
    steps: &mut usize,
) {
    let length: usize = old.iter().map(|text| text.chars().count()).sum();
    let is_affordable = old.len().saturating_mul(new.len()) <= MOST_PAIRINGS
        && length.saturating_mul(new.len()) <= MOST_PAIRING_STEPS;
    let pairs = if is_affordable {
        best_pairs(&old, &new)
    } else {
        (0..old.len().min(new.len()))
            .filter(|&at| likeness(&bigrams(old[at]), &bigrams(new[at])) >= LEAST_ALIKE)
            .map(|at| (at, at))
            .collect()
    };
    let (mut from, mut to) = (0, 0);
    for (one, other) in pairs.into_iter().chain([(old.len(), new.len())]) {
        changes.extend(old[from..one].iter().map(|text| DiffPart::Removed(text)));
        changes.extend(new[to..other].iter().map(|text| DiffPart::Added(text)));
        if let (Some(before), Some(after)) = (old.get(one), new.get(other)) {
            changes.push(DiffPart::Changed(pieces(before, after, steps)));
        }
        (from, to) = (one + 1, other + 1);
    }
}

/// The pairing, in order on both sides, with the greatest total likeness.
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
            let paired = if likeness >= LEAST_ALIKE {
                likeness + best[(one + 1) * width + other + 1]
            } else {
                0.0
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

/// The number of occurrences of each pair of neighbouring characters.
fn bigrams(text: &str) -> HashMap<(char, char), u32> {
    let characters: Vec<char> = folded_text(text).chars().collect();
    let mut bag = HashMap::new();
    for pair in characters.windows(2) {
        *bag.entry((pair[0], pair[1])).or_default() += 1;
    }
    bag
}

/// Dice's coefficient of two bags: 0 for nothing in common, 1 for equal ones.
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
            marker: None,
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
        let line = |change: DiffPart<'_>| match change {
            DiffPart::Same(text) => format!("={text}"),
            DiffPart::Removed(text) => format!("-{text}"),
            DiffPart::Added(text) => format!("+{text}"),
            DiffPart::Changed(pieces) => {
                format!("~{}", pieces.iter().map(piece).collect::<String>())
            }
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
        // Texts with nothing in common are not an edit.
        check(&["雨停了，大家出门"], &["股市今天收高"], &["-雨停了，大家出门", "+股市今天收高"]);
        // A paragraph added before one that was edited.
        check(
            &["图书馆今天早晨重新开门"],
            &["完全另外的句子", "图书馆今天傍晚重新开门"],
            &["+完全另外的句子", "~图书馆今天[-早晨-]{+傍晚+}重新开门"],
        );
    }

    #[test]
    fn beyond_the_limit_unique_items_are_compared() {
        let text = |skipped: usize| -> Vec<usize> {
            (0..400).filter(|at| at % 7 != skipped).chain(vec![9999; 40]).collect()
        };
        let (old, new) = (text(1), text(2));
        assert_eq!(diff(&old, &new, &mut 0), diff(&old, &new, &mut { MOST_STEPS }));
        // No item is unique: one is removed and the other added.
        let ops = diff(&[1, 1, 2, 2, 1], &[2, 1, 1, 2], &mut 0);
        assert_eq!(ops.len(), 1);
        assert!(matches!(ops[0], DiffOp::Replace { .. }));
    }

    /// The cost of a comparison is counted, so that a text of four times the length costs no more than the
    /// limit.
    #[test]
    fn long_texts_of_the_same_few_characters_end() {
        let text = |seed: usize, length: usize| -> String {
            let mut state = seed as u64;
            let mut next = || {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                ["一", "二", "三"][(state >> 33) as usize % 3]
            };
            (0..length).map(|_| next()).collect()
        };
        let mut steps = MOST_STEPS;
        pieces(&text(1, 4_000), &text(2, 4_000), &mut steps);
        assert!(steps < MOST_STEPS);
        let left = steps;
        // Except at the beginning and the end.
        let found = pieces(&text(1, 16_000), &text(2, 16_000), &mut steps);
        assert_eq!(steps, left);
        assert!(found.len() <= 4);
    }

    proptest! {
        /// Whatever the limit, common items are reported as common, and all items are in the result.
        #[test]
        fn common_items_are_common(
            old in prop::collection::vec(0..9u8, 0..30),
            new in prop::collection::vec(0..9u8, 0..30),
            mut steps in prop::sample::select(&[0usize, 50, 1_000_000][..]),
        ) {
            let (mut at, mut to) = (0, 0);
            for op in diff(&old, &new, &mut steps) {
                prop_assert_eq!((op.old_range().start, op.new_range().start), (at, to));
                (at, to) = (op.old_range().end, op.new_range().end);
                if let DiffOp::Equal { .. } = op {
                    prop_assert_eq!(&old[op.old_range()], &new[op.new_range()]);
                }
            }
            prop_assert_eq!((at, to), (old.len(), new.len()));
        }

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
                    DiffPart::Same(text) => { was.push(text.to_owned()); is.push(text.to_owned()); }
                    DiffPart::Removed(text) => was.push(text.to_owned()),
                    DiffPart::Added(text) => is.push(text.to_owned()),
                    DiffPart::Changed(pieces) => {
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
