mod front_matter;

use super::parse;
use crate::model::{Format, ParsedDocument, Reason};
use proptest::prelude::*;

fn parsed(text: &str) -> ParsedDocument {
    parse(text.as_bytes()).unwrap_or_else(|rejection| panic!("{text:?}: {rejection:?}"))
}

#[track_caller]
fn check_format(text: &str, format: Format, html: &str) {
    let document = parsed(text);
    assert_eq!((document.format, document.html.as_str()), (format, html), "{text:?}");
}

#[test]
fn variants() {
    let link = "[题](https://news.example/1)\n------\n";
    check_format(&format!("<!--1-->\n{link}\n<p>文</p>\n"), Format::A, "<p>文</p>\n");
    check_format(&format!("<!--NaN-->\n{link}\n<p>文</p>"), Format::A, "<p>文</p>");
    check_format(&format!("\u{feff}<!-- 1 -->\n{link}<p>文</p>"), Format::A, "<p>文</p>");
    check_format("<!--1-->\r\n[题](u)\r\n---\r\n\r\n<p>\r\n", Format::A, "<p>\r\n");
    check_format(
        &format!("<!--1-->\n{link}\n<div>\n文\n</div>\n"),
        Format::AWrapped,
        "<div>\n文\n</div>\n",
    );
    check_format(&format!("{link}日期：Mon, 05 Feb 2024 01:02:03 GMT\n\n文"), Format::B, "文");
    check_format(&format!("{link}\n文"), Format::B, "文");
    let yaml = "---\ntitle: 题\nfrom: https://news.example/1\n---\n";
    check_format(&format!("{yaml}\n<p>\n文"), Format::C, "<p>\n文");
    check_format(
        &format!("{yaml}<!--1-->\n{link}\n<div>\n文\n</div>"),
        Format::CNested,
        "<div>\n文\n</div>",
    );
    let other = "<!--1-->\n[题](https://news.example/2)\n------\n\n文";
    check_format(&format!("{yaml}{other}"), Format::C, other);
    let escapes = "---\ntitle: 题\nfrom: https://e.example/%e4%BD\n---\n[题](https://e.example/%E4%bd)\n---\n文";
    check_format(escapes, Format::CNested, "文");
    check_format(
        "\u{feff}\n<!DOCTYPE html>\n<p>文</p>",
        Format::Page,
        "<!DOCTYPE html>\n<p>文</p>",
    );
    check_format("<p>文</p>", Format::Page, "<p>文</p>");
}

/// The program that fetched it declared it to be a page.
#[test]
fn an_enveloped_text_is_a_page() {
    let envelope = "{\"seedbank_page\":1,\"url\":\"https://news.example/1\"}\n";
    for body in ["<p>文", "文", "<script>x</script>", "# 文", "<svg>文</svg>"] {
        let document = parsed(&format!("{envelope}{body}"));
        assert_eq!((document.format, document.html.as_str()), (Format::Page, body));
        assert_eq!(document.url.as_deref(), Some("https://news.example/1"));
    }
    check_rejected(format!("{envelope}%PDF-1.7\n"), Reason::Binary);
    check_rejected(format!("{envelope}<rss/>"), Reason::Unsupported);
    check_rejected(envelope, Reason::EmptyFile);
    check_rejected(&envelope[..40], Reason::BadHeader);
}

#[test]
fn lines_may_end_in_cr_alone() {
    let link = "<!--1-->\n[题](https://news.example/1)\n------\n";
    let fields = "\ntitle: 题\nfrom: https://news.example/1\ntags:\n- 甲\n- 乙\n";
    let toml = "\ntitle = \"题\"\nurl = \"https://news.example/1\"\ntags = [\"甲\", \"乙\"]\n";
    let long = format!("<p>{}</p>\n<p>文</p>\n", "文".repeat(3000));
    for (text, tags) in [
        (format!("{link}\n{long}"), 0),
        (format!("{}日期：Mon, 05 Feb 2024 01:02:03 GMT\n\n{long}", &link[9..]), 0),
        (format!("---{fields}---\n{long}"), 2),
        (format!("---{fields}---\n\n# 甲\n\n- 文\n- 字\n"), 2),
        (format!("+++{toml}+++\n{long}"), 2),
    ] {
        let (lf, cr) = (parsed(&text), parsed(&text.replace('\n', "\r")));
        assert_eq!(lf.tags.len(), tags, "{text}");
        let html = cr.html.replace('\r', "\n");
        assert_eq!(ParsedDocument { html, ..cr }, lf, "{text}");
        assert_eq!(parsed(&text.replace('\n', "\r\n")).tags, lf.tags, "{text}");
    }
}

#[test]
fn json_objects() {
    let page = r#"{"url":" u ","title":" &quot;题&quot; ","html":"<p>文</p>","tags":[" 甲",""]}"#;
    check_format(page, Format::Json, "<p>文</p>");
    let document = parsed(&format!("\u{feff}\n{page}\n"));
    assert_eq!((document.title.as_str(), document.url.as_deref()), ("\"题\"", Some("u")));
    assert_eq!(document.tags.len(), 1);
    check_format(r#"{"title":null,"url":null,"html":""}"#, Format::Json, "");
    check_rejected(r#"{"url":"u","html":["<p>"]}"#, Reason::BadHeader);
    let document = parsed(r#"{"url":"u","html":"","author":{"name":"甲"}}"#);
    assert_eq!(document.author.as_deref(), Some("甲"));
    let document = parsed(r#"{"url":"u","html":"","site_name":{"name":"某报"}}"#);
    assert_eq!(document.site_name.as_deref(), Some("某报"));
    check_rejected(r#"{"url":"u","text":"文"}"#, Reason::Unsupported);
    check_rejected(r#"{"html":"文"}"#, Reason::Unsupported);
    check_rejected(r#"{"url":"u","html":"<p>"#, Reason::BadHeader);
    check_rejected("{\"url\":\"u\",\"html\":\"\"}\n{}", Reason::Unsupported);
    let deep = format!(r#"{{"url":"u","html":"","x":{}}}"#, "[".repeat(100_000));
    check_rejected(deep, Reason::BadHeader);
}

#[track_caller]
fn check_link(line: &str, title: &str, url: &str) {
    let document = parsed(&format!("<!--1707090302000-->\n{line}\n------\n\n文"));
    assert_eq!(
        (document.title.as_str(), document.url.as_deref().unwrap_or("")),
        (title, url),
        "{line:?}"
    );
}

#[test]
fn titles_and_addresses() {
    check_link("[[图] 甲 (乙)](u)", "[图] 甲 (乙)", "u");
    check_link("[甲](乙)丙](u)", "甲](乙)丙", "u");
    check_link("[甲](http://e.example//cn/a_(b))", "甲", "http://e.example//cn/a_(b)");
    check_link("[甲](u?source=rss-216c------2)", "甲", "u?source=rss-216c------2");
    check_link("[]()", "", "");
    check_link("[&quot;甲&quot; &amp;lt; <乙>]( u )", "\"甲\" &lt; <乙>", "u");
    check_link("[甲](<https://e.example/a b>)", "甲", "https://e.example/a b");
    check_link("[甲](https://e.example/a \"题 (乙)\")", "甲", "https://e.example/a");
    check_link("[甲](https://e.example/a 'x')", "甲", "https://e.example/a");
    check_link(
        "[甲](https://e.example/?a=1&amp;copy=2&b)",
        "甲",
        "https://e.example/?a=1&copy=2&b",
    );
    check_link("[甲](https://e.example/a b)", "甲", "https://e.example/a b");
    check_link("[\u{feff} 甲  乙\\n\u{200b}丙\u{feff}](u)", "甲  乙\\n\u{200b}丙", "u");
}

#[track_caller]
fn check_time(text: &str, time: Option<&str>) {
    let published = parsed(text).published.at().map(|time| time.to_string());
    assert_eq!(published.as_deref(), time, "{text:?}");
}

#[test]
fn times() {
    let epoch = |number: &str| format!("<!--{number}-->\n[题](u)\n------\n\n文");
    check_time(&epoch("1707090302000"), Some("2024-02-04T23:45:02Z"));
    check_time(&epoch("1707090302"), Some("2024-02-04T23:45:02Z"));
    check_time(&epoch("-100000000000"), Some("1966-10-31T14:13:20Z"));
    check_time(&epoch("1709604030.5"), Some("2024-03-05T02:00:30Z"));
    check_time(&epoch("1709604030500.25"), Some("2024-03-05T02:00:30Z"));
    check_time(&epoch("2024-03-05T10:20:30+08:00"), Some("2024-03-05T02:20:30Z"));
    check_time(&epoch(" Tue, 05 Mar 2024 02:20:30 GMT "), Some("2024-03-05T02:20:30Z"));
    for bad in [
        "NaN",
        "0",
        "-1",
        "5",
        "1.5",
        "1709604030.",
        "1709604030.x",
        "17070903020000000",
        "99999999999999999999999",
        "",
    ] {
        check_time(&epoch(bad), None);
    }
    check_time(
        "[题](u)\n---\n日期：Mon, 05 Feb 2024 00:35:00 +0100\n\n文",
        Some("2024-02-04T23:35:00Z"),
    );
    check_time("[题](u)\n---\n日期：昨天\n\n文", None);
    let yaml =
        |date: &str, body: &str| format!("---\ntitle: 题\ndate: {date}\nfrom: u\n---\n{body}");
    check_time(&yaml("2024-02-05T00:35:00+01:00", ""), Some("2024-02-04T23:35:00Z"));
    check_time(&yaml("2024-02-05 08:00:00 +0800", ""), Some("2024-02-05T00:00:00Z"));
    check_time(&yaml("2024-02-30", ""), None);
    let date = "2024-02-05T00:35:00Z";
    check_time(&yaml(date, "<!--1707090302000-->\n[题](u)\n---\n"), Some("2024-02-04T23:45:02Z"));
    check_time(&yaml(date, "<!--NaN-->\n[题](u)\n---\n"), None);
    check_time(&yaml(date, "[题](u)\n---\n"), Some("2024-02-05T00:35:00Z"));
}

#[test]
fn bodies_in_markdown() {
    let yaml = "---\ntitle: 题\nfrom: u\n---\n";
    let check =
        |body: &str, html: &str| check_format(&format!("{yaml}{body}"), Format::Markdown, html);
    check(
        "\n# 一\n\n甲**乙**[丙](https://e.example/)",
        "<h1>一</h1>\n<p>甲<strong>乙</strong><a href=\"https://e.example/\">丙</a></p>\n",
    );
    check("<https://e.example/>", "<p><a href=\"https://e.example/\">https://e.example/</a></p>\n");
    check("<!-- more -->\n\n甲", "<!-- more -->\n<p>甲</p>\n");
    check("甲 <b>乙</b>\n\n<div>丙</div>", "<p>甲 <b>乙</b></p>\n<div>丙</div>");
    check(
        "| 甲 | 乙 |\n| - | - |\n| 1 | 2 |",
        "<table><thead><tr><th>甲</th><th>乙</th></tr></thead><tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody></table>\n",
    );
    for html in ["<p>甲*乙*</p>", "<!-- a --><div>\n甲", "<!DOCTYPE html><p>甲", "</p>甲"] {
        check_format(&format!("{yaml}{html}"), Format::C, html);
    }
    check_format(yaml, Format::C, "");
}

#[track_caller]
fn check_encoding(bytes: &[u8], encoding: &str) {
    let document = parse(bytes).unwrap();
    assert_eq!(document.encoding, encoding);
    assert_eq!(document.title, "台灣的圖書館", "{encoding}");
}

#[test]
fn encodings() {
    let text = "<!--1707090302000-->\n[台灣的圖書館](https://news.example/1)\n------\n\n\
                <p>圖書館今天重新開放，許多讀者清早就來排隊，孩子們在窗邊看書。</p>\n";
    check_encoding(text.as_bytes(), "utf-8");
    check_encoding(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), "utf-8");
    check_encoding(&[text.as_bytes(), b"\xff"].concat(), "utf-8 (lossy)");
    check_encoding(&encoding_rs::GB18030.encode(text).0, "gb18030");
    check_encoding(&encoding_rs::BIG5.encode(text).0, "big5");
    let declared = format!("{text}<meta charset=\"gb2312\">");
    check_encoding(&encoding_rs::GB18030.encode(&declared).0, "gb18030");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_encoding(&wide, "utf-16le");
    check_encoding(&[b"\xff\xfe", &wide[..]].concat(), "utf-16le");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    check_encoding(&[b"\xfe\xff", &wide[..]].concat(), "utf-16be");
}

#[track_caller]
fn check_rejected(bytes: impl AsRef<[u8]>, reason: Reason) {
    let bytes = bytes.as_ref();
    assert_eq!(parse(bytes).expect_err("a rejection").reason, reason, "{bytes:?}");
}

/// Checks that the rejection's detail begins with this name.
#[track_caller]
pub(super) fn check_refused(bytes: &[u8], name: &str, reason: Reason) {
    let rejection = parse(bytes).expect_err(name);
    assert_eq!(rejection.reason, reason, "{name}: {rejection:?}");
    let detail = rejection.detail.unwrap_or_default();
    assert!(detail.starts_with(name) || reason == Reason::Binary, "{name}: {detail}");
}

#[track_caller]
pub(super) fn check_page(bytes: &[u8]) {
    let shown = String::from_utf8_lossy(bytes);
    let document = parse(bytes).unwrap_or_else(|rejection| panic!("{shown}: {rejection:?}"));
    assert_eq!(document.format, Format::Page, "{shown}");
}

#[test]
fn rejections() {
    check_rejected("", Reason::EmptyFile);
    check_rejected("\u{feff} \r\n\t", Reason::EmptyFile);
    check_rejected("\u{3000}\n", Reason::EmptyFile);
    check_rejected(b"\x89PNG\r\n\x1a\n", Reason::Binary);
    check_rejected(b"text\0text", Reason::NoHeader);
    check_rejected([0x81, 0x01, 0xff, 0x02].repeat(50), Reason::Undecodable);
    check_rejected("某台\n------\n\n* [甲](a/1.md)\n* [乙](a/2.md)\n", Reason::List);
    check_rejected("某台\n---\n1. [甲](1)\n- 2020 [乙](2)\n", Reason::List);
    check_rejected("# 新闻\n\n[甲](u)\n", Reason::Readme);
    check_rejected("新闻\n====\n\n说明\n", Reason::Readme);
    check_rejected("一段文字。\n", Reason::NoHeader);
    check_rejected("<svg/>", Reason::NoHeader);
    check_rejected("[1, {\"a\": [\"](b)\"]}]", Reason::NoHeader);
    check_rejected(format!("{}\n[甲](u)\n---\n", "文\n".repeat(1100)), Reason::NoHeader);
    check_rejected("文\n[甲](u)\n---\n", Reason::BadHeader);
    // Concatenated files: all but the first would become part of its text.
    let (a, b) =
        ("<!--1707090302000-->\n[题](u)\n---\n<p>文</p>\n", "[题](u)\n---\n日期：2024-02-05\n文\n");
    for joined in [[a, a], [a, b], [b, a], [b, b]] {
        check_rejected(joined.concat(), Reason::BadHeader);
    }
    check_rejected(a.repeat(2).replace('\n', "\r\n"), Reason::BadHeader);
    check_rejected("<!--1707090302000-->\n题\n------\n", Reason::BadHeader);
    check_rejected("<!--1-->\n[题](u\n------\n", Reason::BadHeader);
    check_rejected("[题](u)\n\n文", Reason::BadHeader);
    for broken in ["[题](u", "[题] (u)", "[题", "[题]\n------\n", "[题]\n(u)\n", "[题](u]\n"]
    {
        check_rejected(format!("{broken}\n文\n"), Reason::BadHeader);
    }
    for settings in ["[a]\n[b](u)\n", "[题](u) [a]\n"] {
        check_rejected(settings, Reason::BadHeader);
    }
    check_rejected("---\ntitle: 题\n", Reason::BadHeader);
    check_rejected(format!("---\n{}\n---\n", "- ".repeat(20_000)), Reason::NoHeader);
    check_rejected(format!("---\na: {}\n---\n", "[".repeat(2_000)), Reason::NoHeader);
    check_rejected(format!("+++\na = {}\n+++\n", "[".repeat(2_000)), Reason::NoHeader);
}

#[test]
fn invisible_characters_are_not_part_of_a_header() {
    let seeds = [
        ("<!--1707090302000-->\n[题](u)\n------\n<p>文</p>", Format::A),
        ("[题](u)\n---\n日期：2024-03-04\n<p>文</p>", Format::B),
        ("---\ntitle: 题\nfrom: u\n---\n<p>文</p>", Format::C),
        ("+++\ntitle = '题'\nfrom = 'u'\n+++\n文", Format::Markdown),
        ("{\"title\":\"题\",\"url\":\"u\",\"html\":\"<p>文\"}", Format::Json),
    ];
    let unseen = [
        "\u{feff}\u{feff}",
        "\u{200b}",
        "\u{200e}\u{2060}",
        "ï»¿",
        "\u{1b}",
        "\u{1b}[0m",
        "\u{1e}",
        "\u{a0}",
        "\u{3000}",
        "  ",
        "\u{200b}\n \n\u{feff}",
        "\u{fffd}",
        "\u{8}",
    ];
    for (seed, format) in seeds {
        for unseen in unseen {
            let document = parsed(&format!("{unseen}{seed}"));
            assert_eq!((document.format, &*document.title), (format, "题"), "{unseen:?} {seed:?}");
            assert_eq!(document.url.as_deref(), Some("u"), "{unseen:?} {seed:?}");
        }
    }
    let inside = "\u{feff}<!--1-->\u{200b}\n\u{feff}[题](u)\u{feff}\n---\u{200b}\n<p>文</p>";
    assert_eq!(parsed(inside).title, "题");
    assert_eq!(parsed("---\u{200b}\n\u{feff}title: 题\n---\u{a0}\n文").title, "题");
    let indented = parsed("  ---\n  title: 题\n  from: u\n  ---\n  文\n");
    assert_eq!((&*indented.title, indented.format), ("题", Format::Markdown));
}

#[test]
fn a_damaged_header_is_read_or_refused() {
    for text in [
        "<!\u{fffd}--170\u{fffd}7090302000-->\n[题](u)\n---\u{fffd}---\n<p>文</p>",
        "[题\u{fffd}](u)\n--\u{fffd}-\n<p>文</p>",
        "--\u{fffd}-\ntitle: 题\nfrom: u\n\u{fffd}---\n文",
        // Without its first character.
        "!--1707090302000-->\n[题](u)\n------\n<p>文</p>",
        "题](u)\n------\n<p>文</p>",
        "\u{fffd}图[1] 题](u)\n------\n<p>文</p>",
        "--\ntitle: 题\nfrom: u\n---\n文",
        "++\ntitle = '题'\nfrom = 'u'\n+++\n文",
        "\"title\":\"题\",\"url\":\"u\",\"html\":\"<p>文\"}",
    ] {
        let document = parsed(text);
        assert!(document.title.contains('题') && document.url.as_deref() == Some("u"), "{text:?}");
    }
    check_rejected("\u{fffd}x\n一段文字", Reason::BadHeader);
    check_rejected("一段文字\n二\u{fffd}\n", Reason::BadHeader);
    check_rejected("癧题](https://news.example/1)\nx", Reason::BadHeader);
    check_rejected("图 [![题](http://a/b.svg)](http://a)\n---\n", Reason::Readme);
    check_rejected("一\n二\n三\n四\n五\u{fffd}\n", Reason::NoHeader);
}

#[test]
fn json_after_a_fence_is_json() {
    let object = "{\"title\":\"题\",\"url\":\"u\",\"html\":\"<p>文\"}";
    for text in [
        format!("---\n{object}\n"),
        format!("---\r\n\r\n{object}\r\n---\r\n...\r\n"),
        format!("--- {object}"),
    ] {
        let document = parsed(&text);
        assert_eq!((document.format, &*document.html), (Format::Json, "<p>文"), "{text:?}");
    }
    check_rejected(format!("---\n{object}\n---\n{object}\n"), Reason::Unsupported);
    let yaml = parsed("---\n{\"title\": \"题\", \"url\": \"u\"}\n---\n文");
    assert_eq!((&*yaml.html, yaml.format), ("<p>文</p>\n", Format::Markdown));
}

#[test]
fn a_stray_nul_leaves_a_seed_a_seed() {
    let text = format!("<!--NaN-->\n[题](u)\n---\n\n{}\0", "文".repeat(100));
    assert_eq!(parsed(&text).format, Format::A);
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn any_text_after_an_opening_is_parsed(
        opening in prop::sample::select(vec!["---\n", "[", "<!--", "# ", "---\ntitle: a\nfrom: b\n"]),
        text in "[\\PC\n:\\[\\]()-]{0,200}",
    ) {
        let _ = parse(format!("{opening}{text}").as_bytes());
    }

    #[test]
    fn any_body_after_a_header_is_kept(body in "<p>\\PC{0,200}") {
        let document = parsed(&format!("<!--1-->\n[题](u)\n------\n\n{body}"));
        prop_assert_eq!(document.html, body);
    }
}
