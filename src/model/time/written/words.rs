//! The words in a written time: months, weekdays, zones, halves of a day.

use super::parts::{Parts, is_latin, set};
use crate::model::MONTHS;

/// The months in German, French, Spanish, Portuguese and Italian, short and in full, where they differ from
/// English, separated by blanks, in lower case.
const OTHER_MONTHS: [&str; 12] = [
    " januar jänner janvier janv enero ene janeiro gennaio gen ",
    " februar février fevrier févr fevr febrero fevereiro fev febbraio ",
    " märz maerz mrz mär mars marzo março marco ",
    " avril avr abril abr aprile ",
    " mai mayo maio maggio mag ",
    " juni juin junio junho giugno giu ",
    " juli juillet juil julio julho luglio lug ",
    " août aout agosto ago ",
    " sept septembre septiembre setiembre setembro settembre set ",
    " oktober okt octobre octubre outubro out ottobre ott ",
    " novembre noviembre novembro ",
    " dezember dez décembre decembre déc diciembre dic dezembro dicembre ",
];

/// Weekdays in the same languages. They are ignored, since they follow from the date.
const DAYS: &str = " mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat \
    saturday sun sunday montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lundi mardi \
    mercredi jeudi vendredi samedi dimanche lunes martes miércoles miercoles jueves viernes sábado sabado \
    domingo segunda terça quarta quinta sexta lunedì martedì mercoledì giovedì venerdì sabato domenica ";

/// Words between the parts of a date in the same languages.
const BETWEEN: &str = " at on of the um uhr den der le à de del el às il alle ore ";

/// Endings after the number of a day.
const ORDINALS: &str = " st nd rd th er º ª ";

/// Zones that RFC 5322 defines, and other unambiguous ones, in hours. The rest (CST, IST) are ambiguous.
const ZONES: [(&str, i32); 16] = [
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
    ("hkt", 8),
    ("sgt", 8),
    ("jst", 9),
    ("kst", 9),
    ("cet", 1),
    ("cest", 2),
];

/// Regions at the start of zone names (`Asia/Shanghai`).
const REGIONS: [&str; 11] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
    "US",
];

const HALVES: [(&str, bool); 11] = [
    ("上午", false),
    ("凌晨", false),
    ("早上", false),
    ("清晨", false),
    ("午前", false),
    ("오전", false),
    ("下午", true),
    ("晚上", true),
    ("傍晚", true),
    ("午後", true),
    ("오후", true),
];

/// Prefixes of weekdays, their distinguishing characters, and suffixes.
const EASTERN_DAYS: [(&str, &str, &str); 6] = [
    ("星期", "一二三四五六日天", ""),
    ("礼拜", "一二三四五六日天", ""),
    ("禮拜", "一二三四五六日天", ""),
    ("周", "一二三四五六日天", ""),
    ("", "月火水木金土日", "曜日"),
    ("", "월화수목금토일", "요일"),
];

fn is_one_of(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|one| one == word)
}

/// The number of a month, from 1, by its name in lower case.
fn month(word: &str) -> Option<u32> {
    let is_english =
        |name: &str| word.eq_ignore_ascii_case(name) || word.eq_ignore_ascii_case(&name[..3]);
    let mut months = (1..).zip(MONTHS.iter().zip(OTHER_MONTHS));
    months
        .find(|(_, (english, other))| is_english(english) || is_one_of(other, word))
        .map(|(at, _)| at)
}

impl Parts {
    pub(super) fn take_word<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let end = text.find(|c: char| !is_latin(c)).unwrap_or(text.len());
        let (spelled, rest) = text.split_at(end);
        let word = spelled.to_lowercase();
        if let Some(&(_, hours)) = ZONES.iter().find(|(name, _)| *name == word) {
            set(&mut self.zone, hours * 3600)?;
            // `GMT+8`, `UTC +08:00`.
            let has_offset = hours == 0 && rest.trim_start().starts_with(['+', '-', '−']);
            if has_offset {
                self.zone = None;
            }
            return Some(rest);
        }
        if let Some(month) = month(&word) {
            set(&mut self.month, month)?;
            return Some(rest.strip_prefix('.').unwrap_or(rest).trim_start_matches('-'));
        }
        if is_one_of(DAYS, &word) {
            let rest = rest.strip_prefix("-feira").unwrap_or(rest);
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
            word if is_one_of(BETWEEN, word) => Some(rest),
            word if self.day.is_some() && is_one_of(ORDINALS, word) => Some(rest),
            // Go's reading of the monotonic clock.
            "m" if self.zone.is_some() && rest.starts_with('=') => Some(""),
            // The name of a zone whose offset is before it: `+0800 CST`.
            _ if self.zone.is_some() && word.len() <= 5 => Some(rest),
            _ => self.take_zone_name(text, spelled),
        }
    }

    /// The name of an ambiguous zone, or of one whose offset is not known here, after a day.
    fn take_zone_name<'a>(&mut self, text: &'a str, word: &str) -> Option<&'a str> {
        self.day?;
        let rest = &text[word.len()..];
        let rest = if REGIONS.contains(&word) && rest.starts_with('/') {
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-');
            rest.trim_start_matches(is_name)
        } else if word.len() <= 5 && word.bytes().all(|byte| byte.is_ascii_uppercase()) {
            rest
        } else {
            // `Beijing time`, `Eastern Standard Time`.
            let end = text.find(|c: char| !is_latin(c) && c != ' ').unwrap_or(text.len());
            let name = text[..end].trim_end();
            name.to_lowercase().ends_with(" time").then_some(&text[name.len()..])?
        };
        self.has_vague_zone = true;
        Some(rest)
    }

    pub(super) fn take_eastern<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        for (start, days, end) in EASTERN_DAYS {
            let Some(rest) = text.strip_prefix(start) else { continue };
            let rest = rest.strip_prefix(|c| days.contains(c));
            if let Some(rest) = rest.and_then(|rest| rest.strip_prefix(end)) {
                return Some(rest);
            }
        }
        for (name, is_afternoon) in HALVES {
            if let Some(rest) = text.strip_prefix(name) {
                set(&mut self.is_afternoon, is_afternoon)?;
                return Some(rest);
            }
        }
        // `北京时间`, `当地时间`: of at most four characters, and two.
        let (before, rest) = ["时间", "時間"].iter().find_map(|word| text.split_once(word))?;
        let is_name = |c: char| matches!(c, '\u{4e00}'..='\u{9fff}');
        let is_zone =
            !before.is_empty() && before.chars().count() <= 4 && before.chars().all(is_name);
        self.has_vague_zone |= is_zone;
        is_zone.then_some(rest)
    }
}
