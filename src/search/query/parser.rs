//! Parses lexemes into fields and a tree.

use super::field::Asked;
use super::lexer::Lexeme;
use super::node::{Node, one_or, without_repeats};
use crate::error::QueryProblem;

/// Maximum nesting of parentheses: FTS5's parser has a stack of 100, and one level of ours takes up to ten.
const MAX_DEPTH: usize = 8;

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

/// Parses the lexemes of a query. Fails if they are malformed or search for nothing.
pub(super) fn parsed(lexemes: Vec<Lexeme>) -> Result<Node, QueryProblem> {
    let mut parser = Parser { lexemes, at: 0, depth: 0, has_excluded: false };
    let root = parser.alternatives()?;
    if parser.peek() == Some(&Lexeme::Close) {
        return Err(QueryProblem::UnopenedParenthesis);
    }
    root.ok_or(if parser.has_excluded { QueryProblem::OnlyExcludes } else { QueryProblem::Empty })
}

/// Parses by precedence: OR binds least, then AND and a blank, then the operators before one operand. A node
/// is `None` if it contains nothing to search for, such as punctuation.
struct Parser {
    lexemes: Vec<Lexeme>,
    at: usize,
    depth: usize,
    /// Whether something is excluded.
    has_excluded: bool,
}

type Parsed = Result<Option<Node>, QueryProblem>;

impl Parser {
    fn peek(&self) -> Option<&Lexeme> {
        self.lexemes.get(self.at)
    }

    fn take(&mut self, lexeme: &Lexeme) -> bool {
        let is_next = self.peek() == Some(lexeme);
        self.at += usize::from(is_next);
        is_next
    }

    fn alternatives(&mut self) -> Parsed {
        let mut nodes: Vec<Node> = self.conjunction()?.into_iter().collect();
        while self.take(&Lexeme::Or) {
            if !self.starts_operand(1) {
                return Err(QueryProblem::MissingOperand { operator: "OR" });
            }
            nodes.extend(self.conjunction()?);
        }
        Ok(one_or(nodes, Node::Any))
    }

    fn conjunction(&mut self) -> Parsed {
        let (mut kept, mut excluded) = (Vec::new(), Vec::new());
        let mut is_first = true;
        loop {
            let has_and = self.take(&Lexeme::And);
            let operator = if has_and { "AND" } else { "OR" };
            if is_first && (has_and || self.peek() == Some(&Lexeme::Or)) {
                return Err(QueryProblem::MissingOperand { operator });
            }
            if self.take(&Lexeme::Not) || self.take(&Lexeme::Minus) {
                if !self.starts_operand(0) {
                    return Err(QueryProblem::MissingOperand { operator: "NOT" });
                }
                let operand = self.operand()?;
                self.has_excluded |= operand.is_some();
                excluded.extend(operand);
            } else if self.starts_operand(0) {
                kept.extend(self.operand()?);
            } else if has_and {
                return Err(QueryProblem::MissingOperand { operator });
            } else {
                break;
            }
            is_first = false;
        }
        let kept = one_or(kept, Node::All);
        match (kept, excluded.is_empty()) {
            (Some(kept), false) => {
                let excluded = without_repeats(excluded);
                Ok(Some(Node::Without { kept: Box::new(kept), excluded }))
            }
            (None, false) => Err(QueryProblem::OnlyExcludes),
            (kept, true) => Ok(kept),
        }
    }

    /// Whether an operand follows after `skipped` lexemes of NOT.
    fn starts_operand(&self, skipped: usize) -> bool {
        let next = self.lexemes[self.at..].iter().take(skipped + 1);
        let mut next =
            next.skip_while(|&lexeme| *lexeme == Lexeme::Not || *lexeme == Lexeme::Minus);
        matches!(next.next(), Some(Lexeme::Leaf(_) | Lexeme::In(_) | Lexeme::Open))
    }

    fn operand(&mut self) -> Parsed {
        let lexeme = self.peek().cloned();
        self.at += 1;
        match lexeme {
            Some(Lexeme::Leaf(leaf)) => Ok((!leaf.units.is_empty()).then_some(Node::Leaf(leaf))),
            Some(Lexeme::In(column)) => {
                if !self.starts_operand(0) {
                    return Err(QueryProblem::MissingWord { column: column.name() });
                }
                self.deeper(|parser| {
                    let operand = parser.operand()?;
                    Ok(operand.map(|node| Node::In(column, Box::new(node))))
                })
            }
            _ => self.deeper(|parser| {
                let inner = parser.alternatives()?;
                if parser.take(&Lexeme::Close) {
                    Ok(inner)
                } else {
                    Err(QueryProblem::UnclosedParenthesis)
                }
            }),
        }
    }

    fn deeper(&mut self, parse: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(QueryProblem::TooDeep { most: MAX_DEPTH });
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }
}
