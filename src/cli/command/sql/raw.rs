//! `--raw`: one value, exactly.

use super::destination::{Destination, failed};
use super::{Job, SqlArgs};
use crate::cli::deadline::Deadline;
use crate::cli::outcome::UsageError;
use crate::cli::terminal::render::counted;
use anyhow::Result;
use seedbank::internals::export::cell_text;
use seedbank::{Answer, Cell};
use std::io::Write;

/// Writes the value; nothing is written if there is another number of values.
pub(super) fn write(job: &Job<'_>) -> Result<()> {
    let SqlArgs { parameters, null, .. } = job.args;
    let mut columns = 0;
    let mut value = None;
    let deadline = Deadline::start(job.limits.timeout, job.global, || ());
    let end = job.reader.query(job.sql, parameters, &job.limits, &mut |answer| {
        match answer {
            Answer::Columns(names) => columns = names.len(),
            Answer::Row([cell]) => {
                value = Some(match cell {
                    Cell::Null => null.clone().unwrap_or_default().into_bytes(),
                    Cell::Blob(bytes) => bytes.to_vec(),
                    other => cell_text(other).into_owned().into_bytes(),
                });
            }
            Answer::Row(_) => {}
        }
        Ok(())
    })?;
    drop(deadline);
    let wrong = |number: String, hint| {
        UsageError::new(format!("--raw writes one value, and the query returns {number}"), hint)
    };
    match value {
        _ if columns != 1 => {
            Err(wrong(counted(columns as u64, "column"), "name one column in the SELECT").into())
        }
        _ if end.has_more => {
            Err(wrong("more than one row".into(), "add LIMIT 1 to the query").into())
        }
        None => Err(wrong("no row".into(), "check the condition of the query").into()),
        Some(value) => {
            let mut out = Destination::of(job.args, job.global)?;
            out.write_all(&value).map_err(|error| failed(job.args, error))?;
            Ok(out.finish(job.args)?)
        }
    }
}
