//! What the archive last knew of a place, by which an unchanged file is told without reading it.

use crate::error::Result;
use crate::store::open::reader::Reader;
use rusqlite::{OptionalExtension, Row};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

/// The archive's knowledge of places, on a connection of its own: the walk asks while the writer
/// writes.
pub struct KnownFiles {
    pub(in crate::store) reader: Reader,
    pub(in crate::store) schema_version: i64,
    below: Option<Below>,
}

/// All that is known of the files below one folder: asking the database for each of them takes
/// several times as long as finding it.
struct Below {
    /// Ends in a slash.
    folder: String,
    /// By the hash of the path. Two paths would have to share it, and their size and time to the
    /// nanosecond, for one to be taken for the other; the hash is another one in each run.
    states: HashMap<u64, State>,
    hasher: RandomState,
    /// Whether any of them is a container: if not, none need be asked for.
    has_containers: bool,
}

/// The state in which a file was read last.
struct State {
    byte_length: u64,
    modified_ns: Option<i64>,
    /// Whether it was read whole, and an equal state proves equal bytes.
    is_proof: bool,
}

impl KnownFiles {
    /// Opens its own connection. An older schema will do: a dry run does not migrate for good.
    pub fn open(path: &Path) -> Result<Self> {
        let (connection, schema_version) = Reader::connect(path)?;
        let reader = Reader { connection, path: path.to_owned() };
        Ok(Self { reader, schema_version, below: None })
    }

    /// Reads at once what is known of the files below a folder: some 50 bytes for each.
    pub fn enter(&mut self, folder: &str) -> Result<()> {
        // "0" comes right after "/". The order is the index's own.
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
            // The last one counts.
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

    /// What was read at once, if it is of the folder that this path is below.
    fn below(&self, path: &str) -> Option<&Below> {
        self.below.as_ref().filter(|below| path.starts_with(&below.folder))
    }

    /// Whether there can be a container at this path.
    pub(in crate::store) fn can_have_container(&self, path: &str) -> bool {
        self.knows_containers() && self.below(path).is_none_or(|below| below.has_containers)
    }

    /// Whether the file at this path was read whole in just this size and time, and would show it
    /// if it had been changed since.
    pub fn is_unchanged(&self, path: &str, byte_length: u64, modified_ns: i64) -> Result<bool> {
        const LAST: &str = "SELECT seed_id IS NOT NULL AND is_settled = 1
                AND byte_length = ?2 AND modified_ns = ?3 AS is_unchanged
            FROM sighting WHERE path = ?1 AND member IS NULL ORDER BY id DESC LIMIT 1";
        // What was no article to an older program is looked at once more; see migration 4.
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
