//! Whether an archive still is what was written: SQLite's own checks, then what must hold between
//! rows, then every original against its SHA-256, then every row against what its original gives.
//!
//! Only the last two see into pages that are whole to SQLite: of one-bit flips it finds few. Nothing
//! is written, and damage ends nothing but the check that cannot get past it.

use crate::derive::derive;
use crate::error::{Error, Result};
use crate::model::{Check, Finding, NamedSeed, StopFlag, threads};
use crate::search::TOKENIZER_VERSION;
use crate::store::{
    Derivation, IndexedWords, Inspector, PackedSeed, StoredArticle, StoredText, Tokenizer, Words,
};
use crossbeam_channel::{bounded, unbounded};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

/// How many kept bytes go to a thread at once; a handful of such batches are in memory.
const BATCH_BYTES: usize = 1 << 20;
/// What an article counts for at least, for its other rows.
const LEAST_BYTES: usize = 1 << 12;

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
            let mut run = Run { inspector: &inspector, options, report, damaged: BTreeSet::new() };
            run.check(on_progress, receive)?;
            report = run.report;
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

/// One verification on its way.
struct Run<'a> {
    inspector: &'a Inspector,
    options: &'a VerifyOptions,
    report: VerifyReport,
    /// Seeds whose bytes or rows cannot be read: told once.
    damaged: BTreeSet<i64>,
}

impl Run<'_> {
    fn check(
        &mut self,
        on_progress: &mut dyn FnMut(VerifyProgress),
        receive: &mut dyn FnMut(&Finding) -> Result<()>,
    ) -> Result<()> {
        let inspector = self.inspector;
        type Checking = fn(&Inspector, &mut dyn FnMut(Finding)) -> Result<()>;
        let mut checks: Vec<Checking> =
            vec![Inspector::check_structure, Inspector::check_schema, Inspector::check_references];
        match inspector.older_schema() {
            Some(found) => self.report.left_out.push(LeftOut::OlderSchema(found)),
            None => {
                checks.push(Inspector::check_rows);
                self.report
                    .left_out
                    .extend(inspector.other_extractor().map(LeftOut::OtherExtractor));
                if inspector.tokenizer().is_none() {
                    self.report.left_out.push(LeftOut::NoIndex);
                }
            }
        }
        for check in checks {
            let mut findings = Vec::new();
            check(inspector, &mut |finding| findings.push(finding))?;
            self.report.tell(&mut findings, receive)?;
        }
        if self.options.quick {
            self.report.left_out.push(LeftOut::Quick);
            return Ok(());
        }
        self.report.left_out.extend(self.options.subset.map(LeftOut::Subset));
        let mut findings = self.check_originals(on_progress)?;
        self.report.tell(&mut findings, receive)?;
        if inspector.older_schema().is_some() {
            return Ok(());
        }
        if inspector.other_extractor().is_some() {
            return Ok(());
        }
        self.report.left_out.extend(self.options.reparse_sample.map(LeftOut::Sample));
        let mut findings = self.check_articles(on_progress)?;
        self.report.tell(&mut findings, receive)?;
        if self.options.reparse_sample == Some(0) {
            return Ok(());
        }
        let Some(tokenizer) = inspector.tokenizer() else { return Ok(()) };
        let mut findings = self.check_index(on_progress)?;
        if tokenizer != TOKENIZER_VERSION {
            // Of other tokens nothing can be said, but that they are others.
            if !findings.is_empty() || self.report.articles == 0 {
                self.report.left_out.push(LeftOut::OtherTokens(tokenizer));
                return Ok(());
            }
            findings.push(Finding::new(
                Check::Index,
                format!("meta says that its tokens are of version {tokenizer}, and they are this program's"),
            ));
        }
        self.report.tell(&mut findings, receive)
    }

    fn part(&self, mut ids: Vec<i64>) -> Vec<i64> {
        if let Some(subset) = self.options.subset {
            ids.retain(|&id| subset.has(id));
        }
        ids
    }

    /// Every kept original against its SHA-256.
    fn check_originals(
        &mut self,
        on_progress: &mut dyn FnMut(VerifyProgress),
    ) -> Result<Vec<Finding>> {
        let inspector = self.inspector;
        let ids = self.part(inspector.seed_ids());
        let total = ids.len() as u64;
        let (mut unreadable, mut not_kept) = (Vec::new(), 0);
        let read = &mut |id| {
            let mut error = None;
            let mut seed = None;
            let read = inspector.packed_seed(id).map(|found| seed = found);
            inspector.as_damage(read, &mut |said| error = Some(said))?;
            match seed {
                Some(seed) if seed.is_kept() => return Ok(Some((seed.size(), seed))),
                Some(_) => not_kept += 1,
                None => unreadable.push((id, error.unwrap_or("its row is not there".into()))),
            }
            Ok(None)
        };
        type Hashed = (i64, Result<usize, &'static str>);
        let hash =
            |seed: PackedSeed| -> Hashed { (seed.id, seed.unpack().map(|bytes| bytes.len())) };
        let mut wrong: Vec<(i64, String)> = Vec::new();
        let report = &mut self.report;
        in_parallel(self.options.jobs, ids, read, || hash, &mut |(id, hashed): Hashed| {
            report.originals += 1;
            match hashed {
                Ok(bytes) => report.original_bytes += bytes as u64,
                Err(what) => wrong.push((id, what.to_owned())),
            }
            on_progress(VerifyProgress::Originals { done: report.originals, total });
        })?;
        report.not_kept = not_kept;
        wrong.extend(unreadable);
        wrong.sort();
        self.damaged.extend(wrong.iter().map(|(id, _)| *id));
        Ok(wrong.into_iter().map(|(id, what)| of_seed(inspector.name_seed(id), what)).collect())
    }

    /// Every article's rows against what its originals give.
    fn check_articles(
        &mut self,
        on_progress: &mut dyn FnMut(VerifyProgress),
    ) -> Result<Vec<Finding>> {
        let inspector = self.inspector;
        let articles = self.sample(self.part(inspector.article_ids())).into_iter();
        let rejected = self.sample(self.part(inspector.rejected_seed_ids())).into_iter();
        let ids: Vec<Id> = articles.map(Id::Article).chain(rejected.map(Id::Seed)).collect();
        let total = ids.len() as u64;
        let (mut findings, mut left_out) = (Vec::new(), 0);
        let read = &mut |id: Id| {
            let mut stored = None;
            let read = id.read(inspector).map(|found| stored = found);
            inspector.as_damage(read, &mut |error| findings.push(id.unreadable(&error)))?;
            left_out += u64::from(stored.is_none());
            Ok(stored.map(|stored| (stored.size(), stored)))
        };
        let mut done = 0;
        let (mut damaged, mut differences) = (Vec::new(), Vec::new());
        in_parallel(self.options.jobs, ids, read, || Compared::of, &mut |compared| {
            done += 1;
            match compared {
                Compared::Differences(found) => differences.extend(found),
                Compared::Damaged(id, what) => damaged.push((id, what)),
            }
            on_progress(VerifyProgress::Articles { done, total });
        })?;
        self.report.not_compared = left_out + damaged.len() as u64;
        self.report.articles = total - self.report.not_compared;
        damaged.retain(|(id, _)| self.damaged.insert(*id));
        damaged.sort();
        differences.sort();
        findings.extend(differences.into_iter().map(|(table, id, what)| Finding {
            seed: (table == "seed").then(|| inspector.name_seed(id)),
            ..Finding::of_row(Check::Articles, table, id, what)
        }));
        let named = |(id, what): (i64, &'static str)| of_seed(inspector.name_seed(id), what.into());
        Ok(damaged.into_iter().map(named).chain(findings).collect())
    }

    /// The full-text index against the rows it is made from.
    fn check_index(&mut self, on_progress: &mut dyn FnMut(VerifyProgress)) -> Result<Vec<Finding>> {
        let inspector = self.inspector;
        let mut findings = Vec::new();
        let mut indexed = None;
        let read = inspector.indexed_words().map(|words| indexed = Some(words));
        inspector.as_damage(read, &mut |error| {
            let what = format!("the full-text index cannot be read to the end: {error}");
            findings.push(Finding::new(Check::Index, what));
        })?;
        let Some(indexed) = indexed else { return Ok(findings) };
        let checked = inspector.check_lengths(&indexed, &mut |id, what| {
            findings.push(match id {
                Some(id) => Finding::of_row(Check::Index, "article", id, what),
                None => Finding::new(Check::Index, what),
            });
        });
        inspector.as_damage(checked, &mut |error| {
            let what = format!("the lengths in the full-text index cannot be read: {error}");
            findings.push(Finding::new(Check::Index, what));
        })?;
        let checked = inspector.check_pages(&mut |what| {
            findings.push(Finding::new(Check::Index, what));
        });
        inspector.as_damage(checked, &mut |error| {
            let what = format!("the pages of the full-text index cannot be read: {error}");
            findings.push(Finding::new(Check::Index, what));
        })?;
        let what = "the full-text index does not hold its words";
        let other = self.articles_of_other_words(&indexed, on_progress)?.into_iter();
        findings.extend(other.map(|id| Finding::of_row(Check::Index, "article", id, what)));
        Ok(findings)
    }

    /// The articles of which the index holds other words than their rows have.
    fn articles_of_other_words(
        &self,
        indexed: &IndexedWords,
        on_progress: &mut dyn FnMut(VerifyProgress),
    ) -> Result<Vec<i64>> {
        let inspector = self.inspector;
        let ids = self.sample(self.part(inspector.article_ids()));
        let total = ids.len() as u64;
        let read = &mut |id| {
            let mut text = None;
            let read = inspector.stored_text(id).map(|found| text = Some(found));
            // What cannot be read has been told.
            inspector.as_damage(read, &mut |_| {})?;
            Ok(text.map(|text| (text.size(), text)))
        };
        let worker = || {
            let mut tokenizer = None;
            move |text: StoredText| -> Result<(i64, Words)> {
                let tokenizer = match &mut tokenizer {
                    Some(tokenizer) => tokenizer,
                    none => none.insert(Tokenizer::new()?),
                };
                Ok((text.id, tokenizer.words(&text)?))
            }
        };
        let (mut done, mut other, mut failed) = (0, Vec::new(), None);
        in_parallel(self.options.jobs, ids, read, worker, &mut |expected| {
            done += 1;
            match expected {
                Ok((id, words)) if indexed.get(&id).copied().unwrap_or_default() != words => {
                    other.push(id);
                }
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
            on_progress(VerifyProgress::Index { done, total });
        })?;
        other.sort_unstable();
        failed.map_or(Ok(other), Err)
    }

    /// About so many of the ids as are asked for, evenly spread.
    fn sample(&self, ids: Vec<i64>) -> Vec<i64> {
        let most = self.options.reparse_sample.map_or(ids.len(), |most| most as usize);
        match most {
            0 => Vec::new(),
            most if most >= ids.len() => ids,
            most => (0..most).map(|at| ids[at * ids.len() / most]).collect(),
        }
    }
}

/// What is compared with its originals.
#[derive(Clone, Copy)]
enum Id {
    Article(i64),
    /// A seed that gave no article.
    Seed(i64),
}

impl Id {
    fn read(self, inspector: &Inspector) -> Result<Option<StoredArticle>> {
        match self {
            Self::Article(id) => inspector.stored_article(id),
            Self::Seed(id) => inspector.stored_rejected(id),
        }
    }

    fn unreadable(self, error: &str) -> Finding {
        let (table, id) = match self {
            Self::Article(id) => ("article", id),
            Self::Seed(id) => ("seed", id),
        };
        Finding::of_row(Check::Articles, table, id, format!("its rows cannot be read: {error}"))
    }
}

/// What comparing one article came to.
enum Compared {
    Differences(Vec<(&'static str, i64, String)>),
    /// This seed's bytes are not what they were.
    Damaged(i64, &'static str),
}

impl Compared {
    fn of(stored: StoredArticle) -> Self {
        let mut derivations: Vec<Derivation> = Vec::with_capacity(stored.seeds.len());
        for seed in &stored.seeds {
            match seed.packed.unpack() {
                Ok(bytes) => derivations.push(derive(&bytes, &seed.packed.sha256)),
                Err(what) => return Self::Damaged(seed.packed.id, what),
            }
        }
        Self::Differences(stored.differences(&derivations))
    }
}

fn of_seed(seed: NamedSeed, what: String) -> Finding {
    Finding { seed: Some(seed.clone()), ..Finding::of_row(Check::Originals, "seed", seed.id, what) }
}

/// Has what `read` gives for each id, with its size in bytes, worked on by several threads, each with
/// a `worker` of its own, and hands out what comes of it as it comes. `read` and `receive` stay on this
/// thread, which alone has the connection.
fn in_parallel<I, T: Send, R: Send, W: FnMut(T) -> R>(
    jobs: usize,
    ids: Vec<I>,
    read: &mut dyn FnMut(I) -> Result<Option<(usize, T)>>,
    worker: impl Fn() -> W + Sync,
    receive: &mut dyn FnMut(R),
) -> Result<()> {
    let jobs = threads(jobs);
    std::thread::scope(|scope| {
        let (sender, waiting) = bounded::<Vec<T>>(jobs);
        let (done_sender, done) = unbounded::<Vec<R>>();
        for _ in 0..jobs {
            let (waiting, done_sender, worker) = (waiting.clone(), done_sender.clone(), &worker);
            scope.spawn(move || {
                let mut work = worker();
                let mut work = |batch: Vec<T>| batch.into_iter().map(&mut work).collect();
                // It fails only when nobody wants to know any more.
                waiting.iter().all(|batch| done_sender.send(work(batch)).is_ok())
            });
        }
        drop((waiting, done_sender));
        let mut ids = ids.into_iter();
        while let Some(batch) = next_batch(&mut ids, read)? {
            if sender.send(batch).is_err() {
                break;
            }
            done.try_iter().flatten().for_each(&mut *receive);
        }
        drop(sender);
        done.iter().flatten().for_each(receive);
        Ok(())
    })
}

/// Reads on until there is enough for one thread; `None` at the end.
fn next_batch<I, T>(
    ids: &mut std::vec::IntoIter<I>,
    read: &mut dyn FnMut(I) -> Result<Option<(usize, T)>>,
) -> Result<Option<Vec<T>>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES {
        let Some(id) = ids.next() else { break };
        if let Some((size, one)) = read(id)? {
            bytes += size.max(LEAST_BYTES);
            batch.push(one);
        }
    }
    Ok((!batch.is_empty()).then_some(batch))
}
