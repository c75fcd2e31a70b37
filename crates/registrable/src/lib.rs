//! Wraps the public-suffix list in two functions.
//!
//! The list of the `psl` crate is code: 100,000 lines, generic over the labels of a host, and therefore
//! compiled into every caller. Here it is compiled once, in a package with its own optimisation level.

use psl::Psl;

/// The part of a host that its owner registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain<'a> {
    /// `example.co.uk` of `www.example.co.uk`.
    pub name: &'a str,
    /// Whether the list has its suffix. An unlisted suffix counts as a single label (`a.invented`).
    pub has_known_suffix: bool,
}

/// The registered part of a host in lower case; `None` for a public suffix.
pub fn domain(host: &str) -> Option<Domain<'_>> {
    let domain = psl::List.domain(host.as_bytes())?;
    let name = std::str::from_utf8(domain.as_bytes()).ok()?;
    Some(Domain { name, has_known_suffix: domain.suffix().is_known() })
}

/// Whether a host in lower case is a public suffix, under which anybody may register a domain (`co.uk`).
pub fn is_suffix(host: &str) -> bool {
    psl::List.suffix(host.as_bytes()).is_some_and(|suffix| suffix.as_bytes() == host.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        let known = |name| Some(Domain { name, has_known_suffix: true });
        assert_eq!(domain("www.example.co.uk"), known("example.co.uk"));
        assert_eq!(domain("example.co.uk"), known("example.co.uk"));
        assert_eq!(domain("co.uk"), None);
        let unknown = Some(Domain { name: "b.invented", has_known_suffix: false });
        assert_eq!(domain("a.b.invented"), unknown);
    }

    #[test]
    fn suffixes() {
        assert!(is_suffix("com.cn"));
        assert!(!is_suffix("example.cn"));
    }
}
