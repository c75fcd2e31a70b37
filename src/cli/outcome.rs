//! Ends a command: its exit code, and the message for an error.

use super::Global;
use super::hint::hint;
use crate::cli::terminal::log::Line;
use seedbank::internals::model::path_label;
use seedbank::{DatabaseError, Error};
use serde_json::Value;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

/// The exit codes; documented in the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Malformed = 2,
    NotTaken = 3,
    Damaged = 4,
    NotAsExpected = 5,
    NoDatabase = 10,
    Locked = 11,
    NewerDatabase = 12,
    RefusedSql = 13,
    Interrupted = 130,
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// A mistake of the user, with advice; exit code 2.
#[derive(Debug)]
pub struct UsageError {
    pub message: String,
    pub hint: String,
    /// The file or folder that caused it.
    pub path: Option<PathBuf>,
}

impl UsageError {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), path: None }
    }
}

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for UsageError {}

/// Prints an error to standard error and returns its exit code. A closed pipe is not an error: the reader has
/// seen enough.
pub fn report(error: &anyhow::Error, global: &Global) -> Exit {
    if is_closed_pipe(error) {
        return Exit::Done;
    }
    let (exit, hint) = judge(error, global);
    let ours = error.downcast_ref::<Error>();
    // SQLite does not name the file.
    let of_sqlite = ours.and_then(sqlite_error);
    let message = match (of_sqlite, ours) {
        (Some(error), _) => format!("\"{}\": {error}", path_label(&global.db)),
        // The library's errors include their causes.
        (None, Some(error)) => error.to_string(),
        (None, None) => format!("{error:#}"),
    };
    let usage = error.downcast_ref::<UsageError>();
    let path = match of_sqlite {
        Some(_) => Some(global.db.as_path()),
        None => ours.and_then(Error::path).or(usage.and_then(|usage| usage.path.as_deref())),
    };
    let mut line = Line::error(message).with("code", exit as u8);
    if let Some(path) = path {
        line = line.with("path", path_label(path));
    }
    for (name, value) in ours.map(facts).unwrap_or_default() {
        line = line.with(name, value);
    }
    if let Some(hint) = hint {
        line = line.with("hint", hint);
    }
    line.write(global);
    exit
}

/// Ignores a closed pipe while printing, since the exit code does not depend on the output.
pub fn told(written: anyhow::Result<()>) -> anyhow::Result<()> {
    written.or_else(|error| if is_closed_pipe(&error) { Ok(()) } else { Err(error) })
}

fn sqlite_error(error: &Error) -> Option<&DatabaseError> {
    match error {
        Error::Database(error) => Some(error),
        Error::RunFailed { error, .. } => sqlite_error(error),
        _ => None,
    }
}

/// Further facts about an error, for programs.
fn facts(error: &Error) -> Vec<(&'static str, Value)> {
    match error {
        Error::RunFailed { report, error } => {
            let mut facts = facts(error);
            facts.extend(report.run_id.map(|id| ("run_id", id.into())));
            facts
        }
        Error::CountsDisagree(run_id) | Error::NoSuchRun(run_id) => {
            vec![("run_id", (*run_id).into())]
        }
        Error::DamagedSeed(seed_id) => vec![("seed_id", (*seed_id).into())],
        Error::NoSuchRevision { article_id, .. }
        | Error::NoText { article_id, .. }
        | Error::NoArticleAnyMore { article_id, .. } => {
            vec![("article_id", (*article_id).into())]
        }
        _ => Vec::new(),
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kind = match error.downcast_ref::<Error>() {
        Some(Error::Output(error)) => Some(error.kind()),
        Some(_) => None,
        None => error.downcast_ref::<std::io::Error>().map(std::io::Error::kind),
    };
    kind == Some(ErrorKind::BrokenPipe)
}

fn judge(error: &anyhow::Error, global: &Global) -> (Exit, Option<String>) {
    if let Some(usage) = error.downcast_ref::<UsageError>() {
        return (Exit::Malformed, Some(usage.hint.clone()));
    }
    let error = match error.downcast_ref::<Error>() {
        Some(Error::RunFailed { error, .. }) => error,
        Some(error) => error,
        None => return (Exit::Failed, None),
    };
    let exit = match error {
        Error::NoDatabase(_) | Error::NotOurs(_) => Exit::NoDatabase,
        Error::Locked { .. } => Exit::Locked,
        error if error.is_busy() => Exit::Locked,
        Error::NewerDatabase { .. } | Error::NewerExtractor { .. } => Exit::NewerDatabase,
        Error::RefusedSql(_) => Exit::RefusedSql,
        Error::MalformedSql(_)
        | Error::UnknownInSql { .. }
        | Error::UnknownParameter(_)
        | Error::MissingParameter(_)
        | Error::MalformedQuery { .. }
        | Error::UnfilteredTable(_) => Exit::Malformed,
        _ => Exit::Failed,
    };
    (exit, hint(error, global))
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::Parser;
    use rusqlite::Connection;
    use seedbank::internals::store::Writer;
    use std::time::Duration;

    /// While other programs have the database open, a command that waited for it ends in the same way as one
    /// that waited for our own writer.
    #[test]
    fn a_database_that_another_program_has_locked() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("news.db");
        Writer::open(&database, Duration::ZERO).unwrap().checkpoint().unwrap();
        let [other, late] = [(); 2].map(|()| Connection::open(&database).unwrap());
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        late.busy_timeout(Duration::ZERO).unwrap();
        let refused = Error::from(late.execute_batch("BEGIN IMMEDIATE").unwrap_err());
        let global = Cli::parse_from(["seedbank", "stats"]).global;
        let (exit, hint) = judge(&refused.into(), &global);
        assert_eq!(exit, Exit::Locked);
        assert!(hint.is_some_and(|hint| hint.contains("has an open transaction on the database")));
    }
}
