//! Measures a page before anything is scored: by block, and summed up the tree.

use crate::extract::cut::{Cut, Shape, Walked};
use crate::extract::marks::look::Tag;
use crate::extract::marks::parts::Parts;
use crate::extract::text::wording;
use crate::model::BlockKind;

/// Minimum letters of a block of prose.
const PROSE: f64 = 60.0;
/// Minimum number of cards of one kind.
const FEWEST_CARDS: usize = 3;

/// A measured page. Letters are weighted: an ideograph counts as three, since it carries as much information.
pub(super) struct Page<'a> {
    pub walked: &'a Walked,
    /// The kind of each block by marks and links alone.
    pub kinds: &'a [Option<BlockKind>],
    /// The block with the title.
    pub title: Option<usize>,
    pub blocks: Vec<Measure>,
    /// Sums by container.
    pub sums: Vec<Sums>,
    /// By container: 0, or closer to 1 the more cards of one kind it is among.
    pub cards: Vec<f64>,
}

/// A measured block.
pub(super) struct Measure {
    pub letters: f64,
    /// The letters in links.
    pub linked: f64,
    pub digits: f64,
    /// Its own parts and those above.
    pub parts: Parts,
    pub ends_sentence: bool,
    pub is_prose: bool,
}

/// The contents of a container.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub letters: f64,
    pub linked: f64,
    pub blocks: f64,
    /// Blocks of prose, and their letters.
    pub prose: f64,
    pub told: f64,
}

impl Measure {
    fn of(cut: &Cut, parts: Parts) -> Self {
        let letters = cut.letters as f64 + 2.0 * wording::ideographs(&cut.text) as f64;
        let of_all = |some: usize| some.min(cut.letters) as f64 / cut.letters.max(1) as f64;
        let digits = cut.text.bytes().filter(u8::is_ascii_digit).count();
        let linked = letters * of_all(cut.linked);
        let ends_sentence = wording::ends_sentence(&cut.text);
        let is_prose = letters >= PROSE && ends_sentence && linked < 0.3 * letters;
        Self { letters, linked, digits: of_all(digits), parts, ends_sentence, is_prose }
    }

    /// Letters outside of links.
    pub fn said(&self) -> f64 {
        self.letters - self.linked
    }

    /// The same for prose only: menus and counters have none, so it does not depend on them.
    pub fn told(&self) -> f64 {
        if self.is_prose { self.said() } else { 0.0 }
    }

    pub fn link_density(&self) -> f64 {
        self.linked / self.letters.max(1.0)
    }
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.letters += other.letters;
        self.linked += other.linked;
        self.blocks += other.blocks;
        self.prose += other.prose;
        self.told += other.told;
    }
}

impl<'a> Page<'a> {
    pub fn of(walked: &'a Walked, kinds: &'a [Option<BlockKind>], title: Option<usize>) -> Self {
        let above = walked
            .inherited(Parts::NONE, |around, at| around.with(walked.containers[at].look.parts));
        let measure = |cut: &Cut| Measure::of(cut, above[cut.container].with(cut.parts));
        let blocks: Vec<Measure> = walked.cuts.iter().map(measure).collect();
        let mut sums = vec![Sums::default(); walked.containers.len()];
        for (cut, block) in walked.cuts.iter().zip(&blocks) {
            sums[cut.container].add(Sums {
                letters: block.letters,
                linked: block.linked,
                blocks: 1.0,
                prose: f64::from(u8::from(block.is_prose)),
                told: block.told(),
            });
        }
        // A container comes after its parent, so going backwards sums up whole trees.
        for at in (1..sums.len()).rev() {
            let inside = sums[at];
            sums[walked.containers[at].parent].add(inside);
        }
        let cards = cards(walked, &sums);
        Self { walked, kinds, title, blocks, sums, cards }
    }

    pub fn parent(&self, container: usize) -> usize {
        self.walked.containers[container].parent
    }

    /// Sums values of blocks, by container.
    pub fn summed(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.walked.containers.len()];
        for (cut, value) in self.walked.cuts.iter().zip(values) {
            sums[cut.container] += value;
        }
        for at in (1..sums.len()).rev() {
            sums[self.parent(at)] += sums[at];
        }
        sums
    }

    /// Whether two blocks are in elements of one tag and in one container.
    pub fn is_alike(&self, one: usize, other: usize) -> bool {
        let of = |at: usize| self.walked.cuts[at].container;
        let tag = |at: usize| self.walked.containers[of(at)].look.tag;
        tag(one) == tag(other) && self.parent(of(one)) == self.parent(of(other))
    }

    /// Whether a block is a heading by its element, or looks like one.
    pub fn is_heading(&self, at: usize) -> bool {
        let cut = &self.walked.cuts[at];
        let is_short = self.blocks[at].letters < PROSE;
        matches!(cut.shape, Shape::Heading(_)) || (is_short && cut.bold * 10 >= cut.letters * 9)
    }
}

/// By container, how many containers with links of its kind are beside it or beside those around it.
fn cards(walked: &Walked, sums: &[Sums]) -> Vec<f64> {
    let containers = &walked.containers;
    let mut kinds = std::collections::HashMap::<(usize, u32), (usize, usize)>::new();
    let is_card = |at: usize| {
        let tag = containers[at].look.tag;
        !matches!(tag, Tag::Paragraph | Tag::Cell | Tag::Other)
    };
    let kind = |at: usize| (containers[at].parent, containers[at].look.name);
    for at in (1..containers.len()).filter(|&at| is_card(at)) {
        let (all, linked) = kinds.entry(kind(at)).or_default();
        *all += 1;
        *linked += usize::from(sums[at].linked > 0.0);
    }
    walked.inherited(0.0, |around: f64, at| {
        let own = match kinds.get(&kind(at)).filter(|_| is_card(at)) {
            Some(&(all, linked)) if all >= FEWEST_CARDS && linked * 10 >= all * 7 => {
                all as f64 / (all as f64 + 8.0)
            }
            _ => 0.0,
        };
        own.max(around * 0.98)
    })
}
