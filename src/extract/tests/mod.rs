mod addresses_in_text;
mod authors_and_tags;
mod forms;
mod formula_forms;
mod furniture;
mod letters;
mod pages;
mod pictures;

use super::*;
use crate::model::{Format, LinkKind, PageLimit, Published};
use std::path::{Path, PathBuf};

pub(in crate::extract) fn document(title: &str, html: &str) -> ParsedDocument {
    ParsedDocument {
        format: Format::A,
        encoding: "utf-8".to_owned(),
        title: title.to_owned(),
        url: Some("https://www.news.example/a/1".to_owned()),
        published: Published::Absent,
        author: None,
        language: None,
        tags: Vec::new(),
        site_name: None,
        saved_at: None,
        html: html.to_owned(),
    }
}

pub(in crate::extract) fn article(html: &str) -> Article {
    extract(&document("雨后的图书馆", html), &Sha256::default())
}

/// Compares the blocks, one per line as `kind: text`.
#[track_caller]
fn check(html: &str, expected: &[&str]) {
    let article = article(html);
    let blocks: Vec<String> = article
        .blocks
        .iter()
        .map(|block| format!("{}: {}", block.kind.as_str(), block.text))
        .collect();
    assert_eq!(blocks, expected, "{html}");
}

#[test]
fn text_outside_paragraphs() {
    check(
        "<p>甲一。<br/><div><img src=a.jpg><div class='image-caption'>图</div></div>乙二。<br/> <br/>丙三。</p>",
        &["paragraph: 甲一。", "caption: 图", "paragraph: 乙二。", "paragraph: 丙三。"],
    );
    check("甲<p>乙</p>丙", &["paragraph: 甲", "paragraph: 乙", "paragraph: 丙"]);
}

#[test]
fn line_breaks() {
    check("<p>甲<br>乙<br/>\u{a0}<br/>丙</p>", &["paragraph: 甲\n乙", "paragraph: 丙"]);
    check("<p>甲<br>\n  乙</p>", &["paragraph: 甲\n乙"]);
    check("<p>雨\n    停了</p>", &["paragraph: 雨停了"]);
    check("<p>the rain\n stopped</p>", &["paragraph: the rain stopped"]);
    check("<p></p><p>&nbsp;</p><p> </p></p></span><p>甲</p>", &["paragraph: 甲"]);
}

#[test]
fn raw_text_is_never_entered() {
    check(
        "<p>甲<noscript><img src='b.jpg'>乙</noscript><script>var a='丙'</script><style>丁</style></p>\
         <template><p>戊</p></template><iframe src='https://v.example/1'>己</iframe>",
        &["paragraph: 甲"],
    );
}

#[test]
fn headings_and_leads() {
    check(
        "<p><strong>连下三天的雨停了，城东的图书馆今天早晨重新开门，门口排起了长队。</strong></p>\
         <p><b>排队的人</b></p><p>清早。</p><p>**借书的人**</p><p>中午。</p>",
        &[
            "lead: 连下三天的雨停了，城东的图书馆今天早晨重新开门，门口排起了长队。",
            "heading: 排队的人",
            "paragraph: 清早。",
            "heading: **借书的人**",
            "paragraph: 中午。",
        ],
    );
    check("<h1>雨后的图书馆</h1><p>甲。</p>", &["boilerplate: 雨后的图书馆", "paragraph: 甲。"]);
    check("<p><b>借书的人</b><br>中午。</p>", &["heading: 借书的人", "paragraph: 中午。"]);
}

#[test]
fn lists_are_content_or_related() {
    let list = "<ul><li><a href='/b'>另一篇</a></li><li><a href='/c'>又一篇</a></li></ul>";
    check(
        &format!("<p>雨停了，图书馆开门了，人们来了。</p>{list}<p>他们借书。</p>"),
        &[
            "paragraph: 雨停了，图书馆开门了，人们来了。",
            "related: 另一篇",
            "related: 又一篇",
            "paragraph: 他们借书。",
        ],
    );
    check(
        "<ul><li><p><a href='/b'>雨停了</a>。图书馆开门了，人们来了。</p></li><li>又晴。</li></ul>",
        &["list_item: 雨停了。图书馆开门了，人们来了。", "list_item: 又晴。"],
    );
    check(list, &["list_item: 另一篇", "list_item: 又一篇"]);
    check(
        "<p>相关阅读：<a href='/b'>另一篇</a></p><p>甲。</p>",
        &["related: 相关阅读：另一篇", "paragraph: 甲。"],
    );
}

#[test]
fn captions_and_credits() {
    check(
        "<img src='a.jpg'><div><small>门口的队伍</small></div><p>甲。</p>",
        &["caption: 门口的队伍", "paragraph: 甲。"],
    );
    check(
        "<figure><img src='a.jpg'><p role=text class='Copyright-x'>图像来源，某社</p></figure><p>甲。</p>",
        &["credit: 图像来源，某社", "paragraph: 甲。"],
    );
    let article = article(
        "<figure><img src=a.jpg alt=门><figcaption>门口</figcaption></figure><p>雨停了，人们来了。</p>",
    );
    assert_eq!(article.media[0].caption.as_deref(), Some("门口"));
    assert_eq!(article.media[0].alt.as_deref(), Some("门"));
}

#[test]
fn tables_and_listings() {
    check(
        "<table><tr><th>日</th><th>人数</th></tr><tr><td>一</td><td>三<br>百</td></tr></table>",
        &["table_row: 日\t人数", "table_row: 一\t三 百"],
    );
    check(
        "<table><tr><td><p>甲。</p><p>乙。</p></td></tr></table>",
        &["paragraph: 甲。", "paragraph: 乙。"],
    );
    check(
        "<pre>\nfn a() {\n    b\n}\n</pre><p>甲</p>",
        &["preformatted: fn a() {\n    b\n}", "paragraph: 甲"],
    );
    check("<ul><li>甲<ul><li>乙</li></ul></li></ul>", &["list_item: 甲", "list_item: 乙"]);
    check(
        "<blockquote>甲<br>乙<blockquote>丙</blockquote></blockquote>",
        &["quote: 甲\n乙", "quote: 丙"],
    );
}

#[test]
fn furniture_is_marked() {
    check(
        "<p>甲。</p><div><div>分享 :</div><a href='https://x.com/intent/tweet?url=u'><span></span></a></div>",
        &["paragraph: 甲。", "boilerplate: 分享 :"],
    );
    check(
        "<p>甲。</p><p>© 2020 AFP</p><hr><div>获取更多RSS：<br><a href=https://feedx.net>https://feedx.net</a></div>",
        &[
            "paragraph: 甲。",
            "boilerplate: © 2020 AFP",
            "boilerplate: 获取更多RSS：\nhttps://feedx.net",
        ],
    );
    check(
        "<p>甲。<br>翻译：乙丙<br>点击查看本文英文版。</p>",
        &["paragraph: 甲。", "byline: 翻译：乙丙", "boilerplate: 点击查看本文英文版。"],
    );
    check(
        "<p>甲。</p><p>———</p><aside>乙</aside>",
        &["paragraph: 甲。", "boilerplate: ———", "boilerplate: 乙"],
    );
}

#[test]
fn what_reads_as_a_heading() {
    let rest = "<p>雨停了，图书馆开门了。</p>".repeat(3);
    let kind = |bold: &str| {
        let html = format!("<p>雨停了，图书馆开门了。</p><p><b>{bold}</b></p>{rest}");
        article(&html).blocks[1].kind
    };
    assert_eq!(kind("图书馆为什么重新开门？"), BlockKind::Heading);
    assert_eq!(kind("第一章：重新开门"), BlockKind::Heading);
    // Questions of an interview, and sentences.
    assert_eq!(kind("本报：图书馆为什么重新开门？"), BlockKind::Paragraph);
    assert_eq!(kind("我说了很多。该你说了？"), BlockKind::Paragraph);
    assert_eq!(kind("图书馆今天重新开门。"), BlockKind::Paragraph);
}

#[test]
fn the_title_under_a_name_is_no_content() {
    check(
        "<p>雨声周刊</p><h2>雨后的图书馆</h2><p>雨停了，图书馆开门了。</p>",
        &["paragraph: 雨声周刊", "boilerplate: 雨后的图书馆", "paragraph: 雨停了，图书馆开门了。"],
    );
}

#[test]
fn a_list_that_the_text_leads_up_to_is_content() {
    let text = "<p>雨停了，图书馆开门了，门口排着队。</p>".repeat(4);
    let list = |before: &str, href: &str, item: &str| {
        let html =
            format!("{text}<p>{before}</p><ul><li><a href='{href}'>{item}</a></li></ul>{text}");
        article(&html).blocks[5].kind
    };
    let away = "https://other.example/1";
    assert_eq!(list("考试的网址在这里：", away, "考试说明"), BlockKind::ListItem);
    assert_eq!(list("相关阅读：", away, "考试说明"), BlockKind::Related);
    assert_eq!(list("雨停了。", away, "考试说明"), BlockKind::Related);
    // Other articles, of this site or by their titles.
    assert_eq!(list("我们写过的这些：", "/2", "另一篇"), BlockKind::Related);
    assert_eq!(list("我们写过的这些：", away, "《另一篇》"), BlockKind::Related);
}

#[test]
fn headings_over_nothing_behind_furniture() {
    check(
        "<p>雨停了。</p><h3>相关阅读</h3><ul><li><a href='/1'>另一篇</a></li></ul><h1>肆</h1>",
        &["paragraph: 雨停了。", "related: 相关阅读", "related: 另一篇", "boilerplate: 肆"],
    );
}

#[test]
fn a_token_never_condemns_the_text() {
    let text = "雨停了，图书馆开门了。".repeat(5);
    check(
        &format!("<div class='comment-by-node-author'><p>{text}</p></div>"),
        &[&format!("paragraph: {text}")],
    );
    let comments = format!("<div id='comments'><p>{}</p></div>", "好文。".repeat(200));
    let blocks = article(&format!("<p>{text}</p>{comments}")).blocks;
    assert_eq!(blocks[1].kind, BlockKind::Boilerplate);
    // The label of a field is hidden, not the field.
    let fields = format!("<div class='field field-label-hidden'><p>{text}</p></div>").repeat(3);
    let blocks = article(&fields).blocks;
    assert!(blocks.iter().all(|block| block.kind == BlockKind::Paragraph));
}

#[test]
fn a_conversation_is_the_article() {
    let long = "他们说，雨停了以后图书馆重新开门，这件事还要再谈一谈。".repeat(20);
    let comments = |class: &str, text: &str, answer: &str| {
        let one = format!("<article class='{class}'><h3>甲乙</h3><p>{text}</p></article>");
        let html = format!(
            "<p>编者的话：雨停了以后，图书馆重新开门，我们请几位读者和管理员一起来谈一谈这件事，下面是他们所说的。</p><div id='comments'><h2>对谈</h2>{}{answer}</div>",
            one.repeat(3)
        );
        article(&html).blocks
    };
    let is_kept = |blocks: Vec<Block>| {
        blocks.iter().filter(|block| block.text.len() > 60).all(|block| block.kind.is_content())
    };
    assert!(is_kept(comments("comment comment-by-node-author", &long, "")));
    assert!(is_kept(comments("comment", &long, "")));
    // Readers can answer, or write little.
    let answer = "<a class='comment-reply'>回复</a><div class='comment-reply'>回复</div>";
    assert!(!is_kept(comments("comment", &long, answer)));
    assert!(!is_kept(comments("comment", &"好文，转了。".repeat(6), "")));
}

#[test]
fn hidden_addresses_and_glyphs() {
    let hidden: String = std::iter::once(0x2du8)
        .chain("a@b.example".bytes().map(|byte| byte ^ 0x2d))
        .map(|byte| format!("{byte:02x}"))
        .collect();
    check(
        &format!(
            "<p>写信给<a class='__cf_email__' data-cfemail='{hidden}' href='/cdn-cgi/l/email-protection'>[email protected]</a>。</p>"
        ),
        &["paragraph: 写信给a@b.example。"],
    );
    check(
        "<p>好<img class=emoji alt='😀' src='https://s.example/1f600.png'></p>",
        &["paragraph: 好😀"],
    );
}

#[test]
fn media_rows() {
    let article = article(
        "<img src='https://i0.wp.com/a.example/b.jpg?w=3'><noscript><img src='b.jpg'></noscript>\
         <img src='data:image/gif;base64,AA' data-src='/c.jpg'><img src='/c.jpg'><img src=''>\
         <img src='/p.gif' width=1 height=1><picture><source srcset='/s.jpg 1x, /l.jpg 2x'><img></picture>\
         <iframe data-src='https://v.example/1' src='data:x'></iframe><video><source src='/v.mp4'></video>",
    );
    let urls: Vec<(&str, &str)> =
        article.media.iter().map(|media| (media.kind.as_str(), media.url.as_str())).collect();
    assert_eq!(
        urls,
        [
            ("image", "https://a.example/b.jpg"),
            ("image", "https://www.news.example/c.jpg"),
            ("image", "https://www.news.example/l.jpg"),
            ("embed", "https://v.example/1"),
            ("video", "https://www.news.example/v.mp4"),
        ]
    );
}

#[test]
fn links_know_their_block() {
    let article = article(
        "<p>甲<a href='/b'>乙</a></p><p>丙<br><br><a href='//c.example/d'>丁</a></p><a href='#'></a>",
    );
    let links: Vec<_> = article
        .links
        .iter()
        .map(|link| {
            (link.block, link.kind, link.url.as_str(), link.text.as_str(), link.is_internal)
        })
        .collect();
    assert_eq!(
        links,
        [
            (Some(0), LinkKind::Content, "https://www.news.example/b", "乙", true),
            (Some(2), LinkKind::Content, "https://c.example/d", "丁", false),
            (None, LinkKind::Anchor, "https://www.news.example/a/1#", "", true),
        ]
    );
}

#[test]
fn statuses() {
    let status = |html: &str| article(html).status;
    let text = "雨停了，图书馆开门了。".repeat(5);
    assert_eq!(status(&format!("<p>{text}</p>")), Status::Ok);
    assert_eq!(status("<p>雨停了。</p>"), Status::Stub);
    assert_eq!(status(&format!("<p>{text}</p><p>阅读全文</p>")), Status::Stub);
    assert_eq!(status(&format!("<p>{text}</p><p>Continue reading on Medium »</p>")), Status::Stub);
    assert_eq!(status("<iframe src='https://v.example/1'></iframe>"), Status::Empty);
    assert_eq!(status("<h1>雨后的图书馆</h1>"), Status::Empty);
    let bomb = article(&"<div>".repeat(100_000));
    assert_eq!((bomb.status, bomb.text_sha256), (Status::Unparsed, None));
    assert_eq!(bomb.status_detail, Some(PageLimit::TooDeep));
}

#[test]
fn the_cutting_does_not_change_the_text_hash() {
    let one = article("<p>甲，乙。</p><p>丙 丁</p>");
    let other = article("甲，<br>乙。丙\u{200b}丁");
    assert_eq!(one.text_sha256, other.text_sha256);
}

#[test]
fn the_reference_seed() {
    let bytes = include_bytes!("../../../seeds/000_1649f93ecfe387c8.txt");
    let document = crate::format::parse(bytes).unwrap();
    let article = extract(&document, &Sha256::default());
    let content: Vec<BlockKind> =
        article.blocks.iter().map(|block| block.kind).filter(|kind| kind.is_content()).collect();
    assert_eq!(content, [&[BlockKind::Lead][..], &[BlockKind::Paragraph; 6]].concat());
    assert_eq!(article.published.at().unwrap().to_string(), "2024-02-04T23:45:02Z");
    assert_eq!(article.host.as_deref(), Some("rfi.fr"));
    assert_eq!(article.dateline.as_deref(), Some("05/02/2024 - 00:35"));
    let shares = article.links.iter().filter(|link| link.kind == LinkKind::Share).count();
    assert_eq!((shares, article.links.len(), article.media.len()), (4, 4, 1));
}

/// The real documents beside the checkout, with their paths; none, with a message, if there are none.
pub(in crate::extract) fn corpus() -> Vec<(PathBuf, ParsedDocument)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("SKIPPED: no corpus beside the checkout");
        return Vec::new();
    }
    let folders = ["seeds", "posts", "news"].map(|folder| std::fs::read_dir(corpus.join(folder)));
    let paths = folders.into_iter().flat_map(Result::unwrap).map(|entry| entry.unwrap().path());
    let parsed = |path: &Path| crate::format::parse(&std::fs::read(path).unwrap()).unwrap();
    let documents: Vec<_> = paths.map(|path| (path.clone(), parsed(&path))).collect();
    assert!(documents.len() > 1_000, "{}", documents.len());
    documents
}
