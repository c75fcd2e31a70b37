//! Remembers which containers were read to their end, and their size and time then.

use crate::error::Result;
use crate::model::{ReadContainer, Timestamp};
use crate::store::known::known_files::KnownFiles;
use crate::store::write::batch::Batch;
use rusqlite::{OptionalExtension, named_params};
use std::borrow::Cow;

/// The schema version that has the table.
const SINCE: i64 = 4;
/// The schema version that named it `container`; before, it was `carrier`.
const RENAMED: i64 = 10;
/// The schema version that remembers the filter.
const FILTERED: i64 = 13;

impl KnownFiles {
    /// Whether the archive's schema has the table of containers.
    pub(in crate::store) fn knows_containers(&self) -> bool {
        self.schema_version >= SINCE
    }

    /// A query of `container`, with the table's name in this archive's schema.
    pub(in crate::store) fn of_containers(&self, sql: &'static str) -> Cow<'static, str> {
        if self.schema_version < RENAMED {
            sql.replace("FROM container", "FROM carrier").into()
        } else {
            sql.into()
        }
    }

    /// How many files the container at this path counts for, if it was read to its end with exactly this size
    /// and time under this filter, and a later change would show in these.
    pub fn unchanged_members(
        &self,
        path: &str,
        byte_length: u64,
        modified_ns: i64,
        filter: &str,
    ) -> Result<Option<u64>> {
        const FIND: &str = "SELECT members FROM container WHERE path = ?1 AND byte_length = ?2
            AND modified_ns = ?3 AND filter = ?4 AND is_settled = 1";
        // Everything was read without a filter.
        const FIND_OLDER: &str = "SELECT members FROM container WHERE path = ?1
            AND byte_length = ?2 AND modified_ns = ?3 AND ?4 = '' AND is_settled = 1";
        if !self.can_have_container(path) {
            return Ok(None);
        }
        let sql = if self.schema_version < FILTERED { FIND_OLDER } else { FIND };
        let mut statement = self.reader.connection.prepare_cached(&self.of_containers(sql))?;
        let values = (path, byte_length, modified_ns, filter);
        Ok(statement.query_row(values, |row| row.get("members")).optional()?)
    }
}

impl Batch<'_> {
    /// Remembers a container whose members are all stored, in this batch or an earlier one. Only
    /// [`Members::finish`](crate::source::Members::finish) makes such a value, after the last member, and
    /// rolling the batch back removes both. A container whose time does not fit a number is read again each
    /// time.
    pub fn store_container(&mut self, container: &ReadContainer) -> Result<()> {
        const PUT: &str = "INSERT INTO container
            (run_id, path, byte_length, modified_at, modified_ns, filter, members, is_settled)
            VALUES (:run_id, :path, :byte_length, :modified_at, :modified_ns, :filter, :members,
                :is_settled)
            ON CONFLICT (path, byte_length, modified_ns, filter) DO UPDATE SET run_id = excluded.run_id,
            members = excluded.members, is_settled = excluded.is_settled";
        let origin = &container.origin;
        let Some(modified_ns) = origin.modified_ns else { return Ok(()) };
        let modified_at = Timestamp::from_nanoseconds(modified_ns);
        self.connection.prepare_cached(PUT)?.execute(named_params! {
            ":run_id": self.run_id,
            ":path": origin.place.path,
            ":byte_length": origin.byte_length,
            ":modified_at": modified_at,
            ":modified_ns": modified_ns,
            ":filter": container.filter,
            ":members": container.members,
            ":is_settled": origin.is_settled,
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open::migrate::{APPLICATION_ID, schema_of};

    #[test]
    fn a_container_is_found_under_either_table_name() {
        for version in [RENAMED - 1, RENAMED, FILTERED] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("archive.db");
            let archive = schema_of(version).unwrap();
            let name = if version < RENAMED { "carrier" } else { "container" };
            let filter = if version < FILTERED { "" } else { ", filter" };
            let no_filter = if version < FILTERED { "" } else { ", ''" };
            let sql = format!(
                "PRAGMA application_id = {APPLICATION_ID};
                 PRAGMA user_version = {version};
                 INSERT INTO import_run (id, started_at, status, program_version, arguments)
                 VALUES (1, '2024-03-01T00:00:00Z', 'complete', '0.1.0', '[]');
                 INSERT INTO {name} (run_id, path, byte_length, modified_ns, members, is_settled{filter})
                 VALUES (1, '/drop/a.tar', 10, 5, 2, 1{no_filter});
                 VACUUM INTO '{}'",
                path.to_str().unwrap()
            );
            archive.execute_batch(&sql).unwrap();
            let mut known = KnownFiles::open(&path).unwrap();
            let members =
                |known: &KnownFiles| known.unchanged_members("/drop/a.tar", 10, 5, "").unwrap();
            assert_eq!(members(&known), Some(2));
            let filtered = known.unchanged_members("/drop/a.tar", 10, 5, "{}").unwrap();
            assert_eq!(filtered, None);
            known.enter("/drop").unwrap();
            assert_eq!(members(&known), Some(2));
        }
    }
}
