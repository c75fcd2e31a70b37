//! Recognises names of authors, as opposed to streets, quotations and sentences.

use super::dates;
use super::people::{self, AUTHORS, OTHERS};
use crate::extract::text::{letters, one_line};
use crate::model::{Author, AuthorRole, MONTHS};

/// Maximum letters of a line with several names.
const MAX_LETTERS: usize = 60;
/// Maximum Chinese characters in a row; no name of one person or office is longer.
const MAX_HAN: usize = 14;
/// Maximum words in Latin letters, and those among them that begin with a small letter.
const MAX_WORDS: usize = 12;
const MAX_SMALL_WORDS: usize = 3;

/// Professions after a name.
const TRADES: [&str; 14] = [
    "记者",
    "記者",
    "编辑",
    "編輯",
    "作家",
    "教授",
    "作者",
    "correspondent",
    "reporter",
    "editor",
    "writer",
    "columnist",
    "contributor",
    "staff",
];

/// The name in a text that should be one.
pub(in crate::extract) fn name(text: &str) -> Option<String> {
    named(text).map(|named| named.name)
}

/// The same, with the role: the name of the writer, if there is one.
pub(in crate::extract) fn named(text: &str) -> Option<Author> {
    let mut all = all_named(text);
    let own = all.iter().position(Author::has_written).unwrap_or(0);
    (!all.is_empty()).then(|| all.swap_remove(own))
}

/// All people that such a text names.
pub(in crate::extract) fn all_named(text: &str) -> Vec<Author> {
    let text = one_line(text);
    if let Some(name) = reporter(&text) {
        return vec![Author { name: name.to_owned(), role: Some(AuthorRole::Reporter) }];
    }
    let clauses = text.split(['；', ';']).flat_map(clauses);
    let named = clauses.filter_map(|clause| {
        let (words, name) = match clause.split_once(DIVIDERS) {
            Some((words, name)) if is_role(words) => (words.trim().to_lowercase(), name),
            _ => others_work(clause).unwrap_or((String::new(), clause)),
        };
        let name = bare(name).filter(|name| is_name(name))?;
        Some(Author { name: name.to_owned(), role: people::role(&words) })
    });
    named.collect()
}

/// Separators between a role and a name.
const DIVIDERS: [char; 7] = ['：', ':', '/', '／', '|', '｜', '丨'];

/// The parts of a line that each begin with a role: `文／某甲　图／某乙`.
fn clauses(line: &str) -> Vec<&str> {
    let mut starts = vec![0];
    for (at, _) in line.match_indices(' ') {
        let rest = line[at..].trim_start();
        let Some((role, _)) = rest.split_once(DIVIDERS) else { break };
        let begun = starts.last().copied().unwrap_or_default();
        let whole = &line[begun..line.len() - rest.len() + role.len()];
        let is_one = !whole.contains(DIVIDERS) && is_role(whole);
        if !role.trim_end().contains(' ') && is_role(role) && !is_one {
            starts.push(line.len() - rest.len());
        }
    }
    starts.push(line.len());
    starts.windows(2).map(|ends| line[ends[0]..ends[1]].trim()).collect()
}

/// The reporter in an agency's line: `記者某甲／台北報導`, in brackets or not.
pub(in crate::extract) fn reporter(line: &str) -> Option<&str> {
    const ENDS: [&str; 4] = ["報導", "报道", "报导", "電"];
    let line = line.trim().trim_start_matches(['（', '(', '〔', '［', '【', '[']);
    let line = line.trim_end_matches(['）', ')', '〕', '］', '】', ']']);
    let behind = line.strip_prefix("記者").or_else(|| line.strip_prefix("记者"))?;
    let (name, place) = behind.split_once(['／', '/'])?;
    let is_place = letters(place) <= 12 && ENDS.iter().any(|end| place.ends_with(end));
    (is_place && (2..=20).contains(&letters(name)) && is_name(name.trim())).then(|| name.trim())
}

/// `Translated by` and the like, and the text after it.
fn others_work(text: &str) -> Option<(String, &str)> {
    const STARTS: [&str; 6] = [
        "translated by ",
        "edited by ",
        "photographs by ",
        "photos by ",
        "illustrated by ",
        "illustrations by ",
    ];
    let is_it = |start: &&str| {
        text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    let start = STARTS.iter().find(|start| is_it(start))?;
    Some((start.trim_end().to_owned(), &text[start.len()..]))
}

/// Whether a text names what somebody did, and at most for whom ("本报记者").
fn is_role(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let mut roles = AUTHORS.iter().chain(&OTHERS);
    letters(&text) <= 10
        && roles.any(|role| text == *role || (role.chars().count() > 1 && text.ends_with(role)))
}

/// A name without the text around it: "by", a profession, a date, the site.
fn bare(text: &str) -> Option<&str> {
    let mut name = text.trim();
    for start in ["story ", "text ", "words ", "written ", "reported ", "posted "] {
        let role = name.get(..start.len()).filter(|found| found.eq_ignore_ascii_case(start));
        if role.is_some() && starts_by(&name[start.len()..]) {
            name = &name[start.len()..];
        }
    }
    if let Some(rest) = behind_by(name) {
        name = by_whom(rest)?;
    }
    for between in [" / ", " | ", " ｜ ", " • ", " · "] {
        name = name.split(between).next().unwrap_or(name);
    }
    if let Some((before, behind)) = name.split_once(['，', ','])
        && TRADES.iter().any(|trade| behind.to_lowercase().contains(trade))
    {
        name = before;
    }
    let is_part = |part: &str| {
        (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_date =
        |word: &str| word.contains(['-', '/', '.']) && word.split(['-', '/', '.']).all(is_part);
    if let Some((before, _)) = name.rsplit_once(' ').filter(|(_, last)| is_date(last)) {
        name = before;
    }
    for day in ["刚刚", "剛剛", "今天", "昨天", "前天"] {
        name = name.strip_suffix(day).filter(|rest| letters(rest) > 1).unwrap_or(name);
    }
    let name = name.trim().trim_end_matches(['，', ',', '·', '|', '、', '-', '–']).trim_end();
    (letters(name) > 0).then_some(name)
}

fn starts_by(text: &str) -> bool {
    text.get(..3).is_some_and(|found| found.eq_ignore_ascii_case("by "))
}

/// The text after "by", also in other languages, if a name may follow.
fn behind_by(text: &str) -> Option<&str> {
    if starts_by(text) {
        return Some(&text["by ".len()..]);
    }
    // Such words also begin names, of fewer words or of small ones.
    let rest = ["Von ", "Por "].iter().find_map(|start| text.strip_prefix(start))?;
    let is_large = |word: &str| word.starts_with(char::is_uppercase);
    let mut words = rest.split_whitespace();
    (words.next().is_some_and(is_large) && words.next().is_some_and(is_large)).then_some(rest)
}

/// Words after "by" that are not a person.
const NO_NAMES: [&str; 26] = [
    "the",
    "a",
    "an",
    "our",
    "all",
    "now",
    "then",
    "this",
    "that",
    "christmas",
    "easter",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "noon",
];
/// What ends a name.
const ENDS: [&str; 12] =
    ["on", "in", "at", "for", "from", "via", "published", "updated", "posted", "last", "|", "and,"];

/// The name at the start of the text after "by", without time and place; `None` if the text continues like a
/// sentence.
pub(in crate::extract) fn by_whom(text: &str) -> Option<&str> {
    let text = text.trim();
    let mut end = text.len();
    let words: Vec<&str> = text.split_whitespace().collect();
    let first = words.first()?.trim_end_matches(',');
    let is_word = |c: char| c.is_lowercase() || c.is_ascii_digit();
    if NO_NAMES.contains(&first.to_lowercase().as_str())
        || (words.len() > 1 && first.starts_with(is_word) && first.is_ascii())
    {
        return None;
    }
    for word in &words[1..] {
        let at = word.as_ptr().addr() - text.as_ptr().addr();
        if ENDS.contains(&word.to_lowercase().as_str()) || is_month(word) {
            end = at;
            break;
        }
    }
    let name = text[..end].trim_end();
    // A place is one word: a second author has two.
    match name.rsplit_once(", ") {
        Some((before, place)) if before.contains(' ') && !place.contains(' ') => Some(before),
        _ => Some(name),
    }
}

/// Whether a word is the name of a month, or its first three letters.
fn is_month(word: &str) -> bool {
    MONTHS.iter().any(|month| word == *month || word == &month[..3])
}

/// Whether more Chinese characters in a row than a name has form a sentence.
pub(in crate::extract) fn reads_on(text: &str) -> bool {
    const WORDS: [char; 10] = ['也', '了', '吗', '嗎', '呢', '就', '都', '已', '还', '還'];
    letters(text) >= 6 && longest_han(text) >= 6 && text.contains(WORDS)
}

fn is_name(name: &str) -> bool {
    // Texts of links to all articles by somebody.
    const LISTS: [&str; 6] =
        ["所有文章", "全部文章", "更多文章", "all posts", "all articles", "more from"];
    let lower = name.to_lowercase();
    letters(name) <= MAX_LETTERS
        && !name.contains([
            '。', '！', '？', '!', '?', '…', '“', '”', '「', '」', '《', '》', '：', ':', '，',
        ])
        && !lower.contains("://")
        && !LISTS.iter().any(|words| lower.contains(words))
        && !AUTHORS.contains(&lower.as_str())
        && !OTHERS.contains(&lower.as_str())
        && !dates::is_date_line(name)
        && !is_street(&lower)
        && longest_han(name) <= MAX_HAN
        && !reads_on(name)
        && !is_latin_sentence(name)
}

/// Whether a text is the address of a house.
fn is_street(lower: &str) -> bool {
    const WORDS: [&str; 14] = [
        "电话", "電話", "邮编", "郵編", "地址", "tel", "phone", "street", "avenue", "road",
        "suite", "floor", "box ", "fax",
    ];
    const ENDS: [&str; 8] = ["路", "街", "大道", "胡同", "大厦", "大廈", "楼", "樓"];
    let behind_number = |c: char| "号號弄楼樓室层層座栋棟".contains(c);
    let bytes = lower.char_indices();
    let mut after_digit = bytes.filter(|&(at, c)| {
        behind_number(c) && lower[..at].trim_end().ends_with(|c: char| c.is_ascii_digit())
    });
    let has_digit = lower.contains(|c: char| c.is_ascii_digit());
    let is_numbered = lower.split_once(' ').is_some_and(|(first, _)| {
        first.bytes().all(|byte| byte.is_ascii_digit()) && !first.is_empty()
    });
    after_digit.next().is_some()
        || is_numbered
        || (has_digit && WORDS.iter().any(|word| lower.contains(word)))
        || (letters(lower) >= 5 && ENDS.iter().any(|end| lower.ends_with(end)))
}

fn longest_han(name: &str) -> usize {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}');
    name.split(|c| !is_han(c)).map(|run| run.chars().count()).max().unwrap_or(0)
}

/// Names begin with capital letters, or are few words.
fn is_latin_sentence(name: &str) -> bool {
    const PARTICLES: [&str; 14] = [
        "of", "and", "the", "for", "in", "de", "van", "von", "der", "la", "bin", "al", "with", "y",
    ];
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_small =
        |word: &&&str| word.starts_with(|c: char| c.is_lowercase()) && !PARTICLES.contains(*word);
    words.len() > MAX_WORDS
        || words.iter().filter(is_small).count() > MAX_SMALL_WORDS
        || (words.len() > 4 && name.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(name(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn names() {
        check("某甲", Some("某甲"));
        check("作者：某甲", Some("某甲"));
        check("文／某甲", Some("某甲"));
        check("作者丨某甲", Some("某甲"));
        check("翻译丨某乙；撰稿丨某甲", Some("某甲"));
        check("译者：某乙", Some("某乙"));
        check("某甲/某乙", Some("某甲/某乙"));
        check("本报记者：某甲", Some("某甲"));
        check("By Anna Example", Some("Anna Example"));
        check("by Anna Example and Bob van Example", Some("Anna Example and Bob van Example"));
        check("Anna Example, River correspondent", Some("Anna Example"));
        check("Story by Anna Example", Some("Anna Example"));
        check("Written by: Anna Example", Some("Anna Example"));
        check("某甲，本报记者", Some("某甲"));
        check("某甲、某乙", Some("某甲、某乙"));
        check("阿列克谢·伊万诺维奇·甲", Some("阿列克谢·伊万诺维奇·甲"));
        check("某甲 10-5", Some("某甲"));
        check("某甲前天", Some("某甲"));
        check("The Example Times / July 24, 2020 / Inside", Some("The Example Times"));
        check("雨声周刊编辑部", Some("雨声周刊编辑部"));
        check("anna_example7", Some("anna_example7"));
        check("Mary J. Example Jr.", Some("Mary J. Example Jr."));
        check("文／某甲　图／某乙", Some("某甲"));
        check("文丨某甲 编辑丨某乙 校对丨某丙", Some("某甲"));
        check("撰文 / 某甲　攝影 / 某乙", Some("某甲"));
        check("编辑 | 某乙　作者 | 某甲", Some("某甲"));
        check("責任編輯：某丙", Some("某丙"));
        check("［記者某甲／台北報導］", Some("某甲"));
        check("Posted by Anna on March 5, 2024 in News", Some("Anna"));
        check("By Anna Example Published March 5, 2024", Some("Anna Example"));
        check("By Anna Example March 5, 2024", Some("Anna Example"));
        check("By Anna Example in Berlin", Some("Anna Example"));
        check("Translated by Bob Muster", Some("Bob Muster"));
        check("Von Max Mustermann, Berlin", Some("Max Mustermann"));
        check("Por Juan Pérez", Some("Juan Pérez"));
        check("Von Trier", Some("Von Trier"));
        check("by admin", Some("admin"));
    }

    #[test]
    fn no_names() {
        for text in [
            "",
            "作者",
            "作者：",
            "By",
            "桥头路 12 号",
            "某市桥头路12号三楼",
            "某市某区桥头路",
            "12 Example Street",
            "Example Road 7, Floor 3",
            "电话 010-1234567",
            "2024-03-04",
            "它处于濒危境地了吗？",
            "他说，桥已经修好了。",
            "桥头的老人说：水退了",
            "老人说：水退了",
            "“走好”",
            "这座桥从去年夏天开始修一直修到今年春天",
            "雨停了，人们来了",
            "the bridge was closed on monday",
            "He has written about rivers for ten years.",
            "https://a.example/b",
            "查看作者的所有文章",
            "作者：无名之辈也有春天",
            "By the river we sat.",
            "By contrast, Berlin is cheap.",
            "By Christmas Eve",
            "By our correspondent in Paris",
            "By 1990 it was over.",
            "By all means, come.",
            "View all posts by Anna",
        ] {
            check(text, None);
        }
    }
}
