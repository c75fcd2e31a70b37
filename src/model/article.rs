//! An article derived from a seed: its blocks, links, media, authors and tags.

use super::{Language, Published, Sha256, WrittenTime, words};
use serde::{Deserialize, Serialize};

/// An article derived from a seed: the values of its rows, and the keys of sameness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// As written in the seed; `None` without a usable address.
    pub url: Option<String>,
    /// See `extract::canonical_url`; `urn:sha256:…` of the bytes if there is no usable address.
    pub canonical_url: String,
    /// The canonical host (ASCII, no `www.`/`m.`); `None` without a usable address.
    pub host: Option<String>,
    pub title: String,
    /// The title in the seed's spelling, if `title` differs from it.
    pub title_raw: Option<String>,
    /// The line of names as a reader sees it.
    pub author: Option<String>,
    /// Everybody whom it names, in order.
    pub authors: Vec<Author>,
    /// The date line of the body, in the publisher's words and time zone.
    pub dateline: Option<String>,
    pub script: Script,
    /// Primary BCP 47 subtag; `None` if the text is too short to detect it.
    pub language: Option<Language>,
    pub published: Published,
    /// When the page was last changed, as it says itself.
    pub modified: Option<WrittenTime>,
    pub status: Status,
    /// Why an unparsed document was rejected.
    pub status_detail: Option<PageLimit>,
    pub blocks: Vec<Block>,
    pub links: Vec<Link>,
    pub media: Vec<Media>,
    pub tags: Vec<Tag>,
    /// SHA-256 of the content blocks, NFKC, without white space and Cf, joined without separator; `None` only
    /// if the HTML was rejected.
    pub text_sha256: Option<Sha256>,
    /// The number of characters that `text_sha256` covers.
    pub text_length: u64,
}

/// One block of text, in document order; called a paragraph in rows and JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    pub kind: BlockKind,
    /// Heading level 1–6, list or quote depth from 1; `None` elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// The number or letter of an item in an ordered list, `3.` or `a)`, at its first block; in a quotation,
    /// [`Block::BULLET`] for an item of an unordered list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// White space folded; a line break inside the block is `\n`.
    pub text: String,
}

impl Block {
    /// The marker of an item without a number, where the kind of its block does not show that it is an item.
    pub const BULLET: &str = "•";
}

words!(
    /// The kind of a block. The first seven are the article's content.
    BlockKind {
        Lead => "lead",
        Paragraph => "paragraph",
        Heading => "heading",
        ListItem => "list_item",
        Quote => "quote",
        Preformatted => "preformatted",
        TableRow => "table_row",
        Caption => "caption",
        Dateline => "dateline",
        Byline => "byline",
        Credit => "credit",
        Related => "related",
        Boilerplate => "boilerplate",
    }
);

impl BlockKind {
    /// Whether blocks of this kind are the article's own text.
    pub fn is_content(self) -> bool {
        matches!(
            self,
            Self::Lead
                | Self::Paragraph
                | Self::Heading
                | Self::ListItem
                | Self::Quote
                | Self::Preformatted
                | Self::TableRow
        )
    }
}

words!(
    /// The purpose of a link.
    LinkKind {
        Content => "content",
        Related => "related",
        Share => "share",
        Follow => "follow",
        Promo => "promo",
        Tag => "tag",
        Anchor => "anchor",
        Mail => "mail",
        Other => "other",
    }
);

words!(
    /// The kind of a medium.
    MediaKind {
        Image => "image",
        Video => "video",
        Audio => "audio",
        Embed => "embed",
    }
);

words!(
    /// How complete an article is.
    Status {
        Ok => "ok",
        Stub => "stub",
        Empty => "empty",
        Unparsed => "unparsed",
    }
);

impl Status {
    /// Greater is more complete: a stub never hides a full text.
    pub fn rank(self) -> u8 {
        match self {
            Self::Ok => 3,
            Self::Stub => 2,
            Self::Empty => 1,
            Self::Unparsed => 0,
        }
    }
}

words!(
    /// The limit that a page exceeded; `docs/limits.md` lists them all.
    PageLimit {
        TooManyNodes => "too_many_nodes",
        TooDeep => "too_deep",
        TooManyAttributes => "too_many_attributes",
        TooMuchWork => "too_much_work",
        TooMuchOutput => "too_much_output",
        /// Only in rows of an older extractor, which had a time limit.
        Deadline => "deadline",
    }
);

words!(
    /// The script of the content text.
    Script {
        Simplified => "Hans",
        Traditional => "Hant",
        Mixed => "mixed",
        Other => "other",
    }
);

words!(
    /// What differs between a revision and the one before it.
    Change {
        /// There is no earlier revision.
        First => "first",
        Text => "text",
        Title => "title",
        TextAndTitle => "text+title",
    }
);

impl Change {
    /// Whether the title changed.
    pub fn is_of_title(self) -> bool {
        matches!(self, Self::Title | Self::TextAndTitle)
    }
}

/// One link, in document order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Index of the block that contains it; `None` outside any block.
    #[serde(rename = "paragraph")]
    pub block: Option<usize>,
    pub kind: LinkKind,
    /// Absolute; equal to `href` if that cannot be resolved.
    pub url: String,
    /// As written.
    pub href: String,
    pub text: String,
    /// The canonical host of `url`, derived from it.
    #[serde(skip)]
    pub host: Option<String>,
    /// Whether `url` has the article's registrable domain.
    pub is_internal: bool,
}

/// A person or organisation that an article names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub name: String,
    /// Their contribution, if it is one of the roles.
    pub role: Option<AuthorRole>,
}

words!(
    /// A contribution to an article.
    AuthorRole {
        Author => "author",
        Reporter => "reporter",
        Photographer => "photographer",
        Translator => "translator",
        Editor => "editor",
    }
);

impl Author {
    /// Whether they wrote it themselves.
    pub fn has_written(&self) -> bool {
        matches!(self.role, Some(AuthorRole::Author | AuthorRole::Reporter))
    }
}

/// One image, video, audio or embed, in document order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Index of the block that it is in or directly before; `None` at the end or without a block.
    #[serde(rename = "paragraph")]
    pub block: Option<usize>,
    pub kind: MediaKind,
    /// Absolute, with proxies unwrapped.
    pub url: String,
    /// As written.
    pub src: String,
    pub alt: Option<String>,
    pub caption: Option<String>,
    #[serde(default)]
    pub role: Option<MediaRole>,
}

words!(
    /// The role of a medium in its article.
    MediaRole {
        /// The picture that represents the page.
        Lead => "lead",
    }
);

/// A tag or category of the seed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tag {
    pub name: String,
    pub kind: TagKind,
}

words!(
    /// The kind of a tag, as the seed names it.
    TagKind {
        Tag => "tag",
        Category => "category",
        /// The section of the site.
        Section => "section",
        Keyword => "keyword",
    }
);
