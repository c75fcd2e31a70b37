//! Exports the articles of one site as pages to read in a browser, and a table of all articles.
//!
//! ```sh
//! cargo run --release --example export -- news.db news.example out
//! ```

use seedbank::{Archive, ArticleFilter, ExportFormat, ExportOptions};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(database), Some(site), Some(folder)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: export DATABASE SITE FOLDER".into());
    };
    run(&PathBuf::from(database), &site.to_string_lossy(), &PathBuf::from(folder))
}

/// Exports into the folder.
pub fn run(database: &Path, site: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let archive = Archive::open(database)?;
    std::fs::create_dir_all(folder)?;
    let pages = ExportOptions::new(ExportFormat::Html)
        .with_filter(ArticleFilter::default().with_site(site))
        .with_title(format!("What {site} wrote"))
        .with_force(true);
    let report = archive.export(&folder.join("pages"), &pages)?;
    println!("{} files, {} bytes", report.items, report.bytes);
    // Any stream works; `archive.export` makes a file that appears only when it is complete.
    let mut csv = BufWriter::new(File::create(folder.join("articles.csv"))?);
    let report = archive.export_to(&mut csv, &ExportOptions::new(ExportFormat::Csv))?;
    csv.flush()?;
    println!("{} rows", report.items);
    Ok(())
}
