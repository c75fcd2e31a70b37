//! The past of an article and where it was seen: `revision`, `former_paragraph` and `article_url`.

use super::seed::said_names;
use super::{Column, Reading, Scalar, Table};
use crate::extract::address_key;
use crate::model::{Block, Change, Sha256, Status, Timestamp};
use crate::sameness::{Key, SeedKeys};

/// A revision of an article.
pub(in crate::store) struct Revision<'a> {
    pub article_id: i64,
    /// From 1, oldest first.
    pub sequence: i64,
    pub seed_id: i64,
    pub title: &'a str,
    pub status: Status,
    pub text_sha256: Option<Sha256>,
    pub published_at: Option<Timestamp>,
    /// The earliest observation of its seeds.
    pub observed_at: Option<Timestamp>,
    pub change: Change,
    /// `None` for the only revision of an article.
    pub pair_key: Option<Key>,
}

impl<'a> Revision<'a> {
    /// The revision whose greatest seed is this one. The key is given if the article has more revisions.
    pub fn of_seed(
        seed: &'a SeedKeys,
        (article_id, sequence): (i64, i64),
        observed_at: Option<Timestamp>,
        change: Change,
        pair_key: Option<Key>,
    ) -> Self {
        Self {
            article_id,
            sequence,
            seed_id: seed.id,
            title: &seed.title,
            status: seed.status,
            text_sha256: seed.text_sha256,
            published_at: seed.published_at,
            observed_at,
            change,
            pair_key,
        }
    }
}

/// Where the value of a column comes from, and thereby when it is written.
#[derive(Clone, Copy)]
pub(in crate::store) enum Source {
    Revision(for<'a> fn(&'a Revision<'a>) -> Scalar<'a>),
    /// The comparison with the current text, made last.
    Standing,
}

const fn revision(
    name: &'static str,
    value: for<'a> fn(&'a Revision<'a>) -> Scalar<'a>,
) -> Column<Source> {
    Column::new(name, Source::Revision(value))
}

pub(in crate::store) const REVISION: Table<Source> = Table {
    name: "revision",
    alias: "r",
    key: "id",
    columns: &[
        revision("article_id", |it| it.article_id.into()).uncompared().constant(),
        revision("sequence", |it| it.sequence.into()),
        revision("seed_id", |it| it.seed_id.into()),
        revision("title", |it| it.title.into()),
        revision("status", |it| it.status.into()),
        revision("text_sha256", |it| it.text_sha256.as_ref().into()).constant(),
        revision("published_at", |it| it.published_at.into()),
        revision("observed_at", |it| it.observed_at.into()),
        revision("change", |it| it.change.into()),
        revision("pair_key", |it| it.pair_key.as_ref().into()).unexported(),
        Column::new("standing", Source::Standing).unexported(),
    ],
    reading: Reading { joins: "", owner: "r.article_id", order: "r.sequence" },
};

impl Source {
    pub fn is_planned(&self) -> bool {
        matches!(self, Self::Revision(_))
    }

    pub fn value<'a>(
        self,
        revision: &'a Revision<'a>,
        standing: Option<&'a Vec<u8>>,
    ) -> Scalar<'a> {
        match self {
            Self::Revision(value) => value(revision),
            Self::Standing => standing.into(),
        }
    }
}

impl Table<Source> {
    /// The values that change with the position of the revision.
    pub fn planned_values<'a>(
        &self,
        revision: &'a Revision<'a>,
    ) -> impl Iterator<Item = Scalar<'a>> {
        let columns = self.columns.iter().filter(|column| !column.is_constant);
        columns.filter_map(move |column| match column.value {
            Source::Revision(value) => Some(value(revision)),
            Source::Standing => None,
        })
    }
}

/// The columns that a revision repeats from its seed, as (name in `revision`, name in `seed`).
pub(in crate::store) fn revision_of_seed() -> Vec<(&'static str, &'static str)> {
    let of_seed = said_names();
    let names = REVISION.compared().map(|column| column.name);
    names.filter(|name| of_seed.contains(name)).map(|name| (name, name)).collect()
}

/// A paragraph of another revision that is not in the current text.
pub(in crate::store) struct FormerParagraph<'a> {
    /// Its revision: the id when storing, the number when comparing.
    pub revision: i64,
    pub position: usize,
    pub block: &'a Block,
}

type FormerValue = for<'a> fn(&'a FormerParagraph<'a>) -> Scalar<'a>;

const fn former(name: &'static str, value: FormerValue) -> Column<FormerValue> {
    Column::new(name, value)
}

pub(in crate::store) const FORMER_PARAGRAPH: Table<FormerValue> = Table {
    name: "former_paragraph",
    alias: "f",
    key: "id",
    columns: &[
        former("revision_id", |it| it.revision.into()).compared_as("revision", "r.sequence"),
        former("position", |it| it.position.into()),
        former("kind", |it| it.block.kind.into()),
        former("text", |it| (&it.block.text).into()),
    ],
    reading: Reading {
        joins: "JOIN revision r ON r.id = f.revision_id",
        owner: "r.article_id",
        order: "r.sequence, f.position",
    },
};

/// An address that an article was seen under.
pub(in crate::store) struct Address<'a> {
    pub canonical_url: &'a str,
    pub article_id: i64,
    pub url: Option<&'a str>,
    /// The greatest seed that has it.
    pub seed_id: Option<i64>,
}

type AddressValue = for<'a> fn(&'a Address<'a>) -> Scalar<'a>;

const fn address(name: &'static str, value: AddressValue) -> Column<AddressValue> {
    Column::new(name, value)
}

pub(in crate::store) const ARTICLE_URL: Table<AddressValue> = Table {
    name: "article_url",
    alias: "u",
    key: "id",
    columns: &[
        address("canonical_url", |it| it.canonical_url.into()).constant(),
        address("article_id", |it| it.article_id.into()).uncompared(),
        address("url", |it| it.url.into()),
        address("seed_id", |it| it.seed_id.into()).unexported(),
        address("address_key", |it| address_key(it.canonical_url).into()),
    ],
    reading: Reading { joins: "", owner: "u.article_id", order: "u.canonical_url" },
};
