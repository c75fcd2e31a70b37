//! Compares a loaded index with one that FTS5 wrote.

mod bytes;
mod connections;
mod queries;
mod refusals;
mod shell;

use super::{Inverter, Loaded, Refusal, load};
use rusqlite::Connection;
use rusqlite::types::Value;

/// A rowid, a title and a body.
type Document = (i64, String, String);

/// An index in memory, or a connection to one in a file.
struct Index {
    connection: Connection,
}

const CREATE: &str = "CREATE VIRTUAL TABLE article_fts USING fts5(body, title, content='',
    tokenize='unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE instances USING fts5vocab('article_fts', 'instance');
    CREATE VIRTUAL TABLE terms USING fts5vocab('article_fts', 'row');
    CREATE VIRTUAL TABLE columns USING fts5vocab('article_fts', 'col')";

/// Enough memory for FTS5 to write all documents of a transaction as one segment.
const ROOMY: (&str, i64) = ("hashsize", 1 << 30);

impl Index {
    fn new(configuration: &[(&str, i64)]) -> Self {
        Self::create(Connection::open_in_memory().unwrap(), configuration)
    }

    fn create(connection: Connection, configuration: &[(&str, i64)]) -> Self {
        connection.execute_batch(CREATE).unwrap();
        let index = Self { connection };
        for (key, value) in configuration {
            index.command(key, *value);
        }
        index
    }

    fn execute(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    fn command(&self, command: &str, rank: impl Into<Option<i64>>) {
        const COMMAND: &str = "INSERT INTO article_fts (article_fts, rank) VALUES (?1, ?2)";
        self.connection.execute(COMMAND, (command, rank.into())).unwrap();
    }

    /// Checks the structure of the index; missing terms are not found by it.
    fn check(&self) {
        self.command("integrity-check", None);
    }

    /// Adds documents by INSERT.
    fn insert(&self, documents: &[Document]) {
        const INSERT: &str = "INSERT INTO article_fts (rowid, title, body) VALUES (?1, ?2, ?3)";
        let mut insert = self.connection.prepare_cached(INSERT).unwrap();
        for document in documents {
            insert.execute(document.clone()).unwrap();
        }
    }

    fn delete(&self, documents: &[Document]) {
        const DELETE: &str = "INSERT INTO article_fts (article_fts, rowid, title, body)
            VALUES ('delete', ?1, ?2, ?3)";
        let mut delete = self.connection.prepare_cached(DELETE).unwrap();
        for document in documents {
            delete.execute(document.clone()).unwrap();
        }
    }

    /// Loads documents inside the open transaction.
    fn try_load(&self, documents: &[Document]) -> Result<Loaded, Refusal> {
        let mut inverter = Inverter::default();
        let inverted: Vec<_> = documents
            .iter()
            .map(|(rowid, title, body)| (*rowid, inverter.invert([body, title]).unwrap()))
            .collect();
        load(&self.connection, &inverted).unwrap()
    }

    fn load(&self, documents: &[Document]) -> Loaded {
        let loaded = self.try_load(documents).unwrap();
        assert_eq!(loaded.documents, documents.len());
        loaded
    }

    fn transact(&self, act: impl FnOnce(&Self)) {
        self.execute("BEGIN");
        act(self);
        self.execute("COMMIT");
    }

    fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        let mut statement = self.connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect());
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// Every byte of the index.
    fn bytes(&self) -> Vec<Vec<Value>> {
        [
            "SELECT id, block FROM article_fts_data ORDER BY id",
            "SELECT segid, term, pgno FROM article_fts_idx ORDER BY segid, term",
            "SELECT id, sz FROM article_fts_docsize ORDER BY id",
            "SELECT k, v FROM article_fts_config ORDER BY k",
        ]
        .iter()
        .flat_map(|sql| self.rows(sql))
        .collect()
    }

    /// Every entry of the index, however it is stored.
    fn vocabulary(&self) -> Vec<Vec<Value>> {
        [
            "SELECT term, doc, col, offset FROM instances",
            "SELECT term, doc, cnt FROM terms",
            "SELECT term, col, doc, cnt FROM columns",
            "SELECT id, sz FROM article_fts_docsize ORDER BY id",
            "SELECT block FROM article_fts_data WHERE id = 1",
        ]
        .iter()
        .flat_map(|sql| self.rows(sql))
        .collect()
    }

    /// The sizes of the segments by level, in leaves.
    fn levels(&self) -> Vec<Vec<u64>> {
        const READ: &str = "SELECT block FROM article_fts_data WHERE id = 10";
        let record: Vec<u8> = self.connection.query_row(READ, [], |row| row.get(0)).unwrap();
        super::structure::Structure::read(&record).unwrap().sizes()
    }
}

/// Compares without printing megabytes.
#[track_caller]
fn assert_same(loaded: &[Vec<Value>], native: &[Vec<Value>]) {
    let differing = loaded.iter().zip(native).position(|(one, other)| one != other);
    if let Some(at) = differing {
        panic!("row {at} is {:?}, should be {:?}", loaded[at], native[at]);
    }
    assert_eq!(loaded.len(), native.len());
}

/// Pseudo-random numbers, the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below a bound.
    fn roll(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((self.0 >> 33) as usize) % bound
    }

    /// Low numbers more often than high ones, like words in texts.
    fn lopsided(&mut self, bound: usize) -> usize {
        let bound = self.roll(bound) + 1;
        let bound = self.roll(bound) + 1;
        self.roll(bound)
    }
}

const WORDS: [&str; 9] = [
    "iphone",
    "2024",
    "x",
    "vegetables",
    "représentation",
    "a.b-c",
    // Symbols and vowel signs are stored as private-use characters.
    "c \u{f002b} \u{f002b}",
    "\u{10f44d}",
    "ท\u{f0e35}น\u{f0e35}",
];

/// Bigrams of a run of Han characters, or a word.
fn words(dice: &mut Dice) -> String {
    if dice.roll(8) == 0 {
        return WORDS[dice.roll(WORDS.len())].to_owned();
    }
    let length = 1 + dice.roll(12);
    let run: Vec<char> =
        (0..length).map(|_| char::from_u32(0x4e00 + dice.lopsided(900) as u32).unwrap()).collect();
    let mut tokens: Vec<String> = run.windows(2).map(|pair| pair.iter().collect()).collect();
    tokens.extend(run.last().map(char::to_string));
    tokens.join(" ")
}

fn text(dice: &mut Dice, runs: usize) -> String {
    (0..runs).map(|_| words(dice)).collect::<Vec<_>>().join(" ")
}

/// Documents with the given rowids, each with up to `runs` runs of words.
fn documents(seed: u64, rowids: impl IntoIterator<Item = i64>, runs: usize) -> Vec<Document> {
    let dice = &mut Dice(seed);
    rowids
        .into_iter()
        .map(|rowid| {
            let (title, body) = (dice.roll(4), dice.roll(runs + 1));
            (rowid, text(dice, title), text(dice, body))
        })
        .collect()
}
