//! Reads complete articles for interchange, with their history and their bytes.

use crate::error::{Error, Result};
use crate::model::{
    ArticleRecord, ArticleView, Author, Block, Link, Media, Place, RejectedSeedRecord,
    RevisionRecord, SeedRecord, SightingRecord, Tag, UrlRecord,
};
use crate::store::open::original::verified_bytes;
use crate::store::open::reader::Reader;
use crate::store::read::selection::Selection;
use crate::store::schema::ARTICLE;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{OptionalExtension, Row};
use std::sync::LazyLock;

/// Whether the records include the originals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bytes {
    /// They do.
    Included,
    /// They do not.
    LeftOut,
}

impl Reader {
    /// Passes complete articles to `receive`, one at a time. Within [`Reader::on_one_state`], a running
    /// import does not affect them.
    ///
    /// Fails with [`Error::DamagedSeed`] if bytes do not match their SHA-256.
    pub fn article_records(
        &self,
        selection: &Selection,
        bytes: Bytes,
        receive: &mut dyn FnMut(ArticleRecord) -> Result<()>,
    ) -> Result<()> {
        self.article_ids(selection, &mut |id| receive(self.read_article(id, bytes)?))
    }

    /// One complete article; fails like [`Reader::article_records`].
    pub fn article_record(&self, id: i64, bytes: Bytes) -> Result<ArticleRecord> {
        self.on_one_state(|reader| reader.read_article(id, bytes))
    }

    fn read_article(&self, id: i64, bytes: Bytes) -> Result<ArticleRecord> {
        static READ: LazyLock<String> = LazyLock::new(|| {
            format!(
                "SELECT {}, t.host, s.sha256 AS seed_sha256,
                    s.published_precision AS updated_precision
                FROM article a JOIN seed s ON s.id = a.seed_id LEFT JOIN site t ON t.id = a.site_id
                WHERE a.id = ?1",
                ARTICLE.exported_columns()
            )
        });
        let mut statement = self.connection.prepare_cached(&READ)?;
        let article = statement.query_row([id], |row| {
            Ok(ArticleView {
                id: Some(id),
                url: row.get("url")?,
                canonical_url: row.get("canonical_url")?,
                site: row.get("host")?,
                site_name: row.get("site_name")?,
                title: row.get("title")?,
                title_raw: row.get("title_raw")?,
                author: row.get("author")?,
                dateline: row.get("dateline")?,
                script: row.get("script")?,
                language: row.get("language")?,
                published_at: row.get("published_at")?,
                published_precision: row.get("published_precision")?,
                updated_at: row.get("updated_at")?,
                updated_precision: row.get("updated_precision")?,
                modified_at: row.get("modified_at")?,
                status: row.get("status")?,
                status_detail: row.get("status_detail")?,
                char_count: row.get("char_count")?,
                first_seen_at: row.get("first_seen_at")?,
                last_seen_at: row.get("last_seen_at")?,
                seed_sha256: row.get("seed_sha256")?,
                paragraphs: Vec::new(),
                links: Vec::new(),
                media: Vec::new(),
                authors: Vec::new(),
                tags: Vec::new(),
                urls: Vec::new(),
                revisions: Vec::new(),
            })
        });
        let article = article.optional()?.ok_or_else(|| Error::NoSuchArticle(id.to_string()))?;
        let article = ArticleView {
            paragraphs: self.blocks(id)?,
            links: self.links(id)?,
            media: self.media(id)?,
            authors: self.authors(id)?,
            tags: self.tags(id)?,
            urls: self.urls(id)?,
            revisions: self.revision_records(id)?,
            ..article
        };
        Ok(ArticleRecord { article, seeds: self.seed_records(id, bytes)? })
    }

    /// Passes every seed without an article to `receive`, in the order of the ids.
    pub fn rejected_seed_records(
        &self,
        bytes: Bytes,
        receive: &mut dyn FnMut(RejectedSeedRecord) -> Result<()>,
    ) -> Result<()> {
        // A seed that was an article to an older extractor and no longer is has no recorded reason.
        const READ: &str = "SELECT s.id, s.sha256, s.byte_length, s.codec, s.body,
                coalesce(r.reason, 'unknown') AS reason, r.detail
            FROM seed s LEFT JOIN rejection r ON r.id = (
                SELECT max(r.id) FROM sighting g JOIN rejection r ON r.sighting_id = g.id
                WHERE g.seed_id = s.id)
            WHERE s.article_id IS NULL ORDER BY s.id";
        let mut statement = self.connection.prepare(READ)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            receive(RejectedSeedRecord {
                reason: row.get("reason")?,
                detail: row.get("detail")?,
                seed: self.seed_record(row, bytes)?,
            })?;
        }
        Ok(())
    }

    /// Runs `work` on one state of the archive.
    pub fn on_one_state<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.connection.execute_batch("BEGIN")?;
        let done = work(self);
        let ended = self.connection.execute_batch("COMMIT");
        let done = done?;
        ended?;
        Ok(done)
    }

    fn list<T>(
        &self,
        sql: &str,
        id: i64,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([id], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn blocks(&self, article_id: i64) -> Result<Vec<Block>> {
        const READ: &str = "SELECT kind, level, marker, text FROM paragraph
            WHERE article_id = ?1 ORDER BY position";
        self.list(READ, article_id, |row| {
            Ok(Block {
                kind: row.get("kind")?,
                level: row.get("level")?,
                marker: row.get("marker")?,
                text: row.get("text")?,
            })
        })
    }

    fn links(&self, article_id: i64) -> Result<Vec<Link>> {
        const READ: &str = "SELECT p.position AS paragraph, l.kind, l.url, l.href, l.text,
                l.host, l.is_internal, l.address_key
            FROM link l LEFT JOIN paragraph p ON p.id = l.paragraph_id
            WHERE l.article_id = ?1 ORDER BY l.position";
        self.list(READ, article_id, |row| {
            Ok(Link {
                block: row.get("paragraph")?,
                kind: row.get("kind")?,
                url: row.get("url")?,
                href: row.get("href")?,
                text: row.get("text")?,
                host: row.get("host")?,
                is_internal: row.get("is_internal")?,
                address_key: row.get("address_key")?,
            })
        })
    }

    fn media(&self, article_id: i64) -> Result<Vec<Media>> {
        const READ: &str =
            "SELECT p.position AS paragraph, m.kind, m.url, m.src, m.alt, m.caption, m.role
            FROM media m LEFT JOIN paragraph p ON p.id = m.paragraph_id
            WHERE m.article_id = ?1 ORDER BY m.position";
        self.list(READ, article_id, |row| {
            Ok(Media {
                block: row.get("paragraph")?,
                kind: row.get("kind")?,
                url: row.get("url")?,
                src: row.get("src")?,
                alt: row.get("alt")?,
                caption: row.get("caption")?,
                role: row.get("role")?,
            })
        })
    }

    fn authors(&self, article_id: i64) -> Result<Vec<Author>> {
        const READ: &str = "SELECT name, role FROM author WHERE article_id = ?1 ORDER BY position";
        self.list(READ, article_id, |row| {
            Ok(Author { name: row.get("name")?, role: row.get("role")? })
        })
    }

    fn tags(&self, article_id: i64) -> Result<Vec<Tag>> {
        const READ: &str = "SELECT name, kind FROM tag WHERE article_id = ?1 ORDER BY position";
        self.list(READ, article_id, |row| {
            Ok(Tag { name: row.get("name")?, kind: row.get("kind")? })
        })
    }

    fn urls(&self, article_id: i64) -> Result<Vec<UrlRecord>> {
        const READ: &str = "SELECT canonical_url, url FROM article_url
            WHERE article_id = ?1 ORDER BY canonical_url";
        self.list(READ, article_id, |row| {
            Ok(UrlRecord { canonical_url: row.get("canonical_url")?, url: row.get("url")? })
        })
    }

    fn revision_records(&self, article_id: i64) -> Result<Vec<RevisionRecord>> {
        const READ: &str = "SELECT r.id, r.sequence, r.change, r.title, r.status, r.published_at,
                s.published_precision, r.observed_at, s.sha256
            FROM revision r JOIN seed s ON s.id = r.seed_id
            WHERE r.article_id = ?1 ORDER BY r.sequence";
        const FORMER: &str = "SELECT kind, text FROM former_paragraph
            WHERE revision_id = ?1 ORDER BY position";
        let revisions = self.list(READ, article_id, |row| {
            let revision = RevisionRecord {
                sequence: row.get("sequence")?,
                change: row.get("change")?,
                title: row.get("title")?,
                status: row.get("status")?,
                published_at: row.get("published_at")?,
                published_precision: row.get("published_precision")?,
                observed_at: row.get("observed_at")?,
                sha256: row.get("sha256")?,
                former_paragraphs: Vec::new(),
            };
            Ok((row.get("id")?, revision))
        })?;
        let with_former = |(id, revision): (i64, RevisionRecord)| {
            let former_paragraphs = self.list(FORMER, id, |row| {
                let (kind, text) = (row.get("kind")?, row.get("text")?);
                Ok(Block { kind, level: None, marker: None, text })
            })?;
            Ok(RevisionRecord { former_paragraphs, ..revision })
        };
        revisions.into_iter().map(with_former).collect()
    }

    fn seed_records(&self, article_id: i64, bytes: Bytes) -> Result<Vec<SeedRecord>> {
        const READ: &str = "SELECT id, sha256, byte_length, codec, body FROM seed
            WHERE article_id = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(READ)?;
        let mut rows = statement.query([article_id])?;
        let mut seeds = Vec::new();
        while let Some(row) = rows.next()? {
            seeds.push(self.seed_record(row, bytes)?);
        }
        Ok(seeds)
    }

    fn seed_record(&self, row: &Row<'_>, bytes: Bytes) -> Result<SeedRecord> {
        const SIGHTINGS: &str = "SELECT path, member, observed_at, modified_ns FROM sighting
            WHERE seed_id = ?1 ORDER BY id";
        let id: i64 = row.get("id")?;
        let mut record = SeedRecord {
            sha256: row.get("sha256")?,
            body: None,
            body_base64: None,
            sightings: self.list(SIGHTINGS, id, |row| {
                Ok(SightingRecord {
                    place: Place { path: row.get("path")?, member: row.get("member")? },
                    observed_at: row.get("observed_at")?,
                    modified_ns: row.get("modified_ns")?,
                })
            })?,
        };
        let is_kept = row.get_ref("body")? != rusqlite::types::ValueRef::Null;
        if bytes == Bytes::Included && is_kept {
            let bytes = verified_bytes(row)?.ok_or(Error::DamagedSeed(id))?;
            match String::from_utf8(bytes) {
                Ok(text) => record.body = Some(text),
                Err(error) => record.body_base64 = Some(STANDARD.encode(error.as_bytes())),
            }
        }
        Ok(record)
    }
}
