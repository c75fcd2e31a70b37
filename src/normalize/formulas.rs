//! Formulas: KaTeX, MathJax and MediaWiki write each several times, once for every reader.

use super::dom::{Element, Node, NodeRef};

/// What is to be done with an element that belongs to a formula.
pub(super) enum Formula {
    /// Its source, which stands for all that is in it.
    Tex(String),
    /// It is written again where the source is.
    Elsewhere,
    /// Only the MathML in it counts.
    Holder,
}

/// Nodes in which the MathML of a formula is looked for.
const HOLDER_NODES: usize = 1_000;
/// Siblings among which the source of a formula is looked for.
const SIBLINGS: usize = 6;

/// What the element is of a formula; `None` if it is none.
pub(super) fn of(node: NodeRef<'_>, element: &Element, class: &str) -> Option<Formula> {
    match element.name() {
        "script" if is_tex_script(element) => Some(Formula::Tex(text_of(node))),
        "math" => source(node, element).map(Formula::Tex),
        "mjx-container" => holder(node),
        _ if !class.is_empty() && class.split_ascii_whitespace().any(is_holder) => {
            if is_before_source(node) {
                Some(Formula::Elsewhere)
            } else {
                holder(node)
            }
        }
        _ => None,
    }
}

fn is_holder(token: &str) -> bool {
    matches!(
        token,
        "katex"
            | "mwe-math-element"
            | "MathJax"
            | "MathJax_Preview"
            | "MathJax_Display"
            | "MathJax_SVG"
            | "MathJax_SVG_Display"
            | "MathJax_CHTML"
            | "MJXc-display"
            | "mjx-chtml"
    )
}

fn is_tex_script(element: &Element) -> bool {
    let is_tex = |kind: &str| kind.get(..8).is_some_and(|k| k.eq_ignore_ascii_case("math/tex"));
    element.attr("type").is_some_and(is_tex)
}

/// MathJax 2 puts what it shows before the script that it made it from.
fn is_before_source(node: NodeRef<'_>) -> bool {
    let siblings = std::iter::successors(node.next_sibling(), NodeRef::next_sibling);
    siblings
        .take(SIBLINGS)
        .map_while(|sibling| match sibling.node() {
            Node::Text(text) if text.trim().is_empty() => Some(false),
            Node::Text(_) => None,
            Node::Element(element) if element.name() == "script" => Some(is_tex_script(element)),
            Node::Element(element) if element.classes().any(is_holder) => Some(false),
            Node::Element(_) => None,
            Node::Other => Some(false),
        })
        .any(|is_source| is_source)
}

fn holder(node: NodeRef<'_>) -> Option<Formula> {
    let is_math = |inner: NodeRef<'_>| inner.element().is_some_and(|e| e.name() == "math");
    node.descendants().take(HOLDER_NODES).any(is_math).then_some(Formula::Holder)
}

/// The TeX that MathML was made from.
fn source(math: NodeRef<'_>, element: &Element) -> Option<String> {
    let annotation = math.descendants().find(|inner| {
        inner.element().is_some_and(|inner| {
            inner.name() == "annotation"
                && inner
                    .attr("encoding")
                    .is_some_and(|encoding| encoding.to_ascii_lowercase().contains("tex"))
        })
    });
    let written = annotation.map(text_of).or_else(|| element.attr("alttext").map(str::to_owned))?;
    bare(&written)
}

/// A source without what MediaWiki wraps around each.
fn bare(tex: &str) -> Option<String> {
    let tex = tex.trim();
    let inner = tex.strip_prefix("{\\displaystyle ").and_then(|tex| tex.strip_suffix('}'));
    Some(inner.unwrap_or(tex).trim().to_owned()).filter(|tex| !tex.is_empty())
}

/// What a picture of a formula was made from, as MediaWiki and WordPress keep it.
pub(super) fn of_picture(element: &Element) -> Option<String> {
    let is_formula = |class: &str| {
        matches!(class, "tex" | "latex") || class.starts_with("mwe-math-fallback-image")
    };
    if !element.classes().any(is_formula) {
        return None;
    }
    bare(element.attr("alt")?)
}

fn text_of(node: NodeRef<'_>) -> String {
    let texts = node.descendants().filter_map(|inner| match inner.node() {
        Node::Text(text) => Some(&**text),
        _ => None,
    });
    texts.collect()
}

/// Whether a text in a formula is words.
pub(super) fn is_words(text: NodeRef<'_>) -> bool {
    let around = text.parent().and_then(NodeRef::element);
    around.is_some_and(|around| around.name() == "mtext")
}
