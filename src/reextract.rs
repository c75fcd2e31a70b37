//! Rebuilds every derived row from the stored bytes, in place.
//!
//! A change of our extractor must never look like an edit by the publisher: after a rebuild, the archive is
//! as if this program had imported everything.

use crate::derive::{derive, derive_article};
use crate::error::{Error, Result};
use crate::model::Derivation;
use crate::model::{Progress, StopFlag, setters, threads};
use crate::store::{ArticleState, LockWait, StaleSeed, Writer};
use crossbeam_channel::{RecvTimeoutError, unbounded};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many bytes of originals are derived, written and committed together.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH_ARTICLES: usize = 500;

/// Options of a rebuild.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReextractOptions {
    /// Rebuild everything, even if the rows are of this extractor.
    pub all: bool,
    /// Show what would change, without changing anything.
    pub dry_run: bool,
    /// Threads; 0 for one per core.
    pub jobs: usize,
    /// Whether SQLite's own INSERT writes the full-text index; see [`IndexWriting::Plain`].
    ///
    /// [`IndexWriting::Plain`]: crate::store::IndexWriting::Plain
    pub plain_index: bool,
    /// How long to wait for another writer.
    pub lock_wait: Duration,
    /// Ends it early; the next run continues.
    pub stop: StopFlag,
}

setters!(ReextractOptions {
    with_all(all: bool) => all,
    with_dry_run(dry_run: bool) => dry_run,
    with_jobs(jobs: usize) => jobs,
    with_plain_index(plain_index: bool) => plain_index,
    with_lock_wait(lock_wait: Duration) => lock_wait,
    with_stop(stop: StopFlag) => stop,
});

/// The result of a rebuild.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ReextractReport {
    /// Seeds that were derived again.
    pub seeds: u64,
    /// Seeds whose stored bytes no longer match their SHA-256; their rows are not changed.
    pub damaged: u64,
    /// Articles added to the full-text index, if that was rebuilt.
    pub indexed: u64,
    /// What changed (or would change), article by article; only in a dry run.
    pub changes: Vec<ArticleChange>,
    /// Whether it was stopped early; a dry run then reports no changes.
    pub interrupted: bool,
    /// How long it took.
    pub seconds: f64,
}

/// The changes of one article.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArticleChange {
    /// Which one, in the archive as it is.
    pub article_id: i64,
    /// Of the article before, or of a new one.
    pub title: String,
    /// Such as `text`, `links`, `status stub → ok`, `revisions 1 → 2`, `new`, `joined into 7`.
    pub what: Vec<String>,
}

/// Rebuilds the archive's derived rows; continues an interrupted rebuild. Does nothing if they are already of
/// this extractor, unless `all` is set. Also rebuilds the full-text index if it is not this program's.
///
/// # Errors
///
/// [`Error::NoDatabase`], and errors of writing the archive; then nothing remains half done.
pub fn reextract(
    database: &Path,
    options: &ReextractOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ReextractReport> {
    let started = Instant::now();
    if !database.exists() {
        return Err(Error::NoDatabase(database.to_owned()));
    }
    let lock_wait = LockWait { at_most: options.lock_wait, stop: Some(&options.stop) };
    let mut writer = if options.dry_run {
        Writer::open_for_trial(database, lock_wait)?
    } else {
        Writer::open(database, lock_wait)?
    };
    if options.plain_index {
        writer.write_index_plainly();
    }
    let before = if options.dry_run { writer.article_states()? } else { BTreeMap::new() };
    if options.all {
        let mut batch = writer.batch()?;
        batch.mark_stale()?;
        batch.commit(&derive_article)?;
    }
    let mut report = bring_up_to_date(&mut writer, options.jobs, &options.stop, on_progress)?;
    if options.dry_run && !report.interrupted {
        report.changes = changes(&before, &writer.article_states()?, &writer)?;
    }
    writer.checkpoint()?;
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// Rebuilds rows of another extractor, and an index that is not this program's; does nothing if there are
/// none.
pub(crate) fn bring_up_to_date(
    writer: &mut Writer,
    jobs: usize,
    stop: &StopFlag,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ReextractReport> {
    let mut report = ReextractReport::default();
    let rebuilt = writer.until_stopped(stop, |writer| {
        if writer.is_stale()? {
            // Nearly every article may change: building the index once costs less than updating it, and does
            // not need the old rows.
            writer.give_up_index()?;
            rederive(writer, jobs, stop, &mut report, on_progress)?;
        }
        if writer.is_index_stale() && !report.interrupted {
            let on_progress =
                &mut |articles, total| on_progress(Progress::Indexing { articles, total });
            report.indexed = writer.rebuild_index(stop, on_progress)?;
            report.interrupted = writer.is_index_stale();
        }
        Ok(())
    })?;
    report.interrupted |= rebuilt.is_none();
    Ok(report)
}

/// The three steps; each batch is committed separately, and a batch that is stopped is rolled back.
fn rederive(
    writer: &mut Writer,
    jobs: usize,
    stop: &StopFlag,
    report: &mut ReextractReport,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<()> {
    let mut on_progress = |seeds, total| on_progress(Progress::Rederiving { seeds, total });
    let total = writer.stale_seeds()?;
    let mut last = 0;
    on_progress(0, total);
    loop {
        let seeds = Arc::new(writer.next_stale_seeds(last, BATCH_BYTES)?);
        let Some(seed) = seeds.last() else { break };
        last = seed.id;
        let derivations = derive_all(&seeds, jobs, stop)?;
        let mut batch = writer.batch()?;
        for (seed, derivation) in seeds.iter().zip(derivations) {
            match derivation {
                Some(derivation) => batch.replace_derivation(seed.id, &derivation)?,
                None => batch.keep_derivation(seed.id)?,
            }
            report.damaged += u64::from(seed.is_damaged);
        }
        batch.commit(&derive_article)?;
        report.seeds += seeds.len() as u64;
        on_progress(report.seeds, total);
        report.interrupted = stop.is_requested();
        if report.interrupted {
            return Ok(());
        }
    }
    let mut batch = writer.batch()?;
    batch.regroup(&derive_article)?;
    batch.commit(&derive_article)?;
    let mut last = Some(0);
    while let Some(after) = last {
        let mut batch = writer.batch()?;
        last = batch.touch_next(after, BATCH_ARTICLES)?;
        if last.is_none() {
            batch.mark_current()?;
        }
        batch.commit(&derive_article)?;
        report.interrupted = last.is_some() && stop.is_requested();
        if report.interrupted {
            break;
        }
    }
    Ok(())
}

/// Derives seeds on several threads, and returns the results in order. When stopped, it does not wait for the
/// threads: one may be processing a page that takes long.
fn derive_all(
    seeds: &Arc<Vec<StaleSeed>>,
    jobs: usize,
    stop: &StopFlag,
) -> Result<Vec<Option<Derivation>>> {
    /// How often it checks whether to stop.
    const LOOK: Duration = Duration::from_millis(50);
    let jobs = threads(jobs);
    let next = Arc::new(AtomicUsize::new(0));
    let (sender, derived) = unbounded();
    let derive_some = || {
        let (seeds, next, sender) = (Arc::clone(seeds), Arc::clone(&next), sender.clone());
        let stop = stop.clone();
        move || {
            let take = || {
                let at = next.fetch_add(1, Ordering::Relaxed);
                seeds.get(at).filter(|_| !stop.is_requested()).map(|seed| (at, seed))
            };
            while let Some((at, seed)) = take() {
                let derivation = seed.bytes.as_deref().map(|bytes| derive(bytes, &seed.sha256));
                if sender.send((at, derivation)).is_err() {
                    return;
                }
            }
        }
    };
    let threads: Vec<_> = (0..jobs).map(|_| std::thread::spawn(derive_some())).collect();
    drop(sender);
    let mut all: Vec<Option<Derivation>> = seeds.iter().map(|_| None).collect();
    loop {
        let received = derived.recv_timeout(LOOK);
        // The threads may have skipped some.
        if stop.is_requested() {
            return Err(Error::interruption());
        }
        match received {
            Ok((at, derivation)) => all[at] = derivation,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    for thread in threads {
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    }
    Ok(all)
}

fn changes(
    before: &BTreeMap<i64, ArticleState>,
    after: &BTreeMap<i64, ArticleState>,
    writer: &Writer,
) -> Result<Vec<ArticleChange>> {
    let mut changes = Vec::new();
    for (&article_id, old) in before {
        let what = match after.get(&article_id) {
            Some(new) => old.differences(new),
            None => match writer.merged_into(article_id)? {
                Some(heir) => vec![format!("joined into {heir}")],
                None => vec!["removed: its seeds no longer give an article".into()],
            },
        };
        if !what.is_empty() {
            changes.push(ArticleChange { article_id, title: old.title.clone(), what });
        }
    }
    for (&article_id, new) in after.iter().filter(|(id, _)| !before.contains_key(id)) {
        let what = vec!["new".into()];
        changes.push(ArticleChange { article_id, title: new.title.clone(), what });
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_derived_in_order_and_given_up() {
        let seed = |at: u8| StaleSeed {
            id: i64::from(at),
            sha256: [at; 32].into(),
            bytes: (at % 3 == 1).then(|| vec![at]),
            is_damaged: false,
        };
        let seeds = Arc::new((0..40).map(seed).collect::<Vec<_>>());
        let stop = StopFlag::new();
        for jobs in [1, 4, 99] {
            let derivations = derive_all(&seeds, jobs, &stop).unwrap();
            let are_there: Vec<bool> = derivations.iter().map(Option::is_some).collect();
            assert_eq!(are_there, (0..40).map(|at| at % 3 == 1).collect::<Vec<_>>());
        }
        stop.request();
        assert!(derive_all(&seeds, 2, &stop).is_err_and(|error| error.is_interruption()));
    }
}
