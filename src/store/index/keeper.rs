//! Keeps the full-text index in step with the rows it is made from.
//!
//! The index has no content of its own. An article's entry can only be removed by passing its old tokens to
//! FTS5 once more, so they are made from the stored rows before these change; see [`Reindexed`].

use crate::error::{Error, Result};
use crate::model::Article;
use crate::model::StopFlag;
use crate::search::{TOKENIZER_VERSION, Tokens};
use crate::store::index::fts5::{Inverted, Inverter, load};
use crate::store::open::connection::WriteConnection;
use crate::store::open::meta::{
    MAKING_KEY, VERSION_KEY, mark_indexed, read_tokenizer, read_version, write_version,
};
use crate::store::open::reader::Reader;
use rusqlite::{Connection, OptionalExtension, named_params};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// From this many new articles on, loading is faster than inserting; the bench `fts5` shows by how much.
const LEAST_LOADED: usize = 20;
/// How much a rebuild commits at once.
const BATCH_BYTES: usize = 16 << 20;
const BATCH_TIME: Duration = Duration::from_secs(2);

/// The title and the content paragraphs of an article as stored: what the index holds of it.
pub(in crate::store) fn stored_text(
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
    pub(in crate::store) fn check_index(&self) -> Result<()> {
        match read_tokenizer(&self.connection)? {
            Some(TOKENIZER_VERSION) => Ok(()),
            found => {
                let path = self.path.clone();
                Err(Error::OtherIndex { path, found, known: TOKENIZER_VERSION })
            }
        }
    }
}

/// How the full-text index is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IndexWriting {
    /// Many articles at once, by our own writer of FTS5's segments.
    #[default]
    Bulk,
    /// Article by article, by FTS5's own INSERT: the same index, in several times the time. For users who do
    /// not trust our writer.
    Plain,
    /// Not at all: the index is dropped, and the next run that writes rebuilds it.
    Later,
}

/// Updates the index with the rows of a batch.
pub(in crate::store) struct IndexKeeper {
    care: Care,
    /// Whether FTS5's own INSERT writes all entries.
    is_plain: bool,
    /// New articles of the open transaction that are not in the index yet, by id: writing many at once takes
    /// a fraction of the time.
    waiting: BTreeMap<i64, Inverted>,
    inverter: Inverter,
}

/// What happens to the index when rows change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// It is updated with them.
    Kept,
    /// It needs a rebuild, and is not touched until then.
    Stale,
    /// Nobody will search it before it is rolled back: a trial's.
    Unwanted,
}

/// Proof that the index already holds the title and text that an article is about to get. Without it, the
/// stored ones cannot be changed, because the old tokens cannot be made after that.
#[derive(Debug)]
#[must_use]
pub(in crate::store) struct Reindexed {
    article_id: i64,
}

impl Reindexed {
    /// The article whose rows may change.
    pub fn article_id(&self) -> i64 {
        self.article_id
    }
}

impl IndexKeeper {
    pub fn new(connection: &Connection, is_trial: bool) -> Result<Self> {
        let care = match read_tokenizer(connection)? {
            _ if is_trial => Care::Unwanted,
            Some(TOKENIZER_VERSION) => Care::Kept,
            _ => Care::Stale,
        };
        Ok(Self { care, is_plain: false, waiting: BTreeMap::new(), inverter: Inverter::default() })
    }

    /// From now on, FTS5's own INSERT writes every entry. The resulting index is the same, and takes several
    /// times as long.
    pub fn write_plainly(&mut self) {
        self.is_plain = true;
    }

    /// Whether the index needs a rebuild: its tokens are not this program's, or there is no index. Until then
    /// no command updates it.
    pub fn is_stale(&self) -> bool {
        self.care == Care::Stale
    }

    /// Adds a new article; it is written together with the others that wait.
    pub fn add(
        &mut self,
        article_id: i64,
        inverted: Option<Inverted>,
        article: &Article,
    ) -> Result<()> {
        if self.care == Care::Kept {
            let inverted = match inverted {
                Some(inverted) => inverted,
                None => self.inverter.invert_article(article)?,
            };
            self.waiting.insert(article_id, inverted);
        }
        Ok(())
    }

    /// Removes an article from the index.
    pub fn remove(&mut self, connection: &Connection, article_id: i64) -> Result<Reindexed> {
        if self.care == Care::Kept && self.waiting.remove(&article_id).is_none() {
            take_out(connection, article_id, &stored_tokens(connection, article_id)?)?;
        }
        Ok(Reindexed { article_id })
    }

    /// Replaces an article's entry by the text that is about to be stored.
    pub fn replace(
        &mut self,
        connection: &Connection,
        article_id: i64,
        article: &Article,
    ) -> Result<Reindexed> {
        if self.care == Care::Kept {
            if let Some(waiting) = self.waiting.get_mut(&article_id) {
                *waiting = self.inverter.invert_article(article)?;
            } else {
                let tokens = Tokens::of(article);
                let stored = stored_tokens(connection, article_id)?;
                if stored != tokens {
                    take_out(connection, article_id, &stored)?;
                    insert_tokens(connection, article_id, &tokens)?;
                }
            }
        }
        Ok(Reindexed { article_id })
    }

    /// Writes the waiting articles to the index.
    pub fn write_waiting(&mut self, connection: &Connection) -> Result<()> {
        let entries = std::mem::take(&mut self.waiting).into_iter().collect();
        write_entries(connection, entries, self.is_plain)?;
        Ok(())
    }

    /// Forgets the waiting articles, after their rows were rolled back.
    pub fn forget_waiting(&mut self) {
        self.waiting.clear();
    }

    /// Drops the index until it is rebuilt.
    pub fn give_up(&mut self, connection: &WriteConnection) -> Result<()> {
        if self.care == Care::Kept {
            let mut transaction = connection.begin()?;
            write_version(connection, VERSION_KEY, None)?;
            write_version(connection, MAKING_KEY, None)?;
            transaction.commit()?;
            self.care = Care::Stale;
        }
        Ok(())
    }

    /// Rebuilds the index from the stored rows, in batches that are committed one by one; an interrupted
    /// rebuild continues where it was. Reports how many of how many articles are done. If it is stopped, the
    /// index stays stale.
    pub fn rebuild(
        &mut self,
        connection: &WriteConnection,
        stop: &StopFlag,
        on_progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64> {
        const CLEAR: &str = "INSERT INTO article_fts (article_fts) VALUES ('delete-all')";
        const LAST: &str = "SELECT coalesce(max(id), 0) AS id FROM article_fts_docsize";
        const COUNT: &str = "SELECT count(*) AS articles FROM article WHERE id > ?1";
        let is_begun = read_version(connection, MAKING_KEY)? == Some(TOKENIZER_VERSION);
        if !is_begun {
            let mut transaction = connection.begin()?;
            write_version(connection, VERSION_KEY, None)?;
            write_version(connection, MAKING_KEY, Some(TOKENIZER_VERSION))?;
            connection.execute(CLEAR, [])?;
            transaction.commit()?;
        }
        let mut last: i64 = connection.query_row(LAST, [], |row| row.get("id"))?;
        let total = connection.query_row(COUNT, [last], |row| row.get("articles"))?;
        let mut done = 0;
        let mut is_more = true;
        while is_more {
            let mut transaction = connection.begin()?;
            let entries = self.next_entries(connection, last)?;
            last = entries.last().map_or(last, |(article_id, _)| *article_id);
            done += entries.len() as u64;
            is_more = !entries.is_empty();
            if !is_more {
                write_version(connection, MAKING_KEY, None)?;
                mark_indexed(connection)?;
            }
            write_entries(connection, entries, self.is_plain)?;
            transaction.commit()?;
            on_progress(done, total);
            if is_more && stop.is_requested() {
                return Ok(done);
            }
        }
        self.care = Care::Kept;
        Ok(done)
    }

    /// Makes the index of an archive whose articles were all stored without it, in the caller's transaction.
    pub fn fill(&mut self, connection: &Connection) -> Result<()> {
        let mut last = 0;
        loop {
            let entries = self.next_entries(connection, last)?;
            let Some((article_id, _)) = entries.last() else { return Ok(()) };
            last = *article_id;
            write_entries(connection, entries, self.is_plain)?;
        }
    }

    /// The entries of the next articles after that id, as many as are committed at once.
    fn next_entries(
        &mut self,
        connection: &Connection,
        mut after: i64,
    ) -> Result<Vec<(i64, Inverted)>> {
        const NEXT: &str = "SELECT id FROM article WHERE id > :after ORDER BY id LIMIT 1";
        let started = Instant::now();
        let (mut entries, mut bytes) = (Vec::new(), 0);
        while bytes < BATCH_BYTES && started.elapsed() < BATCH_TIME {
            let mut statement = connection.prepare_cached(NEXT)?;
            let next = statement.query_row(named_params! { ":after": after }, |row| row.get("id"));
            let Some(id) = next.optional()? else { break };
            let tokens = stored_tokens(connection, id)?;
            entries.push((id, self.inverter.invert_tokens(&tokens)?));
            bytes += tokens.title.len() + tokens.body.len();
            after = id;
        }
        Ok(entries)
    }
}

/// Writes articles, in the order of their ids, to an index that has none of them; their rows are stored.
/// Returns whether they were loaded, not inserted.
fn write_entries(
    connection: &Connection,
    entries: Vec<(i64, Inverted)>,
    is_plain: bool,
) -> Result<bool> {
    let is_loaded =
        !is_plain && entries.len() >= LEAST_LOADED && load(connection, &entries)?.is_ok();
    if !is_loaded {
        for (article_id, _) in entries {
            insert_tokens(connection, article_id, &stored_tokens(connection, article_id)?)?;
        }
    }
    Ok(is_loaded)
}

fn insert_tokens(connection: &Connection, article_id: i64, tokens: &Tokens) -> Result<()> {
    const INSERT: &str = "INSERT INTO article_fts (rowid, title, body) VALUES (?1, ?2, ?3)";
    let values = (article_id, &tokens.title, &tokens.body);
    connection.prepare_cached(INSERT)?.execute(values)?;
    Ok(())
}

fn take_out(connection: &Connection, article_id: i64, stored: &Tokens) -> Result<()> {
    const DELETE: &str = "INSERT INTO article_fts (article_fts, rowid, title, body)
        VALUES ('delete', ?1, ?2, ?3)";
    let values = (article_id, &stored.title, &stored.body);
    connection.prepare_cached(DELETE)?.execute(values)?;
    Ok(())
}

/// The tokens of an article as stored.
fn stored_tokens(connection: &Connection, article_id: i64) -> Result<Tokens> {
    let (title, texts) = stored_text(connection, article_id)?;
    Ok(Tokens::new(&title, texts.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::derive_article;

    fn article(title: &str, text: &str) -> Article {
        let seed = format!("[{title}](https://news.example/1)\n------\n\n<p>{text}</p>\n");
        derive_article(seed.as_bytes()).unwrap()
    }

    /// An archive without articles, and the keeper of its index.
    fn empty() -> (WriteConnection, IndexKeeper) {
        let (connection, _) = WriteConnection::temporary().unwrap();
        // The articles of these tests have no seeds.
        connection.pragma_update(None, "defer_foreign_keys", true).unwrap();
        let keeper = IndexKeeper::new(&connection, false).unwrap();
        (connection, keeper)
    }

    /// Stores the rows that the index is made from.
    fn store(connection: &Connection, id: i64, article: &Article) {
        const ARTICLE: &str =
            "INSERT OR REPLACE INTO article (id, canonical_url, title, script, status,
            seed_id, revision_count, paragraph_count, char_count, extractor_version)
            VALUES (?1, 'a', ?2, 'Hans', 'ok', 1, 1, 1, 1, 1)";
        const TEXT: &str = "INSERT INTO paragraph (article_id, position, kind, is_content, text)
            VALUES (?1, ?2, 'paragraph', 1, ?3)";
        connection.execute("DELETE FROM paragraph WHERE article_id = ?1", [id]).unwrap();
        connection.execute(ARTICLE, (id, &article.title)).unwrap();
        for (position, block) in article.blocks.iter().enumerate() {
            connection.execute(TEXT, (id, position as i64, &block.text)).unwrap();
        }
    }

    fn found(connection: &Connection, word: &str) -> Vec<i64> {
        const FIND: &str =
            "SELECT rowid FROM article_fts WHERE article_fts MATCH ?1 ORDER BY rowid";
        let mut statement = connection.prepare(FIND).unwrap();
        let found = statement.query_map([word], |row| row.get(0)).unwrap();
        found.collect::<Result<_, _>>().unwrap()
    }

    /// Few articles are inserted, many are loaded.
    #[test]
    fn new_articles_wait() {
        for count in [1, LEAST_LOADED as i64 + 1] {
            let (connection, mut keeper) = empty();
            let new = article("春天", "燕子来了。");
            for id in 1..=count {
                store(&connection, id, &new);
                keeper.add(id, None, &new).unwrap();
            }
            assert!(found(&connection, "燕子").is_empty());
            let removed = keeper.remove(&connection, 1).unwrap();
            assert_eq!(removed.article_id(), 1);
            keeper.write_waiting(&connection).unwrap();
            assert_eq!(found(&connection, "燕子"), (2..=count).collect::<Vec<_>>());
            keeper.add(count + 1, None, &new).unwrap();
            keeper.forget_waiting();
            keeper.write_waiting(&connection).unwrap();
            assert_eq!(found(&connection, "春天").len() as i64, count - 1);
        }
    }

    #[test]
    fn only_a_plain_index_is_never_loaded() {
        for is_plain in [false, true] {
            let (connection, mut keeper) = empty();
            let new = article("春天", "燕子来了。");
            let ids = 1..=LEAST_LOADED as i64;
            let mut entry = |id| {
                store(&connection, id, &new);
                (id, keeper.inverter.invert_article(&new).unwrap())
            };
            let entries = ids.clone().map(&mut entry).collect();
            assert_eq!(write_entries(&connection, entries, is_plain).unwrap(), !is_plain);
            assert_eq!(found(&connection, "燕子"), ids.collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_entry_follows_its_article() {
        let (connection, mut keeper) = empty();
        let (old, new) = (article("春天", "燕子来了。"), article("夏天", "燕子走了。"));
        for is_written in [true, false] {
            let id = 1 + i64::from(is_written);
            store(&connection, id, &old);
            keeper.add(id, None, &old).unwrap();
            if is_written {
                keeper.write_waiting(&connection).unwrap();
            }
            let reindexed = keeper.replace(&connection, id, &new).unwrap();
            store(&connection, reindexed.article_id(), &new);
            keeper.write_waiting(&connection).unwrap();
            assert_eq!((found(&connection, "春天"), found(&connection, "来了")), (vec![], vec![]));
            assert!(
                found(&connection, "夏天").contains(&id)
                    && found(&connection, "走了").contains(&id)
            );
        }
        let _ = keeper.remove(&connection, 1).unwrap();
        assert_eq!(found(&connection, "燕子"), [2]);
    }

    #[test]
    fn a_stale_index_is_not_changed_until_it_is_rebuilt() {
        let (connection, mut keeper) = empty();
        let new = article("春天", "燕子来了。");
        keeper.give_up(&connection).unwrap();
        assert!(keeper.is_stale() && IndexKeeper::new(&connection, false).unwrap().is_stale());
        for id in 1..=3 {
            store(&connection, id, &new);
            keeper.add(id, None, &new).unwrap();
        }
        keeper.write_waiting(&connection).unwrap();
        assert!(found(&connection, "燕子").is_empty());
        let stop = StopFlag::new();
        let mut steps = Vec::new();
        let done = keeper.rebuild(&connection, &stop, &mut |done, all| steps.push((done, all)));
        assert_eq!((done.unwrap(), steps), (3, vec![(3, 3), (3, 3)]));
        assert_eq!(found(&connection, "燕子"), [1, 2, 3]);
        assert!(!keeper.is_stale() && !IndexKeeper::new(&connection, false).unwrap().is_stale());
    }

    #[test]
    fn a_stopped_rebuild_continues() {
        let (connection, mut keeper) = empty();
        let new = article("春天", "燕子来了。");
        keeper.give_up(&connection).unwrap();
        store(&connection, 1, &new);
        let stop = StopFlag::new();
        stop.request();
        assert_eq!(keeper.rebuild(&connection, &stop, &mut |_, _| {}).unwrap(), 1);
        assert!(keeper.is_stale());
        store(&connection, 2, &new);
        let rest = keeper.rebuild(&connection, &StopFlag::new(), &mut |_, _| {});
        assert_eq!((rest.unwrap(), keeper.is_stale()), (1, false));
        assert_eq!(found(&connection, "燕子"), [1, 2]);
    }
}
