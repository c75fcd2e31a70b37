//! Finding damage in an archive.

pub(in crate::store) mod derived_rows;
pub(in crate::store) mod invariants;
pub(in crate::store) mod term_check;
pub(in crate::store) mod verify;
