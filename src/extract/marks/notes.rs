//! Marks of notes without `sup`, and the labels at the beginning of notes.

use super::Attributes;
use crate::extract::dom::{Element, Node, NodeRef};

/// Maximum number of nodes in a mark, and of characters if a name confirms it.
const MARK_NODES: usize = 6;
const MARK_LENGTH: usize = 8;

/// Whether a link is the mark of a note: by its name, or because it is a short number or sign directly after
/// a word and leads to a place in the same page.
pub(in crate::extract) fn is_mark(
    node: NodeRef<'_>,
    element: &Element,
    attributes: &Attributes<'_>,
    is_behind_word: bool,
) -> bool {
    let (Some(href), Some(text)) = (attributes.href, short_text(node)) else {
        return false;
    };
    let is_named = || {
        attributes.role == "doc-noteref"
            || attributes.class.split_ascii_whitespace().any(is_mark_class)
            || element.attr("epub:type").is_some_and(|kind| kind.contains("noteref"))
    };
    let is_numbered = || is_sign(&text) || (names_note(href) && is_letters_in_brackets(&text));
    (is_behind_word && leads_to_note(href) && is_numbered()) || is_named()
}

fn is_mark_class(class: &str) -> bool {
    matches!(
        class,
        "footnote-anchor"
            | "footnote-ref"
            | "footnote-reference"
            | "footnote-link"
            | "footnoteref"
            | "see-footnote"
            | "noteref"
    )
}

/// Whether an element is the number at the beginning of a note.
pub(in crate::extract) fn is_label(element: &Element) -> bool {
    let is_it = |class: &str| {
        matches!(
            class,
            "footnote-definition-label" | "footnote-number" | "sdfootnotesym" | "sdendnotesym"
        )
    };
    element.classes().any(is_it)
}

/// Whether a raised number without a link is the mark of a note.
pub(in crate::extract) fn is_mark_without_link(element: &Element) -> bool {
    element.name() == "sup" && element.classes().any(|class| class == "ltx_note_mark")
}

/// Whether an element is a note, or a number, that is in the middle of a line only in the document: style
/// sheets put it beside the text (Tufte CSS, Distill, LaTeXML).
pub(in crate::extract) fn is_in_line(name: &str, class: &str) -> bool {
    const NAMES: [&str; 4] = ["sidenote", "marginnote", "ltx_note_outer", "ltx_tag"];
    match name {
        "span" => {
            !class.is_empty() && class.split_ascii_whitespace().any(|one| NAMES.contains(&one))
        }
        name => name == "d-footnote",
    }
}

/// All text inside, trimmed; `None` if it is longer than a mark, or if an inner element already raises it.
fn short_text(node: NodeRef<'_>) -> Option<String> {
    let mut found = String::new();
    for (count, inner) in node.descendants().enumerate() {
        match inner.node() {
            Node::Text(text) if text.len() <= 64 => found.push_str(text),
            Node::Text(_) => return None,
            Node::Element(element) if matches!(element.name(), "sup" | "sub" | "img") => {
                return None;
            }
            _ => {}
        }
        if count > MARK_NODES || found.len() > 64 {
            return None;
        }
    }
    let text = found.trim();
    (1..=MARK_LENGTH).contains(&text.chars().count()).then(|| text.to_owned())
}

/// A number of up to three digits, possibly after a sign, or a sign, with or without brackets.
fn is_sign(text: &str) -> bool {
    const BRACKETS: [char; 10] = ['[', ']', '(', ')', '［', '］', '（', '）', '〔', '〕'];
    let bare = text.trim_matches(BRACKETS).trim();
    // `*1`, `※2`.
    let number = bare.strip_prefix(['*', '†', '※']).unwrap_or(bare);
    let is_number =
        (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    !bare.is_empty()
        && (is_number || bare.chars().all(|c| matches!(c, '*' | '†' | '‡' | '§' | '※' | '①'..='⑳')))
}

/// Whether a mark uses letters or roman numerals: `[iv]`, `[a]`.
fn is_letters_in_brackets(text: &str) -> bool {
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|inside| {
        let is_roman = inside.bytes().all(|byte| b"ivxl".contains(&byte));
        !inside.is_empty()
            && (is_roman || (inside.len() == 1 && inside.bytes().all(|b| b.is_ascii_lowercase())))
    })
}

/// Whether an address is a place in the same page, or is named like a note.
fn leads_to_note(href: &str) -> bool {
    let fragment = fragment_of(href);
    let is_route = fragment.starts_with(['/', '!']);
    !fragment.is_empty() && !is_route && (href.starts_with('#') || names_note(href))
}

fn names_note(href: &str) -> bool {
    const STARTS: [&str; 9] =
        ["fn", "_fn", "_ftn", "footnote", "note", "endnote", "_edn", "cite_note", "cite-note"];
    STARTS.iter().any(|start| fragment_of(href).starts_with(start))
}

fn fragment_of(href: &str) -> &str {
    href.split_once('#').map_or("", |(_, fragment)| fragment)
}
