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

const ARTICLE_MERGED: Table<()> =
    table("article_merged", "m", "old_id", &[column("article_id"), column("run_id")]);

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
        column("members"),
        column("is_settled"),
    ],
);

const REPOSITORY_HISTORY: Table<()> = table(
    "repository_history",
    "h",
    "id",
    &[column("path"), column("pattern"), column("tip"), column("boundary"), column("members")],
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

macro_rules! exported {
    ($($table:ident),+ $(,)?) => {
        /// Every table that can be exported, in the order in which they are listed.
        pub(in crate::store) const EXPORTED: [&dyn AnyTable; EXPORTED_NAMES.len()] = [$(&$table),+];
        pub(in crate::store) const EXPORTED_NAMES: [&str; 17] = [$($table.name),+];
    };
}

exported!(
    ARTICLE,
    PARAGRAPH,
    LINK,
    MEDIA,
    AUTHOR,
    TAG,
    REVISION,
    FORMER_PARAGRAPH,
    ARTICLE_URL,
    ARTICLE_MERGED,
    SITE,
    SIGHTING,
    REJECTION,
    SEED,
    CONTAINER,
    REPOSITORY_HISTORY,
    IMPORT_RUN,
);
