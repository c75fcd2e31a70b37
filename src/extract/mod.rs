//! From a parsed document to an article: HTML and text rules, and the keys of sameness. Pure.
//!
//! [`extract`] is the only entry for documents. The tree is built under limits (`dom`), then walked once
//! without recursion and cut at block boundaries (`walk`). Only then is the kind of each cut decided
//! (`rules::kinds`), so that a rule never decides what is kept, only how it is marked.

mod address;
mod authors;
mod budget;
mod cut;
mod dom;
mod marks;
mod media;
mod metadata;
#[doc(hidden)]
pub mod region;
mod rules;
#[cfg(test)]
mod tests;
mod text;
mod walk;

use crate::model::{
    Article, Author, Block, BlockKind, Format, Language, PageLimit, ParsedDocument, Published,
    Script, Sha256, Status, Tag, TagKind,
};
use cut::{Cut, Shape, Walked};
use metadata::Metadata;
use region::{Search, Weights};
use rules::{author, dates, endings, kinds, links, people, title, walls};
use sha2::Digest;
use std::collections::HashSet;

use address::key::LinkKeys;
pub use address::key::address_key;
pub use address::{CanonicalUrl, canonical_url, host_of};
use budget::Budget;
pub use text::{folded_text, title_key};

/// The version of everything that decides derived rows: decoding, header grammar, normaliser, keys, Unicode
/// tables. Raised with every change of their results.
pub const EXTRACTOR_VERSION: i64 = 9;

/// A shorter text is a stub.
const STUB_LENGTH: u64 = 40;
/// A text up to this long is a stub if it ends by pointing the reader elsewhere.
const TEASER_LENGTH: u64 = 400;

/// Cuts a document into blocks, links and media, and computes its keys. `sha256` is that of the document's
/// bytes, its identity if it has no usable address.
pub fn extract(document: &ParsedDocument, sha256: &Sha256) -> Article {
    extract_rows(document, sha256, Rows::OfArticle, Search::default())
}

/// The same, including the blocks around the article of a whole page.
pub fn extract_all(document: &ParsedDocument, sha256: &Sha256) -> Article {
    extract_rows(document, sha256, Rows::All, Search::default())
}

/// Like [`extract_all`], with other weights for the search of a page's article, if given, and with the features
/// that it used. For the bench `pages`: the weights are fitted to its output.
#[doc(hidden)]
pub fn extract_traced(
    document: &ParsedDocument,
    weights: Option<Weights<'_>>,
) -> (Article, region::Trace) {
    let mut trace = region::Trace::default();
    let mut search = Search { trace: Some(&mut trace), ..Search::default() };
    search.weights = weights.unwrap_or(search.weights);
    let article = extract_rows(document, &Sha256::default(), Rows::All, search);
    (article, trace)
}

/// Which blocks of a page an article includes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Its text, and everything within that.
    OfArticle,
    All,
}

fn extract_rows(
    document: &ParsedDocument,
    sha256: &Sha256,
    rows: Rows,
    search: Search<'_>,
) -> Article {
    let budget = Budget::of(document.html.len());
    let tree = dom::parse(&document.html, &budget);
    let is_page = document.format == Format::Page;
    let said = match &tree {
        Ok(tree) if is_page => {
            let known =
                metadata::Known { url: document.url.as_deref(), observed: document.saved_at };
            metadata::read(tree.root(), known, &budget)
        }
        _ => Metadata::of_header(document),
    };
    let mut article = article_of(&said, sha256);
    let mut is_walled = false;
    // The tree is freed before the rest is made.
    let walked = tree.and_then(|tree| {
        is_walled = said.walls.as_ref().is_some_and(|walls| walls::hide(walls, tree.root()));
        if is_page {
            walk::walk_page(tree.root(), said.title_node, &budget)
        } else {
            walk::walk_fragment(tree.root(), &budget)
        }
    });
    let filled = walked.and_then(|walked| {
        let named = walked.language();
        fill(&mut article, walked, &said, (rows, search), &budget).map(|()| named)
    });
    // A teaser that is saved later must not hide the full text.
    if is_walled && article.status == Status::Ok {
        article.status = Status::Stub;
    }
    let named = match filled {
        Ok(named) => named,
        Err(limit) => {
            article.status_detail = Some(limit);
            None
        }
    };
    if article.title != said.raw_title && !(is_page && said.raw_title.is_empty()) {
        article.title_raw = Some(said.raw_title);
    }
    (article.script, article.language) = script_and_language(&article, said.language.or(named));
    article
}

/// An article with only the document's metadata.
fn article_of(said: &Metadata, sha256: &Sha256) -> Article {
    let url = said.address.canonical.as_ref().or(said.address.url.as_ref());
    let (canonical_url, host) = match url.and_then(|url| canonical_url(url)) {
        Some(found) => (found.url, Some(found.host)),
        None => (format!("urn:sha256:{sha256}"), None),
    };
    Article {
        url: said.address.url.clone(),
        canonical_url,
        host,
        site_name: said.site_name.clone(),
        title: text::one_line(said.title.as_ref().unwrap_or(&said.raw_title)),
        title_raw: None,
        author: said.author.as_ref().map(|line| line.name.clone()),
        authors: said.author.iter().flat_map(people::people).collect(),
        dateline: None,
        script: Script::Other,
        language: None,
        published: said.published.clone(),
        modified: said.modified,
        status: Status::Unparsed,
        status_detail: None,
        blocks: Vec::new(),
        links: Vec::new(),
        media: Vec::new(),
        tags: said.tags.clone(),
        text_sha256: None,
        text_length: 0,
    }
}

/// The limit that an HTML fragment exceeds, as in `status_detail`; `None` for one within the limits.
pub fn refusal(html: &str) -> Option<PageLimit> {
    dom::parse(html, &Budget::of(html.len())).err()
}

/// Whether both ways of parsing a fragment give the same tree; for the fuzz target `tree`.
#[doc(hidden)]
pub fn does_fast_path_agree(html: &str) -> bool {
    dom::does_fast_path_agree(html)
}

/// The steps of parsing an HTML fragment, as `docs/limits.md` counts them.
pub fn work(html: &str) -> u64 {
    let budget = Budget::of(html.len());
    let _ = dom::parse(html, &budget);
    budget.worked()
}

/// Fills in everything from the document's tree; nothing if the document exceeds its budget.
fn fill(
    article: &mut Article,
    mut walked: Walked,
    said: &Metadata,
    (rows, search): (Rows, Search<'_>),
    budget: &Budget,
) -> Result<(), PageLimit> {
    split_bold_openings(&mut walked);
    split_endings(&mut walked);
    let own = article.url.as_deref().and_then(|url| address::resolve(url.trim(), None));
    let named = walked.base.as_deref().and_then(|base| address::resolve(base.trim(), own.as_ref()));
    let base = named.filter(address::is_web).or_else(|| own.clone());
    let title = title_of(article, &walked, said);
    let mut targets = links::targets(&walked.anchors, own.as_ref(), base.as_ref(), budget);
    let mut kinds = kinds::by_marks(&walked, &targets);
    let region = said.title.is_some().then(|| {
        let region = region::find(&walked, &kinds, &title, search);
        kinds::keep_to(&region, &walked, &mut kinds);
        region
    });
    let mut kinds = kinds::complete(&walked, kinds, &[&title, &said.raw_title]);
    let is_signed = said.published != Published::Absent || said.author.is_some();
    let is_missing = region.as_ref().is_some_and(|region| {
        walls::stands_behind(&walked, &kinds) || !region.is_article(is_signed)
    });
    let is_part = walked.is_without_frames || is_missing;
    if let Some(region) = region.filter(|_| rows == Rows::OfArticle) {
        let stay = region::rows(&region, &walked, &kinds);
        targets = walked.retain(&stay, targets);
        kinds = cut::only(&stay.cuts, kinds);
    }
    let mut media = media::rows(&walked, &kinds, base.as_ref(), budget);
    if let Some(picture) = &said.picture {
        media::set_lead(&mut media, picture, base.as_ref());
    }
    if let Some(limit) = budget.broken() {
        return Err(limit);
    }
    (article.title, article.media) = (title, media);
    let bare = links::targets(&walked.bare, own.as_ref(), base.as_ref(), budget);
    add_tags(&mut article.tags, &walked.anchors, &targets, &kinds, budget);
    let keys = LinkKeys::of(&article.canonical_url);
    article.links = links::rows((walked.anchors, targets), (walked.bare, bare), &kinds, keys);
    let above_date = take_dateline(article, &walked.cuts, &kinds);
    let mut line = said.author.clone();
    if said.title.is_none() {
        let above = || authors::above(&walked.cuts, &kinds);
        line = line.or(above_date).or(walked.author).or_else(above).or(walked.other);
    }
    authors::set(article, line, &walked.cuts, &kinds);
    let blocks = walked.cuts.into_iter().zip(kinds);
    article.blocks = blocks.map(|(cut, kind)| block(cut, kind)).collect();
    set_keys(article);
    if is_part && article.status == Status::Ok {
        article.status = Status::Stub;
    }
    Ok(())
}

/// The title that a page declares, or the one in the document's header without the site's name.
fn title_of(article: &Article, walked: &Walked, said: &Metadata) -> String {
    // The heading of a section may equal the beginning of the title (日本 - 一个夏天的旅行).
    let headings: Vec<&str> = walked
        .cuts
        .iter()
        .enumerate()
        .filter(|(at, cut)| *at == 0 || matches!(cut.shape, Shape::Heading(1)))
        .map(|(_, cut)| cut.text.as_str())
        .collect();
    said.title.clone().unwrap_or_else(|| {
        title::display_title(&said.raw_title, article.host.as_deref(), &headings)
    })
}

/// If the last lines of a block are endings ("翻译：…"), each becomes a block of its own.
fn split_endings(walked: &mut Walked) {
    const LAST_CUTS: usize = 12;
    for at in (walked.cuts.len().saturating_sub(LAST_CUTS)..walked.cuts.len()).rev() {
        if !matches!(walked.cuts[at].shape, Shape::Flow | Shape::Quote(_)) {
            continue;
        }
        let lines = endings::last_line_endings(&walked.cuts[at].text);
        if !lines.is_empty() {
            let places: Vec<_> = lines.into_iter().map(|offset| (at, offset)).collect();
            return walked.split(&places);
        }
    }
}

/// A short bold first line over plain text is a heading without a block of its own.
fn split_bold_openings(walked: &mut Walked) {
    let opening = |cut: &Cut| {
        let newline = cut.text.find('\n')?;
        let is_heading = cut.shape == Shape::Flow
            && cut.bold_until > 0
            && cut.bold_until.abs_diff(newline) <= 2
            && kinds::is_heading_text(&cut.text[..newline]);
        is_heading.then_some(newline + 1)
    };
    let cuts = walked.cuts.iter().enumerate();
    let places: Vec<_> = cuts.filter_map(|(at, cut)| Some((at, opening(cut)?))).collect();
    walked.split(&places);
}

/// A block that is only a date gives the article its dateline; a name above it is returned.
fn take_dateline(article: &mut Article, cuts: &[Cut], kinds: &[BlockKind]) -> Option<Author> {
    let at = kinds.iter().position(|kind| *kind == BlockKind::Dateline)?;
    let text = &cuts[at].text;
    let line = dates::date_line(text).unwrap_or(text);
    article.dateline = Some(line.replace('\n', " "));
    let above = text[..text.len() - line.len().min(text.len())].trim();
    if text.ends_with(line) { author::named(above) } else { None }
}

/// Adds the tags in the page's own links, `rel=tag`, each name once.
fn add_tags(
    tags: &mut Vec<Tag>,
    anchors: &[cut::Anchor],
    targets: &[links::Target],
    kinds: &[BlockKind],
    budget: &Budget,
) {
    let mut known: HashSet<Tag> = tags.iter().cloned().collect();
    for (anchor, _) in anchors.iter().zip(targets).filter(|(_, target)| target.is_tag()) {
        // Tags of other articles.
        if anchor.cut.is_some_and(|cut| kinds[cut] == BlockKind::Related) {
            continue;
        }
        let is_category = anchor.rel.split_ascii_whitespace().any(|rel| rel == "category");
        let name = anchor.text.trim_matches(|c: char| c == '#' || c == '＃' || c.is_whitespace());
        let kind = if is_category { TagKind::Category } else { TagKind::Tag };
        let tag = Tag { name: name.to_owned(), kind };
        if !name.is_empty() && !known.contains(&tag) && budget.put_out(name.len()) {
            known.insert(tag.clone());
            tags.push(tag);
        }
    }
}

fn block(cut: Cut, kind: BlockKind) -> Block {
    let level = match (kind, cut.shape) {
        (BlockKind::Heading, Shape::Heading(level))
        | (BlockKind::ListItem, Shape::ListItem(level))
        | (BlockKind::Quote, Shape::Quote(level)) => Some(level),
        _ => None,
    };
    Block { kind, level, marker: cut.marker, text: cut.text }
}

/// The script and the language of the title and the text; `named` is the document's own declaration.
fn script_and_language(article: &Article, named: Option<Language>) -> (Script, Option<Language>) {
    let texts = || std::iter::once(article.title.as_str()).chain(content(&article.blocks));
    let counts = text::script::Counts::of(texts());
    let language = text::language::of(&counts, texts, named);
    let script =
        if language.is_none_or(Language::is_chinese) { counts.script() } else { Script::Other };
    (script, language)
}

fn content(blocks: &[Block]) -> impl Iterator<Item = &str> {
    blocks.iter().filter(|block| block.kind.is_content()).map(|block| block.text.as_str())
}

/// The text hash, its length, and the status that follows from them.
fn set_keys(article: &mut Article) {
    let mut hash = sha2::Sha256::new();
    let mut length = 0;
    for text in content(&article.blocks) {
        let folded = folded_text(text);
        length += folded.chars().count() as u64;
        hash.update(folded);
    }
    article.text_sha256 = Some(Sha256::of_hash(hash));
    article.text_length = length;
    let sends_away = || {
        let last = article.blocks.iter().rev().take(2);
        last.into_iter().any(|block| walls::sends_reader_away(&block.text))
    };
    article.status = match length {
        _ if content(&article.blocks).next().is_none() => Status::Empty,
        ..STUB_LENGTH => Status::Stub,
        ..TEASER_LENGTH if sends_away() => Status::Stub,
        _ => Status::Ok,
    };
}
