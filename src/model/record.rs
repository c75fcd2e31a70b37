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
#[non_exhaustive]
pub struct ArticleView {
    /// Its id in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// As written; `None` without a usable address.
    pub url: Option<String>,
    /// In the spelling by which addresses are compared (`docs/addresses.md`); without a usable address,
    /// `urn:sha256:…` of the bytes.
    pub canonical_url: String,
    /// The canonical host; `None` without a usable address.
    pub site: Option<String>,
    /// The name of its site, as its own document gives it.
    #[serde(default)]
    pub site_name: Option<String>,
    /// Without the name of its site.
    pub title: String,
    /// The title in the seed's spelling, if `title` differs from it.
    pub title_raw: Option<String>,
    /// The line of names that a reader sees.
    pub author: Option<String>,
    /// The date line of the body, in the publisher's words and time zone.
    pub dateline: Option<String>,
    /// Of its text.
    pub script: Script,
    /// Primary BCP 47 subtag: `zh`, `en`; `None` if the text is too short to detect it.
    #[serde(default)]
    pub language: Option<Language>,
    /// When it was published first.
    pub published_at: Option<Timestamp>,
    /// The precision of that time.
    #[serde(default)]
    pub published_precision: Option<Precision>,
    /// When the current text was published; only in an archive, if several publication times are known.
    pub updated_at: Option<Timestamp>,
    /// The precision of that time.
    #[serde(default)]
    pub updated_precision: Option<Precision>,
    /// The time of the last change, as the page gives it.
    #[serde(default)]
    pub modified_at: Option<Timestamp>,
    /// Whether its text is complete.
    pub status: Status,
    /// Why an unparsed document was rejected.
    pub status_detail: Option<PageLimit>,
    /// Characters of its content, without white space.
    pub char_count: u64,
    /// When a file with it was first seen, in an archive.
    pub first_seen_at: Option<Timestamp>,
    /// When a file with it was last seen, in an archive.
    pub last_seen_at: Option<Timestamp>,
    /// Of the bytes that the text comes from.
    #[serde(default)]
    pub seed_sha256: Sha256,
    /// All blocks, in the order of the page; its own text is those that are
    /// [content](super::BlockKind::is_content).
    pub paragraphs: Vec<Block>,
    /// Of the current text.
    pub links: Vec<Link>,
    /// Of the current text.
    pub media: Vec<Media>,
    /// Of the current text, in the order of their naming.
    #[serde(default)]
    pub authors: Vec<Author>,
    /// Of the current text.
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
    /// What a reader sees of it.
    #[serde(flatten)]
    pub article: ArticleView,
    /// All files, in the order in which they were imported.
    pub seeds: Vec<SeedRecord>,
}

/// An address under which the article was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UrlRecord {
    /// In the spelling by which addresses are compared.
    pub canonical_url: String,
    /// As written, where it was first seen.
    pub url: Option<String>,
}

/// A text and title of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RevisionRecord {
    /// From 1, oldest first.
    pub sequence: i64,
    /// What differs from the one before.
    pub change: Change,
    /// Its title.
    pub title: String,
    /// Whether its text is complete.
    pub status: Status,
    /// When it was published, as given in it.
    pub published_at: Option<Timestamp>,
    /// The precision of that time.
    #[serde(default)]
    pub published_precision: Option<Precision>,
    /// The earliest time at which a file is known to have had it.
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
    /// Of the bytes.
    pub sha256: Sha256,
    /// The bytes, if they are UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The bytes, if they are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
    /// Where they were seen.
    #[serde(default)]
    pub sightings: Vec<SightingRecord>,
}

/// One place and state in which the file was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SightingRecord {
    /// Where it was seen.
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
    /// The subject of the line.
    pub rejected_seed: RejectedSeedRecord,
}

/// A seed that gave no article, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedSeedRecord {
    /// A word of [`Reason`](super::Reason).
    pub reason: String,
    /// The detail, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The file.
    #[serde(flatten)]
    pub seed: SeedRecord,
}
