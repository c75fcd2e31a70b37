//! The subcommands, one file each.

pub mod backup;
pub mod changes;
pub mod completions;
pub mod counts;
pub mod diff;
pub mod explain;
pub mod export;
pub mod have;
pub mod health;
pub mod history;
pub mod import;
pub mod man;
pub mod migrate;
pub mod plot;
pub mod reextract;
pub mod runs;
pub mod schema;
pub mod search;
pub mod shares;
pub mod show;
pub mod sql;
pub mod stats;
pub mod verify;
pub mod versions;
