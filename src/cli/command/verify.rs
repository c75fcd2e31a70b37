use crate::cli::Global;
use crate::cli::outcome::Exit;
use crate::cli::signals;
use crate::cli::terminal::log::Line;
use crate::cli::terminal::output;
use crate::cli::terminal::progress::ImportProgress;
use crate::cli::terminal::render::{self, Grid, bytes, counted, grouped, seedbank_command};
use anyhow::Result;
use clap::Args;
use seedbank::internals::model::path_label;
use seedbank::{
    Archive, Check, Finding, LeftOut, Place, Subset, VerifyOptions, VerifyProgress, VerifyReport,
};
use serde_json::{Map, Value, json};

/// How many places of a damaged original are listed.
const PLACES: usize = 3;

/// Check the database for damage
///
/// Checks every page and index, every original against its SHA-256, every row against its original, and
/// all totals. Changes nothing, and does not stop at the first finding. The exit code is 4 if there is
/// damage, and 1 if there is none but rows or the full-text index must be rebuilt first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank verify
  seedbank verify --quick                    pages, indexes and counts only
  seedbank verify --subset 3/7               a seventh of it, as on a Wednesday
  seedbank verify --reparse-sample 1000      every original, but not every row
  seedbank --db backup.db verify --json | jq .findings")]
pub struct VerifyArgs {
    /// Skip the originals and what is derived from them
    #[arg(long, conflicts_with_all = ["subset", "reparse_sample"])]
    quick: bool,
    /// Check only part N of T (run all T parts to cover everything)
    #[arg(long, value_name = "N/T", value_parser = parse_subset)]
    subset: Option<Subset>,
    /// Re-derive only about K articles, spread evenly (a number, or `all`)
    #[arg(long, value_name = "K", value_parser = parse_sample, default_value = "all")]
    reparse_sample: Sample,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    jobs: usize,
}

/// `None` for all.
#[derive(Debug, Clone, Copy)]
struct Sample(Option<u64>);

pub fn run(args: &VerifyArgs, global: &Global) -> Result<Exit> {
    let mut options = VerifyOptions::default()
        .with_quick(args.quick)
        .with_jobs(args.jobs)
        .with_stop(signals::stop_flag());
    options.subset = args.subset;
    options.reparse_sample = args.reparse_sample.0;
    let mut progress = ImportProgress::new(global);
    let mut findings = Vec::new();
    let verified = Archive::at(&global.db).verify(
        &options,
        &mut |at| progress.show(|_| progress_text(at)),
        &mut |finding| {
            findings.push(finding.clone());
            Ok(())
        },
    );
    progress.finish();
    if !global.json {
        // Findings before a failure are printed too.
        let lines: String = findings.iter().map(finding_line).collect();
        output::print(&lines)?;
    }
    let report = verified?;
    match global {
        Global { json: true, .. } => output::print_json(&as_json(&report, &findings))?,
        Global { quiet: true, .. } => {}
        _ => output::print(&as_text(&report, global))?,
    }
    if report.damage() > 0 {
        render::hint(&advice(&report, global), global);
        return Ok(Exit::Damaged);
    }
    let Some(what) = to_rebuild(&report, global) else { return Ok(Exit::Done) };
    let seedbank = seedbank_command(global);
    let message = format!("{what} must be rebuilt before everything can be verified");
    Line::error(message)
        .with("code", Exit::Failed as u8)
        .with("path", path_label(&global.db))
        .with("hint", format!("rebuild with `{seedbank} reextract`; an import rebuilds it too"))
        .write(global);
    Ok(Exit::Failed)
}

/// Notes parts made by an older program, or left by an unfinished rebuild.
fn to_rebuild(report: &VerifyReport, global: &Global) -> Option<String> {
    let mut left_out = report.to_rebuild().peekable();
    left_out.peek()?;
    let database = path_label(&global.db);
    // The index is made from the rows, so rebuilding the rows includes it.
    Some(if left_out.any(|one| matches!(one, LeftOut::OtherExtractor(_))) {
        format!("the rows and the full-text index of \"{database}\"")
    } else {
        format!("the full-text index of \"{database}\"")
    })
}

fn progress_text(at: VerifyProgress) -> String {
    match at {
        VerifyProgress::Structure => "checking pages, indexes and counts".into(),
        VerifyProgress::Originals { done, total } => {
            format!("hashing: {} of {}", grouped(done), counted(total, "original"))
        }
        VerifyProgress::Articles { done, total } => {
            format!("deriving again and comparing: {} of {}", grouped(done), grouped(total))
        }
        VerifyProgress::Index { done, total } => {
            format!("comparing the full-text index: {} of {}", grouped(done), grouped(total))
        }
        _ => "verifying".into(),
    }
}

/// One finding on one line: what is damaged, then how to find the file.
fn finding_line(finding: &Finding) -> String {
    let mut line = format!("{}: ", finding.check);
    if let Some((table, id)) = &finding.row {
        line.push_str(&format!("{table} {id}: "));
    }
    line.push_str(&finding.what);
    if let Some(seed) = &finding.seed {
        if let Some(sha256) = &seed.sha256 {
            line.push_str(&format!("; sha256 {sha256}"));
        }
        for (at, place) in seed.places.iter().take(PLACES).enumerate() {
            let word = if at == 0 { "; seen at" } else { " and at" };
            line.push_str(&format!("{word} \"{place}\""));
        }
        if seed.places.len() > PLACES {
            let more = seed.places.len() - PLACES;
            line.push_str(&format!(" and at {more} more places"));
        }
    }
    format!("{}\n", render::one_line(&line))
}

fn finding_json(finding: &Finding) -> Value {
    let mut object = json!({
        "check": finding.check,
        "table": finding.row.as_ref().map(|(table, _)| table),
        "id": finding.row.as_ref().map(|(_, id)| id),
        "what": finding.what,
    });
    if let Some(seed) = &finding.seed {
        let place = |place: &Place| json!({"path": place.path, "member": place.member});
        object["seed"] = json!({
            "id": seed.id,
            "sha256": seed.sha256,
            "places": seed.places.iter().map(place).collect::<Value>(),
        });
    }
    object
}

fn as_json(report: &VerifyReport, findings: &[Finding]) -> Value {
    let count = |check: Check| {
        let found = report.findings.iter().find(|(found, _)| *found == check);
        (check.to_string(), found.map_or(0, |(_, count)| *count).into())
    };
    let left_out: Vec<String> = report.left_out.iter().map(|&one| left_out_text(one)).collect();
    json!({
        "damage": report.damage(),
        "by_check": Check::ALL.into_iter().map(count).collect::<Map<String, Value>>(),
        "originals": report.originals,
        "original_bytes": report.original_bytes,
        "not_kept": report.not_kept,
        "articles": report.articles,
        "not_compared": report.not_compared,
        "to_rebuild": report.to_rebuild().map(left_out_text).collect::<Vec<_>>(),
        "not_looked_at": left_out,
        "seconds": (report.seconds * 1000.0).round() / 1000.0,
        "findings": findings.iter().map(finding_json).collect::<Value>(),
    })
}

fn as_text(report: &VerifyReport, global: &Global) -> String {
    let mut text = match report.damage() {
        0 => format!("No damage found in {:.1} s\n", report.seconds),
        damage => format!(
            "\n{} in {:.1} s: the database is damaged\n",
            counted(damage, "finding"),
            report.seconds
        ),
    };
    if !report.left_out.iter().any(|one| matches!(one, LeftOut::Quick | LeftOut::Unreadable)) {
        text.push_str(&counts(report, global));
    }
    for &left_out in &report.left_out {
        text.push_str(&format!("Not checked: {}\n", left_out_text(left_out)));
    }
    text
}

/// What was checked one by one.
fn counts(report: &VerifyReport, global: &Global) -> String {
    let mut grid = Grid::plain(global);
    let mut row = |name: &str, count: u64, remark: String| {
        let cells = [(name.to_owned(), false), (grouped(count), true), (remark, false)];
        grid.row(cells.map(|(text, is_number)| (text.into(), is_number)));
    };
    row("originals", report.originals, format!("hashed, {}", bytes(report.original_bytes)));
    row("articles", report.articles, "derived again and compared, including rejected seeds".into());
    if report.not_kept > 0 {
        row(
            "not kept",
            report.not_kept,
            "binary, or not an article in a git history: bytes not stored".into(),
        );
    }
    if report.not_compared > 0 {
        let remark = "not compared: damaged, or rejected after a time limit";
        row("others", report.not_compared, remark.into());
    }
    grid.text()
}

fn left_out_text(left_out: LeftOut) -> String {
    match left_out {
        LeftOut::Quick => "originals, and what is derived from them (--quick)".into(),
        LeftOut::Subset(Subset { part, of }) => {
            format!("the originals and articles of other parts than {part} of {of} (--subset)")
        }
        LeftOut::Sample(most) => {
            format!("the rows of all but {} (--reparse-sample)", counted(most, "article"))
        }
        LeftOut::OtherExtractor(0) => "the rows, whose rebuild is not finished".into(),
        LeftOut::OtherExtractor(found) => {
            format!("the rows, as extractor version {found} made them")
        }
        LeftOut::OlderSchema(found) => {
            format!("rows against each other and their originals, as the schema is version {found}")
        }
        LeftOut::NoIndex => "the full-text index, which must be rebuilt".into(),
        LeftOut::OtherTokens(found) => {
            format!("the full-text index, whose tokens are of version {found}")
        }
        LeftOut::Unreadable => "everything after the header of the file".into(),
    }
}

/// Suggests what to do: rows can be derived again, originals cannot.
fn advice(report: &VerifyReport, global: &Global) -> String {
    let seedbank = seedbank_command(global);
    let is_derived = |(check, _): &(Check, u64)| matches!(check, Check::Articles | Check::Index);
    if report.findings.iter().all(is_derived) {
        format!(
            "the originals are intact: rebuild the rows with `{seedbank} reextract --all`, and verify again"
        )
    } else {
        "restore a backup that verifies, and import again what came after it; \
                  importing into this file does not replace damaged bytes"
            .into()
    }
}

fn parse_subset(text: &str) -> Result<Subset, String> {
    let parsed = text.split_once('/').and_then(|(part, of)| {
        Some(Subset { part: part.trim().parse().ok()?, of: of.trim().parse().ok()? })
    });
    match parsed {
        Some(subset) if subset.part >= 1 && subset.part <= subset.of => Ok(subset),
        _ => Err("not a part of a whole; write 1/7, 2/7 … 7/7".into()),
    }
}

fn parse_sample(text: &str) -> Result<Sample, String> {
    match text {
        "all" => Ok(Sample(None)),
        number => {
            let number = number.parse().map_err(|_| "not a number; write 1000, or all")?;
            Ok(Sample(Some(number)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets() {
        assert_eq!(parse_subset("3/7"), Ok(Subset { part: 3, of: 7 }));
        assert_eq!(parse_subset("7/7"), Ok(Subset { part: 7, of: 7 }));
        for wrong in ["0/7", "8/7", "3", "3/0", "-1/3", "a/b", "1/2/3", ""] {
            assert!(parse_subset(wrong).is_err(), "{wrong}");
        }
    }
}
