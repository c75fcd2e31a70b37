//! The names that other programs give to the parts of an article, as fields, columns or elements: in lower
//! case, without separators of words.

/// Names of its text.
const TEXT_NAMES: [&str; 33] = [
    "html",
    "htmlcontent",
    "htmlbody",
    "bodyhtml",
    "contenthtml",
    "articlehtml",
    "pagehtml",
    "rawhtml",
    "sourcehtml",
    "texthtml",
    "content",
    "contents",
    "contenttext",
    "rawcontent",
    "maincontent",
    "body",
    "bodytext",
    "text",
    "texts",
    "fulltext",
    "rawtext",
    "cleantext",
    "cleanedtext",
    "maintext",
    "articletext",
    "articlebody",
    "article",
    "story",
    "markdown",
    "paragraphs",
    "正文",
    "内容",
    "內容",
];
/// Names of its address or its title.
const PLACE_NAMES: [&str; 17] = [
    "url",
    "sourceurl",
    "canonicalurl",
    "originalurl",
    "articleurl",
    "pageurl",
    "link",
    "permalink",
    "href",
    "uri",
    "title",
    "articletitle",
    "headline",
    "标题",
    "標題",
    "链接",
    "鏈接",
];

/// Longer names (in bytes) are none of these.
const LONGEST_NAME: usize = 40;
/// How many names are checked in a text that cannot be parsed.
const MOST_NAMES: usize = 10_000;

pub(super) fn is_text(plain: &str) -> bool {
    TEXT_NAMES.contains(&plain)
}

pub(super) fn is_place(plain: &str) -> bool {
    PLACE_NAMES.contains(&plain)
}

/// Whether a name, as it is spelled, is that of a text.
pub(in crate::format) fn is_text_name(name: &str) -> bool {
    is_text(&plain(name))
}

/// A name in lower case, without separators of words.
pub(super) fn plain(name: &str) -> String {
    if name.len() > LONGEST_NAME {
        return String::new();
    }
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | ':' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}

/// Which kinds of names were found.
#[derive(Default)]
pub(super) struct Names {
    has_text: bool,
    has_place: bool,
}

impl Names {
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for name in names.take(MOST_NAMES).map(plain) {
            found.has_text |= is_text(&name);
            found.has_place |= is_place(&name);
        }
        found
    }

    /// Whether there are names for the text of an article, and for its title or address.
    pub fn are_of_article(&self) -> bool {
        self.has_text && self.has_place
    }
}
