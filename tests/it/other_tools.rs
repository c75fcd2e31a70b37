//! What other programs can do with the file, as it was left by an import.

use crate::support::TestEnv;
use std::process::Command;

const QUESTION: &str = "SELECT count(*) || '|' || max(title) FROM article_text WHERE text <> ''";

/// What a tool prints, or `None`, aloud, where it is not installed.
fn ask(env: &TestEnv, tool: &str, arguments: &[&str]) -> Option<String> {
    let ran = Command::new(tool).args(arguments).current_dir(env.path(".")).output();
    let Ok(ran) = ran else {
        eprintln!("SKIPPED: no {tool} here");
        return None;
    };
    let stderr = String::from_utf8_lossy(&ran.stderr);
    if stderr.contains("No module named") {
        eprintln!("SKIPPED: no module for {arguments:?}");
        return None;
    }
    assert!(ran.status.success(), "{tool}: {stderr}");
    Some(String::from_utf8(ran.stdout).unwrap().trim().to_owned())
}

#[track_caller]
fn check(tool: &str, arguments: &[&str]) {
    let env = TestEnv::with_article();
    if let Some(answer) = ask(&env, tool, arguments) {
        assert_eq!(answer, "1|标题");
    }
}

#[test]
fn the_sqlite3_shell() {
    check("sqlite3", &["-readonly", "seedbank.db", QUESTION]);
}

#[test]
fn python() {
    let program = format!(
        "import sqlite3; print(sqlite3.connect('seedbank.db').execute(\"{QUESTION}\").fetchone()[0])"
    );
    check("python3", &["-c", &program]);
}

/// DuckDB reads SQLite through an extension, which the package `duckdb-extensions` brings along.
#[test]
fn duckdb() {
    let program = "
import duckdb
from duckdb_extensions import import_extension
import_extension('sqlite_scanner')
c = duckdb.connect()
c.execute('LOAD sqlite_scanner')
c.execute(\"ATTACH 'seedbank.db' AS s (TYPE sqlite)\")
c.execute('SELECT text FROM s.article_text').fetchall()
print('|'.join(map(str, c.execute('SELECT count(*), max(title) FROM s.article').fetchone())))
";
    let python = std::env::var("DUCKDB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    check(&python, &["-c", program]);
}
