//! What an article's rows amount to, so that two states of an archive can be compared.

use super::Writer;
use crate::error::Result;
use rusqlite::{OptionalExtension, Row};
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// One article, its rows reduced to hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleState {
    pub title: String,
    status: String,
    revisions: i64,
    text: Option<Vec<u8>>,
    /// Author, dateline, script, times, address.
    fields: u64,
    blocks: u64,
    links: u64,
    media: u64,
    tags: u64,
}

impl ArticleState {
    /// What is different, each in a word or two; empty where nothing is.
    pub fn differences(&self, new: &Self) -> Vec<String> {
        let mut what = Vec::new();
        if self.status != new.status {
            what.push(format!("status {} → {}", self.status, new.status));
        }
        if self.revisions != new.revisions {
            what.push(format!("revisions {} → {}", self.revisions, new.revisions));
        }
        let same = [
            ("title", self.title == new.title),
            ("text", self.text == new.text),
            ("fields", self.fields == new.fields),
            // A change of text is one of blocks too.
            ("blocks", self.blocks == new.blocks || self.text != new.text),
            ("links", self.links == new.links),
            ("media", self.media == new.media),
            ("tags", self.tags == new.tags),
        ];
        let different = same.iter().filter(|(_, is_same)| !is_same);
        what.extend(different.map(|(name, _)| (*name).to_owned()));
        what
    }
}

impl Writer {
    /// Every article's state, by id.
    pub fn article_states(&self) -> Result<BTreeMap<i64, ArticleState>> {
        const ARTICLES: &str =
            "SELECT id AS article_id, title, status, revision_count, text_sha256,
            url, canonical_url, title_raw, author, dateline, script, language, published_at,
            published_precision, updated_at,
            status_detail FROM article";
        const BLOCKS: &str = "SELECT article_id, position, kind, level, marker, text
            FROM paragraph
            ORDER BY article_id, position";
        const LINKS: &str = "SELECT article_id, position, kind, url, href, text, host, is_internal
            FROM link ORDER BY article_id, position";
        const MEDIA: &str = "SELECT article_id, position, kind, url, src, alt, caption FROM media
            ORDER BY article_id, position";
        const TAGS: &str = "SELECT article_id, position, name, kind FROM tag
            ORDER BY article_id, position";
        let mut states = BTreeMap::new();
        let mut statement = self.connection.prepare(ARTICLES)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let state = ArticleState {
                title: row.get("title")?,
                status: row.get("status")?,
                revisions: row.get("revision_count")?,
                text: row.get("text_sha256")?,
                fields: hash_row(row, 5)?,
                blocks: 0,
                links: 0,
                media: 0,
                tags: 0,
            };
            states.insert(row.get("article_id")?, state);
        }
        type Field = fn(&mut ArticleState) -> &mut u64;
        let parts: [(&str, Field); 4] = [
            (BLOCKS, |state| &mut state.blocks),
            (LINKS, |state| &mut state.links),
            (MEDIA, |state| &mut state.media),
            (TAGS, |state| &mut state.tags),
        ];
        for (sql, field) in parts {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if let Some(state) = states.get_mut(&row.get("article_id")?) {
                    let hash = field(state);
                    let mut hasher = DefaultHasher::new();
                    (*hash, hash_row(row, 1)?).hash(&mut hasher);
                    *hash = hasher.finish();
                }
            }
        }
        Ok(states)
    }

    /// The article that another was joined into, if it was.
    pub fn merged_into(&self, old_id: i64) -> Result<Option<i64>> {
        const FIND: &str = "SELECT article_id FROM article_merged WHERE old_id = ?1";
        let mut statement = self.connection.prepare_cached(FIND)?;
        Ok(statement.query_row([old_id], |row| row.get("article_id")).optional()?)
    }
}

fn hash_row(row: &Row<'_>, from: usize) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for column in from..row.as_ref().column_count() {
        match row.get_ref(column)? {
            rusqlite::types::ValueRef::Null => 0.hash(&mut hasher),
            rusqlite::types::ValueRef::Integer(number) => (1, number).hash(&mut hasher),
            rusqlite::types::ValueRef::Real(number) => (2, number.to_bits()).hash(&mut hasher),
            rusqlite::types::ValueRef::Text(text) => (3, text).hash(&mut hasher),
            rusqlite::types::ValueRef::Blob(bytes) => (4, bytes).hash(&mut hasher),
        }
    }
    Ok(hasher.finish())
}
