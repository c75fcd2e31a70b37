//! The authors and tags of a page.

use super::{article, document};
use crate::extract::extract;
use crate::model::{Author, ParsedDocument, Sha256, Tag, TagKind};

const TEXT: &str =
    "<p>天亮以前下过雨，河边的路还是湿的，早起的人把门打开，把昨天的报纸收进屋里。</p>";

#[track_caller]
fn check_author(html: &str, author: Option<&str>) {
    assert_eq!(article(html).author.as_deref(), author, "{html}");
}

#[test]
fn who_is_marked_as_the_author() {
    check_author(&format!("<p class=byline>作者：某甲</p>{TEXT}"), Some("某甲"));
    check_author(&format!("<a rel=author href=/u>Anna Example</a>{TEXT}"), Some("Anna Example"));
    check_author(
        &format!("{TEXT}<div class=post-author><b>By</b> Anna Example</div>"),
        Some("Anna Example"),
    );
    check_author(&format!("<address class=author>某甲</address>{TEXT}"), Some("某甲"));
    check_author(
        &format!("<address>By <a rel=author href=/u>某甲</a></address>{TEXT}"),
        Some("某甲"),
    );
    check_author(&format!("<p>文／某甲</p>{TEXT}"), Some("某甲"));
    check_author(&format!("<p>某甲<br>2020-10-11T07:41:52.911Z</p>{TEXT}"), Some("某甲"));
    check_author(&format!("<p>責任編輯：某丙</p><p>記者某甲／台北報導</p>{TEXT}"), Some("某甲"));
    check_author(
        &format!("<p class=byline>Translated by Bob Muster</p><p>文／某甲</p>{TEXT}"),
        Some("某甲"),
    );
    check_author(
        &format!("<p class=byline>Translated by Bob Muster</p>{TEXT}"),
        Some("Bob Muster"),
    );
    // The first that is a name.
    let two = "<p class=author>作者</p><p class=author>某甲</p>";
    check_author(&format!("{two}{TEXT}"), Some("某甲"));
}

/// Roles of contributors; editors work on articles and do not write them.
#[test]
fn all_who_are_named_have_their_role() {
    let named = |html: &str| {
        let article = article(&format!("{html}{TEXT}"));
        let role = |author: &Author| author.role.map_or("?", |role| role.as_str());
        let names =
            article.authors.iter().map(|author| format!("{} {}", author.name, role(author)));
        (article.author.clone().unwrap_or_default(), names.collect::<Vec<_>>().join("|"))
    };
    let is = |author: &str, authors: &str| (author.to_owned(), authors.to_owned());
    assert_eq!(
        named("<p class=byline>文／某甲　摄影／某乙　责编／某丙</p>"),
        is("某甲", "某甲 author|某乙 photographer|某丙 editor")
    );
    assert_eq!(named("<p>記者某甲／台北報導</p>"), is("某甲", "某甲 reporter"));
    assert_eq!(
        named("<p class=byline>By Anna Example and Bob Muster</p>"),
        is("Anna Example and Bob Muster", "Anna Example author|Bob Muster author")
    );
    assert_eq!(
        named("<p class=byline>Translated by Bob Muster</p>"),
        is("Bob Muster", "Bob Muster translator")
    );
    assert_eq!(named("<p>責任編輯：某丙</p>"), is("", "某丙 editor"));
    assert_eq!(named(""), is("", ""));
}

#[test]
fn what_is_no_author() {
    for html in [
        "<address>某市桥头路 12 号</address>",
        "<address>某甲出版社</address>",
        "<blockquote><p>水退了。</p><footer class=author>某甲</footer></blockquote>",
        "<blockquote>水退了。<cite class=author>某甲</cite></blockquote>",
        "<figure><img src=a.jpg><span class=author>某甲</span></figure>",
        "<div class=comment><b class=comment-author>某甲</b><p>好。</p></div>",
        "<div class=related-posts><span class=author>某甲</span></div>",
        "<p class=author>他在桥头住了二十年，写过三本书。</p>",
        "<p class=byline>它还在吗？</p>",
        "<p class=author>2020-10-11</p>",
    ] {
        check_author(&format!("{TEXT}{html}"), None);
    }
    let named = ParsedDocument { author: Some("某乙".to_owned()), ..document("雨", TEXT) };
    assert_eq!(extract(&named, &Sha256::default()).author.as_deref(), Some("某乙"));
}

#[test]
fn links_say_what_the_page_is_about() {
    let html = format!(
        "{TEXT}<p class=post-tags><a rel=tag href=/t/1>城市</a> <a rel='tag nofollow' href=/t/2>#书</a>\
         <a rel='category tag' href=/c/1>文化</a> <a rel=tag href=/t/1>城市</a>\
         <a rel=tag href=/t/3></a></p>\
         <div class=related-posts><a rel='category tag' href=/c/2>体育</a></div>"
    );
    let header = Tag { name: "书".to_owned(), kind: TagKind::Tag };
    let document = ParsedDocument { tags: vec![header], ..document("雨", &html) };
    let tags = extract(&document, &Sha256::default()).tags;
    let tags: Vec<_> = tags.iter().map(|tag| (tag.kind, tag.name.as_str())).collect();
    assert_eq!(tags, [(TagKind::Tag, "书"), (TagKind::Tag, "城市"), (TagKind::Category, "文化")]);
}
