use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange};
use rusqlite::ErrorCode;

/// An error of SQLite, or invalid content of a row. The package that uses SQLite is not part of the interface:
/// programs check [`DatabaseError::kind`], people read the text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DatabaseError(rusqlite::Error);

/// The kinds of [`DatabaseError`] that a program may act upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatabaseErrorKind {
    /// The file is damaged, or a row has impossible content.
    Damaged,
    /// Another program kept the database locked for longer than the wait.
    Busy,
    /// The operation was stopped.
    Interrupted,
    /// The disk is full.
    DiskFull,
    /// Reading or writing failed: the disk, or a limit of the file's size.
    Io,
    /// The file or its folder cannot be written, or cannot be opened.
    NotWritable,
    /// Any other.
    Other,
}

impl DatabaseError {
    /// The kind of error.
    pub fn kind(&self) -> DatabaseErrorKind {
        if let FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) = self.0 {
            return DatabaseErrorKind::Damaged;
        }
        match self.0.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                DatabaseErrorKind::Damaged
            }
            Some(ErrorCode::DatabaseBusy) => DatabaseErrorKind::Busy,
            Some(ErrorCode::OperationInterrupted) => DatabaseErrorKind::Interrupted,
            Some(ErrorCode::DiskFull) => DatabaseErrorKind::DiskFull,
            Some(ErrorCode::SystemIoFailure) => DatabaseErrorKind::Io,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => DatabaseErrorKind::NotWritable,
            _ => DatabaseErrorKind::Other,
        }
    }

    /// The error for stopping an operation, like SQLite's own between two steps.
    pub(super) fn interruption() -> Self {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT);
        Self(rusqlite::Error::SqliteFailure(code, None))
    }

    /// For `store/`, the only module that uses SQLite.
    pub(crate) fn of_sqlite(&self) -> &rusqlite::Error {
        &self.0
    }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error)
    }
}
