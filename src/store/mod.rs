//! The archive: one SQLite file. Only this floor knows SQL.
//!
//! `open/` leads from a file to a connection, `schema/` declares the tables, `write/` changes rows, `index/`
//! keeps the full-text index up to date, `known/` remembers what need not be read again, `read/` answers
//! readers, `check/` answers `verify`.

mod check;
mod index;
mod known;
mod open;
mod read;
mod schema;
mod write;

pub use check::derived_rows::{PackedSeed, StoredArticle, StoredSeed};
pub use check::term_check::{IndexedWords, StoredText, Unicode61, Words};
pub use check::verify::Inspector;
pub use index::fts5;
pub use index::keeper::IndexWriting;
pub use known::known_files::KnownFiles;
pub use known::repository::KnownHistory;
pub use open::backup::{Copied, CopyMark, CopyOptions};
pub use open::lock::{LockWait, WriterLock};
pub use open::migrate::{APPLICATION_ID, Migration, SCHEMA_VERSION};
pub use open::reader::Reader;
pub use open::status::{SchemaStatus, sqlite_version};
pub use read::article_records::Bytes;
pub use read::changes::{ChangeFilter, ChangeRow};
pub use read::export::{KeptSeed, export_tables};
pub use read::filter::{ArticleFilter, WhichRun, language_of};
pub use read::health::{MonthRecord, SiteRecord};
pub use read::history::{NamedArticle, RevisionRow, SeedStory, SightingStory};
pub use read::runs::RunRow;
pub use read::search::{Hit, Order, Removal, Search};
pub use read::selection::{ArticleHead, ArticleOrder, Selection};
pub use read::shares::{Grouping, Share, ShareGroup};
pub use read::sql::{Answer, QueryEnd, QueryLimits, limit_process_memory};
pub use read::stats::{Counted, Stats, Storage, Totals};
pub use read::tables::{ColumnStory, TableStory, own_tables};
pub use write::batch::{Batch, Committed, Derive, Settled};
pub use write::fingerprint::ArticleState;
pub use write::regroup::StaleSeed;
pub use write::sighting::{NewSighting, Stored};
pub use write::writer::Writer;
