//! What a whole page says of itself: its title, its authors, its dates, its address, what it is about.
//!
//! [`Signals`] are collected in one pass over the tree. What follows from them each file here decides by
//! itself: a title, people, times, an address.

mod address;
mod collect;
mod json;
mod marked;
mod microdata;
mod objects;
mod people;
mod sites;
mod subjects;
#[cfg(test)]
mod tests;
mod times;
mod titles;
mod words;

use super::budget::Budget;
use super::dom::{NodeId, NodeRef};
use crate::model::{
    Author, AuthorRole, Language, ParsedDocument, Published, Tag, Timestamp, WrittenTime,
};
use address::Address;
use collect::Signals;
use objects::Objects;
use sites::Sites;
use titles::Titles;

/// What is known of a page besides what stands in it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// The address that its saver or its container gives.
    pub url: Option<&'a str>,
    /// When it was saved.
    pub observed: Option<Timestamp>,
}

/// What a document says of itself.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub address: Address,
    /// As written: the header's, or what a page has as its `title`; may be empty.
    pub raw_title: String,
    /// Of a page, as it is to be shown; `None` where a header gives one.
    pub title: Option<String>,
    /// The block element of a page that its title stands in.
    pub title_node: Option<NodeId>,
    /// The line of names that a reader sees, and what they did.
    pub author: Option<Author>,
    pub published: Published,
    /// When it was last changed.
    pub modified: Option<WrittenTime>,
    pub language: Option<Language>,
    pub tags: Vec<Tag>,
    /// The address of its lead picture, as written.
    pub picture: Option<String>,
    /// What is not free to read, where the page says that something is not: selectors of CSS, of which
    /// there may be none.
    pub walls: Option<Vec<String>>,
}

impl Metadata {
    /// What a seed's header says.
    pub fn of_header(document: &ParsedDocument) -> Self {
        Self {
            address: Address { url: document.url.clone(), canonical: None },
            raw_title: document.title.clone(),
            author: document
                .author
                .clone()
                .map(|name| Author { name, role: Some(AuthorRole::Author) }),
            published: document.published.clone(),
            language: document.language,
            tags: document.tags.clone(),
            ..Self::default()
        }
    }
}

/// Reads what a whole page says of itself.
pub(super) fn read(root: NodeRef<'_>, known: Known<'_>, budget: &Budget) -> Metadata {
    let signals = Signals::of(root, budget);
    let json = Objects::of(&signals.json);
    let microdata = Objects::of(&signals.microdata);
    let objects = [&json, &microdata];
    let address = address::of(&signals, &json, known.url);
    let url = address.url.as_deref();
    let sites = Sites::of(&signals, &json, url);
    let titles = Titles::of(&signals, &objects, &sites);
    let agrees = |headline: &str| titles.agrees(headline);
    let mut articles = json.articles(agrees);
    articles.extend(microdata.articles(agrees));
    let title = titles.choose(&articles);
    let times =
        times::Reader { root, signals: &signals, title: &title, url, observed: known.observed };
    let times = times.times(&articles);
    let people =
        people::Reader { root, signals: &signals, objects: &objects, title: &title, sites: &sites };
    let author = people.author(&articles);
    let subjects = subjects::of(&signals, &articles);
    Metadata {
        raw_title: signals.title.clone(),
        title_node: title.line.map(|line| signals.lines[line].node),
        title: Some(title.text),
        author,
        published: times.published,
        modified: times.modified,
        language: subjects.language,
        tags: subjects.tags,
        picture: subjects.picture,
        walls: subjects.walls,
        address,
    }
}
