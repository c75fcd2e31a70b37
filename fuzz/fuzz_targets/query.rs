//! Any text is a query or a clear problem; the expression of a query is valid for FTS5, and finds exactly the
//! articles that match by reading.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rusqlite::Connection;
use seedbank::internals::search::{Tokens, highlights, snippet};
use seedbank::Query;

thread_local! {
    static INDEX: Connection = index();
}

/// An index with the settings of an archive.
fn index() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE VIRTUAL TABLE article_fts USING fts5 (title, body, content = '',
                tokenize = 'unicode61 remove_diacritics 2')",
        )
        .unwrap();
    connection
}

fn is_new_tai_lue(c: char) -> bool {
    ('\u{19b0}'..='\u{19c9}').contains(&c)
}

fuzz_target!(|bytes: &[u8]| {
    // A query, a title and a text, one per line.
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (words, title, body) = (line(), line(), line());
    let Ok(query) = Query::parse(words) else { return };
    assert!(highlights(&query, title).into_iter().all(|place| title.get(place).is_some()));
    if let Some(snippet) = snippet(Some(&query), [(0, body)]) {
        assert!(snippet.highlights.into_iter().all(|place| snippet.text.get(place).is_some()));
    }
    let tokens = Tokens::new(title, [body]);
    let is_found = INDEX.with(|index| {
        index.execute_batch("BEGIN").unwrap();
        let insert = "INSERT INTO article_fts (rowid, title, body) VALUES (1, ?1, ?2)";
        index.prepare_cached(insert).unwrap().execute((&tokens.title, &tokens.body)).unwrap();
        let find = "SELECT rowid FROM article_fts WHERE article_fts MATCH ?1";
        let is_found = index.prepare_cached(find).unwrap().exists([query.match_expression()]);
        index.execute_batch("ROLLBACK").unwrap();
        is_found.unwrap()
    });
    // Letters that are marks to SQLite, whose tables are older.
    if text.contains(['\u{1cf2}', '\u{1cf3}']) || text.chars().any(is_new_tai_lue) {
        return;
    }
    assert_eq!(is_found, query.is_met_by(title, body), "{}", query.match_expression());
});
