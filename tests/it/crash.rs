//! Killed writers and simultaneous programs: no article is ever incomplete, and repeating the command gives
//! the result of an undisturbed run.
//!
//! `SEEDBANK_CRASH_ROUNDS=200 cargo test --test it crash::` kills more often than a normal run.

use crate::index::vocabulary_of;
use crate::place::{Place, derive_seed, dump_without_ids, rows, seed as seed_at, text};
use crate::support::{TestEnv, seed, signal, until};
use rusqlite::{Connection, OpenFlags};
use seedbank::internals::model::Article;
use seedbank::internals::search::Tokens;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn rounds() -> u64 {
    let given = std::env::var("SEEDBANK_CRASH_ROUNDS").ok();
    given.and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

/// Random numbers; the seed is printed so that a round can be repeated.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        println!("dice: {now}");
        Self(now | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// New articles, revisions, duplicates of each kind, articles that are joined, and files that are rejected;
/// among them files without a header, which are cheap and fill several batches.
fn large_drop(env: &TestEnv) {
    let padding = "河水涨到了桥下，又退了回去。\n".repeat(36_000);
    for number in 0..90_u64 {
        let epoch = (1_707_000_000_000 + number / 9 * 86_400_000).to_string();
        let url = match number % 9 {
            7 => format!("https://www.news.example/{}?utm_source=x", number - 1),
            8 => format!("https://news.example/{}", number - 2),
            _ => format!("https://news.example/{number}"),
        };
        let words = match number % 9 {
            5 => number - 1,
            _ => number,
        };
        let html =
            text(&format!("第{words}天，<a href='/x/{number}'>河水</a>涨到了桥下")).repeat(5);
        let bytes = seed_at(&epoch, &format!("题{words}"), &url, &html);
        env.write(&format!("drop/{number:02}.md"), bytes.as_bytes());
        if number % 3 == 0 {
            let bytes = format!("第{number}页\n{padding}");
            env.write(&format!("drop/{number:02}.txt"), bytes.as_bytes());
        }
    }
    env.write("drop/99.md", "某台\n------\n\n* [甲](1.md)\n* [乙](2.md)\n".as_bytes());
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for entry in std::fs::read_dir(seeds).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        env.write(&format!("drop/small/{name}"), &std::fs::read(&path).unwrap());
    }
}

/// The rows of an undisturbed import, and its duration on this machine.
fn undisturbed(env: &TestEnv) -> (Vec<String>, Duration) {
    let started = Instant::now();
    env.run(&["--db", "calm.db", "import", "-q", "drop"]).expect(0);
    let took = started.elapsed();
    (dump_without_ids(&env.path("calm.db")), took)
}

/// Checks that no article is incomplete, however much is missing.
fn check_whole(database: &Path) {
    let Ok(file) = std::fs::metadata(database) else { return };
    if file.len() == 0 {
        return;
    }
    assert_eq!(rows(database, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(rows(database, "PRAGMA foreign_key_check"), [""; 0]);
    if rows(database, "SELECT name FROM sqlite_schema WHERE name = 'article'").is_empty() {
        return;
    }
    for (what, sql) in HALVES {
        assert_eq!(rows(database, sql), [""; 0], "{what}");
    }
    let connection = Connection::open(database).unwrap();
    let index = vocabulary_of(&connection);
    assert!(index == vocabulary_of(&index_of_rows(&connection)), "the index is another");
    let current =
        "SELECT a.id, lower(hex(s.sha256)) FROM article a JOIN seed s ON s.id = a.seed_id";
    for row in rows(database, current) {
        let (id, sha256) = row.split_once('|').unwrap();
        check_article(database, id, &derive_seed(database, sha256));
    }
}

/// Checks that an article has the rows that its bytes give.
fn check_article(database: &Path, id: &str, article: &Article) {
    let found = |sql: &str| rows(database, &sql.replace('?', id));
    let blocks = article.blocks.iter();
    let blocks: Vec<String> =
        blocks.map(|block| format!("{}|{}", block.kind.as_str(), block.text)).collect();
    assert_eq!(
        found("SELECT kind, text FROM paragraph WHERE article_id = ? ORDER BY position"),
        blocks,
        "article {id}"
    );
    let links: Vec<&str> = article.links.iter().map(|link| link.url.as_str()).collect();
    assert_eq!(found("SELECT url FROM link WHERE article_id = ? ORDER BY position"), links);
    let media: Vec<&str> = article.media.iter().map(|media| media.url.as_str()).collect();
    assert_eq!(found("SELECT url FROM media WHERE article_id = ? ORDER BY position"), media);
    let tags: Vec<&str> = article.tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(found("SELECT name FROM tag WHERE article_id = ? ORDER BY position"), tags);
    let hash = article.text_sha256.map_or(String::new(), |hash| hash.to_string());
    assert_eq!(found("SELECT text_sha256 FROM article WHERE id = ?"), [hash]);
}

/// The index that an archive's rows give.
fn index_of_rows(archive: &Connection) -> Connection {
    let index = Connection::open_in_memory().unwrap();
    let schema = "SELECT sql FROM sqlite_schema WHERE name = 'article_fts'";
    let schema: String = archive.query_row(schema, [], |row| row.get(0)).unwrap();
    index.execute_batch(&schema).unwrap();
    let mut articles = archive.prepare("SELECT id, title FROM article").unwrap();
    let mut texts = archive
        .prepare(
            "SELECT text FROM paragraph WHERE article_id = ?1 AND is_content = 1 ORDER BY position",
        )
        .unwrap();
    let mut found = articles.query([]).unwrap();
    while let Some(row) = found.next().unwrap() {
        let (id, title): (i64, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let texts: Result<Vec<String>, _> =
            texts.query_map([id], |row| row.get(0)).unwrap().collect();
        let tokens = Tokens::new(&title, texts.unwrap().iter().map(String::as_str));
        let insert = "INSERT INTO article_fts (rowid, title, body) VALUES (?1, ?2, ?3)";
        index.execute(insert, (id, &tokens.title, &tokens.body)).unwrap();
    }
    index
}

/// Queries that find rows without the rows they depend on.
const HALVES: [(&str, &str); 7] = [
    (
        "paragraphs",
        "SELECT a.id FROM article a WHERE a.paragraph_count
            <> (SELECT count(*) FROM paragraph p WHERE p.article_id = a.id AND p.is_content = 1)",
    ),
    (
        "revisions",
        "SELECT a.id FROM article a WHERE a.revision_count
            <> (SELECT count(*) FROM revision r WHERE r.article_id = a.id)
            OR a.revision_count <> (SELECT max(sequence) FROM revision r WHERE r.article_id = a.id)",
    ),
    (
        "addresses",
        "SELECT a.id FROM article a WHERE NOT EXISTS
            (SELECT 1 FROM article_url u WHERE u.article_id = a.id AND u.canonical_url = a.canonical_url)",
    ),
    ("current seeds", "SELECT a.id FROM article a JOIN seed s ON s.id = a.seed_id WHERE s.article_id <> a.id"),
    ("sightings", "SELECT s.id FROM seed s WHERE NOT EXISTS (SELECT 1 FROM sighting g WHERE g.seed_id = s.id)"),
    (
        "rejections",
        "SELECT g.id FROM sighting g WHERE (g.outcome = 'rejected')
            <> EXISTS (SELECT 1 FROM rejection r WHERE r.sighting_id = g.id)",
    ),
    (
        "counts",
        "SELECT r.id FROM import_run r
         WHERE files_seen <> new + revised + duplicate + unchanged + rejected
            OR files_seen - unchanged <> (SELECT count(*) FROM sighting g WHERE g.run_id = r.id)",
    ),
];

/// Checks that rows are equal, and shows only the differences.
#[track_caller]
fn check_same(found: &[String], expected: &[String]) {
    let without = |rows: &[String], others: &[String]| -> Vec<String> {
        let rows = rows.iter().filter(|row| !others.contains(row));
        rows.map(|row| row.chars().take(300).collect()).collect()
    };
    assert!(
        found == expected,
        "too much: {:#?}\ntoo little: {:#?}",
        without(found, expected),
        without(expected, found)
    );
}

/// Removes a database and its companions.
fn remove(env: &TestEnv, name: &str) {
    for companion in ["", "-wal", "-shm", "-journal", ".lock"] {
        let _ = std::fs::remove_file(env.path(&format!("{name}{companion}")));
    }
}

#[test]
fn an_import_that_is_killed_at_any_moment() {
    let env = TestEnv::new();
    large_drop(&env);
    let (whole, took) = undisturbed(&env);
    let database = env.path("seedbank.db");
    let mut dice = Dice::new();
    let (mut killed, mut finished) = (0, 0);
    // The maximum time before an import is killed. The machine may become faster, and a continued import has
    // less to do, so the time is reduced after each import that finished, and increased after each that did
    // not.
    let mut most = took.as_micros() as u64;
    for _ in 0..rounds() {
        let mut child = env.command(&["import", "-q", "drop"]).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(dice.below(most.max(1000))));
        // Sometimes it is asked to stop instead.
        let is_asked = dice.below(4) == 0;
        if is_asked {
            signal(child.id(), libc::SIGTERM)
        } else {
            child.kill().unwrap()
        }
        let ended = env.wait(child);
        check_whole(&database);
        match ended.status {
            0 => {
                finished += 1;
                most = most * 2 / 3;
                check_same(&dump_without_ids(&database), &whole);
                remove(&env, "seedbank.db");
            }
            // Killed, or signalled before its handlers were installed.
            -1 => {
                killed += 1;
                most = most * 8 / 7;
            }
            status => assert!(is_asked && status == 143, "{ended}"),
        }
    }
    println!("killed {killed} times; {finished} came to their end before");
    env.run(&["import", "-q", "drop"]).expect(0);
    check_whole(&database);
    check_same(&dump_without_ids(&database), &whole);
    // A killed run could not record its end.
    let left = "SELECT id FROM import_run WHERE status = 'running'";
    assert_eq!(rows(&database, left), [""; 0]);
}

#[test]
fn a_rederivation_that_is_killed_at_any_moment() {
    let env = TestEnv::new();
    large_drop(&env);
    let (whole, _) = undisturbed(&env);
    let database = env.path("calm.db");
    let started = Instant::now();
    env.run(&["--db", "calm.db", "reextract", "-q", "--all"]).expect(0);
    let took = started.elapsed();
    check_same(&dump_without_ids(&database), &whole);
    let mut dice = Dice::new();
    for round in 0..rounds() {
        // Every third starts again, the others continue.
        let all = ["--db", "calm.db", "reextract", "-q", "--all"];
        let arguments = if round % 3 == 0 { &all[..] } else { &all[..4] };
        let mut child = env.command(arguments).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(dice.below(took.as_micros() as u64)));
        child.kill().unwrap();
        env.wait(child);
        assert_eq!(rows(&database, "PRAGMA integrity_check"), ["ok"]);
        assert_eq!(rows(&database, "PRAGMA foreign_key_check"), [""; 0]);
    }
    // An import finishes it as well.
    env.run(&["--db", "calm.db", "import", "-q", "drop"]).expect(0);
    check_whole(&database);
    check_same(&dump_without_ids(&database), &whole);
}

/// Blocks writers of the database until it is dropped.
fn held(env: &TestEnv) -> Connection {
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

#[test]
fn two_imports_at_once() {
    let env = TestEnv::with_article();
    env.write("one/b.md", seed("乙", "https://news.example/b").as_bytes());
    env.write("two/c.md", seed("丙", "https://news.example/c").as_bytes());
    let hold = held(&env);
    let first = env.command(&["import", "-q", "one"]).spawn().unwrap();
    let holder = format!("process {},", first.id());
    until("the first has the lock", || {
        let lock = std::fs::read_to_string(env.path("seedbank.db.lock"));
        lock.is_ok_and(|text| text.starts_with(&holder))
    });
    let refused = env.run(&["import", "-q", "two"]).expect(11);
    assert!(refused.stderr.contains(&format!("({holder}")), "{refused}");
    let waiting = env.command(&["import", "-q", "--lock-wait", "600", "two"]).spawn().unwrap();
    drop(hold);
    for child in [first, waiting] {
        let ran = env.wait(child).expect(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    }
    let titles = rows(&env.path("seedbank.db"), "SELECT title FROM article ORDER BY id");
    assert_eq!(titles, ["标题", "乙", "丙"]);
}

#[test]
fn reading_while_an_import_writes() {
    let env = TestEnv::with_article();
    let database = env.path("seedbank.db");
    // A reader that began before.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let early = Connection::open_with_flags(&database, flags).unwrap();
    let articles = |connection: &Connection| -> i64 {
        connection.query_row("SELECT count(*) FROM article", [], |row| row.get(0)).unwrap()
    };
    early.execute_batch("BEGIN").unwrap();
    assert_eq!(articles(&early), 1);

    large_drop(&env);
    let mut child = env.command(&["import", "-q", "drop"]).spawn().unwrap();
    let late = Connection::open_with_flags(&database, flags).unwrap();
    // It never has to wait, not even for a moment.
    late.busy_timeout(Duration::ZERO).unwrap();
    let mut before = 1;
    loop {
        let has_ended = child.try_wait().unwrap().is_some();
        late.execute_batch("BEGIN").unwrap();
        let count = articles(&late);
        assert!(count >= before, "{count} after {before}");
        for (what, sql) in HALVES {
            let half = late.prepare(sql).unwrap().exists([]).unwrap();
            assert!(!half, "{what}");
        }
        assert_eq!(articles(&late), count, "one transaction saw two states");
        late.execute_batch("COMMIT").unwrap();
        before = count;
        if has_ended {
            break;
        }
        env.run(&["stats", "-q", "--json"]).expect(0);
    }
    env.wait(child).expect(0);
    assert_eq!(articles(&early), 1);
    early.execute_batch("COMMIT").unwrap();
    assert_eq!(articles(&early), before);
    assert!(before > 50, "{before}");
    check_whole(&database);

    // As without readers.
    let calm = Place::new();
    calm.import_with(|options| options.paths = vec![env.path("drop")]);
    check_same(&dump_without_ids(&database), &dump_without_ids(&calm.database()));
}
