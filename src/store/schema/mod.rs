//! The tables, each declared once as a [`Table`] with its [`Column`]s.
//!
//! A column is declared with the value that is stored in it. INSERT and UPDATE, the rows that `verify` reads
//! and expects, the comparison of a dry run and the exported tables all follow from the declaration.
//!
//! To add a column that follows from an article's text, add
//!
//! 1. a field to [`Article`](crate::model::Article) that carries it,
//! 2. a line to the declaration of its table (`article.rs`, `seed.rs`, `text.rs`, `history.rs`), at the
//!    position that it gets in an export,
//! 3. a migration, and the next `EXTRACTOR_VERSION`, so that older archives get its values.
//!
//! A column of `ledger.rs`, which nothing derives, is only a name there; a separate statement writes it.
//! `tests.rs` compares the declarations with the migrated schema, in both directions.

mod about;
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

pub(in crate::store) use about::ABOUT;
pub(in crate::store) use article::{ARTICLE, AllSeeds, Current, article_of_seed};
pub(in crate::store) use history::{
    ARTICLE_URL, Address, FORMER_PARAGRAPH, FormerParagraph, REVISION, Revision, revision_of_seed,
};
pub(in crate::store) use ledger::{EXPORTED, NUMBERED, OF_ARTICLES, REMEMBERED, VIEWS};
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
    /// Its alias in statements over several tables.
    alias: &'static str,
    /// Its integer primary key, which is not one of `columns`.
    key: &'static str,
    columns: &'static [Column<V>],
    reading: Reading,
}

/// How the rows that belong together are read.
struct Reading {
    /// Joins with the tables that its ids refer to.
    joins: &'static str,
    /// The id of the article that a row belongs to; for tables that are not of articles, of the row.
    owner: &'static str,
    order: &'static str,
}

/// One column; `V` is how its value is made.
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
    /// Never: it does not follow from the originals, or not from them alone.
    Never,
    AsStored,
    /// By what it refers to, since nothing derives an id: the name and the expression of that value.
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

    /// For the program's own use.
    const fn unexported(mut self) -> Self {
        self.is_exported = false;
        self
    }

    /// Written with its row and never changed.
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

/// The statements of a table. Each is built once, by the code that runs it, for the cache of prepared
/// statements. Values are bound by position.
impl<V> Table<V> {
    /// Inserts a row without its key, which SQLite assigns.
    pub fn insert(&self) -> String {
        self.insert_many(1)
    }

    /// Inserts several rows.
    pub fn insert_many(&self, rows: usize) -> String {
        let names = self.names(|_| true).join(", ");
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        format!("INSERT INTO {} ({names}) VALUES {}", self.name, vec![row; rows].join(", "))
    }

    /// Inserts a row with its key, which comes first.
    pub fn insert_with_key(&self) -> String {
        let names = self.names(|_| true).join(", ");
        let values = vec!["?"; self.columns.len() + 1].join(", ");
        format!("INSERT INTO {} ({}, {names}) VALUES ({values})", self.name, self.key)
    }

    /// Updates the chosen columns, except constant ones; the key comes last.
    pub fn update(&self, is_meant: impl Fn(&Column<V>) -> bool) -> String {
        self.update_by(self.key, is_meant)
    }

    /// Updates by another column than the key.
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

    /// Selects columns of the rows whose owner fulfils a condition, in the order of their keys.
    fn rows_of(&self, columns: &str, condition: &str) -> String {
        let Self { name, alias, key, reading: Reading { joins, owner, .. }, .. } = self;
        format!(
            "SELECT {columns} FROM {name} {alias} {joins} WHERE {owner} {condition}
             ORDER BY {alias}.{key}"
        )
    }

    /// Selects the compared columns of the rows that belong to one owner, in order.
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

    /// The names of the columns that [`Self::select_compared`] reads.
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

/// The values of a row; `of` makes the value of one column.
impl<V> Table<V> {
    /// All values, in the order of the columns.
    pub fn values<'a>(&self, of: impl Fn(&V) -> Scalar<'a>) -> impl Iterator<Item = Scalar<'a>> {
        self.columns.iter().map(move |column| of(&column.value))
    }

    /// The values that an UPDATE writes.
    pub fn changing_values<'a>(
        &self,
        of: impl Fn(&V) -> Scalar<'a>,
    ) -> impl Iterator<Item = Scalar<'a>> {
        let columns = self.columns.iter().filter(|column| !column.is_constant);
        columns.map(move |column| of(&column.value))
    }

    /// The values that are compared.
    pub fn compared_values<'a>(&self, of: impl Fn(&V) -> Scalar<'a>) -> Vec<Value> {
        self.compared().map(|column| of(&column.value).into()).collect()
    }
}

/// A table, whatever the type of its values.
pub(in crate::store) trait AnyTable: Sync {
    fn name(&self) -> &'static str;

    /// All columns, the key first.
    fn all_names(&self) -> Vec<&'static str>;

    /// Selects the exported columns of all rows, in the order of their keys.
    fn export(&self) -> String;

    /// The same of rows whose owner fulfils a condition, such as `IN (1, 2)`.
    fn export_of(&self, condition: &str) -> String;

    /// Selects all columns of such rows, in the order of [`Self::all_names`].
    fn select_of(&self, condition: &str) -> String;
}

impl<V: Sync> AnyTable for Table<V> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn all_names(&self) -> Vec<&'static str> {
        [vec![self.key], self.names(|_| true)].concat()
    }

    fn export(&self) -> String {
        let Self { name, alias, key, .. } = self;
        let columns = self.exported_columns();
        format!("SELECT {columns} FROM {name} {alias} ORDER BY {alias}.{key}")
    }

    fn export_of(&self, condition: &str) -> String {
        self.rows_of(&self.exported_columns(), condition)
    }

    fn select_of(&self, condition: &str) -> String {
        let columns = self.all_names().into_iter().map(|name| format!("{}.{name}", self.alias));
        self.rows_of(&columns.collect::<Vec<_>>().join(", "), condition)
    }
}

/// Prepares a statement, or takes it from the cache, and runs it; see [`run`].
pub(in crate::store) fn execute<'a>(
    connection: &Connection,
    sql: &str,
    values: impl Iterator<Item = Scalar<'a>>,
) -> Result<usize> {
    run(&mut *connection.prepare_cached(sql)?, values)
}

/// Runs a statement with values in the order of its parameters; returns the number of changed rows.
pub(in crate::store) fn run<'a>(
    statement: &mut Statement<'_>,
    values: impl Iterator<Item = Scalar<'a>>,
) -> Result<usize> {
    for (at, value) in values.enumerate() {
        statement.raw_bind_parameter(at + 1, value)?;
    }
    Ok(statement.raw_execute()?)
}
