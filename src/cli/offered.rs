//! What a shell offers for an argument: names from the archive that the command line means.
//!
//! It is asked at every press of a key, so it says nothing where it cannot answer at once: without an archive, with
//! one of another version, or while another program keeps it locked.

use crate::cli::terminal::render::one_line;
use crate::cli::{Cli, DB_VARIABLE, DEFAULT_DB};
use clap::CommandFactory;
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use seedbank::ArticleFilter;
use seedbank::Result;
use seedbank::internals::store::{ArticleOrder, Reader, Selection};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

/// The variable by which the script of a shell asks. It says for which shell.
pub const VARIABLE: &str = "SEEDBANK_COMPLETE";

/// How long a person waits for the key.
const PATIENCE: Duration = Duration::from_millis(500);
/// How many of the newest articles and imports are looked through.
const LOOKED_THROUGH: u64 = 1_000;
/// How many names are offered at once.
const OFFERED: usize = 100;

/// A name, and what it stands for.
type Named = (String, String);

/// Answers a shell, if it is one that runs the program.
pub fn is_answered() -> bool {
    let folder = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(Cli::command).var(VARIABLE);
    // An error has nobody to read it.
    asked.try_complete(std::env::args_os(), folder.as_deref()).unwrap_or(true)
}

/// Hosts, most articles first.
pub fn hosts() -> ArgValueCompleter {
    offer(|reader| {
        let sites = reader.articles_by_site(&ArticleFilter::default())?;
        let named = sites.into_iter().filter_map(|site| Some((site.name?, site.count.to_string())));
        Ok(named.collect())
    })
}

/// Ids of articles, the newest first.
pub fn articles() -> ArgValueCompleter {
    offer(|reader| {
        let limit = Some(LOOKED_THROUGH);
        let newest = Selection { order: ArticleOrder::NewestFirst, limit, ..Selection::default() };
        let mut named = Vec::new();
        reader.article_heads(&newest, &mut |head| {
            named.push((head.id.to_string(), head.title));
            Ok(())
        })?;
        Ok(named)
    })
}

/// Numbers of imports, the latest first.
pub fn imports() -> ArgValueCompleter {
    offer(|reader| {
        let runs = reader.runs(LOOKED_THROUGH)?.into_iter();
        Ok(runs.map(|run| (run.id.to_string(), run.started_at.to_string())).collect())
    })
}

/// The same, and `last`.
pub fn imports_and_last() -> ArgValueCompleter {
    offer(|reader| {
        let runs = reader.runs(LOOKED_THROUGH)?.into_iter();
        let last = [("last".to_owned(), "the latest import".to_owned())].into_iter();
        Ok(last.chain(runs.map(|run| (run.id.to_string(), run.started_at.to_string()))).collect())
    })
}

/// Tables and views.
pub fn tables() -> ArgValueCompleter {
    offer(|reader| {
        let tables = reader.tables(None)?.into_iter();
        Ok(tables.map(|table| (table.name, table.about.unwrap_or_default().to_owned())).collect())
    })
}

fn offer(ask: fn(&Reader) -> Result<Vec<Named>>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |begun: &OsStr| {
        let (answer, answered) = mpsc::channel();
        let database = database(std::env::args_os(), std::env::var_os(DB_VARIABLE));
        // A reader waits for a lock, for minutes. The process ends with its answer, whatever this thread does.
        std::thread::spawn(move || {
            let _ = answer.send(Reader::open(&database).and_then(|reader| ask(&reader)));
        });
        let named = answered.recv_timeout(PATIENCE).ok().and_then(Result::ok).unwrap_or_default();
        let begun = begun.to_string_lossy();
        let named = named.into_iter().filter(|(name, _)| name.starts_with(&*begun)).take(OFFERED);
        let candidate = |(name, about): Named| {
            CompletionCandidate::new(name).help(Some(one_line(&about).into()))
        };
        named.map(candidate).collect()
    })
}

/// The database that the words of an unfinished command line mean. A shell passes them as they are typed.
fn database(words: impl Iterator<Item = OsString>, variable: Option<OsString>) -> PathBuf {
    let mut named = None;
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--db") => named = words.peek().cloned(),
            Some(word) => {
                named = word.strip_prefix("--db=").map(OsString::from).or(named);
            }
            None => {}
        }
    }
    let path = PathBuf::from(named.or(variable).unwrap_or_else(|| DEFAULT_DB.into()));
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(below), Some(home)) => home.join(below),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_that_is_meant() {
        let meant = |line: &str, variable: Option<&str>| {
            let path = database(line.split(' ').map(OsString::from), variable.map(OsString::from));
            path.to_str().unwrap().to_owned()
        };
        assert_eq!(meant("seedbank show", None), DEFAULT_DB);
        assert_eq!(meant("seedbank show", Some("b.db")), "b.db");
        assert_eq!(meant("seedbank --db a.db show", Some("b.db")), "a.db");
        assert_eq!(meant("seedbank show --db=a.db 1", None), "a.db");
        assert_eq!(meant("seedbank show --db", None), DEFAULT_DB);
        assert!(PathBuf::from(meant("seedbank --db ~/a.db show", None)).is_absolute());
    }
}
