//! `seedbank export --format sqlite`: an archive of some articles.

use crate::support::{Ran, TestEnv, bytes_of, seed, signal, until};
use rusqlite::Connection;

const EXPORT: [&str; 5] = ["export", "--format", "sqlite", "-o", "some.db"];

fn article(number: u32, text: &str) -> String {
    seed(
        text,
        &format!("https://{}.example/{number}", if number % 2 == 1 { "odd" } else { "even" }),
    )
}

/// Two sites with an edited article each, copies, a file that is no article, and a container of both sites, in two
/// imports.
fn archive() -> TestEnv {
    let env = TestEnv::new();
    for number in 1..=4 {
        env.write(
            &format!("drop/{number}.md"),
            article(number, &format!("第{number}篇")).as_bytes(),
        );
    }
    env.write("drop/copy.md", article(1, "第1篇").as_bytes());
    env.write("drop/no.md", b"nothing");
    env.run(&["import", "-q", "drop"]);
    let edited =
        |number, text: &str| article(number, text).replace("1707090302000", "1707190302000");
    env.write("drop/later/3.md", edited(3, "第3篇，改过").as_bytes());
    env.write("drop/later/4.md", edited(4, "第4篇，改过").as_bytes());
    let line = |number: u32| {
        let host = if number % 2 == 1 { "odd" } else { "even" };
        format!(
            "{{\"url\":\"https://{host}.example/{number}\",\"title\":\"行{number}\",\
             \"html\":\"<p>第{number}行的正文，长到可以算作一篇。</p>\"}}\n"
        )
    };
    env.write("drop/later/5.jsonl", (5..=8).map(line).collect::<String>().as_bytes());
    env.run(&["import", "-q", "drop"]);
    env
}

fn sql(env: &TestEnv, database: &str, question: &str) -> Vec<String> {
    let ran = env.run(&["sql", "--db", database, "--format", "csv", "--no-headers", question]);
    ran.expect(0).stdout.lines().map(str::to_owned).collect()
}

fn export(env: &TestEnv, more: &[&str]) -> Ran {
    env.run(&[&EXPORT[..], more].concat())
}

#[test]
fn some_articles_with_everything_that_belongs_to_them() {
    let env = archive();
    let ran = export(&env, &["--site", "odd.example", "--json"]).expect(0);
    assert_eq!(ran.stdout, "{\n  \"path\": \"some.db\",\n  \"articles\": 4\n}\n", "{ran}");
    assert!(!env.path("some.db-wal").exists() && !env.path("some.db-journal").exists());
    env.run(&["verify", "--db", "some.db"]).expect(0);
    // Rows that show no number of a seed, an import or a sighting are the same in both archives.
    let same = [
        "SELECT a.id, a.canonical_url, a.title, a.first_seen_at, hex(s.sha256) FROM article a
         JOIN seed s ON s.id = a.seed_id JOIN site t ON t.id = a.site_id
         WHERE t.host = 'odd.example' ORDER BY a.id",
        "SELECT r.id, r.sequence, r.change, hex(s.sha256) FROM revision r JOIN seed s ON s.id = r.seed_id
         JOIN site t ON t.id = s.site_id WHERE t.host = 'odd.example' ORDER BY r.id",
        "SELECT p.id, p.article_id, p.text FROM paragraph p JOIN article a ON a.id = p.article_id
         JOIN site t ON t.id = a.site_id WHERE t.host = 'odd.example' ORDER BY p.id",
        "SELECT f.id, f.text FROM former_paragraph f JOIN revision r ON r.id = f.revision_id
         JOIN seed s ON s.id = r.seed_id JOIN site t ON t.id = s.site_id
         WHERE t.host = 'odd.example' ORDER BY f.id",
        "SELECT u.id, u.canonical_url, hex(s.sha256) FROM article_url u JOIN seed s ON s.id = u.seed_id
         JOIN site t ON t.id = s.site_id WHERE t.host = 'odd.example' ORDER BY u.id",
        "SELECT g.path, g.member, g.outcome, g.matched_by, u.started_at, hex(s.sha256) FROM sighting g
         JOIN import_run u ON u.id = g.run_id JOIN seed s ON s.id = g.seed_id
         JOIN site t ON t.id = s.site_id WHERE t.host = 'odd.example' ORDER BY g.id",
        "SELECT path, members FROM container",
        "SELECT name, seq FROM sqlite_sequence WHERE name IN ('article', 'paragraph', 'revision') ORDER BY 1",
    ];
    for question in same {
        let found = sql(&env, "some.db", question);
        assert_eq!(found, sql(&env, "seedbank.db", question), "{question}");
        assert!(!found.is_empty(), "{question}");
    }
    // Nothing of the others.
    assert_eq!(sql(&env, "some.db", "SELECT host FROM site"), ["odd.example"]);
    assert_eq!(
        sql(&env, "some.db", "SELECT count(*) FROM sighting WHERE outcome = 'rejected'"),
        ["0"]
    );
    assert_eq!(
        sql(&env, "some.db", "SELECT id, files_seen, new, revised, duplicate FROM import_run"),
        ["1,3,2,0,1", "2,3,2,1,0"]
    );
    let id = "SELECT value FROM meta WHERE key = 'archive_id'";
    assert_ne!(sql(&env, "some.db", id), sql(&env, "seedbank.db", id));
    let search = |database| env.run(&["search", "--db", database, "--json", "第"]).expect(0).stdout;
    assert!(search("some.db").contains("odd.example") && !search("some.db").contains("even"));
}

/// What was left out is imported like anything new: also what is in a container that was read.
#[test]
fn an_import_into_it_finds_what_was_left_out() {
    let env = archive();
    export(&env, &["--site", "odd.example"]).expect(0);
    env.run(&["import", "-q", "--db", "some.db", "drop"]).expect(0);
    env.run(&["verify", "--db", "some.db"]).expect(0);
    let articles =
        "SELECT canonical_url, title, revision_count, text_sha256 FROM article ORDER BY 1";
    assert_eq!(sql(&env, "some.db", articles), sql(&env, "seedbank.db", articles));
    let greatest = |database| sql(&env, database, "SELECT max(id) FROM article").remove(0);
    let (first, own): (i64, i64) =
        (greatest("seedbank.db").parse().unwrap(), greatest("some.db").parse().unwrap());
    // No new article has the number of one that was left out.
    assert_eq!(own, first + 4);
}

#[test]
fn every_selection_is_whole() {
    let env = archive();
    for (filter, articles) in [
        (&["--query", "改过"][..], 2),
        (&["--since", "2024-02-05"], 0),
        (&["--until", "2024-02-04"], 4),
        (&["--query", "没有的词"], 0),
        (&[], 8),
    ] {
        let ran = export(&env, &[filter, &["--force", "--json"]].concat()).expect(0);
        assert!(ran.stdout.contains(&format!("\"articles\": {articles}\n")), "{filter:?}: {ran}");
        env.run(&["verify", "--db", "some.db"]).expect(0);
    }
}

#[test]
fn nothing_half_done() {
    let env = archive();
    let file = ["export", "--format", "sqlite"];
    let ran = env.run(&file).expect(2);
    assert!(ran.stderr.contains("sqlite is written into a file") && ran.stdout.is_empty(), "{ran}");
    let ran = env.run(&[&file[..], &["-o", "seedbank.db", "--force"]].concat()).expect(1);
    assert!(ran.stderr.contains("is the database itself"), "{ran}");
    export(&env, &[]).expect(0);
    let before = bytes_of(&env.path("some.db"));
    let ran = export(&env, &["--site", "odd.example"]).expect(1);
    assert!(
        ran.stderr.contains("\"some.db\" already exists") && ran.stderr.contains("hint: "),
        "{ran}"
    );
    export(&env, &["--site", "nowhere.example", "--force"]).expect(1);
    assert!(bytes_of(&env.path("some.db")) == before);
    // Its journal would be applied to the new file.
    env.write("some.db-wal", b"");
    let ran = export(&env, &["--force"]).expect(1);
    assert!(ran.stderr.contains("some.db-wal"), "{ran}");
    assert!(!env.files().iter().any(|name| name.ends_with(".tmp")), "{:?}", env.files());
}

/// Killed or stopped, wherever it is.
#[test]
fn a_stopped_export_leaves_no_file() {
    // Reading it takes forever, without any rows.
    const ENDLESS: &str = "ALTER TABLE container RENAME TO containers;
        DROP VIEW carrier;
        CREATE VIEW container AS WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)
        SELECT i AS id, char(i) AS path, i AS run_id, 0 AS byte_length, NULL AS modified_at,
            NULL AS modified_ns, 0 AS members, 0 AS is_settled FROM n WHERE i < 0";
    let env = archive();
    Connection::open(env.path("seedbank.db")).unwrap().execute_batch(ENDLESS).unwrap();
    let before = env.files();
    let is_begun = || env.files().iter().any(|name| name.ends_with(".tmp"));
    for (number, code) in [(libc::SIGTERM, 143), (libc::SIGKILL, -1)] {
        let child = env.command(&EXPORT).spawn().unwrap();
        until("the export", is_begun);
        signal(child.id(), number);
        env.wait(child).expect(code);
        assert!(!env.path("some.db").exists());
    }
    // The next one removes what a kill left.
    assert!(is_begun());
    let child = env.command(&EXPORT).spawn().unwrap();
    until("the handlers", || {
        let left = env.files().into_iter().filter(|name| name.ends_with(".tmp"));
        let own = format!(".{}.tmp", child.id());
        left.into_iter().all(|name| name.ends_with(&own)) && is_begun()
    });
    signal(child.id(), libc::SIGTERM);
    env.wait(child).expect(143);
    assert_eq!(env.files(), before);
}
