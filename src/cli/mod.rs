//! The command line: parsing it and running the command.

mod command;
mod deadline;
mod filter;
mod hint;
mod lines;
mod offered;
mod outcome;
mod panics;
mod signals;
mod terminal;
mod version;

use clap::error::{ContextKind, ContextValue, ErrorKind as UsageKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use command::{
    backup, completions, diff, explain, export, have, history, import, man, migrate, reextract,
    runs, schema, search, show, sql, stats, verify,
};
use outcome::{Exit, UsageError};
use seedbank::Error;
use seedbank::internals::files::ArchiveFiles;
use seedbank::internals::model::path_label;
use seedbank::internals::store::{NamedArticle, Reader};
use std::ffi::OsString;
use std::fs::Metadata;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use terminal::log::{self, LogFormat};
use terminal::{output, render};

const EXIT_CODES: &str = "\
Exit codes:
   0  done
   1  failed; nothing was left half-done (verify: rows or the index must be rebuilt)
   2  wrong usage, or a malformed query or SQL
   3  finished, but files that may be articles could not be imported
   4  verify found damage
   5  finished, but not as expected (import --expect-new and --expect-files, stats --health)
  10  no database, or not a seedbank database
  11  another writer holds the lock, or another program keeps the database locked
  12  the database is newer than this program
  13  the SQL was refused or reached a limit
 130  stopped cleanly by SIGINT (Ctrl-C)
 143  stopped cleanly by SIGTERM or SIGHUP
Any other code is a failure.";

/// The default database, and the variable that names another.
const DEFAULT_DB: &str = "./seedbank.db";
const DB_VARIABLE: &str = "SEEDBANK_DB";
/// The variable that replaces `--plain-index`.
const PLAIN_INDEX_VARIABLE: &str = "SEEDBANK_PLAIN_INDEX";

/// Keep saved articles in one SQLite file: every byte kept, duplicates found, text searchable.
#[derive(Debug, Parser)]
#[command(name = "seedbank", version = version::VERSION, after_help = EXIT_CODES, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// The database
    #[arg(long, global = true, value_name = "PATH", env = DB_VARIABLE)]
    #[arg(default_value = DEFAULT_DB, hide_env_values = true)]
    db: PathBuf,
    /// Print only data and errors, no summary and no notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Show more detail
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Print one JSON object (where there is --format, the same as --format json)
    #[arg(long, global = true)]
    json: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = When::Auto)]
    color: When,
    /// When to show progress on standard error: `auto` is unless --quiet; without a terminal every 30 s
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = When::Auto)]
    progress: When,
    /// How long to wait for another writer, in seconds
    #[arg(long, global = true, value_name = "SECS", default_value = "0")]
    #[arg(value_parser = parse_seconds)]
    lock_wait: Duration,
    /// The format of notes, warnings, errors and progress on standard error
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    #[arg(default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    Import(import::ImportArgs),
    #[command(visible_alias = "query")]
    Sql(sql::SqlArgs),
    Schema(schema::SchemaArgs),
    Search(search::SearchArgs),
    Stats(stats::StatsArgs),
    Export(export::ExportArgs),
    Show(show::ShowArgs),
    History(history::HistoryArgs),
    Have(have::HaveArgs),
    Diff(diff::DiffArgs),
    Explain(explain::ExplainArgs),
    Runs(runs::RunsArgs),
    Reextract(reextract::ReextractArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Verify(verify::VerifyArgs),
    Backup(backup::BackupArgs),
    Migrate(migrate::MigrateArgs),
}

/// Runs the command line and returns its exit code.
pub fn run() -> ExitCode {
    if std::env::var_os(offered::VARIABLE).is_some() && offered::is_answered() {
        return ExitCode::SUCCESS;
    }
    signals::ignore_file_size_limit();
    signals::end_by_signals();
    panics::keep_quiet();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&shown_safely(error)).into(),
    };
    panics::told(&cli.global, || answer(&cli)).into()
}

/// The same error, with the user's input made safe for a terminal.
fn shown_safely(mut error: clap::Error) -> clap::Error {
    let escaped = |(kind, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(text) => Some((kind, ContextValue::String(render::one_line(text)))),
        ContextValue::Strings(texts) => {
            let texts = texts.iter().map(|text| render::one_line(text)).collect();
            Some((kind, ContextValue::Strings(texts)))
        }
        _ => None,
    };
    for (kind, value) in error.context().filter_map(escaped).collect::<Vec<_>>() {
        error.insert(kind, value);
    }
    error
}

/// Reports an error in the command line, or shows the help that it asks for.
fn misunderstood(error: &clap::Error) -> Exit {
    let arguments: Vec<_> = std::env::args_os().collect();
    let wants_json = arguments.windows(2).any(|two| two[0] == "--log-format" && two[1] == "json")
        || arguments.iter().any(|one| one == "--log-format=json");
    if error.use_stderr() && wants_json {
        let message = error.to_string();
        let message = message.trim().trim_start_matches("error: ");
        log::Line::error(message).with("code", Exit::Malformed as u8).write_unpainted(true);
    } else if let Err(failed) = print_help(error, &arguments)
        && !error.use_stderr()
        // A reader who closes the help early is not a failure.
        && failed.kind() != ErrorKind::BrokenPipe
    {
        let line = log::Line::error(seedbank::Error::Output(failed).to_string());
        line.with("code", Exit::Failed as u8).write_unpainted(wants_json);
        return Exit::Failed;
    }
    if error.use_stderr() { Exit::Malformed } else { Exit::Done }
}

/// Prints help or version instead of running a command; `-v` may be before `--version` or after it.
fn print_help(error: &clap::Error, arguments: &[OsString]) -> io::Result<()> {
    if error.kind() != UsageKind::DisplayVersion {
        return error.print();
    }
    let is_verbose = |argument: &OsString| {
        let text = argument.to_string_lossy();
        let short = text.strip_prefix('-').filter(|short| !short.starts_with('-'));
        text == "--verbose" || short.is_some_and(|short| short.contains('v'))
    };
    let mut out = output::lines();
    out.write_all(version::text(arguments.iter().skip(1).any(is_verbose)).as_bytes())?;
    out.flush()
}

/// Fails if standard output is the database itself, as with `>> seedbank.db`.
fn check_output(global: &Global) -> anyhow::Result<()> {
    let is_own = |it: Metadata| it.is_file() && ArchiveFiles::of(&global.db).has_id(&it);
    if output::metadata().is_ok_and(is_own) {
        Err(Error::OntoItself(global.db.clone()).into())
    } else {
        Ok(())
    }
}

fn answer(cli: &Cli) -> Exit {
    let ended = check_output(&cli.global).and_then(|()| run_command(cli));
    ended.unwrap_or_else(|error| {
        let received = signals::received();
        let is_interruption = error.downcast_ref::<Error>().is_some_and(Error::is_interruption);
        if let Some(exit) = received.filter(|_| is_interruption) {
            let line = log::Line::warning("interrupted; nothing was left half-done");
            line.with("code", exit as u8).write(&cli.global);
            return exit;
        }
        let exit = outcome::report(&error, &cli.global);
        received.unwrap_or(exit)
    })
}

fn run_command(cli: &Cli) -> anyhow::Result<Exit> {
    match &cli.command {
        Command::Import(args) => import::run(args, &cli.global),
        Command::Sql(args) => sql::run(args, &cli.global),
        Command::Schema(args) => schema::run(args, &cli.global),
        Command::Search(args) => search::run(args, &cli.global),
        Command::Stats(args) => stats::run(args, &cli.global),
        Command::Export(args) => export::run(args, &cli.global),
        Command::Show(args) => show::run(args, &cli.global),
        Command::History(args) => history::run(args, &cli.global),
        Command::Have(args) => have::run(args, &cli.global),
        Command::Diff(args) => diff::run(args, &cli.global),
        Command::Explain(args) => explain::run(args, &cli.global),
        Command::Runs(args) => runs::run(args, &cli.global),
        Command::Reextract(args) => reextract::run(args, &cli.global),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args, &cli.global),
        Command::Verify(args) => verify::run(args, &cli.global),
        Command::Backup(args) => backup::run(args, &cli.global),
        Command::Migrate(args) => migrate::run(args, &cli.global),
    }
}

/// Opens the database for reading, and warns if its rows are of another version.
fn open_reader(global: &Global) -> seedbank::Result<Reader> {
    let reader = Reader::open(&global.db)?;
    if let Some(found) = reader.other_extractor()? {
        let known = seedbank::internals::extract::EXTRACTOR_VERSION;
        let text = format!(
            "note: the rows of \"{}\" were made by extractor version {found}; this program has {known}",
            path_label(&global.db)
        );
        render::note(&text, global);
    }
    Ok(reader)
}

/// The format given by `--format` and `--json` together; `usual` if neither is set.
fn chosen_format<F: Copy + PartialEq>(
    format: Option<F>,
    usual: F,
    json: F,
    global: &Global,
) -> Result<F, UsageError> {
    match (format, global.json) {
        (Some(format), true) if format != json => Err(UsageError::new(
            "--json and --format contradict each other",
            "leave one of them out",
        )),
        (_, true) => Ok(json),
        (format, false) => Ok(format.unwrap_or(usual)),
    }
}

/// The article that the user names; notes if it was joined into another id.
fn named_article(name: &str, reader: &Reader, global: &Global) -> seedbank::Result<NamedArticle> {
    let article = reader.article(name)?;
    if let Some(former) = article.merged_from {
        render::note(&format!("note: article {former} was joined into {}", article.id), global);
    }
    Ok(article)
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds")?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
