//! The laws of the full-text index: a search finds what a scan finds, and the index has what FTS5 would
//! make of the rows.

use crate::corpus;
use crate::place::{Place, TIME, URL, seed, text, write_released};
use crate::search::found;
use crate::support::TestEnv;
use proptest::prelude::*;
use rusqlite::Connection;
use seedbank::ImportOptions;
use seedbank::internals::import::import;
use seedbank::internals::search::{Tokens, folded};
use std::path::Path;

/// Every article's title and content paragraphs.
fn stored_texts(database: &Path) -> Vec<(i64, String, Vec<String>)> {
    let connection = Connection::open(database).unwrap();
    let mut articles = connection.prepare("SELECT id, title FROM article ORDER BY id").unwrap();
    let mut texts = connection
        .prepare(
            "SELECT text FROM paragraph WHERE article_id = ?1 AND is_content = 1 ORDER BY position",
        )
        .unwrap();
    let articles = articles.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let articles: Vec<(i64, String)> = articles.collect::<Result<_, _>>().unwrap();
    let mut with_texts = |(id, title)| {
        let texts = texts.query_map([id], |row| row.get(0)).unwrap();
        (id, title, texts.collect::<Result<_, _>>().unwrap())
    };
    articles.into_iter().map(&mut with_texts).collect()
}

/// The same, folded, the title first.
pub fn folded_articles(database: &Path) -> Vec<(i64, Vec<String>)> {
    let folded_all = |(id, title, texts): (i64, String, Vec<String>)| {
        (id, [title].iter().chain(&texts).map(|text| folded(text)).collect())
    };
    stored_texts(database).into_iter().map(folded_all).collect()
}

/// The articles whose folded text contains a word: what a search must find.
pub fn scanned(articles: &[(i64, Vec<String>)], word: &str) -> Vec<i64> {
    let word = folded(word);
    let has = |texts: &Vec<String>| texts.iter().any(|text| text.contains(&word));
    articles.iter().filter(|(_, texts)| has(texts)).map(|(id, _)| *id).collect()
}

/// The content of the index, term by term and place by place.
fn vocabulary(database: &Path) -> Vec<String> {
    vocabulary_of(&Connection::open(database).unwrap())
}

/// The same for an open database.
pub fn vocabulary_of(connection: &Connection) -> Vec<String> {
    connection
        .execute_batch("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, article_fts, instance)")
        .unwrap();
    let mut statement = connection
        .prepare("SELECT term || ' ' || doc || ' ' || col || ' ' || offset FROM v")
        .unwrap();
    let terms = statement.query_map([], |row| row.get(0)).unwrap();
    let mut terms: Vec<String> = terms.collect::<Result<_, _>>().unwrap();
    terms.sort();
    terms
}

/// The index that FTS5 itself makes of the stored rows.
fn native_vocabulary(place: &Place) -> Vec<String> {
    let path = place.folder.path().join("native.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(include_str!("../../migrations/0003_search.sql")).unwrap();
    connection.execute("BEGIN", []).unwrap();
    for (id, title, texts) in stored_texts(&place.database()) {
        let tokens = Tokens::new(&title, texts.iter().map(String::as_str));
        let insert = "INSERT INTO article_fts (rowid, title, body) VALUES (?1, ?2, ?3)";
        connection.execute(insert, (id, tokens.title, tokens.body)).unwrap();
    }
    connection.execute("COMMIT", []).unwrap();
    drop(connection);
    let terms = vocabulary(&path);
    std::fs::remove_file(path).unwrap();
    terms
}

/// The index of a copy that the next import rebuilt.
fn rebuilt_vocabulary(place: &Place) -> Vec<String> {
    let copy = place.folder.path().join("copy.db");
    let nothing = place.folder.path().join("nothing");
    std::fs::create_dir_all(&nothing).unwrap();
    let connection = Connection::open(place.database()).unwrap();
    connection.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    drop(connection);
    let connection = Connection::open(&copy).unwrap();
    connection.execute("DELETE FROM meta WHERE key = 'tokenizer_version'", []).unwrap();
    drop(connection);
    import(&copy, &ImportOptions::new([nothing]), &mut |_| {}).unwrap();
    let terms = vocabulary(&copy);
    std::fs::remove_file(copy).unwrap();
    terms
}

/// Substrings of one to six characters, each within one run.
fn cjk_substrings(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let runs = characters.split(|c| !matches!(c, '一'..='\u{9fff}' | 'ぁ'..='ゖ' | '가'..='힣'));
    let mut all = Vec::new();
    for run in runs {
        for length in 1..=6 {
            all.extend(run.windows(length).map(|window| window.iter().collect::<String>()));
        }
    }
    all
}

/// A few words that share characters, so that wrong matches are likely.
fn any_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(
        &[
            "中国",
            "国人",
            "中国人",
            "人",
            "人权",
            "人權",
            "律师",
            "臺灣",
            "台湾",
            "，",
            "。",
            " ",
            "iPhone",
            "手机",
            "ひらがな",
            "한국어",
            "\u{200b}",
            "Ａ",
            "a",
            "1",
            "\n",
        ][..],
    );
    prop::collection::vec(words, 0..12).prop_map(|words| words.concat())
}

/// A seed with one of three addresses, so that articles are revised and joined.
fn any_seed() -> impl Strategy<Value = (String, u64)> {
    let url = prop::sample::select(&[URL, "https://news.example/b", "https://news.example/c"][..]);
    let filler = prop::bool::weighted(0.7);
    let paragraphs = prop::collection::vec(any_text(), 0..4);
    (url, any_text(), paragraphs, filler, 0..4u64).prop_map(
        |(url, title, paragraphs, filler, time)| {
            let mut html: String = paragraphs
                .iter()
                .map(|text| format!("<p>{}</p>", text.replace('\n', "<br/>")))
                .collect();
            if filler {
                html.push_str(&text("雨停了"));
            }
            (seed("1709164800000", &title.replace('\n', " "), url, &html), TIME + time)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_search_finds_what_a_scan_finds(
        seeds in prop::collection::vec(any_seed(), 1..8),
        also in prop::collection::vec(any_text(), 6),
    ) {
        let place = Place::new();
        // One after the other, and then the first again: revisions, joins, late matches.
        for (number, (bytes, time)) in seeds.iter().enumerate() {
            place.write_at(&format!("{number}.md"), bytes, *time);
            place.import();
        }
        let articles = folded_articles(&place.database());
        let mut words: Vec<String> =
            articles.iter().flat_map(|(_, texts)| texts).flat_map(|text| cjk_substrings(text)).collect();
        words.extend(also.iter().flat_map(|text| cjk_substrings(text)));
        words.sort();
        words.dedup();
        for word in words {
            prop_assert_eq!(found(&place.database(), &word), scanned(&articles, &word), "{}", word);
        }
        prop_assert_eq!(vocabulary(&place.database()), native_vocabulary(&place));
        prop_assert_eq!(rebuilt_vocabulary(&place), native_vocabulary(&place));
    }

    /// So many that they are loaded and not inserted, among them articles that change or are removed before
    /// the batch ends, in several imports.
    #[test]
    fn an_index_of_many_is_what_fts5_makes(
        numbers in prop::collection::vec((0..60usize, any_text(), 0..3u64), 30..90),
        parts in 1..4usize,
    ) {
        let place = Place::new();
        for (at, (number, words, time)) in numbers.iter().enumerate() {
            // Two in three have an address of their own; some have the text of others.
            let url = format!("https://news.example/{}", if number % 3 == 0 { number / 6 } else { at });
            let html = format!("<p>{}</p>{}", words.replace('\n', "<br/>"), text(["一", "二", "三"][number % 3]));
            let seed = seed("1709164800000", &words.replace('\n', " "), &url, &html);
            place.write_at(&format!("{}/{at}.md", at % parts), seed, TIME + time);
        }
        for part in 0..parts {
            place.import_with(|options| options.paths = vec![place.drop().join(part.to_string())]);
            prop_assert_eq!(vocabulary(&place.database()), native_vocabulary(&place));
        }
        prop_assert_eq!(rebuilt_vocabulary(&place), native_vocabulary(&place));
    }
}

/// The same over real documents, for some of their words.
#[test]
fn a_search_finds_what_a_scan_finds_in_the_corpus() {
    let files = corpus::files(&["seeds", "news"]);
    if files.is_empty() {
        return;
    }
    let place = Place::new();
    place.import_with(|options| options.paths = files);
    assert!(vocabulary(&place.database()) == native_vocabulary(&place), "not what FTS5 makes");
    let articles = folded_articles(&place.database());
    let mut words: Vec<String> = Vec::new();
    for (number, (_, texts)) in articles.iter().enumerate().filter(|(number, _)| number % 12 == 0) {
        let all = texts.iter().flat_map(|text| cjk_substrings(text));
        words.extend(all.skip(number).step_by(997).take(8));
    }
    assert!(words.len() > 100, "{}", words.len());
    for word in words {
        assert_eq!(found(&place.database(), &word), scanned(&articles, &word), "{word}");
    }
}

#[test]
fn an_archive_from_before_the_index_gets_it_by_itself() {
    let env = TestEnv::new();
    write_released(&env.path("seedbank.db"), include_str!("../fixtures/released/0.1.0.sql"));
    env.run(&["search", "图书馆"]).expect(1);
    env.write("drop/a.txt", seed("NaN", "图书馆的猫", URL, "<p>在</p>").as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    let hits = env.run(&["search", "图书馆", "--format", "jsonl"]).expect(0).stdout;
    assert!(hits.lines().count() > 1 && hits.contains("图书馆的猫"), "{hits}");
}

#[test]
fn an_index_of_other_tokens_is_reported_and_rebuilt() {
    let env = TestEnv::with_article();
    let set = |sql: &str| {
        Connection::open(env.path("seedbank.db")).unwrap().execute_batch(sql).unwrap();
    };
    set("UPDATE meta SET value = '999' WHERE key = 'tokenizer_version'");
    let ran = env.run(&["search", "标题"]).expect(1);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: the full-text index of "./seedbank.db" is of version 999; this program searches version 3
    hint: rebuild it with `seedbank reextract`; an import rebuilds it too
    "#);
    let ran = env.run(&["reextract"]).expect(0);
    assert!(ran.stdout.starts_with("1 article indexed in "), "{ran}");
    env.run(&["search", "标题"]).expect(0);

    // An interrupted rebuild continues after its last batch, and the index is not searched until it is
    // complete.
    env.write(
        "drop/b.txt",
        seed("NaN", "第二篇", "https://news.example/2", "<p>在</p>").as_bytes(),
    );
    env.run(&["import", "-q", "drop"]).expect(0);
    set("INSERT INTO article_fts (article_fts) VALUES ('delete-all');
         INSERT INTO article_fts (rowid, title, body) VALUES (1, '已有', '');
         UPDATE meta SET key = 'tokenizer_version_in_making' WHERE key = 'tokenizer_version'");
    env.run(&["search", "第二"]).expect(1);
    env.run(&["import", "-q", "drop"]).expect(0);
    assert_eq!(found(&env.path("seedbank.db"), "第二"), [2]);
    assert_eq!(found(&env.path("seedbank.db"), "已有"), [1]);
}

#[test]
fn a_dry_run_leaves_the_index_alone() {
    let env = TestEnv::with_article();
    let before = vocabulary(&env.path("seedbank.db"));
    env.write(
        "drop/b.txt",
        seed("NaN", "第二篇", "https://news.example/2", "<p>在</p>").as_bytes(),
    );
    env.run(&["import", "-q", "--dry-run", "drop"]).expect(0);
    assert_eq!(vocabulary(&env.path("seedbank.db")), before);
}

/// Our tokens are tokens to SQLite's tokenizer too, in every script.
#[test]
fn every_character_is_cut_as_sqlite_cuts_it() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE VIRTUAL TABLE article_fts USING fts5 (title, content = '',
                tokenize = 'unicode61 remove_diacritics 2');
             CREATE VIRTUAL TABLE v USING fts5vocab (article_fts, row);
             BEGIN",
        )
        .unwrap();
    let mut insert =
        connection.prepare("INSERT INTO article_fts (rowid, title) VALUES (1, ?1)").unwrap();
    let mut count = connection.prepare("SELECT coalesce(sum(cnt), 0) FROM v").unwrap();
    let mut clear =
        connection.prepare("INSERT INTO article_fts (article_fts) VALUES ('delete-all')").unwrap();
    let mut others = std::collections::BTreeSet::new();
    // Han and Hangul are all cut in the same way, in pairs.
    let is_other = |c: &char| !matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    for c in ('\u{80}'..='\u{1ffff}').filter(is_other) {
        for text in [format!("{c}"), format!("a{c}b"), format!("中{c}国")] {
            let tokens = Tokens::new(&text, []).title;
            if tokens.chars().all(|c| c.is_ascii() || "中国".contains(c)) {
                continue;
            }
            insert.execute([&tokens]).unwrap();
            let found: i64 = count.query_row([], |row| row.get(0)).unwrap();
            clear.execute([]).unwrap();
            if found as usize != tokens.split_whitespace().count() {
                others.insert(c);
            }
        }
    }
    // Letters since Unicode 8 and 12, but marks to SQLite, whose tables are those of 6.1.
    let since = ['\u{19b0}'..='\u{19c0}', '\u{19c8}'..='\u{19c9}', '\u{1cf2}'..='\u{1cf3}'];
    let since: Vec<char> = since.into_iter().flatten().collect();
    assert_eq!(others.into_iter().collect::<Vec<_>>(), since);
}
