use crate::cli::Global;
use crate::cli::outcome::{Exit, UsageError};
use crate::cli::signals;
use crate::cli::terminal::output;
use crate::cli::terminal::progress::ImportProgress;
use crate::cli::terminal::render::{self, bytes, counted, grouped, shell_word};
use anyhow::Result;
use clap::Args;
use seedbank::internals::model::path_label;
use seedbank::{Archive, BackupOptions, BackupReport};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Make a checked copy of the database, even while it is in use
///
/// Writes one file that needs no others, and that appears under its name only when it is complete,
/// checked and on disk. In a folder it is named after the database and the time in UTC:
/// news-YYYYMMDDTHHMMSSZ.db for news.db.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank backup /media/disk/news.db
  seedbank backup backups/ --keep 14         a new one, and the 13 before it
  seedbank backup --redact for-others.db     without what can expose a source
  seedbank --db backups/seedbank-20240501T030000Z.db verify

To restore one, end what uses the database, remove its -wal, -shm and -journal files, and copy the
backup to its place.")]
pub struct BackupArgs {
    /// The file to write, or an existing folder
    #[arg(value_name = "DEST")]
    destination: PathBuf,
    /// Replace the file
    #[arg(long)]
    force: bool,
    /// Keep only the newest N backups of this database in the folder
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    keep: Option<u64>,
    /// Omit file paths, and the command lines and notes of imports
    #[arg(long)]
    redact: bool,
}

pub fn run(args: &BackupArgs, global: &Global) -> Result<Exit> {
    if args.keep.is_some() && !args.destination.is_dir() {
        return Err(UsageError {
            message: format!(
                "--keep needs a folder, and \"{}\" is not one",
                path_label(&args.destination)
            ),
            hint: "name a folder that exists, or leave --keep out".into(),
            path: Some(args.destination.clone()),
        }
        .into());
    }
    let mut options = BackupOptions::default()
        .with_force(args.force)
        .with_redact(args.redact)
        .with_stop(signals::stop_flag());
    options.keep = args.keep.map(|keep| keep as usize);
    let mut progress = ImportProgress::new(global);
    let archive = Archive::at(&global.db);
    let made = archive.backup(&args.destination, &options, &mut |done, total| {
        progress.show(|_| format!("copying: {} of {}", grouped(done), counted(total, "page")));
    });
    progress.finish();
    let report = made?;
    match global {
        Global { json: true, .. } => output::print_json(&as_json(&report, args.redact))?,
        Global { quiet: true, .. } => {}
        _ => output::print(&as_text(&report, args.redact))?,
    }
    Ok(Exit::Done)
}

fn as_json(report: &BackupReport, is_redacted: bool) -> Value {
    let removed = report.removed.iter().map(|path| path_label(path).into());
    json!({
        "path": path_label(&report.copied.path),
        "bytes": report.copied.bytes,
        "articles": report.copied.articles,
        "seeds": report.copied.seeds,
        "redacted": is_redacted,
        "unidentified": report.unidentified,
        "untouched_copy": report.is_untouched_copy,
        "removed": removed.collect::<Vec<Value>>(),
        "seconds": (report.seconds * 1000.0).round() / 1000.0,
    })
}

fn as_text(report: &BackupReport, is_redacted: bool) -> String {
    let path = render::one_line(&path_label(&report.copied.path));
    let mut text = format!(
        "\"{path}\": {}, {}, {}, checked, in {:.1} s\n",
        counted(report.copied.articles, "article"),
        counted(report.copied.seeds, "seed"),
        bytes(report.copied.bytes),
        report.seconds,
    );
    if is_redacted {
        text.push_str("Without paths, command lines and notes; all originals are included\n");
    }
    for removed in &report.removed {
        text.push_str(&format!("Removed {}\n", shell_word(removed.as_os_str())));
    }
    if report.is_untouched_copy {
        text.push_str(
            "Removed no backup: this database is a restored copy that nothing was imported into\n",
        );
    }
    if report.unidentified > 0 {
        text.push_str(&format!(
            "Kept {} from before archives had an identity; remove them by hand\n",
            counted(report.unidentified as u64, "backup"),
        ));
    }
    text
}
