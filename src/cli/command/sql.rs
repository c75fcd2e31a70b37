mod destination;
mod parameter;
mod raw;
mod table;

use crate::cli::deadline::Deadline;
use crate::cli::outcome::{Exit, UsageError};
use crate::cli::terminal::render::{self, counted};
use crate::cli::{Global, chosen_format, open_reader, parse_seconds};
use anyhow::Result;
use clap::{Args, ValueEnum};
use destination::{Destination, Rows};
use parameter::parse_parameter;
use seedbank::internals::model::path_label;
use seedbank::internals::store::{Reader, limit_process_memory};
use seedbank::{Answer, Cell, Error, QueryEnd, QueryLimits, SqlRefusal};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A table is laid out as a whole, so it needs a limit.
const TABLE_ROWS: u64 = 1000;
/// Maximum size of a file with a statement; SQLite's own limit is lower.
const SQL_BYTES: u64 = 16 << 20;

/// Run a read-only SQL query
///
/// Takes one statement, which can read everything and change nothing, within limits of time and size.
/// `seedbank schema` lists tables and columns. BLOBs are shown as hex.
///
/// On a terminal, long cells of a table end in …, numbers of more than four digits are grouped, and rows
/// turn (--format line) where a column would get fewer than 8 characters. Files and pipes get everything as
/// it is.
///
/// Besides SQLite's own functions there are seed_text(seed_id), the original text of a seed;
/// match_query(words), search words as an expression for MATCH; REGEXP and regexpi(pattern, text); median(y),
/// percentile(y, 0 to 100), percentile_cont and percentile_disc(y, 0 to 1).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank sql \"SELECT title FROM article ORDER BY published_at DESC LIMIT 5\"
  seedbank sql \"SELECT count(*) FROM article WHERE published_at >= :day\" -p day=2024-02-01
  seedbank sql \"SELECT a.id, a.title FROM article_fts f JOIN article a ON a.id = f.rowid
                WHERE article_fts MATCH match_query('人权 律师') ORDER BY rank LIMIT 10\"
  seedbank sql \"SELECT title FROM article WHERE title REGEXP '[0-9]{4}年'\"
  seedbank sql -o days.csv --excel-safe \"SELECT * FROM article_day\"
  seedbank sql --raw \"SELECT text FROM article_text WHERE id = 3\" | wc -m
  seedbank sql -f question.sql --format jsonl --timeout 300
  echo 'SELECT host FROM site' | seedbank sql -")]
pub struct SqlArgs {
    /// The statement (- reads it from standard input)
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    sql: Option<String>,
    /// Read the statement from FILE (- for standard input)
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The output format [default: table, or line on a terminal too narrow for it]
    #[arg(long, value_enum, hide_possible_values = false)]
    format: Option<SqlFormat>,
    /// Write to FILE; if its name ends in .csv, .tsv, .json, .jsonl or .md, in that format
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace FILE if it exists
    #[arg(long, requires = "output")]
    force: bool,
    /// Leave out the names of the columns (table, csv, tsv)
    #[arg(long)]
    no_headers: bool,
    /// (csv) Begin with a byte-order mark, and put a ' before cells that a spreadsheet would run as a formula
    #[arg(long)]
    excel_safe: bool,
    /// What to show for NULL [default: NULL in a table and in lines, nothing elsewhere]
    #[arg(long, value_name = "TEXT")]
    null: Option<String>,
    /// Write the only value exactly, without a line break; a BLOB as its bytes
    #[arg(long, conflicts_with_all = ["format", "no_headers", "excel_safe"])]
    raw: bool,
    /// Set :name, @name or $name to VALUE; a number if it looks like one
    #[arg(short, long = "parameter", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    parameters: Vec<(String, Cell<'static>)>,
    /// Stop after this many seconds; 0 for no limit
    #[arg(long, value_name = "SECS", default_value = "30", value_parser = parse_seconds)]
    timeout: Duration,
    /// Stop after this many rows [default: no limit; 1000 for a table]
    #[arg(long, value_name = "N")]
    max_rows: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SqlFormat {
    Table,
    Line,
    Json,
    Jsonl,
    Csv,
    Tsv,
    Markdown,
}

/// A query to run, and how its rows are written.
struct Job<'a> {
    reader: &'a Reader,
    sql: &'a str,
    args: &'a SqlArgs,
    limits: QueryLimits,
    global: &'a Global,
}

pub fn run(args: &SqlArgs, global: &Global) -> Result<Exit> {
    let usual = args.output.as_deref().map_or(SqlFormat::Table, format_of_name);
    let format = chosen_format(args.format, usual, SqlFormat::Json, global)?;
    check_options(args, format, global)?;
    let sql = statement(args)?;
    limit_process_memory()?;
    let reader = open_reader(global)?;
    let mut limits = QueryLimits::default();
    limits.timeout = (!args.timeout.is_zero()).then_some(args.timeout);
    limits.max_rows = match format {
        _ if args.raw => Some(1),
        SqlFormat::Table => args.max_rows.or(Some(TABLE_ROWS)),
        _ => args.max_rows,
    };
    let job = Job { reader: &reader, sql: &sql, args, limits, global };
    let (end, remark) = match format {
        _ if args.raw => return raw::write(&job).map(|()| Exit::Done),
        SqlFormat::Table => table::write(&job)?,
        other => (write_rows(&job, other)?, None),
    };
    let rows = counted(end.rows, "row");
    let more = match args.max_rows {
        Some(_) => "there are more".to_owned(),
        None => "for more, --max-rows N or --format csv".to_owned(),
    };
    let place = args.output.as_deref().map(|path| format!(" in \"{}\"", path_label(path)));
    let remarks: Vec<String> = remark.into_iter().chain(end.has_more.then_some(more)).collect();
    if format == SqlFormat::Table || end.has_more || place.is_some() {
        let first = if end.has_more { "the first " } else { "" };
        let text = format!("{first}{rows}{}", place.unwrap_or_default());
        render::note(&[vec![text], remarks].concat().join("; "), global);
    }
    Ok(Exit::Done)
}

/// The format that the name of a file asks for; a table for any other name.
fn format_of_name(path: &Path) -> SqlFormat {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    match ending.to_str().unwrap_or_default() {
        "csv" => SqlFormat::Csv,
        "tsv" => SqlFormat::Tsv,
        "json" => SqlFormat::Json,
        "jsonl" | "ndjson" => SqlFormat::Jsonl,
        "md" => SqlFormat::Markdown,
        _ => SqlFormat::Table,
    }
}

/// An option that means nothing in the format is a mistake.
fn check_options(args: &SqlArgs, format: SqlFormat, global: &Global) -> Result<(), UsageError> {
    let name = format.to_possible_value().map(|it| it.get_name().to_owned()).unwrap_or_default();
    let is_json = matches!(format, SqlFormat::Json | SqlFormat::Jsonl);
    let is_named = is_json || matches!(format, SqlFormat::Line | SqlFormat::Markdown);
    let message = match args {
        SqlArgs { raw: true, .. } if global.json => "--raw and --json contradict each other".into(),
        SqlArgs { null: Some(_), raw: false, .. } if is_json => {
            format!("--null does not apply to {name}: NULL is null there")
        }
        SqlArgs { no_headers: true, .. } if is_named => {
            format!("--no-headers is for table, csv and tsv, not for {name}")
        }
        SqlArgs { excel_safe: true, .. } if format != SqlFormat::Csv => {
            format!("--excel-safe is for csv, not for {name}")
        }
        _ => return Ok(()),
    };
    Err(UsageError::new(message, "leave it out, or name another --format"))
}

fn statement(args: &SqlArgs) -> Result<String> {
    if let Some(sql) = args.sql.as_deref().filter(|&sql| sql != "-") {
        return Ok(sql.to_owned());
    }
    let path = args.file.as_deref().unwrap_or("-".as_ref());
    let from: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).map_err(Error::at(path))?)
    };
    let mut sql = Vec::new();
    from.take(SQL_BYTES + 1).read_to_end(&mut sql).map_err(Error::at(path))?;
    if sql.len() as u64 > SQL_BYTES {
        return Err(Error::from(SqlRefusal::TooLong { most_mib: SQL_BYTES >> 20 }).into());
    }
    let sql = String::from_utf8(sql);
    Ok(sql.map_err(|error| Error::at(path)(std::io::Error::new(ErrorKind::InvalidData, error)))?)
}

/// Writes rows as they arrive.
fn write_rows(job: &Job<'_>, format: SqlFormat) -> Result<QueryEnd> {
    // Whichever ends it, the query or its time limit, completes the output.
    let rows = Rows::new(Destination::of(job.args, job.global)?, format, job);
    let writer = Arc::new(Mutex::new(Some(rows)));
    let taken = |writer: &Mutex<Option<_>>| locked(writer).take();
    let limited = Arc::clone(&writer);
    let deadline = Deadline::start(job.limits.timeout, job.global, move || {
        if let Some(writer) = taken(&limited) {
            writer.give_up();
        }
    });
    let end = job.reader.query(job.sql, &job.args.parameters, &job.limits, &mut |answer| {
        let written = deadline.outside(|| match (locked(&writer).as_mut(), answer) {
            (Some(writer), Answer::Columns(names)) => writer.columns(names),
            (Some(writer), Answer::Row(cells)) => writer.row(cells),
            (None, _) => Ok(()),
        });
        written.map_err(|error| destination::failed(job.args, error))
    });
    drop(deadline);
    if let Some(writer) = taken(&writer) {
        match end {
            Ok(_) => writer.finish(job.args)?,
            // Only the error is reported.
            Err(_) => writer.give_up(),
        }
    }
    Ok(end?)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
