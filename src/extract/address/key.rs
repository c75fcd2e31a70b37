//! Keys of canonical addresses: which link leads to which article, without storing each address twice.

use super::{canonical_host, copied_once_by_amp, push_canonical, route};
use url::Url;

/// The key of a canonical address, from 0 to 2^48: exact in any program that reads numbers, and rarely the same for
/// two addresses (once in a million articles with thirty links each).
pub fn address_key(canonical: &str) -> i64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    // No part of it may ever change: stored keys are compared with new ones.
    let mixed = |hash: u64, word: u64| {
        let hash = (hash ^ word).wrapping_mul(FACTOR);
        hash ^ hash >> 29
    };
    let words = canonical.as_bytes().chunks(8).map(|bytes| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    });
    let hash = words.fold(canonical.len() as u64, mixed);
    (mixed(hash, FACTOR) >> 16).cast_signed()
}

/// Makes the keys of a document's links.
#[derive(Default)]
pub(in crate::extract) struct LinkKeys {
    /// Of the document itself.
    own: i64,
    address: String,
}

impl LinkKeys {
    /// For a document with this canonical address.
    pub fn of(own: &str) -> Self {
        Self { own: address_key(own), address: String::new() }
    }

    /// The key of a web address with this canonical host; `None` if it is that of the document itself or of a site's
    /// front page, which no article is.
    pub fn key(&mut self, url: &Url, host: &str) -> Option<i64> {
        self.address.clear();
        let is_written = match copied_once_by_amp(url) {
            // Nobody links to a copy of a copy, and undoing many takes time.
            Some(original) if copied_once_by_amp(&original).is_some() => false,
            Some(original) => {
                push_canonical(&original, &canonical_host(&original)?, &mut self.address)
            }
            None => {
                let has_route = || url.fragment().is_some_and(|fragment| route(fragment).is_some());
                if url.path() == "/" && url.query().is_none() && !has_route() {
                    return None;
                }
                push_canonical(url, host, &mut self.address)
            }
        };
        Some(address_key(&self.address)).filter(|key| is_written && *key != self.own)
    }
}

#[cfg(test)]
mod tests {
    use super::super::canonical_url;
    use super::*;
    use proptest::prelude::*;

    fn key_of(written: &str) -> Option<i64> {
        let url = Url::parse(written).unwrap();
        LinkKeys::of("https://own.example/1").key(&url, &canonical_host(&url).unwrap())
    }

    #[test]
    fn stored_keys_stay_the_same() {
        assert_eq!(address_key(""), 245_483_908_117_609);
        assert_eq!(address_key("https://news.example/2024/02/05/a"), 228_367_927_758_237);
    }

    #[test]
    fn other_spellings_have_one_key() {
        let key = Some(address_key("https://news.example/%E9%9B%A8?id=2"));
        for written in [
            "http://www.news.example/%e9%9b%a8/?utm_source=x&id=2#top",
            "https://m.news.example//雨/amp?id=2",
            "https://www.google.com/amp/s/news.example/%E9%9B%A8?id=2",
            "https://news-example.cdn.ampproject.org/c/s/www.news.example/amp/%E9%9B%A8?id=2",
        ] {
            assert_eq!(key_of(written), key, "{written}");
        }
    }

    #[test]
    fn links_that_cite_nothing() {
        for written in
            ["https://news.example", "http://www.news.example/#top", "http://www.own.example/1/#c2"]
        {
            assert_eq!(key_of(written), None, "{written}");
        }
        assert!(key_of("https://news.example/#!/a").is_some());
        assert!(key_of("https://news.example/?p=1").is_some());
    }

    proptest! {
        /// A link has the key of the address that an article behind it would have.
        #[test]
        fn a_link_and_its_article_have_one_key(
            path in "(/|[a-z]{1,3}|amp|\\.amp|\\.html|%e9%9b%a8|%4|%41|雨|\\.){0,8}",
            rest in "(\\?[a-z=&]{0,6}(&utm_source=x)?)?(#(!?/[a-z/]{0,3}|[a-z]{0,3}))?",
            host in "(www\\.|m\\.)?(news|a\\.cdn)\\.(example|ampproject\\.org)",
        ) {
            let written = format!("https://{host}/x{path}{rest}");
            let expected = canonical_url(&written).map(|it| address_key(&it.url));
            prop_assert_eq!(key_of(&written), expected, "{}", written);
        }
    }
}
