//! What the class, id and role of an element say about the text inside it.

use super::dom::Element;

/// A set of hints; the constants are its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks(u32);

impl Marks {
    pub const HIDDEN: Self = Self(1);
    pub const SHARE: Self = Self(1 << 1);
    pub const RELATED: Self = Self(1 << 2);
    /// Readers' comments; a list of them holds no text of the article whatever its length.
    pub const COMMENT_LIST: Self = Self(1 << 3);
    pub const COMMENT: Self = Self(1 << 4);
    pub const PROMO: Self = Self(1 << 5);
    pub const COPYRIGHT: Self = Self(1 << 6);
    pub const BYLINE: Self = Self(1 << 7);
    pub const META: Self = Self(1 << 8);
    /// Beside the article: `aside`, `nav`, `footer`, `form`.
    pub const ASIDE: Self = Self(1 << 9);
    pub const CAPTION: Self = Self(1 << 10);
    pub const CREDIT: Self = Self(1 << 11);
    /// A picture with what belongs to it.
    pub const FIGURE: Self = Self(1 << 12);
    pub const TIME: Self = Self(1 << 13);
    pub const SMALL: Self = Self(1 << 14);
    pub const LEAD: Self = Self(1 << 15);
    /// A comment by the article's own author: in a written conversation, the article itself.
    pub const AUTHORED: Self = Self(1 << 16);
    /// A reader's comment, or a way to write one.
    pub const READER: Self = Self(1 << 17);

    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(u32::MAX);

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// The attributes that the walk asks for, read once: looking one up by its name costs more than
/// reading them all.
#[derive(Debug, Default)]
pub(super) struct Attributes<'a> {
    pub class: &'a str,
    pub id: &'a str,
    pub rel: &'a str,
    pub href: Option<&'a str>,
    pub cfemail: Option<&'a str>,
    pub align: &'a str,
    pub lang: Option<&'a str>,
    pub role: &'a str,
    /// Without white space, in lower case.
    pub style: String,
    is_hidden: bool,
    label: &'a str,
}

impl<'a> Attributes<'a> {
    pub fn of(element: &'a Element) -> Self {
        let mut found = Self::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => found.class = value,
                "id" => found.id = value,
                "rel" => found.rel = value,
                "href" => found.href = Some(value),
                "data-cfemail" => found.cfemail = Some(value),
                "align" => found.align = value,
                "lang" | "xml:lang" => found.lang = Some(value),
                "style" => {
                    let visible = value.chars().filter(|c| !c.is_whitespace());
                    found.style = visible.map(|c| c.to_ascii_lowercase()).collect();
                }
                "hidden" => found.is_hidden = true,
                "aria-hidden" => found.is_hidden |= value == "true",
                "role" => found.role = value,
                "aria-label" => found.label = value,
                _ => {}
            }
        }
        found
    }
}

/// The marks of one element.
pub(super) fn of(element: &Element, attributes: &Attributes<'_>) -> Marks {
    let mut marks = of_name(element.name());
    if attributes.is_hidden {
        marks = marks.with(Marks::HIDDEN);
    }
    if matches!(attributes.role, "navigation" | "complementary" | "search") {
        marks = marks.with(Marks::ASIDE);
    }
    if !attributes.label.is_empty() {
        marks = marks.with(of_label(attributes.label));
    }
    if attributes.rel.split_ascii_whitespace().any(|rel| rel == "author") {
        marks = marks.with(Marks::BYLINE);
    }
    if !attributes.style.is_empty() {
        marks = marks.with(of_style(&attributes.style));
    }
    for tokens in [attributes.class, attributes.id] {
        for token in tokens.split_ascii_whitespace() {
            marks = marks.with(match token.bytes().any(|byte| byte.is_ascii_uppercase()) {
                true => of_token(&token.to_ascii_lowercase()),
                false => of_token(token),
            });
        }
    }
    marks
}

fn of_name(name: &str) -> Marks {
    match name {
        "aside" | "nav" | "footer" | "form" | "button" => Marks::ASIDE,
        "figcaption" | "caption" => Marks::CAPTION,
        "figure" => Marks::FIGURE,
        "time" => Marks::TIME,
        "small" => Marks::SMALL,
        "address" => Marks::BYLINE,
        // Shown only where something else cannot be.
        "audio" | "video" | "canvas" | "title" | "datalist" | "noembed" | "noframes" => {
            Marks::HIDDEN
        }
        _ => Marks::NONE,
    }
}

fn of_label(label: &str) -> Marks {
    let label = label.trim().to_lowercase();
    match ["advertisement", "advert", "广告", "廣告", "promo"]
        .iter()
        .any(|ad| label.starts_with(ad))
    {
        true => Marks::PROMO,
        false => Marks::NONE,
    }
}

/// From a style without white space, in lower case.
fn of_style(style: &str) -> Marks {
    let mut marks = Marks::NONE;
    if style.contains("display:none") || style.contains("visibility:hidden") {
        marks = marks.with(Marks::HIDDEN);
    }
    // How captions without a class of their own are set.
    if style.contains("font-size:0.8em") || style.contains("font-size:small") {
        marks = marks.with(Marks::SMALL);
    }
    marks
}

/// The value of a property in such a style.
pub(super) fn style_value<'a>(style: &'a str, name: &str) -> Option<&'a str> {
    let mut properties = style.rsplit(';').filter_map(|property| property.split_once(':'));
    let (_, value) = properties.find(|&(property, _)| property == name)?;
    Some(value.split('!').next().unwrap_or(value))
}

/// A whole token, or a part of one between hyphens: never a piece of a word, as `shareholder`.
fn of_token(token: &str) -> Marks {
    let whole = match token {
        "comments" | "commentlist" | "comment-list" | "comments-area" | "comment-wrapper"
        | "disqus_thread" => Marks::COMMENT_LIST,
        "comment-by-node-author" | "bypostauthor" => Marks::COMMENT.with(Marks::AUTHORED),
        "respond" => Marks::COMMENT_LIST.with(Marks::READER),
        "comment-by-anonymous"
        | "comment-form"
        | "commentform"
        | "comment-reply"
        | "comment-reply-link"
        | "comment-respond"
        | "reply" => Marks::COMMENT.with(Marks::READER),
        "screen-reader-text" | "sr-only" | "visually-hidden" | "visuallyhidden"
        | "element-hidden" | "element-invisible" | "hidden" => Marks::HIDDEN,
        "service-links" | "social-links" | "social-media" | "jiathis_style" => Marks::SHARE,
        "wp-embedded-content" | "read-more" | "see-also" | "more-link" => Marks::RELATED,
        "wp-caption" | "image-inline" | "field-type-image" | "file-image" => Marks::FIGURE,
        "wp-caption-text" | "photo-caption" => Marks::CAPTION,
        "cat-links" | "post-tags" | "tag-links" | "tags-links" | "word-count" | "posted-on"
        | "sd-like" | "breadcrumbs" | "post-navigation" => Marks::META,
        "description" | "standfirst" | "lead" | "lede" | "dek" => Marks::LEAD,
        _ => Marks::NONE,
    };
    // What an article is about, or what is hidden of a field (its label), not what the element is
    // for.
    let is_topic = ["tag-", "category-", "topic-", "overflow-", "field-label-"]
        .iter()
        .any(|prefix| token.starts_with(prefix));
    if whole != Marks::NONE || is_topic {
        return whole;
    }
    if ["image-source", "photo-source", "picture-source"].iter().any(|part| token.contains(part)) {
        return Marks::CREDIT;
    }
    token.split(['-', '_']).map(of_part).fold(Marks::NONE, Marks::with)
}

fn of_part(part: &str) -> Marks {
    match part {
        "share" | "sharing" | "addtoany" | "a2a" | "sharedaddy" | "bdsharebuttonbox" => {
            Marks::SHARE
        }
        "related" | "relatedposts" | "recommended" | "recommendations" => Marks::RELATED,
        "comment" | "comments" => Marks::COMMENT,
        "promo" | "selfpromo" | "newsletter" | "advert" | "advertisement" | "ads"
        | "adsbygoogle" | "sponsored" | "subscribe" => Marks::PROMO,
        "copyright" => Marks::COPYRIGHT,
        "byline" | "author" => Marks::BYLINE,
        "meta" | "submitted" | "breadcrumb" | "pager" | "pagination" => Marks::META,
        "hidden" | "invisible" => Marks::HIDDEN,
        "caption" | "figcaption" => Marks::CAPTION,
        "credit" => Marks::CREDIT,
        "figure" => Marks::FIGURE,
        "description" => Marks::LEAD,
        _ => Marks::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(token: &str, marks: Marks) {
        assert_eq!(of_token(token), marks, "{token}");
    }

    #[test]
    fn tokens() {
        check("addtoany_share_save_container", Marks::SHARE);
        check("tag-censorship", Marks::NONE);
        check("tag-share", Marks::NONE);
        check("shareholder", Marks::NONE);
        check("overflow-hidden", Marks::NONE);
        check("field-label-hidden", Marks::NONE);
        check("element-hidden", Marks::HIDDEN);
        check("comment-by-node-author", Marks::COMMENT.with(Marks::AUTHORED));
        check("comment-by-anonymous", Marks::COMMENT.with(Marks::READER));
        check("comments", Marks::COMMENT_LIST);
        check("jp-relatedposts", Marks::RELATED);
        check("field-name-field-image-source", Marks::CREDIT);
        check("t-copyright", Marks::COPYRIGHT);
        check("blog-post__description", Marks::LEAD);
        check("entry-content", Marks::NONE);
    }
}
