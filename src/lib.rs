//! Imports saved news articles into one SQLite file: every byte is kept, duplicates are found, text is
//! normalised.
//!
//! ```
//! use seedbank::import::{ImportOptions, import};
//!
//! let folder = tempfile::tempdir()?;
//! let mut options = ImportOptions::new(["seeds"]);
//! options.note = Some("first drop".into());
//! let report = import(&folder.path().join("archive.db"), &options, &mut |_| {})?;
//! assert_eq!(report.unchanged, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The library returns data and typed errors; it never prints, exits or reads the environment.

#![cfg_attr(not(test), warn(clippy::print_stdout, clippy::print_stderr))]

pub mod backup;
pub mod derive;
mod encoding;
pub mod error;
pub mod export;
pub mod extract;
pub mod files;
pub mod format;
pub mod import;
pub mod model;

pub mod reextract;
mod sameness;
pub mod search;
pub mod source;
pub mod store;
pub mod verify;
pub mod view;

pub use error::{Error, QueryProblem, Result, SqlRefusal};
