//! The words of a written time: months, weekdays, zones, halves of a day.

use super::parts::{Parts, set};

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

impl Parts {
    pub(super) fn take_word<'a>(&mut self, text: &'a str) -> Option<&'a str> {
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

    pub(super) fn take_chinese<'a>(&mut self, text: &'a str) -> Option<&'a str> {
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
}
