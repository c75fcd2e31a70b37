//! A new archive with some articles of another one, and everything that belongs to them.
//!
//! Rows are copied as they are stored, table by table, by the declarations of the schema. Importing the originals
//! again would lose when and where each was seen.

use crate::error::{Error, Result};
use crate::files::Taken;
use crate::model::StopFlag;
use crate::store::index::keeper::IndexKeeper;
use crate::store::open::backup::{is_whole, make_copy};
use crate::store::open::meta::{MAKING_KEY, VERSION_KEY};
use crate::store::open::migrate;
use crate::store::open::reader::{Reader, open, stop_by};
use crate::store::read::filter::ArticleFilter;
use crate::store::read::selection::Selection;
use crate::store::schema::{AnyTable, NUMBERED, OF_ARTICLES, REMEMBERED};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement};
use std::collections::BTreeMap;
use std::path::Path;

/// What an excerpt needs besides the rows of [`OF_ARTICLES`], by table: the seeds of an article, where they were
/// seen and why they were rejected there, by which import, in which container.
const NEEDED: &str = "
    SELECT 'site' AS name, site_id AS id FROM article WHERE id = ?1
    UNION SELECT 'site', site_id FROM seed WHERE article_id = ?1
    UNION SELECT 'seed', id FROM seed WHERE article_id = ?1
    UNION SELECT 'sighting', g.id FROM seed s JOIN sighting g ON g.seed_id = s.id
        WHERE s.article_id = ?1
    UNION SELECT 'rejection', r.id FROM seed s JOIN sighting g ON g.seed_id = s.id
        JOIN rejection r ON r.sighting_id = g.id WHERE s.article_id = ?1
    UNION SELECT 'import_run', g.run_id FROM seed s JOIN sighting g ON g.seed_id = s.id
        WHERE s.article_id = ?1
    UNION SELECT 'import_run', run_id FROM article_merged WHERE article_id = ?1
    UNION SELECT 'container', c.id FROM seed s JOIN sighting g ON g.seed_id = s.id
        JOIN container c ON c.path = g.path WHERE s.article_id = ?1 AND g.member IS NOT NULL
    UNION SELECT 'import_run', c.run_id FROM seed s JOIN sighting g ON g.seed_id = s.id
        JOIN container c ON c.path = g.path WHERE s.article_id = ?1 AND g.member IS NOT NULL";

/// What depends on the other articles. A container may have further members, so it is to be read again; a history is
/// not copied at all. An import that is under way is over in the copy.
const ADJUST: &str = "
    UPDATE container SET is_settled = 0;
    UPDATE import_run SET status = 'interrupted' WHERE status = 'running';
    UPDATE import_run SET unchanged = 0,
        new = (SELECT count(*) FROM sighting WHERE run_id = import_run.id AND outcome = 'new'),
        revised = (SELECT count(*) FROM sighting WHERE run_id = import_run.id AND outcome = 'revised'),
        duplicate =
            (SELECT count(*) FROM sighting WHERE run_id = import_run.id AND outcome = 'duplicate'),
        rejected =
            (SELECT count(*) FROM sighting WHERE run_id = import_run.id AND outcome = 'rejected');
    UPDATE import_run SET files_seen = new + revised + duplicate + unchanged + rejected;
    UPDATE site SET name = (SELECT site_name FROM article
        WHERE site_id = site.id AND site_name IS NOT NULL
        GROUP BY site_name ORDER BY count(*) DESC, site_name LIMIT 1);";

impl Reader {
    /// Writes the selected articles into a new archive, with all of their seeds, revisions and sightings, a full-text
    /// index and an identity of its own; returns their number. The archive gets its name once it is complete, checked
    /// and synced to disk.
    ///
    /// Articles keep their ids, and so do the rows of their texts and revisions. Seeds, sightings, rejections, imports
    /// and sites are numbered anew, in their order: an archive has no gaps in these.
    pub fn write_excerpt(
        &self,
        filter: &ArticleFilter,
        destination: &Path,
        taken: Taken,
        stop: &StopFlag,
    ) -> Result<u64> {
        let (_, articles) = make_copy(&self.path, destination, taken, |temporary| {
            self.on_one_state(|reader| reader.fill_excerpt(filter, temporary, stop))
        })?;
        Ok(articles)
    }

    fn fill_excerpt(
        &self,
        filter: &ArticleFilter,
        temporary: &Path,
        stop: &StopFlag,
    ) -> Result<u64> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut to = open(temporary, flags)?;
        stop_by(&mut to, stop)?;
        // Nothing beside the file, and nothing synced before it is complete: if this process dies, it is worthless.
        to.pragma_update(None, "journal_mode", "MEMORY")?;
        to.pragma_update(None, "synchronous", "OFF")?;
        // Rows refer to rows that are copied later; the finished copy is checked.
        to.pragma_update(None, "foreign_keys", false)?;
        to.pragma_update(None, "cache_size", -32_768)?;
        migrate::prepare(&to, temporary)?;
        to.execute_batch("BEGIN")?;
        migrate::migrate(&to, 0)?;
        let excerpt = Excerpt { from: self, to: &to, ids: self.needed(filter)? };
        excerpt.copy()?;
        let articles = excerpt.ids["article"].len() as u64;
        IndexKeeper::new(&to, false)?.fill(&to)?;
        to.execute_batch("COMMIT")?;
        to.pragma_update(None, "journal_mode", "DELETE")?;
        if !is_whole(&to)? {
            return Err(Error::DamagedCopy(self.path.clone()));
        }
        to.close().map_err(|(_, error)| error)?;
        Ok(articles)
    }

    /// The ids of the articles and of what they need, by table, in order.
    fn needed(&self, filter: &ArticleFilter) -> Result<BTreeMap<String, Vec<i64>>> {
        let selection = Selection { filter: filter.clone(), ..Selection::default() };
        let mut ids = BTreeMap::from([("article".to_owned(), Vec::new())]);
        let mut needed = self.connection.prepare(NEEDED)?;
        self.article_ids(&selection, &mut |article_id| {
            let mut rows = needed.query([article_id])?;
            while let Some(row) = rows.next()? {
                let (name, id): (String, Option<i64>) = (row.get("name")?, row.get("id")?);
                ids.entry(name).or_default().extend(id);
            }
            ids.entry("article".to_owned()).or_default().push(article_id);
            Ok(())
        })?;
        for ids in ids.values_mut() {
            ids.sort_unstable();
            ids.dedup();
        }
        Ok(ids)
    }
}

/// An archive that is being filled from another one.
struct Excerpt<'a> {
    from: &'a Reader,
    to: &'a Connection,
    ids: BTreeMap<String, Vec<i64>>,
}

impl Excerpt<'_> {
    fn copy(&self) -> Result<()> {
        for table in OF_ARTICLES {
            self.copy_rows(table, self.ids_of("article"))?;
        }
        for table in NUMBERED.into_iter().chain(REMEMBERED) {
            self.copy_rows(table, self.ids_of(table.name()))?;
        }
        self.copy_settings()?;
        Ok(self.to.execute_batch(ADJUST)?)
    }

    fn ids_of(&self, table: &str) -> &[i64] {
        self.ids.get(table).map_or(&[], Vec::as_slice)
    }

    /// Copies the rows that belong to these owners.
    fn copy_rows(&self, table: &dyn AnyTable, owners: &[i64]) -> Result<()> {
        let mut read = self.from.connection.prepare(&table.select_of("= ?1"))?;
        let names = table.all_names();
        let parameters = vec!["?"; names.len()].join(", ");
        let sql =
            format!("INSERT INTO {} ({}) VALUES ({parameters})", table.name(), names.join(", "));
        let mut write = self.to.prepare(&sql)?;
        let numbers: Vec<Option<&[i64]>> =
            names.iter().map(|name| self.numbers(table, name)).collect();
        for owner in owners {
            let mut rows = read.query([owner])?;
            while let Some(row) = rows.next()? {
                for (at, numbers) in numbers.iter().enumerate() {
                    self.bind(&mut write, at + 1, row.get_ref(at)?, *numbers)?;
                }
                write.raw_execute()?;
            }
        }
        Ok(())
    }

    /// The ids whose places are the new numbers of a column's values; `None` for a column that stays as it is.
    fn numbers(&self, table: &dyn AnyTable, column: &str) -> Option<&[i64]> {
        let referred = match column {
            "id" => table.name(),
            "run_id" => "import_run",
            _ => column.strip_suffix("_id")?,
        };
        NUMBERED.iter().any(|table| table.name() == referred).then(|| self.ids_of(referred))
    }

    fn bind(
        &self,
        write: &mut Statement<'_>,
        at: usize,
        value: ValueRef<'_>,
        numbers: Option<&[i64]>,
    ) -> Result<()> {
        let value = match (value, numbers) {
            (ValueRef::Integer(id), Some(numbers)) => {
                // Everything that a row of an intact archive refers to was collected.
                let place = numbers.binary_search(&id);
                let place = place.map_err(|_| Error::DamagedCopy(self.from.path.clone()))?;
                ToSqlOutput::Owned(Value::Integer(place as i64 + 1))
            }
            (value, _) => ToSqlOutput::Borrowed(value),
        };
        Ok(write.raw_bind_parameter(at, value)?)
    }

    /// Copies which version made the rows, and the last ids that were given, so that no later article of the copy gets
    /// the id of one that was left out.
    fn copy_settings(&self) -> Result<()> {
        const META: &str = "SELECT key, value FROM meta WHERE key NOT IN ('archive_id', ?1, ?2)";
        const PUT: &str = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)";
        const LAST: &str = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
        const FORGET: &str = "DELETE FROM sqlite_sequence WHERE name = ?1";
        const SET: &str = "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)";
        let mut settings = self.from.connection.prepare(META)?;
        let mut rows = settings.query([VERSION_KEY, MAKING_KEY])?;
        while let Some(row) = rows.next()? {
            let setting: (String, String) = (row.get("key")?, row.get("value")?);
            self.to.execute(PUT, setting)?;
        }
        let mut last = self.from.connection.prepare(LAST)?;
        for table in OF_ARTICLES {
            let mut rows = last.query([table.name()])?;
            while let Some(row) = rows.next()? {
                self.to.execute(FORGET, [table.name()])?;
                self.to.execute(SET, (table.name(), row.get::<_, i64>("seq")?))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open::migrate::{SCHEMA_VERSION, schema_of};
    use crate::store::schema::EXPORTED;

    /// A history says that all of its commits were read, which no excerpt can say.
    #[test]
    fn every_table_is_copied_or_left_out_on_purpose() {
        let copied: Vec<&str> =
            OF_ARTICLES.iter().chain(&NUMBERED).chain(&REMEMBERED).map(|it| it.name()).collect();
        for table in EXPORTED {
            let is_copied = copied.contains(&table.name());
            assert_ne!(is_copied, table.name() == "repository_history", "{}", table.name());
        }
    }

    /// Columns are known by their names.
    #[test]
    fn every_reference_to_a_numbered_row_is_renumbered() {
        const KEYS: &str = "SELECT t.name, k.\"from\", k.\"table\"
            FROM sqlite_schema t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table'";
        let connection = schema_of(SCHEMA_VERSION).unwrap();
        let mut statement = connection.prepare(KEYS).unwrap();
        let keys = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let keys: Vec<(String, String, String)> = keys.unwrap().collect::<Result<_, _>>().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(crate::store::Writer::open(&path, std::time::Duration::ZERO).unwrap());
        let from = Reader::open(&path).unwrap();
        for (at, (table, column, referred)) in keys.into_iter().enumerate() {
            // The place of the referred table shows that its ids are meant.
            let ids = BTreeMap::from([(referred.clone(), vec![at as i64])]);
            let excerpt = Excerpt { from: &from, to: &connection, ids };
            let Some(table) = EXPORTED.into_iter().find(|it| it.name() == table) else { continue };
            let expected = NUMBERED.iter().any(|it| it.name() == referred);
            let expected = expected.then(|| vec![at as i64]);
            let found = excerpt.numbers(table, &column).map(<[i64]>::to_vec);
            assert_eq!(found, expected, "{}.{column}", table.name());
        }
    }
}
