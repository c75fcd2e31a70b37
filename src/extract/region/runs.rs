//! Which blocks are the article's, by their second scores: as runs, and not each alone.
//!
//! A score that is hardly over or under the limit is a guess, and small changes around the article turn it.
//! An article begins and ends seldom, and where it does, an element ends: so each change between two blocks
//! costs, most where both are of one kind, and those blocks are taken that come to most.

/// No block outweighs more than this.
const MOST: f64 = 3.0;
/// What it costs that of two blocks only one is the article's: where they are alike, and elsewhere.
const WITHIN: f64 = 1.0;
const BETWEEN: f64 = 0.2;

/// By block, whether it is the article's, by scores of which those over 0 speak for it; a block without one
/// is not, and says nothing. `is_alike` is asked whether a block is like the one before it.
pub(super) fn settle(scores: &[Option<f64>], is_alike: impl Fn(usize) -> bool) -> Vec<bool> {
    // What the best choice so far comes to that ends outside and that ends inside the article.
    let (mut outside, mut inside) = (0.0, 0.0);
    // By block: whether the one before it is inside, where it is outside, and where it is inside.
    let mut was_inside = Vec::with_capacity(scores.len());
    for (at, score) in scores.iter().enumerate() {
        let cost = match at {
            0 => 0.0,
            _ if is_alike(at) => WITHIN,
            _ => BETWEEN,
        };
        let (left, entered) = (inside - cost, outside - cost);
        was_inside.push([left > outside, inside >= entered]);
        let score = score.map_or(0.0, |score| score.clamp(-MOST, MOST));
        (outside, inside) = (f64::max(outside, left), f64::max(inside, entered) + score);
    }
    let mut is_text = vec![false; scores.len()];
    let mut is_inside = inside > outside;
    for at in (0..scores.len()).rev() {
        is_text[at] = is_inside && scores[at].is_some();
        is_inside = was_inside[at][usize::from(is_inside)];
    }
    is_text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scores: &[f64], expected: &str) {
        let scores: Vec<_> =
            scores.iter().map(|score| score.is_finite().then_some(*score)).collect();
        let signs =
            settle(&scores, |_| true).into_iter().map(|is_it| if is_it { '+' } else { '-' });
        assert_eq!(signs.collect::<String>(), expected, "{scores:?}");
    }

    #[test]
    fn a_guess_goes_with_what_is_around_it() {
        check(&[2.0, 2.0, -0.5, 2.0, -2.0], "++++-");
        check(&[-2.0, 0.5, -2.0, 2.0, 2.0], "---++");
        // What is certain stays: a box of teasers in the article, two paragraphs alone.
        check(&[2.0, 2.0, -2.0, -2.0, 2.0], "++--+");
        check(&[-2.0, 3.0, 3.0, -2.0], "-++-");
    }

    #[test]
    fn a_block_without_a_score_says_nothing() {
        check(&[2.0, f64::NAN, 2.0], "+-+");
        check(&[], "");
    }
}
