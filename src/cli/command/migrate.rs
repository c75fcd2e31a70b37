use crate::cli::Global;
use crate::cli::outcome::Exit;
use crate::cli::signals;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, counted, seedbank_command};
use anyhow::Result;
use clap::Args;
use seedbank::Error;
use seedbank::internals::extract::EXTRACTOR_VERSION;
use seedbank::internals::model::path_label;
use seedbank::internals::search::TOKENIZER_VERSION;
use seedbank::internals::store::{LockWait, SCHEMA_VERSION, SchemaStatus, Writer};
use serde_json::json;

/// Migrate the schema of an older database, or show its schema version
///
/// A checked copy of the database is made first, beside it. Commands that write (import, reextract)
/// migrate too; they also rebuild rows of an older extractor and an older full-text index, which this
/// command does not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank migrate --status
  seedbank migrate")]
pub struct MigrateArgs {
    /// Only show the versions of the database and what is pending
    #[arg(long)]
    status: bool,
}

pub fn run(args: &MigrateArgs, global: &Global) -> Result<Exit> {
    if args.status {
        return tell(&SchemaStatus::read(&global.db)?, None, global);
    }
    // Opening for writing would create it.
    if !global.db.exists() {
        return Err(Error::NoDatabase(global.db.clone()).into());
    }
    let before = SchemaStatus::read(&global.db)?;
    let stop = signals::stop_flag();
    let lock_wait = LockWait { at_most: global.lock_wait, stop: Some(&stop) };
    let mut writer = Writer::open(&global.db, lock_wait)?;
    writer.checkpoint()?;
    let backup = writer.migration().and_then(|migration| migration.backup.clone());
    drop(writer);
    let after = SchemaStatus::read(&global.db)?;
    let done = Done { from: before.schema, backup: backup.as_deref().map(path_label) };
    tell(&after, Some(&done), global)
}

/// The result of a migration.
struct Done {
    from: i64,
    backup: Option<String>,
}

fn tell(status: &SchemaStatus, done: Option<&Done>, global: &Global) -> Result<Exit> {
    match global {
        Global { json: true, .. } => {
            let mut summary = json!({
                "path": path_label(&global.db),
                "schema_version": status.schema,
                "pending": (status.schema + 1..=SCHEMA_VERSION).collect::<Vec<_>>(),
                "extractor_version": status.extractor,
                "seeds_to_derive": status.seeds_to_derive,
                "tokenizer_version": status.tokenizer,
                "program": {
                    "version": env!("CARGO_PKG_VERSION"),
                    "schema_version": SCHEMA_VERSION,
                    "extractor_version": EXTRACTOR_VERSION,
                    "tokenizer_version": TOKENIZER_VERSION,
                },
            });
            if let Some(done) = done {
                summary["migrated_from"] = (done.from < status.schema).then_some(done.from).into();
                summary["backup"] = done.backup.clone().into();
            }
            output::print_json(&summary)?;
        }
        Global { quiet: true, .. } if done.is_some() => {}
        _ => output::print(&as_text(status, done, global))?,
    }
    Ok(Exit::Done)
}

fn as_text(status: &SchemaStatus, done: Option<&Done>, global: &Global) -> String {
    let seedbank = seedbank_command(global);
    let mut text = match done {
        Some(done) if done.from < status.schema => {
            format!("Migrated from schema version {} to {}\n", done.from, status.schema)
        }
        Some(_) => "The schema is already up to date\n".into(),
        None => String::new(),
    };
    if let Some(backup) = done.and_then(|done| done.backup.as_ref()) {
        text.push_str(&format!("The database as it was: \"{}\"\n", render::one_line(backup)));
    }
    let schema = match status.schema {
        SCHEMA_VERSION => String::new(),
        _ => format!("needs migration: {seedbank} migrate"),
    };
    let rows = match status.extractor {
        EXTRACTOR_VERSION => String::new(),
        _ => {
            let seeds = counted(status.seeds_to_derive, "seed");
            format!("{seeds} to rebuild: {seedbank} reextract")
        }
    };
    let index = match status.tokenizer {
        Some(TOKENIZER_VERSION) => String::new(),
        _ => format!("needs a rebuild: {seedbank} reextract"),
    };
    let found =
        |version: Option<i64>| version.map_or_else(|| "-".into(), |found| found.to_string());
    let is_pending = [&schema, &rows, &index].iter().any(|remark| !remark.is_empty());
    let mut grid = Grid::plain(global);
    grid.header(["", "database", "program", ""]);
    for (name, version, known, remark) in [
        ("schema", Some(status.schema), SCHEMA_VERSION, schema),
        ("rows", Some(status.extractor), EXTRACTOR_VERSION, rows),
        ("full-text index", status.tokenizer, TOKENIZER_VERSION, index),
    ] {
        grid.row([
            (name.into(), false),
            (found(version).into(), true),
            (known.to_string().into(), true),
            (remark.into(), false),
        ]);
    }
    text.push_str(&grid.text());
    if is_pending {
        text.push_str("The next import does all of this automatically\n");
    }
    text
}
