use crate::cli::filter::{FilterArgs, note_undated};
use crate::cli::outcome::{Exit, UsageError};
use crate::cli::signals;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, bytes, counted};
use crate::cli::{Global, open_reader};
use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use seedbank::internals::model::path_label;
use seedbank::internals::store::export_tables;
use seedbank::{Archive, ArticleFilter, ExportFormat, ExportOptions, ExportReport};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Export articles, originals or tables
///
/// Writes to a file, a folder or standard output: everything, or the articles selected by --since,
/// --until, --site and --query.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank export --format seeds -o originals/
  seedbank export --format jsonl -o archive.jsonl
  seedbank export --format jsonl --without-bytes | jq .title
  seedbank export --format csv > articles.csv
  seedbank export --format csv --table link -o links.csv
  seedbank export --format csv --excel-safe -o articles.csv --force
  seedbank export --format markdown -o notes/ --since 2024-02 --until 2024-03
  seedbank export --format html -o pages/ --title 'News of 2024' --since 2024 --until 2024
  seedbank export --format html -o pages/ --query '图书馆 -分馆' --force
  seedbank export --format atom --site rfi.fr --limit 20 -o feed.xml
  seedbank export --format sqlite --query '图书馆' --since 2024 -o library.db")]
pub struct ExportArgs {
    /// The format to write
    #[arg(long, value_enum)]
    format: Format,
    /// The file to write; for seeds, markdown and html the folder [default: standard output]
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Only articles that match these words, as in `search`
    #[arg(long, value_name = "WORDS")]
    query: Option<String>,
    /// (csv) The table or view to export [default: article_list]
    #[arg(long, value_name = "TABLE")]
    #[arg(value_parser = PossibleValuesParser::new(export_tables()))]
    table: Option<String>,
    /// (jsonl) Omit the originals: smaller, but cannot be imported again
    #[arg(long)]
    without_bytes: bool,
    /// (csv) Begin with a byte-order mark, and put a ' before cells that a spreadsheet would run as a formula
    #[arg(long)]
    excel_safe: bool,
    /// (html, atom) The title [default: the name of the database]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// (atom) Maximum number of feed entries; 0 for all [default: 100]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Replace the file, or write into a folder that is not empty: pages of an earlier export there are
    /// removed, other files are kept
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Every original, byte for byte, as a file with its time; and a manifest
    Seeds,
    /// One article per line, with its history and originals; `import` reads it back
    Jsonl,
    /// One table or view, unchanged
    Csv,
    /// One file per article, with front matter
    Markdown,
    /// Pages to read in a browser, with lists by month and site, and what was edited
    Html,
    /// A feed of the newest articles, with their full text
    Atom,
    /// An archive of its own with these articles, their originals, history and index
    Sqlite,
}

impl Format {
    fn of_library(self) -> ExportFormat {
        match self {
            Self::Seeds => ExportFormat::Seeds,
            Self::Jsonl => ExportFormat::Jsonl,
            Self::Csv => ExportFormat::Csv,
            Self::Markdown => ExportFormat::Markdown,
            Self::Html => ExportFormat::Html,
            Self::Atom => ExportFormat::Atom,
            Self::Sqlite => ExportFormat::Sqlite,
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

pub fn run(args: &ExportArgs, global: &Global) -> Result<Exit> {
    check_options(args)?;
    let name = args.format.name();
    match &args.output {
        None if args.format.of_library().is_folder() => {
            Err(usage(format!("{name} is written into a folder"), "name it with -o FOLDER").into())
        }
        None if !args.format.of_library().is_stream() => {
            Err(usage(format!("{name} is written into a file"), "name it with -o FILE").into())
        }
        None if global.json => {
            let message = "--json and the data both use standard output".to_owned();
            Err(usage(message, "write the data into a file with -o FILE").into())
        }
        output => {
            let reader = open_reader(global)?;
            let filter = args.filter.filter(args.query.as_deref())?;
            let mut options = options(args, filter.clone());
            let archive = Archive::at(&global.db);
            match output {
                Some(output) => {
                    // Remove the incomplete export; that is impossible for a stream.
                    options.stop = signals::stop_flag();
                    let report = archive.export(output, &options)?;
                    note_left_out(&report, args.format, global);
                    tell(&report, output, args.format, global)?;
                }
                None => {
                    let report = archive.export_to(&mut output::data(), &options)?;
                    note_left_out(&report, args.format, global);
                }
            }
            note_undated(&reader, &filter, global)?;
            Ok(Exit::Done)
        }
    }
}

fn usage(message: String, hint: &str) -> UsageError {
    UsageError::new(message, hint)
}

/// An option that does not apply to the format is a mistake.
fn check_options(args: &ExportArgs) -> Result<(), UsageError> {
    let given: [(&str, bool, &[Format]); 5] = [
        ("--table", args.table.is_some(), &[Format::Csv]),
        ("--excel-safe", args.excel_safe, &[Format::Csv]),
        ("--without-bytes", args.without_bytes, &[Format::Jsonl]),
        ("--title", args.title.is_some(), &[Format::Html, Format::Atom]),
        ("--limit", args.limit.is_some(), &[Format::Atom]),
    ];
    for (option, is_given, formats) in given {
        if is_given && !formats.contains(&args.format) {
            let names: Vec<String> = formats.iter().map(|format| format.name()).collect();
            let message =
                format!("{option} is for {}, not for {}", names.join(" and "), args.format.name());
            return Err(usage(message, "leave it out, or name another --format"));
        }
    }
    Ok(())
}

/// The options for the library.
fn options(args: &ExportArgs, filter: ArticleFilter) -> ExportOptions {
    let mut options = ExportOptions::new(args.format.of_library())
        .with_filter(filter)
        .with_without_bytes(args.without_bytes)
        .with_excel_safe(args.excel_safe)
        .with_force(args.force);
    options.title = args.title.clone();
    if let Some(table) = &args.table {
        options.table.clone_from(table);
    }
    if let Some(limit) = args.limit {
        options.limit = (limit > 0).then_some(limit);
    }
    options
}

/// Reports the items that could not be included.
fn note_left_out(report: &ExportReport, format: Format, global: &Global) {
    let (noun, why) = match format {
        Format::Atom => ("article", "no time is known for them"),
        _ => ("seed", "their bytes are not kept"),
    };
    if report.left_out > 0 {
        let number = counted(report.left_out, noun);
        render::note(&format!("{number} left out: {why}"), global);
    }
}

/// Reports what was written.
fn tell(report: &ExportReport, output: &Path, format: Format, global: &Global) -> Result<()> {
    let (name, noun) = match format {
        Format::Seeds => ("seeds", "seed"),
        Format::Markdown | Format::Html => ("files", "file"),
        Format::Csv => ("rows", "row"),
        Format::Atom | Format::Sqlite => ("articles", "article"),
        Format::Jsonl => ("lines", "line"),
    };
    let path = path_label(output);
    let mut summary = json!({"path": path, name: report.items});
    let mut text = counted(report.items, noun);
    if format.of_library().is_folder() {
        summary["bytes"] = report.bytes.into();
        text.push_str(&format!(", {},", bytes(report.bytes)));
    }
    if format == Format::Seeds {
        summary["without_bytes"] = report.left_out.into();
    }
    if global.json {
        output::print_json(&summary)?;
    } else {
        render::note(&format!("{text} in \"{path}\""), global);
    }
    Ok(())
}
