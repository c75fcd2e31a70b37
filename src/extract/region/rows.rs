//! Which blocks of a page get a row: the article, and everything within it.

use super::Region;
use crate::extract::cut::{Stay, Walked};
use crate::model::BlockKind;

/// Maximum number of blocks between the title and the text.
const UNDER_TITLE: usize = 24;
/// A longer run of furniture between two blocks of the text gets no rows.
const FURNITURE: usize = 24;
/// Maximum number of captions, credits and names after the last block of the text.
const BEHIND: usize = 4;

/// By block, whether it stays with the article.
pub(in crate::extract) fn rows(region: &Region, walked: &Walked, kinds: &[BlockKind]) -> Stay {
    let inside =
        walked.inherited(region.container == 0, |around, at| around || at == region.container);
    let mut stays: Vec<bool> = kinds.iter().map(|kind| kind.is_content()).collect();
    let Some(first) = stays.iter().position(|stays| *stays) else {
        return Stay { cuts: stays, containers: inside };
    };
    if let Some(title) =
        region.title.filter(|title| (*title..=title + UNDER_TITLE).contains(&first))
    {
        stays[title..first].fill(true);
    }
    let is_inside = |at: usize| inside[walked.cuts[at].container];
    let mut before = first;
    for at in first + 1..kinds.len() {
        if !stays[at] {
            continue;
        }
        if at - before <= FURNITURE {
            for (between, stays) in stays.iter_mut().enumerate().take(at).skip(before + 1) {
                *stays = is_inside(between);
            }
        }
        before = at;
    }
    let belongs = |at: &usize| {
        let kind = kinds[*at];
        let belongs = matches!(kind, BlockKind::Caption | BlockKind::Credit | BlockKind::Byline);
        belongs && is_inside(*at)
    };
    let behind: Vec<usize> = (before + 1..kinds.len()).take(BEHIND).take_while(belongs).collect();
    behind.into_iter().for_each(|at| stays[at] = true);
    Stay { cuts: stays, containers: inside }
}
