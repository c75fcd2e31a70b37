//! Which pairs of text and title the revisions of an article have, looked up within a batch.

use crate::error::Result;
use crate::model::{Article, Sha256};
use crate::sameness::{Key, pair_key};
use crate::store::write::batch::Batch;
use crate::store::write::touched::Touched;
use rusqlite::OptionalExtension;

impl Batch<'_> {
    /// The record of the batch's changes to an article. Get the id from [`Batch::root`] first.
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
        if touched.pairs.contains(&key) || touched.has_all_pairs {
            Ok(touched.pairs.contains(&key))
        } else {
            Ok(self.revision_of_pair(article_id, &key)?.is_some())
        }
    }

    /// The id of the stored revision with this text and title.
    pub(in crate::store) fn revision_of_pair(
        &self,
        article_id: i64,
        key: &Key,
    ) -> Result<Option<i64>> {
        // An article's only revision has no stored key.
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

    /// Reads the pairs of an article's stored revisions, once per batch.
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
