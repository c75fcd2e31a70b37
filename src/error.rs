use crate::model::ImportReport;
use std::path::PathBuf;
use std::time::Duration;

/// Why an operation on an archive failed. A document that cannot be taken is not an error but a
/// [`crate::model::Rejection`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("there is no database at \"{0}\"")]
    NoDatabase(PathBuf),
    #[error("a writer of \"{0}\" died while it committed, and only who may write can undo that")]
    HalfCommitted(PathBuf),
    #[error("\"{0}\" is not a seedbank database")]
    NotOurs(PathBuf),
    #[error("\"{path}\" has schema version {found}; this program knows versions up to {known}")]
    NewerDatabase { path: PathBuf, found: i64, known: i64 },
    #[error("\"{path}\" has schema version {found} and needs migrating to {known}")]
    OlderDatabase { path: PathBuf, found: i64, known: i64 },
    #[error(
        "the rows of \"{path}\" were made by extractor version {found}; this program has {known}"
    )]
    NewerExtractor { path: PathBuf, found: i64, known: i64 },
    #[error("another writer holds \"{path}\"{}", holder.as_deref().map(|h| format!(" ({h})")).unwrap_or_default())]
    Locked { path: PathBuf, holder: Option<String> },
    #[error("\"{path}\": {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("\"{0}\" does not exist")]
    NoSuchPath(PathBuf),
    #[error("there is no folder \"{0}\"")]
    NoSuchFolder(PathBuf),
    #[error("git cannot be run: {0}")]
    NoGit(std::io::Error),
    #[error("\"{0}\" is not a git repository")]
    NotARepository(PathBuf),
    #[error("\"{0}\" belongs to another user, and git is not told to trust it")]
    ForeignRepository(PathBuf),
    #[error("\"{repository}\" has no commit \"{name}\"")]
    NoSuchCommit { repository: PathBuf, name: String },
    #[error("git failed in \"{repository}\": {message}")]
    Git { repository: PathBuf, message: String },
    #[error("\"{0}\" is not empty")]
    FolderNotEmpty(PathBuf),
    #[error("\"{0}\" has a manifest.jsonl that lists no pages")]
    ForeignManifest(PathBuf),
    #[error("\"{0}\" exists already")]
    AlreadyExists(PathBuf),
    #[error("\"{0}\" is the database itself, or belongs to it")]
    OntoItself(PathBuf),
    #[error("\"{0}\" has a second name, a hard link")]
    SeveralNames(PathBuf),
    #[error("\"{0}\" is mounted without its folder")]
    MountedAlone(PathBuf),
    #[error("\"{0}\" is no lock file of seedbank's")]
    ForeignLock(PathBuf),
    #[error("\"{companion}\" says that \"{path}\" is in use")]
    InUse { path: PathBuf, companion: PathBuf },
    #[error("\"{path}\" could not be written: {source}")]
    NotCopied { path: PathBuf, source: rusqlite::Error },
    #[error("\"{0}\" is damaged, and so would be its copy")]
    DamagedCopy(PathBuf),
    /// An import that had begun: what it counts is kept.
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
    #[error("\"{name}\" is no article: {reason}{}", detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
    NoArticle { name: String, reason: &'static str, detail: Option<String> },
    #[error("no import has seen \"{0}\"")]
    NeverSeen(String),
    #[error("there is no import {0}")]
    NoSuchRun(i64),
    #[error("there is no table \"{0}\" to export")]
    UnknownTable(String),
    #[error("the query \"{query}\" {problem}")]
    MalformedQuery { query: String, problem: QueryProblem },
    #[error("the full-text index of \"{path}\" {}", index_version(*found, *known))]
    OtherIndex { path: PathBuf, found: Option<i64>, known: i64 },
    #[error("\"{0}\" is no table of articles, which alone can be filtered")]
    UnfilteredTable(String),
    #[error("the SQL is malformed: {0}")]
    MalformedSql(String),
    #[error("the SQL was refused: {0}")]
    RefusedSql(String),
    #[error("the parameter \"{0}\" does not stand in the SQL")]
    UnknownParameter(String),
    #[error("the SQL has a parameter \"{0}\" and no value is given for it")]
    MissingParameter(String),
    #[error("the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("csv: {0}")]
    Csv(#[from] csv::Error),
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Output(std::io::Error),
}

fn index_version(found: Option<i64>, known: i64) -> String {
    match found {
        Some(found) => format!("is of version {found}; this program searches version {known}"),
        None => "is not made yet".into(),
    }
}

/// Why a query is none; what follows the query itself in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryProblem {
    #[error("has no letter, digit or Chinese character to look for")]
    Empty,
    #[error("says only what to leave out")]
    OnlyExcludes,
    #[error("has a quotation that is not closed")]
    UnclosedQuotation,
    #[error("has a parenthesis that is not closed")]
    UnclosedParenthesis,
    #[error("has a closing parenthesis too many")]
    UnopenedParenthesis,
    #[error("has {operator} without something to look for beside it")]
    MissingOperand { operator: &'static str },
    #[error("has \"{column}:\" without a word behind it")]
    MissingWord { column: &'static str },
    #[error("is longer than {most} characters")]
    TooLong { most: usize },
    #[error("has parentheses more than {most} deep")]
    TooDeep { most: usize },
}

impl Error {
    /// Whether SQLite says that the file is not as it was written.
    pub fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let code = match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        };
        matches!(code, Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether another connection stood in the way for longer than one waits.
    pub fn is_busy(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
    }

    /// Wraps an I/O error with the path it happened at.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// A question in SQL that reached its limit of time.
    pub fn ran_longer(limit: Duration) -> Self {
        Self::RefusedSql(format!("it ran longer than {} s", limit.as_secs_f64()))
    }
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
