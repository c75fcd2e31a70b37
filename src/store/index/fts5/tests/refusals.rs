//! Everything that the module does not support is left to FTS5.

use super::*;

/// Checks that a load is refused and changes nothing.
#[track_caller]
fn check(index: &Index, rowids: &[i64], refusal: Refusal) {
    let before = index.rows("SELECT id, block FROM article_fts_data");
    index.execute("BEGIN");
    assert_eq!(index.try_load(&documents(1, rowids.iter().copied(), 5)), Err(refusal));
    index.execute("COMMIT");
    assert_eq!(index.rows("SELECT id, block FROM article_fts_data"), before);
}

#[test]
fn without_a_transaction() {
    assert_eq!(Index::new(&[]).try_load(&documents(1, 1..4, 5)), Err(Refusal::NoTransaction));
}

#[test]
fn a_defensive_connection() {
    let index = Index::new(&[]);
    let defensive = rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE;
    index.connection.set_db_config(defensive, true).unwrap();
    check(&index, &[1], Refusal::Defensive);
    index.connection.set_db_config(defensive, false).unwrap();
    index.transact(|index| {
        index.load(&documents(1, 1..4, 5));
    });
}

#[track_caller]
fn check_definition(definition: &str) {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(definition).unwrap();
    check(&Index { connection }, &[1], Refusal::Definition);
}

#[test]
fn other_tables() {
    let tokenize = "tokenize='unicode61 remove_diacritics 2'";
    for arguments in [
        "body, title, content='', tokenize='unicode61'".to_owned(),
        format!("body, title, {tokenize}"),
        format!("body, title, content='', contentless_delete=1, {tokenize}"),
        format!("body, title, content='', columnsize=0, {tokenize}"),
        format!("body, title, content='', detail=none, {tokenize}"),
        format!("body, title, content='', prefix='1', {tokenize}"),
        format!("body, title, tags, content='', {tokenize}"),
        format!("body UNINDEXED, title, content='', {tokenize}"),
        format!("title, body, content='', {tokenize}"),
    ] {
        check_definition(&format!("CREATE VIRTUAL TABLE article_fts USING fts5({arguments})"));
    }
}

#[test]
fn no_table() {
    let index = Index { connection: Connection::open_in_memory().unwrap() };
    index.execute("BEGIN");
    assert_eq!(index.try_load(&documents(1, 1..4, 5)), Err(Refusal::Definition));
}

#[track_caller]
fn check_configuration(key: &str, value: i64) {
    check(&Index::new(&[(key, value)]), &[1], Refusal::Configuration(key.to_owned()));
}

#[test]
fn other_configurations() {
    check_configuration("pgsz", 32_769);
    check_configuration("secure-delete", 1);
    check_configuration("deletemerge", 5);
}

#[test]
fn another_version_of_the_format() {
    let index = Index::new(&[("secure-delete", 1)]);
    let old = documents(1, 1..9, 9);
    index.insert(&old);
    index.delete(&old[..3]);
    index.execute("DELETE FROM article_fts_config WHERE k = 'secure-delete'");
    check(&index, &[10], Refusal::Configuration("version".to_owned()));
}

#[test]
fn existing_or_unordered_rowids() {
    let index = Index::new(&[]);
    index.insert(&documents(1, [3, 7], 5));
    check(&index, &[7, 8], Refusal::KnownRowid);
    check(&index, &[4], Refusal::KnownRowid);
    check(&index, &[9, 8], Refusal::KnownRowid);
    check(&index, &[8, 8], Refusal::KnownRowid);
}

#[test]
fn damaged_records() {
    for (id, refusal) in [(10, Refusal::Structure), (1, Refusal::Averages)] {
        let index = Index::new(&[]);
        index.insert(&documents(1, 1..9, 9));
        index.execute(&format!(
            "UPDATE article_fts_data SET block = CAST(block || x'00' AS BLOB) WHERE id = {id}"
        ));
        check(&index, &[10], refusal);
    }
}
