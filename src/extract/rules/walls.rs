//! Whether a text is cut: it ends by pointing at the rest, or a wall stands before that.

use crate::extract::cut::Walked;
use crate::extract::dom::{Node, NodeRef};
use crate::extract::text::{folded_text, letters};
use crate::model::BlockKind;

/// Blocks behind the text that a wall may stand in.
const BEHIND: usize = 3;
/// A longer block is no wall, in letters.
const LONGEST: usize = 300;
/// So much text behind a wall, in letters, is all of it: whoever saved the page could read it.
const READ: usize = 200;

/// How a text ends that goes on elsewhere, without blanks.
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
/// What leads to the rest of this text, and to no other.
const GOES_ON: [&str; 4] = ["continuereading", "阅读全文", "閱讀全文", "查看全文"];
/// What a wall asks for, without blanks.
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
    // "Continue reading" is followed by the title in many themes.
    ENDINGS.iter().any(|ending| bare.ends_with(ending)) || bare.starts_with("continuereading")
}

/// Whether the article of a page is cut where it ends: its last block points at the rest, or asks for
/// something, or a block right behind it does.
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
    // Behind the text, cards of other stories say "read more".
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

/// Whether what a page names as not free is not in it: selectors of CSS, of which one of a class or an id
/// is looked for. Of a page that names none, nothing is known.
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
