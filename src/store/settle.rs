//! Derived rows: writing an article, and bringing it up to date when its seeds changed.

use super::Writer;
use super::sameness::{RevisionPlan, SeedKeys, Standing, standing};
use crate::error::Result;
use crate::model::{Article, Sha256};
use crate::normalize::{EXTRACTOR_VERSION, folded_text, title_key};
use rusqlite::named_params;
use std::collections::{BTreeSet, HashMap};

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
        self.fresh.clear();
        Ok(())
    }

    fn article_of_seed(&self, seed_id: i64, derive: Derive<'_>) -> Result<Option<Article>> {
        match self.fresh.get(&seed_id) {
            Some(article) => Ok(Some(article.clone())),
            None => Ok(derive(&self.original(seed_id)?)),
        }
    }

    fn settle_article(
        &mut self,
        article_id: i64,
        seeds: &[SeedKeys],
        standing: &Standing,
        derive: Derive<'_>,
    ) -> Result<()> {
        const STORED: &str =
            "SELECT seed_id, text_sha256, extractor_version FROM article WHERE id = ?1";
        const UPDATE: &str = "UPDATE article SET published_at = :published_at,
            revision_count = :revision_count,
            first_seen_at = (SELECT min(g.observed_at) FROM sighting g
                             JOIN seed s ON s.id = g.seed_id WHERE s.article_id = :id),
            last_seen_at = (SELECT max(g.observed_at) FROM sighting g
                            JOIN seed s ON s.id = g.seed_id WHERE s.article_id = :id)
            WHERE id = :id";
        let current = &seeds[standing.current];
        let stored = self.connection.prepare_cached(STORED)?.query_row([article_id], |row| {
            Ok(StoredText {
                seed_id: row.get("seed_id")?,
                text_sha256: row.get("text_sha256")?,
                extractor_version: row.get("extractor_version")?,
            })
        })?;
        let is_recut = stored.extractor_version != EXTRACTOR_VERSION;
        if stored.seed_id != current.id || is_recut {
            // Should the bytes no longer give an article, its rows stay as they are.
            if let Some(article) = self.article_of_seed(current.id, derive)? {
                self.replace_text(article_id, current.id, &article)?;
            }
        }
        let written = self.write_revisions(article_id, seeds, standing)?;
        let is_other_text = is_recut || stored.text_sha256 != current.text_sha256;
        self.write_former(article_id, current, seeds, &written, is_other_text, derive)?;
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
    ) -> Result<Vec<WrittenRevision>> {
        const READ: &str =
            "SELECT id, seed_id, title, text_sha256 FROM revision WHERE article_id = ?1";
        // Out of the way of the numbers to come, which are unique per article.
        const LIFT: &str = "UPDATE revision SET sequence = -sequence WHERE article_id = ?1";
        const UPDATE: &str = "UPDATE revision SET sequence = :sequence, seed_id = :seed_id,
            title = :title, status = :status, published_at = :published_at,
            observed_at = :observed_at, change = :change WHERE id = :id";
        const REMOVE: [&str; 2] = [
            "DELETE FROM former_paragraph WHERE revision_id = ?1",
            "DELETE FROM revision WHERE id = ?1",
        ];
        let mut statement = self.connection.prepare_cached(READ)?;
        let stored = statement.query_map([article_id], |row| {
            let pair = (row.get("text_sha256")?, title_key(&row.get::<_, String>("title")?));
            Ok((pair, (row.get("id")?, row.get("seed_id")?)))
        })?;
        let stored: Vec<(_, (i64, i64))> = stored.collect::<Result<_, _>>()?;
        let mut stale: BTreeSet<i64> = stored.iter().map(|&(_, (id, _))| id).collect();
        let stored: HashMap<_, _> = stored.into_iter().collect();
        self.connection.prepare_cached(LIFT)?.execute([article_id])?;
        let mut written = Vec::with_capacity(standing.revisions.len());
        for (index, plan) in standing.revisions.iter().enumerate() {
            let seed = &seeds[plan.seed];
            let sequence = index as i64 + 1;
            let (id, is_other) = match stored.get(&seed.pair()) {
                None => (self.insert_revision(article_id, sequence, seed, plan)?, true),
                Some(&(id, seed_id)) => {
                    stale.remove(&id);
                    self.connection.prepare_cached(UPDATE)?.execute(named_params! {
                        ":sequence": sequence,
                        ":seed_id": seed.id,
                        ":title": seed.title,
                        ":status": seed.status.as_str(),
                        ":published_at": seed.published_at.map(|time| time.to_string()),
                        ":observed_at": plan.observed_at.map(|time| time.to_string()),
                        ":change": plan.change,
                        ":id": id,
                    })?;
                    (id, seed_id != seed.id)
                }
            };
            written.push(WrittenRevision { id, seed: plan.seed, is_other });
        }
        for id in stale {
            for statement in REMOVE {
                self.connection.prepare_cached(statement)?.execute([id])?;
            }
        }
        Ok(written)
    }

    /// Writes what stood in earlier or lesser revisions and does not stand in the current text,
    /// for those where that can have changed.
    fn write_former(
        &self,
        article_id: i64,
        current: &SeedKeys,
        seeds: &[SeedKeys],
        revisions: &[WrittenRevision],
        is_other_text: bool,
        derive: Derive<'_>,
    ) -> Result<()> {
        const CLEAR: &str = "DELETE FROM former_paragraph WHERE revision_id = ?1";
        const INSERT: &str = "INSERT INTO former_paragraph (revision_id, position, kind, text)
            VALUES (?1, ?2, ?3, ?4)";
        if revisions.len() < 2 && !is_other_text {
            return Ok(());
        }
        let mut current_text = None;
        for revision in revisions.iter().filter(|revision| revision.is_other || is_other_text) {
            self.connection.prepare_cached(CLEAR)?.execute([revision.id])?;
            let seed = &seeds[revision.seed];
            if seed.text_sha256 == current.text_sha256 {
                continue;
            }
            let current_text = match &mut current_text {
                Some(text) => text,
                none => none.insert(self.folded_content(article_id)?),
            };
            let Some(article) = self.article_of_seed(seed.id, derive)? else {
                continue;
            };
            let mut statement = self.connection.prepare_cached(INSERT)?;
            for (position, block) in article.blocks.iter().enumerate() {
                if block.kind.is_content() && !current_text.contains(&folded_text(&block.text)) {
                    let kind = block.kind.as_str();
                    statement.execute((revision.id, position as i64, kind, &block.text))?;
                }
            }
        }
        Ok(())
    }

    /// The current text as sameness sees it: a paragraph that was only cut in two is still in it.
    fn folded_content(&self, article_id: i64) -> Result<String> {
        const READ: &str = "SELECT text FROM paragraph
            WHERE article_id = ?1 AND is_content = 1 ORDER BY position";
        let mut statement = self.connection.prepare_cached(READ)?;
        let mut rows = statement.query([article_id])?;
        let mut folded = String::new();
        while let Some(row) = rows.next()? {
            folded.push_str(&folded_text(row.get_ref("text")?.as_str().unwrap_or_default()));
        }
        Ok(folded)
    }

    pub(super) fn insert_revision(
        &self,
        article_id: i64,
        sequence: i64,
        seed: &SeedKeys,
        plan: &RevisionPlan,
    ) -> Result<i64> {
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
            ":observed_at": plan.observed_at.map(|time| time.to_string()),
            ":change": plan.change,
        })?;
        Ok(self.connection.last_insert_rowid())
    }

    fn write_urls(&self, article_id: i64, seeds: &[SeedKeys], standing: &Standing) -> Result<()> {
        const READ: &str = "SELECT canonical_url FROM article_url WHERE article_id = ?1";
        const REMOVE: &str = "DELETE FROM article_url WHERE canonical_url = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        let stored = statement.query_map([article_id], |row| row.get("canonical_url"))?;
        let stored: Vec<String> = stored.collect::<Result<_, _>>()?;
        // Only another extractor spells an address that it had in another way.
        for address in stored.iter().filter(|address| !standing.urls.contains_key(*address)) {
            self.connection.prepare_cached(REMOVE)?.execute([address])?;
        }
        for (canonical_url, &seed) in &standing.urls {
            self.put_url(article_id, canonical_url, seeds[seed].url.as_deref())?;
        }
        Ok(())
    }
}

/// The text that an article's rows were made from.
struct StoredText {
    seed_id: i64,
    text_sha256: Option<Sha256>,
    extractor_version: i64,
}

/// A revision as it now stands in its table.
struct WrittenRevision {
    id: i64,
    /// Index of its greatest seed.
    seed: usize,
    /// Whether it is new, or its text now comes from another seed.
    is_other: bool,
}
