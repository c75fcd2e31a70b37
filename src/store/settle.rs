//! Derived rows: writing an article, and bringing it up to date when its seeds changed.

use super::Writer;
use super::sameness::{SeedKeys, Standing, standing};
use crate::error::Result;
use crate::model::{Article, Origin, Timestamp};
use crate::normalize::{EXTRACTOR_VERSION, title_key};
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

    fn insert_revision(
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

    /// Writes an article that has one seed, all its rows at once: most of an import.
    pub(super) fn insert_article(
        &mut self,
        article_id: i64,
        article: &Article,
        seed_id: i64,
        origin: &Origin,
    ) -> Result<()> {
        const INSERT: &str =
            "INSERT INTO article (id, site_id, url, canonical_url, title, title_raw,
            author, dateline, script, published_at, updated_at, status, status_detail, text_sha256,
            seed_id, revision_count, paragraph_count, char_count, first_seen_at, last_seen_at,
            extractor_version)
            VALUES (:id, :site_id, :url, :canonical_url, :title, :title_raw, :author, :dateline,
            :script, :published_at, :published_at, :status, :status_detail, :text_sha256, :seed_id,
            1, :paragraph_count, :char_count, :observed_at, :observed_at, :extractor_version)";
        let site_id = article.host.as_deref().map(|host| self.site(host)).transpose()?;
        let published_at = article.published_at.map(|time| time.to_string());
        let observed_at = origin.observed_at.map(|time| time.to_string());
        self.connection.prepare_cached(INSERT)?.execute(named_params! {
            ":id": article_id,
            ":site_id": site_id,
            ":url": article.url,
            ":canonical_url": article.canonical_url,
            ":title": article.title,
            ":title_raw": article.title_raw,
            ":author": article.author,
            ":dateline": article.dateline,
            ":script": article.script.as_str(),
            ":published_at": published_at,
            ":status": article.status.as_str(),
            ":status_detail": article.status_detail,
            ":text_sha256": article.text_sha256,
            ":seed_id": seed_id,
            ":paragraph_count": content_blocks(article),
            ":char_count": article.text_length as i64,
            ":observed_at": observed_at,
            ":extractor_version": EXTRACTOR_VERSION,
        })?;
        self.next_article_id = article_id + 1;
        let seed = SeedKeys {
            id: seed_id,
            sha256: [0; 32],
            canonical_url: article.canonical_url.clone(),
            url: article.url.clone(),
            title: article.title.clone(),
            published_at: article.published_at,
            observed_at: origin.observed_at,
            text_sha256: article.text_sha256,
            text_length: article.text_length as i64,
            status: article.status,
        };
        self.insert_revision(article_id, 1, &seed, origin.observed_at, "first")?;
        const INSERT_URL: &str =
            "INSERT INTO article_url (canonical_url, article_id, url) VALUES (?1, ?2, ?3)";
        let address = (&article.canonical_url, article_id, &article.url);
        self.connection.prepare_cached(INSERT_URL)?.execute(address)?;
        self.insert_text(article_id, article)
    }

    /// Another seed became the current one.
    fn replace_text(&mut self, article_id: i64, seed_id: i64, article: &Article) -> Result<()> {
        const UPDATE: &str = "UPDATE article SET site_id = :site_id, url = :url,
            canonical_url = :canonical_url, title = :title, title_raw = :title_raw,
            author = :author, dateline = :dateline, script = :script, updated_at = :updated_at,
            status = :status, status_detail = :status_detail, text_sha256 = :text_sha256,
            seed_id = :seed_id, paragraph_count = :paragraph_count, char_count = :char_count,
            extractor_version = :extractor_version WHERE id = :id";
        // What names a paragraph goes before the paragraphs.
        const CLEAR: [&str; 4] = [
            "DELETE FROM link WHERE article_id = ?1",
            "DELETE FROM media WHERE article_id = ?1",
            "DELETE FROM tag WHERE article_id = ?1",
            "DELETE FROM paragraph WHERE article_id = ?1",
        ];
        let site_id = article.host.as_deref().map(|host| self.site(host)).transpose()?;
        self.connection.prepare_cached(UPDATE)?.execute(named_params! {
            ":site_id": site_id,
            ":url": article.url,
            ":canonical_url": article.canonical_url,
            ":title": article.title,
            ":title_raw": article.title_raw,
            ":author": article.author,
            ":dateline": article.dateline,
            ":script": article.script.as_str(),
            ":updated_at": article.published_at.map(|time| time.to_string()),
            ":status": article.status.as_str(),
            ":status_detail": article.status_detail,
            ":text_sha256": article.text_sha256,
            ":seed_id": seed_id,
            ":paragraph_count": content_blocks(article),
            ":char_count": article.text_length as i64,
            ":extractor_version": EXTRACTOR_VERSION,
            ":id": article_id,
        })?;
        for statement in CLEAR {
            self.connection.prepare_cached(statement)?.execute([article_id])?;
        }
        self.insert_text(article_id, article)
    }

    fn insert_text(&self, article_id: i64, article: &Article) -> Result<()> {
        const PARAGRAPH: &str = "INSERT INTO paragraph
            (article_id, position, kind, level, text, is_content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        const LINK: &str = "INSERT INTO link (article_id, paragraph_id, position, kind, url, href,
            text, host, is_internal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        const MEDIA: &str = "INSERT INTO media (article_id, paragraph_id, position, kind, url, src,
            alt, caption) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        const TAG: &str =
            "INSERT INTO tag (article_id, position, name, kind) VALUES (?1, ?2, ?3, ?4)";
        let mut paragraph_ids = Vec::with_capacity(article.blocks.len());
        let mut statement = self.connection.prepare_cached(PARAGRAPH)?;
        for (at, block) in article.blocks.iter().enumerate() {
            let kind = (block.kind.as_str(), block.level);
            let is_content = block.kind.is_content();
            statement.execute((article_id, at as i64, kind.0, kind.1, &block.text, is_content))?;
            paragraph_ids.push(self.connection.last_insert_rowid());
        }
        let paragraph = |block: Option<usize>| block.and_then(|at| paragraph_ids.get(at)).copied();
        let mut statement = self.connection.prepare_cached(LINK)?;
        for (at, link) in article.links.iter().enumerate() {
            let place = (paragraph(link.block), at as i64);
            let (kind, url, href) = (link.kind.as_str(), &link.url, &link.href);
            let (text, host) = (&link.text, &link.host);
            let is_internal = link.is_internal;
            statement.execute((
                article_id,
                place.0,
                place.1,
                kind,
                url,
                href,
                text,
                host,
                is_internal,
            ))?;
        }
        let mut statement = self.connection.prepare_cached(MEDIA)?;
        for (at, media) in article.media.iter().enumerate() {
            let place = (paragraph(media.block), at as i64);
            let (kind, url, src) = (media.kind.as_str(), &media.url, &media.src);
            statement.execute((
                article_id,
                place.0,
                place.1,
                kind,
                url,
                src,
                &media.alt,
                &media.caption,
            ))?;
        }
        let mut statement = self.connection.prepare_cached(TAG)?;
        for (at, tag) in article.tags.iter().enumerate() {
            statement.execute((article_id, at as i64, &tag.name, tag.kind))?;
        }
        Ok(())
    }
}

fn content_blocks(article: &Article) -> i64 {
    article.blocks.iter().filter(|block| block.kind.is_content()).count() as i64
}
