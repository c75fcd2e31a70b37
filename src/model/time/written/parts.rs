//! The parts of a written time: numbers, and what they mean in their surroundings.

use super::{Precision, WrittenTime};
use chrono::{NaiveDate, NaiveTime};
use std::ops::RangeInclusive;

/// Other years are those of other calendars (1403, 2567), or mistakes.
const YEARS: RangeInclusive<i32> = 1900..=2100;

/// The parts found so far; each at most once.
#[derive(Default)]
pub(super) struct Parts {
    pub year: Option<i32>,
    pub month: Option<u32>,
    pub day: Option<u32>,
    pub clock: Option<Clock>,
    /// Whether hours count from noon; `None` if this is not indicated.
    pub is_afternoon: Option<bool>,
    /// East of UTC, in seconds.
    pub zone: Option<i32>,
    /// Whether an ambiguous zone is named: only the day is known then.
    pub has_vague_zone: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Clock {
    hour: u32,
    minute: u32,
    second: Option<u32>,
}

pub(super) fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '，' | '·' | '|')
}

impl Parts {
    /// Removes one part from the start of a text and returns the rest; `None` if there is no part.
    pub fn take<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let first = text.chars().next()?;
        match first {
            '0'..='9' => self.take_number(text),
            '+' | '-' | '−' => self.take_offset(text),
            '(' => {
                let (inside, rest) = text[1..].split_once(')')?;
                self.zone = self.zone.or_else(|| self.zone_in_brackets(inside));
                Some(rest)
            }
            // Java's name of the zone; the offset before it is exact.
            '[' => {
                self.clock?;
                self.has_vague_zone |= self.zone.is_none();
                text.split_once(']').map(|(_, rest)| rest)
            }
            c if is_latin(c) => self.take_word(text),
            _ => self.take_eastern(text),
        }
    }

    /// The time at the start of a text, as far as it goes.
    pub fn first_time(text: &str) -> Option<WrittenTime> {
        let (mut parts, mut rest, mut found) = (Self::default(), text, None);
        while !rest.is_empty()
            && let Some(behind) = parts.take(rest)
        {
            found = parts.time().or(found);
            rest = behind.trim_start_matches(is_separator);
        }
        found
    }

    /// The first day of the month at the start of a text: `2003年5月`, `May 2003`.
    pub fn first_month(text: &str) -> Option<WrittenTime> {
        let (digits, rest) = split_digits(text);
        let (year, month) = if digits.is_empty() {
            let mut parts = Self::default();
            let rest = parts.take_word(text)?.trim_start_matches(is_separator);
            let (year, behind) = split_digits(rest);
            let is_year = year.len() == 4 && !behind.starts_with(|c: char| c.is_alphanumeric());
            (is_year.then(|| year.parse().ok())??, parts.month?)
        } else {
            let rest = rest.strip_prefix(['年', '년'])?.trim_start();
            let (month, behind) = split_digits(rest);
            behind.strip_prefix(['月', '월'])?;
            (digits.parse().ok()?, month.parse().ok()?)
        };
        let mut parts = Self::default();
        parts.set_date(year, month, 1)?;
        parts.time()
    }

    /// The zone in brackets after a time, if they contain nothing else: `(UTC +08:00)`.
    fn zone_in_brackets(&self, inside: &str) -> Option<i32> {
        let mut inner = Self { clock: Some(self.clock?), ..Self::default() };
        let mut rest = inside.trim_start();
        while !rest.is_empty() {
            rest = inner.take(rest)?.trim_start();
        }
        let is_alone = inner.year.is_none() && inner.month.is_none() && inner.day.is_none();
        inner.zone.filter(|_| is_alone && inner.is_afternoon.is_none())
    }

    fn take_number<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let (digits, rest) = split_digits(text);
        let number: u32 = digits.parse().ok()?;
        if let Some((numbers, rest)) = numbers_before_a_year(text) {
            self.take_either_order(numbers)?;
            return Some(rest);
        }
        match (digits.len(), rest.chars().next()) {
            (1 | 2, Some(':')) => self.take_clock(number, &rest[1..]),
            (1 | 2, Some('.')) if self.day.is_some() && self.year.is_some() => {
                let (minute, rest) = split_digits(&rest[1..]);
                self.set_clock(number, minute.parse().ok().filter(|_| minute.len() == 2)?, None)?;
                Some(rest)
            }
            (1 | 2, Some('时' | '時' | '点' | '點' | '시')) => {
                self.take_eastern_clock(number, rest)
            }
            // A time in ISO 8601's basic form, after `T`.
            (4 | 6, _) if self.day.is_some() && self.year.is_some() && self.clock.is_none() => {
                let second = (digits.len() == 6).then_some(number % 100);
                let minutes = if digits.len() == 6 { number / 100 } else { number };
                self.set_clock(minutes / 100, minutes % 100, second)?;
                Some(skip_fraction(rest))
            }
            (8, _) => {
                self.set_date(number / 10_000, number / 100 % 100, number % 100)?;
                Some(rest)
            }
            // The end of a sentence, not part of a date.
            (4, Some('.')) if self.day.is_some() && !rest[1..].starts_with(is_digit) => {
                set(&mut self.year, number as i32)?;
                Some(&rest[1..])
            }
            (4, Some('-' | '/' | '.' | '年' | '년')) => self.take_date(number, rest),
            (4, _) => {
                set(&mut self.year, number as i32)?;
                Some(rest)
            }
            (1 | 2, Some('-')) if self.year.is_none() && self.day.is_none() => {
                set(&mut self.day, number)?;
                Some(&rest[1..])
            }
            // RFC 850 has two-digit years, after a day and a month name.
            (2, _) if self.day.is_some() && self.month.is_some() && self.year.is_none() => {
                let century = if number < 70 { 2000 } else { 1900 };
                set(&mut self.year, century + number as i32)?;
                Some(rest)
            }
            // A point marks an ordinal: `5. März`.
            (1 | 2, next) if next.is_none_or(|c| is_separator(c) || is_latin(c) || c == '.') => {
                set(&mut self.day, number)?;
                Some(rest.strip_prefix('.').unwrap_or(rest))
            }
            _ => None,
        }
    }

    /// Month and day after a year, with the same separator between them.
    fn take_date<'a>(&mut self, year: u32, text: &'a str) -> Option<&'a str> {
        let sign = text.chars().next()?;
        let (month, rest) = split_digits(behind(sign, text)?);
        let second = match sign {
            '年' => '月',
            '년' => '월',
            other => other,
        };
        let (day, rest) = split_digits(behind(second, rest)?);
        if month.len() > 2 || day.len() > 2 {
            return None;
        }
        self.set_date(year, month.parse().ok()?, day.parse().ok()?)?;
        match sign {
            '年' => rest.strip_prefix(['日', '号', '號']),
            '년' => rest.strip_prefix('일'),
            '.' => Some(rest.strip_prefix('.').unwrap_or(rest)),
            _ => Some(rest),
        }
    }

    /// Month and day, or day and month, before a year, if only one of these orders is a valid date.
    fn take_either_order(&mut self, [one, other, year]: [u32; 3]) -> Option<()> {
        let is_date = |month, day| NaiveDate::from_ymd_opt(year as i32, month, day).is_some();
        let (month, day) = match (is_date(one, other), is_date(other, one)) {
            (true, false) => (one, other),
            (false, true) => (other, one),
            (true, true) if one == other => (one, other),
            _ => return None,
        };
        self.set_date(year, month, day)
    }

    fn take_clock<'a>(&mut self, hour: u32, text: &'a str) -> Option<&'a str> {
        let (minute, rest) = split_digits(text);
        if minute.len() != 2 {
            return None;
        }
        let Some(after) = rest.strip_prefix(':') else {
            self.set_clock(hour, minute.parse().ok()?, None)?;
            return Some(rest);
        };
        let (second, rest) = split_digits(after);
        if second.len() != 2 {
            return None;
        }
        self.set_clock(hour, minute.parse().ok()?, Some(second.parse().ok()?))?;
        Some(skip_fraction(rest))
    }

    fn take_eastern_clock<'a>(&mut self, hour: u32, text: &'a str) -> Option<&'a str> {
        let rest = text.trim_start_matches(['时', '時', '点', '點', '시']).trim_start();
        let (minute, rest) = split_digits(rest);
        let (minute, rest) = match minute {
            "" => (0, rest),
            _ => (minute.parse().ok()?, rest.strip_prefix(['分', '분']).unwrap_or(rest)),
        };
        let rest = rest.trim_start();
        let (second, after) = split_digits(rest);
        let second = match second {
            "" => None,
            _ => Some((second.parse().ok()?, after.strip_prefix(['秒', '초'])?)),
        };
        self.set_clock(hour, minute, second.map(|(second, _)| second))?;
        Some(second.map_or(rest, |(_, rest)| rest))
    }

    /// `+08`, `+0800`, `+08:00`, `+8`, after a time.
    fn take_offset<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        self.clock?;
        let sign = text.chars().next()?;
        let (digits, rest) = split_digits(&text[sign.len_utf8()..]);
        let number: i32 = digits.parse().ok()?;
        let (hours, minutes, rest) = match digits.len() {
            1 | 2 => match rest.strip_prefix(':') {
                None => (number, 0, rest),
                Some(after) => {
                    let (minutes, rest) = split_digits(after);
                    (number, minutes.parse().ok().filter(|_| minutes.len() == 2)?, rest)
                }
            },
            4 => (number / 100, number % 100, rest),
            _ => return None,
        };
        if hours > 15 || minutes > 59 {
            return None;
        }
        let east = hours * 3600 + minutes * 60;
        match self.zone {
            // Go repeats the offset if the zone has no name: `+0800 +0800`.
            Some(zone) if zone == if sign == '+' { east } else { -east } => {}
            _ => set(&mut self.zone, if sign == '+' { east } else { -east })?,
        }
        Some(rest)
    }

    fn set_date(&mut self, year: u32, month: u32, day: u32) -> Option<()> {
        set(&mut self.year, year as i32)?;
        set(&mut self.month, month)?;
        set(&mut self.day, day)
    }

    fn set_clock(&mut self, hour: u32, minute: u32, second: Option<u32>) -> Option<()> {
        set(&mut self.clock, Clock { hour, minute, second })
    }

    pub fn time(&self) -> Option<WrittenTime> {
        let year = self.year.filter(|year| YEARS.contains(year))?;
        let date = NaiveDate::from_ymd_opt(year, self.month?, self.day?)?;
        let midnight = date.and_time(NaiveTime::MIN);
        let whole_day = || WrittenTime::at(midnight, 0, Precision::Day);
        let Some(clock) = self.clock else { return whole_day() };
        let hour = match self.is_afternoon {
            Some(_) if clock.hour > 12 => clock.hour,
            Some(true) => clock.hour % 12 + 12,
            Some(false) => clock.hour % 12,
            None => clock.hour,
        };
        // ISO 8601 allows midnight at the end of a day, and clocks have leap seconds.
        let is_end = (hour, clock.minute, clock.second.unwrap_or(0)) == (24, 0, 0);
        let second = clock.second.unwrap_or(0);
        let time = NaiveTime::from_hms_opt(hour % 24, clock.minute, second.min(59))?;
        if (hour > 23 && !is_end) || second > 60 {
            return None;
        }
        let zone = self.zone.filter(|_| !self.has_vague_zone);
        let Some(zone) = zone else { return whole_day() };
        let day = if is_end { date.succ_opt()? } else { date };
        let precision = if clock.second.is_some() { Precision::Second } else { Precision::Minute };
        WrittenTime::at(day.and_time(time), zone, precision)
    }
}

pub(super) fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// The text after a sign between numbers, and after blanks, which Korean and German have there.
fn behind(sign: char, text: &str) -> Option<&str> {
    let rest = text.strip_prefix(sign)?;
    Some(if matches!(sign, '-' | '/') { rest } else { rest.trim_start() })
}

/// Three numbers with the same separator, the last of which is a year, and the text after them.
fn numbers_before_a_year(text: &str) -> Option<([u32; 3], &str)> {
    let (one, rest) = split_digits(text);
    let sign = rest.chars().next().filter(|sign| matches!(sign, '.' | '/' | '-'))?;
    let (other, rest) = split_digits(behind(sign, rest)?);
    let (year, rest) = split_digits(behind(sign, rest)?);
    let lengths = [one.len(), other.len(), year.len()];
    matches!(lengths, [1 | 2, 1 | 2, 4]).then_some(())?;
    Some(([one.parse().ok()?, other.parse().ok()?, year.parse().ok()?], rest))
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn skip_fraction(text: &str) -> &str {
    match text.strip_prefix(['.', ',']) {
        Some(after) if after.starts_with(|c: char| c.is_ascii_digit()) => split_digits(after).1,
        _ => text,
    }
}

/// Whether a character is a letter of a word in Latin letters.
pub(super) fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'º' | 'ª' | '\u{c0}'..='\u{24f}')
}
