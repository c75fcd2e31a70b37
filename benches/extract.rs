//! The cost of parsing and extracting compared with html5ever alone, the size of real documents compared with
//! the limits, and the effect of the limits on generated bombs.
//!
//! `cargo bench --bench extract [FOLDER]`; without a folder, the corpus beside the checkout, and the bombs.
//! html5ever alone runs as in scraper, without limits; parsing is ours, with limits; cutting is the rest of
//! `extract`: the walk, the rules, links and media, keys.

mod support;

use scraper::Html;
use seedbank::internals::extract::{extract, refusal};
use seedbank::internals::format;
use seedbank::internals::model::ParsedDocument;
use seedbank::{Format, PageLimit, Sha256};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;
use support::{folder, peak_memory, timed};

const ROUNDS: usize = 7;

fn main() {
    if let Some(folder) = folder() {
        measure(&folder);
    }
    if std::env::args().skip(1).all(|argument| argument.starts_with('-')) {
        for (name, html) in bombs() {
            bomb(name, html);
        }
    }
}

fn measure(folder: &Path) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| format::parse(&std::fs::read(path).ok()?).ok();
    let documents: Vec<ParsedDocument> = paths.iter().filter_map(read).collect();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let sum = |work: fn(&ParsedDocument) -> u64| -> f64 {
            documents.iter().map(|one| timed(|| black_box(work(one))).0.as_secs_f64()).sum()
        };
        let alone = sum(|one| parse_alone(&one.html) as u64);
        let parse = sum(|one| u64::from(refusal(&one.html).is_some()));
        let cut = sum(|one| extract(one, &Sha256::default()).text_length) - parse;
        rounds.push([alone, parse, cut, parse / alone, cut / alone]);
    }
    let median = |column: usize| support::median(rounds.iter().map(|round| round[column]));
    println!("{}: {} documents, medians of {ROUNDS} rounds", folder.display(), documents.len());
    println!("html5ever alone {:.3} s", median(0));
    println!("parse           {:.3} s, {:.2} of that", median(1), median(3));
    println!("cut             {:.3} s, {:.2} of that", median(2), median(4));

    let sizes = documents.iter().map(|one| (size(&one.html), &one.html));
    let sizes: Vec<_> = sizes.collect();
    let greatest = |of: fn(&Size) -> usize| sizes.iter().map(|(size, _)| of(size)).max().unwrap();
    println!(
        "greatest: {} nodes, depth {}, {} attributes of a tag, {:.1} ms to parse",
        greatest(|size| size.nodes),
        greatest(|size| size.depth),
        greatest(|size| size.attributes),
        documents
            .iter()
            .map(|one| timed(|| black_box(parse_alone(&one.html))).0)
            .max()
            .unwrap()
            .as_secs_f64()
            * 1e3
    );
}

fn parse_alone(html: &str) -> usize {
    Html::parse_fragment(html).tree.values().count()
}

struct Size {
    nodes: usize,
    depth: usize,
    attributes: usize,
}

fn size(html: &str) -> Size {
    let html = Html::parse_fragment(html);
    let nodes = html.tree.nodes();
    let attributes = html.tree.values().filter_map(|node| node.as_element());
    Size {
        nodes: html.tree.values().count(),
        depth: nodes.map(|node| node.ancestors().count()).max().unwrap_or(0),
        attributes: attributes.map(|element| element.attrs().count()).max().unwrap_or(0),
    }
}

/// Pages that take a parser without limits minutes or gigabytes.
fn bombs() -> Vec<(&'static str, String)> {
    let attributes = |n: usize| (0..n).map(|i| format!(" a{i}=1")).collect::<String>();
    vec![
        ("100,000 nested div", "<div>".repeat(100_000)),
        ("4,000 p font", "<p><font color=i>".repeat(4_000)),
        ("100,000 p font", "<p><font color=i>".repeat(100_000)),
        ("1,000,000 attributes", format!("<p{}>a", attributes(1_000_000))),
        ("200,000 unfinished attributes", format!("<p{}", attributes(200_000))),
        ("500,000 open b", "<b>".repeat(500_000)),
        ("100,000 nested tables", "<table><tr><td>".repeat(100_000)),
        ("300,000 a", "<a href=x>".repeat(300_000)),
        ("500,000 br", "a<br>".repeat(500_000)),
        ("60 MiB of text", "a ".repeat(30 << 20)),
        ("20 MiB of one tag name", format!("<{}", "a".repeat(20 << 20))),
        ("20 MiB of comment", format!("<!--{}", "-a".repeat(10 << 20))),
        ("2,000,000 entities", "&amp;".repeat(2_000_000)),
        ("deep lists", "<ul><li>".repeat(100_000)),
        ("200,000 formatting pairs", "<b><i></b></i>".repeat(200_000)),
    ]
}

fn bomb(name: &str, html: String) {
    let document = ParsedDocument {
        format: Format::A,
        encoding: "utf-8".into(),
        title: String::new(),
        url: None,
        published: seedbank::internals::model::Published::Absent,
        author: None,
        language: None,
        tags: Vec::new(),
        site_name: None,
        saved_at: None,
        html,
    };
    let started = Instant::now();
    let article = extract(&document, &Sha256::default());
    let seconds = started.elapsed().as_secs_f64();
    let detail = article.status_detail.map_or("", PageLimit::as_str);
    let bytes = document.html.len() >> 10;
    let (status, peak) = (article.status.as_str(), peak_memory() >> 20);
    println!("{name}: {bytes} KiB, {seconds:.2} s, {status} {detail}, peak so far {peak} MiB");
}
