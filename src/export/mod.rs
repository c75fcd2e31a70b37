//! Writes rows, articles and seeds in the output formats; chooses safe file names; changes export folders
//! completely or not at all.

mod atom;
mod changes;
mod folder;
mod html;
mod job;
mod jsonl;
mod markdown;
mod names;
mod page_names;
mod rows;
mod seeds;
mod spreadsheet;

pub use atom::{Feed, write_atom};
pub use changes::write_changes;
pub use html::write_html;
pub use job::{ExportFormat, ExportOptions, ExportReport, export, export_to};
pub use jsonl::JsonlWriter;
pub use markdown::write_markdown;
pub use names::FileNames;
pub use rows::{RowFormat, RowWriter, cell_text, unique_names};
pub use seeds::SeedFolder;
