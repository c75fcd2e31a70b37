//! Derived rows: writing an article, and bringing it up to date when its seeds changed.

use super::Writer;
use super::sameness::{SeedKeys, Standing, standing};
use crate::error::Result;
use crate::model::{Article, Timestamp};
use crate::normalize::title_key;
use rusqlite::named_params;
use std::collections::HashMap;

/// Makes an article again from a seed's bytes; `None` if they no longer give one.
pub type Derive<'a> = &'a dyn Fn(&[u8]) -> Option<Article>;

impl Writer {
    /// Brings every article touched since the last call up to date with its seeds. Once per batch
    /// and not per seed: many versions of one article in a batch are then decided once.
    pub fn settle(&mut self, derive: Derive<'_>) -> Result<()> {
        for article_id in std::mem::take(&mut self.touched) {
            let seeds = self.seeds_of(article_id)?;
            if let Some(standing) = standing(&seeds) {
                self.settle_article(article_id, &seeds, &standing, derive)?;
            }
        }
        Ok(())
    }

    fn settle_article(
        &mut self,
        article_id: i64,
        seeds: &[SeedKeys],
        standing: &Standing,
        derive: Derive<'_>,
    ) -> Result<()> {
        const CURRENT: &str = "SELECT seed_id FROM article WHERE id = ?1";
        const UPDATE: &str = "UPDATE article SET published_at = :published_at,
            revision_count = :revision_count,
            first_seen_at = (SELECT min(g.observed_at) FROM sighting g
                             JOIN seed s ON s.id = g.seed_id WHERE s.article_id = :id),
            last_seen_at = (SELECT max(g.observed_at) FROM sighting g
                            JOIN seed s ON s.id = g.seed_id WHERE s.article_id = :id)
            WHERE id = :id";
        let current = &seeds[standing.current];
        let stored: i64 = self
            .connection
            .prepare_cached(CURRENT)?
            .query_row([article_id], |row| row.get("seed_id"))?;
        if stored != current.id {
            // Should the bytes no longer give an article, its rows stay as they are.
            if let Some(article) = derive(&self.original(current.id)?) {
                self.replace_text(article_id, current.id, &article)?;
            }
        }
        self.write_revisions(article_id, seeds, standing)?;
        self.write_urls(article_id, seeds, standing)?;
        self.connection.prepare_cached(UPDATE)?.execute(named_params! {
            ":published_at": standing.published_at.map(|time| time.to_string()),
            ":revision_count": standing.revisions.len() as i64,
            ":id": article_id,
        })?;
        Ok(())
    }

    /// Writes the revisions as planned. A revision keeps its row as long as its pair of text and
    /// title stays.
    fn write_revisions(
        &self,
        article_id: i64,
        seeds: &[SeedKeys],
        standing: &Standing,
    ) -> Result<()> {
        const READ: &str = "SELECT id, title, text_sha256 FROM revision WHERE article_id = ?1";
        // Out of the way of the numbers to come, which are unique per article.
        const LIFT: &str = "UPDATE revision SET sequence = -sequence WHERE article_id = ?1";
        const UPDATE: &str = "UPDATE revision SET sequence = :sequence, seed_id = :seed_id,
            title = :title, status = :status, published_at = :published_at,
            observed_at = :observed_at, change = :change WHERE id = :id";
        let mut statement = self.connection.prepare_cached(READ)?;
        let stored = statement.query_map([article_id], |row| {
            let pair = (row.get("text_sha256")?, title_key(&row.get::<_, String>("title")?));
            Ok((pair, row.get("id")?))
        })?;
        let stored: HashMap<_, i64> = stored.collect::<Result<_, _>>()?;
        self.connection.prepare_cached(LIFT)?.execute([article_id])?;
        for (index, revision) in standing.revisions.iter().enumerate() {
            let seed = &seeds[revision.seed];
            let sequence = index as i64 + 1;
            match stored.get(&seed.pair()) {
                None => self.insert_revision(
                    article_id,
                    sequence,
                    seed,
                    revision.observed_at,
                    revision.change,
                )?,
                Some(id) => {
                    self.connection.prepare_cached(UPDATE)?.execute(named_params! {
                        ":sequence": sequence,
                        ":seed_id": seed.id,
                        ":title": seed.title,
                        ":status": seed.status.as_str(),
                        ":published_at": seed.published_at.map(|time| time.to_string()),
                        ":observed_at": revision.observed_at.map(|time| time.to_string()),
                        ":change": revision.change,
                        ":id": id,
                    })?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn insert_revision(
        &self,
        article_id: i64,
        sequence: i64,
        seed: &SeedKeys,
        observed_at: Option<Timestamp>,
        change: &str,
    ) -> Result<()> {
        const INSERT: &str = "INSERT INTO revision (article_id, sequence, seed_id, title, status,
            text_sha256, published_at, observed_at, change) VALUES (:article_id, :sequence,
            :seed_id, :title, :status, :text_sha256, :published_at, :observed_at, :change)";
        self.connection.prepare_cached(INSERT)?.execute(named_params! {
            ":article_id": article_id,
            ":sequence": sequence,
            ":seed_id": seed.id,
            ":title": seed.title,
            ":status": seed.status.as_str(),
            ":text_sha256": seed.text_sha256,
            ":published_at": seed.published_at.map(|time| time.to_string()),
            ":observed_at": observed_at.map(|time| time.to_string()),
            ":change": change,
        })?;
        Ok(())
    }

    fn write_urls(&self, article_id: i64, seeds: &[SeedKeys], standing: &Standing) -> Result<()> {
        const UPSERT: &str = "INSERT INTO article_url (canonical_url, article_id, url)
            VALUES (?1, ?2, ?3)
            ON CONFLICT (canonical_url) DO UPDATE
            SET article_id = excluded.article_id, url = excluded.url";
        let mut statement = self.connection.prepare_cached(UPSERT)?;
        for (canonical_url, &seed) in &standing.urls {
            statement.execute((canonical_url, article_id, &seeds[seed].url))?;
        }
        Ok(())
    }
}
