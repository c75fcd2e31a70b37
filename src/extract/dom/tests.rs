//! Tests of the limits, and of the fast path against html5ever.

use super::*;

fn parsed(html: &str) -> Result<Tree, PageLimit> {
    parse(html, &Budget::of(html.len()))
}

#[track_caller]
fn check(html: &str, broken: Option<PageLimit>) {
    assert_eq!(parsed(html).err(), broken, "{}", &html[..html.len().min(60)]);
}

#[test]
fn limits() {
    check("<p>文</p>", None);
    check("", None);
    check(&"<div>".repeat(1_000), None);
    check(&"<div>".repeat(100_000), Some(PageLimit::TooDeep));
    check(&"<p>文".repeat(100_000), None);
    check(&"<p>文".repeat(130_000), Some(PageLimit::TooManyNodes));
    let fonts: String = (0..4_000).map(|n| format!("<p><font color={n}>")).collect();
    check(&fonts, Some(PageLimit::TooManyNodes));
    check(&"<b><p>".repeat(10_000), None);
    check(&"<table><tr><td>".repeat(20_000), Some(PageLimit::TooDeep));
    check(&format!("<p>文<br {}>", "a ".repeat(3_000_000)), Some(PageLimit::TooManyAttributes));
    let many = |count: usize| (0..count).map(|n| format!(" a{n}=\"b c d\"")).collect::<String>();
    check(&format!("<p{}>", many(1_000)), None);
    check(&format!("<p{}>", many(1_001)), Some(PageLimit::TooManyAttributes));
    check(&format!("<p{}", many(1_000_000)), Some(PageLimit::TooManyAttributes));
    // In any form of the tag, and after any text.
    for start in ["<p a= '>' ", "<p>文</p><p a='<' ", "<!-- > --><p ", "<p =='>'", "文<3<p/ "] {
        let html = format!("{start}{}", many(1_000_000));
        check(&html, Some(PageLimit::TooManyAttributes));
    }
    check(&format!("<p>文<!-- <p{} -->", many(2_000)), None);
    check(&format!("<p>{}", "a = b / c ".repeat(200_000)), None);
    check(&format!("<p title='{}'>", "a b ".repeat(200_000)), None);
    check(&format!("<script>{}</script>", "a b ".repeat(200_000)), None);
    check(&format!("<script>i<b {}</script>", "a b ".repeat(200_000)), None);
}

/// A tree as text: the depth and the content of each node.
fn dump_of<N: Copy>(
    root: N,
    written: impl Fn(N) -> String,
    children: impl Fn(N) -> Vec<N>,
) -> String {
    let mut lines = String::new();
    let mut open = vec![(0, root)];
    while let Some((depth, node)) = open.pop() {
        lines.push_str(&format!("{depth} {}\n", written(node)));
        open.extend(children(node).into_iter().rev().map(|child| (depth + 1, child)));
    }
    lines
}

fn written<'a>(name: &str, attributes: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort_unstable();
    format!("<{name} {attributes:?}>")
}

fn dump(tree: &Tree) -> String {
    let node = |node: NodeRef<'_>| match node.node() {
        Node::Element(element) => written(element.name(), element.attrs()),
        Node::Text(text) => format!("{:?}", &**text),
        Node::Other => "-".to_owned(),
    };
    dump_of(tree.root(), node, |node| node.children().collect())
}

/// The same for the tree of scraper, which uses html5ever's tokenizer and its own sink.
fn dump_of_scraper(html: &str) -> String {
    use scraper::{Html, Node};
    let html = Html::parse_fragment(html);
    dump_of(
        html.tree.root(),
        |node| match node.value() {
            Node::Element(element) => written(element.name(), element.attrs()),
            Node::Text(text) => format!("{:?}", &**text),
            _ => "-".to_owned(),
        },
        |node| node.children().collect(),
    )
}

#[track_caller]
fn check_tree(html: &str) {
    let tree = parsed(html).unwrap();
    assert_eq!(dump(&tree), dump_of_scraper(html), "{html:?}");
}

/// How many bytes of a document used the fast path.
fn fast_length(html: &str) -> usize {
    fast_path::parse(html, &tokenizer(&Budget::of(html.len()))).unwrap()
}

#[test]
fn plain_markup_takes_the_fast_path() {
    let mut html =
        String::from("<div class=\"a b\" id='c' hidden data-n=7>文&nbsp;&#39;&#x4e2d;&amp;<br/>");
    html.push_str("<a href=\"https://news.example/?a=1&amp;b=2&c=3\">文\r\n文</a ><!-- 文 -- > --> AT&T & <hr />");
    assert_eq!(fast_length(&html), html.len());
    let tree = parsed(&html).unwrap();
    let texts: String = tree
        .root()
        .descendants()
        .filter_map(|node| match node.node() {
            Node::Text(text) => Some(&**text),
            _ => None,
        })
        .collect();
    assert_eq!(texts, "文\u{a0}'中&文\n文 AT&T & ");
    let links =
        tree.root().descendants().find_map(|node| node.element()?.attr("href").map(str::to_owned));
    assert_eq!(links.unwrap(), "https://news.example/?a=1&b=2&c=3");
    // A tag in an unusual form does not end the fast path; an ambiguous construct does.
    for (html, rest) in [
        ("<P>文<p a=b\"c>文&copy文<p>文<p>", ""),
        ("<p>文<script>i<b && '</a>'</script>文", ""),
        ("<p>文<svg><![CDATA[<p>]]></svg>文", "<svg><![CDATA[<p>]]></svg>文"),
        ("<p>文<!doctype html>文", "<!doctype html>文"),
        ("<p>文<3", "<3"),
        ("<p>文</ p>", "</ p>"),
        ("<p>文<!-- --!>文", "<!-- --!>文"),
        ("<p>文<title>文", "文"),
        ("<p>文<a href='", "<a href='"),
    ] {
        assert_eq!(&html[fast_length(html)..], rest, "{html}");
        check_tree(html);
    }
}

const REFERENCES: [&str; 49] = [
    "&amp;",
    "&amp",
    "&AMP",
    "&ampx",
    "&lt;",
    "&lt=",
    "&notit;",
    "&notin;",
    "&not",
    "&xyz;",
    "&xyz",
    "&",
    "&&amp;",
    "&;",
    "&#",
    "&#x",
    "&#;",
    "&#65;",
    "&#65",
    "&#x41;",
    "&#X41",
    "&#0;",
    "&#128;",
    "&#x9f;",
    "&#xd800;",
    "&#x110000;",
    "&#99999999;",
    "&#+65;",
    "&#-1;",
    "&#13;",
    "&NotEqualTilde;",
    "&fjlig;",
    "&CounterClockwiseContourIntegral;",
    "&yen",
    "&thetasym;",
    "&frac12",
    "&middot=",
    "&Ccedil1",
    "\r",
    "\r\n",
    "\n\r",
    "\0",
    "\u{feff}",
    "\u{1}",
    "&#65;\r",
    "&文",
    "&a&amp;b",
    "&a=&amp;",
    "&amp;&lt",
];

/// Every element with a meaning of its own, alone and among others.
#[test]
fn both_ways_give_one_tree_of_every_element() {
    let names = "a abbr address applet area article aside audio b base basefont bgsound big blockquote body br \
        button canvas caption center cite code col colgroup dd details dir div dl dt em embed fieldset figure \
        font footer form frame frameset h1 h6 head header hr html i iframe image img input isindex keygen label \
        li link listing main marquee math menu meta nav nobr noembed noframes noscript object ol optgroup \
        option p param picture plaintext pre rb rp rt rtc ruby s script section select selectedcontent small \
        source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead \
        time title tr track tt u ul var video wbr xmp x-own";
    for name in names.split_whitespace() {
        for html in [
            format!("<{name}>\n文<b>文</{name}>文</b>文"),
            format!("<table><tr><{name} a=b c>文<p></{name}>文</table>文"),
            format!("<p><a href=b><{name}/>文<{name}><a>文</{name}></a>文</p>文"),
            format!("<select><{name}>文<option>文</{name}></select>文"),
            format!("</{name}>文</{name} a>文<{name} a='b'c>文"),
        ] {
            check_tree(&html);
        }
    }
}

/// Character references in every place, alone and among others, well-formed and broken.
#[test]
fn both_ways_give_one_tree_of_every_reference() {
    for reference in REFERENCES {
        for html in [
            format!("文{reference}"),
            format!("<p>{reference}<b>文{reference} 文{reference}文{reference}a{reference}=</b>"),
            format!("<a href='{reference}' id=\"a{reference}b={reference}&c\" rel={reference}>文"),
            format!(
                "<pre>{reference}文</pre><textarea>{reference}文</textarea><xmp>{reference}</xmp>"
            ),
            format!("<a {reference}>文</a {reference}>文<{reference}>文</{reference}>"),
        ] {
            check_tree(&html);
        }
    }
}

/// The references that need no semicolon are no longer than the fast path expects.
#[test]
fn bare_references() {
    let bare = html5ever::data::NAMED_ENTITIES.entries();
    let bare = bare.filter(|(name, found)| found.0 != 0 && !name.ends_with(';'));
    assert_eq!(bare.map(|(name, _)| name.len()).max(), Some(fast_path::LONGEST_BARE));
}

#[test]
fn both_ways_give_one_tree_of_real_documents() {
    let (mut all, mut plain) = (0, 0);
    for (path, document) in crate::extract::tests::corpus() {
        let html = document.html;
        let tree = parsed(&html).unwrap();
        assert!(dump(&tree) == dump_of_scraper(&html), "{path:?}");
        all += html.len();
        plain += fast_length(&html);
    }
    assert!(plain * 10 >= all * 9, "{plain} of {all} bytes went the fast path");
}

proptest::proptest! {
    #[test]
    fn both_ways_give_one_tree_of_anything(pieces in proptest::collection::vec(piece(), 0..24)) {
        let html = pieces.concat();
        let tree = parsed(&html).unwrap();
        proptest::prop_assert_eq!(dump(&tree), dump_of_scraper(&html));
        proptest::prop_assert!(does_fast_path_agree(&html));
    }
}

/// Pieces of documents, well-formed and broken.
fn piece() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    use proptest::string::string_regex;
    let name = "a|b|p|div|li|ul|td|tr|table|h2|br|img|i|font|span|script|style|svg|math|title|select|form|P|template|pre";
    prop_oneof![
        4 => string_regex(&format!("<({name})>")).unwrap(),
        4 => string_regex(&format!("</({name})>")).unwrap(),
        4 => string_regex(&format!(
            "<({name})( (href|class|id)=(\"[a&;= '<>]{{0,6}}\"|'[a&;=\"\\r\\n]{{0,4}}'|[a&=#/]{{1,3}})){{0,3}} ?/?>"
        )).unwrap(),
        4 => "[文a \n]{1,5}",
        2 => "[文a&;#x0-9\r\n\0=<>/!\"'-]{1,6}",
        2 => "&(amp|lt|gt|nbsp|copy|not|#38|#x26|quot|hellip);?",
        1 => "<!-{0,2}[a>!-]{0,4}-{0,2}!?>?",
        1 => "<!\\[CDATA\\[a<b>\\]\\]>|</|<|<[?]a>|<a|='|-->",
    ]
}
