//! Which build this is: `--version`, and with `--verbose` what decides how it reads an archive.

use seedbank::extract::EXTRACTOR_VERSION;
use seedbank::search::TOKENIZER_VERSION;
use seedbank::store::{SCHEMA_VERSION, sqlite_version};

/// The version, and the commit that a release build was made from.
pub const VERSION: &str = env!("SEEDBANK_VERSION");

/// One line, or that and one for each part that has a version of its own.
pub fn text(is_verbose: bool) -> String {
    let mut text = format!("seedbank {VERSION}\n");
    if is_verbose {
        text += &format!(
            "SQLite     {}\nschema     {SCHEMA_VERSION}\nextractor  {EXTRACTOR_VERSION}\ntokenizer  {TOKENIZER_VERSION}\n",
            sqlite_version()
        );
    }
    text
}
