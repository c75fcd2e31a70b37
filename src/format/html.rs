//! Whole pages: HTML without a seed's header, as browsers, savers and crawlers leave it.

#[cfg(feature = "archives")]
pub(super) mod packed;
mod savers;

use crate::model::{Format, ParsedDocument, Published};
#[cfg(feature = "archives")]
pub(super) use savers::SINGLE_FILE;
pub(super) use savers::{Saved, saver};

/// The document of a page. Its title, times and names are what its elements say, which only a parser
/// of HTML can read; where it is from and when it was saved, its saver or container says, if any.
/// `known` is what a container says, whose word counts more.
pub(super) fn document(text: &str, encoding: &str, known: Saved) -> ParsedDocument {
    let Saved { url, at, .. } = known.or(savers::read(text));
    ParsedDocument {
        format: Format::Page,
        encoding: encoding.to_owned(),
        title: String::new(),
        url,
        published: Published::Absent,
        author: None,
        language: None,
        tags: Vec::new(),
        saved_at: at,
        html: text.to_owned(),
    }
}
