//! Filters of articles: by day, by site, by words.

use crate::error::Result;
use crate::model::setters;
use crate::search::Query;
use crate::store::open::reader::Reader;
use chrono::NaiveDate;
use rusqlite::ToSql;

/// Selects articles; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArticleFilter {
    /// The first day of publication, in UTC. Excludes undated articles.
    pub since: Option<NaiveDate>,
    /// The last day of publication, inclusive, in UTC. Excludes undated articles.
    pub until: Option<NaiveDate>,
    /// A canonical host, as in `site.host`.
    pub site: Option<String>,
    /// A query that the articles must match.
    pub query: Option<Query>,
}

setters!(ArticleFilter {
    with_since(since: NaiveDate) => Some(since),
    with_until(until: NaiveDate) => Some(until),
    with_site(site: impl Into<String>) => Some(site.into()),
    with_query(query: Query) => Some(query),
});

/// The condition of an [`ArticleFilter`] on `article a LEFT JOIN site t`, with the parameters of
/// [`FilterValues`].
macro_rules! is_meant {
    () => {
        "(:since IS NULL OR a.published_at >= :since)
         AND (:until IS NULL OR a.published_at < :until)
         AND (:site IS NULL OR t.host = :site)
         AND (:match IS NULL
              OR a.id IN (SELECT rowid FROM article_fts WHERE article_fts MATCH :match))"
    };
}
pub(in crate::store) use is_meant;

impl ArticleFilter {
    /// Whether it excludes undated articles.
    pub fn is_by_day(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Fails with [`crate::Error::OtherIndex`] if it has a query and the index is not this program's.
    pub(in crate::store) fn values(&self, reader: &Reader) -> Result<FilterValues> {
        if self.query.is_some() {
            reader.check_index()?;
        }
        // Times are compared as text: a day sorts before all of its moments.
        let behind = |day: NaiveDate| day.succ_opt().unwrap_or(day);
        Ok(FilterValues {
            since: self.since.map(|day| day.to_string()),
            until: self.until.map(|day| behind(day).to_string()),
            site: self.site.clone(),
            expression: self.query.as_ref().map(Query::match_expression),
        })
    }
}

/// The parameters of a statement with an [`ArticleFilter`].
pub(in crate::store) struct FilterValues {
    since: Option<String>,
    until: Option<String>,
    site: Option<String>,
    expression: Option<String>,
}

impl FilterValues {
    /// By name, to be combined with the statement's own.
    pub fn named(&self) -> [(&'static str, &dyn ToSql); 4] {
        [
            (":since", &self.since),
            (":until", &self.until),
            (":site", &self.site),
            (":match", &self.expression),
        ]
    }
}

impl Reader {
    /// How many articles a filter excludes only because they have no date.
    pub fn undated(&self, filter: &ArticleFilter) -> Result<u64> {
        const COUNT: &str = concat!(
            "SELECT count(*) AS articles FROM article a LEFT JOIN site t ON t.id = a.site_id
             WHERE a.published_at IS NULL AND ",
            is_meant!()
        );
        if !filter.is_by_day() {
            return Ok(0);
        }
        let at_any_time = ArticleFilter { since: None, until: None, ..filter.clone() };
        let values = at_any_time.values(self)?;
        let mut statement = self.connection.prepare_cached(COUNT)?;
        Ok(statement.query_row(&values.named()[..], |row| row.get("articles"))?)
    }
}
