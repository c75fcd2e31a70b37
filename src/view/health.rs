//! The health of an archive: sites that fell silent, missing days, and months with worse text than before.
//!
//! Every site is compared with itself, since a daily and a monthly have no common rhythm, and a site with too
//! little history is not judged. Frequent false alarms are soon ignored, so each threshold is where chance
//! rarely reaches it.

mod state;

pub use state::{Changes, Problem, State};

use crate::error::Result;
use crate::model::Timestamp;
use crate::store::{MonthRecord, Reader, SiteRecord};
use chrono::{DateTime, Datelike, Days, NaiveDate};
use std::collections::BTreeSet;

/// Minimum number of days with an article before a site's rhythm is judged.
const LEAST_DAYS: usize = 10;
/// The rhythm is that of the last gaps, at most this many, since a site may change its pace.
const RECENT_GAPS: usize = 50;
/// A silence is longer than this multiple of the gap that nine in ten do not exceed …
const SILENCE_FACTOR: i64 = 3;
/// … and longer than this many days, and than the longest gap.
const LEAST_SILENCE: i64 = 3;
/// A hole is compared with this many days before and after it …
const CONTEXT_DAYS: u64 = 56;
/// … of which at least this many must be within the site's time.
const LEAST_CONTEXT: usize = 28;
/// A site publishes on a weekday if it does so at least every second time …
const WEEKDAY_SHARE: f64 = 0.5;
/// … and is expected to if nine in ten of all such days have an article.
const DAILY_SHARE: f64 = 0.9;
/// A month is compared with this many months before it.
const MONTHS_BEFORE: usize = 12;
/// Fewer articles than this, in the month or before it, prove nothing.
const LEAST_IN_MONTH: u64 = 10;
const LEAST_BEFORE: u64 = 30;
/// A month is worse if the share of incomplete articles grew by this much …
const SHARE_GROWTH: f64 = 0.15;
/// … or its complete ones have less than this share of their usual characters …
const LENGTH_SHARE: f64 = 0.5;
/// … and the difference is this many standard errors.
const STANDARD_ERRORS: f64 = 3.0;

/// Options: what to check, and as of when.
#[derive(Debug, Clone)]
pub struct HealthOptions {
    /// Articles with a later date are ignored.
    pub now: Timestamp,
    /// Earlier days are not reported as missing, and earlier months not judged; both still show what is
    /// usual.
    pub since: Option<NaiveDate>,
    /// Only these hosts; empty for all.
    pub sites: Vec<String>,
    /// Hosts that are known to have closed.
    pub except: Vec<String>,
}

/// The findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// The time of the report.
    pub judged_at: Timestamp,
    /// Sites with a dated article.
    pub sites: u64,
    /// Those of them with enough days to judge their rhythm.
    pub judged: u64,
    /// The longest silent first.
    pub silent: Vec<SilentSite>,
    /// By host, then by day.
    pub missing: Vec<MissingDays>,
    /// By host, then by month.
    pub declines: Vec<Decline>,
}

impl Health {
    /// Whether there are no findings.
    pub fn is_good(&self) -> bool {
        self.silent.is_empty() && self.missing.is_empty() && self.declines.is_empty()
    }
}

/// A site that has published nothing for longer than it usually pauses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentSite {
    /// Its canonical host.
    pub host: String,
    /// The last day with an article.
    pub last_day: NaiveDate,
    /// Days since then.
    pub silent_days: i64,
    /// Days from one day with an article to the next, as nine in ten gaps do not exceed.
    pub usual_gap: i64,
    /// The longest of them.
    pub longest_gap: i64,
}

/// The days of one hole on which the site would have published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingDays {
    /// Its canonical host.
    pub host: String,
    /// The first of them.
    pub first: NaiveDate,
    /// The last of them.
    pub last: NaiveDate,
    /// Their number, without days on which the site never publishes.
    pub days: u64,
}

/// A month whose articles are less complete, or much shorter, than before.
#[derive(Debug, Clone, PartialEq)]
pub struct Decline {
    /// Its canonical host.
    pub host: String,
    /// The month.
    pub month: MonthRecord,
    /// The share of incomplete articles.
    pub share: f64,
    /// The same of the months before.
    pub share_before: f64,
    /// Mean characters of a complete article.
    pub mean: f64,
    /// The same of the months before.
    pub mean_before: f64,
}

/// Checks every site of the archive.
pub fn health(reader: &Reader, options: &HealthOptions) -> Result<Health> {
    let records = reader.site_records(options.now, &options.sites)?;
    let records = records.iter().filter(|record| !options.except.contains(&record.host));
    Ok(judge(records, options.now, options.since))
}

fn judge<'a>(
    records: impl Iterator<Item = &'a SiteRecord>,
    now: Timestamp,
    since: Option<NaiveDate>,
) -> Health {
    let mut health = Health {
        judged_at: now,
        sites: 0,
        judged: 0,
        silent: Vec::new(),
        missing: Vec::new(),
        declines: Vec::new(),
    };
    let today = DateTime::from_timestamp(now.seconds(), 0).unwrap_or_default().date_naive();
    for record in records {
        health.sites += 1;
        health.judged += u64::from(record.days.len() >= LEAST_DAYS);
        health.silent.extend(silence(record, today));
        health.missing.extend(missing(record, since));
        health.declines.extend(declines(record, since));
    }
    health.silent.sort_by_key(|site| std::cmp::Reverse(site.silent_days));
    health
}

fn silence(record: &SiteRecord, today: NaiveDate) -> Option<SilentSite> {
    let last_day = *record.days.last().filter(|_| record.days.len() >= LEAST_DAYS)?;
    let silent_days = (today - last_day).num_days();
    let gaps = record.days.windows(2).rev().take(RECENT_GAPS);
    let mut gaps: Vec<i64> = gaps.map(|pair| (pair[1] - pair[0]).num_days()).collect();
    gaps.sort_unstable();
    let usual_gap = gaps[(gaps.len() * 9).div_ceil(10) - 1];
    let longest_gap = *gaps.last()?;
    let is_silent = silent_days > LEAST_SILENCE
        && silent_days > SILENCE_FACTOR * usual_gap
        && silent_days > longest_gap;
    let host = record.host.clone();
    is_silent.then_some(SilentSite { host, last_day, silent_days, usual_gap, longest_gap })
}

fn missing(record: &SiteRecord, since: Option<NaiveDate>) -> Vec<MissingDays> {
    let days: BTreeSet<NaiveDate> = record.days.iter().copied().collect();
    let holes = record.days.windows(2).filter(|pair| (pair[1] - pair[0]).num_days() > 1);
    let missing_of = |pair: &[NaiveDate]| {
        let usual = usual_weekdays(record, &days, pair[0], pair[1])?;
        let empty = pair[0].iter_days().skip(1).take_while(|day| *day < pair[1]);
        let is_missing = |day: &NaiveDate| {
            usual[day.weekday() as usize] && since.is_none_or(|since| *day >= since)
        };
        let missing: Vec<NaiveDate> = empty.filter(is_missing).collect();
        let (&first, &last) = (missing.first()?, missing.last()?);
        Some(MissingDays { host: record.host.clone(), first, last, days: missing.len() as u64 })
    };
    holes.filter_map(missing_of).collect()
}

/// The weekdays, from Monday, on which the site publishes around the hole between two days; `None` if it is
/// not regular.
fn usual_weekdays(
    record: &SiteRecord,
    days: &BTreeSet<NaiveDate>,
    before: NaiveDate,
    behind: NaiveDate,
) -> Option<[bool; 7]> {
    let (first, last) = (*record.days.first()?, *record.days.last()?);
    let from = before.checked_sub_days(Days::new(CONTEXT_DAYS - 1)).unwrap_or(first).max(first);
    let to = behind.checked_add_days(Days::new(CONTEXT_DAYS - 1)).unwrap_or(last).min(last);
    let left = from.iter_days().take_while(|day| *day <= before);
    let context = left.chain(behind.iter_days().take_while(|day| *day <= to));
    let (mut all, mut with) = ([0_usize; 7], [0_usize; 7]);
    for day in context {
        let weekday = day.weekday() as usize;
        all[weekday] += 1;
        with[weekday] += usize::from(days.contains(&day));
    }
    if all.iter().sum::<usize>() < LEAST_CONTEXT {
        return None;
    }
    let usual: [bool; 7] = std::array::from_fn(|weekday| {
        all[weekday] > 0 && with[weekday] as f64 >= WEEKDAY_SHARE * all[weekday] as f64
    });
    let sum = |counts: [usize; 7]| -> usize {
        counts.iter().zip(usual).filter(|(_, usual)| *usual).map(|(count, _)| count).sum()
    };
    (sum(with) as f64 >= DAILY_SHARE * sum(all) as f64).then_some(usual)
}

fn declines(record: &SiteRecord, since: Option<NaiveDate>) -> Vec<Decline> {
    let since = since.map(|day| day.to_string()[..7].to_owned());
    let is_judged = |month: &MonthRecord| since.as_ref().is_none_or(|since| month.month >= *since);
    let decline_of = |at: usize| {
        let month = &record.months[at];
        let earlier = &record.months[at.saturating_sub(MONTHS_BEFORE)..at];
        let is_enough = month.articles >= LEAST_IN_MONTH
            && earlier.iter().map(|month| month.articles).sum::<u64>() >= LEAST_BEFORE;
        let (now, before) = (Quality::of([month]), Quality::of(earlier));
        let is_worse = now.has_more_that_are_not_whole(&before) || now.is_shorter(&before);
        (is_judged(month) && is_enough && is_worse).then(|| Decline {
            host: record.host.clone(),
            month: month.clone(),
            share: now.share(),
            share_before: before.share(),
            mean: now.mean(),
            mean_before: before.mean(),
        })
    };
    (1..record.months.len()).filter_map(decline_of).collect()
}

/// The articles of one or more months.
#[derive(Default)]
struct Quality {
    articles: f64,
    not_whole: f64,
    characters: f64,
    squares: f64,
}

impl Quality {
    fn of<'a>(months: impl IntoIterator<Item = &'a MonthRecord>) -> Self {
        months.into_iter().fold(Self::default(), |sum, month| Self {
            articles: sum.articles + month.articles as f64,
            not_whole: sum.not_whole + (month.stub + month.empty + month.unparsed) as f64,
            characters: sum.characters + month.characters,
            squares: sum.squares + month.squares,
        })
    }

    fn whole(&self) -> f64 {
        self.articles - self.not_whole
    }

    fn share(&self) -> f64 {
        self.not_whole / self.articles.max(1.0)
    }

    fn mean(&self) -> f64 {
        self.characters / self.whole().max(1.0)
    }

    fn has_more_that_are_not_whole(&self, before: &Self) -> bool {
        let both = (self.not_whole + before.not_whole) / (self.articles + before.articles);
        let weight = 1.0 / self.articles + 1.0 / before.articles;
        let error = (both * (1.0 - both) * weight).sqrt();
        let growth = self.share() - before.share();
        growth >= SHARE_GROWTH && growth >= STANDARD_ERRORS * error
    }

    /// Only complete articles count: the others are short by nature, and were counted above.
    fn is_shorter(&self, before: &Self) -> bool {
        if self.whole() < LEAST_IN_MONTH as f64 || before.whole() < LEAST_BEFORE as f64 {
            return false;
        }
        let variance = before.squares / before.whole() - before.mean().powi(2);
        let error = (variance.max(0.0) / self.whole()).sqrt();
        self.mean() < LENGTH_SHARE * before.mean()
            && before.mean() - self.mean() >= STANDARD_ERRORS * error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A site with an article on each day of a range for which `is_day` is true; days are numbered from 0.
    fn site(from: &str, days: u64, is_day: impl Fn(u64, NaiveDate) -> bool) -> SiteRecord {
        let first = day(from);
        let all = (0..days).map(|number| (number, first + Days::new(number)));
        let days = all.filter(|&(number, day)| is_day(number, day)).map(|(_, day)| day).collect();
        SiteRecord { host: "news.example".into(), days, months: Vec::new() }
    }

    #[track_caller]
    fn check_silence(record: &SiteRecord, today: &str, silent_days: Option<i64>) {
        let found = silence(record, day(today)).map(|site| site.silent_days);
        assert_eq!(found, silent_days, "{today}");
    }

    #[test]
    fn a_site_is_silent_by_its_own_rhythm() {
        // Daily, until the 30th of January.
        let daily = site("2024-01-01", 30, |_, _| true);
        check_silence(&daily, "2024-01-30", None);
        check_silence(&daily, "2024-02-02", None);
        check_silence(&daily, "2024-02-03", Some(4));
        // Every Monday, until the 11th of March.
        let weekly = site("2024-01-01", 71, |number, _| number % 7 == 0);
        check_silence(&weekly, "2024-03-31", None);
        check_silence(&weekly, "2024-04-01", None);
        check_silence(&weekly, "2024-04-02", Some(22));
        // A pause that it has made before is not a silence.
        let pausing = site("2024-01-01", 60, |number, _| !(20..32).contains(&number));
        check_silence(&pausing, "2024-03-13", None);
        check_silence(&pausing, "2024-03-14", Some(14));
        // Three articles have no rhythm.
        check_silence(&site("2024-01-01", 3, |_, _| true), "2026-01-01", None);
        check_silence(&SiteRecord::default(), "2026-01-01", None);
        // A slow site that became a daily is judged by its new pace.
        let faster = site("2023-01-01", 365, |number, _| number >= 300 || number % 20 == 0);
        check_silence(&faster, "2024-01-06", Some(6));
    }

    #[track_caller]
    fn check_missing(record: &SiteRecord, since: Option<&str>, expected: &[(&str, &str, u64)]) {
        let found = missing(record, since.map(day));
        let found: Vec<_> = found
            .iter()
            .map(|hole| (hole.first.to_string(), hole.last.to_string(), hole.days))
            .collect();
        let found: Vec<_> =
            found.iter().map(|(first, last, days)| (&first[..], &last[..], *days)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn days_are_missing_where_the_site_publishes_on_such_days() {
        let holes = |number: u64| number == 30 || (50..53).contains(&number);
        let daily = site("2024-01-01", 90, |number, _| !holes(number));
        let both = [("2024-01-31", "2024-01-31", 1), ("2024-02-20", "2024-02-22", 3)];
        check_missing(&daily, None, &both);
        check_missing(&daily, Some("2024-02-21"), &[("2024-02-21", "2024-02-22", 2)]);
        // Longer than everything that it is compared with.
        let long = site("2024-01-01", 300, |number, _| !(60..240).contains(&number));
        check_missing(&long, None, &[("2024-03-01", "2024-08-27", 180)]);
        // From Monday to Friday: no weekend is missing, but a week is five days.
        let workdays = |number: u64, day: NaiveDate| {
            day.weekday().num_days_from_monday() < 5 && !(35..42).contains(&number)
        };
        let working = site("2024-01-01", 120, workdays);
        check_missing(&working, None, &[("2024-02-05", "2024-02-09", 5)]);
        // Sites that publish irregularly, or have hardly any days, miss none.
        let at_will = site("2024-01-01", 200, |number, _| number * number % 5 != 1);
        check_missing(&at_will, None, &[]);
        check_missing(&site("2024-01-01", 20, |number, _| number != 9), None, &[]);
        check_missing(&site("2024-01-01", 900, |number, _| number % 300 == 0), None, &[]);
    }

    fn month(number: usize, articles: u64, not_whole: u64, mean: f64) -> MonthRecord {
        let whole = (articles - not_whole) as f64;
        MonthRecord {
            month: format!("2024-{number:02}"),
            articles,
            stub: not_whole,
            characters: mean * whole,
            // As if half of them had one and a half times the mean, and the other half only half of it.
            squares: 1.25 * mean * mean * whole,
            ..MonthRecord::default()
        }
    }

    /// Checks months, given as articles, incomplete ones among them, and mean length.
    #[track_caller]
    fn check_declines(months: &[(u64, u64, f64)], expected: &[&str]) {
        let numbered = months.iter().enumerate();
        let months = numbered
            .map(|(at, &(articles, bad, mean))| month(at + 1, articles, bad, mean))
            .collect();
        let record = SiteRecord { months, ..SiteRecord::default() };
        let found = declines(&record, None);
        let found: Vec<&str> = found.iter().map(|decline| decline.month.month.as_str()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_month_is_worse_than_those_before() {
        check_declines(&[(100, 2, 900.0), (100, 30, 900.0)], &["2024-02"]);
        check_declines(&[(100, 2, 900.0), (100, 8, 900.0)], &[]);
        check_declines(&[(100, 0, 900.0), (100, 0, 400.0)], &["2024-02"]);
        check_declines(&[(100, 0, 900.0), (100, 0, 500.0)], &[]);
        check_declines(&[(100, 30, 900.0), (100, 2, 1900.0)], &[]);
        // After being bad for long, a month is no longer worse than before.
        let worse = [(100, 0, 900.0), (100, 60, 900.0), (100, 60, 900.0), (100, 60, 900.0)];
        check_declines(&worse, &["2024-02", "2024-03", "2024-04"]);
        // Too few articles to judge.
        check_declines(&[(100, 0, 900.0), (9, 9, 900.0)], &[]);
        check_declines(&[(3, 0, 900.0), (3, 3, 900.0)], &[]);
        check_declines(&[(20, 0, 900.0), (100, 60, 900.0)], &[]);
        check_declines(&[], &[]);
    }
}
