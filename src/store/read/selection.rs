//! Selecting and ordering articles, and what a list shows of each.

use crate::error::Result;
use crate::model::{Language, Script, Status, Timestamp};
use crate::store::open::reader::Reader;
use crate::store::read::filter::{ArticleFilter, is_meant};
use crate::store::read::stats::Counted;

/// An order of articles. Equal ones are ordered by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ArticleOrder {
    /// By the number in the archive.
    #[default]
    ById,
    /// By publication, undated articles first.
    OldestFirst,
    /// By publication, undated articles last.
    NewestFirst,
    /// By host, articles without one first; each site's newest first.
    BySite,
}

/// A selection of articles; by default all of them, ordered by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Which.
    pub filter: ArticleFilter,
    /// In which order.
    pub order: ArticleOrder,
    /// Maximum number; `None` for all.
    pub limit: Option<u64>,
}

/// What a list shows of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleHead {
    /// In the archive.
    pub id: i64,
    /// Its current title.
    pub title: String,
    /// Of its text.
    pub script: Script,
    /// Primary BCP 47 subtag.
    pub language: Option<Language>,
    /// The canonical host; `None` without a usable address.
    pub site: Option<String>,
    /// When it was published first.
    pub published_at: Option<Timestamp>,
    /// When its current text was published.
    pub updated_at: Option<Timestamp>,
    /// When a file with it was first seen.
    pub first_seen_at: Option<Timestamp>,
    /// Whether its text is complete.
    pub status: Status,
    /// How many revisions it has.
    pub revision_count: u64,
}

impl ArticleHead {
    /// The month of publication in UTC, such as `2024-03`.
    pub fn month(&self) -> Option<String> {
        self.published_at.map(Timestamp::month)
    }
}

/// The ids in an order: the statement, without the ORDER BY terms.
macro_rules! select_ids {
    ($order:literal) => {
        concat!(
            "SELECT a.id FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE ",
            is_meant!(),
            " ORDER BY ",
            $order,
            " LIMIT :limit"
        )
    };
}

impl Reader {
    /// Passes the ids of a selection to `receive`, in its order.
    pub(in crate::store) fn article_ids(
        &self,
        selection: &Selection,
        receive: &mut dyn FnMut(i64) -> Result<()>,
    ) -> Result<()> {
        const BY_ID: &str = select_ids!("a.id");
        const OLDEST_FIRST: &str = select_ids!("a.published_at, a.id");
        const NEWEST_FIRST: &str = select_ids!("a.published_at DESC, a.id DESC");
        const BY_SITE: &str = select_ids!("t.host, a.published_at DESC, a.id DESC");
        let sql = match selection.order {
            ArticleOrder::ById => BY_ID,
            ArticleOrder::OldestFirst => OLDEST_FIRST,
            ArticleOrder::NewestFirst => NEWEST_FIRST,
            ArticleOrder::BySite => BY_SITE,
        };
        // To SQLite, a negative limit means no limit.
        let limit = selection.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let values = selection.filter.values(self)?;
        let mut parameters = values.named().to_vec();
        parameters.push((":limit", &limit));
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(&parameters[..])?;
        while let Some(row) = rows.next()? {
            receive(row.get("id")?)?;
        }
        Ok(())
    }

    /// Passes the articles of a selection to `receive`, in its order, as a list shows them.
    pub fn article_heads(
        &self,
        selection: &Selection,
        receive: &mut dyn FnMut(ArticleHead) -> Result<()>,
    ) -> Result<()> {
        const READ: &str =
            "SELECT a.title, a.script, a.language, t.host, a.published_at, a.updated_at,
                a.first_seen_at, a.status, a.revision_count
            FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE a.id = ?1";
        let mut statement = self.connection.prepare(READ)?;
        self.article_ids(selection, &mut |id| {
            let head = statement.query_row([id], |row| {
                Ok(ArticleHead {
                    id,
                    title: row.get("title")?,
                    script: row.get("script")?,
                    language: row.get("language")?,
                    site: row.get("host")?,
                    published_at: row.get("published_at")?,
                    updated_at: row.get("updated_at")?,
                    first_seen_at: row.get("first_seen_at")?,
                    status: row.get("status")?,
                    revision_count: row.get("revision_count")?,
                })
            })?;
            receive(head)
        })
    }

    /// Articles per month of publication (UTC), newest first, then the undated ones.
    pub fn articles_by_month(&self, filter: &ArticleFilter) -> Result<Vec<Counted>> {
        const COUNT: &str = concat!(
            "SELECT substr(a.published_at, 1, 7) AS name, count(*) AS articles
             FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE ",
            is_meant!(),
            " GROUP BY substr(a.published_at, 1, 7) ORDER BY name DESC"
        );
        self.count_articles(COUNT, filter)
    }

    /// Articles per host, most first, then those without an address.
    pub fn articles_by_site(&self, filter: &ArticleFilter) -> Result<Vec<Counted>> {
        const COUNT: &str = concat!(
            "SELECT t.host AS name, count(*) AS articles
             FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE ",
            is_meant!(),
            " GROUP BY t.host ORDER BY t.host IS NULL, articles DESC, t.host"
        );
        self.count_articles(COUNT, filter)
    }

    fn count_articles(&self, sql: &str, filter: &ArticleFilter) -> Result<Vec<Counted>> {
        let values = filter.values(self)?;
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map(&values.named()[..], |row| {
            Ok(Counted { name: row.get("name")?, count: row.get("articles")? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
