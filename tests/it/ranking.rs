//! The ranking of search results.

use crate::index::{folded_articles, scanned};
use crate::place::{Place, seed, text};
use crate::search::{asking, found};
use crate::support::TestEnv;
use seedbank::internals::store::Reader;
use seedbank::{ArticleFilter, Hit, Order, Query, Search};

#[test]
fn the_best_are_first_and_among_equals_the_newest() {
    let place = Place::new();
    let body = |words: &str| format!("<p>{words}{}</p>", "别的话，".repeat(20));
    let drop = [
        ("1709164800000", "别的", "人权"),
        ("1709251200000", "别的", "人权"),
        ("1709164800000", "人权", "别的"),
        ("NaN", "别的", "人权"),
        ("1709164800000", "别的", "人权人权人权"),
    ];
    for (number, (epoch, title, words)) in drop.iter().enumerate() {
        let url = format!("https://news{number}.example/");
        place.write(&format!("{number}.md"), seed(epoch, title, &url, &body(words)));
    }
    place.import();
    let reader = Reader::open(&place.database()).unwrap();
    let ids = |change: &dyn Fn(&mut Search)| {
        let mut search = asking(Query::parse("人权").unwrap());
        change(&mut search);
        let hits = hits(&reader, &search);
        assert!(hits.iter().all(|hit| hit.score.is_some() == (search.order == Order::Rank)));
        hits.into_iter().map(|hit| hit.article_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&|_| {}), [3, 5, 2, 1, 4]);
    assert_eq!(ids(&|search| search.limit = Some(3)), [3, 5, 2]);
    assert_eq!(ids(&|search| search.limit = Some(0)), [0; 0]);
    assert_eq!(ids(&|search| search.order = Order::Date), [2, 5, 3, 1, 4]);
    let day = |text: &str| text.parse().unwrap();
    let since = ArticleFilter::default().with_since(day("2024-03-01"));
    assert_eq!(ids(&|search| search.filter.since = since.since), [2]);
    let until = ArticleFilter::default().with_until(day("2024-02-29"));
    assert_eq!(ids(&|search| search.filter.until = until.until), [3, 5, 1]);
    let site = ArticleFilter::default().with_site("news3.example");
    assert_eq!(ids(&|search| search.filter.sites = site.sites.clone()), [4]);
    assert_eq!(reader.undated(&since).unwrap(), 1);
    assert_eq!(reader.undated(&site).unwrap(), 0);
    let other = since.with_query(Query::parse("没有").unwrap());
    assert_eq!(reader.undated(&other).unwrap(), 0);
}

/// A large archive in which most articles have rain, some a whale, and all the character 第. Returns how many
/// have rain and how many a whale.
fn rainy_archive() -> (Place, [usize; 2]) {
    let place = Place::new();
    let mut counts = [0; 2];
    for number in 0_u64..1_001 {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60;
        let (has_rain, has_whale) = (mixed < 11, mixed == 12);
        counts[0] += usize::from(has_rain);
        counts[1] += usize::from(has_whale);
        let body = match (has_rain, has_whale) {
            (true, _) => format!("第{number}场雨停了"),
            (_, true) => format!("第{number}头鯨魚来了"),
            _ => format!("第{number}天什么也没有"),
        };
        let url = format!("https://news.example/{number}");
        let time = (1_700_000_000_000 + number * 60_000).to_string();
        place.write(&format!("{number}.md"), seed(&time, "题", &url, &text(&body)));
    }
    place.import();
    (place, counts)
}

/// Results for a word that most of a large archive has are not ranked, and not always found by the index;
/// otherwise nothing changes.
#[test]
fn a_word_that_most_articles_have() {
    let (place, [rain, whale]) = rainy_archive();
    let reader = Reader::open(&place.database()).unwrap();
    for (word, count, is_ranked) in
        [("雨", rain, false), ("雨停", rain, false), ("鲸", whale, true), ("鲸鱼", whale, true)]
    {
        let scanned = scanned(&folded_articles(&place.database()), word);
        assert_eq!(scanned.len(), count, "{word}");
        assert_eq!(found(&place.database(), word), scanned, "{word}");
        let search = asking(Query::parse(word).unwrap()).with_limit(20);
        let hits = hits(&reader, &search);
        for hit in &hits {
            assert_eq!(hit.score.is_some(), is_ranked, "{word}");
            let snippet = hit.snippet.as_ref();
            assert!(snippet.is_some_and(|snippet| !snippet.highlights.is_empty()), "{word}");
        }
        assert_eq!(hits.len(), 20);
        let is_by_date = hits.is_sorted_by(|one, other| one.published_at > other.published_at);
        assert!(is_ranked || is_by_date, "{word}");
    }
}

/// Few hits are found by checking common characters in their texts; they are the first of all hits that the
/// index finds.
#[test]
fn common_characters_beside_other_words() {
    let (place, [rain, whale]) = rainy_archive();
    let reader = Reader::open(&place.database()).unwrap();
    for (words, count) in [
        ("第 鲸鱼", whale),
        ("第 题 鱼", whale),
        ("鲸 雨", 0),
        ("第 雨", rain),
        ("第 雨停", rain),
        ("第 第*", 1_001),
        ("第 (鲸 OR 雨)", rain + whale),
        ("第 题 -雨", 1_001 - rain),
    ] {
        for order in [Order::Rank, Order::Date] {
            let all = asking(Query::parse(words).unwrap()).with_order(order);
            let few = all.clone().with_limit(200);
            let [all, few] = [all, few].map(|search| {
                hits(&reader, &search).into_iter().map(|hit| hit.article_id).collect::<Vec<_>>()
            });
            assert_eq!(all.len(), count, "{words}");
            assert_eq!(few, all[..count.min(200)], "{words} {order:?}");
        }
    }
}

#[test]
fn a_note_explains_the_order_by_date() {
    let (place, _) = rainy_archive();
    let said = |arguments: &[&str]| {
        let database = place.database();
        let search = ["--db", database.to_str().unwrap(), "search"];
        TestEnv::new().run(&[&search[..], arguments].concat()).expect(0).stderr
    };
    let by_date = "the newest come first: ";
    for arguments in [&["雨停"][..], &["第 雨"]] {
        let expected = format!("{by_date}most articles contain the searched words\n");
        assert!(said(arguments).starts_with(&expected), "{arguments:?}");
    }
    assert!(said(&["--since", "2023", "--sort", "rank"]).starts_with(by_date));
    for arguments in [
        &["鲸鱼"][..],
        &["第 鲸鱼"],
        &["雨停", "--sort", "date"],
        &["--since", "2023"],
        &["无此词"],
    ] {
        assert!(!said(arguments).contains(by_date), "{arguments:?}");
    }
}

fn hits(reader: &Reader, search: &Search) -> Vec<Hit> {
    let mut hits = Vec::new();
    let receive = &mut |hit| {
        hits.push(hit);
        Ok(())
    };
    reader.search(search, receive).unwrap();
    hits
}
