//! Suggests the next step after an error, by subject: the database, a repository, a query.

use super::Global;
use crate::cli::terminal::render::{one_line, seedbank_command, shell_word};
use seedbank::internals::search::{Field, nearest};
use seedbank::{DatabaseErrorKind, Error, QueryProblem, SqlRefusal};
use std::io::ErrorKind;
use std::path::PathBuf;

/// The next step, if there is one to suggest.
pub fn hint(error: &Error, global: &Global) -> Option<String> {
    let seedbank = seedbank_command(global);
    of_names(error, &seedbank).or_else(|| {
        let subjects = [of_database, of_contents, of_repository, of_output, of_language, of_system];
        let hint = subjects.iter().find_map(|of_subject| of_subject(error))?;
        // Commands in hints use this command's database.
        Some(hint.replace("`seedbank ", &format!("`{seedbank} ")))
    })
}

/// Hints that contain names from the error.
fn of_names(error: &Error, seedbank: &str) -> Option<String> {
    Some(match error {
        Error::NoSuchRevision { article_id, .. } | Error::NoText { article_id, .. } => {
            format!("list them with `{seedbank} history {article_id}`")
        }
        Error::ForeignRepository(path) => {
            let path = shell_word(path.as_os_str());
            format!("if you trust it: git config --global --add safe.directory {path}")
        }
        Error::LeadsOutside { named, .. } => {
            let option = |path: &PathBuf| format!(" --git-also {}", shell_word(path.as_os_str()));
            format!("to allow reading it, add{}", named.iter().map(option).collect::<String>())
        }
        Error::NoSuchCommit { repository, .. } => {
            let path = shell_word(repository.as_os_str());
            format!(
                "name a branch, a tag or a commit with --ref; `git -C {path} branch -a` lists branches"
            )
        }
        Error::SeveralNames(path) => format!(
            "SQLite keeps a journal for each name: remove the other one (find it with \
             `find DIR -samefile '{}'`), or import into a copy made with `{seedbank} backup`",
            path.display()
        ),
        Error::MalformedQuery {
            problem: problem @ QueryProblem::UnknownField { name }, ..
        } => {
            let fields = Field::ALL.iter().map(|field| field.as_str());
            let meant = nearest(name, ["title", "body"].into_iter().chain(fields));
            let meant = meant.map(|field| format!("did you mean {field}:? ")).unwrap_or_default();
            meant + of_query(problem)
        }
        Error::UnknownName { what: "site", nearest: None, .. } => {
            format!("list them with `{seedbank} stats --all`")
        }
        Error::UnknownName { nearest, .. } | Error::UnknownInSql { nearest, .. } => {
            let meant = nearest.as_ref().map(|name| format!("did you mean {}? ", one_line(name)));
            let list = format!("list tables and columns with `{seedbank} schema`");
            match (error, meant) {
                (Error::UnknownName { what: "site", .. }, Some(meant)) => {
                    meant.trim_end().to_owned()
                }
                (_, meant) => meant.unwrap_or_default() + &list,
            }
        }
        Error::UnknownParameter(name) => format!("write it as :{name} in the SQL, or leave it out"),
        Error::MissingParameter(name) => {
            format!("give it with -p {}=VALUE", name.trim_start_matches([':', '@', '$', '?']))
        }
        _ => return None,
    })
}

/// The database file, and who else has it.
fn of_database(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::NoDatabase(_) => {
            "create it with `seedbank import FOLDER`, or name another with --db"
        }
        Error::HalfCommitted(_) => {
            "run this once as a user who can write to the file and its folder"
        }
        Error::NotOurs(_) => {
            "name a seedbank database with --db or SEEDBANK_DB, or a file that does not exist yet"
        }
        Error::Locked { .. } => "wait until it is done, or use --lock-wait SECS",
        Error::NewerDatabase { .. } | Error::NewerExtractor { .. } => {
            "use the version of seedbank that wrote it, or a later one"
        }
        Error::OlderDatabase { .. } => "bring it up to date with `seedbank reextract`",
        Error::OtherIndex { .. } => {
            "rebuild it with `seedbank reextract`; an import rebuilds it too"
        }
        Error::MountedAlone(_) => {
            "SQLite keeps a journal beside the file: mount the folder that it is in"
        }
        Error::ForeignLock(_) => "move it away if nothing uses it; a new one is created",
        Error::StrangeCompanion(_) => {
            "SQLite keeps its journals under this name: move away whatever has it"
        }
        _ => return None,
    })
}

/// Missing or damaged contents: articles, seeds, imports, paths.
fn of_contents(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::NoSuchArticle(_) => {
            "find it with `seedbank sql \"SELECT id, title, url FROM article\"`"
        }
        Error::NoArticle { .. } => {
            "an article has a line [title](address) near its top, or front matter"
        }
        Error::SeveralDocuments(_) => {
            "import it, and show an article by its id or address; or unpack it, and show one of its files"
        }
        Error::NoArticleAnyMore { .. } => {
            "rebuild the rows from their originals with `seedbank reextract`"
        }
        Error::NeverSeen(_) | Error::NoSuchSeed(_) => {
            "name a file as it was imported, an article's id or address, or a SHA-256"
        }
        Error::NoSuchRun(_) => "list them with `seedbank runs`",
        Error::NoSuchPath(_) => "check its spelling; nothing was imported",
        Error::CountsDisagree(_) => "this is a bug in seedbank: please report it",
        Error::DamagedSeed(_) => DAMAGED,
        _ => return None,
    })
}

/// A repository to import.
fn of_repository(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::NoGit(_) => "install git, or import the files as a folder",
        Error::NotARepository(_) => {
            "name a repository's own folder; files without a history are imported without --git"
        }
        Error::StrangeRepository { .. } => {
            "git would hang on it or fail; remove it, or import a clone of the repository"
        }
        _ => return None,
    })
}

/// Files and folders to write: exports and copies.
fn of_output(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::FolderNotEmpty(_) => {
            "name a folder that is empty or new, or write into it with --force"
        }
        Error::ForeignManifest(_) => {
            "name another folder: exports of different formats do not mix in one"
        }
        Error::ExportUnderWay(_) => "wait until it is done, or name another folder",
        Error::NotAFile(_) => {
            "name a file; what is written to standard output can be sent anywhere"
        }
        Error::AlreadyExists(_) => "name another file, or replace this one with --force",
        Error::NoSuchFolder(_) => "create it first, or name another",
        Error::OntoItself(_) => "name another file, or a folder for copies",
        Error::InTheWay(_) => "inspect it and move it away",
        Error::InUse { .. } => "name another file; one that is in use cannot be replaced",
        Error::NotCopied { .. } => {
            "free some space, or name another place; nothing was left there, and the database is unchanged"
        }
        Error::DamagedCopy(_) => "see what is damaged with `seedbank verify`",
        _ => return None,
    })
}

/// Search queries and SQL.
fn of_language(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::MalformedQuery { problem, .. } => of_query(problem),
        Error::UnfilteredTable(_) => "leave the filter out, or select rows with `seedbank sql`",
        Error::MalformedSql(message) if message.starts_with("malformed regular expression") => {
            "put a \\ before a character that stands for itself, such as \\( or \\?"
        }
        Error::MalformedSql(_) => "list tables and columns with `seedbank schema`",
        Error::RefusedSql(refusal) => of_sql(refusal),
        _ => return None,
    })
}

fn of_query(problem: &QueryProblem) -> &'static str {
    match problem {
        QueryProblem::Empty => "name a word, such as 人权, or a phrase in quotation marks",
        QueryProblem::OnlyExcludes => "name something to find too, such as: 律师 -香港",
        QueryProblem::UnclosedQuotation => "close it with \", or remove it",
        QueryProblem::UnclosedParenthesis | QueryProblem::UnopenedParenthesis => {
            "parentheses come in pairs; inside quotation marks they mean nothing"
        }
        QueryProblem::MissingOperand { .. } => {
            "AND, OR and NOT must be between words; to search for such a word itself, put it in \"\""
        }
        QueryProblem::MissingWord { column: "title" | "body" } => {
            "write title:人权 or body:\"言论 自由\""
        }
        QueryProblem::MissingWord { .. } => "write a value after it, such as site:rfi.fr",
        QueryProblem::UnknownField { .. } => {
            "to search for the letters and the colon, put them in quotation marks"
        }
        QueryProblem::UnfitValue { field: "since" | "until", .. } => {
            "write 2024-02-05, 2024-02, 2024, yesterday or 7d"
        }
        QueryProblem::UnfitValue { field: "language", .. } => "write its code, such as zh or en",
        QueryProblem::UnfitValue { .. } => "write it as in site:rfi.fr",
        QueryProblem::FieldInside { .. } => {
            "write it beside the rest, such as: (a OR b) site:rfi.fr; a repeated field means any of its values"
        }
        QueryProblem::FieldInSql { .. } => {
            "use it in `seedbank search`, or write it as a condition in SQL"
        }
        _ => "split it into smaller queries",
    }
}

fn of_sql(refusal: &SqlRefusal) -> &'static str {
    match refusal {
        SqlRefusal::TooSlow(_) => "raise it with --timeout SECS (0 for no limit)",
        SqlRefusal::TooLargeTable(_) => "write it with --format csv or jsonl",
        SqlRefusal::TooLong { .. } | SqlRefusal::TooMuchMemory { .. } => {
            "ask for fewer or smaller values at once"
        }
        _ => "this command only reads; to change a copy, use sqlite3 on a copy of the database",
    }
}

const DAMAGED: &str = "see what is damaged with `seedbank verify`, and restore a backup";

/// The machine: its files, its disk, SQLite.
fn of_system(error: &Error) -> Option<&'static str> {
    match error {
        Error::Io { error, .. } => match error.kind() {
            ErrorKind::NotFound => Some("check its spelling"),
            ErrorKind::PermissionDenied => Some("check the permissions of the file and its folder"),
            ErrorKind::StorageFull => Some("free some space and run it again"),
            _ => None,
        },
        Error::Database(cause) => of_sqlite(cause.kind()),
        _ => None,
    }
}

fn of_sqlite(kind: DatabaseErrorKind) -> Option<&'static str> {
    Some(match kind {
        DatabaseErrorKind::Damaged => DAMAGED,
        DatabaseErrorKind::Busy => {
            "another program, such as sqlite3 or a script, has an open transaction on the database; end it and run the command again"
        }
        DatabaseErrorKind::DiskFull => "free some space and run it again: what was stored is kept",
        DatabaseErrorKind::Io => "check the disk and the file-size limit; what was stored is kept",
        DatabaseErrorKind::NotWritable => {
            "the file and its folder must be writable by the user running this"
        }
        _ => return None,
    })
}
