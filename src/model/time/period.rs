//! Days, months and years as a user names them, and days before today.

use chrono::{Days, Months, NaiveDate};

/// The days that a user's words stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first of them.
    pub first: NaiveDate,
    /// The last of them.
    pub last: NaiveDate,
}

/// A text that is not a day, month or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPeriod {
    /// It has another form.
    #[error("not a day; write 2024-02-05, 2024-02, 2024, today, yesterday or 7d")]
    OtherForm,
    /// No calendar has it.
    #[error("there is no such day")]
    NoSuchDay,
}

impl Period {
    /// Reads `2024-02-05`, `2024-02`, `2024`, `today`, `yesterday`, or `7d` for the day seven days before today.
    pub fn read(text: &str, today: NaiveDate) -> Result<Self, NoPeriod> {
        if let Some(days) = days_before(text)? {
            let day = today.checked_sub_days(Days::new(days)).ok_or(NoPeriod::NoSuchDay)?;
            return Ok(Self { first: day, last: day });
        }
        let numbers: Option<Vec<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
        let (year, month, day, months) = match numbers.as_deref() {
            Some(&[year, month, day]) => (year, month, day, 0),
            Some(&[year, month]) => (year, month, 1, 1),
            Some(&[year]) => (year, 1, 1, 12),
            _ => return Err(NoPeriod::OtherForm),
        };
        let is_year = (1000..10_000).contains(&year);
        let first = NaiveDate::from_ymd_opt(year as i32, month, day).filter(|_| is_year);
        let first = first.ok_or(NoPeriod::NoSuchDay)?;
        let behind = match months {
            0 => return Ok(Self { first, last: first }),
            months => first.checked_add_months(Months::new(months)),
        };
        let last = behind.and_then(|behind| behind.pred_opt()).ok_or(NoPeriod::NoSuchDay)?;
        Ok(Self { first, last })
    }
}

/// The number of days before today; `None` for a text of another form.
fn days_before(text: &str) -> Result<Option<u64>, NoPeriod> {
    match text {
        "today" => Ok(Some(0)),
        "yesterday" => Ok(Some(1)),
        _ => {
            let digits = text.strip_suffix('d').unwrap_or_default();
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            // Too many digits are too many days.
            let days = is_number.then(|| digits.parse().map_err(|_| NoPeriod::NoSuchDay));
            days.transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, &str), NoPeriod>) {
        let today = NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
        let found = Period::read(text, today);
        let found = found.map(|found| (found.first.to_string(), found.last.to_string()));
        let expected = expected.map(|(first, last)| (first.to_owned(), last.to_owned()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn days_months_and_years() {
        check("2024-02-05", Ok(("2024-02-05", "2024-02-05")));
        check("2024-02", Ok(("2024-02-01", "2024-02-29")));
        check("2024-12", Ok(("2024-12-01", "2024-12-31")));
        check("2024", Ok(("2024-01-01", "2024-12-31")));
        for text in ["2024-02-30", "2024-13", "24", "99999"] {
            check(text, Err(NoPeriod::NoSuchDay));
        }
        for text in ["", "tomorrow", "2024-02-05-06", "-7d", "d", "7 d", "+7d", "2024-02-05T00"] {
            check(text, Err(NoPeriod::OtherForm));
        }
    }

    #[test]
    fn days_before_today() {
        check("today", Ok(("2024-03-01", "2024-03-01")));
        check("yesterday", Ok(("2024-02-29", "2024-02-29")));
        check("0d", Ok(("2024-03-01", "2024-03-01")));
        check("7d", Ok(("2024-02-23", "2024-02-23")));
        check("999999999d", Err(NoPeriod::NoSuchDay));
        check("99999999999999999999d", Err(NoPeriod::NoSuchDay));
    }
}
