//! Times as a reader is shown them.

use crate::model::{Precision, Timestamp};
use std::fmt;

/// A time as a reader is shown it: as precisely as it is known, and not more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownTime {
    at: Timestamp,
    precision: Precision,
}

impl KnownTime {
    /// A publisher's time. Rows from before precisions were stored have none; their time is shown to the
    /// second.
    pub fn new(at: Timestamp, precision: Option<Precision>) -> Self {
        Self { at, precision: precision.unwrap_or(Precision::Second) }
    }

    /// The time of a clock: of a file, of an import.
    pub fn exact(at: Timestamp) -> Self {
        Self { at, precision: Precision::Second }
    }

    /// `2024-02-04`, in UTC.
    pub fn day(self) -> String {
        self.at.day().to_string()
    }

    /// `23:45`, in UTC; `None` if only the day is known.
    pub fn minute(self) -> Option<String> {
        (self.precision != Precision::Day).then(|| self.clock()[.."23:45".len()].to_owned())
    }

    /// For programs: `2024-02-04T23:45:02Z`, or `2024-02-04` if only the day is known.
    pub fn iso(self) -> String {
        match self.precision {
            Precision::Day => self.day(),
            Precision::Minute | Precision::Second => self.at.to_string(),
        }
    }

    /// `23:45:02`.
    fn clock(self) -> String {
        let stored = self.at.to_string();
        let clock = stored.split_once('T').map_or("", |(_, clock)| clock);
        clock.trim_end_matches('Z').to_owned()
    }
}

/// `2024-02-04 23:45:02`, `2024-02-04 23:45`, `2024-02-04`, in UTC.
impl fmt::Display for KnownTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision {
            Precision::Second => write!(f, "{} {}", self.day(), self.clock()),
            Precision::Minute | Precision::Day => {
                f.write_str(&self.day())?;
                self.minute().map_or(Ok(()), |minute| write!(f, " {minute}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_as_precisely_as_it_is_known() {
        // Midnight is a time like any other.
        let at: Timestamp = "2024-02-04T00:00:00Z".parse().unwrap();
        let shown = |precision| {
            let time = KnownTime::new(at, precision);
            (time.to_string(), time.minute(), time.iso())
        };
        let (day, minute) = ("2024-02-04".to_owned(), Some("00:00".to_owned()));
        let whole = ("2024-02-04 00:00:00".to_owned(), minute.clone(), at.to_string());
        assert_eq!(shown(Some(Precision::Day)), (day.clone(), None, day));
        assert_eq!(
            shown(Some(Precision::Minute)),
            ("2024-02-04 00:00".to_owned(), minute, at.to_string())
        );
        assert_eq!(shown(Some(Precision::Second)), whole);
        assert_eq!(shown(None), whole);
        let exact = KnownTime::exact("2024-02-04T23:45:02Z".parse().unwrap());
        assert_eq!(exact.to_string(), "2024-02-04 23:45:02");
        assert_eq!(exact.minute().as_deref(), Some("23:45"));
    }
}
