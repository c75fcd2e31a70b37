//! An article as it can be shown, wherever it comes from: its rows, an older version's bytes, a file.

use seedbank::model::{
    Article, ArticleRecord, LinkRecord, MediaRecord, ParagraphRecord, TagRecord,
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
    pub script: String,
    pub language: Option<String>,
    pub published_at: Option<String>,
    pub published_precision: Option<String>,
    pub status: String,
    pub status_detail: Option<String>,
    pub char_count: i64,
    pub paragraphs: Vec<ParagraphRecord>,
    pub links: Vec<LinkRecord>,
    pub media: Vec<MediaRecord>,
    pub tags: Vec<TagRecord>,
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
        let place = |block: Option<usize>| block.map(|at| at as i64);
        let paragraphs = article.blocks.into_iter().map(|block| ParagraphRecord {
            kind: block.kind.as_str().to_owned(),
            level: block.level.map(i64::from),
            marker: block.marker,
            text: block.text,
        });
        let links = article.links.into_iter().map(|link| LinkRecord {
            paragraph: place(link.block),
            kind: link.kind.as_str().to_owned(),
            url: link.url,
            href: link.href,
            text: link.text,
            is_internal: link.is_internal,
        });
        let media = article.media.into_iter().map(|media| MediaRecord {
            paragraph: place(media.block),
            kind: media.kind.as_str().to_owned(),
            url: media.url,
            src: media.src,
            alt: media.alt,
            caption: media.caption,
        });
        let tags = article.tags.into_iter();
        let tags = tags.map(|tag| TagRecord { name: tag.name, kind: tag.kind.to_owned() });
        Self {
            url: article.url,
            canonical_url: article.canonical_url,
            site: article.host,
            title: article.title,
            title_raw: article.title_raw,
            author: article.author,
            dateline: article.dateline,
            script: article.script.as_str().to_owned(),
            language: article.language.map(|language| language.as_str().to_owned()),
            published_at: article.published.at().map(|time| time.to_string()),
            published_precision: article.published.precision().map(|p| p.as_str().to_owned()),
            status: article.status.as_str().to_owned(),
            status_detail: article.status_detail,
            char_count: article.text_length as i64,
            paragraphs: paragraphs.collect(),
            links: links.collect(),
            media: media.collect(),
            tags: tags.collect(),
        }
    }
}
