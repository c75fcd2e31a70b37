//! Queries for readers of an archive.

pub(in crate::store) mod article_records;
pub(in crate::store) mod changes;
pub(in crate::store) mod common_words;
pub(in crate::store) mod export;
pub(in crate::store) mod filter;
pub(in crate::store) mod health;
pub(in crate::store) mod history;
pub(in crate::store) mod runs;
pub(in crate::store) mod search;
pub(in crate::store) mod selection;
pub(in crate::store) mod shares;
pub(in crate::store) mod sql;
pub(in crate::store) mod stats;
pub(in crate::store) mod tables;
