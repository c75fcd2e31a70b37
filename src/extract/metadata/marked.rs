//! Elements that a page marks as its author's name or its date.

use super::super::dom::{Element, NodeId};

/// What a page says by an element's name, class, id or attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// `rel=author`, `itemprop=author`, a link to an author's page.
    Author,
    /// `itemprop=datePublished`.
    Published,
    /// A class of the author's name: `author`, `byline`.
    Byline,
    /// A `time` element, or another with a `datetime`.
    Time,
    /// A class of dates: `date`, `pubtime`.
    Date,
    /// A class of what is said of an article: `info`, `meta`.
    Facts,
}

/// An element with a sign.
pub(super) struct Marked {
    pub sign: Sign,
    pub node: NodeId,
    /// How many lines of text stand before it.
    pub line: usize,
    pub is_aside: bool,
}

const BYLINES: &str = " author authors byline bylines writer writers reporter contributor contributors \
    vcard zuozhe autor autores auteur auteurs autore autori redakteur verfasser ";
const DATES: &str = " date dates datetime dateline time times timestamp published publish pubdate \
    pubtime publishdate publishtime publicationdate postdate posttime posted created createtime \
    ctime ptime newstime fabushijian fbsj shijian riqi datum fecha publicado ";
const FACTS: &str = " info meta infos articleinfo newsinfo laiyuan source details subtitle ";
const OTHERS: &str = " comment comments related recommended recommend recommendations sidebar footer \
    popular trending newsletter subscribe cookie pinglun xiangguan tuijian comentarios \
    kommentare commentaires ";

/// What forms call their fields by.
const OF_FIELDS: &str = " comment comments form field input label filter search ";

impl Sign {
    pub fn of(element: &Element) -> Option<Self> {
        let has = |name: &str, word: &str| {
            let value = element.attr(name).unwrap_or_default();
            value.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(word))
        };
        if has("rel", "author") || has("itemprop", "author") || is_authors_page(element) {
            return Some(Self::Author);
        }
        if has("itemprop", "datePublished")
            || has("property", "datePublished")
            || has("pubdate", "pubdate")
        {
            return Some(Self::Published);
        }
        if element.name() == "time" || element.attr("datetime").is_some() {
            return Some(Self::Time);
        }
        let names =
            ["class", "id", "data-testid"].map(|name| element.attr(name).unwrap_or_default());
        if names.iter().all(|names| names.is_empty()) {
            return None;
        }
        let mut found = None;
        for name in names.iter().flat_map(|names| names.split_ascii_whitespace()).take(40) {
            if words(name).any(|word| OF_FIELDS.contains(&format!(" {word} "))) {
                continue;
            }
            for word in words(name) {
                let word = format!(" {word} ");
                if BYLINES.contains(&word) {
                    return Some(Self::Byline);
                }
                if DATES.contains(&word) {
                    found = Some(Self::Date);
                } else if FACTS.contains(&word) {
                    found = found.or(Some(Self::Facts));
                }
            }
        }
        found
    }
}

/// Whether an element is a link to the page of somebody who writes.
fn is_authors_page(element: &Element) -> bool {
    const FOLDERS: [&str; 8] =
        ["author", "authors", "autor", "autores", "auteur", "auteurs", "autore", "contributors"];
    let href = element.attr("href").filter(|_| element.name() == "a").unwrap_or_default();
    let mut folders = href.split(['/', '?', '#']).skip_while(|folder| !FOLDERS.contains(folder));
    folders.next().is_some() && folders.next().is_some_and(|name| !name.is_empty())
}

/// Whether an element is marked as what is about others: comments, related articles.
pub(super) fn is_of_others(element: &Element) -> bool {
    let names = ["class", "id"].map(|name| element.attr(name).unwrap_or_default());
    names.iter().flat_map(|names| names.split_ascii_whitespace()).take(40).any(|name| {
        // A class of all of a page says what the page can have.
        !matches!(element.name(), "body" | "html" | "main" | "article")
            && words(name).any(|word| OTHERS.contains(&format!(" {word} ")))
    })
}

/// The words of a name, in lower case: between signs, and where a capital letter begins one.
pub(super) fn words(name: &str) -> impl Iterator<Item = String> {
    let pieces = name.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty());
    pieces.flat_map(|piece| {
        let mut words = Vec::new();
        let mut word = String::new();
        let mut was_small = false;
        for c in piece.chars() {
            if c.is_uppercase() && was_small {
                words.push(std::mem::take(&mut word));
            }
            was_small = c.is_lowercase();
            word.extend(c.to_lowercase());
        }
        words.push(word);
        words
    })
}
