//! What a load writes is byte for byte what FTS5 writes where it has room for all documents.

use super::*;

/// Loads into one index what is inserted into another, both after the same beginning.
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
