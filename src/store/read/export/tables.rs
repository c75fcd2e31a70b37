//! Whole tables and views, or the rows of some articles in them.

use crate::error::{Error, Result};
use crate::model::Cell;
use crate::store::open::reader::Reader;
use crate::store::read::filter::{ArticleFilter, is_meant};
use crate::store::read::sql::Answer;
use crate::store::schema::{self, AnyTable};

/// The tables and views that can be exported, by their names in the schema; views first.
pub fn export_tables() -> impl Iterator<Item = &'static str> {
    let views = schema::VIEWS.into_iter().map(|(name, _)| name);
    views.chain(schema::EXPORTED.into_iter().map(|table| table.name()))
}

/// The condition of a filter on the id of an article.
const OF_FILTER: &str = concat!(
    "IN (SELECT a.id FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE ",
    is_meant!(),
    ")"
);

impl Reader {
    /// Passes the rows of one of the [`export_tables`] to `receive`, in the order of the ids, without the body of a
    /// seed; with a filter, only those that belong to an article which it selects.
    ///
    /// Fails with [`Error::UnfilteredTable`] if a filter is given and the rows belong to no article.
    pub fn table(
        &self,
        name: &str,
        filter: &ArticleFilter,
        receive: &mut dyn FnMut(Answer<'_>) -> Result<()>,
    ) -> Result<u64> {
        let mut statement = self.connection.prepare(&select(name, !filter.is_empty())?)?;
        let values = filter.values(self)?;
        for (parameter, value) in values.named() {
            if let Some(index) = statement.parameter_index(parameter)? {
                statement.raw_bind_parameter(index, value)?;
            }
        }
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        receive(Answer::Columns(&columns))?;
        let mut rows = statement.raw_query();
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let cells: Vec<Cell<'_>> = (0..columns.len())
                .map(|index| row.get_ref(index).map(Cell::from))
                .collect::<Result<_, _>>()?;
            receive(Answer::Row(&cells))?;
            count += 1;
        }
        Ok(count)
    }
}

/// The statement that reads a table or view, filtered or not.
fn select(name: &str, is_filtered: bool) -> Result<String> {
    let unfiltered = || Error::UnfilteredTable(name.to_owned());
    if let Some((view, key)) = schema::VIEWS.into_iter().find(|(view, _)| *view == name) {
        let condition = match (is_filtered, key) {
            (false, _) => String::new(),
            (true, Some(key)) => format!("WHERE {key} {OF_FILTER}"),
            (true, None) => return Err(unfiltered()),
        };
        return Ok(format!("SELECT * FROM {view} {condition} ORDER BY 1"));
    }
    let is_meant = |table: &&dyn AnyTable| table.name() == name;
    let table = schema::EXPORTED.into_iter().find(is_meant);
    let table = table.ok_or_else(|| Error::UnknownTable(name.to_owned()))?;
    match is_filtered {
        false => Ok(table.export()),
        true if schema::OF_ARTICLES.iter().any(is_meant) => Ok(table.export_of(OF_FILTER)),
        true => Err(unfiltered()),
    }
}
