//! Lists the files that an import could not import.

use super::LISTED;
use crate::cli::terminal::log::Line;
use crate::cli::terminal::render::{self, grouped, seedbank_command};
use crate::cli::{Global, open_reader};
use anyhow::Result;
use seedbank::internals::model::NotTaken;

/// Where the list comes from.
pub enum Source<'a> {
    /// The rows of an import.
    Run(i64),
    /// What a dry run found.
    DryRun(&'a Listed),
}

/// The files to be listed, and how many more there are.
#[derive(Default)]
pub struct Listed {
    files: Vec<NotTaken>,
    left_off: u64,
}

impl Listed {
    pub fn add(&mut self, file: &NotTaken, global: &Global) {
        if is_listed(file, self.files.len(), &mut self.left_off, global) {
            self.files.push(file.clone());
        }
    }
}

/// Whether a file is listed, after this many others.
fn is_listed(file: &NotTaken, listed: usize, left_off: &mut u64, global: &Global) -> bool {
    if global.verbose {
        return true;
    }
    let is_refusal = file.why.is_refusal();
    *left_off += u64::from(is_refusal && listed == LISTED);
    is_refusal && listed < LISTED
}

/// The files that could not be imported; with --verbose all rejected ones, without a limit.
pub fn not_taken(source: &Source<'_>, global: &Global) -> Result<String> {
    let mut lines = String::new();
    let left_off = each(source, global, &mut |file| {
        lines.push_str(&format!("  {}\n", render::one_line(&line(file))));
    })?;
    if left_off > 0 {
        let more = grouped(left_off);
        let in_sql = if matches!(source, Source::Run(_)) { ", or in SQL" } else { "" };
        lines.push_str(&format!("  … and {more} more; list all with --verbose{in_sql}\n"));
    }
    let title = match (lines.is_empty(), global.verbose, source) {
        (true, ..) => return Ok(lines),
        (false, true, _) => "Rejected",
        (false, false, Source::Run(_)) => "Could not be imported",
        (false, false, Source::DryRun(_)) => "Cannot be imported",
    };
    Ok(format!("\n{title}:\n{lines}"))
}

/// The same on standard error, for a run whose summary nobody reads.
pub fn warn_of_not_taken(source: &Source<'_>, global: &Global) -> Result<()> {
    let of_run = |line: Line| match source {
        Source::Run(run_id) => line.with("run_id", *run_id),
        Source::DryRun(_) => line,
    };
    let left_off = each(source, global, &mut |file| {
        let message = line(file);
        let line = if file.why.is_refusal() {
            Line::warning(format!("not taken: {message}"))
        } else {
            Line::info(format!("rejected: {message}"))
        };
        let line = line
            .with("path", file.place.path.as_str())
            .with("member", file.place.member.as_deref())
            .with("reason", file.why.reason())
            .with("detail", file.why.detail());
        of_run(line).write(global);
    })?;
    if left_off > 0 {
        let more = grouped(left_off);
        let seedbank = seedbank_command(global);
        let hint = match source {
            Source::Run(run_id) => format!("list them with `{seedbank} runs {run_id} --verbose`"),
            Source::DryRun(_) => "list them with --verbose".into(),
        };
        of_run(Line::warning(format!("not taken: {more} more"))).with("hint", hint).write(global);
    }
    Ok(())
}

/// Passes the files to be listed to `receive`, and returns how many more there are.
fn each(source: &Source<'_>, global: &Global, receive: &mut dyn FnMut(&NotTaken)) -> Result<u64> {
    match source {
        Source::Run(run_id) => {
            let (mut listed, mut left_off) = (0, 0);
            open_reader(global)?.not_taken(*run_id, &mut |file| {
                if is_listed(&file, listed, &mut left_off, global) {
                    listed += 1;
                    receive(&file);
                }
            })?;
            Ok(left_off)
        }
        Source::DryRun(found) => {
            found.files.iter().for_each(receive);
            Ok(found.left_off)
        }
    }
}

fn line(file: &NotTaken) -> String {
    let detail = file.why.detail().map(|detail| format!(" ({detail})"));
    format!("\"{}\": {}{}", file.place, file.why.reason(), detail.unwrap_or_default())
}
