//! Searches the full-text index, and the paragraphs that were removed from articles.

use crate::error::Result;
use crate::model::{Precision, Timestamp, setters};
use crate::search::{BestParagraph, Query, Snippet, snippet};
use crate::store::open::reader::Reader;
use crate::store::read::common_words::Split;
use crate::store::read::filter::{ArticleFilter, FilterValues, is_meant};
use rusqlite::{CachedStatement, OptionalExtension, Row, ToSql, named_params};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashSet};

/// A search.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Search {
    /// Without a query, every article that the filter selects, newest first.
    pub filter: ArticleFilter,
    /// Which hits come first.
    pub order: Order,
    /// Maximum number of hits; `None` for all.
    pub limit: Option<usize>,
    /// How many hits are skipped before the first one.
    pub offset: usize,
}

impl Search {
    /// For the words of a query, in all articles.
    ///
    /// # Errors
    ///
    /// [`MalformedQuery`](crate::Error::MalformedQuery), as [`Query::parse`].
    pub fn of(words: &str) -> Result<Self> {
        let mut search = Self::default();
        search.filter.add_words(words)?;
        Ok(search)
    }
}

setters!(Search {
    with_filter(filter: ArticleFilter) => filter,
    with_order(order: Order) => order,
    with_limit(limit: usize) => Some(limit),
    with_offset(offset: usize) => offset,
});

impl Search {
    /// How many hits have to be found, with those that are skipped.
    fn most(&self) -> usize {
        self.limit.map_or(usize::MAX, |limit| limit.saturating_add(self.offset))
    }
}

/// The order of hits; among equals, the newest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// By relevance: BM25, with a word of the title counting as eight of the text. By date instead if half of
    /// a large archive contains everything that is searched for: a word of two characters, or single
    /// characters.
    #[default]
    Rank,
    /// By publication, newest first, undated articles last.
    Date,
    /// By publication, oldest first, undated articles last.
    OldestFirst,
}

/// One matching article, or one matching paragraph that was removed from it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Hit {
    /// Which article.
    pub article_id: i64,
    /// Its current title.
    pub title: String,
    /// Its address as written; `None` where it has no usable one.
    pub url: Option<String>,
    /// Its canonical host; `None` without a usable address.
    pub site: Option<String>,
    /// When it was published first.
    pub published_at: Option<Timestamp>,
    /// How precisely that is known; also `None` in rows from before precisions were stored.
    pub published_precision: Option<Precision>,
    /// BM25, greater for a better match; `None` if hits were not ranked.
    pub score: Option<f64>,
    /// The matching text; `None` for an article without content.
    pub snippet: Option<Snippet>,
    /// For a removed paragraph.
    pub removal: Option<Removal>,
}

/// When a removed paragraph was in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removal {
    /// The number of the last revision that had it.
    pub revision: i64,
    /// When that revision was observed.
    pub observed_at: Option<Timestamp>,
    /// When the next one was.
    pub replaced_at: Option<Timestamp>,
}

/// The removed paragraphs of the articles that a filter selects, in an order.
macro_rules! select_removed {
    ($order:literal) => {
        concat!(
            "SELECT a.id, a.title, a.url, a.published_at, a.published_precision, t.host, f.position,
                f.text, f.sequence, f.observed_at, n.observed_at AS replaced_at
             FROM (SELECT r.article_id, r.sequence, r.observed_at, p.position, p.text,
                          count(*) OVER (PARTITION BY r.article_id, p.text ORDER BY r.sequence
                                         RANGE BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS in_next
                   FROM former_paragraph p JOIN revision r ON r.id = p.revision_id) f
             JOIN article a ON a.id = f.article_id
             LEFT JOIN site t ON t.id = a.site_id
             LEFT JOIN revision n ON n.article_id = f.article_id AND n.sequence = f.sequence + 1
             WHERE f.in_next = 0 AND ",
            is_meant!(),
            " ORDER BY ",
            $order
        )
    };
}

/// What an article must match besides the rest of the filter.
#[derive(Default)]
struct Asked {
    /// The articles that match in the index; `None` for all.
    ids: Option<HashSet<i64>>,
    /// Folded words that its text must contain.
    words: Vec<String>,
}

/// For a common word, up to this many hits are found by checking the newest texts. For more hits, the index
/// is used, which must first merge all matches of the word.
const MOST_LOOKED_UP: usize = 200;

impl Reader {
    /// Passes the matching articles to `receive`, best or newest first.
    ///
    /// Fails with [`crate::Error::OtherIndex`] if the index is not this program's.
    pub fn search(
        &self,
        search: &Search,
        receive: &mut dyn FnMut(Hit) -> Result<()>,
    ) -> Result<()> {
        self.on_one_state(|reader| {
            let Some(query) = &search.filter.query else {
                return reader.search_by_date(search, &Asked::default(), receive);
            };
            reader.check_index()?;
            let Split { mut common, mut expression } = reader.split(query)?;
            let is_ranked = search.order == Order::Rank && expression.is_some();
            if search.most() > MOST_LOOKED_UP {
                (common, expression) = (Vec::new(), Some(query.match_expression()));
            }
            match expression {
                Some(expression) if is_ranked => {
                    reader.search_ranked(&expression, &common, search, receive)
                }
                expression => {
                    let ids =
                        expression.map(|expression| reader.matches(&expression)).transpose()?;
                    reader.search_by_date(search, &Asked { ids, words: common }, receive)
                }
            }
        })
    }

    /// Reads only the rows of the best matches: a frequent word matches half of an archive.
    fn search_ranked(
        &self,
        expression: &str,
        words: &[String],
        search: &Search,
        receive: &mut dyn FnMut(Hit) -> Result<()>,
    ) -> Result<()> {
        const MATCHES: &str = "SELECT rowid AS id, bm25(article_fts, 1.0, 8.0) AS badness
            FROM article_fts WHERE article_fts MATCH :match";
        let most = search.most();
        if search.limit == Some(0) {
            return Ok(());
        }
        let mut best: BinaryHeap<Ranked> = BinaryHeap::new();
        let mut statement = self.connection.prepare_cached(MATCHES)?;
        let mut find = Find::new(self, &search.filter)?;
        let mut rows = statement.query(named_params! { ":match": expression })?;
        while let Some(row) = rows.next()? {
            // By column number, which is faster: a frequent word has a row for half of the articles.
            let (id, badness): (i64, f64) = (row.get(0)?, row.get(1)?);
            let is_full = best.len() >= most;
            if is_full && best.peek().is_some_and(|worst| badness > worst.badness) {
                continue;
            }
            let Some(hit) = find.hit(id)? else { continue };
            if !self.has_words(id, words)? {
                continue;
            }
            best.push(Ranked { badness, hit });
            if is_full {
                best.pop();
            }
        }
        let query = search.filter.query.as_ref();
        for ranked in best.into_sorted_vec().into_iter().skip(search.offset) {
            let score = Some(-ranked.badness);
            receive(Hit { score, ..self.with_snippet(ranked.hit, query)? })?;
        }
        Ok(())
    }

    /// Goes through the archive from its newest or oldest article on. Among many matches the first ones are found
    /// quickly; if there are few, they are found by an index of times and ids alone.
    fn search_by_date(
        &self,
        search: &Search,
        asked: &Asked,
        receive: &mut dyn FnMut(Hit) -> Result<()>,
    ) -> Result<()> {
        const NEWEST: &str = "SELECT id FROM article ORDER BY published_at DESC, id DESC";
        const OLDEST: &str =
            "SELECT id FROM article ORDER BY published_at IS NULL, published_at, id";
        let is_oldest_first = search.order == Order::OldestFirst;
        let query = search.filter.query.as_ref();
        let (mut left, mut skipped) = (search.limit.unwrap_or(usize::MAX), search.offset);
        let mut find = Find::new(self, &search.filter)?;
        let mut statement =
            self.connection.prepare_cached(if is_oldest_first { OLDEST } else { NEWEST })?;
        let mut rows = statement.query([])?;
        while left > 0
            && let Some(row) = rows.next()?
        {
            let id: i64 = row.get("id")?;
            if asked.ids.as_ref().is_some_and(|ids| !ids.contains(&id)) {
                continue;
            }
            let Some(hit) = find.hit(id)? else { continue };
            if !self.has_words(id, &asked.words)? {
                continue;
            }
            if skipped > 0 {
                skipped -= 1;
                continue;
            }
            left -= 1;
            receive(self.with_snippet(hit, query)?)?;
        }
        Ok(())
    }

    fn matches(&self, expression: &str) -> Result<HashSet<i64>> {
        const MATCHES: &str = "SELECT rowid AS id FROM article_fts WHERE article_fts MATCH :match";
        let mut statement = self.connection.prepare_cached(MATCHES)?;
        let values = named_params! { ":match": expression };
        let ids = statement.query_map(values, |row| row.get("id"))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn with_snippet(&self, hit: Hit, query: Option<&Query>) -> Result<Hit> {
        const READ: &str = "SELECT position, text FROM paragraph
            WHERE article_id = ?1 AND is_content = 1 ORDER BY position";
        let mut statement = self.connection.prepare_cached(READ)?;
        let mut rows = statement.query([hit.article_id])?;
        // Most paragraphs of a long article come after the one that is shown.
        let mut best = BestParagraph::new(query);
        while best.wants_more()
            && let Some(row) = rows.next()?
        {
            let text: String = row.get("text")?;
            best.offer(row.get("position")?, &text);
        }
        Ok(Hit { snippet: best.snippet(), ..hit })
    }

    /// Passes matching paragraphs that are no longer in their articles to `receive`, newest first, or oldest first
    /// if that is the order; each once, with the last revision that had it. The query is applied to the paragraph
    /// alone, and `title:` to the current title of the article. Every such paragraph is checked; the order is always
    /// by date.
    pub fn search_removed(
        &self,
        search: &Search,
        receive: &mut dyn FnMut(Hit) -> Result<()>,
    ) -> Result<()> {
        const NEWEST: &str = select_removed!(
            "coalesce(n.observed_at, f.observed_at) DESC, a.id DESC, f.sequence DESC, f.position"
        );
        const OLDEST: &str =
            select_removed!("coalesce(n.observed_at, f.observed_at), a.id, f.sequence, f.position");
        let is_oldest_first = search.order == Order::OldestFirst;
        let filter = search.filter.without_query().values(self)?;
        let query = search.filter.query.as_ref();
        let mut statement =
            self.connection.prepare_cached(if is_oldest_first { OLDEST } else { NEWEST })?;
        let mut rows = statement.query(&filter.named()[..])?;
        let (mut left, mut skipped) = (search.limit.unwrap_or(usize::MAX), search.offset);
        while left > 0
            && let Some(row) = rows.next()?
        {
            let hit = hit(row)?;
            let text: String = row.get("text")?;
            if !query.is_none_or(|query| query.is_met_by(&hit.title, &text)) {
                continue;
            }
            if skipped > 0 {
                skipped -= 1;
                continue;
            }
            left -= 1;
            let removal = Some(Removal {
                revision: row.get("sequence")?,
                observed_at: row.get("observed_at")?,
                replaced_at: row.get("replaced_at")?,
            });
            let snippet = snippet(query, [(row.get("position")?, text.as_str())]);
            receive(Hit { snippet, removal, ..hit })?;
        }
        Ok(())
    }

    /// How many removed paragraphs a search finds, whatever its limit.
    pub fn count_of_removed(&self, filter: &ArticleFilter) -> Result<u64> {
        let mut found = 0;
        self.search_removed(&Search::default().with_filter(filter.clone()), &mut |_| {
            found += 1;
            Ok(())
        })?;
        Ok(found)
    }
}

/// Reads matching articles one by one, if the rest of the filter selects them.
struct Find<'a> {
    statement: CachedStatement<'a>,
    filter: FilterValues,
}

impl<'a> Find<'a> {
    fn new(reader: &'a Reader, filter: &ArticleFilter) -> Result<Self> {
        const FIND: &str = concat!(
            "SELECT a.id, a.title, a.url, a.published_at, a.published_precision, t.host
             FROM article a LEFT JOIN site t ON t.id = a.site_id WHERE a.id = :id AND ",
            is_meant!()
        );
        let filter = filter.without_query().values(reader)?;
        Ok(Self { statement: reader.connection.prepare_cached(FIND)?, filter })
    }

    fn hit(&mut self, id: i64) -> Result<Option<Hit>> {
        let mut values = vec![(":id", &id as &dyn ToSql)];
        values.extend(self.filter.named());
        Ok(self.statement.query_row(&values[..], hit).optional()?)
    }
}

fn hit(row: &Row<'_>) -> rusqlite::Result<Hit> {
    Ok(Hit {
        article_id: row.get("id")?,
        title: row.get("title")?,
        url: row.get("url")?,
        site: row.get("host")?,
        published_at: row.get("published_at")?,
        published_precision: row.get("published_precision")?,
        score: None,
        snippet: None,
        removal: None,
    })
}

/// A hit in the order of results: the least is the best; among equals, the newest.
struct Ranked {
    badness: f64,
    hit: Hit,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let newest = |ranked: &Self| (ranked.hit.published_at, ranked.hit.article_id);
        self.badness.total_cmp(&other.badness).then_with(|| newest(other).cmp(&newest(self)))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}
