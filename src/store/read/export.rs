//! Reads for export: whole tables, the original bytes of every seed, and an archive of some articles.

mod excerpt;

use crate::error::{Error, Result};
use crate::model::{Cell, Sha256, SightingOutcome, Timestamp};
use crate::store::open::original::{read_known, verified_bytes};
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

/// A seed whose bytes are stored, with the name of its file.
#[derive(Debug)]
pub struct KeptSeed {
    /// `seed.id`.
    pub id: i64,
    /// Of the bytes.
    pub sha256: Sha256,
    /// Byte for byte as read.
    pub bytes: Vec<u8>,
    /// Where it was first seen: the member of a container, otherwise the path.
    pub path: String,
    /// Its outcome when it was first seen; `None` if none is recorded.
    pub outcome: Option<SightingOutcome>,
    /// The earliest evidence that the bytes existed.
    pub observed_at: Option<Timestamp>,
}

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

    /// Passes seeds to `receive` one at a time, in the order of the ids: those of the articles that match the
    /// filter, and without a filter those of rejected files too. Seeds whose bytes are not stored are left
    /// out.
    ///
    /// Fails with [`Error::DamagedSeed`] if bytes do not match their SHA-256.
    pub fn originals(
        &self,
        filter: &ArticleFilter,
        receive: &mut dyn FnMut(KeptSeed) -> Result<()>,
    ) -> Result<()> {
        // A member of a repository has its commit before its path.
        const READ: &str = concat!(
            "SELECT s.id, s.sha256, s.byte_length, s.codec, s.body, s.observed_at,
                CASE WHEN g.object_id IS NULL THEN coalesce(g.member, g.path, '')
                    ELSE substr(g.member, instr(g.member, ':') + 1) END AS path,
                g.outcome
            FROM seed s
            LEFT JOIN article a ON a.id = s.article_id
            LEFT JOIN site t ON t.id = a.site_id
            LEFT JOIN sighting g
                ON g.id = (SELECT min(first.id) FROM sighting first WHERE first.seed_id = s.id)
            WHERE s.body IS NOT NULL AND ",
            is_meant!(),
            " ORDER BY s.id"
        );
        let mut statement = self.connection.prepare(READ)?;
        let values = filter.values(self)?;
        let mut rows = statement.query(&values.named()[..])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get("id")?;
            let bytes = verified_bytes(row)?.ok_or(Error::DamagedSeed(id))?;
            receive(KeptSeed {
                id,
                sha256: row.get("sha256")?,
                bytes,
                path: row.get("path")?,
                outcome: row.get("outcome")?,
                observed_at: read_known(row, "observed_at")?,
            })?;
        }
        Ok(())
    }

    /// How many of these seeds [`Reader::originals`] leaves out because their bytes are not stored: binary
    /// files, and files of a git history that are not articles.
    pub fn seeds_without_bytes(&self, filter: &ArticleFilter) -> Result<u64> {
        const COUNT: &str = concat!(
            "SELECT count(*) AS seeds FROM seed s
             LEFT JOIN article a ON a.id = s.article_id
             LEFT JOIN site t ON t.id = a.site_id
             WHERE s.body IS NULL AND ",
            is_meant!()
        );
        let values = filter.values(self)?;
        let mut statement = self.connection.prepare(COUNT)?;
        Ok(statement.query_row(&values.named()[..], |row| row.get("seeds"))?)
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
