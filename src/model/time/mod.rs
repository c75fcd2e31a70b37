//! Moments in UTC, and times as programs and people write them.

mod months;
mod offset;
mod period;
mod written;

pub use months::MONTHS;
pub use offset::{NoOffset, UtcOffset};
pub use period::{NoPeriod, Period};
pub(crate) use written::whole_number;
pub use written::{Precision, Published, WrittenTime};

use super::as_text;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use std::fmt;
use std::str::FromStr;

/// A moment in UTC, in whole seconds: the precision that every container of seeds has.
///
/// Shown and stored as ISO 8601 with a `Z` (`2024-02-04T23:45:02Z`), which sorts as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The start of 1970.
    pub const EPOCH: Self = Self(0);

    /// Seconds since 1970; `None` outside the years 0 to 9999, for which ISO 8601 has no plain form.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        const YEAR_0: i64 = -62_167_219_200;
        const YEAR_10000: i64 = 253_402_300_800;
        (YEAR_0..YEAR_10000).contains(&seconds).then_some(Self(seconds))
    }

    /// From a scraper's number: milliseconds, or seconds if the number of digits indicates that. Anything
    /// else, including 0, is a failed conversion of the scraper and not a time.
    pub fn from_epoch(number: i64) -> Option<Self> {
        match number.unsigned_abs() {
            100_000_000..=9_999_999_999 => Self::from_seconds(number),
            100_000_000_000..=9_999_999_999_999 => Self::from_seconds(number.div_euclid(1000)),
            _ => None,
        }
    }

    /// From nanoseconds since 1970, as files have them.
    pub fn from_nanoseconds(nanoseconds: i64) -> Option<Self> {
        Self::from_seconds(nanoseconds.div_euclid(1_000_000_000))
    }

    /// The current time.
    pub fn now() -> Self {
        Self(Utc::now().timestamp())
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The day in UTC, which displays as `2024-02-04`.
    pub fn day(self) -> NaiveDate {
        self.utc().date_naive()
    }

    /// The month in UTC: `2024-02`.
    pub fn month(self) -> String {
        self.day().format("%Y-%m").to_string()
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or_default()
    }
}

/// A text that is not a moment in ISO 8601 with a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a time")]
pub struct NoTime(String);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl FromStr for Timestamp {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let time = DateTime::parse_from_rfc3339(text).ok();
        let time = time.and_then(|time| Self::from_seconds(time.timestamp()));
        time.ok_or_else(|| NoTime(text.to_owned()))
    }
}

as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_seconds_agree() {
        let time = Timestamp::from_seconds(1_707_090_302).unwrap();
        assert_eq!(time.to_string(), "2024-02-04T23:45:02Z");
        assert_eq!("2024-02-04T23:45:02Z".parse::<Timestamp>().unwrap(), time);
        assert_eq!((time.day().to_string(), time.month()), ("2024-02-04".into(), "2024-02".into()));
        assert_eq!(Timestamp::from_nanoseconds(-1), Timestamp::from_seconds(-1));
        assert_eq!(Timestamp::from_seconds(i64::MAX), None);
        for text in ["", "2024-02-04", "2024-02-04T23:45:02", "0000-01-01T00:00:00+14:00"] {
            let said = format!("\"{text}\" is not a time");
            assert_eq!(text.parse::<Timestamp>().unwrap_err().to_string(), said);
        }
    }
}
