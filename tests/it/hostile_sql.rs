//! `seedbank sql` against hostile statements: no file appears, the database keeps its bytes, every limit
//! holds.

use crate::support::{Ran, TestEnv, bytes_of};
use rusqlite::Connection;

/// Refused with code 13, even if the whole statement looks like reading.
const REFUSED: &[&str] = &[
    // Other files.
    "ATTACH 'other.db' AS other",
    "ATTACH ':memory:' AS other",
    "ATTACH DATABASE 'file:other.db?mode=rwc' AS other",
    "/* x */ attach 'other.db' as main2; -- y",
    "DETACH main",
    "; DETACH main",
    "VACUUM",
    "VACUUM main",
    "VACUUM INTO 'copy.db'",
    "VACUUM main INTO 'copy.db'",
    "EXPLAIN ATTACH 'other.db' AS other",
    // Pragmas that write, however they are spelled.
    "PRAGMA user_version = 7",
    "PRAGMA user_version(7)",
    "PRAGMA main.user_version = 7",
    "pRaGmA \"main\".[user_version] = 7",
    "EXPLAIN PRAGMA user_version = 7",
    "PRAGMA application_id = 1",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA journal_mode",
    "PRAGMA journal_mode(MEMORY)",
    "PRAGMA query_only = 0",
    "PRAGMA query_only(off)",
    "PRAGMA writable_schema = 1",
    "PRAGMA writable_schema = RESET",
    "PRAGMA trusted_schema = 1",
    "PRAGMA schema_version = 99",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA wal_checkpoint",
    "PRAGMA wal_autocheckpoint = 1",
    "PRAGMA optimize",
    "PRAGMA incremental_vacuum(1)",
    "PRAGMA encoding = 'UTF-16'",
    "PRAGMA page_size = 512",
    "PRAGMA freelist_count = 1",
    "PRAGMA temp_store_directory = '.'",
    "PRAGMA temp_store = FILE",
    "PRAGMA data_store_directory = '.'",
    "PRAGMA hard_heap_limit = 0",
    "PRAGMA soft_heap_limit = 0",
    "PRAGMA mmap_size = 1099511627776",
    "PRAGMA threads = 64",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA key = 'x'",
    "SELECT * FROM pragma_journal_mode",
    "SELECT * FROM pragma_query_only",
    "SELECT (SELECT * FROM pragma_locking_mode)",
    "WITH x AS (SELECT * FROM pragma_optimize) SELECT * FROM x",
    // Schema.
    "CREATE TABLE t (x)",
    "CREATE TABLE IF NOT EXISTS article (x)",
    "CREATE TABLE t AS SELECT * FROM article",
    "CREATE TEMP TABLE t (x)",
    "CREATE TABLE temp.t AS SELECT 1",
    "CREATE TEMP VIEW v AS SELECT 1",
    "CREATE TEMP TRIGGER t AFTER INSERT ON article BEGIN SELECT 1; END",
    "CREATE TRIGGER t AFTER INSERT ON article BEGIN SELECT 1; END",
    "CREATE VIEW v AS SELECT 1",
    "CREATE VIRTUAL TABLE t USING fts5(x)",
    "CREATE VIRTUAL TABLE temp.t USING fts5vocab('main', 'words', 'row')",
    "CREATE VIRTUAL TABLE temp.t USING rtree(id, x1, x2)",
    "CREATE INDEX i ON article (title)",
    "DROP TABLE article",
    "DROP TABLE IF EXISTS main.article",
    "DROP VIEW article_text",
    "DROP INDEX seed_by_article",
    "ALTER TABLE article ADD COLUMN x",
    "ALTER TABLE article RENAME TO other",
    "ALTER TABLE article DROP COLUMN url",
    "REINDEX",
    "REINDEX article_by_time",
    "ANALYZE",
    "ANALYZE article",
    // Rows.
    "INSERT INTO site (host) VALUES ('x.example')",
    "INSERT INTO site (host) VALUES ('x.example') RETURNING id",
    "INSERT INTO meta VALUES ('a', 'b') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    "INSERT OR REPLACE INTO meta SELECT key, value FROM meta",
    "REPLACE INTO meta VALUES ('a', 'b')",
    "UPDATE article SET title = ''",
    "UPDATE article SET title = '' WHERE 0 RETURNING title",
    "UPDATE OR IGNORE article SET title = t.host FROM site t",
    "DELETE FROM article",
    "DELETE FROM article WHERE 0 RETURNING id",
    "WITH x AS (SELECT 1) DELETE FROM article",
    "EXPLAIN DELETE FROM article",
    "EXPLAIN QUERY PLAN UPDATE article SET title = ''",
    "UPDATE sqlite_schema SET sql = ''",
    "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'CREATE TABLE x (y)')",
    "DELETE FROM sqlite_sequence",
    // The full-text index, and the tables behind it.
    "INSERT INTO words (words) VALUES ('delete-all')",
    "INSERT INTO words (words) VALUES ('optimize')",
    "INSERT INTO words (words, rank) VALUES ('integrity-check', 1)",
    "INSERT INTO words (words, rank) VALUES ('automerge', 0)",
    "INSERT INTO words (text) VALUES ('x')",
    "DELETE FROM words",
    "UPDATE words_data SET block = x'00'",
    "DELETE FROM words_idx",
    "DROP TABLE words_config",
    // Transactions: a reader that holds a snapshot prevents the log from being emptied.
    "BEGIN",
    "BEGIN IMMEDIATE",
    "BEGIN EXCLUSIVE",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT s",
    "RELEASE s",
    "ROLLBACK TO s",
    // Functions that reach outside.
    "SELECT load_extension('x')",
    "SELECT load_extension('x', 'y') FROM article",
    "SELECT fts3_tokenizer('simple')",
    "SELECT fts3_tokenizer('simple', x'0000000000000000')",
];

/// Refused for their cost, each by its own limit.
const TOO_COSTLY: &[(&str, &str)] = &[
    // Endless steps.
    (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        TIME,
    ),
    (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT 1 FROM n WHERE i < 0",
        TIME,
    ),
    ("SELECT count(*) FROM many a, many b, many c, many d", TIME),
    ("SELECT count(*) FROM many a JOIN many b ON a.i <> b.i JOIN many c ON c.i <> b.i", TIME),
    ("SELECT max((SELECT count(*) FROM many b, many c WHERE b.i + c.i > a.i)) FROM many a", TIME),
    ("SELECT * FROM endless WHERE i < 0", TIME),
    // One step that takes hours.
    ("SELECT hex(zeroblob(2000000)) LIKE '%' || hex(zeroblob(24000)) || '1'", TIME),
    ("SELECT hex(zeroblob(2000000)) GLOB '*' || hex(zeroblob(24000)) || '1'", TIME),
    ("SELECT instr(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1')", TIME),
    ("SELECT length(replace(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1', ''))", TIME),
    (
        "SELECT length(trim(hex(zeroblob(9000000)), replace(hex(zeroblob(900000)), '0', 'x') || '0'))",
        TIME,
    ),
    // Huge values.
    ("SELECT zeroblob(1000000000)", SIZE),
    ("SELECT randomblob(1000000000)", SIZE),
    ("SELECT hex(zeroblob(100000000))", SIZE),
    ("SELECT quote(zeroblob(100000000))", SIZE),
    ("SELECT length(replace(hex(zeroblob(60000000)), '0', 'xx'))", SIZE),
    ("SELECT printf('%1000000000d', 1)", SIZE),
    ("SELECT printf('%.*c', 1000000000, 'x')", SIZE),
    ("SELECT format('%1000000000s', '')", SIZE),
    ("SELECT group_concat(hex(zeroblob(1000000))) FROM many", ANY),
    ("SELECT string_agg(hex(randomblob(1000000)), '') FROM many", ANY),
    ("SELECT json_group_array(hex(zeroblob(1000000))) FROM many", ANY),
    ("SELECT zeroblob(60000000) || zeroblob(60000000) || zeroblob(60000000)", SIZE),
    (
        "SELECT sum(length(a)) FROM (SELECT hex(randomblob(10000000)) AS a FROM many ORDER BY a)",
        ANY,
    ),
    (
        "SELECT hex(zeroblob(60000000)), hex(zeroblob(60000001)), hex(zeroblob(60000002)),
      hex(zeroblob(60000003)), hex(zeroblob(60000004)), hex(zeroblob(60000005))",
        MEMORY,
    ),
    (
        "WITH RECURSIVE n(i) AS (SELECT zeroblob(50000000) UNION ALL SELECT i || x'00' FROM n)
      SELECT length(i) FROM n",
        ANY,
    ),
    ("SELECT hex(zeroblob(2000000)) FROM many", "is not printed"),
];

const TIME: &str = "ran longer than";
const SIZE: &str = "too long";
const MEMORY: &str = "of memory";
/// Which limit is reached first depends on the machine.
const ANY: &str = "the SQL was refused";

/// Malformed: code 2.
const MALFORMED: &[&str] = &[
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE article",
    "SELECT 1; /* and */ ATTACH 'other.db' AS other",
    "SELECT 1;; -- nothing\n ; VACUUM INTO 'copy.db'",
    ".shell touch touched",
    ".import x y",
    ".open other.db",
    "SELECT readfile('drop/a.txt')",
    "SELECT writefile('written', 'x')",
    "SELECT edit('x', 'sh')",
    "SELECT * FROM fsdir('.')",
    "SELECT * FROM sqlite_dbpage",
    "UPDATE sqlite_dbpage SET data = zeroblob(8192)",
    "SELECT * FROM generate_series(1, 9000000000000)",
    "SELECT * FROM circular",
    "SELECT * FROM pragma_journal_mode('DELETE')",
    "SELECT * FROM pragma_user_version(7)",
    "SELECT * FROM pragma_query_only(0)",
    "SELECT * FROM pragma_wal_checkpoint('TRUNCATE')",
    "SELECT (SELECT * FROM pragma_locking_mode('exclusive'))",
    "SELECT json('{')",
    "SELECT json_extract('[1]', '$[')",
    "SELECT abs(-9223372036854775808)",
    "SELECT match_query()",
    "SELECT 1 FROM words WHERE words MATCH '\"'",
];

/// With objects that a stranger may have added to the file.
fn env() -> TestEnv {
    let env = TestEnv::with_article();
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection
        .execute_batch(
            "CREATE VIRTUAL TABLE words USING fts5 (text);
             INSERT INTO words VALUES ('one two');
             CREATE TABLE many (i);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000)
             INSERT INTO many SELECT i FROM n;
             CREATE VIEW endless AS
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
             CREATE VIEW circular AS SELECT * FROM circular2;
             CREATE VIEW circular2 AS SELECT * FROM circular;",
        )
        .unwrap();
    env
}

fn ask(env: &TestEnv, arguments: &[&str]) -> Ran {
    env.wait(env.command(&[&["sql"], arguments].concat()).spawn().unwrap())
}

/// Runs each statement, and reports all that did not end with that status and exactly those words.
#[track_caller]
fn check_each<'a, T: std::fmt::Debug>(all: &'a [T], asked: impl Fn(&'a T) -> (Ran, i32, &'a str)) {
    let mut wrong = Vec::new();
    for one in all {
        let (ran, status, words) = asked(one);
        if ran.status != status || !ran.stdout.is_empty() || !ran.stderr.contains(words) {
            wrong.push(format!("{one:?}: {:.600}", ran.to_string()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs `check`, which must leave every file unchanged.
fn unharmed(check: impl FnOnce(&TestEnv)) {
    let env = env();
    let (files, before) = (env.files(), bytes_of(&env.path("seedbank.db")));
    check(&env);
    assert_eq!(env.files(), files);
    assert!(bytes_of(&env.path("seedbank.db")) == before, "the database was changed");
    let log = std::fs::metadata(env.path("seedbank.db-wal"));
    assert_eq!(log.map_or(0, |log| log.len()), 0);
}

#[test]
fn writing_statements_are_refused() {
    unharmed(|env| {
        check_each(REFUSED, |sql| (ask(env, &[sql]), 13, "hint: "));
    });
}

#[test]
fn what_costs_too_much_ends_by_its_own_limit() {
    unharmed(|env| {
        check_each(TOO_COSTLY, |(sql, limit)| {
            // Statements that another limit ends get all the time that a busy machine needs.
            let timeout = if [TIME, ANY].contains(limit) { "0.3" } else { "600" };
            (ask(env, &["--timeout", timeout, sql]), 13, limit)
        });
    });
}

#[test]
fn non_statements_are_malformed() {
    unharmed(|env| {
        check_each(MALFORMED, |sql| (ask(env, &[sql]), 2, "hint: "));
    });
}

#[test]
fn statements_larger_than_a_command_line() {
    unharmed(|env| {
        let repeated = |part: &str, times: usize| part.repeat(times);
        let long_name = repeated("x", 900_000);
        let ask_file = |sql: &str, status: i32| {
            env.write("question.sql", sql.as_bytes());
            let ran = ask(env, &["--timeout", "600", "-f", "question.sql"]);
            std::fs::remove_file(env.path("question.sql")).unwrap();
            assert_eq!(ran.status, status, "{:.80}: {ran}", sql);
            ran
        };
        let nested =
            |depth: usize| format!("SELECT {}1{}", repeated("(", depth), repeated(")", depth));
        ask_file(&nested(50), 0);
        ask_file(&nested(100_000), 2);
        ask_file(&format!("SELECT {}1", repeated("1+", 100_000)), 2);
        ask_file(&format!("SELECT {}1", repeated("NOT ", 100_000)), 2);
        ask_file(&format!("SELECT 1{}", repeated(" UNION ALL SELECT 1", 2_000)), 2);
        ask_file(&format!("SELECT {}1", repeated("1,", 5_000)), 2);
        ask_file(&format!("SELECT * FROM many{}", repeated(", many", 100)), 2);
        ask_file(&format!("SELECT max({}1)", repeated("1,", 5_000)), 2);
        ask_file(&format!("SELECT 1 AS \"{long_name}\""), 0);
        ask_file(&format!("SELECT {long_name} FROM article"), 2);
        ask_file(&format!("SELECT 1 -- {}", repeated("x", 1 << 20)), 13);
        let json = repeated("[", 100_000);
        ask_file(&format!("SELECT json_valid('{json}')"), 0);
        ask_file(&format!("SELECT json('{json}')"), 2);
        let bind = (0..40_000).map(|n| format!("?{n},")).collect::<String>();
        ask_file(&format!("SELECT {bind}1"), 2);
        // Text after a NUL is not run.
        ask_file("SELECT 1\0; DROP TABLE article", 2);
        ask_file("\0DROP TABLE article", 2);
        ask_file("DROP TABLE\0 article", 2);
    });
}

#[test]
fn reading_statements_are_answered() {
    unharmed(|env| {
        for sql in [
            "SELECT rowid, snippet(words, 0, '<', '>', '…', 5), bm25(words) FROM words
             WHERE words MATCH 'one AND tw*' ORDER BY rank",
            "SELECT * FROM words('two')",
            "SELECT count(*) FROM article_text JOIN article_source ON article_id = id",
            "SELECT * FROM article_day UNION SELECT * FROM article_day",
            "SELECT id, row_number() OVER (PARTITION BY site_id ORDER BY id), lag(id) OVER () FROM article",
            "SELECT value FROM json_each('[1]')",
            "SELECT json_group_object(id, title), total(char_count) FILTER (WHERE status = 'ok') FROM article",
            "SELECT * FROM json_tree('{\"a\": [1]}') WHERE atom",
            "SELECT '{\"a\": 1}' -> '$.a'",
            "WITH a AS MATERIALIZED (SELECT * FROM article) SELECT * FROM a, a AS b",
            "SELECT strftime('%Y', published_at), julianday('now'), unixepoch() FROM article",
            "SELECT title FROM article WHERE title LIKE '%标_' ESCAPE '\\' OR title GLOB '[a-z]*'",
            "SELECT max(id) FROM article GROUP BY site_id HAVING count(*) > 0 ORDER BY 1 DESC LIMIT 1 OFFSET 0",
            "SELECT EXISTS (SELECT 1 FROM seed WHERE seed.article_id = article.id) FROM article",
            "SELECT name, sql FROM sqlite_schema",
            "SELECT * FROM sqlite_sequence",
            "SELECT name, sum(pgsize) FROM dbstat GROUP BY name",
            "SELECT m.name, p.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
            "PRAGMA table_info(article)",
            "PRAGMA table_xinfo(article)",
            "PRAGMA index_list(article)",
            "PRAGMA foreign_key_list(article)",
            "PRAGMA main.table_list",
            "PRAGMA database_list",
            "PRAGMA function_list",
            "PRAGMA quick_check",
            "PRAGMA integrity_check",
            "EXPLAIN SELECT * FROM article",
            "EXPLAIN VACUUM INTO 'copy.db'",
            "PRAGMA data_version",
            "EXPLAIN QUERY PLAN SELECT * FROM article WHERE id = 1",
            "SELECT sqlite_version(), random() IS NOT NULL, last_insert_rowid(), changes()",
            "VALUES (1), (2)",
            "SELECT 1; -- and that is all\n;;",
        ] {
            let ran = ask(env, &[sql]);
            assert_eq!(ran.status, 0, "{sql}: {ran}");
        }
    });
}

/// The limit on memory applies to the whole process: the program sets it, a library must not.
#[test]
fn a_library_read_limits_no_memory_of_its_caller() {
    use seedbank::QueryLimits;
    use seedbank::internals::store::Reader;
    let env = TestEnv::with_article();
    let reader = Reader::open(&env.path("seedbank.db")).unwrap();
    reader.query("SELECT 1", &[], &QueryLimits::default(), &mut |_| Ok(())).unwrap();
    let connection = Connection::open_in_memory().unwrap();
    let limit = connection.query_row("PRAGMA hard_heap_limit", [], |row| row.get::<_, i64>(0));
    assert_eq!(limit.unwrap(), 0);
}
