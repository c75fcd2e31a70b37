//! Which elements are skipped, and which cut the text around them.

use super::{Node, NodeRef};
use crate::extract::text::letters;

/// Skipped elements: code, raw text that the parser did not parse, fallback content, and values of forms. The
/// `template` of a shadow root is not skipped.
pub(in crate::extract) fn is_skipped<'a>(
    name: &str,
    mut attribute: impl FnMut(&str) -> Option<&'a str>,
) -> bool {
    match name {
        "script" | "style" | "noscript" | "iframe" | "svg" | "select" | "textarea" => true,
        "template" => attribute("shadowrootmode").is_none() && attribute("shadowroot").is_none(),
        _ => false,
    }
}

/// Whether an element starts a new block and ends the previous one.
#[rustfmt::skip]
pub(in crate::extract) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address" | "article" | "aside" | "audio" | "blockquote" | "body" | "button" | "canvas"
            | "caption" | "center" | "datalist" | "dd" | "details" | "dialog" | "dir" | "div" | "dl"
            | "dt" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "frameset" | "h1"
            | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "html" | "legend" | "li"
            | "listing" | "main" | "menu" | "nav" | "noembed" | "noframes" | "ol" | "p" | "plaintext"
            | "pre" | "search" | "section" | "summary" | "table" | "tbody" | "td" | "template"
            | "tfoot" | "th" | "thead" | "title" | "tr" | "ul" | "video" | "xmp"
    )
}

/// Whether an element is a button between the words of a line.
pub(in crate::extract) fn is_button_in_line(node: NodeRef<'_>, name: &str) -> bool {
    let around = (name == "button").then(|| node.parent()).flatten();
    around.is_some_and(|around| {
        around.children().take(64).any(|child| match child.node() {
            Node::Text(text) => letters(text) > 0,
            _ => false,
        })
    })
}

/// Whether a button is all of a heading or of a term, whose content it unfolds.
pub(in crate::extract) fn is_all_of_heading(node: NodeRef<'_>) -> bool {
    const NODES: usize = 64;
    let Some(around) = node.parent() else { return false };
    let is_heading = around.element().is_some_and(|around| {
        matches!(around.name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt" | "summary")
    });
    let has_words = |other: NodeRef<'_>| {
        std::iter::once(other)
            .chain(other.descendants())
            .take(NODES)
            .any(|inner| matches!(inner.node(), Node::Text(text) if letters(text) > 0))
    };
    is_heading
        && around.children().take(NODES).all(|other| other.id() == node.id() || !has_words(other))
}

/// Whether a role makes an element a table cell, separate from the next one.
pub(in crate::extract) fn is_cell_by_role(role: &str) -> bool {
    !role.is_empty() && matches!(role, "cell" | "gridcell" | "columnheader" | "rowheader")
}

/// Whether a drawing has visible words.
pub(in crate::extract) fn has_words(drawing: NodeRef<'_>) -> bool {
    drawing.descendants().any(|inner| {
        inner.element().is_some_and(|inner| matches!(inner.name(), "text" | "foreignObject"))
    })
}
