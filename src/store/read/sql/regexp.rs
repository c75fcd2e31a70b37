//! `regexp(pattern, text)` and `regexpi(pattern, text)`, as the `sqlite3` shell has them: SQLite's own operator
//! REGEXP calls the first.
//!
//! The time is in proportion to the text times the pattern, whatever the pattern: there is no backtracking.

use crate::error::Result;
use regex_lite::{Regex, RegexBuilder};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use std::borrow::Cow;

/// Maximum size of a pattern in memory, after its repetitions are written out.
const MAX_BYTES: usize = 256 << 10;
/// Maximum depth of its parentheses.
const MAX_DEPTH: u32 = 50;

/// Defines both functions.
pub(super) fn define(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for (name, is_caseless) in [("regexp", false), ("regexpi", true)] {
        connection
            .create_scalar_function(name, 2, flags, move |context| matches(context, is_caseless))?;
    }
    Ok(())
}

/// Whether any part of the text matches; NULL if either is NULL.
fn matches(context: &Context<'_>, is_caseless: bool) -> rusqlite::Result<Option<bool>> {
    let is_null = |index| matches!(context.get_raw(index), ValueRef::Null);
    if is_null(0) || is_null(1) {
        return Ok(None);
    }
    // SQLite keeps it for the whole statement if the pattern is a constant.
    let pattern =
        context.get_or_create_aux(0, |value| compiled(text(value).as_ref(), is_caseless))?;
    Ok(Some(pattern.is_match(&text(context.get_raw(1)))))
}

fn compiled(pattern: &str, is_caseless: bool) -> std::result::Result<Regex, String> {
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(is_caseless)
        // In SQLite it does.
        .dot_matches_new_line(true)
        .size_limit(MAX_BYTES)
        .nest_limit(MAX_DEPTH)
        .build();
    regex.map_err(|error| format!("malformed regular expression: {error}"))
}

/// A value as SQLite casts it to a text.
fn text(value: ValueRef<'_>) -> Cow<'_, str> {
    match value {
        ValueRef::Null => "".into(),
        ValueRef::Integer(number) => number.to_string().into(),
        ValueRef::Real(number) => format!("{number:?}").into(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(sql: &str) -> std::result::Result<Option<bool>, String> {
        let connection = Connection::open_in_memory().unwrap();
        define(&connection).unwrap();
        let answer = connection.query_row(sql, [], |row| row.get(0));
        answer.map_err(|error| error.to_string())
    }

    /// What `regexp` of the `sqlite3` shell answers.
    #[test]
    fn patterns_mean_what_they_mean_in_the_shell() {
        let check = |pattern: &str, text: &str, expected: bool| {
            let sql = format!("SELECT '{text}' REGEXP '{pattern}'");
            assert_eq!(ask(&sql), Ok(Some(expected)), "{sql}");
        };
        check("香.", "在香港", true);
        check("^香", "在香港", false);
        check("港$", "在香港", true);
        check("香港|澳门", "澳门", true);
        check("^a.c$", "a\nc", true);
        check("^a{2,3}$", "aaa", true);
        check("^a{2,3}$", "aaaa", false);
        check("^(ab)+c?$", "abab", true);
        check("^[^a-c]$", "d", true);
        check("^[]a]$", "]", true);
        check(r"\bword\b", "a word.", true);
        check(r"\bword\b", "words", false);
        // Letters and digits are those of ASCII.
        check(r"^\w+$", "a_1", true);
        check(r"^\w$", "人", false);
        check(r"^\d+\s\S\D\W$", "12 a-!", true);
        check(r"^\u4eba\x41$", "人A", true);
        check(r"^\(\.\)$", "(.)", true);
        check("A", "a", false);
        check("", "", true);
    }

    #[test]
    fn other_values() {
        assert_eq!(ask("SELECT regexpi('HONG', 'hong kong')"), Ok(Some(true)));
        assert_eq!(ask("SELECT regexp('^1.5$', 1.5)"), Ok(Some(true)));
        assert_eq!(ask("SELECT 2024 REGEXP '^20'"), Ok(Some(true)));
        assert_eq!(ask("SELECT NULL REGEXP 'a'"), Ok(None));
        assert_eq!(ask("SELECT 'a' REGEXP NULL"), Ok(None));
    }

    /// Neither a pattern nor a text costs more than their lengths allow.
    #[test]
    fn hostile_patterns() {
        for pattern in ["(", "*", "a{2", r"\q", "[a", "a{1000}{1000}{1000}", &"(".repeat(9999)] {
            let answer = ask(&format!("SELECT 'a' REGEXP '{pattern}'"));
            assert!(answer.as_ref().is_err_and(|it| it.contains("malformed")), "{answer:?}");
        }
        let long = "'' || replace(hex(zeroblob(10000)), '0', 'a')";
        assert_eq!(ask(&format!("SELECT {long} REGEXP '^(a|a)*(a*)*b$'")), Ok(Some(false)));
        assert_eq!(ask(&format!("SELECT {long} REGEXP '(a?){{30}}a{{30}}b'")), Ok(Some(false)));
    }
}
