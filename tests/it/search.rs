//! `seedbank search`.

use crate::place::{Place, TIME, URL, rows, seed, text};
use crate::support::TestEnv;
use seedbank::internals::store::Reader;
use seedbank::{ArticleFilter, Query, Search};
use std::path::Path;

pub fn asking(query: Query) -> Search {
    Search::default().with_filter(ArticleFilter::default().with_query(query))
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
fn operators_work_as_usual() {
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
fn removed_text_is_found_only_with_removed() {
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
    env.run(&["search", "图书馆", "--since", "tomorrow"]).expect(2);
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
