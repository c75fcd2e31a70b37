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
}

impl ImportReport {
    /// Counts one file's outcome.
    pub fn count(&mut self, outcome: Outcome) {
        self.files_seen += 1;
        match outcome {
            Outcome::New => self.new += 1,
            Outcome::Revised => self.revised += 1,
            Outcome::Duplicate(_) => self.duplicate += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Rejected => self.rejected += 1,
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
