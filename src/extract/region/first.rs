//! The first score of a block: from the block itself, its containers and its neighbours.

use super::measure::{Measure, Page};
use super::row::{Row, up_to_one};
use crate::extract::cut::Shape;
use crate::extract::marks::look::Tag;
use crate::extract::marks::parts::Parts;
use crate::model::BlockKind;

/// Letters of prose elsewhere at which a part of the page counts fully.
const ENOUGH_ELSEWHERE: f64 = 1_500.0;
/// Kinds from marks and links, in the order of the weights.
pub(super) const KINDS: [BlockKind; 6] = [
    BlockKind::Boilerplate,
    BlockKind::Related,
    BlockKind::Caption,
    BlockKind::Credit,
    BlockKind::Byline,
    BlockKind::Dateline,
];

/// Values of the whole page.
struct Whole {
    told: f64,
    /// By part of the page, how much it counts against a block.
    counts: [f64; Parts::COUNT],
}

/// The first scores of all blocks.
pub(super) fn scores(
    page: &Page<'_>,
    weights: &[f64],
    mut trace: Option<&mut Vec<f64>>,
) -> Vec<f64> {
    let whole = Whole {
        told: page.blocks.iter().map(Measure::told).sum::<f64>() + 1.0,
        counts: prose_elsewhere(page),
    };
    (0..page.blocks.len())
        .map(|at| {
            let mut row = Row::new(weights, trace.as_deref_mut());
            put_block(&mut row, page, at);
            put_parts(&mut row, page.blocks[at].parts, &whole.counts);
            put_containers(&mut row, page, at, &whole);
            put_neighbours(&mut row, page, at);
            put_place(&mut row, page, at);
            row.score().0
        })
        .collect()
}

/// A part of the page counts against a block only as far as there is prose outside of such parts.
fn prose_elsewhere(page: &Page<'_>) -> [f64; Parts::COUNT] {
    let mut outside = [0.0; Parts::COUNT];
    for block in page.blocks.iter().filter(|block| block.is_prose) {
        for (part, outside) in outside.iter_mut().enumerate() {
            *outside += if block.parts.has_at(part) { 0.0 } else { block.said() };
        }
    }
    for (part, outside) in outside.iter_mut().enumerate() {
        let is_of_text = Parts::OF_TEXT.has_at(part);
        *outside = if is_of_text { 1.0 } else { (*outside / ENOUGH_ELSEWHERE).min(1.0) };
    }
    outside
}

fn put_block(row: &mut Row<'_>, page: &Page<'_>, at: usize) {
    let (block, cut) = (&page.blocks[at], &page.walked.cuts[at]);
    row.put(up_to_one(block.said(), 40.0));
    row.put((block.said() / 200.0).min(1.0));
    row.put_if(block.letters < 25.0);
    row.put(block.link_density());
    row.put_if(block.link_density() > 0.9);
    row.put_if(block.ends_sentence);
    row.put_if(block.is_prose);
    let shapes = [
        cut.shape == Shape::Flow,
        cut.shape == Shape::Heading(1),
        cut.shape == Shape::Heading(2),
        cut.shape == Shape::Heading(3),
        matches!(cut.shape, Shape::Heading(4..)),
        matches!(cut.shape, Shape::ListItem(_)),
        matches!(cut.shape, Shape::Quote(_)),
        cut.shape == Shape::Preformatted,
        cut.shape == Shape::TableRow,
    ];
    shapes.into_iter().for_each(|is_it| row.put_if(is_it));
    let tag = page.walked.containers[cut.container].look.tag;
    Tag::KNOWN.into_iter().for_each(|known| row.put_if(tag == known));
    KINDS.into_iter().for_each(|kind| row.put_if(page.kinds[at] == Some(kind)));
    row.put(block.digits);
    let lines = cut.text.bytes().filter(|byte| *byte == b'\n').take(3).count();
    row.put(lines as f64 / 3.0);
    row.put(cut.bold as f64 / cut.letters.max(1) as f64);
}

/// The parts that contain a block, each as far as it counts.
pub(super) fn put_parts(row: &mut Row<'_>, parts: Parts, counts: &[f64; Parts::COUNT]) {
    for (part, counts) in counts.iter().enumerate() {
        row.put(if parts.has_at(part) { *counts } else { 0.0 });
    }
}

/// The contents of a block's container, of the one around it, and of those two and four further up.
fn put_containers(row: &mut Row<'_>, page: &Page<'_>, at: usize, whole: &Whole) {
    let mut around = page.walked.cuts[at].container;
    for level in 0..4 {
        let sums = &page.sums[around];
        row.put(sums.linked / sums.letters.max(1.0));
        row.put((sums.told / whole.told).sqrt());
        row.put(sums.prose / sums.blocks.max(1.0));
        row.put(up_to_one(sums.letters / sums.blocks.max(1.0), 60.0));
        around = page.parent(around);
        if level > 0 {
            around = page.parent(around);
        }
    }
    row.put(page.cards[page.walked.cuts[at].container]);
}

fn put_neighbours(row: &mut Row<'_>, page: &Page<'_>, at: usize) {
    for step in [-3, -2, -1, 1, 2, 3] {
        let Some(beside) = at.checked_add_signed(step).filter(|beside| *beside < page.blocks.len())
        else {
            (0..4).for_each(|_| row.put(0.0));
            continue;
        };
        let block = &page.blocks[beside];
        row.put(up_to_one(block.said(), 40.0));
        row.put(block.link_density());
        row.put_if(block.is_prose);
        row.put_if(page.is_alike(at, beside));
    }
}

/// The position of a block relative to the title. Its position on the page would change with everything around
/// it.
fn put_place(row: &mut Row<'_>, page: &Page<'_>, at: usize) {
    row.put_if(page.title.is_some_and(|title| at < title));
    row.put_if(page.title.is_none());
    row.put_if(page.title == Some(at));
}
