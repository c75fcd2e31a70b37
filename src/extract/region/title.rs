//! The block of a page that says its title.

use crate::extract::cut::{Shape, Walked};
use crate::extract::marks::parts::Parts;
use crate::extract::text::wording::ideographs;

/// Longer blocks are no titles, in bytes.
const LONGEST: usize = 900;
/// A shorter text of letters says too little to be known again.
const FEWEST_LETTERS: usize = 4;

/// The block that says what the page is called, as its head has it; else its only heading of the first
/// rank.
pub(super) fn place(walked: &Walked, names: &[&str]) -> Option<usize> {
    let names: Vec<String> =
        names.iter().map(|name| key(name)).filter(|name| !name.is_empty()).collect();
    let above =
        walked.inherited(Parts::NONE, |around, at| around.with(walked.containers[at].look.parts));
    let mut best: Option<(i32, f64, usize)> = None;
    for (at, cut) in walked.cuts.iter().enumerate().filter(|(_, cut)| cut.text.len() <= LONGEST) {
        let text = key(&cut.text);
        if text.len() < FEWEST_LETTERS && ideographs(&cut.text) == 0 || text.is_empty() {
            continue;
        }
        let share = names.iter().filter_map(|name| agreement(&text, name)).fold(0.0, f64::max);
        if share == 0.0 {
            continue;
        }
        let is_around = above[cut.container].has(Parts::MENU);
        let rank = rank(cut.shape) - if is_around { 2 } else { 0 };
        if best.is_none_or(|(most, most_share, _)| (rank, share) > (most, most_share)) {
            best = Some((rank, share, at));
        }
    }
    let only_heading = || {
        let is_top = |at: &usize| walked.cuts[*at].shape == Shape::Heading(1);
        let mut tops = (0..walked.cuts.len()).filter(is_top);
        tops.next().filter(|_| tops.next().is_none())
    };
    best.map(|(_, _, at)| at).or_else(only_heading)
}

/// How much of a name a text says, where it says enough of it, or little more than it.
fn agreement(text: &str, name: &str) -> Option<f64> {
    let (shorter, longer) = (text.len().min(name.len()), text.len().max(name.len()));
    let is_said = if text.len() <= name.len() {
        shorter * 10 >= longer * 3 && name.contains(text)
    } else {
        shorter * 10 >= longer * 6 && text.contains(name)
    };
    is_said.then(|| (text.len() as f64 / name.len() as f64).min(1.0))
}

fn rank(shape: Shape) -> i32 {
    match shape {
        Shape::Heading(1) => 3,
        Shape::Heading(2) => 2,
        Shape::Heading(_) => 1,
        _ => 0,
    }
}

/// Its letters and digits alone, of what is long only the beginning: each name is looked for in each block.
fn key(text: &str) -> String {
    text.chars()
        .take(LONGEST)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
