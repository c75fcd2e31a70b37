use super::{Place, Sha256, words};

/// Something in an archive that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    /// The row it is about, as table and id, where it is about one.
    pub row: Option<(String, i64)>,
    /// What is wrong, in words.
    pub what: String,
    /// Where it is about an original: what helps to find the file again.
    pub seed: Option<NamedSeed>,
}

/// What is still known of a seed whose row or bytes are damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSeed {
    pub id: i64,
    /// Where it can be read at all.
    pub sha256: Option<Sha256>,
    /// Where the file was seen.
    pub places: Vec<Place>,
}

words!(
    /// The checks of `verify`, in the order in which they are made.
    Check {
        /// The head of the file, before any page.
        File => "file",
        /// SQLite's own: pages, records, indexes, constraints; the structure of the full-text index.
        Structure => "structure",
        /// Tables, indexes and views as the migrations made them.
        Schema => "schema",
        /// Every row that is named exists.
        References => "references",
        /// What follows from other rows: counts, sums, numbers in sequence.
        Rows => "rows",
        /// The originals have their SHA-256.
        Originals => "originals",
        /// The rows of articles and seeds are what the originals give.
        Articles => "articles",
        /// The full-text index holds the words of the articles' rows.
        Index => "index",
    }
);

impl Finding {
    /// About the database as a whole.
    pub fn new(check: Check, what: impl Into<String>) -> Self {
        Self { check, row: None, what: what.into(), seed: None }
    }

    /// About one row.
    pub fn of_row(check: Check, table: &str, id: i64, what: impl Into<String>) -> Self {
        Self { row: Some((table.to_owned(), id)), ..Self::new(check, what) }
    }
}
