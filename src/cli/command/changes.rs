//! `history` without an article: what publishers changed.

use crate::cli::command::versions::{format_name, revision_as_json};
use crate::cli::filter::{self, ZoneArgs};
use crate::cli::offered;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, counted, grouped};
use crate::cli::{Global, chosen_format, open_reader};
use anyhow::Result;
use clap::{Args, ValueEnum};
use seedbank::internals::export::write_changes;
use seedbank::internals::model::Period;
use seedbank::internals::store::{ChangeFilter, ChangeRow, Reader};
use seedbank::{Error, Precision, Timestamp, WhichRun};
use serde_json::{Value, json};
use std::io::Write;

/// The selected changes.
#[derive(Debug, Args)]
pub struct ChangesArgs {
    /// Only changes seen on or after this day (2024-02-05, 2024-02, 2024, yesterday, 7d)
    #[arg(long, value_name = "DAY", value_parser = filter::day, conflicts_with = "article")]
    since: Option<String>,
    /// Only changes seen on or before this day
    #[arg(long, value_name = "DAY", value_parser = filter::day, conflicts_with = "article")]
    until: Option<String>,
    /// Only articles from this site (rfi.fr); may be repeated, for any of them
    #[arg(long, value_name = "HOST", value_parser = filter::host, add = offered::hosts(), conflicts_with = "article")]
    site: Vec<String>,
    /// Only versions that were first seen in this import: its number in `runs`, or `last`
    #[arg(long, value_name = "N|last", value_parser = filter::run, add = offered::imports_and_last(), conflicts_with = "article")]
    run: Option<WhichRun>,
    /// Maximum number of changes; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, conflicts_with = "article")]
    limit: u64,
    /// The output format of the changes [default: table]
    #[arg(long, value_enum, conflicts_with = "article")]
    format: Option<ChangesFormat>,
}

/// The form of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChangesFormat {
    Table,
    Json,
    Jsonl,
    Atom,
}

impl ChangesArgs {
    fn filter(&self, zone: &ZoneArgs) -> ChangeFilter {
        let today = zone.utc_offset.today();
        let period = |text: &Option<String>| Period::read(text.as_deref()?, today).ok();
        ChangeFilter {
            since: period(&self.since).map(|period| period.first),
            until: period(&self.until).map(|period| period.last),
            utc_offset: zone.utc_offset,
            sites: self.site.clone(),
            run: self.run,
        }
    }
}

pub fn run(args: &ChangesArgs, zone: &ZoneArgs, global: &Global) -> Result<Exit> {
    let format = chosen_format(args.format, ChangesFormat::Table, ChangesFormat::Json, global)?;
    let reader = open_reader(global)?;
    let filter = args.filter(zone);
    let most = (args.limit > 0).then_some(args.limit);
    let mut changes = Vec::new();
    let mut shown = 0;
    let mut lines = output::data();
    let total = reader.changes(&filter, most, &mut |change| {
        shown += 1;
        if format == ChangesFormat::Jsonl {
            return writeln!(lines, "{}", as_json(&reader, &change)).map_err(Error::Output);
        }
        changes.push(change);
        Ok(())
    })?;
    match format {
        ChangesFormat::Table => output::print(&as_table(&reader, &changes, zone, global))?,
        ChangesFormat::Json => {
            let changes: Value = changes.iter().map(|change| as_json(&reader, change)).collect();
            output::print_json(&json!({"total": total, "changes": changes}))?;
        }
        ChangesFormat::Jsonl => lines.flush().map_err(Error::Output)?,
        ChangesFormat::Atom => print_feed(&reader, changes, &filter, global)?,
    }
    let all = counted(total, "change");
    let text = match (total, shown) {
        (0, _) => "no change found".to_owned(),
        (_, shown) if shown < total => {
            format!("{} of {all}; for more, -n N", grouped(shown))
        }
        _ => all,
    };
    render::note(&text, global);
    Ok(Exit::Done)
}

/// What happened, in a word.
fn word(change: &ChangeRow) -> &'static str {
    if change.is_emptied() { "emptied" } else { change.after.change.as_str() }
}

/// One value, or the earlier and the later one.
fn before_and_after(before: String, after: String) -> String {
    if before == after { after } else { format!("{before} → {after}") }
}

fn characters(change: &ChangeRow) -> String {
    before_and_after(grouped(change.before.char_count), grouped(change.after.char_count))
}

/// The formats of both versions: a page that another program saved may differ for that reason alone.
fn formats(reader: &Reader, change: &ChangeRow) -> String {
    let [before, after] = [&change.before, &change.after]
        .map(|version| format_name(reader, version.format, &version.seed_sha256));
    before_and_after(before, after)
}

fn as_json(reader: &Reader, change: &ChangeRow) -> Value {
    json!({
        "article_id": change.article_id,
        "site": change.site,
        "url": change.url,
        "observed_at": change.after.observed_at,
        "change": change.after.change,
        "is_emptied": change.is_emptied(),
        "before": revision_as_json(reader, &change.before),
        "after": revision_as_json(reader, &change.after),
    })
}

fn as_table(reader: &Reader, changes: &[ChangeRow], zone: &ZoneArgs, global: &Global) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let mut grid = Grid::plain(global);
    grid.header(["observed", "article", "rev.", "change", "chars", "format", "title"]);
    for change in changes {
        let title = before_and_after(
            render::one_line(&change.before.title),
            render::one_line(&change.after.title),
        );
        grid.row([
            (minute(zone.clock(change.after.observed_at)).into(), false),
            (change.article_id.to_string().into(), true),
            (change.after.sequence.to_string().into(), true),
            (word(change).into(), false),
            (characters(change).into(), true),
            (formats(reader, change).into(), false),
            (title.into(), false),
        ]);
    }
    grid.text()
}

/// The time of a clock, without seconds, which would take room from the titles; `-` if unknown.
fn minute(at: Option<Timestamp>) -> String {
    render::published(at, Some(Precision::Minute))
}

fn print_feed(
    reader: &Reader,
    changes: Vec<ChangeRow>,
    filter: &ChangeFilter,
    global: &Global,
) -> Result<()> {
    let about = |change: &ChangeRow| {
        let (before, after) = (&change.before, &change.after);
        format!(
            "{} · article {}, revision {} → {} · {} characters · format {}",
            word(change),
            change.article_id,
            before.sequence,
            after.sequence,
            characters(change),
            formats(reader, change)
        )
    };
    let with_line = |change: ChangeRow| {
        let line = about(&change);
        (change, line)
    };
    let changes: Vec<_> = changes.into_iter().map(with_line).collect();
    let sites = filter.sites.join(", ");
    let title = if sites.is_empty() {
        "Changed articles".into()
    } else {
        format!("Changed articles: {sites}")
    };
    // A feed keeps its identity from day to day.
    let feed = write_changes(reader, &changes, &title, &sites, output::data())?;
    if feed.timeless > 0 {
        let left_out = counted(feed.timeless, "change");
        render::note(&format!("{left_out} of unknown time left out"), global);
    }
    Ok(())
}
