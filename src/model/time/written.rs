//! Parses times as programs and people write them.

mod parts;
#[cfg(test)]
mod tests;
mod words;

use crate::model::{Timestamp, words};
use chrono::{FixedOffset, NaiveDateTime, TimeZone};
use parts::{Parts, is_latin, is_separator};
use std::borrow::Cow;

words!(
    /// The precision of a time, highest first.
    Precision {
        /// To the second.
        Second => "second",
        /// To the minute.
        Minute => "minute",
        /// The day alone, which may be the publisher's and not that in UTC. The time is its midnight.
        Day => "day",
    }
);

/// A publication time and its precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WrittenTime {
    /// The moment.
    pub at: Timestamp,
    /// The precision.
    pub precision: Precision,
}

/// What a document says about its publication time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Published {
    /// Nothing.
    #[default]
    Absent,
    /// Text in the place of a time, as written, that could not be parsed.
    Unread(String),
    /// When.
    Known(WrittenTime),
}

impl Published {
    /// Parses a time as written; blanks count as absent.
    pub fn read(written: &str) -> Self {
        let written = written.trim();
        match WrittenTime::read(written) {
            Some(time) => Self::Known(time),
            None if written.is_empty() => Self::Absent,
            None => Self::Unread(written.to_owned()),
        }
    }

    /// Parses the place where a scraper writes seconds or milliseconds since 1970: such a number, also with a
    /// fraction, or a time in any other form. Never absent, since something is written there.
    pub fn from_epoch(written: &str) -> Self {
        let written = written.trim();
        let whole = whole_number(written).unwrap_or(written);
        if let Some(at) = whole.parse().ok().and_then(Timestamp::from_epoch) {
            return Self::Known(WrittenTime { at, precision: Precision::Second });
        }
        match Self::read(written) {
            known @ Self::Known(_) => known,
            Self::Absent | Self::Unread(_) => Self::Unread(written.to_owned()),
        }
    }

    /// The time in UTC, if one is known.
    pub fn at(&self) -> Option<Timestamp> {
        self.time().map(|time| time.at)
    }

    /// Its precision, if known.
    pub fn precision(&self) -> Option<Precision> {
        self.time().map(|time| time.precision)
    }

    /// The text that was written and could not be parsed.
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

impl WrittenTime {
    /// Parses ISO 8601, RFC 5322, RFC 850, and what the standard libraries of Go, Java, JavaScript, Ruby and
    /// C print; dates with month names in six languages, and Chinese, Japanese and Korean ones. A time with a
    /// zone gives its moment. A date gives the midnight of its day in UTC, and so does a time without a zone
    /// or with an ambiguous one (CST). `None` for text that could be two different days (`03/04/2024`), is in
    /// a year of another calendar, or is not a time.
    pub fn read(written: &str) -> Option<Self> {
        if written.len() > LONGEST {
            return None;
        }
        let halfwidth = halfwidth(written);
        let mut parts = Parts::default();
        let mut rest = halfwidth.trim();
        while !rest.is_empty() {
            rest = parts.take(rest)?.trim_start_matches(is_separator);
            // Between a date and a time of day: `Thu, 09/25/2025 - 11:38`.
            rest =
                ["- ", "– ", "@ "].iter().find_map(|sign| rest.strip_prefix(sign)).unwrap_or(rest);
        }
        parts.time()
    }

    /// The first month with a year in a text, as its first day.
    pub fn find_month(text: &str) -> Option<Self> {
        let halfwidth = halfwidth(text);
        let text = halfwidth.as_ref();
        let starts = text.char_indices().filter(|(_, c)| c.is_ascii_digit() || is_latin(*c));
        starts.take(200).find_map(|(at, _)| Parts::first_month(&text[at..]))
    }

    /// The first time in a text that includes a day; `None` if the text is too long for a line.
    pub fn find(text: &str) -> Option<Self> {
        const LINE_BYTES: usize = 1_000;
        if text.len() > LINE_BYTES {
            return None;
        }
        let halfwidth = halfwidth(text);
        let text = halfwidth.as_ref();
        let mut before = ' ';
        for (at, c) in text.char_indices() {
            let begins = (c.is_ascii_digit() && !before.is_ascii_digit())
                || (is_latin(c) && !is_latin(before));
            if begins && let Some(time) = Parts::first_time(&text[at..]) {
                return Some(time);
            }
            before = c;
        }
        None
    }

    fn at(local: NaiveDateTime, east: i32, precision: Precision) -> Option<Self> {
        let moment = FixedOffset::east_opt(east)?.from_local_datetime(&local).single()?;
        Some(Self { at: Timestamp::from_seconds(moment.timestamp())?, precision })
    }
}

/// Converts full-width forms of ASCII to ASCII.
fn halfwidth(text: &str) -> Cow<'_, str> {
    let is_wide = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}');
    if !text.contains(is_wide) {
        return text.into();
    }
    let narrow = |c: char| char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
    text.chars().map(|c| if is_wide(c) { narrow(c) } else { c }).collect()
}

/// The part of a decimal number before the point.
pub(crate) fn whole_number(written: &str) -> Option<&str> {
    let (whole, fraction) = written.split_once('.')?;
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    is_fraction.then_some(whole)
}

/// Longer texts are not dates: the longest, of JavaScript with a zone's name, have less than 80 bytes.
const LONGEST: usize = 120;
