//! Hostile content in pages, and snapshots of the pages.

use super::STYLE;
use super::article::{Neighbour, article_page};
use super::lists::{Grouping, ListPages, PAGE_LENGTH};
use crate::model::{Block, BlockKind, Language, RevisionRecord, Script, Status};
use crate::store::ArticleHead;
use crate::view::ArticleView;
use crate::view::content::Asides;
use crate::view::content::tests::{article, link, picture, revision};
use proptest::prelude::*;
use scraper::{Html, Selector};

fn page_of(article: &ArticleView) -> String {
    article_page(article, "存档 & Co", "sites/news.example.html", None, None)
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    select(page, selector).into_iter().map(|element| element.text().collect()).collect()
}

fn edited() -> ArticleView {
    let mut article = article(&[
        ("heading3", "一、<雨>"),
        ("lead", "导语。"),
        ("paragraph", "雨停了。\n见报道。"),
        ("list_item1", "伞"),
        ("list_item2", "黑的"),
        ("list_item1", "鞋"),
        ("quote1", "“走吧。”"),
        ("quote2", "好。"),
        ("preformatted", "a < b\n  c"),
        ("table_row", "日\t人数"),
        ("table_row", "一\t三"),
        ("credit", "图：馆方"),
        ("related", "更多"),
    ]);
    article.links = vec![
        link(2, "报道", "https://a.example/?b=1&c=\"2\""),
        link(2, "不在文中", "https://b.example/"),
        link(2, "雨", "javascript:alert(1)"),
    ];
    article.media =
        vec![picture(Some(1), Some("雨中"), Some("雨中的图书馆")), picture(None, None, None)];
    article.title_raw = Some("雨后 - 新闻".into());
    article.urls[0].url = Some("http://news.example/a?b=1&c=2".into());
    let former =
        Block {
            kind: BlockKind::Paragraph, level: None, marker: None, text: "雨很大。".into()
        };
    article.revisions = vec![
        RevisionRecord { former_paragraphs: vec![former], ..revision(1, "first", [0xcd; 32]) },
        revision(2, "text", *article.seed_sha256.as_bytes()),
        RevisionRecord {
            title: "404".into(),
            status: Status::Stub,
            ..revision(3, "text+title", [0xef; 32])
        },
    ];
    article
}

#[test]
fn the_page_of_an_article() {
    let neighbour = Neighbour {
        address: "2024-02/6.html".into(),
        title: "".into(),
        script: Script::Traditional,
        language: Some(Language::of_code("zh")),
    };
    let page = article_page(&edited(), "存档", "sites/news.example.html", Some(&neighbour), None);
    insta::assert_snapshot!(page);
}

#[test]
fn the_style_loads_nothing() {
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn a_text_is_set_as_its_language_is() {
    let text_of = |language: Option<&str>, script: &str| {
        let article = ArticleView {
            language: language.map(|code| code.parse().unwrap()),
            script: script.parse().unwrap(),
            ..article(&[("paragraph", "x")])
        };
        let page = Html::parse_document(&page_of(&article));
        let text = select(&page, ".text")[0].value();
        (text.attr("lang").map(str::to_owned), text.attr("dir").map(str::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(text_of(Some("zh"), "Hant"), (some("zh-Hant"), None));
    assert_eq!(text_of(Some("zh"), "mixed"), (some("zh"), None));
    assert_eq!(text_of(Some("en"), "other"), (some("en"), None));
    assert_eq!(text_of(Some("ug"), "other"), (some("ug"), some("rtl")));
    // As in an archive made by an older version.
    assert_eq!(text_of(None, "Hans"), (some("zh-Hans"), None));
    assert_eq!(text_of(None, "other"), (some(""), None));
}

#[test]
fn an_article_without_anything() {
    let bare = ArticleView {
        url: None,
        site: None,
        title: String::new(),
        author: None,
        script: Script::Other,
        language: Some(Language::of_code("en")),
        published_at: None,
        updated_at: None,
        status: Status::Empty,
        first_seen_at: None,
        last_seen_at: None,
        tags: Vec::new(),
        urls: Vec::new(),
        revisions: Vec::new(),
        ..article(&[])
    };
    let page = Html::parse_document(&page_of(&bare));
    assert_eq!(texts(&page, "h1"), ["(untitled)"]);
    assert_eq!(texts(&page, ".status"), ["The saved page has no text."]);
    assert_eq!(select(&page, "a").len(), 3);
}

/// Characters that end texts, attributes and elements, in words that would take effect.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[<>&\"'=/\\]!a-z \u{0}\u{8}\u{85}\u{202e}甲-]{0,16}",
        Just("<script>alert(1)</script>".to_owned()),
        Just("\" onmouseover=\"alert(1)".to_owned()),
        Just("]]><img src=x onerror=alert(1)>".to_owned()),
        Just("--></title></style></pre><b>".to_owned()),
        Just("&lt;&#60;".to_owned()),
    ]
}

proptest! {
    #[test]
    fn an_article_is_text_and_nothing_else(text in hostile(), url in hostile(), scheme in 0usize..4) {
        let scheme = ["https://a.example/", "javascript:", "data:text/html,", "FILE:"][scheme];
        let url = format!("{scheme}{url}");
        let mut article = article(&[
            ("paragraph", &text), ("preformatted", &text), ("table_row", &text), ("quote1", &text),
            ("caption", &text), ("heading1", &text),
        ]);
        article.title = text.clone();
        article.title_raw = Some(format!("{text}…"));
        article.author = Some(text.clone());
        article.dateline = Some(text.clone());
        article.site = Some(text.clone());
        article.url = Some(url.clone());
        article.tags[0].name = text.clone();
        article.links = vec![link(0, &text, &url), link(0, "elsewhere", &url)];
        article.media = vec![picture(Some(0), Some(&text), Some("c")), picture(None, None, None)];
        article.media[1].url = url.clone();
        let former = Block { kind: BlockKind::Paragraph, level: None, marker: None, text: text.clone() };
        article.revisions.push(RevisionRecord {
            title: text.clone(),
            status: Status::Stub,
            former_paragraphs: vec![former],
            ..revision(2, "text", [2; 32])
        });
        let neighbour = Neighbour { address: "2024-02/6.html".into(), title: text.clone(), script: Script::Mixed, language: None };
        let html = article_page(&article, &text, "sites/x.html", Some(&neighbour), Some(&neighbour));
        let page = Html::parse_document(&html);
        // html5ever builds the same tree as a browser.
        for element in page.root_element().descendent_elements() {
            let name = element.value().name();
            prop_assert!(ALLOWED.contains(&name), "{}", name);
            for (attribute, value) in element.value().attrs() {
                prop_assert!(!attribute.starts_with("on"), "{}", attribute);
                prop_assert!(attribute != "style" && attribute != "src", "{}", attribute);
                let is_own = ["../", "index.html"].iter().any(|start| value.starts_with(start));
                let is_web = value.starts_with("https://") || value.starts_with("mailto:");
                prop_assert!(attribute != "href" || is_own || is_web, "{}", value);
            }
        }
        let seen: String = text
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        let expected = if text.trim().is_empty() { "(untitled)" } else { &seen };
        prop_assert_eq!(texts(&page, "h1"), [expected]);
        prop_assert_eq!(texts(&page, "pre"), [seen.as_str()]);
        prop_assert_eq!(texts(&page, "del"), [seen.as_str()]);
        prop_assert_eq!(&texts(&page, ".text > p")[0], &seen);
    }
}

const ALLOWED: [&str; 44] = [
    "html",
    "head",
    "meta",
    "title",
    "link",
    "body",
    "nav",
    "ul",
    "li",
    "a",
    "main",
    "article",
    "header",
    "h1",
    "p",
    "time",
    "b",
    "span",
    "div",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "br",
    "pre",
    "blockquote",
    "table",
    "tbody",
    "tr",
    "td",
    "figure",
    "figcaption",
    "section",
    "ol",
    "strong",
    "del",
    "footer",
    "dl",
    "dt",
    "dd",
    "code",
    "small",
    "abbr",
];

#[test]
fn items_have_their_own_numbers() {
    let article = article(&[
        ("list_item1", "3.\u{1}甲"),
        ("list_item2", "1.\u{1}乙"),
        ("list_item1", "4.\u{1}丙"),
        ("list_item1", "9.\u{1}丁"),
        ("list_item1", "戊"),
        ("list_item1", "又戊"),
        ("list_item1", "b)\u{1}己"),
        ("list_item2", "庚"),
        ("list_item2", "又庚"),
        ("list_item1", "又己"),
    ]);
    assert_eq!(
        super::fragment(&crate::view::content::Content::of(&article, Asides::Captions)),
        "<ol start=\"3\"><li>甲<ol><li>乙</li></ol></li><li>丙</li><li value=\"9\">丁<p>戊</p>\
         <p>又戊</p></li></ol><ul><li>b) 己<ul><li>庚</li><li>又庚</li></ul><p>又己</p></li></ul>\n"
    );
}

fn head(id: i64) -> ArticleHead {
    ArticleHead {
        id,
        title: format!("第{id}篇 <b>"),
        script: Script::Simplified,
        language: Some(Language::of_code("zh")),
        site: Some("news.example".into()),
        published_at: Some("2024-03-05T08:00:00Z".parse().unwrap()),
        updated_at: None,
        first_seen_at: None,
        status: Status::Ok,
        revision_count: 1,
    }
}

#[test]
fn a_long_list_has_pages() {
    let total = PAGE_LENGTH * 2 + 1;
    let addresses =
        ["m/index.html", "m/index-2.html", "m/index-3.html"].map(str::to_owned).to_vec();
    let mut list = ListPages::new("March 2024".into(), total, addresses, Grouping::Days);
    list.earlier = Some(("February 2024".into(), "2024-02/index.html".into()));
    let mut pages: Vec<(String, String)> =
        (0..total).filter_map(|id| list.add(&head(id as i64), "存档")).collect();
    pages.extend(list.take_page("存档"));
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["m/index.html", "m/index-2.html", "m/index-3.html"]);
    let entries: Vec<usize> = (pages.iter())
        .map(|(_, page)| select(&Html::parse_document(page), ".articles > li").len())
        .collect();
    assert_eq!(entries, [500, 500, 1]);
    let middle = Html::parse_document(&pages[1].1);
    let links = ["First page", "Previous page", "Next page", "Last page", "Earlier: February 2024"];
    assert_eq!(texts(&middle, ".pages a"), links);
    insta::assert_snapshot!(pages[2].1);
}

#[test]
fn a_list_in_a_quotation_is_both() {
    let article = article(&[
        ("quote1", "他说："),
        ("quote1", "1.\u{1}甲"),
        ("quote1", "•\u{1}乙"),
        ("quote2", "丙"),
    ]);
    let content = crate::view::content::Content::of(&article, Asides::Captions);
    assert_eq!(
        super::fragment(&content).trim_end(),
        "<blockquote><p>他说：</p><ol><li>甲</li></ol><ul><li>乙</li></ul>\
         <blockquote><p>丙</p></blockquote></blockquote>"
    );
}
