//! What a person sees of rows: on terminals of 80 and 200 columns, and in files and pipes.

use crate::support::{Ran, TestEnv, seed};
use crate::terminal::on_terminal;

/// Two articles of one site, one of them long.
fn archive() -> TestEnv {
    let env = TestEnv::new();
    let long = "<p>一段很长的文字，谁也不会在一张表里读完它。</p>\n".repeat(9);
    env.write("drop/a.txt", (seed("短文", "https://news.example/a") + &long).as_bytes());
    let undated = seed("没有日期", "https://news.example/b").replacen("<!--1", "<!--x1", 1);
    env.write("drop/b.txt", undated.as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    env
}

/// A command on a terminal of this width, with its colours made visible; `None` where there is no terminal.
pub fn seen(env: &TestEnv, columns: u16, arguments: &[&str]) -> Option<Ran> {
    let mut ran = on_terminal(env.command(arguments), columns)?.expect(0);
    for (code, sign) in [("\u{1b}[1m", "<b>"), ("\u{1b}[2m", "<dim>"), ("\u{1b}[0m", "</>")] {
        ran.stdout = ran.stdout.replace(code, sign);
    }
    Some(ran)
}

const WIDE: &str =
    "SELECT id, title, author, char_count * 1000 AS letters, 2024 AS year, url FROM article";

#[test]
fn a_table_is_cut_or_turned_on_a_terminal() {
    let env = archive();
    let article = "SELECT id, title, author, published_at, status, char_count * 1000 AS letters,
        canonical_url, language, script, seed_id, revision_count, first_seen_at FROM article";
    let long = "SELECT id, title, text FROM article_text";
    for columns in [80, 200] {
        for (name, sql) in [("wide", WIDE), ("article", article), ("long", long)] {
            let Some(ran) = seen(&env, columns, &["sql", sql]) else { return };
            insta::assert_snapshot!(format!("{name}_{columns}"), ran);
        }
    }
    // A person who asks for a table gets one.
    let Some(ran) = seen(&env, 80, &["sql", "--format", "table", article]) else { return };
    assert!(ran.stdout.starts_with('┌') && ran.stdout.contains('…'), "{ran}");
    let Some(ran) = seen(&env, 80, &["sql", "--format", "line", long]) else { return };
    assert!(!ran.stdout.contains('…') && ran.stderr.is_empty(), "{ran}");
}

#[test]
fn a_pipe_gets_everything() {
    let env = archive();
    insta::assert_snapshot!(env.run(&["sql", WIDE]).expect(0));
    insta::assert_snapshot!(env.run(&["sql", "--format", "line", WIDE]).expect(0));
    let text = "SELECT text FROM article_text WHERE id = 1";
    let whole = env.run(&["sql", "--raw", text]).expect(0).stdout;
    assert!(whole.lines().count() > 9 && whole.ends_with('。'), "{whole}");
    for format in ["table", "line", "csv"] {
        let ran = env.run(&["sql", "--format", format, text]).expect(0);
        assert!(whole.lines().all(|line| ran.stdout.contains(line)), "{format}: {ran}");
    }
}

#[test]
fn null_and_headers() {
    let env = archive();
    let sql = "SELECT NULL AS a, '' AS b";
    let shown = |arguments: &[&str]| env.run(&[&["sql", sql], arguments].concat()).expect(0).stdout;
    assert_eq!(shown(&["--null", "∅"]), "┌───┬───┐\n│ a ┆ b │\n╞═══╪═══╡\n│ ∅ ┆   │\n└───┴───┘\n");
    assert_eq!(shown(&["--format", "csv", "--null", "-"]), "a,b\n-,\n");
    assert_eq!(shown(&["--format", "tsv", "--no-headers"]), "\t\n");
    assert_eq!(shown(&["--no-headers"]), "┌──────┬──┐\n│ NULL ┆  │\n└──────┴──┘\n");
    assert_eq!(shown(&["--format", "line", "--null", "?"]), "a = ?\nb =\n");
    assert_eq!(env.run(&["sql", "--raw", "--null", "?", "SELECT NULL"]).expect(0).stdout, "?");
    for wrong in [
        &["--json", "--null", "x"][..],
        &["--format", "jsonl", "--null", "x"],
        &["--json", "--no-headers"],
        &["--format", "line", "--no-headers"],
        &["--format", "tsv", "--excel-safe"],
        &["--excel-safe"],
        &["--raw", "--json"],
        &["--raw", "--format", "csv"],
    ] {
        let ran = env.run(&[&["sql", sql], wrong].concat()).expect(2);
        assert!(ran.stdout.is_empty() && ran.stderr.starts_with("error: "), "{wrong:?}: {ran}");
    }
}

#[test]
fn one_value() {
    let env = archive();
    let raw = |sql: &str| env.run(&["sql", "--raw", sql]);
    assert_eq!(raw("SELECT 'a' || char(10)").expect(0).stdout, "a\n");
    assert_eq!(raw("SELECT 12345").expect(0).stdout, "12345");
    assert_eq!(raw("SELECT x'6162'").expect(0).stdout, "ab");
    assert_eq!(raw("SELECT NULL").expect(0).stdout, "");
    for (sql, message) in [
        ("SELECT 1, 2", "returns 2 columns"),
        ("VALUES (1), (2)", "returns more than one row"),
        ("SELECT 1 WHERE 0", "returns no row"),
    ] {
        let ran = raw(sql).expect(2);
        assert!(ran.stdout.is_empty() && ran.stderr.contains(message), "{ran}");
        assert!(ran.stderr.contains("hint: "), "{ran}");
    }
}

#[test]
fn a_file_of_rows() {
    let env = archive();
    let sql = "SELECT id, author FROM article ORDER BY id";
    let content = |name: &str| std::fs::read_to_string(env.path(name)).unwrap();
    let ran = env.run(&["sql", "-o", "a.csv", sql]).expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "2 rows in \"a.csv\"\n"));
    assert_eq!(content("a.csv"), "id,author\n1,\n2,\n");
    env.run(&["sql", "-o", "a.csv", "SELECT 1"]).expect(1);
    env.run(&["sql", "-q", "--force", "-o", "a.csv", "SELECT 1 AS n"]).expect(0);
    assert_eq!(content("a.csv"), "n\n1\n");
    env.run(&["sql", "-o", "a.jsonl", sql]).expect(0);
    assert_eq!(content("a.jsonl").lines().count(), 2);
    env.run(&["sql", "-o", "a.txt", sql]).expect(0);
    assert!(content("a.txt").starts_with('┌'));
    env.run(&["sql", "-o", "a.bin", "--raw", "SELECT x'00ff'"]).expect(0);
    assert_eq!(crate::support::bytes_of(&env.path("a.bin")), [0, 255]);
    // A query that fails leaves no file, and the database is never one.
    let failing = "SELECT abs(iif(id > 1, -9223372036854775808, id)) FROM article";
    assert_ne!(env.run(&["sql", "-o", "b.csv", failing]).status, 0);
    let stuck = "SELECT 1 AS a UNION ALL
        SELECT length(replace(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1', ''))";
    env.run(&["sql", "-o", "b.csv", "--timeout", "1", stuck]).expect(13);
    env.run(&["sql", "--force", "-o", "seedbank.db", sql]).expect(1);
    env.run(&["sql", "--force", sql]).expect(2);
    let files = ["a.bin", "a.csv", "a.jsonl", "a.txt", "drop", "seedbank.db", "seedbank.db.lock"];
    let found = env.files();
    assert!(found.iter().all(|name| files.contains(&name.as_str())), "{found:?}");
}

#[test]
fn a_signal_leaves_no_file() {
    let env = archive();
    let endless =
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let mut child =
        env.command(&["sql", "--timeout", "0", "-o", "b.csv", endless]).spawn().unwrap();
    let is_unfinished = |name: &String| name.starts_with(".b.csv");
    crate::support::until("the file", || env.files().iter().any(is_unfinished));
    crate::support::signal(child.id(), libc::SIGTERM);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(!env.files().iter().any(|name| name.contains("b.csv")), "{:?}", env.files());
}

#[test]
fn the_statement_on_standard_input() {
    let env = archive();
    let ran = env.run_with_input(&["sql", "--format", "csv", "-"], "SELECT 1 AS n\n").expect(0);
    assert_eq!(ran.stdout, "n\n1\n");
    env.run_with_input(&["sql", "-"], "").expect(2);
}

#[test]
fn the_schema_for_people() {
    let env = archive();
    for (columns, arguments) in [(80, &["schema", "article"][..]), (200, &["schema"])] {
        let Some(ran) = seen(&env, columns, arguments) else { return };
        insta::assert_snapshot!(format!("schema_{columns}"), ran.stdout);
    }
    let json = env.run(&["schema", "REVISION", "--json"]).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let column = &json["tables"][0]["columns"][1];
    assert_eq!((&column["name"], &column["refers_to"]), (&"article_id".into(), &"article".into()));
    let all = env.run(&["schema", "--json"]).expect(0).stdout;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    assert!(all["tables"].as_array().unwrap().len() > 20, "{all}");
}

#[test]
fn did_you_mean() {
    let env = archive();
    for (arguments, status, message, hint) in [
        (
            &["sql", "SELECT 1 FROM artcle"][..],
            2,
            "no such table: artcle",
            "did you mean article? ",
        ),
        (&["sql", "SELECT titel FROM article"], 2, "no such column: titel", "did you mean title? "),
        (&["sql", "SELECT a.autor FROM article a"], 2, "a.autor", "did you mean author? "),
        (&["sql", "SELECT \"titel\" FROM article"], 2, "\"titel\"", "did you mean title? "),
        (&["sql", "SELECT zzzzzz FROM article"], 2, "zzzzzz", "hint: list tables and columns with"),
        (&["search", "短文", "--site", "news.exampel"], 1, "no site", "did you mean news.example?"),
        (&["export", "--format", "csv", "--site", "zz.test"], 1, "no site", "stats --all`"),
        (&["search", "titel:短文"], 2, "unknown field", "did you mean title:? "),
        (&["search", "zzzzzz:短文"], 2, "unknown field", "hint: to search for the letters"),
        (&["schema", "paragraf"], 1, "no table or view \"paragraf\"", "did you mean paragraph? "),
        (
            &["schema", "sqlite_schema"],
            1,
            "no table or view",
            "list tables and columns with `seedbank schema`",
        ),
        (&["sql", "SELECT 'a' REGEXP '('"], 2, "malformed regular expression", "hint: put a \\"),
        (&["export", "--format", "csv", "--table", "artcle"], 2, "artcle", "'article'"),
    ] {
        let ran = env.run(arguments).expect(status);
        assert!(ran.stderr.contains(message) && ran.stderr.contains(hint), "{arguments:?}: {ran}");
    }
}

/// As in the `sqlite3` shell, through the allow-list and all limits.
#[test]
fn functions_of_the_shell() {
    let env = archive();
    let value = |sql: &str| env.run(&["sql", "--raw", sql]).expect(0).stdout;
    assert_eq!(value("SELECT count(*) FROM article WHERE title REGEXP '^没.*期$'"), "1");
    assert_eq!(value("SELECT regexpi('NEWS', canonical_url) FROM article LIMIT 1"), "1");
    assert_eq!(value("SELECT median(id) FROM article"), "1.5");
    assert_eq!(value("SELECT percentile(id, 100) FROM article"), "2.0");
    let ran = env.run(&["sql", "SELECT median(title) FROM article"]).expect(2);
    assert!(ran.stderr.contains("median(): a value is not a number"), "{ran}");
}

#[test]
fn bars_are_as_wide_as_the_terminal() {
    let env = archive();
    env.write(
        "drop/c.txt",
        seed("早先", "https://old.example/c").replacen("<!--1707", "<!--1697", 1).as_bytes(),
    );
    env.run(&["import", "-q", "drop"]).expect(0);
    for columns in [80, 200] {
        let Some(ran) = seen(&env, columns, &["stats"]) else { return };
        let (_, rest) = ran.stdout.split_once("<b>Articles by site").unwrap();
        let (bars, _) = rest.split_once("\n\n<b>Files by outcome").unwrap();
        insta::assert_snapshot!(format!("bars_{columns}"), bars);
        let arguments = ["stats", "--query", "短文", "--by", "month"];
        let Some(ran) = seen(&env, columns, &arguments) else { return };
        insta::assert_snapshot!(format!("shares_{columns}"), ran);
        let several = [&arguments[..], &["--query", "早先"]].concat();
        let Some(ran) = seen(&env, columns, &several) else { return };
        insta::assert_snapshot!(format!("several_shares_{columns}"), ran);
    }
}
