//! The content of an article as a reader sees it: its text in parts, links in their places, pictures with
//! their captions. Each writer chooses with [`Asides`] how much else is shown.

use super::ArticleView;
use crate::model::{Block, BlockKind, Language, Link, LinkKind, Media, Script};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// More deeply nested lists and quotations are shown at this depth, since each level indents the line.
const DEEPEST: usize = 16;
/// A paragraph is searched at most this many times for links whose text is not in it.
const MAX_SEARCHES: usize = 64;

/// What is shown besides the article's own text; each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asides {
    /// Captions and credits that are not beside a picture.
    Captions,
    /// Lines that repeat the head: who wrote it, where and when.
    HeadLines,
    /// Related articles, share bars, everything on the page.
    All,
}

impl Asides {
    fn include(self, kind: BlockKind) -> bool {
        match kind {
            BlockKind::Caption | BlockKind::Credit => true,
            BlockKind::Dateline | BlockKind::Byline => self >= Self::HeadLines,
            BlockKind::Related | BlockKind::Boilerplate => self >= Self::All,
            _ => true,
        }
    }
}

/// The parts of an article, in its order.
pub struct Content<'a> {
    /// In the order of the text.
    pub parts: Vec<Part<'a>>,
}

/// A text, split where links begin and end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linked<'a> {
    /// In the order of the text.
    pub pieces: Vec<Piece<'a>>,
    /// Links whose text was not found in it.
    pub unplaced: Vec<&'a Link>,
}

/// A run of text, in a link or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// As it is shown.
    pub text: &'a str,
    /// The link with this text.
    pub link: Option<&'a Link>,
}

impl<'a> Piece<'a> {
    /// A text outside of links.
    pub fn plain(text: &'a str) -> Self {
        Self { text, link: None }
    }

    /// The address of the link, if it is safe to follow.
    pub fn url(&self) -> Option<&'a str> {
        self.link.and_then(|link| safe_address(&link.url))
    }
}

/// A line of a list or a quotation; the depth counts from 1 and grows by at most one.
#[derive(Debug, PartialEq, Eq)]
pub struct Nested<'a> {
    /// From 1.
    pub depth: usize,
    /// The number or letter of an item in an ordered list.
    pub marker: Option<&'a str>,
    /// Whether it continues the item before it at its depth. See the function `goes_on`.
    pub goes_on: bool,
    /// Of the item.
    pub text: Linked<'a>,
}

impl Nested<'_> {
    /// The number of an item with a marker such as `3.`.
    pub fn number(&self) -> Option<u32> {
        let digits = self.marker?.strip_suffix('.')?;
        let is_number = digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number)
    }
}

/// A part of the text, in reading order.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A heading inside the text.
    Heading {
        /// As on the page, from 1.
        level: u8,
        /// Counts from 0 over the levels that the article uses, so that none is skipped.
        rank: usize,
        /// Of the heading.
        text: Linked<'a>,
    },
    /// The lead, separate from the text.
    Lead(Linked<'a>),
    /// A paragraph.
    Paragraph(Linked<'a>),
    /// A list, with those inside it.
    List(Vec<Nested<'a>>),
    /// A quotation, with those inside it.
    Quote(Vec<Nested<'a>>),
    /// Text whose lines are kept as they are, without links.
    Preformatted {
        /// The number of the item, which cannot be part of the text either.
        marker: Option<&'a str>,
        /// Unchanged, including line breaks.
        text: &'a str,
        /// All links of it.
        links: Vec<&'a Link>,
    },
    /// Rows of cells.
    Table(Vec<Vec<Linked<'a>>>),
    /// Anything but the article's own text: a caption or credit without a picture, or what else [`Asides`]
    /// includes.
    Aside(Linked<'a>),
    /// A picture, film, recording or embed.
    Media(&'a Media),
}

impl<'a> Part<'a> {
    /// Whether it is the article's own text.
    pub fn is_text(&self) -> bool {
        !matches!(self, Self::Aside(_) | Self::Media(_))
    }

    /// Links of this part that could not be placed in the text.
    fn unplaced(&self) -> Vec<&'a Link> {
        fn of_all<'a: 'b, 'b>(texts: impl Iterator<Item = &'b Linked<'a>>) -> Vec<&'a Link> {
            texts.flat_map(|text| &text.unplaced).copied().collect()
        }
        match self {
            Self::Heading { text, .. }
            | Self::Lead(text)
            | Self::Paragraph(text)
            | Self::Aside(text) => text.unplaced.clone(),
            Self::List(lines) | Self::Quote(lines) => of_all(lines.iter().map(|line| &line.text)),
            Self::Preformatted { links, .. } => links.clone(),
            Self::Table(rows) => of_all(rows.iter().flatten()),
            Self::Media(_) => Vec::new(),
        }
    }
}

impl<'a> Content<'a> {
    /// The shown content of an article.
    pub fn of(article: &'a ArticleView, asides: Asides) -> Self {
        let mut content = Self { parts: Vec::new() };
        let kind_at = |at: usize| article.paragraphs.get(at).map(|paragraph| paragraph.kind);
        // Pictures above related articles belong to them; one above a share bar may be the article's.
        let is_shown = |media: &&Media| {
            media.block.and_then(kind_at) != Some(BlockKind::Related) || asides == Asides::All
        };
        let levels: BTreeSet<u8> = (article.paragraphs.iter())
            .filter(|paragraph| paragraph.kind == BlockKind::Heading)
            .filter_map(|paragraph| paragraph.level)
            .collect();
        let shown: Vec<&Media> = article.media.iter().filter(is_shown).collect();
        let captions: HashSet<&str> =
            shown.iter().filter_map(|media| media.caption.as_deref()).collect();
        let mut media = by_place(shown, |media| media.block);
        let mut links = by_place(article.links.iter().filter(is_in_text), |link| link.block);
        for (at, paragraph) in article.paragraphs.iter().enumerate() {
            content.add_media(media.remove(&Some(at)).unwrap_or_default(), paragraph.kind);
            let links = links.remove(&Some(at)).unwrap_or_default();
            let is_repeated = matches!(paragraph.kind, BlockKind::Caption | BlockKind::Credit)
                && captions.contains(paragraph.text.as_str());
            if asides.include(paragraph.kind) && !is_repeated {
                content.add(paragraph, links, &levels);
            }
        }
        content.parts.extend(media.into_values().flatten().map(Part::Media));
        content
    }

    /// Whether any part is the article's own text.
    pub fn has_text(&self) -> bool {
        self.parts.iter().any(Part::is_text)
    }

    /// Links of the text that could not be placed in it and are safe to follow.
    pub fn other_links(&self) -> Vec<&'a Link> {
        let links = self.parts.iter().flat_map(Part::unplaced);
        links.filter(|link| safe_address(&link.url).is_some()).collect()
    }

    /// Adds the media before a paragraph. The media of a table are put before it, so that the table stays
    /// whole.
    fn add_media(&mut self, media: Vec<&'a Media>, before: BlockKind) {
        let in_table =
            before == BlockKind::TableRow && matches!(self.parts.last(), Some(Part::Table(_)));
        let at = self.parts.len() - usize::from(in_table);
        self.parts.splice(at..at, media.into_iter().map(Part::Media));
    }

    fn add(&mut self, paragraph: &'a Block, links: Vec<&'a Link>, levels: &BTreeSet<u8>) {
        let marker = paragraph.marker.as_deref();
        let part = match paragraph.kind {
            BlockKind::Preformatted => {
                let marker = marker.filter(|&marker| marker != Block::BULLET);
                Part::Preformatted { marker, text: &paragraph.text, links }
            }
            BlockKind::ListItem => {
                let text = linked(paragraph, &links);
                if let Some(Part::List(items)) = self.parts.last_mut() {
                    let mut item = nested(items.last(), paragraph, text);
                    item.goes_on = goes_on(items, &item);
                    return items.push(item);
                }
                Part::List(vec![nested(None, paragraph, text)])
            }
            BlockKind::Quote => {
                let text = linked(paragraph, &links);
                if let Some(Part::Quote(lines)) = self.parts.last_mut() {
                    return lines.push(nested(lines.last(), paragraph, text));
                }
                Part::Quote(vec![nested(None, paragraph, text)])
            }
            BlockKind::TableRow => {
                let row = cells(linked(paragraph, &links));
                if let Some(Part::Table(rows)) = self.parts.last_mut() {
                    return rows.push(row);
                }
                Part::Table(vec![row])
            }
            BlockKind::Heading => {
                let level = level(paragraph);
                let rank = levels.range(..level).count();
                Part::Heading { level, rank, text: linked(paragraph, &links) }
            }
            BlockKind::Lead => Part::Lead(linked(paragraph, &links)),
            BlockKind::Paragraph => Part::Paragraph(linked(paragraph, &links)),
            BlockKind::Caption
            | BlockKind::Dateline
            | BlockKind::Byline
            | BlockKind::Credit
            | BlockKind::Related
            | BlockKind::Boilerplate => Part::Aside(linked(paragraph, &links)),
        };
        self.parts.push(part);
    }
}

fn level(block: &Block) -> u8 {
    block.level.unwrap_or(1)
}

/// Places links where their texts are, one after the other. Before them comes the marker of a block that
/// starts an item without being one: a heading in a list.
fn linked<'a>(paragraph: &'a Block, links: &[&'a Link]) -> Linked<'a> {
    let (mut pieces, mut unplaced) = (Vec::new(), Vec::new());
    let is_item = matches!(paragraph.kind, BlockKind::ListItem | BlockKind::Quote);
    if let Some(marker) = paragraph.marker.as_deref().filter(|_| !is_item) {
        pieces.extend([marker, " "].map(Piece::plain));
    }
    // The text of a link has blanks where the paragraph has line breaks.
    let on_one_line = |text: &str| text.replace(['\n', '\t'], " ");
    let searched = if links.is_empty() { String::new() } else { on_one_line(&paragraph.text) };
    let mut done = 0;
    for &link in links {
        let may_search = unplaced.len() < MAX_SEARCHES;
        let find = || searched[done..].find(&on_one_line(&link.text));
        let found = if may_search { find() } else { None };
        match found {
            Some(at) => {
                let (start, end) = (done + at, done + at + link.text.len());
                pieces.push(Piece::plain(&paragraph.text[done..start]));
                pieces.push(Piece { text: &paragraph.text[start..end], link: Some(link) });
                done = end;
            }
            None => unplaced.push(link),
        }
    }
    pieces.push(Piece::plain(&paragraph.text[done..]));
    pieces.retain(|piece| !piece.text.is_empty());
    Linked { pieces, unplaced }
}

/// The elements of each paragraph, in order; those outside any paragraph are under `None`.
fn by_place<'a, T>(
    all: impl IntoIterator<Item = &'a T>,
    place: impl Fn(&T) -> Option<usize>,
) -> BTreeMap<Option<usize>, Vec<&'a T>> {
    let mut places: BTreeMap<Option<usize>, Vec<&T>> = BTreeMap::new();
    for one in all {
        places.entry(place(one)).or_default().push(one);
    }
    places
}

fn nested<'a>(before: Option<&Nested<'a>>, block: &'a Block, text: Linked<'a>) -> Nested<'a> {
    let deepest = before.map_or(0, |before| before.depth) + 1;
    let depth = usize::from(level(block)).clamp(1, deepest.min(DEEPEST));
    Nested { depth, marker: block.marker.as_deref(), goes_on: false, text }
}

/// Whether a block of a list is a further paragraph of the item before it at its depth: only the first block
/// of an item has its number. The rows do not distinguish such a paragraph from the first item of an
/// unordered list that directly follows, and a list that starts in the middle of another is rarer.
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

/// A run of list items as a separate list; `None` for other lines.
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

/// Splits a row into its cells. The last one gets the links without a place in the row.
fn cells(row: Linked<'_>) -> Vec<Linked<'_>> {
    let (mut cells, mut last) = (Vec::new(), Linked::default());
    for piece in row.pieces {
        for (index, text) in piece.text.split('\t').enumerate() {
            if index > 0 {
                cells.push(std::mem::take(&mut last));
            }
            if !text.is_empty() {
                last.pieces.push(Piece { text, ..piece });
            }
        }
    }
    last.unplaced = row.unplaced;
    cells.push(last);
    cells
}

/// Whether a link has a text and leads to another page.
fn is_in_text(link: &&Link) -> bool {
    link.kind != LinkKind::Anchor && !link.text.is_empty()
}

/// An address that is safe to follow: web or mail. All others (`javascript:`, `data:`, `file:`) would act on
/// the reader's machine.
pub fn safe_address(url: &str) -> Option<&str> {
    const SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];
    let starts = |scheme: &&str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    SCHEMES.iter().any(starts).then_some(url)
}

/// The tag of a language and its script for the attribute `lang`: `zh-Hans`, `en`. Empty if unknown.
pub fn language_tag(language: Option<&Language>, script: Script) -> &str {
    match (language, script) {
        (Some(language), _) if !language.is_chinese() => language.as_str(),
        (_, Script::Simplified) => "zh-Hans",
        (_, Script::Traditional) => "zh-Hant",
        (Some(_), _) | (None, Script::Mixed) => "zh",
        (None, Script::Other) => "",
    }
}

/// The direction of a language for the attribute `dir`, unless it is left to right.
pub fn direction(language: Option<&Language>) -> Option<&'static str> {
    language?.is_right_to_left().then_some("rtl")
}

#[cfg(test)]
pub(crate) mod tests;
