//! The full-text index, kept with the rows it is made from.
//!
//! The index has no content of its own: what an article's entry holds can only be taken out by
//! saying the same tokens again. They are made from the stored rows, before these change.

use super::fts5::{Inverted, load};
use super::{Reader, Writer};
use crate::error::{Error, Result};
use crate::model::Article;
use crate::model::StopFlag;
use crate::search::{TOKENIZER_VERSION, Tokens};
use rusqlite::{Connection, OptionalExtension, named_params};
use std::time::{Duration, Instant};

/// From how many new articles on loading them beats inserting them; the bench `fts5` says by how
/// much.
const LEAST_LOADED: usize = 20;
/// What a rebuilding commits at once.
const BATCH_BYTES: usize = 16 << 20;
const BATCH_TIME: Duration = Duration::from_secs(2);

/// The version of the tokens in the index; missing while it is not made or half made.
const VERSION_KEY: &str = "tokenizer_version";
/// The version of an index in the making.
const MAKING_KEY: &str = "tokenizer_version_in_making";

/// The version of the tokens that the index holds; `None` while it is not made.
pub(super) fn read_tokenizer(connection: &Connection) -> Result<Option<i64>> {
    read_version(connection, VERSION_KEY)
}

fn read_version(connection: &Connection, key: &str) -> Result<Option<i64>> {
    const READ: &str = "SELECT value FROM meta WHERE key = ?1";
    let mut statement = connection.prepare_cached(READ)?;
    let version: Option<String> = statement.query_row([key], |row| row.get("value")).optional()?;
    Ok(version.map(|version| version.parse().unwrap_or(0)))
}

/// Says that the index holds this program's tokens.
pub(super) fn mark_indexed(connection: &Connection) -> Result<()> {
    write_version(connection, VERSION_KEY, Some(TOKENIZER_VERSION))
}

fn write_version(connection: &Connection, key: &str, version: Option<i64>) -> Result<()> {
    const SET: &str = "INSERT INTO meta (key, value) VALUES (?1, ?2)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    const REMOVE: &str = "DELETE FROM meta WHERE key = ?1";
    match version {
        Some(version) => connection.execute(SET, (key, version.to_string()))?,
        None => connection.execute(REMOVE, [key])?,
    };
    Ok(())
}

/// The title and the content paragraphs of an article as its rows stand: what the index holds.
pub(super) fn stored_text(
    connection: &Connection,
    article_id: i64,
) -> Result<(String, Vec<String>)> {
    const TITLE: &str = "SELECT title FROM article WHERE id = ?1";
    const TEXT: &str = "SELECT text FROM paragraph
        WHERE article_id = ?1 AND is_content = 1 ORDER BY position";
    let mut statement = connection.prepare_cached(TITLE)?;
    let title: String = statement.query_row([article_id], |row| row.get("title"))?;
    let mut statement = connection.prepare_cached(TEXT)?;
    let texts = statement.query_map([article_id], |row| row.get("text"))?;
    Ok((title, texts.collect::<Result<_, _>>()?))
}

impl Reader {
    /// Fails with [`Error::OtherIndex`] unless the index holds this program's tokens.
    pub(super) fn check_index(&self) -> Result<()> {
        match read_tokenizer(&self.connection)? {
            Some(TOKENIZER_VERSION) => Ok(()),
            found => {
                let path = self.path.clone();
                Err(Error::OtherIndex { path, found, known: TOKENIZER_VERSION })
            }
        }
    }
}

impl Writer {
    /// Puts a new article into the index when the transaction is committed: many at once take a
    /// fraction of the time.
    pub(super) fn index_article(
        &mut self,
        article_id: i64,
        inverted: Option<Inverted>,
        article: &Article,
    ) -> Result<()> {
        if self.is_indexing {
            let inverted = match inverted {
                Some(inverted) => inverted,
                None => self.inverter.invert_article(article)?,
            };
            self.unindexed.insert(article_id, inverted);
        }
        Ok(())
    }

    /// Takes an article out of the index; comes before its stored title and text change.
    pub(super) fn unindex_article(&mut self, article_id: i64) -> Result<()> {
        match self.is_indexing && self.unindexed.remove(&article_id).is_none() {
            true => self.take_out(article_id, &self.stored_tokens(article_id)?),
            false => Ok(()),
        }
    }

    /// Brings an article's entry to what will be stored of it; comes before that is stored.
    pub(super) fn reindex_article(&mut self, article_id: i64, tokens: &Tokens) -> Result<()> {
        if !self.is_indexing {
            return Ok(());
        }
        if let Some(waiting) = self.unindexed.get_mut(&article_id) {
            *waiting = self.inverter.invert_tokens(tokens)?;
            return Ok(());
        }
        let stored = self.stored_tokens(article_id)?;
        if stored != *tokens {
            self.take_out(article_id, &stored)?;
            self.insert_tokens(article_id, tokens)?;
        }
        Ok(())
    }

    /// Puts into the index what waits for it; comes before a commit.
    pub(super) fn index_waiting(&mut self) -> Result<()> {
        let waiting: Vec<(i64, Inverted)> =
            std::mem::take(&mut self.unindexed).into_iter().collect();
        let is_loaded = waiting.len() >= LEAST_LOADED && load(&self.connection, &waiting)?.is_ok();
        if !is_loaded {
            for (article_id, _) in waiting {
                self.insert_tokens(article_id, &self.stored_tokens(article_id)?)?;
            }
        }
        Ok(())
    }

    fn insert_tokens(&self, article_id: i64, tokens: &Tokens) -> Result<()> {
        const INSERT: &str = "INSERT INTO article_fts (rowid, title, body) VALUES (?1, ?2, ?3)";
        let values = (article_id, &tokens.title, &tokens.body);
        self.connection.prepare_cached(INSERT)?.execute(values)?;
        Ok(())
    }

    fn take_out(&self, article_id: i64, stored: &Tokens) -> Result<()> {
        const DELETE: &str = "INSERT INTO article_fts (article_fts, rowid, title, body)
            VALUES ('delete', ?1, ?2, ?3)";
        let values = (article_id, &stored.title, &stored.body);
        self.connection.prepare_cached(DELETE)?.execute(values)?;
        Ok(())
    }

    /// The tokens of an article as its rows stand.
    fn stored_tokens(&self, article_id: i64) -> Result<Tokens> {
        let (title, texts) = stored_text(&self.connection, article_id)?;
        Ok(Tokens::new(&title, texts.iter().map(String::as_str)))
    }

    /// Whether the index is to be made anew: its tokens are not this program's, or there is none.
    /// Until then no command keeps it.
    pub fn is_index_stale(&self) -> bool {
        !self.is_indexing && !self.is_trial
    }

    /// Gives the index up, until [`Writer::rebuild_index`] makes it anew: before so many rows change
    /// that keeping it would cost more.
    pub fn give_up_index(&mut self) -> Result<()> {
        if self.is_indexing {
            self.begin()?;
            write_version(&self.connection, VERSION_KEY, None)?;
            write_version(&self.connection, MAKING_KEY, None)?;
            self.commit()?;
            self.is_indexing = false;
        }
        Ok(())
    }

    /// Makes the index anew from the stored rows, in batches that are committed one by one; an
    /// interrupted one goes on where it was. Hands out how many articles of how many are done. Where
    /// it is stopped, the index stays stale.
    pub fn rebuild_index(
        &mut self,
        stop: &StopFlag,
        on_progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64> {
        const CLEAR: &str = "INSERT INTO article_fts (article_fts) VALUES ('delete-all')";
        const LAST: &str = "SELECT coalesce(max(id), 0) AS id FROM article_fts_docsize";
        const COUNT: &str = "SELECT count(*) AS articles FROM article WHERE id > ?1";
        let is_begun = read_version(&self.connection, MAKING_KEY)? == Some(TOKENIZER_VERSION);
        if !is_begun {
            self.begin()?;
            write_version(&self.connection, VERSION_KEY, None)?;
            write_version(&self.connection, MAKING_KEY, Some(TOKENIZER_VERSION))?;
            self.connection.execute(CLEAR, [])?;
            self.commit()?;
        }
        let mut last: i64 = self.connection.query_row(LAST, [], |row| row.get("id"))?;
        let total: i64 = self.connection.query_row(COUNT, [last], |row| row.get("articles"))?;
        self.is_indexing = true;
        let mut done = 0;
        let mut is_more = true;
        while is_more {
            self.begin()?;
            let (reached, articles) = self.index_next(last)?;
            is_more = articles > 0;
            if !is_more {
                write_version(&self.connection, MAKING_KEY, None)?;
                mark_indexed(&self.connection)?;
            }
            self.commit()?;
            last = reached;
            done += articles;
            on_progress(done, total as u64);
            if is_more && stop.is_requested() {
                self.is_indexing = false;
                break;
            }
        }
        Ok(done)
    }

    /// Indexes the next articles after that id: the last one's id, and how many they were.
    fn index_next(&mut self, after: i64) -> Result<(i64, u64)> {
        const NEXT: &str = "SELECT id FROM article WHERE id > :after ORDER BY id LIMIT 1";
        let started = Instant::now();
        let (mut last, mut articles, mut bytes) = (after, 0, 0);
        while bytes < BATCH_BYTES && started.elapsed() < BATCH_TIME {
            let mut statement = self.connection.prepare_cached(NEXT)?;
            let next = statement.query_row(named_params! { ":after": last }, |row| row.get("id"));
            let Some(id) = next.optional()? else { break };
            drop(statement);
            let tokens = self.stored_tokens(id)?;
            let inverted = self.inverter.invert_tokens(&tokens)?;
            self.unindexed.insert(id, inverted);
            bytes += tokens.title.len() + tokens.body.len();
            last = id;
            articles += 1;
        }
        Ok((last, articles))
    }
}
