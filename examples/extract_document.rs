//! Prints the article that an import would read in a file. Needs no database.
//!
//! ```sh
//! cargo run --release --example extract_document -- page.html
//! ```

use seedbank::extract_document;
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("usage: extract_document FILE")?;
    run(&PathBuf::from(file))
}

/// Prints the article in a file.
pub fn run(file: &Path) -> Result<(), Box<dyn Error>> {
    let article = extract_document(&std::fs::read(file)?)?;
    println!("{}", article.title);
    if let Some(url) = &article.url {
        println!("{url}");
    }
    if let Some(time) = article.published() {
        println!("{time}");
    }
    for block in article.paragraphs.iter().filter(|block| block.kind.is_content()) {
        println!("\n{}", block.text);
    }
    Ok(())
}
