//! Selects the blocks of the article by their second scores: in runs, not each by itself.
//!
//! A score close to the limit is a guess, which small changes around the article can reverse. An article begins
//! and ends at few places, where elements end. So each change between two blocks has a cost, highest between
//! blocks of one kind, and the selection with the highest total is taken.

/// Scores are limited to this.
const MOST: f64 = 3.0;
/// The cost of a change between two blocks: if they are alike, and otherwise.
const WITHIN: f64 = 1.0;
const BETWEEN: f64 = 0.2;

/// Returns for each block whether it belongs to the article. Scores over 0 speak for it; a block without a score
/// is outside, and has no effect. `is_alike` decides whether a block is like the one before it.
pub(super) fn settle(scores: &[Option<f64>], is_alike: impl Fn(usize) -> bool) -> Vec<bool> {
    // The totals of the best selections so far that end outside and inside the article.
    let (mut outside, mut inside) = (0.0, 0.0);
    // By block: whether the one before it is inside, if it is outside, and if it is inside.
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

/// Returns the scores raised so far that the best one is chosen even alone, and those close to it with it.
pub(super) fn raised(scores: &[Option<f64>]) -> Vec<Option<f64>> {
    let best = scores.iter().flatten().copied().max_by(f64::total_cmp);
    // One block costs nothing more than its beginning and its end.
    let lift = best.map_or(0.0, |best| 2.0 * WITHIN + 0.1 - best);
    scores.iter().map(|score| score.map(|score| score + lift)).collect()
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
        // Certain blocks stay: a box of teasers in the article, two separate paragraphs.
        check(&[2.0, 2.0, -2.0, -2.0, 2.0], "++--+");
        check(&[-2.0, 3.0, 3.0, -2.0], "-++-");
    }

    #[test]
    fn the_best_blocks_are_chosen_where_none_is_good() {
        let raised = |scores: &[f64]| {
            let scores: Vec<_> = scores.iter().copied().map(Some).collect();
            raised(&scores).into_iter().flatten().collect::<Vec<_>>()
        };
        check(&raised(&[-9.0, -5.0, -9.0]), "-+-");
        check(&raised(&[-0.5, -0.5, -0.6, -4.0]), "+++-");
        check(&raised(&[]), "");
    }

    #[test]
    fn a_block_without_a_score_says_nothing() {
        check(&[2.0, f64::NAN, 2.0], "+-+");
        check(&[], "");
    }
}
