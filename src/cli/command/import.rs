pub(in crate::cli) mod not_taken;
mod values;

use crate::cli::outcome::{Exit, UsageError, told};
use crate::cli::signals;
use crate::cli::terminal::log::{Line, LogFormat};
use crate::cli::terminal::output;
use crate::cli::terminal::progress::ImportProgress;
use crate::cli::terminal::render::{self, Grid, bytes, counted, grouped, seedbank_command};
use crate::cli::{Global, PLAIN_INDEX_VARIABLE};
use anyhow::Result;
use clap::Args;
use clap::builder::FalseyValueParser;
use not_taken::{Listed, Source, not_taken, warn_of_not_taken};
use seedbank::internals::import::DEFAULT_MAX_FILE_SIZE;
use seedbank::internals::model::{Article, Origin, bytes_label, path_label};
use seedbank::internals::source::{Stoppable, open_stoppable, read_list};
use seedbank::{
    Archive, Error, Format, GitSource, ImportFilter, ImportOptions, ImportReport, IndexWriting,
    MalformedGlob, PageAddress, Progress, RunStatus, Timestamp,
};
use serde_json::json;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use values::{parse_size, parse_time, parse_url};

/// How many files that could not be imported are listed without --verbose.
const LISTED: usize = 20;

/// Import saved articles from files, folders and archives; safe to repeat
///
/// Every file is counted exactly once: new, revised, duplicate, unchanged or rejected. What may be an
/// article is kept byte for byte; pictures, PDF and Office files are only counted. The database is
/// created if it does not exist. Importing again is safe: known files are recognised without being
/// read. If interrupted, it stops cleanly, and the next import continues from there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank import seeds/
  seedbank import -n ~/drops/2024-05                          a dry run
  seedbank --db news.db import drop1 drop2.zip --note 'from the second disk'
  ssh host tar c drops | seedbank import -
  curl -s https://news.example/a | seedbank import --url https://news.example/a -
  seedbank import --url-from-path mirror/
  find drops -newer stamp -print0 | seedbank import --files-from - --null
  seedbank import --git ~/mirrors/news --ref main --path 'articles/**/*.md'
  seedbank import --json seeds/ | jq .new
  seedbank import -q --expect-files --lock-wait 600 ~/drops   from cron: silent if all is well")]
pub struct ImportArgs {
    /// Files and folders (read recursively), tar, zip, gz, zst and JSON lines; - for standard input
    #[arg(required_unless_present_any = ["files_from", "git"], value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Also import the paths listed in FILE, one per line (- for standard input)
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
    /// Paths in the list end with a NUL byte, as `find -print0` writes them
    #[arg(short = '0', long, requires = "files_from")]
    null: bool,
    /// Leave out files whose path matches: *.jpg, drafts/ (a folder), /2019/*.md (from the named folder
    /// on), as in .gitignore; in archives and repositories too (may be repeated)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<OsString>,
    /// Only files whose path matches, and not one of --exclude (may be repeated)
    #[arg(long, value_name = "GLOB")]
    include: Vec<OsString>,
    /// Also import every version of every file from a git repository
    #[arg(long, value_name = "REPO")]
    git: Option<PathBuf>,
    /// The branch, tag or commit whose history to read [default: what is checked out]
    #[arg(long = "ref", value_name = "REF", requires = "git")]
    reference: Option<String>,
    /// Only matching paths, as in git's `:(glob)`: * within a folder, ** across folders, or a folder's
    /// name for everything in it
    #[arg(long = "path", value_name = "GLOB", requires = "git")]
    pattern: Option<OsString>,
    /// Also let git read this folder: one that the repository borrows objects from, or a worktree's
    /// repository
    #[arg(long, value_name = "FOLDER", requires = "git")]
    git_also: Vec<PathBuf>,
    /// Also keep the bytes of files in the history that are not articles
    #[arg(long, requires = "git")]
    keep_rejected: bool,
    /// The address of the imported page (one file or -)
    #[arg(long, value_name = "URL", value_parser = parse_url)]
    #[arg(conflicts_with_all = ["url_from_path", "files_from", "git"])]
    url: Option<String>,
    /// When the page was seen (2024-03-04T08:00:00Z, or a day)
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "url")]
    observed: Option<Timestamp>,
    /// Take the address of a page from its path, unless its saver wrote one into it:
    /// host/folder/page.html, as wget and HTTrack save it
    #[arg(long, conflicts_with = "git")]
    url_from_path: bool,
    /// Show what would happen without changing anything; with --verbose what is read in each file
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Read every file again, even if its path, size and time are known
    #[arg(long)]
    full: bool,
    /// Parser threads [default: one per core]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    jobs: usize,
    /// Skip files larger than this (64M, 10k, 2GiB)
    #[arg(long, value_name = "BYTES", value_parser = parse_size)]
    #[arg(default_value_t = DEFAULT_MAX_FILE_SIZE)]
    max_file_size: u64,
    /// Write the full-text index with SQLite's own INSERT: the same index, several times as slow
    #[arg(long, env = PLAIN_INDEX_VARIABLE, hide_env_values = true)]
    #[arg(value_parser = FalseyValueParser::new())]
    plain_index: bool,
    /// End with exit code 5 if nothing is new or revised
    #[arg(long)]
    expect_new: bool,
    /// End with exit code 5 if one of the paths has no file: its disk is not mounted
    #[arg(long)]
    expect_files: bool,
    /// A note to store with this import
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub fn run(args: &ImportArgs, global: &Global) -> Result<Exit> {
    let mut options = inputs(args, global)?;
    options.git = args.git.as_ref().map(|repository| {
        let mut source = GitSource::new(repository)
            .with_also(args.git_also.clone())
            .with_keep_rejected(args.keep_rejected);
        source.reference.clone_from(&args.reference);
        source.pattern.clone_from(&args.pattern);
        source
    });
    options.address = address(args)?;
    options.filter = filter(args)?;
    options.dry_run = args.dry_run;
    // The same file may have been imported without its address.
    options.full = args.full || args.url.is_some();
    options.jobs = args.jobs;
    if args.plain_index {
        options.index = IndexWriting::Plain;
    }
    options.max_file_size = args.max_file_size;
    options.note = args.note.clone();
    options.lock_wait = global.lock_wait;
    options.stop = signals::stop_flag();
    options.arguments =
        std::env::args_os().skip(1).map(|argument| bytes_label(argument.as_bytes())).collect();

    let mut progress = ImportProgress::new(global);
    options.count_ahead = progress.has_bar();
    let mut shown = Ok(());
    let mut untaken = Listed::default();
    let is_shown = args.dry_run && global.verbose && !global.json;
    let imported = Archive::at(&global.db).import(&options, &mut |at| match at {
        Progress::Read { origin, article, format } if is_shown => {
            if shown.is_ok() {
                shown = output::print(&preview(origin, article, format));
            }
        }
        Progress::NotTaken(file) => untaken.add(file, global),
        _ => progress.update(at),
    });
    progress.finish();
    shown?;
    match imported {
        Ok(report) => {
            note_shallow(&report, args, global);
            told(tell(&report, &untaken, args, global))?;
            Ok(judge(&report, args, global))
        }
        Err(error) => Err(failed(error, &untaken, args, global)),
    }
}

/// The error to report, after the counts of a run that had started.
fn failed(error: Error, untaken: &Listed, args: &ImportArgs, global: &Global) -> anyhow::Error {
    let cause = match &error {
        Error::RunFailed { report, error } => {
            // The original error is reported, not an error while printing the counts.
            let _ = tell(report, untaken, args, global);
            error
        }
        error => error,
    };
    match cause {
        Error::SeveralDocuments(path) if args.url.is_some() => of_many(path).into(),
        _ => error.into(),
    }
}

/// Prints the counts of the run, and lists the files that it could not import; for a dry run, `untaken`.
fn tell(report: &ImportReport, untaken: &Listed, args: &ImportArgs, global: &Global) -> Result<()> {
    let source = report.run_id.map_or(Source::DryRun(untaken), Source::Run);
    match global {
        Global { json: true, .. } => write_json(report)?,
        Global { quiet: true, .. } => {}
        _ => write_summary(report, &source, args, global)?,
    }
    let is_listed = !global.json && !global.quiet && global.log_format == LogFormat::Text;
    if is_listed { Ok(()) } else { warn_of_not_taken(&source, global) }
}

/// The exit code, with a line on standard error if the run was not fully successful.
fn judge(report: &ImportReport, args: &ImportArgs, global: &Global) -> Exit {
    let about = |line: Line, exit: Exit| {
        let line = line.with("code", exit as u8);
        match report.run_id {
            Some(run_id) => line.with("run_id", run_id),
            None => line,
        }
    };
    if report.status == RunStatus::Interrupted {
        let exit = signals::received().unwrap_or(Exit::Failed);
        let files = counted(report.files_seen, "file");
        let message = format!("interrupted after {files}");
        let hint = match report.run_id {
            Some(_) => "run the same import again; files already stored are not read again",
            None => "a dry run stores nothing; run it again",
        };
        about(Line::warning(message).with("hint", hint), exit).write(global);
        return exit;
    }
    if args.expect_files && (report.files_seen == 0 || !report.empty_paths.is_empty()) {
        let hint = if report.empty_paths.is_empty() {
            "check what names the files"
        } else {
            "check that its disk is mounted"
        };
        let line = Line::error(without_files(&report.empty_paths)).with("hint", hint);
        about(line, Exit::NotAsExpected).write(global);
        return Exit::NotAsExpected;
    }
    if args.expect_new && report.new + report.revised == 0 {
        let message = format!("nothing new in {}", counted(report.files_seen, "file"));
        let hint = format!("compare with earlier imports: `{} runs`", seedbank_command(global));
        let line = Line::error(message).with("hint", hint);
        about(line, Exit::NotAsExpected).write(global);
        return Exit::NotAsExpected;
    }
    match report.newly_refused {
        0 => Exit::Done,
        _ => Exit::NotTaken,
    }
}

/// Says which paths have no file; none of them if a list named nothing.
fn without_files(paths: &[PathBuf]) -> String {
    /// How many of them are named.
    const NAMED: usize = 3;
    let named: Vec<String> =
        paths.iter().take(NAMED).map(|path| format!("\"{}\"", path_label(path))).collect();
    match paths.len() {
        0 => "no files were named".into(),
        1..=NAMED => format!("no files in {}", named.join(", ")),
        all => {
            format!("no files in {} and {} more", named.join(", "), grouped((all - NAMED) as u64))
        }
    }
}

/// The input has several documents, and there is one address.
fn of_many(path: &Path) -> UsageError {
    let name = path_label(path);
    UsageError {
        message: format!("\"{name}\" has several documents, and --url is the address of one"),
        hint:
            "import one of its pages alone; or all of them without --url, or with --url-from-path"
                .into(),
        path: Some(path.to_owned()),
    }
}

/// Where the addresses of pages come from.
fn address(args: &ImportArgs) -> Result<PageAddress> {
    let Some(url) = args.url.clone() else {
        return Ok(if args.url_from_path { PageAddress::InPath } else { PageAddress::Unknown });
    };
    if args.paths.len() != 1 || args.paths[0].is_dir() {
        let hint = "name one file or -; for the folders of a mirror, use --url-from-path";
        return Err(UsageError::new("--url is the address of one page", hint).into());
    }
    Ok(PageAddress::Known { url, observed_at: args.observed })
}

/// Which files are asked for.
fn filter(args: &ImportArgs) -> Result<ImportFilter, UsageError> {
    let text = |pattern: &OsString| bytes_label(pattern.as_bytes());
    let wrong = |error: MalformedGlob| {
        let hint = "write *.jpg, drafts/, /2019/*.md or **/old/*; [*] stands for * itself";
        UsageError::new(error.to_string(), hint)
    };
    let mut filter = ImportFilter::default();
    for pattern in &args.include {
        filter = filter.include(&text(pattern)).map_err(wrong)?;
    }
    for pattern in &args.exclude {
        filter = filter.exclude(&text(pattern)).map_err(wrong)?;
    }
    Ok(filter)
}

/// Summarises in some lines what was read in a file, so that a dry run shows it without an archive.
fn preview(origin: &Origin, article: &Article, format: Format) -> String {
    let time = render::published(article.published.at(), article.published.precision());
    let content = article.blocks.iter().filter(|block| block.kind.is_content()).count();
    let others = article.blocks.len() - content;
    let lines = [
        Some(origin.place.to_string()),
        Some(format!("  {}", article.title)),
        article.url.as_ref().map(|url| format!("  {url}")),
        article.author.as_ref().map(|author| format!("  {author}")),
        Some(format!(
            "  {time} · {format} · {} · {} of content, {others} more, {} characters",
            article.status,
            counted(content as u64, "block"),
            grouped(article.text_length),
        )),
    ];
    lines.iter().flatten().map(|line| format!("{}\n", render::one_line(line))).collect()
}

/// The inputs: the paths, those of a list, and standard input for `-`.
fn inputs(args: &ImportArgs, global: &Global) -> Result<ImportOptions> {
    let is_stream = |path: &Path| path == Path::new("-");
    let (streams, mut paths): (Vec<PathBuf>, Vec<PathBuf>) =
        args.paths.iter().cloned().partition(|path| is_stream(path));
    if let Some(list) = &args.files_from {
        if is_stream(list) && !streams.is_empty() {
            let message = "\"-\" is standard input, and cannot be the list and an input at once";
            let hint = "write the list into a file, and name that with --files-from FILE";
            return Err(UsageError::new(message, hint).into());
        }
        // Even opening a pipe can block forever.
        let stop = signals::stop_flag();
        let stream = if is_stream(list) {
            Stoppable::new(Arc::new(stdin()?), stop)
        } else {
            open_stoppable(list, stop).map_err(|error| match error.kind() {
                ErrorKind::NotFound => Error::NoSuchPath(list.clone()),
                _ => Error::at(list)(error),
            })?
        };
        let listed = read_list(BufReader::new(stream), args.null).map_err(Error::at(list))?;
        if listed.is_empty() {
            render::note(
                &format!("note: the list \"{}\" names no files", path_label(list)),
                global,
            );
        }
        paths.extend(listed);
    }
    let mut options = ImportOptions::new(paths);
    if !streams.is_empty() {
        options.stream = Some(Arc::new(stdin()?));
    }
    Ok(options)
}

fn stdin() -> Result<File> {
    Ok(File::from(std::io::stdin().as_fd().try_clone_to_owned()?))
}

/// Notes that a history is incomplete, which nothing else would show.
fn note_shallow(report: &ImportReport, args: &ImportArgs, global: &Global) {
    if let (Some(repository), Some(path)) = (report.repository, &args.git)
        && repository.is_shallow
    {
        let path = path_label(path);
        let text = format!(
            "note: \"{path}\" is a shallow clone, without the history before its oldest commits"
        );
        render::note(&text, global);
    }
}

fn write_json(report: &ImportReport) -> Result<()> {
    let reasons: serde_json::Map<String, serde_json::Value> =
        report.reasons.iter().map(|&(reason, count)| (reason.to_string(), count.into())).collect();
    let mut summary = json!({
        "run_id": report.run_id,
        "dry_run": report.run_id.is_none(),
        "status": report.status,
        "seconds": (report.seconds * 1000.0).round() / 1000.0,
        "bytes_read": report.bytes_read,
        "files_seen": report.files_seen,
        "new": report.new,
        "revised": report.revised,
        "duplicate": report.duplicate,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "reasons": reasons,
        "newly_refused": report.newly_refused,
        "empty_paths": report.empty_paths.iter().map(|path| path_label(path)).collect::<Vec<_>>(),
    });
    if let Some(repository) = report.repository {
        summary["commits"] = repository.commits.into();
        summary["is_shallow"] = repository.is_shallow.into();
    }
    Ok(output::print_json(&summary)?)
}

fn write_summary(
    report: &ImportReport,
    source: &Source<'_>,
    args: &ImportArgs,
    global: &Global,
) -> Result<()> {
    let commits =
        report.repository.map(|found| format!(" in {}", counted(found.commits, "commit")));
    let mut text = format!(
        "{}{}{}, {} read in {:.1} s{}\n",
        if args.dry_run { "Dry run, nothing is changed: " } else { "" },
        counted(report.files_seen, "file"),
        commits.unwrap_or_default(),
        bytes(report.bytes_read),
        report.seconds,
        match report.status {
            RunStatus::Interrupted => "; interrupted before the end",
            RunStatus::Failed => "; failed",
            RunStatus::Running | RunStatus::Complete => "",
        },
    );
    let reasons: Vec<String> = report
        .reasons
        .iter()
        .map(|(reason, count)| format!("{} {reason}", grouped(*count)))
        .collect();
    let rows = [
        ("new", report.new, "articles not seen before".into()),
        ("revised", report.revised, "another text or title of a known article".into()),
        ("duplicate", report.duplicate, "nothing new in them".into()),
        ("unchanged", report.unchanged, "known by place, size and time; not read".into()),
        ("rejected", report.rejected, reasons.join(", ")),
    ];
    let mut grid = Grid::plain(global);
    for (name, count, remark) in rows {
        let remark: String = if count == 0 { String::new() } else { remark };
        grid.row([(name.into(), false), (grouped(count).into(), true), (remark.into(), false)]);
    }
    text.push_str(&grid.text());
    if report.status != RunStatus::Failed {
        text.push_str(&not_taken(source, global)?);
    }
    let is_first = report.run_id == Some(1) && report.status == RunStatus::Complete;
    if is_first && report.new > 0 {
        let seedbank = seedbank_command(global);
        text.push_str(&format!(
            "\nNext: {seedbank} stats\n      \
             {seedbank} sql \"SELECT published_at, title FROM article ORDER BY published_at DESC LIMIT 10\"\n"
        ));
    }
    output::print(&text)?;
    Ok(())
}
