//! Words that most articles of a large archive have: they say nothing of an article, and the index takes
//! longest for them.

use super::{Reader, index};
use crate::error::Result;
use crate::search::{Query, folded};
use rusqlite::{OptionalExtension, named_params};
use std::ops::RangeInclusive;

impl Reader {
    /// The word that is all of a query, if more than half of a large archive has it: then where it
    /// stands says nothing of an article, and BM25 weighs it with a millionth.
    pub(super) fn common_word(&self, query: &Query) -> Result<Option<String>> {
        /// In a smaller archive everything has been ranked before this is known.
        const LEAST_ARTICLES: i64 = 1_000;
        const GREATEST: &str = "SELECT coalesce(max(id), 0) AS greatest FROM article";
        let Some(word) = query.short_word() else { return Ok(None) };
        let greatest: i64 = self.connection.query_row(GREATEST, [], |row| row.get("greatest"))?;
        if greatest < LEAST_ARTICLES {
            return Ok(None);
        }
        let is_common = match word.chars().count() {
            1 => self.is_in_most(&word, greatest)?,
            _ => self.matches_most(query, greatest)?,
        };
        Ok(is_common.then_some(word))
    }

    /// Whether most articles match a query, by stretches from all over the archive, which are all of a
    /// small one: to count 50,000 matches takes a tenth of the time that ranking them does. Where the
    /// first matches are far apart, nothing more is asked.
    fn matches_most(&self, query: &Query, greatest: i64) -> Result<bool> {
        const FIRST: i64 = 500;
        const FIRST_ID: &str = "SELECT rowid AS id FROM article_fts WHERE article_fts MATCH :match
            LIMIT 1 OFFSET :first";
        const SHARE: &str = "SELECT
            (SELECT count(*) FROM article_fts
             WHERE article_fts MATCH :match AND rowid BETWEEN :first AND :last) AS matches,
            (SELECT count(*) FROM article WHERE id BETWEEN :first AND :last) AS articles";
        let expression = query.match_expression();
        let mut statement = self.connection.prepare_cached(FIRST_ID)?;
        let first = named_params! { ":match": expression, ":first": FIRST };
        let first: Option<i64> = statement.query_row(first, |row| row.get("id")).optional()?;
        if first.is_none_or(|id| id > 3 * FIRST) {
            return Ok(false);
        }
        let mut statement = self.connection.prepare_cached(SHARE)?;
        let (mut matches, mut articles) = (0, 0);
        for ids in stretches(greatest) {
            let (first, last) = (ids.start(), ids.end());
            let values = named_params! { ":match": expression, ":first": first, ":last": last };
            let share: (i64, i64) = statement
                .query_row(values, |row| Ok((row.get("matches")?, row.get("articles")?)))?;
            (matches, articles) = (matches + share.0, articles + share.1);
        }
        Ok(2 * matches > articles)
    }

    /// Whether most articles have a character, by some from all over the archive. The index has it as
    /// the beginning of thousands of pairs, and takes a second to put them together.
    fn is_in_most(&self, character: &str, greatest: i64) -> Result<bool> {
        const LOOKED_AT: i64 = 60;
        const FROM: &str = "SELECT id FROM article WHERE id >= ?1 ORDER BY id LIMIT 1";
        let mut have_it = 0;
        let mut statement = self.connection.prepare_cached(FROM)?;
        for number in 0..LOOKED_AT {
            let from = 1 + greatest * number / LOOKED_AT;
            let id = statement.query_row([from], |row| row.get("id"))?;
            have_it += i64::from(self.has_word(id, character)?);
        }
        Ok(2 * have_it > LOOKED_AT)
    }

    /// Whether an article's title or content has a word, folded.
    pub(super) fn has_word(&self, article_id: i64, word: &str) -> Result<bool> {
        let (title, texts) = index::stored_text(&self.connection, article_id)?;
        Ok([title].iter().chain(&texts).any(|text| folded(text).contains(word)))
    }
}

/// Ids from all over an archive, 4,000 at most.
fn stretches(greatest: i64) -> impl Iterator<Item = RangeInclusive<i64>> {
    const COUNT: i64 = 16;
    const LENGTH: i64 = 250;
    (0..COUNT).map(move |number| {
        let [start, next] = [number, number + 1].map(|number| greatest * number / COUNT);
        start + 1..=next.min(start + LENGTH)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_ids() {
        let ids = |greatest| stretches(greatest).flatten().collect::<Vec<_>>();
        for greatest in [0, 1, 15, 16, 17, 3_999, 4_000] {
            assert_eq!(ids(greatest), (1..=greatest).collect::<Vec<_>>(), "{greatest}");
        }
        let some = ids(100_000);
        assert_eq!(some.len(), 4_000);
        assert!(some.is_sorted_by(|one, other| one < other));
        for part in 0..10 {
            let found = some.iter().filter(|&id| id / 10_000 == part).count();
            assert!((250..=500).contains(&found), "{part}: {found}");
        }
    }
}
