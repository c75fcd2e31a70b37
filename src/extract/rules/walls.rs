//! Whether a text is incomplete: it ends by pointing at the rest, or at a paywall.

use crate::extract::cut::Walked;
use crate::extract::dom::{Element, Node, NodeRef};
use crate::extract::marks::parts::Parts;
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
/// Who may read the rest, without blanks. A wall names them and the rest ([`REST`]); an article about readers
/// names one of both.
const READERS: [&str; 41] = [
    "subscri",
    "signin",
    "login",
    "loggedin",
    "register",
    "amember",
    "members",
    "afreeaccount",
    "anaccount",
    "unlock",
    "for$1",
    "for€1",
    "for£1",
    "登录",
    "登錄",
    "登陆",
    "登入",
    "订阅",
    "訂閱",
    "付费",
    "付費",
    "会员",
    "會員",
    "会員",
    "購読",
    "有料",
    "ログイン",
    "회원",
    "구독",
    "로그인",
    "abonn",
    "probeabo",
    "einabo",
    "kostenlostesten",
    "anmelden",
    "abbonat",
    "suscr",
    "assinant",
    "подпис",
    "مشترك",
    "اشترك",
];
/// The rest of a text, and that it is closed. `全文` alone is in notes about copyright too, and `仅限` alone in those
/// about events.
const REST: [&str; 80] = [
    "continuereading",
    "subscribetocontinue",
    "signintocontinue",
    "logintocontinue",
    "registertocontinue",
    "tokeepreading",
    "keepreadingfor",
    "keepreadingwith",
    "toreadthis",
    "toreadthefull",
    "toreadtherest",
    "tounlockthis",
    "unlockthis",
    "wanttoreadmore",
    "unlimitedaccess",
    "subscribersonly",
    "membersonly",
    "forsubscribers",
    "forpaidsubscribers",
    "forourmembers",
    "thispostisfor",
    "thisarticleisfor",
    "thisstoryisfor",
    "thiscontentisfor",
    "alreadyasubscriber",
    "alreadyapaidsubscriber",
    "alreadyamember",
    "读全文",
    "讀全文",
    "看全文",
    "览全文",
    "覽全文",
    "余下全文",
    "解锁全文",
    "继续阅读",
    "繼續閱讀",
    "后阅读",
    "後閱讀",
    "付费阅读",
    "付費閱讀",
    "员阅读",
    "員閱讀",
    "剩余内容",
    "剩餘內容",
    "本文仅",
    "本文僅",
    "内容仅限",
    "內容僅限",
    "文章仅限",
    "文章僅限",
    "限定です",
    "限定記事",
    "限定の記事",
    "限定公開",
    "続きを",
    "残り",
    "전문을",
    "계속읽",
    "전체기사",
    "lirelasuite",
    "suitedelarticle",
    "lasuiteestréservé",
    "suitedecetarticle",
    "articleréservé",
    "articleestréservé",
    "contenuréservé",
    "jetztweiterlesen",
    "artikelweiterlesen",
    "weiterzulesen",
    "verderlezen",
    "seguirleyendo",
    "continuarlendo",
    "continualeggere",
    "continuarealeggere",
    "perleggere",
    "читатьдальше",
    "полныйтекст",
    "текстдоступен",
    "متابعةالقراءة",
    "لقراءة",
];

/// Whether a text ends by pointing at the rest of the article.
pub(in crate::extract) fn sends_reader_away(text: &str) -> bool {
    let folded = folded_text(text).to_lowercase();
    let bare = folded.trim_end_matches(|c: char| !c.is_alphanumeric());
    // In many themes the title follows after "Continue reading".
    ENDINGS.iter().any(|ending| bare.ends_with(ending)) || bare.starts_with("continuereading")
}

/// Whether a text is a wall: it says who may read the rest.
fn is_wall(text: &str) -> bool {
    let folded = folded_text(text).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    letters(text) <= LONGEST && (folded == "subscribetoread" || (has(&READERS) && has(&REST)))
}

/// Whether the article of a page is incomplete at its end: its last block points at the rest or is a wall, or
/// a block directly after it is.
pub(in crate::extract) fn stands_behind(walked: &Walked, kinds: &[BlockKind]) -> bool {
    let Some(last) = kinds.iter().rposition(|kind| kind.is_content()) else {
        return false;
    };
    let parts =
        walked.inherited(Parts::NONE, |around, at| around.with(walked.containers[at].look.parts));
    // Menus lead to other texts, and readers' comments have their own log-in.
    let is_near = |cut: &&crate::extract::cut::Cut| {
        !parts[cut.container].has(Parts::NAV.with(Parts::COMMENT))
    };
    let ends = &walked.cuts[last].text;
    // After the text, cards of other stories say "read more". A count is no part of such a link.
    let goes_on = |text: &str| {
        let folded = folded_text(text).to_lowercase();
        let has_count = folded.contains(|c: char| c.is_ascii_digit());
        !has_count && GOES_ON.iter().any(|start| folded.starts_with(start))
    };
    let behind = walked.cuts[last + 1..].iter().take(BEHIND);
    let is_cut_off = behind.clone().take(1).filter(is_near).any(|cut| goes_on(&cut.text));
    let ends_away = letters(ends) <= LONGEST && sends_reader_away(ends);
    is_cut_off || ends_away || is_wall(ends) || behind.filter(is_near).any(|cut| is_wall(&cut.text))
}

/// The names that a CSS selector asks of the element it selects; what it asks of other elements does not matter
/// here.
#[derive(Default)]
struct Selected<'a> {
    classes: Vec<&'a str>,
    id: Option<&'a str>,
}

impl<'a> Selected<'a> {
    /// `None` if the selector asks for more than classes and an id, or for nothing.
    fn of(selector: &'a str) -> Option<Self> {
        let last = selector.trim().rsplit([' ', '>', '+', '~', '\n', '\t']).next()?;
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '#');
        let mut names = Self::default();
        let starts: Vec<usize> = last.match_indices(['.', '#']).map(|(at, _)| at).collect();
        let ends = starts.iter().skip(1).copied().chain([last.len()]);
        for (start, end) in starts.iter().zip(ends) {
            let name = Some(&last[start + 1..end]).filter(|name| !name.is_empty())?;
            if last[*start..].starts_with('.') {
                names.classes.push(name);
            } else {
                names.id = Some(name);
            }
        }
        (last.chars().all(is_plain) && !starts.is_empty()).then_some(names)
    }

    fn fits(&self, element: &Element) -> bool {
        self.id.is_none_or(|id| element.attr("id") == Some(id))
            && self.classes.iter().all(|name| element.classes().any(|class| class == *name))
    }
}

/// Each element is compared with so many selectors; a page has few.
const MOST_SELECTORS: usize = 64;

/// Whether the parts that a page declares as not free are missing in it. CSS selectors are read as far as the
/// classes and the id of the last element in them. Without any, or with more than a page has, nothing is known.
pub(in crate::extract) fn hide(selectors: &[String], root: NodeRef<'_>) -> bool {
    let each = || selectors.iter().flat_map(|selector| selector.split(','));
    if each().nth(MOST_SELECTORS).is_some() {
        return false;
    }
    let selected: Option<Vec<Selected<'_>>> = each().map(Selected::of).collect();
    let Some(selected) = selected.filter(|selected| !selected.is_empty()) else {
        return false;
    };
    let is_selected = |node: &NodeRef<'_>| {
        node.element().is_some_and(|element| selected.iter().any(|names| names.fits(element)))
    };
    let (mut next, mut read) = (root.first_child(), 0);
    while let Some(node) = next {
        let is_it = is_selected(&node);
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
