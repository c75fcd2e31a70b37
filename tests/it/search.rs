//! `seedbank search`, and the laws of the index.

use crate::corpus;
use crate::place::{Place, TIME, URL, rows, seed, text, write_released};
use crate::support::TestEnv;
use proptest::prelude::*;
use rusqlite::Connection;
use seedbank::import::{ImportOptions, import};
use seedbank::search::{Query, Tokens, folded};
use seedbank::store::{ArticleFilter, Reader, Search};
use std::path::Path;

pub fn asking(query: Query) -> Search {
    let filter = ArticleFilter { query: Some(query), ..Default::default() };
    Search { filter, ..Default::default() }
}

/// The ids of the matching articles, in order.
pub fn found(database: &Path, words: &str) -> Vec<i64> {
    let query = Query::parse(words).unwrap();
    let search = asking(query);
    let mut ids = Vec::new();
    let reader = Reader::open(database).unwrap();
    reader
        .search(&search, &mut |hit| {
            ids.push(hit.article_id);
            Ok(())
        })
        .unwrap();
    ids.sort_unstable();
    ids
}

/// The texts of the matching removed paragraphs.
fn found_removed(database: &Path, words: &str) -> Vec<String> {
    let query = Query::parse(words).unwrap();
    let mut texts = Vec::new();
    let reader = Reader::open(database).unwrap();
    reader
        .search_removed(&asking(query), &mut |hit| {
            texts.push(hit.snippet.unwrap().text);
            Ok(())
        })
        .unwrap();
    texts
}

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
fn words_of_other_scripts_are_found_whole() {
    let place = Place::new();
    place
        .write("1.md", seed("NaN", "A party", URL, "<p>The café’s Straße of ｉＰｈｏｎｅ 15.</p>"));
    place.import();
    for words in
        ["party", "PARTY", "cafe", "Café", "strasse", "iphone", "15", "par*", "\"a party\""]
    {
        assert_eq!(found(&place.database(), words), [1], "{words}");
    }
    for words in ["art", "parties", "phone", "\"party a\"", "1", "title:cafe", "body:party"] {
        assert_eq!(found(&place.database(), words), [0; 0], "{words}");
    }
}

#[test]
fn operators_mean_what_they_say() {
    let place = Place::new();
    for (number, body) in ["人权律师在香港", "人权律师", "律师", "雨後的臺灣"].iter().enumerate()
    {
        let url = format!("https://news.example/{number}");
        place.write(&format!("{number}.md"), seed("NaN", "题", &url, &format!("<p>{body}</p>")));
    }
    place.import();
    let check = |words: &str, expected: &[i64]| {
        assert_eq!(found(&place.database(), words), expected, "{words}");
    };
    check("人权 律师", &[1, 2]);
    check("人权 -香港", &[2]);
    check("香港 OR 臺灣", &[1, 4]);
    check("(香港 OR 台湾) NOT 人权", &[4]);
    check("律师 NOT (人权 香港)", &[2, 3]);
    check("title:题 后", &[4]);
    check("title:(题 律师)", &[]);
    check("师 ，", &[1, 2, 3]);
    // As deep as is allowed, with the maximum at every level.
    let (mut kept, mut excluded, mut columns) =
        ("律师".to_owned(), "没有".to_owned(), String::new());
    for _ in 0..8 {
        kept = format!("(没有 OR 律师 {kept} -没有)");
        excluded = format!("(没有 OR 没有 没有 -{excluded})");
        columns.push_str("body:");
    }
    check(&kept, &[1, 2, 3]);
    check(&format!("律师 -{excluded}"), &[1, 2, 3]);
    check(&format!("没有 OR 律师 律师 -没有 {columns}律师"), &[1, 2, 3]);
}

#[test]
fn what_was_taken_out_is_found_only_where_it_is_asked_for() {
    let place = Place::new();
    let old = format!("{}<p>旧的一段：蓝鲸。</p>", text("雨停了"));
    place.write_at("1.md", seed("1709164800000", "旧题", URL, &old), TIME);
    place.import();
    assert_eq!(found(&place.database(), "蓝鲸"), [1]);
    assert_eq!(found_removed(&place.database(), "蓝鲸"), [""; 0]);
    let new = format!("{}<p>新的一段。</p>", text("雨停了"));
    place.write_at("2.md", seed("1709164900000", "新题", URL, &new), TIME + 60);
    place.import();
    for words in ["蓝鲸", "旧的一段", "旧题"] {
        assert_eq!(found(&place.database(), words), [0; 0], "{words}");
    }
    assert_eq!(found_removed(&place.database(), "藍鯨"), ["旧的一段：蓝鲸。"]);
    assert_eq!(found_removed(&place.database(), "蓝鲸 title:新题"), ["旧的一段：蓝鲸。"]);
    assert_eq!(found_removed(&place.database(), "蓝鲸 -旧"), [""; 0]);
    assert_eq!(found_removed(&place.database(), "天晴"), [""; 0]);
    assert_eq!(found(&place.database(), "雨停"), [1]);

    // And nothing is left of an article that was joined into another.
    let (one, other) = (text("一样的"), "https://news.example/other");
    place.write("3.md", seed("1709165000000", "甲", other, &text("独有的")));
    place.import();
    place.write("4.md", seed("1709166000000", "乙", other, &one));
    place.write("5.md", seed("1709166000000", "丙", URL, &one));
    place.import();
    assert_eq!(rows(&place.database(), "SELECT count(*) FROM article"), ["1"]);
    assert_eq!(found(&place.database(), "一样的"), [1]);
    assert_eq!(found(&place.database(), "独有的"), [0; 0]);
    assert_eq!(found_removed(&place.database(), "独有的").len(), 1);
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
fn an_index_of_other_tokens_is_said_and_made_anew() {
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

/// A word is found in every spelling, and texts that only share its letters are not.
#[test]
fn variants_symbols_and_scripts_without_blanks() {
    let texts = [
        "他隨著音樂走，意味著什麼，她瞭解，藉口不少。",
        "用 C++ 寫的程式，與 C# 和 .NET 無關。",
        "维生素 c 与 net 收入，一 + 一 # 二。",
        "今天👍🏽很好，❤️。",
        "ห้องสมุดเปิดอีกครั้งในเมืองเก่า",
        "សិស្សទៅបណ្ណាល័យ",
        "हिन्दी में किताब",
        "قرأ الكِتَابَ في المكتبـــة",
        "葛\u{e0100}城的⻘年",
    ];
    let env = TestEnv::new();
    for (at, text) in texts.iter().enumerate() {
        let file = format!("drop/{at}.txt");
        let address = format!("https://news.example/{at}");
        env.write(
            &file,
            seed("NaN", &format!("{at}"), &address, &format!("<p>{text}</p>")).as_bytes(),
        );
    }
    env.run(&["import", "-q", "drop"]).expect(0);
    let database = env.path("seedbank.db");
    let check = |query: &str, texts: &[i64]| {
        let ids: Vec<_> = texts.iter().map(|at| at + 1).collect();
        assert_eq!(found(&database, query), ids, "{query}");
    };
    check("随着", &[0]);
    check("意味着 了解 借口", &[0]);
    check("C++", &[1]);
    check("c#", &[1]);
    check("Ｃ＃", &[1]);
    check(".NET", &[1]);
    check("c", &[1, 2]);
    check("net", &[1, 2]);
    check("👍", &[3]);
    check("❤", &[3]);
    check("好", &[3]);
    check("ห้องสมุด", &[4]);
    check("เมือง", &[4]);
    check("แมว", &[]);
    check("បណ្ណាល័យ", &[5]);
    check("किताब", &[6]);
    check("हिन", &[]);
    check("الكتاب", &[7]);
    check("المكتبة", &[7]);
    check("葛城", &[8]);
    check("青年", &[8]);
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

fn small_archive() -> TestEnv {
    let env = TestEnv::new();
    let long = "一二三四五，六七八九十。".repeat(20);
    let drop = [
        (
            "a",
            "1707090302000",
            "城东图书馆重新开门",
            format!("<p>{long}新的图书馆\x1b[31m很大。{long}</p>"),
        ),
        ("b", "NaN", "Rain = \"wet\"", "<p>Rain, and the 圖書館 is dry.</p>".to_owned()),
    ];
    for (name, epoch, title, html) in drop {
        let url = format!("https://news.example/%E5%9B%BE/{name}");
        env.write(&format!("drop/{name}.txt"), seed(epoch, title, &url, &html).as_bytes());
    }
    env.run(&["import", "-q", "drop"]).expect(0);
    env
}

#[test]
fn what_a_person_sees() {
    let env = small_archive();
    insta::assert_snapshot!(env.run(&["search", "图书馆"]).expect(0));
    insta::assert_snapshot!(
        env.run(&["search", "图书馆 rain", "--color", "always"]).expect(0).stdout
    );
    insta::assert_snapshot!(env.run(&["search", "--since", "2024", "图书馆"]).expect(0));
    insta::assert_snapshot!(env.run(&["search", "--until", "2024-02-04"]).expect(0));
    insta::assert_snapshot!(env.run(&["search", "没有的词"]).expect(0));
    insta::assert_snapshot!(
        env.run(&["search", "图书馆", "--limit", "1", "--format", "jsonl"]).expect(0)
    );
}

#[test]
fn what_cannot_be_asked() {
    let env = small_archive();
    let mut said = String::new();
    for words in [
        &[""][..],
        &["，。"],
        &["\"图书馆"],
        &["(图书馆"],
        &["NOT"],
        &["NOT 图书馆"],
        &["图书馆 OR"],
        &["title:"],
        &[],
    ] {
        let ran = env.run(&[&["search"], words].concat()).expect(2);
        assert!(!ran.stderr.to_lowercase().contains("fts") && !ran.stderr.contains("SQL"), "{ran}");
        said.push_str(&format!("$ seedbank search {words:?}\n{}{}\n", ran.stdout, ran.stderr));
    }
    insta::assert_snapshot!(said);
    env.run(&["search", "图书馆", "--site", "a b"]).expect(2);
    env.run(&["search", "图书馆", "--since", "yesterday"]).expect(2);
    env.run(&["search", "图书馆", "--json", "--format", "csv"]).expect(2);
    env.run(&["search", "--removed"]).expect(2);
    env.run(&["--db", "none.db", "search", "图书馆"]).expect(10);
}

#[test]
fn match_in_sql() {
    let env = small_archive();
    let count = "SELECT count(*) AS n FROM article_fts WHERE article_fts MATCH ";
    let answer = |sql: String| env.run(&["sql", "--format", "csv", &sql]).expect(0).stdout;
    assert_eq!(answer(format!("{count} '\"书馆\"'")), "n\n2\n");
    assert_eq!(answer(format!("{count} match_query('圖書館 -rain')")), "n\n1\n");
    assert_eq!(answer("SELECT match_query('圖書館') AS n".into()), "n\n\"\"\"图书 书馆\"\"\"\n");
    assert_eq!(answer("SELECT match_query(NULL) AS n".into()), "n\n\n");
    let ran = env.run(&["sql", "SELECT match_query('(')"]).expect(2);
    assert!(ran.stderr.contains("the query \"(\" has a parenthesis that is not closed"), "{ran}");
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
