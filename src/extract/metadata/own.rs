//! Which objects describe this page, and not another story that it links to.

use super::super::address::{canonical_url, resolve};
use super::collect::Signals;
use super::objects::{self, Object, Objects, Rank};
use super::titles::MAX_HEADINGS;
use super::words::{agreement, key, words_of_name};
use std::collections::HashSet;
use url::Url;

/// Maximum characters of a name that is compared.
const NAME_LETTERS: usize = 300;

/// What a page says of itself outside of its objects.
pub(super) struct Own {
    base: Option<Url>,
    /// Its canonical addresses.
    addresses: HashSet<String>,
    /// The words of its names: of its `title` and its previews, and, apart from these, of its headings.
    names: Vec<HashSet<String>>,
    headings: Vec<HashSet<String>>,
}

/// Whom an object describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// The page: it has its address or its title.
    Page,
    /// It has neither, and no others.
    Unknown,
    /// It has another headline, but maybe only in other words.
    OtherWords,
    /// It has another address and no headline of the page.
    Another,
}

impl Own {
    /// `known` is the address from the saver or the container.
    pub fn of(signals: &Signals<'_>, known: Option<&str>) -> Self {
        const NAMES: [&str; 4] = ["og:title", "twitter:title", "dc.title", "dcterms.title"];
        let said = signals.canonical.into_iter().chain(signals.meta(&["og:url"]));
        let known = known.and_then(|url| Url::parse(url.trim()).ok());
        let absolute = |url: &str| resolve(url.trim(), known.as_ref());
        let base = known.clone().or_else(|| said.clone().find_map(absolute));
        let mut own =
            Self { base, addresses: HashSet::new(), names: Vec::new(), headings: Vec::new() };
        let all = known.clone().into_iter().chain(said.filter_map(absolute));
        own.addresses = all.filter(has_path).filter_map(|url| canonical(&url)).collect();
        let metas = NAMES.iter().flat_map(|name| signals.metas_of(name)).take(16);
        let metas = metas.map(objects::plain);
        let named = std::iter::once(signals.title.clone()).chain(metas);
        own.names = named.flat_map(|name| words_of_name(&cut(&name))).collect();
        let headings = signals.lines.iter().filter(|line| line.heading == 1).take(MAX_HEADINGS);
        let headings: Vec<String> = headings.map(|line| cut(&line.text)).collect();
        let agrees = |heading: &&String| agreement(heading, &own.names) > 0;
        // If one has the page's title, the others are of other stories.
        let is_any = headings.iter().any(|heading| agrees(&heading));
        let headings = headings.iter().filter(|heading| !is_any || agrees(heading));
        own.headings = headings.flat_map(|heading| words_of_name(heading)).collect();
        own
    }

    /// The objects that describe the page, most likely first. Of those with other headlines, one is taken for
    /// the same story in other words if there is only one story, and none that describes the page better.
    pub fn articles<'a>(&self, sources: &[&Objects<'a>]) -> Vec<&'a Object> {
        let mut articles = Vec::new();
        for objects in sources {
            let candidates = objects.candidates();
            let is_page = |names: &[HashSet<String>], (_, object): &(Rank, &Object)| {
                self.whom_by(object, names) == Whom::Page
            };
            // Some titles are only the name of the site.
            let by_names = candidates.iter().any(|one| is_page(&self.names, one));
            let by_headings =
                !by_names && candidates.iter().any(|one| is_page(&self.headings, one));
            let names = if by_headings { &self.headings } else { &self.names };
            let judged: Vec<_> = candidates
                .iter()
                .map(|(rank, object)| (*rank, self.whom_by(object, names), *object))
                .collect();
            for rank in [Rank::Article, Rank::Named, Rank::Page] {
                articles.extend(of_rank(rank, &judged));
            }
        }
        articles
    }

    /// Whom an object describes, by its addresses and its headline.
    pub fn whom(&self, object: &Object) -> Whom {
        match self.whom_by(object, &self.names) {
            Whom::Page => Whom::Page,
            by_names => match self.whom_by(object, &self.headings) {
                Whom::Page => Whom::Page,
                _ => by_names,
            },
        }
    }

    fn whom_by(&self, object: &Object, names: &[HashSet<String>]) -> Whom {
        let headline = headline(object).filter(|_| !names.is_empty());
        let agrees = headline.as_ref().is_some_and(|it| agreement(&cut(it), names) > 0);
        let is_own = |written: &String| {
            let url = self.resolve(written).and_then(|url| canonical(&url));
            url.is_some_and(|url| self.addresses.contains(&url))
        };
        let mut said =
            ["url", "mainEntityOfPage", "@id"].iter().flat_map(|name| objects::texts(object, name));
        if agrees || said.any(|written| is_own(&written)) {
            return Whom::Page;
        }
        match headline {
            _ if !self.addresses.is_empty() && !self.addresses(object).is_empty() => Whom::Another,
            Some(_) => Whom::OtherWords,
            None => Whom::Unknown,
        }
    }

    /// An address as written on the page, resolved.
    pub fn resolve(&self, written: &str) -> Option<Url> {
        resolve(written.trim(), self.base.as_ref())
    }

    /// The addresses that an object gives for itself, without those of home pages.
    pub fn addresses(&self, object: &Object) -> Vec<Url> {
        let written =
            ["url", "mainEntityOfPage"].iter().flat_map(|name| objects::texts(object, name));
        let urls = written.filter_map(|written| self.resolve(&written));
        urls.filter(|url| canonical(url).is_some() && has_path(url)).collect()
    }
}

fn canonical(url: &Url) -> Option<String> {
    Some(canonical_url(url.as_str())?.url)
}

fn headline(object: &Object) -> Option<String> {
    objects::text(object, "headline").or_else(|| objects::text(object, "name"))
}

/// Templates that lack the page's address contain that of the home page.
pub(super) fn has_path(url: &Url) -> bool {
    !matches!(url.path(), "" | "/") || url.query().is_some()
}

fn of_rank<'a>(rank: Rank, judged: &[(Rank, Whom, &'a Object)]) -> Vec<&'a Object> {
    let of = |wanted: Whom| {
        let found = judged.iter().filter(move |(other, whom, _)| *other == rank && *whom == wanted);
        found.map(|(.., object)| *object)
    };
    let mut objects: Vec<&Object> = of(Whom::Page).chain(of(Whom::Unknown)).collect();
    let is_better =
        |(other, whom, _): &(Rank, Whom, &Object)| *other >= rank && *whom == Whom::Page;
    if !judged.iter().any(is_better) {
        let stories: HashSet<String> =
            of(Whom::OtherWords).filter_map(headline).map(|it| key(&it)).collect();
        if stories.len() == 1 {
            objects.extend(of(Whom::OtherWords));
        }
    }
    objects
}

fn cut(name: &str) -> String {
    name.chars().take(NAME_LETTERS).collect()
}
