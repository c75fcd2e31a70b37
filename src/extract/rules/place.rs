//! Judges a text by the containers around it, and knows where they do not count.

use super::counts::Links;
use crate::extract::cut::Walked;
use crate::extract::marks::Marks;

/// A box of links may have some words of its own ("分享 :"); with more it is text.
const SHARE_BAR_LETTERS: usize = 60;
/// An element with this many letters outside of links is text, whatever its name, even if no single block in
/// it is long.
const LONG_ELEMENT: usize = 300;
/// Readers' comments are shorter than this on average, contributions to a conversation longer.
const CONTRIBUTION_LETTERS: usize = 300;

/// What a container and those around it indicate about the text inside.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub marks: Marks,
    pub is_share_bar: bool,
    pub in_figure: bool,
    pub has_picture: bool,
}

impl Place {
    pub fn of_all(walked: &Walked, links: &Links) -> Vec<Self> {
        let exempt = exempt_marks(walked, links);
        let document =
            Self { marks: Marks::NONE, is_share_bar: false, in_figure: false, has_picture: false };
        walked.inherited(document, |around, at| {
            if exempt[at] == Marks::ALL {
                return around;
            }
            let container = &walked.containers[at];
            let mut own = container.marks.without(exempt[at]);
            if links.letters[at].saturating_sub(links.linked[at]) >= LONG_ELEMENT {
                own = own.without_name_for(Marks::SHARE.with(Marks::PROMO));
            }
            let is_figure = container.marks.has(Marks::FIGURE);
            let (letters, linked) = (links.letters[at], links.linked[at]);
            let is_share_bar = letters <= SHARE_BAR_LETTERS
                && links.count[at].is_bar(letters, linked, SHARE_BAR_LETTERS);
            Self {
                marks: around.marks.with(own),
                is_share_bar: around.is_share_bar || is_share_bar,
                in_figure: around.in_figure || is_figure,
                has_picture: around.has_picture || (is_figure && container.pictures > 0),
            }
        })
    }
}

/// By container, the marks that do not count: all of them if it contains most of the article's text; those of
/// comments if a list of comments is the article: a conversation by its own authors, or one of long
/// contributions that no reader can join.
fn exempt_marks(walked: &Walked, links: &Links) -> Vec<Marks> {
    let of_list = Marks::COMMENT_LIST;
    let of_comment = of_list.with(Marks::COMMENT);
    let containers = &walked.containers;
    let (mut in_lists, mut authored) = (0, vec![0; containers.len()]);
    let around = walked.inherited(Marks::NONE, |marks, at| marks.with(containers[at].marks));
    for cut in &walked.cuts {
        let marks = around[cut.container];
        if marks.has(of_list) {
            in_lists += cut.letters;
        }
        if marks.has(Marks::AUTHORED) {
            authored[cut.container] += cut.letters;
        }
    }
    let mut has_readers: Vec<bool> =
        containers.iter().map(|container| container.marks.has(Marks::READER)).collect();
    // Single comments, whatever is marked inside them.
    let mut is_in_comment = vec![false; containers.len()];
    let mut comments = vec![0; containers.len()];
    for at in 1..containers.len() {
        let is_around = is_in_comment[containers[at].parent];
        is_in_comment[at] = is_around || containers[at].marks.has(Marks::COMMENT);
        comments[at] = usize::from(is_in_comment[at] && !is_around);
    }
    for at in (1..containers.len()).rev() {
        let parent = containers[at].parent;
        authored[parent] += authored[at];
        has_readers[parent] |= has_readers[at];
        comments[parent] += comments[at];
    }
    let beside = links.letters[0] - in_lists;
    let mut is_conversation = vec![false; containers.len()];
    for at in 1..containers.len() {
        let is_list = containers[at].marks.has(of_list);
        let is_theirs = if has_readers[at] {
            authored[at] * 2 > links.letters[at]
        } else {
            comments[at] > 1 && links.letters[at] / comments[at] >= CONTRIBUTION_LETTERS
        };
        is_conversation[at] = is_conversation[containers[at].parent]
            || (is_list && links.letters[at] > beside && is_theirs);
    }
    let exempt = |at: usize| {
        let letters = links.letters[at];
        let is_article = if containers[at].marks.has(of_list) {
            beside < 40 && letters > beside
        } else {
            letters * 2 > beside
        };
        match (is_conversation[at], is_article) {
            (true, _) => of_comment,
            (false, true) => Marks::ALL,
            (false, false) => Marks::NONE,
        }
    };
    (0..containers.len()).map(exempt).collect()
}
