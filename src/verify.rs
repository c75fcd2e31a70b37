//! Checks an archive for damage: SQLite's own checks, then the rules between rows, then every original
//! against its SHA-256, then every row against the derivation of its original.
//!
//! Only the last two find damage inside of pages that are valid to SQLite: of flipped bits, SQLite finds few.
//! Nothing is written, and damage ends only a check that cannot get past it.

mod checks;
mod parallel;

use crate::error::{Error, Result};
use crate::model::{Check, Finding, StopFlag, setters};
use crate::store::Inspector;
use checks::Checks;
use std::path::Path;
use std::time::Instant;

/// Options of a verification.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Skip the originals and the rows that follow from them.
    pub quick: bool,
    /// Check only one part of the originals and articles; all parts together cover everything.
    pub subset: Option<Subset>,
    /// Derive only about this many articles again, spread over the archive, and compare only these with the
    /// full-text index; `None` for all.
    pub reparse_sample: Option<u64>,
    /// Threads; 0 for one per core.
    pub jobs: usize,
    /// Ends it early, with an error that [`is_interruption`](crate::Error::is_interruption).
    pub stop: StopFlag,
}

setters!(VerifyOptions {
    with_quick(quick: bool) => quick,
    with_subset(subset: Subset) => Some(subset),
    with_reparse_sample(reparse_sample: u64) => Some(reparse_sample),
    with_jobs(jobs: usize) => jobs,
    with_stop(stop: StopFlag) => stop,
});

/// One part of several. By id and not by position, so that runs over a growing archive miss none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subset {
    /// From 1.
    pub part: u64,
    /// How many parts there are.
    pub of: u64,
}

impl Subset {
    fn has(self, id: i64) -> bool {
        id.unsigned_abs() % self.of == self.part % self.of
    }
}

/// Progress of a verification.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum VerifyProgress {
    /// SQLite's checks, and the rules between rows.
    Structure,
    /// Originals are hashed.
    Originals {
        /// How many are done.
        done: u64,
        /// The total.
        total: u64,
    },
    /// Articles are derived again and compared.
    Articles {
        /// How many are done.
        done: u64,
        /// The total.
        total: u64,
    },
    /// The full-text index is compared with the rows.
    Index {
        /// How many articles are done.
        done: u64,
        /// The total.
        total: u64,
    },
}

/// What was not checked, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// [`VerifyOptions::quick`] was set.
    Quick,
    /// Only [`VerifyOptions::subset`] was asked for.
    Subset(Subset),
    /// Only [`VerifyOptions::reparse_sample`] was asked for: about this many articles.
    Sample(u64),
    /// This other version of the extractor made the rows; 0 if they are being rebuilt.
    OtherExtractor(i64),
    /// The schema has this older version.
    OlderSchema(i64),
    /// There is no full-text index, or an incomplete one.
    NoIndex,
    /// The full-text index has tokens of this other version.
    OtherTokens(i64),
    /// Nothing after the file's header can be read.
    Unreadable,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Findings, by check.
    pub findings: Vec<(Check, u64)>,
    /// Originals that were hashed.
    pub originals: u64,
    /// The bytes of these.
    pub original_bytes: u64,
    /// Binary files, whose bytes are not stored.
    pub not_kept: u64,
    /// Articles and rejected seeds that were derived again and compared.
    pub articles: u64,
    /// Those that could not be compared: the original is damaged, or an older extractor rejected it after a
    /// time limit.
    pub not_compared: u64,
    /// What was not checked.
    pub left_out: Vec<LeftOut>,
    /// How long it took.
    pub seconds: f64,
}

impl VerifyReport {
    /// All findings.
    pub fn damage(&self) -> u64 {
        self.findings.iter().map(|(_, count)| count).sum()
    }

    /// What was skipped because it must be rebuilt first: made by an older program, or unfinished. That is
    /// not damage; [`reextract`](crate::reextract::reextract) rebuilds it, and so does an import.
    pub fn to_rebuild(&self) -> impl Iterator<Item = LeftOut> + '_ {
        self.left_out.iter().copied().filter(|left_out| {
            use LeftOut::{NoIndex, OtherExtractor, OtherTokens};
            matches!(left_out, OtherExtractor(_) | NoIndex | OtherTokens(_))
        })
    }
}

/// Checks an archive and passes its findings on, check by check.
///
/// # Errors
///
/// Only if there is no archive, or a newer one, or the machine fails, or `receive` fails.
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
            // An interrupted list looks like its end.
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
