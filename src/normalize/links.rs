//! What a link is for.

use super::address::{canonical_host, canonical_url, is_web, registrable_domain};
use super::cut::Anchor;
use crate::model::{BlockKind, Link, LinkKind};
use url::Url;

/// What the address alone says about a link; `None` where its place must decide.
pub(super) fn kind_of_address(anchor: &Anchor, base: Option<&Url>) -> Option<LinkKind> {
    let href = anchor.href.trim();
    if href.starts_with('#') {
        return Some(LinkKind::Anchor);
    }
    let lower = href.to_ascii_lowercase();
    if lower.starts_with("whatsapp:") || lower.starts_with("fb-messenger:") {
        return Some(LinkKind::Share);
    }
    if lower.starts_with("mailto:") || lower.contains("/cdn-cgi/l/email-protection") {
        return Some(LinkKind::Mail);
    }
    let url = match resolve(href, base) {
        Some(url) if is_web(&url) => url,
        _ => return Some(LinkKind::Other),
    };
    if is_share(&url) {
        return Some(LinkKind::Share);
    }
    if anchor.rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("tag")) {
        return Some(LinkKind::Tag);
    }
    if url.fragment().is_some_and(|fragment| !fragment.starts_with('!'))
        && base.is_some_and(|base| canonical_url(base.as_str()) == canonical_url(url.as_str()))
    {
        return Some(LinkKind::Anchor);
    }
    if is_promo(&url) {
        return Some(LinkKind::Promo);
    }
    is_profile(&url).then_some(LinkKind::Follow)
}

fn resolve(href: &str, base: Option<&Url>) -> Option<Url> {
    match base {
        Some(base) => base.join(href).ok(),
        None => Url::parse(href).ok(),
    }
}

/// Whether a link leads to the article's own site.
pub(super) fn is_internal(anchor: &Anchor, base: Option<&Url>) -> bool {
    let host = |url: &Url| canonical_host(url);
    let target = resolve(anchor.href.trim(), base).as_ref().and_then(host);
    match (target, base.and_then(host)) {
        (Some(target), Some(own)) => registrable_domain(&target) == registrable_domain(&own),
        _ => false,
    }
}

/// Pages that hand an address on to others.
fn is_share(url: &Url) -> bool {
    let host = canonical_host(url).unwrap_or_default();
    let domain = registrable_domain(&host);
    let path = url.path();
    match domain {
        "facebook.com" => {
            path.starts_with("/dialog/") || path.starts_with("/sharer") || path == "/share.php"
        }
        "twitter.com" | "x.com" => path.starts_with("/intent/") || path == "/share",
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
fn is_promo(url: &Url) -> bool {
    let host = canonical_host(url).unwrap_or_default();
    let domain = registrable_domain(&host);
    let is_feed_service = domain.split('.').next() == Some("feedx");
    let subscribes = |part: &str| {
        matches!(
            part,
            "newsletters" | "newsletter" | "subscribe" | "subscription" | "subscriptions"
        )
    };
    is_feed_service || url.path_segments().is_some_and(|mut parts| parts.any(subscribes))
}

/// One account's page on a social network: a single name behind the host.
fn is_profile(url: &Url) -> bool {
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
    let host = canonical_host(url).unwrap_or_default();
    let mut names = url.path_segments().into_iter().flatten().filter(|name| !name.is_empty());
    let first = names.next();
    let has_more = names.next().is_some();
    NETWORKS.contains(&registrable_domain(&host))
        && url.query().is_none_or(str::is_empty)
        && match first {
            Some("channel" | "c" | "user" | "groups" | "pages") => has_more,
            Some("watch" | "hashtag" | "search" | "i" | "home") | None => false,
            Some(_) => !has_more,
        }
}

/// The rows, their kinds decided by address first, then by the block they stand in.
pub(super) fn rows(
    anchors: Vec<Anchor>,
    kinds: &[BlockKind],
    base: Option<&Url>,
    own_host: Option<&str>,
) -> Vec<Link> {
    let own_domain = own_host.map(registrable_domain);
    let row = |anchor: Anchor| {
        let resolved = resolve(anchor.href.trim(), base);
        let host = resolved.as_ref().filter(|url| is_web(url)).and_then(canonical_host);
        let kind = kind_of_address(&anchor, base).unwrap_or_else(|| {
            match anchor.cut.map(|cut| kinds[cut]) {
                Some(BlockKind::Related | BlockKind::Boilerplate) => LinkKind::Related,
                _ => LinkKind::Content,
            }
        });
        Link {
            block: anchor.cut,
            kind,
            is_internal: own_domain.is_some()
                && host.as_deref().map(registrable_domain) == own_domain,
            url: resolved.map_or_else(|| anchor.href.clone(), Into::into),
            href: anchor.href,
            text: anchor.text,
            host,
        }
    };
    anchors.into_iter().map(row).collect()
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
        };
        assert_eq!(kind_of_address(&anchor, Some(&base)), kind, "{href}");
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
