//! Files and folders: finding them, and reading one.

pub(super) mod list;
pub(super) mod read;
pub(super) mod walk;
