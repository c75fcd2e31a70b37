//! Loading many documents into `article_fts`, faster than FTS5 inserts them.
//!
//! FTS5 takes documents one by one: it looks up each token in one table of all terms, and when a
//! megabyte is full it writes that as a segment, which must be merged with others later. Here
//! documents are inverted one by one on any thread ([`Inverter`]), before it is known whether they
//! are new; [`load`] merges them and writes one segment. What it leaves in the shadow tables is byte
//! for byte what FTS5 would leave, had it room enough for all of them at once, so that FTS5 reads,
//! merges and changes it as its own, in every version.
//!
//! What there is to write (the format is described in SQLite's `fts5_index.c`):
//!
//! | table | rows | module |
//! | --- | --- | --- |
//! | `article_fts_data` | the segment's leaves: terms in order, each with its doclist | `segment` |
//! | | for a doclist of many leaves, which rowid each starts with | `segment` |
//! | | the structure record (id 10): the segments by level | `structure` |
//! | | the averages record (id 1): counts of rows and tokens | `load` |
//! | `article_fts_idx` | the leaf on which to look for a term | `segment` |
//! | `article_fts_docsize` | the tokens in each column of each document | `load` |
//!
//! It knows one kind of table and refuses all others ([`Refusal`]). It cannot change or remove what
//! the index has: that stays with FTS5.

mod doclists;
mod inverted;
mod load;
mod options;
mod segment;
mod structure;
mod term;
#[cfg(test)]
mod tests;
mod tokens;
mod varint;

pub use inverted::{Inverted, Inverter};
pub use load::load;

/// Why documents cannot be loaded, and are to be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The connection has not begun a transaction.
    NoTransaction,
    /// The connection does not let anybody write to shadow tables.
    Defensive,
    /// The table is not there, or was made with other options.
    Definition,
    /// The table's configuration has this key, or a value of it, that is not known.
    Configuration(String),
    /// The structure record is damaged.
    Structure,
    /// The averages record is damaged.
    Averages,
    /// The rowids are not in order, or one is not greater than all that the index has.
    KnownRowid,
    /// FTS5 takes no more segments.
    Full,
}

/// What a load did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    pub documents: usize,
    /// Pages written, before any merging.
    pub leaves: u64,
    /// Segments in the index, before any merging.
    pub segments: usize,
}
