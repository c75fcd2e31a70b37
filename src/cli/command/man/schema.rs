//! The page of the tables: seedbank-schema(5), from the declarations in the database.

use super::page::{begun, entry, files, finished, see_also};
use anyhow::Result;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use seedbank::internals::store::{ColumnStory, TableStory, own_tables};

const ABOUT: &str = "tables and views of a seedbank archive";

const DESCRIPTION: [&str; 4] = [
    "An archive is one SQLite file. Any program that reads SQLite from version 3.38 on can read it; only seedbank \
     writes to it. Open it with mode=ro.",
    "Times are ISO 8601 in UTC, as text. A hash is a SHA-256 of 32 bytes. Rows of seed, sighting, rejection and \
     import_run are recorded; all others follow from the bytes of seed.body, and are made anew if a later version \
     derives something else.",
    "article_fts is the full-text index of FTS5. Its rowid is article.id, and it holds tokens that seedbank makes: in \
     seedbank sql, match_query('WORDS') makes an expression for MATCH.",
    "Later versions add tables and columns, and migrate older archives; seedbank schema shows those of an archive.",
];

/// The page.
pub(super) fn page() -> Result<String> {
    let mut roff = begun("seedbank-schema", "5", ABOUT);
    roff.control("SH", ["DESCRIPTION"]);
    for (at, text) in DESCRIPTION.into_iter().enumerate() {
        if at > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(text)]);
    }
    let tables = own_tables()?;
    for (heading, kinds) in [("TABLES", &["table", "index"][..]), ("VIEWS", &["view"])] {
        roff.control("SH", [heading]);
        for table in tables.iter().filter(|table| kinds.contains(&table.kind)) {
            add_table(&mut roff, table);
        }
    }
    files(&mut roff);
    let pages =
        ["seedbank(1)", "seedbank-schema(1)", "seedbank-sql(1)", "seedbank-query(7)", "sqlite3(1)"];
    see_also(&mut roff, &pages.map(str::to_owned));
    Ok(finished(&roff))
}

fn add_table(roff: &mut Roff, table: &TableStory) {
    roff.control("SS", [table.name.as_str()]);
    roff.text([roman(table.about.unwrap_or_default())]);
    for column in &table.columns {
        match &column.comment {
            Some(comment) => entry(roff, head(column), comment),
            None => {
                roff.control("PP", []);
                roff.text(head(column));
            }
        }
    }
}

/// The name of a column, its type, and whose id it is.
fn head(column: &ColumnStory) -> Vec<Inline> {
    let mut head = vec![bold(column.name.as_str())];
    if !column.value_type.is_empty() {
        head.push(roman(format!(" {}", column.value_type)));
    }
    if column.is_key {
        head.push(roman(" key"));
    }
    if let Some(table) = &column.refers_to {
        head.extend([roman(", of "), italic(table.as_str())]);
    }
    head
}
