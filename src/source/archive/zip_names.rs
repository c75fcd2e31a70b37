//! Names in zips, which say that they are UTF-8, or nothing.

use super::zip_directory::Entry;
use crate::model::bytes_label;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK};

/// How the names of one archive are read that do not say.
pub(super) struct NameEncoding(&'static Encoding);

impl NameEncoding {
    /// What all of them together look most like: one alone is too short to tell.
    pub fn detect(names: &[Vec<u8>]) -> Self {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        for name in names {
            detector.feed(name, false);
            detector.feed(b"\n", false);
        }
        detector.feed(b"", true);
        let guess = |region: Option<&[u8]>| widest(detector.guess(region, Utf8Detection::Deny));
        // Where nothing else decides, the names are Chinese, and of the mainland first.
        let candidates = [guess(Some(b"cn")), guess(Some(b"tw")), guess(None)];
        let fits = |encoding: &&'static Encoding| names.iter().all(|name| is_text(encoding, name));
        Self(candidates.into_iter().find(fits).unwrap_or(candidates[0]))
    }

    /// The name as text; where it is none, its bytes as `\xNN`.
    pub fn name(&self, entry: &Entry) -> String {
        let name = entry.unicode_name.as_deref().unwrap_or(&entry.name);
        if entry.has_utf8_name || std::str::from_utf8(name).is_ok() {
            return bytes_label(name);
        }
        let decoded = self.0.decode_without_bom_handling_and_without_replacement(name);
        bytes_label(decoded.as_ref().map_or(name, |text| text.as_bytes()))
    }
}

/// GB18030 holds all of GBK.
fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// Whether the name has nothing in it that only a wrong decoder makes.
fn is_text(encoding: &'static Encoding, name: &[u8]) -> bool {
    let (text, had_errors) = encoding.decode_without_bom_handling(name);
    let is_damage = |c: char| c.is_control() || matches!(c, '\u{e000}'..='\u{f8ff}');
    !had_errors && !text.contains(is_damage)
}

/// Whether the name has to be detected.
pub(super) fn is_unknown(entry: &Entry) -> bool {
    !entry.has_utf8_name
        && entry.unicode_name.is_none()
        && std::str::from_utf8(&entry.name).is_err()
}
