//! What connections see of a load, and how an index develops over many loads.

use super::*;

/// An index in a file, and how to open it again.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> (Self, Index) {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let connection = place.connect();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        (place, Index::create(connection, &[]))
    }

    fn connect(&self) -> Connection {
        Connection::open(self.folder.path().join("index.db")).unwrap()
    }

    fn open(&self) -> Index {
        Index { connection: self.connect() }
    }
}

fn found(index: &Index, query: &str) -> Vec<Vec<Value>> {
    index.rows(&format!("SELECT rowid FROM article_fts('{query}') ORDER BY rowid"))
}

fn one(rowid: i64, title: &str) -> [Document; 1] {
    [(rowid, title.to_owned(), String::new())]
}

#[test]
fn a_connection_sees_its_own_load_at_once() {
    let index = Index::new(&[]);
    index.execute("BEGIN");
    index.insert(&one(1, "天"));
    // So that the connection has something in its cache.
    assert_eq!(found(&index, "天"), [[1.into()]]);
    index.load(&one(2, "天 气"));
    assert_eq!(found(&index, "天"), [[1.into()], [2.into()]]);
    index.insert(&one(3, "天"));
    index.delete(&one(2, "天 气"));
    assert_eq!(found(&index, "天"), [[1.into()], [3.into()]]);
    index.load(&one(4, "天 气"));
    index.execute("COMMIT");
    assert_eq!(found(&index, "天"), [[1.into()], [3.into()], [4.into()]]);
    assert_eq!(found(&index, "气"), [[4.into()]]);
}

#[test]
fn other_connections_see_a_load_once_it_is_committed() {
    let (place, writer) = Place::new();
    writer.insert(&one(1, "天"));
    let other = place.open();
    assert_eq!(found(&other, "天"), [[1.into()]]);
    writer.execute("BEGIN");
    writer.load(&one(2, "天"));
    assert_eq!(found(&other, "天"), [[1.into()]]);
    writer.execute("COMMIT");
    assert_eq!(found(&other, "天"), [[1.into()], [2.into()]]);
    other.insert(&one(3, "天"));
    writer.transact(|index| {
        index.load(&one(4, "天"));
    });
    assert_eq!(found(&other, "天"), found(&writer, "天"));
    assert_eq!(found(&other, "天").len(), 4);
    other.check();
}

/// An open search continues with its old results or with the current ones.
#[test]
fn a_search_may_be_under_way() {
    let index = Index::new(&[]);
    index.insert(&one(1, "天"));
    index.insert(&one(2, "天"));
    index.execute("BEGIN");
    let mut search = index.connection.prepare("SELECT rowid FROM article_fts('天')").unwrap();
    let mut rows = search.query([]).unwrap();
    assert_eq!(rows.next().unwrap().unwrap().get::<_, i64>(0), Ok(1));
    index.load(&one(3, "天"));
    assert_eq!(rows.next().unwrap().unwrap().get::<_, i64>(0), Ok(2));
    drop(rows);
    index.execute("COMMIT");
    assert_eq!(found(&index, "天").len(), 3);
}

#[test]
fn a_load_is_rolled_back() {
    let (place, index) = Place::new();
    index.insert(&documents(30, 1..=30, 20));
    let before = index.bytes();
    index.execute("BEGIN");
    index.load(&documents(31, 31..=80, 20));
    assert!(index.bytes() != before);
    index.execute("ROLLBACK");
    assert_same(&index.bytes(), &before);
    index.execute("BEGIN");
    index.insert(&one(31, "天 气"));
    index.execute("SAVEPOINT before");
    let between = index.bytes();
    index.load(&documents(32, 32..=80, 20));
    index.insert(&one(81, "天 气"));
    index.execute("ROLLBACK TO before");
    assert_same(&index.bytes(), &between);
    index.load(&documents(33, 32..=60, 20));
    index.execute("RELEASE before; COMMIT");

    let native = Index::new(&[]);
    native.insert(&documents(30, 1..=30, 20));
    native.insert(&one(31, "天 气"));
    native.insert(&documents(33, 32..=60, 20));
    assert_same(&index.vocabulary(), &native.vocabulary());
    assert_same(&place.open().vocabulary(), &native.vocabulary());
    index.check();
}

/// Rowids that existed and were deleted are not refused once no greater one is left. FTS5 would accept them
/// again; so does a load, since its segment is the newest.
#[test]
fn a_deleted_rowid_can_be_loaded_again() {
    let (loaded, native) = (Index::new(&[]), Index::new(&[]));
    let (old, new) = (one(5, "天 气"), one(5, "天 地"));
    for index in [&loaded, &native] {
        index.insert(&old);
        index.delete(&old);
    }
    loaded.transact(|index| {
        index.load(&new);
    });
    native.insert(&new);
    for command in [None, Some("merge"), Some("optimize")] {
        if let Some(command) = command {
            loaded.command(command, 100);
            native.command(command, 100);
        }
        assert_same(&loaded.vocabulary(), &native.vocabulary());
        assert_eq!(found(&loaded, "天"), [[5.into()]]);
        assert!(found(&loaded, "气").is_empty());
    }
}

/// Counts the pages written by loads of one size and by the merges that they cause.
#[test]
fn many_loads_leave_few_segments_and_write_few_pages() {
    let index = Index::new(&[("pgsz", 100)]);
    let mut loaded = 0;
    let mut most_segments = 0;
    let before = index.connection.total_changes();
    for batch in 0..200_i64 {
        let new = documents(batch as u64, batch * 4 + 1..=batch * 4 + 4, 12);
        index.transact(|index| loaded += index.load(&new).leaves);
        most_segments = most_segments.max(index.levels().concat().len());
    }
    let kept: u64 = index.levels().concat().iter().sum();
    // Each page is written once more for each level, of which there are log4(200); each page also has a row
    // in two tables, and is deleted once.
    let changes = index.connection.total_changes() - before;
    assert!(most_segments <= 20, "{most_segments}");
    assert!(kept <= loaded, "{kept} of {loaded}");
    assert!(changes < 4 * 5 * loaded, "{changes} for {loaded}");
    index.check();
}

/// Loads two documents at a time, and checks the greatest number of segments.
#[track_caller]
fn check_unmerged(configuration: &[(&str, i64)], expected: usize) {
    let index = Index::new(&[&[("automerge", 0)], configuration].concat());
    let mut most = 0;
    for batch in 1..=40_i64 {
        index.transact(|index| {
            index.load(&documents(batch as u64, [2 * batch, 2 * batch + 1], 12));
        });
        most = most.max(index.levels().concat().len());
    }
    assert_eq!(most, expected);
    index.check();
}

/// If automatic merging is off, FTS5 merges only when there are too many segments: at most 15 new ones beside
/// the one that 16 were merged into.
#[test]
fn segments_are_few_even_without_merging() {
    check_unmerged(&[], 15 + 1);
    check_unmerged(&[("crisismerge", 30)], 29);
}

/// As in a dry run on an older archive: the table is created in the transaction that loads it, so that
/// rolling back to a savepoint makes SQLite read the whole schema again.
#[test]
fn a_table_made_in_the_same_transaction() {
    for end in ["COMMIT", "ROLLBACK"] {
        let (place, unused) = Place::new();
        unused.execute("DROP TABLE instances; DROP TABLE terms; DROP TABLE columns");
        unused.execute("DROP TABLE article_fts");
        let connection = place.connect();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let index = Index::create(connection, &[]);
        let native = Index::new(&[]);
        index.insert(&documents(50, 1..=20, 20));
        index.load(&documents(51, 21..=60, 20));
        index.insert(&documents(52, 61..=70, 20));
        index.delete(&documents(51, 21..=60, 20)[..5]);
        index.load(&documents(53, 71..=99, 20));
        native.insert(&documents(50, 1..=20, 20));
        native.insert(&documents(51, 21..=60, 20));
        native.insert(&documents(52, 61..=70, 20));
        native.delete(&documents(51, 21..=60, 20)[..5]);
        native.insert(&documents(53, 71..=99, 20));
        assert_same(&index.vocabulary(), &native.vocabulary());
        index.check();
        index.execute(end);
        let tables = "SELECT name FROM sqlite_schema WHERE name GLOB 'article*'";
        match end {
            "COMMIT" => assert_same(&place.open().vocabulary(), &native.vocabulary()),
            _ => assert!(place.open().rows(tables).is_empty()),
        }
    }
}
