//! The article of whole pages: the selected text, and the cost of finding it besides parsing.
//!
//! `cargo bench --bench pages -- FOLDER` prints one JSON line a page (`id`, `text`, `title`, `author`, `date`),
//! as `score.py` of the shared pages reads them, and on standard error the times. `-- FOLDER --features
//! [WEIGHTS.json]` prints the features of each block instead, for `contrib/fit_region.py`: after each line all
//! first features and all second ones, as 32-bit floats. Pages are `*.html`, or gzip of that.

use flate2::read::GzDecoder;
use seedbank::Sha256;
use seedbank::internals::extract::region::Weights;
use seedbank::internals::extract::{extract, extract_traced, refusal};
use seedbank::internals::format;
use seedbank::internals::model::ParsedDocument;
use serde_json::json;
use std::hint::black_box;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(folder) = arguments.first() else {
        eprintln!("no folder of pages is named");
        return;
    };
    let pages = pages(Path::new(folder));
    match arguments.get(1).map(String::as_str) {
        Some("--features") => features(&pages, arguments.get(2)),
        _ => articles(&pages),
    }
}

fn pages(folder: &Path) -> Vec<(String, ParsedDocument)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let mut bytes = std::fs::read(path).unwrap();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let packed = std::mem::take(&mut bytes);
            GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
        }
        let name = path.file_name()?.to_str()?.split('.').next()?.to_owned();
        match format::parse(&bytes) {
            Ok(document) => Some((name, document)),
            Err(rejection) => {
                eprintln!("{name}: {rejection}");
                None
            }
        }
    };
    paths.iter().filter_map(read).collect()
}

fn articles(pages: &[(String, ParsedDocument)]) {
    let (mut parsing, mut all, mut rows) = (0.0, 0.0, 0);
    for (id, page) in pages {
        let begun = Instant::now();
        black_box(refusal(&page.html));
        parsing += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let article = extract(page, &Sha256::default());
        all += begun.elapsed().as_secs_f64();
        rows += article.blocks.len();
        let content = article.blocks.iter().filter(|block| block.kind.is_content());
        let text: Vec<&str> = content.map(|block| block.text.as_str()).collect();
        let date = article.published.at().map(|at| at.to_string());
        let line = json!({
            "id": id, "text": text.join("\n"), "title": article.title, "author": article.author,
            "date": date, "status": article.status.as_str(),
            "hash": article.text_sha256.map(|hash| hash.to_string()),
        });
        println!("{line}");
    }
    let cut = all - parsing;
    eprintln!("{} pages, {rows} rows", pages.len());
    eprintln!("parsing {parsing:.3} s, extraction {cut:.3} s, {:.2} of that", cut / parsing);
}

#[expect(clippy::disallowed_methods, reason = "a program reads it, not a terminal")]
fn features(pages: &[(String, ParsedDocument)], weights: Option<&String>) {
    let read = |path: &String| -> Vec<Vec<f64>> {
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let given = weights.map(read);
    let given = given.as_deref().map(|tables| Weights { first: &tables[0], second: &tables[1] });
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (id, page) in pages {
        let (article, trace) = extract_traced(page, given);
        let kinds: Vec<&str> = article.blocks.iter().map(|block| block.kind.as_str()).collect();
        let texts: Vec<&str> = article.blocks.iter().map(|block| block.text.as_str()).collect();
        let line = json!({
            "id": id, "texts": texts, "kinds": kinds, "title": trace.title,
            "first": trace.first.len(), "second": trace.second.len(),
        });
        writeln!(out, "{line}").unwrap();
        for value in trace.first.into_iter().chain(trace.second) {
            out.write_all(&(value as f32).to_le_bytes()).unwrap();
        }
    }
}
