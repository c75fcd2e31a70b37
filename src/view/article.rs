//! An article as a reader sees it.

use super::KnownTime;
use crate::derive::{derive, derive_all};
use crate::model::{
    Article, ArticleRecord, Block, Derivation, Language, Link, Media, PageLimit, Precision,
    Rejection, RevisionRecord, Script, Sha256, Status, Tag, Timestamp, UrlRecord,
};
use serde::Serialize;

/// An article as a reader sees it, from any source: its rows, the bytes of a revision, or a file.
///
/// Fields that only an archive knows are `None` or empty for other sources. As JSON, it is the part of an
/// [`ArticleRecord`] that needs no archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArticleView {
    /// Its id in the archive.
    #[serde(skip)]
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
    pub language: Option<Language>,
    pub published_at: Option<Timestamp>,
    pub published_precision: Option<Precision>,
    /// When the current text was published; only in an archive, if several publication times are known.
    #[serde(skip)]
    pub updated_at: Option<Timestamp>,
    #[serde(skip)]
    pub updated_precision: Option<Precision>,
    pub status: Status,
    /// Why an unparsed document was rejected.
    pub status_detail: Option<PageLimit>,
    /// Characters of its content, without white space.
    pub char_count: u64,
    /// When a file with it was first and last seen, in an archive.
    #[serde(skip)]
    pub first_seen_at: Option<Timestamp>,
    #[serde(skip)]
    pub last_seen_at: Option<Timestamp>,
    /// Of the bytes that the text comes from.
    #[serde(skip)]
    pub seed_sha256: Sha256,
    pub paragraphs: Vec<Block>,
    pub links: Vec<Link>,
    pub media: Vec<Media>,
    pub tags: Vec<Tag>,
    /// Every address under which it was seen, in an archive.
    #[serde(skip)]
    pub urls: Vec<UrlRecord>,
    /// Each text and title that it has had, oldest first, with the paragraphs that are not in this text; in
    /// an archive.
    #[serde(skip)]
    pub revisions: Vec<RevisionRecord>,
}

impl ArticleView {
    /// The article in the bytes of a file or of any revision. Fails if they are not an article.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, Rejection> {
        Self::derived(bytes, derive)
    }

    /// The same, including the blocks around the article of a whole page.
    pub fn all_of_bytes(bytes: &[u8]) -> Result<Self, Rejection> {
        Self::derived(bytes, derive_all)
    }

    fn derived(bytes: &[u8], derive: fn(&[u8], &Sha256) -> Derivation) -> Result<Self, Rejection> {
        let sha256 = Sha256::of(bytes);
        match derive(bytes, &sha256) {
            Derivation::Article { article, .. } => Ok(Self::of_article(*article, sha256)),
            Derivation::Rejected(rejection) => Err(rejection),
        }
    }

    /// When it was first published.
    pub fn published(&self) -> Option<KnownTime> {
        self.published_at.map(|at| KnownTime::new(at, self.published_precision))
    }

    /// When its current text was published, in an archive.
    pub fn updated(&self) -> Option<KnownTime> {
        self.updated_at.map(|at| KnownTime::new(at, self.updated_precision))
    }

    fn of_article(article: Article, seed_sha256: Sha256) -> Self {
        Self {
            id: None,
            url: article.url,
            canonical_url: article.canonical_url,
            site: article.host,
            title: article.title,
            title_raw: article.title_raw,
            author: article.author,
            dateline: article.dateline,
            script: article.script,
            language: article.language,
            published_at: article.published.at(),
            published_precision: article.published.precision(),
            updated_at: None,
            updated_precision: None,
            status: article.status,
            status_detail: article.status_detail,
            char_count: article.text_length,
            first_seen_at: None,
            last_seen_at: None,
            seed_sha256,
            paragraphs: article.blocks,
            links: article.links,
            media: article.media,
            tags: article.tags,
            urls: Vec::new(),
            revisions: Vec::new(),
        }
    }
}

/// From the rows of an article.
impl From<ArticleRecord> for ArticleView {
    fn from(record: ArticleRecord) -> Self {
        Self {
            id: Some(record.id),
            url: record.url,
            canonical_url: record.canonical_url,
            site: record.site,
            title: record.title,
            title_raw: record.title_raw,
            author: record.author,
            dateline: record.dateline,
            script: record.script,
            language: record.language,
            published_at: record.published_at,
            published_precision: record.published_precision,
            updated_at: record.updated_at,
            updated_precision: record.updated_precision,
            status: record.status,
            status_detail: record.status_detail,
            char_count: record.char_count,
            first_seen_at: record.first_seen_at,
            last_seen_at: record.last_seen_at,
            seed_sha256: record.seed_sha256,
            paragraphs: record.paragraphs,
            links: record.links,
            media: record.media,
            tags: record.tags,
            urls: record.urls,
            revisions: record.revisions,
        }
    }
}
