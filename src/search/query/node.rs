//! A query as a tree: its FTS5 expression, and matching it against a text.

use super::leaf::{Column, Leaf, text_of};
use crate::search::tokens::Unit;
use std::collections::HashSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Leaf(Leaf),
    All(Vec<Node>),
    Any(Vec<Node>),
    Without { kept: Box<Node>, excluded: Vec<Node> },
    In(Column, Box<Node>),
}

impl Node {
    /// The folded character, if it is the whole query.
    pub fn character(&self) -> Option<String> {
        match self {
            Self::Leaf(Leaf { units, is_prefix: false }) => {
                matches!(&units[..], [only] if only.is_character()).then(|| text_of(units))
            }
            _ => None,
        }
    }

    /// How many of its words may be prefixes of others.
    pub fn beginnings(&self) -> usize {
        let all = |nodes: &[Self]| nodes.iter().map(Self::beginnings).sum::<usize>();
        match self {
            Self::Leaf(leaf) => usize::from(leaf.is_beginning()),
            Self::All(nodes) | Self::Any(nodes) => all(nodes),
            Self::Without { kept, excluded } => kept.beginnings() + all(excluded),
            Self::In(_, node) => node.beginnings(),
        }
    }

    pub fn expression(&self) -> String {
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

    pub fn is_met_by(&self, title: &[Unit], body: &[Unit]) -> bool {
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

    pub fn collect_sought<'a>(&'a self, column: Column, leaves: &mut Vec<&'a Leaf>) {
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

/// Equal nodes are searched for only once.
pub(super) fn without_repeats(nodes: Vec<Node>) -> Vec<Node> {
    let mut seen = HashSet::new();
    nodes.into_iter().filter(|node| seen.insert(node.expression())).collect()
}

pub(super) fn one_or(nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Option<Node> {
    let mut nodes = without_repeats(nodes);
    match nodes.len() {
        0 | 1 => nodes.pop(),
        _ => Some(join(nodes)),
    }
}
