//! Rows as a table, which is laid out as a whole.

use super::Job;
use super::destination::{Destination, failed, null_for_people, shown_cell};
use crate::cli::deadline::Deadline;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{Fit, Grid, MOST_CHARACTERS, MOST_PIECES, counted};
use anyhow::Result;
use seedbank::internals::export::cell_text;
use seedbank::{Answer, Error, QueryEnd, SqlRefusal};
use std::io::Write;

/// Laying a table out takes several times its text in memory.
const TABLE_BYTES: usize = 16 << 20;

/// Writes the table; returns a remark about its form, if there is one to make.
pub(super) fn write(job: &Job<'_>) -> Result<(QueryEnd, Option<String>)> {
    let args = job.args;
    let mut grid = Grid::of_data(args.output.is_some(), job.global);
    let mut columns = 0;
    let mut bytes = 0;
    let deadline = Deadline::start(job.limits.timeout, job.global, || ());
    let end = job.reader.query(job.sql, &args.parameters, &job.limits, &mut |answer| {
        match answer {
            Answer::Columns(names) => {
                columns = names.len();
                if !args.no_headers {
                    grid.header(names.iter().map(String::as_str));
                }
            }
            Answer::Row(cells) => {
                bytes += cells.iter().map(|cell| cell_text(cell).len()).sum::<usize>();
                if bytes > TABLE_BYTES {
                    return Err(too_large(&format!("{} MiB of text", TABLE_BYTES >> 20)));
                }
                let null = null_for_people(args);
                deadline.outside(|| grid.data_row(cells.iter().map(|cell| shown_cell(cell, null))));
                if grid.is_too_large() {
                    let lines = counted(MOST_PIECES as u64, "line");
                    let size = format!("{lines} of cells or {} MiB", MOST_CHARACTERS >> 20);
                    return Err(too_large(&size));
                }
            }
        }
        Ok(())
    })?;
    drop(deadline);
    let fit = grid.fit();
    let is_chosen = args.format.is_some() || args.no_headers;
    let (text, remark) = match fit {
        _ if columns == 0 => (String::new(), None),
        Fit { narrow_columns: 1.., .. } if !is_chosen && end.rows > 0 => {
            let columns = counted(columns as u64, "column");
            let why = format!("turned, since {columns} do not fit; --format table to keep a table");
            (grid.turned(), Some(why))
        }
        Fit { is_cut: true, .. } => (grid.text(), Some("--format line for whole cells".to_owned())),
        _ => (grid.text(), None),
    };
    match &args.output {
        None => output::print(&text)?,
        Some(_) => {
            let mut out = Destination::of(args, job.global)?;
            out.write_all(text.as_bytes()).map_err(|error| failed(args, error))?;
            out.finish(args)?;
        }
    }
    Ok((end, remark))
}

fn too_large(size: &str) -> Error {
    SqlRefusal::TooLargeTable(size.to_owned()).into()
}
