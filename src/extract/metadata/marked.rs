//! Elements that a page marks as its author's name or its date.

use super::super::dom::{Element, NodeId};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The meaning of an element's name, class, id or attributes.
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
    /// A class for facts about an article: `info`, `meta`.
    Facts,
}

/// What an element's class and id say of the part of the page that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing: it can be of the article.
    Own,
    /// By readers, or about other articles.
    Others,
    /// Beside the article.
    Beside,
}

/// A marked element.
pub(super) struct Marked {
    pub sign: Sign,
    pub node: NodeId,
    /// The number of text lines before it.
    pub line: usize,
    pub is_aside: bool,
    /// Whether it is in a part about others: comments, teasers.
    pub is_of_others: bool,
    /// Whether the text before it says that it is the time of a change.
    pub is_change: bool,
}

/// The meaning of a word in a class or an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Byline,
    Date,
    Facts,
    /// It is by readers, or about other articles.
    Others,
    /// It is beside the article.
    Beside,
    /// A name of a form field.
    Field,
}

const WORDS: [(Said, &str); 7] = [
    (
        Said::Byline,
        "author authors byline bylines writer writers reporter contributor contributors vcard zuozhe \
         autor autores auteur auteurs autore autori redakteur verfasser",
    ),
    (
        Said::Date,
        "date dates datetime dateline time times timestamp published publish pubdate pubtime publishdate \
         publishtime publicationdate postdate posttime posted created createtime ctime ptime newstime \
         fabushijian fbsj shijian riqi datum fecha publicado",
    ),
    (Said::Facts, "info meta infos articleinfo newsinfo laiyuan source details subtitle"),
    (
        Said::Others,
        "related recommended recommend recommendations popular trending pinglun xiangguan tuijian \
         comentarios kommentare commentaires",
    ),
    (Said::Beside, "sidebar footer newsletter subscribe cookie"),
    (Said::Others, "comment comments"),
    (Said::Field, "comment comments form field input label filter search"),
];
/// Maximum length of a word in the table, in bytes.
const WORD: usize = 20;
/// Maximum number of names checked per element.
const NAMES: usize = 40;

static TABLE: LazyLock<HashMap<&str, Vec<Said>>> = LazyLock::new(|| {
    let mut table: HashMap<&str, Vec<Said>> = HashMap::new();
    for (said, words) in WORDS {
        for word in words.split_ascii_whitespace() {
            table.entry(word).or_default().push(said);
        }
    }
    table
});

impl Sign {
    /// The sign of an element, and whether it is about others or beside the article.
    pub fn of(element: &Element) -> (Option<Self>, Part) {
        let has = |name: &str, word: &str| {
            let value = element.attr(name).unwrap_or_default();
            value.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(word))
        };
        let (by_names, part) = Self::by_names(element);
        let is_author =
            has("rel", "author") || has("itemprop", "author") || is_authors_page(element);
        let is_published = || {
            has("itemprop", "datePublished")
                || has("property", "datePublished")
                || has("pubdate", "pubdate")
        };
        let is_time = || element.name() == "time" || element.attr("datetime").is_some();
        let sign = if is_author {
            Some(Self::Author)
        } else if is_published() {
            Some(Self::Published)
        } else if is_time() {
            Some(Self::Time)
        } else {
            by_names
        };
        (sign, part)
    }

    /// The same, by class and id.
    fn by_names(element: &Element) -> (Option<Self>, Part) {
        let (mut sign, mut part) = (None, Part::Own);
        let names = ["class", "id", "data-testid"].iter().filter_map(|name| element.attr(name));
        for name in names.flat_map(str::split_ascii_whitespace).take(NAMES) {
            let said = said_by(name);
            let has = |one: Said| said.contains(&one);
            if has(Said::Others) {
                part = Part::Others;
            } else if has(Said::Beside) && part == Part::Own {
                part = Part::Beside;
            }
            if has(Said::Field) {
                continue;
            }
            if has(Said::Byline) {
                sign = Some(Self::Byline);
            } else if has(Said::Date) && sign != Some(Self::Byline) {
                sign = Some(Self::Date);
            } else if has(Said::Facts) {
                sign = sign.or(Some(Self::Facts));
            }
        }
        // The class of a whole page describes what the page can contain.
        let is_whole = matches!(element.name(), "body" | "html" | "main" | "article");
        (sign, if is_whole { Part::Own } else { part })
    }
}

/// The meanings of the words in a name: separated by signs and capital letters.
fn said_by(name: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let (mut word, mut was_small) = (String::with_capacity(WORD), false);
    for c in name.chars().chain([' ']) {
        if !c.is_alphanumeric() || c.is_uppercase() && was_small {
            if word.len() <= WORD
                && let Some(of_word) = TABLE.get(word.as_str())
            {
                said.extend(of_word);
            }
            word.clear();
        }
        was_small = c.is_lowercase();
        if c.is_alphanumeric() && word.len() <= WORD {
            word.push(c.to_ascii_lowercase());
        }
    }
    said
}

/// Whether an element is a link to an author's page.
fn is_authors_page(element: &Element) -> bool {
    const FOLDERS: [&str; 8] =
        ["author", "authors", "autor", "autores", "auteur", "auteurs", "autore", "contributors"];
    let href = element.attr("href").filter(|_| element.name() == "a").unwrap_or_default();
    let mut folders = href.split(['/', '?', '#']).skip_while(|folder| !FOLDERS.contains(folder));
    folders.next().is_some() && folders.next().is_some_and(|name| !name.is_empty())
}
