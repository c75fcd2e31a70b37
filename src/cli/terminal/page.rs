//! An article as it can be shown, wherever it comes from: its rows, an older version's bytes, a file.

use seedbank::model::{
    Article, ArticleRecord, Block, Language, Link, Media, PageLimit, Precision, Script, Status,
    Tag, Timestamp,
};
use serde::Serialize;

/// What a single text of an article says. As JSON, it is the part of an `ArticleRecord` that needs
/// no archive.
#[derive(Debug, Serialize)]
pub struct Page {
    pub url: Option<String>,
    pub canonical_url: String,
    pub site: Option<String>,
    pub title: String,
    pub title_raw: Option<String>,
    pub author: Option<String>,
    pub dateline: Option<String>,
    pub script: Script,
    pub language: Option<Language>,
    pub published_at: Option<Timestamp>,
    pub published_precision: Option<Precision>,
    pub status: Status,
    pub status_detail: Option<PageLimit>,
    pub char_count: u64,
    pub paragraphs: Vec<Block>,
    pub links: Vec<Link>,
    pub media: Vec<Media>,
    pub tags: Vec<Tag>,
}

impl From<ArticleRecord> for Page {
    fn from(record: ArticleRecord) -> Self {
        Self {
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
            status: record.status,
            status_detail: record.status_detail,
            char_count: record.char_count,
            paragraphs: record.paragraphs,
            links: record.links,
            media: record.media,
            tags: record.tags,
        }
    }
}

impl From<Article> for Page {
    fn from(article: Article) -> Self {
        Self {
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
            status: article.status,
            status_detail: article.status_detail,
            char_count: article.text_length,
            paragraphs: article.blocks,
            links: article.links,
            media: article.media,
            tags: article.tags,
        }
    }
}
