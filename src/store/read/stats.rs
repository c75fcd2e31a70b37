//! Statistics about an archive.

use crate::error::Result;
use crate::store::open::reader::Reader;

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
    /// Seeds without an article.
    pub rejected_seeds: u64,
    /// Sightings that gave nothing new.
    pub duplicates: u64,
    /// Seeds whose date could not be parsed (`seed.published_text`).
    pub unread_dates: u64,
    /// Imports.
    pub runs: u64,
}

/// Storage used, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// The file.
    pub database: u64,
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
    /// Articles per month of publication (UTC): the undated ones, then oldest first.
    pub months: Vec<Counted>,
    /// Files per outcome, over all runs.
    pub outcomes: Vec<Counted>,
    /// Rejections per reason, most first.
    pub reasons: Vec<Counted>,
    /// Links from the texts to other sites, per host, most first.
    pub link_hosts: Vec<Counted>,
    /// Its size.
    pub storage: Storage,
}

impl Reader {
    /// Counts everything, at one moment.
    pub fn stats(&self) -> Result<Stats> {
        const STATUSES: &str = "SELECT status AS name, count(*) AS count FROM article
            GROUP BY status ORDER BY count DESC, name";
        const SITES: &str = "SELECT t.host AS name, count(*) AS count
            FROM article a LEFT JOIN site t ON t.id = a.site_id
            GROUP BY t.host ORDER BY count DESC, name";
        const MONTHS: &str = "SELECT substr(published_at, 1, 7) AS name, count(*) AS count
            FROM article GROUP BY 1 ORDER BY name";
        const OUTCOMES: &str = "
            SELECT 'new' AS name, coalesce(sum(new), 0) AS count FROM import_run
            UNION ALL SELECT 'revised', coalesce(sum(revised), 0) FROM import_run
            UNION ALL SELECT 'duplicate', coalesce(sum(duplicate), 0) FROM import_run
            UNION ALL SELECT 'unchanged', coalesce(sum(unchanged), 0) FROM import_run
            UNION ALL SELECT 'rejected', coalesce(sum(rejected), 0) FROM import_run";
        const REASONS: &str = "SELECT reason AS name, count(*) AS count FROM rejection
            GROUP BY reason ORDER BY count DESC, name";
        const LINK_HOSTS: &str = "SELECT host AS name, count(*) AS count FROM link
            WHERE kind = 'content' AND is_internal = 0 AND host IS NOT NULL
            GROUP BY host ORDER BY count DESC, name";
        // Several statements in one snapshot, since an import may be running.
        let transaction = self.connection.unchecked_transaction()?;
        let stats = Stats {
            totals: self.totals()?,
            statuses: self.counted(STATUSES)?,
            sites: self.counted(SITES)?,
            months: self.counted(MONTHS)?,
            outcomes: self.counted(OUTCOMES)?,
            reasons: self.counted(REASONS)?,
            link_hosts: self.counted(LINK_HOSTS)?,
            storage: self.storage()?,
        };
        transaction.finish()?;
        Ok(stats)
    }

    fn totals(&self) -> Result<Totals> {
        const TOTALS: &str = "SELECT
            (SELECT count(*) FROM article) AS articles,
            (SELECT count(*) FROM revision) AS revisions,
            (SELECT count(*) FROM article WHERE revision_count > 1) AS edited_articles,
            (SELECT count(*) FROM paragraph) AS paragraphs,
            (SELECT count(*) FROM link) AS links,
            (SELECT count(*) FROM seed) AS seeds,
            (SELECT count(*) FROM seed WHERE article_id IS NULL) AS rejected_seeds,
            (SELECT count(*) FROM sighting WHERE outcome = 'duplicate') AS duplicates,
            (SELECT count(*) FROM seed WHERE published_text IS NOT NULL) AS unread_dates,
            (SELECT count(*) FROM import_run) AS runs";
        let totals = self.connection.query_row(TOTALS, [], |row| {
            let count = |column| row.get::<_, u64>(column);
            Ok(Totals {
                articles: count("articles")?,
                revisions: count("revisions")?,
                edited_articles: count("edited_articles")?,
                paragraphs: count("paragraphs")?,
                links: count("links")?,
                seeds: count("seeds")?,
                rejected_seeds: count("rejected_seeds")?,
                duplicates: count("duplicates")?,
                unread_dates: count("unread_dates")?,
                runs: count("runs")?,
            })
        })?;
        Ok(totals)
    }

    fn storage(&self) -> Result<Storage> {
        const STORAGE: &str = "SELECT
            (SELECT page_count FROM pragma_page_count())
                * (SELECT page_size FROM pragma_page_size()) AS database,
            coalesce(sum(byte_length) FILTER (WHERE body IS NOT NULL), 0) AS originals,
            coalesce(sum(length(body)), 0) AS kept
            FROM seed";
        let storage = self.connection.query_row(STORAGE, [], |row| {
            let bytes = |column| row.get::<_, u64>(column);
            Ok(Storage {
                database: bytes("database")?,
                originals: bytes("originals")?,
                kept: bytes("kept")?,
            })
        })?;
        Ok(storage)
    }

    fn counted(&self, statement: &str) -> Result<Vec<Counted>> {
        let mut statement = self.connection.prepare(statement)?;
        let rows = statement.query_map([], |row| {
            Ok(Counted { name: row.get("name")?, count: row.get("count")? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
