//! Splits a query into words, phrases and operators.

use super::field::Field;
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
    /// With its value as written.
    Field(Field, String),
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
                _ => self.word()?,
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
        let text = self.quoted()?;
        let is_prefix = self.rest.next_if(|&c| plain(c) == '*').is_some();
        self.leaf(&text, is_prefix);
        Ok(())
    }

    /// A text in quotation marks.
    fn quoted(&mut self) -> Result<String, QueryProblem> {
        let opening = self.rest.next();
        let mut text = String::new();
        loop {
            let c = self.rest.next().ok_or(QueryProblem::UnclosedQuotation)?;
            let closes = match opening {
                Some('“') => c == '”',
                _ => plain(c) == '"' && c != '“',
            };
            if closes {
                return Ok(text);
            }
            text.push(c);
        }
    }

    fn word(&mut self) -> Result<(), QueryProblem> {
        let mut word = String::new();
        while let Some(&c) = self.rest.peek() {
            let plain = plain(c);
            if c.is_whitespace() || matches!(plain, '(' | ')' | '"') {
                break;
            }
            self.rest.next();
            word.push(c);
            // An address is not a field.
            if plain == ':'
                && self.rest.peek().is_none_or(|&next| self::plain(next) != '/')
                && let Some(field) = self.field(&word)?
            {
                self.lexemes.push(field);
                return Ok(());
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
        Ok(())
    }

    /// The field that a word with its colon begins. In full-width forms, other words with a colon are text: that is
    /// how Chinese is written.
    fn field(&mut self, word: &str) -> Result<Option<Lexeme>, QueryProblem> {
        let name: String = word.chars().map(plain).collect::<String>().to_ascii_lowercase();
        let name = name.trim_end_matches(':');
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        match (name, name.parse::<Field>()) {
            ("title", _) => Ok(Some(Lexeme::In(Column::Title))),
            ("body", _) => Ok(Some(Lexeme::In(Column::Body))),
            (_, Ok(field)) => Ok(Some(Lexeme::Field(field, self.value(field)?))),
            _ if is_name && word.is_ascii() => {
                Err(QueryProblem::UnknownField { name: word.to_owned() })
            }
            _ => Ok(None),
        }
    }

    /// The value of a field: a word, or a text in quotation marks.
    fn value(&mut self, field: Field) -> Result<String, QueryProblem> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        let mut value = String::new();
        if self.rest.peek().is_some_and(|&c| plain(c) == '"') {
            value = self.quoted()?;
        } else {
            let is_in = |c: &char| !c.is_whitespace() && !matches!(plain(*c), '(' | ')' | '"');
            while let Some(c) = self.rest.next_if(is_in) {
                value.push(c);
            }
        }
        match value.trim() {
            "" => Err(QueryProblem::MissingWord { column: field.as_str() }),
            value => Ok(value.to_owned()),
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
