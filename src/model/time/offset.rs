//! The distance of a clock from UTC.

use super::{Precision, Timestamp};
use chrono::{NaiveDate, TimeDelta};
use std::fmt;
use std::str::FromStr;

/// The distance of local time from UTC: `+08:00`. Decides to which day a moment belongs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UtcOffset {
    minutes: i64,
}

impl UtcOffset {
    /// Minutes east of UTC.
    pub fn minutes(self) -> i64 {
        self.minutes
    }

    /// The current day there.
    pub fn today(self) -> NaiveDate {
        self.local(Timestamp::now()).day()
    }

    /// The time that clocks show there at a moment, written as if it were UTC. A time of which only the day is
    /// known stays the same, since it is the publisher's day.
    pub fn shifted(self, at: Timestamp, precision: Option<Precision>) -> Timestamp {
        if precision == Some(Precision::Day) { at } else { self.local(at) }
    }

    /// The moment at which a day begins there, as a stored time.
    pub fn start_of(self, day: NaiveDate) -> String {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        let start = midnight.checked_sub_signed(TimeDelta::minutes(self.minutes));
        let start = start.and_then(|start| Timestamp::from_seconds(start.and_utc().timestamp()));
        // In UTC the day alone: it sorts before all of its moments.
        start.filter(|_| self.minutes != 0).map_or_else(|| day.to_string(), |at| at.to_string())
    }

    fn local(self, at: Timestamp) -> Timestamp {
        Timestamp::from_seconds(at.seconds() + 60 * self.minutes).unwrap_or(at)
    }
}

/// A text that is not a distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a distance from UTC; write +08:00 or -05:30")]
pub struct NoOffset;

/// From `+08:00`, `+0800`, `+8`, `-05:30`, `Z` or `UTC`.
impl FromStr for UtcOffset {
    type Err = NoOffset;

    fn from_str(text: &str) -> Result<Self, NoOffset> {
        if matches!(text, "Z" | "UTC") {
            return Ok(Self::default());
        }
        let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix(['-', '−'])) {
            (Some(rest), _) => (1, rest),
            (_, Some(rest)) => (-1, rest),
            _ => return Err(NoOffset),
        };
        let (hours, minutes) = match rest.split_once(':') {
            Some(parts) => parts,
            None if rest.len() == 4 && rest.is_ascii() => rest.split_at(2),
            None => (rest, "00"),
        };
        let number = |digits: &str, lengths: &[usize]| -> Result<i64, NoOffset> {
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            let fits = is_number && lengths.contains(&digits.len());
            digits.parse().ok().filter(|_| fits).ok_or(NoOffset)
        };
        let (hours, minutes) = (number(hours, &[1, 2])?, number(minutes, &[2])?);
        // The clocks of the Line Islands are the farthest from UTC.
        if hours > 14 || minutes > 59 {
            return Err(NoOffset);
        }
        Ok(Self { minutes: sign * (60 * hours + minutes) })
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_from_utc() {
        let minutes = |text: &str| text.parse::<UtcOffset>().map(UtcOffset::minutes);
        for (text, expected) in [
            ("+08:00", 480),
            ("+0800", 480),
            ("+8", 480),
            ("-05:30", -330),
            ("Z", 0),
            ("UTC", 0),
            ("+14:00", 840),
        ] {
            assert_eq!(minutes(text), Ok(expected), "{text}");
        }
        for text in
            ["", "8", "+", "+15:00", "+08:60", "+8:0", "+080", "CST", "+１", "++8", "+08:000"]
        {
            assert_eq!(minutes(text), Err(NoOffset), "{text}");
        }
        assert_eq!("-0530".parse::<UtcOffset>().unwrap().to_string(), "-05:30");
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let day = NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
        let starts = ["Z", "+08:00", "-05:30"].map(|text| {
            let offset: UtcOffset = text.parse().unwrap();
            offset.start_of(day)
        });
        assert_eq!(starts, ["2024-03-01", "2024-02-29T16:00:00Z", "2024-03-01T05:30:00Z"]);
        let offset: UtcOffset = "+08:00".parse().unwrap();
        let at: Timestamp = "2024-02-29T16:00:00Z".parse().unwrap();
        assert_eq!(offset.shifted(at, None).day(), day);
        assert_eq!(offset.shifted(at, Some(Precision::Day)), at);
    }
}
