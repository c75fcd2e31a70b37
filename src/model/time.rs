use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt;
use std::str::FromStr;

/// A moment in UTC, cut to whole seconds: the only precision that every carrier of a seed has.
///
/// Shown and stored as ISO 8601 with a `Z` (`2024-02-04T23:45:02Z`), which sorts as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Seconds since 1970; `None` outside the years 0 to 9999, which ISO 8601 cannot write plainly.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        const YEAR_0: i64 = -62_167_219_200;
        const YEAR_10000: i64 = 253_402_300_800;
        (YEAR_0..YEAR_10000).contains(&seconds).then_some(Self(seconds))
    }

    /// From a scraper's number: milliseconds, or seconds where the number of digits says so.
    /// Anything else, 0 included, is a failed conversion of the scraper and no time.
    pub fn from_epoch(number: i64) -> Option<Self> {
        match number.unsigned_abs() {
            100_000_000..=9_999_999_999 => Self::from_seconds(number),
            100_000_000_000..=9_999_999_999_999 => Self::from_seconds(number.div_euclid(1000)),
            _ => None,
        }
    }

    /// The clock's time.
    pub fn now() -> Self {
        Self(Utc::now().timestamp())
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = DateTime::<Utc>::from_timestamp(self.0, 0).unwrap_or_default();
        f.write_str(&utc.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl FromStr for Timestamp {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text).map(|time| Self(time.timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_seconds_agree() {
        let time = Timestamp::from_seconds(1_707_090_302).unwrap();
        assert_eq!(time.to_string(), "2024-02-04T23:45:02Z");
        assert_eq!("2024-02-04T23:45:02Z".parse::<Timestamp>().unwrap(), time);
        assert_eq!(Timestamp::from_seconds(i64::MAX), None);
    }
}
