//! The name of a site: the one that most of its articles give, of equals the least.

use crate::error::Result;
use crate::store::write::batch::Batch;

impl Batch<'_> {
    /// Records that so many more articles give a site this name.
    pub(in crate::store) fn count_site_name(
        &mut self,
        site_id: Option<i64>,
        name: Option<&str>,
        articles: i64,
    ) {
        let (Some(site_id), Some(name)) = (site_id, name) else { return };
        let names = self.site_names.entry(site_id).or_default();
        match names.get_mut(name) {
            Some(count) => *count += articles,
            None => drop(names.insert(name.to_owned(), articles)),
        }
    }

    /// Records that an article no longer gives the name that its row has.
    pub(in crate::store) fn remove_site_name(&mut self, article_id: i64) -> Result<()> {
        const READ: &str = "SELECT site_id, site_name FROM article WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        let mut rows = statement.query([article_id])?;
        if let Some(row) = rows.next()? {
            let name: Option<String> = row.get("site_name")?;
            self.count_site_name(row.get("site_id")?, name.as_deref(), -1);
        }
        Ok(())
    }

    /// Gives each site its name. The names of a site are counted only if the batch may have changed which is
    /// the most frequent, so that the batches of a long import do not all count them.
    pub(in crate::store) fn name_sites(&mut self) -> Result<()> {
        const READ: &str = "SELECT name FROM site WHERE id = ?1";
        const UPDATE: &str = "UPDATE site SET name = (SELECT site_name FROM article
            WHERE site_id = ?1 AND site_name IS NOT NULL
            GROUP BY site_name ORDER BY count(*) DESC, site_name LIMIT 1) WHERE id = ?1";
        for (site_id, changes) in std::mem::take(&mut self.site_names) {
            let mut statement = self.connection.prepare_cached(READ)?;
            let stored: Option<String> = statement.query_row([site_id], |row| row.get("name"))?;
            if changes.iter().any(|(name, &more)| is_decisive(stored.as_deref(), name, more)) {
                self.connection.prepare_cached(UPDATE)?.execute([site_id])?;
            }
        }
        Ok(())
    }
}

/// Whether another name can be the most frequent one after this change.
fn is_decisive(stored: Option<&str>, name: &str, more: i64) -> bool {
    if stored == Some(name) { more < 0 } else { more > 0 }
}
