//! Finds the article of a whole page: which blocks are its text, and which are around it.
//!
//! Each block gets two scores. The first comes from the block itself, its containers and its neighbours. The
//! first scores, summed up the tree, show where most of the article is; the second score judges each block
//! from there. The name of an element counts against a block only as far as there is good text outside of
//! such elements: a wrapper of the whole page that is named hidden hides nothing.
//!
//! All passes are linear in the page and without recursion. The weights are data (`weights.rs`), fitted by
//! `contrib/fit_region.py`.

mod endings;
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
use super::marks::parts::Parts;
use crate::model::BlockKind;

use measure::Page;

pub use row::Weights;
pub(super) use rows::rows;

/// Blocks outside of menus and the like are a page's text if they have at least one letter in this many.
const MOSTLY: f64 = 5.0;
/// A shorter text without prose is no article.
const WITHOUT_PROSE: f64 = 1_500.0;
/// A shorter text is no article if the page names neither a date nor an author, and has no element `article`.
const WITHOUT_SIGNS: f64 = 150.0;

/// The article of a page.
#[derive(Debug)]
pub(super) struct Region {
    /// By block, whether it is the article's text.
    pub is_text: Vec<bool>,
    /// The block with the title.
    pub title: Option<usize>,
    /// The container with most of the article.
    pub container: usize,
    /// Letters of the text, and of its blocks that read as prose; an ideograph counts as three.
    pub letters: f64,
    pub prose: f64,
    /// Whether some of it is in an element `article`.
    pub in_article: bool,
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
    let scores: Vec<Option<f64>> = (0..second.len())
        .map(|at| Some(second[at]).filter(|_| title != Some(at) && can_be_text(&page, at)))
        .collect();
    let is_alike = |at: usize| page.is_alike(at - 1, at);
    let mut is_text = runs::settle(&scores, is_alike);
    if is_text.contains(&true) {
        endings::add_list(&page, &mut is_text);
        endings::add_prose(&page, &mut is_text);
        stories::keep_one(&page, &mut is_text);
    } else {
        // An empty article is never right: the best blocks are it.
        is_text = runs::settle(&runs::raised(&best(&page, &second, scores)), is_alike);
    }
    let text = || page.blocks.iter().zip(&is_text).filter(|(_, is_text)| **is_text);
    let letters = text().map(|(block, _)| block.letters).sum();
    let prose = text().map(|(block, _)| block.told()).sum();
    let in_article = text().any(|(block, _)| block.parts.has(Parts::ARTICLE));
    Region { is_text, title, container, letters, prose, in_article }
}

impl Region {
    /// Whether the page is an article. Lists, forms, errors and questions whether one is a robot are none: what is
    /// kept of them is short, and has no sentences, or neither a date nor an author. `is_signed`: the page names
    /// one of them.
    pub fn is_article(&self, is_signed: bool) -> bool {
        let is_sure = is_signed || self.in_article || self.letters >= WITHOUT_SIGNS;
        is_sure && (self.prose > 0.0 || self.letters >= WITHOUT_PROSE)
    }
}

/// Whether a block can be the article's text. Marks alone do not decide it.
fn can_be_text(page: &Page<'_>, at: usize) -> bool {
    match page.kinds[at] {
        None => true,
        Some(BlockKind::Boilerplate | BlockKind::Related) => page.walked.cuts[at].letters > 0,
        Some(_) => false,
    }
}

/// The scores of the blocks that can be an article where none is good: those outside of menus, headers, footers
/// and sidebars, or else the captions there; all where most of the text is inside such parts.
fn best(page: &Page<'_>, second: &[f64], scores: Vec<Option<f64>>) -> Vec<Option<f64>> {
    let beside = |at: &usize| !page.blocks[*at].parts.has(Parts::AROUND);
    let only = |is_one: &dyn Fn(&usize) -> bool| -> Vec<Option<f64>> {
        (0..second.len())
            .map(|at| Some(second[at]).filter(|_| beside(&at) && is_one(&at)))
            .collect()
    };
    let said = |scores: &[Option<f64>]| -> f64 {
        let blocks = page.blocks.iter().zip(scores).filter(|(_, score)| score.is_some());
        blocks.map(|(block, _)| block.said()).sum()
    };
    let own = only(&|at| scores[*at].is_some());
    let captions = only(&|at| page.kinds[*at] == Some(BlockKind::Caption));
    let all = said(&scores);
    let found =
        [own, captions].into_iter().find(|some| said(some) > 0.0 && said(some) * MOSTLY >= all);
    found.unwrap_or(scores)
}

/// The number of weights of each score.
#[cfg(test)]
pub(super) fn lengths() -> [usize; 2] {
    [weights::FITTED.first.len(), weights::FITTED.second.len()]
}
