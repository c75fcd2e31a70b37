//! Fields of a query: what an article must be besides what it says, as in `site:rfi.fr`.

use super::lexer::Lexeme;
use crate::error::QueryProblem;
use crate::model::words;

words!(
    /// A property of an article that a query can ask for.
    Field {
        /// The host that published it.
        Site => "site",
        /// A name that it gives as its author.
        Author => "author",
        /// A tag that it has.
        Tag => "tag",
        /// Its language.
        Language => "language",
        /// The first day of publication.
        Since => "since",
        /// The last one.
        Until => "until",
    }
);

/// A field, and its value as written.
pub type Asked = (Field, String);

/// Takes the fields out of the lexemes of a query. Fails where one is not simply one of several conditions.
pub(super) fn without_fields(
    lexemes: Vec<Lexeme>,
) -> Result<(Vec<Lexeme>, Vec<Asked>), QueryProblem> {
    let (mut left, mut asked, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    let has_or = lexemes.contains(&Lexeme::Or);
    let mut lexemes = lexemes.into_iter().peekable();
    while let Some(lexeme) = lexemes.next() {
        match lexeme {
            Lexeme::Field(field, value) => {
                let is_joined = matches!(
                    left.last(),
                    Some(Lexeme::Not | Lexeme::Minus | Lexeme::Or | Lexeme::In(_))
                );
                if depth > 0 || is_joined || has_or && is_beside_or(&left, lexemes.peek()) {
                    return Err(QueryProblem::FieldInside { field: field.as_str() });
                }
                // An AND joins it to what is left, which is the same without it.
                if left.pop_if(|before| *before == Lexeme::And).is_none() {
                    lexemes.next_if_eq(&Lexeme::And);
                }
                asked.push((field, value));
                continue;
            }
            Lexeme::Open => depth += 1,
            Lexeme::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        left.push(lexeme);
    }
    Ok((left, asked))
}

/// Whether an OR outside of parentheses comes before a field, or directly after it: the field might be meant for one
/// side alone.
fn is_beside_or(before: &[Lexeme], next: Option<&Lexeme>) -> bool {
    let mut depth = 0_i64;
    let is_or = |lexeme: &Lexeme| {
        depth += i64::from(*lexeme == Lexeme::Open) - i64::from(*lexeme == Lexeme::Close);
        depth == 0 && *lexeme == Lexeme::Or
    };
    next == Some(&Lexeme::Or) || before.iter().any(is_or)
}
