//! Whom an article names: in its header or its head, in marked elements, in bylines.

use super::cut::Cut;
use super::rules::{author, people};
use crate::model::{Article, Author, AuthorRole, BlockKind};

/// Longer bylines tell about somebody, in letters.
const BYLINE_LETTERS: usize = 120;
/// People of one article: more are a list of all who ever worked for somebody.
const MAX_AUTHORS: usize = 50;

/// Gives an article its author, and all whom it names. `line` is what a reader sees of those who wrote it, or
/// of others where nobody wrote it.
pub(super) fn set(article: &mut Article, line: Option<Author>, cuts: &[Cut], kinds: &[BlockKind]) {
    let mut authors: Vec<Author> = line.iter().flat_map(people::people).collect();
    let bylines = cuts
        .iter()
        .zip(kinds)
        .filter(|(cut, kind)| **kind == BlockKind::Byline && cut.letters <= BYLINE_LETTERS);
    for named in bylines.flat_map(|(cut, _)| author::all_named(&cut.text)) {
        // Whoever is said to have written it already is among them, or another article's.
        let is_of_work = named.role.is_some_and(|role| role != AuthorRole::Author);
        for person in people::people(&named).filter(|_| is_of_work) {
            if authors.len() < MAX_AUTHORS && authors.iter().all(|known| known.name != person.name)
            {
                authors.push(person);
            }
        }
    }
    // Editors make articles, and write none.
    let line = line.filter(|line| line.role != Some(AuthorRole::Editor));
    article.author = line.map(|line| line.name);
    article.authors = authors;
}

/// The name that a byline above the text gives.
pub(super) fn above(cuts: &[Cut], kinds: &[BlockKind]) -> Option<Author> {
    let first = kinds.iter().position(|kind| kind.is_content()).unwrap_or(kinds.len());
    let above = cuts.iter().zip(&kinds[..first]);
    let bylines = above.filter(|(_, kind)| **kind == BlockKind::Byline);
    let mut named: Vec<Author> = bylines.filter_map(|(cut, _)| author::named(&cut.text)).collect();
    let own = named.iter().position(Author::has_written).unwrap_or(0);
    (!named.is_empty()).then(|| named.swap_remove(own))
}
