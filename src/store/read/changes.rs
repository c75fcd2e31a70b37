//! Lists what publishers changed: each revision that follows another one of its article.

use crate::error::Result;
use crate::model::{Sha256, Status, UtcOffset};
use crate::sameness::pair_key;
use crate::store::open::reader::Reader;
use crate::store::read::filter::WhichRun;
use crate::store::read::history::RevisionRow;
use chrono::NaiveDate;
use rusqlite::{Row, named_params};

/// Selects changes; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// The first day on which the new version was observed. Excludes versions of unknown time.
    pub since: Option<NaiveDate>,
    /// The last day, inclusive. Excludes versions of unknown time.
    pub until: Option<NaiveDate>,
    /// Whose days these are.
    pub utc_offset: UtcOffset,
    /// Canonical hosts, as in `site.host`. Empty for all.
    pub sites: Vec<String>,
    /// The import in which the new version was seen first.
    pub run: Option<WhichRun>,
}

/// An article before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// In the archive.
    pub article_id: i64,
    /// As written; `None` without a usable address.
    pub url: Option<String>,
    /// In the spelling by which addresses are compared.
    pub canonical_url: String,
    /// The canonical host.
    pub site: Option<String>,
    /// The earlier version.
    pub before: RevisionRow,
    /// The version that replaced it.
    pub after: RevisionRow,
}

impl ChangeRow {
    /// Whether the publisher took the text away, wholly or but for a stub. A page that could not be read is none.
    pub fn is_emptied(&self) -> bool {
        let (before, after) = (self.before.status, self.after.status);
        after != Status::Unparsed && after.rank() < before.rank()
    }
}

/// A selected change, before its versions are read.
struct Found {
    article_id: i64,
    sequence: i64,
    title: String,
    text_sha256: Option<Sha256>,
    url: Option<String>,
    canonical_url: String,
    site: Option<String>,
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found {
        article_id: row.get("article_id")?,
        sequence: row.get("sequence")?,
        title: row.get("title")?,
        text_sha256: row.get("text_sha256")?,
        url: row.get("url")?,
        canonical_url: row.get("canonical_url")?,
        site: row.get("host")?,
    })
}

impl Reader {
    /// Passes the latest changes to `receive`, at most `most`, newest first. Returns how many are selected in all.
    ///
    /// Fails with [`NoSuchRun`](crate::Error::NoSuchRun) and [`UnknownName`](crate::Error::UnknownName) like a filter
    /// of articles, and with what `receive` fails with.
    pub fn changes(
        &self,
        filter: &ChangeFilter,
        most: Option<u64>,
        receive: &mut dyn FnMut(ChangeRow) -> Result<()>,
    ) -> Result<u64> {
        // The run is looked at again below: another version of the article may be what it saw.
        const READ: &str = "
            SELECT r.article_id, r.sequence, r.title, r.text_sha256, a.url, a.canonical_url, t.host
            FROM revision r JOIN article a ON a.id = r.article_id LEFT JOIN site t ON t.id = a.site_id
            WHERE r.sequence > 1
              AND (:since IS NULL OR r.observed_at >= :since)
              AND (:until IS NULL OR r.observed_at < :until)
              AND (:sites IS NULL OR t.host IN (SELECT value FROM json_each(:sites)))
              AND (:run IS NULL OR EXISTS (SELECT 1 FROM seed s JOIN sighting g ON g.seed_id = s.id
                   WHERE s.article_id = a.id AND g.run_id = :run))
            ORDER BY r.observed_at DESC, r.article_id, r.sequence DESC";
        for site in &filter.sites {
            self.check_site(site)?;
        }
        let run = filter.run.map(|run| self.run_number(run)).transpose()?;
        let start = |day: NaiveDate| filter.utc_offset.start_of(day);
        let until = filter.until.map(|day| start(day.succ_opt().unwrap_or(day)));
        let sites = serde_json::to_string(&filter.sites)?;
        self.on_one_state(|reader| {
            let mut statement = reader.connection.prepare_cached(READ)?;
            let mut rows = statement.query(named_params! {
                ":since": filter.since.map(start),
                ":until": until,
                ":sites": (!filter.sites.is_empty()).then_some(&sites),
                ":run": run,
            })?;
            let mut total = 0;
            while let Some(row) = rows.next()? {
                let change = found(row)?;
                if run.is_some() && reader.first_run(&change)? != run {
                    continue;
                }
                total += 1;
                if most.is_none_or(|most| total <= most)
                    && let Some(change) = reader.with_versions(change)?
                {
                    receive(change)?;
                }
            }
            Ok(total)
        })
    }

    /// The import that first saw a file with this version's text and title.
    fn first_run(&self, change: &Found) -> Result<Option<i64>> {
        const READ: &str = "SELECT s.title, s.text_sha256, min(g.run_id) AS run_id
            FROM seed s JOIN sighting g ON g.seed_id = s.id
            WHERE s.article_id = ?1 GROUP BY s.id ORDER BY run_id";
        let wanted = pair_key(change.text_sha256, &change.title);
        let mut statement = self.connection.prepare_cached(READ)?;
        let mut rows = statement.query([change.article_id])?;
        while let Some(row) = rows.next()? {
            let title: Option<String> = row.get("title")?;
            if pair_key(row.get("text_sha256")?, &title.unwrap_or_default()) == wanted {
                return Ok(Some(row.get("run_id")?));
            }
        }
        Ok(None)
    }

    /// `None` in a damaged archive that lacks one of the versions.
    fn with_versions(&self, change: Found) -> Result<Option<ChangeRow>> {
        let Found { article_id, sequence, url, canonical_url, site, .. } = change;
        let mut versions = self.revisions_between(article_id, sequence - 1, sequence)?.into_iter();
        let (Some(before), Some(after)) = (versions.next(), versions.next()) else {
            return Ok(None);
        };
        Ok(Some(ChangeRow { article_id, url, canonical_url, site, before, after }))
    }
}
