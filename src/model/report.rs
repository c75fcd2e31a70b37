use super::Timestamp;

/// What one file came to. Every file seen has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    New,
    Revised,
    /// `matched_by` is `bytes`, `url` or `text`.
    Duplicate(&'static str),
    Unchanged,
    Rejected,
}

impl Outcome {
    /// As stored in `sighting.outcome`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Revised => "revised",
            Self::Duplicate(_) => "duplicate",
            Self::Unchanged => "unchanged",
            Self::Rejected => "rejected",
        }
    }
}

/// How a run stands, as stored in `import_run.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    Running,
    Complete,
    Interrupted,
    Failed,
}

impl RunStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
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
    /// Rejections of this run by reason, in the order of [`super::Reason::ALL`], zeros left out.
    pub reasons: Vec<(&'static str, u64)>,
    /// Refusals not met before in the same state: inputs that may be articles and were not taken.
    pub newly_refused: u64,
    /// Where a repository was taken in.
    pub repository: Option<RepositoryReport>,
}

/// What was walked of a repository's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryReport {
    /// Commits that were not walked before.
    pub commits: u64,
    /// Whether the history does not go back to its beginning there.
    pub is_shallow: bool,
}

impl ImportReport {
    /// Counts the outcome of so many files.
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

/// How far an import or a re-derivation is.
#[derive(Debug, Clone, Copy)]
pub enum Progress {
    /// The rows of another extractor are derived anew first.
    Rederiving {
        seeds: u64,
        total: u64,
    },
    /// The full-text index is made anew.
    Indexing {
        articles: u64,
        total: u64,
    },
    Reading {
        files_seen: u64,
        bytes_read: u64,
    },
}
