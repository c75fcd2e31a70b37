//! What a reader is shown of an archive, before any output format: an article and the parts of its text, the
//! text of a revision, a diff of two revisions, the health of sites.
//!
//! An [`ArticleView`] is made from stored rows, from the bytes of a revision or from a file. The terminal and
//! all exports for readers are written from it.

mod article;
pub mod content;
pub mod diff;
pub mod health;
mod revision;
mod time;
mod words;

pub use crate::model::ArticleView;
pub use revision::{RevisionView, named_revision, revision};
pub use time::KnownTime;
pub use words::{counted, grouped, is_unsafe_to_show};
