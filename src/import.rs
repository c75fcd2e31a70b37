//! Runs an import: source → format → extract → store, with its threads and its report.
//!
//! One thread walks, several read and parse, and the calling thread writes, in path order. Results do not
//! depend on timing, and memory does not depend on the size of the drop.

mod addresses;
mod prepare;
mod queue;
mod repository;
mod walk;

pub use addresses::PageAddress;
pub use prepare::Preparer;
pub use repository::GitSource;

use crate::derive::derive_article;
use crate::error::{Error, Result};
use crate::model::Derivation;
use crate::model::{
    ImportReport, Outcome, Progress, Reason, RepositoryReport, RunStatus, StopFlag, Timestamp,
    threads,
};
use crate::reextract;
use crate::source::{self, Walk};
use crate::store::{Batch, IndexWriting, KnownFiles, LockWait, NewSighting, Settled, Writer};
use addresses::Enveloper;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use queue::{
    Budget, Channels, CloseOnDrop, Done, FoundGroup, Input, Outgoing, Prepared, PreparedGroup,
    Recycled, Senders, Threads, WriterEnd, locked,
};
use repository::{History, Walked};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use walk::walk_all;

/// A batch commits after this many bytes of input or this much time, whichever comes first. Larger batches
/// would send the whole database through the write-ahead log, smaller ones would sync too often.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH_TIME: Duration = Duration::from_secs(2);
/// While nothing comes from the parsers, the writer checks this often whether to stop.
const STOP_LOOK: Duration = Duration::from_millis(100);
/// When it must stop, it checks this many times for data from a stream, which cannot be read again.
const LAST_LOOKS: u32 = 50;
/// 64 MiB: seeds have some 30 KB, so a larger file is hardly an article.
pub const DEFAULT_MAX_FILE_SIZE: u64 = 64 << 20;

/// Maximum number of entries in one container, an archive or a JSON file: each entry leaves a row, and takes
/// some memory while it is read.
const MOST_ENTRIES: u64 = 1_000_000;
/// This many lines of a container are rejected one by one; beyond that, only their number is stored.
const MOST_REFUSED: u64 = 10_000;

/// Options of an import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    pub paths: Vec<PathBuf>,
    /// A stream to read after the paths, usually standard input: one document or one container.
    pub stream: Option<Arc<File>>,
    /// A repository to import after these.
    pub git: Option<GitSource>,
    /// The address of pages that do not name one.
    pub address: PageAddress,
    /// Report what would happen, without changing anything.
    pub dry_run: bool,
    /// Read even files whose place, size and time are known.
    pub full: bool,
    /// Parser threads; 0 for one per core.
    pub jobs: usize,
    /// Bytes; larger files are rejected unread.
    pub max_file_size: u64,
    /// How new articles are written to the full-text index.
    pub index: IndexWriting,
    /// Stored with the run.
    pub note: Option<String>,
    /// The command line, stored with the run.
    pub arguments: Vec<String>,
    /// How long to wait for another writer.
    pub lock_wait: Duration,
    /// Ends the run early: everything stored by then is kept, and its status is [`RunStatus::Interrupted`].
    pub stop: StopFlag,
}

impl ImportOptions {
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
            stream: None,
            git: None,
            address: PageAddress::Unknown,
            dry_run: false,
            full: false,
            jobs: 0,
            max_file_size: DEFAULT_MAX_FILE_SIZE,
            index: IndexWriting::default(),
            note: None,
            arguments: Vec::new(),
            lock_wait: Duration::ZERO,
            stop: StopFlag::new(),
        }
    }
}

/// Imports files, folders and a repository into the archive at `database`, which is created or migrated.
///
/// A file that is not an article, or cannot be imported, is counted and listed, and the run continues. Fails
/// with [`Error::RunFailed`] if the archive itself cannot be written; the committed batches are kept.
pub fn import(
    database: &Path,
    options: &ImportOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport> {
    let walk = Walk::new(&options.paths, database)?;
    let history = options.git.as_ref().map(|git| History::find(git, &options.stop)).transpose()?;
    let exists = std::fs::metadata(database).is_ok_and(|found| found.len() > 0 || !found.is_file());
    let is_temporary = options.dry_run && !exists;
    let lock_wait = LockWait { at_most: options.lock_wait, stop: Some(&options.stop) };
    let mut writer = match options.dry_run {
        true if is_temporary => Writer::open_temporary()?,
        true => Writer::open_for_trial(database, lock_wait)?,
        false => Writer::open(database, lock_wait)?,
    };
    // A new archive knows no files, and cannot be read by another connection yet.
    let places =
        if options.full || writer.is_new() { None } else { Some(KnownFiles::open(database)?) };

    if options.index == IndexWriting::Plain {
        writer.write_index_plainly();
    }
    let started = (Timestamp::now(), Instant::now());
    let brought =
        reextract::bring_up_to_date(&mut writer, options.jobs, &options.stop, on_progress)?;
    if options.index == IndexWriting::Later {
        writer.give_up_index()?;
    }
    let arguments = serde_json::to_string(&options.arguments)?;
    let run_id = writer.start_run(started.0, &arguments, options.note.as_deref())?;
    let report = empty_report((!options.dry_run).then_some(run_id), started.0);
    let mut run = Run {
        started: started.1,
        committed: report.clone(),
        report,
        reasons: BTreeMap::new(),
        batch_bytes: 0,
        batch_started: Instant::now(),
        is_batch_empty: true,
    };
    run.report.repository = history
        .as_ref()
        .map(|history| RepositoryReport { commits: 0, is_shallow: history.is_shallow() });
    let ended = writer.batch().and_then(|batch| {
        let (batch, status) = if brought.interrupted {
            // Nothing is added to rows of another extractor.
            (batch, RunStatus::Interrupted)
        } else {
            run.store_all(batch, (walk, history), places, options, started.0, on_progress)?
        };
        run.end(batch, status)
    });
    match ended {
        Ok(()) => writer.checkpoint().map(|()| run.report),
        Err(error) if options.dry_run => Err(error),
        Err(error) => Err(run.fail(&mut writer, error)),
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
        repository: None,
    }
}

/// A running import.
struct Run {
    started: Instant,
    report: ImportReport,
    reasons: BTreeMap<Reason, u64>,
    batch_bytes: u64,
    batch_started: Instant,
    is_batch_empty: bool,
    /// The counts at the last commit, reported by a run that fails.
    committed: ImportReport,
}

impl Run {
    /// Walks, reads, parses and stores everything. The threads end when the other side of a channel is gone,
    /// so an error here ends them all. After an error or a stop they are not waited for.
    fn store_all<'w>(
        &mut self,
        batch: Batch<'w>,
        (walk, history): (Walk, Option<History>),
        places: Option<KnownFiles>,
        options: &ImportOptions,
        started: Timestamp,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(Batch<'w>, RunStatus)> {
        let jobs = threads(options.jobs);
        let Channels { found, prepared, recycled } = Channels::new(jobs);
        let (back, recycled): (Vec<_>, Vec<_>) = recycled.into_iter().unzip();
        let budget = Arc::new(Budget::default());
        let outgoing = Outgoing::new(found.0);
        let options = Arc::new(options.clone());
        let (mut done, mut parsers) = (Vec::new(), Vec::new());
        for (number, recycled) in recycled.into_iter().enumerate() {
            done.push(Done::default());
            let done = Done::clone(&done[number]);
            let (found, prepared) = (found.1.clone(), prepared.0.clone());
            let parser = Parser { number, found, prepared, done, recycled };
            let options = Arc::clone(&options);
            parsers.push(std::thread::spawn(move || parser.run(&options, started)));
        }
        drop(found.1);
        let end = CloseOnDrop(Arc::clone(&budget));
        let writer_end = WriterEnd {
            prepared: prepared.1,
            recycled: back,
            done,
            outgoing: Arc::downgrade(&outgoing),
            budget: Arc::clone(&budget),
        };
        let senders = Senders::new(budget, outgoing, prepared.0);
        let stop = options.stop.clone();
        let walk = std::thread::spawn(move || {
            walk_all((walk, history), places, &options, started, senders)
        });
        let threads = Threads { walk, parsers };
        let stored = self.store_in_order(batch, writer_end, &stop, on_progress);
        drop(end);
        let Ok((mut batch, RunStatus::Complete)) = stored else {
            threads.leave();
            return stored;
        };
        // Without a walk of a history, there is nothing to remember.
        if let Ok(Some(walked)) = threads.join() {
            self.remember(&mut batch, walked)?;
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
                if self.store(&mut batch, one?, &end.recycled, on_progress)? && self.is_batch_full()
                {
                    batch = self.next_batch(batch)?;
                }
                end.budget.give(cost);
                let ImportReport { files_seen, bytes_read, .. } = self.report;
                on_progress(Progress::Reading { files_seen, bytes_read });
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

    fn is_batch_full(&self) -> bool {
        self.batch_bytes >= BATCH_BYTES || self.batch_started.elapsed() >= BATCH_TIME
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
        Error::RunFailed { report: Box::new(report), source: Box::new(error) }
    }
}

/// Lets the only writer run whenever it can: beside as many parsers as cores it would get only its share, and
/// all would wait for it at the end. On two cores, this reduces the time of an import to 0.93.
fn make_way_for_the_writer() {
    // On Linux this affects the calling thread only; elsewhere it would affect the whole process.
    #[cfg(target_os = "linux")]
    // SAFETY: changes nothing but the thread's priority; a failure does not matter.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}

/// A thread that reads and parses.
struct Parser {
    number: usize,
    found: Receiver<FoundGroup>,
    prepared: Sender<PreparedGroup>,
    done: Done,
    recycled: Receiver<Recycled>,
}

impl Parser {
    fn run(self, options: &ImportOptions, started: Timestamp) {
        make_way_for_the_writer();
        let keep_rejected = options.git.as_ref().is_some_and(|git| git.keep_rejected);
        let mut preparer = Preparer::new(options.index == IndexWriting::Bulk)
            .keep_rejected(keep_rejected)
            .started(started);
        if options.address != PageAddress::Unknown {
            let address = options.address.clone();
            preparer = preparer.enveloper(Enveloper::new(address, &options.paths, started));
        }
        for group in self.found {
            self.recycled.try_iter().for_each(drop);
            for (ticket, work) in group {
                let sighting = Box::new(sighting(work, &mut preparer, options, started));
                let prepared = Prepared::Read { sighting, parser: self.number };
                locked(&self.done).push((ticket, Ok(prepared)));
            }
            let done = std::mem::take(&mut *locked(&self.done));
            if self.prepared.send(done).is_err() {
                return;
            }
        }
    }
}

fn sighting(
    work: Input,
    preparer: &mut Preparer,
    options: &ImportOptions,
    started: Timestamp,
) -> NewSighting {
    let read = match work {
        Input::File(found) => source::read(&found, options.max_file_size, started)
            .map_err(|rejection| (found.origin(), rejection)),
        Input::Member(member) => *member,
    };
    match read {
        Ok(document) => preparer.sighting(document),
        Err((origin, rejection)) => {
            let derivation = Derivation::Rejected(rejection);
            NewSighting { origin, original: None, derivation, inverted: None }
        }
    }
}
