//! Every derived row made anew from the stored bytes, in place.
//!
//! Our own change of the extractor must never look like a publisher's edit: after it, the archive
//! stands as if everything had been imported by this program in the first place.

use crate::derive::{derive, derive_article};
use crate::error::{Error, Result};
use crate::model::{Progress, StopFlag, threads};
use crate::store::{ArticleState, Derivation, LockWait, StaleSeed, Writer};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many bytes of originals are derived before they are written and committed together.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH_ARTICLES: usize = 500;

/// How to derive anew.
#[derive(Debug, Clone, Default)]
pub struct ReextractOptions {
    /// Derive everything, even if the rows are this extractor's.
    pub all: bool,
    /// Say what would change, and change nothing.
    pub dry_run: bool,
    /// Threads; 0 for one per core.
    pub jobs: usize,
    /// How long to wait for another writer.
    pub lock_wait: Duration,
    /// Ends it early; the next one goes on from there.
    pub stop: StopFlag,
}

/// What a re-derivation came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReextractReport {
    /// Seeds derived anew.
    pub seeds: u64,
    /// Seeds whose stored bytes no longer have their SHA-256; their rows stay as they were.
    pub damaged: u64,
    /// Articles put into the full-text index, where that was made anew.
    pub indexed: u64,
    /// What changed (or would), article by article; only in a dry run.
    pub changes: Vec<ArticleChange>,
    /// Whether it was stopped before its end; a dry run then tells no changes.
    pub interrupted: bool,
    pub seconds: f64,
}

/// What is different about one article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleChange {
    pub article_id: i64,
    pub title: String,
    /// Such as `text`, `links`, `status stub → ok`, `revisions 1 → 2`, `new`, `joined into 7`.
    pub what: Vec<String>,
}

/// Derives the archive's rows anew; an interrupted one goes on where it was. Does nothing where
/// they are this extractor's already, unless `all` is asked for; makes the full-text index where it
/// is none of this program's.
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
    let mut writer = match options.dry_run {
        true => Writer::open_for_trial(database, lock_wait)?,
        false => Writer::open(database, lock_wait)?,
    };
    let before = match options.dry_run {
        true => writer.article_states()?,
        false => BTreeMap::new(),
    };
    if options.all {
        writer.begin()?;
        writer.mark_stale()?;
        writer.commit()?;
    }
    let mut report = bring_up_to_date(&mut writer, options.jobs, &options.stop, on_progress)?;
    match options.dry_run {
        true if report.interrupted => writer.roll_back()?,
        true => {
            report.changes = changes(&before, &writer.article_states()?, &writer)?;
            writer.roll_back()?;
        }
        false => writer.checkpoint()?,
    }
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// Derives anew what another extractor made, and makes an index that is not this program's; does
/// nothing where both are.
pub(crate) fn bring_up_to_date(
    writer: &mut Writer,
    jobs: usize,
    stop: &StopFlag,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ReextractReport> {
    let mut report = ReextractReport::default();
    if writer.is_stale()? {
        // Nearly every article may change: making the index once costs less than keeping it, and
        // does not ask what the rows were.
        writer.give_up_index()?;
        report = rederive(writer, jobs, stop, on_progress)?;
    }
    if writer.is_index_stale() && !report.interrupted {
        let on_progress =
            &mut |articles, total| on_progress(Progress::Indexing { articles, total });
        report.indexed = writer.rebuild_index(stop, on_progress)?;
        report.interrupted = writer.is_index_stale();
    }
    Ok(report)
}

/// The three steps; each batch is committed on its own, and between two batches it can stop.
fn rederive(
    writer: &mut Writer,
    jobs: usize,
    stop: &StopFlag,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<ReextractReport> {
    let mut on_progress = |seeds, total| on_progress(Progress::Rederiving { seeds, total });
    let total = writer.stale_seeds()?;
    let mut report = ReextractReport::default();
    let mut last = 0;
    on_progress(0, total);
    loop {
        let seeds = writer.next_stale_seeds(last, BATCH_BYTES)?;
        let Some(seed) = seeds.last() else { break };
        last = seed.id;
        writer.begin()?;
        for (seed, derivation) in seeds.iter().zip(derive_all(&seeds, jobs)) {
            match derivation {
                Some(derivation) => writer.replace_derivation(seed.id, &derivation)?,
                None => writer.keep_derivation(seed.id)?,
            }
            report.damaged += u64::from(seed.is_damaged);
        }
        writer.commit()?;
        report.seeds += seeds.len() as u64;
        on_progress(report.seeds, total);
        report.interrupted = stop.is_requested();
        if report.interrupted {
            return Ok(report);
        }
    }
    writer.begin()?;
    writer.regroup(&derive_article)?;
    writer.commit()?;
    let mut last = Some(0);
    while let Some(after) = last {
        writer.begin()?;
        last = writer.settle_next(after, BATCH_ARTICLES, &derive_article)?;
        if last.is_none() {
            writer.mark_current()?;
        }
        writer.commit()?;
        report.interrupted = last.is_some() && stop.is_requested();
        if report.interrupted {
            break;
        }
    }
    Ok(report)
}

/// Tries again the seeds that were refused only because parsing them took too long, as a busy
/// machine can make it. Inside the open transaction.
pub(crate) fn retry_refused(writer: &mut Writer, stop: &StopFlag) -> Result<()> {
    let mut last = 0;
    loop {
        let seeds = writer.next_past_deadline(last, BATCH_BYTES)?;
        let Some(seed) = seeds.last() else { break };
        last = seed.id;
        for seed in &seeds {
            if stop.is_requested() {
                return writer.settle(&derive_article);
            }
            let Some(bytes) = &seed.bytes else { continue };
            let derivation = derive(bytes, &seed.sha256);
            let is_refused_again = match &derivation {
                Derivation::Article { article, .. } => article.status_detail.is_some(),
                Derivation::Rejected(_) => true,
            };
            if !is_refused_again {
                writer.replace_refused(seed.id, &derivation)?;
            }
        }
    }
    writer.settle(&derive_article)
}

/// What each seed's bytes say, in order, on several threads.
fn derive_all(seeds: &[StaleSeed], jobs: usize) -> Vec<Option<Derivation>> {
    let jobs = threads(jobs);
    let derive_part = |part: &[StaleSeed]| -> Vec<_> {
        let one = |seed: &StaleSeed| Some(derive(seed.bytes.as_deref()?, &seed.sha256));
        part.iter().map(one).collect()
    };
    let part_length = seeds.len().div_ceil(jobs).max(1);
    std::thread::scope(|scope| {
        let parts = seeds.chunks(part_length);
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || derive_part(part))).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<_>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().flat_map(join).collect()
    })
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
                None => vec!["gone: its seeds give no article any more".into()],
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
