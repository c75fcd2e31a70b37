//! A value as a column holds it.

use crate::model::Timestamp;
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

/// One value to be stored; texts and bytes stay where they are.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum Scalar<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Time(Timestamp),
    Blob(&'a [u8]),
}

impl ToSql for Scalar<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Time(time) => return Ok(ToSqlOutput::Owned(Value::Text(time.to_string()))),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// As it is read back.
impl From<Scalar<'_>> for Value {
    fn from(value: Scalar<'_>) -> Self {
        match value {
            Scalar::Null => Self::Null,
            Scalar::Integer(number) => Self::Integer(number),
            Scalar::Text(text) => Self::Text(text.to_owned()),
            Scalar::Time(time) => Self::Text(time.to_string()),
            Scalar::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

impl<'a, T: Into<Scalar<'a>>> From<Option<T>> for Scalar<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<i64> for Scalar<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

/// Counts and sizes, which are never as great as the half of their type.
impl From<u64> for Scalar<'_> {
    fn from(number: u64) -> Self {
        Self::Integer(number as i64)
    }
}

impl From<usize> for Scalar<'_> {
    fn from(number: usize) -> Self {
        Self::Integer(number as i64)
    }
}

impl From<u8> for Scalar<'_> {
    fn from(number: u8) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for Scalar<'_> {
    fn from(is_so: bool) -> Self {
        Self::Integer(is_so.into())
    }
}

impl<'a> From<&'a str> for Scalar<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Scalar<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Scalar<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Scalar<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Scalar<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Blob(bytes)
    }
}

impl From<Timestamp> for Scalar<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}
