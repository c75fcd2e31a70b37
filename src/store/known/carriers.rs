//! What is remembered of carriers of many: that they were read to their end, and in which state.

use crate::error::Result;
use crate::model::{ReadCarrier, Timestamp};
use crate::store::known::known_files::KnownFiles;
use crate::store::write::batch::Batch;
use rusqlite::{OptionalExtension, named_params};

/// The schema version that has the table.
const SINCE: i64 = 4;

impl KnownFiles {
    /// Whether the archive was written by a program that knows carriers.
    pub(in crate::store) fn knows_carriers(&self) -> bool {
        self.schema_version >= SINCE
    }

    /// How many files the carrier at this path counts for, if it was read to its end in just this
    /// size and time, and would show it if it had been changed since.
    pub fn unchanged_members(
        &self,
        path: &str,
        byte_length: u64,
        modified_ns: i64,
    ) -> Result<Option<u64>> {
        const FIND: &str = "SELECT members FROM carrier WHERE path = ?1 AND byte_length = ?2
            AND modified_ns = ?3 AND is_settled = 1";
        if !self.can_have_carrier(path) {
            return Ok(None);
        }
        let mut statement = self.reader.connection.prepare_cached(FIND)?;
        let found = statement.query_row((path, byte_length, modified_ns), |row| row.get("members"));
        Ok(found.optional()?)
    }
}

impl Batch<'_> {
    /// Remembers a carrier of which all members were stored, in this batch or an earlier one: only
    /// [`Members::finish`](crate::source::Members::finish) makes such a value, after the last member, and
    /// a batch that is undone takes both with it. One whose time no number holds is read again each time.
    pub fn store_carrier(&mut self, carrier: &ReadCarrier) -> Result<()> {
        const PUT: &str = "INSERT INTO carrier
            (run_id, path, byte_length, modified_at, modified_ns, members, is_settled)
            VALUES (:run_id, :path, :byte_length, :modified_at, :modified_ns, :members, :is_settled)
            ON CONFLICT (path, byte_length, modified_ns) DO UPDATE SET run_id = excluded.run_id,
            members = excluded.members, is_settled = excluded.is_settled";
        let origin = &carrier.origin;
        let Some(modified_ns) = origin.modified_ns else { return Ok(()) };
        let modified_at = Timestamp::from_nanoseconds(modified_ns);
        self.connection.prepare_cached(PUT)?.execute(named_params! {
            ":run_id": self.run_id,
            ":path": origin.path,
            ":byte_length": origin.byte_length,
            ":modified_at": modified_at,
            ":modified_ns": modified_ns,
            ":members": carrier.members,
            ":is_settled": origin.is_settled,
        })?;
        Ok(())
    }
}
