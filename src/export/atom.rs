//! Exports articles as an Atom feed (RFC 4287) with their full text.

use super::html::{escaped, filter_for_id, fragment};
use crate::error::{Error, Result};
use crate::model::{Sha256, Timestamp, hex};
use crate::store::{ArticleFilter, ArticleHead, ArticleOrder, Bytes, Reader, Selection};
use crate::view::ArticleView;
use crate::view::content::{Asides, Content, direction, language_tag, safe_address};
use std::fmt::Write as _;
use std::io::Write;

/// The date of an empty feed.
pub(super) const NEVER: Timestamp = Timestamp::EPOCH;

/// The result of writing a feed.
#[derive(Debug)]
pub struct Feed<W> {
    /// The destination.
    pub out: W,
    /// The number of entries.
    pub entries: u64,
    /// Articles that were left out because no time of them is known, which an entry must have.
    pub timeless: u64,
}

/// Writes the newest articles, at most `limit`. Undated ones come after all others, ordered by when they were
/// first seen.
pub fn write_atom<W: Write>(
    reader: &Reader,
    filter: &ArticleFilter,
    limit: Option<u64>,
    title: &str,
    out: W,
) -> Result<Feed<W>> {
    let order = ArticleOrder::NewestFirst;
    let selection = Selection { filter: filter.clone(), order, limit };
    let mut feed = Feed { out, entries: 0, timeless: 0 };
    reader.on_one_state(|reader| {
        // The time of the feed comes before its entries.
        let mut updated = None;
        reader.article_heads(&selection, &mut |head| {
            updated = updated.max(updated_of_head(&head));
            Ok(())
        })?;
        let head = feed_head(title, &filter_for_id(filter), updated.unwrap_or(NEVER));
        feed.out.write_all(head.as_bytes()).map_err(Error::Output)?;
        reader.article_records(&selection, Bytes::LeftOut, &mut |record| {
            match entry(&record.article) {
                Some(entry) => {
                    feed.entries += 1;
                    feed.out.write_all(entry.as_bytes()).map_err(Error::Output)?;
                }
                None => feed.timeless += 1,
            }
            Ok(())
        })
    })?;
    feed.out.write_all(b"</feed>\n").map_err(Error::Output)?;
    feed.out.flush().map_err(Error::Output)?;
    Ok(feed)
}

/// The start of a feed. `selection` describes the selected entries, for its identifier.
pub(super) fn feed_head(title: &str, selection: &str, updated: Timestamp) -> String {
    let id = urn(&format!("feed\n{title}\n{selection}"));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <title>{}</title>\n\
         <id>{id}</id>\n\
         <updated>{}</updated>\n\
         <generator>seedbank</generator>\n",
        escaped(title),
        updated,
    )
}

/// When the publisher last changed it; otherwise when it was first seen.
fn updated_of_head(head: &ArticleHead) -> Option<Timestamp> {
    head.updated_at.or(head.published_at).or(head.first_seen_at)
}

fn updated_of(article: &ArticleView) -> Option<Timestamp> {
    article.updated_at.or(article.published_at).or(article.first_seen_at)
}

/// One entry; `None` if no time is known.
pub fn entry(article: &ArticleView) -> Option<String> {
    let updated = updated_of(article)?;
    let language = article.language.as_ref();
    let lang = match language_tag(language, article.script) {
        "" => String::new(),
        tag => format!(" xml:lang=\"{}\"", escaped(tag)),
    };
    let mut out = format!(
        "<entry{lang}>\n<title>{}</title>\n<id>{}</id>\n",
        escaped(&article.title),
        urn(&article.canonical_url),
    );
    if let Some(url) = article.url.as_deref().and_then(safe_address) {
        let _ = writeln!(out, "<link rel=\"alternate\" href=\"{}\"/>", escaped(url));
    }
    if let Some(published_at) = article.published_at {
        let _ = writeln!(out, "<published>{published_at}</published>");
    }
    let author = article.author.as_deref().or(article.site.as_deref()).unwrap_or("unknown");
    let _ = write!(
        out,
        "<updated>{updated}</updated>\n<author><name>{}</name></author>\n",
        escaped(author),
    );
    for tag in &article.tags {
        let _ = writeln!(out, "<category term=\"{}\"/>", escaped(&tag.name));
    }
    // Feeds have no text direction of their own.
    let content = match (fragment(&Content::of(article, Asides::Captions)), direction(language)) {
        (text, Some(direction)) => format!("<div dir=\"{direction}\">\n{text}</div>\n"),
        (text, None) => text,
    };
    let _ = write!(out, "<content type=\"html\">{}</content>\n</entry>\n", escaped(&content));
    Some(out)
}

/// An identifier that is equal for equal texts, in every archive.
pub(super) fn urn(text: &str) -> String {
    let digest = Sha256::of(text);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    // Version 8 of RFC 9562: a hash of our choice.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::content::tests::{article, link, picture};
    use proptest::prelude::*;
    use roxmltree::Document;

    fn feed(article: &ArticleView) -> String {
        let head = feed_head("存档 <1>", "", NEVER);
        format!("{head}{}</feed>\n", entry(article).unwrap())
    }

    fn text_of(document: &Document<'_>, name: &str) -> String {
        let entry = document.descendants().find(|node| node.has_tag_name("entry")).unwrap();
        let element = entry.children().find(|node| node.has_tag_name(name)).unwrap();
        element.text().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_small_feed() {
        let mut article = article(&[("heading2", "<雨>"), ("paragraph", "雨停了 & 天晴了。")]);
        article.links = vec![link(1, "天晴了", "https://a.example/?b=1&c=2")];
        article.media = vec![picture(Some(1), Some("\"雨\""), Some("馆前"))];
        insta::assert_snapshot!(feed(&article));
    }

    #[test]
    fn undated_articles() {
        let undated = ArticleView { published_at: None, updated_at: None, ..article(&[]) };
        let entry_of = entry(&undated).unwrap();
        assert!(entry_of.contains("<updated>2024-03-07T00:00:00Z</updated>"), "{entry_of}");
        assert!(!entry_of.contains("<published>"), "{entry_of}");
        assert_eq!(entry(&ArticleView { first_seen_at: None, ..undated }), None);
    }

    #[test]
    fn ids_are_those_of_the_address() {
        let one = article(&[]);
        let same = ArticleView { id: Some(8), title: "天晴".into(), ..one.clone() };
        let id = |article: &ArticleView| {
            let feed = feed(article);
            text_of(&Document::parse(&feed).unwrap(), "id")
        };
        assert_eq!(id(&one), id(&same));
        assert_eq!(id(&one), "urn:uuid:b83e3fd3-60cb-88c0-adef-3a1abc4dd7cd");
    }

    proptest! {
        #[test]
        fn any_text_is_xml(title in any::<String>(), text in "\\PC{0,8}|[\u{0}-\u{20}\u{7f}-\u{9f}\u{d7ff}\u{e000}\u{fffd}-\u{ffff}<>&\"'\\]甲]{0,12}") {
            let mut article = article(&[("paragraph", &text), ("table_row", &text)]);
            article.title = title.clone();
            article.author = Some(text.clone());
            article.tags[0].name = text.clone();
            article.url = Some(format!("https://a.example/{text}"));
            let feed = feed(&article);
            let document = Document::parse(&feed).unwrap();
            let allowed: String = title
                .chars()
                .map(|c| match c {
                    '\n' | '\t' | '\r' => c,
                    '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
                    c if c.is_control() => '\u{fffd}',
                    c => c,
                })
                .collect();
            prop_assert_eq!(text_of(&document, "title"), allowed);
            prop_assert_eq!(text_of(&document, "content"), fragment(&Content::of(&article, Asides::Captions)));
        }
    }
}
