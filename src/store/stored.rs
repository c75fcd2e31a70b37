//! What stands in the archive of an article, against what its originals give.

use super::current_text::CurrentText;
use super::put::Derivation;
use super::sameness::{SeedKeys, Standing, standing};
use super::verify::Inspector;
use super::writer::{read_time, unpack};
use crate::error::Result;
use crate::model::{Article, Language, Precision, Sha256, Timestamp};
use crate::normalize::EXTRACTOR_VERSION;
use rusqlite::Row;
use rusqlite::types::{Type, Value};
use sha2::Digest;

/// A seed as it is kept.
#[derive(Debug)]
pub struct PackedSeed {
    pub id: i64,
    pub sha256: Sha256,
    byte_length: i64,
    codec: String,
    /// `None` where they are not kept: of a binary file, or of no article in a git history.
    body: Option<Vec<u8>>,
}

impl PackedSeed {
    /// Bytes that are kept of it.
    pub fn size(&self) -> usize {
        self.body.as_ref().map_or(0, Vec::len)
    }

    /// Whether its bytes are kept at all.
    pub fn is_kept(&self) -> bool {
        self.body.is_some()
    }

    /// Its bytes; what is wrong with them where they are not those of its SHA-256.
    pub fn unpack(&self) -> Result<Vec<u8>, &'static str> {
        let body = self.body.as_deref().ok_or("its bytes are not there")?;
        let length = usize::try_from(self.byte_length).map_err(|_| "it has no length")?;
        let bytes = unpack(&self.codec, body, length).ok_or("it cannot be decompressed")?;
        match sha2::Sha256::digest(&bytes).as_slice() == self.sha256 {
            true if bytes.len() == length => Ok(bytes),
            true => Err("its bytes are not as many as its row says"),
            false => Err("its bytes do not have its SHA-256"),
        }
    }
}

/// The rows of a table that belong to an article, as values.
type Rows = Vec<Vec<Value>>;

/// A table whose rows can be derived anew: how to read what belongs to one article (to one seed, for
/// `seed`), and the names of the columns.
struct Derived {
    table: &'static str,
    columns: &'static [&'static str],
    sql: &'static str,
}

const SEED: Derived = Derived {
    table: "seed",
    columns: &[
        "format",
        "encoding",
        "site",
        "url",
        "canonical_url",
        "title",
        "published_at",
        "published_precision",
        "published_text",
        "text_sha256",
        "text_length",
        "status",
        "status_detail",
    ],
    sql: "SELECT s.format, s.encoding, t.host, s.url, s.canonical_url, s.title, s.published_at,
            s.published_precision, s.published_text, s.text_sha256, s.text_length, s.status, s.status_detail
        FROM seed s LEFT JOIN site t ON t.id = s.site_id WHERE s.id = ?1",
};

const ARTICLE_TABLES: [Derived; 8] = [
    Derived {
        table: "article",
        columns: &[
            "site",
            "url",
            "canonical_url",
            "title",
            "title_raw",
            "author",
            "dateline",
            "script",
            "language",
            "published_at",
            "published_precision",
            "updated_at",
            "status",
            "status_detail",
            "text_sha256",
            "seed_id",
            "revision_count",
            "paragraph_count",
            "char_count",
        ],
        sql: "SELECT t.host, a.url, a.canonical_url, a.title, a.title_raw, a.author, a.dateline,
                a.script, a.language, a.published_at, a.published_precision,
                a.updated_at, a.status, a.status_detail, a.text_sha256,
                a.seed_id, a.revision_count, a.paragraph_count, a.char_count
            FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE a.id = ?1",
    },
    Derived {
        table: "paragraph",
        columns: &["position", "kind", "level", "marker", "text", "is_content"],
        sql: "SELECT position, kind, level, marker, text, is_content FROM paragraph
            WHERE article_id = ?1 ORDER BY position",
    },
    Derived {
        table: "link",
        columns: &["paragraph", "position", "kind", "url", "href", "text", "host", "is_internal"],
        sql: "SELECT p.position, l.position, l.kind, l.url, l.href, l.text, l.host, l.is_internal
            FROM link l LEFT JOIN paragraph p ON p.id = l.paragraph_id
            WHERE l.article_id = ?1 ORDER BY l.position",
    },
    Derived {
        table: "media",
        columns: &["paragraph", "position", "kind", "url", "src", "alt", "caption"],
        sql: "SELECT p.position, m.position, m.kind, m.url, m.src, m.alt, m.caption
            FROM media m LEFT JOIN paragraph p ON p.id = m.paragraph_id
            WHERE m.article_id = ?1 ORDER BY m.position",
    },
    Derived {
        table: "tag",
        columns: &["position", "name", "kind"],
        sql: "SELECT position, name, kind FROM tag WHERE article_id = ?1 ORDER BY position",
    },
    Derived {
        table: "revision",
        columns: &[
            "sequence",
            "seed_id",
            "title",
            "status",
            "text_sha256",
            "published_at",
            "observed_at",
            "change",
            "pair_key",
            "standing",
        ],
        sql: "SELECT sequence, seed_id, title, status, text_sha256, published_at, observed_at,
                change, pair_key, standing
            FROM revision WHERE article_id = ?1 ORDER BY sequence",
    },
    Derived {
        table: "former_paragraph",
        columns: &["revision", "position", "kind", "text"],
        sql: "SELECT r.sequence, f.position, f.kind, f.text
            FROM former_paragraph f JOIN revision r ON r.id = f.revision_id
            WHERE r.article_id = ?1 ORDER BY r.sequence, f.position",
    },
    Derived {
        table: "article_url",
        columns: &["canonical_url", "url", "seed_id"],
        sql: "SELECT canonical_url, url, seed_id FROM article_url
            WHERE article_id = ?1 ORDER BY canonical_url",
    },
];

/// An article with everything that follows from its originals, or a seed that gave none.
#[derive(Debug)]
pub struct StoredArticle {
    /// `None` for a rejected seed.
    pub id: Option<i64>,
    pub seeds: Vec<StoredSeed>,
    tables: Vec<Rows>,
}

/// A seed of it.
#[derive(Debug)]
pub struct StoredSeed {
    pub packed: PackedSeed,
    observed_at: Option<Timestamp>,
    rows: Rows,
}

impl StoredArticle {
    /// Bytes that are kept of its originals.
    pub fn size(&self) -> usize {
        self.seeds.iter().map(|seed| seed.packed.size()).sum()
    }

    /// What is not as its seeds' derivations, in their order, say; each difference with the table
    /// and the id that it is about.
    pub fn differences(&self, derivations: &[Derivation]) -> Vec<(&'static str, i64, String)> {
        let articles: Vec<Option<&Article>> =
            derivations.iter().map(|derivation| derivation.parts().0).collect();
        let mut differences = Vec::new();
        for (seed, derivation) in self.seeds.iter().zip(derivations) {
            let expected = vec![seed_row(derivation)];
            let said = compare(&SEED, &seed.rows, &expected);
            differences.extend(said.map(|what| (SEED.table, seed.packed.id, what)));
            if derivation.parts().0.is_some() != self.id.is_some() {
                let what = match self.id {
                    Some(_) => "it stands in an article, and its bytes give none",
                    None => "its bytes give an article, and it stands in none",
                };
                differences.push((SEED.table, seed.packed.id, what.to_owned()));
            }
        }
        let articles: Option<Vec<&Article>> = articles.into_iter().collect();
        if let (Some(id), Some(articles)) = (self.id, articles) {
            let seeds: Vec<SeedKeys> = self
                .seeds
                .iter()
                .zip(&articles)
                .map(|(seed, article)| keys(seed, article))
                .collect();
            if let Some(standing) = standing(&seeds) {
                let expected = tables(&articles, &seeds, &standing);
                for ((derived, stored), expected) in
                    ARTICLE_TABLES.iter().zip(&self.tables).zip(&expected)
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

/// The first difference between stored and expected rows, in words.
fn compare(derived: &Derived, stored: &Rows, expected: &Rows) -> Option<String> {
    for (number, (stored, expected)) in stored.iter().zip(expected).enumerate() {
        let differ = |&at: &usize| stored[at] != expected[at];
        let columns: Vec<&str> =
            (0..derived.columns.len()).filter(differ).map(|at| derived.columns[at]).collect();
        if !columns.is_empty() {
            let columns = columns.join(", ");
            return Some(match derived.table {
                "article" | "seed" => format!("{columns} not as derived anew"),
                _ => format!("row {}: {columns} not as derived anew", number + 1),
            });
        }
    }
    (stored.len() != expected.len())
        .then(|| format!("{} rows, and {} derived anew", stored.len(), expected.len()))
}

fn keys(seed: &StoredSeed, article: &Article) -> SeedKeys {
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
        text_length: article.text_length as i64,
        status: article.status,
    }
}

fn seed_row(derivation: &Derivation) -> Vec<Value> {
    let (article, format, encoding) = derivation.parts();
    vec![
        text(format),
        text(encoding),
        text(article.and_then(|a| a.host.as_deref())),
        text(article.and_then(|a| a.url.as_deref())),
        text(article.map(|a| a.canonical_url.as_str())),
        text(article.map(|a| a.title.as_str())),
        time(article.and_then(|a| a.published.at())),
        text(article.and_then(|a| a.published.precision()).map(Precision::as_str)),
        text(article.and_then(|a| a.published.unread())),
        hash(article.and_then(|a| a.text_sha256)),
        article.map_or(Value::Null, |a| Value::Integer(a.text_length as i64)),
        text(article.map(|a| a.status.as_str())),
        text(article.and_then(|a| a.status_detail.as_deref())),
    ]
}

/// What [`ARTICLE_TABLES`] must have of an article, in their order.
fn tables(articles: &[&Article], seeds: &[SeedKeys], standing: &Standing) -> [Rows; 8] {
    let article = articles[standing.current];
    let (former, stand) = former_paragraphs(articles, seeds, standing);
    let revisions = standing.revisions.iter().zip(stand).enumerate().map(|(at, (plan, stand))| {
        let seed = &seeds[plan.seed];
        vec![
            Value::Integer(at as i64 + 1),
            Value::Integer(seed.id),
            text(Some(&seed.title)),
            text(Some(seed.status.as_str())),
            hash(seed.text_sha256),
            time(seed.published_at),
            time(plan.observed_at),
            text(Some(plan.change)),
            if standing.revisions.len() > 1 {
                Value::Blob(seed.pair_key().to_vec())
            } else {
                Value::Null
            },
            stand,
        ]
    });
    let urls = standing.urls.iter().map(|(canonical_url, &at)| {
        let seed = &seeds[at];
        vec![text(Some(canonical_url)), text(seed.url.as_deref()), Value::Integer(seed.id)]
    });
    [
        vec![article_row(article, seeds, standing)],
        paragraphs(article),
        links(article),
        media(article),
        tags(article),
        revisions.collect(),
        former,
        urls.collect(),
    ]
}

fn article_row(article: &Article, seeds: &[SeedKeys], standing: &Standing) -> Vec<Value> {
    let content = article.blocks.iter().filter(|block| block.kind.is_content()).count();
    vec![
        text(article.host.as_deref()),
        text(article.url.as_deref()),
        text(Some(&article.canonical_url)),
        text(Some(&article.title)),
        text(article.title_raw.as_deref()),
        text(article.author.as_deref()),
        text(article.dateline.as_deref()),
        text(Some(article.script.as_str())),
        text(article.language.as_ref().map(Language::as_str)),
        time(standing.published.map(|(at, _)| at)),
        text(standing.published.and_then(|(_, precision)| precision).map(Precision::as_str)),
        time(article.published.at()),
        text(Some(article.status.as_str())),
        text(article.status_detail.as_deref()),
        hash(article.text_sha256),
        Value::Integer(seeds[standing.current].id),
        Value::Integer(standing.revisions.len() as i64),
        Value::Integer(content as i64),
        Value::Integer(article.text_length as i64),
    ]
}

fn paragraphs(article: &Article) -> Rows {
    let row = |(at, block): (usize, &crate::model::Block)| {
        vec![
            Value::Integer(at as i64),
            text(Some(block.kind.as_str())),
            block.level.map_or(Value::Null, |level| Value::Integer(i64::from(level))),
            text(block.marker.as_deref()),
            text(Some(&block.text)),
            Value::Integer(i64::from(block.kind.is_content())),
        ]
    };
    article.blocks.iter().enumerate().map(row).collect()
}

fn links(article: &Article) -> Rows {
    let row = |(at, link): (usize, &crate::model::Link)| {
        vec![
            place(link.block),
            Value::Integer(at as i64),
            text(Some(link.kind.as_str())),
            text(Some(&link.url)),
            text(Some(&link.href)),
            text(Some(&link.text)),
            text(link.host.as_deref()),
            Value::Integer(i64::from(link.is_internal)),
        ]
    };
    article.links.iter().enumerate().map(row).collect()
}

fn media(article: &Article) -> Rows {
    let row = |(at, media): (usize, &crate::model::Media)| {
        vec![
            place(media.block),
            Value::Integer(at as i64),
            text(Some(media.kind.as_str())),
            text(Some(&media.url)),
            text(Some(&media.src)),
            text(media.alt.as_deref()),
            text(media.caption.as_deref()),
        ]
    };
    article.media.iter().enumerate().map(row).collect()
}

fn tags(article: &Article) -> Rows {
    let row = |(at, tag): (usize, &crate::model::Tag)| {
        vec![Value::Integer(at as i64), text(Some(&tag.name)), text(Some(tag.kind))]
    };
    article.tags.iter().enumerate().map(row).collect()
}

/// What stood in another revision and does not stand in the current text, however that is cut; and, for
/// each revision, what of it does.
fn former_paragraphs(
    articles: &[&Article],
    seeds: &[SeedKeys],
    standing: &Standing,
) -> (Rows, Vec<Value>) {
    let current = &articles[standing.current].blocks;
    let content = current.iter().filter(|block| block.kind.is_content());
    let sha256 = seeds[standing.current].text_sha256;
    let mut current = CurrentText::new(sha256, content.map(|block| block.text.as_str()));
    let (mut rows, mut stand) = (Vec::new(), Vec::new());
    for (number, plan) in standing.revisions.iter().enumerate() {
        if seeds[plan.seed].text_sha256 == sha256 {
            stand.push(Value::Null);
            continue;
        }
        let split = current.split(articles[plan.seed]);
        stand.push(Value::Blob(split.standing));
        for (position, block) in split.former {
            rows.push(vec![
                Value::Integer(number as i64 + 1),
                Value::Integer(position as i64),
                text(Some(block.kind.as_str())),
                text(Some(&block.text)),
            ]);
        }
    }
    (rows, stand)
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| Value::Text(time.to_string()))
}

fn hash(hash: Option<Sha256>) -> Value {
    hash.map_or(Value::Null, |hash| Value::Blob(hash.to_vec()))
}

fn place(block: Option<usize>) -> Value {
    block.map_or(Value::Null, |at| Value::Integer(at as i64))
}

impl Inspector {
    /// The ids of all seeds, in order: those that stand in the table, and those that the index of
    /// hashes knows, should one of the two be damaged.
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

    /// The ids of the seeds that gave no article and whose bytes are kept, in order.
    pub fn rejected_seed_ids(&self) -> Vec<i64> {
        self.ids("SELECT id FROM seed WHERE article_id IS NULL AND body IS NOT NULL ORDER BY id")
    }

    /// As far as they can be read: why not further, `check_structure` says.
    fn ids(&self, sql: &str) -> Vec<i64> {
        let mut ids = Vec::new();
        let _ = self.each(sql, [], &mut |row| {
            ids.push(row.get(0)?);
            Ok(())
        });
        ids
    }

    /// A seed as it is kept; `None` where there is none of that id.
    pub fn packed_seed(&self, id: i64) -> Result<Option<PackedSeed>> {
        const READ: &str = "SELECT id, sha256, byte_length, codec, body FROM seed WHERE id = ?1";
        let mut seed = None;
        self.each(READ, [id], &mut |row| {
            seed = Some(packed(row)?);
            Ok(())
        })?;
        Ok(seed)
    }

    /// An article with its rows and originals. `None` where its rows are another extractor's than
    /// this program's.
    pub fn stored_article(&self, id: i64) -> Result<Option<StoredArticle>> {
        const IS_OURS: &str = "SELECT extractor_version FROM article WHERE id = ?1
            UNION SELECT extractor_version FROM seed WHERE article_id = ?1";
        const SEEDS: &str = "SELECT id, sha256, byte_length, codec, body, observed_at FROM seed
            WHERE article_id = ?1 ORDER BY id";
        let seeds = self.stored_seeds(IS_OURS, SEEDS, id)?;
        let Some(seeds) = seeds else { return Ok(None) };
        let tables = ARTICLE_TABLES.iter().map(|derived| self.rows(derived, id));
        Ok(Some(StoredArticle { id: Some(id), seeds, tables: tables.collect::<Result<_>>()? }))
    }

    /// A seed that gave no article. `None` where its bytes are not kept, or its row is another
    /// extractor's.
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
            let (packed, observed_at) = (packed(row)?, read_time(row, "observed_at")?);
            seeds.push(StoredSeed { packed, observed_at, rows: Vec::new() });
            Ok(())
        })?;
        for seed in &mut seeds {
            seed.rows = self.rows(&SEED, seed.packed.id)?;
        }
        Ok(Some(seeds))
    }

    fn rows(&self, derived: &Derived, id: i64) -> Result<Rows> {
        let mut rows = Vec::new();
        self.each(derived.sql, [id], &mut |row| {
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
        codec: row.get("codec")?,
        body,
    })
}
