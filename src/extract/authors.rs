//! Collects the authors of an article: from its header or its head, from marked elements, from bylines.

use super::cut::Cut;
use super::rules::{author, people};
use crate::model::{Article, Author, AuthorRole, BlockKind};

/// A byline with more letters is a text about somebody.
const BYLINE_LETTERS: usize = 120;
/// Maximum number of people; more are a list of everybody who ever worked for a publisher.
const MAX_AUTHORS: usize = 50;

/// Sets the author line and the list of authors of an article. `line` is the line for readers: those who
/// wrote it, or others if nobody is named as its writer.
pub(super) fn set(article: &mut Article, line: Option<Author>, cuts: &[Cut], kinds: &[BlockKind]) {
    let mut authors: Vec<Author> = line.iter().flat_map(people::people).collect();
    let bylines = cuts
        .iter()
        .zip(kinds)
        .filter(|(cut, kind)| **kind == BlockKind::Byline && cut.letters <= BYLINE_LETTERS);
    for named in bylines.flat_map(|(cut, _)| author::all_named(&cut.text)) {
        // A named writer is already in the list, or wrote another article.
        let is_of_work = named.role.is_some_and(|role| role != AuthorRole::Author);
        for person in people::people(&named).filter(|_| is_of_work) {
            if authors.len() < MAX_AUTHORS && authors.iter().all(|known| known.name != person.name)
            {
                authors.push(person);
            }
        }
    }
    // Editors work on articles, but do not write them.
    let line = line.filter(|line| line.role != Some(AuthorRole::Editor));
    article.author = line.map(|line| line.name);
    article.authors = authors;
}

/// The name in a byline above the text.
pub(super) fn above(cuts: &[Cut], kinds: &[BlockKind]) -> Option<Author> {
    let first = kinds.iter().position(|kind| kind.is_content()).unwrap_or(kinds.len());
    let above = cuts.iter().zip(&kinds[..first]);
    let bylines = above.filter(|(_, kind)| **kind == BlockKind::Byline);
    let mut named: Vec<Author> = bylines.filter_map(|(cut, _)| author::named(&cut.text)).collect();
    let own = named.iter().position(Author::has_written).unwrap_or(0);
    (!named.is_empty()).then(|| named.swap_remove(own))
}
