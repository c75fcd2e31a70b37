use super::{Article, Language, Place, Published, Sha256, Tag, Timestamp, hex, unhex, words};
use std::fmt;

/// Bytes that were read whole, with where they were read.
#[derive(Debug, Clone)]
pub struct Document {
    pub origin: Origin,
    pub bytes: Vec<u8>,
    /// Set where the bytes are those of a document that came before, which had this hash: they are
    /// not repeated, and `bytes` is empty.
    pub same_as: Option<Sha256>,
}

/// One place, and the state it was in when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Absolute; bytes that are not UTF-8 are escaped as `\xNN`.
    pub path: String,
    /// The entry inside a container (an archive); `None` for a plain file.
    pub member: Option<String>,
    /// Bytes.
    pub byte_length: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified_ns: Option<i64>,
    /// The earliest evidence that the bytes existed; `None` where the time is not believable.
    pub observed_at: Option<Timestamp>,
    /// Whether the modification time lay far enough before the reading that an equal state later
    /// proves equal bytes.
    pub is_settled: bool,
    /// Of the bytes, where git keeps them.
    pub object_id: Option<ObjectId>,
}

impl Origin {
    /// Where it lies, without its state.
    pub fn place(&self) -> Place {
        Place { path: self.path.clone(), member: self.member.clone() }
    }
}

/// The name that git gives to an object: the SHA-1 (20 bytes) or SHA-256 (32) of what it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(Vec<u8>);

impl ObjectId {
    /// From hexadecimal, as git writes it in full.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(unhex(text)?)
    }

    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        matches!(bytes.len(), 20 | 32).then_some(Self(bytes))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A container that was read to its end, with nothing in it refused: in this state it need
/// not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadContainer {
    pub origin: Origin,
    /// How many files it counted for.
    pub members: u64,
}

words!(
    /// The header grammar that a seed follows.
    Format {
        /// Epoch comment, `[title](url)`, rule, HTML on one line.
        A => "A",
        /// A, its HTML wrapped in `<div>` lines.
        AWrapped => "A'",
        /// `[title](url)`, rule, a `日期：` line, HTML.
        B => "B",
        /// YAML or TOML front matter, then HTML.
        C => "C",
        /// YAML or TOML front matter, then Markdown.
        Markdown => "M",
        /// C whose body is an A or A'.
        CNested => "C'",
        /// One JSON object, as other programs write it; see [`super::PageRecord`].
        Json => "J",
        /// HTML alone, a whole page or a part of one.
        Page => "page",
    }
);

words!(
    /// How a seed's bytes are kept.
    Codec {
        Plain => "none",
        Zstd => "zstd",
    }
);

/// A seed's fields as spelled in it, decoded to text but not yet understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedDocument {
    pub format: Format,
    /// The decoder used, by its WHATWG name in lower case (`utf-8`, `gb18030`), with ` (lossy)`
    /// behind it where bytes had to be replaced.
    pub encoding: String,
    /// As written, entities decoded once, ends trimmed; may be empty.
    pub title: String,
    /// As written; `None` where the header has none.
    pub url: Option<String>,
    pub published: Published,
    pub author: Option<String>,
    /// What the header says of the language.
    pub language: Option<Language>,
    pub tags: Vec<Tag>,
    /// When a page was saved, as its saver says.
    pub saved_at: Option<Timestamp>,
    pub html: String,
}

/// Why a document gave no article. Data, not an error: the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    pub reason: Reason,
    /// What exactly, for a person; `None` where the reason says all.
    pub detail: Option<String>,
    /// The decoder used, where it came that far.
    pub encoding: Option<String>,
}

words!(
    /// The reasons of [`Rejection`], in the order of the documentation and in two classes; see
    /// [`Reason::is_refusal`].
    Reason {
        List => "list",
        Readme => "readme",
        Binary => "binary",
        NotRegular => "not_regular",
        EmptyFile => "empty_file",
        NoHeader => "no_header",
        /// A file of a saved page's own folder.
        Resource => "resource",
        /// One document in a format that may hold an article and cannot be read yet.
        Unsupported => "unsupported",
        Unreadable => "unreadable",
        ChangedWhileReading => "changed_while_reading",
        TooLarge => "too_large",
        Undecodable => "undecodable",
        DamagedArchive => "damaged_archive",
        BadHeader => "bad_header",
        Crashed => "crashed",
    }
);

impl Reason {
    /// Whether the input may well be an article that could not be taken (the run then ends with
    /// exit code 3), as against something that is no article at all.
    pub fn is_refusal(self) -> bool {
        self >= Self::Unsupported
    }
}

impl Rejection {
    pub fn new(reason: Reason) -> Self {
        Self { reason, detail: None, encoding: None }
    }

    pub fn because(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: Some(detail.into()), encoding: None }
    }

    /// The reason, and what exactly, for a person.
    pub fn text(&self) -> String {
        let detail = self.detail.as_ref().map(|detail| format!(" ({detail})"));
        format!("{}{}", self.reason, detail.unwrap_or_default())
    }
}

/// A seed's bytes, as they are kept.
#[derive(Debug)]
pub struct Original {
    pub sha256: Sha256,
    /// Of the file, in bytes.
    pub byte_length: u64,
    pub codec: Codec,
    /// `None` for a binary file, and for what is no article in a git history.
    pub body: Option<Vec<u8>>,
}

/// What a seed's bytes say.
#[derive(Debug)]
pub enum Derivation {
    Article {
        article: Box<Article>,
        format: Format,
        encoding: String,
        /// When a page was saved, as its saver says.
        saved_at: Option<Timestamp>,
    },
    Rejected(Rejection),
}

impl Derivation {
    /// The article, and the columns that say how it was read.
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

    /// The page has each reason in its order, with the exit code that the program ends in.
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
