//! What the archive last recorded of each path, to recognise unchanged files without reading them.

use crate::error::Result;
use crate::store::open::reader::Reader;
use rusqlite::{OptionalExtension, Row};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

/// The known files of an archive, on a connection of their own: the walk asks while the writer writes.
pub struct KnownFiles {
    pub(in crate::store) reader: Reader,
    pub(in crate::store) schema_version: i64,
    below: Option<Below>,
}

/// Everything known of the files below one folder. A query for each of them would take several times as long
/// as finding the file.
struct Below {
    /// Ends in a slash.
    folder: String,
    /// By the hash of the path. To be confused, two paths would need the same hash, size and time to the
    /// nanosecond; the hash differs in each run.
    states: HashMap<u64, State>,
    hasher: RandomState,
    /// Whether any of them is a container; if not, containers are not looked up.
    has_containers: bool,
}

/// The state in which a file was last read.
struct State {
    byte_length: u64,
    modified_ns: Option<i64>,
    /// Whether it was read completely, and an equal state proves equal bytes.
    is_proof: bool,
}

impl KnownFiles {
    /// Opens its own connection. An older schema is accepted, since a dry run does not commit the migration.
    pub fn open(path: &Path) -> Result<Self> {
        let (connection, schema_version) = Reader::connect(path)?;
        let reader = Reader { connection, path: path.to_owned() };
        Ok(Self { reader, schema_version, below: None })
    }

    /// Reads what is known of the files below a folder: some 50 bytes for each.
    pub fn enter(&mut self, folder: &str) -> Result<()> {
        // "0" is the character after "/". The order is that of the index.
        const READ: &str = "SELECT path, byte_length, modified_ns,
                seed_id IS NOT NULL AND is_settled = 1 AS is_proof
            FROM sighting INDEXED BY sighting_by_path
            WHERE path > ?1 || '/' AND path < ?1 || '0' AND member IS NULL
            ORDER BY path, member, id";
        const HAS_CONTAINERS: &str =
            "SELECT 1 FROM container WHERE path > ?1 || '/' AND path < ?1 || '0' LIMIT 1";
        self.below = None;
        if !self.knows_containers() {
            return Ok(());
        }
        let folder = folder.trim_end_matches('/');
        let hasher = RandomState::new();
        let mut states = HashMap::new();
        let mut statement = self.reader.connection.prepare_cached(READ)?;
        let read = |row: &Row<'_>| -> rusqlite::Result<_> {
            let state = State {
                byte_length: row.get("byte_length")?,
                modified_ns: row.get("modified_ns")?,
                is_proof: row.get("is_proof")?,
            };
            Ok((hasher.hash_one(row.get_ref("path")?.as_bytes()?), state))
        };
        for known in statement.query_map([folder], read)? {
            let (path, state) = known?;
            // The last row counts.
            states.insert(path, state);
        }
        drop(statement);
        let has_containers = {
            let sql = self.of_containers(HAS_CONTAINERS);
            self.reader.connection.prepare_cached(&sql)?.exists([folder])?
        };
        self.below = Some(Below { folder: format!("{folder}/"), states, hasher, has_containers });
        Ok(())
    }

    /// What was read at once, if this path is below that folder.
    fn below(&self, path: &str) -> Option<&Below> {
        self.below.as_ref().filter(|below| path.starts_with(&below.folder))
    }

    /// Whether there can be a container at this path.
    pub(in crate::store) fn can_have_container(&self, path: &str) -> bool {
        self.knows_containers() && self.below(path).is_none_or(|below| below.has_containers)
    }

    /// Whether the file at this path was read completely with exactly this size and time, and a later change
    /// would show in these.
    pub fn is_unchanged(&self, path: &str, byte_length: u64, modified_ns: i64) -> Result<bool> {
        const LAST: &str = "SELECT seed_id IS NOT NULL AND is_settled = 1
                AND byte_length = ?2 AND modified_ns = ?3 AS is_unchanged
            FROM sighting WHERE path = ?1 AND member IS NULL ORDER BY id DESC LIMIT 1";
        // A file that an older program rejected is read once more; see migration 4.
        const LAST_OLDER: &str = "SELECT is_settled = 1 AND byte_length = ?2 AND modified_ns = ?3
                AND (SELECT article_id FROM seed WHERE id = seed_id) IS NOT NULL AS is_unchanged
            FROM sighting WHERE path = ?1 AND member IS NULL ORDER BY id DESC LIMIT 1";
        if let Some(below) = self.below(path) {
            return Ok(below.is_unchanged(path, byte_length, modified_ns));
        }
        let sql = if self.knows_containers() { LAST } else { LAST_OLDER };
        let mut statement = self.reader.connection.prepare_cached(sql)?;
        let found = statement
            .query_row((path, byte_length, modified_ns), |row| row.get("is_unchanged"))
            .optional()?;
        Ok(found.unwrap_or(false))
    }
}

impl Below {
    fn is_unchanged(&self, path: &str, byte_length: u64, modified_ns: i64) -> bool {
        self.states.get(&self.hasher.hash_one(path.as_bytes())).is_some_and(|state| {
            state.is_proof
                && state.byte_length == byte_length
                && state.modified_ns == Some(modified_ns)
        })
    }
}
