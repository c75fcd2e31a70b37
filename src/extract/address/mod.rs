//! Addresses: the canonical form that sameness compares, hosts, and proxies that hide an address.

pub(super) mod bare;
pub(super) mod key;
pub(super) mod tracking;

use self::tracking::is_tracking;
use url::{Host, Url};

/// Maximum length of an address in bytes; servers accept some 8 KiB.
pub(in crate::extract) const MAX_ADDRESS: usize = 64 << 10;

/// The canonical spelling of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalUrl {
    /// The whole address.
    pub url: String,
    /// ASCII, lower case, without `www.`, `m.` and the like.
    pub host: String,
}

/// The canonical host of an address, or of a host as written (`www.RFI.fr`).
pub fn host_of(written: &str) -> Option<String> {
    let written = written.trim();
    let address =
        if written.contains("://") { written.to_owned() } else { format!("https://{written}") };
    canonical_url(&address).map(|canonical| canonical.host)
}

/// The canonical form of a web address; `None` for anything else. A canonical address is its own canonical
/// form.
pub fn canonical_url(written: &str) -> Option<CanonicalUrl> {
    let mut url = resolve(written.trim(), None)?;
    if !is_web(&url) {
        return None;
    }
    if let Some(original) = copied_by_amp(&url) {
        url = original;
    }
    let host = canonical_host(&url)?;
    let mut text = String::new();
    push_canonical(&url, &host, &mut text).then_some(CanonicalUrl { url: text, host })
}

/// Appends the canonical form of a web address that is no copy, with this canonical host; `false` if it is too long.
fn push_canonical(url: &Url, host: &str, text: &mut String) -> bool {
    let start = text.len();
    text.push_str("https://");
    text.push_str(host);
    if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443)) {
        text.push_str(&format!(":{port}"));
    }
    push_path(url.path(), text);
    push_parameters(url.query().unwrap_or_default(), text);
    if let Some((route, query)) = url.fragment().and_then(route) {
        text.push('#');
        push_normal(route, text);
        push_parameters(query, text);
    }
    text.len() - start <= MAX_ADDRESS
}

/// Resolves an address as a browser does in a document at `base`.
pub(in crate::extract) fn resolve(written: &str, base: Option<&Url>) -> Option<Url> {
    if written.len() > MAX_ADDRESS {
        return None;
    }
    match base {
        Some(base) => base.join(written).ok(),
        None => Url::parse(written).ok(),
    }
}

/// Appends a path without empty parts, and without those that only select its AMP version.
fn push_path(path: &str, text: &mut String) {
    let start = text.len();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        text.push('/');
        push_normal(part, text);
    }
    // Where the last part begins, and the first one that stays: each step costs no more than it removes.
    let last_part = |text: &str| text.rfind('/').map_or(start, |at| at.max(start));
    let (mut first, mut last) = (start, last_part(text));
    // A name of dots alone has another meaning.
    let is_name = |name: &&str| name.bytes().rev().any(|byte| byte != b'.');
    loop {
        let starts = |prefix: &str, at: usize| {
            let part = text.as_bytes()[at..].get(..prefix.len());
            part.is_some_and(|part| part.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        let name = text.get(last + 1..).unwrap_or_default();
        if first < last && starts("/amp/", first) {
            first += "/amp".len();
        } else if first < last && name.eq_ignore_ascii_case("amp") {
            text.truncate(last);
            last = last_part(text);
        } else if name.strip_suffix(".amp").filter(is_name).is_some() {
            text.truncate(text.len() - ".amp".len());
        } else if name.strip_suffix(".amp.html").filter(is_name).is_some() {
            text.truncate(text.len() - ".amp.html".len());
            text.push_str(".html");
        } else {
            break;
        }
    }
    if first > start {
        text.replace_range(start..first, "");
    }
}

/// The page behind Google's copies of AMP pages; `None` for any other address.
fn copied_by_amp(url: &Url) -> Option<Url> {
    let mut original = copied_once_by_amp(url)?;
    // A copy may be of another copy; each address is shorter than the one that contains it.
    while let Some(inner) = copied_once_by_amp(&original) {
        original = inner;
    }
    Some(original)
}

fn copied_once_by_amp(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let path = url.path();
    let copied = if host.ends_with(".cdn.ampproject.org") {
        path.strip_prefix("/c/").or_else(|| path.strip_prefix("/v/"))?
    } else if matches!(host, "google.com" | "www.google.com") {
        path.strip_prefix("/amp/")?
    } else {
        return None;
    };
    let address = format!("https://{}", copied.strip_prefix("s/").unwrap_or(copied));
    let mut original = Url::parse(&address).ok()?;
    original.set_query(url.query());
    original.host_str().is_some_and(|host| host.contains('.')).then_some(original)
}

/// Appends the parameters of a query that select the page.
fn push_parameters(query: &str, text: &mut String) {
    let mut separator = '?';
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let start = text.len();
        text.push(separator);
        push_normal(parameter, text);
        if is_tracking(&text[start + 1..]) {
            text.truncate(start);
        } else {
            separator = '&';
        }
    }
}

/// A fragment that a web application uses as the address of one of its pages, and its query; `None` for a
/// place within a page, and for the application's first page.
pub(in crate::extract) fn route(fragment: &str) -> Option<(&str, &str)> {
    let (route, query) = fragment.split_once('?').unwrap_or((fragment, ""));
    let names_a_page = !route.trim_start_matches('!').trim_matches('/').is_empty();
    let is_route = fragment.starts_with(['!', '/']) && names_a_page;
    is_route.then_some((route.trim_end_matches('/'), query))
}

/// Whether a browser opens this address as a page.
pub(in crate::extract) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Labels before a host that only select another presentation of the same site.
const PRESENTATIONS: [&str; 5] = ["www.", "m.", "mobile.", "wap.", "amp."];

/// ASCII, lower case, without [`PRESENTATIONS`]; `None` without a host.
pub(in crate::extract) fn canonical_host(url: &Url) -> Option<String> {
    let whole = url.host_str()?;
    let host = whole.trim_end_matches('.');
    if !matches!(url.host(), Some(Host::Domain(_))) {
        return Some(host.to_owned());
    }
    // Several dots at the end may have hidden a last part that makes the host a number.
    if whole.ends_with("..") {
        return match Host::parse(host).ok()? {
            Host::Domain(domain) => Some(without_presentation(&domain)),
            number => Some(number.to_string()),
        };
    }
    (!host.is_empty()).then(|| without_presentation(host))
}

fn without_presentation(host: &str) -> String {
    let domain = registrable_domain(host);
    let mut before = host.strip_suffix(domain).unwrap_or_default();
    while before.ends_with(".m.") {
        before = &before[..before.len() - 2];
    }
    let host = format!("{before}{domain}");
    let mut host = host.as_str();
    while let Some(rest) = PRESENTATIONS.iter().find_map(|label| host.strip_prefix(label))
        && rest.contains('.')
        && !is_public_suffix(rest)
    {
        host = rest;
    }
    host.to_owned()
}

/// Whether anybody may register a domain under a host, so that it is not a site itself (`com.cn`).
fn is_public_suffix(host: &str) -> bool {
    seedbank_registrable::is_suffix(host)
}

/// The part of a host that its owner registered, by the public-suffix list.
pub(in crate::extract) fn registrable_domain(host: &str) -> &str {
    if host.ends_with(']') || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return host;
    }
    seedbank_registrable::domain(host).map_or(host, |domain| domain.name)
}

/// Appends a text with escapes of unreserved ASCII decoded once, and all others in upper case: real addresses are
/// escaped twice. Digits that would complete a lone `%` stay escaped.
fn push_normal(text: &str, out: &mut String) {
    let mut rest = text;
    // The position in `out` of the last `%` without digits.
    let mut lone = None;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let digit = |at: usize| {
            let digit = escape.as_bytes().get(at).copied().map(char::from);
            digit.and_then(|digit| digit.to_digit(16))
        };
        let is_digit_of = |lone: usize| {
            let between = &out.as_bytes()[lone + 1..];
            between.len() < 2 && between.iter().all(u8::is_ascii_hexdigit)
        };
        let byte = digit(1).zip(digit(2)).map(|(high, low)| char::from((16 * high + low) as u8));
        match byte {
            Some(one @ ('a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '~'))
                if !(one.is_ascii_hexdigit() && lone.is_some_and(is_digit_of)) =>
            {
                out.push(one);
                rest = &escape[3..];
            }
            Some(_) => {
                let start = out.len();
                out.push_str(&escape[..3]);
                out[start..].make_ascii_uppercase();
                rest = &escape[3..];
            }
            None => {
                lone = Some(out.len());
                out.push('%');
                rest = &escape[1..];
            }
        }
    }
    out.push_str(rest);
}

/// The address behind an image proxy, or the address itself.
pub(in crate::extract) fn unwrap_proxy(url: Url) -> Url {
    let hidden = match url.host_str() {
        Some("images.weserv.nl") => {
            url.query_pairs().find(|(key, _)| key == "url").map(|(_, value)| value.into_owned())
        }
        Some("i0.wp.com" | "i1.wp.com" | "i2.wp.com" | "i3.wp.com") => {
            Some(url.path().trim_start_matches('/').to_owned())
        }
        _ => None,
    };
    let real = hidden.and_then(|hidden| {
        let bare = hidden.trim_start_matches("ssl:").trim_start_matches('/');
        if bare.starts_with("http://") || bare.starts_with("https://") {
            Url::parse(bare).ok()
        } else {
            Url::parse(&format!("https://{bare}")).ok()
        }
    });
    real.filter(|real| real.host_str().is_some_and(|host| host.contains('.'))).unwrap_or(url)
}

/// A mail address hidden by Cloudflare: hex bytes, each XORed with the first.
pub(in crate::extract) fn decode_cfemail(hex: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let bytes = bytes?;
    let (key, hidden) = bytes.split_first()?;
    let address = String::from_utf8(hidden.iter().map(|byte| byte ^ key).collect()).ok()?;
    (address.contains('@') && !address.chars().any(char::is_control)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(written: &str, canonical: &str) {
        let found = canonical_url(written).map(|found| found.url);
        assert_eq!(found.as_deref(), Some(canonical), "{written}");
    }

    #[test]
    fn canonical_addresses() {
        check("http://www.rfi.fr//cn/a/", "https://rfi.fr/cn/a");
        check("https://www.rfi.fr/cn/a", "https://rfi.fr/cn/a");
        check("HTTPS://M.News.Example:443/", "https://news.example");
        check("http://news.example:80/a", "https://news.example/a");
        check("http://news.example:443/a", "https://news.example/a");
        check("http://news.example:8080/a", "https://news.example:8080/a");
        check("https://m.example/a", "https://m.example/a");
        check("https://www.m.news.example./a", "https://news.example/a");
        check("https://日报.example/文", "https://xn--4ru45e.example/%E6%96%87");
        check("https://a.example/%e6%96%87%2d%2F%2541", "https://a.example/%E6%96%87-%2F%2541");
        check("https://a.example/100%/%zz", "https://a.example/100%/%zz");
        check("https://a.example/%%36C%6%43%z%41", "https://a.example/%%36C%6%43%zA");
        check("https://a.example/a b", "https://a.example/a%20b");
        check("https://a.example/?", "https://a.example");
        check("https://a.example/a?b=2&a=1#top", "https://a.example/a?b=2&a=1");
        check("https://a.example/a?utm_source=x&id=3&fbclid=q", "https://a.example/a?id=3");
        check("https://a.example/a?source=rss-216c8ba84893------2", "https://a.example/a");
        check("https://a.example/a?source=wire", "https://a.example/a?source=wire");
        check("https://a.example/a#!/b", "https://a.example/a#!/b");
        check("https://a.example/#/post/1/", "https://a.example#/post/1");
        check("https://a.example/#!post", "https://a.example#!post");
        check("https://a.example/#/p?id=1&utm_source=x", "https://a.example#/p?id=1");
        for home in ["#", "#/", "#!", "#!/", "#//", "#part", "#part/1"] {
            check(&format!("https://a.example/{home}"), "https://a.example");
        }
        check("https://mobile.news.example/a", "https://news.example/a");
        check("https://wap.news.example/a", "https://news.example/a");
        check("https://amp.news.example/a", "https://news.example/a");
        check("https://zh.m.news.org/a", "https://zh.news.org/a");
        check("https://www.m.com.cn/a", "https://m.com.cn/a");
        check("https://wap.com.cn/a", "https://wap.com.cn/a");
        check("https://mobile.de/a", "https://mobile.de/a");
        for amp in ["a/amp", "a/AMP/", "amp/a", "a.amp", "a?amp", "a?amp=1", "a?outputType=amp"] {
            check(&format!("https://news.example/{amp}"), "https://news.example/a");
        }
        check("https://news.example/a.amp.html", "https://news.example/a.html");
        check("https://news.example/amp", "https://news.example/amp");
        check("https://news.example/amp/amp.amp", "https://news.example/amp");
        check("https://news.example/a/amp/b", "https://news.example/a/amp/b");
        check(
            "https://www.google.com/amp/s/www.news.example/a/amp?id=3",
            "https://news.example/a?id=3",
        );
        check(
            "https://news-example.cdn.ampproject.org/c/s/news.example/a",
            "https://news.example/a",
        );
        check("https://www.google.com/amp/s/x", "https://google.com/s/x");
        check("https://a.example/a?UTM_Source=x&id=3&FbClid=q", "https://a.example/a?id=3");
        check("https://user:word@a.example/a", "https://a.example/a");
        check("https://192.0.2.1/a", "https://192.0.2.1/a");
        check("https://192.0.2.1../a", "https://192.0.2.1/a");
        check("https://a.example../a", "https://a.example/a");
        let unusable = ["", "u", "mailto:a@a.example", "ttps://a.example", "//a.example/a"];
        for unusable in unusable.into_iter().chain(["https://a.2../a"]) {
            assert_eq!(canonical_url(unusable), None, "{unusable}");
        }
    }

    #[track_caller]
    fn check_proxy(written: &str, real: &str) {
        assert_eq!(unwrap_proxy(Url::parse(written).unwrap()).as_str(), real);
    }

    #[test]
    fn proxies() {
        let real = "https://a.example/b.jpg";
        check_proxy("https://images.weserv.nl/?url=a.example/b.jpg", real);
        check_proxy("https://images.weserv.nl?url=https%3A%2F%2Fa.example%2Fb.jpg&w=3", real);
        check_proxy("https://i2.wp.com/a.example/b.jpg?resize=3", real);
        check_proxy("https://images.weserv.nl/?w=3", "https://images.weserv.nl/?w=3");
        check_proxy(real, real);
    }

    #[test]
    fn owners_of_hosts() {
        assert_eq!(registrable_domain("cn.nytimes.com"), "nytimes.com");
        assert_eq!(registrable_domain("news.bbc.co.uk"), "bbc.co.uk");
        assert_eq!(registrable_domain("192.0.2.1"), "192.0.2.1");
    }

    proptest! {
        #[test]
        fn a_canonical_address_is_a_fixed_point(
            address in "https?://(www\\.|m\\.|amp\\.|a\\.m\\.|www\\.google\\.com/amp/s/)?[a-z文]{1,5}\\.[a-z0-9.*]{1,6}(:[0-9]{2,4})?/(amp/|x/)?([%a-f0-9]{0,8}|\\PC{0,20})(/amp|\\.amp)?(\\?\\PC{0,20})?(#[!/]?\\PC{0,6})?"
        ) {
            if let Some(once) = canonical_url(&address) {
                prop_assert_eq!(canonical_url(&once.url), Some(once.clone()));
            }
        }
    }
}
