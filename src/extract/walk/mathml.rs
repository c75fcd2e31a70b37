//! MathML without its TeX, as a line of text without ambiguity: 3^(1/2), √(a+b), x^(1/3), 1 1/2, (1 2; 3 4).
//!
//! [`part`] returns what an element adds to its text, by its own name and by its place in its parent.
//! `docs/text.md` shows the forms.

use super::spans::Role;
use crate::extract::dom::{Element, Node, NodeRef};

/// How many children are searched for the first parts: blanks may be between.
const CHILDREN: usize = 24;
/// Maximum number of nested elements that only wrap another one.
const WRAPPERS: usize = 8;

/// What an element of a formula adds to its text.
pub(in crate::extract) struct Part {
    pub role: Role,
    /// Whether a blank precedes it.
    pub is_apart: bool,
    /// Texts before it: by its place, and by its name.
    pub before: [&'static str; 2],
    /// Characters after it: by its name, and by its place.
    pub behind: [Option<char>; 2],
}

pub(in crate::extract) fn part(node: NodeRef<'_>, element: &Element) -> Part {
    let mut part =
        Part { role: Role::Plain, is_apart: false, before: ["", ""], behind: [None, None] };
    match element.name() {
        "msqrt" => (part.before[1], part.behind[0]) = ("√(", Some(')')),
        "mfenced" => (part.before[1], part.behind[0]) = fences(element),
        "mspace" => part.is_apart = !element.attr("width").is_some_and(|w| w.starts_with('-')),
        _ => {}
    }
    if let Some(around) = node.parent().filter(|around| around.element().is_some()) {
        place(node, around, &mut part);
    }
    part
}

/// What its place in an element adds to a part.
fn place(node: NodeRef<'_>, around: NodeRef<'_>, part: &mut Part) {
    let Some(element) = around.element() else { return };
    let at = || elements(around).position(|child| child.id() == node.id()).unwrap_or(CHILDREN);
    let group = |is_group| if is_group { ("(", Some(')')) } else { ("", None) };
    match element.name() {
        "msup" | "mover" | "msub" | "munder" | "msubsup" | "munderover" => {
            match (at(), element.name()) {
                (0, _) => (part.before[0], part.behind[1]) = group(is_compound(node, true)),
                (1, "msup" | "mover") | (2, "msubsup" | "munderover") => part.role = Role::Raised,
                (1, _) => part.role = Role::Lowered,
                _ => {}
            }
        }
        "mmultiscripts" => part.role = script(node, around),
        "mroot" => match at() {
            0 => (part.before[0], part.behind[1]) = group(is_compound(node, true)),
            1 => (part.before[0], part.behind[1]) = ("^(1/", Some(')')),
            _ => {}
        },
        "mfrac" => {
            let is_stack =
                element.attr("linethickness").is_some_and(|thick| thick.starts_with('0'));
            (part.before[0], part.behind[1]) = match (at(), is_stack) {
                (0, true) => ("", None),
                (_, true) => ("; ", None),
                (0, false) => group(is_compound(node, false)),
                (_, false) if is_compound(node, false) => ("/(", Some(')')),
                _ => ("/", None),
            };
        }
        "mtable" if !is_first(node, around) => part.before[0] = "; ",
        "mtr" | "mlabeledtr" => part.is_apart |= !is_first(node, around),
        "mfenced" if !is_first(node, around) => {
            let is_joined = element.attr("separators").is_some_and(|marks| marks.trim().is_empty());
            part.before[0] = if is_joined { "" } else { ", " };
        }
        _ => {}
    }
}

fn elements(around: NodeRef<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    around.children().take(CHILDREN).filter(|child| child.element().is_some())
}

fn is_first(node: NodeRef<'_>, around: NodeRef<'_>) -> bool {
    elements(around).next().is_none_or(|first| first.id() == node.id())
}

/// Indices and powers alternate, after their base and again before it.
fn script(node: NodeRef<'_>, around: NodeRef<'_>) -> Role {
    let mut at = 0;
    for child in elements(around) {
        if child.id() == node.id() {
            break;
        }
        let is_turn = child.element().is_some_and(|element| element.name() == "mprescripts");
        at = if is_turn { 1 } else { at + 1 };
    }
    match at {
        0 => Role::Plain,
        at if at % 2 == 1 => Role::Lowered,
        _ => Role::Raised,
    }
}

fn fences(element: &Element) -> (&'static str, Option<char>) {
    let of = |name, default| element.attr(name).map_or(default, str::trim);
    match (of("open", "("), of("close", ")")) {
        ("[", "]") => ("[", Some(']')),
        ("{", "}") => ("{", Some('}')),
        ("{", "") => ("{", None),
        ("|", "|") => ("|", Some('|')),
        ("", "") => ("", None),
        _ => ("(", Some(')')),
    }
}

/// Whether a part needs brackets: in a fraction, or as the base of a power.
fn is_compound(node: NodeRef<'_>, is_base: bool) -> bool {
    let mut at = node;
    for _ in 0..WRAPPERS {
        match at.element().map_or("", Element::name) {
            "mrow" | "mstyle" | "mpadded" | "mphantom" | "menclose" | "semantics" => {
                let mut inside = elements(at);
                match (inside.next(), inside.next()) {
                    (None, _) => return false,
                    (Some(only), None) => at = only,
                    (Some(first), Some(_)) => return !is_fenced(at, first),
                }
            }
            "mfrac" => return true,
            "msup" | "msubsup" | "mroot" => return is_base,
            _ => return false,
        }
    }
    true
}

/// Whether a row has brackets at its ends.
fn is_fenced(row: NodeRef<'_>, first: NodeRef<'_>) -> bool {
    let last = row.children().filter(|child| child.element().is_some()).last();
    let is = |node: NodeRef<'_>, brackets: &[char]| {
        text(node).is_some_and(|t| t.trim().starts_with(brackets))
    };
    is(first, &['(', '[', '{', '|', '⟨'])
        && last.is_some_and(|last| is(last, &[')', ']', '}', '|', '⟩']))
}

fn text(node: NodeRef<'_>) -> Option<&str> {
    match node.first_child()?.node() {
        Node::Text(text) => Some(&**text),
        _ => None,
    }
}

/// Whether a text in a formula is words.
pub(in crate::extract) fn is_words(text: NodeRef<'_>) -> bool {
    let around = text.parent().and_then(NodeRef::element);
    around.is_some_and(|around| around.name() == "mtext")
}

/// Whether a text is a name of several letters (`sin`), and not a product of variables.
pub(in crate::extract) fn is_name(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().all(char::is_alphabetic)
}

/// The text for an invisible operator: a dot between multiplied numbers, a blank after the name of a function
/// without a bracket. `None` for any other text.
pub(in crate::extract) fn unseen(node: NodeRef<'_>, text: &str) -> Option<&'static str> {
    let operator = text.chars().next().filter(|c| ('\u{2061}'..='\u{2064}').contains(c))?;
    let behind = node.parent().and_then(|around| {
        std::iter::successors(around.next_sibling(), NodeRef::next_sibling)
            .take(CHILDREN)
            .find_map(|other| other.element())
    });
    let behind = behind.map_or("", Element::name);
    Some(match operator {
        '\u{2062}' if matches!(behind, "mn") => "·",
        '\u{2061}' if matches!(behind, "mi" | "mn" | "msup" | "msub" | "mfrac" | "msqrt") => " ",
        _ => "",
    })
}
