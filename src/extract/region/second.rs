//! The second score of a block: the first one, seen from the place with most of the good blocks.

use super::first::{KINDS, put_parts};
use super::measure::Page;
use super::row::Row;
use crate::extract::marks::look::Tag;
use crate::extract::marks::parts::Parts;

/// Letters of good blocks elsewhere at which a part of the page counts fully.
const ENOUGH_ELSEWHERE: f64 = 1_500.0;
/// First scores are limited to this: no block is better or worse.
const MOST: f64 = 3.0;
/// A block with at least this many letters and this first score certainly belongs to the article.
const STRONG: (f64, f64) = (60.0, 1.0);

/// A container this near to the best one counts as inside it.
const NEAR: f64 = 0.8;
/// A block with this share of the good blocks before or after it is at their edge.
const EDGE: f64 = 0.05;

/// Sums of the first scores of a page.
struct Mass<'a> {
    page: &'a Page<'a>,
    first: &'a [f64],
    /// First scores, limited; the same, weighted by block; and the positive part of these.
    clipped: Vec<f64>,
    weighed: Vec<f64>,
    /// Sums by container: weighted scores, their positive parts, and weights.
    sums: Vec<f64>,
    good: Vec<f64>,
    weights: Vec<f64>,
    all_good: f64,
    /// By container: the sum of the smallest container that holds both it and the best one, divided by the best one's
    /// sum, between -1 and 1; 1 inside the best. So nothing jumps when an equally good container becomes the best.
    nearness: Vec<f64>,
    best: usize,
    /// By container: the outermost list or table that contains it.
    list: Vec<Option<usize>>,
}

/// The second scores of all blocks, and the container with most of the positive sum.
pub(super) fn scores(
    page: &Page<'_>,
    first: &[f64],
    weights: &[f64],
    mut trace: Option<&mut Vec<f64>>,
) -> (Vec<f64>, usize) {
    let mass = Mass::of(page, first);
    let counts = mass.good_elsewhere();
    let ahead = running(&mass, (0..first.len()).collect());
    let behind = running(&mass, (0..first.len()).rev().collect());
    let next = mass.next_below_headings();
    let ends = mass.ends();
    let mut gathered = 0.0;
    let scores = (0..first.len())
        .map(|at| {
            let mut row = Row::new(weights, trace.as_deref_mut());
            put_score(&mut row, &mass, at);
            put_containers(&mut row, &mass, at);
            for (ahead, behind) in ahead[at].into_iter().zip(behind[at]) {
                row.put(ahead);
                row.put(behind);
                row.put(ahead.min(behind));
            }
            gathered += mass.weighed[at].max(0.0) / mass.all_good;
            row.put_if(ends.is_some_and(|(from, _)| at < from));
            row.put_if(ends.is_some_and(|(_, to)| at > to));
            row.put((1.0 - gathered / EDGE).max(0.0));
            row.put((1.0 - (1.0 - gathered) / EDGE).max(0.0));
            row.put(next[at].unwrap_or(0.0));
            row.put_if(next[at].is_some());
            put_parts(&mut row, page.blocks[at].parts, &counts);
            KINDS.into_iter().for_each(|kind| row.put_if(page.kinds[at] == Some(kind)));
            row.put_if(page.title.is_some_and(|title| at < title));
            row.put_if(page.title == Some(at));
            row.put(page.cards[page.walked.cuts[at].container]);
            row.score().0
        })
        .collect();
    (scores, mass.best)
}

impl<'a> Mass<'a> {
    fn of(page: &'a Page<'a>, first: &'a [f64]) -> Self {
        let containers = page.walked.containers.len();
        let clipped: Vec<f64> = first.iter().map(|score| score.clamp(-MOST, MOST)).collect();
        let weight: Vec<f64> =
            page.blocks.iter().map(|block| (block.letters + 1.0).sqrt()).collect();
        let weighed: Vec<f64> =
            clipped.iter().zip(&weight).map(|(score, weight)| score * weight).collect();
        let sums = page.summed(weighed.iter().copied());
        let good = page.summed(weighed.iter().map(|score| score.max(0.0)));
        let weights = page.summed(weight.iter().copied());
        let all_good = good[0] + 1e-6;
        let best = (1..containers)
            .fold(0, |best, at| if best == 0 || sums[at] > sums[best] { at } else { best });
        let mut mass = Self {
            page,
            first,
            clipped,
            weighed,
            sums,
            good,
            weights,
            all_good,
            nearness: Vec::new(),
            best,
            list: Vec::new(),
        };
        mass.nearness = mass.nearnesses();
        let is_list = |at: usize| {
            let container = &page.walked.containers[at];
            container.is_list || container.look.tag == Tag::Table
        };
        mass.list = page
            .walked
            .inherited(None, |around: Option<usize>, at| around.or(is_list(at).then_some(at)));
        mass
    }

    /// By container, how near it is to the best one.
    fn nearnesses(&self) -> Vec<f64> {
        let most = self.sums[self.best].max(1e-6);
        let mut nearness = vec![None; self.page.walked.containers.len()];
        let (mut around, mut least) = (self.best, 1.0);
        loop {
            least = f64::min(least, (self.sums[around] / most).max(-1.0));
            nearness[around] = Some(least);
            if around == 0 {
                break;
            }
            around = self.page.parent(around);
        }
        self.page.walked.inherited(least, |around, at| nearness[at].unwrap_or(around))
    }

    /// A part of the page counts against a block only as far as good blocks are outside of such parts.
    fn good_elsewhere(&self) -> [f64; Parts::COUNT] {
        let mut outside = [0.0; Parts::COUNT];
        let good = self.page.blocks.iter().zip(&self.clipped);
        for (block, score) in good.filter(|(block, score)| block.letters >= 40.0 && **score > 0.0) {
            for (part, outside) in outside.iter_mut().enumerate() {
                *outside +=
                    if block.parts.has_at(part) { 0.0 } else { block.letters * score.min(1.0) };
            }
        }
        outside.map(|outside: f64| (outside / ENOUGH_ELSEWHERE).min(1.0))
    }

    /// For each heading, the score of the first block after it that is not a heading.
    fn next_below_headings(&self) -> Vec<Option<f64>> {
        let mut next = vec![None; self.clipped.len()];
        let mut below = 0.0;
        for at in (0..next.len()).rev() {
            if self.page.is_heading(at) {
                next[at] = Some(below);
            } else {
                below = self.clipped[at];
            }
        }
        next
    }

    /// The first and the last strong block; of weaker ones if none is strong.
    fn ends(&self) -> Option<(usize, usize)> {
        let is_strong = |at: &usize| {
            let (cut, block) = (&self.page.walked.cuts[*at], &self.page.blocks[*at]);
            let is_inside = self.nearness[cut.container] > NEAR;
            is_inside && block.letters >= STRONG.0 && self.clipped[*at] > STRONG.1
        };
        let ends = |is_one: &dyn Fn(&usize) -> bool| {
            let mut found = (0..self.clipped.len()).filter(|at| is_one(at));
            let first = found.next()?;
            Some((first, found.last().unwrap_or(first)))
        };
        ends(&is_strong).or_else(|| ends(&|at| self.clipped[*at] > 0.0))
    }

    fn mean(&self, container: usize) -> f64 {
        self.sums[container] / self.weights[container].max(1.0)
    }
}

fn put_score(row: &mut Row<'_>, mass: &Mass<'_>, at: usize) {
    let container = mass.page.walked.cuts[at].container;
    let nearness = mass.nearness[container];
    let first = mass.first[at].clamp(-2.0 * MOST, 2.0 * MOST);
    row.put(first);
    row.put(mass.clipped[at].max(0.0));
    row.put(nearness);
    row.put(nearness.max(0.0) * first);
}

/// The quality of a block's container, of those around it, and of the list that contains it.
fn put_containers(row: &mut Row<'_>, mass: &Mass<'_>, at: usize) {
    let container = mass.page.walked.cuts[at].container;
    let mut around = container;
    for _ in 0..4 {
        row.put(mass.mean(around));
        row.put(mass.good[around] / mass.all_good);
        around = mass.page.parent(around);
    }
    let list = mass.list[container];
    row.put(list.map_or(0.0, |list| mass.mean(list)));
    row.put_if(list.is_some());
}

/// Running means of the blocks before each one in an order, over a short and a longer stretch.
fn running(mass: &Mass<'_>, order: Vec<usize>) -> Vec<[f64; 2]> {
    let mut means = vec![[0.0; 2]; order.len()];
    let mut sums = [(0.0, 0.0); 2];
    for at in order {
        let weight = (mass.page.blocks[at].letters + 1.0).sqrt();
        for ((mean, (sum, weights)), kept) in means[at].iter_mut().zip(&mut sums).zip([0.5, 0.8]) {
            *mean = if *weights > 0.0 { *sum / *weights } else { 0.0 };
            *sum = *sum * kept + mass.weighed[at];
            *weights = *weights * kept + weight;
        }
    }
    means
}
