use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange};
use rusqlite::ErrorCode;

/// What SQLite, or a row, said against an operation. Which library asked SQLite is none of its caller's
/// business: a program looks at [`DatabaseError::kind`], a person at the text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DatabaseError(rusqlite::Error);

/// The kinds of [`DatabaseError`] that a program may act upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatabaseErrorKind {
    /// The file is not as it was written, or a row has what no program writes.
    Damaged,
    /// Another program kept the database locked for longer than is waited.
    Busy,
    /// The operation was asked to stop.
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
    /// What kind of error it is.
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

    /// What gives an operation up from within, as SQLite itself does between two steps.
    pub(super) fn interruption() -> Self {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT);
        Self(rusqlite::Error::SqliteFailure(code, None))
    }

    /// For `store/`, which alone knows SQLite.
    pub(crate) fn of_sqlite(&self) -> &rusqlite::Error {
        &self.0
    }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error)
    }
}
