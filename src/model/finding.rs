//! The findings of `verify`.

use super::{Place, Sha256, words};

/// A problem in an archive: something is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Which check found it.
    pub check: Check,
    /// The affected row, as table and id, if there is one.
    pub row: Option<(String, i64)>,
    /// A description of the problem.
    pub what: String,
    /// If an original is affected: information to find the file again.
    pub seed: Option<NamedSeed>,
}

/// What is still known about a seed whose row or bytes are damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedSeed {
    /// `seed.id`.
    pub id: i64,
    /// `None` if it cannot be read.
    pub sha256: Option<Sha256>,
    /// Where the file was seen.
    pub places: Vec<Place>,
}

words!(
    /// The checks of `verify`, in their order.
    Check {
        /// The header of the file.
        File => "file",
        /// SQLite's own checks: pages, records, indexes, constraints; the structure of the full-text index.
        Structure => "structure",
        /// Tables, indexes and views are as the migrations made them.
        Schema => "schema",
        /// Every row that is referred to exists.
        References => "references",
        /// Values that follow from other rows: counts, sums, consecutive numbers.
        Rows => "rows",
        /// The originals match their SHA-256.
        Originals => "originals",
        /// The rows of articles and seeds are what the originals give.
        Articles => "articles",
        /// The full-text index holds the words of the articles' rows.
        Index => "index",
    }
);

impl Finding {
    /// A finding about the database as a whole.
    pub(crate) fn new(check: Check, what: impl Into<String>) -> Self {
        Self { check, row: None, what: what.into(), seed: None }
    }

    /// A finding about one row.
    pub(crate) fn of_row(check: Check, table: &str, id: i64, what: impl Into<String>) -> Self {
        Self { row: Some((table.to_owned(), id)), ..Self::new(check, what) }
    }
}
