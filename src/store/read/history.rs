//! Reads the history of an article: its revisions, and how each of its files got its outcome.

use crate::error::{Error, Result};
use crate::extract::canonical_url;
use crate::model::{
    Change, Format, MatchedBy, Place, Precision, Reason, Sha256, SightingOutcome, Status, Timestamp,
};
use crate::sameness::pair_key;
use crate::store::open::original::verified_bytes;
use crate::store::open::reader::Reader;
use rusqlite::{OptionalExtension, Row, named_params};

/// An article, found by a user's name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedArticle {
    /// In the archive.
    pub id: i64,
    /// The requested id, if its article was joined into this one.
    pub merged_from: Option<i64>,
    /// Its current title.
    pub title: String,
    /// As written.
    pub url: Option<String>,
    /// How many revisions it has.
    pub revision_count: i64,
}

/// One revision of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevisionRow {
    /// From 1, oldest first.
    pub sequence: i64,
    /// Its title.
    pub title: String,
    /// Whether its text is complete.
    pub status: Status,
    /// What differs from the revision before.
    pub change: Change,
    /// When it was published, as given in it.
    pub published_at: Option<Timestamp>,
    /// Also `None` in rows from before precisions were stored.
    pub published_precision: Option<Precision>,
    /// The earliest time at which a file is known to have had it.
    pub observed_at: Option<Timestamp>,
    /// Characters of its content, without white space.
    pub char_count: u64,
    /// Whether it is the article's current text.
    pub is_current: bool,
    /// Of the file that it is from.
    pub seed_sha256: Sha256,
    /// The format of its seed.
    pub format: Option<Format>,
    /// Where its seed was first seen.
    pub place: Option<Place>,
}

/// One seed, with everything recorded about its assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedStory {
    /// `seed.id`.
    pub id: i64,
    /// Of its bytes.
    pub sha256: Sha256,
    /// Of the file.
    pub byte_length: u64,
    /// The grammar of its header; `None` if it was rejected.
    pub format: Option<Format>,
    /// The decoder used.
    pub encoding: Option<String>,
    /// Whether its article's text is complete.
    pub status: Option<Status>,
    /// Its article; `None` if it was rejected.
    pub article: Option<NamedArticle>,
    /// The number of its revision.
    pub revision: Option<i64>,
    /// Whether the article's text comes from this seed.
    pub is_current: bool,
}

/// One place where a file was seen, its outcome there, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SightingStory {
    /// The import that saw it.
    pub run_id: i64,
    /// `None` if the file was not read completely.
    pub seed_id: Option<i64>,
    /// Where.
    pub place: Place,
    /// The earliest evidence that the bytes existed.
    pub observed_at: Option<Timestamp>,
    /// The outcome.
    pub outcome: SightingOutcome,
    /// What it has in common with its partner. Also set for a revised article.
    pub matched_by: Option<MatchedBy>,
    /// The earliest place of the seed that it matched.
    pub partner: Option<Place>,
    /// Why it was rejected.
    pub reason: Option<Reason>,
    /// The detail, for people.
    pub detail: Option<String>,
}

impl Reader {
    /// The article with this id, this former id, or this address in any spelling.
    pub fn article(&self, name: &str) -> Result<NamedArticle> {
        const BY_ID: &str = "SELECT id FROM article WHERE id = ?1";
        const MERGED: &str = "SELECT article_id AS id FROM article_merged WHERE old_id = ?1";
        let unknown = || Error::NoSuchArticle(name.to_owned());
        let find = |sql: &str, value: &dyn rusqlite::ToSql| -> Result<Option<i64>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            Ok(statement.query_row([value], |row| row.get("id")).optional()?)
        };
        if let Ok(number) = name.parse::<i64>() {
            if let Some(id) = find(BY_ID, &number)? {
                return self.named_article(id, None);
            }
            let id = find(MERGED, &number)?.ok_or_else(unknown)?;
            return self.named_article(id, Some(number));
        }
        let canonical = canonical_url(name);
        let address = canonical.as_ref().map_or(name, |canonical| canonical.url.as_str());
        let id = self.article_at(address)?.ok_or_else(unknown)?;
        self.named_article(id, None)
    }

    /// The article that was seen under a canonical address, if there is one.
    pub fn article_at(&self, canonical_url: &str) -> Result<Option<i64>> {
        const BY_URL: &str = "SELECT article_id AS id FROM article_url WHERE canonical_url = ?1";
        let mut statement = self.connection.prepare_cached(BY_URL)?;
        Ok(statement.query_row([canonical_url], |row| row.get("id")).optional()?)
    }

    fn named_article(&self, id: i64, merged_from: Option<i64>) -> Result<NamedArticle> {
        const READ: &str = "SELECT title, url, revision_count FROM article WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        Ok(statement.query_row([id], |row| {
            Ok(NamedArticle {
                id,
                merged_from,
                title: row.get("title")?,
                url: row.get("url")?,
                revision_count: row.get("revision_count")?,
            })
        })?)
    }

    /// The revisions of an article, oldest first.
    pub fn revisions(&self, article_id: i64) -> Result<Vec<RevisionRow>> {
        self.revisions_between(article_id, 1, i64::MAX)
    }

    /// The revisions of an article with these numbers and those between them, oldest first.
    pub(super) fn revisions_between(
        &self,
        article_id: i64,
        first: i64,
        last: i64,
    ) -> Result<Vec<RevisionRow>> {
        const READ: &str = "SELECT r.sequence, r.title, r.status, r.change, r.published_at,
                s.published_precision, r.observed_at, s.text_length, r.seed_id = a.seed_id AS is_current, s.sha256,
                s.format, g.path, g.member
            FROM revision r
            JOIN article a ON a.id = r.article_id
            JOIN seed s ON s.id = r.seed_id
            LEFT JOIN sighting g
                ON g.id = (SELECT min(first.id) FROM sighting first WHERE first.seed_id = s.id)
            WHERE r.article_id = ?1 AND r.sequence BETWEEN ?2 AND ?3 ORDER BY r.sequence";
        let mut statement = self.connection.prepare_cached(READ)?;
        let revisions = statement.query_map([article_id, first, last], |row| {
            Ok(RevisionRow {
                sequence: row.get("sequence")?,
                title: row.get("title")?,
                status: row.get("status")?,
                change: row.get("change")?,
                published_at: row.get("published_at")?,
                published_precision: row.get("published_precision")?,
                observed_at: row.get("observed_at")?,
                char_count: row.get::<_, Option<u64>>("text_length")?.unwrap_or(0),
                is_current: row.get("is_current")?,
                seed_sha256: row.get("sha256")?,
                format: row.get("format")?,
                place: match row.get::<_, Option<String>>("path")? {
                    Some(_) => Some(read_place(row)?),
                    None => None,
                },
            })
        })?;
        Ok(revisions.collect::<Result<_, _>>()?)
    }

    /// The bytes of a kept seed. Fails with [`Error::NoSuchSeed`] if there is none, and with [`Error::DamagedSeed`]
    /// if they no longer match their SHA-256.
    pub fn seed_bytes(&self, sha256: &Sha256) -> Result<Vec<u8>> {
        const READ: &str =
            "SELECT id, sha256, byte_length, codec, body FROM seed WHERE sha256 = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        let found = statement
            .query_row([sha256], |row| Ok((row.get("id")?, verified_bytes(row)?)))
            .optional()?;
        let (id, bytes) = found.ok_or_else(|| Error::NoSuchSeed(sha256.to_string()))?;
        bytes.ok_or(Error::DamagedSeed(id))
    }

    /// The seeds of an article, in the order of their import.
    pub fn seeds_of_article(&self, article_id: i64) -> Result<Vec<SeedStory>> {
        const WHICH: &str = "SELECT id FROM seed WHERE article_id = ?1 ORDER BY id";
        self.seed_stories(WHICH, &article_id)
    }

    /// The seed with this SHA-256, if it is stored.
    pub fn seeds_of_hash(&self, sha256: &Sha256) -> Result<Vec<SeedStory>> {
        const WHICH: &str = "SELECT id FROM seed WHERE sha256 = ?1";
        self.seed_stories(WHICH, sha256)
    }

    /// The seeds that were read at this place, in the order of reading.
    pub fn seeds_of_path(&self, path: &str) -> Result<Vec<SeedStory>> {
        const WHICH: &str = "SELECT seed_id AS id FROM sighting
            WHERE path = ?1 AND seed_id IS NOT NULL GROUP BY seed_id ORDER BY min(id)";
        self.seed_stories(WHICH, &path)
    }

    fn seed_stories(&self, which: &str, value: &dyn rusqlite::ToSql) -> Result<Vec<SeedStory>> {
        let mut statement = self.connection.prepare_cached(which)?;
        let ids = statement.query_map([value], |row| row.get("id"))?;
        let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
        ids.into_iter().map(|id| self.seed_story(id)).collect()
    }

    fn seed_story(&self, id: i64) -> Result<SeedStory> {
        const READ: &str = "SELECT s.sha256, s.byte_length, s.format, s.encoding, s.status,
                s.title, s.text_sha256, s.article_id, a.seed_id = s.id AS is_current
            FROM seed s LEFT JOIN article a ON a.id = s.article_id WHERE s.id = ?1";
        // A revision has every seed with its text and title. An article's only revision has no stored key.
        const REVISION: &str = "SELECT sequence FROM revision
            WHERE article_id = ?1 AND pair_key = ?2";
        const ONLY: &str = "SELECT r.sequence FROM revision r JOIN article a ON a.id = r.article_id
            WHERE r.article_id = ?1 AND r.sequence = 1 AND a.revision_count = 1";
        type Keys = (Option<i64>, Option<String>, Option<Sha256>);
        let mut statement = self.connection.prepare_cached(READ)?;
        let read = |row: &Row<'_>| -> rusqlite::Result<(SeedStory, Keys)> {
            let keys = (row.get("article_id")?, row.get("title")?, row.get("text_sha256")?);
            let story = SeedStory {
                id,
                sha256: row.get("sha256")?,
                byte_length: row.get("byte_length")?,
                format: row.get("format")?,
                encoding: row.get("encoding")?,
                status: row.get("status")?,
                article: None,
                revision: None,
                is_current: row.get::<_, Option<bool>>("is_current")?.unwrap_or(false),
            };
            Ok((story, keys))
        };
        let (mut story, (article_id, title, text)) = statement.query_row([id], read)?;
        if let (Some(article_id), Some(title)) = (article_id, title) {
            story.article = Some(self.named_article(article_id, None)?);
            let sequence = |row: &Row<'_>| row.get("sequence");
            let mut statement = self.connection.prepare_cached(REVISION)?;
            let key = pair_key(text, &title);
            story.revision = statement.query_row((article_id, key), sequence).optional()?;
            if story.revision.is_none() {
                let mut statement = self.connection.prepare_cached(ONLY)?;
                story.revision = statement.query_row([article_id], sequence).optional()?;
            }
        }
        Ok(story)
    }

    /// Every sighting of a seed.
    pub fn sightings_of_seed(&self, seed_id: i64) -> Result<Vec<SightingStory>> {
        const WHICH: &str = "SELECT id FROM sighting WHERE seed_id = ?1 ORDER BY id";
        self.sighting_stories(WHICH, &seed_id)
    }

    /// The sightings at this place of files that were not read completely.
    pub fn unread_sightings(&self, path: &str) -> Result<Vec<SightingStory>> {
        const WHICH: &str =
            "SELECT id FROM sighting WHERE path = ?1 AND seed_id IS NULL ORDER BY id";
        self.sighting_stories(WHICH, &path)
    }

    fn sighting_stories(
        &self,
        which: &str,
        value: &dyn rusqlite::ToSql,
    ) -> Result<Vec<SightingStory>> {
        let mut statement = self.connection.prepare_cached(which)?;
        let ids = statement.query_map([value], |row| row.get("id"))?;
        let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
        ids.into_iter().map(|id| self.sighting_story(id)).collect()
    }

    fn sighting_story(&self, id: i64) -> Result<SightingStory> {
        const READ: &str = "SELECT g.run_id, g.seed_id, g.path, g.member, g.observed_at, g.outcome,
                g.matched_by, r.reason, r.detail
            FROM sighting g LEFT JOIN rejection r ON r.sighting_id = g.id WHERE g.id = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        let mut story = statement.query_row([id], |row| {
            Ok(SightingStory {
                run_id: row.get("run_id")?,
                seed_id: row.get("seed_id")?,
                place: read_place(row)?,
                observed_at: row.get("observed_at")?,
                outcome: row.get("outcome")?,
                matched_by: row.get("matched_by")?,
                partner: None,
                reason: row.get("reason")?,
                detail: row.get("detail")?,
            })
        })?;
        let Some(seed_id) = story.seed_id else { return Ok(story) };
        let ways = match (story.outcome, story.matched_by) {
            (_, Some(matched_by)) => vec![matched_by],
            (SightingOutcome::Revised, None) => vec![MatchedBy::Url, MatchedBy::Text],
            _ => Vec::new(),
        };
        for way in ways {
            if let Some(partner) = self.partner(id, seed_id, way)? {
                story.matched_by = Some(way);
                story.partner = Some(partner);
                break;
            }
        }
        Ok(story)
    }

    /// The first place of the earliest seed that has this key in common with this one.
    fn partner(&self, sighting_id: i64, seed_id: i64, way: MatchedBy) -> Result<Option<Place>> {
        const BYTES: &str = "SELECT path, member FROM sighting
            WHERE seed_id = :seed_id AND id < :sighting_id ORDER BY id LIMIT 1";
        // The earliest seed has the earliest sighting. Going through the seeds of its article in order finds
        // it quickly.
        const URL: &str = "SELECT path, member FROM sighting
            WHERE id < :sighting_id AND seed_id = (SELECT o.id
                FROM seed s JOIN seed o ON o.article_id = s.article_id AND o.id < s.id
                    AND +o.canonical_url = s.canonical_url
                WHERE s.id = :seed_id ORDER BY o.id LIMIT 1)
            ORDER BY id LIMIT 1";
        const TEXT: &str = "SELECT path, member FROM sighting
            WHERE id < :sighting_id AND seed_id = (SELECT o.id
                FROM seed s JOIN seed o ON o.article_id = s.article_id AND o.id < s.id
                    AND +o.text_sha256 = s.text_sha256 AND +o.published_at = s.published_at
                WHERE s.id = :seed_id ORDER BY o.id LIMIT 1)
            ORDER BY id LIMIT 1";
        let sql = match way {
            MatchedBy::Bytes => BYTES,
            MatchedBy::Url => URL,
            MatchedBy::Text => TEXT,
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = named_params! { ":seed_id": seed_id, ":sighting_id": sighting_id };
        Ok(statement.query_row(values, read_place).optional()?)
    }
}

/// The place in a row of `path` and `member`.
pub(in crate::store) fn read_place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok(Place { path: row.get("path")?, member: row.get("member")? })
}
