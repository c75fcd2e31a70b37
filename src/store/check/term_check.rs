//! Compares the full-text index word by word with the rows it is made from.
//!
//! FTS5's own check of an index without content covers only its structure: a flipped bit in a list of
//! positions passes it. Both sides are summed up per article, over hashes of every word and position, so that
//! neither has to be sorted into the order of the other.

use crate::error::Result;
use crate::search::Tokens;
use crate::store::check::verify::Inspector;
use crate::store::index::keeper::stored_text;
use crate::store::open::migrate;
use crate::store::open::migrate::SCHEMA_VERSION;
use rusqlite::Connection;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A summary of the index entry of one article.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Words {
    sum: u64,
    /// The number of words in the title and in the body.
    lengths: [u64; 2],
}

impl Words {
    fn add(&mut self, term: u64, column: usize, offset: u64) {
        let place = (column as u64) << 62 | offset;
        self.sum = self.sum.wrapping_add(scattered(term ^ scattered(place)));
        self.lengths[column] += 1;
    }
}

/// The summary of every article's index entry, by id.
pub type IndexedWords = HashMap<i64, Words>;

/// An article's stored text, from which the index is made.
#[derive(Debug)]
pub struct StoredText {
    /// `article.id`.
    pub id: i64,
    title: String,
    texts: Vec<String>,
}

impl StoredText {
    /// Size in bytes.
    pub fn size(&self) -> usize {
        self.title.len() + self.texts.iter().map(String::len).sum::<usize>()
    }
}

impl Inspector {
    /// Reads the whole index.
    pub fn indexed_words(&self) -> Result<IndexedWords> {
        const READ: &str = "SELECT term, doc, \"col\" AS place, \"offset\" FROM temp.article_words";
        open_words(&self.connection)?;
        let mut words = IndexedWords::new();
        let (mut term, mut hash) = (Vec::new(), 0);
        self.each(READ, [], &mut |row| {
            let read = row.get_ref("term")?.as_bytes()?;
            if read != term {
                term = read.to_vec();
                hash = hashed(&term);
            }
            let column = usize::from(row.get_ref("place")?.as_bytes()? != b"body");
            let offset = row.get("offset")?;
            words.entry(row.get("doc")?).or_default().add(hash, column, offset);
            Ok(())
        })?;
        Ok(words)
    }

    /// Compares the lengths that the index stores for each article, and their totals, with its words: ranking
    /// uses them. Reports each difference.
    pub fn check_lengths(
        &self,
        words: &IndexedWords,
        receive: &mut dyn FnMut(Option<i64>, &'static str),
    ) -> Result<()> {
        const LENGTHS: &str = "SELECT id, sz FROM article_fts_docsize ORDER BY id";
        /// The record of totals has this id.
        const TOTALS: &str = "SELECT block FROM article_fts_data WHERE id = 1";
        let mut totals = [0; 3];
        self.each(LENGTHS, [], &mut |row| {
            let id: i64 = row.get("id")?;
            let own = words.get(&id).copied().unwrap_or_default();
            totals[0] += 1;
            totals[1] += own.lengths[0];
            totals[2] += own.lengths[1];
            if numbers(row.get_ref("sz")?.as_blob()?) != own.lengths {
                receive(Some(id), "its length in the full-text index is wrong");
            }
            Ok(())
        })?;
        self.each(TOTALS, [], &mut |row| {
            let found = numbers(row.get_ref("block")?.as_blob()?);
            // An index that has always been empty has no such record.
            if found != totals && !(found.is_empty() && totals[0] == 0) {
                receive(None, "the full-text index has wrong totals");
            }
            Ok(())
        })
    }

    /// Whether a search finds the page of each word. For every page with the beginning of a word, the page
    /// index has a separator, which must sort after all words of the pages before, and not after the page's
    /// first word. FTS5's own check covers only the second half of that.
    pub fn check_pages(&self, receive: &mut dyn FnMut(&'static str)) -> Result<()> {
        const PAGES: &str = "SELECT x.segid, x.term, d.block
            FROM article_fts_idx x JOIN article_fts_data d ON d.id = (x.segid << 37) + (x.pgno >> 1)
            ORDER BY x.segid, x.pgno";
        let mut before: Option<(i64, Vec<u8>)> = None;
        self.each(PAGES, [], &mut |row| {
            let (segment, separator): (i64, Vec<u8>) = (row.get("segid")?, row.get("term")?);
            let Some((first, last)) = terms_of_page(row.get_ref("block")?.as_blob()?) else {
                receive("a page of the full-text index has no words");
                return Ok(());
            };
            let is_above = match &before {
                Some((own, last)) if *own == segment => *last < separator,
                _ => true,
            };
            if !is_above || separator > first {
                receive("a page of the full-text index is not found by its words");
            }
            before = Some((segment, last));
            Ok(())
        })
    }

    /// The stored text of an article.
    pub fn stored_text(&self, id: i64) -> Result<StoredText> {
        let (title, texts) = stored_text(&self.connection, id)?;
        Ok(StoredText { id, title, texts })
    }
}

/// Numbers in SQLite's variable-length encoding, as FTS5 stores them: seven bits per byte, the highest first.
fn numbers(bytes: &[u8]) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut number: u64 = 0;
    for byte in bytes {
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    numbers
}

/// The first and the last word that begin on a page of the index. `fts5_index.c` describes pages: the
/// positions of the words are at the end, each but the first as its distance from the one before. Each word
/// but the first is stored as the length of the prefix that it shares with the one before, and the rest.
fn terms_of_page(page: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let end = usize::from(u16::from_be_bytes([*page.get(2)?, *page.get(3)?]));
    let mut at = 0;
    let mut first = None;
    let mut term: Vec<u8> = Vec::new();
    for distance in numbers(page.get(end..)?) {
        at = usize::try_from(distance).ok()?.checked_add(at)?;
        let mut rest = page.get(at..end)?;
        let kept = if first.is_some() { number(&mut rest)? } else { 0 };
        let length = number(&mut rest)?;
        term.truncate(kept as usize);
        term.extend_from_slice(rest.get(..length as usize)?);
        first.get_or_insert_with(|| term.clone());
    }
    Some((first?, term))
}

/// Removes a number from the beginning.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let (own, rest) = bytes.split_at(length);
    *bytes = rest;
    numbers(own).first().copied()
}

/// Turns our tokens into terms as `unicode61` does; nearly all are already their own terms.
pub struct Unicode61 {
    /// An in-memory archive, to let SQLite itself tokenise the others.
    connection: Connection,
    known: HashMap<String, Vec<u64>>,
}

impl Unicode61 {
    /// Each thread makes its own.
    pub fn new() -> Result<Self> {
        let connection = migrate::schema_of(SCHEMA_VERSION)?;
        open_words(&connection)?;
        Ok(Self { connection, known: HashMap::new() })
    }

    /// The summary that the index must have of a text.
    pub fn words(&mut self, stored: &StoredText) -> Result<Words> {
        let tokens = Tokens::new(&stored.title, stored.texts.iter().map(String::as_str));
        let mut words = Words::default();
        for (column, text) in [&tokens.body, &tokens.title].into_iter().enumerate() {
            for token in text.split_ascii_whitespace() {
                if is_its_own_term(token) {
                    words.add(hashed(token.as_bytes()), column, words.lengths[column]);
                    continue;
                }
                for &term in self.terms(token)? {
                    words.add(term, column, words.lengths[column]);
                }
            }
        }
        Ok(words)
    }

    /// The hashes of a token's terms, in order.
    fn terms(&mut self, token: &str) -> Result<&[u64]> {
        const PUT: &str = "INSERT INTO article_fts (rowid, title) VALUES (1, ?1)";
        const READ: &str = "SELECT term FROM temp.article_words ORDER BY \"offset\"";
        const CLEAR: &str = "INSERT INTO article_fts (article_fts) VALUES ('delete-all')";
        if !self.known.contains_key(token) {
            self.connection.prepare_cached(PUT)?.execute([token])?;
            let mut statement = self.connection.prepare_cached(READ)?;
            let terms =
                statement.query_map([], |row| Ok(hashed(row.get_ref("term")?.as_bytes()?)))?;
            let terms = terms.collect::<Result<_, _>>()?;
            self.connection.prepare_cached(CLEAR)?.execute([])?;
            self.known.insert(token.to_owned(), terms);
        }
        Ok(&self.known[token])
    }
}

/// Whether `unicode61` is known to leave a token as it is. It folds case and diacritics, and cuts at what it
/// does not take for a letter or digit.
fn is_its_own_term(token: &str) -> bool {
    /// FTS5 truncates longer ones.
    const LONGEST: usize = 1_000;
    token.len() < LONGEST
        && token.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '\u{4e00}'..='\u{9fa5}'))
}

/// Makes the words of an index readable as a temporary table.
fn open_words(connection: &Connection) -> Result<()> {
    // Creating a temporary table does not count as writing.
    const MAKE: &str = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.article_words
        USING fts5vocab (main, article_fts, instance)";
    Ok(connection.execute_batch(MAKE)?)
}

fn hashed(term: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    term.hash(&mut hasher);
    hasher.finish()
}

/// Spreads a number over all 64 bits, one to one.
fn scattered(number: u64) -> u64 {
    let mixed = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
