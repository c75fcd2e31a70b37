//! An export as a whole: what is written, where to, and what came of it.

use super::{
    JsonlWriter, RowFormat, RowWriter, SeedFolder, write_atom, write_html, write_markdown,
};
use crate::error::{Error, Result};
use crate::files::{ArchiveFiles, NewFile, Taken};
use crate::model::{StopFlag, path_label, setters};
use crate::store::{Answer, ArticleFilter, Bytes, Reader, Selection};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Entries of a feed, where nothing else is said: what a reader takes at once.
const FEED_LENGTH: u64 = 100;

/// A form in which an archive leaves the program; `docs/exports.md` has each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// A folder with every original, byte for byte, as a file with its time; and a manifest.
    Seeds,
    /// One article per line, with its history and originals; an import reads it back.
    Jsonl,
    /// One table, unchanged.
    Csv,
    /// A folder with one file per article, with front matter.
    Markdown,
    /// A folder of pages to read in a browser, with lists by month and site, and what was edited.
    Html,
    /// A feed of the newest articles, with their full text.
    Atom,
}

impl ExportFormat {
    /// Whether it is a folder of files, and not one file.
    pub fn is_folder(self) -> bool {
        match self {
            Self::Seeds | Self::Markdown | Self::Html => true,
            Self::Jsonl | Self::Csv | Self::Atom => false,
        }
    }
}

/// What to export, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExportOptions {
    /// In which form.
    pub format: ExportFormat,
    /// Which articles; all by default, and then what is of no article too.
    pub filter: ArticleFilter,
    /// (CSV) The table, by its name in the schema; `article` by default, which alone can be filtered.
    pub table: String,
    /// (JSONL) Leave out the originals: smaller, but it cannot be imported again.
    pub without_bytes: bool,
    /// (CSV) Put a `'` before cells that a spreadsheet would run as a formula.
    pub excel_safe: bool,
    /// (HTML, Atom) What it is called; by default, as the database's file.
    pub title: Option<String>,
    /// (Atom) No more entries than this; `None` for all. 100 by default.
    pub limit: Option<u64>,
    /// Replace a file, or write into a folder that is not empty: pages of an earlier export there are
    /// removed, other files stay.
    pub force: bool,
    /// Gives the export up, and leaves nothing of it but in a stream.
    pub stop: StopFlag,
}

impl ExportOptions {
    /// Of everything, in this form.
    pub fn new(format: ExportFormat) -> Self {
        Self {
            format,
            filter: ArticleFilter::default(),
            table: "article".to_owned(),
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
    /// Files of a folder, without its manifest; lines of JSONL behind the first, rows of a table, entries of
    /// a feed.
    pub items: u64,
    /// Bytes of these files; 0 where it is one file.
    pub bytes: u64,
    /// What could not be in it: originals whose bytes are not kept, or articles of which a feed cannot say
    /// any time.
    pub left_out: u64,
}

/// Exports into a file or a folder, which is there when it is whole.
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
    let own = ArchiveFiles::of(database);
    let mut file = NewFile::create(destination, Taken::replaced_if(options.force), &own)?;
    let report = job.stream(&mut file).map_err(|error| match error {
        Error::Output(error) => Error::at(destination)(error),
        other => other,
    })?;
    file.finish()?;
    Ok(report)
}

/// Exports to a stream; fails with [`Error::Output`] where that does, or the format is a folder.
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

/// One export on its way.
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
        }
    }

    fn jsonl(&self, out: &mut dyn Write) -> Result<ExportReport> {
        let filter = &self.options.filter;
        let bytes = if self.options.without_bytes { Bytes::LeftOut } else { Bytes::Included };
        let selection = Selection { filter: filter.clone(), ..Selection::default() };
        let mut writer = JsonlWriter::new(out)?;
        self.reader.on_one_state(|reader| {
            reader.article_records(&selection, bytes, &mut |article| writer.article(&article))?;
            // A seed without an article has neither day nor site, and answers nothing.
            if *filter == ArticleFilter::default() {
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
            ExportFormat::Jsonl | ExportFormat::Csv | ExportFormat::Atom => {
                return Err(misfit("this format is one file"));
            }
        };
        Ok(ExportReport { items, bytes, left_out: 0 })
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

    /// What the pages and the feed are called.
    fn title(&self) -> String {
        let of_file = || self.reader.path().file_stem().map(|name| path_label(Path::new(name)));
        self.options.title.clone().or_else(of_file).unwrap_or_default()
    }
}
