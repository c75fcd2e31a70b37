//! What is at the end of an article, with nothing behind it that could vouch for it.

use super::measure::Page;
use crate::extract::marks::look::Tag;
use crate::extract::marks::parts::Parts;
use std::collections::HashMap;

/// Of the letters of a list that belongs to the text, fewer than one in this many are in links.
const FEW_LINKED: f64 = 3.0;

/// Adds the list or the table directly after the last block of the text, in the same element as that block.
/// Nothing follows that could vouch for it, so its score is low; a list of links is another matter.
pub(super) fn add_list(page: &Page<'_>, is_text: &mut [bool]) {
    let Some(last) = is_text.iter().rposition(|is_text| *is_text) else { return };
    let containers = &page.walked.containers;
    let container = |at: usize| page.walked.cuts[at].container;
    let home = page.parent(container(last));
    let is_list = |at: usize| {
        let is_list = containers[at].is_list || containers[at].look.tag == Tag::Table;
        is_list && (containers[at].parent == home || containers[at].parent == container(last))
    };
    let lists = page
        .walked
        .inherited(None, |around: Option<usize>, at| around.or_else(|| is_list(at).then_some(at)));
    let next = page.walked.cuts.get(last + 1).and_then(|cut| lists[cut.container]);
    let Some(list) = next.filter(|list| Some(*list) != lists[container(last)]) else { return };
    let sums = &page.sums[list];
    let parts = page.blocks[last].parts.with(Parts::OF_TEXT);
    let is_own = |at: &usize| {
        let block = &page.blocks[*at];
        page.kinds[*at].is_none() && parts.with(block.parts) == parts
    };
    let inside = last + 1..page.blocks.len();
    let inside = inside.take_while(|at| lists[container(*at)] == Some(list));
    if sums.linked * FEW_LINKED < sums.letters && inside.clone().all(|at| is_own(&at)) {
        inside.for_each(|at| is_text[at] = true);
    }
}

/// Where a block stands: the tag of its element; that of the element around, if that is one of several alike, as the
/// posts of a thread are; and the container of these.
type Place = (Tag, Option<Tag>, usize);

/// So many blocks of prose make a place one of the text.
const SEVERAL: usize = 2;

/// Adds sentences directly after the text that stand where several of its blocks of prose do: beside them, or in a post
/// like theirs.
pub(super) fn add_prose(page: &Page<'_>, is_text: &mut [bool]) {
    let Some(last) = is_text.iter().rposition(|is_text| *is_text) else { return };
    let tag = |container: usize| page.walked.containers[container].look.tag;
    let places = |at: usize| -> [Place; 2] {
        let container = page.walked.cuts[at].container;
        let around = page.parent(container);
        [(tag(container), None, around), (tag(container), Some(tag(around)), page.parent(around))]
    };
    let prose = (0..=last).filter(|at| is_text[*at] && page.blocks[*at].is_prose);
    let (mut known, mut parts) = (HashMap::<Place, usize>::new(), Parts::OF_TEXT);
    for at in prose {
        places(at).into_iter().for_each(|place| *known.entry(place).or_default() += 1);
        parts = parts.with(page.blocks[at].parts);
    }
    let is_known = |place: &Place| known.get(place).is_some_and(|blocks| *blocks >= SEVERAL);
    let belongs = |at: &usize| {
        let block = &page.blocks[*at];
        page.kinds[*at].is_none()
            && parts.with(block.parts) == parts
            && block.ends_sentence
            && block.linked * FEW_LINKED < block.letters
            && places(*at).iter().any(is_known)
    };
    (last + 1..page.blocks.len()).take_while(belongs).for_each(|at| is_text[at] = true);
}
