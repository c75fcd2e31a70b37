//! Lines that contain only a date, in the many forms of publishers.

use crate::extract::text::letters;
use crate::model::Published;

/// Longer lines are not bare dates, in characters.
const LONGEST: usize = 60;
/// Parts of dates besides digits, in languages without blanks between words.
#[rustfmt::skip]
const PIECES: [&str; 50] = [
    "分钟前", "分鐘前", "小时前", "小時前", "天前", "周前", "个月前", "發佈", "发布", "发表", "發表", "时间", "時間", "日期", "更新",
    "北京", "星期", "周", "年", "月", "日", "时", "時", "分", "秒", "点", "点钟", "上午", "下午", "晚上", "一", "二", "三",
    "四", "五", "六", "天", "于", "在", "最后", "〇", "零", "七", "八", "九", "十", "民國", "民国", "西元", "公元",
];
/// Words of dates in Latin letters.
#[rustfmt::skip]
const WORDS: [&str; 19] = [
    "published", "updated", "posted", "on", "at", "ago", "minutes", "minute", "hours", "hour",
    "days", "day", "min", "read", "st", "nd", "rd", "th", "of",
];
/// Short names of days, months and zones; longer names begin with them.
#[rustfmt::skip]
const NAMES: [&str; 37] = [
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec", "am", "pm", "gmt", "utc", "cst", "t", "z", "est",
    "edt", "cdt", "mst", "mdt", "pst", "pdt", "bst", "cet", "cest", "hkt",
];

/// Whether a block is a date, with at most a name on a line above it.
pub(in crate::extract) fn is_date_line(text: &str) -> bool {
    date_line(text).is_some()
}

/// The line with only a date, if the block has no other line except a name above it.
pub(in crate::extract) fn date_line(text: &str) -> Option<&str> {
    let (above, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let is_name = letters(above) <= 24 && !above.contains(['\n', '。', '，', '：']);
    (is_name && is_date(last)).then(|| last.trim())
}

/// Whether a text is a date in any of the supported languages, or consists only of the words and digits of a
/// date, besides the source.
fn is_date(text: &str) -> bool {
    let is_read =
        || text.contains(|c: char| c.is_alphabetic()) && Published::read(text).at().is_some();
    is_bare_date(text) || without_source(text).is_some_and(is_bare_date) || is_read()
}

/// The text without the newspaper that an article is from (`来源：某报`).
fn without_source(text: &str) -> Option<&str> {
    let (before, source) = ["来源", "來源"].iter().find_map(|label| text.split_once(label))?;
    let source = source.strip_prefix(['：', ':'])?.trim();
    let (name, date) = match before.trim() {
        "" => source.split_once(char::is_whitespace)?,
        before => (source, before),
    };
    (letters(name) <= 12 && !name.contains(['。', '，', ' '])).then_some(date)
}

/// Whether a line is only a date.
fn is_bare_date(text: &str) -> bool {
    let text = text.trim();
    if text.chars().nth(LONGEST).is_some() {
        return false;
    }
    let lower = text.to_lowercase();
    let mut digits = lower.chars().filter(char::is_ascii_digit).count();
    if lower.contains('年') && lower.contains('月') {
        digits += lower.chars().filter(|&c| "〇零一二三四五六七八九十".contains(c)).count();
    }
    let is_ago = lower.ends_with('前') || lower.ends_with("ago");
    if digits < 5 && !(is_ago && digits > 0) {
        return false;
    }
    (is_ago || names_a_day(&lower)) && is_made_of_dates(&lower)
}

/// Whether a text has only words of dates.
fn is_made_of_dates(lower: &str) -> bool {
    let mut rest = lower;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() || !first.is_alphanumeric() {
            Some(first.len_utf8())
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            is_word(&rest[..end]).then_some(end)
        } else {
            PIECES.iter().filter(|piece| rest.starts_with(**piece)).map(|piece| piece.len()).max()
        };
        let Some(length) = length else { return false };
        rest = &rest[length..];
    }
    true
}

fn is_word(word: &str) -> bool {
    let begins = |name: &str| name.len() == 3 && word.starts_with(name) && word.len() <= 9;
    WORDS.contains(&word) || NAMES.iter().any(|name| word == *name || begins(name))
}

/// Whether digits and words name a month or a day, as opposed to a telephone number, a temperature or a
/// score.
fn names_a_day(lower: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let mut words = lower.split(|c: char| !c.is_ascii_alphabetic());
    if lower.contains('月') || words.any(|word| MONTHS.iter().any(|month| word.starts_with(month)))
    {
        return true;
    }
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.');
    lower.split(|c| !is_part(c)).any(is_numeric_date)
}

/// `2024-03-04`, `4.3.2024`, `20240304`: a modern year with a valid month and day, in any order. Without a
/// four-digit year it may be anything.
fn is_numeric_date(text: &str) -> bool {
    let number = |digits: &str| digits.parse::<u32>().ok();
    let can_be = |year: u32, one: u32, other: u32| {
        (1900..2100).contains(&year)
            && one.min(other) >= 1
            && one.min(other) <= 12
            && one.max(other) <= 31
    };
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (year, month, day) = (number(&text[..4]), number(&text[4..6]), number(&text[6..]));
        return matches!((year, month, day), (Some(y), Some(m), Some(d)) if m <= 12 && can_be(y, m, d));
    }
    let Some(sign) = text.chars().find(|c| !c.is_ascii_digit()) else { return false };
    let parts: Vec<&str> = text.trim_matches(sign).splitn(4, sign).collect();
    let [one, two, three] = parts[..] else { return false };
    match (number(one), number(two), number(three)) {
        (Some(year), Some(month), Some(day)) if one.len() == 4 => can_be(year, month, day),
        (Some(first), Some(second), Some(year)) if three.len() == 4 => can_be(year, first, second),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for date in [
            "05/02/2024 - 00:35",
            "2024-10-31T10:51:43.576Z",
            "Stefan\n2020-10-11T07:41:52.911Z",
            "Thu, 31 Oct 2024 01:10:52 GMT",
            "2019年4月17日 星期三",
            "18 分钟前",
            "发布时间：2020-01-02 08:30",
            "Published on April 3, 2020",
            "20240304 08:30",
            "4.3.2024 08:30",
            "2024年3月5日 星期二 08:30 来源：某报",
            "二〇二四年三月五日",
            "民國113年3月5日",
            "March 5, 2024 · 5 min read",
            "Mar 5th, 2024, 3:04 pm EST",
            "5th of March 2024",
            "来源：某报 2024-03-05 08:30",
            "5. März 2024",
            "5 de marzo de 2024",
        ] {
            assert!(is_date_line(date), "{date}");
        }
        for text in [
            "2024年，图书馆重新开放",
            "一二三",
            "2024",
            "周五",
            "May 2020 was cold",
            "",
            "36.5\t37.2",
            "010-12345678",
            "12:30 - 14:00",
            "3-2, 11-9",
            "978-7-5327-1234-5",
            "192.168.0.1",
            "周一 08:30-17:00",
            "2024-99-99",
            "40012345",
            "2024年3月5日来源：某报的消息说，雨停了",
            "一年三月",
            "三月五日，一年一次",
        ] {
            assert!(!is_date_line(text), "{text}");
        }
    }
}
