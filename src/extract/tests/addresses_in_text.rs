//! Addresses written in the text of a page.

use super::{article, document};
use crate::extract::{Article, extract};
use crate::model::{LinkKind, ParsedDocument, Sha256};

/// Kind, block and text of each link.
fn links(article: &Article) -> Vec<String> {
    let place = |block: Option<usize>| block.map_or("-".to_owned(), |block| block.to_string());
    let links = article.links.iter();
    links.map(|l| format!("{} {} {}", l.kind.as_str(), place(l.block), l.text)).collect()
}

#[track_caller]
fn check(html: &str, expected: &[&str]) {
    assert_eq!(links(&article(html)), expected, "{html}");
}

#[test]
fn addresses_are_links_of_their_block() {
    check(
        "<p>雨停了。</p><p>录像在 https://v.example/w?a=1&amp;t=30s，图纸（https://f.example/p.pdf）也在。</p>",
        &["content 1 https://v.example/w?a=1&t=30s", "content 1 https://f.example/p.pdf"],
    );
    let bare = &article("<p>看youtu.be/AbC，和https://例子.example/路径。</p>").links;
    assert_eq!(bare[0].url, "https://youtu.be/AbC");
    assert_eq!(bare[0].href, "youtu.be/AbC");
    assert_eq!(bare[0].host.as_deref(), Some("youtu.be"));
    assert_eq!(bare[1].url, "https://xn--fsqu00a.example/%E8%B7%AF%E5%BE%84");
    let own = &article("<p>上一篇：https://www.news.example/a/0</p>").links[0];
    assert!(own.is_internal);
}

#[test]
fn links_and_code_are_no_addresses() {
    check(
        "<p>一 https://a.example/1 二<a href=//b.example/2>https://b.example/2</a>三https://c.example/3！</p>",
        &[
            "content 0 https://a.example/1",
            "content 0 https://b.example/2",
            "content 0 https://c.example/3",
        ],
    );
    check("<p>命令是 <code>git clone https://g.example/b.git</code>，不要抄。</p>", &[]);
    check("<pre><code>curl https://a.example/1\n</code></pre>", &[]);
    check("<p><kbd>www.a.example</kbd>和<samp>https://a.example/1</samp></p>", &[]);
    check("<p><a href=/x><b>https://</b>a.example/1</a></p>", &["content 0 https://a.example/1"]);
    check(
        "<p>https://a.example/1<a href=#n>[1]</a></p>",
        &["content 0 https://a.example/1", "anchor 0 [1]"],
    );
}

#[test]
fn what_the_text_makes_of_elements_does_not_move_them() {
    check("<p><b>https://</b>a.example<wbr>/1</p>", &["content 0 https://a.example/1"]);
    check(
        "<p>10<sup>9</sup>和<del>https://a.example/1</del></p>",
        &["content 0 https://a.example/1"],
    );
    check(
        "<p>甲<br>https://a.example/1<br>https://a.example/2</p>",
        &["content 0 https://a.example/1", "content 0 https://a.example/2"],
    );
    check(
        "<table><tr><td>甲</td><td>https://a.example/1</td></tr><tr><td>乙</td><td>丙</td></tr></table>",
        &["content 0 https://a.example/1"],
    );
    // A block that is split later.
    check(
        "<p><b>借书的人</b><br>中午，见 https://a.example/1。</p><p>雨。<br>翻译：乙 www.b.example</p>",
        &["content 1 https://a.example/1", "content 3 www.b.example"],
    );
}

#[test]
fn they_change_no_kind() {
    let html = "<p>雨停了，人们来了，门口排着队。</p><p>https://t.me/example</p><ul><li>https://a.example/1</li></ul>";
    let article = article(html);
    let kinds: Vec<_> = article.blocks.iter().map(|block| block.kind.as_str()).collect();
    assert_eq!(kinds, ["paragraph", "paragraph", "list_item"]);
    assert!(article.links.iter().all(|link| link.kind == LinkKind::Content));
    let furniture = "<p>雨停了。</p><aside>更多：https://a.example/1</aside>";
    check(furniture, &["related 1 https://a.example/1"]);
}

#[test]
fn markdown_and_plain_text() {
    let html = "<p>A line.</p>\n<p>See https://en.example/wiki/Bridge_(river), or (https://en.example/b).</p>";
    let article = extract(&ParsedDocument { ..document("雨后", html) }, &Sha256::default());
    assert_eq!(
        links(&article),
        ["content 1 https://en.example/wiki/Bridge_(river)", "content 1 https://en.example/b"]
    );
}
