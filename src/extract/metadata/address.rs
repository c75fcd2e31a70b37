//! The address of a page.

use super::super::address::canonical_url;
use super::collect::Signals;
use super::objects::{self, Object};
use super::own::{Own, Whom, has_path};
use url::Url;

/// The addresses of a page, as far as they are trusted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Address {
    /// As written; from the saver or the container if it gave one.
    pub url: Option<String>,
    /// The page's own canonical address, if it agrees with the one above or with another on the page.
    pub canonical: Option<String>,
}

/// `known` comes from the saver or the container; `articles` are the objects that describe the page.
pub(super) fn of(
    signals: &Signals<'_>,
    own: &Own,
    articles: &[&Object],
    known: Option<&str>,
) -> Address {
    let base = known.and_then(|known| Url::parse(known.trim()).ok());
    let read = |written: &str| {
        let url = super::super::address::resolve(written.trim(), base.as_ref())?;
        canonical_url(url.as_str()).map(|_| url)
    };
    let canonical = signals.canonical.and_then(read);
    let open_graph = signals.meta(&["og:url"]).and_then(read);
    let Some(known) = known.filter(|known| canonical_url(known).is_some()) else {
        let [canonical, open_graph] = [canonical, open_graph].map(|url| url.filter(has_path));
        let url = match (canonical, open_graph) {
            (Some(one), Some(other)) if is_same(&one, &other) => Some(one),
            (Some(one), Some(other)) => fuller(one, other),
            (one, other) => checked(one.or(other), own, articles),
        };
        return Address { url: url.map(String::from), canonical: None };
    };
    let in_objects = |url: &Url| articles.iter().any(|article| names(own, article, url));
    let believed = canonical.filter(|canonical| {
        let is_said = || {
            open_graph.as_ref().is_some_and(|other| is_same(other, canonical))
                || in_objects(canonical)
        };
        let is_spelling =
            |known: Url| has_same_path(&known, canonical) && !loses_page(&known, canonical);
        has_path(canonical) && is_said() || Url::parse(known.trim()).is_ok_and(is_spelling)
    });
    Address { url: Some(known.to_owned()), canonical: believed.map(String::from) }
}

/// An address that no object with the page's title contradicts; that of such an object if there is no other.
fn checked(url: Option<Url>, own: &Own, articles: &[&Object]) -> Option<Url> {
    let articles = articles.iter().filter(|article| own.whom(article) == Whom::Page);
    if let Some(url) = &url
        && articles.clone().any(|article| names(own, article, url))
    {
        return Some(url.clone());
    }
    let mut said = articles.map(|article| own.addresses(article)).filter(|said| !said.is_empty());
    // A template that lacks the page's address may have that of its section.
    let is_section = |other: &Url| url.as_ref().is_some_and(|url| is_above(other, url));
    let said = said.find(|said| !said.iter().all(is_section));
    match (url, said) {
        (url, None) => url,
        (Some(url), Some(said)) => fuller(url, said[0].clone()),
        (None, Some(said)) => {
            said.iter().all(|url| is_same(url, &said[0])).then(|| said[0].clone())
        }
    }
}

/// Whether an object names this address as its own.
fn names(own: &Own, article: &Object, url: &Url) -> bool {
    ["url", "mainEntityOfPage", "@id"].iter().any(|name| {
        let said = objects::texts(article, name);
        said.iter().filter_map(|said| own.resolve(said)).any(|said| is_same(&said, url))
    })
}

/// Of two addresses, the one with the parameter that the other lost; `None` if they differ otherwise.
fn fuller(one: Url, other: Url) -> Option<Url> {
    if loses_page(&one, &other) { Some(one) } else { loses_page(&other, &one).then_some(other) }
}

fn is_same(one: &Url, other: &Url) -> bool {
    canonical_url(one.as_str()) == canonical_url(other.as_str())
}

/// Whether an address of the same site is in fewer folders.
fn is_above(one: &Url, other: &Url) -> bool {
    let folders = |url: &Url| url.path().split('/').filter(|name| !name.is_empty()).count();
    let hosts = [one, other].map(|url| canonical_url(url.as_str()).map(|found| found.host));
    hosts[0] == hosts[1] && one.query().is_none() && folders(one) < folders(other)
}

/// Whether two addresses differ only in spelling and parameters.
fn has_same_path(one: &Url, other: &Url) -> bool {
    parts(one).is_some_and(|(path, _)| parts(other).is_some_and(|(other, _)| path == other))
}

/// The canonical address without its parameters, and these.
fn parts(url: &Url) -> Option<(String, Vec<String>)> {
    let canonical = canonical_url(url.as_str())?.url;
    let (path, query) = canonical.split_once('?').unwrap_or((&canonical, ""));
    let query = query.split('#').next().unwrap_or_default();
    let path = path.split('#').next().unwrap_or_default().to_owned();
    let parameters = query.split('&').filter(|one| !one.is_empty()).map(str::to_owned);
    Some((path, parameters.collect()))
}

/// Whether the second address of the same path lacks a parameter that tells pages apart: all parameters of a
/// program or of the home page, or a number that is called an id.
fn loses_page(full: &Url, short: &Url) -> bool {
    let (Some((path, of_full)), Some((other, of_short))) = (parts(full), parts(short)) else {
        return false;
    };
    let mut lost = of_full.iter().filter(|one| !of_short.contains(one)).peekable();
    if path != other || lost.peek().is_none() || of_short.iter().any(|one| !of_full.contains(one)) {
        return false;
    }
    let is_id = |parameter: &String| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.to_ascii_lowercase().ends_with("id")
            && !value.is_empty()
            && value.bytes().all(|byte| byte.is_ascii_digit())
    };
    of_short.is_empty() && (!has_path_of_page(&path)) || lost.any(is_id)
}

/// Whether a path can name a page without parameters: it does not end in a program's name (`view.php`).
fn has_path_of_page(address: &str) -> bool {
    const OF_PAGES: [&str; 8] = ["html", "htm", "shtml", "shtm", "xhtml", "xht", "mhtml", "txt"];
    let path = address.splitn(4, '/').nth(3).unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let is_program = ending.is_some_and(|ending| {
        matches!(ending.len(), 2..=6)
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !OF_PAGES.contains(&ending.as_str())
    });
    !path.is_empty() && !is_program
}
