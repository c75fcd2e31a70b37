//! Names of classes and ids, and the mark that each gives to its element.
//!
//! A name counts as a whole, or if all its other words only name a part of a page (`article-share-buttons`,
//! `post__byline`). With any other word, it describes the topic of the text: `credit-card`, `share-price`.

use super::set::Marks;

/// How a name or one of its words counts.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    /// Only as a whole name.
    Whole,
    /// Also among neutral words.
    Word,
    /// Whatever follows it: names of services, which are not words.
    Service,
    /// Neutral: a part of a page, of any kind.
    Part,
    /// The content of the page: neutral before a name that counts (`article-share`), and after one that
    /// refers to other contents (`related-articles`).
    Thing,
}

/// Names separated by blanks.
type Group = (Use, Marks, &'static str);

/// All known names. A word is written in lower case, with `-` for `_` too.
const GROUPS: &[Group] = &[
    (
        Use::Whole,
        Marks::HIDDEN,
        "hidden invisible is-hidden u-hidden tw-hidden d-none element-hidden uk-hidden",
    ),
    (
        Use::Whole,
        Marks::HIDDEN.with(Marks::SPOKEN),
        "screen-reader-text screen-reader-only screen-reader screenreader screenreader-only \
         sr-only sr-text u-sr-only usa-sr-only sr-only-focusable show-for-sr visually-hidden \
         visuallyhidden is-visually-hidden u-visually-hidden hidden-visually hide-visually \
         hiddenvisually u-hiddenvisually visually-hidden-focusable cdk-visually-hidden \
         govuk-visually-hidden nhsuk-u-visually-hidden element-invisible u-element-invisible \
         p-hidden-accessible ui-helper-hidden-accessible slds-assistive-text assistive-text \
         a11y-only a-offscreen offscreen off-screen vh",
    ),
    (
        Use::Service,
        Marks::SHARE,
        "addtoany a2a sharedaddy sharethis shareaholic addthis bshare bdshare \
         bdsharebuttonbox jiathis ssba",
    ),
    (
        Use::Word,
        Marks::SHARE,
        "share sharing sharebar sharebox sharebutton sharebuttons sharelinks sharetools \
         socialshare socialsharing",
    ),
    (
        Use::Whole,
        Marks::SHARE,
        "service-links social-links social-media social-icons social-buttons social-bar \
         socials",
    ),
    (Use::Service, Marks::RELATED, "outbrain taboola yarpp"),
    (
        Use::Word,
        Marks::RELATED,
        "related relatedposts relatedarticles relatedstories relatednews relatedlinks \
         recommended recommendations",
    ),
    (
        Use::Whole,
        Marks::RELATED,
        "wp-embedded-content read-more readmore see-also more-link more-stories \
         you-may-also-like read-next",
    ),
    (Use::Service, Marks::COMMENT_LIST, "disqus dsq livefyre gitalk utterances"),
    (
        Use::Whole,
        Marks::COMMENT_LIST,
        "comments commentlist comment-list comments-list comments-area comment-wrapper \
         comments-wrapper",
    ),
    (Use::Whole, Marks::COMMENT_LIST.with(Marks::READER), "respond"),
    (Use::Whole, Marks::COMMENT.with(Marks::AUTHORED), "comment-by-node-author bypostauthor"),
    (
        Use::Whole,
        Marks::COMMENT.with(Marks::READER),
        "comment-by-anonymous comment-form commentform comment-reply comment-reply-link \
         comment-respond reply",
    ),
    (Use::Word, Marks::COMMENT, "comment comments"),
    (Use::Service, Marks::PROMO, "adsbygoogle mc4wp dfp"),
    (
        Use::Word,
        Marks::PROMO,
        "promo selfpromo newsletter advert adverts advertisement advertisements advertising \
         ads sponsored subscribe",
    ),
    (Use::Word, Marks::COPYRIGHT, "copyright"),
    (Use::Word, Marks::BYLINE, "byline author"),
    (Use::Word, Marks::META, "meta submitted breadcrumb pager pagination"),
    (
        Use::Whole,
        Marks::META,
        "cat-links post-tags entry-tags article-tags tag-links tags-links word-count \
         posted-on sd-like breadcrumbs post-navigation",
    ),
    (Use::Word, Marks::CAPTION, "caption figcaption"),
    (
        Use::Whole,
        Marks::CAPTION,
        "wp-caption-text wp-caption-dd photo-caption picture-caption tr-caption thumbcaption \
         gallerytext imgcaption img-desc image-desc photo-desc pic-desc img-description \
         image-description photo-description",
    ),
    (Use::Word, Marks::CREDIT, "credit"),
    (
        Use::Whole,
        Marks::CREDIT,
        "image-source photo-source picture-source field-name-field-image-source \
         field-name-field-photo-source views-field-field-common-system-credit credits \
         photo-credits image-credits",
    ),
    (Use::Word, Marks::FIGURE, "figure"),
    (
        Use::Whole,
        Marks::FIGURE,
        "wp-caption image-inline field-type-image field--type-image file-image thumbinner \
         tr-caption-container",
    ),
    (Use::Whole, Marks::LEAD, "standfirst lead lede dek"),
    (Use::Word, Marks::LEAD, "description"),
    (Use::Whole, Marks::TITLE, "title post-title entry-title article-title headline"),
    // Boxes.
    (
        Use::Part,
        Marks::NONE,
        "area bar block blocks body bottom box col column component container content element \
         field fields footer group header hero holder id inner item items layer left list \
         main module nav node outer panel region right row section side sidebar single slot \
         text top type unit view views widget widgets wrap wrapper before after start end \
         toolbar tools bio info name names label title heading headline header html display \
         data",
    ),
    // Their contents.
    (
        Use::Part,
        Marks::NONE,
        "add arrow attachment avatar avatars banner button buttons btn copy count current \
         date first form icon icons input kit last link links next notice permalink prev \
         previous save signup time url user enabled forbidden",
    ),
    // Their looks.
    (
        Use::Part,
        Marks::NONE,
        "desktop mobile floating sticky horizontal vertical inline large small medium regular \
         primary secondary",
    ),
    // Their makers.
    (
        Use::Part,
        Marks::NONE,
        "c o m l t u g js jp sd td tdb ui uiscale wp rdf aesop elementor et pb fl mw ssrcss",
    ),
    // Their targets.
    (
        Use::Part,
        Marks::NONE,
        "email facebook linkedin pinterest print reddit social telegram tumblr twitter wechat \
         weibo whatsapp",
    ),
    (
        Use::Thing,
        Marks::NONE,
        "article articles blog entry gallery image images img media news page photo photos \
         picture post posts pullquote reading reads series slide stories story topics video \
         videos",
    ),
];

const SLOTS: usize = 1 << 11;

/// The place of a name: its group, its offset, and its length; 0 bytes for an empty slot.
#[derive(Clone, Copy)]
struct Place {
    group: u8,
    start: u16,
    length: u8,
}

/// By hash of the name, or in the slots after that.
static TABLE: [Place; SLOTS] = table();

const fn table() -> [Place; SLOTS] {
    let mut table = [Place { group: 0, start: 0, length: 0 }; SLOTS];
    let (mut group, mut count) = (0, 0);
    while group < GROUPS.len() {
        let names = GROUPS[group].2.as_bytes();
        let mut start = 0;
        while start < names.len() {
            let mut end = start;
            while end < names.len() && names[end] != b' ' {
                end += 1;
            }
            let (_, from) = names.split_at(start);
            let (name, _) = from.split_at(end - start);
            let mut slot = hash(name);
            while table[slot].length > 0 {
                slot = (slot + 1) % SLOTS;
            }
            table[slot] =
                Place { group: group as u8, start: start as u16, length: (end - start) as u8 };
            count += 1;
            start = end + 1;
        }
        group += 1;
    }
    assert!(count * 4 < SLOTS);
    table
}

/// In lower case, `-` for `_`.
const fn plain(byte: u8) -> u8 {
    match byte {
        b'_' => b'-',
        _ => byte.to_ascii_lowercase(),
    }
}

/// The hash of a name that is not empty, from its length and four of its bytes.
const fn hash(name: &[u8]) -> usize {
    let length = name.len();
    let bytes = [name[0], name[length / 3], name[length * 2 / 3], name[length - 1]];
    let mut hash = length as u32;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ plain(bytes[at]) as u32).wrapping_mul(0x9e37_79b1).rotate_left(9);
        at += 1;
    }
    hash as usize % SLOTS
}

/// The groups that contain a name.
fn groups_of(name: &[u8]) -> impl Iterator<Item = &'static Group> {
    let mut slot = if name.is_empty() { 0 } else { hash(name) };
    let places = std::iter::from_fn(move || {
        let place = TABLE[slot];
        slot = (slot + 1) % SLOTS;
        (place.length > 0).then_some(place)
    });
    let is_it = move |place: &Place| {
        let (start, length) = (usize::from(place.start), usize::from(place.length));
        let known = &GROUPS[usize::from(place.group)].2.as_bytes()[start..start + length];
        known.len() == name.len()
            && name.iter().zip(known).all(|(&one, &other)| plain(one) == other)
    };
    places.filter(is_it).map(|place| &GROUPS[usize::from(place.group)])
}

/// The marks of a name, one token of a `class` or `id`.
pub(in crate::extract) fn marks_of(token: &str) -> Marks {
    // By bytes: constructing a substring searcher costs more than scanning the few bytes of a name.
    let mut name = token.as_bytes();
    let has_parts = name.iter().any(|byte| matches!(byte, b'-' | b'_'));
    if has_parts {
        // A suffix of styled-components.
        let added = name.windows(4).position(|four| four == b"-sc-");
        name = &name[..added.unwrap_or(name.len())];
    }
    let whole =
        groups_of(name).find(|group| matches!(group.0, Use::Whole | Use::Word | Use::Service));
    if let Some(&(_, marks, _)) = whole {
        return marks;
    }
    if !has_parts {
        return Marks::NONE;
    }
    // A part of something (`post__byline`), and what it is a part of.
    match name.windows(2).rposition(|two| two == b"__") {
        Some(at) => by_words(&name[..at]).with(by_words(&name[at + 2..])),
        None => by_words(name),
    }
}

/// The marks of the words in a name, if all of them are known.
fn by_words(name: &[u8]) -> Marks {
    let mut marks = Marks::NONE;
    let mut is_thing_behind = false;
    // Components of a script: their names contain something that makes them unique (`Figure-a1`).
    let is_component = name.first().is_some_and(u8::is_ascii_uppercase);
    for word in name.split(|byte| matches!(byte, b'-' | b'_')).filter(|word| !word.is_empty()) {
        if word.iter().all(u8::is_ascii_digit)
            || (is_component && word.iter().any(u8::is_ascii_digit))
        {
            continue;
        }
        let mut known = groups_of(word).filter(|group| group.0 != Use::Whole);
        let Some(&(used, says, _)) = known.next() else {
            return Marks::NONE;
        };
        match used {
            Use::Service => return marks.with(says),
            Use::Thing => is_thing_behind |= marks != Marks::NONE,
            _ => marks = marks.with(says),
        }
    }
    if is_thing_behind && !marks.has(Marks::RELATED) { Marks::NONE } else { marks }
}

/// Whether a class shows on some screens what another class of the element hides (`hidden md:block`).
pub(in crate::extract) fn is_shown_again(classes: &str) -> bool {
    classes.split_ascii_whitespace().any(shows)
}

fn shows(class: &str) -> bool {
    if let Some((variant, utility)) = class.rsplit_once(':') {
        let utility = utility.trim_matches('!');
        let utility = utility.strip_prefix("tw-").unwrap_or(utility);
        return is_screen(variant) && is_display(utility);
    }
    let class = class.strip_prefix("u-").unwrap_or(class);
    let behind = |start: &str| class.strip_prefix(start);
    // Bootstrap's `d-md-block` and `visible-lg-inline`, Foundation's `show-for-medium`.
    let of_size = behind("d-").or_else(|| behind("visible-"));
    of_size.is_some_and(|rest| {
        let (size, display) = rest.split_once('-').unwrap_or((rest, "block"));
        matches!(size, "xs" | "sm" | "md" | "lg" | "xl" | "xxl") && is_display(display)
    }) || behind("show-for-").is_some_and(|size| !matches!(size, "sr" | "print"))
        || behind("show-on-").is_some()
        || matches!(class, "visible" | "is-visible" | "show")
}

/// Whether a variant of Tailwind is a kind of screen, and not an action of the reader.
fn is_screen(variants: &str) -> bool {
    variants.split(':').all(|variant| {
        let done = ["hover", "focus", "active", "group", "peer", "print", "aria-", "data-", "has-"];
        !done.iter().any(|start| variant.starts_with(start))
    })
}

fn is_display(value: &str) -> bool {
    let value = value.strip_prefix("inline-").unwrap_or(value);
    matches!(
        value,
        "block"
            | "flex"
            | "grid"
            | "inline"
            | "table"
            | "contents"
            | "flow-root"
            | "list-item"
            | "visible"
            | "not-sr-only"
            | "unset"
            | "initial"
            | "revert"
    ) || value.starts_with("table-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tokens: &str, marks: Marks) {
        for token in tokens.split(' ') {
            assert_eq!(marks_of(token), marks, "{token}");
        }
    }

    #[test]
    fn known_names() {
        check("addtoany_share_save_container a2a_kit a2a_button_copy_link", Marks::SHARE);
        check("sharedaddy sd-sharing jiathis_style share-twitter", Marks::SHARE);
        check("article-share-buttons c-share social-share Share_bar", Marks::SHARE);
        check("post__share share-bar__link", Marks::SHARE);
        check("jp-relatedposts jp-relatedposts-headline related-posts", Marks::RELATED);
        check("block-views-articles-related-block-2 recommended-stories", Marks::RELATED);
        check("view-id-articles_related related__item yarpp-related", Marks::RELATED);
        check("comments disqus_thread commentlist comment_list", Marks::COMMENT_LIST);
        check("comment comment-12 field-name-comment-body comment-text", Marks::COMMENT);
        check("comment-by-node-author", Marks::COMMENT.with(Marks::AUTHORED));
        check("comment-by-anonymous reply", Marks::COMMENT.with(Marks::READER));
        check("newsletter-signup article-promo ads subscribe-form", Marks::PROMO);
        check("t-copyright copyright-notice Copyright-sc-1alqtw-0 Copyright-b2", Marks::COPYRIGHT);
        check("byline post__byline Byline_byline__3fX9a author-name", Marks::BYLINE);
        check("entry-author-wrapper article-author author", Marks::BYLINE);
        check("entry-meta entry-meta__text pager-item breadcrumbs", Marks::META);
        check("image-caption wp-caption-text caption-attachment-7", Marks::CAPTION);
        check("aesop-image-component-caption-left uiscale-caption--regular", Marks::CAPTION);
        check("photo-credit field-name-field-image-source img_credit", Marks::CREDIT);
        check("wp-caption field-type-image field--type-image Figure-a1", Marks::FIGURE);
        check("blog-post__description standfirst", Marks::LEAD);
        check("tr-caption thumbcaption image-description", Marks::CAPTION);
        check("hidden d-none", Marks::HIDDEN);
        check("sr-only element-invisible a-offscreen", Marks::HIDDEN.with(Marks::SPOKEN));
    }

    /// The topic of a text, the look of a label, something hidden for some readers.
    #[test]
    fn a_word_inside_a_name_says_nothing() {
        check(
            "credit-card credit-card-review credit-union author-interview \
             author-story share-price share-house shareholder comment-on-law \
             comment-culture promo-film promo-video newsletter-archive \
             hidden-villages related-party copyright-law meta-analysis \
             caption-contest description-of-egypt ads-policy recommended-dose \
             sponsored-walk subscribe-to-nothing figure-skating byline-times \
             tag-censorship tag-share category-comments topic-related \
             overflow-hidden field-label-hidden field--label-hidden hidden-xs \
             md:hidden no-comments has-caption comments-closed without-share \
             graf-after--figure entry-content comment-g20 share-3d widget post-12 - __",
            Marks::NONE,
        );
    }

    #[test]
    fn classes_that_show_again() {
        let shown = "hidden md:block, sm:flex, hidden lg:inline-flex, lg:visible, \
             sr-only sm:not-sr-only, d-none d-md-block, d-none d-lg-table-cell, md:tw-block, \
             hidden visible-lg, hidden visible-md-inline-block, hidden max-md:block, \
             hidden min-[600px]:grid, hidden dark:block, hidden md:dark:block, \
             hidden md:!block, hide show-for-medium, invisible visible, hidden md:table-row";
        for classes in shown.split(", ") {
            assert!(is_shown_again(classes), "{classes}");
        }
        let hidden = "hidden, hidden block, hidden md:hidden, md:hidden, d-none d-md-none, \
             sr-only focus:not-sr-only, hidden print:block, d-none d-print-block, \
             hidden group-hover:block, hidden sm:p-4, sr-only show-for-sr, \
             hidden md:blockquote, d-none d-sm-none, hidden peer-checked:flex";
        for classes in hidden.split(", ") {
            assert!(!is_shown_again(classes), "{classes}");
        }
    }
}
