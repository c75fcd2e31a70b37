//! Loading many documents into `article_fts`, faster than FTS5 inserts them.
//!
//! FTS5 takes documents one by one: it looks up each token in one table of all terms. When a megabyte is
//! full, it writes that as a segment, which must be merged with others later. Here, any thread inverts
//! documents one by one ([`Inverter`]), before it is known whether they are new; [`load()`] merges them and
//! writes one segment. The result in the shadow tables is byte for byte what FTS5 would write if it had
//! enough memory for all of them at once, so that FTS5 reads, merges and changes it as its own, in every
//! version.
//!
//! What is written (the format is described in SQLite's `fts5_index.c`):
//!
//! | table | rows | module |
//! | --- | --- | --- |
//! | `article_fts_data` | the segment's leaves: terms in order, each with its doclist | `segment` |
//! | | for a doclist of many leaves, the first rowid of each leaf | `segment` |
//! | | the structure record (id 10): the segments by level | `structure` |
//! | | the averages record (id 1): counts of rows and tokens | `load` |
//! | `article_fts_idx` | the leaf on which to look for a term | `segment` |
//! | `article_fts_docsize` | the tokens in each column of each document | `load` |
//!
//! Only one kind of table is supported; all others are refused ([`Refusal`]). Changing and removing entries
//! is left to FTS5.

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

/// Why documents cannot be loaded and must be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No transaction is open.
    NoTransaction,
    /// The connection does not allow writes to shadow tables.
    Defensive,
    /// The table does not exist, or was created with other options.
    Definition,
    /// The table's configuration has this unknown key, or an unknown value of it.
    Configuration(String),
    /// The structure record is damaged.
    Structure,
    /// The averages record is damaged.
    Averages,
    /// The rowids are not ascending, or one is not greater than all that the index has.
    KnownRowid,
    /// FTS5 takes no more segments.
    Full,
}

/// The result of a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Documents that were written.
    pub documents: usize,
    /// Pages written, before any merging.
    pub leaves: u64,
    /// Segments in the index, before any merging.
    pub segments: usize,
}
