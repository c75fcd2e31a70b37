//! What the tables are, each declared once: [`Table`] and its [`Column`]s.
//!
//! A column is declared with the value that is stored in it. INSERT and UPDATE, what `verify` reads
//! and expects, what a dry run compares and what is exported all follow from the declaration.
//!
//! To add a column that follows from an article's text:
//!
//! 1. the field of [`Article`](crate::model::Article) that carries it,
//! 2. a line in the declaration of its table (`article.rs`, `seed.rs`, `text.rs`, `history.rs`), at
//!    the place that it is to have in an export,
//! 3. a migration, and the next `EXTRACTOR_VERSION`, so that older archives get its values.
//!
//! A column of `ledger.rs`, which nothing derives, is a name there; its writer has its own statement.
//! `tests.rs` compares the declarations with the migrated schema, both ways.

mod article;
mod history;
mod ledger;
mod scalar;
mod seed;
#[cfg(test)]
mod tests;
mod text;
mod values;
mod words;

pub(in crate::store) use article::{ARTICLE, AllSeeds, Current, article_of_seed};
pub(in crate::store) use history::{
    ARTICLE_URL, Address, FORMER_PARAGRAPH, FormerParagraph, REVISION, Revision, revision_of_seed,
};
pub(in crate::store) use ledger::{EXPORTED, EXPORTED_NAMES};
pub(in crate::store) use scalar::Scalar;
pub(in crate::store) use seed::{Kept, SEED, Said};
pub(in crate::store) use text::{
    AUTHOR, InText, LINK, MEDIA, PARAGRAPH, PARAGRAPHS_AT_ONCE, TAG, TextValue,
};

use crate::error::Result;
use rusqlite::types::Value;
use rusqlite::{Connection, Statement};

/// One table.
pub(in crate::store) struct Table<V: 'static> {
    pub name: &'static str,
    /// What statements over several tables call it.
    alias: &'static str,
    /// Its integer primary key, which is none of the columns.
    key: &'static str,
    columns: &'static [Column<V>],
    reading: Reading,
}

/// How the rows of a table that belong together are read.
struct Reading {
    /// To the tables that hold what its ids stand for.
    joins: &'static str,
    /// The id of the article (or, for `seed`, of the seed) that a row belongs to.
    owner: &'static str,
    order: &'static str,
}

/// One column; `V` says how its value is made.
pub(in crate::store) struct Column<V> {
    pub name: &'static str,
    pub value: V,
    compared: Compared,
    is_exported: bool,
    is_constant: bool,
}

/// How a stored value is compared with the derived one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    /// It does not follow from the originals, or from nothing else.
    Never,
    AsStored,
    /// It is an id, which nothing derives: as what it stands for, by that name and expression.
    As(&'static str, &'static str),
}

impl<V> Column<V> {
    const fn new(name: &'static str, value: V) -> Self {
        let compared = Compared::AsStored;
        Self { name, value, compared, is_exported: true, is_constant: false }
    }

    /// Not compared with what the originals give.
    const fn uncompared(mut self) -> Self {
        self.compared = Compared::Never;
        self
    }

    const fn compared_as(mut self, name: &'static str, expression: &'static str) -> Self {
        self.compared = Compared::As(name, expression);
        self
    }

    /// Kept for the program's own use.
    const fn unexported(mut self) -> Self {
        self.is_exported = false;
        self
    }

    /// Written with its row and never again.
    const fn constant(mut self) -> Self {
        self.is_constant = true;
        self
    }

    pub fn is_compared(&self) -> bool {
        self.compared != Compared::Never
    }

    fn compared_name(&self) -> &'static str {
        match self.compared {
            Compared::As(name, _) => name,
            Compared::Never | Compared::AsStored => self.name,
        }
    }
}

/// The statements of a table: built once, where they are used, for the cache of prepared ones. Values
/// are bound by their places.
impl<V> Table<V> {
    /// A row without its key, which SQLite gives.
    pub fn insert(&self) -> String {
        self.insert_many(1)
    }

    /// So many rows, one after the other.
    pub fn insert_many(&self, rows: usize) -> String {
        let names = self.names(|_| true).join(", ");
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        format!("INSERT INTO {} ({names}) VALUES {}", self.name, vec![row; rows].join(", "))
    }

    /// A row with its key, which comes first.
    pub fn insert_with_key(&self) -> String {
        let names = self.names(|_| true).join(", ");
        let values = vec!["?"; self.columns.len() + 1].join(", ");
        format!("INSERT INTO {} ({}, {names}) VALUES ({values})", self.name, self.key)
    }

    /// The columns that are meant, constant ones aside; the key comes last.
    pub fn update(&self, is_meant: impl Fn(&Column<V>) -> bool) -> String {
        self.update_by(self.key, is_meant)
    }

    /// The same by another column than the key.
    pub fn update_by(&self, key: &str, is_meant: impl Fn(&Column<V>) -> bool) -> String {
        let names = self.names(|column| !column.is_constant && is_meant(column));
        format!("UPDATE {} SET {} = ? WHERE {key} = ?", self.name, names.join(" = ?, "))
    }

    /// The columns that a SELECT of a whole row names, the key first.
    pub fn exported_columns(&self) -> String {
        let columns = [vec![self.key], self.names(|column| column.is_exported)].concat();
        let columns = columns.into_iter().map(|name| format!("{}.{name}", self.alias));
        columns.collect::<Vec<_>>().join(", ")
    }

    /// What is compared of the rows that belong to one owner, in their order.
    pub fn select_compared(&self) -> String {
        let read = |column: &Column<V>| match column.compared {
            Compared::As(_, expression) => expression.to_owned(),
            Compared::Never | Compared::AsStored => format!("{}.{}", self.alias, column.name),
        };
        let columns: Vec<String> = self.compared().map(read).collect();
        let Reading { joins, owner, order } = &self.reading;
        let (columns, name, alias) = (columns.join(", "), self.name, self.alias);
        format!("SELECT {columns} FROM {name} {alias} {joins} WHERE {owner} = ?1 ORDER BY {order}")
    }

    /// What [`Self::select_compared`] reads, by name.
    pub fn compared_names(&self) -> Vec<&'static str> {
        self.compared().map(Column::compared_name).collect()
    }

    /// The columns that are compared as they are stored.
    pub fn stored_names(&self) -> Vec<&'static str> {
        self.names(|column| column.compared == Compared::AsStored)
    }

    fn compared(&self) -> impl Iterator<Item = &'static Column<V>> {
        self.columns.iter().filter(|column| column.is_compared())
    }

    fn names(&self, is_meant: impl Fn(&Column<V>) -> bool) -> Vec<&'static str> {
        self.columns.iter().filter(|column| is_meant(column)).map(|column| column.name).collect()
    }
}

/// The values of a row, of which `of` makes one.
impl<V> Table<V> {
    /// All of them, in the order of the columns.
    pub fn values<'a>(&self, of: impl Fn(&V) -> Scalar<'a>) -> impl Iterator<Item = Scalar<'a>> {
        self.columns.iter().map(move |column| of(&column.value))
    }

    /// Those that an UPDATE writes.
    pub fn changing_values<'a>(
        &self,
        of: impl Fn(&V) -> Scalar<'a>,
    ) -> impl Iterator<Item = Scalar<'a>> {
        let columns = self.columns.iter().filter(|column| !column.is_constant);
        columns.map(move |column| of(&column.value))
    }

    /// Those that are compared.
    pub fn compared_values<'a>(&self, of: impl Fn(&V) -> Scalar<'a>) -> Vec<Value> {
        self.compared().map(|column| of(&column.value).into()).collect()
    }
}

/// A table, whatever its values are made of.
pub(in crate::store) trait AnyTable: Sync {
    fn name(&self) -> &'static str;

    /// All columns, the key first.
    #[cfg(test)]
    fn all_names(&self) -> Vec<&'static str>;

    /// What an export has of the rows that are meant, in the order of their keys.
    fn export(&self, joins_and_condition: &str) -> String;
}

impl<V: Sync> AnyTable for Table<V> {
    fn name(&self) -> &'static str {
        self.name
    }

    #[cfg(test)]
    fn all_names(&self) -> Vec<&'static str> {
        [vec![self.key], self.names(|_| true)].concat()
    }

    fn export(&self, joins_and_condition: &str) -> String {
        let Self { name, alias, key, .. } = self;
        let columns = self.exported_columns();
        format!("SELECT {columns} FROM {name} {alias} {joins_and_condition} ORDER BY {alias}.{key}")
    }
}

/// Prepares a statement, or finds it prepared, and runs it; see [`run`].
pub(in crate::store) fn execute<'a>(
    connection: &Connection,
    sql: &str,
    values: impl Iterator<Item = Scalar<'a>>,
) -> Result<usize> {
    run(&mut *connection.prepare_cached(sql)?, values)
}

/// Runs a statement with values in the order of its parameters; the number of rows that it changed.
pub(in crate::store) fn run<'a>(
    statement: &mut Statement<'_>,
    values: impl Iterator<Item = Scalar<'a>>,
) -> Result<usize> {
    for (at, value) in values.enumerate() {
        statement.raw_bind_parameter(at + 1, value)?;
    }
    Ok(statement.raw_execute()?)
}
