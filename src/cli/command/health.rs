//! `stats --health`: sites that need attention.

mod state;

use crate::cli::filter::FilterArgs;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, counted, grouped, left_off};
use crate::cli::{Global, open_reader};
use anyhow::Result;
use chrono::{NaiveDate, NaiveTime};
use seedbank::Timestamp;
use seedbank::internals::view::health::{
    Changes, Decline, Health, HealthOptions, MissingDays, Problem, SilentSite, health,
};
use serde_json::{Value, json};
use state::StateFile;
use std::borrow::Cow;
use std::path::Path;

/// How many lines of each kind are listed without --all.
const LISTED: usize = 20;

/// What to report.
pub struct HealthArgs<'a> {
    pub filter: &'a FilterArgs,
    /// Sites that are known to have closed.
    pub except: &'a [String],
    /// Without limits on what is listed.
    pub all: bool,
    /// The file that remembers what was reported.
    pub state: Option<&'a Path>,
}

/// Checks the sites.
pub fn run(args: &HealthArgs<'_>, global: &Global) -> Result<Exit> {
    args.filter.check_for_health()?;
    let filter = args.filter.filter(None)?;
    let options = HealthOptions {
        now: filter
            .until
            .and_then(end_of)
            .map_or_else(Timestamp::now, |end| end.min(Timestamp::now())),
        since: filter.since,
        sites: filter.sites,
        except: args.except.to_vec(),
    };
    let reader = open_reader(global)?;
    if let Some(path) = args.state {
        let archive_id = reader.archive_id()?.unwrap_or_default();
        let file = StateFile::open(path, archive_id, global)?;
        let health = health(&reader, &options)?;
        return report_changes(&health, &options, file, args.all, global);
    }
    let health = health(&reader, &options)?;
    match global {
        Global { json: true, .. } => output::print_json(&as_json(&health))?,
        Global { quiet: true, .. } if health.is_good() => {}
        _ => output::print(&as_text(&health, args.all, global))?,
    }
    Ok(exit(health.is_good()))
}

fn exit(is_good: bool) -> Exit {
    if is_good { Exit::Done } else { Exit::NotAsExpected }
}

/// Reports what started and ended. The state is kept only when that was printed: rather twice than never.
fn report_changes(
    health: &Health,
    options: &HealthOptions,
    mut file: StateFile,
    all: bool,
    global: &Global,
) -> Result<Exit> {
    let changes = file.state.update(health, options);
    let file = file.write()?;
    match global {
        Global { json: true, .. } => output::print_json(&changes_as_json(health, &changes))?,
        Global { quiet: true, .. } if changes.is_empty() => {}
        _ => output::print(&changes_as_text(&changes, all, global))?,
    }
    file.finish()?;
    Ok(exit(changes.is_empty()))
}

fn end_of(day: NaiveDate) -> Option<Timestamp> {
    let next = day.succ_opt()?.and_time(NaiveTime::MIN).and_utc();
    Timestamp::from_seconds(next.timestamp() - 1)
}

fn as_json(health: &Health) -> Value {
    let mut summary = json!({
        "healthy": health.is_good(),
        "judged_at": health.judged_at.to_string(),
        "sites": health.sites,
        "sites_judged": health.judged,
    });
    if let (Some(summary), Value::Object(mut found)) = (summary.as_object_mut(), findings(health)) {
        summary.append(&mut found);
    }
    summary
}

/// All current problems, and what changed.
fn changes_as_json(health: &Health, changes: &Changes) -> Value {
    let mut summary = as_json(health);
    summary["started"] = findings(&changes.started);
    let ended = |one: fn(&Problem) -> Option<Value>| -> Value {
        changes.ended.iter().filter_map(one).collect()
    };
    summary["ended"] = json!({
        "silent": ended(|problem| match problem {
            Problem::Silent { host, last_day } => {
                Some(json!({ "host": host, "last_day": last_day.to_string() }))
            }
            _ => None,
        }),
        "missing": ended(|problem| match problem {
            Problem::Missing { host, first, last } => {
                Some(json!({ "host": host, "first": first.to_string(), "last": last.to_string() }))
            }
            _ => None,
        }),
        "declines": ended(|problem| match problem {
            Problem::Decline { host, month } => Some(json!({ "host": host, "month": month })),
            _ => None,
        }),
    });
    summary
}

fn findings(health: &Health) -> Value {
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
        "silent": health.silent.iter().map(silent).collect::<Value>(),
        "missing": health.missing.iter().map(missing).collect::<Value>(),
        "declines": health.declines.iter().map(decline).collect::<Value>(),
    })
}

fn as_text(health: &Health, all: bool, global: &Global) -> String {
    let mut text = format!("{}\n", judged(health));
    if health.is_good() {
        text.push_str("No silent sites, no missing days, no degraded months\n");
    }
    text + &tables(health, all, global)
}

fn changes_as_text(changes: &Changes, all: bool, global: &Global) -> String {
    let mut text = format!("{}\n", judged(&changes.started));
    let lasting = match changes.lasting {
        0 => String::new(),
        lasting => format!("; {} from before", counted(lasting as u64, "problem")),
    };
    match (changes.started.is_good(), changes.ended.is_empty()) {
        (true, true) => text.push_str(&format!("Nothing new{lasting}\n")),
        (true, false) => text.push_str(&format!("No new problems{lasting}\n")),
        (false, _) => text.push_str(&format!("New problems{lasting}:\n")),
    }
    text.push_str(&tables(&changes.started, all, global));
    text.push_str(&part("Over", ["site", "problem"], &changes.ended, all, global, |problem| {
        let was = match problem {
            Problem::Silent { last_day, .. } => format!("silent since {last_day}"),
            Problem::Missing { first, last, .. } if first == last => format!("{first} was missing"),
            Problem::Missing { first, last, .. } => format!("{first} to {last} were missing"),
            Problem::Decline { month, .. } => format!("{month} was worse"),
        };
        [left(problem.host()), left(was)]
    }));
    text
}

/// How much was checked.
fn judged(health: &Health) -> String {
    let sites = counted(health.sites, "site");
    let judged = match health.sites - health.judged {
        0 => String::new(),
        few => format!("; {} of them with too little history to judge", grouped(few)),
    };
    format!("{sites} as of {}{judged}", &health.judged_at.to_string()[..10])
}

fn tables(health: &Health, all: bool, global: &Global) -> String {
    let days = |days: i64| counted(days.unsigned_abs(), "day");
    let header = ["site", "last article", "silent for", "usual gap", "longest gap"];
    let mut text = part("Silent sites", header, &health.silent, all, global, |site| {
        [
            left(&site.host),
            left(site.last_day),
            right(days(site.silent_days)),
            right(days(site.usual_gap)),
            right(days(site.longest_gap)),
        ]
    });
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
