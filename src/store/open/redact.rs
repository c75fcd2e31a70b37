//! What a redacted copy leaves out of tables that an older archive may lack.

use crate::error::Result;
use rusqlite::Connection;

/// Leaves out where carriers lay; an older archive has none.
pub(in crate::store) fn redact_carriers(copy: &Connection) -> Result<()> {
    const REDACT: &str = "UPDATE carrier SET path = 'redacted/carrier-' || id";
    if copy.table_exists(None, "carrier")? {
        copy.execute(REDACT, [])?;
    }
    Ok(())
}

/// Leaves out which repositories were walked, and what commits and objects they have; a schema before
/// version 5 knows of none.
pub(in crate::store) fn redact_repositories(copy: &Connection) -> Result<()> {
    const REDACT: &str = "UPDATE sighting SET object_id = NULL; DELETE FROM repository_history;";
    if copy.table_exists(None, "repository_history")? {
        copy.execute_batch(REDACT)?;
    }
    Ok(())
}
