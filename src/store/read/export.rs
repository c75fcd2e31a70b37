//! Reads for export: whole tables, the original bytes of every seed, and an archive of some articles.

mod excerpt;
mod tables;

pub use tables::export_tables;

use crate::error::{Error, Result};
use crate::model::{Sha256, SightingOutcome, Timestamp};
use crate::store::open::original::{read_known, verified_bytes};
use crate::store::open::reader::Reader;
use crate::store::read::filter::{ArticleFilter, is_meant};

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
