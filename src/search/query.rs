//! The query language: words, phrases, `AND OR NOT`, `-word`, `word*`, `title:`, parentheses, and fields such as
//! `site:`.
//!
//! A text is split into lexemes, and these are parsed into a tree of nodes with leaves. A tree becomes an
//! FTS5 expression, or is matched against a text.

mod field;
mod leaf;
mod lexer;
mod node;
mod parser;
#[cfg(test)]
mod tests;

use super::tokens::units;
use crate::error::{Error, QueryProblem, Result};
pub use field::{Asked, Field};
use leaf::text_of;
use lexer::lexemes;
use node::{Node, one_or};
use parser::{parsed, without_fields};

pub(super) use leaf::{Column, Leaf};

/// Longer queries are refused: nobody types them, and SQLite's parser has limits of its own.
const MAX_CHARACTERS: usize = 10_000;
/// Maximum number of words that are prefixes of others, as a single character is. The index merges all words
/// with the prefix; for a common character that takes a second.
const MAX_BEGINNINGS: usize = 100;

/// What a user typed: words to search for, and fields that select articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// `None` if there are only fields.
    pub query: Option<Query>,
    /// In the order in which they were written.
    pub fields: Vec<Asked>,
}

impl Question {
    /// Fails with [`Error::MalformedQuery`] if the text cannot be parsed, or has neither a field nor anything to
    /// search for.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed = |problem| Error::MalformedQuery { query: text.to_owned(), problem };
        if text.chars().count() > MAX_CHARACTERS {
            return Err(malformed(QueryProblem::TooLong { most: MAX_CHARACTERS }));
        }
        let split = lexemes(text).and_then(without_fields);
        let (lexemes, fields) = split.map_err(malformed)?;
        if lexemes.is_empty() && !fields.is_empty() {
            return Ok(Self { query: None, fields });
        }
        let root = parsed(lexemes).map_err(malformed)?;
        if root.beginnings() > MAX_BEGINNINGS {
            return Err(malformed(QueryProblem::TooManyBeginnings { most: MAX_BEGINNINGS }));
        }
        Ok(Self { query: Some(Query { text: text.to_owned(), root }), fields })
    }
}

/// A parsed query; it can match something, whatever the archive contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    text: String,
    root: Node,
}

impl Query {
    /// Fails with [`Error::MalformedQuery`] if the text cannot be parsed, searches for nothing, or has fields:
    /// these select articles, which a query alone cannot.
    pub fn parse(text: &str) -> Result<Self> {
        let Question { query, fields } = Question::parse(text)?;
        let problem = match (query, fields.first()) {
            (Some(query), None) => return Ok(query),
            (_, Some((field, _))) => QueryProblem::FieldInSql { field: field.as_str() },
            (None, None) => QueryProblem::Empty,
        };
        Err(Error::MalformedQuery { query: text.to_owned(), problem })
    }

    /// The query as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The query as an FTS5 expression, for a table with the columns `title` and `body`. It consists of
    /// quoted tokens and operators only.
    pub fn match_expression(&self) -> String {
        self.root.expression()
    }

    /// Whether an article with this title and body matches the query.
    pub fn is_met_by(&self, title: &str, body: &str) -> bool {
        self.root.is_met_by(&units(title), &units(body))
    }

    /// The single characters of scripts without blanks that every match must contain, folded; the query may
    /// search for other things besides.
    pub fn characters(&self) -> Vec<String> {
        match &self.root {
            Node::All(nodes) => nodes.iter().filter_map(Node::character).collect(),
            node => node.character().into_iter().collect(),
        }
    }

    /// The pair of such characters, folded, if it is all that the query searches for.
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

    /// As [`Self::match_expression`], without these of [`Self::characters`]; `None` if nothing else is left.
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

    /// The words and phrases that are searched for in a column.
    pub(super) fn sought(&self, column: Column) -> Vec<&Leaf> {
        let mut leaves = Vec::new();
        self.root.collect_sought(column, &mut leaves);
        leaves
    }
}
