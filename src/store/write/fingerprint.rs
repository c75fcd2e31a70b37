//! Fingerprints of articles, to compare two states of an archive.

use crate::error::Result;
use crate::model::Status;
use crate::store::schema::{ARTICLE, AUTHOR, LINK, MEDIA, PARAGRAPH, TAG};
use crate::store::write::writer::Writer;
use rusqlite::{OptionalExtension, Row};
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// One article, its rows reduced to hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleState {
    /// Its title.
    pub title: String,
    status: Status,
    revisions: i64,
    text: Option<Vec<u8>>,
    /// All other derived columns: author, dateline, script, times, address.
    fields: u64,
    blocks: u64,
    links: u64,
    media: u64,
    authors: u64,
    tags: u64,
}

impl ArticleState {
    /// What differs, each in a word or two; empty if nothing does.
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
            // A changed text is a change of blocks too.
            ("blocks", self.blocks == new.blocks || self.text != new.text),
            ("links", self.links == new.links),
            ("media", self.media == new.media),
            ("authors", self.authors == new.authors),
            ("tags", self.tags == new.tags),
        ];
        let different = same.iter().filter(|(_, is_same)| !is_same);
        what.extend(different.map(|(name, _)| (*name).to_owned()));
        what
    }
}

/// The columns of links that are compared: the key follows from the address.
fn link_columns() -> Vec<&'static str> {
    LINK.stored_names().into_iter().filter(|name| *name != "address_key").collect()
}

impl Writer {
    /// Every article's state, by id.
    pub fn article_states(&self) -> Result<BTreeMap<i64, ArticleState>> {
        /// Columns that are compared one by one, or counted.
        const APART: [&str; 7] = [
            "title",
            "status",
            "revision_count",
            "text_sha256",
            "seed_id",
            "paragraph_count",
            "char_count",
        ];
        let mut fields = ARTICLE.stored_names();
        fields.retain(|name| !APART.contains(name));
        let articles = format!(
            "SELECT id AS article_id, title, status, revision_count, text_sha256, {} FROM article",
            fields.join(", ")
        );
        let mut states = BTreeMap::new();
        let mut statement = self.connection.prepare(&articles)?;
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
                authors: 0,
                tags: 0,
            };
            states.insert(row.get("article_id")?, state);
        }
        type Field = fn(&mut ArticleState) -> &mut u64;
        let parts: [(&str, Vec<&str>, Field); 5] = [
            (PARAGRAPH.name, PARAGRAPH.stored_names(), |state| &mut state.blocks),
            (LINK.name, link_columns(), |state| &mut state.links),
            (MEDIA.name, MEDIA.stored_names(), |state| &mut state.media),
            (AUTHOR.name, AUTHOR.stored_names(), |state| &mut state.authors),
            (TAG.name, TAG.stored_names(), |state| &mut state.tags),
        ];
        for (table, columns, field) in parts {
            let columns = columns.join(", ");
            let sql =
                format!("SELECT article_id, {columns} FROM {table} ORDER BY article_id, position");
            let mut statement = self.connection.prepare(&sql)?;
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

    /// The article that this one was joined into, if any.
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
