//! Marks: hints about the text inside an element from its class, id and role.

pub(super) mod copies;
pub(super) mod look;
pub(super) mod names;
pub(super) mod notes;
pub(super) mod parts;
pub(super) mod set;

pub(in crate::extract) use self::set::Marks;
use crate::extract::dom::{Element, Node, NodeRef};

/// The attributes that the walk needs, read once: looking each up by name costs more than reading them all.
#[derive(Debug, Default)]
pub(in crate::extract) struct Attributes<'a> {
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
    /// Hidden from screen readers.
    pub is_aria_hidden: bool,
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
                // Text that a search in the page finds is only collapsed.
                "hidden" => found.is_hidden |= !value.eq_ignore_ascii_case("until-found"),
                "aria-hidden" => found.is_aria_hidden = value == "true",
                "role" => found.role = value,
                "aria-label" => found.label = value,
                _ => {}
            }
        }
        found
    }
}

/// The marks of one element.
pub(in crate::extract) fn of(
    node: NodeRef<'_>,
    element: &Element,
    attributes: &Attributes<'_>,
) -> Marks {
    let mut marks = of_name(element.name());
    if element.name() == "aside" && is_of_the_text(element, attributes) {
        marks = marks.without(Marks::ASIDE);
    }
    // For a caption, the picture's own description is read aloud.
    let is_unread = attributes.is_aria_hidden && element.name() != "figcaption";
    if (attributes.is_hidden && !waits_for_its_place(attributes.id)) || is_unread {
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
    marks.certain().with(named(node, element, attributes))
}

/// Whether an element is hidden only until a script moves it to its place: `S:` and a number, as React
/// streams the parts of a page.
fn waits_for_its_place(id: &str) -> bool {
    let number = id.strip_prefix("S:").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The marks from the names of an element.
fn named(node: NodeRef<'_>, element: &Element, attributes: &Attributes<'_>) -> Marks {
    let of = |names: &str| {
        names.split_ascii_whitespace().map(names::marks_of).fold(Marks::NONE, Marks::with)
    };
    let mut marks = of(attributes.class);
    if marks.has(Marks::HIDDEN) && names::is_shown_again(attributes.class) {
        marks = marks.without(Marks::HIDDEN.with(Marks::SPOKEN));
    }
    if attributes.id.is_empty() {
        return marks;
    }
    let by_id = of(attributes.id);
    if by_id == Marks::NONE {
        return marks;
    }
    // The id of a heading, and of the section below it, repeats the heading's words (`id=credit`).
    let is_named_after_itself =
        is_heading(element.name()) || is_named_after_heading(node, attributes.id);
    marks.with(if is_named_after_itself { by_id.and(Marks::COMMENT_LIST) } else { by_id })
}

fn is_heading(name: &str) -> bool {
    matches!(name.as_bytes(), [b'h', b'1'..=b'6'])
}

/// Whether an element begins with a heading whose words are its `id`.
fn is_named_after_heading(node: NodeRef<'_>, id: &str) -> bool {
    const NODES: usize = 8;
    let is_it = |inner: &NodeRef<'_>| inner.element().is_some_and(|e| is_heading(e.name()));
    let Some(heading) = node.descendants().take(NODES).find(is_it) else {
        return false;
    };
    let words = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let texts = heading.descendants().take(NODES).filter_map(|inner| match inner.node() {
        Node::Text(text) => Some(words(text)),
        _ => None,
    });
    texts.collect::<String>() == words(id)
}

/// Whether an element beside the text belongs to it: notes, quotations, hints.
fn is_of_the_text(element: &Element, attributes: &Attributes<'_>) -> bool {
    let names = attributes.class.split_ascii_whitespace();
    let mut names =
        names.chain(element.attr("epub:type").into_iter().flat_map(str::split_whitespace));
    let is_it = |name: &str| {
        matches!(
            name,
            "footnote"
                | "footnote-list"
                | "footnotes"
                | "endnote"
                | "rearnote"
                | "quote"
                | "pullquote"
                | "pull-quote"
                | "admonition"
                | "callout"
                | "starlight-aside"
        )
    };
    attributes.role.starts_with("doc-") || names.any(is_it)
}

fn of_name(name: &str) -> Marks {
    match name {
        "aside" | "nav" | "footer" | "form" | "button" => Marks::ASIDE,
        "figcaption" | "caption" => Marks::CAPTION,
        "figure" => Marks::FIGURE,
        "time" => Marks::TIME,
        "small" => Marks::SMALL,
        "address" => Marks::BYLINE,
        // Fallback content.
        "audio" | "video" | "canvas" | "title" | "datalist" | "noembed" | "noframes" => {
            Marks::HIDDEN
        }
        _ => Marks::NONE,
    }
}

/// A label that consists only of the usual words for advertisements.
fn of_label(label: &str) -> Marks {
    let label = label.trim().to_lowercase();
    let first = label.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let names_ads = matches!(first, "advertisement" | "advertisements" | "advert")
        || matches!(label.as_str(), "ad" | "ads" | "advertising" | "promo" | "promotion");
    if names_ads || matches!(first, "广告" | "廣告") { Marks::PROMO } else { Marks::NONE }
}

/// From a style without white space, in lower case.
fn of_style(style: &str) -> Marks {
    let mut marks = Marks::NONE;
    if style.contains("display:none") || style.contains("visibility:hidden") {
        marks = marks.with(Marks::HIDDEN);
    }
    // The style of captions without a class of their own.
    if style.contains("font-size:0.8em") || style.contains("font-size:small") {
        marks = marks.with(Marks::SMALL);
    }
    marks
}

/// The value of a property in such a style.
pub(in crate::extract) fn style_value<'a>(style: &'a str, name: &str) -> Option<&'a str> {
    let mut properties = style.rsplit(';').filter_map(|property| property.split_once(':'));
    let (_, value) = properties.find(|&(property, _)| property == name)?;
    Some(value.split('!').next().unwrap_or(value))
}
