//! Reads from stored seeds what sameness needs.

use crate::error::{Error, Result};
use crate::model::{Codec, Format, Status};
use crate::sameness::{Earliest, SeedKeys};
use crate::store::open::original::{read_known, unpack};
use crate::store::write::batch::Batch;

/// The columns that [`read_seed_keys`] reads, of a seed `s`.
macro_rules! seed_keys {
    () => {
        "s.id AS seed_id, s.sha256, s.canonical_url, s.url, s.title, s.published_at,
            s.published_precision, s.observed_at, s.text_sha256, s.text_length, s.status, s.format"
    };
}
pub(in crate::store) use seed_keys;

impl Batch<'_> {
    /// The seeds of an article, by id.
    pub(in crate::store) fn seeds_of(&self, article_id: i64) -> Result<Vec<SeedKeys>> {
        const READ: &str = concat!(
            "SELECT ",
            seed_keys!(),
            " FROM seed s
            WHERE s.article_id = ?1 ORDER BY s.id"
        );
        let mut statement = self.connection.prepare_cached(READ)?;
        let seeds = statement.query_map([article_id], read_seed_keys)?;
        Ok(seeds.collect::<Result<_, _>>()?)
    }

    /// One seed of an article.
    pub(in crate::store) fn seed_keys(&self, id: i64) -> Result<SeedKeys> {
        const READ: &str = concat!("SELECT ", seed_keys!(), " FROM seed s WHERE s.id = ?1");
        Ok(self.connection.prepare_cached(READ)?.query_row([id], read_seed_keys)?)
    }

    /// The original bytes of a seed.
    pub(in crate::store) fn original(&self, seed_id: i64) -> Result<Vec<u8>> {
        const READ: &str = "SELECT byte_length, codec, body FROM seed WHERE id = ?1";
        let (length, codec, body): (usize, Option<Codec>, Option<Vec<u8>>) =
            self.connection.prepare_cached(READ)?.query_row([seed_id], |row| {
                Ok((row.get("byte_length")?, read_known(row, "codec")?, row.get("body")?))
            })?;
        let body = body.unwrap_or_default();
        let bytes = codec.and_then(|codec| unpack(codec, &body, length));
        bytes.ok_or(Error::DamagedSeed(seed_id))
    }
}

pub(in crate::store) fn read_seed_keys(row: &rusqlite::Row<'_>) -> rusqlite::Result<SeedKeys> {
    let published = read_published(row)?;
    Ok(SeedKeys {
        id: row.get("seed_id")?,
        sha256: row.get("sha256")?,
        canonical_url: row.get("canonical_url")?,
        url: row.get("url")?,
        title: row.get("title")?,
        published_at: published.map(|(at, _)| at),
        precision: published.and_then(|(_, precision)| precision),
        observed_at: read_known(row, "observed_at")?,
        text_sha256: row.get("text_sha256")?,
        text_length: row.get("text_length")?,
        status: read_known(row, "status")?.unwrap_or(Status::Unparsed),
        is_page: read_known(row, "format")? == Some(Format::Page),
    })
}

pub(in crate::store) fn read_published(row: &rusqlite::Row<'_>) -> rusqlite::Result<Earliest> {
    let precision = read_known(row, "published_precision")?;
    Ok(read_known(row, "published_at")?.map(|at| (at, precision)))
}
