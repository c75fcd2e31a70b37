use super::{Language, Published, Sha256, Tag, Timestamp, hex, unhex};
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
    /// The entry inside a carrier of many (an archive); `None` for a plain file.
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

/// A carrier of many that was read to its end, with nothing in it refused: in this state it need
/// not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadCarrier {
    pub origin: Origin,
    /// How many files it counted for.
    pub members: u64,
}

/// The header grammar that a seed follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Epoch comment, `[title](url)`, rule, HTML on one line.
    A,
    /// A, its HTML wrapped in `<div>` lines.
    AWrapped,
    /// `[title](url)`, rule, a `日期：` line, HTML.
    B,
    /// YAML or TOML front matter, then HTML.
    C,
    /// YAML or TOML front matter, then Markdown.
    Markdown,
    /// C whose body is an A or A'.
    CNested,
    /// One JSON object, as other programs write it; see [`super::PageRecord`].
    Json,
}

impl Format {
    /// As stored in `seed.format`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::AWrapped => "A'",
            Self::B => "B",
            Self::C => "C",
            Self::Markdown => "M",
            Self::CNested => "C'",
            Self::Json => "J",
        }
    }
}

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

/// The reasons of [`Rejection`], in two classes; see [`Reason::is_refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    List,
    Readme,
    Binary,
    NotRegular,
    EmptyFile,
    NoHeader,
    /// One document in a format that may hold an article and cannot be read yet.
    Unsupported,
    Unreadable,
    ChangedWhileReading,
    TooLarge,
    Undecodable,
    DamagedArchive,
    BadHeader,
    Crashed,
}

impl Reason {
    /// Every reason, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::List,
        Self::Readme,
        Self::Binary,
        Self::NotRegular,
        Self::EmptyFile,
        Self::NoHeader,
        Self::Unsupported,
        Self::Unreadable,
        Self::ChangedWhileReading,
        Self::TooLarge,
        Self::Undecodable,
        Self::DamagedArchive,
        Self::BadHeader,
        Self::Crashed,
    ];

    /// The reverse of [`Self::as_str`].
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }

    /// As stored in `rejection.reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Readme => "readme",
            Self::Binary => "binary",
            Self::NotRegular => "not_regular",
            Self::EmptyFile => "empty_file",
            Self::NoHeader => "no_header",
            Self::Unsupported => "unsupported",
            Self::Unreadable => "unreadable",
            Self::ChangedWhileReading => "changed_while_reading",
            Self::TooLarge => "too_large",
            Self::Undecodable => "undecodable",
            Self::DamagedArchive => "damaged_archive",
            Self::BadHeader => "bad_header",
            Self::Crashed => "crashed",
        }
    }

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
        format!("{}{}", self.reason.as_str(), detail.unwrap_or_default())
    }
}
