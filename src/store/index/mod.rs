//! The full-text index: `keeper` updates it with the rows, `fts5` loads many articles into it at once.

pub mod fts5;
pub(in crate::store) mod keeper;
