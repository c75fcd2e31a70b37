//! Grouping all seeds into articles.

use super::keys::Key;
use std::collections::{BTreeMap, HashMap};

/// The keys by which a seed is grouped: that of its address and, if there is one, that of its text and time.
/// `None` for a rejected seed.
pub(crate) type GroupKeys = Option<(Key, Option<Key>)>;

/// Groups seeds that share a key, directly or through others. Returns groups of indices, each ascending, in
/// the order of their first seeds.
pub(crate) fn components<T>(seeds: &[T], keys: impl Fn(&T) -> GroupKeys) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..seeds.len()).collect();
    fn root(parents: &mut [usize], mut at: usize) -> usize {
        while parents[at] != at {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        at
    }
    let mut first_with: HashMap<(bool, Key), usize> = HashMap::new();
    for (at, seed) in seeds.iter().enumerate() {
        let Some((by_url, by_text)) = keys(seed) else { continue };
        let both = [Some((false, by_url)), by_text.map(|text| (true, text))];
        for key in both.into_iter().flatten() {
            let other = *first_with.entry(key).or_insert(at);
            let (one, other) = (root(&mut parents, at), root(&mut parents, other));
            // The lower root is kept, so that a root is the first seed of its component.
            parents[one.max(other)] = one.min(other);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in (0..seeds.len()).filter(|&at| keys(&seeds[at]).is_some()) {
        groups.entry(root(&mut parents, at)).or_default().push(at);
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_seed_connects_two() {
        let keys = |url: u8, text: Option<u8>| Some(([url; 16], text.map(|text| [text; 16])));
        let mut seeds: Vec<GroupKeys> = vec![keys(10, Some(1)), keys(20, Some(2)), keys(30, None)];
        let groups = |seeds: &[GroupKeys]| components(seeds, |keys| *keys);
        assert_eq!(groups(&seeds), [vec![0], vec![1], vec![2]]);
        seeds.push(keys(20, Some(1)));
        seeds.push(None);
        assert_eq!(groups(&seeds), [vec![0, 1, 3], vec![2]]);
    }
}
