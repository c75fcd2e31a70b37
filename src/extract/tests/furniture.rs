//! What is recognised as furniture of a page, and what is not.

use super::article;
use crate::model::BlockKind::{
    self, Boilerplate, Byline, Caption, Credit, Paragraph, Quote, Related,
};

/// The rest of the article, with most of its letters.
const BESIDE: &str = "<p>天亮以前下过雨，河边的路还是湿的，早起的人把门打开，把昨天的报纸收进屋里，再把茶烧上。</p>\
    <p>桥修了三个月，今天早上开始通车，先过去的是送菜的车，后来是上学的孩子，一路都有人站着看。</p>";

/// The kinds of the blocks after a text.
fn kinds(html: &str) -> Vec<BlockKind> {
    let blocks = article(&format!("{BESIDE}{html}<p>天黑以前，河水退了下去。</p>")).blocks;
    blocks[2..blocks.len() - 1].iter().map(|block| block.kind).collect()
}

#[track_caller]
fn check(html: &str, expected: BlockKind) {
    assert_eq!(kinds(html), [expected], "{html}");
}

#[test]
fn names_condemn_as_a_whole() {
    for (name, kind) in [
        ("related-posts", Related),
        ("article__share-bar", Boilerplate),
        ("sharedaddy", Boilerplate),
        ("newsletter-signup", Boilerplate),
        ("comments-area", Boilerplate),
        ("post-author", Byline),
        ("img-caption", Caption),
        ("photo-credit", Credit),
        ("visually-hidden", Boilerplate),
        ("credit-card-review", Paragraph),
        ("author-interview", Paragraph),
        ("share-price", Paragraph),
        ("comment-on-law", Paragraph),
        ("promo-film", Paragraph),
        ("hidden-villages", Paragraph),
        ("related-party", Paragraph),
        ("field--label-hidden", Paragraph),
    ] {
        check(&format!("<div class='{name}'><p>桥头的人说得很清楚。</p></div>"), kind);
        check(&format!("<div class='a {name}'><p>桥头的人说得很清楚。</p></div>"), kind);
        check(&format!("<div id='{name}'><p>桥头的人说得很清楚。</p></div>"), kind);
    }
}

#[test]
fn a_heading_is_named_after_itself() {
    assert_eq!(kinds("<h3 id=credit>信用</h3><p>没有年费。</p>"), [BlockKind::Heading, Paragraph]);
    check("<h3 class=comments>评论</h3>", Boilerplate);
}

#[test]
fn a_class_that_is_cancelled_marks_nothing() {
    check("<div class='hidden'><p>桥已经修好。</p></div>", Boilerplate);
    check("<div class='hidden md:block'><p>桥已经修好。</p></div>", Paragraph);
    check("<div class='d-none d-lg-flex'><p>桥已经修好。</p></div>", Paragraph);
    check("<p>说的是<span class='sr-only sm:not-sr-only'>桥</span>。</p>", Paragraph);
    // Another attribute still hides it; collapsed text is found by a search.
    check("<div class='hidden md:block' style='display: none'><p>桥。</p></div>", Boilerplate);
    check("<div hidden class='md:block'><p>桥已经修好。</p></div>", Boilerplate);
    check("<div hidden='until-found'><p>桥已经修好。</p></div>", Paragraph);
}

#[test]
fn long_text_is_not_condemned_by_a_name() {
    let long = "桥头的人说得很清楚，水退以后才看得见桥墩上的裂缝。".repeat(6);
    let long = long.as_str();
    for name in ["promo", "related", "hidden", "byline", "share", "entry-meta", "comment"] {
        let around = format!("{BESIDE}{}", BESIDE.repeat(4));
        let html = format!("{around}<div class='{name}'><p>{long}</p></div>");
        assert_eq!(article(&html).blocks[10].kind, Paragraph, "{name}");
    }
    let around = BESIDE.repeat(5);
    for html in [
        format!("<div id=comments><p>{long}</p></div>"),
        format!("<div style='display:none'><p>{long}</p></div>"),
        format!("<aside class=promo><p>{long}</p></aside>"),
    ] {
        assert_eq!(article(&format!("{around}{html}")).blocks[10].kind, Boilerplate, "{html}");
    }
    let picture = format!("<div><img src=a.jpg><p class=caption>{long}</p></div>");
    assert_eq!(article(&format!("{around}{picture}")).blocks[10].kind, Caption);
}

/// The same for several blocks: a name may be wrong about its content.
#[test]
fn a_long_element_is_not_condemned_by_a_name() {
    let part = "<p>工具放在老街的店里，谁要用就去拿，用完再放回去，十几年下来一件也没有少过。</p>";
    let around = BESIDE.repeat(12);
    let kind = |html: String| article(&format!("{around}{html}")).blocks[24].kind;
    for name in ["id=sharing", "class=advertisement"] {
        assert_eq!(kind(format!("<section {name}>{}</section>", part.repeat(10))), Paragraph);
        assert_eq!(kind(format!("<section {name}>{part}</section>")), Boilerplate);
    }
    assert_eq!(kind(format!("<aside class=share>{}</aside>", part.repeat(10))), Boilerplate);
    assert_eq!(
        kind(format!("<section id=sharing><h2>Sharing</h2>{part}</section>")),
        BlockKind::Heading
    );
    assert_eq!(kind(format!("<section id=related><h2>See also</h2>{part}</section>")), Related);
}

#[test]
fn captions_of_many_makers() {
    for html in [
        "<table class=tr-caption-container><tr><td><img src=a.jpg></tr><tr><td class=tr-caption>门口</tr></table>",
        "<div class=thumbinner><img src=a.jpg><div class=thumbcaption>门口</div></div>",
        "<div class=wp-caption><img src=a.jpg><p class=wp-caption-text>门口</p></div>",
        "<figure><img src=a.jpg><p>门口</p></figure>",
    ] {
        check(html, Caption);
        let found = article(&format!("{BESIDE}{html}"));
        assert_eq!(found.media[0].caption.as_deref(), Some("门口"), "{html}");
    }
    let sixty =
        "Workers at the head of the bridge in the spring before the river was dammed. ".repeat(5);
    let around = BESIDE.repeat(8);
    for (element, kind) in [("figure", Caption), ("div", Paragraph)] {
        let html = format!("{around}<{element}><img src=a.jpg><p>{sixty}</p></{element}>");
        assert_eq!(article(&html).blocks[16].kind, kind, "{element}");
    }
}

#[test]
fn emoji_say_something() {
    check("<p>🎉🎉</p>", Paragraph);
    check("<p>❤\u{fe0f}</p>", Paragraph);
    check("<p>🇫🇷 👩\u{200d}🚀</p>", Paragraph);
    for rule in ["***", "★★★", "——", "↓", "•", "⚪\u{fe0f}", "🔹🔹"] {
        check(&format!("<p>{rule}</p>"), Boilerplate);
    }
}

#[test]
fn who_is_quoted_with_a_link_to_their_page_says_something() {
    let name = |name: &str| format!("<a href='https://weibo.com/1000'>@{name}</a>");
    check(&format!("<blockquote><p>{}：走好。</p></blockquote>", name("看水的老张")), Quote);
    check(&format!("<blockquote>{} 回复 {}：嗯。</blockquote>", name("甲"), name("乙")), Quote);
    check(&format!("<p>{}：一路走好。</p>", name("某甲")), Paragraph);
    check(&format!("<p>照片是{}和{}在桥头拍的。</p>", name("某甲"), name("某乙")), Paragraph);
    check(
        "<p>他的<a href='https://news.example/newsletters/1'>通讯</a>里写过这座桥。</p>",
        Paragraph,
    );
    check("<p>桥修好了，水也退了<a href='javascript:void(0)'></a>。</p>", Paragraph);
}

#[test]
fn hardly_anything_is_said_in_a_bar_of_links() {
    let links = "<a href='https://weibo.com/1000'>微博</a> <a href='https://t.me/example'>电报</a>";
    check(&format!("<p>{links}</p>"), Boilerplate);
    check(&format!("<p>关注我们：{links}</p>"), Boilerplate);
    check(&format!("<blockquote>{links}</blockquote>"), Boilerplate);
    let share = "<a href='https://x.com/intent/tweet?url=u'></a>";
    check(&format!("<div>喜欢这篇文章，就告诉你的朋友：{share}</div>"), Boilerplate);
}

#[test]
fn labels_of_advertisements() {
    check("<section aria-label='Advertisement'><p>新茶上市。</p></section>", Boilerplate);
    check("<section aria-label='广告 2'><p>新茶上市。</p></section>", Boilerplate);
    check("<section aria-label='广告法的修订'><p>新法施行。</p></section>", Paragraph);
    check("<section aria-label='Promotional films'><p>新片上映。</p></section>", Paragraph);
}

#[test]
fn what_stands_beside_the_text_and_belongs_to_it() {
    check("<aside><p>新书上市。</p></aside>", Boilerplate);
    check("<aside role=doc-footnote><p>见水利志。</p></aside>", Paragraph);
    check("<aside epub:type=footnote><p>见水利志。</p></aside>", Paragraph);
    check("<aside class='footnote brackets'><p>见水利志。</p></aside>", Paragraph);
    check("<aside class=quote><blockquote>水退了。</blockquote></aside>", Quote);
    check("<aside class='admonition note'><p>桥面很滑。</p></aside>", Paragraph);
    check(
        "<figure><img src=a.jpg><figcaption aria-hidden=true>门口</figcaption></figure>",
        Caption,
    );
}

#[test]
fn a_button_that_is_all_of_a_heading_is_the_heading() {
    let unfolds = "<h3><button aria-expanded=false><span>几点开门？</span></button></h3>";
    check(unfolds, BlockKind::Heading);
    assert_eq!(
        kinds("<h3><span>开门</span><button>复制</button></h3>"),
        [BlockKind::Heading, Boilerplate]
    );
}

#[test]
fn more_of_something_is_no_pointer() {
    let last = |line: &str| article(&format!("{BESIDE}<p>{line}</p>")).blocks[2].kind;
    assert_eq!(last("更多人留了下来。"), Paragraph);
    for pointer in ["更多内容", "更多文章请关注我们。", "更多详见分类目录“桥”", "更多：桥的历史"]
    {
        assert_eq!(last(pointer), Boilerplate, "{pointer}");
    }
}

#[test]
fn a_button_in_a_sentence_is_part_of_it() {
    check("<p>按下<button>开始</button>，桥就升起来。</p>", Paragraph);
    check("<div><button>开始</button></div>", Boilerplate);
}

/// A title repeats words of the text; only a heading that is nothing else is cut.
#[test]
fn only_what_is_set_as_a_heading_is_the_title() {
    let kinds = |html: &str| -> Vec<BlockKind> {
        article(html).blocks.iter().map(|block| block.kind).collect()
    };
    let title = "雨后的图书馆";
    for set in ["h1", "h2", "b", "p class=title", "div class=entry-title"] {
        let end = set.split(' ').next().unwrap_or(set);
        let html = format!("<{set}>{title}</{end}><p>桥修好了。</p>");
        assert_eq!(kinds(&html), [Boilerplate, Paragraph], "{set}");
    }
    let under_a_name = format!("<p>雨声</p><p class=title>{title}</p><p>桥修好了。</p>");
    assert_eq!(kinds(&under_a_name), [Paragraph, Boilerplate, Paragraph]);
    assert_eq!(kinds(&format!("<p>{title}</p><p>桥修好了。</p>")), [Paragraph, Paragraph]);
    assert_eq!(
        kinds(&format!("<blockquote>{title}</blockquote><ul><li>{title}</ul><p>桥修好了。</p>")),
        [Quote, BlockKind::ListItem, Paragraph]
    );
    assert_eq!(kinds(&format!("{BESIDE}<p class=title>{title}</p><p>好。</p>"))[2], Paragraph);
    let reply = article(&format!("<p>{title}</p>"));
    assert_eq!((reply.blocks[0].kind, reply.status), (Paragraph, crate::model::Status::Stub));
    assert_eq!(kinds(&format!("<p class=title>{title}</p>")), [Paragraph]);
}
