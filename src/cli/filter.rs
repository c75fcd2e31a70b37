//! `--since`, `--until` and `--site`, for every command that lists or exports articles.

use super::Global;
use crate::cli::terminal::render::{self, counted};
use chrono::{Months, NaiveDate};
use clap::Args;
use seedbank::internals::extract::canonical_url;
use seedbank::internals::store::Reader;
use seedbank::{ArticleFilter, Query};

/// The selected articles.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Only articles published on or after this day, in UTC (2024-02-05, 2024-02, 2024)
    #[arg(long, value_name = "DAY", value_parser = first_day)]
    since: Option<NaiveDate>,
    /// Only articles published on or before this day
    #[arg(long, value_name = "DAY", value_parser = last_day)]
    until: Option<NaiveDate>,
    /// Only articles from this site (rfi.fr)
    #[arg(long, value_name = "HOST", value_parser = host)]
    site: Option<String>,
}

impl FilterArgs {
    /// Whether no filter was given.
    pub fn is_empty(&self) -> bool {
        self.since.is_none() && self.until.is_none() && self.site.is_none()
    }

    /// The filter, combined with a query.
    pub fn filter(&self, query: Option<Query>) -> ArticleFilter {
        let mut filter = ArticleFilter::default();
        filter.since = self.since;
        filter.until = self.until;
        filter.site.clone_from(&self.site);
        filter.query = query;
        filter
    }
}

/// Notes how many articles were left out only because they have no date.
pub fn note_undated(
    reader: &Reader,
    filter: &ArticleFilter,
    global: &Global,
) -> seedbank::Result<()> {
    match reader.undated(filter)? {
        0 => {}
        undated => {
            render::note(&format!("{} left out", counted(undated, "undated article")), global)
        }
    }
    Ok(())
}

fn first_day(text: &str) -> Result<NaiveDate, String> {
    period(text).map(|(first, _)| first)
}

fn last_day(text: &str) -> Result<NaiveDate, String> {
    period(text).map(|(_, last)| last)
}

/// The first and the last day of a day, month or year.
fn period(text: &str) -> Result<(NaiveDate, NaiveDate), String> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &&str| part.parse::<u32>().ok();
    let numbers: Option<Vec<u32>> = parts.iter().map(number).collect();
    let (year, month, day, months) = match numbers.as_deref() {
        Some(&[year, month, day]) => (year, month, day, 0),
        Some(&[year, month]) => (year, month, 1, 1),
        Some(&[year]) => (year, 1, 1, 12),
        _ => return Err("not a day; write 2024-02-05, 2024-02 or 2024".into()),
    };
    let is_year = (1000..10_000).contains(&year);
    let first = NaiveDate::from_ymd_opt(year as i32, month, day).filter(|_| is_year);
    let first = first.ok_or("there is no such day")?;
    let behind = match months {
        0 => return Ok((first, first)),
        months => first.checked_add_months(Months::new(months)),
    };
    let last = behind.and_then(|behind| behind.pred_opt()).ok_or("there is no such day")?;
    Ok((first, last))
}

/// A host in any spelling, converted to that of `site.host`.
pub fn host(text: &str) -> Result<String, String> {
    let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let canonical = canonical_url(&address).ok_or("not a host; write rfi.fr")?;
    Ok(canonical.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = period(text).ok().map(|(first, last)| (first.to_string(), last.to_string()));
        let expected = expected.map(|(first, last)| (first.to_owned(), last.to_owned()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn days() {
        check("2024-02-05", Some(("2024-02-05", "2024-02-05")));
        check("2024-02", Some(("2024-02-01", "2024-02-29")));
        check("2024-12", Some(("2024-12-01", "2024-12-31")));
        check("2024", Some(("2024-01-01", "2024-12-31")));
        check("2024-02-30", None);
        check("2024-13", None);
        check("24", None);
        check("", None);
        check("yesterday", None);
        check("2024-02-05-06", None);
        check("99999", None);
    }

    #[test]
    fn hosts() {
        assert_eq!(host("www.RFI.fr").unwrap(), "rfi.fr");
        assert_eq!(host("https://m.rfi.fr/cn/x").unwrap(), "rfi.fr");
        assert_eq!(host("雨.example").unwrap(), "xn--ep5a.example");
        assert!(host("").is_err());
        assert!(host("a b").is_err());
    }
}
