//! Binding and reading times and digests in statements.

use super::Scalar;
use crate::model::{ObjectId, Sha256, Timestamp};
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};
use std::error::Error;
use std::str::FromStr;

/// The value that a text in a column stands for; fails if it is not valid.
pub(super) fn parsed<T: FromStr<Err: Error + Send + Sync + 'static>>(
    value: ValueRef<'_>,
) -> FromSqlResult<T> {
    value.as_str()?.parse().map_err(|error| FromSqlError::Other(Box::new(error)))
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Text(self.to_string())))
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        parsed(value)
    }
}

impl From<Timestamp> for Scalar<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl ToSql for Sha256 {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
    }
}

impl FromSql for Sha256 {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self::from)
    }
}

impl<'a> From<&'a Sha256> for Scalar<'a> {
    fn from(digest: &'a Sha256) -> Self {
        Self::Blob(digest.as_bytes())
    }
}

impl ToSql for ObjectId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
    }
}
