//! Metadata of another story, of a change or of a comment is not this page's.

use super::{TEXT, json_ld, said, said_of, title};
use crate::extract::metadata::{Known, Metadata};
use crate::model::Timestamp;

/// A canonical address that lacks what tells the pages of a program apart.
#[test]
fn an_address_keeps_what_tells_pages_apart() {
    let check = |known: Option<&str>, html: &str, expected: Option<&str>| {
        let address = said_of(html, Known { url: known, observed: None }).address;
        let found = address.canonical.or(address.url);
        assert_eq!(found.as_deref(), expected, "{known:?} {html}");
    };
    let link = |href: &str| format!("<link rel=canonical href='{href}'>");
    let og = |href: &str| format!("<meta property=og:url content='{href}'>");
    let object = |url: &str| {
        let object = format!(r#"{{"@type": "Article", "headline": "雨后的桥", "url": "{url}"}}"#);
        format!("<title>雨后的桥</title>{}", json_ld(&object))
    };
    for (full, short) in [
        ("https://news.example/view.php?id=7", "https://news.example/view.php"),
        ("https://news.example/?p=7", "https://news.example/"),
        ("https://news.example/story?newsID=7&b=1", "https://news.example/story?b=1"),
    ] {
        check(Some(full), &link(short), Some(full));
        check(None, &(link(short) + &og(full)), Some(full));
        check(None, &(link(full) + &og(short)), Some(full));
        check(None, &(link(short) + &object(full)), Some(full));
        // Two sources outweigh one.
        let both = link(short) + &og(short);
        check(Some(full), &both, Some(if short.ends_with('/') { full } else { short }));
    }
    for (full, short) in [
        ("https://news.example/bridge?from=home", "https://news.example/bridge"),
        ("https://news.example/a/7.html?page=1", "https://news.example/a/7.html"),
        ("https://news.example/view.php?id=7&from=home", "https://news.example/view.php?id=7"),
    ] {
        check(Some(full), &link(short), Some(short));
    }
}

#[test]
fn the_address_in_an_object_of_the_page_counts_too() {
    let url = |html: String| said(&html).address.url;
    let title = "<title>雨后的桥</title>";
    let object = |headline: &str, said: &str| {
        json_ld(&format!(r#"{{"@type": "Article", "headline": "{headline}", {said}}}"#))
    };
    let a = Some("https://news.example/a".to_owned());
    let own = object("雨后的桥", r#""url": "https://news.example/a""#);
    assert_eq!(url(format!("{title}{own}")), a);
    let entity = r#""mainEntityOfPage": {"@type": "WebPage", "@id": "https://news.example/a"}"#;
    assert_eq!(url(format!("{title}{}", object("雨后的桥", entity))), a);
    // Not that of another story, of the home page, or one of two.
    let other = r#""url": "https://news.example/b""#;
    assert_eq!(url(format!("{title}{}", object("渡轮票价上涨", other))), None);
    assert_eq!(
        url(format!("{title}{}", object("雨后的桥", r#""url": "https://news.example/""#))),
        None
    );
    assert_eq!(url(format!("{title}{}", object("雨后的桥", &format!("{other}, {entity}")))), None);
    // What contradicts it is not believed.
    let link = |href: &str| format!("<link rel=canonical href={href}>{title}{own}");
    assert_eq!(url(link("https://other.example/z")), None);
    assert_eq!(
        url(link("https://www.news.example/a/")),
        Some("https://www.news.example/a/".into())
    );
    assert_eq!(url(link("https://news.example/")), a);
    // A template may have the address of the section.
    assert_eq!(
        url(link("https://news.example/2024/a-bridge")).as_deref(),
        Some("https://news.example/2024/a-bridge")
    );
    let two = "<meta property=og:url content=https://other.example/z>";
    assert_eq!(
        url(format!("{two}{}", link("https://other.example/z"))).as_deref(),
        Some("https://other.example/z")
    );
}

/// Related stories and teasers have objects too.
#[test]
fn an_object_of_another_story_is_not_used() {
    let own = r#"{"@type": "NewsArticle", "headline": "The bridge is open again",
        "author": {"name": "Anna Example"}, "datePublished": "2024-03-05"}"#;
    let undated = r#"{"@type": "NewsArticle", "headline": "The bridge is open again",
        "author": {"name": "Anna Example"}}"#;
    let other = r#"{"@type": "NewsArticle", "headline": "Ferry fares to rise", "author": {"name": "Bob Muster"},
        "datePublished": "2020-01-01", "isAccessibleForFree": false, "hasPart": {"cssSelector": ".paid",
        "isAccessibleForFree": false}}"#;
    let addressed = r#"{"@type": "NewsArticle", "url": "https://news.example/ferry", "datePublished": "2020-01-01"}"#;
    let page = |objects: &str| {
        said(&format!(
            "<title>The bridge is open again</title>\
             <link rel=canonical href=https://news.example/bridge>{objects}\
             <h1>The bridge is open again</h1>{TEXT}<h1>Ferry fares to rise</h1>"
        ))
    };
    let day = |said: &Metadata| said.published.at().map(|at| at.to_string()[..10].to_owned());
    for objects in [
        json_ld(other) + &json_ld(own),
        json_ld(own) + &json_ld(other),
        json_ld(&format!(r#"{{"@graph": [{other}, {own}, {addressed}]}}"#)),
        json_ld(addressed) + &json_ld(own),
    ] {
        let said = page(&objects);
        assert_eq!(said.title.as_deref(), Some("The bridge is open again"));
        assert_eq!(said.author.as_ref().unwrap().name, "Anna Example");
        assert_eq!(day(&said).as_deref(), Some("2024-03-05"));
        assert_eq!(said.walls, None);
    }
    assert_eq!(day(&page(&(json_ld(undated) + &json_ld(other)))), None);
    assert_eq!(day(&page(&json_ld(addressed))), None);
    // Two other stories are a list, one alone may be this one in other words.
    let third = other.replace("Ferry fares to rise", "Rain until Friday");
    assert_eq!(day(&page(&(json_ld(&third) + &json_ld(other)))), None);
    let words = own.replace("The bridge is open again", "Cars cross the river once more");
    assert_eq!(day(&page(&json_ld(&words))).as_deref(), Some("2024-03-05"));
    let addressed_too = words.replace("{\"@type", "{\"url\": \"https://news.example/x\", \"@type");
    assert_eq!(day(&page(&json_ld(&addressed_too))), None);
    // Microdata too.
    let item = |headline: &str, date: &str| {
        format!(
            "<div itemscope itemtype=https://schema.org/NewsArticle><b itemprop=headline>{headline}</b>\
             <meta itemprop=datePublished content={date}></div>"
        )
    };
    let items =
        item("Ferry fares to rise", "2020-01-01") + &item("The bridge is open again", "2024-03-05");
    assert_eq!(day(&page(&items)).as_deref(), Some("2024-03-05"));
    // Where the title is only the site's name, the heading tells.
    let html = format!(
        "<title>The Quay</title>{}{}<h1>The bridge is open again</h1>",
        json_ld(other),
        json_ld(own)
    );
    assert_eq!(day(&said(&html)).as_deref(), Some("2024-03-05"));
}

#[test]
fn a_title_is_decoded_once() {
    for (written, shown) in [
        ("How do I center a &lt;div&gt; in CSS?", "How do I center a <div> in CSS?"),
        (
            "What &amp;nbsp; means, and why &amp;lt; is no letter",
            "What &nbsp; means, and why &lt; is no letter",
        ),
    ] {
        assert_eq!(title(&format!("<title>{written}</title><h1>{written}</h1>{TEXT}")), shown);
    }
    let og = |title: &str| format!("<meta property=og:title content='{title}'>");
    assert_eq!(
        title(&og("How do I center a &lt;div&gt; in CSS?")),
        "How do I center a <div> in CSS?"
    );
    // Many programs write markup and entities into it.
    assert_eq!(title(&og("The &lt;i&gt;Quay&lt;/i&gt; &amp;amp; the rain")), "The Quay & the rain");
}

#[test]
fn the_time_of_a_change_or_of_a_comment_is_not_that_of_publication() {
    let page = |html: &str| {
        let said = said(&format!("<title>雨后的桥又通了</title><h1>雨后的桥又通了</h1>{html}"));
        let day = |at: Timestamp| at.to_string()[5..10].to_owned();
        (said.published.at().map(day), said.modified.map(|time| day(time.at)))
    };
    let check = |html: &str, published: &str, modified: &str| {
        let day = |day: &str| (day != "-").then(|| day.to_owned());
        assert_eq!(page(html), (day(published), day(modified)), "{html}");
    };
    let label = "<p>Last updated: 3 February 2024</p>";
    check(&format!("{label}<p>Published: 2 January 2024</p>{TEXT}"), "01-02", "02-03");
    check(&format!("{label}<p>2 January 2024</p>{TEXT}"), "01-02", "02-03");
    check("<p>Published 2 January 2024 | Updated 3 February 2024</p>", "01-02", "02-03");
    let times = "<time datetime=2024-02-03>3.2.</time></p><p>Published <time datetime=2024-01-02>2.1.</time>";
    check(&format!("<p>Updated {times}</p>{TEXT}"), "01-02", "02-03");
    check("<p>更新时间</p><p>2024-02-03</p><p>发布时间</p><p>2024-01-02</p>", "01-02", "02-03");
    // Two times of the text.
    let text = format!("{TEXT}{TEXT}{TEXT}<p>It rained on 1 January 2024.</p>");
    check(&format!("{label}{text}"), "02-03", "02-03");
    check(
        &format!("{TEXT}<p>Last updated <time datetime=2024-02-03>3.2.</time></p>"),
        "02-03",
        "02-03",
    );
    // It existed by then.
    check(&format!("{label}{TEXT}"), "02-03", "02-03");
    let comment = "<div class=comment><b>Tom</b> <time datetime=2024-03-01>1 March</time><p>I do not agree.</p>\
        <p>1 March 2024</p></div>";
    check(&format!("{TEXT}<section id=comments>{comment}</section>"), "-", "-");
    check(&format!("<div class=comments>{comment}</div><p>2 January 2024</p>{TEXT}"), "01-02", "-");
}
