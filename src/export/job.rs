//! Exports: options, formats, target and report.

use super::{
    JsonlWriter, RowFormat, RowWriter, SeedFolder, write_atom, write_html, write_markdown,
};
use crate::error::{Error, Result};
use crate::files::{ArchiveFiles, NewFile, Taken};
use crate::model::{StopFlag, path_label, setters};
use crate::store::{Answer, ArticleFilter, Bytes, Reader, Selection};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Default number of a feed's entries, as many as feed readers load at once.
const FEED_LENGTH: u64 = 100;

/// The format of an export; `docs/exports.md` describes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// A folder with every original, byte for byte, as a file with its time; and a manifest.
    Seeds,
    /// One article per line, with its history and originals; an import reads it back.
    Jsonl,
    /// One table or view, unchanged.
    Csv,
    /// A folder with one file per article, with front matter.
    Markdown,
    /// A folder of pages to read in a browser, with lists by month and site, and the edits.
    Html,
    /// A feed of the newest articles, with their full text.
    Atom,
    /// An archive of its own with some articles, and everything that belongs to them; a file, never a stream.
    Sqlite,
}

impl ExportFormat {
    /// Whether it is a folder of files, instead of one file.
    pub fn is_folder(self) -> bool {
        match self {
            Self::Seeds | Self::Markdown | Self::Html => true,
            Self::Jsonl | Self::Csv | Self::Atom | Self::Sqlite => false,
        }
    }

    /// Whether it can be written to a stream.
    pub fn is_stream(self) -> bool {
        !self.is_folder() && self != Self::Sqlite
    }
}

/// What to export, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExportOptions {
    /// The format.
    pub format: ExportFormat,
    /// The articles to export; by default all, and everything that belongs to no article.
    pub filter: ArticleFilter,
    /// (CSV) The table or view, by its name in the schema; by default `article_list`. Those whose rows belong to no
    /// article cannot be filtered.
    pub table: String,
    /// (JSONL) Leave out the originals: smaller, but it cannot be imported again.
    pub without_bytes: bool,
    /// (CSV) Begin with a byte-order mark, and put a `'` before cells that a spreadsheet would run as a formula.
    pub excel_safe: bool,
    /// (HTML, Atom) The title; by default, the name of the database file.
    pub title: Option<String>,
    /// (Atom) No more entries than this; `None` for all. 100 by default.
    pub limit: Option<u64>,
    /// Replace a file, or write into a folder that is not empty: pages of an earlier export there are
    /// removed, other files stay.
    pub force: bool,
    /// Stops the export; nothing of it remains, except in a stream.
    pub stop: StopFlag,
}

impl ExportOptions {
    /// Exports everything in this format.
    pub fn new(format: ExportFormat) -> Self {
        Self {
            format,
            filter: ArticleFilter::default(),
            table: "article_list".to_owned(),
            without_bytes: false,
            excel_safe: false,
            title: None,
            limit: Some(FEED_LENGTH),
            force: false,
            stop: StopFlag::new(),
        }
    }
}

setters!(ExportOptions {
    with_filter(filter: ArticleFilter) => filter,
    with_table(table: impl Into<String>) => table.into(),
    with_without_bytes(without_bytes: bool) => without_bytes,
    with_excel_safe(excel_safe: bool) => excel_safe,
    with_title(title: impl Into<String>) => Some(title.into()),
    with_limit(limit: Option<u64>) => limit,
    with_force(force: bool) => force,
    with_stop(stop: StopFlag) => stop,
});

/// What an export wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ExportReport {
    /// Files of a folder, without its manifest; lines of JSONL after the first, rows of a table, entries of a feed, articles of
    /// an archive.
    pub items: u64,
    /// Bytes of these files; 0 where it is one file.
    pub bytes: u64,
    /// Items that could not be included: originals whose bytes are not stored, or articles without any time for a
    /// feed.
    pub left_out: u64,
}

/// Exports into a file or a folder, which appears only when it is complete.
pub fn export(
    database: &Path,
    destination: &Path,
    options: &ExportOptions,
) -> Result<ExportReport> {
    let mut reader = Reader::open(database)?;
    reader.stop_by(&options.stop)?;
    let job = Job { reader: &reader, options };
    if options.format.is_folder() {
        return job.folder(destination);
    }
    if options.format == ExportFormat::Sqlite {
        return job.archive(destination);
    }
    let own = ArchiveFiles::of(database);
    let mut file = NewFile::create(destination, Taken::replaced_if(options.force), &own)?;
    let report = job.stream(&mut file).map_err(|error| match error {
        Error::Output(error) => Error::at(destination)(error),
        other => other,
    })?;
    file.finish()?;
    Ok(report)
}

/// Exports to a stream; fails with [`Error::Output`] if that fails, or if the format needs a file or a folder.
pub fn export_to(
    database: &Path,
    out: &mut dyn Write,
    options: &ExportOptions,
) -> Result<ExportReport> {
    let mut reader = Reader::open(database)?;
    reader.stop_by(&options.stop)?;
    Job { reader: &reader, options }.stream(out)
}

fn misfit(what: &str) -> Error {
    Error::Output(io::Error::new(ErrorKind::InvalidInput, what))
}

/// A running export.
struct Job<'a> {
    reader: &'a Reader,
    options: &'a ExportOptions,
}

impl Job<'_> {
    fn stream(&self, out: &mut dyn Write) -> Result<ExportReport> {
        match self.options.format {
            ExportFormat::Jsonl => self.jsonl(out),
            ExportFormat::Atom => self.atom(out),
            ExportFormat::Csv => self.table(out),
            ExportFormat::Seeds | ExportFormat::Markdown | ExportFormat::Html => {
                Err(misfit("this format is a folder of files"))
            }
            ExportFormat::Sqlite => Err(misfit("this format is a file")),
        }
    }

    fn jsonl(&self, out: &mut dyn Write) -> Result<ExportReport> {
        let filter = &self.options.filter;
        let bytes = if self.options.without_bytes { Bytes::LeftOut } else { Bytes::Included };
        let selection = Selection { filter: filter.clone(), ..Selection::default() };
        let mut writer = JsonlWriter::new(out)?;
        self.reader.on_one_state(|reader| {
            reader.article_records(&selection, bytes, &mut |article| writer.article(&article))?;
            // A seed without an article has neither day nor site, and matches no filter.
            if filter.is_empty() {
                reader.rejected_seed_records(bytes, &mut |seed| writer.rejected_seed(seed))
            } else {
                Ok(())
            }
        })?;
        let (_, items) = writer.finish()?;
        Ok(ExportReport { items, ..ExportReport::default() })
    }

    fn table(&self, out: &mut dyn Write) -> Result<ExportReport> {
        let ExportOptions { table, filter, excel_safe, .. } = self.options;
        let mut writer = RowWriter::new(out, RowFormat::Csv).excel_safe(*excel_safe);
        let items = self.reader.table(table, filter, &mut |answer| {
            match answer {
                Answer::Columns(names) => writer.columns(names),
                Answer::Row(cells) => writer.row(cells),
            }
            .map_err(Error::Output)
        })?;
        writer.finish().map_err(Error::Output)?;
        Ok(ExportReport { items, ..ExportReport::default() })
    }

    fn atom(&self, out: &mut dyn Write) -> Result<ExportReport> {
        let ExportOptions { filter, limit, .. } = self.options;
        let feed = write_atom(self.reader, filter, *limit, &self.title(), out)?;
        Ok(ExportReport { items: feed.entries, bytes: 0, left_out: feed.timeless })
    }

    fn folder(&self, folder: &Path) -> Result<ExportReport> {
        let ExportOptions { filter, force, .. } = self.options;
        let (items, bytes) = match self.options.format {
            ExportFormat::Seeds => return self.seeds(folder),
            ExportFormat::Markdown => write_markdown(self.reader, filter, folder, *force)?,
            ExportFormat::Html => write_html(self.reader, filter, &self.title(), folder, *force)?,
            _ => return Err(misfit("this format is one file")),
        };
        Ok(ExportReport { items, bytes, left_out: 0 })
    }

    fn archive(&self, file: &Path) -> Result<ExportReport> {
        let ExportOptions { filter, force, stop, .. } = self.options;
        let items = self.reader.write_excerpt(filter, file, Taken::replaced_if(*force), stop)?;
        Ok(ExportReport { items, ..ExportReport::default() })
    }

    fn seeds(&self, folder: &Path) -> Result<ExportReport> {
        let ExportOptions { filter, force, .. } = self.options;
        let own = ArchiveFiles::of(self.reader.path());
        let mut seeds = SeedFolder::create(folder, *force, own)?;
        self.reader.originals(filter, &mut |seed| {
            seeds.add(&seed.path, &seed.bytes, &seed.sha256, seed.observed_at, seed.outcome)
        })?;
        let (items, bytes) = seeds.finish()?;
        let left_out = self.reader.seeds_without_bytes(filter)?;
        Ok(ExportReport { items, bytes, left_out })
    }

    /// The title of the pages and the feed.
    fn title(&self) -> String {
        let of_file = || self.reader.path().file_stem().map(|name| path_label(Path::new(name)));
        self.options.title.clone().or_else(of_file).unwrap_or_default()
    }
}
