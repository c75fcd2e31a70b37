//! The address of a page.

use super::super::address::canonical_url;
use super::collect::Signals;
use super::objects::{self, Objects};
use url::Url;

/// The addresses of a page, as far as they are trusted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Address {
    /// As written; from the saver or the container if it gave one.
    pub url: Option<String>,
    /// The page's own canonical address, if it agrees with the one above or with another on the page.
    pub canonical: Option<String>,
}

/// `known` comes from the saver or the container.
pub(super) fn of(signals: &Signals<'_>, json: &Objects<'_>, known: Option<&str>) -> Address {
    let base = known.and_then(|known| Url::parse(known.trim()).ok());
    let read = |written: &str| -> Option<String> {
        let url = super::super::address::resolve(written.trim(), base.as_ref())?;
        canonical_url(url.as_str()).map(|_| String::from(url))
    };
    let canonical = signals.canonical.and_then(read);
    let open_graph = signals.meta(&["og:url"]).and_then(read);
    let Some(known) = known.filter(|known| canonical_url(known).is_some()) else {
        let url = match (canonical, open_graph) {
            (Some(one), Some(other)) => is_same(&one, &other).then_some(one),
            (one, other) => one.or(other),
        };
        return Address { url: url.filter(|url| has_path(url)), canonical: None };
    };
    let believed = canonical.filter(|canonical| {
        let in_json = || {
            json_urls(json).iter().filter_map(|url| read(url)).any(|url| is_same(&url, canonical))
        };
        let is_said =
            || open_graph.as_ref().is_some_and(|other| is_same(other, canonical)) || in_json();
        has_same_path(known, canonical) || has_path(canonical) && is_said()
    });
    Address { url: Some(known.to_owned()), canonical: believed }
}

fn json_urls(json: &Objects<'_>) -> Vec<String> {
    let articles = json.articles(|_| true);
    let said = |name| articles.iter().flat_map(move |article| objects::texts(article, name));
    said("url").chain(said("mainEntityOfPage")).chain(said("@id")).collect()
}

fn is_same(one: &str, other: &str) -> bool {
    canonical_url(one) == canonical_url(other)
}

/// Whether two addresses differ only in spelling and parameters.
fn has_same_path(one: &str, other: &str) -> bool {
    let without_parameters = |url: &str| {
        let canonical = canonical_url(url)?.url;
        Some(canonical.split(['?', '#']).next()?.to_owned())
    };
    without_parameters(one) == without_parameters(other)
}

/// Templates that lack the page's address contain that of the home page.
fn has_path(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| !matches!(url.path(), "" | "/") || url.query().is_some())
}
