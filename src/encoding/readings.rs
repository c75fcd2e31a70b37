//! The possible readings of bytes: encodings, with the languages written in each.

use super::plausible::Wide::{self, Japanese, Korean, Simplified, Traditional};
use encoding_rs::*;

/// Multi-byte encodings with a language, and the bits that choosing it costs. In a Chinese archive, bytes
/// that nothing else decides are read as Chinese, of the mainland first.
pub(super) static WIDE: [(&Encoding, Wide, f32); 8] = [
    (GB18030, Simplified, -4.0),
    (GB18030, Traditional, -3.0),
    (BIG5, Traditional, -2.0),
    (EUC_JP, Japanese, 0.0),
    (SHIFT_JIS, Japanese, 0.0),
    (EUC_KR, Korean, 0.0),
    // Its escapes occur in no other text.
    (ISO_2022_JP, Japanese, -30.0),
    // Rows of kana are in all of them; only the other characters distinguish these from Japan's own.
    (GB18030, Japanese, 12.0),
];

const WESTERN: &[&str] =
    &["en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "is", "ca"];
const CENTRAL: &[&str] = &["pl", "cs", "sk", "hu", "sl", "hr", "ro", "de"];
const BALTIC: &[&str] = &["lt", "lv", "et"];
const CYRILLIC: &[&str] = &["ru", "uk", "be", "bg", "sr", "mk"];

/// Single-byte encodings with their languages, and the bits that choosing them costs. Of readings that give
/// the same text, the first is taken.
pub(super) static ALPHABETIC: [(&Encoding, &[&str], f32); 23] = [
    (WINDOWS_1252, WESTERN, 0.0),
    (WINDOWS_1251, CYRILLIC, 0.0),
    (WINDOWS_1250, CENTRAL, 0.0),
    (ISO_8859_2, CENTRAL, 1.0),
    (KOI8_U, CYRILLIC, 1.0),
    (WINDOWS_1253, &["el"], 0.0),
    (ISO_8859_7, &["el"], 1.0),
    (WINDOWS_1254, &["tr"], 1.0),
    (WINDOWS_1255, &["he"], 0.0),
    (ISO_8859_8, &["he"], 1.0),
    (WINDOWS_1256, &["ar", "fa"], 0.0),
    (ISO_8859_6, &["ar"], 1.0),
    (WINDOWS_874, &["th"], 0.0),
    (WINDOWS_1257, BALTIC, 2.0),
    (ISO_8859_13, BALTIC, 5.0),
    (ISO_8859_4, BALTIC, 10.0),
    (ISO_8859_5, CYRILLIC, 2.0),
    (IBM866, CYRILLIC, 3.0),
    (X_MAC_CYRILLIC, CYRILLIC, 5.0),
    (WINDOWS_1258, &["vi"], 3.0),
    (ISO_8859_15, WESTERN, 4.0),
    (ISO_8859_16, &["ro"], 6.0),
    (MACINTOSH, WESTERN, 8.0),
];

/// The languages of an encoding that only a label can name: all known ones.
pub(super) const ANY_LANGUAGE: &[&str] = &[];
