//! Rules that hold between the rows of an archive, as queries that find violations.
//!
//! Most facts are stored twice in some way: as a number and as the rows that it counts, or in an index, which
//! `integrity_check` compares. These rules cover what SQLite cannot know.

use crate::store::schema;
use std::sync::LazyLock;

/// A rule, and the statement that finds its violations.
pub(in crate::store) struct Rule {
    /// The table to which `id` belongs.
    pub table: &'static str,
    /// Selects `id` and a description, `what`.
    pub sql: &'static str,
    /// Whether it concerns rows that follow from the originals: it may be violated between the steps of a
    /// rebuild.
    pub is_derived: bool,
}

const fn rule(table: &'static str, sql: &'static str) -> Rule {
    Rule { table, sql, is_derived: false }
}

const fn derived(table: &'static str, sql: &'static str) -> Rule {
    Rule { table, sql, is_derived: true }
}

/// The rows of a text are numbered.
macro_rules! positions {
    ($table:literal) => {
        derived(
            $table,
            concat!(
                "SELECT min(id) AS id, 'the positions in article ' || article_id
                || ' are not 0, 1, 2 …' AS what
            FROM ",
                $table,
                " GROUP BY article_id
            HAVING min(position) <> 0 OR max(position) <> count(*) - 1
                OR count(DISTINCT position) <> count(*)"
            ),
        )
    };
}

/// Whether the time of a seed `s` counts: a page was not published a day or more after it was seen.
macro_rules! believed {
    () => {
        "(s.format <> 'page' OR s.observed_at IS NULL
            OR unixepoch(s.published_at) <= unixepoch(s.observed_at) + 86400)"
    };
}

/// A row has a modification time twice: for people and for comparing.
macro_rules! modified {
    ($table:literal) => {
        rule(
            $table,
            concat!(
                "SELECT id, 'modified_at and modified_ns are not the same time' AS what
            FROM ",
                $table,
                " WHERE modified_at IS NOT strftime('%Y-%m-%dT%H:%M:%SZ',
                modified_ns / 1000000000 - (modified_ns % 1000000000 < 0), 'unixepoch')"
            ),
        )
    };
}

/// An article repeats many columns of its current seed.
static ARTICLE_OF_SEED: LazyLock<String> = LazyLock::new(|| {
    let differ = are_different("a", schema::article_of_seed());
    format!(
        "SELECT a.id, 'it is not what its current seed ' || s.id || ' says' AS what
        FROM article a JOIN seed s ON s.id = a.seed_id WHERE s.article_id IS NOT a.id OR {differ}"
    )
});

/// A revision repeats some columns of its seed.
static REVISION_OF_SEED: LazyLock<String> = LazyLock::new(|| {
    let differ = are_different("r", schema::revision_of_seed());
    format!(
        "SELECT r.id, 'it is not what its seed ' || s.id || ' says' AS what
        FROM revision r JOIN seed s ON s.id = r.seed_id WHERE {differ}"
    )
});

/// Whether a column of the row named `row` differs from that of the seed.
fn are_different(row: &str, columns: Vec<(&str, &str)>) -> String {
    let differs = |(here, in_seed): &(&str, &str)| format!("{row}.{here} IS NOT s.{in_seed}");
    columns.iter().map(differs).collect::<Vec<_>>().join(" OR ")
}

/// All rules.
pub(in crate::store) static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
    // Articles: their counts, and what they repeat from their current seed.
    derived("article", "SELECT a.id, 'paragraph_count is ' || a.paragraph_count
            || ', and its content paragraphs are ' || count(p.id) AS what
        FROM article a LEFT JOIN paragraph p ON p.article_id = a.id AND p.is_content = 1
        GROUP BY a.id HAVING a.paragraph_count <> count(p.id)"),
    derived("article", "SELECT a.id, 'revision_count is ' || a.revision_count
            || ', and its revisions are ' || count(r.id) AS what
        FROM article a LEFT JOIN revision r ON r.article_id = a.id
        GROUP BY a.id HAVING a.revision_count <> count(r.id)"),
    derived("article", &ARTICLE_OF_SEED),
    derived("article", concat!("SELECT a.id, 'published_at is not the earliest of its seeds' AS what
        FROM article a WHERE a.published_at IS NOT
            (SELECT min(s.published_at) FROM seed s WHERE s.article_id = a.id AND ", believed!(), ")")),
    // The most precise of those with the same time: the names of precisions sort in this order.
    derived("article", concat!("SELECT a.id, 'published_precision is not that of its earliest seed' AS what
        FROM article a WHERE a.published_precision IS NOT
            (SELECT s.published_precision FROM seed s
             WHERE s.article_id = a.id AND s.published_at IS NOT NULL AND ", believed!(), "
             ORDER BY s.published_at, s.published_precision DESC LIMIT 1)")),
    derived("article", "SELECT a.id, 'first_seen_at or last_seen_at is not of its sightings' AS what
        FROM article a LEFT JOIN seed s ON s.article_id = a.id
        LEFT JOIN sighting g ON g.seed_id = s.id
        GROUP BY a.id HAVING a.first_seen_at IS NOT min(g.observed_at)
            OR a.last_seen_at IS NOT max(g.observed_at)"),
    derived("article", "SELECT id, 'its address and its site do not match' AS what
        FROM article WHERE (site_id IS NULL) <> (canonical_url LIKE 'urn:sha256:%')"),
    derived("site", "SELECT t.id, 'its name is not the one that most of its articles give' AS what
        FROM site t WHERE t.name IS NOT
            (SELECT a.site_name FROM article a WHERE a.site_id = t.id AND a.site_name IS NOT NULL
             GROUP BY a.site_name ORDER BY count(*) DESC, a.site_name LIMIT 1)"),
    derived("article", "SELECT a.id, 'no revision has its current seed' AS what
        FROM article a WHERE NOT EXISTS (SELECT 1 FROM revision r
            WHERE r.article_id = a.id AND r.seed_id = a.seed_id)"),
    // The rows of a text.
    positions!("paragraph"),
    positions!("link"),
    positions!("media"),
    positions!("tag"),
    derived("link", "SELECT l.id, 'its paragraph is of another article' AS what
        FROM link l JOIN paragraph p ON p.id = l.paragraph_id WHERE p.article_id <> l.article_id"),
    derived("media", "SELECT m.id, 'its paragraph is of another article' AS what
        FROM media m JOIN paragraph p ON p.id = m.paragraph_id WHERE p.article_id <> m.article_id"),
    // History.
    derived("revision", "SELECT min(id) AS id, 'the revisions of article ' || article_id
            || ' are not numbered 1, 2, 3 …' AS what
        FROM revision GROUP BY article_id HAVING min(sequence) <> 1 OR max(sequence) <> count(*)"),
    derived("revision", "SELECT r.id, 'its seed is of another article' AS what
        FROM revision r JOIN seed s ON s.id = r.seed_id WHERE s.article_id IS NOT r.article_id"),
    derived("revision", &REVISION_OF_SEED),
    derived("former_paragraph", "SELECT f.id, 'its revision is the current one' AS what
        FROM former_paragraph f JOIN revision r ON r.id = f.revision_id
        JOIN article a ON a.id = r.article_id WHERE r.seed_id = a.seed_id"),
    rule("article_merged", "SELECT m.old_id AS id, 'the article that was joined still exists' AS what
        FROM article_merged m JOIN article a ON a.id = m.old_id"),
    derived("article_url", "SELECT u.id, 'no seed of its article has this address' AS what
        FROM article_url u LEFT JOIN seed s ON s.id = u.seed_id
        WHERE u.seed_id IS NOT NULL
            AND (s.article_id IS NOT u.article_id OR s.canonical_url IS NOT u.canonical_url)"),
    // Seeds.
    derived("seed", "SELECT s.id, 'its address leads to another article' AS what
        FROM seed s LEFT JOIN article_url u ON u.canonical_url = s.canonical_url
        WHERE s.article_id IS NOT NULL AND u.article_id IS NOT s.article_id"),
    derived("seed", "SELECT id, 'it is an article with missing columns' AS what
        FROM seed WHERE (article_id IS NULL) <> (status IS NULL)
            OR (article_id IS NULL) <> (canonical_url IS NULL)
            OR (article_id IS NULL) <> (title IS NULL)
            OR (article_id IS NULL) <> (text_length IS NULL)
            OR (article_id IS NULL) <> (format IS NULL)
            OR (article_id IS NOT NULL AND body IS NULL)"),
    derived("seed", "SELECT id, 'its address and its site do not match' AS what
        FROM seed WHERE (site_id IS NULL) <>
            (canonical_url IS NULL OR canonical_url LIKE 'urn:sha256:%')"),
    rule("seed", "SELECT s.id, 'observed_at is not the earliest of its sightings' AS what
        FROM seed s LEFT JOIN sighting g ON g.seed_id = s.id
        GROUP BY s.id HAVING s.observed_at IS NOT min(g.observed_at)"),
    rule("seed", "SELECT s.id, 'no import has seen it' AS what FROM seed s
        WHERE NOT EXISTS (SELECT 1 FROM sighting g WHERE g.seed_id = s.id)"),
    // `integrity_check` does not compare the rows of a partial index with those of the table.
    rule("seed", "SELECT id, 'only the index of refused seeds has it' AS what
        FROM (SELECT id FROM seed INDEXED BY seed_refused WHERE status_detail IS NOT NULL
              EXCEPT SELECT id FROM seed NOT INDEXED WHERE status_detail IS NOT NULL)"),
    rule("revision", "SELECT id, 'only the index of texts and titles has it' AS what
        FROM (SELECT id FROM revision INDEXED BY revision_by_pair WHERE pair_key IS NOT NULL
              EXCEPT SELECT id FROM revision NOT INDEXED WHERE pair_key IS NOT NULL)"),
    rule("link", "SELECT id, 'only the index of addresses has it' AS what
        FROM (SELECT id FROM link INDEXED BY link_by_address WHERE address_key IS NOT NULL
              EXCEPT SELECT id FROM link NOT INDEXED WHERE address_key IS NOT NULL)"),
    // Recorded rows, which cannot be derived again. The `integrity_check` of SQLite 3.54 skips CHECK
    // constraints with IN; earlier versions find their violations.
    rule("seed", "SELECT id, 'there is no codec \"' || codec || '\"' AS what
        FROM seed WHERE codec NOT IN ('none', 'zstd')"),
    rule("import_run", "SELECT id, 'there is no status \"' || status || '\"' AS what
        FROM import_run WHERE status NOT IN ('running', 'complete', 'interrupted', 'failed')"),
    rule("sighting", "SELECT id, 'there is no outcome \"' || outcome || '\" by \"'
            || coalesce(matched_by, '') || '\"' AS what
        FROM sighting WHERE outcome NOT IN ('new', 'revised', 'duplicate', 'rejected')
            OR matched_by NOT IN ('bytes', 'url', 'text') OR is_settled NOT IN (0, 1)"),
    // A file that is compressed alone (`a.md.gz`, whatever its name) is recognised by its own length.
    rule("sighting", "SELECT g.id, 'byte_length is not that of its seed ' || s.id AS what
        FROM sighting g JOIN seed s ON s.id = g.seed_id
        WHERE g.byte_length <> s.byte_length AND g.member IS NOT NULL"),
    modified!("sighting"),
    modified!("container"),
    rule("container", "SELECT id, 'its filter is malformed' AS what
        FROM container WHERE filter <> '' AND NOT json_valid(filter)"),
    rule("repository_history", "SELECT id, 'its filter is malformed' AS what
        FROM repository_history WHERE filter <> '' AND NOT json_valid(filter)"),
    // A gz has a time of its own; one that is exactly as long as its document is so rare that the name
    // decides. A page can name the time of its saving, which is before its file was written.
    rule("sighting", "SELECT g.id, 'observed_at is not its file''s modification time' AS what
        FROM sighting g JOIN seed s ON s.id = g.seed_id
        WHERE g.is_settled = 1 AND g.member IS NULL AND g.observed_at <> g.modified_at
            AND g.byte_length = s.byte_length AND g.path NOT LIKE '%gz'
            AND (s.format IS NOT 'page' OR g.observed_at > g.modified_at)"),
    rule("sighting", "SELECT id, 'observed_at is not a time' AS what
        FROM sighting WHERE observed_at <> coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', observed_at), '')"),
    rule("sighting", "SELECT g.id, 'its outcome contradicts its other columns' AS what
        FROM sighting g LEFT JOIN rejection r ON r.sighting_id = g.id
        GROUP BY g.id HAVING count(r.id) <> (g.outcome = 'rejected')
            OR (g.outcome = 'duplicate') <> (g.matched_by IS NOT NULL)
            OR (g.seed_id IS NULL AND g.outcome <> 'rejected')"),
    rule("rejection", "SELECT id, 'there is no reason \"' || reason || '\"' AS what
        FROM rejection WHERE reason NOT IN ('list', 'readme', 'binary', 'not_regular', 'empty_file',
            'no_header', 'resource', 'unsupported', 'unreadable', 'changed_while_reading',
            'too_large', 'undecodable',
            'damaged_archive', 'bad_header', 'crashed')"),
    rule("import_run", "SELECT id, 'its counts do not add up to files_seen' AS what
        FROM import_run WHERE files_seen <> new + revised + duplicate + unchanged + rejected"),
    rule("import_run", "SELECT u.id, 'its counts are not those of its sightings' AS what
        FROM import_run u LEFT JOIN sighting g ON g.run_id = u.id
        GROUP BY u.id HAVING u.new <> count(*) FILTER (WHERE g.outcome = 'new')
            OR u.revised <> count(*) FILTER (WHERE g.outcome = 'revised')
            OR u.duplicate < count(*) FILTER (WHERE g.outcome = 'duplicate')
            OR u.rejected < count(*) FILTER (WHERE g.outcome = 'rejected')"),
    rule("import_run", "SELECT id, 'its times or its arguments are malformed' AS what
        FROM import_run
        WHERE started_at <> coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', started_at), '')
            OR finished_at <> coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', finished_at), '')
            OR (finished_at IS NULL AND status IN ('complete', 'failed'))
            OR (finished_at IS NOT NULL AND status = 'running')
            OR NOT json_valid(arguments)"),
    // Nothing is ever deleted from these: their ids are 1, 2, 3 … up to the last assigned one.
    rule("sqlite_sequence", "SELECT NULL AS id, 'of ' || t.name || ' there are ' || t.rows
            || ' rows, the greatest id is ' || t.greatest || ', and the last one given was '
            || coalesce(q.seq, 0) AS what
        FROM (SELECT 'seed' AS name, count(*) AS rows, coalesce(max(id), 0) AS greatest FROM seed
              UNION ALL SELECT 'site', count(*), coalesce(max(id), 0) FROM site
              UNION ALL SELECT 'sighting', count(*), coalesce(max(id), 0) FROM sighting
              UNION ALL SELECT 'rejection', count(*), coalesce(max(id), 0) FROM rejection
              UNION ALL SELECT 'import_run', count(*), coalesce(max(id), 0) FROM import_run) t
        LEFT JOIN sqlite_sequence q ON q.name = t.name
        WHERE t.rows <> t.greatest OR t.greatest <> coalesce(q.seq, 0)"),
    // From the others, rows are deleted, but an id is never assigned again.
    rule("sqlite_sequence", "SELECT NULL AS id, 'of ' || t.name || ' the greatest id is '
            || t.greatest || ', and the last one given was ' || coalesce(q.seq, 0) AS what
        FROM (SELECT 'article' AS name, max(id) AS greatest FROM article
              UNION ALL SELECT 'revision', max(id) FROM revision
              UNION ALL SELECT 'former_paragraph', max(id) FROM former_paragraph
              UNION ALL SELECT 'article_url', max(id) FROM article_url
              UNION ALL SELECT 'paragraph', max(id) FROM paragraph
              UNION ALL SELECT 'link', max(id) FROM link
              UNION ALL SELECT 'media', max(id) FROM media
              UNION ALL SELECT 'tag', max(id) FROM tag) t
        LEFT JOIN sqlite_sequence q ON q.name = t.name
        WHERE t.greatest > coalesce(q.seq, 0)"),
    // The full-text index, if there is one.
    rule("article", "SELECT a.id, 'it is not in the full-text index' AS what
        FROM article a LEFT JOIN article_fts_docsize d ON d.id = a.id
        WHERE d.id IS NULL AND EXISTS (SELECT 1 FROM meta WHERE key = 'tokenizer_version')"),
    rule("article_fts", "SELECT d.id, 'the full-text index has an article that does not exist' AS what
        FROM article_fts_docsize d LEFT JOIN article a ON a.id = d.id
        WHERE a.id IS NULL AND EXISTS (SELECT 1 FROM meta WHERE key = 'tokenizer_version')"),
    rule("article_fts", "SELECT NULL AS id, 'the full-text index is not of the version that stock SQLite reads' AS what
        WHERE NOT EXISTS (SELECT 1 FROM article_fts_config WHERE k = 'version' AND v = 4)"),
    // Rows of a later version come from a rebuild that has not finished.
    rule("meta", "SELECT NULL AS id, 'extractor_version is \"' || coalesce(m.value, '')
            || '\", but no row has that version' AS what
        FROM (SELECT (SELECT value FROM meta WHERE key = 'extractor_version') AS value) m
        WHERE m.value IS NULL OR m.value <> CAST(CAST(m.value AS INTEGER) AS TEXT)
            OR (SELECT count(*) = 1 AND max(version) < CAST(m.value AS INTEGER)
                FROM (SELECT extractor_version AS version FROM seed
                      UNION SELECT extractor_version FROM article))"),
    rule("meta", "SELECT NULL AS id, 'archive_id is \"' || coalesce(m.value, '')
            || '\", which is no UUID' AS what
        FROM (SELECT (SELECT value FROM meta WHERE key = 'archive_id') AS value) m
        WHERE coalesce(m.value, '') NOT GLOB replace('XXXXXXXX-XXXX-4XXX-[89ab]XXX-XXXXXXXXXXXX',
            'X', '[0-9a-f]')"),
]
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    #[test]
    fn the_rule_lists_every_reason() {
        let rule = RULES.iter().find(|rule| rule.table == "rejection").unwrap();
        for reason in Reason::ALL {
            assert!(rule.sql.contains(&format!("'{}'", reason.as_str())), "{}", reason.as_str());
        }
    }
}
