//! `cited_article`: which archived article links to which.

use crate::place::Place;

fn seed(url: &str, body: &str) -> String {
    format!(
        "<!--1706745600000-->\n[题目 {url}]({url})\n------\n\n\
         <p>河水在春天涨到了桥下，两岸的人都来看，站了一整天，谁也没有说话，直到天黑才各自回家。{body}</p>\n"
    )
}

const CITED: &str = "SELECT u.canonical_url, l.text, v.canonical_url FROM cited_article c
    JOIN link l ON l.id = c.link_id
    JOIN article u ON u.id = c.article_id JOIN article v ON v.id = c.cited_id
    ORDER BY l.article_id, l.position";

#[test]
fn links_between_articles() {
    let place = Place::new();
    let links = "<a href='http://www.river.example/b/?utm_source=x#c3'>桥</a>\
        <a href='/b/amp'>又一次</a>\
        <a href='https://www.google.com/amp/s/m.lake.example/%e9%9b%a8?id=1&fbclid=2'>雨</a>\
        <a href='/a?utm_medium=y'>本文</a><a href='/'>首页</a><a href='https://lake.example/other'>别处</a>\
        <a href='mailto:a@river.example'>信</a>";
    place.write("1.md", seed("https://river.example/a", links));
    place.import();
    assert_eq!(place.rows(CITED), [""; 0]);
    place.write(
        "2.md",
        seed("https://river.example/b", "<a href='https://river.example/a/'>回到这里</a>"),
    );
    place.write("3.md", seed("https://www.lake.example/%E9%9B%A8?id=1", ""));
    place.import();
    let [a, b] = ["https://river.example/a", "https://river.example/b"];
    let rain = "https://lake.example/%E9%9B%A8?id=1";
    let expected = [
        format!("{a}|桥|{b}"),
        format!("{a}|又一次|{b}"),
        format!("{a}|雨|{rain}"),
        format!("{b}|回到这里|{a}"),
    ];
    assert_eq!(place.rows(CITED), expected);
    // Links that cannot lead to another article have no key.
    let keyless = "SELECT text FROM link WHERE address_key IS NULL ORDER BY id";
    assert_eq!(place.rows(keyless), ["本文", "首页", "信"]);
}

/// By any address under which it was seen; two addresses of one article do not cite each other.
#[test]
fn other_addresses_of_an_article() {
    let place = Place::new();
    let text = "<a href='https://river.example/new'>新址</a>";
    place.write(
        "1.md",
        seed("https://river.example/old", text).replace("[题目 https://river.example/old]", "[河]"),
    );
    place.write(
        "2.md",
        seed("https://river.example/new", text).replace("[题目 https://river.example/new]", "[河]"),
    );
    place.write(
        "3.md",
        seed("https://river.example/b", "<a href='/old'>旧</a><a href='/new'>新</a>"),
    );
    place.import();
    let cited = "SELECT c.article_id <> c.cited_id, l.text FROM cited_article c
        JOIN link l ON l.id = c.link_id ORDER BY l.id";
    assert_eq!(place.rows("SELECT count(*) FROM article"), ["2"]);
    assert_eq!(place.rows(cited), ["1|旧", "1|新"]);
}

/// Both ways: what an article cites, and what cites it.
#[test]
fn citations_are_found_by_indexes() {
    let place = Place::new();
    place.import();
    for (column, index) in [("article_id", "article_url_by_key"), ("cited_id", "link_by_address")] {
        let plan = place
            .rows(&format!("EXPLAIN QUERY PLAN SELECT * FROM cited_article WHERE {column} = 1"));
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("SCAN"), "{column}: {plan}");
    }
}
