//! Changing rows: one writer, in batches.

pub(in crate::store) mod article;
pub(in crate::store) mod batch;
pub(in crate::store) mod fingerprint;
#[cfg(test)]
mod growth;
pub(in crate::store) mod ids;
pub(in crate::store) mod join;
mod pairs;
pub(in crate::store) mod regroup;
pub(in crate::store) mod revisions;
pub(in crate::store) mod seed_keys;
pub(in crate::store) mod settle;
pub(in crate::store) mod sighting;
pub(in crate::store) mod touched;
pub(in crate::store) mod writer;
