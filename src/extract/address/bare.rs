//! Finds addresses that are written in a text without a link.

use memchr::memchr2_iter;
use std::ops::Range;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use url::Url;

/// Maximum length of a host in bytes.
const MAX_HOST: usize = 253;
/// Longer addresses do not occur in real texts.
const MAX_LENGTH: usize = 8 << 10;

/// The target of a text that is itself an address.
pub(in crate::extract) fn whole(written: &str) -> String {
    match scheme_of(written) {
        0 => format!("https://{written}"),
        _ => written.to_owned(),
    }
}

/// The length of the scheme at the start of a text, up to the host.
fn scheme_of(text: &str) -> usize {
    let is_start = |start: &&str| {
        text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    ["https://", "http://"].iter().find(|start| is_start(start)).map_or(0, |start| start.len())
}

/// The addresses in a text, outside of `taken`: the parts that are links or code, in order.
pub(in crate::extract) fn find(text: &str, taken: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let whole = text.len()..text.len();
    for range in taken.iter().chain([&whole]) {
        if let Some(free) = text.get(start..range.start) {
            find_in(free, &text[..start], |at| found.push(start + at.start..start + at.end));
        }
        start = start.max(range.end);
    }
    found
}

/// Calls `found` with each address in a part of a text; `before` is the text before it.
fn find_in(text: &str, before: &str, mut found: impl FnMut(Range<usize>)) {
    let mut end = 0;
    // Every address has one of these, and most Chinese texts have neither.
    for at in memchr2_iter(b'/', b'.', text.as_bytes()) {
        if at < end {
            continue;
        }
        let Some(start) = start_of(text, at).filter(|&start| start >= end) else {
            continue;
        };
        let last = text[..start].chars().next_back().or_else(|| before.chars().next_back());
        if let Some((length, is_address)) = length_of(&text[start..], last) {
            // Text that only resembles an address is not tried again.
            end = start + length;
            if is_address {
                found(start..end);
            }
        }
    }
}

/// The possible start of an address that has a slash or a point at this position.
fn start_of(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let behind = |word: &str| {
        let start = at.checked_sub(word.len())?;
        bytes[start..at].eq_ignore_ascii_case(word.as_bytes()).then_some(start)
    };
    if bytes[at] == b'.' {
        return behind("www");
    }
    if bytes[..at].last() == Some(&b':') {
        return behind("https:")
            .or_else(|| behind("http:"))
            .filter(|_| text[at..].starts_with("//"));
    }
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let length = bytes[..at].iter().rev().take(MAX_HOST).take_while(|byte| is_host(byte)).count();
    let host = &bytes[at - length..at];
    (host.contains(&b'.') && host[length - 1].is_ascii_alphabetic()).then_some(at - length)
}

/// The length of an address or a lookalike at the start of a text, and whether it is an address; `None` if
/// its host is not valid. `before` is the character before it.
fn length_of(text: &str, before: Option<char>) -> Option<(usize, bool)> {
    let scheme = scheme_of(text);
    let is_split = match before {
        None => true,
        // A number may precede it; a scheme may follow anything except a letter.
        Some(c) if scheme > 0 => !c.is_ascii_alphabetic(),
        Some(c) => !c.is_ascii_alphanumeric() && !"@/:.-_%=&\\~+#".contains(c),
    };
    let rest = &text[scheme..];
    let user = if scheme > 0 { user_of(rest) } else { 0 };
    let (host, is_all) = match v6_of(&rest[user..]).filter(|_| scheme > 0) {
        Some(host) => (host, true),
        None => host_of(&rest[user..]),
    };
    let has_labels = host.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let is_known = |host: &str| match scheme {
        0 if !starts_www(host) => is_registered(host),
        0 => host.split('.').count() > 2,
        _ => {
            host.contains(['.', ':'])
                || user > 0 && !host.is_empty()
                || host.eq_ignore_ascii_case("localhost")
        }
    };
    if !is_split || !has_labels || !is_known(host) {
        return None;
    }
    let length = if is_all { ended(rest) } else { user + host.len() };
    let needs_path = scheme == 0 && !starts_www(host);
    let address = &text[..scheme + length];
    let is_address = !(needs_path && length == host.len()) && Url::parse(&whole(address)).is_ok();
    Some((address.len(), is_address))
}

/// The length of a user name before a host, with its `@`.
fn user_of(text: &str) -> usize {
    let start = &text[..text.floor_char_boundary(text.len().min(MAX_HOST))];
    let end = start.find(|c: char| "/?#".contains(c) || parts(c)).unwrap_or(start.len());
    start[..end].rfind('@').map_or(0, |at| at + 1)
}

/// The host at the start of a text, if it is an IPv6 address in brackets.
fn v6_of(text: &str) -> Option<&str> {
    let (inside, _) = text.strip_prefix('[')?.split_once(']')?;
    let is_v6 = inside.contains(':') && inside.parse::<std::net::Ipv6Addr>().is_ok();
    is_v6.then(|| &text[..inside.len() + 2])
}

fn starts_www(host: &str) -> bool {
    host.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."))
}

/// Whether a host can be registered, by the public-suffix list. Suffixes in capital letters are parts of
/// names (`ASP.NET`).
fn is_registered(host: &str) -> bool {
    let end = host.rsplit('.').next().unwrap_or_default();
    if end.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return false;
    }
    let host = host.to_ascii_lowercase();
    seedbank_registrable::domain(&host).is_some_and(|domain| domain.has_known_suffix)
}

/// How much of the text after a scheme, or of a host, belongs to the address: up to white space, Chinese
/// punctuation, or a bracket that it did not open, without Latin punctuation at the end.
fn ended(text: &str) -> usize {
    let mut open = [0usize; 3];
    let mut end = text.len().min(MAX_LENGTH);
    let mut last = '/';
    for (at, c) in text.char_indices() {
        // Chinese texts have no blank between addresses, and some other texts have none either.
        let may_begin = matches!(c, 'h' | 'H') && (!last.is_ascii() || ",;|".contains(last));
        if may_begin && scheme_of(&text[at..]) > 0 {
            end = at;
            break;
        }
        last = c;
        let closes = match c {
            '(' | '[' | '{' => {
                open["([{".find(c).unwrap_or(0)] += 1;
                false
            }
            ')' | ']' | '}' => {
                let opened = &mut open[")]}".find(c).unwrap_or(0)];
                *opened = match *opened {
                    0 => {
                        end = at;
                        break;
                    }
                    count => count - 1,
                };
                false
            }
            _ => parts(c),
        };
        if closes || at >= end {
            end = at;
            break;
        }
    }
    text[..text.floor_char_boundary(end)].trim_end_matches(is_end).len()
}

/// Whether a character at the end of an address belongs to the sentence.
fn is_end(c: char) -> bool {
    ".,;:?!'*~|([{".contains(c)
}

/// Whether a character is never part of an address.
fn parts(c: char) -> bool {
    match c {
        '!'..='~' => matches!(c, '"' | '<' | '>' | '`' | '^' | '\\'),
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' => false,
        '\0'..=' ' | '\u{7f}' => true,
        // In names, as in Wikipedia's pages.
        '·' | '・' | '‧' | '–' | '‐' | '‑' => false,
        _ => {
            c.is_whitespace()
                || matches!(
                    c.general_category_group(),
                    GeneralCategoryGroup::Punctuation | GeneralCategoryGroup::Separator
                )
                || matches!(
                    c.general_category(),
                    GeneralCategory::OtherSymbol
                        | GeneralCategory::MathSymbol
                        | GeneralCategory::Control
                        | GeneralCategory::PrivateUse
                )
        }
    }
}

/// The host at the start of an address without a scheme, and whether the address may continue after it.
/// Top-level domains do not change the script, so a character of another script belongs to the text.
fn host_of(text: &str) -> (&str, bool) {
    let start = &text[..text.floor_char_boundary(text.len().min(MAX_HOST))];
    let end = start.find(|c: char| "/?#:".contains(c) || parts(c)).unwrap_or(start.len());
    // As at the end of any address.
    let host = start[..end].trim_end_matches(is_end);
    let last = host.rfind('.').map_or(0, |point| point + 1);
    let is_latin = host[last..].starts_with(|c: char| c.is_ascii_alphanumeric());
    match host[last..].find(|c: char| !c.is_ascii()) {
        Some(at) if is_latin => (&host[..last + at], false),
        _ => (host, host.len() == end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The addresses in a text, separated by blanks.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found: Vec<&str> = find(text, &[]).into_iter().map(|at| &text[at]).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn what_ends_an_address() {
        for end in "。 ， 、 ； ： ！ ？ … ） 」 』 】 》 〉 ” ’ —— （ 「 “ ～ ｜ ． . , ; ? ! ) \" ' ... ). .\" ] > | ** ~~ 👈 ❤ \u{3000}"
            .split(' ')
        {
            check(&format!("看 https://a.example/b{end}"), "https://a.example/b");
            check(&format!("看 https://a.example/b{end} 好"), "https://a.example/b");
        }
        check(
            "https://a.example/b\nhttps://a.example/c",
            "https://a.example/b https://a.example/c",
        );
        check("https://a.example/b，后面", "https://a.example/b");
        check("https://a.example/b.html?x=1&y=(2)#z", "https://a.example/b.html?x=1&y=(2)#z");
        check("https://a.example/a,b;c!d'e", "https://a.example/a,b;c!d'e");
        check("(https://en.example/wiki/Bridge_(river))", "https://en.example/wiki/Bridge_(river)");
        check("[见](https://a.example/b)，好", "https://a.example/b");
        check("<https://a.example/b>", "https://a.example/b");
        check("https://a.example/?a[]=1&b={2}", "https://a.example/?a[]=1&b={2}");
        check("在https://a.example。", "https://a.example");
        check("https://a.example是", "https://a.example");
        check("https://例子.example/路径", "https://例子.example/路径");
        check("https://例子.中国/", "https://例子.中国/");
        check("https://a.example:8080/b", "https://a.example:8080/b");
        check("http://192.0.2.1/b", "http://192.0.2.1/b");
        check("HTTPS://A.EXAMPLE/B", "HTTPS://A.EXAMPLE/B");
        check(
            "https://a.example/b和https://a.example/c",
            "https://a.example/b和 https://a.example/c",
        );
        check("https://a.example/x/https://b.example/c", "https://a.example/x/https://b.example/c");
        check("https://a.example/让·甲", "https://a.example/让·甲");
        for sign in [",", ";", "|", ", ", "；"] {
            let text = format!("https://a.example/b{sign}http://a.example/c");
            check(&text, "https://a.example/b http://a.example/c");
        }
        check("https://a.example/b,c;d|e", "https://a.example/b,c;d|e");
    }

    #[test]
    fn hosts_that_need_a_scheme() {
        for address in [
            "http://localhost:8080/a",
            "http://LOCALHOST",
            "http://[::1]/y",
            "http://[2001:db8::1]:8080/y?z",
            "http://user:pw@host/",
            "https://user@a.example/b",
        ] {
            check(&format!("看{address}，好"), address);
        }
        for text in
            ["localhost:8080/a", "[::1]/y", "http://@/", "http://[x]/y", "http://[1]", "user@host/"]
        {
            check(text, "");
        }
    }

    #[test]
    fn where_an_address_begins() {
        for before in ["看", "：", "（", "“", "1.", "２", "“「", "=", "\t", "->"] {
            check(&format!("{before}https://a.example/b"), "https://a.example/b");
        }
        check("xhttps://a.example/b", "");
        for before in ["看", "：", "（", "“", "１", "\t", "*"] {
            check(&format!("{before}youtu.be/AbC"), "youtu.be/AbC");
            check(&format!("{before}www.a.example"), "www.a.example");
        }
        for before in ["@", "/", "_", "%", "="] {
            check(&format!("x{before}youtu.be/AbC"), "");
            check(&format!("x{before}www.a.example"), "");
        }
        check("x-www.a.example", "");
    }

    #[test]
    fn without_a_scheme() {
        check("短的在 youtu.be/AbCdEf12345。", "youtu.be/AbCdEf12345");
        check("见github.com/a/b，", "github.com/a/b");
        check("zh.wikipedia.org/wiki/桥", "zh.wikipedia.org/wiki/桥");
        check("bbc.co.uk/news", "bbc.co.uk/news");
        check("www.bridge.example/index.html…", "www.bridge.example/index.html");
        check("WWW.Bridge.Example", "WWW.Bridge.Example");
        check("www.baidu.com是", "www.baidu.com");
        for text in [
            "和/或",
            "and/or",
            "2024/03/04",
            "1.5/2",
            "he/she",
            "github.com",
            "a@b.com/c",
            "index.html/x",
            "node.js/x",
            "ASP.NET/C#",
            "10.1038/nature12373",
            "U.S./China",
            "www.",
            "www.x",
            "www...",
            "co.uk/x",
            "TCP/IP",
            "a..com/b",
            "-.com/b",
            "3.14/2",
            "ftp://a.com/b",
            "mailto:a@b.com",
            "https://",
            "https://…",
            "http://a",
            "https:///b",
            "https://.com",
            "www.a..b.c/d",
            "s.com",
            "km/h",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn what_is_taken_is_left_out() {
        #[track_caller]
        fn check(text: &str, taken: Range<usize>, expected: &str) {
            let found = find(text, std::slice::from_ref(&taken)).into_iter();
            let found: Vec<&str> = found.map(|at| &text[at]).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
        let text = "https://a.example/b https://a.example/c";
        check(text, 0..19, "https://a.example/c");
        check(text, 20..39, "https://a.example/b");
        check(text, 10..20, "https://a.example/c");
        check("https://a.example/b[1]", 19..22, "https://a.example/b");
        check("", 0..0, "");
    }
}
