//! What a batch changed about an article, so that the cost of settling follows from the changes and not from
//! the size of the article.

use crate::model::{Article, Timestamp};
use crate::sameness::{Key, pair_key};
use std::collections::{BTreeMap, HashSet};

/// For each site, by how many the articles changed that give it a name.
pub(in crate::store) type SiteNames = BTreeMap<i64, BTreeMap<String, i64>>;

/// What is known about a touched article before it is settled.
#[derive(Debug, Default)]
pub(in crate::store) struct Touched {
    /// Whether all its seeds must be read, because the stored rows are not sufficient.
    pub is_whole: bool,
    /// Its new seeds; not used if all seeds are read.
    pub seeds: Vec<i64>,
    /// The earliest and latest observation of its new sightings.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// Articles that are joined into this one.
    pub gone: Vec<i64>,
    /// The keys of text and title of its new seeds.
    pub pairs: HashSet<Key>,
    /// Whether `pairs` includes the stored ones.
    pub has_all_pairs: bool,
}

impl Touched {
    /// Adds a new seed.
    pub fn add(&mut self, seed_id: i64, article: &Article, observed_at: Option<Timestamp>) {
        self.seeds.push(seed_id);
        self.pairs.insert(pair_key(article.text_sha256, &article.title));
        self.see(observed_at);
    }

    /// Adds a sighting.
    pub fn see(&mut self, observed_at: Option<Timestamp>) {
        if let Some(at) = observed_at {
            let (first, last) = self.seen.unwrap_or((at, at));
            self.seen = Some((first.min(at), last.max(at)));
        }
    }

    /// Merges the record of an article that is joined into this one. The smaller of two sets is moved into
    /// the larger, so that each member moves only a few times, whatever the order of joins.
    pub fn join(&mut self, id: i64, mut other: Self) {
        fn greater_first<T>(one: &mut T, other: &mut T, length: fn(&T) -> usize) {
            if length(one) < length(other) {
                std::mem::swap(one, other);
            }
        }
        greater_first(&mut self.pairs, &mut other.pairs, HashSet::len);
        greater_first(&mut self.gone, &mut other.gone, Vec::len);
        self.pairs.extend(other.pairs);
        self.gone.extend(other.gone);
        self.gone.push(id);
        self.is_whole = true;
    }
}
