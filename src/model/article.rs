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
    /// The name of its site, as the document gives it.
    pub site_name: Option<String>,
    /// Without the name of its site.
    pub title: String,
    /// The title in the seed's spelling, if `title` differs from it.
    pub title_raw: Option<String>,
    /// The line of names as a reader sees it.
    pub author: Option<String>,
    /// Everybody whom it names, in order.
    pub authors: Vec<Author>,
    /// The date line of the body, in the publisher's words and time zone.
    pub dateline: Option<String>,
    /// Of its text.
    pub script: Script,
    /// Primary BCP 47 subtag; `None` if the text is too short to detect it.
    pub language: Option<Language>,
    /// When it was published, as given in it.
    pub published: Published,
    /// When the page was last changed, as it says itself.
    pub modified: Option<WrittenTime>,
    /// Whether its text is complete.
    pub status: Status,
    /// Why an unparsed document was rejected.
    pub status_detail: Option<PageLimit>,
    /// Its text, in the order of the page.
    pub blocks: Vec<Block>,
    /// Links, in the order of the page.
    pub links: Vec<Link>,
    /// Pictures and others, in the order of the page.
    pub media: Vec<Media>,
    /// Tags and categories, in the order of their naming.
    pub tags: Vec<Tag>,
    /// SHA-256 of the content blocks, NFKC, without white space and Cf, joined without separator; `None` only
    /// if the HTML was rejected.
    pub text_sha256: Option<Sha256>,
    /// The number of characters that `text_sha256` covers.
    pub text_length: u64,
}

/// One block of text, in document order; called a paragraph in rows and JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Block {
    /// What it is.
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
        /// The lead, separate from the text.
        Lead => "lead",
        /// A paragraph of the text.
        Paragraph => "paragraph",
        /// A heading inside the text.
        Heading => "heading",
        /// An item of a list, or a further paragraph of one.
        ListItem => "list_item",
        /// A block quotation.
        Quote => "quote",
        /// Text whose lines and blanks count, such as code.
        Preformatted => "preformatted",
        /// A row of a table.
        TableRow => "table_row",
        /// The caption of a picture.
        Caption => "caption",
        /// When and where it was published or written.
        Dateline => "dateline",
        /// Who wrote it.
        Byline => "byline",
        /// A credit: of a picture, a source or a translation.
        Credit => "credit",
        /// A reference to another article.
        Related => "related",
        /// Furniture of the site, the same in many articles: sharing, following, subscribing.
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
        /// In the text, to something that it mentions.
        Content => "content",
        /// To another article.
        Related => "related",
        /// To a service for sharing the article.
        Share => "share",
        /// To the publisher elsewhere.
        Follow => "follow",
        /// To an offer of the publisher.
        Promo => "promo",
        /// To a list of articles with a tag.
        Tag => "tag",
        /// To a place in the same page.
        Anchor => "anchor",
        /// To a mail address.
        Mail => "mail",
        /// To anything else.
        Other => "other",
    }
);

words!(
    /// The kind of a medium.
    MediaKind {
        /// A picture.
        Image => "image",
        /// A film.
        Video => "video",
        /// A recording.
        Audio => "audio",
        /// An embed of another site.
        Embed => "embed",
    }
);

words!(
    /// How complete an article is.
    Status {
        /// It has a text.
        Ok => "ok",
        /// Its text is cut off, or a teaser.
        Stub => "stub",
        /// It has no text.
        Empty => "empty",
        /// Its page exceeds a limit, see [`PageLimit`].
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
        /// Elements and texts.
        TooManyNodes => "too_many_nodes",
        /// Elements inside each other.
        TooDeep => "too_deep",
        /// Attributes of elements.
        TooManyAttributes => "too_many_attributes",
        /// Steps that parsing it takes.
        TooMuchWork => "too_much_work",
        /// Bytes of text that it results in.
        TooMuchOutput => "too_much_output",
        /// Only in rows of an older extractor, which had a time limit.
        Deadline => "deadline",
    }
);

words!(
    /// The script of the content text.
    Script {
        /// Simplified Chinese characters.
        Simplified => "Hans",
        /// Traditional Chinese characters.
        Traditional => "Hant",
        /// Some of both.
        Mixed => "mixed",
        /// No characters that differ between the two.
        Other => "other",
    }
);

words!(
    /// What differs between a revision and the one before it.
    Change {
        /// There is no earlier revision.
        First => "first",
        /// Only the text.
        Text => "text",
        /// Only the title.
        Title => "title",
        /// Both.
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
#[non_exhaustive]
pub struct Link {
    /// Index of the block that contains it; `None` outside any block.
    #[serde(rename = "paragraph")]
    pub block: Option<usize>,
    /// What it is for.
    pub kind: LinkKind,
    /// Absolute; equal to `href` if that cannot be resolved.
    pub url: String,
    /// As written.
    pub href: String,
    /// Its visible text, with white space folded.
    pub text: String,
    /// The canonical host of `url`, derived from it.
    #[serde(skip)]
    pub host: Option<String>,
    /// Whether `url` has the article's registrable domain.
    pub is_internal: bool,
    /// Stands for the canonical form of `url`, as for that of an article; `None` if no other article can be there.
    #[serde(skip)]
    pub address_key: Option<i64>,
}

/// A person or organisation that an article names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Author {
    /// In the article's spelling.
    pub name: String,
    /// Their contribution, if it is one of the roles.
    pub role: Option<AuthorRole>,
}

words!(
    /// A contribution to an article.
    AuthorRole {
        /// Wrote it.
        Author => "author",
        /// Reported for it.
        Reporter => "reporter",
        /// Took its pictures.
        Photographer => "photographer",
        /// Translated it.
        Translator => "translator",
        /// Edited it.
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
#[non_exhaustive]
pub struct Media {
    /// Index of the block that it is in or directly before; `None` at the end or without a block.
    #[serde(rename = "paragraph")]
    pub block: Option<usize>,
    /// What it is.
    pub kind: MediaKind,
    /// Absolute, with proxies unwrapped.
    pub url: String,
    /// As written.
    pub src: String,
    /// Its alternative text.
    pub alt: Option<String>,
    /// Its caption.
    pub caption: Option<String>,
    /// Its role in the article, if it has one.
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
#[non_exhaustive]
pub struct Tag {
    /// In the article's spelling.
    pub name: String,
    /// The kind that the article gives it.
    pub kind: TagKind,
}

words!(
    /// The kind of a tag, as the seed names it.
    TagKind {
        /// A tag.
        Tag => "tag",
        /// A category.
        Category => "category",
        /// The section of the site.
        Section => "section",
        /// A keyword, which may be invisible to readers.
        Keyword => "keyword",
    }
);
