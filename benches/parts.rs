//! The cost of each step of an import, alone, over all documents of a folder.
//!
//! `cargo bench --bench parts [FILTER]`; documents come from the corpus beside the checkout. Their bytes give
//! the throughput; `compare` shows how the parts add up.

mod support;

use divan::Bencher;
use divan::counter::BytesCount;
use scraper::Html;
use seedbank::internals::import::Preparer;
use seedbank::internals::model::{Article, Derivation, Document, ParsedDocument};
use seedbank::internals::search::Tokens;
use seedbank::internals::source::{Walk, read};
use seedbank::internals::store::fts5::Inverter;
use seedbank::internals::{derive, extract, format};
use seedbank::{Sha256, Timestamp};
use std::path::Path;
use std::sync::LazyLock;

struct Corpus {
    documents: Vec<Document>,
    parsed: Vec<ParsedDocument>,
    articles: Vec<Article>,
    bytes: usize,
}

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    let documents = documents();
    let parsed = documents.iter().filter_map(|one| format::parse(&one.bytes).ok()).collect();
    let articles = documents.iter().filter_map(|one| derive::derive_article(&one.bytes)).collect();
    let bytes = documents.iter().map(|one| one.bytes.len()).sum();
    Corpus { documents, parsed, articles, bytes }
});

fn documents() -> Vec<Document> {
    let folder = support::corpus().unwrap();
    let walk = Walk::new(&[folder], Path::new("bench.db")).unwrap();
    let now = Timestamp::now();
    walk.files().filter_map(|found| read(&found, u64::MAX >> 1, now).ok()).collect()
}

fn main() {
    if support::corpus().is_some() {
        LazyLock::force(&CORPUS);
        divan::main();
    }
}

fn over<T>(bencher: Bencher, items: &'static [T], mut work: impl FnMut(&'static T)) {
    bencher.counter(BytesCount::new(CORPUS.bytes)).bench_local(|| items.iter().for_each(&mut work));
}

#[divan::bench(sample_count = 9)]
fn a_find_and_read(bencher: Bencher) {
    bencher.counter(BytesCount::new(CORPUS.bytes)).bench_local(documents);
}

#[divan::bench(sample_count = 9)]
fn b_sha256(bencher: Bencher) {
    over(bencher, &CORPUS.documents, |one| {
        divan::black_box(Sha256::of(&one.bytes));
    });
}

#[divan::bench(sample_count = 9)]
fn c_decode_and_header(bencher: Bencher) {
    over(bencher, &CORPUS.documents, |one| {
        let _ = divan::black_box(format::parse(&one.bytes));
    });
}

/// html5ever as in scraper, without limits: the baseline of our own parser.
#[divan::bench(sample_count = 9)]
fn d_html5ever_alone(bencher: Bencher) {
    over(bencher, &CORPUS.parsed, |one| {
        divan::black_box(Html::parse_fragment(&one.html));
    });
}

#[divan::bench(sample_count = 9)]
fn d_parse(bencher: Bencher) {
    over(bencher, &CORPUS.parsed, |one| {
        divan::black_box(extract::refusal(&one.html));
    });
}

/// The parser, the walk, the rules, links, media, keys.
#[divan::bench(sample_count = 9)]
fn e_extract(bencher: Bencher) {
    over(bencher, &CORPUS.parsed, |one| {
        divan::black_box(extract::extract(one, &Sha256::default()));
    });
}

#[divan::bench(sample_count = 9)]
fn f_tokens(bencher: Bencher) {
    over(bencher, &CORPUS.articles, |article| {
        divan::black_box(Tokens::of(article));
    });
}

#[divan::bench(sample_count = 9)]
fn g_invert(bencher: Bencher) {
    let mut inverter = Inverter::default();
    over(bencher, &CORPUS.articles, |article| {
        divan::black_box(inverter.invert_article(article).unwrap());
    });
}

#[divan::bench(sample_count = 9)]
fn h_zstd_3(bencher: Bencher) {
    let mut compressor = zstd::bulk::Compressor::new(3).unwrap();
    over(bencher, &CORPUS.documents, |one| {
        divan::black_box(compressor.compress(&one.bytes).unwrap());
    });
}

/// Everything that the parser threads do.
#[divan::bench(sample_count = 9)]
fn i_prepare(bencher: Bencher) {
    let mut preparer = Preparer::new(true);
    bencher.counter(BytesCount::new(CORPUS.bytes)).with_inputs(documents).bench_local_values(
        |documents| {
            for document in documents {
                let sighting = divan::black_box(preparer.sighting(document));
                assert!(matches!(sighting.derivation, Derivation::Article { .. }));
            }
        },
    );
}
