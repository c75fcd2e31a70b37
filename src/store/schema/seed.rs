//! `seed`: the bytes of a file, and what is derived from them.

use super::{Column, Reading, Scalar, Table};
use crate::extract::EXTRACTOR_VERSION;
use crate::model::{Article, Timestamp};
use crate::model::{Derivation, Original};

/// Columns of the file itself, whatever its bytes say.
pub(in crate::store) struct Kept<'a> {
    pub original: &'a Original,
    pub article_id: Option<i64>,
    pub observed_at: Option<Timestamp>,
}

/// Columns derived from its bytes.
pub(in crate::store) struct Said<'a> {
    derivation: &'a Derivation,
    /// The id of the site when storing, its host when comparing.
    site: Scalar<'a>,
}

impl<'a> Said<'a> {
    pub fn new(derivation: &'a Derivation, site: Scalar<'a>) -> Self {
        Self { derivation, site }
    }

    /// A value of the article, if the bytes are one.
    fn of_article(&'a self, value: impl FnOnce(&'a Article) -> Scalar<'a>) -> Scalar<'a> {
        self.derivation.parts().0.map_or(Scalar::Null, value)
    }
}

/// Where the value of a column comes from, and thereby when it is written.
#[derive(Clone, Copy)]
pub(in crate::store) enum Source {
    Kept(for<'a> fn(&'a Kept<'a>) -> Scalar<'a>),
    Said(for<'a> fn(&'a Said<'a>) -> Scalar<'a>),
}

const fn kept(name: &'static str, value: for<'a> fn(&'a Kept<'a>) -> Scalar<'a>) -> Column<Source> {
    Column::new(name, Source::Kept(value)).uncompared()
}

const fn said(name: &'static str, value: for<'a> fn(&'a Said<'a>) -> Scalar<'a>) -> Column<Source> {
    Column::new(name, Source::Said(value))
}

pub(in crate::store) const SEED: Table<Source> = Table {
    name: "seed",
    alias: "s",
    key: "id",
    columns: &[
        kept("sha256", |it| (&it.original.sha256).into()),
        kept("byte_length", |it| it.original.byte_length.into()),
        kept("codec", |it| it.original.codec.into()),
        said("format", |it| it.derivation.parts().1.into()),
        said("encoding", |it| it.derivation.parts().2.into()),
        kept("article_id", |it| it.article_id.into()),
        said("site_id", |it| it.site).compared_as("site", "t.host"),
        said("url", |it| it.of_article(|a| a.url.as_ref().into())),
        said("canonical_url", |it| it.of_article(|a| (&a.canonical_url).into())),
        said("title", |it| it.of_article(|a| (&a.title).into())),
        said("published_at", |it| it.of_article(|a| a.published.at().into())),
        said("published_precision", |it| it.of_article(|a| a.published.precision().into())),
        said("published_text", |it| it.of_article(|a| a.published.unread().into())),
        said("text_sha256", |it| it.of_article(|a| a.text_sha256.as_ref().into())),
        said("text_length", |it| it.of_article(|a| a.text_length.into())),
        said("status", |it| it.of_article(|a| a.status.into())),
        said("status_detail", |it| it.of_article(|a| a.status_detail.into())),
        kept("observed_at", |it| it.observed_at.into()),
        said("extractor_version", |_| EXTRACTOR_VERSION.into()).uncompared(),
        kept("body", |it| it.original.body.as_ref().into()).unexported(),
    ],
    reading: Reading {
        joins: "LEFT JOIN site t ON t.id = s.site_id",
        owner: "s.id",
        order: "s.id",
    },
};

impl Source {
    pub fn is_said(&self) -> bool {
        matches!(self, Self::Said(_))
    }

    pub fn value<'a>(self, kept: &'a Kept<'a>, said: &'a Said<'a>) -> Scalar<'a> {
        match self {
            Self::Kept(value) => value(kept),
            Self::Said(value) => value(said),
        }
    }

    /// The value of a column that is derived from the bytes.
    pub fn said<'a>(self, said: &'a Said<'a>) -> Scalar<'a> {
        match self {
            Self::Said(value) => value(said),
            Self::Kept(_) => Scalar::Null,
        }
    }
}

impl Table<Source> {
    /// The values that are derived from the bytes.
    pub fn said_values<'a>(&self, said: &'a Said<'a>) -> impl Iterator<Item = Scalar<'a>> {
        self.columns.iter().filter_map(move |column| match column.value {
            Source::Said(value) => Some(value(said)),
            Source::Kept(_) => None,
        })
    }
}

/// The columns that are derived from the bytes.
pub(super) fn said_names() -> Vec<&'static str> {
    SEED.names(|column| column.is_compared() && column.value.is_said())
}
