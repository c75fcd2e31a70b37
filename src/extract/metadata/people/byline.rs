//! Bylines: `By Anna Example`, `作者：某甲`.

use super::super::super::rules::author;
use super::super::super::text::letters;
use super::names::tidy;

/// Maximum letters of a line with a role and a name.
const ROLE_LETTERS: usize = 60;
/// Maximum letters before "by" in a line: a time of publication.
const BEFORE_LETTERS: usize = 40;

/// The name in a line with a word that introduces it.
pub(super) fn byline(line: &str) -> Option<String> {
    let line = line.trim();
    by_role(line).or_else(|| behind_by(line))
}

/// The name after a role and a separator.
fn by_role(line: &str) -> Option<String> {
    const ROLES: [&str; 17] = [
        "作者", "文：", "文:", "文/", "文／", "文丨", "撰文", "撰稿", "执笔", "執筆", "author",
        "written", "words", "story", "autor", "auteur", "autore",
    ];
    const SIGNS: [char; 7] = ['：', ':', '/', '／', '|', '｜', '丨'];
    if !line.contains(SIGNS) || letters(line) > ROLE_LETTERS {
        return None;
    }
    let lower = line.to_lowercase();
    let has_role = ROLES.iter().any(|role| lower.contains(role));
    let named = author::named(line).filter(|named| has_role && named.has_written())?;
    tidy(&named.name)
}

/// The name after "by", in a line that contains nothing else except a time.
fn behind_by(line: &str) -> Option<String> {
    let is_by = |at: &usize| {
        line.as_bytes()[*at..].first_chunk() == Some(b"by")
            || line.as_bytes()[*at..].first_chunk() == Some(b"By")
            || line.as_bytes()[*at..].first_chunk() == Some(b"BY")
    };
    let places = memchr::memchr2_iter(b'b', b'B', line.as_bytes()).filter(is_by);
    places.take(8).find_map(|at| name_behind(&line[..at], &line[at + 2..]))
}

/// The name after a "by" between two texts.
fn name_behind(before: &str, behind: &str) -> Option<String> {
    /// The last word before "by" is one of these.
    const WRITTEN: &str = " written posted published author authored story words text report reported \
        article created contributed blog post guest compiled column interview essay analysis opinion \
        contribution ";
    let is_word = !before.ends_with(char::is_alphabetic)
        && behind.starts_with(|c: char| c.is_whitespace() || matches!(c, ':' | '：'));
    let before = before.trim_end();
    if !is_word || letters(before) > BEFORE_LETTERS {
        return None;
    }
    // `March 5, 2024 by`, `5 min read | by`.
    let is_apart = !before.ends_with(char::is_alphabetic);
    let last = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if !is_apart && !WRITTEN.contains(&format!(" {} ", last.to_lowercase())) {
        return None;
    }
    let behind = behind.trim_start_matches([':', '：']).trim();
    let behind = behind.split(['·', '•', '|', '●', '⋅', '—', '–']).next()?.split(" - ").next()?;
    let name = author::by_whom(behind).and_then(author::name).and_then(|name| tidy(&name))?;
    (is_apart || name.starts_with(char::is_uppercase)).then_some(name)
}
