//! Redacts tables that an older archive may lack.

use crate::error::Result;
use rusqlite::Connection;

/// Removes the paths of containers, also those of filters; an older archive has none.
pub(in crate::store) fn redact_containers(copy: &Connection) -> Result<()> {
    // Before version 10 the table had the second name, which is a view since.
    for table in ["container", "carrier"] {
        if copy.table_exists(None, table)? {
            copy.execute(&format!("UPDATE {table} SET path = 'redacted/container-' || id"), [])?;
            break;
        }
    }
    if copy.column_exists(None, "container", "filter")? {
        const REDACT: &str =
            "UPDATE container SET filter = '{\"redacted\":true}' WHERE filter <> ''";
        copy.execute(REDACT, [])?;
    }
    Ok(())
}

/// Removes the paths of repositories, and the ids of their commits and objects; a schema before version 5 has
/// none.
pub(in crate::store) fn redact_repositories(copy: &Connection) -> Result<()> {
    const REDACT: &str = "UPDATE sighting SET object_id = NULL; DELETE FROM repository_history;";
    if copy.table_exists(None, "repository_history")? {
        copy.execute_batch(REDACT)?;
    }
    Ok(())
}
