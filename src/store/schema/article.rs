//! `article`: columns from its current seed, and columns that follow from all of its seeds.

use super::seed::said_names;
use super::{Column, Reading, Scalar, Table};
use crate::extract::EXTRACTOR_VERSION;
use crate::model::{Article, Timestamp};
use crate::sameness::Earliest;

/// An article's current seed and its derivation.
pub(in crate::store) struct Current<'a> {
    pub article: &'a Article,
    /// The id of the site when storing, its host when comparing.
    pub site: Scalar<'a>,
    pub seed_id: i64,
}

/// Values that follow from all seeds of an article.
pub(in crate::store) struct AllSeeds {
    pub published: Earliest,
    pub revision_count: usize,
}

/// Where the value of a column comes from, and thereby when it is written.
#[derive(Clone, Copy)]
pub(in crate::store) enum Source {
    Current(for<'a> fn(&'a Current<'a>) -> Scalar<'a>),
    AllSeeds(for<'a> fn(&'a AllSeeds) -> Scalar<'a>),
    /// The sightings of its seeds, counted by separate statements.
    Sightings,
}

const fn current(
    name: &'static str,
    value: for<'a> fn(&'a Current<'a>) -> Scalar<'a>,
) -> Column<Source> {
    Column::new(name, Source::Current(value))
}

const fn of_all(
    name: &'static str,
    value: for<'a> fn(&'a AllSeeds) -> Scalar<'a>,
) -> Column<Source> {
    Column::new(name, Source::AllSeeds(value))
}

pub(in crate::store) const ARTICLE: Table<Source> = Table {
    name: "article",
    alias: "a",
    key: "id",
    columns: &[
        current("site_id", |it| it.site).compared_as("site", "t.host"),
        current("url", |it| it.article.url.as_ref().into()),
        current("canonical_url", |it| (&it.article.canonical_url).into()),
        current("site_name", |it| it.article.site_name.as_ref().into()),
        current("title", |it| (&it.article.title).into()),
        current("title_raw", |it| it.article.title_raw.as_ref().into()),
        current("author", |it| it.article.author.as_ref().into()),
        current("dateline", |it| it.article.dateline.as_ref().into()),
        current("script", |it| it.article.script.into()),
        current("language", |it| it.article.language.as_ref().into()),
        of_all("published_at", |it| it.published.map(|(at, _)| at).into()),
        of_all("published_precision", |it| it.published.and_then(|(_, exact)| exact).into()),
        current("updated_at", |it| it.article.published.at().into()),
        current("modified_at", |it| it.article.modified.map(|time| time.at).into()),
        current("status", |it| it.article.status.into()),
        current("status_detail", |it| it.article.status_detail.into()),
        current("text_sha256", |it| it.article.text_sha256.as_ref().into()),
        current("seed_id", |it| it.seed_id.into()),
        of_all("revision_count", |it| it.revision_count.into()),
        current("paragraph_count", |it| content_blocks(it.article).into()),
        current("char_count", |it| it.article.text_length.into()),
        Column::new("first_seen_at", Source::Sightings).uncompared(),
        Column::new("last_seen_at", Source::Sightings).uncompared(),
        current("extractor_version", |_| EXTRACTOR_VERSION.into()).uncompared(),
    ],
    reading: Reading {
        joins: "LEFT JOIN site t ON t.id = a.site_id",
        owner: "a.id",
        order: "a.id",
    },
};

impl Source {
    pub fn is_current(&self) -> bool {
        matches!(self, Self::Current(_))
    }

    pub fn is_of_all_seeds(&self) -> bool {
        matches!(self, Self::AllSeeds(_))
    }

    /// The value of an article that was seen once, at that time.
    pub fn value<'a>(
        self,
        current: &'a Current<'a>,
        all: &'a AllSeeds,
        seen: Option<Timestamp>,
    ) -> Scalar<'a> {
        match self {
            Self::Current(value) => value(current),
            Self::AllSeeds(value) => value(all),
            Self::Sightings => seen.into(),
        }
    }
}

impl Table<Source> {
    /// The values that change with the current seed.
    pub fn current_values<'a>(&self, current: &'a Current<'a>) -> impl Iterator<Item = Scalar<'a>> {
        self.columns.iter().filter_map(move |column| match column.value {
            Source::Current(value) => Some(value(current)),
            Source::AllSeeds(_) | Source::Sightings => None,
        })
    }

    /// The values that change with any seed.
    pub fn values_of_all_seeds<'a>(&self, all: &'a AllSeeds) -> impl Iterator<Item = Scalar<'a>> {
        self.columns.iter().filter_map(move |column| match column.value {
            Source::AllSeeds(value) => Some(value(all)),
            Source::Current(_) | Source::Sightings => None,
        })
    }
}

/// The columns that an article repeats from its current seed, as (name in `article`, name in `seed`).
pub(in crate::store) fn article_of_seed() -> Vec<(&'static str, &'static str)> {
    const OTHER_NAMES: [(&str, &str); 2] =
        [("updated_at", "published_at"), ("char_count", "text_length")];
    let of_seed = said_names();
    let pair = |column: &Column<Source>| {
        let other = OTHER_NAMES.iter().find(|(here, _)| *here == column.name);
        (column.name, other.map_or(column.name, |(_, there)| there))
    };
    let columns = ARTICLE.compared().filter(|column| column.value.is_current());
    columns.map(pair).filter(|(_, there)| of_seed.contains(there)).collect()
}

fn content_blocks(article: &Article) -> usize {
    article.blocks.iter().filter(|block| block.kind.is_content()).count()
}
