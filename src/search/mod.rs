//! Full-text search without a dictionary: tokens, folding, and the query language. Pure; the index itself is
//! in `store`.
//!
//! Chinese is written without blanks, so a run of its characters is cut into overlapping pairs: `中国人` becomes
//! `中国 国人 人`. A word of two characters is then a token that any stock SQLite finds, a longer one a phrase,
//! and a single character the prefix of a token. The last character of a run is also a token of its own, so
//! that it starts one too. Thai, Lao, Khmer and Burmese are cut in the same way, between letters with their
//! marks. Other words are tokens as they are.

mod fold;
mod query;
mod segments;
mod snippet;
mod tokens;
mod typo;
mod variants;

pub use fold::folded;
pub use query::{Field, Query, Question};
pub use snippet::{BestParagraph, Snippet, highlights, snippet};
pub use tokens::{Token, Tokens, each_token};
pub use typo::nearest;

/// The version of everything that decides tokens: folding, its tables, runs. Raised with every change of
/// their results; an index of another version is rebuilt.
pub const TOKENIZER_VERSION: i64 = 3;
