//! Where the rows of a query go: to standard output, or into a file that appears when it is complete.

use super::{Job, SqlArgs, SqlFormat};
use crate::cli::terminal::cell::{Kind, shown};
use crate::cli::terminal::lines::Lines;
use crate::cli::terminal::output;
use crate::cli::terminal::paint::has_color;
use crate::cli::terminal::render::terminal_width;
use crate::cli::{Global, signals};
use seedbank::internals::export::{RowFormat, RowWriter, cell_text};
use seedbank::internals::files::{ArchiveFiles, NewFile, Taken};
use seedbank::{Cell, Error, Result};
use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

/// Where the output goes.
pub enum Destination {
    Stdout(Box<dyn Write + Send>),
    File(BufWriter<NewFile>),
}

/// An error of the output: of the file, if there is one.
pub fn failed(args: &SqlArgs, error: io::Error) -> Error {
    match &args.output {
        Some(path) => Error::at(path)(error),
        None => Error::Output(error),
    }
}

impl Destination {
    /// The destination that the arguments name. A file is only replaced with `--force`.
    pub fn of(args: &SqlArgs, global: &Global) -> Result<Self> {
        let Some(path) = &args.output else {
            return Ok(Self::Stdout(output::data()));
        };
        let own = ArchiveFiles::of(&global.db);
        let file = signals::new_file(path, Taken::replaced_if(args.force), &own)?;
        Ok(Self::File(BufWriter::new(file)))
    }

    /// Writes the rest; a file gets its name.
    pub fn finish(self, args: &SqlArgs) -> Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush().map_err(Error::Output),
            Self::File(out) => {
                let file = out.into_inner().map_err(|error| failed(args, error.into_error()))?;
                file.finish().map(drop)
            }
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(out) => out.flush(),
        }
    }
}

/// What is shown for NULL to a person.
pub fn null_for_people(args: &SqlArgs) -> &str {
    args.null.as_deref().unwrap_or("NULL")
}

/// A value as text, and what it is.
pub fn shown_cell<'a>(cell: &'a Cell<'_>, null: &'a str) -> (Cow<'a, str>, Kind) {
    match cell {
        Cell::Null => (null.into(), Kind::Null),
        Cell::Integer(_) | Cell::Real(_) => (cell_text(cell), Kind::Number),
        Cell::Text(_) | Cell::Blob(_) => (cell_text(cell), Kind::Text),
    }
}

/// Writes rows in a format that needs no more than one of them at a time.
pub enum Rows {
    Formatted(RowWriter<Destination>),
    Lines(LineWriter),
}

/// `--format line`.
pub struct LineWriter {
    out: Destination,
    lines: Option<Lines>,
    rows: u64,
    null: String,
    terminal: Option<usize>,
    has_color: bool,
}

impl Rows {
    pub(super) fn new(out: Destination, format: SqlFormat, job: &Job<'_>) -> Self {
        let args = job.args;
        let format = match format {
            SqlFormat::Json => RowFormat::Json,
            SqlFormat::Jsonl => RowFormat::Jsonl,
            SqlFormat::Csv => RowFormat::Csv,
            SqlFormat::Tsv => RowFormat::Tsv,
            SqlFormat::Markdown => RowFormat::Markdown,
            SqlFormat::Table | SqlFormat::Line => {
                let is_file = args.output.is_some();
                return Self::Lines(LineWriter {
                    out,
                    lines: None,
                    rows: 0,
                    null: null_for_people(args).to_owned(),
                    terminal: terminal_width().filter(|_| !is_file),
                    has_color: has_color(job.global, output::is_terminal()) && !is_file,
                });
            }
        };
        let null = args.null.clone().unwrap_or_default();
        let writer = RowWriter::new(out, format).excel_safe(args.excel_safe);
        Self::Formatted(writer.null(null).header(!args.no_headers))
    }

    pub fn columns(&mut self, names: &[String]) -> io::Result<()> {
        match self {
            Self::Formatted(writer) => writer.columns(names),
            Self::Lines(it) => {
                let names: Vec<String> = names.iter().map(|name| shown(name)).collect();
                it.lines = Some(Lines::new(&names, it.terminal, false, it.has_color));
                Ok(())
            }
        }
    }

    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        match self {
            Self::Formatted(writer) => writer.row(cells),
            Self::Lines(it) => {
                let cells = cells.iter().map(|cell| shown_cell(cell, &it.null));
                let cells: Vec<(String, Kind)> =
                    cells.map(|(text, kind)| (shown(&text), kind)).collect();
                let cells = cells.iter().map(|(text, kind)| (text.as_str(), *kind));
                let text = it.lines.as_ref().map(|lines| lines.row(it.rows == 0, cells));
                it.rows += 1;
                // It is escaped already, and its colours take effect.
                match &mut it.out {
                    Destination::Stdout(_) => {
                        output::lines().write_all(text.unwrap_or_default().as_bytes())
                    }
                    Destination::File(out) => out.write_all(text.unwrap_or_default().as_bytes()),
                }
            }
        }
    }

    /// Writes the end, after the last row.
    pub fn finish(self, args: &SqlArgs) -> Result<()> {
        match self {
            Self::Formatted(writer) => {
                writer.finish().map_err(|error| failed(args, error))?.finish(args)
            }
            Self::Lines(it) => it.out.finish(args),
        }
    }

    /// Ends the output after an error: what was written to standard output stays readable, a file does not appear.
    pub fn give_up(self) {
        match self {
            Self::Formatted(writer) => drop(writer.give_up()),
            Self::Lines(mut it) => drop(it.out.flush()),
        }
    }
}
