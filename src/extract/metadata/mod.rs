//! The metadata of a whole page: its title, authors, dates, address and subjects.
//!
//! [`Signals`] are collected in one pass over the tree. Each file here derives one kind of fact from them: a
//! title, people, times, an address.

mod address;
mod collect;
mod json;
mod labels;
mod marked;
mod microdata;
mod objects;
mod own;
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
use own::Own;
use sites::Sites;
use titles::Titles;

/// Facts about a page from outside of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// The address from its saver or its container.
    pub url: Option<&'a str>,
    /// When it was saved.
    pub observed: Option<Timestamp>,
}

/// The metadata of a document.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub address: Address,
    /// The name of its site, as the document gives it.
    pub site_name: Option<String>,
    /// As written: the header's, or a page's `title`; may be empty.
    pub raw_title: String,
    /// The title of a page, as it should be shown; `None` if a header has one.
    pub title: Option<String>,
    /// The block element that contains a page's title.
    pub title_node: Option<NodeId>,
    /// The line of names for readers, with their role.
    pub author: Option<Author>,
    pub published: Published,
    /// When it was last changed.
    pub modified: Option<WrittenTime>,
    pub language: Option<Language>,
    pub tags: Vec<Tag>,
    /// The address of its lead picture, as written.
    pub picture: Option<String>,
    /// CSS selectors of the parts that are not free to read, if the page declares such parts; may be empty.
    pub walls: Option<Vec<String>>,
}

impl Metadata {
    /// The metadata in a seed's header.
    pub fn of_header(document: &ParsedDocument) -> Self {
        Self {
            address: Address { url: document.url.clone(), canonical: None },
            site_name: document.site_name.as_deref().and_then(sites::name_of),
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

/// Reads the metadata of a whole page.
pub(super) fn read(root: NodeRef<'_>, known: Known<'_>, budget: &Budget) -> Metadata {
    let signals = Signals::of(root, budget);
    let json = Objects::of(&signals.json);
    let microdata = Objects::of(&signals.microdata);
    let objects = [&json, &microdata];
    let own = Own::of(&signals, known.url);
    let articles = own.articles(&objects);
    let address = address::of(&signals, &own, &articles, known.url);
    let url = address.url.as_deref();
    let sites = Sites::of(&signals, &json, url);
    let titles = Titles::of(&signals, &articles, &sites);
    let title = titles.choose(&articles);
    let times =
        times::Reader { root, signals: &signals, title: &title, url, observed: known.observed };
    let times = times.times(&articles);
    let people =
        people::Reader { root, signals: &signals, objects: &objects, title: &title, sites: &sites };
    let author = people.author(&articles);
    let subjects = subjects::of(&signals, &articles);
    Metadata {
        site_name: sites.given().map(str::to_owned),
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
