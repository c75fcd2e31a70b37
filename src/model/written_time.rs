//! Times as programs and people write them.

use super::Timestamp;
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

/// How exactly a time is known, most exactly first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    Second,
    Minute,
    /// The day alone, which may be the publisher's and not that in UTC. The time is its midnight.
    Day,
}

/// A publication time and how exactly it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WrittenTime {
    pub at: Timestamp,
    pub precision: Precision,
}

/// What a document says about when it was published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Published {
    #[default]
    Absent,
    /// What stands where a time belongs, as written, and is none.
    Unread(String),
    Known(WrittenTime),
}

impl Published {
    /// A time as written; of nothing but blanks, none.
    pub fn read(written: &str) -> Self {
        let written = written.trim();
        match WrittenTime::read(written) {
            Some(time) => Self::Known(time),
            None if written.is_empty() => Self::Absent,
            None => Self::Unread(written.to_owned()),
        }
    }

    /// A scraper's number of seconds or milliseconds since 1970, as written.
    pub fn from_epoch(written: &str) -> Self {
        let at = written.trim().parse().ok().and_then(Timestamp::from_epoch);
        at.map_or_else(
            || Self::Unread(written.to_owned()),
            |at| Self::Known(WrittenTime { at, precision: Precision::Second }),
        )
    }

    /// The time in UTC, if one is known.
    pub fn at(&self) -> Option<Timestamp> {
        self.time().map(|time| time.at)
    }

    pub fn precision(&self) -> Option<Precision> {
        self.time().map(|time| time.precision)
    }

    /// What was written and not understood.
    pub fn unread(&self) -> Option<&str> {
        match self {
            Self::Unread(written) => Some(written),
            Self::Absent | Self::Known(_) => None,
        }
    }

    fn time(&self) -> Option<WrittenTime> {
        match self {
            Self::Known(time) => Some(*time),
            Self::Absent | Self::Unread(_) => None,
        }
    }
}

impl Precision {
    /// As stored in `article.published_precision`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }

    /// From what is stored.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Second, Self::Minute, Self::Day].into_iter().find(|one| one.as_str() == text)
    }
}

impl WrittenTime {
    /// Reads ISO 8601, RFC 5322, RFC 850, and what the standard libraries of Go, Java, JavaScript, Ruby
    /// and C print; dates with the names of months, and Chinese ones. A time with a zone is its moment;
    /// a date, and a time without a zone, the midnight of its day in UTC. `None` for all that could be
    /// two different days (`03/04/2024`), or is none.
    pub fn read(written: &str) -> Option<Self> {
        if written.len() > LONGEST {
            return None;
        }
        let mut parts = Parts::default();
        let mut rest = written.trim();
        while !rest.is_empty() {
            rest = parts.take(rest)?.trim_start_matches(is_separator);
        }
        parts.time()
    }
}

/// Longer texts are no dates: the longest, of JavaScript with a zone's name, have under 80 bytes.
const LONGEST: usize = 120;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const CHINESE_DAYS: [&str; 4] = ["星期", "礼拜", "禮拜", "周"];

/// Zones that RFC 5322 gives a meaning, in hours. Others (CST) mean several.
const ZONES: [(&str, i32); 10] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("est", -5),
    ("edt", -4),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
];

/// What was found of a time so far; each at most once.
#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    clock: Option<Clock>,
    /// Whether hours count from noon; `None` if nothing says so.
    is_afternoon: Option<bool>,
    /// East of UTC, in seconds.
    zone: Option<i32>,
}

#[derive(Clone, Copy)]
struct Clock {
    hour: u32,
    minute: u32,
    second: Option<u32>,
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '，' | '·' | '|')
}

impl Parts {
    /// Takes one part from the start of a text and returns what follows; `None` if it is none.
    fn take<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let first = text.chars().next()?;
        match first {
            '0'..='9' => self.take_number(text),
            '+' | '-' | '−' => self.take_offset(text),
            '(' => text.split_once(')').map(|(_, rest)| rest),
            // Java's name of the zone, after its offset.
            '[' => self.zone.and_then(|_| text.split_once(']')).map(|(_, rest)| rest),
            c if c.is_ascii_alphabetic() => self.take_word(text),
            _ => self.take_chinese(text),
        }
    }

    fn take_word<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let word = word.to_ascii_lowercase();
        let is_name = |names: &[&str], whole: &[&str]| {
            let short = word.get(..3)?;
            let at = names.iter().position(|name| *name == short)?;
            (word.len() == 3 || (word == "sept") || whole.iter().any(|end| word.ends_with(end)))
                .then_some(at)
        };
        if let Some(&(_, hours)) = ZONES.iter().find(|(name, _)| *name == word) {
            set(&mut self.zone, hours * 3600)?;
            // `GMT+8`, `UTC+08:00`.
            let has_offset = hours == 0 && rest.starts_with(['+', '-', '−']);
            if has_offset {
                self.zone = None;
            }
            return Some(rest);
        }
        let endings = ["uary", "ruary", "march", "april", "may", "june", "july", "ust", "ber"];
        if let Some(month) = is_name(&MONTHS, &endings) {
            set(&mut self.month, month as u32 + 1)?;
            return Some(rest.strip_prefix('.').unwrap_or(rest).trim_start_matches('-'));
        }
        if is_name(&DAYS, &["day"]).is_some() {
            return Some(rest.strip_prefix('.').unwrap_or(rest));
        }
        match word.as_str() {
            "t" if self.day.is_some() && self.clock.is_none() => {
                rest.starts_with(|c: char| c.is_ascii_digit()).then_some(rest)
            }
            "am" | "pm" => {
                set(&mut self.is_afternoon, word == "pm")?;
                Some(rest)
            }
            "at" | "on" | "of" => Some(rest),
            "st" | "nd" | "rd" | "th" if self.day.is_some() => Some(rest),
            // Go's reading of the monotonic clock.
            "m" if self.zone.is_some() && rest.starts_with('=') => Some(""),
            // The name of a zone whose offset stands before it: `+0800 CST`.
            _ if self.zone.is_some() && word.len() <= 5 => Some(rest),
            _ => None,
        }
    }

    fn take_chinese<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        for name in CHINESE_DAYS {
            if let Some(rest) = text.strip_prefix(name) {
                let mut characters = rest.chars();
                return characters
                    .next()
                    .filter(|day| "一二三四五六日天".contains(*day))
                    .map(|_| characters.as_str());
            }
        }
        let halves = [("上午", false), ("凌晨", false), ("早上", false), ("清晨", false)];
        let afternoon = [("下午", true), ("晚上", true), ("傍晚", true)];
        for (name, is_afternoon) in halves.into_iter().chain(afternoon) {
            if let Some(rest) = text.strip_prefix(name) {
                set(&mut self.is_afternoon, is_afternoon)?;
                return Some(rest);
            }
        }
        None
    }

    fn take_number<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let (digits, rest) = split_digits(text);
        let number: u32 = digits.parse().ok()?;
        match (digits.len(), rest.chars().next()) {
            (1 | 2, Some(':')) => self.take_clock(number, &rest[1..]),
            (1 | 2, Some('时' | '時' | '点' | '點')) => self.take_chinese_clock(number, rest),
            // A time of ISO 8601's basic form, after `T`.
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
            (4, Some('-' | '/' | '.' | '年')) => self.take_date(number, rest),
            (4, _) => {
                set(&mut self.year, number as i32)?;
                Some(rest)
            }
            (1 | 2, Some('-')) if self.year.is_none() && self.day.is_none() => {
                set(&mut self.day, number)?;
                Some(&rest[1..])
            }
            // RFC 850 has years of two digits, after a day and a month with a name.
            (2, _) if self.day.is_some() && self.month.is_some() && self.year.is_none() => {
                let century = if number < 70 { 2000 } else { 1900 };
                set(&mut self.year, century + number as i32)?;
                Some(rest)
            }
            (1 | 2, next) if next.is_none_or(|c| is_separator(c) || c.is_ascii_alphabetic()) => {
                set(&mut self.day, number)?;
                Some(rest)
            }
            _ => None,
        }
    }

    /// Month and day after a year, with the same sign between them.
    fn take_date<'a>(&mut self, year: u32, text: &'a str) -> Option<&'a str> {
        let sign = text.chars().next()?;
        let (month, rest) = split_digits(&text[sign.len_utf8()..]);
        let second = if sign == '年' { '月' } else { sign };
        let rest = rest.strip_prefix(second)?;
        let (day, rest) = split_digits(rest);
        if month.len() > 2 || day.len() > 2 {
            return None;
        }
        self.set_date(year, month.parse().ok()?, day.parse().ok()?)?;
        if sign == '年' { rest.strip_prefix(['日', '号', '號']) } else { Some(rest) }
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

    fn take_chinese_clock<'a>(&mut self, hour: u32, text: &'a str) -> Option<&'a str> {
        let rest = text.trim_start_matches(['时', '時', '点', '點']);
        let (minute, rest) = split_digits(rest);
        let (minute, rest) = match minute {
            "" => (0, rest),
            _ => (minute.parse().ok()?, rest.strip_prefix('分').unwrap_or(rest)),
        };
        let (second, after) = split_digits(rest);
        let second = match second {
            "" => None,
            _ => Some((second.parse().ok()?, after.strip_prefix('秒')?)),
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
            // Go writes the offset again where the zone has no name of its own: `+0800 +0800`.
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

    fn time(&self) -> Option<WrittenTime> {
        let date = NaiveDate::from_ymd_opt(self.year?, self.month?, self.day?)?;
        let midnight = date.and_time(NaiveTime::MIN);
        let whole_day = || WrittenTime::at(midnight, 0, Precision::Day);
        let Some(clock) = self.clock else {
            return if self.zone.is_none() && self.is_afternoon.is_none() {
                whole_day()
            } else {
                None
            };
        };
        let hour = match self.is_afternoon {
            Some(_) if clock.hour > 12 => clock.hour,
            Some(true) => clock.hour % 12 + 12,
            Some(false) => clock.hour % 12,
            None => clock.hour,
        };
        // ISO 8601 has a midnight at the end of a day, and clocks have leap seconds.
        let is_end = (hour, clock.minute, clock.second.unwrap_or(0)) == (24, 0, 0);
        let second = clock.second.unwrap_or(0);
        let time = NaiveTime::from_hms_opt(hour % 24, clock.minute, second.min(59))?;
        if (hour > 23 && !is_end) || second > 60 {
            return None;
        }
        let Some(zone) = self.zone else { return whole_day() };
        let day = if is_end { date.succ_opt()? } else { date };
        let precision = if clock.second.is_some() { Precision::Second } else { Precision::Minute };
        WrittenTime::at(day.and_time(time), zone, precision)
    }
}

impl WrittenTime {
    fn at(local: NaiveDateTime, east: i32, precision: Precision) -> Option<Self> {
        let moment = FixedOffset::east_opt(east)?.from_local_datetime(&local).single()?;
        Some(Self { at: Timestamp::from_seconds(moment.timestamp())?, precision })
    }
}

fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn skip_fraction(text: &str) -> &str {
    match text.strip_prefix(['.', ',']) {
        Some(after) if after.starts_with(|c: char| c.is_ascii_digit()) => split_digits(after).1,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(precision: Precision, time: &str, spellings: &[&str]) {
        for written in spellings {
            let found = WrittenTime::read(written);
            let shown = found.map(|found| (found.at.to_string(), found.precision));
            assert_eq!(shown, Some((time.to_owned(), precision)), "{written}");
        }
    }

    #[test]
    fn moments_have_a_zone() {
        let spellings = [
            "2024-03-04T00:00:00Z",
            "2024-03-04T08:00:00+08:00",
            "2024-03-04T08:00:00.123+0800",
            "2024-03-04T08:00:00,5+08",
            "20240304T000000Z",
            "20240304T080000+0800",
            "2024-03-03T24:00:00Z",
            "2024-03-04 00:00:00 UTC",
            "2024-03-04 08:00:00 +0800",
            "2024-03-04 08:00:00 +0800 CST",
            "2024-03-04 08:00:00.12 +0800 +08 m=+0.001",
            "2024-03-04T08:00:00+08:00[Asia/Shanghai]",
            "2024-03-03T19:00:00−05:00",
            "Mon, 04 Mar 2024 00:00:00 GMT",
            "Tue, 04 Mar 2024 00:00:00 GMT",
            "4 Mar 2024 08:00:00 +0800",
            "Sun, 03 Mar 2024 19:00:00 EST",
            "Monday, 04-Mar-24 00:00:00 GMT",
            "Mon Mar 04 2024 08:00:00 GMT+0800 (中国标准时间)",
            "Mon Mar  4 00:00:00 UTC 2024",
            "Mon Mar 04 00:00:00 +0000 2024",
            "2024/3/4 8:00:00 UTC+8",
            "2024年3月4日 8时00分00秒 UTC+08:00",
        ];
        check(Precision::Second, "2024-03-04T00:00:00Z", &spellings);
        let minutes = [
            "2024-03-04T08:00+08:00",
            "2024-03-04T00:00Z",
            "20240304T0000Z",
            "March 4, 2024 12:00 AM UTC",
            "Mar 4, 2024 at 8:00 am GMT+8",
            "2024年3月4日 星期一 上午8:00 GMT+8",
        ];
        check(Precision::Minute, "2024-03-04T00:00:00Z", &minutes);
        check(Precision::Second, "2016-12-31T23:59:59Z", &["2016-12-31T23:59:60Z"]);
        check(Precision::Minute, "2024-03-04T12:30:00Z", &["2024-03-04 12:30 pm UTC"]);
    }

    #[test]
    fn without_a_zone_it_is_a_day() {
        let spellings = [
            "2024-03-04",
            "2024/3/4",
            "2024.03.04",
            "20240304",
            "2024-03-04T08:00:00",
            "2024-03-04 23:59",
            "2024年3月4日",
            "2024年03月04日 星期一",
            "2024年3月4日下午3点20分",
            "March 4, 2024",
            "Mar. 4th, 2024",
            "4 March 2024",
            "04-Mar-2024",
            "Monday, 4 March 2024",
            "Mon Mar  4 00:00:00 2024",
        ];
        check(Precision::Day, "2024-03-04T00:00:00Z", &spellings);
    }

    #[test]
    fn what_is_none_or_could_be_two() {
        let none = [
            "",
            "now",
            "2024",
            "2024-03",
            "March 2024",
            "03/04/2024",
            "04.03.2024",
            "2024-13-04",
            "2024-02-30",
            "2024-03-04T25:00:00Z",
            "2024-03-04T00:61:00Z",
            "2024-03-04T00:00:00+99:00",
            "2024-03-04 2024-03-05",
            "2024-03-04 00:00 CST",
            "0",
            "1709510400",
            "010-12345678",
            "36.5 37.2",
            "19 分钟前",
            "2024-03-04Z",
            "2024-03-04 pm",
            "T00:00:00Z",
            "12:00",
            "Marble 4 2024",
            "2024-03/04",
        ];
        for written in none {
            assert_eq!(WrittenTime::read(written), None, "{written}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(written in "\\PC{0,40}|[0-9TZ:+年月日 MaronGT-]{0,30}") {
            let _ = WrittenTime::read(&written);
        }

        #[test]
        fn iso_8601(seconds in 0..4_000_000_000_i64, east in -14..=14_i32) {
            let zone = FixedOffset::east_opt(east * 3600).unwrap();
            let written = zone.timestamp_opt(seconds, 0).unwrap().to_rfc3339();
            let found = WrittenTime::read(&written).unwrap();
            prop_assert_eq!((found.at.seconds(), found.precision), (seconds, Precision::Second));
        }
    }
}
