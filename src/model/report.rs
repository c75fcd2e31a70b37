//! Outcomes of files, and the report of an import.

use super::{Article, Format, Origin, Reason, Timestamp, words};

/// The outcome of one file. Every file seen has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    New,
    Revised,
    Duplicate(MatchedBy),
    Unchanged,
    Rejected,
}

words!(
    /// An [`Outcome`] as stored in a sighting; an unchanged file has no new sighting.
    SightingOutcome {
        New => "new",
        Revised => "revised",
        Duplicate => "duplicate",
        Rejected => "rejected",
    }
);

words!(
    /// What a file has in common with an earlier one.
    MatchedBy {
        Bytes => "bytes",
        Url => "url",
        Text => "text",
    }
);

words!(
    /// The status of a run.
    RunStatus {
        Running => "running",
        Complete => "complete",
        Interrupted => "interrupted",
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

    pub fn matched_by(self) -> Option<MatchedBy> {
        match self {
            Self::Duplicate(matched_by) => Some(matched_by),
            Self::New | Self::Revised | Self::Unchanged | Self::Rejected => None,
        }
    }
}

/// The counts of one import. `new + revised + duplicate + unchanged + rejected = files_seen`.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportReport {
    /// `None` for a dry run.
    pub run_id: Option<i64>,
    pub status: RunStatus,
    pub started_at: Timestamp,
    pub seconds: f64,
    pub files_seen: u64,
    pub new: u64,
    pub revised: u64,
    pub duplicate: u64,
    pub unchanged: u64,
    pub rejected: u64,
    pub bytes_read: u64,
    /// Rejections of this run by reason, in the order of [`Reason::ALL`], without zeros.
    pub reasons: Vec<(Reason, u64)>,
    /// New refusals: inputs that may be articles and could not be imported, not met before in the same state.
    pub newly_refused: u64,
    /// If a repository was imported.
    pub repository: Option<RepositoryReport>,
}

/// What was walked of a repository's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryReport {
    /// Commits that were not walked before.
    pub commits: u64,
    /// Whether the repository has only the end of its history.
    pub is_shallow: bool,
}

impl ImportReport {
    /// Counts the outcome of a number of files.
    pub fn count(&mut self, outcome: Outcome, files: u64) {
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

/// Progress of an import or a rebuild.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// Rows of another extractor are being rebuilt first.
    Rederiving {
        seeds: u64,
        total: u64,
    },
    /// The full-text index is being rebuilt.
    Indexing {
        articles: u64,
        total: u64,
    },
    Reading {
        files_seen: u64,
        bytes_read: u64,
    },
    /// A document was read, before it is known whether it is new.
    Read {
        origin: &'a Origin,
        article: &'a Article,
        format: Format,
    },
}
