//! The rows of one article's text.

use crate::error::Result;
use crate::model::{Article, Block, Change, Timestamp};
use crate::sameness::Earliest;
use crate::store::index::fts5::Inverted;
use crate::store::index::keeper::Reindexed;
use crate::store::schema::{
    ARTICLE, ARTICLE_URL, AUTHOR, Address, AllSeeds, Current, InText, LINK, MEDIA, PARAGRAPH,
    PARAGRAPHS_AT_ONCE, Revision, Scalar, TAG, execute, run,
};
use crate::store::write::batch::Batch;
use std::iter::once;
use std::sync::{LazyLock, OnceLock};

impl Batch<'_> {
    /// Writes a new article with one seed, all its rows at once. Most of an import is this. `published` is the
    /// seed's time as far as it is believed.
    pub(in crate::store) fn insert_article(
        &mut self,
        article_id: i64,
        article: &Article,
        inverted: Option<Inverted>,
        seed_id: i64,
        observed_at: Option<Timestamp>,
        published: Earliest,
    ) -> Result<()> {
        static INSERT: LazyLock<String> = LazyLock::new(|| ARTICLE.insert_with_key());
        let site_id = self.site_of(article)?;
        self.count_site_name(site_id, article.site_name.as_deref(), 1);
        let current = Current { article, site: site_id.into(), seed_id };
        let all = AllSeeds { published, revision_count: 1 };
        let row = ARTICLE.values(|source| source.value(&current, &all, observed_at));
        execute(self.connection, &INSERT, once(article_id.into()).chain(row))?;
        self.insert_revision(&Revision {
            article_id,
            sequence: 1,
            seed_id,
            title: &article.title,
            status: article.status,
            text_sha256: article.text_sha256,
            published_at: article.published.at(),
            observed_at,
            change: Change::First,
            pair_key: None,
        })?;
        self.put_url(article_id, &article.canonical_url, article.url.as_deref(), Some(seed_id))?;
        self.insert_text(article_id, article)?;
        self.index.add(article_id, inverted, article)
    }

    /// Records an address that an article was seen under, in the spelling of the greatest seed that has it.
    pub(in crate::store) fn put_url(
        &self,
        article_id: i64,
        canonical_url: &str,
        url: Option<&str>,
        seed_id: Option<i64>,
    ) -> Result<()> {
        // Two statements: for an upsert that may update, SQLite keeps a copy of each page it touches.
        static INSERT: LazyLock<String> =
            LazyLock::new(|| ARTICLE_URL.insert() + " ON CONFLICT DO NOTHING");
        static UPDATE: LazyLock<String> =
            LazyLock::new(|| ARTICLE_URL.update_by("canonical_url", |_| true));
        let address = Address { canonical_url, article_id, url, seed_id };
        let row = ARTICLE_URL.values(|value| value(&address));
        if execute(self.connection, &INSERT, row)? == 0 {
            let row = ARTICLE_URL.changing_values(|value| value(&address));
            execute(self.connection, &UPDATE, row.chain(once(canonical_url.into())))?;
        }
        Ok(())
    }

    /// Replaces the text of an article after another seed became the current one.
    pub(in crate::store) fn replace_text(
        &mut self,
        article_id: i64,
        seed_id: i64,
        article: &Article,
    ) -> Result<()> {
        static UPDATE: LazyLock<String> =
            LazyLock::new(|| ARTICLE.update(|column| column.value.is_current()));
        let reindexed = self.index.replace(self.connection, article_id, article)?;
        let site_id = self.site_of(article)?;
        self.remove_site_name(article_id)?;
        self.count_site_name(site_id, article.site_name.as_deref(), 1);
        let current = Current { article, site: site_id.into(), seed_id };
        let values = ARTICLE.current_values(&current).chain(once(article_id.into()));
        execute(self.connection, &UPDATE, values)?;
        self.clear_text(reindexed)?;
        self.insert_text(article_id, article)
    }

    /// Removes the rows of an article's text.
    pub(in crate::store) fn clear_text(&self, reindexed: Reindexed) -> Result<()> {
        // Rows that refer to paragraphs are deleted before the paragraphs.
        const CLEAR: [&str; 5] = [
            "DELETE FROM link WHERE article_id = ?1",
            "DELETE FROM media WHERE article_id = ?1",
            "DELETE FROM author WHERE article_id = ?1",
            "DELETE FROM tag WHERE article_id = ?1",
            "DELETE FROM paragraph WHERE article_id = ?1",
        ];
        for statement in CLEAR {
            self.connection.prepare_cached(statement)?.execute([reindexed.article_id()])?;
        }
        Ok(())
    }

    /// Inserts an article's paragraphs with consecutive ids, and returns the first id.
    fn insert_paragraphs(&self, article_id: i64, blocks: &[Block]) -> Result<i64> {
        static INSERTS: [OnceLock<String>; PARAGRAPHS_AT_ONCE] =
            [const { OnceLock::new() }; PARAGRAPHS_AT_ONCE];
        let mut position = 0;
        for rows in blocks.chunks(PARAGRAPHS_AT_ONCE) {
            let sql = INSERTS[rows.len() - 1].get_or_init(|| PARAGRAPH.insert_many(rows.len()));
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut parameter = 0;
            for item in rows {
                let row = InText { item, article_id, position, paragraph: Scalar::Null };
                for value in PARAGRAPH.values(|value| value(&row)) {
                    parameter += 1;
                    statement.raw_bind_parameter(parameter, value)?;
                }
                position += 1;
            }
            statement.raw_execute()?;
        }
        Ok(self.connection.last_insert_rowid() - offset(position) + 1)
    }

    fn insert_text(&self, article_id: i64, article: &Article) -> Result<()> {
        static INSERT_LINK: LazyLock<String> = LazyLock::new(|| LINK.insert());
        static INSERT_MEDIA: LazyLock<String> = LazyLock::new(|| MEDIA.insert());
        static INSERT_AUTHOR: LazyLock<String> = LazyLock::new(|| AUTHOR.insert());
        static INSERT_TAG: LazyLock<String> = LazyLock::new(|| TAG.insert());
        let first_id = self.insert_paragraphs(article_id, &article.blocks)?;
        let paragraph = |block: Option<usize>| block.map(|at| first_id + offset(at)).into();
        let mut statement = self.connection.prepare_cached(&INSERT_LINK)?;
        for (position, item) in article.links.iter().enumerate() {
            let row = InText { item, article_id, position, paragraph: paragraph(item.block) };
            run(&mut statement, LINK.values(|value| value(&row)))?;
        }
        let mut statement = self.connection.prepare_cached(&INSERT_MEDIA)?;
        for (position, item) in article.media.iter().enumerate() {
            let row = InText { item, article_id, position, paragraph: paragraph(item.block) };
            run(&mut statement, MEDIA.values(|value| value(&row)))?;
        }
        let mut statement = self.connection.prepare_cached(&INSERT_AUTHOR)?;
        for (position, item) in article.authors.iter().enumerate() {
            let row = InText { item, article_id, position, paragraph: Scalar::Null };
            run(&mut statement, AUTHOR.values(|value| value(&row)))?;
        }
        let mut statement = self.connection.prepare_cached(&INSERT_TAG)?;
        for (position, item) in article.tags.iter().enumerate() {
            let row = InText { item, article_id, position, paragraph: Scalar::Null };
            run(&mut statement, TAG.values(|value| value(&row)))?;
        }
        Ok(())
    }

    /// The id of an article's site; inserts the site if it is new.
    pub(in crate::store) fn site_of(&mut self, article: &Article) -> Result<Option<i64>> {
        let host = article.host.as_deref();
        host.map(|host| self.ids.site(self.connection, host)).transpose()
    }
}

/// The distance of an id from that of the first block; a text has fewer blocks than there are ids.
fn offset(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
