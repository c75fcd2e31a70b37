//! Splits a query into words, phrases and operators.

use super::leaf::{Column, Leaf};
use crate::error::{QueryProblem, Result};
use crate::search::tokens::units;

/// A lexeme, as the parser reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lexeme {
    Leaf(Leaf),
    And,
    Or,
    Not,
    /// A `-` directly before the excluded word.
    Minus,
    In(Column),
    Open,
    Close,
}

/// The lexemes of a query.
pub(super) fn lexemes(text: &str) -> Result<Vec<Lexeme>, QueryProblem> {
    Lexer { rest: text.chars().peekable(), lexemes: Vec::new() }.run()
}

struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    lexemes: Vec<Lexeme>,
}

impl Lexer<'_> {
    fn run(mut self) -> Result<Vec<Lexeme>, QueryProblem> {
        while let Some(&c) = self.rest.peek() {
            match plain(c) {
                '(' => self.single(Lexeme::Open),
                ')' => self.single(Lexeme::Close),
                '"' => self.phrase()?,
                c if c.is_whitespace() => {
                    self.rest.next();
                }
                '-' => self.minus(),
                _ => self.word(),
            }
        }
        Ok(self.lexemes)
    }

    fn single(&mut self, lexeme: Lexeme) {
        self.rest.next();
        self.lexemes.push(lexeme);
    }

    /// A `-` on its own is punctuation, as in a title.
    fn minus(&mut self) {
        while self.rest.next_if(|&c| plain(c) == '-').is_some() {}
        if self.rest.peek().is_some_and(|&next| !next.is_whitespace() && plain(next) != ')') {
            self.lexemes.push(Lexeme::Minus);
        }
    }

    fn phrase(&mut self) -> Result<(), QueryProblem> {
        let opening = self.rest.next();
        let mut text = String::new();
        loop {
            let c = self.rest.next().ok_or(QueryProblem::UnclosedQuotation)?;
            let closes = match opening {
                Some('“') => c == '”',
                _ => plain(c) == '"' && c != '“',
            };
            if closes {
                break;
            }
            text.push(c);
        }
        let is_prefix = self.rest.next_if(|&c| plain(c) == '*').is_some();
        self.leaf(&text, is_prefix);
        Ok(())
    }

    fn word(&mut self) {
        let mut word = String::new();
        while let Some(&c) = self.rest.peek() {
            let plain = plain(c);
            if c.is_whitespace() || matches!(plain, '(' | ')' | '"') {
                break;
            }
            self.rest.next();
            word.push(c);
            if plain == ':' {
                let column = match word.chars().map(self::plain).collect::<String>().as_str() {
                    "title:" => Column::Title,
                    "body:" => Column::Body,
                    _ => continue,
                };
                self.lexemes.push(Lexeme::In(column));
                return;
            }
        }
        match word.chars().map(plain).collect::<String>().as_str() {
            "AND" => self.lexemes.push(Lexeme::And),
            "OR" => self.lexemes.push(Lexeme::Or),
            "NOT" => self.lexemes.push(Lexeme::Not),
            plain => {
                let is_prefix = plain.ends_with('*');
                self.leaf(&word, is_prefix);
            }
        }
    }

    fn leaf(&mut self, text: &str, is_prefix: bool) {
        let units = units(text);
        let is_prefix = is_prefix && units.last().is_some_and(|last| !last.is_character());
        self.lexemes.push(Lexeme::Leaf(Leaf { units, is_prefix }));
    }
}

/// Maps full-width forms and Chinese quotation marks to ASCII.
fn plain(c: char) -> char {
    match c {
        '“' | '”' | '„' | '‟' => '"',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}
