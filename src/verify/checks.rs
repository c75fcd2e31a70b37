//! The checks of a verification: what is read, what is compared, what is reported.

use super::parallel::in_parallel;
use super::{LeftOut, VerifyOptions, VerifyProgress, VerifyReport};
use crate::derive::derive;
use crate::error::Result;
use crate::model::Derivation;
use crate::model::{Check, Finding, NamedSeed};
use crate::search::TOKENIZER_VERSION;
use crate::store::{
    IndexedWords, Inspector, PackedSeed, StoredArticle, StoredText, Unicode61, Words,
};
use std::collections::BTreeSet;

/// The checks of one verification.
pub(super) struct Checks<'a> {
    inspector: &'a Inspector,
    options: &'a VerifyOptions,
    report: VerifyReport,
    /// Seeds whose bytes or rows cannot be read; reported once.
    damaged: BTreeSet<i64>,
}

impl<'a> Checks<'a> {
    /// Before any check; the results are added to `report`.
    pub fn new(inspector: &'a Inspector, options: &'a VerifyOptions, report: VerifyReport) -> Self {
        Self { inspector, options, report, damaged: BTreeSet::new() }
    }

    /// Runs all checks and returns the report.
    pub fn run(
        mut self,
        on_progress: &mut dyn FnMut(VerifyProgress),
        receive: &mut dyn FnMut(&Finding) -> Result<()>,
    ) -> Result<VerifyReport> {
        self.make(on_progress, receive)?;
        Ok(self.report)
    }

    fn make(
        &mut self,
        on_progress: &mut dyn FnMut(VerifyProgress),
        receive: &mut dyn FnMut(&Finding) -> Result<()>,
    ) -> Result<()> {
        let inspector = self.inspector;
        self.check_within_sqlite(receive)?;
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
            // Nothing else can be checked about tokens of another version.
            if !findings.is_empty() || self.report.articles == 0 {
                self.report.left_out.push(LeftOut::OtherTokens(tokenizer));
                return Ok(());
            }
            findings.push(Finding::new(
                Check::Index,
                format!(
                    "meta names version {tokenizer} for its tokens, but they are this program's"
                ),
            ));
        }
        self.report.tell(&mut findings, receive)
    }

    /// Checks the database against itself, without the originals.
    fn check_within_sqlite(
        &mut self,
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
        Ok(())
    }

    fn part(&self, mut ids: Vec<i64>) -> Vec<i64> {
        if let Some(subset) = self.options.subset {
            ids.retain(|&id| subset.has(id));
        }
        ids
    }

    /// Hashes every stored original and compares it with its SHA-256.
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
                None => unreadable.push((id, error.unwrap_or("its row is missing".into()))),
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

    /// Compares the rows of every article with what its originals give.
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

    /// Compares the full-text index with the rows it is made from.
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
        let what = "the full-text index does not have its words";
        let other = self.articles_of_other_words(&indexed, on_progress)?.into_iter();
        findings.extend(other.map(|id| Finding::of_row(Check::Index, "article", id, what)));
        Ok(findings)
    }

    /// The articles whose words in the index differ from those of their rows.
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
            // Unreadable rows were already reported.
            inspector.as_damage(read, &mut |_| {})?;
            Ok(text.map(|text| (text.size(), text)))
        };
        let worker = || {
            let mut tokenizer = None;
            move |text: StoredText| -> Result<(i64, Words)> {
                let tokenizer = match &mut tokenizer {
                    Some(tokenizer) => tokenizer,
                    none => none.insert(Unicode61::new()?),
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

    /// About the requested number of ids, evenly spread.
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
    /// A seed without an article.
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

/// The result of comparing one article.
enum Compared {
    Differences(Vec<(&'static str, i64, String)>),
    /// This seed's bytes have changed.
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
