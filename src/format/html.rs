//! Whole pages: HTML without a seed's header, as browsers, savers and crawlers leave it.

use crate::model::{Format, ParsedDocument, Published};

/// The document of a page. Its title, times and names are what its elements say, which only a parser
/// of HTML can read.
pub(super) fn document(text: &str, encoding: &str) -> ParsedDocument {
    ParsedDocument {
        format: Format::Page,
        encoding: encoding.to_owned(),
        title: String::new(),
        url: None,
        published: Published::Absent,
        author: None,
        language: None,
        tags: Vec::new(),
        html: text.to_owned(),
    }
}
