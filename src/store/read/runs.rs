//! Past imports, and the files that each could not import.

use crate::error::{Error, Result};
use crate::model::{NotTaken, RunStatus, Timestamp, Untaken};
use crate::store::open::reader::Reader;
use crate::store::read::history::read_place;
use crate::store::write::writer::Writer;
use rusqlite::{Connection, OptionalExtension, Row};

/// One import, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// From 1.
    pub id: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` while it runs, or if it was killed.
    pub finished_at: Option<Timestamp>,
    /// Its status.
    pub status: RunStatus,
    /// Of the program that ran it.
    pub program_version: String,
    /// A JSON array, as given on the command line.
    pub arguments: String,
    /// As it was given.
    pub note: Option<String>,
    /// All files of the run.
    pub files_seen: u64,
    /// Of these, new articles.
    pub new: u64,
    /// Another text or title of a known article.
    pub revised: u64,
    /// Nothing new.
    pub duplicate: u64,
    /// Known, and not read.
    pub unchanged: u64,
    /// No articles.
    pub rejected: u64,
}

/// The statement that [`run_row`] reads, without its condition.
macro_rules! select_runs {
    ($which:literal) => {
        concat!(
            "SELECT id, started_at, finished_at, status, program_version, arguments, note, files_seen,
                new, revised, duplicate, unchanged, rejected
            FROM import_run ",
            $which
        )
    };
}

impl Reader {
    /// The latest imports, at most `most`, newest first.
    pub fn runs(&self, most: u64) -> Result<Vec<RunRow>> {
        const READ: &str = select_runs!("ORDER BY id DESC LIMIT ?1");
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(READ)?;
        let runs = statement.query_map([most], run_row)?;
        Ok(runs.collect::<Result<_, _>>()?)
    }

    /// One import.
    pub fn run(&self, id: i64) -> Result<RunRow> {
        const READ: &str = select_runs!("WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(READ)?;
        statement.query_row([id], run_row).optional()?.ok_or(Error::NoSuchRun(id))
    }

    /// Passes every file that a run could not import to `receive`, in the order of the run. A file that was
    /// already rejected in the same state by an earlier run has no row in this one.
    pub fn not_taken(&self, run_id: i64, receive: &mut dyn FnMut(NotTaken)) -> Result<()> {
        not_taken(&self.connection, run_id, receive)
    }
}

impl Writer {
    /// The same of the current run: the only way for a trial, whose rows nobody else sees.
    pub fn not_taken(&self, receive: &mut dyn FnMut(NotTaken)) -> Result<()> {
        not_taken(&self.connection, self.run_id, receive)
    }
}

fn not_taken(
    connection: &Connection,
    run_id: i64,
    receive: &mut dyn FnMut(NotTaken),
) -> Result<()> {
    const READ: &str = "
        SELECT g.path, g.member, r.reason, r.detail, NULL AS status_detail, g.id AS sighting_id
        FROM sighting g JOIN rejection r ON r.sighting_id = g.id WHERE g.run_id = ?1
        UNION ALL
        SELECT g.path, g.member, NULL, NULL, a.status_detail, g.id
        FROM seed s INDEXED BY seed_refused CROSS JOIN sighting g ON g.seed_id = s.id
        LEFT JOIN article a ON a.id = s.article_id AND a.seed_id = s.id
        WHERE g.run_id = ?1 AND s.status_detail IS NOT NULL AND s.status = 'unparsed'
            AND g.outcome <> 'rejected'
        ORDER BY sighting_id";
    let mut statement = connection.prepare_cached(READ)?;
    let mut rows = statement.query([run_id])?;
    while let Some(row) = rows.next()? {
        let why = match row.get("reason")? {
            Some(reason) => Untaken::Rejected { reason, detail: row.get("detail")? },
            None => Untaken::Unparsed(row.get("status_detail")?),
        };
        receive(NotTaken { place: read_place(row)?, why });
    }
    Ok(())
}

fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        id: row.get("id")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        status: row.get("status")?,
        program_version: row.get("program_version")?,
        arguments: row.get("arguments")?,
        note: row.get("note")?,
        files_seen: row.get("files_seen")?,
        new: row.get("new")?,
        revised: row.get("revised")?,
        duplicate: row.get("duplicate")?,
        unchanged: row.get("unchanged")?,
        rejected: row.get("rejected")?,
    })
}
