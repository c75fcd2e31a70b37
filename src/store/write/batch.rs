//! A batch: everything stored in one transaction, and the derived rows that are written before its commit.

use crate::error::Result;
use crate::model::{Article, ImportReport};
use crate::store::index::keeper::IndexKeeper;
use crate::store::open::connection::{Transaction, WriteConnection};
use crate::store::write::ids::Ids;
use crate::store::write::touched::{SiteNames, Touched};
use crate::store::write::writer::{Writer, record_run};
use std::collections::{BTreeMap, HashMap};

/// Derives an article again from a seed's bytes; `None` if they no longer give one.
pub type Derive<'a> = &'a dyn Fn(&[u8]) -> Option<Article>;

/// An open transaction of the writer. Sightings are stored, then the batch is [settled](Batch::settle) and
/// committed. Dropping the value before that rolls everything back.
///
/// A batch that is not settled cannot be committed:
///
/// ```compile_fail
/// # fn commit(writer: &mut seedbank::store::Writer) -> seedbank::Result<()> {
/// writer.batch()?.commit()?;
/// # Ok(())
/// # }
/// ```
///
/// And a settled batch takes no more sightings:
///
/// ```compile_fail
/// # use seedbank::store::{NewSighting, Writer};
/// # fn store_late(writer: &mut Writer, late: &mut NewSighting) -> seedbank::Result<()> {
/// let mut settled = writer.batch()?.settle(&|_| None)?;
/// settled.store(late)?;
/// settled.commit()?;
/// # Ok(())
/// # }
/// ```
pub struct Batch<'w> {
    pub(in crate::store) connection: &'w WriteConnection,
    transaction: Transaction<'w>,
    pub(in crate::store) ids: &'w mut Ids,
    pub(in crate::store) index: &'w mut IndexKeeper,
    pub(in crate::store) run_id: i64,
    /// Articles whose seeds or sightings changed, by id.
    pub(in crate::store) touched: BTreeMap<i64, Touched>,
    /// Articles that were joined into another in this batch, with that other; see [`Batch::join`].
    pub(in crate::store) joined: HashMap<i64, i64>,
    /// The articles derived from this batch's seeds of known articles, by seed: settling need not derive them
    /// again.
    pub(in crate::store) fresh: HashMap<i64, Article>,
    /// How often articles give a site a name, as far as this batch changed that.
    pub(in crate::store) site_names: SiteNames,
}

impl Writer {
    /// Begins a batch.
    pub fn batch(&mut self) -> Result<Batch<'_>> {
        let transaction = self.connection.begin()?;
        self.ids.refresh(&self.connection)?;
        Ok(Batch {
            connection: &self.connection,
            transaction,
            ids: &mut self.ids,
            index: &mut self.index,
            run_id: self.run_id,
            touched: BTreeMap::new(),
            joined: HashMap::new(),
            fresh: HashMap::new(),
            site_names: SiteNames::new(),
        })
    }
}

impl<'w> Batch<'w> {
    /// Whether readers must wait because the archive is in its first seconds.
    pub fn keeps_readers_out(&self) -> bool {
        self.connection.keeps_readers_out()
    }

    /// Brings every article that the batch touched up to date with its seeds. After that, nothing more can be
    /// stored in the batch.
    pub fn settle(mut self, derive: Derive<'_>) -> Result<Settled<'w>> {
        self.settle_touched(derive)?;
        Ok(Settled(self))
    }

    /// Settles and commits.
    pub fn commit(self, derive: Derive<'_>) -> Result<()> {
        self.settle(derive)?.commit()?;
        Ok(())
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if self.transaction.is_open() {
            self.ids.outdate();
            self.index.forget_waiting();
        }
    }
}

/// A batch that is ready to be committed: its articles agree with their seeds. Rolled back when dropped.
#[must_use]
pub struct Settled<'w>(Batch<'w>);

impl<'w> Settled<'w> {
    /// Writes the run's counts so far, and its end if the status is not "running".
    pub fn record_run(&mut self, report: &ImportReport) -> Result<()> {
        record_run(self.0.connection, self.0.run_id, report)
    }

    /// Adds the batch's articles to the index, and commits. In a trial nothing is committed, and the stored
    /// rows stay until the writer is dropped.
    pub fn commit(mut self) -> Result<Committed<'w>> {
        self.0.index.write_waiting(self.0.connection)?;
        self.0.transaction.commit()?;
        Ok(Committed(self.0))
    }
}

/// A committed batch.
pub struct Committed<'w>(Batch<'w>);

impl<'w> Committed<'w> {
    /// Starts the next batch.
    pub fn next_batch(mut self) -> Result<Batch<'w>> {
        self.0.transaction.begin()?;
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::{derive, derive_article};
    use crate::model::Original;
    use crate::model::{Codec, Origin, Outcome, Place, Sha256};
    use crate::store::{NewSighting, Reader};
    use std::time::Duration;

    fn sighting(site: &str, text: &str) -> NewSighting {
        let seed = format!("[题目](https://{site}/1)\n------\n\n<p>{text}</p>\n").into_bytes();
        let sha256 = Sha256::of(&seed);
        let byte_length = seed.len() as u64;
        NewSighting {
            origin: Origin {
                byte_length,
                is_settled: true,
                ..Origin::at(Place::of_file(format!("/drop/{text}.md")))
            },
            derivation: derive(&seed, &sha256),
            original: Some(Original { sha256, byte_length, codec: Codec::Plain, body: Some(seed) }),
            inverted: None,
        }
    }

    /// A batch that was rolled back leaves no rows, ids, sites or index entries.
    #[test]
    fn a_writer_continues_after_a_rollback() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("seedbank.db");
        let mut writer = Writer::open(&database, Duration::ZERO).unwrap();
        writer.start_run(crate::model::Timestamp::now(), "[]", None).unwrap();
        let mut batch = writer.batch().unwrap();
        batch.store(&mut sighting("undone.example", "燕子来了")).unwrap();
        drop(batch);
        let mut batch = writer.batch().unwrap();
        batch.store(&mut sighting("kept.example", "燕子走了")).unwrap();
        let revised = batch.store(&mut sighting("kept.example", "大雁来了")).unwrap();
        assert_eq!(revised.outcome, Outcome::Revised);
        let settled = batch.settle(&derive_article).unwrap();
        let mut batch = settled.commit().unwrap().next_batch().unwrap();
        batch.store(&mut sighting("undone.example", "大雁走了")).unwrap();
        batch.commit(&derive_article).unwrap();
        writer.checkpoint().unwrap();
        let row = |sql: &str| -> String {
            Reader::open(&database)
                .unwrap()
                .connection
                .query_row(sql, [], |row| row.get(0))
                .unwrap()
        };
        assert_eq!(
            row("SELECT group_concat(host ORDER BY id) FROM site"),
            "kept.example,undone.example"
        );
        assert_eq!(row("SELECT group_concat(id ORDER BY id) FROM seed"), "1,2,3");
        assert_eq!(row("SELECT group_concat(revision_count ORDER BY id) FROM article"), "2,1");
        let found =
            "SELECT group_concat(rowid ORDER BY rowid) FROM article_fts WHERE article_fts MATCH";
        assert_eq!(row(&format!("{found} '大雁'")), "1,2");
        assert_eq!(row(&format!("SELECT coalesce(({found} '燕子'), 'none')")), "none");
    }
}
