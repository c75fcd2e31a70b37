use super::*;
use crate::model::{MediaKind, Precision, RevisionRecord, Status, Tag, TagKind, UrlRecord};

/// An article with these paragraphs, as `kind` and text. The level follows the kind; the marker of a list
/// item is before the text, separated by U+0001.
pub fn article(paragraphs: &[(&str, &str)]) -> ArticleView {
    let paragraph = |&(kind, text): &(&str, &str)| {
        let level = kind.chars().last().and_then(|last| last.to_digit(10)).map(|level| level as u8);
        let kind = kind.trim_end_matches(|last: char| last.is_ascii_digit());
        let (marker, text) = match text.split_once('\u{1}') {
            Some((marker, text)) => (Some(marker.to_owned()), text),
            None => (None, text),
        };
        Block { kind: kind.parse().unwrap(), level, marker, text: text.into() }
    };
    ArticleView {
        id: Some(7),
        url: Some("https://www.news.example/a?b=1&c=2".into()),
        canonical_url: "https://news.example/a?b=1&c=2".into(),
        site: Some("news.example".into()),
        title: "雨后".into(),
        title_raw: None,
        author: Some("林一".into()),
        dateline: None,
        script: Script::Simplified,
        language: Some(Language::of_code("zh")),
        published_at: Some("2024-03-05T00:00:00Z".parse().unwrap()),
        published_precision: Some(Precision::Day),
        updated_at: Some("2024-03-06T08:00:00Z".parse().unwrap()),
        updated_precision: Some(Precision::Minute),
        site_name: None,
        modified_at: None,
        status: Status::Ok,
        status_detail: None,
        char_count: 80,
        first_seen_at: Some("2024-03-07T00:00:00Z".parse().unwrap()),
        last_seen_at: Some("2024-03-08T00:00:00Z".parse().unwrap()),
        seed_sha256: [0xab; 32].into(),
        paragraphs: paragraphs.iter().map(paragraph).collect(),
        links: Vec::new(),
        media: Vec::new(),
        authors: Vec::new(),
        tags: vec![Tag { name: "天气".into(), kind: TagKind::Tag }],
        urls: vec![UrlRecord {
            canonical_url: "https://news.example/a?b=1&c=2".into(),
            url: Some("https://www.news.example/a?b=1&c=2".into()),
        }],
        revisions: vec![revision(1, "first", [0xab; 32])],
    }
}

pub fn revision(sequence: i64, change: &str, sha256: [u8; 32]) -> RevisionRecord {
    RevisionRecord {
        sequence,
        change: change.parse().unwrap(),
        title: "雨后".into(),
        status: Status::Ok,
        published_at: Some("2024-03-05T00:00:00Z".parse().unwrap()),
        published_precision: Some(Precision::Day),
        observed_at: Some("2024-03-07T00:00:00Z".parse().unwrap()),
        sha256: sha256.into(),
        former_paragraphs: Vec::new(),
    }
}

pub fn link(paragraph: usize, text: &str, url: &str) -> Link {
    Link {
        block: Some(paragraph),
        kind: LinkKind::Content,
        url: url.into(),
        href: url.into(),
        text: text.into(),
        host: None,
        is_internal: false,
        address_key: None,
    }
}

pub fn picture(block: Option<usize>, alt: Option<&str>, caption: Option<&str>) -> Media {
    Media {
        block,
        kind: MediaKind::Image,
        url: "https://img.example/一 (1).jpg".into(),
        src: "/一 (1).jpg".into(),
        alt: alt.map(str::to_owned),
        caption: caption.map(str::to_owned),
        role: None,
    }
}

#[test]
fn links_are_placed_at_their_texts() {
    let mut article = article(&[("paragraph", "甲乙丙甲丁")]);
    article.links = vec![
        link(0, "乙", "https://b.example/"),
        link(0, "甲", "HTTPS://a.example/"),
        link(0, "戊", "https://e.example/"),
        link(0, "丁", "javascript:alert(1)"),
        link(0, "", "https://picture.example/"),
    ];
    let content = Content::of(&article, Asides::Captions);
    let [Part::Paragraph(text)] = &content.parts[..] else { panic!("{:?}", content.parts) };
    let pieces: Vec<_> = text.pieces.iter().map(|piece| (piece.text, piece.url())).collect();
    let expected = [
        ("甲", None),
        ("乙", Some("https://b.example/")),
        ("丙", None),
        ("甲", Some("HTTPS://a.example/")),
        ("丁", None),
    ];
    assert_eq!(pieces, expected);
    let others: Vec<_> = content.other_links().iter().map(|link| link.text.as_str()).collect();
    assert_eq!(others, ["戊"]);
}

/// A link's text has a blank where the page breaks the line or begins another cell.
#[test]
fn a_link_continues_over_a_line_break() {
    let mut article = article(&[("paragraph", "见\n报 道。"), ("table_row", "甲\t乙")]);
    article.links =
        vec![link(0, "见 报", "https://a.example/"), link(1, "甲 乙", "https://b.example/")];
    let content = Content::of(&article, Asides::Captions);
    assert!(content.other_links().is_empty());
    let Part::Paragraph(text) = &content.parts[0] else { panic!("{:?}", content.parts) };
    let pieces: Vec<_> = text.pieces.iter().map(|piece| (piece.text, piece.url())).collect();
    assert_eq!(pieces, [("见\n报", Some("https://a.example/")), (" 道。", None)]);
    let Part::Table(rows) = &content.parts[1] else { panic!("{:?}", content.parts) };
    let cells: Vec<_> =
        rows[0].iter().flat_map(|cell| &cell.pieces).map(|piece| piece.url()).collect();
    assert_eq!(cells, [Some("https://b.example/"); 2]);
}

/// Pictures in a table are put before it.
#[test]
fn a_table_stays_one() {
    let mut article = article(&[("table_row", "日\t人数"), ("table_row", "一\t三")]);
    article.media = vec![picture(Some(0), Some("甲"), None), picture(Some(1), Some("乙"), None)];
    let content = Content::of(&article, Asides::Captions);
    let [Part::Media(one), Part::Media(other), Part::Table(rows)] = &content.parts[..] else {
        panic!("{:?}", content.parts)
    };
    assert_eq!([&one.alt, &other.alt].map(|alt| alt.as_deref()), [Some("甲"), Some("乙")]);
    assert_eq!(rows.len(), 2);
}

#[test]
fn a_writer_chooses_the_asides() {
    let mut article = article(&[
        ("byline", "林一"),
        ("paragraph", "雨停了。"),
        ("caption", "馆前"),
        ("related", "更多"),
        ("boilerplate", "分享"),
    ]);
    article.media = vec![picture(Some(3), None, Some("馆前"))];
    let shown = |asides| {
        let parts = Content::of(&article, asides).parts;
        let text = |part: &Part<'_>| match part {
            Part::Paragraph(text) | Part::Aside(text) => text.pieces[0].text.to_owned(),
            Part::Media(_) => "[picture]".to_owned(),
            other => panic!("{other:?}"),
        };
        parts.iter().map(text).collect::<Vec<_>>()
    };
    // If the picture is not shown, its caption is.
    assert_eq!(shown(Asides::Captions), ["雨停了。", "馆前"]);
    assert_eq!(shown(Asides::HeadLines), ["林一", "雨停了。", "馆前"]);
    assert_eq!(shown(Asides::All), ["林一", "雨停了。", "[picture]", "更多", "分享"]);
}

#[test]
fn adjacent_blocks_are_one_part() {
    let article = article(&[
        ("list_item3", "一"),
        ("list_item3", "二"),
        ("boilerplate", "分享"),
        ("table_row", "日\t人数"),
        ("table_row", "一\t三"),
        ("heading4", "下"),
        ("heading2", "上"),
    ]);
    let content = Content::of(&article, Asides::Captions);
    let depths = match &content.parts[0] {
        Part::List(items) => items.iter().map(|item| item.depth).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(depths, [1, 2]);
    assert!(matches!(&content.parts[1], Part::Table(rows) if rows.len() == 2));
    assert!(matches!(content.parts[2], Part::Heading { rank: 1, .. }));
    assert!(matches!(content.parts[3], Part::Heading { rank: 0, .. }));
}

#[test]
fn deep_lists_and_unplaced_links_are_bounded() {
    let lines: Vec<(String, &str)> = (1..100).map(|n| (format!("quote{}", n % 10), "甲")).collect();
    let mut article =
        article(&lines.iter().map(|(kind, text)| (&**kind, *text)).collect::<Vec<_>>());
    (article.paragraphs.iter_mut().zip(1..)).for_each(|(line, depth)| line.level = Some(depth));
    article.links = (0..MAX_SEARCHES).map(|_| link(0, "乙", "https://b.example/")).collect();
    article.links.push(link(0, "甲", "https://a.example/"));
    let content = Content::of(&article, Asides::Captions);
    let Part::Quote(lines) = &content.parts[0] else { panic!("{:?}", content.parts) };
    assert_eq!(lines.iter().map(|line| line.depth).max(), Some(DEEPEST));
    assert_eq!(content.other_links().len(), article.links.len());
}

#[test]
fn a_heading_that_begins_an_item_keeps_its_number() {
    let article = article(&[("heading2", "3.\u{1}和面"), ("list_item1", "4.\u{1}洗手")]);
    let content = Content::of(&article, Asides::Captions);
    let pieces = ["3.", " ", "和面"].map(Piece::plain).to_vec();
    let text = Linked { pieces, unplaced: Vec::new() };
    assert_eq!(content.parts[0], Part::Heading { level: 2, rank: 0, text });
    assert!(matches!(&content.parts[1], Part::List(items) if items[0].number() == Some(4)));
}

#[test]
fn a_caption_is_shown_once() {
    let mut article = article(&[
        ("caption", "雨中的图书馆"),
        ("credit", "图：馆方"),
        ("related", "更多"),
        ("paragraph", "雨停了。"),
    ]);
    article.media = vec![
        picture(Some(0), None, Some("雨中的图书馆")),
        picture(Some(2), None, None),
        picture(None, None, None),
    ];
    let content = Content::of(&article, Asides::Captions);
    let shapes: Vec<&str> = (content.parts.iter())
        .map(|part| match part {
            Part::Media(_) => "media",
            Part::Aside(_) => "aside",
            Part::Paragraph(_) => "paragraph",
            _ => "other",
        })
        .collect();
    assert_eq!(shapes, ["media", "aside", "paragraph", "media"]);
}

#[test]
fn only_the_web_and_mail_are_safe() {
    for url in ["http://a", "HTTPS://a", "mailto:a@b"] {
        assert_eq!(safe_address(url), Some(url));
    }
    for url in ["javascript:1", " https://a", "java\nscript:1", "data:text/html,x", "//a", ""] {
        assert_eq!(safe_address(url), None, "{url}");
    }
}
