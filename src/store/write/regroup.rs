//! Rebuilds derived rows from the stored bytes, after the extractor changed.
//!
//! Three steps, each of which can be interrupted and run again: derive every seed's keys (and the text of
//! articles that have one revision), decide which seeds belong to which article, and settle every article.
//! The archive gets the new extractor's version only at the end.

use crate::error::{Error, Result};
use crate::extract::EXTRACTOR_VERSION;
use crate::model::Derivation;
use crate::model::Sha256;
use crate::sameness::{GroupKeys, LEAST_TEXT, components, earliest, key};
use crate::store::open::meta::read_extractor;
use crate::store::open::original::verified_bytes;
use crate::store::schema::{SEED, execute};
use crate::store::write::batch::{Batch, Derive};
use crate::store::write::writer::Writer;
use rusqlite::OptionalExtension;
use std::collections::{BTreeMap, HashMap};
use std::iter::once;
use std::sync::LazyLock;

/// A seed whose rows are to be derived again.
#[derive(Debug)]
pub struct StaleSeed {
    /// `seed.id`.
    pub id: i64,
    /// As its row says.
    pub sha256: Sha256,
    /// `None` if they are not stored (a binary file, or a file of a git history that is not an article), or
    /// damaged.
    pub bytes: Option<Vec<u8>>,
    /// Whether the stored bytes no longer have their SHA-256.
    pub is_damaged: bool,
}

impl Writer {
    /// Whether the rows were made by another extractor than this program's, or a rebuild was interrupted.
    pub fn is_stale(&self) -> Result<bool> {
        Ok(read_extractor(&self.connection)? != EXTRACTOR_VERSION)
    }

    /// How many seeds are still to be derived again.
    pub fn stale_seeds(&self) -> Result<u64> {
        const COUNT: &str = "SELECT count(*) AS seeds FROM seed WHERE extractor_version <> ?1";
        Ok(self.connection.query_row(COUNT, [EXTRACTOR_VERSION], |row| row.get("seeds"))?)
    }

    /// The next seeds to derive again after that id, about so many bytes together.
    pub fn next_stale_seeds(&self, after: i64, bytes: u64) -> Result<Vec<StaleSeed>> {
        const READ: &str = "SELECT id, sha256, byte_length, codec, body FROM seed
            WHERE id > ?1 AND extractor_version <> ?2 ORDER BY id";
        self.read_seeds(READ, (after, EXTRACTOR_VERSION), bytes)
    }

    fn read_seeds(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        most: u64,
    ) -> Result<Vec<StaleSeed>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        let (mut seeds, mut size) = (Vec::new(), 0);
        while size < most {
            let Some(row) = rows.next()? else { break };
            let bytes = verified_bytes(row)?;
            size += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64).max(1);
            let is_kept = row.get_ref("body")? != rusqlite::types::ValueRef::Null;
            let is_damaged = is_kept && bytes.is_none();
            let (id, sha256) = (row.get("id")?, row.get("sha256")?);
            seeds.push(StaleSeed { id, sha256, bytes, is_damaged });
        }
        Ok(seeds)
    }
}

impl Batch<'_> {
    /// Marks every row as made by an unknown extractor, so that all are rebuilt.
    pub fn mark_stale(&mut self) -> Result<()> {
        const MARK: [&str; 3] = [
            "UPDATE meta SET value = '0' WHERE key = 'extractor_version'",
            "UPDATE seed SET extractor_version = 0",
            "UPDATE article SET extractor_version = 0",
        ];
        for statement in MARK {
            self.connection.execute(statement, [])?;
        }
        Ok(())
    }

    /// Keeps the rows of a seed without bytes until the file is met again. If it is in a repository, the next
    /// import of that repository walks the whole history to find it.
    pub fn keep_derivation(&mut self, seed_id: i64) -> Result<()> {
        const UPDATE: &str = "UPDATE seed SET extractor_version = ?1 WHERE id = ?2";
        const UNSETTLE: &str = "UPDATE sighting SET is_settled = 0
            WHERE seed_id = ?1 AND (SELECT article_id FROM seed WHERE id = ?1) IS NULL";
        const FORGET: &str = "DELETE FROM repository_history WHERE path IN (SELECT path
            FROM sighting WHERE seed_id = ?1 AND object_id IS NOT NULL AND is_settled = 0)";
        self.connection.prepare_cached(UPDATE)?.execute((EXTRACTOR_VERSION, seed_id))?;
        self.connection.prepare_cached(UNSETTLE)?.execute([seed_id])?;
        self.connection.prepare_cached(FORGET)?.execute([seed_id])?;
        Ok(())
    }

    /// Writes the new derivation of a seed. Which article it belongs to is decided later, by `regroup`.
    pub fn replace_derivation(&mut self, seed_id: i64, derivation: &Derivation) -> Result<()> {
        static UPDATE: LazyLock<String> =
            LazyLock::new(|| SEED.update(|column| column.value.is_said()));
        // An article with more revisions is written when it is settled, with its former paragraphs.
        const ONLY: &str =
            "SELECT id FROM article WHERE id = (SELECT article_id FROM seed WHERE id = ?1)
             AND seed_id = ?1 AND revision_count = 1";
        let said = self.said(derivation)?;
        let values = SEED.said_values(&said).chain(once(seed_id.into()));
        execute(self.connection, &UPDATE, values)?;
        let Some(article) = derivation.parts().0 else { return Ok(()) };
        let only = self.connection.prepare_cached(ONLY)?.query_row([seed_id], |row| row.get("id"));
        if let Some(article_id) = only.optional()? {
            self.replace_text(article_id, seed_id, article)?;
        }
        Ok(())
    }

    /// Decides for all seeds which article they belong to: connected components under the two rules of
    /// sameness. A component keeps the lowest id of its articles that is still free; an id that no component
    /// keeps leads to the component that has its first seed.
    pub fn regroup(&mut self, derive: Derive<'_>) -> Result<()> {
        const MOVE: &str = "UPDATE seed SET article_id = ?1 WHERE id = ?2";
        const EXISTS: &str = "SELECT id FROM article";
        let seeds = self.seed_places()?;
        let mut statement = self.connection.prepare(EXISTS)?;
        let rows = statement.query_map([], |row| row.get::<_, i64>("id"))?;
        // Each article, and the component that gets its id.
        let mut takers: BTreeMap<i64, Option<i64>> =
            rows.map(|id| Ok((id?, None))).collect::<Result<_>>()?;
        drop(statement);
        let mut heirs: HashMap<i64, i64> = HashMap::new();
        for members in components(&seeds, |seed| seed.keys) {
            let had = |at: &&usize| seeds[**at].article_id;
            let mut old: Vec<i64> = members.iter().filter_map(|at| had(&at)).collect();
            old.sort_unstable();
            let free = old.iter().find(|id| takers.get(id).is_some_and(Option::is_none)).copied();
            let article_id = free.unwrap_or_else(|| self.ids.new_article());
            takers.insert(article_id, Some(article_id));
            for &at in members.iter().filter(|at| had(at) != Some(article_id)) {
                self.connection.prepare_cached(MOVE)?.execute((article_id, seeds[at].id))?;
            }
            if free.is_none() {
                self.found_article(article_id, seeds[members[0]].id, derive)?;
            }
            for id in old {
                heirs.entry(id).or_insert(article_id);
            }
        }
        for seed in seeds.iter().filter(|seed| seed.keys.is_none() && seed.article_id.is_some()) {
            self.connection.prepare_cached(MOVE)?.execute((None::<i64>, seed.id))?;
        }
        for (&gone, _) in takers.iter().filter(|(_, taker)| taker.is_none()) {
            self.remove_article(gone, heirs.get(&gone).copied())?;
        }
        Ok(())
    }

    /// Inserts an article for a component that had no id to keep.
    fn found_article(&mut self, article_id: i64, seed_id: i64, derive: Derive<'_>) -> Result<()> {
        let article = derive(&self.original(seed_id)?).ok_or(Error::DamagedSeed(seed_id))?;
        // Settling reads from the sightings when it was observed.
        let published = earliest(&article.published);
        self.insert_article(article_id, &article, None, seed_id, None, published)
    }

    fn seed_places(&self) -> Result<Vec<SeedPlace>> {
        const READ: &str = "SELECT id, article_id, canonical_url, site_id, published_at,
            text_sha256, text_length FROM seed ORDER BY id";
        let mut statement = self.connection.prepare(READ)?;
        let rows = statement.query_map([], |row| {
            let canonical_url: Option<String> = row.get("canonical_url")?;
            let site_id: Option<i64> = row.get("site_id")?;
            let published_at: Option<String> = row.get("published_at")?;
            let text_sha256: Option<Sha256> = row.get("text_sha256")?;
            let text_length: Option<u64> = row.get("text_length")?;
            let is_long = text_length.is_some_and(|length| length >= LEAST_TEXT);
            let by_text = match (site_id, published_at, text_sha256) {
                (Some(site), Some(time), Some(text)) if is_long => {
                    Some(key(&[&site.to_le_bytes(), time.as_bytes(), text.as_bytes()]))
                }
                _ => None,
            };
            let keys = canonical_url.map(|url| (key(&[url.as_bytes()]), by_text));
            Ok(SeedPlace { id: row.get("id")?, article_id: row.get("article_id")?, keys })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Marks the next articles after that id, at most `most`, to be settled with the batch. Returns the last
    /// one's id, or `None` after the last.
    pub fn touch_next(&mut self, after: i64, most: usize) -> Result<Option<i64>> {
        const READ: &str = "SELECT id FROM article WHERE id > ?1 ORDER BY id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(READ)?;
        let rows = statement.query_map((after, most), |row| row.get("id"))?;
        let ids: Vec<i64> = rows.collect::<Result<_, _>>()?;
        for &id in &ids {
            self.touch(id).is_whole = true;
        }
        Ok(ids.last().copied())
    }

    /// Records that this program's extractor made all rows.
    pub fn mark_current(&mut self) -> Result<()> {
        const MARK: &str = "UPDATE meta SET value = ?1 WHERE key = 'extractor_version'";
        self.connection.execute(MARK, [EXTRACTOR_VERSION.to_string()])?;
        Ok(())
    }
}

/// What regrouping needs of a seed. The keys by address and by text are 128 bits of their SHA-256, since a
/// million of them must fit in memory.
struct SeedPlace {
    id: i64,
    article_id: Option<i64>,
    keys: GroupKeys,
}
