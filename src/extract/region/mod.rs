//! Finds the article of a whole page: which blocks are its text, and which are around it.
//!
//! Each block gets two scores. The first comes from the block itself, its containers and its neighbours. The
//! first scores, summed up the tree, show where most of the article is; the second score judges each block
//! from there. The name of an element counts against a block only as far as there is good text outside of
//! such elements: a wrapper of the whole page that is named hidden hides nothing.
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

/// The article of a page.
#[derive(Debug)]
pub(super) struct Region {
    /// By block, whether it is the article's text.
    pub is_text: Vec<bool>,
    /// The block with the title.
    pub title: Option<usize>,
    /// The container with most of the article.
    pub container: usize,
}

/// The features of a page's blocks, row by row, to fit the weights.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Trace {
    pub first: Vec<f64>,
    pub second: Vec<f64>,
    pub title: Option<usize>,
}

/// The options of a search for the article: its weights, and where to note the features.
pub(super) struct Search<'a> {
    pub weights: Weights<'a>,
    pub trace: Option<&'a mut Trace>,
}

impl Default for Search<'_> {
    fn default() -> Self {
        Self { weights: weights::FITTED, trace: None }
    }
}

/// Finds the article. `kinds` has the kinds by marks and links, `title` is the page's title.
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
    let is_alike = |at: usize| page.is_alike(at - 1, at);
    let mut is_text = runs::settle(&scores, is_alike);
    stories::keep_one(&page, &mut is_text);
    if !is_text.contains(&true) {
        // An empty article is never right: the best blocks are it.
        is_text = runs::settle(&runs::raised(&scores), is_alike);
    }
    Region { is_text, title, container }
}

/// The number of weights of each score.
#[cfg(test)]
pub(super) fn lengths() -> [usize; 2] {
    [weights::FITTED.first.len(), weights::FITTED.second.len()]
}
