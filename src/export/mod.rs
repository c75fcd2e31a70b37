//! Rows, articles and seeds to bytes: the output formats, names that are safe to write, and folders
//! that change only when all of an export is there.

mod atom;
mod folder;
mod html;
mod jsonl;
mod markdown;
mod names;
mod page_names;
mod rows;
mod seeds;
mod spreadsheet;

pub use atom::{Feed, write_atom};
pub use html::write_html;
pub use jsonl::JsonlWriter;
pub use markdown::write_markdown;
pub use names::FileNames;
pub use rows::{RowFormat, RowWriter, cell_text, unique_names};
pub use seeds::SeedFolder;
