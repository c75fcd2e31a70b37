//! What the article of a page was found by: for the bench `pages`, whose output the weights are fitted on.

use super::budget::Budget;
use super::region::{Trace, Weights, scored};
use super::rules::{kinds, links};
use crate::model::BlockKind;

/// One page's blocks, with what its scores were made of.
#[derive(Debug)]
pub struct Traced {
    pub trace: Trace,
    pub blocks: Vec<(String, BlockKind)>,
}

/// Finds the article of a page with other weights, and says what it went by.
pub fn trace(html: &str, weights: Option<&Weights<'_>>) -> Option<Traced> {
    let budget = Budget::of(html.len());
    let tree = super::dom::parse(html, &budget).ok()?;
    let said = super::metadata::read(tree.root(), Default::default(), &budget);
    let mut walked = super::walk::walk_page(tree.root(), &budget).ok()?;
    super::split_bold_openings(&mut walked);
    super::split_endings(&mut walked);
    let targets = links::targets(&walked.anchors, None, None, &budget);
    let mut kinds = kinds::by_marks(&walked, &targets);
    let mut trace = Trace::default();
    let title = said.title.unwrap_or_default();
    let region = scored(&walked, &kinds, &[&said.raw_title, &title], weights, Some(&mut trace));
    kinds::keep_to(&region, &walked, &mut kinds);
    let kinds = kinds::complete(&walked, kinds, &[&title, &said.raw_title]);
    let blocks = walked.cuts.into_iter().map(|cut| cut.text).zip(kinds).collect();
    Some(Traced { trace, blocks })
}
