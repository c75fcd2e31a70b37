//! An article as a reader meets it: its text in parts, links where they stand, pictures with what
//! is said of them. Share bars, related articles and the lines that the head repeats are left out.

use crate::model::{ArticleRecord, Block, BlockKind, Language, Link, LinkKind, Media, Script};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Lists and quotations inside more others are shown at this depth: each line is indented by it.
const DEEPEST: usize = 16;
/// A paragraph is gone through so many times, and no more, for links whose texts do not stand in it.
const MAX_SEARCHES: usize = 64;

/// The parts of an article, and links of its text that could not be put in their place.
pub struct Content<'a> {
    pub parts: Vec<Part<'a>>,
    pub other_links: Vec<Piece<'a>>,
}

/// A text, cut where links begin and end.
pub type Linked<'a> = Vec<Piece<'a>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    pub text: &'a str,
    /// Where it leads; only what can safely be followed.
    pub url: Option<&'a str>,
}

/// A line of a list or a quote; the depth counts from 1 and never grows by more than one.
#[derive(Debug, PartialEq, Eq)]
pub struct Nested<'a> {
    pub depth: usize,
    /// The number or letter before an item of an ordered list.
    pub marker: Option<&'a str>,
    /// Whether it is more of the item before it at its depth. See [`goes_on`].
    pub goes_on: bool,
    pub text: Linked<'a>,
}

impl Nested<'_> {
    /// The number of an item that is numbered as `3.` is.
    pub fn number(&self) -> Option<u32> {
        let digits = self.marker?.strip_suffix('.')?;
        let is_number = digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// The rank counts from 0 over the levels that the article has, so that none is skipped.
    Heading {
        rank: usize,
        text: Linked<'a>,
    },
    Lead(Linked<'a>),
    Paragraph(Linked<'a>),
    List(Vec<Nested<'a>>),
    Quote(Vec<Nested<'a>>),
    Preformatted(&'a str),
    /// Rows of cells.
    Table(Vec<Vec<Linked<'a>>>),
    /// A caption or credit that belongs to no picture.
    Note(Linked<'a>),
    Media(&'a Media),
}

impl<'a> Content<'a> {
    pub fn of(article: &'a ArticleRecord) -> Self {
        let mut content = Self { parts: Vec::new(), other_links: Vec::new() };
        let levels: BTreeSet<u8> = (article.paragraphs.iter())
            .filter(|paragraph| paragraph.kind == BlockKind::Heading)
            .filter_map(|paragraph| paragraph.level)
            .collect();
        let captions: HashSet<&str> =
            article.media.iter().filter_map(|media| media.caption.as_deref()).collect();
        let mut media = by_place(&article.media, |media| media.block);
        let mut links = by_place(&article.links, |link| link.block);
        for (at, paragraph) in article.paragraphs.iter().enumerate() {
            let place = Some(at);
            // Pictures over related articles are theirs.
            let pictures = media.remove(&place).filter(|_| paragraph.kind != BlockKind::Related);
            content.parts.extend(pictures.into_iter().flatten().map(Part::Media));
            let links = links.remove(&place).unwrap_or_default();
            let is_shown_already = captions.contains(paragraph.text.as_str());
            content.add(paragraph, &links, &levels, is_shown_already);
        }
        content.parts.extend(media.into_values().flatten().map(Part::Media));
        content
    }

    fn add(
        &mut self,
        paragraph: &'a Block,
        links: &[&'a Link],
        levels: &BTreeSet<u8>,
        is_shown_already: bool,
    ) {
        let text = paragraph.text.as_str();
        let depth = usize::from(paragraph.level.unwrap_or(1));
        let marker = paragraph.marker.as_deref();
        match paragraph.kind {
            BlockKind::Heading => {
                let level = paragraph.level.unwrap_or(1);
                let rank = levels.range(..level).count();
                let text = self.linked(paragraph, links);
                self.parts.push(Part::Heading { rank, text });
            }
            BlockKind::ListItem => {
                let text = self.linked(paragraph, links);
                match self.parts.last_mut() {
                    Some(Part::List(items)) => {
                        let mut item = Nested { marker, ..nested(items.last(), depth, text) };
                        item.goes_on = goes_on(items, &item);
                        items.push(item);
                    }
                    _ => {
                        let first = Nested { marker, ..nested(None, depth, text) };
                        self.parts.push(Part::List(vec![first]));
                    }
                }
            }
            BlockKind::Quote => {
                let text = self.linked(paragraph, links);
                match self.parts.last_mut() {
                    Some(Part::Quote(lines)) => {
                        lines.push(Nested { marker, ..nested(lines.last(), depth, text) });
                    }
                    _ => {
                        let first = Nested { marker, ..nested(None, depth, text) };
                        self.parts.push(Part::Quote(vec![first]));
                    }
                }
            }
            BlockKind::TableRow => {
                let row = cells(self.linked(paragraph, links));
                match self.parts.last_mut() {
                    Some(Part::Table(rows)) => rows.push(row),
                    _ => self.parts.push(Part::Table(vec![row])),
                }
            }
            BlockKind::Preformatted => {
                // Code has no place for the number of an item.
                let number = marker.filter(|&marker| marker != Block::BULLET);
                let number = number.map(|text| vec![Piece { text, url: None }]);
                self.parts.extend(number.map(Part::Paragraph));
                self.parts.push(Part::Preformatted(text));
                let links = links.iter().copied();
                self.other_links.extend(links.filter_map(listed));
            }
            BlockKind::Lead => {
                let text = self.linked(paragraph, links);
                self.parts.push(Part::Lead(text));
            }
            BlockKind::Paragraph => {
                let text = self.linked(paragraph, links);
                self.parts.push(Part::Paragraph(text));
            }
            BlockKind::Caption | BlockKind::Credit if !is_shown_already => {
                let text = self.linked(paragraph, links);
                self.parts.push(Part::Note(text));
            }
            _ => {}
        }
    }

    /// Puts links where their texts stand, one behind the other.
    /// In front of them the marker of what is no item, but begins one: a heading in a list.
    fn linked(&mut self, paragraph: &'a Block, links: &[&'a Link]) -> Linked<'a> {
        let mut pieces = Vec::new();
        let is_item = matches!(paragraph.kind, BlockKind::ListItem | BlockKind::Quote);
        if let Some(marker) = paragraph.marker.as_deref().filter(|_| !is_item) {
            pieces.extend([marker, " "].map(|text| Piece { text, url: None }));
        }
        let mut rest = paragraph.text.as_str();
        let mut misses = 0;
        for link in links {
            let Some(url) = followed(link) else {
                continue;
            };
            let found = (misses < MAX_SEARCHES).then(|| rest.find(link.text.as_str())).flatten();
            match found {
                Some(at) => {
                    let (before, from) = rest.split_at(at);
                    let (linked, behind) = from.split_at(link.text.len());
                    pieces.push(Piece { text: before, url: None });
                    pieces.push(Piece { text: linked, url: Some(url) });
                    rest = behind;
                }
                None => {
                    misses += 1;
                    self.other_links.extend(listed(link));
                }
            }
        }
        pieces.push(Piece { text: rest, url: None });
        pieces.retain(|piece| !piece.text.is_empty());
        pieces
    }
}

/// What stands in each paragraph, in its order; under `None` what stands in none.
fn by_place<T>(all: &[T], place: impl Fn(&T) -> Option<usize>) -> BTreeMap<Option<usize>, Vec<&T>> {
    let mut places: BTreeMap<Option<usize>, Vec<&T>> = BTreeMap::new();
    for one in all {
        places.entry(place(one)).or_default().push(one);
    }
    places
}

fn nested<'a>(before: Option<&Nested<'a>>, depth: usize, text: Linked<'a>) -> Nested<'a> {
    let deepest = before.map_or(0, |before| before.depth) + 1;
    Nested { depth: depth.clamp(1, deepest.min(DEEPEST)), marker: None, goes_on: false, text }
}

/// Whether a block of a list is a further paragraph of the item before it at its depth: only the first
/// block of an item has its number. The rows do not tell such a paragraph from the first item of a list
/// without numbers that follows at once, and a list in the middle of which another begins is rarer.
fn goes_on(items: &[Nested<'_>], item: &Nested<'_>) -> bool {
    let before = items.iter().rev().find(|before| before.depth <= item.depth);
    item.marker.is_none()
        && before.is_some_and(|before| {
            before.depth == item.depth && (before.marker.is_some() || before.goes_on)
        })
}

/// The lines of a quotation in runs of one depth: either items of a list in it, or other lines.
pub fn runs<'a, 'b>(lines: &'b [Nested<'a>]) -> impl Iterator<Item = &'b [Nested<'a>]> {
    lines.chunk_by(|one, next| {
        one.depth == next.depth && one.marker.is_some() && next.marker.is_some()
    })
}

/// A run that is items of a list, as a list of its own; `None` of other lines.
pub fn as_list<'a>(run: &[Nested<'a>]) -> Option<Vec<Nested<'a>>> {
    let item = |line: &Nested<'a>| Nested {
        depth: 1,
        marker: line.marker.filter(|&marker| marker != Block::BULLET),
        goes_on: false,
        text: line.text.clone(),
    };
    run.first()?.marker?;
    Some(run.iter().map(item).collect())
}

/// Cuts a row between its cells.
fn cells(row: Linked<'_>) -> Vec<Linked<'_>> {
    let mut cells = vec![Vec::new()];
    for piece in row {
        for (index, text) in piece.text.split('\t').enumerate() {
            if index > 0 {
                cells.push(Vec::new());
            }
            if let (Some(cell), false) = (cells.last_mut(), text.is_empty()) {
                cell.push(Piece { text, ..piece });
            }
        }
    }
    cells
}

/// Where a link of the text leads; not to another place of the page that it stood on.
fn followed(link: &Link) -> Option<&str> {
    let leads_on = link.kind != LinkKind::Anchor && !link.text.is_empty();
    safe_address(&link.url).filter(|_| leads_on)
}

fn listed(link: &Link) -> Option<Piece<'_>> {
    followed(link).map(|url| Piece { text: &link.text, url: Some(url) })
}

/// An address that may be followed: on the web, or for mail. All others (`javascript:`, `data:`,
/// `file:`) would act on the machine of whoever reads.
pub fn safe_address(url: &str) -> Option<&str> {
    const SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];
    let starts = |scheme: &&str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    SCHEMES.iter().any(starts).then_some(url)
}

/// The tag of a language that is written in a script, as `lang` has it: `zh-Hans`, `en`. Empty where it
/// is not known.
pub fn language_tag(language: Option<&Language>, script: Script) -> &str {
    match (language, script) {
        (Some(language), _) if !language.is_chinese() => language.as_str(),
        (_, Script::Simplified) => "zh-Hans",
        (_, Script::Traditional) => "zh-Hant",
        (Some(_), _) | (None, Script::Mixed) => "zh",
        (None, Script::Other) => "",
    }
}

/// The direction in which a language is written, as `dir` has it, where that is not from left to right.
pub fn direction(language: Option<&Language>) -> Option<&'static str> {
    language?.is_right_to_left().then_some("rtl")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{MediaKind, Precision, RevisionRecord, Status, Tag, TagKind, UrlRecord};

    /// An article with these paragraphs, as `kind` and text; the level stands behind the kind, the
    /// marker of a list's item before the text and U+0001.
    pub fn article(paragraphs: &[(&str, &str)]) -> ArticleRecord {
        let paragraph = |&(kind, text): &(&str, &str)| {
            let level =
                kind.chars().last().and_then(|last| last.to_digit(10)).map(|level| level as u8);
            let kind = kind.trim_end_matches(|last: char| last.is_ascii_digit());
            let (marker, text) = match text.split_once('\u{1}') {
                Some((marker, text)) => (Some(marker.to_owned()), text),
                None => (None, text),
            };
            Block { kind: kind.parse().unwrap(), level, marker, text: text.into() }
        };
        ArticleRecord {
            id: 7,
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
            status: Status::Ok,
            status_detail: None,
            char_count: 80,
            first_seen_at: Some("2024-03-07T00:00:00Z".parse().unwrap()),
            last_seen_at: Some("2024-03-08T00:00:00Z".parse().unwrap()),
            seed_sha256: [0xab; 32].into(),
            paragraphs: paragraphs.iter().map(paragraph).collect(),
            links: Vec::new(),
            media: Vec::new(),
            tags: vec![Tag { name: "天气".into(), kind: TagKind::Tag }],
            urls: vec![UrlRecord {
                canonical_url: "https://news.example/a?b=1&c=2".into(),
                url: Some("https://www.news.example/a?b=1&c=2".into()),
            }],
            revisions: vec![revision(1, "first", [0xab; 32])],
            seeds: Vec::new(),
        }
    }

    pub fn revision(sequence: i64, change: &str, sha256: [u8; 32]) -> RevisionRecord {
        RevisionRecord {
            sequence,
            change: change.parse().unwrap(),
            title: "雨后".into(),
            status: Status::Ok,
            published_at: Some("2024-03-05T00:00:00Z".parse().unwrap()),
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
        }
    }

    #[test]
    fn links_stand_where_their_texts_do() {
        let mut article = article(&[("paragraph", "甲乙丙甲丁")]);
        article.links = vec![
            link(0, "乙", "https://b.example/"),
            link(0, "甲", "HTTPS://a.example/"),
            link(0, "戊", "https://e.example/"),
            link(0, "丁", "javascript:alert(1)"),
            link(0, "", "https://picture.example/"),
        ];
        let content = Content::of(&article);
        let plain = |text| Piece { text, url: None };
        let to = |text, url| Piece { text, url: Some(url) };
        let pieces = vec![
            plain("甲"),
            to("乙", "https://b.example/"),
            plain("丙"),
            to("甲", "HTTPS://a.example/"),
            plain("丁"),
        ];
        assert_eq!(content.parts, [Part::Paragraph(pieces)]);
        assert_eq!(content.other_links, [to("戊", "https://e.example/")]);
    }

    #[test]
    fn what_belongs_together_is_one_part() {
        let article = article(&[
            ("list_item3", "一"),
            ("list_item3", "二"),
            ("boilerplate", "分享"),
            ("table_row", "日\t人数"),
            ("table_row", "一\t三"),
            ("heading4", "下"),
            ("heading2", "上"),
        ]);
        let content = Content::of(&article);
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
    fn what_is_deep_or_nowhere_has_an_end() {
        let lines: Vec<(String, &str)> =
            (1..100).map(|n| (format!("quote{}", n % 10), "甲")).collect();
        let mut article =
            article(&lines.iter().map(|(kind, text)| (&**kind, *text)).collect::<Vec<_>>());
        (article.paragraphs.iter_mut().zip(1..)).for_each(|(line, depth)| line.level = Some(depth));
        article.links = (0..MAX_SEARCHES).map(|_| link(0, "乙", "https://b.example/")).collect();
        article.links.push(link(0, "甲", "https://a.example/"));
        let content = Content::of(&article);
        let Part::Quote(lines) = &content.parts[0] else { panic!("{:?}", content.parts) };
        assert_eq!(lines.iter().map(|line| line.depth).max(), Some(DEEPEST));
        assert_eq!(content.other_links.len(), article.links.len());
    }

    #[test]
    fn a_heading_that_begins_an_item_keeps_its_number() {
        let article = article(&[("heading2", "3.\u{1}和面"), ("list_item1", "4.\u{1}洗手")]);
        let content = Content::of(&article);
        let plain = |text| Piece { text, url: None };
        let heading = vec![plain("3."), plain(" "), plain("和面")];
        assert_eq!(content.parts[0], Part::Heading { rank: 0, text: heading });
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
        let content = Content::of(&article);
        let shapes: Vec<&str> = (content.parts.iter())
            .map(|part| match part {
                Part::Media(_) => "media",
                Part::Note(_) => "note",
                Part::Paragraph(_) => "paragraph",
                _ => "other",
            })
            .collect();
        assert_eq!(shapes, ["media", "note", "paragraph", "media"]);
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
}
