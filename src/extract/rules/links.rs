//! The kinds of links.

use crate::extract::address::bare;
use crate::extract::address::key::LinkKeys;
use crate::extract::address::{
    CanonicalUrl, canonical_host, canonical_url, is_web, registrable_domain, resolve, route,
};
use crate::extract::budget::Budget;
use crate::extract::cut::Anchor;
use crate::model::{BlockKind, Link, LinkKind};
use std::cell::LazyCell;
use std::collections::HashMap;
use url::Url;

/// The target of a link, and the kind that follows from it alone.
#[derive(Debug)]
pub(in crate::extract) struct Target {
    /// `None` if it cannot be resolved.
    url: Option<Url>,
    /// Canonical; `None` if it is not a web address.
    host: Option<String>,
    /// Whether it has the article's registrable domain.
    pub is_internal: bool,
    /// `None` if the link's place must decide.
    pub kind: Option<LinkKind>,
}

impl Target {
    /// Whether it names a subject of the page.
    pub fn is_tag(&self) -> bool {
        self.kind == Some(LinkKind::Tag)
    }
}

/// The targets of all links, in order, without those that exceed the budget. `own` is the article's address,
/// `base` the one that links are relative to.
pub(in crate::extract) fn targets(
    anchors: &[Anchor],
    own: Option<&Url>,
    base: Option<&Url>,
    budget: &Budget,
) -> Vec<Target> {
    let own_host = own.and_then(canonical_host);
    let own_domain = own_host.as_deref().map(registrable_domain);
    // Few documents have a link that needs it.
    let own_address = LazyCell::new(|| own.and_then(|own| canonical_url(own.as_str())));
    let mut hosts = Hosts::default();
    let target = |anchor: &Anchor| {
        let href = anchor.href.trim();
        let length = |url: &Url| url.as_str().len();
        let url =
            if anchor.is_bare { resolve(&bare::whole(href), None) } else { resolve(href, base) };
        let url = url.filter(|url| budget.put_out(length(url)));
        let host = url.as_ref().filter(|url| is_web(url)).and_then(|url| hosts.of(url));
        let (host, domain) = match host {
            Some((host, domain)) => (Some(host), Some(domain)),
            None => (None, None),
        };
        let is_internal = domain.is_some() && domain == own_domain;
        let place = url.as_ref().zip(host).zip(domain);
        let place = place.map(|((url, host), domain)| Place { url, host, domain });
        let kind = kind_of_address(anchor, place, || own_address.as_ref());
        Target { is_internal, kind, host: host.map(str::to_owned), url }
    };
    anchors.iter().map(target).collect()
}

/// The hosts of a document's links, as written: few, and often the same.
#[derive(Default)]
struct Hosts(HashMap<String, Option<Host>>);

struct Host {
    canonical: String,
    /// Where its registrable domain begins.
    domain: usize,
}

impl Hosts {
    /// The canonical host of an address, and its registrable domain.
    fn of(&mut self, url: &Url) -> Option<(&str, &str)> {
        let written = url.host_str()?;
        if !self.0.contains_key(written) {
            let host = canonical_host(url).map(|canonical| {
                let domain = canonical.len() - registrable_domain(&canonical).len();
                Host { canonical, domain }
            });
            self.0.insert(written.to_owned(), host);
        }
        let host = self.0.get(written)?.as_ref()?;
        Some((&host.canonical, &host.canonical[host.domain..]))
    }
}

/// The parts of a web address.
struct Place<'a> {
    url: &'a Url,
    host: &'a str,
    domain: &'a str,
}

fn kind_of_address<'a>(
    anchor: &Anchor,
    place: Option<Place<'_>>,
    own_address: impl Fn() -> Option<&'a CanonicalUrl>,
) -> Option<LinkKind> {
    let href = anchor.href.trim();
    if href.strip_prefix('#').is_some_and(|fragment| route(fragment).is_none()) {
        return Some(LinkKind::Anchor);
    }
    let starts = |scheme: &str| {
        href.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if starts("whatsapp:") || starts("fb-messenger:") {
        return Some(LinkKind::Share);
    }
    if starts("mailto:") || href.contains("/cdn-cgi/l/email-protection") {
        return Some(LinkKind::Mail);
    }
    let Some(place) = place else {
        return Some(LinkKind::Other);
    };
    if is_share(&place) {
        return Some(LinkKind::Share);
    }
    if anchor.rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("tag")) {
        return Some(LinkKind::Tag);
    }
    let has_place_in_page = place.url.fragment().is_some_and(|fragment| route(fragment).is_none());
    if has_place_in_page
        && own_address().is_some_and(|own| canonical_url(place.url.as_str()).as_ref() == Some(own))
    {
        return Some(LinkKind::Anchor);
    }
    if is_promo(&place) {
        return Some(LinkKind::Promo);
    }
    is_profile(&place).then_some(LinkKind::Follow)
}

/// Pages that share an address.
fn is_share(place: &Place<'_>) -> bool {
    let &Place { url, host, domain } = place;
    let path = url.path();
    match domain {
        "facebook.com" => {
            path.starts_with("/dialog/") || path.starts_with("/sharer") || path == "/share.php"
        }
        "twitter.com" | "x.com" => {
            (path.starts_with("/intent/") && !is_account_of_intent(path)) || path == "/share"
        }
        "whatsapp.com" => path.starts_with("/send") || host == "wa.me",
        "wa.me" | "addtoany.com" => true,
        "t.me" | "telegram.me" => path.starts_with("/share"),
        "linkedin.com" => path.starts_with("/share") || path.starts_with("/cws/share"),
        "weibo.com" | "weibo.cn" => host.starts_with("service.") || host.starts_with("v.t."),
        "sina.com.cn" => host == "v.t.sina.com.cn" || path.starts_with("/share"),
        "icio.us" => path.starts_with("/post"),
        "reddit.com" => path.starts_with("/submit"),
        "pinterest.com" => path.starts_with("/pin/create"),
        "line.me" => path.starts_with("/R/msg") || host.starts_with("social-plugins."),
        "tumblr.com" => path.starts_with("/share") || path.starts_with("/widgets/share"),
        "plurk.com" | "getpocket.com" => url.query().is_some_and(|q| q.contains("http")),
        "google.com" => host == "plus.google.com" && path.starts_with("/share"),
        "qq.com" => path.contains("share"),
        "douban.com" => path.starts_with("/recommend") || path.starts_with("/share"),
        _ => url.query_pairs().any(|(key, value)| {
            key == "share"
                && !value.is_empty()
                && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        }),
    }
}

/// The feed service that many seeds come through, its mirrors, and pages for subscribers.
fn is_promo(place: &Place<'_>) -> bool {
    let is_feed_service = place.domain.split('.').next() == Some("feedx");
    let subscribes = |part: &str| {
        matches!(
            part,
            "newsletters" | "newsletter" | "subscribe" | "subscription" | "subscriptions"
        )
    };
    is_feed_service || place.url.path_segments().is_some_and(|mut parts| parts.any(subscribes))
}

/// A page that asks a reader to follow an account, which the query names.
fn is_account_of_intent(path: &str) -> bool {
    matches!(path, "/intent/user" | "/intent/follow")
}

/// An account's page on a social network: a single name after the host.
fn is_profile(place: &Place<'_>) -> bool {
    let &Place { url, domain, .. } = place;
    if matches!(domain, "twitter.com" | "x.com") && is_account_of_intent(url.path()) {
        return true;
    }
    const NETWORKS: [&str; 8] = [
        "twitter.com",
        "x.com",
        "facebook.com",
        "instagram.com",
        "t.me",
        "weibo.com",
        "youtube.com",
        "medium.com",
    ];
    let mut names = url.path_segments().into_iter().flatten().filter(|name| !name.is_empty());
    let first = names.next();
    let has_more = names.next().is_some();
    NETWORKS.contains(&domain)
        && url.query().is_none_or(str::is_empty)
        && match first {
            Some("channel" | "c" | "user" | "groups" | "pages") => has_more,
            Some("watch" | "hashtag" | "search" | "i" | "home") | None => false,
            Some(_) => !has_more,
        }
}

/// The rows. The address decides their kind first, then the block that contains them; addresses written in
/// the article's own text are content. Links and addresses are each in document order. A link that may lead to an
/// article gets its key.
pub(in crate::extract) fn rows(
    links: (Vec<Anchor>, Vec<Target>),
    bare: (Vec<Anchor>, Vec<Target>),
    kinds: &[BlockKind],
    mut keys: LinkKeys,
) -> Vec<Link> {
    let mut row = |(anchor, target): (Anchor, Target)| {
        let around = anchor.cut.map(|cut| kinds[cut]);
        let by_place = match around {
            Some(BlockKind::Related | BlockKind::Boilerplate) => LinkKind::Related,
            _ => LinkKind::Content,
        };
        let by_address =
            target.kind.filter(|_| !(anchor.is_bare && around.is_some_and(BlockKind::is_content)));
        let kind = by_address.unwrap_or(by_place);
        let page = target.url.as_ref().zip(target.host.as_deref());
        let page = page.filter(|_| matches!(kind, LinkKind::Content | LinkKind::Related));
        Link {
            block: anchor.cut,
            kind,
            address_key: page.and_then(|(url, host)| keys.key(url, host)),
            is_internal: target.is_internal,
            url: target.url.map_or_else(|| anchor.href.clone(), Into::into),
            href: anchor.href,
            text: anchor.text,
            host: target.host,
        }
    };
    let mut rows = Vec::with_capacity(links.0.len() + bare.0.len());
    let mut bare = bare.0.into_iter().zip(bare.1).peekable();
    for (anchor, target) in links.0.into_iter().zip(links.1) {
        let is_before =
            |(other, _): &(Anchor, Target)| (other.cut, other.offset) < (anchor.cut, anchor.offset);
        while anchor.cut.is_some()
            && let Some(found) = bare.next_if(is_before)
        {
            rows.push(row(found));
        }
        rows.push(row((anchor, target)));
    }
    rows.extend(bare.map(row));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(href: &str, kind: Option<LinkKind>) {
        let base = Url::parse("https://news.example/a/1").unwrap();
        let anchor = Anchor {
            cut: None,
            offset: 0,
            container: 0,
            href: href.to_owned(),
            rel: String::new(),
            text: String::new(),
            wraps_picture: false,
            is_bare: false,
        };
        let targets =
            targets(std::slice::from_ref(&anchor), Some(&base), Some(&base), &Budget::of(0));
        assert_eq!(targets[0].kind, kind, "{href}");
    }

    #[test]
    fn kinds_by_address() {
        check("/b", None);
        check("//other.example/b", None);
        check("#top", Some(LinkKind::Anchor));
        check("https://www.news.example/a/1#top", Some(LinkKind::Anchor));
        check("https://news.example/a/2#top", None);
        check("mailto:a@a.example", Some(LinkKind::Mail));
        check("/cdn-cgi/l/email-protection#5f", Some(LinkKind::Mail));
        for share in [
            "https://www.facebook.com/dialog/share?href=x",
            "https://www.facebook.com/sharer.php?u=x",
            "whatsapp://send?text=x",
            "https://web.whatsapp.com/send?text=x",
            "https://twitter.com/intent/tweet?url=x",
            "https://x.com/intent/tweet?url=x",
            "https://www.addtoany.com/add_to/email?linkurl=x",
            "https://t.me/share/url?url=x",
            "http://service.weibo.com/share/share.php?url=x",
            "http://del.icio.us/post?url=x",
            "https://news.example/a/1?share=twitter",
        ] {
            check(share, Some(LinkKind::Share));
        }
        check("https://twitter.com/newsexample", Some(LinkKind::Follow));
        check("https://twitter.com/intent/user?screen_name=a", Some(LinkKind::Follow));
        check("https://twitter.com/newsexample/status/1", None);
        check("https://t.me/newsexample/12", None);
        check("https://feedx.net", Some(LinkKind::Promo));
        check("https://news.example/newsletters/daily", Some(LinkKind::Promo));
        check("https://stock.example/shareholder?share=", None);
        for other in ["file:///G:/a", "tel:1", "ttps://a.example", "javascript:void(0)", "http://["]
        {
            check(other, Some(LinkKind::Other));
        }
    }
}
