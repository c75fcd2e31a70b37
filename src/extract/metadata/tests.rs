//! Metadata of pages: what they declare, and what is used.

mod own;

use super::{Known, Metadata, read};
use crate::extract::budget::Budget;
use crate::extract::dom;
use crate::model::{TagKind, Timestamp};

const TEXT: &str =
    "<p>天亮以前下过雨，河边的路还是湿的，早起的人把门打开，把昨天的报纸收进屋里。</p>";

fn said_of(html: &str, known: Known<'_>) -> Metadata {
    let budget = Budget::of(html.len());
    let tree = dom::parse(html, &budget).unwrap();
    read(tree.root(), known, &budget)
}

fn said(html: &str) -> Metadata {
    said_of(html, Known::default())
}

fn title(html: &str) -> String {
    said(html).title.unwrap()
}

fn published(html: &str) -> Option<String> {
    said(html).published.at().map(|at| at.to_string())
}

fn json_ld(object: &str) -> String {
    format!("<script type='application/ld+json'>{object}</script>")
}

#[test]
fn the_heading_that_the_page_agrees_with_is_the_title() {
    let page = "<title>After the rain, a bridge opens again | The Example Times</title>";
    assert_eq!(
        title(&format!(
            "{page}<h1>The Example Times</h1><h1>After the rain a bridge opens again</h1>"
        )),
        "After the rain a bridge opens again"
    );
    // With other words, before the text and not inside it.
    let other = "<h1>After the rain: our old bridge is open</h1>";
    assert_eq!(title(&format!("{page}{other}")), "After the rain: our old bridge is open");
    let prose = "It rained all night, and the road by the river was wet. ".repeat(8);
    assert_eq!(
        title(&format!("{page}<p>{prose}</p>{other}")),
        "After the rain, a bridge opens again"
    );
    assert_eq!(title("<title>雨后的桥又通了_某报网</title><p>雨</p>"), "雨后的桥又通了");
    assert_eq!(
        title("<title>雨后的桥又通了_某报网</title><h1>雨后的桥，又通了</h1>"),
        "雨后的桥，又通了"
    );
}

#[test]
fn a_title_is_without_its_site() {
    let site = "<meta property=og:site_name content='Rain Weekly'>";
    let og = |title: &str| format!("{site}<meta property=og:title content='{title}'>");
    assert_eq!(title(&og("The bridge is open – Rain Weekly")), "The bridge is open");
    assert_eq!(title(&og("Rain Weekly: a history")), "Rain Weekly: a history");
    assert_eq!(title(&og("The bridge &amp;amp; the rain")), "The bridge & the rain");
    // Text beside a heading in `title` is the site's name everywhere.
    assert_eq!(
        title(
            "<title>The bridge is open – Rain Weekly - Rain Weekly</title><h1>The bridge is open – Rain Weekly</h1>"
        ),
        "The bridge is open"
    );
    assert_eq!(title("<title>read_line: what it reads</title>"), "read_line: what it reads");
    assert_eq!(title("<title></title>"), "");
    assert_eq!(title("<h1>The bridge is open</h1>"), "The bridge is open");
}

#[test]
fn the_title_has_its_place() {
    let said = said(&format!("<title>雨后的桥_某报</title><div>雨后的桥</div>{TEXT}"));
    assert_eq!(said.title.as_deref(), Some("雨后的桥"));
    assert!(said.title_node.is_some());
}

#[track_caller]
fn check_author(html: &str, author: Option<&str>) {
    let html = format!("<title>雨后的桥又通了</title><h1>雨后的桥又通了</h1>{html}{TEXT}");
    let found = said(&html).author.map(|author| author.name);
    assert_eq!(found.as_deref(), author, "{html}");
}

#[test]
fn authors_of_json() {
    check_author(
        &json_ld(
            r#"{"@type": "NewsArticle", "headline": "雨后的桥又通了",
                "author": [{"name": "By Anna Example"}, {"name": "Bob Muster"}, {"name": "Anna Example"}]}"#,
        ),
        Some("Anna Example, Bob Muster"),
    );
    check_author(
        &json_ld(
            r##"{"@graph": [{"@type": "Article", "author": {"@id": "#a"}},
                {"@type": "Person", "@id": "#a", "name": "某甲"}]}"##,
        ),
        Some("某甲"),
    );
    // A placeholder that a program did not fill is not a name.
    check_author(&json_ld(r##"{"@type": "Article", "author": {"@id": "#a"}}"##), None);
    // Publishers are named if nobody else is.
    let of_site = json_ld(
        r#"{"@type": "Article", "author": {"@type": "Organization", "name": "Rain Weekly"}}"#,
    );
    check_author(&of_site, Some("Rain Weekly"));
    check_author(&format!("{of_site}<p>By Anna Example</p>"), Some("Anna Example"));
}

#[test]
fn authors_of_elements_and_lines() {
    check_author("<meta name=author content='Anna Example'>", Some("Anna Example"));
    check_author("<meta property=article:author content='https://social.example/anna'>", None);
    for name in ["admin", "page.author", "info@rain.example", "12345"] {
        check_author(&format!("<meta name=author content='{name}'>"), None);
    }
    check_author(
        "<div itemscope itemtype=https://schema.org/Article><span itemprop=author itemscope>\
         <b itemprop=name>某甲</b></span></div>",
        Some("某甲"),
    );
    check_author("<a href=/author/anna>Anna Example</a>", Some("Anna Example"));
    check_author("<p>March 5, 2024 by Anna Example</p>", Some("Anna Example"));
    check_author(
        "<p>Reviewed by Bob Muster</p><p>Written by: Anna Example</p>",
        Some("Anna Example"),
    );
    check_author("<p>Anna Example · March 5, 2024</p>", Some("Anna Example"));
    check_author(
        "<div class=post-author><b>By</b> <i>Anna Example</i> Chief of Rain</div>",
        Some("Anna Example"),
    );
    check_author("<p>来源：某报　作者：某甲</p>", Some("某甲"));
    check_author("<p>雨停了。（记者 某甲 某乙某）</p>", Some("某甲 某乙某"));
    check_author("<p>某报记者 某甲 某市报道</p>", Some("某甲"));
    check_author("<p>홍길동 기자</p>", Some("홍길동"));
}

#[test]
fn what_is_no_author() {
    check_author("<form class=comment-form><p class=comment-form-author>Name *</p></form>", None);
    check_author("<p>编辑：某丙</p>", None);
    check_author("<p>Filter by Category</p>", None);
    check_author("<p>记者看到，桥已经通了。</p>", None);
    check_author("<p>记者 采访</p>", None);
    check_author("<p>시장이 기자들에게 밝혔다. 시의원은 기자회견에서 말했다.</p>", None);
    check_author(
        "<nav><p class=author>Rain Weekly Club</p></nav><p>Sorted by date</p>",
        Some("Rain Weekly Club"),
    );
}

#[test]
fn dates_in_their_order() {
    let json = json_ld(
        r#"{"@type": "Article", "datePublished": "2024-03-05T23:30:00-05:00", "dateModified": "2024-03-07"}"#,
    );
    let meta = "<meta property=article:published_time content='2024-03-04T08:00:00Z'>";
    let heading = "<title>雨后的桥又通了</title><h1>雨后的桥又通了</h1>";
    let line = "<p>来源：某报　2024年3月3日08:30</p>";
    let all = said(&format!("{json}{meta}{heading}{line}{TEXT}"));
    assert_eq!(all.published.at().unwrap().to_string(), "2024-03-06T04:30:00Z");
    assert_eq!(all.modified.unwrap().at.to_string(), "2024-03-07T00:00:00Z");
    assert_eq!(published(&format!("{meta}{heading}{line}")).unwrap(), "2024-03-04T08:00:00Z");
    // A time without a zone gives its day.
    assert_eq!(published(&format!("{heading}{line}{TEXT}")).unwrap(), "2024-03-03T00:00:00Z");
    let element = "<time datetime=2024-03-02>gestern</time>";
    assert_eq!(published(&format!("{heading}{element}{line}")).unwrap(), "2024-03-02T00:00:00Z");
    for (path, day) in [
        ("2024/03/05/bridge", "2024-03-05T00:00:00Z"),
        ("2024-03/05/bridge", "2024-03-05T00:00:00Z"),
        ("t20240305_12.html", "2024-03-05T00:00:00Z"),
        ("2024/0305/bridge", "2024-03-05T00:00:00Z"),
    ] {
        let link = format!("<link rel=canonical href=https://news.example/{path}>{heading}");
        assert_eq!(published(&link).as_deref(), Some(day), "{path}");
    }
    assert_eq!(published(&format!("{heading}{TEXT}")), None);
}

#[test]
fn no_date_lies_in_the_future() {
    let seen = Timestamp::from_seconds(1_709_600_000);
    let at = |date: &str| {
        let html = json_ld(&format!(r#"{{"@type": "Article", "datePublished": "{date}"}}"#));
        let html = format!("{html}<meta name=pubdate content=2024-03-01>");
        let known = Known { observed: seen, ..Known::default() };
        said_of(&html, known).published.at().unwrap().to_string()
    };
    assert_eq!(at("2024-03-02"), "2024-03-02T00:00:00Z");
    for date in ["9999-12-31", "2031-01-01T00:00:00Z", "0000-00-00", "tomorrow"] {
        assert_eq!(at(date), "2024-03-01T00:00:00Z", "{date}");
    }
    assert_eq!(published(&json_ld(r#"{"@type": "Article", "datePublished": "9999-01-01"}"#)), None);
}

#[test]
fn an_address_is_believed_where_nothing_contradicts_it() {
    let url = |html: &str, known: Option<&str>| {
        let address = said_of(html, Known { url: known, observed: None }).address;
        (address.url, address.canonical)
    };
    let own = "https://news.example/a?page=1";
    let link = |href: &str| format!("<link rel=canonical href={href}>");
    let og = |href: &str| format!("<meta property=og:url content={href}>");
    let a = Some("https://news.example/a".to_owned());
    let (none, saver) = (None::<String>, Some(own.to_owned()));
    assert_eq!(url(&link("https://news.example/a"), None), (a.clone(), None));
    assert_eq!(url(&og("https://news.example/a"), None), (a.clone(), None));
    let both = |one: &str, other: &str| link(one) + &og(other);
    assert_eq!(
        url(&both("https://news.example/a", "http://www.news.example/a/"), None),
        (a.clone(), None)
    );
    assert_eq!(
        url(&both("https://news.example/a", "https://news.example/b"), None),
        (none.clone(), None)
    );
    // A template without the page's address.
    for home in ["https://news.example/", "https://news.example", "/a", "javascript:void(0)"] {
        assert_eq!(url(&link(home), None), (none.clone(), None), "{home}");
    }
    // A saver takes precedence.
    assert_eq!(url(&link("https://news.example/a"), Some(own)), (saver.clone(), a));
    assert_eq!(url(&link("https://other.example/"), Some(own)), (saver.clone(), None));
    assert_eq!(url(&link("https://other.example/a"), Some(own)), (saver.clone(), None));
    let other = Some("https://other.example/a".to_owned());
    assert_eq!(
        url(&both("https://other.example/a", "https://other.example/a"), Some(own)),
        (saver, other)
    );
}

#[test]
fn the_site_has_the_name_that_the_page_gives_it() {
    let name = |html: &str| said(html).site_name;
    let og = "<meta property=og:site_name content=' Rain &amp;amp; Weekly '>";
    let program = "<meta name=application-name content='Rain App'>";
    let article = |publisher: &str| {
        json_ld(&format!(r#"{{"@type": "NewsArticle", "publisher": {publisher}}}"#))
    };
    let site = json_ld(r#"{"@type": "WebSite", "name": "Rain Site"}"#);
    let named = article(r#"{"@type": "Organization", "name": "Rain Press"}"#);
    assert_eq!(name(&format!("{program}{site}{named}{og}")).as_deref(), Some("Rain & Weekly"));
    assert_eq!(name(&format!("{program}{site}{named}")).as_deref(), Some("Rain Press"));
    assert_eq!(name(&format!("{program}{site}")).as_deref(), Some("Rain Site"));
    assert_eq!(name(program).as_deref(), Some("Rain App"));
    // An object that is elsewhere on the page.
    let elsewhere = r##"{"@graph": [{"@type": "Article", "publisher": {"@id": "#us"}},
        {"@type": "Organization", "@id": "#us", "name": "某报"}]}"##;
    assert_eq!(name(&json_ld(elsewhere)).as_deref(), Some("某报"));
    // Neither an id nor an address is a name, and nothing is guessed.
    for nothing in [r##"{"@id": "#us"}"##, r#""https://news.example/""#, r#""""#] {
        assert_eq!(name(&article(nothing)), None, "{nothing}");
    }
    assert_eq!(name("<title>雨后的桥又通了_某报网</title><h1>雨后的桥又通了</h1>"), None);
    let long = "雨".repeat(101);
    assert_eq!(
        name(&format!("<meta property=og:site_name content={long}>{site}")).as_deref(),
        Some("Rain Site")
    );
}

#[test]
fn what_a_page_is_about() {
    let html = format!(
        "<html lang=en-GB><meta property=article:section content=Town>\
         <meta property=article:tag content=Bridges><meta name=keywords content='rain, bridges,Bridges'>\
         <meta property=og:image content=/a.jpg>{}",
        json_ld(
            r#"{"@type": "Article", "isAccessibleForFree": "False",
                "hasPart": {"isAccessibleForFree": false, "cssSelector": ".paid"}}"#
        )
    );
    let said = said(&html);
    let tags: Vec<_> = said.tags.iter().map(|tag| (tag.kind, tag.name.as_str())).collect();
    assert_eq!(
        tags,
        [
            (TagKind::Section, "Town"),
            (TagKind::Tag, "Bridges"),
            (TagKind::Keyword, "rain"),
            (TagKind::Keyword, "bridges")
        ]
    );
    assert_eq!(said.language.unwrap().as_str(), "en");
    assert_eq!(said.picture.as_deref(), Some("/a.jpg"));
    assert_eq!(said.walls.unwrap(), [".paid"]);
}

/// Far more metadata than any real page has is cheap, and hides nothing.
#[test]
fn pages_that_say_too_much() {
    let good = format!(
        "<title>雨后的桥又通了</title>{}",
        json_ld(r#"{"@type": "Article", "datePublished": "2024-03-05"}"#)
    );
    let day = Some("2024-03-05T00:00:00Z".to_owned());
    let metas: String = (0..100_000).map(|n| format!("<meta name=m{n} content={n}>")).collect();
    assert_eq!(published(&format!("{good}{metas}")), day);
    for bad in [
        format!(r#"{{"a": "{}"}}"#, "x".repeat(10 << 20)),
        format!("{}1{}", r#"{"a":["#.repeat(10_000), "]}".repeat(10_000)),
        "[".repeat(1 << 20),
        format!("[{}", "{},".repeat(1 << 19)),
        "\"".repeat(1 << 20),
    ] {
        assert_eq!(published(&format!("{good}{}", json_ld(&bad))), day, "{}", &bad[..20]);
    }
    let items = "<div itemscope itemprop='a a'>".repeat(400);
    assert_eq!(published(&format!("{good}{items}")), day);
    let bylines = "<b class=author>某</b>".repeat(50_000);
    assert_eq!(said(&format!("{good}{bylines}")).title.as_deref(), Some("雨后的桥又通了"));
    let headings: String =
        (0..2_000).map(|n| format!("<h1>{}{n}</h1>", "雨 ".repeat(100))).collect();
    assert_eq!(published(&format!("{good}{headings}")), day);
}
