//! Reading for export: whole tables, and the original bytes of every seed.

use super::filter::is_meant;
use super::writer::verified_bytes;
use super::{Answer, ArticleFilter, Reader};
use crate::error::{Error, Result};
use crate::model::{Cell, Sha256, Timestamp};

/// The tables that can be exported, by the names of the schema.
pub const EXPORT_TABLES: [&str; 16] = [
    "article",
    "paragraph",
    "link",
    "media",
    "tag",
    "revision",
    "former_paragraph",
    "article_url",
    "article_merged",
    "site",
    "sighting",
    "rejection",
    "seed",
    "carrier",
    "repository_history",
    "import_run",
];

/// Each table's statement, in the order of [`EXPORT_TABLES`]; only the first can be filtered.
const TABLE_STATEMENTS: [&str; 16] = [
    concat!(
        "SELECT a.id, a.site_id, a.url, a.canonical_url, a.title, a.title_raw, a.author,
            a.dateline, a.script, a.language, a.published_at, a.published_precision, a.updated_at,
            a.status, a.status_detail,
            a.text_sha256, a.seed_id, a.revision_count, a.paragraph_count, a.char_count,
            a.first_seen_at, a.last_seen_at, a.extractor_version
         FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE ",
        is_meant!(),
        " ORDER BY a.id"
    ),
    "SELECT id, article_id, position, kind, level, marker, text, is_content
     FROM paragraph ORDER BY id",
    "SELECT id, article_id, paragraph_id, position, kind, url, href, text, host, is_internal
     FROM link ORDER BY id",
    "SELECT id, article_id, paragraph_id, position, kind, url, src, alt, caption
     FROM media ORDER BY id",
    "SELECT id, article_id, position, name, kind FROM tag ORDER BY id",
    "SELECT id, article_id, sequence, seed_id, title, status, text_sha256, published_at,
        observed_at, change
     FROM revision ORDER BY id",
    "SELECT id, revision_id, position, kind, text FROM former_paragraph ORDER BY id",
    "SELECT id, canonical_url, article_id, url FROM article_url ORDER BY id",
    "SELECT old_id, article_id, run_id FROM article_merged ORDER BY old_id",
    "SELECT id, host FROM site ORDER BY id",
    "SELECT id, run_id, seed_id, path, member, byte_length, modified_at, modified_ns, observed_at,
        outcome, matched_by, is_settled, object_id
     FROM sighting ORDER BY id",
    "SELECT id, sighting_id, reason, detail FROM rejection ORDER BY id",
    "SELECT id, sha256, byte_length, codec, format, encoding, article_id, site_id, url,
        canonical_url, title, published_at, published_precision, published_text, text_sha256,
        text_length, status, status_detail, observed_at, extractor_version
     FROM seed ORDER BY id",
    "SELECT id, run_id, path, byte_length, modified_at, modified_ns, members, is_settled
     FROM carrier ORDER BY id",
    "SELECT id, path, pattern, tip, boundary, members FROM repository_history ORDER BY id",
    "SELECT id, started_at, finished_at, status, program_version, arguments, note, files_seen,
        new, revised, duplicate, unchanged, rejected
     FROM import_run ORDER BY id",
];

/// A seed whose bytes are kept, with what its file was called.
#[derive(Debug)]
pub struct KeptSeed {
    pub id: i64,
    pub sha256: Sha256,
    /// Byte for byte as it was read.
    pub bytes: Vec<u8>,
    /// Where it was first seen: the member where there is one, else the path.
    pub path: String,
    /// What it came to when it was first seen.
    pub outcome: String,
    pub observed_at: Option<Timestamp>,
}

impl Reader {
    /// Hands out one of the [`EXPORT_TABLES`], a row at a time, in the order of the ids. A seed's
    /// body is left out.
    ///
    /// Fails with [`Error::UnfilteredTable`] where a filter is to leave out rows of another table
    /// than `article`.
    pub fn table(
        &self,
        name: &str,
        filter: &ArticleFilter,
        receive: &mut dyn FnMut(Answer<'_>) -> Result<()>,
    ) -> Result<u64> {
        let index = EXPORT_TABLES.iter().position(|table| *table == name);
        let index = index.ok_or_else(|| Error::UnknownTable(name.to_owned()))?;
        if name != "article" && *filter != ArticleFilter::default() {
            return Err(Error::UnfilteredTable(name.to_owned()));
        }
        let mut statement = self.connection.prepare(TABLE_STATEMENTS[index])?;
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

    /// Hands out the seeds of the articles that are meant, and without a filter the others too,
    /// one at a time, in the order of the ids; but for those whose bytes are not kept.
    ///
    /// Fails with [`Error::DamagedSeed`] where the bytes no longer have their SHA-256.
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
                coalesce(g.outcome, '') AS outcome
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
            let observed_at: Option<String> = row.get("observed_at")?;
            let bytes = verified_bytes(row)?.ok_or(Error::DamagedSeed(id))?;
            receive(KeptSeed {
                id,
                sha256: row.get("sha256")?,
                bytes,
                path: row.get("path")?,
                outcome: row.get("outcome")?,
                observed_at: observed_at.and_then(|time| time.parse().ok()),
            })?;
        }
        Ok(())
    }

    /// How many of these seeds [`Reader::originals`] leaves out, as their bytes are not kept: binary
    /// files, and what is no article in a git history.
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
        let count: i64 = statement.query_row(&values.named()[..], |row| row.get("seeds"))?;
        Ok(count as u64)
    }
}
