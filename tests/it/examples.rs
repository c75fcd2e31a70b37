//! Runs the programs in `examples/`, from which newcomers to the library copy.

#![allow(dead_code, reason = "`main` of each only reads the command line")]

#[path = "../../examples/export.rs"]
mod export;
#[path = "../../examples/extract_document.rs"]
mod extract_document;
#[path = "../../examples/import_and_search.rs"]
mod import_and_search;
#[path = "../../examples/import_documents.rs"]
mod import_documents;

use crate::place::rows;
use std::path::Path;

#[test]
fn import_search_and_export() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("news.db");
    import_and_search::run(&database, Path::new("seeds"), "图书馆 -猫").unwrap();
    let out = folder.path().join("out");
    export::run(&database, "news.example", &out).unwrap();
    let csv = std::fs::read_to_string(out.join("articles.csv")).unwrap();
    assert!(csv.contains("图书馆整修两个月后重新开门"));
    let front = std::fs::read_to_string(out.join("pages/index.html")).unwrap();
    assert!(front.contains("What news.example wrote"));
}

#[test]
fn documents_of_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("news.db");
    import_documents::run(&database).unwrap();
    assert_eq!(
        rows(&database, "SELECT path, title FROM sighting JOIN seed ON seed.id = seed_id LIMIT 1"),
        ["crawl/1|Rain, day 1"]
    );
}

#[test]
fn one_document() {
    extract_document::run(Path::new("seeds/1017_雨.md")).unwrap();
    let refused = extract_document::run(Path::new("Cargo.toml")).unwrap_err();
    assert_eq!(refused.to_string(), "no_header");
}
