//! The query language: words, phrases, `AND OR NOT`, `-word`, `word*`, `title:`, parentheses.

use super::lexer::{Lexeme, lexemes};
use super::tokens::{Kind, Unit, units};
use crate::error::{Error, QueryProblem, Result};
use std::collections::HashSet;

/// Longer queries are refused: nobody types them, and SQLite's parser has limits of its own.
const MAX_CHARACTERS: usize = 10_000;
/// How deep parentheses may stand in each other: FTS5's parser has a stack of 100, of which one level
/// of ours takes up to ten.
const MAX_DEPTH: usize = 8;

/// So many words may be the beginning of others, as a character alone is: the index puts all of those
/// together, for a common character in a second.
const MAX_BEGINNINGS: usize = 100;

/// A query that was understood: it finds something, whatever the archive holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    text: String,
    root: Node,
}

/// One part of an article that a query can be restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Title,
    Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Leaf(Leaf),
    All(Vec<Node>),
    Any(Vec<Node>),
    Without { kept: Box<Node>, excluded: Vec<Node> },
    In(Column, Box<Node>),
}

/// A word or phrase: units that follow one another in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    pub units: Vec<Unit>,
    /// Whether its last word is only the beginning of one.
    pub is_prefix: bool,
}

impl Query {
    /// Fails with [`Error::MalformedQuery`] where it cannot be understood or looks for nothing.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed = |problem| Error::MalformedQuery { query: text.to_owned(), problem };
        if text.chars().count() > MAX_CHARACTERS {
            return Err(malformed(QueryProblem::TooLong { most: MAX_CHARACTERS }));
        }
        let lexemes = lexemes(text).map_err(malformed)?;
        let mut parser = Parser { lexemes, at: 0, depth: 0, has_excluded: false };
        let root = parser.alternatives().map_err(malformed)?;
        match (parser.peek(), root) {
            (Some(Lexeme::Close), _) => Err(malformed(QueryProblem::UnopenedParenthesis)),
            (_, Some(root)) if root.beginnings() > MAX_BEGINNINGS => {
                Err(malformed(QueryProblem::TooManyBeginnings { most: MAX_BEGINNINGS }))
            }
            (_, Some(root)) => Ok(Self { text: text.to_owned(), root }),
            _ if parser.has_excluded => Err(malformed(QueryProblem::OnlyExcludes)),
            _ => Err(malformed(QueryProblem::Empty)),
        }
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

impl Node {
    /// The one character, folded, that is all of it.
    fn character(&self) -> Option<String> {
        match self {
            Self::Leaf(Leaf { units, is_prefix: false }) => {
                matches!(&units[..], [only] if only.is_character()).then(|| text_of(units))
            }
            _ => None,
        }
    }

    /// How many words are looked for that may be the beginning of others.
    fn beginnings(&self) -> usize {
        let all = |nodes: &[Self]| nodes.iter().map(Self::beginnings).sum::<usize>();
        match self {
            Self::Leaf(leaf) => usize::from(leaf.is_beginning()),
            Self::All(nodes) | Self::Any(nodes) => all(nodes),
            Self::Without { kept, excluded } => kept.beginnings() + all(excluded),
            Self::In(_, node) => node.beginnings(),
        }
    }

    fn expression(&self) -> String {
        let mut expression = String::new();
        self.write(&mut expression);
        expression
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Leaf(leaf) => leaf.write(out),
            Self::All(nodes) => write_joined(nodes, " AND ", out),
            Self::Any(nodes) => write_joined(nodes, " OR ", out),
            Self::Without { kept, excluded } => {
                out.push('(');
                kept.write(out);
                out.push_str(" NOT ");
                write_joined(excluded, " OR ", out);
                out.push(')');
            }
            Self::In(column, node) => {
                out.push_str(match column {
                    Column::Title => "title : (",
                    Column::Body => "body : (",
                });
                node.write(out);
                out.push(')');
            }
        }
    }

    fn is_met_by(&self, title: &[Unit], body: &[Unit]) -> bool {
        match self {
            Self::Leaf(leaf) => leaf.is_in(title) || leaf.is_in(body),
            Self::All(nodes) => nodes.iter().all(|node| node.is_met_by(title, body)),
            Self::Any(nodes) => nodes.iter().any(|node| node.is_met_by(title, body)),
            Self::Without { kept, excluded } => {
                kept.is_met_by(title, body)
                    && !excluded.iter().any(|node| node.is_met_by(title, body))
            }
            Self::In(Column::Title, node) => node.is_met_by(title, &[]),
            Self::In(Column::Body, node) => node.is_met_by(&[], body),
        }
    }

    fn collect_sought<'a>(&'a self, column: Column, leaves: &mut Vec<&'a Leaf>) {
        match self {
            Self::Leaf(leaf) => leaves.push(leaf),
            Self::All(nodes) | Self::Any(nodes) => {
                nodes.iter().for_each(|node| node.collect_sought(column, leaves));
            }
            Self::Without { kept, .. } => kept.collect_sought(column, leaves),
            Self::In(only, node) if *only == column => node.collect_sought(column, leaves),
            Self::In(..) => {}
        }
    }
}

/// What units stand for, folded, with nothing between them.
fn text_of(units: &[Unit]) -> String {
    let mut text = String::new();
    units.iter().for_each(|unit| unit.write(&mut text));
    text
}

fn write_joined(nodes: &[Node], operator: &str, out: &mut String) {
    if let [only] = nodes {
        return only.write(out);
    }
    out.push('(');
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 {
            out.push_str(operator);
        }
        node.write(out);
    }
    out.push(')');
}

impl Leaf {
    /// A phrase of the tokens that the index has of such a text, but for the last character of a
    /// last run: it need not be the last one there.
    fn write(&self, out: &mut String) {
        out.push('"');
        for (at, unit) in self.units.iter().enumerate() {
            let next = self.units.get(at + 1);
            if next.is_none() && unit.is_joined {
                continue;
            }
            unit.write(out);
            if let Some(next) = next.filter(|next| next.is_joined) {
                next.write(out);
            }
            out.push(' ');
        }
        out.truncate(out.trim_end().len());
        out.push('"');
        if self.is_beginning() {
            out.push_str(" *");
        }
    }

    /// Whether its last word may be the beginning of another, in the index at least.
    fn is_beginning(&self) -> bool {
        let last = self.units.last();
        self.is_prefix || last.is_some_and(|last| last.is_character() && !last.is_joined)
    }

    /// Where it stands in a text, as a range of its units; each place once, none in another. Each unit
    /// of the text is looked at a few times, however long the leaf is (after Knuth, Morris and Pratt):
    /// by what is between the first and the last unit, which have rules of their own.
    pub fn places<'a>(
        &'a self,
        text: &'a [Unit],
    ) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
        let length = self.units.len();
        let inner = self.units.get(1..length.saturating_sub(1)).unwrap_or_default();
        let borders = borders(inner);
        // Of the inner units, those that stand before `next`.
        let (mut matched, mut next, mut free_from) = (0, 1, 0);
        std::iter::from_fn(move || {
            // Where it starts, `next` is behind its inner units.
            while next + length - 1 <= text.len() + inner.len() {
                let found =
                    if matched == inner.len() { Some(next - 1 - inner.len()) } else { None };
                if matched == inner.len() && !inner.is_empty() {
                    matched = borders[matched - 1];
                }
                if let Some(unit) = text.get(next).filter(|_| !inner.is_empty()) {
                    while matched > 0 && !is_same_inside(&inner[matched], unit) {
                        matched = borders[matched - 1];
                    }
                    matched += usize::from(is_same_inside(&inner[matched], unit));
                }
                next += 1;
                if let Some(start) = found.filter(|&start| start >= free_from)
                    && self.has_ends_at(&text[start..])
                {
                    free_from = start + length;
                    return Some(start..free_from);
                }
            }
            None
        })
    }

    /// Whether a folded text has the characters that the leaf starts with; always, if that is a word of
    /// another script, of which there may be other spellings.
    pub fn can_be_in(&self, folded: &str) -> bool {
        // Marks of clusters are other characters in units than in a folded text.
        let is_start = |(at, unit): &(usize, &Unit)| {
            matches!(unit.kind, Kind::Character(_)) && (*at == 0 || unit.is_joined)
        };
        let length = self.units.iter().enumerate().take_while(is_start).count();
        folded.contains(&text_of(&self.units[..length]))
    }

    fn is_in(&self, text: &[Unit]) -> bool {
        self.places(text).next().is_some()
    }

    /// Whether its first and its last unit stand where a text begins, if it has so many.
    fn has_ends_at(&self, text: &[Unit]) -> bool {
        let last = self.units.len() - 1;
        let is_last = |sought: &Unit, found: &Unit| match (&sought.kind, &found.kind) {
            // The index has it as the beginning of a pair.
            (Kind::Cluster(sought_text), Kind::Cluster(found)) if !sought.is_joined => {
                found.starts_with(sought_text)
            }
            (Kind::Word(sought), Kind::Word(found)) if self.is_prefix => {
                without_marks(found).starts_with(&*without_marks(sought))
            }
            _ => is_same_kind(sought, found),
        };
        let (Some(first_found), Some(last_found)) = (text.first(), text.get(last)) else {
            return false;
        };
        let (first, last_sought) = (&self.units[0], &self.units[last]);
        match last {
            0 => is_last(first, first_found),
            _ => {
                is_same_kind(first, first_found)
                    && is_last(last_sought, last_found)
                    && last_sought.is_joined == last_found.is_joined
            }
        }
    }
}

fn is_same_kind(sought: &Unit, found: &Unit) -> bool {
    match (&sought.kind, &found.kind) {
        (Kind::Word(sought), Kind::Word(found)) => without_marks(sought) == without_marks(found),
        (sought, found) => sought == found,
    }
}

/// Whether two units are the same where others stand on both sides.
fn is_same_inside(sought: &Unit, found: &Unit) -> bool {
    sought.is_joined == found.is_joined && is_same_kind(sought, found)
}

/// For each beginning of some units, how many of its last ones they begin with as well.
fn borders(units: &[Unit]) -> Vec<usize> {
    let mut borders = vec![0; units.len()];
    for at in 1..units.len() {
        let mut length: usize = borders[at - 1];
        while length > 0 && !is_same_inside(&units[length], &units[at]) {
            length = borders[length - 1];
        }
        borders[at] = length + usize::from(is_same_inside(&units[length], &units[at]));
    }
    borders
}

/// A word as the tokenizer `unicode61` sees it, without the marks on its letters.
fn without_marks(word: &str) -> std::borrow::Cow<'_, str> {
    use unicode_normalization::UnicodeNormalization;
    match word.is_ascii() || !word.chars().any(|c| matches!(c, '\u{c0}'..='\u{1eff}')) {
        true => word.into(),
        false => word.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{331}')).collect(),
    }
}

/// Reads lexemes by precedence: OR binds least, then AND and a mere blank, then what stands before
/// one operand. A node is `None` where there is nothing in it to look for, such as punctuation.
struct Parser {
    lexemes: Vec<Lexeme>,
    at: usize,
    depth: usize,
    /// Whether something was to be left out.
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

    /// Whether an operand stands there, `skipped` lexemes of NOT aside.
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
                match parser.take(&Lexeme::Close) {
                    true => Ok(inner),
                    false => Err(QueryProblem::UnclosedParenthesis),
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

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Body => "body",
        }
    }
}

/// What says the same is asked of the index once.
fn without_repeats(nodes: Vec<Node>) -> Vec<Node> {
    let mut seen = HashSet::new();
    nodes.into_iter().filter(|node| seen.insert(node.expression())).collect()
}

fn one_or(nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Option<Node> {
    let mut nodes = without_repeats(nodes);
    match nodes.len() {
        0 | 1 => nodes.pop(),
        _ => Some(join(nodes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Query::parse(text).unwrap().match_expression(), expected, "{text}");
    }

    #[track_caller]
    fn check_problem(text: &str, expected: QueryProblem) {
        match Query::parse(text) {
            Err(Error::MalformedQuery { problem, .. }) => assert_eq!(problem, expected, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn leaves() {
        check("人权", "\"人权\"");
        check("臺灣", "\"台湾\"");
        check("中国人", "\"中国 国人\"");
        check("人", "\"人\" *");
        check("苹果iPhone", "\"苹果 果 iphone\"");
        check("iPhone手", "\"iphone 手\" *");
        check("iPhone手机", "\"iphone 手机\"");
        check("你好，世界", "\"你好 好 世界\"");
        check("word*", "\"word\" *");
        check("中国*", "\"中国\"");
        check("苹果ipho*", "\"苹果 果 ipho\" *");
        check("It's", "\"it s\"");
        check("\"人权 律师\"", "\"人权 权 律师\"");
        check("“言论自由”", "\"言论 论自 自由\"");
        check("\"free speech\"*", "\"free speech\" *");
        check("foo-bar", "\"foo bar\"");
        check("a\"b\"", "(\"a\" AND \"b\")");
        check("\"AND\"", "\"and\"");
        check("and", "\"and\"");
        check("col:word", "\"col word\"");
    }

    #[test]
    fn operators() {
        check("人权 律师", "(\"人权\" AND \"律师\")");
        check("人权 AND 律师", "(\"人权\" AND \"律师\")");
        check("人权\u{3000}律师", "(\"人权\" AND \"律师\")");
        check("a OR b c", "(\"a\" OR (\"b\" AND \"c\"))");
        check("(a OR b) c", "((\"a\" OR \"b\") AND \"c\")");
        check("（a OR b） ＡＮＤ c", "((\"a\" OR \"b\") AND \"c\")");
        check("a -b", "(\"a\" NOT \"b\")");
        check("a NOT b NOT c", "(\"a\" NOT (\"b\" OR \"c\"))");
        check("a AND NOT b", "(\"a\" NOT \"b\")");
        check("a －b", "(\"a\" NOT \"b\")");
        check("-b a", "(\"a\" NOT \"b\")");
        check("a -(b c)", "(\"a\" NOT (\"b\" AND \"c\"))");
        check("a -\"b c\"", "(\"a\" NOT \"b c\")");
        check("\"言论自由\" -香港", "(\"言论 论自 自由\" NOT \"香港\")");
        check("title:人权", "title : (\"人权\")");
        check("ｔｉｔｌｅ：人权", "title : (\"人权\")");
        check("title:(a OR b) body:\"c d\"", "(title : ((\"a\" OR \"b\")) AND body : (\"c d\"))");
        check("-title:a b", "(\"b\" NOT title : (\"a\"))");
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        check("人权 ，", "\"人权\"");
        check("标题 - 网站", "(\"标题\" AND \"网站\")");
        check("人权 -，", "\"人权\"");
        check("() 人权", "\"人权\"");
        check("a OR ，", "\"a\"");
        check("*a", "\"a\"");
    }

    #[test]
    fn problems() {
        use QueryProblem::*;
        check_problem("", Empty);
        check_problem(" ，。!? ", Empty);
        check_problem("\"\"", Empty);
        check_problem("()", Empty);
        check_problem("-", Empty);
        check_problem("-香港", OnlyExcludes);
        check_problem("NOT 香港", OnlyExcludes);
        check_problem("a OR -b", OnlyExcludes);
        check_problem("NOT", MissingOperand { operator: "NOT" });
        check_problem("a NOT", MissingOperand { operator: "NOT" });
        check_problem("AND a", MissingOperand { operator: "AND" });
        check_problem("a AND", MissingOperand { operator: "AND" });
        check_problem("OR", MissingOperand { operator: "OR" });
        check_problem("a OR OR b", MissingOperand { operator: "OR" });
        check_problem("a OR", MissingOperand { operator: "OR" });
        check_problem("\"人权", UnclosedQuotation);
        check_problem("“人权", UnclosedQuotation);
        check_problem("(a", UnclosedParenthesis);
        check_problem("a)", UnopenedParenthesis);
        check_problem("title: ", MissingWord { column: "title" });
        check_problem("title:)", MissingWord { column: "title" });
        check_problem(&"a".repeat(10_001), TooLong { most: 10_000 });
        check_problem(&format!("{}a{}", "(".repeat(9), ")".repeat(9)), TooDeep { most: 8 });
        check_problem(&format!("{}a", "title:".repeat(9)), TooDeep { most: 8 });
    }

    #[test]
    fn what_is_written_often_is_asked_once() {
        check(&"人权 ".repeat(3_300), "\"人权\"");
        check("a OR (a) OR b OR a", "(\"a\" OR \"b\")");
        check("a -b -b -人", "(\"a\" NOT (\"b\" OR \"人\" *))");
        let characters: String = ('一'..).take(150).flat_map(|c| [c, ' ']).collect();
        check_problem(&characters, QueryProblem::TooManyBeginnings { most: 100 });
        assert!(Query::parse(&characters[..4 * 100]).is_ok());
    }

    #[test]
    fn a_text_meets_a_query() {
        let meets = |query: &str, text: &str| Query::parse(query).unwrap().is_met_by("题目", text);
        assert!(meets("国人", "中国人来了"));
        assert!(meets("人", "中国人来了"));
        assert!(!meets("国来", "中国人来了"));
        assert!(!meets("中国人", "中国，人来了"));
        assert!(meets("\"中国，人\"", "中国。人来了"));
        assert!(meets("臺灣", "台湾") && meets("台湾", "臺灣"));
        assert!(meets("cafe", "Café") && meets("café", "CAFE"));
        assert!(!meets("art", "party") && meets("par*", "party"));
        assert!(meets("题目 -别的", "正文") && !meets("title:正文", "正文"));
        assert!(meets("body:正文 OR 没有", "正文") && !meets("title:题目 NOT 正文", "正文"));
    }

    proptest! {
        /// As if each place were looked at for itself.
        #[test]
        fn a_phrase_is_found_wherever_it_stands(text in "[ab人中 ]{0,24}", phrase in "[ab人中 ]{1,6}[*]?") {
            let query = format!("\"{}\"{}", phrase.trim_end_matches('*'), if phrase.ends_with('*') { "*" } else { "" });
            if let Ok(Query { root: Node::Leaf(leaf), .. }) = Query::parse(&query) {
                let text = units(&text);
                let length = leaf.units.len();
                let stands = |at: usize| {
                    let inner = 1..length.max(2) - 1;
                    leaf.has_ends_at(&text[at..])
                        && leaf.units[inner.clone()]
                            .iter()
                            .zip(&text[at..][inner])
                            .all(|(sought, found)| is_same_inside(sought, found))
                };
                let mut expected = Vec::new();
                let mut at = 0;
                while at + length <= text.len() {
                    let found = stands(at).then_some(at..at + length);
                    at = found.as_ref().map_or(at + 1, |found| found.end);
                    expected.extend(found);
                }
                prop_assert_eq!(leaf.places(&text).collect::<Vec<_>>(), expected);
            }
        }

        /// Any string is a query or a clear problem.
        #[test]
        fn any_string_is_parsed(text in "[ab中国人臺 \"“”()（）*＊:：\\-－ANDORTtitle\u{3000}，]{0,24}") {
            let _ = Query::parse(&text);
        }

        #[test]
        fn really_any(text in any::<String>()) {
            let _ = Query::parse(&text);
        }
    }
}
