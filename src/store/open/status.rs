//! The versions of an archive, shown before anything is changed.

use crate::error::Result;
use crate::extract::EXTRACTOR_VERSION;
use crate::store::open::meta::{read_extractor, read_tokenizer};
use crate::store::open::reader::Reader;
use std::path::Path;

/// The versions of an archive, to compare with those of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaStatus {
    /// The version of its schema.
    pub schema: i64,
    /// The version of the extractor that made the rows.
    pub extractor: i64,
    /// How many seeds have rows of another extractor.
    pub seeds_to_derive: u64,
    /// The tokenizer of the full-text index; `None` if there is no complete index.
    pub tokenizer: Option<i64>,
}

impl SchemaStatus {
    /// Reads an existing archive of this program's schema or an older one; changes nothing.
    pub fn read(path: &Path) -> Result<Self> {
        const STALE: &str = "SELECT count(*) AS seeds FROM seed WHERE extractor_version <> ?1";
        let (connection, schema) = Reader::connect(path)?;
        let seeds_to_derive =
            connection.query_row(STALE, [EXTRACTOR_VERSION], |row| row.get("seeds"))?;
        Ok(Self {
            schema,
            extractor: read_extractor(&connection)?,
            seeds_to_derive,
            tokenizer: read_tokenizer(&connection)?,
        })
    }
}

/// The version of the bundled SQLite.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
