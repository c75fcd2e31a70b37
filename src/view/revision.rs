//! The text of a revision: the archive stores the bytes of each, and rows only of the current one.

use super::ArticleView;
use crate::error::{Error, Result};
use crate::model::{Block, Status};
use crate::store::{NamedArticle, Reader, RevisionRow};

/// A revision of an article, derived from its bytes.
#[derive(Debug, Clone)]
pub struct RevisionView {
    /// Of the article.
    pub article_id: i64,
    /// Its row.
    pub row: RevisionRow,
    /// The content of its bytes.
    pub article: ArticleView,
}

/// The revision of an article with this number, derived from its stored bytes.
///
/// Fails with [`Error::NoSuchRevision`]; with [`Error::NoArticleAnyMore`] if this version finds no article in
/// the bytes; and like [`Reader::seed_bytes`].
pub fn revision(reader: &Reader, article: &NamedArticle, sequence: i64) -> Result<RevisionView> {
    let row = named_revision(article, reader.revisions(article.id)?, sequence)?;
    let bytes = reader.seed_bytes(&row.seed_sha256)?;
    let article_id = article.id;
    let no_article = |why| Error::NoArticleAnyMore { article_id, sequence, why };
    Ok(RevisionView {
        article_id,
        row,
        article: ArticleView::of_bytes(&bytes).map_err(no_article)?,
    })
}

/// The revision with this number among those of an article; fails with [`Error::NoSuchRevision`].
pub fn named_revision(
    article: &NamedArticle,
    revisions: Vec<RevisionRow>,
    sequence: i64,
) -> Result<RevisionRow> {
    let found = revisions.into_iter().find(|revision| revision.sequence == sequence);
    let (article_id, count) = (article.id, article.revision_count);
    found.ok_or(Error::NoSuchRevision { article_id, sequence, count })
}

impl RevisionView {
    /// The same, without the rest of it.
    pub fn into_text(self) -> Result<Vec<Block>> {
        self.text()?;
        Ok(self.article.paragraphs)
    }

    /// The text of the revision. Fails with [`Error::NoText`] if its page could not be read: compared with an
    /// empty text, all paragraphs of another revision would seem added or removed.
    pub fn text(&self) -> Result<&[Block]> {
        match self.article.status {
            Status::Unparsed => {
                Err(Error::NoText { article_id: self.article_id, sequence: self.row.sequence })
            }
            Status::Ok | Status::Stub | Status::Empty => Ok(&self.article.paragraphs),
        }
    }
}
