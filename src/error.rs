//! The errors of the library.

mod database;

pub use database::{DatabaseError, DatabaseErrorKind};

use crate::model::{ImportReport, Rejection, path_label};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why an operation on an archive failed. A document that cannot be imported is not an error but a
/// [`Rejection`].
///
/// The text of an error is one sentence that names the file it is about and all of its causes; there is no
/// [`source`](std::error::Error::source) that would repeat them. A cause that a program may want to inspect is a
/// field: an [`std::io::Error`], or a [`DatabaseError`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
// The message of each variant explains its fields.
#[allow(missing_docs)]
pub enum Error {
    /// The file does not exist, or is empty.
    #[error("there is no database at \"{}\"", path_label(.0))]
    NoDatabase(PathBuf),
    /// A writer was killed during a commit, and this process has no permission to roll it back.
    #[error("a writer of \"{}\" crashed during a commit; someone with write access must open it once to roll back", path_label(.0))]
    HalfCommitted(PathBuf),
    /// The file is another program's database, or not a database.
    #[error("\"{}\" is not a seedbank database", path_label(.0))]
    NotOurs(PathBuf),
    /// A later version made the archive. `found` and `known` are schema versions.
    #[error(
        "\"{}\" has schema version {found}; this program knows versions up to {known}",
        path_label(path)
    )]
    NewerDatabase { path: PathBuf, found: i64, known: i64 },
    /// An import or [`Archive::reextract`](crate::Archive::reextract) migrates it; readers do not.
    #[error("\"{}\" has schema version {found} and needs migrating to {known}", path_label(path))]
    OlderDatabase { path: PathBuf, found: i64, known: i64 },
    /// A later version made the rows. `found` and `known` are extractor versions.
    #[error(
        "the rows of \"{}\" were made by extractor version {found}; this program has {known}",
        path_label(path)
    )]
    NewerExtractor { path: PathBuf, found: i64, known: i64 },
    /// Another writer has the archive; `holder` names it, if it is known.
    #[error("another writer holds \"{}\"{}", path_label(path), holder.as_deref().map(|h| format!(" ({h})")).unwrap_or_default())]
    Locked { path: PathBuf, holder: Option<String> },
    /// A file or folder could not be read, written or created.
    #[error("\"{}\": {error}", path_label(path))]
    Io { path: PathBuf, error: std::io::Error },
    /// A path to import does not exist.
    #[error("\"{}\" does not exist", path_label(.0))]
    NoSuchPath(PathBuf),
    /// The folder for a copy does not exist.
    #[error("there is no folder \"{}\"", path_label(.0))]
    NoSuchFolder(PathBuf),
    /// Importing a history needs an installed git.
    #[error("git cannot be run: {0}")]
    NoGit(std::io::Error),
    /// The folder is not a git repository.
    #[error("\"{}\" is not a git repository", path_label(.0))]
    NotARepository(PathBuf),
    /// Git refuses repositories of other users, unless it is configured to trust them.
    #[error("\"{}\" belongs to another user, and git is not configured to trust it", path_label(.0))]
    ForeignRepository(PathBuf),
    /// `named` is what the user must name to allow the read.
    #[error("\"{}\" leads out of the repository, to \"{}\"", path_label(place), path_label(target))]
    LeadsOutside { place: PathBuf, target: PathBuf, named: Vec<PathBuf> },
    /// The repository has something at which git would hang or fail: `what` continues a sentence that starts with
    /// `place`.
    #[error("\"{}\" {what}", path_label(place))]
    StrangeRepository { place: PathBuf, what: String },
    /// No branch, tag or commit of the repository has that name.
    #[error("\"{}\" has no commit \"{name}\"", path_label(repository))]
    NoSuchCommit { repository: PathBuf, name: String },
    /// Git failed with this message.
    #[error("git failed in \"{}\": {message}", path_label(repository))]
    Git { repository: PathBuf, message: String },
    /// An export writes into a folder with files only with `force`.
    #[error("\"{}\" is not empty", path_label(.0))]
    FolderNotEmpty(PathBuf),
    /// Exports of different formats do not mix in one folder.
    #[error("\"{}\" has a manifest.jsonl of another export", path_label(.0))]
    ForeignManifest(PathBuf),
    /// Another file has a name that the export needs.
    #[error("\"{}\" is in the way of the export and was not made by one", path_label(.0))]
    InTheWay(PathBuf),
    /// Another export is writing into the folder.
    #[error("another export is writing into \"{}\"", path_label(.0))]
    ExportUnderWay(PathBuf),
    /// A file is only replaced with `force`.
    #[error("\"{}\" already exists", path_label(.0))]
    AlreadyExists(PathBuf),
    /// The path is a folder, a device, a FIFO or a socket.
    #[error("\"{}\" is not a regular file", path_label(.0))]
    NotAFile(PathBuf),
    /// The output would overwrite the database or a file that SQLite keeps beside it.
    #[error("\"{}\" is the database itself, or belongs to it", path_label(.0))]
    OntoItself(PathBuf),
    /// The database has several names. SQLite keeps a journal for each: a writer under one name does not see that of
    /// another.
    #[error("\"{}\" has a second name, a hard link", path_label(.0))]
    SeveralNames(PathBuf),
    /// The database is mounted without its folder, where SQLite keeps its journal.
    #[error("\"{}\" is mounted without its folder", path_label(.0))]
    MountedAlone(PathBuf),
    /// The lock file has other content.
    #[error("\"{}\" is not a lock file of seedbank", path_label(.0))]
    ForeignLock(PathBuf),
    /// SQLite would open it, block on it, or write to the target of a link.
    #[error("\"{}\" belongs to the database by its name, and is not a regular file", path_label(.0))]
    StrangeCompanion(PathBuf),
    /// The file to replace is in use: its journal, the `companion`, exists.
    #[error("\"{}\" says that \"{}\" is in use", path_label(companion), path_label(path))]
    InUse { path: PathBuf, companion: PathBuf },
    /// A copy failed, and nothing of it remains.
    #[error("\"{}\" could not be written: {error}", path_label(path))]
    NotCopied { path: PathBuf, error: DatabaseError },
    /// The copy does not pass SQLite's own checks.
    #[error("\"{}\" is damaged, and so would be its copy", path_label(.0))]
    DamagedCopy(PathBuf),
    /// The import had started: its counts are included.
    #[error("{error}")]
    RunFailed { report: Box<ImportReport>, error: Box<Error> },
    /// A bug: `new + revised + duplicate + unchanged + rejected` is not `files_seen`.
    #[error("the counts of run {0} do not add up")]
    CountsDisagree(i64),
    /// The stored bytes no longer match their SHA-256.
    #[error("the original of seed {0} cannot be decompressed")]
    DamagedSeed(i64),
    /// No article has that id, former id or address.
    #[error("there is no article \"{0}\"")]
    NoSuchArticle(String),
    /// Revisions are numbered from 1 to `count`.
    #[error("article {article_id} has no revision {sequence}: it has {count}")]
    NoSuchRevision { article_id: i64, sequence: i64, count: i64 },
    /// A file to show has no article.
    #[error("\"{}\" is not an article: {why}", path_label(path))]
    NoArticle { path: PathBuf, why: Rejection },
    /// A file to show is an archive or another container.
    #[error("\"{}\" contains several documents", path_label(.0))]
    SeveralDocuments(PathBuf),
    /// This version of the extractor finds no article in the revision's original.
    #[error("revision {sequence} of article {article_id} is no longer an article: {why}")]
    NoArticleAnyMore { article_id: i64, sequence: i64, why: Rejection },
    /// The page of the revision exceeds a limit, so it has no text.
    #[error(
        "the text of revision {sequence} of article {article_id} is unknown: its page could not be parsed"
    )]
    NoText { article_id: i64, sequence: i64 },
    /// No sighting has that path.
    #[error("no import has seen \"{}\"", path_label(.0))]
    NeverSeen(PathBuf),
    /// No seed has that SHA-256.
    #[error("no import has seen the bytes of \"{0}\"")]
    NoSuchSeed(String),
    /// No import has that number.
    #[error("there is no import {0}")]
    NoSuchRun(i64),
    /// The table does not exist, or cannot be exported.
    #[error("there is no table \"{0}\" to export")]
    UnknownTable(String),
    /// A query that is malformed, or that cannot find anything.
    #[error("the query \"{query}\" {problem}")]
    MalformedQuery { query: String, problem: QueryProblem },
    /// An import or [`Archive::reextract`](crate::Archive::reextract) rebuilds it.
    #[error("the full-text index of \"{}\" {}", path_label(path), index_version(*found, *known))]
    OtherIndex { path: PathBuf, found: Option<i64>, known: i64 },
    /// A filter selects articles, so it cannot be applied to rows that belong to none.
    #[error("a filter selects articles, and the rows of \"{0}\" belong to none")]
    UnfilteredTable(String),
    /// There is no table, view or site of that name; `nearest` is the most similar one.
    #[error("there is no {what} \"{name}\"")]
    UnknownName { what: &'static str, name: String, nearest: Option<String> },
    /// The statement names a table or column that there is not; `nearest` is the most similar one.
    #[error("SQL error: no such {what}: {name}")]
    UnknownInSql { what: &'static str, name: String, nearest: Option<String> },
    /// SQLite does not understand the statement, or there is not exactly one.
    #[error("SQL error: {0}")]
    MalformedSql(String),
    /// The statement does more than read, or reached a limit.
    #[error("the SQL was refused: {0}")]
    RefusedSql(SqlRefusal),
    /// A value was given for a parameter that the statement does not have.
    #[error("the parameter \"{0}\" is not used in the SQL")]
    UnknownParameter(String),
    /// No value was given for a parameter of the statement.
    #[error("the SQL has a parameter \"{0}\" without a value")]
    MissingParameter(String),
    /// SQLite failed, or a row has invalid content.
    #[error("the database: {0}")]
    Database(DatabaseError),
    /// The output of an export or a query failed; callbacks may return it too.
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
// As above.
#[allow(missing_docs)]
pub enum QueryProblem {
    /// Nothing but punctuation.
    #[error("has no letter, digit or Chinese character to search for")]
    Empty,
    /// As `-word` alone.
    #[error("only excludes words")]
    OnlyExcludes,
    /// A `"` without another.
    #[error("has a quotation that is not closed")]
    UnclosedQuotation,
    /// A `(` without its `)`.
    #[error("has a parenthesis that is not closed")]
    UnclosedParenthesis,
    /// A `)` without its `(`.
    #[error("has one closing parenthesis too many")]
    UnopenedParenthesis,
    /// `AND`, `OR` or `NOT` at an end, or beside another.
    #[error("has {operator} with nothing to search for next to it")]
    MissingOperand { operator: &'static str },
    /// `title:` or `body:` at the end.
    #[error("has \"{column}:\" without a word after it")]
    MissingWord { column: &'static str },
    /// ASCII letters before a colon that are no field.
    #[error(
        "has an unknown field \"{name}\"; there are title:, body:, site:, author:, tag:, language:, since: and until:"
    )]
    UnknownField { name: String },
    /// A value that the field cannot have.
    #[error("has \"{field}:\" with \"{value}\", which is no {expected}")]
    UnfitValue { field: &'static str, value: String, expected: &'static str },
    /// A field in parentheses, or beside `OR` or `NOT`.
    #[error("has \"{field}:\" in parentheses, or beside OR or NOT")]
    FieldInside { field: &'static str },
    /// A field where only words can be searched for.
    #[error("has \"{field}:\", which selects articles, not words")]
    FieldInSql { field: &'static str },
    /// In characters.
    #[error("is longer than {most} characters")]
    TooLong { most: usize },
    /// In parentheses.
    #[error("has parentheses more than {most} deep")]
    TooDeep { most: usize },
    /// Each of them stands for many words of the index.
    #[error("has more than {most} single characters or prefixes")]
    TooManyBeginnings { most: usize },
}

/// Why a statement was refused or stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
// As above.
#[allow(missing_docs)]
pub enum SqlRefusal {
    /// Something that is not on the allow-list.
    #[error("{0} is not allowed here")]
    NotAllowed(String),
    /// It would change the database.
    #[error("it does more than read")]
    Writes,
    /// The time limit was reached; time spent in the receiver of the rows does not count.
    #[error("it ran longer than {} s", .0.as_secs_f64())]
    TooSlow(Duration),
    /// The memory limit was reached.
    #[error("a value, a row or the statement itself is too long (limit {most_mib} MiB)")]
    TooLong { most_mib: u64 },
    /// The limit of the process.
    #[error("it needs more than {most_mib} MiB of memory")]
    TooMuchMemory { most_mib: u64 },
    /// The table for the terminal, which is laid out as a whole, was too large.
    #[error("a table of more than {0} is not printed")]
    TooLargeTable(String),
}

impl From<SqlRefusal> for Error {
    fn from(refusal: SqlRefusal) -> Self {
        Self::RefusedSql(refusal)
    }
}

/// For `?` within the crate only: the package is not part of the public interface.
#[doc(hidden)]
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

/// All values can be represented as JSON: only writing it fails.
#[doc(hidden)]
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
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
            | Self::SeveralDocuments(path)
            | Self::NeverSeen(path)
            | Self::OtherIndex { path, .. } => Some(path),
            Self::RunFailed { error, .. } => error.path(),
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
            | Self::UnknownName { .. }
            | Self::UnknownInSql { .. }
            | Self::MalformedSql(_)
            | Self::RefusedSql(_)
            | Self::UnknownParameter(_)
            | Self::MissingParameter(_)
            | Self::Database(_)
            | Self::Output(_) => None,
        }
    }

    /// Whether SQLite reports the file as damaged, or a row has a value that no program writes.
    pub fn is_damage(&self) -> bool {
        self.is_of(DatabaseErrorKind::Damaged)
    }

    /// Whether another program kept the database locked for longer than the wait.
    pub fn is_busy(&self) -> bool {
        self.is_of(DatabaseErrorKind::Busy)
    }

    /// Whether an operation was abandoned because it was asked to stop.
    pub fn is_interruption(&self) -> bool {
        self.is_of(DatabaseErrorKind::Interrupted)
    }

    fn is_of(&self, kind: DatabaseErrorKind) -> bool {
        matches!(self, Self::Database(error) if error.kind() == kind)
    }

    /// The error that a callback returns to stop an operation.
    pub(crate) fn interruption() -> Self {
        Self::Database(DatabaseError::interruption())
    }

    /// Wraps an I/O error with the path it happened at.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
