//! The errors of the library.

use crate::model::{ImportReport, Rejection, path_label};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why an operation on an archive failed. A document that cannot be imported is not an error but a
/// [`crate::model::Rejection`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("there is no database at \"{}\"", path_label(.0))]
    NoDatabase(PathBuf),
    #[error("a writer of \"{}\" crashed during a commit; someone with write access must open it once to roll back", path_label(.0))]
    HalfCommitted(PathBuf),
    #[error("\"{}\" is not a seedbank database", path_label(.0))]
    NotOurs(PathBuf),
    #[error(
        "\"{}\" has schema version {found}; this program knows versions up to {known}",
        path_label(path)
    )]
    NewerDatabase { path: PathBuf, found: i64, known: i64 },
    #[error("\"{}\" has schema version {found} and needs migrating to {known}", path_label(path))]
    OlderDatabase { path: PathBuf, found: i64, known: i64 },
    #[error(
        "the rows of \"{}\" were made by extractor version {found}; this program has {known}",
        path_label(path)
    )]
    NewerExtractor { path: PathBuf, found: i64, known: i64 },
    #[error("another writer holds \"{}\"{}", path_label(path), holder.as_deref().map(|h| format!(" ({h})")).unwrap_or_default())]
    Locked { path: PathBuf, holder: Option<String> },
    #[error("\"{}\": {source}", path_label(path))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("\"{}\" does not exist", path_label(.0))]
    NoSuchPath(PathBuf),
    #[error("there is no folder \"{}\"", path_label(.0))]
    NoSuchFolder(PathBuf),
    #[error("git cannot be run: {0}")]
    NoGit(std::io::Error),
    #[error("\"{}\" is not a git repository", path_label(.0))]
    NotARepository(PathBuf),
    #[error("\"{}\" belongs to another user, and git is not configured to trust it", path_label(.0))]
    ForeignRepository(PathBuf),
    /// `named` is what the user must name to allow the read.
    #[error("\"{}\" leads out of the repository, to \"{}\"", path_label(place), path_label(target))]
    LeadsOutside { place: PathBuf, target: PathBuf, named: Vec<PathBuf> },
    #[error("\"{}\" {what}", path_label(place))]
    StrangeRepository { place: PathBuf, what: String },
    #[error("\"{}\" has no commit \"{name}\"", path_label(repository))]
    NoSuchCommit { repository: PathBuf, name: String },
    #[error("git failed in \"{}\": {message}", path_label(repository))]
    Git { repository: PathBuf, message: String },
    #[error("\"{}\" is not empty", path_label(.0))]
    FolderNotEmpty(PathBuf),
    #[error("\"{}\" has a manifest.jsonl of another export", path_label(.0))]
    ForeignManifest(PathBuf),
    #[error("\"{}\" is in the way of the export and was not made by one", path_label(.0))]
    InTheWay(PathBuf),
    #[error("another export is writing into \"{}\"", path_label(.0))]
    ExportUnderWay(PathBuf),
    #[error("\"{}\" already exists", path_label(.0))]
    AlreadyExists(PathBuf),
    #[error("\"{}\" is not a regular file", path_label(.0))]
    NotAFile(PathBuf),
    #[error("\"{}\" is the database itself, or belongs to it", path_label(.0))]
    OntoItself(PathBuf),
    #[error("\"{}\" has a second name, a hard link", path_label(.0))]
    SeveralNames(PathBuf),
    #[error("\"{}\" is mounted without its folder", path_label(.0))]
    MountedAlone(PathBuf),
    #[error("\"{}\" is not a lock file of seedbank", path_label(.0))]
    ForeignLock(PathBuf),
    /// SQLite would open it, block on it, or write to the target of a link.
    #[error("\"{}\" belongs to the database by its name, and is not a regular file", path_label(.0))]
    StrangeCompanion(PathBuf),
    #[error("\"{}\" says that \"{}\" is in use", path_label(companion), path_label(path))]
    InUse { path: PathBuf, companion: PathBuf },
    #[error("\"{}\" could not be written: {source}", path_label(path))]
    NotCopied { path: PathBuf, source: rusqlite::Error },
    #[error("\"{}\" is damaged, and so would be its copy", path_label(.0))]
    DamagedCopy(PathBuf),
    /// The import had started: its counts are included.
    #[error("{source}")]
    RunFailed { report: Box<ImportReport>, source: Box<Error> },
    #[error("the counts of run {0} do not add up")]
    CountsDisagree(i64),
    #[error("the original of seed {0} cannot be decompressed")]
    DamagedSeed(i64),
    #[error("there is no article \"{0}\"")]
    NoSuchArticle(String),
    #[error("article {article_id} has no revision {sequence}: it has {count}")]
    NoSuchRevision { article_id: i64, sequence: i64, count: i64 },
    #[error("\"{}\" is not an article: {}", path_label(path), why.text())]
    NoArticle { path: PathBuf, why: Rejection },
    #[error("revision {sequence} of article {article_id} is no longer an article: {}", why.text())]
    NoArticleAnyMore { article_id: i64, sequence: i64, why: Rejection },
    #[error(
        "the text of revision {sequence} of article {article_id} is unknown: its page could not be parsed"
    )]
    NoText { article_id: i64, sequence: i64 },
    #[error("no import has seen \"{}\"", path_label(.0))]
    NeverSeen(PathBuf),
    #[error("no import has seen the bytes of \"{0}\"")]
    NoSuchSeed(String),
    #[error("there is no import {0}")]
    NoSuchRun(i64),
    #[error("there is no table \"{0}\" to export")]
    UnknownTable(String),
    #[error("the query \"{query}\" {problem}")]
    MalformedQuery { query: String, problem: QueryProblem },
    #[error("the full-text index of \"{}\" {}", path_label(path), index_version(*found, *known))]
    OtherIndex { path: PathBuf, found: Option<i64>, known: i64 },
    #[error("\"{0}\" is not the table of articles; only that can be filtered")]
    UnfilteredTable(String),
    #[error("SQL error: {0}")]
    MalformedSql(String),
    #[error("the SQL was refused: {0}")]
    RefusedSql(SqlRefusal),
    #[error("the parameter \"{0}\" is not used in the SQL")]
    UnknownParameter(String),
    #[error("the SQL has a parameter \"{0}\" without a value")]
    MissingParameter(String),
    #[error("the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("csv: {0}")]
    Csv(#[from] csv::Error),
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the output could not be written: {0}")]
    Output(std::io::Error),
}

fn index_version(found: Option<i64>, known: i64) -> String {
    match found {
        Some(found) => format!("is of version {found}; this program searches version {known}"),
        None => "is not made yet".into(),
    }
}

/// Why a query is malformed; completes a sentence that begins with the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryProblem {
    #[error("has no letter, digit or Chinese character to search for")]
    Empty,
    #[error("only excludes words")]
    OnlyExcludes,
    #[error("has a quotation that is not closed")]
    UnclosedQuotation,
    #[error("has a parenthesis that is not closed")]
    UnclosedParenthesis,
    #[error("has one closing parenthesis too many")]
    UnopenedParenthesis,
    #[error("has {operator} with nothing to search for next to it")]
    MissingOperand { operator: &'static str },
    #[error("has \"{column}:\" without a word after it")]
    MissingWord { column: &'static str },
    #[error("is longer than {most} characters")]
    TooLong { most: usize },
    #[error("has parentheses more than {most} deep")]
    TooDeep { most: usize },
    #[error("has more than {most} single characters or prefixes")]
    TooManyBeginnings { most: usize },
}

/// Why a statement was refused or stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqlRefusal {
    /// Something that is not on the allow-list.
    #[error("{0} is not allowed here")]
    NotAllowed(String),
    #[error("it does more than read")]
    Writes,
    #[error("it ran longer than {} s", .0.as_secs_f64())]
    TooSlow(Duration),
    #[error("a value, a row or the statement itself is too long (limit {most_mib} MiB)")]
    TooLong { most_mib: u64 },
    #[error("it needs more than {most_mib} MiB of memory")]
    TooMuchMemory { most_mib: u64 },
    #[error("a table of more than {0} is not printed")]
    TooLargeTable(String),
}

impl From<SqlRefusal> for Error {
    fn from(refusal: SqlRefusal) -> Self {
        Self::RefusedSql(refusal)
    }
}

impl Error {
    /// The file or folder that caused the error, if there is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::NoDatabase(path)
            | Self::HalfCommitted(path)
            | Self::NotOurs(path)
            | Self::NewerDatabase { path, .. }
            | Self::OlderDatabase { path, .. }
            | Self::NewerExtractor { path, .. }
            | Self::Locked { path, .. }
            | Self::Io { path, .. }
            | Self::NoSuchPath(path)
            | Self::NoSuchFolder(path)
            | Self::NotARepository(path)
            | Self::ForeignRepository(path)
            | Self::LeadsOutside { place: path, .. }
            | Self::StrangeRepository { place: path, .. }
            | Self::NoSuchCommit { repository: path, .. }
            | Self::Git { repository: path, .. }
            | Self::FolderNotEmpty(path)
            | Self::ForeignManifest(path)
            | Self::InTheWay(path)
            | Self::ExportUnderWay(path)
            | Self::AlreadyExists(path)
            | Self::NotAFile(path)
            | Self::OntoItself(path)
            | Self::SeveralNames(path)
            | Self::MountedAlone(path)
            | Self::ForeignLock(path)
            | Self::StrangeCompanion(path)
            | Self::InUse { path, .. }
            | Self::NotCopied { path, .. }
            | Self::DamagedCopy(path)
            | Self::NoArticle { path, .. }
            | Self::NeverSeen(path)
            | Self::OtherIndex { path, .. } => Some(path),
            Self::RunFailed { source, .. } => source.path(),
            // Listed one by one, so that whoever adds an error decides whether it has a path.
            Self::NoGit(_)
            | Self::CountsDisagree(_)
            | Self::DamagedSeed(_)
            | Self::NoSuchArticle(_)
            | Self::NoSuchRevision { .. }
            | Self::NoArticleAnyMore { .. }
            | Self::NoText { .. }
            | Self::NoSuchSeed(_)
            | Self::NoSuchRun(_)
            | Self::UnknownTable(_)
            | Self::MalformedQuery { .. }
            | Self::UnfilteredTable(_)
            | Self::MalformedSql(_)
            | Self::RefusedSql(_)
            | Self::UnknownParameter(_)
            | Self::MissingParameter(_)
            | Self::Sqlite(_)
            | Self::Csv(_)
            | Self::Json(_)
            | Self::Output(_) => None,
        }
    }

    /// Whether SQLite reports the file as damaged, or a row has a value that no program writes.
    pub fn is_damage(&self) -> bool {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange};
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        if let Self::Sqlite(FromSqlConversionFailure(..) | IntegralValueOutOfRange(..)) = self {
            return true;
        }
        let code = match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        };
        matches!(code, Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether another program kept the database locked for longer than the wait.
    pub fn is_busy(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
    }

    /// Whether an operation was abandoned because it was asked to stop.
    pub fn is_interruption(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted)
    }

    /// An error that abandons an operation from inside, like SQLite's own between two steps.
    pub(crate) fn interruption() -> Self {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT);
        Self::Sqlite(rusqlite::Error::SqliteFailure(code, None))
    }

    /// Wraps an I/O error with the path it happened at.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
