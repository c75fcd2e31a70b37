//! Formulas: KaTeX, MathJax and MediaWiki write each several times, once for every reader.

use super::dom::{Element, Node, NodeRef};
use super::elements::is_skipped;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// What is to be done with an element that belongs to a formula.
pub(super) enum Formula {
    /// Its source, which stands for all that is in it.
    Tex(String),
    /// It is written again where the source is.
    Elsewhere,
    /// Only the MathML in it counts.
    Holder,
}

/// Nodes of what may hold one formula: a matrix of KaTeX has some thousand.
const HOLDER_NODES: usize = 4_000;
/// Bytes of all the copies of a formula.
const HOLDER_BYTES: usize = 16_384;
/// How often a formula may be written beside its source: to see, before that is there, to be read aloud.
const COPIES: usize = 3;
/// Siblings among which the source of a formula is looked for.
const SIBLINGS: usize = 6;

/// What the element is of a formula; `None` if it is none.
pub(super) fn of(node: NodeRef<'_>, element: &Element, class: &str) -> Option<Formula> {
    match element.name() {
        "script" if is_tex_script(element) => Some(Formula::Tex(text_of(node))),
        "math" => source(node, element).map(Formula::Tex),
        "mjx-container" => holder(node),
        _ if !class.is_empty() && class.split_ascii_whitespace().any(is_holder) => {
            match source_behind(node) {
                Some(script) => is_copy(node, script).then_some(Formula::Elsewhere),
                None => holder(node),
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
fn source_behind(node: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let siblings = std::iter::successors(node.next_sibling(), NodeRef::next_sibling);
    let is_passed = |sibling: &NodeRef<'_>| match sibling.node() {
        Node::Text(text) => text.trim().is_empty(),
        Node::Element(element) => element.classes().any(is_holder),
        Node::Other => true,
    };
    let behind = siblings.take(SIBLINGS).find(|sibling| !is_passed(sibling))?;
    behind.element().is_some_and(|e| e.name() == "script" && is_tex_script(e)).then_some(behind)
}

fn holder(node: NodeRef<'_>) -> Option<Formula> {
    let is_math = |inner: &NodeRef<'_>| inner.element().is_some_and(|e| e.name() == "math");
    let mut inside = node.descendants().take(HOLDER_NODES).filter(is_math);
    let math = inside.next().filter(|_| inside.next().is_none())?;
    is_copy(node, math).then_some(Formula::Holder)
}

/// Whether an element has nothing but one formula and copies of it: its letters are those of the source,
/// which can stand in it. Any other text would be lost with them.
fn is_copy(node: NodeRef<'_>, source: NodeRef<'_>) -> bool {
    let (mut nodes, mut bytes) = (0, 0);
    let mut known: HashMap<char, usize> = HashMap::new();
    // TeX names letters of other alphabets by words.
    let is_tex = source.element().is_some_and(|element| element.name() == "script");
    for inner in source.descendants() {
        let Node::Text(text) = inner.node() else { continue };
        bytes += text.len();
        if bytes > HOLDER_BYTES {
            return false;
        }
        letters_of(text).for_each(|c| *known.entry(c).or_default() += COPIES);
    }
    let mut next = node.first_child();
    while let Some(inner) = next {
        nodes += 1;
        let enters = match inner.node() {
            Node::Element(_) if inner.id() == source.id() => false,
            Node::Element(element) if !is_part(element, source) => return false,
            Node::Element(_) | Node::Other => true,
            Node::Text(text) => {
                bytes += text.len();
                let mut letters = letters_of(text).filter(|c| !is_tex || !is_named_by_tex(*c));
                let takes = |c| known.get_mut(&c).is_some_and(take_one);
                if bytes > HOLDER_BYTES || !letters.all(takes) {
                    return false;
                }
                false
            }
        };
        if nodes > HOLDER_NODES {
            return false;
        }
        next = following(inner, node, enters);
    }
    true
}

fn take_one(left: &mut usize) -> bool {
    let has = *left > 0;
    *left = left.saturating_sub(1);
    has
}

/// The next node inside a root, in the order of the document.
fn following<'a>(node: NodeRef<'a>, root: NodeRef<'a>, enters: bool) -> Option<NodeRef<'a>> {
    if let Some(child) = node.first_child().filter(|_| enters) {
        return Some(child);
    }
    let around = std::iter::successors(Some(node), NodeRef::parent);
    around.take_while(|at| at.id() != root.id()).find_map(|at| at.next_sibling())
}

/// Whether an element can be a part of how a formula is shown, and no text or picture of its own.
fn is_part(element: &Element, formula: NodeRef<'_>) -> bool {
    match element.name() {
        "img" | "image" => {
            let tex = || formula.element().and_then(|math| source(formula, math));
            let shown = || element.attr("alt").and_then(bare);
            of_picture(element).is_some() || shown().is_some_and(|shown| tex() == Some(shown))
        }
        "svg" | "div" | "span" | "math" | "nobr" => true,
        "p" | "li" | "blockquote" | "pre" | "td" | "th" | "h1" | "h2" | "h3" | "h4" | "h5"
        | "h6" | "figure" | "video" | "audio" | "iframe" | "embed" | "object" => false,
        name => !is_skipped(name, |name| element.attr(name)),
    }
}

fn letters_of(text: &str) -> impl Iterator<Item = char> {
    text.nfkc().filter(|c| c.is_alphanumeric())
}

fn is_named_by_tex(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{5ff}')
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
