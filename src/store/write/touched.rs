//! What a batch changed about an article, so that settling it costs what was changed and not what it
//! holds.

use crate::error::Result;
use crate::model::{Article, Sha256, Timestamp};
use crate::sameness::{Key, pair_key};
use crate::store::write::batch::Batch;
use rusqlite::OptionalExtension;
use std::collections::HashSet;

/// What is known of a touched article before it is settled.
#[derive(Debug, Default)]
pub(in crate::store) struct Touched {
    /// Whether what is stored says too little: all its seeds are to be looked at.
    pub is_whole: bool,
    /// Its new seeds; of no use where all are looked at.
    pub seeds: Vec<i64>,
    /// The earliest and latest observation of its new sightings.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// Articles that are to become this one.
    pub gone: Vec<i64>,
    /// The texts and titles of its new seeds.
    pairs: HashSet<Key>,
    /// Whether the stored ones are among these.
    has_all_pairs: bool,
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

    /// Takes in what is known of an article that is this one. The lesser of two sets goes into the
    /// greater: whatever the order of joins, each member moves a few times.
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

impl Batch<'_> {
    /// What the batch changed about an article; see [`Batch::root`] for its id.
    pub(in crate::store) fn touch(&mut self, article_id: i64) -> &mut Touched {
        self.touched.entry(article_id).or_default()
    }

    /// Whether an article has a revision with this text and title.
    pub(in crate::store) fn has_pair(
        &mut self,
        article_id: i64,
        article: &Article,
    ) -> Result<bool> {
        let key = pair_key(article.text_sha256, &article.title);
        let touched = self.touch(article_id);
        match touched.pairs.contains(&key) || touched.has_all_pairs {
            true => Ok(touched.pairs.contains(&key)),
            false => Ok(self.revision_of_pair(article_id, &key)?.is_some()),
        }
    }

    /// The id of the stored revision with this text and title.
    pub(in crate::store) fn revision_of_pair(
        &self,
        article_id: i64,
        key: &Key,
    ) -> Result<Option<i64>> {
        // Where there is only one, its key is not stored.
        const FIRST: &str = "SELECT id, title, text_sha256, pair_key IS NULL AS is_only
            FROM revision WHERE article_id = ?1 AND sequence = 1";
        const FIND: &str = "SELECT id FROM revision WHERE article_id = ?1 AND pair_key = ?2";
        let mut statement = self.connection.prepare_cached(FIRST)?;
        let only = statement.query_row([article_id], |row| {
            let found = pair_key(row.get("text_sha256")?, &row.get::<_, String>("title")?);
            let is_it = found == *key;
            Ok((row.get("is_only")?, is_it.then_some(row.get("id")?)))
        });
        match only.optional()? {
            Some((true, id)) => Ok(id),
            _ => {
                let mut statement = self.connection.prepare_cached(FIND)?;
                Ok(statement.query_row((article_id, key), |row| row.get("id")).optional()?)
            }
        }
    }

    /// Makes the pairs of an article's stored revisions known, once a batch.
    pub(in crate::store) fn read_pairs(&mut self, article_id: i64) -> Result<()> {
        const READ: &str = "SELECT title, text_sha256 FROM revision WHERE article_id = ?1";
        if self.touch(article_id).has_all_pairs {
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached(READ)?;
        let pairs = statement.query_map([article_id], |row| {
            let text: Option<Sha256> = row.get("text_sha256")?;
            Ok(pair_key(text, &row.get::<_, String>("title")?))
        })?;
        let pairs: Vec<Key> = pairs.collect::<Result<_, _>>()?;
        drop(statement);
        let touched = self.touch(article_id);
        touched.pairs.extend(pairs);
        touched.has_all_pairs = true;
        Ok(())
    }
}
