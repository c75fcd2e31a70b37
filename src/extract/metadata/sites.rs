//! The names of a page's site, which are neither titles nor authors.

use super::super::address::registrable_domain;
use super::super::text::one_line;
use super::collect::Signals;
use super::objects::{self, Object, Objects};
use super::words::{key, parts};
use serde_json::Value;
use url::Url;

/// Names of a site, most likely first, each with its letters alone.
#[derive(Debug, Default)]
pub(super) struct Sites {
    names: Vec<(String, String)>,
    /// How many of them the page gives; the others are learnt from its title and its address.
    given: usize,
}

/// A name as it should be shown; `None` for a text that is not one.
pub(in crate::extract) fn name_of(name: &str) -> Option<String> {
    let name = one_line(name);
    (is_name(&name) && !key(&name).is_empty()).then_some(name)
}

/// Whether a text can be a name: not an address, the id of an object, or a sentence.
fn is_name(text: &str) -> bool {
    const MAX_LENGTH: usize = 100;
    !text.contains("://") && !text.starts_with(['#', '/']) && text.chars().count() <= MAX_LENGTH
}

impl Sites {
    pub fn of(signals: &Signals<'_>, json: &Objects<'_>, url: Option<&str>) -> Self {
        const OF_PROGRAM: [&str; 3] =
            ["application-name", "apple-mobile-web-app-title", "dc.publisher"];
        let mut sites = Self::default();
        sites.add_metas(signals, &["og:site_name"]);
        for (_, article) in json.candidates() {
            sites.add_publishers(article, json);
        }
        sites.add_objects(json, &["WebSite"]);
        sites.add_metas(signals, &OF_PROGRAM);
        sites.add_objects(json, &["Organization", "NewsMediaOrganization"]);
        sites.given = sites.names.len();
        sites.learn(signals);
        let url = url.and_then(|url| Url::parse(url).ok());
        if let Some(host) = url.as_ref().and_then(Url::host_str) {
            let host = host.trim_start_matches("www.");
            sites.add(host.to_owned());
            sites.add(registrable_domain(host).split('.').next().unwrap_or_default().to_owned());
        }
        sites
    }

    fn add_metas(&mut self, signals: &Signals<'_>, names: &[&str]) {
        let said = names.iter().flat_map(|name| signals.metas_of(name)).map(objects::plain);
        said.for_each(|name| self.add(name));
    }

    fn add_objects(&mut self, json: &Objects<'_>, types: &[&'static str]) {
        for object in types.iter().flat_map(|kind| json.of_type(kind)) {
            for name in ["name", "alternateName"] {
                objects::texts(object, name).into_iter().for_each(|name| self.add(name));
            }
        }
    }

    /// Adds the publishers of an article; an object can be elsewhere, with only its id here.
    fn add_publishers(&mut self, article: &Object, json: &Objects<'_>) {
        let publishers = objects::values(article, "publisher").iter();
        let elsewhere = publishers.filter_map(Value::as_object).filter_map(|it| json.by_id(it));
        let names = elsewhere.flat_map(|object| objects::texts(object, "name"));
        let names: Vec<String> = names.chain(objects::texts(article, "publisher")).collect();
        names.into_iter().for_each(|name| self.add(name));
    }

    /// The name that the page gives its site.
    pub fn given(&self) -> Option<&str> {
        let mut names = self.names[..self.given].iter().map(|(name, _)| name.as_str());
        names.find(|name| is_name(name))
    }

    /// Learns the site's name from a `title` that contains more than a heading or other names of the page.
    fn learn(&mut self, signals: &Signals<'_>) {
        let headings =
            signals.lines.iter().filter(|line| line.heading == 1).map(|line| &*line.text);
        let names = ["og:title", "twitter:title"].iter().flat_map(|name| signals.metas_of(name));
        let named: Vec<String> = headings.chain(names).take(16).map(key).collect();
        let is_named = |part: &str| {
            let key = key(part);
            key.chars().count() >= 6 && named.contains(&key)
        };
        let learnt = parts(&signals.title).into_iter().find_map(|(before, behind)| {
            if is_named(before) { Some(behind) } else { is_named(behind).then_some(before) }
        });
        if let Some(name) = learnt {
            self.add(name.trim().to_owned());
        }
        // A heading that is only the end of the page's title is the name of its site.
        let title = key(&signals.title);
        let site = signals.lines.iter().filter(|line| line.heading == 1).find(|line| {
            let key = key(&line.text);
            let behind = signals.title.trim_end().ends_with(line.text.trim());
            behind && !key.is_empty() && title.len() > 2 * key.len()
        });
        if let Some(site) = site {
            self.add(site.text.clone());
        }
    }

    fn add(&mut self, name: String) {
        let key = key(&name);
        let is_new = !key.is_empty() && !name.contains("://") && !self.has_key(&key);
        if is_new && self.names.len() < 64 {
            self.names.push((name, key));
        }
    }

    fn has_key(&self, key: &str) -> bool {
        self.names.iter().any(|(_, known)| known == key)
    }

    /// Whether a text is only a name of the site.
    pub fn has(&self, text: &str) -> bool {
        let key = key(text);
        key.is_empty() || self.has_key(&key)
    }

    /// A title without the site's names before or after it.
    pub fn cut_from<'a>(&self, title: &'a str) -> &'a str {
        let mut title = title.trim();
        for _ in 0..3 {
            let cut = parts(title).into_iter().find_map(|(before, behind)| {
                if self.has(behind) && !self.has(before) {
                    Some(before)
                } else {
                    (self.has(before) && !self.has(behind)).then_some(behind)
                }
            });
            match cut {
                Some(rest) => title = rest.trim(),
                None => break,
            }
        }
        title
    }
}
