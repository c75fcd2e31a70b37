use crate::cli::deadline::Deadline;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, MOST_CHARACTERS, MOST_PIECES, counted};
use crate::cli::{Global, chosen_format, open_reader, parse_seconds};
use anyhow::Result;
use clap::{Args, ValueEnum};
use seedbank::internals::export::{RowFormat, RowWriter, cell_text};
use seedbank::internals::store::{Reader, limit_process_memory};
use seedbank::{Answer, Cell, Error, QueryEnd, QueryLimits, SqlRefusal};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A table is laid out as a whole, so it needs a limit.
const TABLE_ROWS: u64 = 1000;
/// Maximum size of a file with a statement; SQLite's own limit is lower.
const SQL_BYTES: u64 = 16 << 20;
/// Laying a table out takes several times its text in memory.
const TABLE_BYTES: usize = 16 << 20;

/// Run a read-only SQL query
///
/// Takes one statement, which can read everything and change nothing, within limits of time and size.
/// seed_text(seed_id) returns the original text of a seed; match_query(words) turns search words into
/// an expression for MATCH. BLOBs are shown as hex.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank sql \"SELECT title FROM article ORDER BY published_at DESC LIMIT 5\"
  seedbank sql \"SELECT count(*) FROM article WHERE published_at >= :day\" -p day=2024-02-01
  seedbank sql \"SELECT a.id, a.title FROM article_fts f JOIN article a ON a.id = f.rowid
                WHERE article_fts MATCH match_query('人权 律师') ORDER BY rank LIMIT 10\"
  seedbank sql --format csv \"SELECT * FROM article_day\" > days.csv
  seedbank sql -f question.sql --format jsonl --timeout 300
  echo 'SELECT host FROM site' | seedbank sql -f -")]
pub struct SqlArgs {
    /// The statement
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    sql: Option<String>,
    /// Read the statement from FILE (- for standard input)
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The output format [default: table]
    #[arg(long, value_enum, hide_possible_values = false)]
    format: Option<SqlFormat>,
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
    Json,
    Jsonl,
    Csv,
    Tsv,
    Markdown,
}

pub fn run(args: &SqlArgs, global: &Global) -> Result<Exit> {
    let sql = statement(args)?;
    let format = chosen_format(args.format, SqlFormat::Table, SqlFormat::Json, global)?;
    limit_process_memory()?;
    let reader = open_reader(global)?;
    let mut limits = QueryLimits::default();
    limits.timeout = (!args.timeout.is_zero()).then_some(args.timeout);
    limits.max_rows = match format {
        SqlFormat::Table => args.max_rows.or(Some(TABLE_ROWS)),
        _ => args.max_rows,
    };
    let row_format = match format {
        SqlFormat::Table => None,
        SqlFormat::Json => Some(RowFormat::Json),
        SqlFormat::Jsonl => Some(RowFormat::Jsonl),
        SqlFormat::Csv => Some(RowFormat::Csv),
        SqlFormat::Tsv => Some(RowFormat::Tsv),
        SqlFormat::Markdown => Some(RowFormat::Markdown),
    };
    let end = match row_format {
        Some(format) => write_rows(&reader, &sql, args, &limits, format, global)?,
        None => write_table(&reader, &sql, args, &limits, global)?,
    };
    let rows = counted(end.rows, "row");
    match (end.has_more, format) {
        (true, _) if args.max_rows.is_some() => {
            render::note(&format!("the first {rows}; there are more"), global);
        }
        (true, _) => {
            let more = "for more, --max-rows N or --format csv";
            render::note(&format!("the first {rows}; {more}"), global);
        }
        (false, SqlFormat::Table) => render::note(&rows, global),
        (false, _) => {}
    }
    Ok(Exit::Done)
}

fn statement(args: &SqlArgs) -> Result<String> {
    if let Some(sql) = &args.sql {
        return Ok(sql.clone());
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

fn write_rows(
    reader: &Reader,
    sql: &str,
    args: &SqlArgs,
    limits: &QueryLimits,
    format: RowFormat,
    global: &Global,
) -> Result<QueryEnd> {
    // Whichever ends it, the query or its time limit, completes the output.
    let writer = Arc::new(Mutex::new(Some(RowWriter::new(output::data(), format))));
    let taken = |writer: &Mutex<Option<_>>| locked(writer).take();
    let limited = Arc::clone(&writer);
    let deadline = Deadline::start(limits.timeout, global, move || {
        if let Some(writer) = taken(&limited) {
            let _ = writer.give_up();
        }
    });
    let end = reader.query(sql, &args.parameters, limits, &mut |answer| {
        let written = deadline.outside(|| match (locked(&writer).as_mut(), answer) {
            (Some(writer), Answer::Columns(names)) => writer.columns(names),
            (Some(writer), Answer::Row(cells)) => writer.row(cells),
            (None, _) => Ok(()),
        });
        written.map_err(Error::Output)
    });
    drop(deadline);
    if let Some(writer) = taken(&writer) {
        match end {
            Ok(_) => writer.finish().map(drop).map_err(Error::Output)?,
            // Only the error is reported.
            Err(_) => drop(writer.give_up()),
        }
    }
    Ok(end?)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_table(
    reader: &Reader,
    sql: &str,
    args: &SqlArgs,
    limits: &QueryLimits,
    global: &Global,
) -> Result<QueryEnd> {
    let mut grid = Grid::with_borders(global);
    let mut has_columns = false;
    let mut bytes = 0;
    let deadline = Deadline::start(limits.timeout, global, || ());
    let end = reader.query(sql, &args.parameters, limits, &mut |answer| {
        match answer {
            Answer::Columns(names) => {
                has_columns = !names.is_empty();
                grid.header(names.iter().map(String::as_str));
            }
            Answer::Row(cells) => {
                bytes += cells.iter().map(|cell| cell_text(cell).len()).sum::<usize>();
                if bytes > TABLE_BYTES {
                    return Err(too_large(&format!("{} MiB of text", TABLE_BYTES >> 20)));
                }
                deadline.outside(|| {
                    grid.row(cells.iter().map(|cell| {
                        let is_number = matches!(cell, Cell::Integer(_) | Cell::Real(_));
                        (cell_text(cell), is_number)
                    }));
                });
                if grid.is_too_large() {
                    let lines = counted(MOST_PIECES as u64, "line");
                    let size = format!("{lines} of cells or {} MiB", MOST_CHARACTERS >> 20);
                    return Err(too_large(&size));
                }
            }
        }
        Ok(())
    })?;
    let text = if has_columns { grid.text() } else { String::new() };
    drop(deadline);
    output::print(&text)?;
    Ok(end)
}

fn too_large(size: &str) -> Error {
    SqlRefusal::TooLargeTable(size.to_owned()).into()
}

fn parse_parameter(text: &str) -> Result<(String, Cell<'static>), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let name = name.trim_start_matches([':', '@', '$']);
    if name.is_empty() {
        return Err("the name is missing; write it as NAME=VALUE".into());
    }
    Ok((name.to_owned(), parse_value(value)))
}

/// A number only if writing it gives the same text again: `007` and `1e5` stay texts.
fn parse_value(value: &str) -> Cell<'static> {
    if let Ok(number) = value.parse::<i64>()
        && number.to_string() == value
    {
        return Cell::Integer(number);
    }
    let looks_real = value.contains('.')
        && value.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        && value.ends_with(|last: char| last.is_ascii_digit());
    match value.parse::<f64>() {
        Ok(number) if looks_real && number.is_finite() => Cell::Real(number),
        _ => value.to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Cell<'static>)>) {
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(parse_parameter(text).ok(), expected, "{text}");
    }

    #[test]
    fn parameters() {
        check("a=1", Some(("a", Cell::Integer(1))));
        check(":a=-1", Some(("a", Cell::Integer(-1))));
        check("a=1.5", Some(("a", Cell::Real(1.5))));
        check("a=007", Some(("a", "007".into())));
        check("a=", Some(("a", "".into())));
        check("a=b=c", Some(("a", "b=c".into())));
        check("a=2024-02-04", Some(("a", "2024-02-04".into())));
        check("a=inf", Some(("a", "inf".into())));
        check("a=1.2.3", Some(("a", "1.2.3".into())));
        check("a=99999999999999999999", Some(("a", "99999999999999999999".into())));
        check("a", None);
        check("=1", None);
    }
}
