//! What other programs can do with the file that an import left. `docs/other-tools.md` describes their use;
//! `docs.rs` runs its examples.

use crate::support::TestEnv;

const QUESTION: &str = "SELECT count(*) || '|' || max(title) FROM article_text WHERE text <> ''";

#[track_caller]
fn check(tool: &str, arguments: &[&str]) {
    let env = TestEnv::with_article();
    if let Some(answer) = env.tool(tool, arguments) {
        assert_eq!(answer.trim(), "1|标题");
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

/// DuckDB reads SQLite through an extension, and parses every view on ATTACH.
#[test]
fn duckdb() {
    let question = format!(
        "ATTACH 'seedbank.db' AS s (TYPE sqlite); {}",
        QUESTION.replace("article_text", "s.article_text")
    );
    check("duckdb", &["-list", "-noheader", "-c", &question]);
}
