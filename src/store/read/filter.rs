//! Filters of articles: by day, site, language, author, tag, import and words.

use crate::error::{Error, QueryProblem, Result};
use crate::extract::host_of;
use crate::model::{Language, Period, UtcOffset, setters};
use crate::search::{Field, Query, Question, folded};
use crate::store::open::reader::Reader;
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, ToSql};
use std::collections::HashSet;

/// Selects articles; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArticleFilter {
    /// The first day of publication. Excludes undated articles.
    pub since: Option<NaiveDate>,
    /// The last day of publication, inclusive. Excludes undated articles.
    pub until: Option<NaiveDate>,
    /// Whose days these are.
    pub utc_offset: UtcOffset,
    /// Canonical hosts, as in `site.host`: articles of any of them. Empty for all.
    pub sites: Vec<String>,
    /// Articles in any of these. Empty for all.
    pub languages: Vec<Language>,
    /// Articles with any of these names in `author.name`, or as the whole `article.author`, in any spelling that a
    /// search does not distinguish. Empty for all.
    pub authors: Vec<String>,
    /// Articles with any of these in `tag.name`, in any spelling that a search does not distinguish. Empty for all.
    pub tags: Vec<String>,
    /// The import in which an article was seen first.
    pub run: Option<WhichRun>,
    /// A query that the articles must match.
    pub query: Option<Query>,
}

/// An import, as a user names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichRun {
    /// By `import_run.id`.
    Number(i64),
    /// The latest, whatever its status.
    Last,
}

setters!(ArticleFilter {
    with_since(since: NaiveDate) => Some(since),
    with_until(until: NaiveDate) => Some(until),
    with_utc_offset(utc_offset: UtcOffset) => utc_offset,
    with_sites(sites: Vec<String>) => sites,
    with_languages(languages: Vec<Language>) => languages,
    with_authors(authors: Vec<String>) => authors,
    with_tags(tags: Vec<String>) => tags,
    with_run(run: WhichRun) => Some(run),
    with_query(query: Query) => Some(query),
});

/// The condition of an [`ArticleFilter`] on `article a LEFT JOIN site t`, with the parameters of
/// [`FilterValues`]. A list is JSON. Of a time of which only the day is known, the day is compared.
macro_rules! is_meant {
    () => {
        "(:since IS NULL OR a.published_at >=
            CASE a.published_precision WHEN 'day' THEN :since ELSE :since_moment END)
         AND (:until IS NULL OR a.published_at <
            CASE a.published_precision WHEN 'day' THEN :until ELSE :until_moment END)
         AND (:sites IS NULL OR t.host IN (SELECT value FROM json_each(:sites)))
         AND (:languages IS NULL OR a.language IN (SELECT value FROM json_each(:languages)))
         AND (:authors IS NULL OR a.author IN (SELECT value FROM json_each(:authors))
              OR EXISTS (SELECT 1 FROM author named WHERE named.article_id = a.id
                         AND named.name IN (SELECT value FROM json_each(:authors))))
         AND (:tags IS NULL OR EXISTS (SELECT 1 FROM tag named WHERE named.article_id = a.id
                         AND named.name IN (SELECT value FROM json_each(:tags))))
         AND (:run IS NULL OR :run = (SELECT min(seen.run_id)
                         FROM seed of_it JOIN sighting seen ON seen.seed_id = of_it.id
                         WHERE of_it.article_id = a.id))
         AND (:match IS NULL
              OR a.id IN (SELECT rowid FROM article_fts WHERE article_fts MATCH :match))"
    };
}
pub(in crate::store) use is_meant;

impl ArticleFilter {
    /// Adds a canonical host to [`sites`](Self::sites).
    #[must_use]
    pub fn with_site(mut self, site: impl Into<String>) -> Self {
        self.sites.push(site.into());
        self
    }

    /// Adds what a user typed: words, and fields such as `site:rfi.fr since:7d`, which mean the same as the filters
    /// of their names. Days are counted back from today at [`utc_offset`](Self::utc_offset).
    ///
    /// # Errors
    ///
    /// [`MalformedQuery`](Error::MalformedQuery).
    pub fn add_words(&mut self, words: &str) -> Result<()> {
        let Question { query, fields } = Question::parse(words)?;
        for (field, value) in fields {
            self.add_field(field, &value)
                .map_err(|problem| Error::MalformedQuery { query: words.to_owned(), problem })?;
        }
        self.query = query;
        Ok(())
    }

    fn add_field(&mut self, field: Field, value: &str) -> Result<(), QueryProblem> {
        let unfit = |expected| QueryProblem::UnfitValue {
            field: field.as_str(),
            value: value.to_owned(),
            expected,
        };
        let today = self.utc_offset.today();
        let period = || Period::read(value, today).map_err(|_| unfit("day"));
        match field {
            Field::Site => self.sites.push(host_of(value).ok_or_else(|| unfit("host"))?),
            Field::Author => self.authors.push(value.to_owned()),
            Field::Tag => self.tags.push(value.to_owned()),
            Field::Language => {
                self.languages.push(language_of(value).ok_or_else(|| unfit("language"))?);
            }
            // Of several days the narrowest.
            Field::Since => self.since = self.since.max(Some(period()?.first)),
            Field::Until => {
                let last = period()?.last;
                self.until = Some(self.until.map_or(last, |until| until.min(last)));
            }
        }
        Ok(())
    }

    /// Whether it excludes undated articles.
    pub fn is_by_day(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Whether it selects all articles.
    pub fn is_empty(&self) -> bool {
        *self == Self { utc_offset: self.utc_offset, ..Self::default() }
    }

    /// The same without its query.
    pub(in crate::store) fn without_query(&self) -> Self {
        Self { query: None, ..self.clone() }
    }

    /// Fails with [`Error::OtherIndex`] if it has a query and the index is not this program's, with
    /// [`Error::NoSuchRun`] if there is no import with its number, and with [`Error::UnknownName`] if no import has
    /// seen one of its sites.
    pub(in crate::store) fn values(&self, reader: &Reader) -> Result<FilterValues> {
        const AUTHORS: &str = "SELECT name FROM author
            UNION SELECT author FROM article WHERE author IS NOT NULL";
        const TAGS: &str = "SELECT DISTINCT name FROM tag";
        if self.query.is_some() {
            reader.check_index()?;
        }
        for site in &self.sites {
            reader.check_site(site)?;
        }
        let until = self.until.map(|day| day.succ_opt().unwrap_or(day));
        let moment = |day| self.utc_offset.start_of(day);
        let list = |values: Vec<&str>| (!values.is_empty()).then(|| json(&values)).transpose();
        Ok(FilterValues {
            // Times are compared as text: a day sorts before all of its moments.
            since: self.since.map(|day| day.to_string()),
            since_moment: self.since.map(moment),
            until: until.map(|day| day.to_string()),
            until_moment: until.map(moment),
            sites: list(self.sites.iter().map(String::as_str).collect())?,
            languages: list(self.languages.iter().map(Language::as_str).collect())?,
            authors: reader.spellings(AUTHORS, &self.authors)?,
            tags: reader.spellings(TAGS, &self.tags)?,
            run: self.run.map(|run| reader.run_number(run)).transpose()?,
            expression: self.query.as_ref().map(Query::match_expression),
        })
    }
}

/// The parameters of a statement with an [`ArticleFilter`].
pub(in crate::store) struct FilterValues {
    since: Option<String>,
    since_moment: Option<String>,
    until: Option<String>,
    until_moment: Option<String>,
    sites: Option<String>,
    languages: Option<String>,
    authors: Option<String>,
    tags: Option<String>,
    run: Option<i64>,
    expression: Option<String>,
}

impl FilterValues {
    /// By name, to be combined with the statement's own.
    pub fn named(&self) -> [(&'static str, &dyn ToSql); 10] {
        [
            (":since", &self.since),
            (":since_moment", &self.since_moment),
            (":until", &self.until),
            (":until_moment", &self.until_moment),
            (":sites", &self.sites),
            (":languages", &self.languages),
            (":authors", &self.authors),
            (":tags", &self.tags),
            (":run", &self.run),
            (":match", &self.expression),
        ]
    }
}

/// A language from its code as a user writes it (`zh`, `EN`, `eng`); `None` for a tag that says more (`zh-Hant`).
pub fn language_of(code: &str) -> Option<Language> {
    Language::of_tag(code).filter(|_| !code.contains(['-', '_']))
}

fn json(values: &[&str]) -> Result<String> {
    Ok(serde_json::to_string(values)?)
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
        self.count_by(COUNT, &at_any_time)
    }

    /// How many articles a filter selects.
    pub fn count_of_articles(&self, filter: &ArticleFilter) -> Result<u64> {
        const COUNT: &str = concat!(
            "SELECT count(*) AS articles FROM article a LEFT JOIN site t ON t.id = a.site_id
             WHERE ",
            is_meant!()
        );
        self.count_by(COUNT, filter)
    }

    fn count_by(&self, sql: &str, filter: &ArticleFilter) -> Result<u64> {
        let values = filter.values(self)?;
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(&values.named()[..], |row| row.get("articles"))?)
    }

    /// Those of the stored names that a search does not distinguish from one of the wanted ones, as JSON; `None` if
    /// none is wanted.
    fn spellings(&self, stored: &str, wanted: &[String]) -> Result<Option<String>> {
        if wanted.is_empty() {
            return Ok(None);
        }
        let wanted: HashSet<String> = wanted.iter().map(|name| folded(name.trim())).collect();
        let mut found = Vec::new();
        let mut statement = self.connection.prepare_cached(stored)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get("name")?;
            if wanted.contains(&folded(&name)) {
                found.push(name);
            }
        }
        Ok(Some(serde_json::to_string(&found)?))
    }

    /// The number of an import; 0 for the latest one of an archive without imports.
    pub(super) fn run_number(&self, run: WhichRun) -> Result<i64> {
        const LAST: &str = "SELECT coalesce(max(id), 0) AS id FROM import_run";
        const EXISTS: &str = "SELECT id FROM import_run WHERE id = ?1";
        match run {
            WhichRun::Last => Ok(self.connection.query_row(LAST, [], |row| row.get("id"))?),
            WhichRun::Number(number) => {
                let mut statement = self.connection.prepare_cached(EXISTS)?;
                let found = statement.query_row([number], |row| row.get("id")).optional()?;
                found.ok_or(Error::NoSuchRun(number))
            }
        }
    }
}
