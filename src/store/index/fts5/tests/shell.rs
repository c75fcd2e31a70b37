//! A loaded index, read and written by another, older SQLite.

use super::*;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The output of the `sqlite3` shell; `None`, with a message, if there is none with FTS5.
fn ask(database: &Path, script: &str) -> Option<String> {
    let shell = Command::new("sqlite3")
        .args(["-batch", "-bail"])
        .arg(database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut shell) = shell else {
        eprintln!("SKIPPED: no sqlite3 here");
        return None;
    };
    // The output is small even for long scripts, so neither side blocks.
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let ran = shell.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    if stderr.contains("no such module: fts5") {
        eprintln!("SKIPPED: the sqlite3 here has no FTS5");
        return None;
    }
    assert!(ran.status.success() && stderr.is_empty(), "{stderr}");
    Some(String::from_utf8(ran.stdout).unwrap())
}

const READ: &str = "SELECT count(*), sum(doc), sum(offset), sum(unicode(term)) FROM instances;
    SELECT count(*), sum(cnt) FROM terms;
    SELECT rowid, printf('%.17g', bm25(article_fts, 1.0, 8.0)) FROM article_fts('x OR \"一 丁\" OR 一*')
        ORDER BY rank LIMIT 40;
    SELECT count(*) FROM article_fts('title : x NOT body : vegetables');
    INSERT INTO article_fts (article_fts) VALUES ('integrity-check');\n";

fn insert(document: &Document, command: Option<&str>) -> String {
    let (rowid, title, body) = document;
    match command {
        None => format!(
            "INSERT INTO article_fts (rowid, title, body) VALUES ({rowid}, '{title}', '{body}');\n"
        ),
        Some(command) => format!(
            "INSERT INTO article_fts (article_fts, rowid, title, body)
                VALUES ('{command}', {rowid}, '{title}', '{body}');\n"
        ),
    }
}

#[test]
fn an_older_sqlite_reads_and_changes_a_loaded_index() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("loaded.db"), folder.path().join("native.db")];
    let old = documents(40, 1..=300, 50);
    let [loaded, native] =
        paths.each_ref().map(|path| Index::create(Connection::open(path).unwrap(), &[]));
    loaded.transact(|index| {
        index.load(&old[..150]);
        index.load(&old[150..]);
    });
    native.transact(|index| index.insert(&old));
    drop((loaded, native));
    let mut script = READ.to_owned();
    script += "BEGIN;\n";
    script.extend(old.iter().step_by(7).map(|document| insert(document, Some("delete"))));
    script.extend(documents(41, 301..=340, 30).iter().map(|document| insert(document, None)));
    script += "COMMIT;\n";
    script += READ;
    script += "INSERT INTO article_fts (article_fts, rank) VALUES ('merge', -5);\n";
    script += READ;
    script += "INSERT INTO article_fts (article_fts) VALUES ('optimize');\n";
    script += READ;
    let [Some(loaded), Some(native)] = paths.each_ref().map(|path| ask(path, &script)) else {
        return;
    };
    assert_eq!(loaded, native);
    assert!(loaded.lines().count() > 4 * 20, "{loaded}");
    // And our SQLite continues with what the other one left.
    let [loaded, native] = paths.map(|path| Index { connection: Connection::open(path).unwrap() });
    let new = documents(42, 341..=400, 50);
    loaded.transact(|index| {
        index.load(&new);
    });
    native.transact(|index| index.insert(&new));
    assert_same(&loaded.vocabulary(), &native.vocabulary());
}
