//! The standing of an article: which seeds are one revision, which revision is current, and how revisions are
//! numbered.

use super::keys::{Key, pair_key};
use crate::extract::title_key;
use crate::model::{Change, Precision, Published, Sha256, Status, Timestamp};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The earliest known publication time of some seeds, and its precision: the highest of those seeds that have
/// this time. The precision is `None` in rows from before precisions were stored.
pub(crate) type Earliest = Option<(Timestamp, Option<Precision>)>;

/// The columns of a seed that sameness needs.
#[derive(Debug, Clone)]
pub(crate) struct SeedKeys {
    pub id: i64,
    pub sha256: Sha256,
    pub canonical_url: String,
    pub url: Option<String>,
    pub title: String,
    pub published_at: Option<Timestamp>,
    pub precision: Option<Precision>,
    pub observed_at: Option<Timestamp>,
    pub text_sha256: Option<Sha256>,
    pub text_length: u64,
    pub status: Status,
    /// Whether it is a whole page, whose time is what the page claims.
    pub is_page: bool,
}

/// The publication time in a seed.
pub(crate) fn earliest(published: &Published) -> Earliest {
    published.at().map(|at| (at, published.precision()))
}

/// How much later than its observation a page can have been published, in seconds: times without a zone, and of
/// other zones.
const LATER: i64 = 86_400;

/// The publication time of a seed, unless it is a page that was observed before. That follows from all sightings
/// of a seed, so it is decided here and not when its bytes are read.
pub(crate) fn believed(
    published: Earliest,
    observed_at: Option<Timestamp>,
    is_page: bool,
) -> Earliest {
    let is_later =
        |at: Timestamp| observed_at.is_some_and(|seen| at.seconds() > seen.seconds() + LATER);
    published.filter(|(at, _)| !is_page || !is_later(*at))
}

impl SeedKeys {
    /// The key that all seeds of a revision share.
    pub fn pair_key(&self) -> Key {
        pair_key(self.text_sha256, &self.title)
    }

    /// When it was published, if that is believed; of equal times, the more precise one is less.
    pub fn published(&self) -> Earliest {
        let published = self.published_at.map(|at| (at, self.precision));
        believed(published, self.observed_at, self.is_page)
    }

    /// The order of revisions; `None` sorts below every known time. In the place of a time that is not believed
    /// is that of the observation.
    pub fn compare_age(&self, other: &Self) -> Ordering {
        let time = |seed: &Self| match seed.published() {
            None if seed.published_at.is_some() => seed.observed_at,
            published => published.map(|(at, _)| at),
        };
        let key = |seed: &Self| (time(seed), seed.observed_at, seed.text_length, seed.sha256);
        key(self).cmp(&key(other))
    }

    /// The order that decides which seed is current: the more complete one first, so that a later stub never
    /// hides a full text.
    pub fn compare_standing(&self, other: &Self) -> Ordering {
        self.status.rank().cmp(&other.status.rank()).then_with(|| self.compare_age(other))
    }
}

/// One revision to be stored; its number is its position in [`Standing::revisions`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RevisionPlan {
    /// Index of its greatest seed.
    pub seed: usize,
    /// The earliest observation of its seeds.
    pub observed_at: Option<Timestamp>,
    pub change: Change,
}

/// The standing of an article.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Index of the current seed.
    pub current: usize,
    pub revisions: Vec<RevisionPlan>,
    pub published: Earliest,
    /// For each canonical URL, the index of the greatest seed that has it.
    pub urls: BTreeMap<String, usize>,
}

/// Decides the standing of an article with these seeds; `None` without any seed.
pub(crate) fn standing(seeds: &[SeedKeys]) -> Option<Standing> {
    let greatest = |seeds_of: &[usize]| {
        seeds_of.iter().copied().max_by(|&a, &b| seeds[a].compare_standing(&seeds[b]))
    };
    let everything: Vec<usize> = (0..seeds.len()).collect();
    let current = greatest(&everything)?;

    let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    let mut by_url: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, seed) in seeds.iter().enumerate() {
        groups.entry(seed.pair_key()).or_default().push(index);
        by_url.entry(seed.canonical_url.clone()).or_default().push(index);
    }
    let mut revisions: Vec<RevisionPlan> = groups
        .into_values()
        .filter_map(|members| {
            let observed_at = members.iter().filter_map(|&m| seeds[m].observed_at).min();
            let change = Change::First;
            greatest(&members).map(|seed| RevisionPlan { seed, observed_at, change })
        })
        .collect();
    revisions.sort_by(|a, b| seeds[a.seed].compare_age(&seeds[b.seed]));
    for later in 1..revisions.len() {
        let (before, after) = (&revisions[later - 1], &revisions[later]);
        revisions[later].change = change(&seeds[before.seed], &seeds[after.seed]);
    }
    Some(Standing {
        current,
        revisions,
        published: seeds.iter().filter_map(SeedKeys::published).min(),
        urls: by_url
            .into_iter()
            .filter_map(|(url, members)| greatest(&members).map(|seed| (url, seed)))
            .collect(),
    })
}

/// What differs between the seeds of two consecutive revisions.
pub(crate) fn change(before: &SeedKeys, after: &SeedKeys) -> Change {
    let is_other_title = title_key(&before.title) != title_key(&after.title);
    match (before.text_sha256 != after.text_sha256, is_other_title) {
        (true, false) => Change::Text,
        (false, true) => Change::Title,
        _ => Change::TextAndTitle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seeds written as `text title published observed status`, `-` for unknown, and `page` for a whole page.
    fn seeds(lines: &[&str]) -> Vec<SeedKeys> {
        let time = |text: &str| text.parse().ok().and_then(Timestamp::from_seconds);
        let parse = |(index, line): (usize, &&str)| {
            let field: Vec<&str> = line.split(' ').collect();
            SeedKeys {
                id: index as i64,
                sha256: Sha256::of([index as u8]),
                canonical_url: "https://news.example/1".into(),
                url: None,
                title: field[1].into(),
                published_at: time(field[2]),
                precision: None,
                observed_at: time(field[3]),
                text_sha256: (field[0] != "-").then(|| Sha256::of(field[0])),
                text_length: 100,
                status: field[4].parse().unwrap(),
                is_page: field.get(5) == Some(&"page"),
            }
        };
        lines.iter().enumerate().map(parse).collect()
    }

    fn check(lines: &[&str], current: usize, revisions: &[(usize, &str)]) {
        let standing = standing(&seeds(lines)).unwrap();
        assert_eq!(standing.current, current, "current of {lines:?}");
        let found: Vec<_> =
            standing.revisions.iter().map(|r| (r.seed, r.change.as_str())).collect();
        assert_eq!(found, revisions, "revisions of {lines:?}");
    }

    #[test]
    fn revisions_and_the_current_one() {
        check(&["a T 5 1 ok"], 0, &[(0, "first")]);
        check(&["a T 5 1 ok", "a T 5 2 ok"], 1, &[(1, "first")]);
        check(&["a T 5 1 ok", "b T 5 2 ok"], 1, &[(0, "first"), (1, "text")]);
        check(&["b T 6 2 ok", "a T 5 9 ok"], 0, &[(1, "first"), (0, "text")]);
        check(&["a T 5 1 ok", "b U 5 2 ok"], 1, &[(0, "first"), (1, "text+title")]);
        check(&["a T 5 1 ok", "a U 5 2 ok"], 1, &[(0, "first"), (1, "title")]);
        // A later stub is the last revision, but never the current one.
        check(&["a T 5 1 ok", "s T 9 9 stub"], 0, &[(0, "first"), (1, "text")]);
        // An unknown time sorts lowest, and all missing texts of unparsed seeds are equal.
        check(&["a T 5 1 ok", "b T - 9 ok"], 0, &[(1, "first"), (0, "text")]);
        check(&["- T 5 1 unparsed", "- T 5 2 unparsed"], 1, &[(1, "first")]);
    }

    /// A false date in the future must not keep a later text from being the current one.
    #[test]
    fn a_page_was_not_published_after_it_was_seen() {
        let published = |lines: &[&str]| standing(&seeds(lines)).unwrap().published;
        let at = |seconds| Timestamp::from_seconds(seconds).map(|at| (at, None));
        let lines = ["a t 9000000 100000 ok page", "b t 150000 200000 ok page"];
        check(&lines, 1, &[(0, "first"), (1, "text")]);
        assert_eq!(published(&lines), at(150_000));
        // A day later is another zone, and a seed's own time is not doubted.
        assert_eq!(published(&["a t 186400 100000 ok page"]), at(186_400));
        assert_eq!(published(&["a t 186401 100000 ok page"]), None);
        assert_eq!(published(&["a t 9000000 100000 ok"]), at(9_000_000));
        assert_eq!(published(&["a t 9000000 - ok page"]), at(9_000_000));
    }
}
