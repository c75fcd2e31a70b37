//! The options of a table, and which tables can be loaded.

use super::Refusal;
use crate::error::Result;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

/// The options that the table must be created with.
const ARGUMENTS: [(&str, &str); 4] = [
    ("body", ""),
    ("title", ""),
    ("content", "''"),
    ("tokenize", "'unicode61 remove_diacritics 2'"),
];

/// The version of the format; 5 is left by a secure delete.
const VERSION: i64 = 4;

const PAGE_SIZE: usize = 4_050;

/// A page that starts with a long term can be this much larger than its limit, and two bytes hold the
/// position of its footer.
const LARGEST_PAGE_SIZE: i64 = 32_768;

/// See [`Options::crisis`].
const CRISIS: usize = 16;

/// The parts of a table's configuration that matter to a load.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Size of a leaf, in bytes.
    pub page_size: usize,
    /// Whether writing a segment also merges segments.
    pub is_merging: bool,
    /// Where a level has this many segments, they are merged at once.
    pub crisis: usize,
}

/// The options of `article_fts`, or why it cannot be loaded.
pub fn read(connection: &Connection) -> Result<Result<Options, Refusal>> {
    const DEFINITION: &str = "SELECT sql FROM sqlite_schema WHERE name = 'article_fts'";
    const CONFIGURATION: &str = "SELECT k, v FROM article_fts_config";
    let definition: Option<String> =
        connection.query_row(DEFINITION, [], |row| row.get("sql")).optional()?;
    if !definition.is_some_and(|definition| is_known(&definition)) {
        return Ok(Err(Refusal::Definition));
    }
    let mut options = Options { page_size: PAGE_SIZE, is_merging: true, crisis: CRISIS };
    let mut version = None;
    let mut statement = connection.prepare_cached(CONFIGURATION)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key: String = row.get("k")?;
        match (key.as_str(), row.get_ref("v")?) {
            ("version", ValueRef::Integer(value)) => version = Some(value),
            ("pgsz", ValueRef::Integer(value @ 32..=LARGEST_PAGE_SIZE)) => {
                options.page_size = value as usize;
            }
            ("automerge", ValueRef::Integer(value)) => options.is_merging = value != 0,
            ("crisismerge", ValueRef::Integer(value @ 2..)) => options.crisis = value as usize,
            ("usermerge" | "hashsize" | "rank", _) => {}
            _ => return Ok(Err(Refusal::Configuration(key))),
        }
    }
    Ok(match version {
        Some(VERSION) => Ok(options),
        _ => Err(Refusal::Configuration("version".to_owned())),
    })
}

/// Whether a table was created exactly as this module expects, ignoring white space and comments.
fn is_known(definition: &str) -> bool {
    let lines = definition.lines().map(|line| line.split_once("--").map_or(line, |(sql, _)| sql));
    let definition = lines.collect::<Vec<_>>().join(" ");
    let Some((head, arguments)) = definition.split_once('(') else {
        return false;
    };
    let Some(arguments) = arguments.trim_end().strip_suffix(')') else {
        return false;
    };
    let arguments = arguments.split(',').map(|argument| {
        let (key, value) = argument.split_once('=').unwrap_or((argument, ""));
        (key.trim(), value.trim())
    });
    head.split_whitespace().eq(["CREATE", "VIRTUAL", "TABLE", "article_fts", "USING", "fts5"])
        && arguments.eq(ARGUMENTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Writer;

    #[test]
    fn the_table_of_an_archive() {
        let writer = Writer::open_temporary().unwrap();
        let options = Options { page_size: PAGE_SIZE, is_merging: true, crisis: CRISIS };
        assert_eq!(read(&writer.connection).unwrap(), Ok(options));
    }
}
