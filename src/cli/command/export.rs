use crate::cli::filter::{FilterArgs, note_undated};
use crate::cli::outcome::{Exit, UsageError};
use crate::cli::signals;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, bytes, counted};
use crate::cli::{Global, open_reader};
use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use seedbank::Error;
use seedbank::export::{
    JsonlWriter, RowFormat, RowWriter, SeedFolder, write_atom, write_html, write_markdown,
};
use seedbank::files::{ArchiveFiles, NewFile, Taken};
use seedbank::model::path_label;
use seedbank::search::Query;
use seedbank::store::{Answer, ArticleFilter, Bytes, EXPORT_TABLES, Reader, Selection};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Default number of feed entries: as many as a feed reader takes at once.
const FEED_LENGTH: u64 = 100;

/// Export articles, originals or tables
///
/// Writes to a file, a folder or standard output: everything, or the articles selected by --since,
/// --until, --site and --query.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank export --format seeds -o originals/
  seedbank export --format jsonl -o archive.jsonl
  seedbank export --format jsonl --without-bytes | jq .title
  seedbank export --format csv > articles.csv
  seedbank export --format csv --table link -o links.csv
  seedbank export --format csv --excel-safe -o articles.csv --force
  seedbank export --format markdown -o notes/ --since 2024-02 --until 2024-03
  seedbank export --format html -o pages/ --title 'News of 2024' --since 2024 --until 2024
  seedbank export --format html -o pages/ --query '图书馆 -分馆' --force
  seedbank export --format atom --site rfi.fr --limit 20 -o feed.xml")]
pub struct ExportArgs {
    /// The format to write
    #[arg(long, value_enum)]
    format: Format,
    /// The file to write; for seeds, markdown and html the folder [default: standard output]
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Only articles that match these words, as in `search`
    #[arg(long, value_name = "WORDS")]
    query: Option<String>,
    /// (csv) The table to export [default: article]
    #[arg(long, value_name = "TABLE")]
    #[arg(value_parser = PossibleValuesParser::new(EXPORT_TABLES))]
    table: Option<String>,
    /// (jsonl) Omit the originals: smaller, but cannot be imported again
    #[arg(long)]
    without_bytes: bool,
    /// (csv) Put a ' before cells that a spreadsheet would run as a formula
    #[arg(long)]
    excel_safe: bool,
    /// (html, atom) The title [default: the name of the database]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// (atom) Maximum number of feed entries; 0 for all [default: 100]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Replace the file, or write into a folder that is not empty: pages of an earlier export there are
    /// removed, other files are kept
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Every original, byte for byte, as a file with its time; and a manifest
    Seeds,
    /// One article per line, with its history and originals; `import` reads it back
    Jsonl,
    /// One table, unchanged
    Csv,
    /// One file per article, with front matter
    Markdown,
    /// Pages to read in a browser, with lists by month and site, and what was edited
    Html,
    /// A feed of the newest articles, with their full text
    Atom,
}

impl Format {
    /// Whether the format is a folder of files.
    fn is_folder(self) -> bool {
        matches!(self, Self::Seeds | Self::Markdown | Self::Html)
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

pub fn run(args: &ExportArgs, global: &Global) -> Result<Exit> {
    check_options(args)?;
    let name = args.format.name();
    match &args.output {
        None if args.format.is_folder() => {
            Err(usage(format!("{name} is written into a folder"), "name it with -o FOLDER").into())
        }
        None if global.json => {
            let message = "--json and the data both use standard output".to_owned();
            Err(usage(message, "write the data into a file with -o FILE").into())
        }
        output => {
            let mut reader = open_reader(global)?;
            if output.is_some() {
                // On an interruption, unfinished files are removed; a stream cannot be taken back.
                reader.stop_by(&signals::stop_flag())?;
            }
            let query = args.query.as_deref().map(Query::parse).transpose()?;
            let filter = args.filter.filter(query);
            let export = Export { args, global, reader: &reader, filter: &filter };
            match output {
                Some(folder) if args.format.is_folder() => export.folder(folder)?,
                Some(file) => export.file(file)?,
                None => {
                    export.stream(output::data())?;
                }
            }
            note_undated(&reader, &filter, global)?;
            Ok(Exit::Done)
        }
    }
}

fn usage(message: String, hint: &str) -> UsageError {
    UsageError::new(message, hint)
}

/// An option that does not apply to the format is a mistake.
fn check_options(args: &ExportArgs) -> Result<(), UsageError> {
    let given: [(&str, bool, &[Format]); 5] = [
        ("--table", args.table.is_some(), &[Format::Csv]),
        ("--excel-safe", args.excel_safe, &[Format::Csv]),
        ("--without-bytes", args.without_bytes, &[Format::Jsonl]),
        ("--title", args.title.is_some(), &[Format::Html, Format::Atom]),
        ("--limit", args.limit.is_some(), &[Format::Atom]),
    ];
    for (option, is_given, formats) in given {
        if is_given && !formats.contains(&args.format) {
            let names: Vec<String> = formats.iter().map(|format| format.name()).collect();
            let message =
                format!("{option} is for {}, not for {}", names.join(" and "), args.format.name());
            return Err(usage(message, "leave it out, or name another --format"));
        }
    }
    Ok(())
}

/// One export and its sources.
struct Export<'a> {
    args: &'a ExportArgs,
    global: &'a Global,
    reader: &'a Reader,
    filter: &'a ArticleFilter,
}

impl Export<'_> {
    fn file(&self, file: &Path) -> Result<()> {
        let taken = Taken::replaced_if(self.args.force);
        let out = NewFile::create(file, taken, &ArchiveFiles::of(self.reader.path()))?;
        let (out, count) = self.stream(out).map_err(|error| match error {
            Error::Output(error) => Error::at(file)(error),
            other => other,
        })?;
        out.finish()?;
        let (noun, nouns) = match self.args.format {
            Format::Csv => ("row", "rows"),
            Format::Atom => ("article", "articles"),
            _ => ("line", "lines"),
        };
        let summary = json!({"path": path_label(file), nouns: count});
        self.tell(summary, &format!("{} in \"{}\"", counted(count, noun), path_label(file)))
    }

    /// Writes a stream; returns its destination, and the number of its rows, lines or entries.
    fn stream<W: Write>(&self, out: W) -> seedbank::Result<(W, u64)> {
        match self.args.format {
            Format::Jsonl => self.jsonl(out),
            Format::Atom => self.atom(out),
            _ => self.table(out),
        }
    }

    fn jsonl<W: Write>(&self, out: W) -> seedbank::Result<(W, u64)> {
        let bytes = if self.args.without_bytes { Bytes::LeftOut } else { Bytes::Included };
        let selection = Selection { filter: self.filter.clone(), ..Selection::default() };
        let mut writer = JsonlWriter::new(out)?;
        self.reader.on_one_state(|reader| {
            reader.article_records(&selection, bytes, &mut |article| writer.article(&article))?;
            // A seed without an article has no day and no site, and matches no query.
            if *self.filter == ArticleFilter::default() {
                reader.rejected_seed_records(bytes, &mut |seed| writer.rejected_seed(seed))
            } else {
                Ok(())
            }
        })?;
        writer.finish()
    }

    fn table<W: Write>(&self, out: W) -> seedbank::Result<(W, u64)> {
        let table = self.args.table.as_deref().unwrap_or("article");
        let mut writer = RowWriter::new(out, RowFormat::Csv).excel_safe(self.args.excel_safe);
        let rows = self.reader.table(table, self.filter, &mut |answer| {
            match answer {
                Answer::Columns(names) => writer.columns(names),
                Answer::Row(cells) => writer.row(cells),
            }
            .map_err(Error::Output)
        })?;
        Ok((writer.finish().map_err(Error::Output)?, rows))
    }

    fn atom<W: Write>(&self, out: W) -> seedbank::Result<(W, u64)> {
        let limit = Some(self.args.limit.unwrap_or(FEED_LENGTH)).filter(|limit| *limit > 0);
        let feed = write_atom(self.reader, self.filter, limit, &self.title(), out)?;
        if feed.timeless > 0 {
            let number = counted(feed.timeless, "article");
            render::note(&format!("{number} left out: no time is known for them"), self.global);
        }
        Ok((feed.out, feed.entries))
    }

    fn folder(&self, folder: &Path) -> Result<()> {
        let force = self.args.force;
        let (files, size) = match self.args.format {
            Format::Markdown => write_markdown(self.reader, self.filter, folder, force)?,
            Format::Html => write_html(self.reader, self.filter, &self.title(), folder, force)?,
            _ => return self.seeds(folder),
        };
        let summary = json!({"path": path_label(folder), "files": files, "bytes": size});
        let number = counted(files, "file");
        self.tell(summary, &format!("{number}, {}, in \"{}\"", bytes(size), path_label(folder)))
    }

    fn seeds(&self, folder: &Path) -> Result<()> {
        let own = ArchiveFiles::of(self.reader.path());
        let mut seeds = SeedFolder::create(folder, self.args.force, own)?;
        self.reader.originals(self.filter, &mut |seed| {
            seeds.add(&seed.path, &seed.bytes, &seed.sha256, seed.observed_at, seed.outcome)
        })?;
        let (files, size) = seeds.finish()?;
        let without_bytes = self.reader.seeds_without_bytes(self.filter)?;
        if without_bytes > 0 {
            let number = counted(without_bytes, "seed");
            render::note(&format!("{number} left out: their bytes are not kept"), self.global);
        }
        let summary = json!({
            "path": path_label(folder),
            "seeds": files,
            "bytes": size,
            "without_bytes": without_bytes,
        });
        let number = counted(files, "seed");
        self.tell(summary, &format!("{number}, {}, in \"{}\"", bytes(size), path_label(folder)))
    }

    /// The title of the pages and of the feed.
    fn title(&self) -> String {
        let of_database = || self.global.db.file_stem().map(|name| path_label(Path::new(name)));
        self.args.title.clone().or_else(of_database).unwrap_or_default()
    }

    fn tell(&self, summary: Value, text: &str) -> Result<()> {
        if self.global.json {
            output::print_json(&summary)?;
        } else {
            render::note(text, self.global);
        }
        Ok(())
    }
}
