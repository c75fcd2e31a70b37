//! The current text of an article, and which paragraphs of its other revisions are in it.

use super::keys::{Key, key};
use super::text_index::TextIndex;
use crate::extract::folded_text;
use crate::model::{Article, Block, Sha256};
use std::collections::HashSet;

/// The current text, prepared for comparison: a paragraph that was only split in two is still in it.
pub(crate) struct CurrentText {
    pub sha256: Option<Sha256>,
    index: TextIndex,
    /// The keys of its own paragraphs.
    paragraphs: HashSet<Key>,
}

/// The content paragraphs of another revision, split by whether they are in the current text.
pub(crate) struct Split<'a> {
    /// Those that are not in the current text, with their positions.
    pub former: Vec<(usize, &'a Block)>,
    /// The keys of those that are, see [`packed`]. As long as a later current text has all of these
    /// paragraphs, the bytes of the revision need not be read again.
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

    /// Whether it contains a folded text.
    pub fn has(&mut self, folded: &str) -> bool {
        self.index.has(folded)
    }

    /// Whether all paragraphs with these keys are paragraphs of it.
    pub fn has_all(&self, packed: &[u8]) -> bool {
        packed.as_chunks().0.iter().all(|key: &Key| self.paragraphs.contains(key))
    }

    /// Splits the content paragraphs of another revision by whether they are in it.
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

/// Keys in their stored form: sorted, without repetitions, concatenated.
pub(crate) fn packed(mut keys: Vec<Key>) -> Vec<u8> {
    keys.sort_unstable();
    keys.dedup();
    keys.concat()
}
