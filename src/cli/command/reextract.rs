use crate::cli::outcome::Exit;
use crate::cli::signals;
use crate::cli::terminal::log::Line;
use crate::cli::terminal::output;
use crate::cli::terminal::progress::ImportProgress;
use crate::cli::terminal::render::{self, Grid, counted};
use crate::cli::{Global, PLAIN_INDEX_VARIABLE};
use anyhow::Result;
use clap::Args;
use clap::builder::FalseyValueParser;
use seedbank::{Archive, ReextractOptions, ReextractReport};
use serde_json::{Value, json};

/// Rebuild all derived tables from the stored originals
///
/// For an archive whose rows were made by another version of seedbank; an import does the same first.
/// If interrupted, it continues when run again. It also migrates an older archive.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank reextract --dry-run     what would change, article by article
  seedbank reextract
  seedbank reextract --all         even if the rows are this version's")]
pub struct ReextractArgs {
    /// Show what would change without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Rebuild everything, even rows made by this version
    #[arg(long)]
    all: bool,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    jobs: usize,
    /// Write the full-text index with SQLite's own INSERT: the same index, several times as slow
    #[arg(long, env = PLAIN_INDEX_VARIABLE, hide_env_values = true)]
    #[arg(value_parser = FalseyValueParser::new())]
    plain_index: bool,
}

pub fn run(args: &ReextractArgs, global: &Global) -> Result<Exit> {
    let options = ReextractOptions::default()
        .with_all(args.all)
        .with_dry_run(args.dry_run)
        .with_jobs(args.jobs)
        .with_plain_index(args.plain_index)
        .with_lock_wait(global.lock_wait)
        .with_stop(signals::stop_flag());
    let mut progress = ImportProgress::new(global);
    let derived = Archive::at(&global.db).reextract(&options, &mut |at| progress.update(at));
    progress.finish();
    let report = derived?;
    match global {
        Global { json: true, .. } => output::print_json(&as_json(&report, args))?,
        Global { quiet: true, .. } => {}
        _ => output::print(&as_text(&report, args, global))?,
    }
    if !report.interrupted {
        return Ok(Exit::Done);
    }
    Line::warning("interrupted; run it again to continue").write(global);
    Ok(signals::received().unwrap_or(Exit::Failed))
}

fn as_json(report: &ReextractReport, args: &ReextractArgs) -> Value {
    let change = |change: &seedbank::ArticleChange| {
        json!({
            "article_id": change.article_id,
            "title": change.title,
            "changes": change.what,
        })
    };
    let mut summary = json!({
        "dry_run": args.dry_run,
        "status": if report.interrupted { "interrupted" } else { "complete" },
        "seeds": report.seeds,
        "damaged": report.damaged,
        "indexed": report.indexed,
        "seconds": (report.seconds * 1000.0).round() / 1000.0,
    });
    if args.dry_run {
        summary["changes"] = report.changes.iter().map(change).collect();
    }
    summary
}

fn as_text(report: &ReextractReport, args: &ReextractArgs, global: &Global) -> String {
    if report.seeds == 0 && report.indexed == 0 && !report.interrupted {
        return "All rows are already of this version; rebuild all with --all\n".into();
    }
    let parts = [(report.seeds, "seed", "rebuilt"), (report.indexed, "article", "indexed")];
    let parts = parts.iter().filter(|&&(count, ..)| count > 0);
    let parts: Vec<String> =
        parts.map(|&(count, noun, what)| format!("{} {what}", counted(count, noun))).collect();
    let mut text = format!("{} in {:.1} s", parts.join(", "), report.seconds);
    if args.dry_run {
        text.push_str("; a dry run, nothing is changed");
    }
    text.push('\n');
    if report.damaged > 0 {
        let seeds = counted(report.damaged, "seed");
        text.push_str(&format!("{seeds} with damaged bytes left unchanged\n"));
    }
    if args.dry_run && !report.interrupted {
        let articles = counted(report.changes.len() as u64, "article");
        text.push_str(&format!("{articles} would change\n"));
        if !report.changes.is_empty() {
            let mut grid = Grid::of_data(false, global);
            grid.header(["article", "title", "what"]);
            for change in &report.changes {
                grid.row([
                    (change.article_id.to_string().into(), false),
                    (render::one_line(&change.title).into(), false),
                    (change.what.join(", ").into(), false),
                ]);
            }
            text.push_str(&grid.text());
        }
    }
    text
}
