//! Names in zips, which are declared as UTF-8 or not declared at all.

use super::zip_directory::Entry;
use crate::encoding;
use crate::model::bytes_label;
use encoding_rs::Encoding;

/// The encoding of the undeclared names of one archive.
pub(super) struct NameEncoding(&'static Encoding);

impl NameEncoding {
    pub fn detect(names: &[Vec<u8>]) -> Self {
        Self(encoding::of_names(names))
    }

    /// The name as text; if it is not text, its bytes as `\xNN`.
    pub fn name(&self, entry: &Entry) -> String {
        let name = entry.unicode_name.as_deref().unwrap_or(&entry.name);
        if entry.has_utf8_name || std::str::from_utf8(name).is_ok() {
            return bytes_label(name);
        }
        let decoded = self.0.decode_without_bom_handling_and_without_replacement(name);
        bytes_label(decoded.as_ref().map_or(name, |text| text.as_bytes()))
    }
}

/// Whether the encoding of the name must be detected.
pub(super) fn is_unknown(entry: &Entry) -> bool {
    !entry.has_utf8_name
        && entry.unicode_name.is_none()
        && std::str::from_utf8(&entry.name).is_err()
}
