//! Compares the stored rows of an article with the rows that its originals give.

use crate::error::Result;
use crate::extract::EXTRACTOR_VERSION;
use crate::model::Derivation;
use crate::model::{Article, Codec, Format, Sha256, Timestamp};
use crate::sameness::{CurrentText, SeedKeys, Standing, standing};
use crate::store::check::verify::Inspector;
use crate::store::open::original::{read_known, unpack};
use crate::store::schema::{
    ARTICLE, ARTICLE_URL, AUTHOR, Address, AllSeeds, Current, FORMER_PARAGRAPH, FormerParagraph,
    InText, LINK, MEDIA, PARAGRAPH, REVISION, Revision, SEED, Said, TAG, Table, TextValue,
};
use rusqlite::Row;
use rusqlite::types::{Type, Value};
use std::sync::LazyLock;

/// A seed as stored.
#[derive(Debug)]
pub struct PackedSeed {
    /// `seed.id`.
    pub id: i64,
    /// As its row says.
    pub sha256: Sha256,
    byte_length: i64,
    /// `None` if the row has no valid one.
    codec: Option<Codec>,
    /// `None` if they are not stored: of a binary file, or of a file in a git history that is not an article.
    body: Option<Vec<u8>>,
}

impl PackedSeed {
    /// Number of stored bytes.
    pub fn size(&self) -> usize {
        self.body.as_ref().map_or(0, Vec::len)
    }

    /// Whether its bytes are stored.
    pub fn is_kept(&self) -> bool {
        self.body.is_some()
    }

    /// Its bytes, or what is wrong with them if they do not match its SHA-256.
    pub fn unpack(&self) -> Result<Vec<u8>, &'static str> {
        let body = self.body.as_deref().ok_or("its bytes are not there")?;
        let length = usize::try_from(self.byte_length).map_err(|_| "it has no length")?;
        let bytes = self.codec.and_then(|codec| unpack(codec, body, length));
        let bytes = bytes.ok_or("it cannot be decompressed")?;
        match Sha256::of(&bytes) == self.sha256 {
            true if bytes.len() == length => Ok(bytes),
            true => Err("its bytes are not as many as its row says"),
            false => Err("its bytes do not have its SHA-256"),
        }
    }
}

/// The rows of a table that belong to an article, as values.
type Rows = Vec<Vec<Value>>;

/// A table whose rows can be derived again: the compared columns, and the statement that reads them for one
/// article (for `seed`: for one seed).
struct Derived {
    table: &'static str,
    columns: Vec<&'static str>,
    sql: String,
}

impl Derived {
    fn of<V>(table: &Table<V>) -> Self {
        let columns = table.compared_names();
        Self { table: table.name, columns, sql: table.select_compared() }
    }
}

static OF_SEED: LazyLock<Derived> = LazyLock::new(|| Derived::of(&SEED));

/// In the order of [`tables`].
static OF_ARTICLE: LazyLock<[Derived; 9]> = LazyLock::new(|| {
    [
        Derived::of(&ARTICLE),
        Derived::of(&PARAGRAPH),
        Derived::of(&LINK),
        Derived::of(&MEDIA),
        Derived::of(&AUTHOR),
        Derived::of(&TAG),
        Derived::of(&REVISION),
        Derived::of(&FORMER_PARAGRAPH),
        Derived::of(&ARTICLE_URL),
    ]
});

/// An article with all rows that follow from its originals, or a seed without an article.
#[derive(Debug)]
pub struct StoredArticle {
    /// `None` for a rejected seed.
    pub id: Option<i64>,
    /// Its seeds, by their ids.
    pub seeds: Vec<StoredSeed>,
    tables: Vec<Rows>,
}

/// A seed of the article.
#[derive(Debug)]
pub struct StoredSeed {
    /// Its bytes, packed.
    pub packed: PackedSeed,
    observed_at: Option<Timestamp>,
    rows: Rows,
}

impl StoredArticle {
    /// Number of stored bytes of its originals.
    pub fn size(&self) -> usize {
        self.seeds.iter().map(|seed| seed.packed.size()).sum()
    }

    /// Compares the stored rows with the derivations of the seeds, given in their order. Returns each
    /// difference with the table and the id that it is about.
    pub fn differences(&self, derivations: &[Derivation]) -> Vec<(&'static str, i64, String)> {
        let articles: Vec<Option<&Article>> =
            derivations.iter().map(|derivation| derivation.parts().0).collect();
        let mut differences = Vec::new();
        for (seed, derivation) in self.seeds.iter().zip(derivations) {
            let expected = vec![seed_row(derivation)];
            let said = compare(&OF_SEED, &seed.rows, &expected);
            differences.extend(said.map(|what| (SEED.name, seed.packed.id, what)));
            if derivation.parts().0.is_some() != self.id.is_some() {
                let what = match self.id {
                    Some(_) => "it is in an article, and its bytes give none",
                    None => "its bytes give an article, and it is in none",
                };
                differences.push((SEED.name, seed.packed.id, what.to_owned()));
            }
        }
        let articles: Option<Vec<&Article>> = articles.into_iter().collect();
        if let (Some(id), Some(articles)) = (self.id, articles) {
            let is_page = |derivation: &Derivation| derivation.parts().1 == Some(Format::Page);
            let pages = derivations.iter().map(is_page);
            let seeds = self.seeds.iter().zip(&articles).zip(pages);
            let seeds: Vec<SeedKeys> =
                seeds.map(|((seed, article), is_page)| keys(seed, article, is_page)).collect();
            if let Some(standing) = standing(&seeds) {
                let expected = tables(id, &articles, &seeds, &standing);
                for ((derived, stored), expected) in
                    OF_ARTICLE.iter().zip(&self.tables).zip(&expected)
                {
                    let said = compare(derived, stored, expected);
                    let of = |what: String| match derived.table {
                        "article" => what,
                        table => format!("{table}: {what}"),
                    };
                    differences.extend(said.map(|what| ("article", id, of(what))));
                }
            }
        }
        differences
    }
}

/// Describes the first difference between stored and expected rows.
fn compare(derived: &Derived, stored: &Rows, expected: &Rows) -> Option<String> {
    for (number, (stored, expected)) in stored.iter().zip(expected).enumerate() {
        let differ = |&at: &usize| stored[at] != expected[at];
        let columns: Vec<&str> =
            (0..derived.columns.len()).filter(differ).map(|at| derived.columns[at]).collect();
        if !columns.is_empty() {
            let columns = columns.join(", ");
            return Some(match derived.table {
                "article" | "seed" => format!("{columns} not as derived again"),
                _ => format!("row {}: {columns} not as derived again", number + 1),
            });
        }
    }
    (stored.len() != expected.len())
        .then(|| format!("{} rows, and {} derived again", stored.len(), expected.len()))
}

fn keys(seed: &StoredSeed, article: &Article, is_page: bool) -> SeedKeys {
    SeedKeys {
        id: seed.packed.id,
        sha256: seed.packed.sha256,
        canonical_url: article.canonical_url.clone(),
        url: article.url.clone(),
        title: article.title.clone(),
        published_at: article.published.at(),
        precision: article.published.precision(),
        observed_at: seed.observed_at,
        text_sha256: article.text_sha256,
        text_length: article.text_length,
        status: article.status,
        is_page,
    }
}

fn seed_row(derivation: &Derivation) -> Vec<Value> {
    let host = derivation.parts().0.and_then(|article| article.host.as_ref());
    let said = Said::new(derivation, host.into());
    SEED.compared_values(|source| source.said(&said))
}

/// The expected rows of the tables in [`OF_ARTICLE`], in their order.
fn tables(
    article_id: i64,
    articles: &[&Article],
    seeds: &[SeedKeys],
    standing: &Standing,
) -> [Rows; 9] {
    let article = articles[standing.current];
    let seed_id = seeds[standing.current].id;
    let current = Current { article, site: article.host.as_ref().into(), seed_id };
    let revision_count = standing.revisions.len();
    let all = AllSeeds { published: standing.published, revision_count };
    let (former, stand) = former_paragraphs(articles, seeds, standing);
    let revisions = standing.revisions.iter().zip(stand).zip(1..);
    let urls = standing.urls.iter().map(|(canonical_url, &at)| {
        let (url, seed_id) = (seeds[at].url.as_deref(), Some(seeds[at].id));
        let address = Address { canonical_url, article_id, url, seed_id };
        ARTICLE_URL.compared_values(|value| value(&address))
    });
    [
        vec![ARTICLE.compared_values(|source| source.value(&current, &all, None))],
        text_rows(&PARAGRAPH, article_id, &article.blocks, |_| None),
        text_rows(&LINK, article_id, &article.links, |link| link.block),
        text_rows(&MEDIA, article_id, &article.media, |media| media.block),
        text_rows(&AUTHOR, article_id, &article.authors, |_| None),
        text_rows(&TAG, article_id, &article.tags, |_| None),
        revisions
            .map(|((plan, stand), sequence)| {
                let seed = &seeds[plan.seed];
                let place = (article_id, sequence);
                let key = (revision_count > 1).then(|| seed.pair_key());
                let revision = Revision::of_seed(seed, place, plan.observed_at, plan.change, key);
                REVISION.compared_values(|source| source.value(&revision, stand.as_ref()))
            })
            .collect(),
        former,
        urls.collect(),
    ]
}

/// The rows of items in a text; `block` gives the index of an item's block.
fn text_rows<T>(
    table: &Table<TextValue<T>>,
    article_id: i64,
    items: &[T],
    block: impl Fn(&T) -> Option<usize>,
) -> Rows {
    let row = |(position, item): (usize, &T)| {
        let row = InText { item, article_id, position, paragraph: block(item).into() };
        table.compared_values(|value| value(&row))
    };
    items.iter().enumerate().map(row).collect()
}

/// The paragraphs of other revisions that are not in the current text, however it is cut; and, for each
/// revision, the keys of those that are.
fn former_paragraphs(
    articles: &[&Article],
    seeds: &[SeedKeys],
    standing: &Standing,
) -> (Rows, Vec<Option<Vec<u8>>>) {
    let current = &articles[standing.current].blocks;
    let content = current.iter().filter(|block| block.kind.is_content());
    let sha256 = seeds[standing.current].text_sha256;
    let mut current = CurrentText::new(sha256, content.map(|block| block.text.as_str()));
    let (mut rows, mut stand) = (Vec::new(), Vec::new());
    for (plan, revision) in standing.revisions.iter().zip(1..) {
        if seeds[plan.seed].text_sha256 == sha256 {
            stand.push(None);
            continue;
        }
        let split = current.split(articles[plan.seed]);
        stand.push(Some(split.standing));
        for (position, block) in split.former {
            let former = FormerParagraph { revision, position, block };
            rows.push(FORMER_PARAGRAPH.compared_values(|value| value(&former)));
        }
    }
    (rows, stand)
}

impl Inspector {
    /// The ids of all seeds, in order: from the table and from the index of hashes, since either may be
    /// damaged.
    pub fn seed_ids(&self) -> Vec<i64> {
        const TABLE: &str = "SELECT id FROM seed NOT INDEXED ORDER BY id";
        const INDEX: &str =
            "SELECT id FROM seed INDEXED BY sqlite_autoindex_seed_1 WHERE sha256 >= x''";
        let mut ids = self.ids(TABLE);
        ids.extend(self.ids(INDEX));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The ids of the articles, in order.
    pub fn article_ids(&self) -> Vec<i64> {
        self.ids("SELECT id FROM article ORDER BY id")
    }

    /// The ids of the seeds without an article whose bytes are stored, in order.
    pub fn rejected_seed_ids(&self) -> Vec<i64> {
        self.ids("SELECT id FROM seed WHERE article_id IS NULL AND body IS NOT NULL ORDER BY id")
    }

    /// As far as they can be read; `check_structure` reports why not further.
    fn ids(&self, sql: &str) -> Vec<i64> {
        let mut ids = Vec::new();
        let _ = self.each(sql, [], &mut |row| {
            ids.push(row.get(0)?);
            Ok(())
        });
        ids
    }

    /// A seed as stored; `None` if there is none with that id.
    pub fn packed_seed(&self, id: i64) -> Result<Option<PackedSeed>> {
        const READ: &str = "SELECT id, sha256, byte_length, codec, body FROM seed WHERE id = ?1";
        let mut seed = None;
        self.each(READ, [id], &mut |row| {
            seed = Some(packed(row)?);
            Ok(())
        })?;
        Ok(seed)
    }

    /// An article with its rows and originals. `None` if its rows are of another extractor than this
    /// program's.
    pub fn stored_article(&self, id: i64) -> Result<Option<StoredArticle>> {
        const IS_OURS: &str = "SELECT extractor_version FROM article WHERE id = ?1
            UNION SELECT extractor_version FROM seed WHERE article_id = ?1";
        const SEEDS: &str = "SELECT id, sha256, byte_length, codec, body, observed_at FROM seed
            WHERE article_id = ?1 ORDER BY id";
        let seeds = self.stored_seeds(IS_OURS, SEEDS, id)?;
        let Some(seeds) = seeds else { return Ok(None) };
        let tables = OF_ARTICLE.iter().map(|derived| self.rows(derived, id));
        Ok(Some(StoredArticle { id: Some(id), seeds, tables: tables.collect::<Result<_>>()? }))
    }

    /// A seed without an article. `None` if its bytes are not stored, or its row is of another extractor.
    pub fn stored_rejected(&self, id: i64) -> Result<Option<StoredArticle>> {
        const IS_OURS: &str = "SELECT extractor_version FROM seed WHERE id = ?1";
        const SEED: &str = "SELECT id, sha256, byte_length, codec, body, observed_at FROM seed
            WHERE id = ?1 AND body IS NOT NULL";
        let seeds = self.stored_seeds(IS_OURS, SEED, id)?.filter(|seeds| !seeds.is_empty());
        Ok(seeds.map(|seeds| StoredArticle { id: None, seeds, tables: Vec::new() }))
    }

    fn stored_seeds(&self, is_ours: &str, sql: &str, id: i64) -> Result<Option<Vec<StoredSeed>>> {
        let mut versions: Vec<i64> = Vec::new();
        self.each(is_ours, [id], &mut |row| {
            versions.push(row.get("extractor_version")?);
            Ok(())
        })?;
        if versions.iter().any(|&version| version != EXTRACTOR_VERSION) {
            return Ok(None);
        }
        let mut seeds = Vec::new();
        self.each(sql, [id], &mut |row| {
            let (packed, observed_at) = (packed(row)?, read_known(row, "observed_at")?);
            seeds.push(StoredSeed { packed, observed_at, rows: Vec::new() });
            Ok(())
        })?;
        for seed in &mut seeds {
            seed.rows = self.rows(&OF_SEED, seed.packed.id)?;
        }
        Ok(Some(seeds))
    }

    fn rows(&self, derived: &Derived, id: i64) -> Result<Rows> {
        let mut rows = Vec::new();
        self.each(&derived.sql, [id], &mut |row| {
            let columns = 0..derived.columns.len();
            rows.push(columns.map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?);
            Ok(())
        })?;
        Ok(rows)
    }
}

fn packed(row: &Row<'_>) -> rusqlite::Result<PackedSeed> {
    let body = match row.get_ref("body")?.data_type() {
        Type::Null => None,
        _ => Some(row.get("body")?),
    };
    Ok(PackedSeed {
        id: row.get("id")?,
        sha256: row.get("sha256")?,
        byte_length: row.get("byte_length")?,
        codec: read_known(row, "codec")?,
        body,
    })
}
