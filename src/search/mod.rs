//! Full-text search without a dictionary: what is a token, what is the same, what a query means.
//! Pure; the index itself is the store's.
//!
//! Chinese is written without blanks, so a run of its characters is cut into overlapping pairs:
//! `中国人` becomes `中国 国人 人`. A word of two characters is then a token that any stock SQLite
//! finds, a longer one a phrase, and a single character the beginning of a token; the run's last
//! character stands alone as well, so that it begins one too. Thai, Lao, Khmer and Burmese are cut the
//! same way, between letters with their marks. Other words are tokens as they are.

mod fold;
mod query;
mod segments;
mod snippet;
mod tokens;
mod variants;

pub use fold::folded;
pub use query::Query;
pub use snippet::{BestParagraph, Snippet, highlights, snippet};
pub use tokens::{Token, Tokens, each_token};

/// The version of everything that decides tokens: folding, its tables, runs. Raised with every
/// change of what they give; an index of another version is made anew.
pub const TOKENIZER_VERSION: i64 = 3;
