//! Tables that are recorded and not derived (imports and what they saw), and the list of all tables.

use super::{
    ARTICLE, ARTICLE_URL, AUTHOR, AnyTable, Column, FORMER_PARAGRAPH, LINK, MEDIA, PARAGRAPH,
    REVISION, Reading, SEED, TAG, Table,
};

/// A column whose values have a statement of their own.
const fn column(name: &'static str) -> Column<()> {
    Column::new(name, ()).uncompared()
}

const fn table(
    name: &'static str,
    alias: &'static str,
    key: &'static str,
    columns: &'static [Column<()>],
) -> Table<()> {
    Table { name, alias, key, columns, reading: Reading { joins: "", owner: key, order: key } }
}

const ARTICLE_MERGED: Table<()> = Table {
    reading: Reading { joins: "", owner: "m.article_id", order: "m.old_id" },
    ..table("article_merged", "m", "old_id", &[column("article_id"), column("run_id")])
};

const SITE: Table<()> = table("site", "t", "id", &[column("host"), column("name")]);

const SIGHTING: Table<()> = table(
    "sighting",
    "g",
    "id",
    &[
        column("run_id"),
        column("seed_id"),
        column("path"),
        column("member"),
        column("byte_length"),
        column("modified_at"),
        column("modified_ns"),
        column("observed_at"),
        column("outcome"),
        column("matched_by"),
        column("is_settled"),
        column("object_id"),
    ],
);

const REJECTION: Table<()> =
    table("rejection", "r", "id", &[column("sighting_id"), column("reason"), column("detail")]);

const CONTAINER: Table<()> = table(
    "container",
    "c",
    "id",
    &[
        column("run_id"),
        column("path"),
        column("byte_length"),
        column("modified_at"),
        column("modified_ns"),
        column("filter"),
        column("members"),
        column("is_settled"),
    ],
);

const REPOSITORY_HISTORY: Table<()> = table(
    "repository_history",
    "h",
    "id",
    &[
        column("path"),
        column("pattern"),
        column("filter"),
        column("tip"),
        column("boundary"),
        column("members"),
    ],
);

const IMPORT_RUN: Table<()> = table(
    "import_run",
    "u",
    "id",
    &[
        column("started_at"),
        column("finished_at"),
        column("status"),
        column("program_version"),
        column("arguments"),
        column("note"),
        column("files_seen"),
        column("new"),
        column("revised"),
        column("duplicate"),
        column("unchanged"),
        column("rejected"),
    ],
);

/// Every table that can be exported, in the order in which they are listed.
pub(in crate::store) const EXPORTED: [&dyn AnyTable; 17] = [
    &ARTICLE,
    &PARAGRAPH,
    &LINK,
    &MEDIA,
    &AUTHOR,
    &TAG,
    &REVISION,
    &FORMER_PARAGRAPH,
    &ARTICLE_URL,
    &ARTICLE_MERGED,
    &SITE,
    &SIGHTING,
    &REJECTION,
    &SEED,
    &CONTAINER,
    &REPOSITORY_HISTORY,
    &IMPORT_RUN,
];

/// The tables whose rows belong to an article each.
pub(in crate::store) const OF_ARTICLES: [&dyn AnyTable; 10] = [
    &ARTICLE,
    &PARAGRAPH,
    &LINK,
    &MEDIA,
    &AUTHOR,
    &TAG,
    &REVISION,
    &FORMER_PARAGRAPH,
    &ARTICLE_URL,
    &ARTICLE_MERGED,
];

/// The tables whose rows belong to no article alone, and are numbered without gaps, since nothing is deleted from them.
pub(in crate::store) const NUMBERED: [&dyn AnyTable; 5] =
    [&SITE, &IMPORT_RUN, &SEED, &SIGHTING, &REJECTION];

/// The table of what an import has read and need not read again, as far as it names something that was seen.
pub(in crate::store) const REMEMBERED: [&dyn AnyTable; 1] = [&CONTAINER];

/// The views that can be exported, each with its column of an article's id, if it has one.
pub(in crate::store) const VIEWS: [(&str, Option<&str>); 7] = [
    ("article_list", Some("id")),
    ("article_text", Some("id")),
    ("article_source", Some("article_id")),
    ("article_day", None),
    ("reduced_article", Some("article_id")),
    ("removed_text", Some("article_id")),
    ("cited_article", Some("article_id")),
];
