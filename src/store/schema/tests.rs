use super::words::{WordColumn, word_columns};
use super::{AnyTable, EXPORTED};
use crate::store::SCHEMA_VERSION;
use crate::store::open::migrate::schema_of;
use std::collections::{BTreeMap, BTreeSet};

/// The columns that the migrations make, except `meta` and the full-text index.
fn migrated() -> BTreeSet<(String, String)> {
    const READ: &str = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB 'article_fts*'
            AND t.name <> 'meta'";
    let connection = schema_of(SCHEMA_VERSION).unwrap();
    let mut statement = connection.prepare(READ).unwrap();
    let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    columns.collect::<Result<_, _>>().unwrap()
}

#[test]
fn every_column_is_declared_and_every_declared_one_is_there() {
    let columns = |table: &dyn AnyTable| {
        let name = table.name();
        table.all_names().into_iter().map(move |column| (name.to_owned(), column.to_owned()))
    };
    let declared: Vec<_> = EXPORTED.iter().flat_map(|table| columns(*table)).collect();
    let once: BTreeSet<_> = declared.iter().cloned().collect();
    assert_eq!(once.len(), declared.len(), "a column is declared twice");
    let migrated = migrated();
    let undeclared: Vec<_> = migrated.difference(&once).collect();
    let missing: Vec<_> = once.difference(&migrated).collect();
    assert!(undeclared.is_empty(), "in no declaration: {undeclared:?}");
    assert!(missing.is_empty(), "in no migration: {missing:?}");
}

/// `verify` compares these between rows, whatever else is declared.
#[test]
fn an_article_and_a_revision_repeat_their_seed() {
    let names = |pairs: Vec<(&str, &str)>| -> Vec<String> {
        let name = |(here, there): &(&str, &str)| {
            if here == there { (*here).to_owned() } else { format!("{here}={there}") }
        };
        pairs.iter().map(name).collect()
    };
    assert_eq!(
        names(super::article_of_seed()).join(" "),
        "site_id url canonical_url title updated_at=published_at status status_detail text_sha256 \
         char_count=text_length"
    );
    assert_eq!(names(super::revision_of_seed()).join(" "), "title status text_sha256 published_at");
}

#[test]
fn every_statement_is_understood() {
    let connection = schema_of(SCHEMA_VERSION).unwrap();
    for table in EXPORTED {
        for sql in [table.export(), table.export_of("= 1"), table.select_of("= 1")] {
            connection.prepare(&sql).unwrap_or_else(|e| panic!("{}: {e}", table.name()));
        }
    }
}

/// Those that are exported: `carrier` is the former name of a table.
#[test]
fn every_view_is_declared() {
    const READ: &str = "SELECT v.name, (SELECT min(c.name) FROM pragma_table_info(v.name) c
            WHERE c.name = 'article_id' OR c.name = 'id' AND v.name GLOB 'article_*')
        FROM sqlite_schema v WHERE v.type = 'view' AND v.name <> 'carrier' ORDER BY v.name";
    let connection = schema_of(SCHEMA_VERSION).unwrap();
    let mut statement = connection.prepare(READ).unwrap();
    let views = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let views: Vec<(String, Option<String>)> = views.collect::<Result<_, _>>().unwrap();
    let mut declared = super::VIEWS.map(|(name, key)| (name.to_owned(), key.map(str::to_owned)));
    declared.sort();
    assert_eq!(views, declared);
}

#[test]
fn every_table_of_articles_is_listed() {
    let of_articles = super::OF_ARTICLES.map(|table| table.name());
    for table in EXPORTED {
        // A seed can be of no article. A former paragraph is of a revision's.
        let is_of_one = table.all_names().contains(&"article_id") && table.name() != "seed"
            || ["article", "former_paragraph"].contains(&table.name());
        assert_eq!(of_articles.contains(&table.name()), is_of_one, "{}", table.name());
    }
}

/// The words that CHECKs allow, by `table.column`.
fn checked_words() -> BTreeMap<String, BTreeSet<String>> {
    const READ: &str = "SELECT name, sql FROM sqlite_schema WHERE type = 'table'";
    let connection = schema_of(SCHEMA_VERSION).unwrap();
    let mut statement = connection.prepare(READ).unwrap();
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut columns = BTreeMap::new();
    for table in tables {
        let (table, sql): (String, String) = table.unwrap();
        // `CHECK (kind IN ('image', 'video'))`; other CHECKs have no words of a column.
        for check in sql.split("CHECK (").skip(1) {
            let Some((column, list)) = check.split_once(" IN ('") else { continue };
            let Some((list, _)) = list.split_once("')") else { continue };
            if column.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                let words = list.split(',').map(|word| word.trim().trim_matches('\'').to_owned());
                columns.insert(format!("{table}.{column}"), words.collect());
            }
        }
    }
    columns
}

#[test]
fn a_type_has_the_words_that_its_column_can_hold() {
    let mut checked = checked_words();
    assert_eq!(checked.len(), 10, "the schema lists the words of other columns: {checked:?}");
    let migrated = migrated();
    for WordColumn { table, column, words } in word_columns() {
        assert!(migrated.contains(&(table.into(), column.into())), "no column {table}.{column}");
        let words: BTreeSet<String> = words.into_iter().map(str::to_owned).collect();
        // Not every column has a CHECK.
        if let Some(listed) = checked.remove(&format!("{table}.{column}")) {
            assert_eq!(words, listed, "{table}.{column}");
        }
    }
    assert!(checked.is_empty(), "of no type: {checked:?}");
}
