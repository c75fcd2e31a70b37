//! What manual pages have in common, and the page of a command.

use crate::cli::{DB_VARIABLE, DEFAULT_DB, EXIT_CODES, PLAIN_INDEX_VARIABLE};
use anyhow::Result;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

/// When the pages last changed in more than their options: a page must have a date, and a build shall not have its own.
const DATE: &str = "2026-12-01";

/// The variables that a command reads, besides those of SQLite and the system.
const ENVIRONMENT: [(&str, &str); 6] = [
    (DB_VARIABLE, "The database, if there is no --db."),
    (PLAIN_INDEX_VARIABLE, "The same as --plain-index of import and reextract."),
    ("COLUMNS", "The width of tables and texts, in place of that of the terminal."),
    ("NO_COLOR", "If it is not empty, no colours, unless --color says always."),
    ("CLICOLOR_FORCE", "If it is neither empty nor 0, colours into files and pipes too."),
    ("RUST_BACKTRACE", "If it is set and not 0, where in the program a fault of its own was."),
];

/// The pages that an archive's users read besides those of commands, with what each command does with them.
const OTHER_PAGES: [(&str, &[&str]); 2] = [
    ("seedbank-schema(5)", &["seedbank", "sql", "schema", "export", "verify"]),
    ("seedbank-query(7)", &["seedbank", "search", "stats", "export", "sql"]),
];

/// A page with its title and name.
pub(super) fn begun(name: &str, section: &str, about: &str) -> Roff {
    let source = format!("seedbank {}", env!("CARGO_PKG_VERSION"));
    let title = name.to_uppercase();
    let mut roff = Roff::new();
    roff.control("TH", [title.as_str(), section, DATE, &source, "seedbank"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {about}"))]);
    roff
}

/// A page as it is written.
pub(super) fn finished(roff: &Roff) -> String {
    cleaned(&roff.render())
}

/// A text without what a formatter skips: paragraphs made of line breaks, and blanks at the ends of lines.
fn cleaned(text: &str) -> String {
    let text = text.replace("\n.br\n\n.br\n", "\n.sp\n");
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// An entry of a list: what it is about, and a text.
pub(super) fn entry(roff: &mut Roff, head: impl Into<Vec<Inline>>, text: &str) {
    roff.control("TP", []);
    roff.text(head);
    roff.text([roman(text)]);
}

/// The last section: other pages, such as `seedbank(1)`.
pub(super) fn see_also(roff: &mut Roff, pages: &[String]) {
    roff.control("SH", ["SEE ALSO"]);
    for (at, page) in pages.iter().enumerate() {
        let (name, section) = page.split_at(page.find('(').unwrap_or(page.len()));
        let end = if at + 1 < pages.len() { "," } else { "" };
        roff.text([bold(name), roman(format!("{section}{end}"))]);
    }
}

/// The page of a command; `main` has all of them.
pub(super) fn of_command(command: &Command, main: &Command) -> Result<String> {
    let name = command.get_display_name().unwrap_or("seedbank");
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let begin = begun(name, "1", about.trim_end_matches('.'));
    let man = Man::new(command.clone());
    let mut text = begin.render().into_bytes();
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut end = Roff::new();
    exit_status(&mut end);
    environment(&mut end);
    files(&mut end);
    examples(&mut end, command);
    see_also(&mut end, &related(command, main));
    text.extend(end.render().into_bytes());
    let text = String::from_utf8(text)?.replacen(".SH SUBCOMMANDS\n", ".SH COMMANDS\n", 1);
    // Each part defines anew what an apostrophe is.
    let preamble = Roff::new().render();
    Ok(format!("{preamble}{}", cleaned(&text.replace(&preamble, ""))))
}

/// What each exit code means, as the help says.
fn exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for line in EXIT_CODES.lines().skip(1) {
        match line.trim_start().split_once("  ") {
            Some((code, meaning)) => entry(roff, [bold(code)], meaning),
            None => {
                roff.control("PP", []);
                roff.text([roman(line)]);
            }
        }
    }
}

fn environment(roff: &mut Roff) {
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        entry(roff, [bold(name)], meaning);
    }
}

/// The files of an archive, wherever `--db` leads.
pub(super) fn files(roff: &mut Roff) {
    roff.control("SH", ["FILES"]);
    let name = DEFAULT_DB.trim_start_matches("./");
    let files = [
        (DEFAULT_DB.to_owned(), "The database: the whole archive, when no command writes to it."),
        (
            format!("{name}-wal, {name}-shm, {name}-journal"),
            "SQLite's own, while the database is in use. Never remove them, nor copy the database \
             without them: use seedbank backup.",
        ),
        (
            format!("{name}.lock"),
            "Held by the command that writes. It may stay; it has no content that matters.",
        ),
        (
            format!("{name}.before-vN.bak"),
            "A copy from before its migration to version N of the schema; yours to remove.",
        ),
        (
            ".NAME.NUMBER.tmp".to_owned(),
            "An unfinished copy or export. What a kill leaves, the next command of its kind removes.",
        ),
    ];
    for (name, meaning) in files {
        entry(roff, [italic(name)], meaning);
    }
}

/// The examples of the help, with line breaks of their own.
fn examples(roff: &mut Roff, command: &Command) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let Some(examples) = help.strip_prefix("Examples:\n") else { return };
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    for line in examples.lines() {
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    roff.control("fi", []);
}

/// The pages to read after that of a command.
fn related(command: &Command, main: &Command) -> Vec<String> {
    let name = command.get_name();
    let mut pages: Vec<String> = Vec::new();
    if command.has_subcommands() {
        let names = main.get_subcommands().filter_map(Command::get_display_name);
        pages.extend(names.map(|name| format!("{name}(1)")));
    } else {
        pages.push("seedbank(1)".to_owned());
    }
    let others = OTHER_PAGES.into_iter().filter(|(_, commands)| commands.contains(&name));
    pages.extend(others.map(|(page, _)| page.to_owned()));
    if ["seedbank", "sql", "schema"].contains(&name) {
        pages.push("sqlite3(1)".to_owned());
    }
    pages
}
