//! A value as a column holds it.

use crate::model::Timestamp;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Error, ToSql};

/// One value to be stored; texts and bytes are borrowed.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum Scalar<'a> {
    Null,
    Integer(i64),
    /// A count or a size. SQLite stores it up to half of the range of `u64`.
    Count(u64),
    Text(&'a str),
    Time(Timestamp),
    Blob(&'a [u8]),
}

impl ToSql for Scalar<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Count(number) => {
                let number = i64::try_from(number);
                let number = number.map_err(|error| Error::ToSqlConversionFailure(error.into()))?;
                ValueRef::Integer(number)
            }
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Time(time) => return Ok(ToSqlOutput::Owned(Value::Text(time.to_string()))),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// The value as it is read back.
impl From<Scalar<'_>> for Value {
    fn from(value: Scalar<'_>) -> Self {
        match value {
            Scalar::Null => Self::Null,
            Scalar::Integer(number) => Self::Integer(number),
            // A greater count cannot have been stored.
            Scalar::Count(number) => i64::try_from(number).map_or(Self::Null, Self::Integer),
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

impl From<u64> for Scalar<'_> {
    fn from(number: u64) -> Self {
        Self::Count(number)
    }
}

impl From<usize> for Scalar<'_> {
    fn from(number: usize) -> Self {
        u64::try_from(number).map_or(Self::Null, Self::Count)
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
