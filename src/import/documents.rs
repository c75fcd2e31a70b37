//! Imports documents from memory.

use super::PageAddress;
use super::addresses::Enveloper;
use crate::model::{Document, Origin, Place, Timestamp, setters};
use crate::source::{Member, believable, too_large};

/// The source of an import's documents that are not in files.
pub(crate) type Documents = Box<dyn Iterator<Item = NewDocument> + Send>;

/// A document to import from memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewDocument {
    /// Its name in the archive, like a file's path: any text, such as `crawl/2024-03-05/17`. It should be the same
    /// when the document is imported again.
    pub place: String,
    /// Its bytes, in any format of one document; containers of several are rejected.
    pub bytes: Vec<u8>,
    /// When the bytes were seen, like the time of a file; `None` if unknown.
    pub observed_at: Option<Timestamp>,
    /// The address of a page, which overrides the one that the page declares. It is stored with the bytes, in one
    /// line before them.
    pub url: Option<String>,
}

impl NewDocument {
    /// A document without a time and an address.
    pub fn new(place: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { place: place.into(), bytes: bytes.into(), observed_at: None, url: None }
    }

    /// The document as if read from a file, or the reason for its rejection.
    #[allow(clippy::result_large_err, reason = "as of a container's members")]
    pub(super) fn read(self, max_bytes: u64, started: Timestamp) -> Member {
        let byte_length = self.bytes.len() as u64;
        let origin = Origin {
            place: Place::of_file(self.place),
            byte_length,
            modified_ns: None,
            observed_at: self.observed_at.and_then(|at| believed(at, started)),
            is_settled: false,
            object_id: None,
        };
        if byte_length > max_bytes {
            return Err((origin, too_large(byte_length, max_bytes)));
        }
        let document = Document { origin, bytes: self.bytes, same_as: None };
        let Some(url) = self.url else { return Ok(document) };
        let address = PageAddress::Known { url, observed_at: None };
        Ok(Enveloper::new(address, &[""; 0], started).enveloped(document))
    }
}

setters!(NewDocument {
    with_observed_at(observed_at: Timestamp) => Some(observed_at),
    with_url(url: impl Into<String>) => Some(url.into()),
});

/// The time, like that of a file: unknown if it is impossible.
fn believed(at: Timestamp, started: Timestamp) -> Option<Timestamp> {
    believable(at.seconds().saturating_mul(1_000_000_000), started)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    const STARTED: Timestamp = Timestamp::EPOCH;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_document_is_what_a_file_would_be() {
        let read = |document: NewDocument| document.read(100, at("2024-03-05T00:00:00Z")).unwrap();
        let document = read(NewDocument::new("crawl/1", "abc"));
        assert_eq!((&*document.origin.place.path, &*document.bytes), ("crawl/1", &b"abc"[..]));
        assert_eq!((document.origin.byte_length, document.origin.observed_at), (3, None));
        for (time, known) in [("2024-03-04T00:00:00Z", true), ("2025-01-01T00:00:00Z", false)] {
            let document = read(NewDocument::new("a", "b").with_observed_at(at(time)));
            assert_eq!(document.origin.observed_at, known.then(|| at(time)));
        }
    }

    #[test]
    fn the_address_goes_with_the_bytes_of_a_page() {
        let with_url = |bytes: &str| {
            let document = NewDocument::new("a", bytes).with_url("https://news.example/a");
            String::from_utf8(document.read(1000, STARTED).unwrap().bytes).unwrap()
        };
        let page = with_url("<html><p>Rain.</p></html>");
        assert!(page.contains("https://news.example/a") && page.ends_with("</html>"), "{page}");
        assert_eq!(with_url("no page"), "no page");
    }

    #[test]
    fn one_that_is_too_large_is_refused() {
        let (origin, rejection) = NewDocument::new("a", "1234").read(3, STARTED).unwrap_err();
        assert_eq!((&*origin.place.path, rejection.reason), ("a", Reason::TooLarge));
    }
}
