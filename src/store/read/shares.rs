//! Counts the articles that a query matches, and their share of all, by time or by site.

use crate::error::Result;
use crate::model::words;
use crate::store::open::reader::Reader;
use crate::store::read::filter::{ArticleFilter, is_meant};
use chrono::{Datelike, Days, Months, NaiveDate};
use std::collections::BTreeMap;

words!(
    /// How articles are grouped to be counted. Weeks begin on Monday.
    Grouping {
        /// `2024-02-05`.
        Day => "day",
        /// `2024-W06`, as in ISO 8601.
        Week => "week",
        /// `2024-02`.
        Month => "month",
        /// `2024`.
        Year => "year",
        /// The canonical host.
        Site => "site",
    }
);

/// The articles of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareGroup {
    /// The day, week, month, year or host; `None` for undated articles, or those without an address.
    pub name: Option<String>,
    /// For each filter.
    pub shares: Vec<Share>,
}

/// The articles of one group that a filter selects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that the filter selects.
    pub articles: u64,
    /// Those that it selects without its query.
    pub of: u64,
}

impl Share {
    /// From 0 to 1; `None` where there is no article at all.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.articles as f64 / self.of as f64)
    }
}

/// The first day of each group, at the filter's distance from UTC; a time of which only the day is known is not
/// shifted.
macro_rules! by_time {
    ($start:literal) => {
        concat!(
            "SELECT date(a.published_at,
                    CASE a.published_precision WHEN 'day' THEN '+0 minutes' ELSE :shift END",
            $start,
            ") AS name, count(*) AS articles
             FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE ",
            is_meant!(),
            " GROUP BY 1"
        )
    };
}

impl Grouping {
    fn statement(self) -> &'static str {
        match self {
            Self::Day => by_time!(""),
            Self::Week => by_time!(", 'weekday 0', '-6 days'"),
            Self::Month => by_time!(", 'start of month'"),
            Self::Year => by_time!(", 'start of year'"),
            Self::Site => concat!(
                "SELECT t.host AS name, count(*) AS articles
                 FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE :shift IS NOT NULL AND ",
                is_meant!(),
                " GROUP BY 1"
            ),
        }
    }

    /// The name of the group that begins on a day.
    fn name(self, first: NaiveDate) -> String {
        let format = match self {
            Self::Day | Self::Site => "%Y-%m-%d",
            Self::Week => "%G-W%V",
            Self::Month => "%Y-%m",
            Self::Year => "%Y",
        };
        first.format(format).to_string()
    }

    /// The first day of the next group.
    fn next(self, first: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day | Self::Site => first.succ_opt(),
            Self::Week => first.checked_add_days(Days::new(7)),
            Self::Month => first.checked_add_months(Months::new(1)),
            Self::Year => first.with_year(first.year() + 1),
        }
    }
}

/// The articles for each filter, by the name that a statement gives.
type Counts = BTreeMap<Option<String>, Vec<Share>>;

impl Reader {
    /// The groups that have an article without the filters' queries, and those of the time between them: times in
    /// order, then undated articles; or sites, those with the most selected articles first, then articles without an
    /// address.
    pub fn shares(&self, filters: &[ArticleFilter], grouping: Grouping) -> Result<Vec<ShareGroup>> {
        let counts = self.on_one_state(|reader| {
            let mut counts = Counts::new();
            for (at, filter) in filters.iter().enumerate() {
                let none = || vec![Share::default(); filters.len()];
                reader.count_groups(&filter.without_query(), grouping, &mut |name, articles| {
                    counts.entry(name).or_insert_with(none)[at].of = articles;
                })?;
                reader.count_groups(filter, grouping, &mut |name, articles| {
                    counts.entry(name).or_insert_with(none)[at].articles = articles;
                })?;
            }
            Ok(counts)
        })?;
        let none = vec![Share::default(); filters.len()];
        Ok(match grouping {
            Grouping::Site => by_site(counts),
            _ => by_time(counts, grouping, &none),
        })
    }

    fn count_groups(
        &self,
        filter: &ArticleFilter,
        grouping: Grouping,
        receive: &mut dyn FnMut(Option<String>, u64),
    ) -> Result<()> {
        let values = filter.values(self)?;
        let shift = format!("{:+} minutes", filter.utc_offset.minutes());
        let mut parameters = values.named().to_vec();
        parameters.push((":shift", &shift));
        let mut statement = self.connection.prepare_cached(grouping.statement())?;
        let mut rows = statement.query(&parameters[..])?;
        while let Some(row) = rows.next()? {
            receive(row.get("name")?, row.get("articles")?);
        }
        Ok(())
    }
}

fn by_site(counts: Counts) -> Vec<ShareGroup> {
    let group = |(name, shares)| ShareGroup { name, shares };
    let mut groups: Vec<ShareGroup> = counts.into_iter().map(group).collect();
    groups.sort_by(|one, other| {
        let articles =
            |group: &ShareGroup| group.shares.iter().map(|one| one.articles).sum::<u64>();
        let rank = |group: &ShareGroup| (group.name.is_none(), std::cmp::Reverse(articles(group)));
        rank(one).cmp(&rank(other)).then_with(|| one.name.cmp(&other.name))
    });
    groups
}

fn by_time(mut counts: Counts, grouping: Grouping, none: &[Share]) -> Vec<ShareGroup> {
    let undated = counts.remove(&None);
    let day = |name: &Option<String>| name.as_deref()?.parse::<NaiveDate>().ok();
    let mut dated: BTreeMap<NaiveDate, Vec<Share>> = BTreeMap::new();
    dated.extend(counts.into_iter().filter_map(|(name, shares)| Some((day(&name)?, shares))));
    let mut groups = Vec::new();
    let last = dated.keys().next_back().copied();
    let mut next = dated.keys().next().copied();
    while let Some(first) = next.filter(|first| Some(*first) <= last) {
        let shares = dated.remove(&first).unwrap_or_else(|| none.to_vec());
        groups.push(ShareGroup { name: Some(grouping.name(first)), shares });
        next = grouping.next(first);
    }
    groups.extend(undated.map(|shares| ShareGroup { name: None, shares }));
    groups
}
