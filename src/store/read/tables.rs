//! The tables and views of an archive, with the comments of their declarations, for those who write SQL.

use crate::error::{Error, Result};
use crate::search::nearest;
use crate::store::open::migrate::{SCHEMA_VERSION, schema_of};
use crate::store::open::reader::Reader;
use crate::store::schema::ABOUT;
use std::collections::HashMap;
use std::path::PathBuf;

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableStory {
    /// Its name in SQL.
    pub name: String,
    /// `table`, `view` or `index`: that of the full text.
    pub kind: &'static str,
    /// What a row of it is; `None` for what a user added.
    pub about: Option<&'static str>,
    /// In order.
    pub columns: Vec<ColumnStory>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnStory {
    /// Its name in SQL.
    pub name: String,
    /// As declared; empty for an expression of a view.
    pub value_type: String,
    /// Whether it is, or is part of, the primary key.
    pub is_key: bool,
    /// Whether it can be NULL.
    pub is_nullable: bool,
    /// The table whose id it is.
    pub refers_to: Option<String>,
    /// What the declaration says about it.
    pub comment: Option<String>,
}

/// The tables and views of an archive of this program's version.
pub fn own_tables() -> Result<Vec<TableStory>> {
    let connection = schema_of(SCHEMA_VERSION)?;
    Reader { connection, path: PathBuf::new() }.tables(None)
}

impl Reader {
    /// All tables and views by name, tables first, without SQLite's own; or the one with this name.
    ///
    /// Fails with [`Error::UnknownName`] if there is none.
    pub fn tables(&self, name: Option<&str>) -> Result<Vec<TableStory>> {
        const TABLES: &str = "SELECT l.name AS name, l.type AS kind, s.sql AS sql
            FROM pragma_table_list l JOIN sqlite_schema s ON s.name = l.name
            WHERE l.schema = 'main' AND l.type IN ('table', 'view', 'virtual')
              AND l.name NOT LIKE 'sqlite~_%' ESCAPE '~'
            ORDER BY l.type = 'view', l.name";
        let transaction = self.connection.unchecked_transaction()?;
        let mut statement = self.connection.prepare_cached(TABLES)?;
        let rows = statement.query_map([], |row| {
            let kind: String = row.get("kind")?;
            Ok((row.get::<_, String>("name")?, kind, row.get::<_, String>("sql")?))
        })?;
        let found: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
        let is_meant = |(found, ..): &&(String, String, String)| {
            name.is_none_or(|name| name.eq_ignore_ascii_case(found))
        };
        let tables = found.iter().filter(is_meant).map(|(name, kind, sql)| {
            let kind = match kind.as_str() {
                "view" => "view",
                "virtual" => "index",
                _ => "table",
            };
            let about = ABOUT.iter().find(|(one, _)| one == name).map(|(_, about)| *about);
            let columns = self.columns(name, sql, kind == "view")?;
            Ok(TableStory { name: name.clone(), kind, about, columns })
        });
        let tables = tables.collect::<Result<Vec<_>>>()?;
        transaction.finish()?;
        match name {
            Some(name) if tables.is_empty() => Err(Error::UnknownName {
                what: "table or view",
                name: name.to_owned(),
                nearest: nearest(name, found.iter().map(|(name, ..)| name.as_str()))
                    .map(Into::into),
            }),
            _ => Ok(tables),
        }
    }

    fn columns(&self, table: &str, declaration: &str, is_view: bool) -> Result<Vec<ColumnStory>> {
        const COLUMNS: &str =
            "SELECT c.cid AS number, c.name AS name, c.type AS type, c.pk > 0 AS is_key,
                c.\"notnull\" OR c.pk > 0 AS is_full, k.\"table\" AS refers_to
            FROM pragma_table_info(?1) c
            LEFT JOIN pragma_foreign_key_list(?1) k ON k.\"from\" = c.name ORDER BY c.cid";
        let of_view = if is_view { view_comments(declaration) } else { HashMap::new() };
        let comments = if is_view { Vec::new() } else { comments(declaration) };
        let mut statement = self.connection.prepare_cached(COLUMNS)?;
        let rows = statement.query_map([table], |row| {
            let name: String = row.get("name")?;
            let number: usize = row.get("number")?;
            let comment = comments.iter().find(|(column, _)| *column == name);
            let comment = comment.map(|(_, comment)| comment);
            Ok(ColumnStory {
                comment: comment.or_else(|| of_view.get(&number)).cloned(),
                name,
                value_type: row.get("type")?,
                is_key: row.get("is_key")?,
                is_nullable: !row.get::<_, bool>("is_full")?,
                refers_to: row.get("refers_to")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Fails with [`Error::UnknownName`] if no import has seen a document of this host.
    pub(in crate::store) fn check_site(&self, host: &str) -> Result<()> {
        const IS_KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM site WHERE host = ?1)";
        const HOSTS: &str = "SELECT host FROM site ORDER BY id";
        let is_known =
            self.connection.prepare_cached(IS_KNOWN)?.query_row([host], |row| row.get(0))?;
        if is_known {
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached(HOSTS)?;
        let hosts = statement.query_map([], |row| row.get("host"))?;
        let hosts: Vec<String> = hosts.collect::<rusqlite::Result<_>>()?;
        let nearest = nearest(host, hosts.iter().map(String::as_str)).map(str::to_owned);
        Err(Error::UnknownName { what: "site", name: host.to_owned(), nearest })
    }

    /// The name most like one that SQLite did not find; a column is looked for in the tables that the statement
    /// mentions, if it mentions any.
    pub(in crate::store) fn nearest_in_sql(
        &self,
        is_column: bool,
        name: &str,
        sql: &str,
    ) -> Option<String> {
        let tables = self.tables(None).ok()?;
        let names = |tables: &[TableStory]| -> Vec<String> {
            tables.iter().map(|table| table.name.clone()).collect()
        };
        let is_word = |one: char| one.is_alphanumeric() || one == '_';
        let is_mentioned = |table: &&TableStory| {
            sql.split(|one| !is_word(one)).any(|word| word.eq_ignore_ascii_case(&table.name))
        };
        let candidates = if is_column {
            let columns = |table: &TableStory| -> Vec<String> {
                table.columns.iter().map(|column| column.name.clone()).collect()
            };
            let mentioned: Vec<String> =
                tables.iter().filter(is_mentioned).flat_map(columns).collect();
            if mentioned.is_empty() { tables.iter().flat_map(columns).collect() } else { mentioned }
        } else {
            names(&tables)
        };
        nearest(name, candidates.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// The comments in the declaration of a view, by the number of the column: all that stand behind the beginning of its
/// expression and before that of the next, outside parentheses.
fn view_comments(declaration: &str) -> HashMap<usize, String> {
    let mut found: HashMap<usize, String> = HashMap::new();
    let (mut depth, mut begun, mut is_expected, mut rest) = (0, 0, false, declaration);
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest, first);
        let (token, behind) = rest.split_at(length);
        rest = behind;
        let is_outside = depth == 0;
        depth += i32::from(first == '(') - i32::from(first == ')');
        match first {
            _ if !is_outside || first.is_whitespace() => {}
            ',' => is_expected = true,
            '-' | '/' if length > 1 && begun == 0 => {}
            '-' | '/' if length > 1 => add_comment(found.entry(begun - 1).or_default(), token),
            _ if is_expected => {
                begun += 1;
                is_expected = false;
            }
            _ if token.eq_ignore_ascii_case("SELECT") => is_expected = begun == 0,
            _ if token.eq_ignore_ascii_case("FROM") => break,
            _ => {}
        }
    }
    found
}

/// Appends the text of a comment.
fn add_comment(comment: &mut String, token: &str) {
    let text = token.trim_start_matches(['-', '/', '*']).trim_end_matches(['*', '/']);
    let between = if comment.is_empty() { "" } else { " " };
    comment.push_str(&format!("{between}{}", text.trim()));
}

/// The comments in a declaration by column: all that stand behind the beginning of its definition and before
/// that of the next. Several are joined.
fn comments(declaration: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let (mut depth, mut is_expected, mut rest) = (0, false, declaration);
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest, first);
        let (token, behind) = rest.split_at(length);
        rest = behind;
        match first {
            '(' => {
                depth += 1;
                is_expected |= depth == 1;
            }
            ')' => depth -= 1,
            ',' if depth == 1 => is_expected = true,
            '-' | '/' if length > 1 => {
                if let Some((_, comment)) = found.last_mut() {
                    add_comment(comment, token);
                }
            }
            _ if is_expected && !first.is_whitespace() => {
                let name = token.trim_matches(['"', '`', '[', ']']);
                found.push((name.to_owned(), String::new()));
                is_expected = false;
            }
            _ => {}
        }
    }
    found.retain(|(_, comment)| !comment.is_empty());
    found
}

/// The length of the token that a text begins with: a comment, a quoted name or text, a word, or one character.
fn token_length(text: &str, first: char) -> usize {
    let until = |end: &str, from: usize| {
        text[from..].find(end).map_or(text.len(), |at| from + at + end.len())
    };
    let is_word = |one: char| one.is_alphanumeric() || one == '_';
    match first {
        '-' if text.starts_with("--") => until("\n", 2),
        '/' if text.starts_with("/*") => until("*/", 2),
        '\'' | '"' | '`' => until(&first.to_string(), 1),
        '[' => until("]", 1),
        _ if is_word(first) => text.find(|one| !is_word(one)).unwrap_or(text.len()),
        _ => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_and_view_is_described_once() {
        let mut names: Vec<String> = Vec::new();
        for table in own_tables().unwrap() {
            assert!(table.about.is_some(), "{}", table.name);
            names.push(table.name);
        }
        names.sort();
        assert_eq!(names, ABOUT.map(|(name, _)| name));
    }

    #[test]
    fn comments_of_views() {
        let declaration = "CREATE VIEW a AS -- of nothing\n
            SELECT x.id, -- of the first, or\n -- not
                   count(*) -- of the second
                   AS n, (SELECT text, /* no */ 1 FROM c) AS text /* of the third */,
                   d /* of the fourth */ FROM b -- of nothing, either";
        let found = view_comments(declaration);
        let expected = ["of the first, or not", "of the second", "of the third", "of the fourth"];
        assert_eq!(found, expected.map(str::to_owned).into_iter().enumerate().collect());
        for broken in ["", "SELECT", "SELECT (", "SELECT ,--", ")) SELECT 人, /*", "FROM"] {
            view_comments(broken);
        }
    }

    #[test]
    fn comments_belong_to_the_column_before_them() {
        let declaration = "CREATE TABLE \"a\" ( -- of nothing\n
            id INTEGER PRIMARY KEY,
            kind TEXT CHECK (kind IN ('--x', 'a,b')), -- one, or\n
                                     -- the other
            \"text\" TEXT /* it's (here) */
            , late TEXT /* `x`; NULL if none */, none TEXT) STRICT";
        let found = comments(declaration);
        let expected =
            [("kind", "one, or the other"), ("text", "it's (here)"), ("late", "`x`; NULL if none")];
        assert_eq!(found, expected.map(|(name, comment)| (name.to_owned(), comment.to_owned())));
        for broken in ["", "(", "CREATE VIEW a AS SELECT 1", "(a '", "(a /*", "(a --", "人("] {
            comments(broken);
        }
    }
}
