//! Which elements are never entered, and which cut the text around them.

use super::dom::{Node, NodeRef};
use super::text::letters;

/// Never entered: code, raw text that the parser did not parse, what is shown only where something else
/// is not, and forms' own values. A shadow root's `template` is no such one.
pub(super) fn is_skipped<'a>(
    name: &str,
    mut attribute: impl FnMut(&str) -> Option<&'a str>,
) -> bool {
    match name {
        "script" | "style" | "noscript" | "iframe" | "svg" | "select" | "textarea" => true,
        "template" => attribute("shadowrootmode").is_none() && attribute("shadowroot").is_none(),
        _ => false,
    }
}

/// Whether an element begins a text of its own, and ends the one before.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "audio"
            | "blockquote"
            | "body"
            | "button"
            | "canvas"
            | "caption"
            | "center"
            | "datalist"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "frameset"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "noembed"
            | "noframes"
            | "ol"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "template"
            | "tfoot"
            | "th"
            | "thead"
            | "title"
            | "tr"
            | "ul"
            | "video"
            | "xmp"
    )
}

/// Whether an element is a button between the words of a line.
pub(super) fn is_button_in_line(node: NodeRef<'_>, name: &str) -> bool {
    let around = (name == "button").then(|| node.parent()).flatten();
    around.is_some_and(|around| {
        around.children().take(64).any(|child| match child.node() {
            Node::Text(text) => letters(text) > 0,
            _ => false,
        })
    })
}

/// Whether a drawing has words that a reader sees.
pub(super) fn has_words(drawing: NodeRef<'_>) -> bool {
    drawing.descendants().any(|inner| {
        inner.element().is_some_and(|inner| matches!(inner.name(), "text" | "foreignObject"))
    })
}
