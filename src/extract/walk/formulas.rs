//! Recognises formulas: KaTeX, MathJax and MediaWiki write each several times, for different readers.

use crate::extract::dom::elements::is_skipped;
use crate::extract::dom::{Element, Node, NodeRef};
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// How to handle an element that belongs to a formula.
pub(in crate::extract) enum Formula {
    /// Its source, which represents everything in it.
    Tex(String),
    /// The formula is written again where its source is.
    Elsewhere,
    /// Only the MathML in it counts.
    Holder,
}

/// Maximum number of nodes of one formula: a KaTeX matrix has some thousand.
const HOLDER_NODES: usize = 4_000;
/// Maximum bytes of all copies of a formula.
const HOLDER_BYTES: usize = 16_384;
/// How many copies a formula may have beside its source: a visible one, a preview, and one for screen
/// readers.
const COPIES: usize = 3;
/// How many siblings are searched for the source of a formula.
const SIBLINGS: usize = 6;

/// The role of an element in a formula; `None` if it is not part of one.
pub(in crate::extract) fn of(node: NodeRef<'_>, element: &Element, class: &str) -> Option<Formula> {
    match element.name() {
        "script" if is_tex_script(element) => Some(Formula::Tex(text_of(node))),
        "math" => source(node, element).map(Formula::Tex),
        "mjx-container" => holder(node),
        _ if !class.is_empty() && class.split_ascii_whitespace().any(is_holder) => {
            match source_behind(node) {
                Some(script) => is_copy(node, script).then_some(Formula::Elsewhere),
                None => of_attribute(node, element)
                    .or_else(|| holder(node))
                    .or_else(|| of_stripped(node)),
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
            | "ztext-math"
    )
}

/// The source that Zhihu keeps in an attribute of the visible element, if there is no script with it yet.
fn of_attribute(node: NodeRef<'_>, element: &Element) -> Option<Formula> {
    let tex = element.attr("data-tex").and_then(bare)?;
    is_copy_of(node, None, &[&tex], true).then_some(Formula::Tex(tex))
}

/// The source that remains of KaTeX after the MathML elements were removed (CSDN): the last line.
fn of_stripped(node: NodeRef<'_>) -> Option<Formula> {
    const NODES: usize = 8;
    let is_mathml = |inner: &NodeRef<'_>| {
        inner.element().is_some_and(|inner| inner.classes().any(|class| class == "katex-mathml"))
    };
    let mathml = node.descendants().take(NODES).find(is_mathml)?;
    let text = match mathml.first_child()?.node() {
        Node::Text(text) if mathml.children().nth(1).is_none() => text,
        _ => return None,
    };
    let tex = bare(text.trim_end().rsplit('\n').next()?)?;
    is_copy_of(node, None, &[&tex], true).then_some(Formula::Tex(tex))
}

fn is_tex_script(element: &Element) -> bool {
    let is_tex = |kind: &str| kind.get(..8).is_some_and(|k| k.eq_ignore_ascii_case("math/tex"));
    element.attr("type").is_some_and(is_tex)
}

/// MathJax 2 puts its output before the script that has the source.
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

/// Whether an element contains only one formula and copies of it.
fn is_copy(node: NodeRef<'_>, source: NodeRef<'_>) -> bool {
    let texts: Vec<&str> = texts(source).collect();
    // TeX names letters of other alphabets by words.
    let is_tex = source.element().is_some_and(|element| element.name() == "script");
    is_copy_of(node, Some(source), &texts, is_tex)
}

/// Whether all letters in an element are those of a formula, which can be inside it. Any other text would be
/// lost with them.
fn is_copy_of(
    node: NodeRef<'_>,
    source: Option<NodeRef<'_>>,
    formula: &[&str],
    is_tex: bool,
) -> bool {
    let mut nodes = 0;
    let mut bytes = formula.iter().map(|text| text.len()).sum::<usize>();
    if bytes > HOLDER_BYTES {
        return false;
    }
    let mut known: HashMap<char, usize> = HashMap::new();
    for c in formula.iter().flat_map(|text| letters_of(text)) {
        *known.entry(c).or_default() += COPIES;
    }
    let mut next = node.first_child();
    while let Some(inner) = next {
        nodes += 1;
        let enters = match inner.node() {
            Node::Element(_) if source.is_some_and(|source| inner.id() == source.id()) => false,
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
        next = inner.following(node, enters);
    }
    true
}

fn take_one(left: &mut usize) -> bool {
    let has = *left > 0;
    *left = left.saturating_sub(1);
    has
}

/// Whether an element can be part of a formula's display, without text or picture of its own.
fn is_part(element: &Element, formula: Option<NodeRef<'_>>) -> bool {
    match element.name() {
        "img" | "image" => {
            let tex = || formula.and_then(|math| source(math, math.element()?));
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

/// The TeX from which MathML was made.
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

/// A source without MediaWiki's wrapper.
fn bare(tex: &str) -> Option<String> {
    let tex = tex.trim();
    let inner = tex.strip_prefix("{\\displaystyle ").and_then(|tex| tex.strip_suffix('}'));
    Some(inner.unwrap_or(tex).trim().to_owned()).filter(|tex| !tex.is_empty())
}

/// The source of a picture of a formula, as MediaWiki, WordPress and Zhihu store it.
pub(in crate::extract) fn of_picture(element: &Element) -> Option<String> {
    let is_named = |class: &str| {
        matches!(class, "tex" | "latex" | "ee_img") || class.starts_with("mwe-math-fallback-image")
    };
    let (mut is_formula, mut alt, mut source, mut asked) = (false, None, None, None);
    for (name, value) in element.attrs() {
        match name {
            "class" => is_formula |= value.split_ascii_whitespace().any(is_named),
            "eeimg" | "data-eeimg" => is_formula = true,
            "data-formula" | "data-tex" | "data-latex" => source = bare(value),
            "alt" => alt = Some(value),
            "src" | "data-src" | "data-original" if asked.is_none() && value.contains('=') => {
                asked = asked_for(value);
            }
            _ => {}
        }
    }
    // Some describe every formula with the same word.
    let described = || alt.filter(|_| is_formula || asked.is_some()).and_then(bare);
    source.or_else(|| asked.as_deref().and_then(bare)).or_else(described)
}

/// The TeX in the address of a picture, which a service is asked to draw.
fn asked_for(src: &str) -> Option<String> {
    let query = ["/equation?tex=", "/latex.php?latex="]
        .into_iter()
        .find_map(|service| src.split_once(service))?
        .1;
    let query = query.split(['&', '#']).next().unwrap_or(query);
    let (tex, _) = url::form_urlencoded::parse(query.as_bytes()).next()?;
    Some(tex.into_owned())
}

fn text_of(node: NodeRef<'_>) -> String {
    texts(node).collect()
}

fn texts(node: NodeRef<'_>) -> impl Iterator<Item = &str> {
    node.descendants().filter_map(|inner| match inner.node() {
        Node::Text(text) => Some(&**text),
        _ => None,
    })
}
