//! The stored form of texts: the examples of `docs/text.md`, and the limits.

use super::article;
use crate::model::{Article, Block, PageLimit};

fn shown(block: &Block) -> String {
    let mut shown = block.kind.as_str().to_owned();
    let level = block.level.map(|level| level.to_string());
    for part in [level, block.marker.clone()].into_iter().flatten() {
        shown.push(' ');
        shown.push_str(&part);
    }
    let text = block.text.replace('\n', "⏎").replace('\t', "⇥");
    format!("{shown}: {text}")
}

#[track_caller]
pub(in crate::extract) fn check(html: &str, expected: &[&str]) -> Article {
    let article = article(&html.replace('⏎', "\n"));
    let blocks: Vec<String> = article.blocks.iter().map(shown).collect();
    assert_eq!(blocks, expected, "{html}");
    article
}

/// The texts between back quotes.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_examples_of_the_documentation() {
    let page = include_str!("../../../docs/text.md");
    let mut examples = 0;
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let (html, stored) = line.trim_matches('|').split_once(" | ").unwrap();
        check(code(html)[0], &code(stored));
        examples += 1;
    }
    assert_eq!(examples, 40);
}

#[test]
fn runs_end_where_their_text_does() {
    check("<p>a<sup> 2 </sup>b</p>", &["paragraph: a ² b"]);
    check("<p>票价<del>100 </del>150</p>", &["paragraph: 票价~~100~~ 150"]);
    check("<p>他说<q> 雨停了 </q>就走</p>", &["paragraph: 他说“雨停了” 就走"]);
    check("<p>雨<sup></sup>停<del> </del>了<q></q>。</p>", &["paragraph: 雨停 了。"]);
    check("<p>注<sup>甲</sup>⏎在此</p>", &["paragraph: 注^(甲)在此"]);
    check("<p>2<sup>2<sup>2</sup></sup></p>", &["paragraph: 2^(2²)"]);
    check("<p><a href='/a'>10<sup>9</sup></a></p>", &["paragraph: 10⁹"]);
    check("<p>x<sup><a href='#a'>1</a><a href='#b'>2</a></sup></p>", &["paragraph: x^(12)"]);
}

#[test]
fn runs_go_on_over_blocks() {
    check(
        "<del><p>雨停了。</p><p>天晴了。</p></del>",
        &["paragraph: ~~雨停了。~~", "paragraph: ~~天晴了。~~"],
    );
    check(
        "<q><p>雨停了。</p><p>天晴了。</p></q>",
        &["paragraph: “雨停了。", "paragraph: 天晴了。”"],
    );
    check("<sup><p>1</p>2</sup>", &["paragraph: ¹", "paragraph: ²"]);
    check("<s>雨<s>停</s>了</s>", &["paragraph: ~~雨停了~~"]);
    let deep = format!("<p>{}甲", "<sup>".repeat(200));
    assert_eq!(article(&deep).blocks[0].text.matches('^').count(), 16);
}

#[test]
fn readings_stay_with_their_word() {
    check("<p><ruby>漢<rt>かん</rt></ruby> is</p>", &["paragraph: 漢（かん） is"]);
    check(
        "<p><ruby><rb>圖</rb><rb>書</rb><rt>ㄊㄨˊ</rt><rt>ㄕㄨ</rt></ruby></p>",
        &["paragraph: 圖書（ㄊㄨˊ ㄕㄨ）"],
    );
    check(
        "<p><q><ruby>漢<rt>かん</rt></ruby></q><ruby>字<rt>じ</rt></ruby></p>",
        &["paragraph: 「漢（かん）」字（じ）"],
    );
    check("<p><ruby>漢<rt>かん</rt></ruby><br>字</p>", &["paragraph: 漢（かん）⏎字"]);
    check(
        "<ruby><picture><template shadowrootmode=open><rt>かん</rt></template></picture></ruby>字",
        &["paragraph: （かん）", "paragraph: 字"],
    );
    check("<ruby><rt>かん</rt></ruby>", &["paragraph: （かん）"]);
    check("<p>甲<rt>乙</rt><rp>丙</rp></p>", &["paragraph: 甲乙丙"]);
    let article = check(
        "<p><a href='/a'><ruby>圖<rt>ㄊ</rt>書<rt>ㄕ</rt></ruby></a>館</p>",
        &["paragraph: 圖書（ㄊ ㄕ）館"],
    );
    assert_eq!(article.links[0].text, "圖書");
}

#[test]
fn links_have_the_text_of_their_line() {
    let links =
        |html: &str| article(html).links.into_iter().map(|link| link.text).collect::<Vec<_>>();
    assert_eq!(links("<p>占地<a href='/a'>25 m<sup>2</sup></a>。</p>"), ["25 m²"]);
    assert_eq!(links("<p><a href='/a'>雨<br>停<p>了</a></p>"), ["雨 停", "了"]);
    assert_eq!(links("<p>注<sup><a href='#a'>1</a></sup></p>"), ["1"]);
    assert_eq!(links("<a href='/a'><div>雨停</div><div>了</div></a>"), ["雨停了"]);
}

/// A text for the eye and a copy for the ear are stored once.
#[test]
fn what_is_read_aloud_is_no_second_text() {
    for seen in [
        "<span class=a-offscreen>$9.99</span><span aria-hidden=true>$9.99</span>",
        "<span aria-hidden=true>$9.99</span> <span class=sr-only>9 dollars 99</span>",
        "<span class=visually-hidden>9.99</span><!-- --><i aria-hidden=true><u>$</u>9.99</i>",
    ] {
        check(&format!("<p>只要 {seen} 起。</p>"), &["paragraph: 只要 $9.99 起。"]);
        check(&format!("<p>雨。</p><div>{seen}</div>"), &["paragraph: 雨。", "paragraph: $9.99"]);
    }
    // A symbol has another meaning than the words beside it.
    check(
        "<p>Rated <span class=sr-only>4 of 5</span><span aria-hidden=true>★★★★</span>.</p>",
        &["paragraph: Rated 4 of 5 ★★★★."],
    );
    check(
        "<p>Read<span class=sr-only>about bridges</span>(<b class=sr-only>long</b>).</p>",
        &["paragraph: Read about bridges (long)."],
    );
    check("<p>见报告<span class=sr-only>新窗口</span>。</p>", &["paragraph: 见报告新窗口。"]);
    let long = "雨停了，河边的路还是湿的。".repeat(10);
    let both = format!("<p>甲<i class=sr-only>{long}</i><i aria-hidden=true>乙</i></p>");
    check(&both, &[&format!("paragraph: 甲{long}乙")]);
}

#[test]
fn marks_of_notes_are_no_part_of_their_word() {
    for mark in [
        "<a class=footnote-anchor href='https://a.example/p#footnote-2'>2</a>",
        "<a class=footnote-ref href='#fn2'>2</a>",
        "<a epub:type=noteref href='notes.xhtml#n2'>2</a>",
        "<a role=doc-noteref href='#n2'>2</a>",
        "<a class=see-footnote href='#f2'>2</a>",
        "<a href='#n2'><small>2</small></a>",
        "<a href='#n2'>2</a>",
        "<a href='#n2' style='vertical-align:super'>2</a>",
    ] {
        check(&format!("<p>in 2019{mark} it</p>"), &["paragraph: in 2019^(2) it"]);
        check(
            &format!("<table><tr><td>甲<td>2019{mark}</tr></table>"),
            &["table_row: 甲⇥2019^(2)"],
        );
    }
    check(
        "<p>雨停了。<a href='#a'>[1]</a><a href='#b'>[2]</a></p>",
        &["paragraph: 雨停了。^([1])^([2])"],
    );
    check("<p>雨<a href='#n'>*</a></p>", &["paragraph: 雨^(*)"]);
    check("<p>雨<a href='#_edn4'>[iv]</a></p>", &["paragraph: 雨^([iv])"]);
    check("<p>雨<a href='#iv'>[iv]</a></p>", &["paragraph: 雨[iv]"]);
    // A page of a list, a year, another page, code.
    check("<p>第 <a href='#2'>2</a> 页</p>", &["paragraph: 第 2 页"]);
    check("<p>从<a href='#y'>2019</a>起</p>", &["paragraph: 从2019起"]);
    check("<p>第<a href='/2'>2</a>页</p>", &["paragraph: 第2页"]);
    check("<pre>a<a href='#l2'>2</a></pre>", &["preformatted: a2"]);
}

/// The number of a note is in its first block.
#[test]
fn labels_stand_with_their_notes() {
    check(
        "<div class=footnote-definition><sup class=footnote-definition-label>1</sup>⏎<p>雨量。</p>\
         <p>又。</p></div>",
        &["paragraph: ^(1) 雨量。", "paragraph: 又。"],
    );
    check(
        "<div class=footnote><a href='#footnote-anchor-2' class=footnote-number>2</a>\
         <div class=footnote-content><p>雨量。</p></div></div>",
        &["paragraph: ^(2) 雨量。"],
    );
    check(
        "<div><sup class=footnote-definition-label>1</sup></div><p>雨。</p>",
        &["paragraph: ^(1)", "paragraph: 雨。"],
    );
}

/// A closing line that becomes a block of its own keeps its link, however the line was written.
#[test]
fn links_in_rewritten_runs_stay_in_their_line() {
    let article = article(
        "<p>雨停了。<del><br><a href='/b'>翻译</a>：甲</del></p><p>翻译：<a href='/c'>乙</a></p>",
    );
    let places: Vec<_> = article.links.iter().map(|link| link.block).collect();
    assert_eq!(places, [Some(0), Some(1)]);
    let article = super::article("<p>雨停了。<s>天晴了。<br><a href='/b'>翻</a>译：甲</s></p>");
    let texts: Vec<&str> = article.blocks.iter().map(|block| block.text.as_str()).collect();
    assert_eq!(texts, ["雨停了。~~天晴了。", "翻译：甲~~"]);
    assert_eq!(article.links[0].block, Some(1));
}

#[test]
fn styles_keep_lines() {
    check(
        "<div style='white-space:PRE-WRAP !important'>雨⏎⏎停⏎</div>",
        &["paragraph: 雨", "paragraph: 停"],
    );
    check(
        "<div style='white-space:pre'><p>雨⏎停</p>⏎<p style='white-space:normal'>天⏎晴</p></div>",
        &["paragraph: 雨⏎停", "paragraph: 天晴"],
    );
    check(
        "<p style='text-align:left;white-space:break-spaces'>a   b⏎ c</p>",
        &["paragraph: a   b⏎ c"],
    );
    check("<p style='x-white-space:pre'>雨⏎停</p>", &["paragraph: 雨停"]);
}

#[test]
fn numbers_of_lists() {
    check("<ol><li></li><li>洗手</li></ol>", &["list_item 1 2.: 洗手"]);
    check(
        "<ol><li><h3>洗手</h3><p>用水。</p></li></ol>",
        &["heading 3 1.: 洗手", "list_item 1: 用水。"],
    );
    check("<ol style='list-style: none'><li>洗手</li></ol>", &["list_item 1: 洗手"]);
    check("<ul style='list-style: decimal'><li>洗手</li></ul>", &["list_item 1 1.: 洗手"]);
    check("<ul style='list-style: square'><li>洗手</li></ul>", &["list_item 1: 洗手"]);
    check(
        "<ol style='list-style-type: upper-roman'><li>洗手</li><li type=1>和面</li></ol>",
        &["list_item 1 I): 洗手", "list_item 1 2.: 和面"],
    );
    check(
        "<ol><li>洗手<ol type=i><li>用水</li></ol>擦干</li><li>和面</li></ol>",
        &[
            "list_item 1 1.: 洗手",
            "list_item 2 i): 用水",
            "list_item 1: 擦干",
            "list_item 1 2.: 和面",
        ],
    );
    check(
        "<ul><li><ol start=-1><li>甲</li><li>乙</li></ol></li></ul>",
        &["list_item 2 -1.: 甲", "list_item 2 0.: 乙"],
    );
}

/// A flat list as an editor writes it.
#[test]
fn items_of_flat_lists_have_their_depth() {
    check(
        "<ol><li>甲</li><li class=ql-indent-1>乙</li><li class='ql-indent-1 x'>丙</li>\
         <li class=ql-indent-2>丁</li><li>戊</li><li class=ql-indent-1>己</li></ol>",
        &[
            "list_item 1 1.: 甲",
            "list_item 2 a): 乙",
            "list_item 2 b): 丙",
            "list_item 3 i): 丁",
            "list_item 1 2.: 戊",
            "list_item 2 a): 己",
        ],
    );
    check(
        "<ol><li data-list=ordered>甲</li><li data-list=bullet>点</li>\
         <li data-list=unchecked class=ql-indent-1>事</li><li data-list=ordered>乙</li></ol>",
        &["list_item 1 1.: 甲", "list_item 1: 点", "list_item 2: 事", "list_item 1 2.: 乙"],
    );
}

#[test]
fn quoted_lists_are_quotations() {
    check(
        "<blockquote><p>他说：</p><ol><li>甲<p>又</p></li><li>乙</li></ol><ul><li>丙</li></ul>\
         <dl><dt>丁</dt></dl></blockquote><ul><li>戊</li></ul>",
        &[
            "quote 1: 他说：",
            "quote 1 1.: 甲",
            "quote 1: 又",
            "quote 1 2.: 乙",
            "quote 1 •: 丙",
            "quote 1: 丁",
            "list_item 1: 戊",
        ],
    );
    check(
        "<blockquote>雨停了。<footer>——某甲</footer></blockquote>",
        &["quote 1: 雨停了。", "quote 1: ——某甲"],
    );
}

#[test]
fn cells_keep_their_columns() {
    let table = |rows: &str| format!("<table>{rows}</table>");
    check(
        &table("<tr><td>甲<td><td></tr><tr><td><td>乙<td>丙</tr>"),
        &["table_row: 甲⇥⇥", "table_row: ⇥乙⇥丙"],
    );
    check(
        &table(
            "<tr><td>甲<td>乙<td rowspan=0>丙</tr><tr><td>丁<td>戊</tr><tbody><tr><td>己<td>庚<td>辛",
        ),
        &["table_row: 甲⇥乙⇥丙", "table_row: 丁⇥戊", "table_row: 己⇥庚⇥辛"],
    );
    check(
        &table("<tr><td rowspan=3 colspan=2>甲<td>乙</tr><tr><td>丙</tr><tr><td>丁</tr>"),
        &["table_row: 甲⇥⇥乙", "table_row: ⇥⇥丙", "table_row: ⇥⇥丁"],
    );
    check(
        &table("<tr><td>—<td>—</tr><tr><td>甲<td>乙</tr>"),
        &["table_row: —⇥—", "table_row: 甲⇥乙"],
    );
    check(
        "<table role=presentation><tr><td>甲。<td>乙。</tr></table>",
        &["paragraph: 甲。", "paragraph: 乙。"],
    );
    check(
        &table("<tr><td><table><tr><td>甲<td>乙</tr></table><td>丙。</tr>"),
        &["table_row: 甲⇥乙", "paragraph: 丙。"],
    );
}

/// A heading or a quotation that is all of its cell is the style of the cell.
#[test]
fn tables_of_headings_are_told_from_layout() {
    let table = |rows: &str| format!("<table>{rows}</table>");
    check(
        &table("<tr><td><h3>菜</h3><td><h3>价</h3></tr><tr><td>豆腐<td>3</tr>"),
        &["table_row: 菜⇥价", "table_row: 豆腐⇥3"],
    );
    check(
        &table("<tr><td>他<td><blockquote>好。</blockquote></tr><tr><td>她<td>不。</tr>"),
        &["table_row: 他⇥好。", "table_row: 她⇥不。"],
    );
    check(
        &table(
            "<tr><td><h3>东</h3><p>甲。</p><td><h3>西</h3><p>乙。</p></tr><tr><td>丙。<td>丁。</tr>",
        ),
        &[
            "heading 3: 东",
            "paragraph: 甲。",
            "heading 3: 西",
            "paragraph: 乙。",
            "paragraph: 丙。",
            "paragraph: 丁。",
        ],
    );
    check(&table("<tr><td><h3>东</h3><td>甲。</tr>"), &["heading 3: 东", "paragraph: 甲。"]);
    check(&table("<tr><td><img src=a.jpg><td>雨停了。</tr>"), &["paragraph: 雨停了。"]);
    check(&table("<tr><td>东区<td>12</tr>"), &["table_row: 东区⇥12"]);
}

/// A few bytes cannot ask for an unlimited size.
#[test]
fn spans_of_cells_are_bounded() {
    let row = "<tr><td>甲</tr>";
    let wide = "<td colspan=1000 rowspan=65534>".repeat(300);
    let bomb = article(&format!("<table><tr>{wide}</tr>{}</table>", row.repeat(5_000)));
    assert!(bomb.text_length < 100_000);
    assert!(bomb.blocks.iter().map(|block| block.text.len()).sum::<usize>() < 20 << 20);
    let tall = "<td rowspan=65534>".repeat(999);
    let bomb = article(&format!("<table><tr>{tall}</tr>{}</table>", row.repeat(30_000)));
    assert_eq!(bomb.status_detail, Some(PageLimit::TooMuchOutput));
}

#[test]
fn documents_in_documents() {
    let frame = |html: &str| {
        format!(
            "<iframe srcdoc=\"{}\"></iframe>",
            html.replace('&', "&amp;").replace('"', "&quot;")
        )
    };
    check(
        &format!("<p>甲{}乙</p>", frame("<table><tr><td>丙<td>丁")),
        &["paragraph: 甲", "table_row: 丙⇥丁", "paragraph: 乙"],
    );
    check(&frame(&frame("<p>甲</p>")), &["paragraph: 甲"]);
    let deep = (0..6).fold(String::from("<p>甲</p>"), |html, _| frame(&html));
    assert_eq!(article(&deep).status_detail, Some(PageLimit::TooDeep));
    check("<p>甲</p><template><p>乙</p></template>", &["paragraph: 甲"]);
    let shadow = |html: &str| format!("<x-a><template shadowrootmode=open>{html}</template>");
    check(
        &format!(
            "{}<p>二</p><b slot=head>一</b> 三<i slot=none>五</i></x-a>",
            shadow("<h2><slot name=head>无题</slot></h2><slot>空</slot><p>四</p>")
        ),
        &["heading 2: 一", "paragraph: 二", "paragraph: 三", "paragraph: 四", "paragraph: 五"],
    );
    check(&format!("{} </x-a>", shadow("<p>甲<slot>乙</slot></p>")), &["paragraph: 甲乙"]);
    // The slot of a nested host belongs to that host.
    check(
        &format!(
            "{}丙</x-a>",
            shadow(&format!("{}<slot></slot></x-a>", shadow("甲<slot></slot>乙")))
        ),
        &["paragraph: 甲丙乙"],
    );
    check(
        "<x-a><template shadowroot=open>甲<template>乙</template></template>丙</x-a>",
        &["paragraph: 甲", "paragraph: 丙"],
    );
    check("<p>雨<svg><title>丁</title><path/></svg>停</p>", &["paragraph: 雨停"]);
    check(
        "<p>雨停了。</p><svg><title>丁</title><text>甲</text></svg>",
        &["paragraph: 雨停了。", "caption: 甲"],
    );
}

#[test]
fn addresses_start_from_the_base() {
    let urls = |html: &str| {
        let article = article(html);
        let links = article.links.into_iter().map(|link| (link.url, link.is_internal));
        links.collect::<Vec<_>>()
    };
    let of = |url: &str, is_internal| vec![(url.to_owned(), is_internal)];
    let link = "<a href='b'>雨</a>";
    assert_eq!(
        urls(&format!("<base href='https://cdn.example/v/'>{link}")),
        of("https://cdn.example/v/b", false)
    );
    assert_eq!(
        urls(&format!("<base href='/v/'><base href='/w/'>{link}")),
        of("https://www.news.example/v/b", true)
    );
    assert_eq!(
        urls(&format!("<base href='data:x'>{link}")),
        of("https://www.news.example/a/b", true)
    );
    assert_eq!(
        urls(&format!("<base target=_top>{link}")),
        of("https://www.news.example/a/b", true)
    );
}

#[test]
fn parts_that_only_the_style_sets_apart() {
    check(
        "<p>The bridge is old.<span class=sidenote>From 1957.</span> It holds.</p>",
        &["paragraph: The bridge is old. From 1957. It holds."],
    );
    check(
        "<p>桥很老<span class=marginnote>建于1957年</span></p>",
        &["paragraph: 桥很老 建于1957年"],
    );
    check(
        "<p>a load<span class=ltx_note><sup class=ltx_note_mark>1</sup><span class=ltx_note_outer>\
         <span class='ltx_tag ltx_tag_note'>1</span>In tons.</span></span></p>",
        &["paragraph: a load^(1) 1 In tons."],
    );
    check(
        "<div role=row><span role=cell>甲</span><span role=cell>乙</span></div>",
        &["paragraph: 甲", "paragraph: 乙"],
    );
}

#[test]
fn marks_and_labels_of_more_makers() {
    check("<p>橋が見える<a href='#f-1'>*1</a>。</p>", &["paragraph: 橋が見える^(*1)。"]);
    check(
        "<p><a class=sdfootnotesym href='#a'>1</a>见水利志。</p>",
        &["paragraph: ^(1)见水利志。"],
    );
}

#[test]
fn lines_of_listings() {
    check("<pre><code>if a:</code><code>    b</code></pre>", &["preformatted: if a:⏎    b"]);
    check("<pre><code>if a:⏎</code><code>    b</code></pre>", &["preformatted: if a:⏎    b"]);
    check("<pre><code>a</code> 和 <code>b</code></pre>", &["preformatted: a 和 b"]);
    check(
        "<pre><ol><li>if a:</li><li>    b</li></ol></pre>",
        &["preformatted: if a:", "preformatted:     b"],
    );
}

#[test]
fn a_bold_element_that_is_set_as_none() {
    let short =
        |style: &str| article(&format!("<b style='{style}'><p>一座老桥</p></b><p>桥修好了。</p>"));
    assert_eq!(short("font-weight: normal").blocks[0].kind.as_str(), "paragraph");
    assert_eq!(short("color: red").blocks[0].kind.as_str(), "heading");
}

#[test]
fn a_small_grid_of_paragraphs_is_a_table() {
    let row = "<tr><td><p>甲</p></td><td><p>二</p><p>三</p></td></tr>";
    check(&format!("<table>{row}{row}</table>"), &["table_row: 甲⇥二 三", "table_row: 甲⇥二 三"]);
}
