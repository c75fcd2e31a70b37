//! The full-text index.

pub mod fts5;
pub(in crate::store) mod keeper;
