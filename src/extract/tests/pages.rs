//! Whole pages: the article is found, whatever is around it.

use super::document;
use crate::extract::{extract, extract_all, extract_traced};
use crate::model::{Article, BlockKind, Format, ParsedDocument, Sha256, Status};

const STORY: [&str; 4] = [
    "The harbour was quiet when the first boats came in, long before the market opened its gates.",
    "Nobody on the quay had slept, for the storm had taken two roofs and the light above the mole.",
    "By noon the baker had counted his loaves twice, and there were still too few of them for everyone.",
    "In the evening the wind turned to the north, and the town went to bed with its shutters closed.",
];

fn page(html: &str) -> ParsedDocument {
    ParsedDocument { format: Format::Page, ..document("", html) }
}

fn article(html: &str) -> Article {
    extract(&page(html), &Sha256::default())
}

fn text(article: &Article) -> Vec<&str> {
    let content = article.blocks.iter().filter(|block| block.kind.is_content());
    content.map(|block| block.text.as_str()).collect()
}

fn story() -> String {
    STORY.iter().map(|line| format!("<p>{line}</p>")).collect()
}

/// The parser takes their markup for text.
#[test]
fn a_page_of_frames_is_a_stub_of_its_text_without_frames() {
    let frames = |inside: &str| {
        let html = format!(
            "<html><head><title>The Quay</title></head><frameset cols='20%,80%'><frame src=a.html>\
             <noframes>{inside}</noframes></frameset></html>"
        );
        article(&html)
    };
    let found = frames(&format!("<body><h1>The Quay</h1>{}</body>", story()));
    assert_eq!(text(&found), STORY);
    assert_eq!(found.status, Status::Stub);
    assert_eq!(frames("").status, Status::Empty);
    let page = whole("", &story(), "<noframes><p>Your browser shows no frames.</p></noframes>");
    assert_eq!((text(&article(&page)), article(&page).status), (STORY.to_vec(), Status::Ok));
}

fn menu(items: usize) -> String {
    let items: String =
        (0..items).map(|n| format!("<li><a href='/s{n}'>Section {n}</a></li>")).collect();
    format!("<nav class='menu'><ul>{items}</ul></nav>")
}

fn teasers(count: usize) -> String {
    let card = |n: usize| {
        format!(
            "<div class='card'><h3><a href='/t{n}'>Another story, number {n}</a></h3><p>Two lines of what \
             it is about.</p><a href='/t{n}'>Read more</a></div>"
        )
    };
    format!(
        "<div class='latest'><h2>More stories</h2>{}</div>",
        (0..count).map(card).collect::<String>()
    )
}

fn whole(before: &str, inside: &str, behind: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>After the storm - The Quay</title></head><body>\
         <header class='site-header'><a href='/'>The Quay</a></header>{before}\
         <main><article class='post'><h1>After the storm</h1>{inside}</article></main>{behind}\
         <footer><p>All rights reserved by the owners of this site, now and for ever.</p></footer>\
         </body></html>"
    )
}

#[test]
fn what_stands_around_the_article_is_not_of_it() {
    let html = whole(&menu(40), &story(), &teasers(12));
    let article = article(&html);
    assert_eq!(text(&article), STORY);
    assert_eq!(article.status, Status::Ok);
    // The title, and nothing of menus and teasers.
    assert!(article.blocks.len() <= STORY.len() + 2, "{:?}", article.blocks);
    let all = extract_all(&page(&html), &Sha256::default());
    assert_eq!(text(&all), STORY);
    assert!(all.blocks.len() > 80);
    assert_eq!(all.text_sha256, article.text_sha256);
}

#[test]
fn a_name_around_everything_hides_nothing() {
    for name in ["hidden", "newsletter", "comments", "sidebar", "footer", "related"] {
        let html = format!("<title>After the storm</title><div class='{name}'>{}</div>", story());
        assert_eq!(text(&article(&html)), STORY, "{name}");
    }
}

#[test]
fn readers_comments_are_not_of_it() {
    let comment = "<div class='comment'><p>I was there that night, and it was much worse than what you \
                   write about it here.</p></div>";
    let comments = format!("<section class='comments'>{}</section>", comment.repeat(8));
    let article = article(&whole("", &long_story(), &comments));
    assert_eq!(text(&article).len(), 4 * STORY.len());
}

/// Four times as long, without repetitions.
fn long_story() -> String {
    let day = |n: usize| -> String {
        STORY.iter().map(|line| format!("<p>On day {n} it was the same. {line}</p>")).collect()
    };
    (1..5).map(day).collect()
}

#[test]
fn the_next_story_of_a_page_without_end_is_not_of_it() {
    let other =
        "Somebody else wrote of the mountains, where no boat has ever been, and of the snow there.";
    let next = format!(
        "<article class='post'><h1>Snow on the pass</h1><p>{other}</p><p>Again: {other}</p>\
         <p>At last: {other}</p></article>"
    );
    let html = whole("", &long_story(), "").replace("</main>", &format!("{next}</main>"));
    let article = article(&html);
    assert_eq!(text(&article).len(), 4 * STORY.len());
    assert!(text(&article).iter().all(|line| !line.contains("mountains")));
}

#[test]
fn a_text_that_is_there_for_two_screens_is_read_once() {
    let html = whole("", &story(), &format!("<div class='for-print'>{}</div>", story()));
    assert_eq!(text(&article(&html)), STORY);
}

#[test]
fn a_part_that_waits_for_its_place_is_not_hidden() {
    let (one, rest) = (&STORY[..2], &STORY[2..]);
    let paragraphs =
        |lines: &[&str]| lines.iter().map(|l| format!("<p>{l}</p>")).collect::<String>();
    let html = format!(
        "<title>After the storm</title><body><main><h1>After the storm</h1>{}<template id='B:1'></template>\
         </main><div hidden id='S:1'>{}</div>",
        paragraphs(one),
        paragraphs(rest),
    );
    assert_eq!(text(&article(&html)), STORY);
}

#[test]
fn a_page_for_readers_without_scripts_is_read() {
    let html = format!(
        "<title>After the storm</title><body><div id=app></div><noscript>{}</noscript>",
        story()
    );
    assert_eq!(text(&article(&html)), STORY);
    // Beside the text, it only says that scripts are needed.
    let html =
        whole("", &story(), "<noscript><p>Please turn scripts on to read comments.</p></noscript>");
    assert_eq!(text(&article(&html)), STORY);
}

#[test]
fn a_page_with_prose_is_never_empty() {
    for html in [
        format!("<nav><p>{}</p></nav>", STORY[0]),
        format!("<footer><p>{}</p></footer>", STORY[0]),
        format!("<div style='display:none'><p>{}</p></div>", STORY[0]),
        format!("<form><p>{}</p></form>", STORY[0]),
    ] {
        assert_eq!(text(&article(&html)), [STORY[0]], "{html}");
    }
    assert_eq!(article("<html><script>let a = 'a';</script>").status, Status::Empty);
}

/// A teaser that is saved later must not hide a full text, however long it is.
#[test]
fn a_page_that_is_cut_is_a_stub() {
    let data = |class: &str| {
        format!(
            "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"After the \
             storm\",\"isAccessibleForFree\":false,\"hasPart\":{{\"isAccessibleForFree\":false,\
             \"cssSelector\":\".{class}\"}}}}</script>"
        )
    };
    let status = |inside: &str| article(&whole("", inside, "")).status;
    assert_eq!(status(&long_story()), Status::Ok);
    assert_eq!(status(&format!("{}{}", long_story(), data("paid"))), Status::Stub);
    let paid = format!("<div class='paid'>{}</div>", long_story());
    assert_eq!(status(&format!("{paid}{}", data("paid"))), Status::Ok);
    for wall in ["Continue reading", "Subscribe to continue reading this story.", "登录后阅读全文"]
    {
        assert_eq!(status(&format!("{}<p>{wall}</p>", long_story())), Status::Stub, "{wall}");
        assert_eq!(status(&format!("<p>{wall}</p>{}", long_story())), Status::Ok, "{wall}");
    }
}

#[test]
fn selectors_of_walls_are_read_as_far_as_they_name_the_last_element() {
    let status = |selector: &str, class: &str| {
        let data = format!(
            "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"After the \
             storm\",\"isAccessibleForFree\":false,\"hasPart\":{{\"isAccessibleForFree\":false,\
             \"cssSelector\":\"{selector}\"}}}}</script>"
        );
        let paid = format!("<div class='{class}'>{}</div>{data}", long_story());
        article(&whole("", &paid, "")).status
    };
    for selector in
        [".paid, .more", ".text.paid", ".post .paid", "article > .paid", "div.paid", ".paid > p"]
    {
        assert_eq!(status(selector, "text paid"), Status::Ok, "{selector}");
    }
    for selector in [".text.paid", ".paid, .more", "article > .paid"] {
        assert_eq!(status(selector, "free"), Status::Stub, "{selector}");
    }
    // Nothing is known of what these select, or they are too many to compare each element with.
    let many = ".paid,".repeat(100) + ".more";
    for selector in [".paid:not(.x)", "[data-paid]", "", &many] {
        assert_eq!(status(selector, "free"), Status::Ok, "{selector}");
    }
}

/// A wall says who may read the rest. The last sentence of an article can have such words too.
#[test]
fn a_wall_names_its_readers_and_the_rest() {
    let status = |end: &str| article(&whole("", &format!("{}{end}", long_story()), "")).status;
    for wall in [
        "<div><h2>This post is for paid subscribers</h2></div>",
        "<p>Already a paid subscriber? Sign in</p>",
        "<p>La suite est réservée aux abonnés.</p>",
        "<p>この記事は有料会員限定です。</p>",
        "<p>本文仅限会员阅读，请登录后继续阅读</p>",
        "<p>Keep reading for $1</p>",
        "<p>Sign in to continue</p>",
        "<p>続きを読むには会員登録が必要です。</p>",
        "<p>この記事は会員限定です。残り800文字</p>",
        "<p>Jetzt weiterlesen mit Probeabo. Sie haben bereits ein Abo? Hier anmelden.</p>",
        "<p>Create a free account to continue reading this story.</p>",
        "<p>This content is reserved for our members. Join now.</p>",
        "<p>剩余70%内容需付费阅读</p>",
        "<p>本文仅对订阅用户开放</p>",
        "<p>登录后可查看全文</p>",
        "<p>로그인 후 기사 전문을 볼 수 있습니다.</p>",
    ] {
        assert_eq!(status(wall), Status::Stub, "{wall}");
    }
    for end in [
        "<p>The judge is expected to read the full verdict on Monday.</p>",
        "<p>Did you like this? Subscribe to read more from our newsroom.</p>",
        "<p>The members voted to continue the strike.</p>",
        "<p>会议还将讨论其余内容。</p><div class='comments'><p>登录后查看更多评论</p></div>",
        "<p>用户付费后即可使用。</p>",
        "<p>欢迎订阅我们的公众号，转载请注明全文出处。</p>",
        "<p>展览仅限会员参加，门票可在网上订购。</p>",
        "<p>声明：未经授权不得转载全文，会员除外。</p>",
        "<p>（登录市政府网站可查看报告全文）</p>",
        "<p>Log in to leave a comment, or keep reading other stories.</p>",
        "<p>La suite du festival est réservée aux abonnés du théâtre.</p>",
        "</article><nav><h2>Continue Reading</h2><a href='/a'>The day before</a></nav><article>",
        "<p><a href='/b'>阅读全文(736)</a></p>",
    ] {
        assert_eq!(status(end), Status::Ok, "{end}");
    }
}

/// An error page that is saved later must not hide the article.
#[test]
fn a_page_without_an_article_is_a_stub() {
    let status = |body: &str| {
        let menu = menu(5);
        article(&format!("<title>Harbour</title><body>{menu}<main>{body}</main>{}", teasers(4)))
            .status
    };
    for body in [
        "<h1>Not found</h1><p>Sorry, the page that you are looking for is no longer here, or never was.</p>",
        "<h1>Sign in</h1><form><label>Name</label><input><button>Sign in</button></form>",
        "<h1>提示信息</h1><p>抱歉，指定的主题不存在或已被删除或正在被审核。</p>",
        "<h1>Results</h1><ul><li><a href='/1'>The storm</a> … a roof …</li><li><a href='/2'>The \
         market</a> … a loaf …</li></ul>",
    ] {
        assert_ne!(status(body), Status::Ok, "{body}");
    }
    let short = format!("<h1>After the storm</h1><time>2024-05-01</time><p>{}</p>", STORY[0]);
    assert_eq!(status(&short), Status::Ok);
}

#[test]
fn a_list_at_the_end_of_the_text_belongs_to_it() {
    let list = |items: &str| format!("{}<ul>{items}</ul>", long_story());
    let kinds = |html: &str| {
        let article = article(&whole("", html, ""));
        article.blocks.iter().filter(|block| block.kind == BlockKind::ListItem).count()
    };
    assert_eq!(kinds(&list("<li>Forty roofs</li><li>Two boats</li>")), 2);
    let table = format!("{}<table><tr><td>Roofs</td><td>40</td></tr></table>", long_story());
    let rows = article(&whole("", &table, "")).blocks;
    assert!(rows.iter().any(|block| block.kind == BlockKind::TableRow), "{rows:?}");
    assert_eq!(kinds(&list("<li><a href='/a'>Roofs</a></li><li><a href='/b'>Boats</a></li>")), 0);
}

/// Nothing behind the last block vouches for it.
#[test]
fn the_last_sentences_belong_to_the_text() {
    for (end, last) in [
        (
            "<ul><li>Take the detour</li></ul><p>The ferry leaves every hour.</p>",
            "The ferry leaves every hour.",
        ),
        ("<h2>What next?</h2><p>The work begins in May.</p>", "The work begins in May."),
    ] {
        let article = article(&whole("", &format!("{}{end}", long_story()), ""));
        assert!(text(&article).last().is_some_and(|text| text.ends_with(last)), "{end}");
    }
    let posts: String = STORY.iter().map(|line| format!("<div><div>{line}</div></div>")).collect();
    let thread = format!("<title>After the storm</title><h1>After the storm</h1>{posts}");
    assert_eq!(text(&article(&thread)), STORY);
}

#[test]
fn a_short_article_does_not_take_the_next_one() {
    let next = "<h1>The day after</h1><p class='byline'>By A. Writer</p>";
    let html = format!(
        "<title>After the storm</title><article><h1>After the storm</h1><p>{}</p></article>\
         <article>{next}{}</article>",
        STORY[0],
        long_story()
    );
    assert_eq!(text(&article(&html)), [STORY[0]]);
}

/// What an element is named for counts where there is enough text without it.
#[test]
fn furniture_amid_the_text_is_not_of_it() {
    let text_of = |between: &str| {
        let half = long_story();
        let found = article(&whole("", &format!("{half}{between}{}", long_story()), ""));
        found.text_sha256
    };
    for between in [
        "<div class='advertisement'><p>Buy the new lantern now and save a fifth today only.</p></div>",
        "<div class='ad'>Advertisement</div>",
        "<aside class='inline-related'><h4>Read also</h4><a href='/x'>The mole is mended</a></aside>",
        "<div class='share-tools'><span>1,204</span> Shares <a href='/s'>Send</a></div>",
    ] {
        assert_eq!(text_of(between), text_of(""), "{between}");
    }
}

/// The hash of the text decides about revisions.
#[test]
fn other_furniture_makes_no_other_text() {
    let of = |items: usize, cards: usize, ad: &str| {
        let behind = format!("{ad}{}", teasers(cards));
        article(&whole(&menu(items), &story(), &behind)).text_sha256
    };
    let first = of(5, 3, "");
    let ad =
        "<div class='ad-slot'><p>Buy the new lantern, and never walk in the dark again.</p></div>";
    for (items, cards, ad) in [(5, 4, ""), (30, 0, ""), (0, 12, ad), (12, 30, ad), (60, 3, "")] {
        assert_eq!(of(items, cards, ad), first, "{items} items, {cards} cards, {ad}");
    }
}

#[test]
fn pages_that_only_are_large_or_broken_are_read() {
    let whole = whole(&menu(10), &story(), &teasers(4));
    let half = &whole[..whole.find(STORY[3]).unwrap() + 20];
    assert_eq!(text(&article(half))[..3], STORY[..3]);
    let inside = self::whole("", &whole, "");
    assert_eq!(text(&article(&inside)).len(), STORY.len());
    let line = |n: usize| format!("<p>第{n}天，图书馆又开了门，读者慢慢地回来了。</p>");
    let flat = format!("<div>{}</div>", (0..60_000).map(line).collect::<String>());
    assert_eq!(article(&flat).status, Status::Ok);
}

/// Every feature has its weight.
#[test]
fn as_many_weights_as_features() {
    let html = whole(&menu(3), &story(), "");
    let (article, trace) = extract_traced(&page(&html), None);
    let blocks = article.blocks.len();
    let [first, second] = crate::extract::region::lengths();
    assert_eq!(trace.first.len(), blocks * (first - 1));
    assert_eq!(trace.second.len(), blocks * (second - 1));
    assert!(article.blocks.iter().any(|block| block.kind == BlockKind::Paragraph));
}
