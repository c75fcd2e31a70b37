//! `contrib/datasette.yaml`, which this test writes from the declarations of the schema.
//!
//! `SEEDBANK_WRITE_DATASETTE=1 cargo test --test it datasette` writes the file after a change of the schema.

use crate::support::TestEnv;
use seedbank::internals::store::{TableStory, own_tables};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const BEGIN: &str = "\
# Titles, descriptions, facets and questions for Datasette:
#
#     datasette seedbank.db -m datasette.yaml
#
# \"seedbank\" below is the name of the database without .db; write another one there if yours has one. Written from the
# schema by tests/it/datasette.rs: change it there.
title: Saved articles
databases:
  seedbank:
    source: seedbank
    queries:
";

/// Name, title, and statement.
const QUERIES: [(&str, &str, &str); 6] = [
    (
        "articles_by_month",
        "Articles by month; of one site, or of all if it is empty",
        "SELECT substr(day, 1, 7) AS month, count(*) AS articles, sum(characters) AS characters\n\
         FROM article_list WHERE :site IN ('', site) GROUP BY 1 ORDER BY 1 DESC",
    ),
    (
        "articles_with",
        "Articles with a Chinese word, best matches first",
        // The tokens of the index are pairs of characters.
        "WITH RECURSIVE cut (at, phrase) AS (\n\
         \x20 SELECT 1, substr(:word, 1, 2)\n\
         \x20 UNION ALL SELECT at + 1, phrase || ' ' || substr(:word, at + 1, 2)\n\
         \x20 FROM cut WHERE at + 2 <= length(:word))\n\
         SELECT l.id, l.day, l.site, l.title, l.url FROM article_fts f JOIN article_list l ON l.id = f.rowid\n\
         WHERE article_fts MATCH (SELECT '\"' || phrase || '\"' FROM cut ORDER BY at DESC LIMIT 1)\n\
         ORDER BY f.rank LIMIT 500",
    ),
    (
        "titles_with",
        "Articles with these characters in their title, newest first",
        "SELECT id, day, site, title, url FROM article_list\n\
         WHERE title LIKE '%' || :characters || '%' ORDER BY day DESC LIMIT 500",
    ),
    (
        "text_of",
        "The text of an article, by its id",
        "SELECT title, url, published_at, text FROM article_text WHERE id = :id",
    ),
    (
        "hosts_that_articles_cite",
        "Hosts that most articles link to, other than their own",
        "SELECT host, count(DISTINCT article_id) AS articles, count(*) AS links\n\
         FROM link WHERE is_internal = 0 GROUP BY host ORDER BY articles DESC, host LIMIT 100",
    ),
    (
        "what_was_removed",
        "What publishers took out of articles, latest first",
        "SELECT r.article_id, t.host AS site, r.title, r.text, r.observed_at, r.replaced_at\n\
         FROM removed_text r JOIN article a ON a.id = r.article_id\n\
         LEFT JOIN site t ON t.id = a.site_id ORDER BY r.replaced_at DESC LIMIT 500",
    ),
];

/// The column that stands for a row where another table refers to it.
const LABELS: [(&str, &str); 5] = [
    ("article", "title"),
    ("site", "host"),
    ("import_run", "started_at"),
    ("sighting", "path"),
    ("paragraph", "text"),
];

const FACETS: [(&str, &[&str]); 9] = [
    ("article", &["site_id", "language", "status"]),
    ("article_list", &["site", "language"]),
    ("author", &["name", "role"]),
    ("link", &["host", "kind"]),
    ("media", &["kind"]),
    ("paragraph", &["kind"]),
    ("rejection", &["reason"]),
    ("revision", &["change"]),
    ("tag", &["name", "kind"]),
];

/// The newest first.
const ORDER: [(&str, &str); 3] =
    [("article", "published_at"), ("article_list", "day"), ("import_run", "started_at")];

/// What a reader of articles does not ask for.
const HIDDEN: [&str; 5] = ["article_merged", "carrier", "container", "meta", "repository_history"];

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/datasette.yaml")
}

/// A text in YAML, which JSON is a part of.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn of<'a, T>(list: &'a [(&str, T)], name: &str) -> Option<&'a T> {
    list.iter().find(|(one, _)| *one == name).map(|(_, value)| value)
}

fn add_table(out: &mut String, table: &TableStory) {
    let name = table.name.as_str();
    writeln!(out, "      {name}:\n        description: {}", quoted(table.about.unwrap())).unwrap();
    if let Some(label) = of(&LABELS, name) {
        writeln!(out, "        label_column: {label}").unwrap();
    }
    if name == "article" {
        out.push_str("        fts_table: article_fts\n        fts_pk: id\n");
    }
    if let Some(column) = of(&ORDER, name) {
        writeln!(out, "        sort_desc: {column}").unwrap();
    }
    if let Some(facets) = of(&FACETS, name) {
        writeln!(out, "        facets: [{}]", facets.join(", ")).unwrap();
    }
    if HIDDEN.contains(&name) {
        out.push_str("        hidden: true\n");
    }
    let described: Vec<(&str, &str)> = table
        .columns
        .iter()
        .filter_map(|column| Some((column.name.as_str(), column.comment.as_deref()?)))
        .collect();
    if !described.is_empty() {
        out.push_str("        columns:\n");
    }
    for (column, comment) in described {
        writeln!(out, "          {column}: {}", quoted(comment)).unwrap();
    }
}

fn written() -> String {
    let mut out = BEGIN.to_owned();
    for (name, title, sql) in QUERIES {
        writeln!(out, "      {name}:\n        title: {}\n        sql: |-", quoted(title)).unwrap();
        sql.lines().for_each(|line| writeln!(out, "          {line}").unwrap());
    }
    out.push_str("    tables:\n");
    for table in own_tables().unwrap() {
        add_table(&mut out, &table);
    }
    out
}

#[test]
fn the_file_describes_the_schema() {
    if std::env::var_os("SEEDBANK_WRITE_DATASETTE").is_some() {
        std::fs::write(path(), written()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path()).unwrap(), written());
    let tables = own_tables().unwrap();
    let has = |table: &str, column: &str| {
        let table = tables.iter().find(|one| one.name == table);
        table.is_some_and(|table| table.columns.iter().any(|one| one.name == column))
    };
    let columns = LABELS.iter().chain(&ORDER).map(|(table, column)| (*table, *column));
    let facets = FACETS.iter().flat_map(|(table, columns)| columns.iter().map(|it| (*table, *it)));
    for (table, column) in columns.chain(facets) {
        assert!(has(table, column), "{table}.{column}");
    }
    assert!(HIDDEN.iter().all(|name| tables.iter().any(|table| table.name == *name)));
}

/// What Datasette answers to an address.
fn answer(env: &TestEnv, address: &str) -> Option<Value> {
    let file = path();
    let arguments = ["seedbank.db", "-m", file.to_str().unwrap(), "--get", address];
    env.tool("datasette", &arguments).map(|text| serde_json::from_str(&text).unwrap())
}

#[test]
fn datasette_reads_it() {
    let env = TestEnv::with_article();
    let Some(tables) = answer(&env, "/seedbank.json") else { return };
    let hidden = |name: &str| {
        let table = tables["tables"].as_array().unwrap().iter().find(|table| table["name"] == name);
        table.unwrap()["hidden"].as_bool().unwrap()
    };
    assert!(hidden("meta") && hidden("article_fts_data") && !hidden("article"), "{tables}");
    assert_eq!(tables["queries"].as_array().unwrap().len(), QUERIES.len(), "{tables}");
    for (name, ..) in QUERIES {
        let address = format!(
            "/seedbank/{name}.json?_shape=array&site=news.example&characters=标&id=1&word=正文一"
        );
        let rows = answer(&env, &address).unwrap();
        let expected =
            usize::from(!["what_was_removed", "hosts_that_articles_cite"].contains(&name));
        assert_eq!(rows.as_array().unwrap().len(), expected, "{name}: {rows}");
    }
    let list = answer(&env, "/seedbank/article_list.json?_labels=on").unwrap();
    assert_eq!(list["facet_results"]["site"]["results"][0]["value"], "news.example", "{list}");
    let article = "/seedbank/article.json?_labels=on&_shape=objects&_search=标题";
    let article = answer(&env, article).unwrap();
    assert_eq!(article["rows"][0]["site_id"]["label"], "news.example", "{article}");
}
