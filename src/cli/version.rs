//! The version of this build, and with `--verbose` the versions of everything that decides how an archive is
//! read.

use seedbank::internals::extract::EXTRACTOR_VERSION;
use seedbank::internals::search::TOKENIZER_VERSION;
use seedbank::internals::store::{SCHEMA_VERSION, sqlite_version};

/// The version, and the commit of a release build.
pub const VERSION: &str = env!("SEEDBANK_VERSION");

/// One line; if verbose, one more for each part with a version of its own.
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
