//! Keeps only one article: other parts of a page can read like an article, and belong to others.

use super::measure::Page;
use crate::extract::cut::Shape;
use crate::extract::marks::Marks;
use crate::extract::marks::look::Tag;
use crate::extract::marks::parts::Parts;
use crate::model::BlockKind;
use std::collections::HashSet;

/// Minimum letters of an article that remain without the other parts.
const ENOUGH: f64 = 600.0;
/// The same beside an `article` with the page's title, so that other ones certainly belong to others.
const SHORT: f64 = 60.0;
/// Marked blocks, and banners about cookies, are furniture if the article has this many times their letters.
const MARKED: f64 = 10.0;
const COOKIES: f64 = 2.0;
/// Shorter texts may be on a page twice on purpose.
const COPIED: f64 = 40.0;

/// Removes from the text what does not belong to the article: other stories, readers' comments, copies.
pub(super) fn keep_one(page: &Page<'_>, is_text: &mut [bool]) {
    let beside = beside_the_title(page);
    let is_article = |at: usize| page.walked.containers[at].look.parts.has(Parts::ARTICLE);
    let articles: Vec<bool> = (0..beside.len()).map(|at| beside[at] && is_article(at)).collect();
    take(page, is_text, &articles, SHORT);
    take(page, is_text, &beside, ENOUGH);
    take(page, is_text, &with_an_author_inside(page), ENOUGH);
    let comments: Vec<bool> = page
        .blocks
        .iter()
        .zip(page.kinds)
        .map(|(block, kind)| {
            block.parts.has(Parts::COMMENT) && *kind == Some(BlockKind::Boilerplate)
        })
        .collect();
    take_blocks(page, is_text, &comments, |own, _| own >= ENOUGH);
    take_copies(page, is_text);
    take_marked(page, is_text);
}

/// Removes furniture amid the text: blocks that the names of their elements or their links mark, and banners about
/// cookies.
fn take_marked(page: &Page<'_>, is_text: &mut [bool]) {
    let is_marked = |kind: &Option<BlockKind>| {
        matches!(kind, Some(BlockKind::Boilerplate | BlockKind::Related))
    };
    let marked: Vec<bool> = page.kinds.iter().map(is_marked).collect();
    let few = |times: f64| move |own: f64, others: f64| own >= ENOUGH && others * times < own;
    take_blocks(page, is_text, &marked, few(MARKED));
    let cookies = page.blocks.iter().map(|block| block.parts.has(Parts::COOKIE));
    take_blocks(page, is_text, &cookies.collect::<Vec<_>>(), few(COOKIES));
}

/// Removes the blocks in these containers if this many letters of text are left.
fn take(page: &Page<'_>, is_text: &mut [bool], is_others: &[bool], enough: f64) {
    let inside = page.walked.inherited(false, |around, at| around || is_others[at]);
    let blocks: Vec<bool> = page.walked.cuts.iter().map(|cut| inside[cut.container]).collect();
    take_blocks(page, is_text, &blocks, |own, _| own >= enough);
}

/// If the article is on the page twice, for small screens or for printing, the first copy is kept. A smaller
/// repetition is a quotation.
fn take_copies(page: &Page<'_>, is_text: &mut [bool]) {
    let mut seen = HashSet::new();
    let is_copy = |at: usize| {
        is_text[at]
            && page.blocks[at].letters >= COPIED
            && !seen.insert(page.walked.cuts[at].text.as_str())
    };
    let copies: Vec<bool> = (0..is_text.len()).map(is_copy).collect();
    take_blocks(page, is_text, &copies, |once, again| once >= ENOUGH / 2.0 && again > 0.7 * once);
}

/// Removes blocks from the text if the letters of the rest, and theirs, allow it.
fn take_blocks(
    page: &Page<'_>,
    is_text: &mut [bool],
    is_others: &[bool],
    allow: impl Fn(f64, f64) -> bool,
) {
    let (mut own, mut others) = (0.0, 0.0);
    for at in (0..is_text.len()).filter(|at| is_text[*at]) {
        *(if is_others[at] { &mut others } else { &mut own }) += page.blocks[at].letters;
    }
    if allow(own, others) {
        is_text.iter_mut().zip(is_others).for_each(|(is_text, is_others)| *is_text &= !is_others);
    }
}

/// Containers beside the one with the title, of its kind and with a heading of the same rank: the next story
/// of an endless page, the other entries of a blog.
fn beside_the_title(page: &Page<'_>) -> Vec<bool> {
    let containers = &page.walked.containers;
    let mut is_others = vec![false; containers.len()];
    let Some(title) = page.title else { return is_others };
    let shape = page.walked.cuts[title].shape;
    if !matches!(shape, Shape::Heading(_)) {
        return is_others;
    }
    let cuts = page.walked.cuts.iter();
    let headings = page.summed(cuts.map(|cut| f64::from(u8::from(cut.shape == shape))));
    // For each container around the title, its child that leads to the title.
    let mut leads = vec![None; containers.len()];
    let mut inside = page.walked.cuts[title].container;
    while inside > 0 {
        leads[page.parent(inside)] = Some(inside);
        inside = page.parent(inside);
    }
    for at in 1..containers.len() {
        let own = leads[page.parent(at)].filter(|own| *own != at);
        let is_alike = own.is_some_and(|own| {
            let (own, other) = (containers[own].look, containers[at].look);
            own.name == other.name && !matches!(other.tag, Tag::Paragraph | Tag::Other)
        });
        is_others[at] = is_alike && headings[at] > 0.0;
    }
    is_others
}

/// Articles inside the page's article that have an author and a time of their own, and not its title.
fn with_an_author_inside(page: &Page<'_>) -> Vec<bool> {
    let containers = &page.walked.containers;
    let signs = page.walked.cuts.iter().zip(page.kinds).map(|(cut, kind)| {
        let marks = containers[cut.container].marks.with(cut.inline);
        let is_sign = matches!(kind, Some(BlockKind::Byline | BlockKind::Dateline))
            || marks.has(Marks::BYLINE.with(Marks::TIME));
        f64::from(u8::from(is_sign))
    });
    let signs = page.summed(signs);
    let mut has_title = vec![false; containers.len()];
    if let Some(title) = page.title {
        let mut around = page.walked.cuts[title].container;
        while around > 0 {
            has_title[around] = true;
            around = page.parent(around);
        }
    }
    (0..containers.len())
        .map(|at| {
            let is_article = containers[at].look.parts.has(Parts::ARTICLE);
            is_article && signs[at] > 0.0 && !has_title[at]
        })
        .collect()
}
