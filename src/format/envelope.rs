//! The envelope of a page that does not contain its own address: one line before the body.
//!
//! `{"seedbank_page":1,"url":"…","charset":"…"}`, a line feed, and the page. It is always written in the same
//! way, so that the same page under the same address gives the same bytes.

use crate::model::{Reason, Rejection};
use memchr::memchr;
use serde::Deserialize;

const START: &[u8] = b"{\"seedbank_page\":";
/// The version that this program writes and reads.
const VERSION: u32 = 1;

/// Facts about the page in an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    #[serde(rename = "seedbank_page")]
    version: u32,
    /// Where the page is from.
    pub url: String,
    /// The charset that came with the page over HTTP, in lower case.
    pub charset: Option<String>,
}

impl Envelope {
    /// An envelope for a page at this address, as its container or its user spells it: angle brackets around
    /// it are removed, and blanks become `%20`.
    pub fn new(url: &str, charset: Option<&str>) -> Self {
        let url = url.trim();
        let bare = url.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(url);
        Self {
            version: VERSION,
            url: bare.replace(' ', "%20"),
            charset: charset.map(str::to_ascii_lowercase),
        }
    }

    /// The stored bytes: the line of the envelope, and the page.
    pub fn around(&self, body: &[u8]) -> Vec<u8> {
        let mut bytes = format!("{{\"seedbank_page\":{VERSION},\"url\":\"");
        push_escaped(&mut bytes, &self.url);
        if let Some(charset) = &self.charset {
            bytes.push_str("\",\"charset\":\"");
            push_escaped(&mut bytes, charset);
        }
        bytes.push_str("\"}\n");
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }
}

/// Whether bytes begin with an envelope; the beginning of a file is enough.
pub fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(START)
}

/// The page in an envelope, byte for byte; without an envelope, all bytes.
pub fn body(bytes: &[u8]) -> &[u8] {
    match read(bytes) {
        Some(Ok((_, body))) => body,
        _ => bytes,
    }
}

/// The envelope at the start of bytes, and its page; `None` without one. Fails for an envelope that this
/// version does not write.
pub(super) fn read(bytes: &[u8]) -> Option<Result<(Envelope, &[u8]), Rejection>> {
    if !begins(bytes) {
        return None;
    }
    let bad = |why: &str| Rejection::because(Reason::BadHeader, why);
    let end = memchr(b'\n', bytes).ok_or_else(|| bad("the envelope of a page, and no page"));
    Some(end.and_then(|end| {
        let envelope: Option<Envelope> = serde_json::from_slice(&bytes[..end]).ok();
        let body = &bytes[end + 1..];
        let as_written = |it: &Envelope| it.around(b"")[..] == bytes[..=end];
        let envelope = envelope.filter(as_written);
        let envelope = envelope.ok_or_else(|| bad("the envelope of a page that is malformed"))?;
        Ok((envelope, body))
    }))
}

/// Escapes only what JSON requires.
fn push_escaped(line: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' | '\\' => line.extend(['\\', c]),
            '\0'..='\u{1f}' => line.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => line.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_written_in_one_way() {
        let url = "<https://新闻.example/a b\"\\\u{1}?q=<1>>";
        let envelope = Envelope::new(url, Some("GB2312"));
        let bytes = envelope.around(b"<p>\r\n\0");
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            "{\"seedbank_page\":1,\"url\":\"https://新闻.example/a%20b\\\"\\\\\\u0001?q=<1>\",\
             \"charset\":\"gb2312\"}\n<p>\r\n\0"
        );
        assert_eq!(read(&bytes).unwrap().unwrap(), (envelope, &b"<p>\r\n\0"[..]));
        assert_eq!(
            Envelope::new("https://news.example/", None).around(b""),
            b"{\"seedbank_page\":1,\"url\":\"https://news.example/\"}\n"
        );
    }

    #[test]
    fn another_spelling_is_refused() {
        for line in [
            "{\"seedbank_page\":1,\"url\":\"u\"}",
            "{\"seedbank_page\":1, \"url\":\"u\"}\n",
            "{\"seedbank_page\":1,\"url\":\"a\\/b\"}\n",
            "{\"seedbank_page\":1,\"url\":\"u\"}\r\n",
            "{\"seedbank_page\":1,\"charset\":\"x\",\"url\":\"u\"}\n",
            "{\"seedbank_page\":1,\"url\":\"u\",\"charset\":null}\n",
            "{\"seedbank_page\":1,\"url\":\"u\",\"x\":1}\n",
            "{\"seedbank_page\":2,\"url\":\"u\"}\n",
            "{\"seedbank_page\":1}\n",
        ] {
            let read = read(line.as_bytes()).unwrap();
            assert_eq!(read.unwrap_err().reason, Reason::BadHeader, "{line}");
            assert_eq!(body(line.as_bytes()), line.as_bytes());
        }
        assert!(read(b" {\"seedbank_page\":1,\"url\":\"u\"}\n").is_none());
    }

    proptest! {
        #[test]
        fn an_enveloped_page_is_unchanged(url: String, charset: Option<String>, page: Vec<u8>) {
            let envelope = Envelope::new(&url, charset.as_deref());
            let bytes = envelope.around(&page);
            prop_assert_eq!(read(&bytes), Some(Ok((envelope, &page[..]))));
            prop_assert_eq!(body(&bytes), &page[..]);
        }
    }
}
