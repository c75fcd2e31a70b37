//! Loading: writes a segment and the records that belong to it into the shadow tables.

use super::inverted::{COLUMNS, Inverted};
use super::options::{self, Options};
use super::segment::Segment;
use super::structure::Structure;
use super::{Loaded, Refusal, varint};
use crate::error::Result;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

/// Makes a connection forget its cached parts of the index; see [`forget`].
const FORGET: &str = "INSERT INTO article_fts (article_fts) VALUES ('flush');
    SAVEPOINT article_fts; ROLLBACK TO article_fts; RELEASE article_fts";

/// The record of row and token counts.
const AVERAGES: i64 = 1;

/// The record of segments.
const STRUCTURE: i64 = 10;

/// Adds documents to `article_fts` without FTS5's help, in the open transaction of a connection that may
/// write to the index before and after. Rowids must be ascending and greater than all that the index has.
/// After a refusal, nothing has been written, and the documents should be inserted instead; after an error,
/// the transaction must be rolled back. Needs some 20 MB for 1,000 articles, in addition to the documents
/// themselves.
pub fn load(
    connection: &Connection,
    documents: &[(i64, Inverted)],
) -> Result<Result<Loaded, Refusal>> {
    if connection.is_autocommit() {
        return Ok(Err(Refusal::NoTransaction));
    }
    if connection.db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE)? {
        return Ok(Err(Refusal::Defensive));
    }
    let options = match options::read(connection)? {
        Ok(options) => options,
        Err(refusal) => return Ok(Err(refusal)),
    };
    forget(connection)?;
    if !are_new(connection, documents)? {
        return Ok(Err(Refusal::KnownRowid));
    }
    let Some(mut structure) = Structure::read(&record(connection, STRUCTURE)?) else {
        return Ok(Err(Refusal::Structure));
    };
    let Some(averages) = read_averages(&record(connection, AVERAGES)?) else {
        return Ok(Err(Refusal::Averages));
    };
    let Some(id) = structure.free_id() else {
        return Ok(Err(Refusal::Full));
    };
    if documents.is_empty() {
        return Ok(Ok(Loaded::default()));
    }
    let segment = Segment::of(documents, options.page_size);
    let leaves = segment.leaves.len() as u64;
    write_sizes(connection, documents, averages)?;
    write_segment(connection, id, &segment)?;
    if leaves > 0 {
        structure.add(id, leaves);
    }
    let due = merging_due(&mut structure, leaves, &options);
    write_record(connection, STRUCTURE, &structure.write())?;
    merge(connection, due)?;
    Ok(Ok(Loaded { documents: documents.len(), leaves, segments: structure.segment_count() }))
}

/// Makes FTS5 write its pending changes and drop its cache of the index. It caches the structure record and
/// the averages while one connection writes, since nobody else could change them. A savepoint makes it write;
/// rolling back to one makes it drop the cache. The table takes part in savepoints only after it was written
/// to, for which a command without effect is enough. Open read statements continue, unless the transaction
/// has changed the schema.
fn forget(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(FORGET)?)
}

/// Whether rowids are ascending, and greater than all in the index.
fn are_new(connection: &Connection, documents: &[(i64, Inverted)]) -> Result<bool> {
    const GREATEST: &str = "SELECT max(id) AS greatest FROM article_fts_docsize";
    let greatest: Option<i64> = connection.query_row(GREATEST, [], |row| row.get("greatest"))?;
    let rowids = greatest.into_iter().chain(documents.iter().map(|&(rowid, _)| rowid));
    Ok(rowids.is_sorted_by(|one, other| one < other))
}

fn record(connection: &Connection, id: i64) -> Result<Vec<u8>> {
    const READ: &str = "SELECT block FROM article_fts_data WHERE id = ?1";
    Ok(connection.prepare_cached(READ)?.query_row([id], |row| row.get("block"))?)
}

fn write_record(connection: &Connection, id: i64, record: &[u8]) -> Result<()> {
    const WRITE: &str = "UPDATE article_fts_data SET block = ?1 WHERE id = ?2";
    connection.prepare_cached(WRITE)?.execute((record, id))?;
    Ok(())
}

/// The counts of rows and of tokens in each column.
type Averages = [u64; 1 + COLUMNS];

/// Parses the record of counts; it is empty as long as there are no rows.
fn read_averages(record: &[u8]) -> Option<Averages> {
    let mut averages = Averages::default();
    let mut rest = record;
    for count in averages.iter_mut().filter(|_| !record.is_empty()) {
        let length;
        (*count, length) = varint::read(rest)?;
        rest = &rest[length..];
    }
    rest.is_empty().then_some(averages)
}

/// Writes the sizes of documents, and adds them to the counts.
fn write_sizes(
    connection: &Connection,
    documents: &[(i64, Inverted)],
    mut averages: Averages,
) -> Result<()> {
    const INSERT: &str = "INSERT INTO article_fts_docsize (id, sz) VALUES (?1, ?2)";
    let mut statement = connection.prepare_cached(INSERT)?;
    let mut record = Vec::new();
    for (rowid, inverted) in documents {
        averages[0] += 1;
        record.clear();
        for (size, count) in inverted.sizes.iter().zip(&mut averages[1..]) {
            varint::push(&mut record, u64::from(*size));
            *count += u64::from(*size);
        }
        statement.execute((rowid, &record))?;
    }
    record.clear();
    averages.iter().for_each(|&count| varint::push(&mut record, count));
    write_record(connection, AVERAGES, &record)
}

fn write_segment(connection: &Connection, id: u64, segment: &Segment) -> Result<()> {
    const INSERT_PAGE: &str = "INSERT INTO article_fts_data (id, block) VALUES (?1, ?2)";
    const INSERT_SPLIT: &str =
        "INSERT INTO article_fts_idx (segid, term, pgno) VALUES (?1, ?2, ?3)";
    let mut insert = connection.prepare_cached(INSERT_PAGE)?;
    for (number, leaf) in (1..).zip(&segment.leaves) {
        insert.execute((page_id(id, None, number), leaf))?;
    }
    for page in &segment.index_pages {
        insert.execute((page_id(id, Some(page.height), page.number), &page.bytes))?;
    }
    let mut insert = connection.prepare_cached(INSERT_SPLIT)?;
    for split in &segment.splits {
        let leaf = i64::from(split.leaf) << 1 | i64::from(split.is_indexed);
        insert.execute((id as i64, &split.term, leaf))?;
    }
    Ok(())
}

/// The id of a page: the segment's id, one bit that marks pages of doclist indexes, five bits for their
/// height, and 31 for the number.
fn page_id(segment: u64, height: Option<u32>, number: u32) -> i64 {
    let index = height.map_or(0, |height| 1 << 36 | i64::from(height) << 31);
    (segment as i64) << 37 | index | i64::from(number)
}

/// How many pages should be merged after `written` were written: as many as FTS5 would merge at once. Without
/// merging, each load would leave a segment; with more merging, merged pages would be merged over and over
/// again.
fn merging_due(structure: &mut Structure, written: u64, options: &Options) -> u64 {
    let due = if options.is_merging { structure.count_written(written) } else { 0 };
    if structure.crowd() < options.crisis { due } else { i32::MAX as u64 }
}

fn merge(connection: &Connection, pages: u64) -> Result<()> {
    const MERGE: &str = "INSERT INTO article_fts (article_fts, rank) VALUES ('merge', ?1)";
    if pages > 0 {
        connection.prepare_cached(MERGE)?.execute([pages.min(i32::MAX as u64) as i64])?;
    }
    Ok(())
}
