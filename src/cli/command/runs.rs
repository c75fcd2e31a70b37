use crate::cli::command::import::not_taken::{Source, not_taken};
use crate::cli::filter::ZoneArgs;
use crate::cli::offered;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, grouped};
use crate::cli::{Global, open_reader};
use anyhow::Result;
use clap::Args;
use seedbank::internals::model::path_of_label;
use seedbank::internals::store::RunRow;
use serde_json::{Value, json};

/// How many imports are listed without --all.
const LISTED: u64 = 20;

/// List the imports, or show one
///
/// Shows the counts of each import. For one import, shows its command line and the files that could not
/// be imported (with --verbose, all rejected files).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank runs
  seedbank runs 3
  seedbank runs --all --json")]
pub struct RunsArgs {
    /// The number of an import
    #[arg(value_name = "ID", add = offered::imports())]
    id: Option<i64>,
    /// List all imports, not only the last 20
    #[arg(long, conflicts_with = "id")]
    all: bool,
    #[command(flatten)]
    zone: ZoneArgs,
}

pub fn run(args: &RunsArgs, global: &Global) -> Result<Exit> {
    let reader = open_reader(global)?;
    if let Some(id) = args.id {
        let run = reader.run(id)?;
        if global.json {
            output::print_json(&as_json(&run))?;
        } else {
            let rest = not_taken(&Source::Run(id), global)?;
            output::print(&format!("{}{rest}", one(&run, &args.zone)))?;
        }
        return Ok(Exit::Done);
    }
    let most = if args.all { u64::MAX } else { LISTED };
    let runs = reader.runs(most)?;
    if global.json {
        output::print_json(&runs.iter().map(as_json).collect())?;
    } else {
        output::print(&list(&runs, args, global))?;
    }
    Ok(Exit::Done)
}

fn as_json(run: &RunRow) -> Value {
    let arguments: Value = serde_json::from_str(&run.arguments).unwrap_or_default();
    json!({
        "run_id": run.id,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "status": run.status,
        "program_version": run.program_version,
        "arguments": arguments,
        "note": run.note,
        "files_seen": run.files_seen,
        "new": run.new,
        "revised": run.revised,
        "duplicate": run.duplicate,
        "unchanged": run.unchanged,
        "rejected": run.rejected,
    })
}

fn counts(run: &RunRow) -> [(&'static str, u64); 6] {
    [
        ("files", run.files_seen),
        ("new", run.new),
        ("revised", run.revised),
        ("duplicate", run.duplicate),
        ("unchanged", run.unchanged),
        ("rejected", run.rejected),
    ]
}

fn list(runs: &[RunRow], args: &RunsArgs, global: &Global) -> String {
    let mut grid = Grid::plain(global);
    grid.header(["run", "started", "status", "files", "new", "revised", "dupl.", "unch.", "rej."]);
    for run in runs.iter().rev() {
        let mut cells = vec![
            (run.id.to_string().into(), true),
            (render::time(args.zone.clock(Some(run.started_at))).into(), false),
            (run.status.as_str().into(), false),
        ];
        let number = |(_, count): (&str, u64)| (grouped(count).into(), true);
        cells.extend(counts(run).map(number));
        grid.row(cells);
    }
    let mut text = grid.text();
    let earlier = runs.last().map_or(0, |run| run.id - 1);
    if earlier > 0 && !args.all {
        text.push_str(" … and earlier ones; list them with --all\n");
    }
    text
}

fn one(run: &RunRow, zone: &ZoneArgs) -> String {
    let words: Vec<String> = serde_json::from_str(&run.arguments).unwrap_or_default();
    let words: Vec<String> =
        words.iter().map(|word| render::shell_word(path_of_label(word).as_os_str())).collect();
    let mut text = format!(
        "Run {}, {}, by version {}\n  started   {}\n  finished  {}\n  command   {}\n",
        run.id,
        run.status,
        run.program_version,
        render::time(zone.clock(Some(run.started_at))),
        render::time(zone.clock(run.finished_at)),
        if words.is_empty() {
            // Redacted.
            "-".into()
        } else {
            render::one_line(&format!("seedbank {}", words.join(" ")))
        },
    );
    if let Some(note) = &run.note {
        text.push_str(&format!("  note      {}\n", render::one_line(note)));
    }
    let counts = counts(run).map(|(name, count)| format!("{} {name}", grouped(count)));
    text.push_str(&format!("  {}\n", counts.join(", ")));
    text
}
