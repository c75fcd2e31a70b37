//! `seedbank sql`: everything can be read, nothing can be changed.

use crate::support::{TestEnv, bytes_of};

#[test]
fn reading_is_allowed() {
    let env = TestEnv::with_article();
    for sql in [
        "SELECT * FROM article_text",
        "SELECT name FROM pragma_table_info('article')",
        "PRAGMA table_list",
        "PRAGMA user_version",
        "PRAGMA integrity_check",
        "EXPLAIN QUERY PLAN SELECT * FROM article",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9) SELECT * FROM n",
        "SELECT value FROM json_each('[1]')",
        "SELECT 1; -- and that is all\n;",
        "VALUES (1)",
    ] {
        env.run(&["query", sql]).expect(0);
    }
}

/// It fails after much output was written.
#[test]
fn output_before_an_error_can_be_read() {
    let env = TestEnv::with_article();
    let rows = |good: u64| {
        let sql = format!(
            "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)
             SELECT i, abs(iif(i > {good}, -9223372036854775808, i)) AS a FROM n"
        );
        let ran = env.run(&["sql", "--json", &sql]);
        assert!(ran.status != 0 && ran.stderr.contains("integer overflow"), "{}", ran.stderr);
        ran.stdout
    };
    assert_eq!(rows(0), "");
    let found: Vec<serde_json::Value> = serde_json::from_str(&rows(20_000)).unwrap();
    assert_eq!(found.len(), 20_000);
    // A query that is stuck in one step of SQLite is ended from outside, at its limit.
    let stuck = "SELECT 1 AS a UNION ALL
        SELECT length(replace(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1', ''))";
    let ran = env.run(&["sql", "--json", "--timeout", "1", stuck]).expect(13);
    let found: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn malformed_sql() {
    let env = TestEnv::with_article();
    for (arguments, message) in [
        (&["SELEC"][..], "syntax error"),
        (&["SELECT missing FROM article"], "no such column: missing"),
        (&["SELECT \"missing\" FROM article"], "missing"),
        (&["SELECT 1; SELECT 2"], "more than one statement"),
        (&["SELECT 1; DROP TABLE article"], "more than one statement"),
        (&["/* nothing */"], "no statement"),
        (&[""], "no statement"),
        (&["SELECT json('{')"], "malformed JSON"),
        (&["SELECT :a"], "\":a\""),
        (&["SELECT 1", "-p", "a=1"], "\"a\""),
        (&["SELECT 1", "-p", "a"], "NAME=VALUE"),
    ] {
        let arguments = [&["sql"], arguments].concat();
        let ran = env.run(&arguments).expect(2);
        assert!(ran.stderr.contains(message), "{arguments:?}: {ran}");
    }
}

#[test]
fn formats() {
    let env = TestEnv::with_article();
    let show = |format: &str| {
        let sql = "SELECT id, title, x'00ff' AS blob, NULL AS none, 1.5 AS real, 2 AS id,
            'a|b' || char(10) || 'c' AS text FROM article";
        let ran = env.run(&["sql", "--format", format, sql]).expect(0);
        format!("{}{}", ran.stdout, ran.stderr)
    };
    insta::assert_snapshot!(show("table"));
    insta::assert_snapshot!(show("json"));
    insta::assert_snapshot!(show("jsonl"));
    insta::assert_snapshot!(show("csv"));
    insta::assert_snapshot!(show("tsv"));
    insta::assert_snapshot!(show("markdown"));
}

#[test]
fn parameters_files_and_standard_input() {
    let env = TestEnv::with_article();
    let csv = |arguments: &[&str], input: &str| {
        let arguments = [&["sql", "--format", "csv"], arguments].concat();
        env.run_with_input(&arguments, input).expect(0).stdout
    };
    let types = "SELECT typeof(:a) AS a, typeof(@b) AS b, typeof($c) AS c";
    let values = ["-p", "a=1", "-p", ":b=1.5", "-p", "c=007"];
    assert_eq!(csv(&[&[types], &values[..]].concat(), ""), "a,b,c\ninteger,real,text\n");
    assert_eq!(csv(&["-f", "-"], "SELECT 1 AS n"), "n\n1\n");
    env.write("q.sql", b"SELECT 2 AS n -- two\n");
    assert_eq!(csv(&["-f", "q.sql"], ""), "n\n2\n");
    env.run(&["sql", "-f", "missing.sql"]).expect(1);
}

#[test]
fn seeds_can_be_read_as_text() {
    let env = TestEnv::with_article();
    let sql = "SELECT seed_text(seed_id) = :text AS same, seed_text(99) IS NULL AS none,
        seed_text(NULL) IS NULL AS null_too FROM article";
    let text = String::from_utf8(bytes_of(&env.path("drop/a.txt"))).unwrap();
    let ran = env.run(&["sql", "--format", "tsv", sql, "-p", &format!("text={text}")]);
    assert_eq!(ran.expect(0).stdout, "same\tnone\tnull_too\n1\t1\t1\n");
}

#[test]
fn rows_stop_at_the_limit() {
    let env = TestEnv::with_article();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000)
        SELECT i FROM n";
    let ran = env.run(&["sql", many]).expect(0);
    assert!(ran.stderr.starts_with("the first 1,000 rows; "), "{ran}");
    let ran = env.run(&["sql", "--format", "csv", many]).expect(0);
    assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (2001, ""));
    let ran = env.run(&["sql", "--format", "csv", "--max-rows", "2", many]).expect(0);
    assert_eq!(ran.stdout, "i\n1\n2\n");
}

#[test]
fn terminal_codes_do_not_act() {
    let env = TestEnv::with_article();
    let sql = "SELECT char(27) || '[2J' || char(0x202e) AS title";
    for format in ["table", "markdown"] {
        let shown = env.run(&["sql", "--format", format, sql]).expect(0).stdout;
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    }
    let exact = env.run(&["sql", "--format", "csv", sql]).expect(0).stdout;
    assert_eq!(exact, "title\n\u{1b}[2J\u{202e}\n");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let env = TestEnv::with_article();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500000)
        SELECT i FROM n";
    for format in ["csv", "json", "jsonl", "markdown"] {
        let mut child = env.command(&["sql", "--format", format, many]).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
        assert_eq!(output.status.code(), Some(0), "{format}");
    }
}
