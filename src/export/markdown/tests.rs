//! Checks that Markdown and YAML parsers read the exported files as intended.

use super::*;
use crate::model::{self, Media, MediaKind, TagKind};
use crate::view::ArticleView;
use crate::view::content::tests::{article, link, picture};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use saphyr_parser::Event as Yaml;

/// What a Markdown parser reads: each block's kind, text and depth, and the targets of links.
fn read(text: &str) -> (Vec<(&'static str, String)>, Vec<String>) {
    // All dialect extensions, except those that change letters.
    let options = Options::all()
        - Options::ENABLE_SMART_PUNCTUATION
        - Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        - Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let (mut blocks, mut links) = (Vec::new(), Vec::new());
    let mut open: Option<(&str, String)> = None;
    let mut is_item = false;
    for event in Parser::new_ext(text, options) {
        let push = |open: &mut Option<(&str, String)>, text: &str| {
            open.get_or_insert(("loose", String::new())).1.push_str(text);
        };
        match event {
            Event::Start(Tag::Paragraph) if !is_item => open = Some(("paragraph", "".into())),
            Event::Start(Tag::Heading { .. }) => open = Some(("heading", "".into())),
            Event::Start(Tag::CodeBlock(_)) => open = Some(("preformatted", "".into())),
            Event::Start(Tag::TableCell) => open = Some(("cell", "".into())),
            Event::Start(Tag::Item) => {
                blocks.extend(open.take());
                is_item = true;
                open = Some(("list_item", "".into()));
            }
            Event::End(TagEnd::Item) => {
                is_item = false;
                blocks.extend(open.take());
            }
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::TableCell,
            ) => blocks.extend(open.take()),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.into_string());
            }
            Event::Text(text) => push(&mut open, &text),
            Event::HardBreak => push(&mut open, "\n"),
            Event::InlineHtml(html) if &*html == "<br>" => push(&mut open, "\n"),
            Event::Start(
                Tag::BlockQuote(None)
                | Tag::List(None)
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::Emphasis
                | Tag::Paragraph,
            )
            | Event::End(_) => {}
            other => panic!("{other:?} in {text:?}"),
        }
    }
    (blocks, links)
}

fn body(file: &str) -> &str {
    file.split_once("\n---\n").unwrap().1
}

/// Marks of Markdown, blanks, digits and letters, densely mixed.
fn marks() -> impl Strategy<Value = String> {
    "[-+*_~`#>|<&!\\[\\](){}\\\\=:$^.)0-9ax;\"'/@ \t\n\r\u{b}\u{a0}\u{3000}甲，“]{1,24}"
}

#[test]
fn a_wide_table_is_as_long_as_its_cells() {
    let wide = vec!["a"; 1_000].join("\t");
    let rows: Vec<(&str, &str)> = [("table_row", "b")]
        .into_iter()
        .chain([("table_row", &*wide)])
        .cycle()
        .take(2_000)
        .collect();
    assert!(markdown(&article(&rows)).len() < 5_000_000);
    let file = markdown(&article(&[("table_row", "b"), ("table_row", "c\td")]));
    assert!(file.contains("| b |  |\n| --- | --- |\n| c | d |"), "{file}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_very_text_is_shown(
        kinds in prop::collection::vec((0usize..5, marks()), 1..5),
        linked in 0usize..3,
    ) {
        const KINDS: [&str; 5] = ["paragraph", "heading2", "list_item1", "quote1", "lead"];
        let paragraphs: Vec<(&str, &str)> =
            kinds.iter().map(|(kind, text)| (KINDS[*kind], text.as_str())).collect();
        let mut article = article(&paragraphs);
        if let Some((_, text)) = paragraphs.get(linked) {
            let middle: String = text.chars().skip(1).take(3).collect();
            article.links = vec![link(linked, &middle, "https://a.example/")];
        }
        let (blocks, _) = read(body(&markdown(&article)));
        let shown: Vec<(&str, &str)> =
            blocks.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        let expected: Vec<(&str, &str)> = paragraphs
            .iter()
            .map(|(kind, text)| match *kind {
                "heading2" => ("heading", *text),
                "list_item1" => ("list_item", *text),
                _ => ("paragraph", *text),
            })
            .collect();
        prop_assert_eq!(shown, expected);
    }

    #[test]
    fn the_very_cells_are_shown(
        cells in prop::collection::vec("[-|*_`:\\\\<&\na甲]{1,8}", 4)
    ) {
        let rows = [cells[..2].join("\t"), cells[2..].join("\t")];
        let article = article(&[("table_row", &rows[0]), ("table_row", &rows[1])]);
        let (blocks, _) = read(body(&markdown(&article)));
        let shown: Vec<&String> = blocks.iter().map(|(_, text)| text).collect();
        prop_assert_eq!(shown, cells.iter().collect::<Vec<_>>());
    }

    #[test]
    fn code_stays_as_it_is(text in "[`~ \na>#*&\\\\甲]{1,24}") {
        let article = article(&[("preformatted", &text)]);
        let (blocks, _) = read(body(&markdown(&article)));
        prop_assert_eq!(&blocks, &[("preformatted", format!("{text}\n"))]);
    }

    #[test]
    fn links_lead_where_they_led(
        path in "[-a-z0-9()&;#?=%_*~!'\\[\\]{}\"甲.,/]{0,24}", title in marks()
    ) {
        let url = format!("https://a.example/{path}");
        let mut article = article(&[("paragraph", &title)]);
        article.links = vec![link(0, &title, &url)];
        let (blocks, links) = read(body(&markdown(&article)));
        prop_assert_eq!(&blocks, &[("paragraph", title)]);
        prop_assert_eq!(links, [url]);
    }

    #[test]
    fn any_text_survives_yaml(text in any::<String>(), tag in marks()) {
        let mut article = article(&[]);
        article.title = text.clone();
        article.tags = vec![model::Tag { name: tag.clone(), kind: TagKind::Tag }];
        let file = markdown(&article);
        let yaml = file.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap().0;
        let mut scalars = Vec::new();
        for event in saphyr_parser::Parser::new_from_str(yaml) {
            if let Yaml::Scalar(text, ..) = event.unwrap().0 {
                scalars.push(text.into_owned());
            }
        }
        prop_assert_eq!(&scalars[2..4], &["title".to_owned(), text]);
        prop_assert!(scalars.contains(&tag));
    }

    #[test]
    fn any_title_is_a_name(title in any::<String>()) {
        let article = ArticleView { title, ..article(&[]) };
        let name = FileNames::default().take(&file_name(&article));
        prop_assert!(name.len() <= 200 && name.ends_with(".md") && !name.contains('/'));
        prop_assert!(name.starts_with("2024-03-05-"));
    }
}

/// The items of all lists as a reader of Markdown numbers them: the depth, the number, the paragraphs.
fn items_in(file: &str) -> Vec<String> {
    let mut shown = Vec::new();
    let mut open = Vec::new();
    for event in Parser::new(body(file)) {
        match event {
            Event::Start(Tag::List(first)) => open.push(first),
            Event::End(TagEnd::List(_)) => drop(open.pop()),
            Event::Start(Tag::Item) => {
                let depth = open.len();
                let number = open.last_mut().unwrap();
                let mark = number.map_or_else(String::new, |number| format!("{number}. "));
                *number = number.map(|number| number + 1);
                shown.push(format!("{depth} {mark}"));
            }
            Event::Start(Tag::Paragraph) if !shown.last().unwrap().ends_with(' ') => {
                shown.last_mut().unwrap().push_str(" / ");
            }
            Event::Text(text) => shown.last_mut().unwrap().push_str(&text),
            _ => {}
        }
    }
    shown
}

#[test]
fn items_have_their_own_numbers() {
    let items = [
        ("list_item1", "3.", "甲"),
        ("list_item2", "7.", "乙"),
        ("list_item2", "9.", "丙"),
        ("list_item2", "", "丁"),
        ("list_item2", "", "丁二"),
        ("list_item1", "4.", "戊"),
        ("list_item2", "", "点"),
        ("list_item2", "", "又点"),
        ("list_item1", "", "戊二"),
        ("list_item1", "2.", "己"),
        ("list_item1", "1.", "庚"),
        ("list_item1", "2.", "辛"),
        ("list_item2", "1.", "壬"),
        ("list_item1", "b)", "癸"),
        ("list_item1", "-1.", "子"),
        ("list_item1", "999999999.", "丑"),
    ];
    let texts: Vec<String> =
        items.iter().map(|(_, marker, text)| format!("{marker}\u{1}{text}")).collect();
    let paragraphs: Vec<(&str, &str)> =
        items.iter().zip(&texts).map(|(item, text)| (item.0, text.as_str())).collect();
    let mut article = article(&paragraphs);
    for paragraph in &mut article.paragraphs {
        paragraph.marker = paragraph.marker.take().filter(|marker| !marker.is_empty());
    }
    let file = markdown(&article);
    let expected = [
        "1 3. 甲",
        "2 7. 乙",
        "2 9. 丙 / 丁 / 丁二",
        "1 4. 戊",
        "2 点",
        "2 又点 / 戊二",
        "1 2. 己",
        "1 1. 庚",
        "1 2. 辛",
        "2 1. 壬",
        "1 b) 癸",
        "1 -1. 子",
        "1 999999999. 丑",
    ];
    assert_eq!(items_in(&file), expected, "{file}");
}

#[test]
fn a_list_in_a_quotation_is_both() {
    let article = article(&[
        ("quote1", "他说："),
        ("quote1", "1.\u{1}甲"),
        ("quote1", "2.\u{1}乙"),
        ("quote1", "•\u{1}丙"),
        ("quote2", "丁"),
    ]);
    let quoted = "> 他说：\n>\n> 1. 甲\n> 2. 乙\n> - 丙\n>\n> > 丁\n";
    assert_eq!(body(&markdown(&article)).trim_start(), quoted);
}

#[test]
fn a_whole_file() {
    let mut article = article(&[
        ("heading3", "一、# 雨"),
        ("paragraph", "1. *雨*停了。\n见报道<b>。"),
        ("list_item1", "伞"),
        ("list_item2", "+ 黑的"),
        ("quote1", "“走吧。”"),
        ("quote2", "好。"),
        ("preformatted", "```\nlet a = 1;"),
        ("table_row", "日\t人数"),
        ("table_row", "一|二\t三"),
        ("credit", "图：馆方"),
        ("related", "更多"),
    ]);
    article.title = "他说：\"雨\"\n# 后".into();
    article.links = vec![
        link(1, "报道", "https://a.example/一_(二)"),
        link(1, "不在文中", "https://b.example/"),
        link(1, "雨", "javascript:alert(1)"),
    ];
    article.media = vec![
        picture(Some(1), Some("雨中[图]"), Some("雨中的*图书馆*。")),
        Media { kind: MediaKind::Video, ..picture(None, None, None) },
    ];
    insta::assert_snapshot!(markdown(&article));
}

#[test]
fn the_number_of_a_code_item_is_above_it() {
    let file = markdown(&article(&[("preformatted", "2.\u{1}let a = 1;")]));
    assert!(file.ends_with("2\\.\n\n```\nlet a = 1;\n```\n"), "{file}");
}
