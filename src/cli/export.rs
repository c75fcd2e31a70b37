use super::outcome::{Exit, UsageError};
use super::render::{self, bytes, counted};
use super::{Global, open_reader};
use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use seedbank::Error;
use seedbank::export::{FileInMaking, JsonlWriter, RowFormat, RowWriter, SeedFolder};
use seedbank::store::{Answer, Bytes, EXPORT_TABLES, Reader};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Hand out what the database holds
///
/// seeds: every original, byte for byte, as a file with its time, and a manifest.
/// jsonl: every article whole, a line each, with its history and originals; `import` takes it back.
/// csv: one table, exactly as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank export --format seeds -o originals/
  seedbank export --format jsonl -o archive.jsonl
  seedbank export --format jsonl --without-bytes | jq .title
  seedbank export --format csv > articles.csv
  seedbank export --format csv --table link -o links.csv
  seedbank export --format csv --excel-safe -o articles.csv --force")]
pub struct ExportArgs {
    /// What to write
    #[arg(long, value_enum)]
    format: Format,
    /// The file to write, or for seeds the folder [default: standard output; seeds need one]
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// The table of a csv
    #[arg(long, value_name = "TABLE", default_value = "article")]
    #[arg(value_parser = PossibleValuesParser::new(EXPORT_TABLES))]
    table: String,
    /// Leave the originals out (jsonl): smaller, and nothing that an import could take back
    #[arg(long)]
    without_bytes: bool,
    /// Put a ' before cells that a spreadsheet would run as a formula (csv)
    #[arg(long)]
    excel_safe: bool,
    /// Replace the file, or write into a folder that is not empty
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Seeds,
    Jsonl,
    Csv,
}

pub fn run(args: &ExportArgs, global: &Global) -> Result<Exit> {
    let usage =
        |message: &str, hint: &str| UsageError { message: message.into(), hint: hint.into() };
    match (args.format, &args.output) {
        (Format::Seeds, None) => {
            Err(usage("seeds are written into a folder", "name it with -o FOLDER").into())
        }
        (Format::Seeds, Some(folder)) => export_seeds(folder, args, global),
        (_, None) if global.json => Err(usage(
            "--json and the data both want standard output",
            "write the data into a file with -o FILE",
        )
        .into()),
        (_, Some(file)) => {
            let reader = open_reader(global)?;
            let out = FileInMaking::create(file, args.force)?;
            let (out, lines) = write_data(&reader, args, out)?;
            out.finish()?;
            let noun = if args.format == Format::Csv { "row" } else { "line" };
            let summary = json!({"path": file.to_string_lossy(), format!("{noun}s"): lines});
            let text = format!("{} in \"{}\"", counted(lines, noun), file.display());
            tell(summary, &text, global)
        }
        (_, None) => {
            write_data(&open_reader(global)?, args, render::data_output())?;
            Ok(Exit::Done)
        }
    }
}

/// Writes a stream; returns what it was written to, and how many rows or lines it has.
fn write_data<W: Write>(reader: &Reader, args: &ExportArgs, out: W) -> Result<(W, u64)> {
    match args.format {
        Format::Jsonl => {
            let bytes = if args.without_bytes { Bytes::LeftOut } else { Bytes::Included };
            let mut writer = JsonlWriter::new(out)?;
            reader.on_one_state(|reader| {
                reader.article_records(bytes, &mut |article| writer.article(&article))?;
                reader.rejected_seed_records(bytes, &mut |seed| writer.rejected_seed(seed))
            })?;
            Ok(writer.finish()?)
        }
        _ => write_table(reader, args, out),
    }
}

fn write_table<W: Write>(reader: &Reader, args: &ExportArgs, out: W) -> Result<(W, u64)> {
    let mut writer = RowWriter::new(out, RowFormat::Csv).excel_safe(args.excel_safe);
    let rows = reader.table(&args.table, &mut |answer| {
        match answer {
            Answer::Columns(names) => writer.columns(names),
            Answer::Row(cells) => writer.row(cells),
        }
        .map_err(Error::Output)
    })?;
    Ok((writer.finish()?, rows))
}

fn export_seeds(folder: &Path, args: &ExportArgs, global: &Global) -> Result<Exit> {
    let reader = open_reader(global)?;
    let mut seeds = SeedFolder::create(folder, args.force)?;
    reader.originals(&mut |seed| {
        seeds.add(&seed.path, &seed.bytes, &seed.sha256, seed.observed_at, &seed.outcome)
    })?;
    let (files, size) = seeds.finish()?;
    let without_bytes = reader.seeds_without_bytes()?;
    if without_bytes > 0 {
        let number = counted(without_bytes, "binary file");
        render::note(&format!("{number} left out: their bytes are not kept"), global);
    }
    let summary = json!({
        "path": folder.to_string_lossy(),
        "seeds": files,
        "bytes": size,
        "without_bytes": without_bytes,
    });
    let number = counted(files, "seed");
    let text = format!("{number}, {}, in \"{}\"", bytes(size), folder.display());
    tell(summary, &text, global)
}

fn tell(summary: serde_json::Value, text: &str, global: &Global) -> Result<Exit> {
    match global.json {
        true => std::io::stdout().write_all(render::json(&summary).as_bytes())?,
        false => render::note(text, global),
    }
    Ok(Exit::Done)
}
