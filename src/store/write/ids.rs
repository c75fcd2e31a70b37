//! Ids for new rows.

use crate::error::Result;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// The next ids of seeds and articles, and the ids of known sites. The writer assigns ids itself where two
/// rows refer to each other; nobody else inserts while it holds the lock.
#[derive(Debug)]
pub(in crate::store) struct Ids {
    next_seed: i64,
    next_article: i64,
    sites: HashMap<String, i64>,
    is_outdated: bool,
}

impl Ids {
    pub fn read(connection: &Connection) -> Result<Self> {
        Ok(Self {
            next_seed: next_id(connection, "seed")?,
            next_article: next_id(connection, "article")?,
            sites: HashMap::new(),
            is_outdated: false,
        })
    }

    /// Notes that rows with such ids were rolled back.
    pub fn outdate(&mut self) {
        self.is_outdated = true;
    }

    /// Reads the ids again if rows were rolled back.
    pub fn refresh(&mut self, connection: &Connection) -> Result<()> {
        if self.is_outdated {
            *self = Self::read(connection)?;
        }
        Ok(())
    }

    /// An id for a new seed.
    pub fn new_seed(&mut self) -> i64 {
        self.next_seed += 1;
        self.next_seed - 1
    }

    /// An id for a new article.
    pub fn new_article(&mut self) -> i64 {
        self.next_article += 1;
        self.next_article - 1
    }

    /// The id of a site; inserts the site if it is new.
    pub fn site(&mut self, connection: &Connection, host: &str) -> Result<i64> {
        const FIND: &str = "SELECT id FROM site WHERE host = ?1";
        const INSERT: &str = "INSERT INTO site (host) VALUES (?1)";
        if let Some(&id) = self.sites.get(host) {
            return Ok(id);
        }
        let found = connection.query_row(FIND, [host], |row| row.get("id")).optional()?;
        let id = match found {
            Some(id) => id,
            None => {
                connection.execute(INSERT, [host])?;
                connection.last_insert_rowid()
            }
        };
        self.sites.insert(host.to_owned(), id);
        Ok(id)
    }
}

/// The id that the next row of a table gets.
fn next_id(connection: &Connection, table: &str) -> Result<i64> {
    const LAST: &str =
        "SELECT coalesce(max(seq), 0) + 1 AS next FROM sqlite_sequence WHERE name = ?1";
    Ok(connection.query_row(LAST, [table], |row| row.get("next"))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open::migrate::{SCHEMA_VERSION, schema_of};

    #[test]
    fn ids_of_undone_rows_are_not_used() {
        let connection = schema_of(SCHEMA_VERSION).unwrap();
        let mut ids = Ids::read(&connection).unwrap();
        assert_eq!((ids.new_seed(), ids.new_seed(), ids.new_article()), (1, 2, 1));
        connection.execute_batch("BEGIN").unwrap();
        let undone = ids.site(&connection, "undone.example").unwrap();
        assert_eq!(ids.site(&connection, "undone.example").unwrap(), undone);
        connection.execute_batch("ROLLBACK").unwrap();
        ids.outdate();
        ids.refresh(&connection).unwrap();
        assert_eq!(ids.new_seed(), 1);
        let kept = ids.site(&connection, "kept.example").unwrap();
        assert_ne!(ids.site(&connection, "undone.example").unwrap(), kept);
        let sites: i64 =
            connection.query_row("SELECT count(*) FROM site", [], |row| row.get(0)).unwrap();
        assert_eq!(sites, 2);
    }
}
