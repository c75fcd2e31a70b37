//! What a reader is shown of an archive, before any format: the parts of an article's text, what changed
//! between two texts, which sites need attention.

pub mod content;
pub mod diff;
pub mod health;
