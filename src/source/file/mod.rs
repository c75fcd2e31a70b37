//! Finding files in folders, and reading one.

pub(super) mod list;
pub(super) mod read;
pub(super) mod walk;
