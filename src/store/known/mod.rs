//! What was imported before and need not be read again: files, containers, git histories.

pub(in crate::store) mod containers;
pub(in crate::store) mod known_files;
pub(in crate::store) mod repository;
