//! The query language: words, phrases, `AND OR NOT`, `-word`, `word*`, `title:`, parentheses.
//!
//! A text becomes lexemes, these a tree of nodes with leaves; a tree becomes an expression of FTS5, or is
//! asked of a text.

mod leaf;
mod lexer;
mod node;
mod parser;
#[cfg(test)]
mod tests;

use super::tokens::units;
use crate::error::{Error, QueryProblem, Result};
use leaf::text_of;
use lexer::lexemes;
use node::{Node, one_or};
use parser::parsed;

pub(super) use leaf::{Column, Leaf};

/// Longer queries are refused: nobody types them, and SQLite's parser has limits of its own.
const MAX_CHARACTERS: usize = 10_000;
/// So many words may be the beginning of others, as a character alone is: the index puts all of those
/// together, for a common character in a second.
const MAX_BEGINNINGS: usize = 100;

/// A query that was understood: it finds something, whatever the archive holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    text: String,
    root: Node,
}

impl Query {
    /// Fails with [`Error::MalformedQuery`] where it cannot be understood or looks for nothing.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed = |problem| Error::MalformedQuery { query: text.to_owned(), problem };
        if text.chars().count() > MAX_CHARACTERS {
            return Err(malformed(QueryProblem::TooLong { most: MAX_CHARACTERS }));
        }
        let root = lexemes(text).and_then(parsed).map_err(malformed)?;
        if root.beginnings() > MAX_BEGINNINGS {
            return Err(malformed(QueryProblem::TooManyBeginnings { most: MAX_BEGINNINGS }));
        }
        Ok(Self { text: text.to_owned(), root })
    }

    /// The query as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The query in the words of FTS5, for a table with the columns `title` and `body`. It consists
    /// of quoted tokens and operators only.
    pub fn match_expression(&self) -> String {
        self.root.expression()
    }

    /// Whether a text of that column, alone, answers the query.
    pub fn is_met_by(&self, title: &str, body: &str) -> bool {
        self.root.is_met_by(&units(title), &units(body))
    }

    /// The characters of scripts without blanks that are looked for alone, and all of which must be
    /// found, folded; the query may look for other things besides.
    pub fn characters(&self) -> Vec<String> {
        match &self.root {
            Node::All(nodes) => nodes.iter().filter_map(Node::character).collect(),
            node => node.character().into_iter().collect(),
        }
    }

    /// The two such characters beside each other that are all that is looked for, folded.
    pub fn pair(&self) -> Option<String> {
        match &self.root {
            Node::Leaf(Leaf { units, is_prefix: false }) => match &units[..] {
                [one, other] if one.is_character() && other.is_character() && other.is_joined => {
                    Some(text_of(units))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// As [`Self::match_expression`], but some of [`Self::characters`] need not be found; `None` if
    /// nothing else is looked for.
    pub fn match_expression_without(&self, characters: &[String]) -> Option<String> {
        let is_left = |node: &Node| node.character().is_none_or(|c| !characters.contains(&c));
        let left = match &self.root {
            Node::All(nodes) => {
                one_or(nodes.iter().filter(|node| is_left(node)).cloned().collect(), Node::All)
            }
            node => is_left(node).then(|| node.clone()),
        };
        left.map(|root| root.expression())
    }

    /// The words and phrases that are looked for there.
    pub(super) fn sought(&self, column: Column) -> Vec<&Leaf> {
        let mut leaves = Vec::new();
        self.root.collect_sought(column, &mut leaves);
        leaves
    }
}
