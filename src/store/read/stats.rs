//! Statistics about an archive.

use crate::error::Result;
use crate::store::open::reader::Reader;
use crate::store::read::filter::{ArticleFilter, FilterValues, is_meant};
use rusqlite::{Row, Statement};

/// A name and its count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// `None` for articles without a usable address, or without a date.
    pub name: Option<String>,
    /// How often.
    pub count: u64,
}

/// Totals of each kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// All articles.
    pub articles: u64,
    /// All revisions.
    pub revisions: u64,
    /// Articles with more than one revision.
    pub edited_articles: u64,
    /// Of the current texts.
    pub paragraphs: u64,
    /// Of the current texts.
    pub links: u64,
    /// Distinct files.
    pub seeds: u64,
    /// Seeds without an article; `None` of selected articles.
    pub rejected_seeds: Option<u64>,
    /// Sightings that gave nothing new.
    pub duplicates: u64,
    /// Seeds whose date could not be parsed (`seed.published_text`).
    pub unread_dates: u64,
    /// Imports; `None` of selected articles.
    pub runs: Option<u64>,
}

/// Storage used, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// The file; `None` of selected articles.
    pub database: Option<u64>,
    /// The originals as read, without those whose bytes are not stored.
    pub originals: u64,
    /// The same as stored.
    pub kept: u64,
}

/// Everything that `stats` shows; each list is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// How many there are.
    pub totals: Totals,
    /// Articles per status, most first.
    pub statuses: Vec<Counted>,
    /// Articles per host, most first.
    pub sites: Vec<Counted>,
    /// Articles per month of publication: the undated ones, then oldest first.
    pub months: Vec<Counted>,
    /// Files per outcome, over all runs; empty of selected articles.
    pub outcomes: Vec<Counted>,
    /// Rejections per reason, most first; empty of selected articles.
    pub reasons: Vec<Counted>,
    /// Links from the texts to other sites, per host, most first.
    pub link_hosts: Vec<Counted>,
    /// Its size.
    pub storage: Storage,
}

/// The articles of a filter.
macro_rules! chosen {
    () => {
        concat!(
            "(SELECT a.id FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE ",
            is_meant!(),
            ")"
        )
    };
}

/// Counts articles by a name, in an order.
macro_rules! count_articles {
    ($name:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $name,
            " AS name, count(*) AS count
             FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE ",
            is_meant!(),
            " GROUP BY 1 ORDER BY ",
            $order
        )
    };
}

/// A filter, as the parameters of these statements.
struct Chosen {
    values: FilterValues,
    /// Whether these are all articles, so that nothing has to be looked up.
    is_all: bool,
    /// What SQLite adds to a time, so that its day is the filter's.
    shift: String,
}

impl Chosen {
    /// Gives a statement those parameters that it has.
    fn bind(&self, statement: &mut Statement<'_>) -> rusqlite::Result<()> {
        let mut parameters = self.values.named().to_vec();
        parameters.push((":all", &self.is_all));
        parameters.push((":shift", &self.shift));
        for (name, value) in parameters {
            if let Some(index) = statement.parameter_index(name)? {
                statement.raw_bind_parameter(index, value)?;
            }
        }
        Ok(())
    }
}

impl Reader {
    /// Counts everything, at one moment; or what belongs to the articles of a filter.
    pub fn stats(&self, filter: &ArticleFilter) -> Result<Stats> {
        const STATUSES: &str = count_articles!("a.status", "count DESC, name");
        const SITES: &str = count_articles!("t.host", "count DESC, name");
        const MONTHS: &str = count_articles!(
            "strftime('%Y-%m', a.published_at,
                CASE a.published_precision WHEN 'day' THEN '+0 minutes' ELSE :shift END)",
            "name"
        );
        const OUTCOMES: &str = "
            SELECT 'new' AS name, coalesce(sum(new), 0) AS count FROM import_run
            UNION ALL SELECT 'revised', coalesce(sum(revised), 0) FROM import_run
            UNION ALL SELECT 'duplicate', coalesce(sum(duplicate), 0) FROM import_run
            UNION ALL SELECT 'unchanged', coalesce(sum(unchanged), 0) FROM import_run
            UNION ALL SELECT 'rejected', coalesce(sum(rejected), 0) FROM import_run";
        const REASONS: &str = "SELECT reason AS name, count(*) AS count FROM rejection
            GROUP BY reason ORDER BY count DESC, name";
        const LINK_HOSTS: &str = concat!(
            "SELECT l.host AS name, count(*) AS count FROM link l
             WHERE l.kind = 'content' AND l.is_internal = 0 AND l.host IS NOT NULL
                AND (:all OR l.article_id IN ",
            chosen!(),
            ") GROUP BY l.host ORDER BY count DESC, name"
        );
        // Several statements in one snapshot, since an import may be running.
        self.on_one_state(|reader| {
            let chosen = Chosen {
                values: filter.values(reader)?,
                is_all: filter.is_empty(),
                shift: format!("{:+} minutes", filter.utc_offset.minutes()),
            };
            let of_all = |statement| {
                if chosen.is_all { reader.counted(statement, &chosen) } else { Ok(Vec::new()) }
            };
            Ok(Stats {
                totals: reader.totals(&chosen)?,
                statuses: reader.counted(STATUSES, &chosen)?,
                sites: reader.counted(SITES, &chosen)?,
                months: reader.counted(MONTHS, &chosen)?,
                outcomes: of_all(OUTCOMES)?,
                reasons: of_all(REASONS)?,
                link_hosts: reader.counted(LINK_HOSTS, &chosen)?,
                storage: reader.storage(&chosen)?,
            })
        })
    }

    fn totals(&self, chosen: &Chosen) -> Result<Totals> {
        const TOTALS: &str = concat!(
            "WITH chosen AS MATERIALIZED ",
            chosen!(),
            " SELECT
            (SELECT count(*) FROM article WHERE :all OR id IN chosen) AS articles,
            (SELECT count(*) FROM revision WHERE :all OR article_id IN chosen) AS revisions,
            (SELECT count(*) FROM article
             WHERE revision_count > 1 AND (:all OR id IN chosen)) AS edited_articles,
            (SELECT count(*) FROM paragraph WHERE :all OR article_id IN chosen) AS paragraphs,
            (SELECT count(*) FROM link WHERE :all OR article_id IN chosen) AS links,
            (SELECT count(*) FROM seed WHERE :all OR article_id IN chosen) AS seeds,
            (SELECT count(*) FROM seed WHERE article_id IS NULL) AS rejected_seeds,
            (SELECT count(*) FROM sighting g LEFT JOIN seed s ON s.id = g.seed_id
             WHERE g.outcome = 'duplicate' AND (:all OR s.article_id IN chosen)) AS duplicates,
            (SELECT count(*) FROM seed
             WHERE published_text IS NOT NULL AND (:all OR article_id IN chosen)) AS unread_dates,
            (SELECT count(*) FROM import_run) AS runs"
        );
        self.one_row(TOTALS, chosen, |row| {
            let count = |column| row.get::<_, u64>(column);
            let of_all = |column| chosen.is_all.then(|| count(column)).transpose();
            Ok(Totals {
                articles: count("articles")?,
                revisions: count("revisions")?,
                edited_articles: count("edited_articles")?,
                paragraphs: count("paragraphs")?,
                links: count("links")?,
                seeds: count("seeds")?,
                rejected_seeds: of_all("rejected_seeds")?,
                duplicates: count("duplicates")?,
                unread_dates: count("unread_dates")?,
                runs: of_all("runs")?,
            })
        })
    }

    fn storage(&self, chosen: &Chosen) -> Result<Storage> {
        const STORAGE: &str = concat!(
            "SELECT
            (SELECT page_count FROM pragma_page_count())
                * (SELECT page_size FROM pragma_page_size()) AS database,
            coalesce(sum(byte_length) FILTER (WHERE body IS NOT NULL), 0) AS originals,
            coalesce(sum(length(body)), 0) AS kept
            FROM seed WHERE :all OR article_id IN ",
            chosen!()
        );
        self.one_row(STORAGE, chosen, |row| {
            let bytes = |column| row.get::<_, u64>(column);
            Ok(Storage {
                database: chosen.is_all.then(|| bytes("database")).transpose()?,
                originals: bytes("originals")?,
                kept: bytes("kept")?,
            })
        })
    }

    fn one_row<T>(
        &self,
        statement: &str,
        chosen: &Chosen,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let mut statement = self.connection.prepare(statement)?;
        chosen.bind(&mut statement)?;
        let mut rows = statement.raw_query();
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        Ok(read(row)?)
    }

    fn counted(&self, statement: &str, chosen: &Chosen) -> Result<Vec<Counted>> {
        let mut statement = self.connection.prepare(statement)?;
        chosen.bind(&mut statement)?;
        let mut rows = statement.raw_query();
        let mut counted = Vec::new();
        while let Some(row) = rows.next()? {
            counted.push(Counted { name: row.get("name")?, count: row.get("count")? });
        }
        Ok(counted)
    }
}
