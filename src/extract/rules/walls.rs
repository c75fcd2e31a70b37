//! Whether a text is incomplete: it ends by pointing at the rest, or at a paywall.

use crate::extract::cut::Walked;
use crate::extract::dom::{Node, NodeRef};
use crate::extract::text::{folded_text, letters};
use crate::model::BlockKind;

/// How many blocks after the text can contain a wall.
const BEHIND: usize = 3;
/// Maximum letters of a wall.
const LONGEST: usize = 300;
/// If this many letters of text follow a wall, the text is complete: whoever saved the page could read it.
const READ: usize = 200;

/// Endings of a text that continues elsewhere, without blanks.
const ENDINGS: [&str; 8] = [
    "continuereading",
    "readmore",
    "readmore…",
    "阅读全文",
    "閱讀全文",
    "阅读更多",
    "閱讀更多",
    "查看全文",
];
/// Links to the rest of this text, and no other.
const GOES_ON: [&str; 4] = ["continuereading", "阅读全文", "閱讀全文", "查看全文"];
/// Demands of a wall, without blanks.
const DEMANDS: [&str; 20] = [
    "subscribetocontinue",
    "subscribetoread",
    "subscribetokeepreading",
    "subscribersonly",
    "forsubscribers",
    "alreadyasubscriber",
    "tounlockthis",
    "tocontinuereading",
    "toreadthefull",
    "toreadtherest",
    "登录后阅读",
    "登录后查看",
    "订阅后",
    "訂閱後",
    "付费后",
    "剩余内容",
    "pourlirelasuite",
    "réservéauxabonnés",
    "umweiterzulesen",
    "paraseguirleyendo",
];

/// Whether a text ends by pointing at the rest of the article.
pub(in crate::extract) fn sends_reader_away(text: &str) -> bool {
    let folded = folded_text(text).to_lowercase();
    let bare = folded.trim_end_matches(|c: char| !c.is_alphanumeric());
    // In many themes the title follows after "Continue reading".
    ENDINGS.iter().any(|ending| bare.ends_with(ending)) || bare.starts_with("continuereading")
}

/// Whether the article of a page is incomplete at its end: its last block points at the rest or makes a
/// demand, or a block directly after it does.
pub(in crate::extract) fn stands_behind(walked: &Walked, kinds: &[BlockKind]) -> bool {
    let Some(last) = kinds.iter().rposition(|kind| kind.is_content()) else {
        return false;
    };
    let is_short = |text: &str| letters(text) <= LONGEST;
    let ends = &walked.cuts[last].text;
    let demands = |text: &str| {
        let folded = folded_text(text).to_lowercase();
        DEMANDS.iter().any(|demand| folded.contains(demand))
    };
    // After the text, cards of other stories say "read more".
    let goes_on = |text: &str| {
        let folded = folded_text(text).to_lowercase();
        GOES_ON.iter().any(|start| folded.starts_with(start))
    };
    let is_cut_off = walked.cuts.get(last + 1).is_some_and(|cut| goes_on(&cut.text));
    let mut near = walked.cuts[last..].iter().take(1 + BEHIND).map(|cut| cut.text.as_str());
    is_cut_off
        || (is_short(ends) && sends_reader_away(ends))
        || near.any(|text| is_short(text) && demands(text))
}

/// Whether the parts that a page declares as not free are missing in it. Of the CSS selectors, those of one
/// class or id are searched for. Without any, nothing is known.
pub(in crate::extract) fn hide(selectors: &[String], root: NodeRef<'_>) -> bool {
    let names: Vec<(bool, &str)> = selectors
        .iter()
        .filter_map(|selector| {
            let selector = selector.trim();
            let class = selector.strip_prefix('.').map(|name| (true, name));
            class.or_else(|| selector.strip_prefix('#').map(|name| (false, name)))
        })
        .filter(|(_, name)| !name.is_empty())
        .collect();
    if names.is_empty() {
        return false;
    }
    let is_named = |node: &NodeRef<'_>| {
        node.element().is_some_and(|element| {
            names.iter().any(|&(is_class, name)| {
                if is_class {
                    element.classes().any(|class| class == name)
                } else {
                    element.attr("id") == Some(name)
                }
            })
        })
    };
    let (mut next, mut read) = (root.first_child(), 0);
    while let Some(node) = next {
        let is_it = is_named(&node);
        if is_it {
            let texts = node.descendants().map(|inner| match inner.node() {
                Node::Text(text) => letters(text),
                _ => 0,
            });
            read += texts.sum::<usize>();
        }
        next = node.following(root, !is_it);
    }
    read < READ
}
