//! Joining articles that turn out to be the same one.

use crate::error::Result;
use crate::model::Article;
use crate::sameness::LEAST_TEXT;
use crate::store::write::batch::Batch;
use rusqlite::{OptionalExtension, named_params};

/// The articles that a new seed belongs to, by each rule of sameness.
pub(in crate::store) struct Matches {
    /// The article that was seen under this canonical URL.
    pub by_url: Option<i64>,
    /// The article of this site with this text at this known time.
    pub by_text: Option<i64>,
}

impl Batch<'_> {
    pub(in crate::store) fn matches(&mut self, article: &Article) -> Result<Matches> {
        let by_url = self.article_of_url(&article.canonical_url)?;
        let by_text = self.article_of_text(article)?;
        Ok(Matches {
            by_url: by_url.map(|id| self.root(id)),
            by_text: by_text.map(|id| self.root(id)),
        })
    }

    fn article_of_url(&self, canonical_url: &str) -> Result<Option<i64>> {
        const FIND: &str = "SELECT article_id FROM article_url WHERE canonical_url = ?1";
        let mut statement = self.connection.prepare_cached(FIND)?;
        Ok(statement.query_row([canonical_url], |row| row.get("article_id")).optional()?)
    }

    /// The article of this site that has this text at this time.
    fn article_of_text(&mut self, article: &Article) -> Result<Option<i64>> {
        // One match is enough: all matches already belong to one article, or will after the joins.
        const FIND: &str = "SELECT article_id FROM seed WHERE text_sha256 = :text_sha256
            AND published_at = :published_at AND site_id = :site_id
            AND article_id IS NOT NULL LIMIT 1";
        let (Some(text_sha256), Some(published_at), Some(host)) =
            (article.text_sha256, article.published.at(), &article.host)
        else {
            return Ok(None);
        };
        if article.text_length < LEAST_TEXT {
            return Ok(None);
        }
        let site_id = self.ids.site(self.connection, host)?;
        let mut statement = self.connection.prepare_cached(FIND)?;
        let found = statement.query_row(
            named_params! {
                ":text_sha256": text_sha256,
                ":published_at": published_at,
                ":site_id": site_id,
            },
            |row| row.get("article_id"),
        );
        Ok(found.optional()?)
    }

    /// Joins two articles; the lower id is kept and returned. The rows are moved when the batch is settled,
    /// so that a chain of joins moves each seed once.
    pub(in crate::store) fn join(&mut self, one: i64, other: i64) -> Result<i64> {
        let (one, other) = (self.root(one), self.root(other));
        let (kept, gone) = (one.min(other), one.max(other));
        if kept != gone {
            self.read_pairs(kept)?;
            self.read_pairs(gone)?;
            let touched = self.touched.remove(&gone).unwrap_or_default();
            self.joined.insert(gone, kept);
            self.touch(kept).join(gone, touched);
        }
        self.touch(kept).is_whole = true;
        Ok(kept)
    }

    /// The article that this one became by the joins of this batch.
    pub(in crate::store) fn root(&mut self, article_id: i64) -> i64 {
        let mut root = article_id;
        while let Some(&next) = self.joined.get(&root) {
            root = next;
        }
        let mut at = article_id;
        while let Some(next) = self.joined.get_mut(&at) {
            at = std::mem::replace(next, root);
        }
        root
    }

    /// Moves the rows of articles that were joined into another to that one.
    pub(in crate::store) fn unite(&mut self, kept: i64, gone: &[i64]) -> Result<()> {
        const MOVE: &str = "UPDATE seed SET article_id = :kept WHERE article_id = :gone";
        for &gone in gone {
            self.connection
                .prepare_cached(MOVE)?
                .execute(named_params! { ":kept": kept, ":gone": gone })?;
            self.remove_article(gone, Some(kept))?;
        }
        Ok(())
    }

    /// Removes an article that has no seeds any more. Its id, and every id that led to it, leads to `heir`
    /// from now on, if there is one.
    pub(in crate::store) fn remove_article(&mut self, gone: i64, heir: Option<i64>) -> Result<()> {
        const URLS: &str = "UPDATE article_url SET article_id = :heir WHERE article_id = :gone";
        const LEAD_ON: &str =
            "UPDATE article_merged SET article_id = :heir WHERE article_id = :gone";
        const REMEMBER: &str = "INSERT INTO article_merged (old_id, article_id, run_id)
            VALUES (:gone, :heir, :run_id)";
        const FORGET: [&str; 2] = [
            "DELETE FROM article_url WHERE article_id = ?1",
            "DELETE FROM article_merged WHERE article_id = ?1",
        ];
        const REMOVE: [&str; 3] = [
            "DELETE FROM former_paragraph
             WHERE revision_id IN (SELECT id FROM revision WHERE article_id = ?1)",
            "DELETE FROM revision WHERE article_id = ?1",
            "DELETE FROM article WHERE id = ?1",
        ];
        self.remove_site_name(gone)?;
        let reindexed = self.index.remove(self.connection, gone)?;
        match heir {
            Some(heir) => {
                for statement in [URLS, LEAD_ON] {
                    let values = named_params! { ":heir": heir, ":gone": gone };
                    self.connection.prepare_cached(statement)?.execute(values)?;
                }
            }
            None => {
                for statement in FORGET {
                    self.connection.prepare_cached(statement)?.execute([gone])?;
                }
            }
        }
        self.clear_text(reindexed)?;
        for statement in REMOVE {
            self.connection.prepare_cached(statement)?.execute([gone])?;
        }
        if let Some(heir) = heir {
            let run_id = (self.run_id != 0).then_some(self.run_id);
            let values = named_params! { ":gone": gone, ":heir": heir, ":run_id": run_id };
            self.connection.prepare_cached(REMEMBER)?.execute(values)?;
        }
        Ok(())
    }
}
