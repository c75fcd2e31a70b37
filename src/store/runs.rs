//! What an import left behind: the files it could not take.

use super::Reader;
use crate::error::Result;
use crate::model::Reason;

/// One file of a run that gave no whole article, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    pub path: String,
    pub member: Option<String>,
    /// As in `rejection.reason`; `unparsed` for an article whose HTML was refused.
    pub reason: String,
    pub detail: Option<String>,
    /// Whether it may be an article after all; see [`Reason::is_refusal`].
    pub is_refusal: bool,
}

impl Reader {
    /// Hands out every file that a run did not take, in the order it met them. A file refused
    /// before in the same state has no row of its own in this run.
    pub fn not_taken(&self, run_id: i64, receive: &mut dyn FnMut(NotTaken)) -> Result<()> {
        const READ: &str = "
            SELECT g.path, g.member, r.reason, r.detail, g.id AS sighting_id
            FROM sighting g JOIN rejection r ON r.sighting_id = g.id WHERE g.run_id = ?1
            UNION ALL
            SELECT g.path, g.member, 'unparsed', a.status_detail, g.id
            FROM sighting g JOIN seed s ON s.id = g.seed_id
            LEFT JOIN article a ON a.id = s.article_id AND a.seed_id = s.id
            WHERE g.run_id = ?1 AND s.status = 'unparsed' AND g.outcome <> 'rejected'
            ORDER BY sighting_id";
        let is_refusal = |reason: &str| {
            let rejection = Reason::ALL.iter().find(|known| known.as_str() == reason);
            rejection.is_none_or(|known| known.is_refusal())
        };
        let mut statement = self.connection.prepare_cached(READ)?;
        let mut rows = statement.query([run_id])?;
        while let Some(row) = rows.next()? {
            let reason: String = row.get("reason")?;
            receive(NotTaken {
                path: row.get("path")?,
                member: row.get("member")?,
                is_refusal: is_refusal(&reason),
                reason,
                detail: row.get("detail")?,
            });
        }
        Ok(())
    }
}
