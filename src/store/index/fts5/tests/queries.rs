//! A loaded index gives the same answers as one that FTS5 built piece by piece.

use super::*;

/// The results of a search, best first, with exact scores.
fn answers(index: &Index, query: &str) -> Vec<(i64, f64)> {
    const SEARCH: &str = "SELECT rowid, bm25(article_fts, 1.0, 8.0) AS score FROM article_fts
        WHERE article_fts MATCH ?1 ORDER BY score, rowid";
    let mut statement = index.connection.prepare_cached(SEARCH).unwrap();
    let rows = statement.query_map([query], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// Some consecutive tokens of a document, as a phrase.
fn phrase(dice: &mut Dice, documents: &[Document]) -> String {
    let (_, title, body) = &documents[dice.roll(documents.len())];
    let tokens: Vec<&str> = title.split(' ').chain(body.split(' ')).collect();
    let length = 1 + dice.roll(3);
    let start = dice.roll(tokens.len());
    let end = (start + length).min(tokens.len());
    format!("\"{}\"", tokens[start..end].join(" "))
}

fn query(dice: &mut Dice, documents: &[Document]) -> String {
    let one = phrase(dice, documents);
    let other = phrase(dice, documents);
    match dice.roll(8) {
        0 => format!("{one} AND {other}"),
        1 => format!("{one} OR {other}"),
        2 => format!("{one} NOT {other}"),
        3 => format!("title : {one}"),
        4 => format!("{{body}} : {one} AND title : {other}"),
        5 => format!("\"{}\" *", char::from_u32(0x4e00 + dice.roll(40) as u32).unwrap()),
        6 => format!("NEAR({one} {other}, 9)"),
        _ => one,
    }
}

/// Checks that the two indexes have the same content and give the same answers.
#[track_caller]
fn check(loaded: &Index, native: &Index, documents: &[Document], queries: usize) {
    assert_same(&loaded.vocabulary(), &native.vocabulary());
    let dice = &mut Dice(documents.len() as u64);
    let mut hits = 0;
    for _ in 0..queries {
        let query = query(dice, documents);
        let found = answers(loaded, &query);
        assert_eq!(found, answers(native, &query), "{query}");
        hits += found.len();
    }
    assert!(hits > queries, "{hits}");
    loaded.check();
}

/// FTS5 writes a segment for every 20 KB here, and merges as it goes.
const STRAIT: (&str, i64) = ("hashsize", 20_000);

#[test]
fn an_index_grows_by_loads_and_inserts() {
    let (loaded, native) = (Index::new(&[]), Index::new(&[STRAIT]));
    let mut all = documents(11, 1..=400, 60);
    loaded.transact(|index| {
        index.load(&all);
    });
    native.transact(|index| index.insert(&all));
    check(&loaded, &native, &all, 220);

    let (old, new) = (all[100..180].to_vec(), documents(12, 401..=460, 60));
    for index in [&loaded, &native] {
        index.transact(|index| {
            index.delete(&old);
            index.insert(&new);
        });
    }
    all.drain(100..180);
    all.extend(new);
    check(&loaded, &native, &all, 60);

    let new = documents(13, 470..=800, 60);
    loaded.transact(|index| {
        index.load(&new);
    });
    native.transact(|index| index.insert(&new));
    all.extend(new);
    check(&loaded, &native, &all, 60);

    for (command, rank) in [("merge", Some(-20)), ("merge", Some(500)), ("optimize", None)] {
        loaded.command(command, rank);
        native.command(command, rank);
        check(&loaded, &native, &all, 60);
    }
    assert_eq!(loaded.levels().concat().len(), 1);
}

/// Loads, inserts and deletes while FTS5 has merged only some pages of some segments.
#[test]
fn an_unfinished_merge() {
    let pages = ("pgsz", 200);
    let (loaded, native) = (Index::new(&[pages]), Index::new(&[pages, STRAIT]));
    let mut all = Vec::new();
    for batch in 0..9_i64 {
        let new = documents(20 + batch as u64, batch * 50 + 1..=batch * 50 + 40, 30);
        loaded.transact(|index| {
            index.load(&new);
        });
        native.transact(|index| index.insert(&new));
        all.extend(new);
        if batch > 4 {
            let old = all.remove(3 * batch as usize);
            for index in [&loaded, &native] {
                index.delete(std::slice::from_ref(&old));
            }
        }
        if batch == 4 {
            loaded.command("merge", -1);
            let record = loaded.rows("SELECT block FROM article_fts_data WHERE id = 10");
            let Value::Blob(record) = &record[0][0] else { panic!("{record:?}") };
            assert!(crate::store::fts5::structure::Structure::read(record).unwrap().is_merging());
        }
        check(&loaded, &native, &all, 30);
    }
    for index in [&loaded, &native] {
        index.command("optimize", None);
    }
    check(&loaded, &native, &all, 60);
}
