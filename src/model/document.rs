//! A document on its way into the archive: its bytes and place, its parsed fields, and why it was rejected.

use super::{Article, Language, Place, Published, Sha256, Tag, Timestamp, hex, unhex, words};
use std::fmt;

/// Bytes that were read completely, and where they were read.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where.
    pub origin: Origin,
    /// All of them.
    pub bytes: Vec<u8>,
    /// The hash of an earlier document with the same bytes: these are not repeated, and `bytes` is empty.
    pub same_as: Option<Sha256>,
}

/// One place, and its state when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Where.
    pub place: Place,
    /// Size in bytes.
    pub byte_length: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified_ns: Option<i64>,
    /// The earliest evidence that the bytes existed; `None` if the time is not believable.
    pub observed_at: Option<Timestamp>,
    /// Whether the modification time was long enough before the reading that an equal state later proves
    /// equal bytes.
    pub is_settled: bool,
    /// git's id of the bytes, for a file in a repository.
    pub object_id: Option<ObjectId>,
}

impl Origin {
    /// An origin of which only the place is known.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            byte_length: 0,
            modified_ns: None,
            observed_at: None,
            is_settled: false,
            object_id: None,
        }
    }
}

/// git's id of an object: the SHA-1 (20 bytes) or SHA-256 (32) of its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(Vec<u8>);

impl ObjectId {
    /// From full hexadecimal, as git writes it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(unhex(text)?)
    }

    /// From its 20 or 32 bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        matches!(bytes.len(), 20 | 32).then_some(Self(bytes))
    }

    /// Its 20 or 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A container that was read to its end without refusals: in this state it need not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadContainer {
    /// Where it is, and its state.
    pub origin: Origin,
    /// The number of files that it counted for.
    pub members: u64,
    /// Which of its files were asked for: empty for all, or a JSON object.
    pub filter: String,
}

words!(
    /// The header grammar of a seed.
    Format {
        /// Epoch comment, `[title](url)`, rule, HTML on one line.
        A => "A",
        /// A, with its HTML wrapped in `<div>` lines.
        AWrapped => "A'",
        /// `[title](url)`, rule, a `日期：` line, HTML.
        B => "B",
        /// YAML or TOML front matter, then HTML.
        C => "C",
        /// YAML or TOML front matter, then Markdown.
        Markdown => "M",
        /// C with a body that is an A or A'.
        CNested => "C'",
        /// One JSON object, as other programs write it; see `docs/jsonl.md`.
        Json => "J",
        /// HTML alone, a whole page or a fragment.
        Page => "page",
    }
);

words!(
    /// How a seed's bytes are stored.
    Codec {
        /// As they are.
        Plain => "none",
        /// Compressed by Zstandard.
        Zstd => "zstd",
    }
);

/// A seed's fields as spelled in it: decoded to text, but not interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedDocument {
    /// The grammar of its header.
    pub format: Format,
    /// The decoder, by its WHATWG name in lower case (`utf-8`, `gb18030`), followed by ` (lossy)` if bytes
    /// had to be replaced.
    pub encoding: String,
    /// As written, with entities decoded once and trimmed; may be empty.
    pub title: String,
    /// As written; `None` if the header has none.
    pub url: Option<String>,
    /// The name of its site, as written; `None` for a page, whose elements name it.
    pub site_name: Option<String>,
    /// The content of its header.
    pub published: Published,
    /// The line of names, as written.
    pub author: Option<String>,
    /// The language in the header.
    pub language: Option<Language>,
    /// What the header names.
    pub tags: Vec<Tag>,
    /// When the page was saved, according to the program that saved it.
    pub saved_at: Option<Timestamp>,
    /// What follows the header, as HTML.
    pub html: String,
}

/// Why a document gave no article. This is data, not an error: the run continues.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The reason, as a word.
    pub reason: Reason,
    /// Details for a person; `None` if the reason is sufficient.
    pub detail: Option<String>,
    /// The decoder, if the bytes were decoded.
    pub encoding: Option<String>,
}

words!(
    /// The reasons of a [`Rejection`], in the order of the documentation, and of two classes; see
    /// [`Reason::is_refusal`].
    Reason {
        /// A list of files or addresses.
        List => "list",
        /// Describes the files beside it.
        Readme => "readme",
        /// Not an article by its first bytes: pictures, PDF, Office files, programs.
        Binary => "binary",
        /// A symbolic link, a FIFO, a socket or a device.
        NotRegular => "not_regular",
        /// No bytes, or no visible text.
        EmptyFile => "empty_file",
        /// Text that does not begin like an article.
        NoHeader => "no_header",
        /// A file in the folder of a saved page.
        Resource => "resource",
        /// One document in a format that may contain an article and is not supported yet.
        Unsupported => "unsupported",
        /// Reading it failed, or it is a container that cannot be read.
        Unreadable => "unreadable",
        /// It was being written.
        ChangedWhileReading => "changed_while_reading",
        /// More bytes than the import allows.
        TooLarge => "too_large",
        /// Text in an unknown encoding.
        Undecodable => "undecodable",
        /// A damaged container.
        DamagedArchive => "damaged_archive",
        /// It begins like an article, but its header is malformed.
        BadHeader => "bad_header",
        /// A bug: reading it failed inside this program.
        Crashed => "crashed",
    }
);

impl Reason {
    /// Whether the input may be an article that could not be imported (the run then ends with exit code 3),
    /// and not something that is no article at all.
    pub fn is_refusal(self) -> bool {
        self >= Self::Unsupported
    }
}

impl Rejection {
    /// With a reason and no detail.
    pub fn new(reason: Reason) -> Self {
        Self { reason, detail: None, encoding: None }
    }

    /// With a reason and a detail.
    pub fn because(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: Some(detail.into()), encoding: None }
    }
}

/// The reason and the detail, for people.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Rejection {}

/// A seed's bytes, as stored.
#[derive(Debug)]
pub struct Original {
    /// Of the file.
    pub sha256: Sha256,
    /// Size of the file in bytes.
    pub byte_length: u64,
    /// How `body` is written.
    pub codec: Codec,
    /// `None` for a binary file, and for a file in a git history that is not an article.
    pub body: Option<Vec<u8>>,
}

/// What a seed's bytes are.
#[derive(Debug)]
pub enum Derivation {
    /// An article.
    Article {
        /// What is in it.
        article: Box<Article>,
        /// The grammar of its header.
        format: Format,
        /// The decoder used, see [`ParsedDocument::encoding`].
        encoding: String,
        /// When the page was saved, according to the program that saved it.
        saved_at: Option<Timestamp>,
    },
    /// Not an article, with the reason.
    Rejected(Rejection),
}

impl Derivation {
    /// The article, and the columns that describe how it was read.
    pub(crate) fn parts(&self) -> (Option<&Article>, Option<Format>, Option<&str>) {
        match self {
            Self::Article { article, format, encoding, .. } => {
                (Some(article), Some(*format), Some(encoding))
            }
            Self::Rejected(rejection) => (None, None, rejection.encoding.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page lists the reasons in order, with the exit code of each.
    #[test]
    fn the_reasons_are_in_the_documentation() {
        let docs = include_str!("../../docs/drops.md");
        let section = docs.split_once("## Why a file is rejected").unwrap().1;
        let section = section.split_once("\n## ").unwrap().0;
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        let documented: Vec<(&str, &str)> = rows
            .filter(|(reason, _)| *reason != "reason")
            .map(|(reason, cells)| (reason, cells.split(" | ").nth(1).unwrap()))
            .collect();
        let code = |reason: Reason| if reason.is_refusal() { "3" } else { "0" };
        let known = Reason::ALL.map(|reason| (reason.as_str(), code(reason)));
        assert_eq!(documented, known);
    }
}
