//! How a command ended: its exit code, and for an error, what to do next.

use super::Global;
use crate::cli::terminal::log::Line;
use crate::cli::terminal::render;
use rusqlite::ErrorCode;
use seedbank::model::path_label;
use seedbank::{Error, QueryProblem, SqlRefusal};
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

fn sqlite_error(error: &Error) -> Option<&rusqlite::Error> {
    match error {
        Error::Sqlite(error) => Some(error),
        Error::RunFailed { source, .. } => sqlite_error(source),
        _ => None,
    }
}

/// Further facts about an error, for programs.
fn facts(error: &Error) -> Vec<(&'static str, Value)> {
    match error {
        Error::RunFailed { report, source } => {
            let mut facts = facts(source);
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
        Some(Error::Json(error)) => error.io_error_kind(),
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
        Some(Error::RunFailed { source, .. }) => source,
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
        | Error::UnknownParameter(_)
        | Error::MissingParameter(_)
        | Error::MalformedQuery { .. }
        | Error::UnfilteredTable(_) => Exit::Malformed,
        _ => Exit::Failed,
    };
    (exit, hint(error, global))
}

/// The next step, if there is one to suggest.
fn hint(error: &Error, global: &Global) -> Option<String> {
    let seedbank = render::seedbank_command(global);
    Some(match error {
        Error::NoDatabase(_) => {
            format!("create it with `{seedbank} import FOLDER`, or name another with --db")
        }
        Error::HalfCommitted(_) => {
            "run this once as a user who can write to the file and its folder".into()
        }
        Error::NotOurs(_) => {
            "name a seedbank database with --db or SEEDBANK_DB, or a file that does not exist yet"
                .into()
        }
        Error::Locked { .. } => {
            "wait until it is done, or use --lock-wait SECS".into()
        }
        Error::NewerDatabase { .. } | Error::NewerExtractor { .. } => {
            "use the version of seedbank that wrote it, or a later one".into()
        }
        Error::OlderDatabase { .. } => {
            format!("bring it up to date with `{seedbank} reextract`")
        }
        Error::MalformedQuery { problem, .. } => query_hint(*problem).into(),
        Error::OtherIndex { .. } => {
            format!("rebuild it with `{seedbank} reextract`; an import rebuilds it too")
        }
        Error::NoSuchArticle(_) => {
            format!("find it with `{seedbank} sql \"SELECT id, title, url FROM article\"`")
        }
        Error::NoSuchRevision { article_id, .. } | Error::NoText { article_id, .. } => {
            format!("list them with `{seedbank} history {article_id}`")
        }
        Error::NoArticle { .. } => {
            "an article has a line [title](address) near its top, or front matter".into()
        }
        Error::NoArticleAnyMore { .. } => {
            format!("rebuild the rows from their originals with `{seedbank} reextract`")
        }
        Error::NeverSeen(_) | Error::NoSuchSeed(_) => {
            "name a file as it was imported, an article's id or address, or a SHA-256".into()
        }
        Error::NoSuchRun(_) => format!("list them with `{seedbank} runs`"),
        Error::Io { source, .. } if source.kind() == ErrorKind::NotFound => {
            "check its spelling".into()
        }
        Error::NoSuchPath(_) => "check its spelling; nothing was imported".into(),
        Error::NoGit(_) => "install git, or import the files as a folder".into(),
        Error::NotARepository(_) => {
            "name a repository's own folder; files without a history are imported without --git"
                .into()
        }
        Error::ForeignRepository(path) => {
            let path = render::shell_word(path.as_os_str());
            format!("if you trust it: git config --global --add safe.directory {path}")
        }
        Error::LeadsOutside { named, .. } => {
            let option = |path: &PathBuf| {
                format!(" --git-also {}", render::shell_word(path.as_os_str()))
            };
            format!("if it may be read too, add{}", named.iter().map(option).collect::<String>())
        }
        Error::StrangeRepository { .. } => {
            "git would hang on it or fail; remove it, or import a clone of the repository".into()
        }
        Error::NoSuchCommit { repository, .. } => {
            let path = render::shell_word(repository.as_os_str());
            format!(
                "name a branch, a tag or a commit with --ref; `git -C {path} branch -a` lists branches"
            )
        }
        Error::FolderNotEmpty(_) => {
            "name a folder that is empty or new, or write into it with --force".into()
        }
        Error::ForeignManifest(_) => {
            "name another folder: exports of different formats do not mix in one".into()
        }
        Error::ExportUnderWay(_) => "wait until it is done, or name another folder".into(),
        Error::UnfilteredTable(_) => {
            format!("filter the articles with `--table article`, or rows with `{seedbank} sql`")
        }
        Error::NotAFile(_) => {
            "name a file; what is written to standard output can be sent anywhere".into()
        }
        Error::AlreadyExists(_) => "name another file, or replace this one with --force".into(),
        Error::NoSuchFolder(_) => "create it first, or name another".into(),
        Error::OntoItself(_) => "name another file, or a folder for copies".into(),
        Error::SeveralNames(path) => format!(
            "SQLite keeps a journal for each name: remove the other one (find it with \
             `find DIR -samefile '{}'`), or import into a copy made with `{seedbank} backup`",
            path.display()
        ),
        Error::MountedAlone(_) => {
            "SQLite keeps a journal beside the file: mount the folder that it is in".into()
        }
        Error::InTheWay(_) => "inspect it and move it away".into(),
        Error::ForeignLock(_) => "move it away if nothing uses it; a new one is created".into(),
        Error::StrangeCompanion(_) => {
            "SQLite keeps its journals under this name: move away what has it".into()
        }
        Error::InUse { .. } => "name another file; one that is in use cannot be replaced".into(),
        Error::NotCopied { .. } => {
            "free some space, or name another place; nothing was left there, and the database is unchanged"
                .into()
        }
        Error::DamagedCopy(_) => format!("see what is damaged with `{seedbank} verify`"),
        Error::Io { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
            "check the permissions of the file and its folder".into()
        }
        Error::Sqlite(_) if error.is_damage() => {
            format!("see what is damaged with `{seedbank} verify`, and restore a backup")
        }
        Error::Sqlite(cause) => match cause.sqlite_error_code()? {
            ErrorCode::DatabaseBusy => {
                "another program, such as sqlite3 or a script, has an open transaction on the database; end it and run the command again"
                    .into()
            }
            ErrorCode::DiskFull => {
                "free some space and run it again: what was stored is kept".into()
            }
            ErrorCode::SystemIoFailure => {
                "check the disk and the file-size limit; what was stored is kept".into()
            }
            ErrorCode::ReadOnly | ErrorCode::CannotOpen => {
                "the file and its folder must be writable by the user running this".into()
            }
            _ => return None,
        },
        Error::CountsDisagree(_) => "this is a bug in seedbank: please report it".into(),
        Error::DamagedSeed(_) => {
            format!("see what is damaged with `{seedbank} verify`, and restore a backup")
        }
        Error::MalformedSql(_) => {
            format!(
                "list tables and columns with `{seedbank} sql \"SELECT sql FROM sqlite_schema\"`"
            )
        }
        Error::RefusedSql(refusal) => sql_hint(refusal).into(),
        Error::UnknownParameter(name) => format!("write it as :{name} in the SQL, or leave it out"),
        Error::MissingParameter(name) => {
            format!("give it with -p {}=VALUE", name.trim_start_matches([':', '@', '$', '?']))
        }
        _ => return None,
    })
}

fn sql_hint(refusal: &SqlRefusal) -> &'static str {
    match refusal {
        SqlRefusal::TooSlow(_) => "raise it with --timeout SECS (0 for no limit)",
        SqlRefusal::TooLargeTable(_) => "write it with --format csv or jsonl",
        SqlRefusal::TooLong { .. } | SqlRefusal::TooMuchMemory { .. } => {
            "ask for fewer or smaller values at once"
        }
        _ => "this command only reads; to change a copy, use sqlite3 on a copy of the database",
    }
}

fn query_hint(problem: QueryProblem) -> &'static str {
    match problem {
        QueryProblem::Empty => "name a word, such as 人权, or a phrase in quotation marks",
        QueryProblem::OnlyExcludes => "name something to find too, such as: 律师 -香港",
        QueryProblem::UnclosedQuotation => "close it with \", or remove it",
        QueryProblem::UnclosedParenthesis | QueryProblem::UnopenedParenthesis => {
            "parentheses come in pairs; inside quotation marks they mean nothing"
        }
        QueryProblem::MissingOperand { .. } => {
            "AND, OR and NOT stand between words; to look for such a word itself, put it in \"\""
        }
        QueryProblem::MissingWord { .. } => "write title:人权 or body:\"言论 自由\"",
        _ => "ask in several smaller queries",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::Parser;
    use rusqlite::Connection;
    use seedbank::store::Writer;
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
