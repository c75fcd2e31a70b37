//! What the archive knows of git repositories: which blobs at which places, and how much of each history.

use crate::error::Result;
use crate::model::{ObjectId, Sha256};
use crate::store::known::known_files::KnownFiles;
use crate::store::write::batch::Batch;
use rusqlite::named_params;

/// A history that was imported completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHistory {
    /// Path of the repository.
    pub path: String,
    /// The pattern of the paths that were imported; empty for all.
    pub pattern: String,
    /// Which of these were asked for: empty for all, or a JSON object.
    pub filter: String,
    /// The commit up to which it was imported.
    pub tip: ObjectId,
    /// Identifies where a shallow clone ends; `None` for a full clone.
    pub boundary: Option<Sha256>,
    /// How many file versions in it have a seed.
    pub members: u64,
}

/// The schema version that has the columns and the table.
const SINCE: i64 = 5;
/// The schema version that remembers the filter.
const FILTERED: i64 = 13;

impl KnownFiles {
    fn knows_repositories(&self) -> bool {
        self.schema_version >= SINCE
    }

    /// The histories of a repository that were imported under this pattern and filter, and with this boundary.
    pub fn histories(
        &self,
        path: &str,
        pattern: &str,
        filter: &str,
        boundary: Option<Sha256>,
    ) -> Result<Vec<KnownHistory>> {
        const READ: &str = "SELECT tip, members FROM repository_history
            WHERE path = ?1 AND pattern = ?2 AND boundary IS ?3 AND filter = ?4";
        const READ_OLDER: &str = "SELECT tip, members FROM repository_history
            WHERE path = ?1 AND pattern = ?2 AND boundary IS ?3 AND ?4 = ''";
        if !self.knows_repositories() {
            return Ok(Vec::new());
        }
        let sql = if self.schema_version < FILTERED { READ_OLDER } else { READ };
        let mut statement = self.reader.connection.prepare_cached(sql)?;
        let mut rows = statement.query((path, pattern, boundary, filter))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(tip) = ObjectId::from_bytes(row.get("tip")?) else { continue };
            let [path, pattern, filter] = [path, pattern, filter].map(str::to_owned);
            let members = row.get("members")?;
            found.push(KnownHistory { path, pattern, filter, tip, boundary, members });
        }
        Ok(found)
    }

    /// Whether this blob was read at this place. Nothing can change that.
    pub fn has_member(&self, path: &str, member: &str, id: &ObjectId) -> Result<bool> {
        const FIND: &str = "SELECT id FROM sighting WHERE path = ?1 AND member = ?2
            AND object_id = ?3 AND seed_id IS NOT NULL AND is_settled = 1 LIMIT 1";
        if !self.knows_repositories() {
            return Ok(false);
        }
        let mut statement = self.reader.connection.prepare_cached(FIND)?;
        Ok(statement.exists((path, member, id))?)
    }

    /// Whether the outcome of the blob is known. Not if another extractor rejected it and its bytes were not
    /// stored.
    pub fn has_object(&self, id: &ObjectId) -> Result<bool> {
        const FIND: &str = "SELECT g.id FROM sighting g JOIN seed s ON s.id = g.seed_id
            WHERE g.object_id = ?1 AND g.is_settled = 1 AND (s.article_id IS NOT NULL OR EXISTS (
                SELECT 1 FROM sighting o JOIN rejection r ON r.sighting_id = o.id
                WHERE o.seed_id = s.id)) LIMIT 1";
        if !self.knows_repositories() {
            return Ok(false);
        }
        let mut statement = self.reader.connection.prepare_cached(FIND)?;
        Ok(statement.exists([id])?)
    }

    /// Whether a file of this repository's history was rejected and its bytes are not stored. Binary files do
    /// not count; their bytes are never stored.
    pub fn lacks_bytes(&self, path: &str) -> Result<bool> {
        const FIND: &str = "SELECT g.id FROM sighting g JOIN seed s ON s.id = g.seed_id
            JOIN rejection r ON r.sighting_id = g.id
            WHERE g.path = ?1 AND g.object_id IS NOT NULL AND s.body IS NULL
              AND r.reason <> 'binary' LIMIT 1";
        if !self.knows_repositories() {
            return Ok(false);
        }
        Ok(self.reader.connection.prepare_cached(FIND)?.exists([path])?)
    }

    /// The members of a repository that were seen but never read, in no order. Commits beyond the limit for
    /// one commit are left out, since they stay beyond it.
    pub fn unread_members(&self, path: &str) -> Result<Vec<String>> {
        // Uses the index of seeds, not of paths: few sightings have no seed.
        const READ: &str = "SELECT DISTINCT g.member FROM sighting g
            WHERE +g.path = ?1 AND g.seed_id IS NULL AND g.object_id IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM rejection r WHERE r.sighting_id = g.id
                AND (r.reason = 'resource' OR instr(g.member, ':') = 0 AND r.reason = 'too_large'))
              AND NOT EXISTS (SELECT 1 FROM sighting o WHERE o.path = g.path
                AND o.member = g.member AND o.object_id = g.object_id AND o.seed_id IS NOT NULL)";
        if !self.knows_repositories() {
            return Ok(Vec::new());
        }
        let mut statement = self.reader.connection.prepare_cached(READ)?;
        let members = statement.query_map([path], |row| row.get("member"))?;
        Ok(members.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Remembers an imported history. Earlier tips stay, since a rewritten history may continue from one of
    /// them.
    pub fn remember_history(&mut self, history: &KnownHistory) -> Result<()> {
        const REMEMBER: &str = "INSERT INTO repository_history
            (path, pattern, filter, tip, boundary, members)
            VALUES (:path, :pattern, :filter, :tip, :boundary, :members)
            ON CONFLICT (path, pattern, filter, tip)
            DO UPDATE SET boundary = excluded.boundary, members = excluded.members";
        self.connection.prepare_cached(REMEMBER)?.execute(named_params! {
            ":path": history.path,
            ":pattern": history.pattern,
            ":filter": history.filter,
            ":tip": history.tip,
            ":boundary": history.boundary,
            ":members": history.members,
        })?;
        Ok(())
    }
}
