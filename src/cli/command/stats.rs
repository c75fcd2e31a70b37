use crate::cli::command::health::{self, HealthArgs};
use crate::cli::command::shares::{self, SharesArgs};
use crate::cli::filter::{self, FilterArgs, note_undated};
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{
    self, Grid, bar, bar_width, bytes, grouped, left_off, seedbank_command,
};
use crate::cli::terminal::wrap::columns;
use crate::cli::{Global, open_reader};
use anyhow::Result;
use clap::Args;
use seedbank::internals::store::{Counted, Stats, Storage, Totals};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

const SITES: usize = 20;
const LINK_HOSTS: usize = 20;
const MONTHS: usize = 24;

/// Show statistics about the archive
///
/// Totals, articles by site and by month, results of imports, the hosts that articles link to, and disk
/// usage; or, with --site, --since and other filters, what belongs to the selected articles.
///
/// --query and --by count articles by month, or by another period or by site. The share is that of all
/// articles of the same period or site that the other filters select. --plot draws the counts.
///
/// --health instead checks each site against its own history. It reports sites that have been silent
/// for three times their usual gap and longer than ever before, missing days of sites that hardly ever
/// miss one, and months in which far fewer articles are complete, or articles are half as long,
/// compared with the twelve months before. The exit code is 5 if there is anything to report. --until
/// checks as of that day; --since leaves out earlier days and months. With --state, each problem is
/// reported once when it starts and once when it is over; a file that does not exist is created.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank stats
  seedbank stats --all
  seedbank stats --site rfi.fr --since 2024
  seedbank stats --query 香港 --by year
  seedbank stats --query 香港 --site rfi.fr --by week --utc-offset +08:00 --format csv
  seedbank stats --query 香港 --query 台湾 --since 2019 --plot mentions.svg
  seedbank stats --json | jq .totals.articles
  seedbank stats --health
  seedbank stats --health -q --state health.state --except ended.example     from cron")]
pub struct StatsArgs {
    /// List every site, month and host, not only the top 20 and the last 24 months
    #[arg(long)]
    all: bool,
    /// Report silent sites, missing days and degraded months
    #[arg(long)]
    health: bool,
    /// Do not report this site: it has closed (with --health; may be repeated)
    #[arg(long, value_name = "HOST", value_parser = filter::host, requires = "health")]
    except: Vec<String>,
    /// Report a problem once when it starts and once when it ends; FILE remembers what was reported
    #[arg(long, value_name = "FILE", requires = "health")]
    state: Option<PathBuf>,
    #[command(flatten)]
    shares: SharesArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

pub fn run(args: &StatsArgs, global: &Global) -> Result<Exit> {
    if args.health {
        let StatsArgs { filter, except, all, state, .. } = args;
        let args = HealthArgs { filter, except, all: *all, state: state.as_deref() };
        return health::run(&args, global);
    }
    if args.shares.is_wanted() {
        return shares::run(&args.shares, &args.filter, global);
    }
    args.shares.check_unwanted()?;
    let filter = args.filter.filter(None)?;
    let reader = open_reader(global)?;
    let stats = reader.stats(&filter)?;
    note_undated(&reader, &filter, global)?;
    if global.json {
        output::print_json(&as_json(&stats))?;
    } else {
        output::print(&as_text(&stats, args.all, global))?;
    }
    Ok(Exit::Done)
}

fn as_json(stats: &Stats) -> Value {
    let Totals {
        articles,
        revisions,
        edited_articles,
        paragraphs,
        links,
        seeds,
        rejected_seeds,
        duplicates,
        unread_dates,
        runs,
    } = stats.totals;
    let Storage { database, originals, kept } = stats.storage;
    let list = |counted: &[Counted], name: &str| -> Value {
        let one = |one: &Counted| json!({name: one.name, "count": one.count});
        counted.iter().map(one).collect()
    };
    let object = |counted: &[Counted]| -> Map<String, Value> {
        let one = |one: &Counted| Some((one.name.clone()?, one.count.into()));
        counted.iter().filter_map(one).collect()
    };
    json!({
        "totals": {
            "articles": articles,
            "revisions": revisions,
            "edited_articles": edited_articles,
            "paragraphs": paragraphs,
            "links": links,
            "seeds": seeds,
            "rejected_seeds": rejected_seeds,
            "duplicates": duplicates,
            "unread_dates": unread_dates,
            "runs": runs,
        },
        "status": object(&stats.statuses),
        "sites": list(&stats.sites, "host"),
        "months": list(&stats.months, "month"),
        "outcomes": object(&stats.outcomes),
        "rejections": object(&stats.reasons),
        "link_hosts": list(&stats.link_hosts, "host"),
        "storage": {
            "database_bytes": database,
            "original_bytes": originals,
            "kept_bytes": kept,
        },
    })
}

fn as_text(stats: &Stats, all: bool, global: &Global) -> String {
    let mut text = totals(stats, global);
    let limit = |most: usize| if all { usize::MAX } else { most };
    text.push_str(&bars("Articles by status", &stats.statuses, usize::MAX, "", global));
    text.push_str(&bars("Articles by site", &stats.sites, limit(SITES), "no address", global));
    let (undated, months): (Vec<_>, Vec<_>) =
        every_month(&stats.months).into_iter().partition(|month| month.name.is_none());
    let earlier = months.len().saturating_sub(limit(MONTHS));
    let shown = [&undated, &months[earlier..]].concat();
    text.push_str(&bars("Articles by month", &shown, usize::MAX, "undated", global));
    if earlier > 0 {
        text.push_str(&left_off(earlier, "earlier"));
    }
    if stats.totals.runs.is_some_and(|runs| runs > 0) {
        let title = "Files by outcome, over all imports";
        text.push_str(&bars(title, &stats.outcomes, usize::MAX, "", global));
    }
    text.push_str(&bars("Rejections by reason", &stats.reasons, usize::MAX, "", global));
    text.push_str(&bars(
        "Sites the texts link to",
        &stats.link_hosts,
        limit(LINK_HOSTS),
        "",
        global,
    ));
    text.push_str(&storage(&stats.storage, global));
    if stats.totals.seeds == 0 && stats.totals.runs.is_some() {
        let seedbank = seedbank_command(global);
        text.push_str(&format!("\nThe archive is empty: {seedbank} import FOLDER\n"));
    }
    text
}

/// The months with those in between that have no articles; more than a year of them is one line.
fn every_month(months: &[Counted]) -> Vec<Counted> {
    let number = |one: &Counted| {
        let (year, month) = one.name.as_deref()?.split_once('-')?;
        Some(year.parse::<u32>().ok()? * 12 + month.parse::<u32>().ok()?.checked_sub(1)?)
    };
    let name = |number: u32| format!("{:04}-{:02}", number / 12, number % 12 + 1);
    let empty = |name| Counted { name: Some(name), count: 0 };
    let mut every: Vec<Counted> = Vec::new();
    let mut next = None;
    for month in months {
        let this = number(month);
        match (next, this) {
            (Some(next), Some(this)) if this > next + 12 => {
                every.push(empty(format!("{} … {}", name(next), name(this - 1))));
            }
            (Some(next), Some(this)) => every.extend((next..this).map(name).map(empty)),
            _ => {}
        }
        every.push(month.clone());
        next = this.map(|this| this + 1);
    }
    every
}

fn totals(stats: &Stats, global: &Global) -> String {
    let totals = &stats.totals;
    let rows = [
        ("articles", Some(totals.articles)),
        ("edited articles", Some(totals.edited_articles)),
        ("revisions", Some(totals.revisions)),
        ("paragraphs", Some(totals.paragraphs)),
        ("links", Some(totals.links)),
        ("seeds", Some(totals.seeds)),
        ("rejected seeds", totals.rejected_seeds),
        ("duplicates", Some(totals.duplicates)),
        ("imports", totals.runs),
    ];
    let rows = rows.into_iter().filter_map(|(name, count)| Some((name, count?)));
    // Most archives have none.
    let unread =
        Some(("dates not understood", totals.unread_dates)).filter(|(_, count)| *count > 0);
    let mut grid = Grid::plain(global);
    for (name, count) in rows.chain(unread) {
        grid.row([(name.into(), false), (grouped(count).into(), true)]);
    }
    grid.text()
}

/// A title, then a line with a bar for each entry; nothing if there are no entries.
fn bars(title: &str, counted: &[Counted], limit: usize, nameless: &str, global: &Global) -> String {
    if counted.is_empty() {
        return String::new();
    }
    let shown = &counted[..counted.len().min(limit)];
    let greatest = shown.iter().map(|one| one.count).max().unwrap_or(0);
    let name = |one: &Counted| columns(one.name.as_deref().unwrap_or(nameless));
    let names = shown.iter().map(name).max().unwrap_or(0);
    let width = bar_width(&[names, grouped(greatest).len()]);
    let mut grid = Grid::plain(global);
    for one in shown {
        let name = one.name.as_deref().unwrap_or(nameless);
        grid.row([
            (name.into(), false),
            (grouped(one.count).into(), true),
            (bar(one.count, greatest, width).into(), false),
        ]);
    }
    let mut text = format!("\n{}\n{}", render::heading(title, global), grid.text());
    if counted.len() > shown.len() {
        text.push_str(&left_off(counted.len() - shown.len(), "more"));
    }
    text
}

fn storage(storage: &Storage, global: &Global) -> String {
    let ratio = match storage.originals {
        0 => String::new(),
        originals => {
            let percent = storage.kept as f64 / originals as f64 * 100.0;
            format!("{percent:.0} % of the originals")
        }
    };
    let rows = [
        ("database", storage.database, String::new()),
        ("originals", Some(storage.originals), String::new()),
        ("as kept", Some(storage.kept), ratio),
    ];
    let mut grid = Grid::plain(global);
    for (name, size, remark) in rows {
        let Some(size) = size else { continue };
        grid.row([(name.into(), false), (bytes(size).into(), true), (remark.into(), false)]);
    }
    format!("\n{}\n{}", render::heading("Storage", global), grid.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_without_articles_are_shown() {
        let counted = |name: Option<&str>, count| Counted { name: name.map(str::to_owned), count };
        let check = |months: &[&str], expected: &[(&str, u64)]| {
            let months: Vec<Counted> = months
                .iter()
                .map(|&month| counted(Some(month).filter(|it| !it.is_empty()), 1))
                .collect();
            let expected: Vec<Counted> = expected
                .iter()
                .map(|&(month, count)| counted(Some(month).filter(|it| !it.is_empty()), count))
                .collect();
            assert_eq!(every_month(&months), expected);
        };
        check(&[], &[]);
        check(&["", "2024-02"], &[("", 1), ("2024-02", 1)]);
        check(
            &["2023-11", "2024-02"],
            &[("2023-11", 1), ("2023-12", 0), ("2024-01", 0), ("2024-02", 1)],
        );
        check(
            &["1999-12", "2024-02", "2024-03"],
            &[("1999-12", 1), ("2000-01 … 2024-01", 0), ("2024-02", 1), ("2024-03", 1)],
        );
        // Whatever a damaged row has.
        check(&["0000-00", "x"], &[("0000-00", 1), ("x", 1)]);
    }
}
