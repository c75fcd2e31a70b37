//! Finds many texts in one text, each at the cost of its own length.

/// A text that answers whether it contains other texts.
pub(crate) struct TextIndex {
    text: String,
    /// Bytes searched so far.
    searched: usize,
    /// The positions of its characters, sorted by the text that follows them; built once searching has cost
    /// as much.
    sorted: Option<Vec<u32>>,
}

/// A text is searched this many times before it is sorted: a text of some paragraphs never is.
const MOST_SEARCHES: usize = 64;

impl TextIndex {
    pub fn new(text: String) -> Self {
        Self { text, searched: 0, sorted: None }
    }

    /// Whether this text contains another.
    pub fn has(&mut self, other: &str) -> bool {
        if self.searched <= MOST_SEARCHES * self.text.len() || self.sorts_too_much() {
            self.searched += self.text.len();
            return self.text.contains(other);
        }
        let sorted = self.sorted.get_or_insert_with(|| sorted_places(&self.text));
        let text = self.text.as_bytes();
        let at = sorted.partition_point(|&place| &text[place as usize..] < other.as_bytes());
        sorted.get(at).is_some_and(|&place| text[place as usize..].starts_with(other.as_bytes()))
            || other.is_empty()
    }

    /// Whether there are too many positions to number.
    fn sorts_too_much(&self) -> bool {
        u32::try_from(self.text.len()).is_err()
    }
}

/// Sorts the positions of a text's characters by the text that follows, comparing twice as many characters in
/// each round (after Manber and Myers), so that long repetitions are never compared character by character.
fn sorted_places(text: &str) -> Vec<u32> {
    let places: Vec<u32> = text.char_indices().map(|(at, _)| at as u32).collect();
    let mut ranks: Vec<u32> = text.chars().map(u32::from).collect();
    let mut order: Vec<u32> = (0..ranks.len() as u32).collect();
    let mut width = 0;
    loop {
        let key = |&at: &u32| {
            let next = ranks.get(at as usize + width).filter(|_| width > 0);
            (ranks[at as usize], next.map_or(0, |rank| rank + 1))
        };
        order.sort_unstable_by_key(key);
        let mut next = vec![0; ranks.len()];
        let mut rank = 0;
        for pair in order.windows(2) {
            rank += u32::from(key(&pair[0]) != key(&pair[1]));
            next[pair[1] as usize] = rank;
        }
        let is_sorted = rank as usize + 1 >= order.len();
        ranks = next;
        width = (2 * width).max(1);
        if is_sorted {
            return order.into_iter().map(|at| places[at as usize]).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Searching gives the same answers before and after sorting.
        #[test]
        fn it_contains_its_substrings(text in "[ab一二]{0,40}", others in prop::collection::vec("[ab一二]{0,6}", 0..8)) {
            let mut index = TextIndex::new(text.clone());
            for is_sorted in [false, true] {
                index.searched = if is_sorted { usize::MAX } else { 0 };
                for other in &others {
                    prop_assert_eq!(index.has(other), text.contains(other.as_str()), "{}", other);
                }
            }
        }
    }

    #[test]
    fn it_is_sorted_when_looking_through_has_cost_as_much() {
        let mut index = TextIndex::new("雨停了".repeat(100));
        for _ in 0..=MOST_SEARCHES {
            assert!(!index.has("天晴"));
        }
        assert!(index.sorted.is_none());
        assert!(!index.has("天晴") && index.has("了雨停"));
        assert!(index.sorted.is_some());
    }
}
