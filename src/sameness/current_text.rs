//! The text of an article that stands, and what of its other revisions stands in it.

use super::keys::{Key, key};
use super::text_index::TextIndex;
use crate::extract::folded_text;
use crate::model::{Article, Block, Sha256};
use std::collections::HashSet;

/// The current text as sameness sees it: a paragraph that was only cut in two is still in it.
pub(crate) struct CurrentText {
    pub sha256: Option<Sha256>,
    index: TextIndex,
    /// The keys of its own paragraphs.
    paragraphs: HashSet<Key>,
}

/// The content paragraphs of another revision.
pub(crate) struct Split<'a> {
    /// Those that do not stand in the current text, with their positions.
    pub former: Vec<(usize, &'a Block)>,
    /// The keys of those that do, see [`packed`]: as long as another current text has all of these
    /// paragraphs, the revision's bytes need not be looked at again.
    pub standing: Vec<u8>,
}

impl CurrentText {
    pub fn new<'a>(sha256: Option<Sha256>, content: impl Iterator<Item = &'a str>) -> Self {
        let (mut text, mut paragraphs) = (String::new(), HashSet::new());
        for paragraph in content {
            let folded = folded_text(paragraph);
            paragraphs.insert(key(&[folded.as_bytes()]));
            text.push_str(&folded);
        }
        Self { sha256, index: TextIndex::new(text), paragraphs }
    }

    /// Whether a folded text stands in it.
    pub fn has(&mut self, folded: &str) -> bool {
        self.index.has(folded)
    }

    /// Whether all that these are the keys of are paragraphs of it.
    pub fn has_all(&self, packed: &[u8]) -> bool {
        packed.as_chunks().0.iter().all(|key: &Key| self.paragraphs.contains(key))
    }

    /// Tells the content paragraphs of another revision by whether they stand in it.
    pub fn split<'a>(&mut self, article: &'a Article) -> Split<'a> {
        let (mut former, mut standing) = (Vec::new(), Vec::new());
        let content =
            article.blocks.iter().enumerate().filter(|(_, block)| block.kind.is_content());
        for (position, block) in content {
            let folded = folded_text(&block.text);
            if self.index.has(&folded) {
                standing.push(key(&[folded.as_bytes()]));
            } else {
                former.push((position, block));
            }
        }
        Split { former, standing: packed(standing) }
    }
}

/// Keys as they are stored: each once, in order, one after the other.
pub(crate) fn packed(mut keys: Vec<Key>) -> Vec<u8> {
    keys.sort_unstable();
    keys.dedup();
    keys.concat()
}
