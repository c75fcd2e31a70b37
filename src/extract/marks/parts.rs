//! The part of a page that an element claims to be, by its name, its role and the words of its class and id.
//!
//! Unlike a mark, this is a guess: one word is sufficient. `region` decides how much a guess is worth, from
//! the rest of the page.

use super::{Attributes, Marks};
use crate::extract::dom::Element;

/// A set of parts of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::extract) struct Parts(u64);

/// The parts that words of a class or an id indicate, in lower case. Foreign words are those that pages use:
/// Chinese pages often use Latin letters.
const WORDS: [(&str, &str); 15] = [
    ("footer", "footer foot bottom colophon copyright"),
    ("header", "header masthead topbar top banner hero"),
    (
        "nav",
        "nav navbar navigation menu submenu breadcrumb breadcrumbs pager pagination tabs tab toc daohang",
    ),
    ("side", "sidebar side aside rail widget widgets complementary"),
    (
        "cookie",
        "cookie cookies consent gdpr ccpa popup modal overlay dialog lightbox toast drawer offcanvas",
    ),
    (
        "comment",
        "comment comments commentlist disqus reply respond discussion pinglun reviews review",
    ),
    (
        "related",
        "related recommended recommend recommendation recommendations latest trending popular similar \
         teaser teasers card cards promoted xiangguan tuijian carousel slider swiper upsell crosssell more",
    ),
    (
        "ad",
        "ad ads advert advertisement advertising sponsor sponsored promo promos promotion newsletter \
         newsletters subscribe subscription signup cta paywall guanggao marketing donate",
    ),
    ("share", "share shares sharing social socials follow addtoany sharedaddy fenxiang"),
    (
        "meta",
        "meta byline author authors bio date time timestamp tag tags category categories info posted",
    ),
    ("form", "form forms search login input contact"),
    ("tool", "tool tools toolbar buttons button btn icon icons print action actions"),
    ("caption", "caption credit"),
    ("list", "list grid feed listing archive items item"),
    (
        "content",
        "article content entry post body text story main copy richtext rich prose markdown zhengwen \
         neirong wysiwyg detail single",
    ),
];
/// The index in [`WORDS`] of names for the text itself.
const CONTENT: u64 = 14;
/// A name of two words, one for a piece of writing and one for its text (`post-body`).
const BODY: u64 = 15;
const WRITTEN: [&str; 6] = ["article", "post", "entry", "story", "blog", "news"];
const TEXT: [&str; 4] = ["body", "content", "text", "copy"];
/// After one of these words, a name describes what an element has or lacks, not what it is.
const OF_OTHERS: [&str; 8] = ["has", "with", "no", "is", "without", "hide", "not", "js"];
/// Elements that are such parts by themselves.
const ELEMENTS: [&str; 15] = [
    "header", "footer", "nav", "aside", "form", "article", "main", "section", "figure", "button",
    "label", "dialog", "fieldset", "summary", "details",
];
const FIRST_ELEMENT: u64 = BODY + 1;
const HIDDEN: u64 = FIRST_ELEMENT + ELEMENTS.len() as u64;
/// Longer words are not in [`WORDS`].
const LONGEST: usize = 16;

impl Parts {
    pub const COUNT: usize = HIDDEN as usize + 1;
    pub const NONE: Self = Self(0);
    /// By its names, or by its element.
    pub const NAV: Self = Self(1 << 2 | 1 << (FIRST_ELEMENT + 2));
    pub const COMMENT: Self = Self(1 << 5);
    /// The element, whatever its names.
    pub const ARTICLE: Self = Self(1 << (FIRST_ELEMENT + 5));
    pub const RELATED: Self = Self(1 << 6);
    /// Banners about cookies, and what lies over a page.
    pub const COOKIE: Self = Self(1 << 4 | 1 << (FIRST_ELEMENT + 11));
    /// Menus, headers, footers and sidebars: what is the same on every page of a site.
    pub const AROUND: Self = Self(
        0b1111
            | 1 << FIRST_ELEMENT
            | 1 << (FIRST_ELEMENT + 1)
            | 1 << (FIRST_ELEMENT + 2)
            | 1 << (FIRST_ELEMENT + 3),
    );
    pub const HIDDEN: Self = Self(1 << HIDDEN);
    /// Names for the text, whose marks count for it wherever other text is.
    pub const OF_TEXT: Self = Self(
        1 << CONTENT
            | 1 << BODY
            | 1 << 13
            | 1 << (FIRST_ELEMENT + 5)
            | 1 << (FIRST_ELEMENT + 6)
            | 1 << (FIRST_ELEMENT + 7),
    );
    /// The parts that an element claims to be.
    pub fn of(element: &Element, attributes: &Attributes<'_>, marks: Marks) -> Self {
        let item = element.attr("itemprop").unwrap_or_default();
        let names = [attributes.class, attributes.id, item];
        let tokens = names.iter().flat_map(|names| names.split_ascii_whitespace());
        let named = tokens.fold(Self::NONE, |parts, token| parts.with(Self::of_name(token)));
        let by_role = match attributes.role {
            "navigation" => "nav",
            "banner" => "header",
            "contentinfo" => "footer",
            "complementary" => "aside",
            "search" => "form",
            "dialog" | "alertdialog" => "dialog",
            "main" => "main",
            _ => "",
        };
        let hidden = if marks.has(Marks::HIDDEN) { Self::HIDDEN } else { Self::NONE };
        named.with(Self::of_element(element.name())).with(Self::of_element(by_role)).with(hidden)
    }

    fn of_element(name: &str) -> Self {
        let at = ELEMENTS.iter().position(|known| *known == name);
        at.map_or(Self::NONE, |at| Self(1 << (FIRST_ELEMENT + at as u64)))
    }

    /// The parts in one token of a class, an id or `itemprop`.
    fn of_name(token: &str) -> Self {
        if token.eq_ignore_ascii_case("articlebody") {
            return Self(1 << BODY);
        }
        let (mut found, mut is_first) = (0, true);
        let (mut is_written, mut is_text) = (false, false);
        for word in words(token) {
            let mut lower = [0; LONGEST];
            let Some(lower) = lower.get_mut(..word.len()) else {
                is_first = false;
                continue;
            };
            lower.copy_from_slice(word);
            lower.make_ascii_lowercase();
            let word = std::str::from_utf8(lower).unwrap_or_default();
            if std::mem::take(&mut is_first) && OF_OTHERS.contains(&word) {
                return Self::NONE;
            }
            found |= of_word(word);
            is_written |= WRITTEN.contains(&word);
            is_text |= TEXT.contains(&word);
        }
        let is_body = found == 1 << CONTENT && is_written && is_text;
        Self(found | u64::from(is_body) << BODY)
    }

    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the part at this index, below [`Parts::COUNT`], is in the set.
    pub fn has_at(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }

    /// The name of the part at an index in the table of weights.
    #[cfg(test)]
    pub fn name_at(at: usize) -> String {
        match at {
            _ if at < WORDS.len() => WORDS[at].0.to_owned(),
            _ if at as u64 == BODY => "body".to_owned(),
            _ if at as u64 == HIDDEN => "hidden".to_owned(),
            _ => format!("<{}>", ELEMENTS[at - FIRST_ELEMENT as usize]),
        }
    }
}

/// The words of a name: separated by other characters than letters and digits, and before capitals.
fn words(token: &str) -> impl Iterator<Item = &[u8]> {
    let plain = token.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
    plain.flat_map(|run| {
        run.chunk_by(|one, next| !(one.is_ascii_lowercase() && next.is_ascii_uppercase()))
    })
}

const SLOTS: usize = 1 << 10;

/// Words by hash, or in the slots after it: the index in [`WORDS`], the offset, the length.
static TABLE: [(u8, u16, u8); SLOTS] = table();

const fn table() -> [(u8, u16, u8); SLOTS] {
    let mut table = [(0, 0, 0); SLOTS];
    let mut part = 0;
    while part < WORDS.len() {
        let words = WORDS[part].1.as_bytes();
        let mut start = 0;
        while start < words.len() {
            let mut end = start;
            while end < words.len() && words[end] != b' ' {
                end += 1;
            }
            let (_, from) = words.split_at(start);
            let (word, _) = from.split_at(end - start);
            let mut slot = hash(word);
            while table[slot].2 > 0 {
                slot = (slot + 1) % SLOTS;
            }
            table[slot] = (part as u8, start as u16, (end - start) as u8);
            start = end + 1;
        }
        part += 1;
    }
    table
}

/// The hash of a word that is not empty.
const fn hash(word: &[u8]) -> usize {
    let length = word.len();
    let bytes = [word[0], word[length / 3], word[length * 2 / 3], word[length - 1]];
    let mut hash = length as u32;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x9e37_79b1).rotate_left(9);
        at += 1;
    }
    hash as usize % SLOTS
}

fn of_word(word: &str) -> u64 {
    if word.is_empty() {
        return 0;
    }
    let (mut slot, mut found) = (hash(word.as_bytes()), 0);
    while TABLE[slot].2 > 0 {
        let (part, start, length) = TABLE[slot];
        let (start, length) = (usize::from(start), usize::from(length));
        if &WORDS[usize::from(part)].1[start..start + length] == word {
            found |= 1 << part;
        }
        slot = (slot + 1) % SLOTS;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(token: &str) -> Vec<String> {
        let parts = Parts::of_name(token);
        (0..Parts::COUNT).filter(|at| parts.has_at(*at)).map(Parts::name_at).collect()
    }

    #[test]
    fn words_of_a_name_say_which_part_it_is() {
        assert_eq!(names("siteFooter"), ["footer"]);
        assert_eq!(names("nav-menu__item"), ["nav", "list"]);
        assert_eq!(names("cookie_banner"), ["header", "cookie"]);
        assert_eq!(names("xiangguan"), ["related"]);
        assert_eq!(names("post-body"), ["content", "body"]);
        assert_eq!(names("articleBody"), ["body"]);
        assert_eq!(names("post-footer"), ["footer", "content"]);
    }

    #[test]
    fn what_an_element_has_it_is_not() {
        for token in ["has-sidebar", "no-comments", "js-share", "footnote", "download", ""] {
            assert_eq!(names(token), [""; 0], "{token}");
        }
    }
}
