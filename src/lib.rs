//! Saved news articles become one SQLite file: every byte kept, duplicates found, text normalised.

pub mod error;
pub mod format;
pub mod model;
pub mod normalize;

pub use error::{Error, Result};
