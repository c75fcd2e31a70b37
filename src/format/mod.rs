//! Bytes to a parsed document: header grammars. Pure.
//!
//! [`parse`] is the only entry. Seeds are recognised by content alone, never by name.

mod armour;
mod damaged;
pub mod envelope;
mod front_matter;
mod header;
mod headerless;
mod html;
mod json_article;
mod leading;
mod markdown;
pub mod signature;
mod text_kind;
mod title;

use crate::encoding;
use crate::model::{Format, Language, ParsedDocument, Published, Reason, Rejection, TagKind};
use front_matter::FrontMatter;
use header::LinkHeader;
use html::Saved;
#[cfg(feature = "archives")]
use html::packed;
pub use json_article::{JsonArticle, JsonTime};
use text_kind::TextKind;

/// Decodes a document and reads its header; HTML without one is a page.
pub fn parse(bytes: &[u8]) -> Result<ParsedDocument, Rejection> {
    let (envelope, bytes) = match envelope::read(bytes) {
        Some(opened) => opened.map(|(envelope, body)| (Some(envelope), body))?,
        None => (None, bytes),
    };
    let known = signature::of(bytes);
    #[cfg(feature = "archives")]
    if known.map_or_else(|| packed::is_marked(bytes), |it| it.name == signature::SELF_EXTRACTING) {
        let packed = packed::open(bytes)?;
        let known = Saved::of(envelope.as_ref()).or(packed.saved);
        return decoded(&packed.index, None, |text, encoding| {
            Ok(html::document(text, encoding, known))
        });
    }
    if let Some(known) = known {
        return Err(known.rejection());
    }
    match envelope {
        Some(envelope) => decoded(bytes, envelope.charset.as_deref(), |text, encoding| {
            parse_page(text, encoding, Saved::of(Some(&envelope)))
        }),
        None => decoded(bytes, None, parse_text),
    }
}

/// The program that saved a page, if it is named.
pub fn saver(bytes: &[u8]) -> Option<&'static str> {
    let body = envelope::body(bytes);
    #[cfg(feature = "archives")]
    if packed::is_marked(body) {
        return Some(html::SINGLE_FILE);
    }
    html::saver(body)
}

/// Decodes bytes and processes the text and the name of its encoding.
fn decoded(
    bytes: &[u8],
    charset: Option<&str>,
    read: impl FnOnce(&str, &str) -> Result<ParsedDocument, Rejection>,
) -> Result<ParsedDocument, Rejection> {
    let decoded = encoding::decode_labelled(bytes, charset)?;
    read(&decoded.text, &decoded.encoding)
        .map_err(|rejection| Rejection { encoding: Some(decoded.encoding.clone()), ..rejection })
}

/// A page whose fetcher declared it to be one, unless its format is recognised as another.
fn parse_page(text: &str, encoding: &str, known: Saved) -> Result<ParsedDocument, Rejection> {
    let shown = leading::skip(text);
    if shown.is_empty() {
        return Err(Rejection::new(Reason::EmptyFile));
    }
    match headerless::rejection(shown) {
        Some(rejection) if rejection.reason.is_refusal() => Err(rejection),
        _ => Ok(html::document(shown, encoding, known)),
    }
}

fn parse_text(text: &str, encoding: &str) -> Result<ParsedDocument, Rejection> {
    let shown = leading::skip(text);
    if shown.is_empty() {
        return Err(Rejection::new(Reason::EmptyFile));
    }
    let rejection = match read_header(shown, encoding) {
        Some(Ok(document)) => return Ok(document),
        Some(Err(rejection)) => Some(rejection),
        None => None,
    };
    let has_lost_first = text[..text.len() - shown.len()].contains('\u{fffd}');
    let mended = damaged::mended(shown, has_lost_first);
    if let Some(Ok(document)) = mended.and_then(|mended| read_header(&mended, encoding)) {
        return Ok(document);
    }
    let Some(rejection) = rejection.or_else(|| headerless::rejection(shown)) else {
        return Ok(html::document(shown, encoding, Saved::default()));
    };
    // The bad bytes hide what the text was.
    let is_passed_over = !rejection.reason.is_refusal();
    if is_passed_over && (has_lost_first || damaged::is_bad_at_start(shown)) {
        return Err(Rejection::because(Reason::BadHeader, "bad bytes where a header would be"));
    }
    Err(rejection)
}

/// Whether a text begins with a header, which may be truncated.
fn has_header(text: &str) -> bool {
    match read_header(text, "") {
        Some(Err(rejection)) => rejection.reason == Reason::BadHeader,
        read => read.is_some(),
    }
}

/// The document, if the text begins with any kind of header, or why the text after it is not one.
fn read_header(text: &str, encoding: &str) -> Option<Result<ParsedDocument, Rejection>> {
    let read_json = |text: &str| {
        let article = JsonArticle::read(text.as_bytes()).filter(|_| text.starts_with('{'))?;
        let bad = |why| Rejection::because(Reason::BadHeader, why);
        Some(article.map(|article| from_json(article, encoding)).map_err(bad))
    };
    if let Some(behind) = front_matter::json_document(text) {
        match read_json(behind) {
            Some(read) => return Some(read),
            None if text_kind::holds_articles(behind) => return None,
            None => {}
        }
    }
    match front_matter::read(text) {
        front_matter::Read::Found(outer, body) => {
            Some(Ok(from_front_matter(*outer, body, encoding)))
        }
        front_matter::Read::Exported => Some(Err(Rejection::because(
            Reason::List,
            "a page of a Markdown export; import an export as seeds or jsonl instead",
        ))),
        front_matter::Read::Records => Some(Err(signature::unsupported(text_kind::YAML))),
        front_matter::Read::NoHeader => Some(Err(match text_kind::of(text) {
            Some(TextKind::Unread(name)) => signature::unsupported(name),
            _ => Rejection::new(Reason::NoHeader),
        })),
        front_matter::Read::Bad(why) => Some(Err(Rejection::because(Reason::BadHeader, why))),
        front_matter::Read::Absent => match header::read(text) {
            Some(link) if link.holds_others() => Some(Err(Rejection::because(
                Reason::BadHeader,
                "several seeds in one file: split it before each `<!--` or `[title](address)`",
            ))),
            Some(link) => Some(Ok(from_link_header(link, encoding))),
            None => read_json(text),
        },
    }
}

fn from_link_header(link: LinkHeader<'_>, encoding: &str) -> ParsedDocument {
    // The epoch comment is the feed's own time; a date line counts only without one.
    let (format, published) = match link.epoch {
        Published::Absent => (Format::B, link.date),
        epoch if is_wrapped(link.html) => (Format::AWrapped, epoch),
        epoch => (Format::A, epoch),
    };
    ParsedDocument {
        format,
        encoding: encoding.to_owned(),
        title: title::clean(link.title),
        url: usable(&link.url),
        site_name: None,
        published,
        author: None,
        language: None,
        tags: Vec::new(),
        saved_at: None,
        html: link.html.to_owned(),
    }
}

fn from_front_matter(outer: FrontMatter, body: &str, encoding: &str) -> ParsedDocument {
    let body = skip_blank_lines(body);
    // A link header with another address is part of the text, so it stays in the body.
    let inner = header::read(body).filter(|inner| same_address(&inner.url, &outer.address));
    let (format, published, html) = match inner {
        Some(inner) => {
            let html = inner.html.to_owned();
            (Format::CNested, nested_time(inner, outer.date), html)
        }
        None if markdown::is_markdown(body) => {
            (Format::Markdown, outer.date, markdown::to_html(body))
        }
        None => (Format::C, outer.date, body.to_owned()),
    };
    ParsedDocument {
        format,
        encoding: encoding.to_owned(),
        title: title::clean(&outer.title),
        url: usable(&outer.address).filter(|address| !front_matter::is_relative(address)),
        site_name: outer.site_name,
        published,
        author: outer.author,
        language: outer.language,
        tags: outer.tags,
        saved_at: None,
        html,
    }
}

fn from_json(article: JsonArticle, encoding: &str) -> ParsedDocument {
    ParsedDocument {
        format: Format::Json,
        encoding: encoding.to_owned(),
        title: title::clean(article.title.as_deref().unwrap_or_default()),
        url: usable(article.url.as_deref().unwrap_or_default()),
        site_name: article.site_name,
        published: article.published_at.map_or(Published::Absent, |time| time.published()),
        author: front_matter::author(&article.author),
        language: article.language.as_deref().and_then(Language::of_tag),
        tags: front_matter::tags(article.tags.into_iter().map(|name| (TagKind::Tag, name))),
        saved_at: None,
        html: article.html,
    }
}

/// If the epoch is not a number, the outer date is the time of the crawl and not of publication.
fn nested_time(inner: LinkHeader<'_>, outer: Published) -> Published {
    match (inner.epoch, inner.date) {
        (Published::Absent, known @ Published::Known(_)) => known,
        (Published::Absent, _) => outer,
        (epoch, _) => epoch,
    }
}

fn is_wrapped(html: &str) -> bool {
    header::take_line(html).0.trim() == "<div>"
}

fn usable(url: &str) -> Option<String> {
    let url = url.trim();
    (!url.is_empty()).then(|| url.to_owned())
}

/// Whether two addresses are spelled alike, ignoring the case of percent-escapes.
fn same_address(one: &str, other: &str) -> bool {
    upper_escapes(one.trim()) == upper_escapes(other.trim())
}

fn upper_escapes(url: &str) -> String {
    let mut in_escape = 0;
    url.chars()
        .map(|c| {
            if c == '%' {
                in_escape = 2;
                return c;
            }
            let upper = if in_escape > 0 { c.to_ascii_uppercase() } else { c };
            in_escape = if in_escape > 0 { in_escape - 1 } else { 0 };
            upper
        })
        .collect()
}

fn skip_blank_lines(text: &str) -> &str {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = header::take_line(rest);
        if !line.trim_matches(is_blank).is_empty() {
            break;
        }
        rest = after;
    }
    rest
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

#[cfg(test)]
mod tests;
