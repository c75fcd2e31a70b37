//! What a redacted copy leaves out of tables that an older archive may lack.

use crate::error::Result;
use rusqlite::Connection;

/// Leaves out where containers lay; an older archive has none.
pub(in crate::store) fn redact_containers(copy: &Connection) -> Result<()> {
    // The second is the table's name before version 10, and a view of it since.
    for table in ["container", "carrier"] {
        if copy.table_exists(None, table)? {
            copy.execute(&format!("UPDATE {table} SET path = 'redacted/container-' || id"), [])?;
            break;
        }
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
