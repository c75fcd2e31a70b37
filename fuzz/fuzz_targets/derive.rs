//! Any HTML is cut into blocks, or rejected by a limit, without the protection of `derive` against panics; a
//! second run gives the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seedbank::internals::extract::extract;
use seedbank::internals::model::{ParsedDocument, Published};
use seedbank::{Format, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let html = String::from_utf8_lossy(bytes).into_owned();
    let document = ParsedDocument {
        format: Format::A,
        encoding: "utf-8".into(),
        title: "图书馆重新开门".into(),
        url: Some("https://www.news.example/a/1".into()),
        published: Published::Absent,
        author: None,
        language: None,
        tags: Vec::new(),
        site_name: None,
        saved_at: None,
        html,
    };
    let article = extract(&document, &Sha256::default());
    let blocks = article.blocks.len();
    assert!(article.links.iter().all(|link| link.block.is_none_or(|block| block < blocks)));
    assert!(article.media.iter().all(|media| media.block.is_none_or(|block| block < blocks)));
    assert_eq!(article.text_sha256.is_none(), article.status_detail.is_some());
    assert_eq!(extract(&document, &Sha256::default()), article);
});
