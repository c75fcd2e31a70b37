//! The conductor: source → format → normalize → store, with its threads and its report.
//!
//! One thread walks, several read and parse, and the calling thread writes, in path order: neither
//! results nor memory depend on timing or on the size of the drop.

mod prepare;
mod queue;
mod repository;

pub use prepare::Preparer;
pub use repository::GitSource;

use crate::derive::derive_article;
use crate::error::{Error, Result};
use crate::model::{
    ImportReport, Outcome, Progress, Reason, RepositoryReport, RunStatus, StopFlag, Timestamp,
    path_label, threads,
};
use crate::reextract;
use crate::source::{self, Found, Limits, Members, Walk};
use crate::store::{Derivation, KnownPlaces, LockWait, NewSighting, Writer};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use queue::{
    Budget, Channels, EndOf, FoundGroup, Gone, Looked, LookedGroup, Senders, Spent, Ticket, Work,
    WriterEnd,
};
use repository::{History, Walked};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A batch commits after so many bytes of input or so much time, whichever comes first; more at
/// once would send the whole database through the write-ahead log, less would sync too often.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH_TIME: Duration = Duration::from_secs(2);
/// While nothing comes from the parsers, the writer looks so often whether it is to stop.
const STOP_LOOK: Duration = Duration::from_millis(100);
/// 64 MiB: seeds are some 30 KB, so what is larger is hardly an article.
pub const DEFAULT_MAX_FILE_SIZE: u64 = 64 << 20;

/// What one archive may hold: each entry leaves a row, and takes some memory while it is read.
const MOST_ENTRIES: u64 = 1_000_000;

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    pub paths: Vec<PathBuf>,
    /// A stream to be read after them, standard input above all: one document or one carrier.
    pub stream: Option<Arc<File>>,
    /// A repository to take in after these.
    pub git: Option<GitSource>,
    /// Report truthfully what would happen, and change nothing.
    pub dry_run: bool,
    /// Read even files whose place, size and time are known.
    pub full: bool,
    /// Parser threads; 0 for one per core.
    pub jobs: usize,
    /// Bytes; larger files are rejected unread.
    pub max_file_size: u64,
    /// Whether new articles go into the full-text index at once. If not, the index is given up, and
    /// the next run that writes makes it anew.
    pub with_index: bool,
    /// Kept with the run.
    pub note: Option<String>,
    /// The command line, kept with the run.
    pub arguments: Vec<String>,
    /// How long to wait for another writer.
    pub lock_wait: Duration,
    /// Ends the run early: what is stored by then is kept, and its status is
    /// [`RunStatus::Interrupted`].
    pub stop: StopFlag,
}

impl ImportOptions {
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
            stream: None,
            git: None,
            dry_run: false,
            full: false,
            jobs: 0,
            max_file_size: DEFAULT_MAX_FILE_SIZE,
            with_index: true,
            note: None,
            arguments: Vec::new(),
            lock_wait: Duration::ZERO,
            stop: StopFlag::new(),
        }
    }
}

/// Imports files, folders and a repository into the archive at `database`, which is created or
/// migrated.
///
/// A file that is no article, or cannot be taken, is counted and listed, and the run goes on.
/// Fails with [`Error::RunFailed`], with the finished batches kept, where the archive itself cannot
/// be written.
pub fn import(
    database: &Path,
    options: &ImportOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport> {
    let walk = Walk::new(&options.paths, database)?;
    let history = options.git.as_ref().map(History::find).transpose()?;
    let exists = std::fs::metadata(database).is_ok_and(|found| found.len() > 0 || !found.is_file());
    let is_temporary = options.dry_run && !exists;
    let lock_wait = LockWait { at_most: options.lock_wait, stop: Some(&options.stop) };
    let mut writer = match options.dry_run {
        true if is_temporary => Writer::open_temporary()?,
        true => Writer::open_for_trial(database, lock_wait)?,
        false => Writer::open(database, lock_wait)?,
    };
    let places = match options.full || is_temporary {
        true => None,
        false => match KnownPlaces::open(database) {
            // A file without tables, of which a dry run has made no archive that others could see.
            Err(Error::NoDatabase(_)) if options.dry_run => None,
            places => Some(places?),
        },
    };

    let started = (Timestamp::now(), Instant::now());
    let brought =
        reextract::bring_up_to_date(&mut writer, options.jobs, &options.stop, on_progress)?;
    if !options.with_index {
        writer.give_up_index()?;
    }
    let arguments = serde_json::to_string(&options.arguments)?;
    let run_id = writer.start_run(started.0, &arguments, options.note.as_deref())?;
    let report = empty_report((!options.dry_run).then_some(run_id), started.0);
    let mut run = Run {
        writer,
        dry_run: options.dry_run,
        started: started.1,
        committed: report.clone(),
        report,
        reasons: BTreeMap::new(),
        batch_bytes: 0,
        batch_started: Instant::now(),
    };
    run.report.repository = history
        .as_ref()
        .map(|history| RepositoryReport { commits: 0, is_shallow: history.is_shallow() });
    let stored = match brought.interrupted {
        // To rows of another extractor nothing is added.
        true => run.writer.begin().map(|()| RunStatus::Interrupted),
        false => run.store_all((&walk, history), places, options, started.0, on_progress),
    };
    run.finish(stored)
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

/// One import on its way.
struct Run {
    writer: Writer,
    dry_run: bool,
    started: Instant,
    report: ImportReport,
    reasons: BTreeMap<Reason, u64>,
    batch_bytes: u64,
    batch_started: Instant,
    /// The counts as of the last commit: what a run that fails has to show.
    committed: ImportReport,
}

impl Run {
    /// Walks, reads, parses and stores everything. The threads end when a channel's other side is
    /// gone, so an error here stops them all.
    fn store_all(
        &mut self,
        (walk, history): (&Walk, Option<History>),
        places: Option<KnownPlaces>,
        options: &ImportOptions,
        started: Timestamp,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<RunStatus> {
        let jobs = threads(options.jobs);
        self.writer.begin()?;
        reextract::retry_refused(&mut self.writer, &options.stop)?;
        let Channels { found, looked, spent } = Channels::new(jobs);
        let (back, spent): (Vec<_>, Vec<_>) = spent.into_iter().unzip();
        let budget = Budget::default();
        std::thread::scope(|scope| {
            for (number, spent) in spent.into_iter().enumerate() {
                let (found, looked) = (found.1.clone(), looked.0.clone());
                let parser = Parser { number, found, looked, spent };
                scope.spawn(move || parser.run(options, started));
            }
            let budget = &budget;
            let walking = scope.spawn(move || -> Result<Option<Walked>, Gone> {
                let mut senders = Senders::new(budget, found.0, looked.0);
                let limits = Limits {
                    max_bytes: options.max_file_size,
                    most_entries: MOST_ENTRIES,
                    started,
                };
                let mut places = places;
                walk_files(walk, places.as_mut(), limits, &mut senders)?;
                send_stream(options, limits, &mut senders)?;
                let walked = match history {
                    Some(history) => history.walk(places.as_ref(), limits, &mut senders)?,
                    None => None,
                };
                senders.flush()?;
                Ok(walked)
            });
            drop(found.1);
            let end = EndOf(budget);
            let writer_end = WriterEnd { looked: looked.1, spent: back, budget };
            let status = self.store_in_order(writer_end, &options.stop, on_progress)?;
            drop(end);
            match walking.join() {
                Ok(Ok(Some(walked))) if status == RunStatus::Complete => self.remember(walked)?,
                // Nothing is to be remembered, or the walk was sent away by an interruption.
                Ok(_) => {}
                Err(panic) => std::panic::resume_unwind(panic),
            }
            Ok(status)
        })
    }

    /// Keeps how far a history was taken in, in the batch that ends the run.
    fn remember(&mut self, walked: Walked) -> Result<()> {
        if let Some(report) = &mut self.report.repository {
            report.commits = walked.commits;
        }
        match walked.history {
            Some(history) => self.writer.remember_history(&history),
            None => Ok(()),
        }
    }

    /// Stores in the order of the walk, whatever order the parsers finish in.
    fn store_in_order(
        &mut self,
        WriterEnd { looked, spent, budget }: WriterEnd<'_>,
        stop: &StopFlag,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<RunStatus> {
        let mut early = BTreeMap::new();
        let mut next = 0;
        loop {
            match looked.recv_timeout(STOP_LOOK) {
                Ok(group) => {
                    early.extend(group.into_iter().map(|(at, one)| (at.index, (at.cost, one))));
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(RunStatus::Complete),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if stop.is_requested() {
                return Ok(RunStatus::Interrupted);
            }
            while let Some((cost, one)) = early.remove(&next) {
                next += 1;
                self.store(one?, &spent)?;
                budget.give(cost);
                let ImportReport { files_seen, bytes_read, .. } = self.report;
                on_progress(Progress::Reading { files_seen, bytes_read });
                // What came early and is not stored yet waits behind this one.
                if stop.is_requested() {
                    return Ok(RunStatus::Interrupted);
                }
            }
        }
    }

    fn store(&mut self, looked: Looked, spent: &[Sender<Spent>]) -> Result<()> {
        let (put, bytes) = match looked {
            Looked::Unchanged(files) => {
                self.report.count(Outcome::Unchanged, files);
                return Ok(());
            }
            Looked::ReadCarrier(carrier) => return self.writer.put_carrier(&carrier),
            Looked::Known(origin) => (self.writer.put_object(*origin)?, 0),
            Looked::Same(origin, sha256) => (self.writer.put_same(&origin, &sha256)?, 0),
            Looked::Read { mut sighting, parser } => {
                let bytes = sighting.original.as_ref().map_or(0, |original| original.byte_length);
                let put = self.writer.put(&mut sighting)?;
                let _ = spent[parser].try_send(sighting);
                (put, bytes)
            }
        };
        self.report.count(put.outcome, 1);
        self.report.newly_refused += u64::from(put.is_newly_refused);
        if let Some(reason) = put.reason {
            *self.reasons.entry(reason).or_default() += 1;
        }
        self.report.bytes_read += bytes;
        self.batch_bytes += bytes;
        if self.batch_bytes >= BATCH_BYTES || self.batch_started.elapsed() >= BATCH_TIME {
            self.end_batch(RunStatus::Running)?;
            self.writer.begin()?;
        }
        Ok(())
    }

    fn end_batch(&mut self, status: RunStatus) -> Result<()> {
        self.writer.settle(&derive_article)?;
        self.report.status = status;
        self.report.seconds = self.started.elapsed().as_secs_f64();
        let counted = self.reasons.iter().map(|(reason, &count)| (reason.as_str(), count));
        self.report.reasons = counted.collect();
        self.writer.record_run(&self.report)?;
        self.writer.commit()?;
        self.committed = self.report.clone();
        self.batch_bytes = 0;
        self.batch_started = Instant::now();
        Ok(())
    }

    /// Ends the run, with what `stored` says of it.
    fn finish(mut self, stored: Result<RunStatus>) -> Result<ImportReport> {
        let ended = stored.and_then(|status| match self.report.adds_up() {
            true => self.end_batch(status),
            false => Err(Error::CountsDisagree(self.report.run_id.unwrap_or(0))),
        });
        if let Err(error) = ended {
            // What failed is told, not what failing to record it brings.
            let _ = self.writer.roll_back();
            if self.dry_run {
                return Err(error);
            }
            let mut report = self.committed;
            report.status = RunStatus::Failed;
            report.seconds = self.started.elapsed().as_secs_f64();
            let _ = self.writer.record_run(&report);
            return Err(Error::RunFailed { report: Box::new(report), source: Box::new(error) });
        }
        match self.dry_run {
            true => self.writer.roll_back()?,
            false => self.writer.checkpoint()?,
        }
        Ok(self.report)
    }
}

fn walk_files(
    walk: &Walk,
    mut places: Option<&mut KnownPlaces>,
    limits: Limits,
    senders: &mut Senders<'_>,
) -> Result<(), Gone> {
    for root in walk.roots() {
        if let Some(places) = &mut places
            && root.is_dir()
            && let Err(error) = places.enter(&path_label(root))
        {
            return senders.looked(Err(error));
        }
        for found in walk.files_of(root) {
            match unchanged_files(&found, places.as_deref()) {
                Ok(Some(files)) => senders.unchanged(files)?,
                Err(error) => senders.looked(Err(error))?,
                Ok(None) => match source::members(&found, limits) {
                    None => {
                        let bytes = found.metadata.as_ref().map_or(0, std::fs::Metadata::len);
                        senders.work(bytes, Work::File(Box::new(found)))?;
                    }
                    Some(members) => send_members(members, senders)?,
                },
            }
        }
    }
    Ok(())
}

/// Sends what a carrier holds, each member as a file of the run.
fn send_members(mut members: Members, senders: &mut Senders<'_>) -> Result<(), Gone> {
    for member in members.by_ref() {
        senders.member(member)?;
    }
    match members.finish() {
        Some(carrier) => senders.looked(Ok(Looked::ReadCarrier(Box::new(carrier)))),
        None => Ok(()),
    }
}

fn send_stream(
    options: &ImportOptions,
    limits: Limits,
    senders: &mut Senders<'_>,
) -> Result<(), Gone> {
    let Some(stream) = options.stream.clone() else { return Ok(()) };
    send_members(source::stream_members(stream, limits, options.stop.clone()), senders)
}

/// How many files this one counts for, if its place and state are known.
fn unchanged_files(found: &Found, places: Option<&KnownPlaces>) -> Result<Option<u64>> {
    match (places, &found.metadata, found.modified_ns()) {
        (Some(places), Ok(metadata), Some(modified_ns)) if metadata.is_file() => {
            let (path, length) = (&found.label, metadata.len());
            match places.is_unchanged(path, length, modified_ns)? {
                true => Ok(Some(1)),
                false => places.unchanged_members(path, length, modified_ns),
            }
        }
        _ => Ok(None),
    }
}

/// Lets the one writer have a core whenever it wants one: beside as many parsers as cores it would
/// get only its share, and everybody would wait for it at the end. On two cores an import takes
/// 0.93 of the time so.
fn make_way_for_the_writer() {
    // On Linux this is about the calling thread; elsewhere it would be the whole process.
    #[cfg(target_os = "linux")]
    // SAFETY: it changes nothing but the thread's priority; that it can fail does not matter.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}

/// One of the threads that read and parse.
struct Parser {
    number: usize,
    found: Receiver<FoundGroup>,
    looked: Sender<LookedGroup>,
    spent: Receiver<Spent>,
}

impl Parser {
    fn run(self, options: &ImportOptions, started: Timestamp) {
        make_way_for_the_writer();
        let mut preparer = Preparer::new(options.with_index);
        for group in self.found {
            self.spent.try_iter().for_each(drop);
            let mut look = |(ticket, work): (Ticket, Work)| {
                let sighting = Box::new(sighting(work, &mut preparer, options, started));
                (ticket, Ok(Looked::Read { sighting, parser: self.number }))
            };
            if self.looked.send(group.into_iter().map(&mut look).collect()).is_err() {
                return;
            }
        }
    }
}

fn sighting(
    work: Work,
    preparer: &mut Preparer,
    options: &ImportOptions,
    started: Timestamp,
) -> NewSighting {
    let read = match work {
        Work::File(found) => source::read(&found, options.max_file_size, started)
            .map_err(|rejection| (found.origin(), rejection)),
        Work::Member(member) => *member,
    };
    match read {
        Ok(document) => preparer.sighting(document),
        Err((origin, rejection)) => {
            let derivation = Derivation::Rejected(rejection);
            NewSighting { origin, original: None, derivation, inverted: None }
        }
    }
}
