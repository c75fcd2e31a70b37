//! Recognises fields, columns and rows in which other programs store articles: tables, dumps of databases,
//! YAML, scripts. Each is recognised by its beginning, and by the names of an article's parts.

use super::names::Names;
use crate::format::header::take_line;
use crate::format::leading;
use memchr::memmem;

pub(super) const CSV: &str = "CSV with an article's columns";
pub(super) const SQL: &str = "SQL with articles in it";
pub(in crate::format) const YAML: &str = "YAML or TOML with an article's fields";
pub(super) const SCRIPT: &str = "JSON5 or JavaScript with an article's fields";

/// The kind of records in a text without a header.
pub(super) fn kind(text: &str) -> Option<&'static str> {
    if is_table(text) {
        Some(CSV)
    } else if is_sql(text) {
        Some(SQL)
    } else if is_yaml(text) {
        Some(YAML)
    } else {
        is_script(text).then_some(SCRIPT)
    }
}

/// A line of names, followed by more lines.
fn is_table(text: &str) -> bool {
    const LINE_WITHIN: usize = 4096;
    let (line, rest) = take_line(text);
    if line.len() > LINE_WITHIN || line.starts_with('|') || leading::skip(rest).is_empty() {
        return false;
    }
    let is_quote = |c: char| matches!(c, '"' | '\'') || c.is_whitespace();
    let names = |between| Names::of(line.split(between).map(|name| name.trim_matches(is_quote)));
    [',', '\t', ';', '|'].into_iter().any(|between| names(between).are_of_article())
}

/// Statements that fill a table, after other statements and comments, and that contain markup or the columns
/// of an article.
fn is_sql(text: &str) -> bool {
    const VERBS: [&str; 20] = [
        "alter",
        "begin",
        "copy",
        "create",
        "delete",
        "delimiter",
        "drop",
        "go",
        "insert",
        "lock",
        "merge",
        "pragma",
        "replace",
        "select",
        "set",
        "start",
        "truncate",
        "unlock",
        "update",
        "use",
    ];
    /// Words that may come before the table's name.
    const MODES: [&str; 6] = ["or", "ignore", "replace", "abort", "low_priority", "delayed"];
    /// The table must be named within this many bytes.
    const START: usize = 200;
    /// Markup of a page, literal or as entities.
    const MARKUP: [&str; 4] = ["</", "<p", "<br", "&lt;"];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let verb = |line: &str| {
        let word = line.split(|c: char| !is_word(c)).next().unwrap_or_default();
        word.to_ascii_lowercase()
    };
    let is_comment =
        |line: &str| ["--", "/*", "*", "#", "\\"].iter().any(|it| line.starts_with(it));
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty());
    let first = lines.by_ref().find(|line| !is_comment(line)).unwrap_or_default();
    let is_filling = |line: &str| {
        let head = line[..line.floor_char_boundary(START)].to_ascii_lowercase();
        let mut words = head.split_ascii_whitespace();
        match words.next() {
            Some("insert" | "replace") => words.find(|word| !MODES.contains(word)) == Some("into"),
            Some("copy") => head.contains(" from stdin"),
            _ => false,
        }
    };
    VERBS.contains(&verb(first).as_str())
        && std::iter::once(first).chain(lines).any(is_filling)
        && text.contains(';')
        && (MARKUP.iter().any(|mark| memmem::find(text.as_bytes(), mark.as_bytes()).is_some())
            || Names::of(text.split(|c| !is_word(c))).are_of_article())
}

/// Only fields and their values.
fn is_yaml(text: &str) -> bool {
    let lines = || text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let is_inside = |line: &str| line.starts_with([' ', '\t', ']', '}']);
    let is_mark =
        |line: &str| matches!(line.trim_end(), "---" | "..." | "-") || line.starts_with('%');
    let mut outer = lines().filter(|line| !is_inside(line) && !is_mark(line));
    lines().next().is_some_and(|line| key(line).is_some() || is_mark(line))
        && outer.all(|line| key(line).is_some() || line.starts_with("- "))
        && Names::of(lines().filter_map(key)).are_of_article()
}

/// The name of the field in a line: `title: 雨`, also as the first of a list item.
fn key(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("- ").map_or(line, str::trim_start);
    let (name, value) = line.split_once(':')?;
    let name = name.trim_matches(['"', '\'']);
    let is_name = !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
    (is_name && (value.is_empty() || value.starts_with(char::is_whitespace))).then_some(name)
}

/// Whether another document follows after the fields of a document.
pub(in crate::format) fn begins_next(body: &str) -> bool {
    let body = leading::skip(body);
    body.is_empty()
        || Names::of(key(take_line(body).0).into_iter().chain(["text"])).are_of_article()
        || (body.starts_with('{') && super::names_article(body))
}

/// An object with unquoted names, alone or in a script's assignment, call or export.
fn is_script(text: &str) -> bool {
    let Some(inside) = object(text) else { return false };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-');
    let mut names = inside.split(':').filter_map(|before| {
        let before = before.trim_end();
        let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let before = quote.map_or(before, |quote| &before[..before.len() - quote.len_utf8()]);
        let start = before
            .rfind(|c| !is_name(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        Some(&before[start..]).filter(|name| !name.is_empty())
    });
    Names::of(&mut names).are_of_article()
}

/// An object, after comments and the beginning of a statement, that has an unquoted name or is in a
/// statement.
fn object(text: &str) -> Option<&str> {
    /// Maximum length of the beginning of a statement, in bytes.
    const WITHIN: usize = 200;
    let mut rest = text;
    loop {
        rest = leading::skip(rest);
        rest = match (rest.strip_prefix("//"), rest.strip_prefix("/*")) {
            (Some(comment), _) => take_line(comment).1,
            (_, Some(comment)) => comment.split_once("*/")?.1,
            _ => break,
        };
    }
    let at = rest[..rest.floor_char_boundary(WITHIN)].find(['{', '['])?;
    let (statement, object) = rest.split_at(at);
    let object = object.strip_prefix('[').map_or(object, str::trim_start);
    let inside = object.strip_prefix('{')?.trim_start();
    let statement = statement.trim_end();
    let is_statement = statement.ends_with(['=', '(']) || statement == "export default";
    let is_plain = inside.starts_with('"') && statement.is_empty();
    (!is_plain && (is_statement || statement.is_empty())).then_some(inside)
}
