//! Whole pages: HTML without a seed's header, as browsers, savers and crawlers write it.

#[cfg(feature = "archives")]
pub(super) mod packed;
mod savers;

use crate::model::{Format, ParsedDocument, Published};
#[cfg(feature = "archives")]
pub(super) use savers::SINGLE_FILE;
pub(super) use savers::{Saved, saver};

/// The document of a page. Its title, times and names are in its elements, which only an HTML parser can
/// read. Its address and the time of its saving come from the saver or the container, if known. `known` comes
/// from the container and takes precedence.
pub(super) fn document(text: &str, encoding: &str, known: Saved) -> ParsedDocument {
    let Saved { url, at, .. } = known.or(savers::read(text));
    ParsedDocument {
        format: Format::Page,
        encoding: encoding.to_owned(),
        title: String::new(),
        url,
        site_name: None,
        published: Published::Absent,
        author: None,
        language: None,
        tags: Vec::new(),
        saved_at: at,
        html: text.to_owned(),
    }
}
