//! Settling: bringing the derived rows of an article up to date after its seeds changed.

mod site_names;

use crate::error::Result;
use crate::extract::EXTRACTOR_VERSION;
use crate::model::{Article, Sha256};
use crate::sameness::{Earliest, RevisionPlan, SeedKeys, standing};
use crate::store::schema::{ARTICLE, AllSeeds, execute};
use crate::store::write::batch::{Batch, Derive};
use crate::store::write::revisions::{Plan, Planned, TextChange};
use crate::store::write::seed_keys::{read_published, read_seed_keys, seed_keys};
use crate::store::write::touched::Touched;
use rusqlite::{OptionalExtension, named_params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::iter::once;
use std::sync::LazyLock;

impl Batch<'_> {
    /// Brings every touched article up to date with its seeds. Once per batch and not per seed, so that many
    /// versions of one article in a batch are decided together. The cost follows from what the batch changed,
    /// not from what the article holds, unless stored rows have to change.
    pub(in crate::store) fn settle_touched(&mut self, derive: Derive<'_>) -> Result<()> {
        for (article_id, touched) in std::mem::take(&mut self.touched) {
            self.unite(article_id, &touched.gone)?;
            let Some(stored) = self.stored_article(article_id)? else { continue };
            let planned = if touched.is_whole {
                self.plan_whole(article_id)?
            } else {
                Some(self.plan_grown(article_id, &stored, &touched)?)
            };
            if let Some(plan) = planned {
                self.settle_article(article_id, &stored, plan, derive)?;
                self.write_seen(article_id, &touched)?;
            }
        }
        self.joined.clear();
        self.fresh.clear();
        self.name_sites()
    }

    pub(in crate::store) fn article_of_seed(
        &self,
        seed_id: i64,
        derive: Derive<'_>,
    ) -> Result<Option<Article>> {
        match self.fresh.get(&seed_id) {
            Some(article) => Ok(Some(article.clone())),
            None => Ok(derive(&self.original(seed_id)?)),
        }
    }

    fn stored_article(&self, article_id: i64) -> Result<Option<StoredState>> {
        const READ: &str = "SELECT seed_id, text_sha256, published_at, published_precision,
            revision_count, extractor_version FROM article WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        let stored = statement.query_row([article_id], |row| {
            Ok(StoredState {
                seed_id: row.get("seed_id")?,
                text_sha256: row.get("text_sha256")?,
                published: read_published(row)?,
                revision_count: row.get("revision_count")?,
                extractor_version: row.get("extractor_version")?,
            })
        });
        Ok(stored.optional()?)
    }

    /// Plans an article from all of its seeds; `None` if it has none.
    fn plan_whole(&self, article_id: i64) -> Result<Option<Plan>> {
        let seeds = self.seeds_of(article_id)?;
        let Some(standing) = standing(&seeds) else { return Ok(None) };
        let stored = self.stored_revisions(article_id)?;
        let mut stale: BTreeSet<i64> = stored.iter().map(|(_, stored)| stored.id).collect();
        let mut stored: HashMap<_, _> = stored.into_iter().collect();
        let plan = |plan: &RevisionPlan| {
            let seed = seeds[plan.seed].clone();
            let key = seed.pair_key();
            let stored = stored.remove(&key);
            if let Some(stored) = &stored {
                stale.remove(&stored.id);
            }
            Planned { seed, key, observed_at: plan.observed_at, stored, is_moved: true }
        };
        let revisions: Vec<Planned> = standing.revisions.iter().map(plan).collect();
        Ok(Some(Plan {
            current: seeds[standing.current].clone(),
            published: standing.published,
            revision_count: revisions.len(),
            revisions,
            before: None,
            stale: stale.into_iter().collect(),
            urls: standing.urls.into_values().map(|at| seeds[at].clone()).collect(),
            is_whole: true,
        }))
    }

    /// Plans how the new seeds of an article change it, from these seeds and its stored state.
    fn plan_grown(&self, article_id: i64, stored: &StoredState, touched: &Touched) -> Result<Plan> {
        const OF_URL: &str = concat!(
            "SELECT ",
            seed_keys!(),
            " FROM article_url u JOIN seed s ON s.id = u.seed_id WHERE u.canonical_url = ?1"
        );
        let seeds = touched.seeds.iter().map(|&id| self.seed_keys(id));
        let seeds: Vec<SeedKeys> = seeds.collect::<Result<_>>()?;
        let mut current = self.seed_keys(stored.seed_id)?;
        let mut published = stored.published;
        let mut urls: BTreeMap<&str, &SeedKeys> = BTreeMap::new();
        for seed in &seeds {
            if seed.compare_standing(&current).is_gt() {
                current = seed.clone();
            }
            published = [published, seed.published()].into_iter().flatten().min();
            let greatest = urls.entry(&seed.canonical_url).or_insert(seed);
            if seed.compare_standing(greatest).is_gt() {
                *greatest = seed;
            }
        }
        let mut statement = self.connection.prepare_cached(OF_URL)?;
        let mut other_urls = Vec::new();
        for (canonical_url, seed) in urls {
            let known = statement.query_row([canonical_url], read_seed_keys);
            if known.optional()?.is_none_or(|known| seed.compare_standing(&known).is_gt()) {
                other_urls.push(seed.clone());
            }
        }
        let grown = self.grown_revisions(article_id, stored.revision_count, &seeds)?;
        Ok(Plan {
            current,
            published,
            revision_count: stored.revision_count + grown.new,
            revisions: grown.revisions,
            before: grown.before,
            stale: Vec::new(),
            urls: other_urls,
            is_whole: false,
        })
    }

    fn settle_article(
        &mut self,
        article_id: i64,
        stored: &StoredState,
        plan: Plan,
        derive: Derive<'_>,
    ) -> Result<()> {
        static UPDATE: LazyLock<String> =
            LazyLock::new(|| ARTICLE.update(|column| column.value.is_of_all_seeds()));
        let is_recut = stored.extractor_version != EXTRACTOR_VERSION;
        if stored.seed_id != plan.current.id || is_recut {
            // If the bytes no longer give an article, its rows stay as they are.
            if let Some(article) = self.article_of_seed(plan.current.id, derive)? {
                self.replace_text(article_id, plan.current.id, &article)?;
            }
        }
        let written = self.write_revisions(article_id, &plan)?;
        let change = match stored.text_sha256 == plan.current.text_sha256 {
            _ if is_recut => TextChange::Extractor,
            true => TextChange::None,
            false => TextChange::Version,
        };
        self.write_former(article_id, &plan, &written, change, derive)?;
        if plan.is_whole {
            self.remove_other_urls(article_id, &plan.urls)?;
        }
        for seed in &plan.urls {
            self.put_url(article_id, &seed.canonical_url, seed.url.as_deref(), Some(seed.id))?;
        }
        let all = AllSeeds { published: plan.published, revision_count: plan.revision_count };
        let values = ARTICLE.values_of_all_seeds(&all).chain(once(article_id.into()));
        execute(self.connection, &UPDATE, values)?;
        Ok(())
    }

    /// Removes addresses that no seed has any more. Only another extractor spells an address differently.
    fn remove_other_urls(&self, article_id: i64, seeds: &[SeedKeys]) -> Result<()> {
        const READ: &str = "SELECT canonical_url FROM article_url WHERE article_id = ?1";
        const REMOVE: &str = "DELETE FROM article_url WHERE canonical_url = ?1";
        let mut statement = self.connection.prepare_cached(READ)?;
        let stored = statement.query_map([article_id], |row| row.get("canonical_url"))?;
        let stored: Vec<String> = stored.collect::<Result<_, _>>()?;
        // Both are in the order of the addresses.
        let is_kept = |address: &&String| {
            seeds.binary_search_by(|seed| seed.canonical_url.cmp(address)).is_ok()
        };
        for address in stored.iter().filter(|address| !is_kept(address)) {
            self.connection.prepare_cached(REMOVE)?.execute([address])?;
        }
        Ok(())
    }

    /// Writes when an article was first and last seen; from the new sightings alone, if the rest did not
    /// change.
    fn write_seen(&self, article_id: i64, touched: &Touched) -> Result<()> {
        const ALL: &str = "UPDATE article SET (first_seen_at, last_seen_at) =
            (SELECT min(g.observed_at), max(g.observed_at) FROM seed s
             JOIN sighting g ON g.seed_id = s.id WHERE s.article_id = :id) WHERE id = :id";
        const WIDEN: &str = "UPDATE article SET
            first_seen_at = min(coalesce(first_seen_at, :first), :first),
            last_seen_at = max(coalesce(last_seen_at, :last), :last) WHERE id = :id";
        if touched.is_whole {
            let values = named_params! { ":id": article_id };
            self.connection.prepare_cached(ALL)?.execute(values)?;
        } else if let Some((first, last)) = touched.seen {
            self.connection.prepare_cached(WIDEN)?.execute(named_params! {
                ":first": first,
                ":last": last,
                ":id": article_id,
            })?;
        }
        Ok(())
    }
}

/// The stored state of an article that is to be settled.
struct StoredState {
    /// The seed that its text was derived from.
    seed_id: i64,
    text_sha256: Option<Sha256>,
    published: Earliest,
    revision_count: usize,
    extractor_version: i64,
}
