//! `stats --health`: sites that need attention.

use crate::cli::filter::FilterArgs;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, counted, grouped, left_off};
use crate::cli::{Global, open_reader};
use anyhow::Result;
use chrono::{NaiveDate, NaiveTime};
use seedbank::Timestamp;
use seedbank::internals::view::health::{
    Decline, Health, HealthOptions, MissingDays, SilentSite, health,
};
use serde_json::{Value, json};
use std::borrow::Cow;

/// How many lines of each kind are listed without --all.
const LISTED: usize = 20;

/// Checks the sites; `except` lists those that are known to have closed.
pub fn run(args: &FilterArgs, except: &[String], all: bool, global: &Global) -> Result<Exit> {
    args.check_for_health()?;
    let filter = args.filter(None)?;
    let options = HealthOptions {
        now: filter
            .until
            .and_then(end_of)
            .map_or_else(Timestamp::now, |end| end.min(Timestamp::now())),
        since: filter.since,
        sites: filter.sites,
        except: except.to_vec(),
    };
    let health = health(&open_reader(global)?, &options)?;
    match global {
        Global { json: true, .. } => output::print_json(&as_json(&health))?,
        Global { quiet: true, .. } if health.is_good() => {}
        _ => output::print(&as_text(&health, all, global))?,
    }
    Ok(if health.is_good() { Exit::Done } else { Exit::NotAsExpected })
}

fn end_of(day: NaiveDate) -> Option<Timestamp> {
    let next = day.succ_opt()?.and_time(NaiveTime::MIN).and_utc();
    Timestamp::from_seconds(next.timestamp() - 1)
}

fn as_json(health: &Health) -> Value {
    let silent = |site: &SilentSite| {
        json!({
            "host": site.host,
            "last_day": site.last_day.to_string(),
            "silent_days": site.silent_days,
            "usual_gap_days": site.usual_gap,
            "longest_gap_days": site.longest_gap,
        })
    };
    let missing = |hole: &MissingDays| {
        json!({
            "host": hole.host,
            "first": hole.first.to_string(),
            "last": hole.last.to_string(),
            "days": hole.days,
        })
    };
    let rounded = |number: f64| (number * 1000.0).round() / 1000.0;
    let decline = |one: &Decline| {
        json!({
            "host": one.host,
            "month": one.month.month,
            "articles": one.month.articles,
            "stub": one.month.stub,
            "empty": one.month.empty,
            "unparsed": one.month.unparsed,
            "not_whole_share": rounded(one.share),
            "not_whole_share_before": rounded(one.share_before),
            "mean_characters": one.mean.round() as u64,
            "mean_characters_before": one.mean_before.round() as u64,
        })
    };
    json!({
        "healthy": health.is_good(),
        "judged_at": health.judged_at.to_string(),
        "sites": health.sites,
        "sites_judged": health.judged,
        "silent": health.silent.iter().map(silent).collect::<Value>(),
        "missing": health.missing.iter().map(missing).collect::<Value>(),
        "declines": health.declines.iter().map(decline).collect::<Value>(),
    })
}

fn as_text(health: &Health, all: bool, global: &Global) -> String {
    let sites = counted(health.sites, "site");
    let judged = match health.sites - health.judged {
        0 => String::new(),
        few => format!("; {} of them with too little history to judge", grouped(few)),
    };
    let day = &health.judged_at.to_string()[..10];
    let mut text = format!("{sites} as of {day}{judged}\n");
    if health.is_good() {
        text.push_str("No silent sites, no missing days, no degraded months\n");
    }
    let days = |days: i64| counted(days.unsigned_abs(), "day");
    let header = ["site", "last article", "silent for", "usual gap", "longest gap"];
    text.push_str(&part("Silent sites", header, &health.silent, all, global, |site| {
        [
            left(&site.host),
            left(site.last_day),
            right(days(site.silent_days)),
            right(days(site.usual_gap)),
            right(days(site.longest_gap)),
        ]
    }));
    let header = ["site", "from", "to", "days"];
    text.push_str(&part("Missing days", header, &health.missing, all, global, |hole| {
        [left(&hole.host), left(hole.first), left(hole.last), right(grouped(hole.days))]
    }));
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let header = ["site", "month", "articles", "not whole", "before", "characters", "before"];
    text.push_str(&part("Worse months", header, &health.declines, all, global, |one| {
        [
            left(&one.host),
            left(&one.month.month),
            right(grouped(one.month.articles)),
            right(percent(one.share)),
            right(percent(one.share_before)),
            right(grouped(one.mean.round() as u64)),
            right(grouped(one.mean_before.round() as u64)),
        ]
    }));
    text
}

/// A titled table; nothing if it has no rows.
fn part<T, const N: usize>(
    title: &str,
    header: [&str; N],
    found: &[T],
    all: bool,
    global: &Global,
    cells: impl Fn(&T) -> [(Cow<'static, str>, bool); N],
) -> String {
    if found.is_empty() {
        return String::new();
    }
    let listed = if all { found.len() } else { found.len().min(LISTED) };
    let mut grid = Grid::plain(global);
    grid.header(header);
    for one in &found[..listed] {
        grid.row(cells(one));
    }
    let mut text = format!("\n{}\n{}", render::heading(title, global), grid.text());
    if listed < found.len() {
        text.push_str(&left_off(found.len() - listed, "more"));
    }
    text
}

fn left(text: impl ToString) -> (Cow<'static, str>, bool) {
    (text.to_string().into(), false)
}

fn right(text: impl Into<Cow<'static, str>>) -> (Cow<'static, str>, bool) {
    (text.into(), true)
}
