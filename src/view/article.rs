//! An article as a reader sees it.

use super::KnownTime;
use crate::derive::{derive, derive_all};
use crate::model::{Article, ArticleView, Derivation, Rejection, Sha256};
use serde_json::Value;

/// The fields that only an archive knows.
const OF_AN_ARCHIVE: [&str; 6] =
    ["updated_at", "updated_precision", "first_seen_at", "last_seen_at", "urls", "revisions"];

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

    /// As JSON, with the fields of an [`ArticleRecord`](crate::model::ArticleRecord); if it is not from an
    /// archive, without those that only an archive knows.
    #[doc(hidden)]
    pub fn to_json(&self) -> serde_json::Result<Value> {
        let mut json = serde_json::to_value(self)?;
        if self.id.is_none()
            && let Some(fields) = json.as_object_mut()
        {
            fields.retain(|name, _| !OF_AN_ARCHIVE.contains(&name.as_str()));
        }
        Ok(json)
    }

    fn of_article(article: Article, seed_sha256: Sha256) -> Self {
        Self {
            id: None,
            url: article.url,
            canonical_url: article.canonical_url,
            site: article.host,
            site_name: article.site_name,
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
            modified_at: article.modified.map(|time| time.at),
            status: article.status,
            status_detail: article.status_detail,
            char_count: article.text_length,
            first_seen_at: None,
            last_seen_at: None,
            seed_sha256,
            paragraphs: article.blocks,
            links: article.links,
            media: article.media,
            authors: article.authors,
            tags: article.tags,
            urls: Vec::new(),
            revisions: Vec::new(),
        }
    }
}
