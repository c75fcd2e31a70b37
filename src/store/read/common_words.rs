//! Words that most articles of a large archive have. They do not distinguish articles, and the index takes
//! longest for them.

use crate::error::Result;
use crate::search::{Query, folded};
use crate::store::index::keeper::stored_text;
use crate::store::open::reader::Reader;
use rusqlite::{OptionalExtension, named_params};
use std::ops::RangeInclusive;

/// A query, split into common words and the rest.
pub(in crate::store) struct Split {
    /// Folded. Most articles have all of them; whether one does is checked in its text.
    pub common: Vec<String>,
    /// The rest as an FTS5 expression; `None` if nothing is left.
    pub expression: Option<String>,
}

impl Reader {
    /// Splits off the words that more than half of the articles of a large archive have. Such a word does not
    /// distinguish articles, and BM25 gives it a weight of a millionth. Applies to single characters, and to
    /// a word of two characters if it is the whole query.
    pub(in crate::store) fn split(&self, query: &Query) -> Result<Split> {
        /// In a smaller archive, ranking everything is faster than this check.
        const LEAST_ARTICLES: i64 = 1_000;
        const GREATEST: &str = "SELECT coalesce(max(id), 0) AS greatest FROM article";
        let greatest: i64 = self.connection.query_row(GREATEST, [], |row| row.get("greatest"))?;
        let is_large = greatest >= LEAST_ARTICLES;
        match query.pair() {
            Some(pair) if is_large && self.matches_most(query, greatest)? => {
                Ok(Split { common: vec![pair], expression: None })
            }
            _ => {
                let characters = if is_large { query.characters() } else { Vec::new() };
                let common = self.in_most(characters, greatest)?;
                let expression = query.match_expression_without(&common);
                Ok(Split { common, expression })
            }
        }
    }

    /// Whether most articles match a query, estimated by [`stretches`] of them: counting 50,000 matches takes
    /// a tenth of the time of ranking them. If the first matches are far apart, no further query is made.
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

    /// Those of the characters that most articles have, all of them together, judged by articles from all
    /// over the archive. In the index, a character is the prefix of thousands of pairs, and merging these
    /// takes a second.
    fn in_most(&self, characters: Vec<String>, greatest: i64) -> Result<Vec<String>> {
        const LOOKED_AT: i64 = 60;
        const FROM: &str = "SELECT id FROM article WHERE id >= ?1 ORDER BY id LIMIT 1";
        if characters.is_empty() {
            return Ok(characters);
        }
        let mut statement = self.connection.prepare_cached(FROM)?;
        // For each article, which of the characters it has.
        let mut texts: Vec<Vec<bool>> = Vec::new();
        for number in 0..LOOKED_AT {
            let from = 1 + greatest * number / LOOKED_AT;
            let id = statement.query_row([from], |row| row.get("id"))?;
            let (title, paragraphs) = stored_text(&self.connection, id)?;
            let mut has = vec![false; characters.len()];
            for text in [title].iter().chain(&paragraphs) {
                let folded = folded(text);
                for (has, character) in has.iter_mut().zip(&characters) {
                    *has = *has || folded.contains(character);
                }
            }
            texts.push(has);
        }
        let mut common = Vec::new();
        for (at, character) in characters.into_iter().enumerate() {
            let with_it = texts.iter().filter(|has| has[at]).count();
            if 2 * with_it as i64 > LOOKED_AT {
                texts.retain(|has| has[at]);
                common.push(character);
            }
        }
        Ok(common)
    }

    /// Whether the title or the content of an article has each of these folded words.
    pub(in crate::store) fn has_words(&self, article_id: i64, words: &[String]) -> Result<bool> {
        if words.is_empty() {
            return Ok(true);
        }
        let (title, texts) = stored_text(&self.connection, article_id)?;
        let mut missing: Vec<&String> = words.iter().collect();
        Ok([title].iter().chain(&texts).any(|text| {
            let folded = folded(text);
            missing.retain(|word| !folded.contains(*word));
            missing.is_empty()
        }))
    }
}

/// Ranges of ids from all over an archive, 4,000 ids at most; all ids of a smaller one.
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
