//! A load writes byte for byte what FTS5 writes if it has memory for all documents.

use super::*;
use proptest::prelude::*;

/// Compares a loaded index with one whose documents were inserted.
#[track_caller]
fn check(configuration: &[(&str, i64)], documents: &[Document]) -> Index {
    let configuration = [configuration, &[ROOMY]].concat();
    let (loaded, native) = (Index::new(&configuration), Index::new(&configuration));
    loaded.transact(|index| {
        index.load(documents);
    });
    native.transact(|index| index.insert(documents));
    assert_same(&loaded.bytes(), &native.bytes());
    loaded.check();
    loaded
}

#[test]
fn many_documents() {
    check(&[], &documents(1, 1..=300, 100));
}

#[test]
fn page_sizes() {
    for page_size in [32, 33, 64, 100, 127, 500, 1_000, 4_050, 8_000, 16_384, 32_768] {
        check(&[("pgsz", page_size)], &documents(page_size as u64, 1..=60, 40));
    }
}

#[test]
fn no_documents_and_empty_ones() {
    check(&[], &[]);
    check(&[], &[(7, String::new(), String::new()), (9, "，。".into(), " - ".into())]);
    let mut some = documents(2, 1..=20, 20);
    some[4].1.clear();
    some[4].2.clear();
    some[19].2.clear();
    check(&[], &some);
}

/// Tokens of 40 KB are truncated at 32; two that differ only after that are the same term.
#[test]
fn long_tokens() {
    let long = ["a".repeat(40_000), "a".repeat(40_001), "中".repeat(14_000), "é".repeat(20_000)];
    let documents: Vec<Document> = (1..)
        .zip(&long)
        .map(|(rowid, token)| (rowid, format!("中国 {token} x"), format!("{token} 国 {token}")))
        .collect();
    for page_size in [64, 4_050, 32_768] {
        check(&[("pgsz", page_size)], &documents);
    }
}

#[test]
fn one_term_very_often() {
    let often = "天 ".repeat(150_000);
    let documents: Vec<Document> = vec![
        (1, "天".into(), "天气".into()),
        (2, "一".into(), often.clone()),
        (3, often, "天 天气".into()),
    ];
    check(&[], &documents);
    check(&[("pgsz", 64)], &documents);
}

#[test]
fn odd_rowids() {
    let rowids =
        [-5, 0, 1, 127, 128, 255, 20_000, 1 << 21, 1 << 35, 1 << 56, i64::MAX - 1, i64::MAX];
    for page_size in [32, 4_050] {
        check(&[("pgsz", page_size)], &documents(3, rowids, 30));
    }
}

/// The heights of the pages of doclist indexes.
fn index_heights(index: &Index) -> Vec<Vec<Value>> {
    index.rows("SELECT DISTINCT id >> 31 & 31 FROM article_fts_data WHERE id >> 36 & 1 ORDER BY 1")
}

#[test]
fn doclist_indexes_of_several_levels() {
    let dice = &mut Dice(4);
    let documents: Vec<Document> =
        (1..=6_000).map(|at| (at * 300, "天".to_owned(), "天气 ".repeat(dice.roll(12)))).collect();
    let lowest = check(&[("pgsz", 1_000)], &documents);
    assert_eq!(index_heights(&lowest), [[Value::Integer(0)]]);
    let three = check(&[("pgsz", 64)], &documents);
    assert_eq!(index_heights(&three), [[0.into()], [1.into()], [2.into()]]);
    // Seeking uses the index.
    let seek = "SELECT rowid FROM article_fts WHERE article_fts MATCH '天' AND rowid > 1799500
        UNION ALL SELECT max(rowid) FROM article_fts WHERE article_fts MATCH '天' AND rowid < 900001";
    assert_eq!(
        three.rows(seek),
        [[1_799_700.into()], [1_800_000.into()], [Value::Integer(900_000)]]
    );
}

/// Between the leaves of one document's list are leaves without any rowid.
#[test]
fn doclist_indexes_with_gaps() {
    let mut documents: Vec<Document> =
        (1..=40).map(|rowid| (rowid, "天".to_owned(), "天 ".repeat(20))).collect();
    documents[7].2 = "天 ".repeat(3_000);
    documents[20].2 = "天 气 ".repeat(3_000);
    check(&[("pgsz", 64)], &documents);
    check(&[("pgsz", 500)], &documents);
}

/// A load among segments of several levels: the smaller ones move to its level.
#[test]
fn a_large_segment_among_small_ones() {
    let configuration = [("pgsz", 64), ROOMY];
    let (loaded, native) = (Index::new(&configuration), Index::new(&configuration));
    let mut small = Vec::new();
    for batch in 0..20_i64 {
        let new = documents(batch as u64, batch * 5 + 1..=batch * 5 + 5, 8);
        for index in [&loaded, &native] {
            index.transact(|index| index.insert(&new));
        }
        small.extend(new);
    }
    assert!(loaded.levels().len() > 2, "{:?}", loaded.levels());
    let before = loaded.levels()[1..].concat().len();
    let large = documents(20, 101..=400, 30);
    loaded.transact(|index| {
        index.load(&large);
    });
    native.transact(|index| index.insert(&large));
    assert_same(&loaded.bytes(), &native.bytes());
    let after = loaded.levels();
    assert!(after.iter().skip(1).flatten().count() < before, "{after:?}");
}

/// Operations on an index.
#[derive(Debug, Clone)]
enum Act {
    /// New documents, loaded into one index and inserted at once into the other.
    Load(usize),
    Insert(usize),
    /// Deletes every n-th document.
    Delete(usize),
    /// An update: the same rowid again.
    Replace(usize),
    Merge(i64),
    Optimize,
    Search,
    Commit,
    RollBack,
    /// Rolls back to a savepoint before the operation.
    Undo(Box<Act>),
}

fn acts() -> impl Strategy<Value = Act> {
    let act = prop_oneof![
        6 => (0..40_usize).prop_map(Act::Load),
        3 => (0..15_usize).prop_map(Act::Insert),
        2 => (1..9_usize).prop_map(Act::Delete),
        2 => (1..9_usize).prop_map(Act::Replace),
        2 => (1..30_i64).prop_map(Act::Merge),
        1 => Just(Act::Optimize),
        2 => Just(Act::Search),
        2 => Just(Act::Commit),
        1 => Just(Act::RollBack),
    ];
    act.prop_recursive(1, 2, 1, |act| act.prop_map(|act| Act::Undo(Box::new(act))))
}

/// The loaded index and the native one, and the documents in them.
struct Pair {
    loaded: Index,
    native: Index,
    next: i64,
    documents: Vec<Document>,
    /// As of the last commit.
    committed: Vec<Document>,
}

impl Pair {
    fn new(page_size: i64) -> Self {
        let configuration = [("pgsz", page_size), ROOMY];
        let pair = Self {
            loaded: Index::new(&configuration),
            native: Index::new(&configuration),
            next: 1,
            documents: Vec::new(),
            committed: Vec::new(),
        };
        pair.both(|index| index.execute("BEGIN"));
        pair
    }

    fn both(&self, act: impl Fn(&Index)) {
        act(&self.loaded);
        act(&self.native);
    }

    /// New documents; their rowids are not used again, whatever happens to them.
    fn new_documents(&mut self, count: usize) -> Vec<Document> {
        let rowids = self.next..self.next + count as i64;
        self.next = rowids.end + rowids.end % 3;
        documents(rowids.start as u64, rowids, 12)
    }

    fn every(&mut self, step: usize) -> Vec<Document> {
        self.documents.iter().step_by(step).cloned().collect()
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Load(count) => {
                let new = self.new_documents(*count);
                self.loaded.load(&new);
                self.native.command("flush", None);
                self.native.insert(&new);
                self.native.command("flush", None);
                self.documents.extend(new);
            }
            Act::Insert(count) => {
                let new = self.new_documents(*count);
                self.both(|index| index.insert(&new));
                self.documents.extend(new);
            }
            Act::Delete(step) => {
                let old = self.every(*step);
                self.both(|index| index.delete(&old));
                self.documents.retain(|document| !old.contains(document));
            }
            Act::Replace(step) => {
                let old = self.every(*step);
                let rowids = old.iter().map(|(rowid, ..)| *rowid);
                let new = documents(self.next as u64, rowids, 12);
                self.both(|index| index.delete(&old));
                self.both(|index| index.insert(&new));
                self.documents.retain(|document| !old.contains(document));
                self.documents.extend(new);
                self.documents.sort();
            }
            Act::Merge(pages) => self.both(|index| index.command("merge", *pages)),
            Act::Optimize => self.both(|index| index.command("optimize", None)),
            Act::Search => {
                let found = self.loaded.rows("SELECT rowid FROM article_fts('x OR 一')");
                assert_eq!(found, self.native.rows("SELECT rowid FROM article_fts('x OR 一')"));
            }
            Act::Commit => {
                self.both(|index| index.execute("COMMIT; BEGIN"));
                self.committed.clone_from(&self.documents);
            }
            Act::RollBack => {
                self.both(|index| index.execute("ROLLBACK; BEGIN"));
                self.documents.clone_from(&self.committed);
            }
            Act::Undo(act) => {
                let before = self.documents.clone();
                self.both(|index| index.execute("SAVEPOINT undo"));
                // An operation that ends the transaction also removes its savepoint.
                if !matches!(**act, Act::Commit | Act::RollBack) {
                    self.act(act);
                    self.both(|index| index.execute("ROLLBACK TO undo; RELEASE undo"));
                    self.documents = before;
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Loads between inserts, deletes, merges, commits and rollbacks on one connection, in any order: neither
    /// FTS5's caches nor its pending writes interfere.
    #[test]
    fn any_history(page_size in prop_oneof![Just(64_i64), Just(300), Just(4_050)],
                   acts in prop::collection::vec(acts(), 1..25)) {
        let mut pair = Pair::new(page_size);
        for act in &acts {
            pair.act(act);
        }
        pair.both(|index| index.execute("COMMIT"));
        assert_same(&pair.loaded.bytes(), &pair.native.bytes());
        assert_same(&pair.loaded.vocabulary(), &pair.native.vocabulary());
        pair.loaded.check();
    }

    #[test]
    fn any_documents(texts in prop::collection::vec(
        ("\\PC{0,20}", "([a-z]{0,3} |[一-丐]{1,3} |é|\\PC|[\u{f0000}-\u{f0100}\u{10f400}-\u{10f440}]){0,60}"), 0..12), page_size in 32..200_i64) {
        let documents: Vec<Document> =
            (1..).zip(texts).map(|(rowid, (title, body))| (rowid, title, body)).collect();
        check(&[("pgsz", page_size)], &documents);
    }
}
