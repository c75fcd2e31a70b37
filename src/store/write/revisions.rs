//! Writes the revisions of an article: their rows, their numbers, and the former paragraphs.

use crate::error::Result;
use crate::extract::folded_text;
use crate::model::{Change, Sha256, Timestamp};
use crate::sameness::{CurrentText, Earliest, Key, SeedKeys, change, key, packed, pair_key};
use crate::store::open::original::read_known;
use crate::store::schema::{FORMER_PARAGRAPH, FormerParagraph, REVISION, Revision, execute};
use crate::store::write::batch::{Batch, Derive};
use crate::store::write::seed_keys::{read_seed_keys, seed_keys};
use rusqlite::Row;
use std::collections::{HashMap, HashSet};
use std::iter::once;
use std::sync::LazyLock;

/// The planned state of an article.
pub(in crate::store) struct Plan {
    pub current: SeedKeys,
    pub published: Earliest,
    pub revision_count: usize,
    /// Its last revisions, oldest first, starting with the first that has another number or seed than before.
    pub revisions: Vec<Planned>,
    /// The number and the seed of the revision before those, if there is one.
    pub before: Option<(i64, SeedKeys)>,
    /// Stored revisions to which none of its seeds belongs.
    pub stale: Vec<i64>,
    /// The greatest seed of each address, where it changed; all addresses, in order, if `is_whole`.
    pub urls: Vec<SeedKeys>,
    /// Whether all of its seeds were read.
    pub is_whole: bool,
}

/// A revision to be stored; its number follows from its position.
pub(in crate::store) struct Planned {
    /// Its greatest seed.
    pub seed: SeedKeys,
    pub key: Key,
    /// The earliest observation of its seeds.
    pub observed_at: Option<Timestamp>,
    pub stored: Option<StoredRevision>,
    /// Whether more than its number may have changed.
    pub is_moved: bool,
}

/// A stored revision.
#[derive(Debug, Clone)]
pub(in crate::store) struct StoredRevision {
    pub id: i64,
    sequence: i64,
    seed_id: i64,
    change: Change,
}

/// How the text that an article's revisions are compared with has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum TextChange {
    None,
    /// Another version is the current one.
    Version,
    /// Another extractor cuts all revisions.
    Extractor,
}

/// How new seeds change an article's revisions.
pub(in crate::store) struct Grown {
    /// See [`Plan::revisions`].
    pub revisions: Vec<Planned>,
    pub before: Option<(i64, SeedKeys)>,
    /// How many of them are new.
    pub new: usize,
}

/// A revision that is new, or whose text comes from another seed.
pub(in crate::store) struct Written {
    id: i64,
    seed_id: i64,
    text_sha256: Option<Sha256>,
}

impl Batch<'_> {
    /// The stored revisions of an article, by the key that their seeds share.
    pub(in crate::store) fn stored_revisions(
        &self,
        article_id: i64,
    ) -> Result<Vec<(Key, StoredRevision)>> {
        const READ: &str = "SELECT id, sequence, seed_id, title, text_sha256, change FROM revision
            WHERE article_id = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        let stored = statement.query_map([article_id], |row| {
            let key = pair_key(row.get("text_sha256")?, &row.get::<_, String>("title")?);
            Ok((key, stored_revision(row)?))
        })?;
        Ok(stored.collect::<Result<_, _>>()?)
    }

    /// How new seeds change an article's revisions. Reads only the revisions that the seeds belong to, and
    /// those from the last one back to the lowest insertion, since all of these get another number.
    pub(in crate::store) fn grown_revisions(
        &self,
        article_id: i64,
        count: usize,
        seeds: &[SeedKeys],
    ) -> Result<Grown> {
        const LAST: &str = concat!(
            "SELECT r.id, r.sequence, r.change, r.observed_at AS first_observed_at, ",
            seed_keys!(),
            " FROM revision r JOIN seed s ON s.id = r.seed_id
             WHERE r.article_id = ?1 ORDER BY r.sequence DESC"
        );
        let mut moved = self.moved_revisions(article_id, seeds)?;
        let new = moved.iter().filter(|planned| planned.stored.is_none()).count();
        moved.sort_by(|one, other| one.seed.compare_age(&other.seed));
        let Some(oldest) = moved.first().map(|planned| planned.seed.clone()) else {
            return Ok(Grown { revisions: moved, before: None, new });
        };
        let from: HashMap<i64, i64> = moved
            .iter()
            .filter_map(|planned| planned.stored.as_ref())
            .map(|stored| (stored.id, stored.sequence))
            .collect();
        let lowest = from.values().copied().min().unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(LAST)?;
        let mut rows = statement.query([article_id])?;
        let (mut revisions, mut before) = (moved, None);
        while let Some(row) = rows.next()? {
            let (stored, seed) = (stored_revision(row)?, read_seed_keys(row)?);
            // The only revision so far has no stored key yet.
            if count > 1 && stored.sequence < lowest && seed.compare_age(&oldest).is_lt() {
                before = Some((stored.sequence, seed));
                break;
            }
            if !from.contains_key(&stored.id) {
                let observed_at = read_known(row, "first_observed_at")?;
                let (key, is_moved) = (seed.pair_key(), count == 1);
                let stored = Some(stored);
                revisions.push(Planned { seed, key, observed_at, stored, is_moved });
            }
        }
        revisions.sort_by(|one, other| one.seed.compare_age(&other.seed));
        Ok(Grown { revisions, before, new })
    }

    /// The revisions to which the new seeds belong, if a new seed is the greatest of its revision or may be
    /// the earliest.
    fn moved_revisions(&self, article_id: i64, seeds: &[SeedKeys]) -> Result<Vec<Planned>> {
        const READ: &str = concat!(
            "SELECT r.id, r.sequence, r.change, r.observed_at AS first_observed_at, ",
            seed_keys!(),
            " FROM revision r JOIN seed s ON s.id = r.seed_id WHERE r.id = ?1"
        );
        const LOWER: &str = "UPDATE revision SET observed_at = ?1 WHERE id = ?2";
        let mut groups: HashMap<Key, (&SeedKeys, Option<Timestamp>)> = HashMap::new();
        for seed in seeds {
            let (greatest, earliest) =
                groups.entry(seed.pair_key()).or_insert((seed, seed.observed_at));
            if seed.compare_standing(greatest).is_gt() {
                *greatest = seed;
            }
            *earliest = [*earliest, seed.observed_at].into_iter().flatten().min();
        }
        let mut moved = Vec::new();
        for (key, (seed, earliest)) in groups {
            let mut planned = Planned {
                seed: seed.clone(),
                key,
                observed_at: earliest,
                stored: None,
                is_moved: true,
            };
            if let Some(id) = self.revision_of_pair(article_id, &key)? {
                let mut statement = self.connection.prepare_cached(READ)?;
                let (stored, known, before) = statement.query_row([id], |row| {
                    let before = read_known(row, "first_observed_at")?;
                    Ok((stored_revision(row)?, read_seed_keys(row)?, before))
                })?;
                planned.observed_at = [before, earliest].into_iter().flatten().min();
                if known.compare_standing(seed).is_gt() {
                    if planned.observed_at != before {
                        let values = (planned.observed_at, id);
                        self.connection.prepare_cached(LOWER)?.execute(values)?;
                    }
                    continue;
                }
                planned.stored = Some(stored);
            }
            moved.push(planned);
        }
        Ok(moved)
    }

    /// Writes the revisions as planned. A revision keeps its row as long as its pair of text and title
    /// exists.
    pub(in crate::store) fn write_revisions(
        &self,
        article_id: i64,
        plan: &Plan,
    ) -> Result<Vec<Written>> {
        // Moves them away from the final numbers, which are unique per article.
        const LIFT: &str = "UPDATE revision SET sequence = -sequence
            WHERE article_id = ?1 AND sequence >= ?2";
        const REMOVE: [&str; 2] = [
            "DELETE FROM former_paragraph WHERE revision_id = ?1",
            "DELETE FROM revision WHERE id = ?1",
        ];
        let first = plan.before.as_ref().map_or(1, |(sequence, _)| sequence + 1);
        let mut numbered = plan.revisions.iter().zip(first..);
        let is_lifted = !plan.stale.is_empty()
            || numbered.any(|(planned, sequence)| {
                planned.stored.as_ref().is_some_and(|stored| stored.sequence != sequence)
            });
        if is_lifted {
            self.connection.prepare_cached(LIFT)?.execute((article_id, first))?;
        }
        let mut written = Vec::new();
        let mut before = plan.before.as_ref().map(|(_, seed)| seed);
        for (planned, sequence) in plan.revisions.iter().zip(first..) {
            let seed = &planned.seed;
            let place = (article_id, sequence);
            let change = before.map_or(Change::First, |before| change(before, seed));
            let key = (plan.revision_count > 1).then_some(planned.key);
            let revision = Revision::of_seed(seed, place, planned.observed_at, change, key);
            before = Some(seed);
            let (id, is_other) = match &planned.stored {
                None => (self.insert_revision(&revision)?, true),
                Some(stored) => {
                    if is_lifted || planned.is_moved || stored.change != revision.change {
                        self.update_revision(stored.id, &revision)?;
                    }
                    (stored.id, stored.seed_id != seed.id)
                }
            };
            if is_other {
                let text_sha256 = seed.text_sha256;
                written.push(Written { id, seed_id: seed.id, text_sha256 });
            }
        }
        for id in &plan.stale {
            for statement in REMOVE {
                self.connection.prepare_cached(statement)?.execute([id])?;
            }
        }
        Ok(written)
    }

    pub(in crate::store) fn insert_revision(&self, revision: &Revision<'_>) -> Result<i64> {
        static INSERT: LazyLock<String> = LazyLock::new(|| REVISION.insert());
        let row = REVISION.values(|source| source.value(revision, None));
        execute(self.connection, &INSERT, row)?;
        Ok(self.connection.last_insert_rowid())
    }

    fn update_revision(&self, id: i64, revision: &Revision<'_>) -> Result<()> {
        static UPDATE: LazyLock<String> =
            LazyLock::new(|| REVISION.update(|column| column.value.is_planned()));
        let values = REVISION.planned_values(revision).chain(once(id.into()));
        execute(self.connection, &UPDATE, values)?;
        Ok(())
    }

    /// Writes the paragraphs of other revisions that are not in the current text, for the revisions where
    /// this can have changed.
    pub(in crate::store) fn write_former(
        &self,
        article_id: i64,
        plan: &Plan,
        written: &[Written],
        change: TextChange,
        derive: Derive<'_>,
    ) -> Result<()> {
        const ALL: &str = "SELECT id, seed_id, text_sha256, standing FROM revision
            WHERE article_id = ?1";
        if change == TextChange::None && (plan.revision_count < 2 || written.is_empty()) {
            return Ok(());
        }
        let mut current = self.current_text(article_id, plan)?;
        if change == TextChange::None {
            for revision in written {
                self.write_former_of(revision, &mut current, derive)?;
            }
            return Ok(());
        }
        let written: HashSet<i64> = written.iter().map(|revision| revision.id).collect();
        let mut statement = self.connection.prepare_cached(ALL)?;
        let mut rows = statement.query([article_id])?;
        while let Some(row) = rows.next()? {
            let revision = Written {
                id: row.get("id")?,
                seed_id: row.get("seed_id")?,
                text_sha256: row.get("text_sha256")?,
            };
            let standing: Option<Vec<u8>> = row.get("standing")?;
            // Nearly always, the paragraphs of the previous text are in this one too.
            let standing = standing.filter(|standing| {
                change == TextChange::Version
                    && !written.contains(&revision.id)
                    && revision.text_sha256 != current.sha256
                    && current.has_all(standing)
            });
            match standing {
                Some(standing) => self.drop_standing(&revision, standing, &mut current)?,
                None => self.write_former_of(&revision, &mut current, derive)?,
            }
        }
        Ok(())
    }

    fn write_former_of(
        &self,
        revision: &Written,
        current: &mut CurrentText,
        derive: Derive<'_>,
    ) -> Result<()> {
        const CLEAR: &str = "DELETE FROM former_paragraph WHERE revision_id = ?1";
        static INSERT: LazyLock<String> = LazyLock::new(|| FORMER_PARAGRAPH.insert());
        self.connection.prepare_cached(CLEAR)?.execute([revision.id])?;
        if revision.text_sha256 == current.sha256 {
            return self.write_standing(revision, None);
        }
        let Some(article) = self.article_of_seed(revision.seed_id, derive)? else {
            return Ok(());
        };
        let split = current.split(&article);
        for (position, block) in split.former {
            let former = FormerParagraph { revision: revision.id, position, block };
            let row = FORMER_PARAGRAPH.values(|value| value(&former));
            execute(self.connection, &INSERT, row)?;
        }
        self.write_standing(revision, Some(split.standing))
    }

    /// Deletes the former paragraphs of a revision that are in the current text again.
    fn drop_standing(
        &self,
        revision: &Written,
        standing: Vec<u8>,
        current: &mut CurrentText,
    ) -> Result<()> {
        const READ: &str = "SELECT id, text FROM former_paragraph WHERE revision_id = ?1";
        const REMOVE: &str = "DELETE FROM former_paragraph WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        let mut rows = statement.query([revision.id])?;
        let (mut again, mut keys): (Vec<i64>, Vec<Key>) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let folded = folded_text(row.get_ref("text")?.as_str().unwrap_or_default());
            if current.has(&folded) {
                again.push(row.get("id")?);
                keys.push(key(&[folded.as_bytes()]));
            }
        }
        if again.is_empty() {
            return Ok(());
        }
        for id in again {
            self.connection.prepare_cached(REMOVE)?.execute([id])?;
        }
        keys.extend(standing.as_chunks().0);
        self.write_standing(revision, Some(packed(keys)))
    }

    fn write_standing(&self, revision: &Written, standing: Option<Vec<u8>>) -> Result<()> {
        const UPDATE: &str = "UPDATE revision SET standing = ?1
            WHERE id = ?2 AND standing IS NOT ?1";
        self.connection.prepare_cached(UPDATE)?.execute((standing, revision.id))?;
        Ok(())
    }

    fn current_text(&self, article_id: i64, plan: &Plan) -> Result<CurrentText> {
        const READ: &str = "SELECT text FROM paragraph
            WHERE article_id = ?1 AND is_content = 1 ORDER BY position";
        let mut statement = self.connection.prepare_cached(READ)?;
        let texts = statement.query_map([article_id], |row| row.get::<_, String>("text"))?;
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        Ok(CurrentText::new(plan.current.text_sha256, texts.iter().map(String::as_str)))
    }
}

fn stored_revision(row: &Row<'_>) -> rusqlite::Result<StoredRevision> {
    Ok(StoredRevision {
        id: row.get("id")?,
        sequence: row.get("sequence")?,
        seed_id: row.get("seed_id")?,
        change: row.get("change")?,
    })
}
