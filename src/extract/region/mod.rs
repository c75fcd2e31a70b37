//! The article of a whole page: which of its blocks are the text, and which stand around it.
//!
//! Each block gets two scores. The first is of the block itself, what it stands in and what stands beside
//! it. Summed up the tree, the first scores say where most of the article is; the second score sees each
//! block from there. What an element is called counts against a block only so far as there is good text
//! that stands in no such element: a wrapper of everything that is called hidden hides nothing.
//!
//! All passes are linear in the page and without recursion. The weights are data (`weights.rs`), fitted by
//! `contrib/fit_region.py`.

mod first;
mod measure;
mod row;
mod rows;
mod runs;
mod second;
mod stories;
mod title;
mod weights;

use super::cut::Walked;
use crate::model::BlockKind;

use measure::Page;

pub use row::Weights;
pub(super) use rows::rows;

/// What is the article of a page.
#[derive(Debug)]
pub(super) struct Region {
    /// By block, whether it is the article's text.
    pub is_text: Vec<bool>,
    /// The block that says the title.
    pub title: Option<usize>,
    /// The container that most of the article stands in.
    pub container: usize,
}

/// What the features of a page's blocks are, row by row: for who fits the weights.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Trace {
    pub first: Vec<f64>,
    pub second: Vec<f64>,
    pub title: Option<usize>,
}

/// How the article is looked for: by which weights, and where what they weigh is noted.
pub(super) struct Search<'a> {
    pub weights: Weights<'a>,
    pub trace: Option<&'a mut Trace>,
}

impl Default for Search<'_> {
    fn default() -> Self {
        Self { weights: weights::FITTED, trace: None }
    }
}

/// Finds the article. `kinds` has what marks and links make of each block, `title` is what the page is called.
pub(super) fn find(
    walked: &Walked,
    kinds: &[Option<BlockKind>],
    title: &str,
    search: Search<'_>,
) -> Region {
    let Search { weights, trace } = search;
    let title = title::place(walked, title);
    let page = Page::of(walked, kinds, title);
    let (mut first_trace, mut second_trace) = (None, None);
    if let Some(trace) = trace {
        trace.title = title;
        (first_trace, second_trace) = (Some(&mut trace.first), Some(&mut trace.second));
    }
    let first = first::scores(&page, weights.first, first_trace);
    let (second, container) = second::scores(&page, &first, weights.second, second_trace);
    let can_be = |at: usize| {
        let is_shown =
            matches!(kinds[at], None | Some(BlockKind::Boilerplate | BlockKind::Related));
        is_shown && title != Some(at) && (kinds[at].is_none() || walked.cuts[at].letters > 0)
    };
    let scores: Vec<Option<f64>> =
        second.iter().enumerate().map(|(at, score)| can_be(at).then_some(*score)).collect();
    let mut is_text = runs::settle(&scores, |at| page.is_alike(at - 1, at));
    stories::keep_one(&page, &mut is_text);
    if !is_text.contains(&true) {
        // An empty article is never right.
        let best = (0..second.len()).filter(|at| can_be(*at));
        let best = best.max_by(|one, other| second[*one].total_cmp(&second[*other]));
        if let Some(best) = best {
            is_text[best] = true;
        }
    }
    Region { is_text, title, container }
}

/// How many weights each score has.
#[cfg(test)]
pub(super) fn lengths() -> [usize; 2] {
    [weights::FITTED.first.len(), weights::FITTED.second.len()]
}
