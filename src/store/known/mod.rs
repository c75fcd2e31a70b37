//! What was read before, by which it need not be read again.

pub(in crate::store) mod containers;
pub(in crate::store) mod known_files;
pub(in crate::store) mod repository;
