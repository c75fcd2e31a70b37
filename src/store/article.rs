//! The rows of one article's text.

use super::Writer;
use super::fts5::Inverted;
use super::revisions::NewRevision;
use crate::error::Result;
use crate::model::{Article, Block, Language, Precision, Timestamp};
use crate::normalize::EXTRACTOR_VERSION;
use crate::search::Tokens;
use rusqlite::{ToSql, named_params};

/// Most articles have fewer. Each statement looks up and writes down the table's last id, and these are
/// two of three rows of an archive: one statement for many takes 3 % off an import. Not so for other
/// tables: before a statement of several rows changes a page it copies it, and their indexes get new
/// rows everywhere.
pub(super) const PARAGRAPHS_AT_ONCE: usize = 64;

impl Writer {
    /// Writes an article that has one seed, all its rows at once: most of an import.
    pub(super) fn insert_article(
        &mut self,
        article_id: i64,
        article: &Article,
        inverted: Option<Inverted>,
        seed_id: i64,
        observed_at: Option<Timestamp>,
    ) -> Result<()> {
        const INSERT: &str =
            "INSERT INTO article (id, site_id, url, canonical_url, title, title_raw,
            author, dateline, script, language, published_at, published_precision, updated_at,
            status, status_detail, text_sha256, seed_id, revision_count, paragraph_count, char_count, first_seen_at, last_seen_at,
            extractor_version)
            VALUES (:id, :site_id, :url, :canonical_url, :title, :title_raw, :author, :dateline,
            :script, :language, :published_at, :published_precision, :published_at, :status,
            :status_detail, :text_sha256, :seed_id, 1, :paragraph_count, :char_count, :observed_at, :observed_at, :extractor_version)";
        let site_id = article.host.as_deref().map(|host| self.site(host)).transpose()?;
        let published_at = article.published.at().map(|time| time.to_string());
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
            ":language": article.language.as_ref().map(Language::as_str),
            ":published_at": published_at,
            ":published_precision": article.published.precision().map(Precision::as_str),
            ":status": article.status.as_str(),
            ":status_detail": article.status_detail,
            ":text_sha256": article.text_sha256,
            ":seed_id": seed_id,
            ":paragraph_count": content_blocks(article),
            ":char_count": article.text_length as i64,
            ":observed_at": observed_at.map(|time| time.to_string()),
            ":extractor_version": EXTRACTOR_VERSION,
        })?;
        self.next_article_id = article_id + 1;
        self.insert_revision(&NewRevision {
            article_id,
            sequence: 1,
            seed_id,
            title: &article.title,
            status: article.status,
            text_sha256: article.text_sha256,
            published_at: article.published.at(),
            observed_at,
            change: "first",
            pair_key: None,
        })?;
        self.put_url(article_id, &article.canonical_url, article.url.as_deref(), Some(seed_id))?;
        self.insert_text(article_id, article)?;
        self.index_article(article_id, inverted, article)
    }

    /// Notes an address that an article was seen under, as the greatest seed that has it spells it.
    pub(super) fn put_url(
        &self,
        article_id: i64,
        canonical_url: &str,
        url: Option<&str>,
        seed_id: Option<i64>,
    ) -> Result<()> {
        // Two statements: for an upsert that may update, SQLite keeps a copy of each page it touches.
        const INSERT: &str = "INSERT INTO article_url (canonical_url, article_id, url, seed_id)
            VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        const UPDATE: &str = "UPDATE article_url SET article_id = ?2, url = ?3, seed_id = ?4
            WHERE canonical_url = ?1";
        let row = (canonical_url, article_id, url, seed_id);
        if self.connection.prepare_cached(INSERT)?.execute(row)? == 0 {
            self.connection.prepare_cached(UPDATE)?.execute(row)?;
        }
        Ok(())
    }

    /// Another seed became the current one.
    pub(super) fn replace_text(
        &mut self,
        article_id: i64,
        seed_id: i64,
        article: &Article,
    ) -> Result<()> {
        const UPDATE: &str = "UPDATE article SET site_id = :site_id, url = :url,
            canonical_url = :canonical_url, title = :title, title_raw = :title_raw,
            author = :author, dateline = :dateline, script = :script, language = :language,
            updated_at = :updated_at,
            status = :status, status_detail = :status_detail, text_sha256 = :text_sha256,
            seed_id = :seed_id, paragraph_count = :paragraph_count, char_count = :char_count,
            extractor_version = :extractor_version WHERE id = :id";
        self.reindex_article(article_id, &Tokens::of(article))?;
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
            ":language": article.language.as_ref().map(Language::as_str),
            ":updated_at": article.published.at().map(|time| time.to_string()),
            ":status": article.status.as_str(),
            ":status_detail": article.status_detail,
            ":text_sha256": article.text_sha256,
            ":seed_id": seed_id,
            ":paragraph_count": content_blocks(article),
            ":char_count": article.text_length as i64,
            ":extractor_version": EXTRACTOR_VERSION,
            ":id": article_id,
        })?;
        self.clear_text(article_id)?;
        self.insert_text(article_id, article)
    }

    /// Removes the rows of an article's text.
    pub(super) fn clear_text(&self, article_id: i64) -> Result<()> {
        // What names a paragraph goes before the paragraphs.
        const CLEAR: [&str; 4] = [
            "DELETE FROM link WHERE article_id = ?1",
            "DELETE FROM media WHERE article_id = ?1",
            "DELETE FROM tag WHERE article_id = ?1",
            "DELETE FROM paragraph WHERE article_id = ?1",
        ];
        for statement in CLEAR {
            self.connection.prepare_cached(statement)?.execute([article_id])?;
        }
        Ok(())
    }

    /// Inserts an article's paragraphs, whose ids follow one another, and returns the first id.
    fn insert_paragraphs(&self, article_id: i64, blocks: &[Block]) -> Result<i64> {
        let mut position = 0;
        for rows in blocks.chunks(PARAGRAPHS_AT_ONCE) {
            let mut statement =
                self.connection.prepare_cached(&paragraphs_statement(rows.len()))?;
            let mut parameter = 0;
            let mut bind = |value: &dyn ToSql| {
                parameter += 1;
                statement.raw_bind_parameter(parameter, value)
            };
            for block in rows {
                bind(&article_id)?;
                bind(&position)?;
                bind(&block.kind.as_str())?;
                bind(&block.level)?;
                bind(&block.marker)?;
                bind(&block.text)?;
                bind(&block.kind.is_content())?;
                position += 1;
            }
            statement.raw_execute()?;
        }
        Ok(self.connection.last_insert_rowid() - position + 1)
    }

    fn insert_text(&self, article_id: i64, article: &Article) -> Result<()> {
        const LINK: &str = "INSERT INTO link (article_id, paragraph_id, position, kind, url, href,
            text, host, is_internal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        const MEDIA: &str = "INSERT INTO media (article_id, paragraph_id, position, kind, url, src,
            alt, caption) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        const TAG: &str =
            "INSERT INTO tag (article_id, position, name, kind) VALUES (?1, ?2, ?3, ?4)";
        let first_id = self.insert_paragraphs(article_id, &article.blocks)?;
        let paragraph = |block: Option<usize>| block.map(|at| first_id + at as i64);
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

fn paragraphs_statement(rows: usize) -> String {
    const INSERT: &str = "INSERT INTO paragraph (article_id, position, kind, level, marker, text, is_content) VALUES ";
    format!("{INSERT}{}", ["(?, ?, ?, ?, ?, ?, ?)"].repeat(rows).join(", "))
}

fn content_blocks(article: &Article) -> i64 {
    article.blocks.iter().filter(|block| block.kind.is_content()).count() as i64
}
