//! Imports saved news articles into one SQLite file: every byte is kept, duplicates are found, text is
//! normalised.
//!
//! ```
//! use seedbank::{Archive, ImportOptions, Search};
//!
//! let folder = tempfile::tempdir()?;
//! let mut archive = Archive::at(folder.path().join("news.db"));
//! let report = archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
//! assert_eq!(report.files_seen, report.new + report.revised + report.duplicate + report.rejected);
//! for hit in archive.search(&Search::of("雨")?)? {
//!     println!("{} {}", hit.article_id, hit.title);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Archive`] has all operations on an archive; [`extract_document`] reads a document without one. The other
//! types are:
//!
//! - **options** of each job: [`ImportOptions`] with [`NewDocument`], [`GitSource`] and [`PageAddress`];
//!   [`Search`] with [`ArticleFilter`] and [`Query`]; [`QueryLimits`], [`ExportOptions`], [`VerifyOptions`],
//!   [`BackupOptions`], [`ReextractOptions`]. They have defaults and methods `with_…`, and their fields can
//!   be set; a later version may add some. A [`StopFlag`] ends each long job early;
//! - **reports** of what a job did: [`ImportReport`], [`Hit`], [`ExportReport`], [`VerifyReport`] with each
//!   [`Finding`], [`BackupReport`], [`ReextractReport`]; [`Progress`] and [`VerifyProgress`] on the way;
//! - **nouns**: an [`ArticleView`] is text in [`Block`]s, with [`Link`]s, [`Media`] and [`Tag`]s; it has
//!   [revisions](RevisionRow). Columns with a fixed set of words are enums here, with
//!   `as_str` and `ALL`: [`Status`], [`BlockKind`], [`Reason`] and others;
//! - **errors**: [`Error`], one for all jobs. A rejected document is not an error, but a
//!   [`Rejection`].
//!
//! The library returns data and typed errors; it never prints, exits or reads the environment. The
//! feature `cli` is the program: without it, no package for the terminal is compiled. Without `archives`, tar,
//! zip, gz and zst are rejected. `docs/` describes formats, tables and limits; `examples/` has programs.

#![cfg_attr(not(test), warn(clippy::print_stdout, clippy::print_stderr))]
// Code for archives is also in modules that are compiled without them.
#![cfg_attr(not(feature = "archives"), allow(dead_code, unused_imports))]

mod archive;
mod backup;
mod chart;
mod derive;
mod encoding;
mod error;
mod export;
mod extract;
mod files;
mod format;
mod import;
#[doc(hidden)]
pub mod internals;
mod model;
mod reextract;
mod sameness;
mod search;
mod source;
mod store;
mod verify;
mod view;

pub use archive::{Archive, extract_document};
pub use error::{DatabaseError, DatabaseErrorKind, Error, QueryProblem, Result, SqlRefusal};

// Options.
pub use backup::BackupOptions;
/// A day, for filters; from the package chrono.
pub use chrono::NaiveDate;
pub use export::{ExportFormat, ExportOptions};
pub use import::{GitSource, ImportOptions, NewDocument, PageAddress};
pub use model::{StopFlag, UtcOffset};
pub use reextract::ReextractOptions;
pub use search::Query;
pub use source::{ImportFilter, MalformedGlob};
pub use store::{ArticleFilter, IndexWriting, Order, QueryLimits, Search, WhichRun};
pub use verify::{Subset, VerifyOptions};

// Reports.
pub use backup::BackupReport;
pub use export::ExportReport;
pub use model::{Check, Finding, ImportReport, NamedSeed, Progress, RepositoryReport, RunStatus};
pub use reextract::{ArticleChange, ReextractReport};
pub use search::Snippet;
pub use store::{Answer, Copied, Hit, QueryEnd, Removal};
pub use verify::{LeftOut, VerifyProgress, VerifyReport};

// Nouns.
pub use model::{
    ArticleView, Author, AuthorRole, Block, BlockKind, Cell, Change, Format, Language, Link,
    LinkKind, Media, MediaKind, MediaRole, PageLimit, Place, Precision, Reason, Rejection,
    RevisionRecord, Script, Sha256, Status, Tag, TagKind, Timestamp, UnknownWord, UrlRecord,
};
pub use store::RevisionRow;
pub use view::KnownTime;
