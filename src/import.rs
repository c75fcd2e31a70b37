//! Runs an import: source → format → extract → store, with its threads and its report.
//!
//! One thread walks, several read and parse, and the calling thread writes, in path order. Results do not
//! depend on timing, and memory does not depend on the size of the drop.

mod addresses;
mod ahead;
mod documents;
mod options;
mod pipeline;
mod prepare;
mod queue;
mod repository;
mod walk;

pub use addresses::PageAddress;
pub use documents::NewDocument;
pub use options::{DEFAULT_MAX_FILE_SIZE, ImportOptions};
pub use prepare::Preparer;
pub use repository::GitSource;

use crate::derive::derive_article;
use crate::error::{Error, Result};
use crate::model::Derivation;
use crate::model::{
    ImportReport, Outcome, Progress, Reason, RepositoryReport, RunStatus, StopFlag, Timestamp,
};
use crate::reextract;
use crate::source::Asked;
use crate::store::{Batch, IndexWriting, KnownFiles, LockWait, Settled, Writer};
use ahead::Ahead;
use crossbeam_channel::{RecvTimeoutError, Sender};
use documents::Documents;
use pipeline::Pipeline;
use queue::{Prepared, PreparedGroup, Recycled, WriterEnd};
use repository::{History, Walked};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use walk::Inputs;

/// A batch commits after this many bytes of input or this much time, whichever comes first. Larger batches
/// would send the whole database through the write-ahead log, smaller ones would sync too often.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH_TIME: Duration = Duration::from_secs(2);
/// While the last batch is written, the other cores are idle. So the last batches each take half of the remaining
/// input, down to this many bytes.
const LAST_BATCH_BYTES: u64 = 4 << 20;
/// While nothing comes from the parsers, the writer checks this often whether to stop.
const STOP_LOOK: Duration = Duration::from_millis(100);
/// When it must stop, it checks this many times for data from a stream, which cannot be read again.
const LAST_LOOKS: u32 = 50;

/// Maximum number of entries in one container, an archive or a JSON file: each entry leaves a row, and takes
/// some memory while it is read.
const MOST_ENTRIES: u64 = 1_000_000;
/// This many lines of a container are rejected one by one; beyond that, only their number is stored.
const MOST_REFUSED: u64 = 10_000;

/// Imports files, folders and a repository into the archive at `database`, which is created or migrated.
///
/// A file that is not an article, or cannot be imported, is counted and listed, and the run continues. Fails
/// with [`Error::RunFailed`] if the archive itself cannot be written; the committed batches are kept.
pub fn import(
    database: &Path,
    options: &ImportOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport> {
    import_all(database, None, options, on_progress)
}

/// Like [`import`], followed by documents from memory.
pub(crate) fn import_documents(
    database: &Path,
    documents: Documents,
    options: &ImportOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport> {
    import_all(database, Some(documents), options, on_progress)
}

fn import_all(
    database: &Path,
    documents: Option<Documents>,
    options: &ImportOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport> {
    let walk = Arc::new(walk::find(database, options)?);
    let history = find_history(options)?;
    let exists = std::fs::metadata(database).is_ok_and(|found| found.len() > 0 || !found.is_file());
    // Creating an archive takes as long as preparing a hundred articles, most of it spent waiting for the disk.
    // Files are prepared meanwhile. A stream, documents or a history could not be read again.
    let is_repeatable = options.stream.is_none() && documents.is_none() && history.is_none();
    let is_counted = options.count_ahead && is_repeatable;
    let ahead = is_counted.then(|| Ahead::start(&walk, &options.stop));
    let mut started = (Timestamp::now(), Instant::now());
    let early = (!exists && is_repeatable).then(|| {
        let inputs = Inputs::of_files(&walk, &ahead);
        Pipeline::start(inputs, None, options, started.0)
    });
    let mut writer = open_writer(database, exists, options)?;
    // A new archive knows no files, and cannot be read by another connection yet.
    let places =
        if options.full || writer.is_new() { None } else { Some(KnownFiles::open(database)?) };
    // Another program may have created it first.
    let early = early.filter(|_| writer.is_new());
    if early.is_none() {
        // Files may have changed while another writer was waited for.
        started = (Timestamp::now(), Instant::now());
    }

    let is_interrupted = bring_up_to_date(&mut writer, options, on_progress)?;
    let arguments = serde_json::to_string(&options.arguments)?;
    let run_id = writer.start_run(started.0, &arguments, options.note.as_deref())?;
    let report = empty_report((!options.dry_run).then_some(run_id), started.0);
    let mut run = Run::of(report, history.as_ref(), started.1, ahead.clone());
    let ended = writer.batch().and_then(|batch| {
        let (batch, status) = if is_interrupted {
            // Nothing is added to rows of another extractor.
            (batch, RunStatus::Interrupted)
        } else {
            let pipeline = early.unwrap_or_else(|| {
                let inputs = Inputs { documents, history, ..Inputs::of_files(&walk, &ahead) };
                Pipeline::start(inputs, places, options, started.0)
            });
            run.store_all(batch, pipeline, &options.stop, on_progress)?
        };
        run.end(batch, status)
    });
    match ended {
        Ok(()) => {
            if options.dry_run {
                writer.not_taken(&mut |file| on_progress(Progress::NotTaken(&file)))?;
            }
            writer.checkpoint().map(|()| run.report)
        }
        Err(error) if options.dry_run => Err(error),
        Err(error) => Err(run.fail(&mut writer, error)),
    }
}

fn find_history(options: &ImportOptions) -> Result<Option<History>> {
    let Some(git) = &options.git else { return Ok(None) };
    History::find(git, Asked::of_all(&options.filter), options.stop.clone()).map(Some)
}

/// Rebuilds rows of another extractor, and prepares the index; returns whether that was stopped.
fn bring_up_to_date(
    writer: &mut Writer,
    options: &ImportOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<bool> {
    if options.index == IndexWriting::Plain {
        writer.write_index_plainly();
    }
    let brought = reextract::bring_up_to_date(writer, options.jobs, &options.stop, on_progress)?;
    if options.index == IndexWriting::Later {
        writer.give_up_index()?;
    }
    Ok(brought.interrupted)
}

/// The dry run for a new archive uses one in memory.
fn open_writer(database: &Path, exists: bool, options: &ImportOptions) -> Result<Writer> {
    let lock_wait = LockWait { at_most: options.lock_wait, stop: Some(&options.stop) };
    if !options.dry_run {
        Writer::open(database, lock_wait)
    } else if exists {
        Writer::open_for_trial(database, lock_wait)
    } else {
        Writer::open_temporary()
    }
}

fn empty_report(run_id: Option<i64>, started_at: Timestamp) -> ImportReport {
    ImportReport {
        run_id,
        status: RunStatus::Running,
        started_at,
        seconds: 0.0,
        files_seen: 0,
        new: 0,
        revised: 0,
        duplicate: 0,
        unchanged: 0,
        rejected: 0,
        bytes_read: 0,
        reasons: Vec::new(),
        newly_refused: 0,
        empty_paths: Vec::new(),
        repository: None,
    }
}

/// A running import.
struct Run {
    started: Instant,
    /// What was counted ahead, if anything.
    ahead: Option<Arc<Ahead>>,
    report: ImportReport,
    reasons: BTreeMap<Reason, u64>,
    batch_bytes: u64,
    batch_started: Instant,
    is_batch_empty: bool,
    /// The counts at the last commit, reported by a run that fails.
    committed: ImportReport,
}

impl Run {
    fn of(
        report: ImportReport,
        history: Option<&History>,
        started: Instant,
        ahead: Option<Arc<Ahead>>,
    ) -> Self {
        let repository =
            history.map(|it| RepositoryReport { commits: 0, is_shallow: it.is_shallow() });
        Self {
            started,
            ahead,
            committed: report.clone(),
            report: ImportReport { repository, ..report },
            reasons: BTreeMap::new(),
            batch_bytes: 0,
            batch_started: Instant::now(),
            is_batch_empty: true,
        }
    }

    /// Stores everything that the pipeline prepares. Its threads end when the other side of a channel is gone,
    /// so an error here ends them all. After an error or a stop they are not waited for.
    fn store_all<'w>(
        &mut self,
        batch: Batch<'w>,
        pipeline: Pipeline,
        stop: &StopFlag,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(Batch<'w>, RunStatus)> {
        let Pipeline { threads, writer_end, close } = pipeline;
        let stored = self.store_in_order(batch, writer_end, stop, on_progress);
        drop(close);
        let Ok((mut batch, RunStatus::Complete)) = stored else {
            threads.leave();
            return stored;
        };
        if let Ok(ended) = threads.join() {
            self.report.empty_paths = ended.empty_paths;
            // Without a walk of a history, there is nothing to remember.
            if let Some(walked) = ended.history {
                self.remember(&mut batch, walked)?;
            }
        }
        Ok((batch, RunStatus::Complete))
    }

    /// Records how much of a history was imported, in the batch that ends the run.
    fn remember(&mut self, batch: &mut Batch<'_>, walked: Walked) -> Result<()> {
        if let Some(report) = &mut self.report.repository {
            report.commits = walked.commits;
        }
        match walked.history {
            Some(history) => batch.remember_history(&history),
            None => Ok(()),
        }
    }

    /// Stores in the order of the walk, in whatever order the parsers finish. Commits in time, whatever the
    /// threads are waiting for.
    fn store_in_order<'w>(
        &mut self,
        mut batch: Batch<'w>,
        end: WriterEnd,
        stop: &StopFlag,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(Batch<'w>, RunStatus)> {
        let mut early = BTreeMap::new();
        let (mut next, mut last_looks) = (0, 0);
        loop {
            let (group, is_over) = match end.prepared.recv_timeout(STOP_LOOK) {
                Ok(group) => (group, false),
                Err(RecvTimeoutError::Timeout) => {
                    last_looks += u32::from(stop.is_requested());
                    (end.hurry(), false)
                }
                Err(RecvTimeoutError::Disconnected) => (PreparedGroup::new(), true),
            };
            let is_idle = group.is_empty();
            early.extend(group.into_iter().map(|(at, one)| (at.index, (at.cost, one))));
            let is_left = || stop.is_requested() && !end.is_unrepeatable();
            if is_left() || last_looks > LAST_LOOKS {
                return Ok((batch, RunStatus::Interrupted));
            }
            while let Some((cost, one)) = early.remove(&next) {
                next += 1;
                let is_stored = self.store(&mut batch, one?, &end.recycled, on_progress)?;
                end.budget.give(cost);
                if is_stored && self.is_batch_full(end.left()) {
                    batch = self.next_batch(batch)?;
                }
                let ImportReport { files_seen, bytes_read, .. } = self.report;
                let share = self.ahead.as_ref().and_then(|it| it.share(end.budget.taken()));
                on_progress(Progress::Reading { files_seen, bytes_read, share });
                // Inputs that came early and are not stored yet wait for this one.
                if is_left() {
                    return Ok((batch, RunStatus::Interrupted));
                }
            }
            if is_over {
                // A walk that was stopped ends like a complete one.
                let status =
                    if stop.is_requested() { RunStatus::Interrupted } else { RunStatus::Complete };
                return Ok((batch, status));
            }
            // Nothing has come for a while: commits what has waited long enough, and lets others read a new
            // archive in time.
            if is_idle
                && (!self.is_batch_empty || batch.keeps_readers_out())
                && self.batch_started.elapsed() >= BATCH_TIME
            {
                batch = self.next_batch(batch)?;
            }
        }
    }

    /// Stores a prepared input; returns whether that can have filled the batch.
    fn store(
        &mut self,
        batch: &mut Batch<'_>,
        prepared: Prepared,
        recycled: &[Sender<Recycled>],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<bool> {
        self.is_batch_empty = false;
        let (stored, bytes) = match prepared {
            Prepared::Unchanged(files) => {
                self.report.count(Outcome::Unchanged, files);
                return Ok(false);
            }
            Prepared::ReadContainer(container) => {
                batch.store_container(&container)?;
                return Ok(false);
            }
            Prepared::Known(origin) => (batch.store_object(*origin)?, 0),
            Prepared::Same(origin, sha256) => (batch.store_same(&origin, &sha256)?, 0),
            Prepared::Read { mut sighting, parser } => {
                if let Derivation::Article { article, format, .. } = &sighting.derivation {
                    let (origin, format) = (&sighting.origin, *format);
                    on_progress(Progress::Read { origin, article, format });
                }
                let bytes = sighting.original.as_ref().map_or(0, |original| original.byte_length);
                let stored = batch.store(&mut sighting)?;
                let _ = recycled[parser].try_send(sighting);
                (stored, bytes)
            }
        };
        self.report.count(stored.outcome, 1);
        self.report.newly_refused += u64::from(stored.is_newly_refused);
        if let Some(reason) = stored.reason {
            *self.reasons.entry(reason).or_default() += 1;
        }
        self.report.bytes_read += bytes;
        self.batch_bytes += bytes;
        Ok(true)
    }

    /// Whether to commit; `left` is the number of bytes of input still to come, if known.
    fn is_batch_full(&self, left: Option<u64>) -> bool {
        let is_half = |left| left >= LAST_BATCH_BYTES && left <= self.batch_bytes;
        self.batch_bytes >= BATCH_BYTES
            || left.is_some_and(is_half)
            || self.batch_started.elapsed() >= BATCH_TIME
    }

    /// Settles a batch, and updates the counts in the run's row.
    fn settle<'w>(&mut self, batch: Batch<'w>, status: RunStatus) -> Result<Settled<'w>> {
        let mut settled = batch.settle(&derive_article)?;
        self.report.status = status;
        self.report.seconds = self.started.elapsed().as_secs_f64();
        let counted = self.reasons.iter().map(|(&reason, &count)| (reason, count));
        self.report.reasons = counted.collect();
        settled.record_run(&self.report)?;
        Ok(settled)
    }

    /// Commits a batch and starts the next one.
    fn next_batch<'w>(&mut self, batch: Batch<'w>) -> Result<Batch<'w>> {
        let committed = self.settle(batch, RunStatus::Running)?.commit()?;
        self.committed = self.report.clone();
        self.batch_bytes = 0;
        self.batch_started = Instant::now();
        self.is_batch_empty = true;
        committed.next_batch()
    }

    /// Commits the last batch.
    fn end(&mut self, batch: Batch<'_>, status: RunStatus) -> Result<()> {
        if !self.report.adds_up() {
            return Err(Error::CountsDisagree(self.report.run_id.unwrap_or(0)));
        }
        self.settle(batch, status)?.commit()?;
        Ok(())
    }

    /// Records that the run failed, with the counts of what was committed.
    fn fail(self, writer: &mut Writer, error: Error) -> Error {
        let mut report = self.committed;
        report.status = RunStatus::Failed;
        report.seconds = self.started.elapsed().as_secs_f64();
        // The original error is reported, not an error while recording it.
        let _ = writer.record_run(&report).and_then(|()| writer.checkpoint());
        Error::RunFailed { report: Box::new(report), error: Box::new(error) }
    }
}
