//! What a whole page says of itself, beside its text.

use super::dom::{Node, NodeRef};

/// What a page says that a seed's header says otherwise.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// As written; empty without one.
    pub title: String,
    /// What the page is called where others show it.
    pub shown_as: Option<String>,
}

/// Reads what a page says.
pub(super) fn said(root: NodeRef<'_>) -> Said {
    Said { title: title(root).unwrap_or_default(), shown_as: shown_as(root) }
}

/// The text of the first `<title>`; a drawing has one too, further on.
fn title(root: NodeRef<'_>) -> Option<String> {
    let is_title = |node: &NodeRef<'_>| node.element().is_some_and(|it| it.name() == "title");
    let title = root.descendants().find(is_title)?;
    let texts = title.children().filter_map(|node| match node.node() {
        Node::Text(text) => Some(&**text),
        _ => None,
    });
    let title: String = texts.collect();
    Some(title.trim().to_owned())
}

/// What `og:title` says.
fn shown_as(root: NodeRef<'_>) -> Option<String> {
    let metas = root.descendants().filter_map(|node| node.element());
    let mut metas = metas.filter(|element| element.name() == "meta");
    let named = metas
        .find(|meta| meta.attr("property").or_else(|| meta.attr("name")) == Some("og:title"))?;
    named.attr("content").map(str::to_owned)
}
