//! Whether an archive still is what was written: SQLite's own checks, then what must hold between
//! rows, then every original against its SHA-256, then every row against what its original gives.
//!
//! Only the last two see into pages that are whole to SQLite: of one-bit flips it finds few. Nothing
//! is written, and damage ends nothing but the check that cannot get past it.

mod checks;
mod parallel;

use crate::error::{Error, Result};
use crate::model::{Check, Finding, StopFlag};
use crate::store::Inspector;
use checks::Checks;
use std::path::Path;
use std::time::Instant;

/// How much to look at.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// Leave out the originals and what follows from them.
    pub quick: bool,
    /// Look at one part of the originals and articles; all parts together are all of them.
    pub subset: Option<Subset>,
    /// Derive only about so many articles anew, spread over the archive, and compare only theirs with
    /// the full-text index; `None` for all.
    pub reparse_sample: Option<u64>,
    /// Threads; 0 for one per core.
    pub jobs: usize,
    /// Ends it early, with an error that [`is_interruption`](crate::Error::is_interruption).
    pub stop: StopFlag,
}

/// One part of several. By id and not by place, so that runs over a growing archive leave none out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subset {
    /// From 1.
    pub part: u64,
    pub of: u64,
}

impl Subset {
    fn has(self, id: i64) -> bool {
        id.unsigned_abs() % self.of == self.part % self.of
    }
}

/// How far a verification is.
#[derive(Debug, Clone, Copy)]
pub enum VerifyProgress {
    /// SQLite's checks and ours between rows.
    Structure,
    Originals {
        done: u64,
        total: u64,
    },
    Articles {
        done: u64,
        total: u64,
    },
    Index {
        done: u64,
        total: u64,
    },
}

/// What was not looked at, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// [`VerifyOptions::quick`] was asked for.
    Quick,
    Subset(Subset),
    Sample(u64),
    /// The rows were made by this other version of the extractor, or, where it is 0, are being
    /// rebuilt.
    OtherExtractor(i64),
    /// The schema is of this older version.
    OlderSchema(i64),
    /// The full-text index is not made, or half made.
    NoIndex,
    /// The full-text index holds tokens of this other version.
    OtherTokens(i64),
    /// Nothing behind the file's head can be read.
    Unreadable,
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VerifyReport {
    /// Findings, by check.
    pub findings: Vec<(Check, u64)>,
    /// Originals that were hashed, and their bytes.
    pub originals: u64,
    pub original_bytes: u64,
    /// Binary files, of which no bytes are kept.
    pub not_kept: u64,
    /// Articles, and seeds that gave none, that were derived anew and compared.
    pub articles: u64,
    /// Those that could not be: their original is damaged, or was once refused for lack of time.
    pub not_compared: u64,
    pub left_out: Vec<LeftOut>,
    pub seconds: f64,
}

impl VerifyReport {
    /// All findings.
    pub fn damage(&self) -> u64 {
        self.findings.iter().map(|(_, count)| count).sum()
    }

    /// What was left out because it is to be rebuilt first: by an older program, or unfinished.
    /// That is no damage; [`reextract`](crate::reextract::reextract) does it, and so does an import.
    pub fn to_rebuild(&self) -> impl Iterator<Item = LeftOut> + '_ {
        self.left_out.iter().copied().filter(|left_out| {
            use LeftOut::{NoIndex, OtherExtractor, OtherTokens};
            matches!(left_out, OtherExtractor(_) | NoIndex | OtherTokens(_))
        })
    }
}

/// Examines an archive and hands out what it finds, check after check.
///
/// Fails only where there is no archive, or a newer one, or the machine fails.
pub fn verify(
    database: &Path,
    options: &VerifyOptions,
    on_progress: &mut dyn FnMut(VerifyProgress),
    receive: &mut dyn FnMut(&Finding) -> Result<()>,
) -> Result<VerifyReport> {
    let started = Instant::now();
    let mut report = VerifyReport::default();
    let mut findings = Vec::new();
    on_progress(VerifyProgress::Structure);
    let inspector = Inspector::open(database, &mut |finding| findings.push(finding))?;
    report.tell(&mut findings, receive)?;
    match inspector {
        Some(mut inspector) => {
            inspector.stop_by(&options.stop)?;
            report = Checks::new(&inspector, options, report).run(on_progress, receive)?;
            // A list that was cut short looks like the end of it.
            if options.stop.is_requested() {
                return Err(Error::interruption());
            }
        }
        None => report.left_out.push(LeftOut::Unreadable),
    }
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

impl VerifyReport {
    fn tell(
        &mut self,
        findings: &mut Vec<Finding>,
        receive: &mut dyn FnMut(&Finding) -> Result<()>,
    ) -> Result<()> {
        for finding in findings.drain(..) {
            match self.findings.iter_mut().find(|(check, _)| *check == finding.check) {
                Some((_, count)) => *count += 1,
                None => self.findings.push((finding.check, 1)),
            }
            receive(&finding)?;
        }
        Ok(())
    }
}
