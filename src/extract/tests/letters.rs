//! Every letter of a document is in exactly one block, and everything ends in blocks.

use super::*;
use proptest::prelude::*;
use scraper::node::Node;
use unicode_normalization::UnicodeNormalization;

/// The letters and digits of the text nodes that the walk must keep, in order, as scraper reads them.
fn letters_of_tree(html: &str) -> String {
    let html = scraper::Html::parse_fragment(html);
    let is_left_out = |node: &Node| {
        node.as_element().is_some_and(|element| {
            dom::elements::is_skipped(element.name(), |name| element.attr(name))
                || element.attr("data-cfemail").is_some()
        })
    };
    let mut found = String::new();
    for node in html.tree.root().descendants() {
        if let Node::Text(text) = node.value()
            && !node.ancestors().any(|above| is_left_out(above.value()))
        {
            found.extend(text.chars());
        }
    }
    letters_of([found.as_str()].into_iter())
}

fn letters_of_blocks(html: &str) -> String {
    let blocks = article(html).blocks;
    letters_of(blocks.iter().map(|block| block.text.as_str()))
}

/// Raised and lowered letters are mapped to plain ones.
fn letters_of<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.flat_map(|text| text.nfkc()).filter(|c| c.is_alphanumeric()).collect()
}

/// Every letter of every real document is in exactly one block, in order; the only additions are decoded
/// addresses and the words of emoji images.
#[test]
fn no_letter_of_the_corpus_is_lost() {
    for (path, document) in corpus() {
        let (tree, blocks) = (letters_of_tree(&document.html), letters_of_blocks(&document.html));
        if tree != blocks {
            assert!(
                document.html.contains("data-cfemail") || document.html.contains("emoji"),
                "{path:?}"
            );
            let mut rest = blocks.chars();
            assert!(tree.chars().all(|c| rest.any(|found| found == c)), "{path:?}");
        }
    }
}

const TAGS: &[&str] = &[
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<br>",
    "<b>",
    "</b>",
    "<a href=u>",
    "</a>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<pre>",
    "</pre>",
    "<blockquote>",
    "<h2>",
    "</h2>",
    "<img src=i>",
    "<sup>",
    "</sup>",
    "<sub>",
    "</sub>",
    "<q>",
    "</q>",
    "<del>",
    "</del>",
    "<dl><dt>",
    "<dd>",
    "<th rowspan=2>",
    "<td colspan=3>",
    "<span style='white-space:pre-wrap'>",
    "<div style='white-space:pre-line'>",
    "<x-a><template shadowrootmode=open>",
    "</template>",
    "<figure>",
    "</figure>",
    "<figcaption>",
    "<font>",
    "<aside>",
    "<span class=share>",
    "</span>",
    "<noscript>",
    "</noscript>",
    "<svg>",
    "</svg>",
    "<select>",
    "</select>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<td><p>",
    "&amp;",
    "\n",
    " ",
    "\u{3000}",
];

fn html() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(TAGS).prop_map(str::to_owned),
        2 => "[甲乙丙丁a-d1 。]{1,6}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_letter_of_any_html_is_lost(html in html()) {
        prop_assert_eq!(letters_of_blocks(&html), letters_of_tree(&html));
    }

    #[test]
    fn any_text_is_answered(html in "\\PC{0,300}") {
        let _ = article(&html);
    }
}
