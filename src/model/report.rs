//! Outcomes of files, and the report of an import.

use super::{Article, Format, Origin, PageLimit, Place, Reason, Status, Timestamp, words};
use std::path::PathBuf;

/// The outcome of one file. Every file seen has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A new article.
    New,
    /// Another text or title of a known one.
    Revised,
    /// Nothing new; the value names what matches.
    Duplicate(MatchedBy),
    /// Known by place, size and time, and not read.
    Unchanged,
    /// Not an article.
    Rejected,
}

words!(
    /// An [`Outcome`] as stored in a sighting; an unchanged file has no new sighting.
    SightingOutcome {
        /// A new article.
        New => "new",
        /// Another text or title of a known one.
        Revised => "revised",
        /// Nothing new.
        Duplicate => "duplicate",
        /// Not an article.
        Rejected => "rejected",
    }
);

words!(
    /// What a file has in common with an earlier one.
    MatchedBy {
        /// All bytes.
        Bytes => "bytes",
        /// The canonical address.
        Url => "url",
        /// The text, on one site at one time.
        Text => "text",
    }
);

words!(
    /// The status of a run.
    RunStatus {
        /// It is running, or its process was killed.
        Running => "running",
        /// All of it was imported.
        Complete => "complete",
        /// It was stopped, and kept everything stored until then.
        Interrupted => "interrupted",
        /// The archive could not be written; everything committed until then is kept.
        Failed => "failed",
    }
);

impl Outcome {
    /// As stored in a sighting; `None` if there is no new one.
    pub fn of_sighting(self) -> Option<SightingOutcome> {
        match self {
            Self::New => Some(SightingOutcome::New),
            Self::Revised => Some(SightingOutcome::Revised),
            Self::Duplicate(_) => Some(SightingOutcome::Duplicate),
            Self::Unchanged => None,
            Self::Rejected => Some(SightingOutcome::Rejected),
        }
    }

    /// What a duplicate matches.
    pub fn matched_by(self) -> Option<MatchedBy> {
        match self {
            Self::Duplicate(matched_by) => Some(matched_by),
            Self::New | Self::Revised | Self::Unchanged | Self::Rejected => None,
        }
    }
}

/// The counts of one import. `new + revised + duplicate + unchanged + rejected = files_seen`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ImportReport {
    /// The number of the import, `import_run.id`; `None` for a dry run.
    pub run_id: Option<i64>,
    /// How it ended.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// All files, and documents of containers, histories and programs.
    pub files_seen: u64,
    /// New articles.
    pub new: u64,
    /// Known articles with another text or title.
    pub revised: u64,
    /// Of known bytes, or of a known text under a known or another address.
    pub duplicate: u64,
    /// Known by place, size and time, and not read.
    pub unchanged: u64,
    /// Files that are not articles, or could not be imported.
    pub rejected: u64,
    /// Bytes of the files that were read.
    pub bytes_read: u64,
    /// Rejections of this run by reason, in the order of [`Reason::ALL`], without zeros.
    pub reasons: Vec<(Reason, u64)>,
    /// New refusals: inputs that may be articles and could not be imported, not met before in the same state.
    pub newly_refused: u64,
    /// Named folders without a file, in the order of their names on the command line; unknown if the run was
    /// stopped or failed.
    pub empty_paths: Vec<PathBuf>,
    /// If a repository was imported.
    pub repository: Option<RepositoryReport>,
}

/// What was walked of a repository's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepositoryReport {
    /// Commits that were not walked before.
    pub commits: u64,
    /// Whether the repository has only the end of its history.
    pub is_shallow: bool,
}

impl ImportReport {
    /// Counts the outcome of a number of files.
    pub(crate) fn count(&mut self, outcome: Outcome, files: u64) {
        self.files_seen += files;
        match outcome {
            Outcome::New => self.new += files,
            Outcome::Revised => self.revised += files,
            Outcome::Duplicate(_) => self.duplicate += files,
            Outcome::Unchanged => self.unchanged += files,
            Outcome::Rejected => self.rejected += files,
        }
    }

    /// Whether every file seen has exactly one outcome.
    pub fn adds_up(&self) -> bool {
        self.files_seen == self.new + self.revised + self.duplicate + self.unchanged + self.rejected
    }
}

/// One file of a run that gave no complete article, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    /// Where it is.
    pub place: Place,
    /// Why.
    pub why: Untaken,
}

/// Why a file gave no complete article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untaken {
    /// It is not an article.
    Rejected {
        /// Why.
        reason: Reason,
        /// The detail, for people.
        detail: Option<String>,
    },
    /// It is an article whose HTML exceeds a limit.
    Unparsed(Option<PageLimit>),
}

impl Untaken {
    /// The reason in one word.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Rejected { reason, .. } => reason.as_str(),
            Self::Unparsed(_) => Status::Unparsed.as_str(),
        }
    }

    /// Details of the reason.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Rejected { detail, .. } => detail.as_deref(),
            Self::Unparsed(limit) => limit.map(PageLimit::as_str),
        }
    }

    /// Whether the file may still be an article; see [`Reason::is_refusal`].
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Rejected { reason, .. } => reason.is_refusal(),
            Self::Unparsed(_) => true,
        }
    }
}

/// Progress of an import or a rebuild.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Rows of another extractor are being rebuilt first.
    Rederiving {
        /// Originals that are done.
        seeds: u64,
        /// The total.
        total: u64,
    },
    /// The full-text index is being rebuilt.
    Indexing {
        /// Articles that are in it.
        articles: u64,
        /// The total.
        total: u64,
    },
    /// Files are read and stored.
    Reading {
        /// Files that have their outcome.
        files_seen: u64,
        /// Bytes of those that were read.
        bytes_read: u64,
        /// Which share of the import that is, from 0 to 1, once the files were counted ahead.
        share: Option<f64>,
    },
    /// What was read of a document, before it is known whether it is new: for the program's preview.
    #[doc(hidden)]
    Read { origin: &'a Origin, article: &'a Article, format: Format },
    /// A file that a dry run could not import, after all was read: a run has stored them, a dry run has not.
    #[doc(hidden)]
    NotTaken(&'a NotTaken),
}
