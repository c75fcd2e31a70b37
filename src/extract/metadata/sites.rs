//! The names of a page's site, which are neither titles nor authors.

use super::super::address::registrable_domain;
use super::collect::Signals;
use super::objects::{self, Objects};
use super::words::{key, parts};
use url::Url;

/// Names of a site, most likely first, each with its letters alone.
#[derive(Debug, Default)]
pub(super) struct Sites {
    names: Vec<(String, String)>,
}

impl Sites {
    pub fn of(signals: &Signals<'_>, json: &Objects<'_>, url: Option<&str>) -> Self {
        const NAMES: [&str; 4] =
            ["og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher"];
        let mut sites = Self::default();
        let said = NAMES.iter().flat_map(|name| signals.metas_of(name)).map(objects::plain);
        said.for_each(|name| sites.add(name));
        let publishers = ["WebSite", "Organization", "NewsMediaOrganization"];
        for object in publishers.iter().flat_map(|kind| json.of_type(kind)) {
            let names =
                ["name", "alternateName"].iter().flat_map(|name| objects::texts(object, name));
            names.for_each(|name| sites.add(name));
        }
        for (_, article) in json.candidates() {
            objects::texts(article, "publisher").into_iter().for_each(|name| sites.add(name));
        }
        sites.learn(signals);
        let url = url.and_then(|url| Url::parse(url).ok());
        if let Some(host) = url.as_ref().and_then(Url::host_str) {
            let host = host.trim_start_matches("www.");
            sites.add(host.to_owned());
            sites.add(registrable_domain(host).split('.').next().unwrap_or_default().to_owned());
        }
        sites
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
