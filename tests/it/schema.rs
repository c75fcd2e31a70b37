//! The schema: a contract with everyone who queries the file in SQL.

use crate::place::Place;

#[test]
fn the_schema() {
    let place = Place::new();
    place.import();
    let schema =
        place.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name");
    insta::assert_snapshot!("schema", schema.join(";\n\n"));
    assert_eq!(place.rows("PRAGMA application_id"), [0x5345_4544.to_string()]);
    assert_eq!(place.rows("PRAGMA journal_mode"), ["wal"]);
    assert_eq!(place.rows("PRAGMA page_size"), ["8192"]);
}

#[test]
fn every_archive_has_an_identity() {
    let ids = [Place::new(), Place::new()].map(|place| {
        place.import();
        let id = place.rows("SELECT value FROM meta WHERE key = 'archive_id'").remove(0);
        place.import();
        let reader = seedbank::internals::store::Reader::open(&place.database()).unwrap();
        assert_eq!(reader.archive_id().unwrap().as_ref(), Some(&id));
        id
    });
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let shape: String =
            id.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
        assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
        assert!(id.as_bytes()[14] == b'4' && b"89ab".contains(&id.as_bytes()[19]), "{id}");
        assert_eq!(id, id.to_lowercase());
    }
}

/// When SQLite looks for the children of a deleted row, or of a parent that is inserted later, it scans the
/// whole table unless an index helps: one scan per document.
#[test]
fn every_foreign_key_is_found_by_an_index() {
    let place = Place::new();
    place.import();
    let keys = place.rows(
        "SELECT t.name, k.\"from\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) k
         WHERE t.type = 'table' ORDER BY 1, 2",
    );
    let indexed = place.rows(
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i,
            pragma_index_info(i.name) c WHERE t.type = 'table' AND c.seqno = 0",
    );
    let bare: Vec<_> = keys.into_iter().filter(|key| !indexed.contains(key)).collect();
    // Seeds and sites are never deleted, and are inserted before the rows that refer to them.
    assert_eq!(bare, ["article|seed_id", "revision|seed_id", "seed|site_id"]);
}
