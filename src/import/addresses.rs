//! The address of pages that do not name one: given by the user, or derived from the folders of a mirror.

use crate::format::{self, envelope::Envelope};
use crate::model::{Document, Format, Place, Timestamp, path_label};
use crate::source::believable;
use std::path::Path;

/// The address of pages whose bytes do not name one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PageAddress {
    /// They have no address.
    #[default]
    Unknown,
    /// The only page of the import has this address, whatever it says itself; it existed at this time, if one
    /// is given.
    Known {
        /// The address.
        url: String,
        /// When the page had it.
        observed_at: Option<Timestamp>,
    },
    /// They are in folders as wget and HTTrack make them: `host/folder/page.html`.
    InPath,
}

/// Wraps pages in envelopes that carry their address.
pub(super) struct Enveloper {
    address: PageAddress,
    /// The folders that were named, as text; see [`path_label`].
    roots: Vec<String>,
    started: Timestamp,
}

impl Enveloper {
    pub fn new(address: PageAddress, roots: &[impl AsRef<Path>], started: Timestamp) -> Self {
        let real = roots.iter().filter_map(|root| root.as_ref().canonicalize().ok());
        let folders = real.filter(|root| root.is_dir());
        Self { address, roots: folders.map(|root| path_label(&root)).collect(), started }
    }

    /// Wraps the document in an envelope if it is a page that needs one.
    pub fn enveloped(&self, document: Document) -> Document {
        let Document { mut origin, bytes, same_as } = document;
        let (url, observed_at) = match &self.address {
            PageAddress::Known { url, observed_at } if origin.place.member.is_none() => {
                (Some(url.clone()), *observed_at)
            }
            PageAddress::InPath => (self.url_of(&origin.place), None),
            PageAddress::Unknown | PageAddress::Known { .. } => (None, None),
        };
        let is_own_enough = self.address == PageAddress::InPath;
        let url = url.filter(|_| needs_envelope(&bytes, is_own_enough));
        let Some(url) = url else { return Document { origin, bytes, same_as } };
        let bytes = Envelope::new(&url, None).around(format::envelope::body(&bytes));
        if origin.place.member.is_some() {
            origin.byte_length = bytes.len() as u64;
        }
        let seconds = observed_at.map(|at| at.seconds().saturating_mul(1_000_000_000));
        let observed_at = seconds.and_then(|ns| believable(ns, self.started));
        origin.observed_at = observed_at.or(origin.observed_at);
        Document { origin, bytes, same_as }
    }

    /// The address that a place in a mirror corresponds to.
    fn url_of(&self, Place { path, member }: &Place) -> Option<String> {
        if let Some(url) = member.as_ref().and_then(|member| url_in(member, First)) {
            return Some(url);
        }
        // Including the name of the folder itself, which may be the host.
        let root = self.roots.iter().filter(|root| is_in(path, root)).max_by_key(|root| root.len());
        let below = root.map(|root| &path[root.rfind('/').map_or(0, |slash| slash + 1)..]);
        let plain = member.is_none();
        below
            .filter(|_| plain)
            .and_then(|below| url_in(below, First))
            .or_else(|| url_in(path, Last).filter(|_| plain))
    }
}

/// Whether bytes are a page that needs an envelope. If a page's own address is sufficient, only a page
/// without one.
fn needs_envelope(bytes: &[u8], is_own_enough: bool) -> bool {
    format::parse(bytes).is_ok_and(|document| {
        document.format == Format::Page && !(is_own_enough && document.url.is_some())
    })
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Which of several folders is the host: below the named folder the first one, above it the nearest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Last,
}
use Which::{First, Last};

/// The address of `…/host/folder/page.html`, with https unless a folder above the host is called `http`.
/// `index.html` is the page of its folder.
fn url_in(path: &str, which: Which) -> Option<String> {
    let names: Vec<&str> = path.split('/').collect();
    let (file, folders) = names.split_last()?;
    let at = match which {
        First => folders.iter().position(|name| is_host(name)),
        Last => folders.iter().rposition(|name| is_host(name)),
    }?;
    let scheme = if at > 0 && folders[at - 1] == "http" { "http" } else { "https" };
    let mut url = format!("{scheme}://{}/", folders[at].replace('+', ":"));
    for folder in &folders[at + 1..] {
        push_name(&mut url, folder);
        url.push('/');
    }
    if *file != "index.html" {
        push_name(&mut url, file);
    }
    Some(url)
}

/// Appends a file name as part of an address. Characters that would end the path are escaped; a question mark
/// begins the query, as wget writes it.
fn push_name(url: &mut String, name: &str) {
    for (at, c) in name.char_indices() {
        let is_escape = || {
            let digits = name.as_bytes().get(at + 1..at + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        match c {
            '#' => url.push_str("%23"),
            '%' if !is_escape() => url.push_str("%25"),
            _ => url.push(c),
        }
    }
}

/// Whether a folder is named like a host, with or without a port (`news.example`, `news.example+8080`).
fn is_host(name: &str) -> bool {
    let (host, port) = name.split_once([':', '+']).unwrap_or((name, "0"));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_top = last.starts_with("xn--") || last.chars().all(char::is_alphabetic);
    host.contains('.')
        && host.split('.').all(is_label)
        && is_top
        && last.chars().count() > 1
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, url: &str) {
        let at = Timestamp::EPOCH;
        let mirror =
            Enveloper { address: PageAddress::InPath, roots: vec!["/d/m".into()], started: at };
        assert_eq!(mirror.url_of(&Place::of_file(path)).as_deref().unwrap_or(""), url, "{path}");
    }

    #[test]
    fn a_mirror_has_addresses_as_folders() {
        check("/d/m/news.example/cn/a.html", "https://news.example/cn/a.html");
        check("/d/m/x/news.example/index.html", "https://news.example/");
        check("/d/m/http/news.example/a", "http://news.example/a");
        check("/d/m/https/news.example+8080/a?b=1&c=%2F", "https://news.example:8080/a?b=1&c=%2F");
        check("/d/m/news.example/50% #1.html", "https://news.example/50%25 %231.html");
        check(
            "/d/m/web.example/old/news.example/a.html",
            "https://web.example/old/news.example/a.html",
        );
        check("/d/m/雨.xn--fiqs8s/a.html", "https://雨.xn--fiqs8s/a.html");
        check("/d/m/cn/a.html", "");
        check("/d/m/news.example", "");
        check("/d/m/v1.2/a.html", "");
    }

    #[test]
    fn above_the_named_folder_the_nearest_host_counts() {
        check("/a.example/news.example/cn/a.html", "https://news.example/cn/a.html");
        let named = vec!["/a.example/news.example/cn".to_owned()];
        let (address, started) = (PageAddress::InPath, Timestamp::EPOCH);
        let mirror = Enveloper { address, roots: named, started };
        let url = mirror.url_of(&Place::of_file("/a.example/news.example/cn/a.html"));
        assert_eq!(url.as_deref(), Some("https://news.example/cn/a.html"));
        // For an archive, only the names inside it count.
        let archive = Place::of_file("/news.example/cn.tar");
        let url = mirror.url_of(&archive.entry("b.example/1.html".into()));
        assert_eq!(url.as_deref(), Some("https://b.example/1.html"));
        assert_eq!(mirror.url_of(&archive.entry("1.html".into())), None);
    }
}
