//! The records of the interchange file.

use super::{
    Author, Block, Change, Language, Link, Media, PageLimit, Place, Precision, Script, Sha256,
    Status, Tag, Timestamp,
};
use serde::{Deserialize, Serialize};

/// The first line of an interchange file, and its version.
pub const JSONL_HEADER: &str = "{\"seedbank_jsonl\":1}";

/// An article as a reader sees it, from any source: its rows, the bytes of a revision, a file.
///
/// Fields that only an archive knows are `None` or empty elsewhere. `view` makes it from bytes, and adds its
/// methods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleView {
    /// Its id in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    pub url: Option<String>,
    pub canonical_url: String,
    /// The canonical host.
    pub site: Option<String>,
    pub title: String,
    /// The title in the seed's spelling, if `title` differs from it.
    pub title_raw: Option<String>,
    pub author: Option<String>,
    /// The date line of the body, in the publisher's words and time zone.
    pub dateline: Option<String>,
    pub script: Script,
    /// Primary BCP 47 subtag: `zh`, `en`.
    #[serde(default)]
    pub language: Option<Language>,
    pub published_at: Option<Timestamp>,
    #[serde(default)]
    pub published_precision: Option<Precision>,
    /// When the current text was published; only in an archive, if several publication times are known.
    pub updated_at: Option<Timestamp>,
    #[serde(default)]
    pub updated_precision: Option<Precision>,
    /// The time of the last change, as the page gives it.
    #[serde(default)]
    pub modified_at: Option<Timestamp>,
    pub status: Status,
    /// Why an unparsed document was rejected.
    pub status_detail: Option<PageLimit>,
    /// Characters of its content, without white space.
    pub char_count: u64,
    /// When a file with it was first and last seen, in an archive.
    pub first_seen_at: Option<Timestamp>,
    pub last_seen_at: Option<Timestamp>,
    /// Of the bytes that the text comes from.
    #[serde(default)]
    pub seed_sha256: Sha256,
    pub paragraphs: Vec<Block>,
    pub links: Vec<Link>,
    pub media: Vec<Media>,
    #[serde(default)]
    pub authors: Vec<Author>,
    pub tags: Vec<Tag>,
    /// Every address under which it was seen, in an archive.
    pub urls: Vec<UrlRecord>,
    /// Each text and title that it has had, oldest first, with the paragraphs that are not in this text; in
    /// an archive.
    pub revisions: Vec<RevisionRecord>,
}

/// An article with everything stored about it: a line of the interchange file (version 1, described in
/// `docs/jsonl.md`). The types of its fields are also read and written as JSON.
///
/// When it is imported, only the seeds count: everything else follows from their bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleRecord {
    #[serde(flatten)]
    pub article: ArticleView,
    pub seeds: Vec<SeedRecord>,
}

/// An address under which the article was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrlRecord {
    pub canonical_url: String,
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionRecord {
    pub sequence: i64,
    pub change: Change,
    pub title: String,
    pub status: Status,
    pub published_at: Option<Timestamp>,
    #[serde(default)]
    pub published_precision: Option<Precision>,
    pub observed_at: Option<Timestamp>,
    /// Of the seed with its text and title.
    pub sha256: Sha256,
    /// Content paragraphs that are not in the current text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_paragraphs: Vec<Block>,
}

/// One distinct file. It has exactly one of `body` and `body_base64`, unless the bytes are not stored or were
/// left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedRecord {
    pub sha256: Sha256,
    /// The bytes, if they are UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The bytes, if they are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
    #[serde(default)]
    pub sightings: Vec<SightingRecord>,
}

/// One place and state in which the file was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SightingRecord {
    #[serde(flatten)]
    pub place: Place,
    /// As the other program spelled it; an invalid one counts as unknown.
    #[serde(default)]
    pub observed_at: Option<String>,
    /// Modification time in nanoseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_ns: Option<i64>,
}

/// A line for a seed without an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedSeedLine {
    pub rejected_seed: RejectedSeedRecord,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedSeedRecord {
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(flatten)]
    pub seed: SeedRecord,
}
