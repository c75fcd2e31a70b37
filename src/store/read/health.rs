//! When each site published, and how complete its articles are, month by month.

use crate::error::Result;
use crate::model::Timestamp;
use crate::store::open::reader::Reader;
use chrono::NaiveDate;
use rusqlite::{Row, named_params};
use std::collections::BTreeMap;

/// The publications of one site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SiteRecord {
    /// Its canonical host.
    pub host: String,
    /// The days (UTC) with an article, in order, each once.
    pub days: Vec<NaiveDate>,
    /// The months with an article, in order.
    pub months: Vec<MonthRecord>,
}

/// The articles that a site published in one month.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MonthRecord {
    /// Such as `2024-02`.
    pub month: String,
    /// All of them.
    pub articles: u64,
    /// Those that are cut off.
    pub stub: u64,
    /// Those without a text.
    pub empty: u64,
    /// Those whose page exceeds a limit.
    pub unparsed: u64,
    /// The sum of the characters of its complete articles (status `ok`).
    pub characters: f64,
    /// The sum of the squares of the same.
    pub squares: f64,
}

impl Reader {
    /// The days and months of each site, by host; of these sites, if any are given. Articles after `until`, and
    /// those without a date or a site, are left out.
    pub fn site_records(&self, until: Timestamp, sites: &[String]) -> Result<Vec<SiteRecord>> {
        const DAYS: &str = "SELECT DISTINCT t.host AS host, substr(a.published_at, 1, 10) AS day
            FROM article a JOIN site t ON t.id = a.site_id
            WHERE a.published_at <= :until AND (:sites IS NULL OR t.host IN (SELECT value FROM json_each(:sites)))
            ORDER BY host, day";
        const MONTHS: &str = "SELECT t.host AS host, substr(a.published_at, 1, 7) AS month,
                count(*) AS articles,
                count(*) FILTER (WHERE a.status = 'stub') AS stub,
                count(*) FILTER (WHERE a.status = 'empty') AS empty,
                count(*) FILTER (WHERE a.status = 'unparsed') AS unparsed,
                total(a.char_count) FILTER (WHERE a.status = 'ok') AS characters,
                total(1.0 * a.char_count * a.char_count) FILTER (WHERE a.status = 'ok') AS squares
            FROM article a JOIN site t ON t.id = a.site_id
            WHERE a.published_at <= :until AND (:sites IS NULL OR t.host IN (SELECT value FROM json_each(:sites)))
            GROUP BY t.host, month ORDER BY t.host, month";
        let sites = (!sites.is_empty()).then(|| serde_json::to_string(sites)).transpose()?;
        let values = named_params! { ":until": until, ":sites": sites };
        let mut records: BTreeMap<String, SiteRecord> = BTreeMap::new();
        // Two statements in one snapshot, since an import may be running.
        let transaction = self.connection.unchecked_transaction()?;
        let mut statement = self.connection.prepare_cached(DAYS)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let day: String = row.get("day")?;
            if let Ok(day) = day.parse() {
                record_of(row, &mut records)?.days.push(day);
            }
        }
        let mut statement = self.connection.prepare_cached(MONTHS)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let month = month_record(row)?;
            record_of(row, &mut records)?.months.push(month);
        }
        drop(rows);
        transaction.finish()?;
        Ok(records.into_values().collect())
    }
}

/// The record of the site in a row's `host`.
fn record_of<'a>(
    row: &Row<'_>,
    records: &'a mut BTreeMap<String, SiteRecord>,
) -> rusqlite::Result<&'a mut SiteRecord> {
    let host: String = row.get("host")?;
    let make = || SiteRecord { host: host.clone(), ..SiteRecord::default() };
    Ok(records.entry(host.clone()).or_insert_with(make))
}

fn month_record(row: &Row<'_>) -> rusqlite::Result<MonthRecord> {
    let count = |column| row.get::<_, u64>(column);
    Ok(MonthRecord {
        month: row.get("month")?,
        articles: count("articles")?,
        stub: count("stub")?,
        empty: count("empty")?,
        unparsed: count("unparsed")?,
        characters: row.get("characters")?,
        squares: row.get("squares")?,
    })
}
