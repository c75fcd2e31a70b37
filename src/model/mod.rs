//! The types that all floors exchange: no I/O, no SQL, no HTML.
//!
//! A [`Document`] is bytes with an [`Origin`]; `format` turns it into a [`ParsedDocument`] or a
//! [`Rejection`]; `extract` turns that into an [`Article`]; `store` stores both.

mod article;
mod cell;
mod digest;
mod document;
mod finding;
mod job;
mod label;
mod language;
mod letters;
mod place;
mod record;
mod report;
mod setters;
mod time;
mod word;

pub use article::{
    Article, Author, AuthorRole, Block, BlockKind, Change, Link, LinkKind, Media, MediaKind,
    MediaRole, PageLimit, Script, Status, Tag, TagKind,
};
pub use cell::Cell;
pub use digest::{NoSha256, Sha256};
pub use document::{
    Codec, Derivation, Document, Format, ObjectId, Origin, Original, ParsedDocument, ReadContainer,
    Reason, Rejection,
};
pub use finding::{Check, Finding, NamedSeed};
pub use job::{StopFlag, threads};
pub use label::{bytes_label, path_label, path_of_label};
pub use language::Language;
pub use letters::{han_codes, han_length, is_unseen};
pub use place::Place;
pub use record::{
    ArticleRecord, ArticleView, JSONL_HEADER, RejectedSeedLine, RejectedSeedRecord, RevisionRecord,
    SeedRecord, SightingRecord, UrlRecord,
};
pub use report::{
    ImportReport, MatchedBy, NotTaken, Outcome, Progress, RepositoryReport, RunStatus,
    SightingOutcome, Untaken,
};
pub(crate) use setters::setters;
pub(crate) use time::whole_number;
pub use time::{
    MONTHS, NoOffset, NoPeriod, NoTime, Period, Precision, Published, Timestamp, UtcOffset,
    WrittenTime,
};
pub use word::{UnknownWord, Word};
pub(crate) use word::{as_text, words};

/// The field of front matter, and its value, by which an import recognises an exported file.
pub(crate) const EXPORTED_BY: (&str, &str) = ("exported_by", "seedbank");

/// Bytes in lower-case hexadecimal, as hashes are written everywhere.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The bytes of a [`hex`] text; capital letters are accepted.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2).map(|at| &text[at..at + 2]);
    // A sign is not a digit, although the parser would accept it.
    pairs.map(|pair| u8::from_str_radix(pair, 16).ok().filter(|_| !pair.starts_with('+'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_as_written() {
        assert_eq!(unhex(&hex(&[0, 9, 171, 255])), Some(vec![0, 9, 171, 255]));
        assert_eq!(unhex("AB"), Some(vec![171]));
        for text in ["0", "0g", "+1", "é", "é0"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
