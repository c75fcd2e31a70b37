//! Stores sightings: one file read at one place, with its seed, its rejection or its article.

use crate::error::Result;
use crate::model::{
    Article, Derivation, Format, MatchedBy, Origin, Original, Outcome, Reason, Rejection, Sha256,
    Status, Timestamp,
};
use crate::sameness::{believed, earliest};
use crate::store::index::fts5::Inverted;
use crate::store::open::original::read_known;
use crate::store::schema::{Kept, SEED, Said, execute};
use crate::store::write::batch::Batch;
use crate::store::write::join::Matches;
use rusqlite::{OptionalExtension, Row, named_params};
use std::iter::once;
use std::sync::LazyLock;

/// One file read at one place, ready to be stored.
#[derive(Debug)]
pub struct NewSighting {
    /// Where, and in which state.
    pub origin: Origin,
    /// `None` if the file was not read completely.
    pub original: Option<Original>,
    /// The content of its bytes.
    pub derivation: Derivation,
    /// The inverted tokens of the article, for the index. Parsers make them, since there is only one writer;
    /// without them the writer makes them itself. Storing takes the value out.
    pub inverted: Option<Inverted>,
}

/// The result of [`Batch::store`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The outcome.
    pub outcome: Outcome,
    /// Why it was rejected.
    pub reason: Option<Reason>,
    /// Whether the file may be an article, was rejected, and was not rejected in this state before.
    pub is_newly_refused: bool,
}

impl Batch<'_> {
    /// Stores one sighting.
    pub fn store(&mut self, sighting: &mut NewSighting) -> Result<Stored> {
        let inverted = sighting.inverted.take();
        let Some(original) = &sighting.original else {
            return self.store_unread(sighting);
        };
        if let Some(known) = self.known_seed(&original.sha256)? {
            let is_added = known.article_id.is_none() && self.add_bytes(known.id, original)?;
            let rejection = match &sighting.derivation {
                Derivation::Rejected(rejection) => {
                    if is_added {
                        self.replace_derivation(known.id, &sighting.derivation)?;
                    }
                    Some(rejection)
                }
                // Its bytes were not stored when another extractor rejected them.
                Derivation::Article { article, .. } if is_added => {
                    return self.store_article(
                        sighting,
                        original,
                        article,
                        inverted,
                        Some(known.id),
                    );
                }
                Derivation::Article { .. } => None,
            };
            return self.store_known(&sighting.origin, &known, rejection);
        }
        match &sighting.derivation {
            Derivation::Rejected(rejection) => {
                let seed_id = self.insert_seed(sighting, original, None)?;
                let stored = Stored {
                    outcome: Outcome::Rejected,
                    reason: Some(rejection.reason),
                    is_newly_refused: rejection.reason.is_refusal(),
                };
                let row = self.insert_sighting(&sighting.origin, Some(seed_id), stored.outcome)?;
                self.insert_rejection(row, rejection)?;
                Ok(stored)
            }
            Derivation::Article { article, .. } => {
                self.store_article(sighting, original, article, inverted, None)
            }
        }
    }

    /// Stores bytes that are an article: new ones, or those of a seed that was rejected before.
    fn store_article(
        &mut self,
        sighting: &NewSighting,
        original: &Original,
        article: &Article,
        inverted: Option<Inverted>,
        known: Option<i64>,
    ) -> Result<Stored> {
        const JOIN: &str = "UPDATE seed SET article_id = ?1 WHERE id = ?2";
        let (article_id, outcome) = self.assign_article(article)?;
        let seed_id = match known {
            None => self.insert_seed(sighting, original, Some(article_id))?,
            Some(seed_id) => {
                self.replace_derivation(seed_id, &sighting.derivation)?;
                self.connection.prepare_cached(JOIN)?.execute((article_id, seed_id))?;
                self.lower_observed(seed_id, sighting.origin.observed_at)?;
                seed_id
            }
        };
        self.insert_sighting(&sighting.origin, Some(seed_id), outcome)?;
        match outcome {
            Outcome::New => {
                let observed_at = sighting.origin.observed_at;
                let is_page = sighting.derivation.parts().1 == Some(Format::Page);
                let published = believed(earliest(&article.published), observed_at, is_page);
                self.insert_article(
                    article_id,
                    article,
                    inverted,
                    seed_id,
                    observed_at,
                    published,
                )?;
            }
            _ => {
                let observed_at = sighting.origin.observed_at;
                self.touch(article_id).add(seed_id, article, observed_at);
                self.fresh.insert(seed_id, article.clone());
            }
        }
        if known.is_some() {
            // It may have been seen earlier elsewhere.
            self.touch(article_id).is_whole = true;
        }
        Ok(Stored { outcome, reason: None, is_newly_refused: article.status == Status::Unparsed })
    }

    /// Stores the bytes of a known seed if they were not stored before; returns whether they were missing.
    fn add_bytes(&self, seed_id: i64, original: &Original) -> Result<bool> {
        const ADD: &str = "UPDATE seed SET codec = ?1, body = ?2 WHERE id = ?3 AND body IS NULL";
        let Some(body) = &original.body else { return Ok(false) };
        let values = (original.codec, body, seed_id);
        Ok(self.connection.prepare_cached(ADD)?.execute(values)? > 0)
    }

    fn lower_observed(&self, seed_id: i64, seen: Option<Timestamp>) -> Result<()> {
        const LOWER: &str = "UPDATE seed SET observed_at = ?1
            WHERE id = ?2 AND (observed_at IS NULL OR observed_at > ?1)";
        if let Some(seen) = seen {
            self.connection.prepare_cached(LOWER)?.execute((seen, seed_id))?;
        }
        Ok(())
    }

    /// Stores a file that was not read completely: one row per place, state and reason.
    fn store_unread(&mut self, sighting: &NewSighting) -> Result<Stored> {
        let Derivation::Rejected(rejection) = &sighting.derivation else {
            unreachable!("an article comes from bytes that were read whole");
        };
        const KNOWN: &str = "SELECT g.id FROM sighting g JOIN rejection r ON r.sighting_id = g.id
            WHERE g.path = :path AND g.member IS :member AND g.seed_id IS NULL
              AND g.byte_length = :byte_length AND g.modified_ns IS :modified_ns
              AND r.reason = :reason LIMIT 1";
        let origin = &sighting.origin;
        let is_known = self.connection.prepare_cached(KNOWN)?.exists(named_params! {
            ":path": origin.place.path,
            ":member": origin.place.member,
            ":byte_length": origin.byte_length,
            ":modified_ns": origin.modified_ns,
            ":reason": rejection.reason,
        })?;
        if !is_known {
            let row = self.insert_sighting(origin, None, Outcome::Rejected)?;
            self.insert_rejection(row, rejection)?;
        }
        Ok(Stored {
            outcome: Outcome::Rejected,
            reason: Some(rejection.reason),
            is_newly_refused: !is_known && rejection.reason.is_refusal(),
        })
    }

    /// Stores a sighting of a git blob whose bytes the archive has, or which was stored earlier in this run.
    ///
    /// Fails if neither is true.
    pub fn store_object(&mut self, mut origin: Origin) -> Result<Stored> {
        const FIND: &str = "SELECT s.id, s.article_id, s.observed_at, s.byte_length
            FROM sighting g JOIN seed s ON s.id = g.seed_id WHERE g.object_id = ?1 LIMIT 1";
        let (known, byte_length) =
            self.connection.prepare_cached(FIND)?.query_row([&origin.object_id], |row| {
                Ok((KnownSeed::read(row)?, row.get("byte_length")?))
            })?;
        origin.byte_length = byte_length;
        self.store_seen_before(&origin, &known)
    }

    /// Stores another sighting of a seed that was stored earlier in this run, by the hash of its bytes.
    ///
    /// Fails if there is no such seed.
    pub fn store_same(&mut self, origin: &Origin, sha256: &Sha256) -> Result<Stored> {
        let known = self.known_seed(sha256)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        self.store_seen_before(origin, &known)
    }

    /// Stores a sighting of a seed without its bytes. If the seed is rejected, the last recorded reason
    /// counts.
    fn store_seen_before(&mut self, origin: &Origin, known: &KnownSeed) -> Result<Stored> {
        const REASON: &str = "SELECT r.reason, r.detail
            FROM sighting g JOIN rejection r ON r.sighting_id = g.id
            WHERE g.seed_id = ?1 ORDER BY r.id DESC LIMIT 1";
        let rejection = match known.article_id {
            Some(_) => None,
            None => {
                let mut statement = self.connection.prepare_cached(REASON)?;
                let stored: Option<(Option<Reason>, Option<String>)> = statement
                    .query_row([known.id], |row| {
                        Ok((read_known(row, "reason")?, row.get("detail")?))
                    })
                    .optional()?;
                stored.and_then(|(reason, detail)| {
                    Some(Rejection { detail, ..Rejection::new(reason?) })
                })
            }
        };
        self.store_known(origin, known, rejection.as_ref())
    }

    /// Stores bytes that the archive already has: only the place and time of the sighting can be new.
    fn store_known(
        &mut self,
        origin: &Origin,
        known: &KnownSeed,
        rejection: Option<&Rejection>,
    ) -> Result<Stored> {
        // A seed that became an article stays one, even if this program would reject its bytes.
        let rejection = rejection.filter(|_| known.article_id.is_none());
        let stored = Stored {
            outcome: match rejection {
                Some(_) => Outcome::Rejected,
                None => Outcome::Duplicate(MatchedBy::Bytes),
            },
            reason: rejection.map(|rejection| rejection.reason),
            is_newly_refused: false,
        };
        if self.is_known_sighting(origin, known.id)? {
            return Ok(stored);
        }
        let row = self.insert_sighting(origin, Some(known.id), stored.outcome)?;
        if let Some(rejection) = rejection {
            self.insert_rejection(row, rejection)?;
        }
        let mut is_other_age = false;
        if let Some(seen) = origin.observed_at
            && known.observed_at.is_none_or(|before| seen < before)
        {
            self.lower_observed(known.id, Some(seen))?;
            is_other_age = true;
        }
        if let Some(article_id) = known.article_id {
            let article_id = self.root(article_id);
            let touched = self.touch(article_id);
            touched.is_whole |= is_other_age;
            touched.see(origin.observed_at);
        }
        Ok(stored)
    }

    /// Whether this seed was seen at this place in this state. Also records that the state has settled, and
    /// git's id of the blob if the earlier record has none.
    fn is_known_sighting(&mut self, origin: &Origin, seed_id: i64) -> Result<bool> {
        const FIND: &str = "SELECT id, is_settled FROM sighting
            WHERE path = :path AND member IS :member AND seed_id = :seed_id
              AND modified_ns IS :modified_ns AND observed_at IS :observed_at";
        const SETTLE: &str = "UPDATE sighting
            SET is_settled = 1, object_id = coalesce(object_id, ?2) WHERE id = ?1";
        let found: Option<(i64, bool)> = self
            .connection
            .prepare_cached(FIND)?
            .query_row(
                named_params! {
                    ":path": origin.place.path,
                    ":member": origin.place.member,
                    ":seed_id": seed_id,
                    ":modified_ns": origin.modified_ns,
                    ":observed_at": origin.observed_at,
                },
                |row| Ok((row.get("id")?, row.get("is_settled")?)),
            )
            .optional()?;
        if let Some((id, false)) = found
            && origin.is_settled
        {
            self.connection.prepare_cached(SETTLE)?.execute((id, &origin.object_id))?;
        }
        Ok(found.is_some())
    }

    fn known_seed(&self, sha256: &Sha256) -> Result<Option<KnownSeed>> {
        const FIND: &str = "SELECT id, article_id, observed_at FROM seed WHERE sha256 = ?1";
        let mut statement = self.connection.prepare_cached(FIND)?;
        Ok(statement.query_row([sha256], KnownSeed::read).optional()?)
    }

    /// Assigns a new seed to an article. If it belongs to two, they are joined first.
    fn assign_article(&mut self, article: &Article) -> Result<(i64, Outcome)> {
        let (article_id, matched_by) = match self.matches(article)? {
            Matches { by_url: None, by_text: None } => {
                return Ok((self.ids.new_article(), Outcome::New));
            }
            Matches { by_url: Some(one), by_text: Some(other) } => {
                (self.join(one, other)?, MatchedBy::Url)
            }
            Matches { by_url: Some(id), by_text: None } => (id, MatchedBy::Url),
            Matches { by_url: None, by_text: Some(id) } => {
                // At once, since the next seed of this batch may have the same address.
                self.put_url(id, &article.canonical_url, article.url.as_deref(), None)?;
                (id, MatchedBy::Text)
            }
        };
        Ok(if self.has_pair(article_id, article)? {
            (article_id, Outcome::Duplicate(matched_by))
        } else {
            (article_id, Outcome::Revised)
        })
    }

    fn insert_seed(
        &mut self,
        sighting: &NewSighting,
        original: &Original,
        article_id: Option<i64>,
    ) -> Result<i64> {
        static INSERT: LazyLock<String> = LazyLock::new(|| SEED.insert_with_key());
        let id = self.ids.new_seed();
        let observed_at = sighting.origin.observed_at;
        let kept = Kept { original, article_id, observed_at };
        let said = self.said(&sighting.derivation)?;
        let row = SEED.values(|source| source.value(&kept, &said));
        execute(self.connection, &INSERT, once(id.into()).chain(row))?;
        Ok(id)
    }

    /// What the bytes of a seed say, as values to store.
    pub(in crate::store) fn said<'a>(&mut self, derivation: &'a Derivation) -> Result<Said<'a>> {
        let article = derivation.parts().0;
        let site_id = article.map(|article| self.site_of(article)).transpose()?;
        Ok(Said::new(derivation, site_id.flatten().into()))
    }

    fn insert_sighting(
        &self,
        origin: &Origin,
        seed_id: Option<i64>,
        outcome: Outcome,
    ) -> Result<i64> {
        const INSERT: &str = "INSERT INTO sighting (run_id, seed_id, path, member, byte_length,
            modified_at, modified_ns, observed_at, outcome, matched_by, is_settled, object_id)
            VALUES (:run_id, :seed_id, :path, :member, :byte_length, :modified_at, :modified_ns,
            :observed_at, :outcome, :matched_by, :is_settled, :object_id)";
        let modified_at = origin.modified_ns.and_then(Timestamp::from_nanoseconds);
        self.connection.prepare_cached(INSERT)?.execute(named_params! {
            ":run_id": self.run_id,
            ":seed_id": seed_id,
            ":path": origin.place.path,
            ":member": origin.place.member,
            ":byte_length": origin.byte_length,
            ":modified_at": modified_at,
            ":modified_ns": origin.modified_ns,
            ":observed_at": origin.observed_at,
            ":outcome": outcome.of_sighting(),
            ":matched_by": outcome.matched_by(),
            ":is_settled": origin.is_settled,
            ":object_id": origin.object_id,
        })?;
        Ok(self.connection.last_insert_rowid())
    }

    fn insert_rejection(&self, sighting_id: i64, rejection: &Rejection) -> Result<()> {
        const INSERT: &str =
            "INSERT INTO rejection (sighting_id, reason, detail) VALUES (?1, ?2, ?3)";
        let values = (sighting_id, rejection.reason, &rejection.detail);
        self.connection.prepare_cached(INSERT)?.execute(values)?;
        Ok(())
    }
}

struct KnownSeed {
    id: i64,
    article_id: Option<i64>,
    observed_at: Option<Timestamp>,
}

impl KnownSeed {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            article_id: row.get("article_id")?,
            observed_at: read_known(row, "observed_at")?,
        })
    }
}
