-- Sameness and history: articles that turned out to be one, and what was taken out of a text.

-- Rule (b) of sameness asks, for each new seed, for one with its text, time and site.
CREATE INDEX seed_by_text ON seed (text_sha256, published_at, site_id);

-- Seeds whose HTML was refused; a refusal for its deadline alone is tried again.
CREATE INDEX seed_refused ON seed (status_detail) WHERE status_detail IS NOT NULL;

-- The id of an article that was joined into another, which it leads to at once, however often
-- that one was joined in turn.
CREATE TABLE article_merged (
    old_id     INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES article (id),
    run_id     INTEGER REFERENCES import_run (id) -- NULL if joined by a re-derivation
) STRICT;
CREATE INDEX article_merged_by_article ON article_merged (article_id);
CREATE INDEX article_merged_by_run ON article_merged (run_id);

-- A content paragraph of a revision that is not current, where it stands nowhere in the current
-- text, however that is cut.
CREATE TABLE former_paragraph (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    revision_id INTEGER NOT NULL REFERENCES revision (id),
    position    INTEGER NOT NULL,            -- among all blocks of that revision, from 0
    kind        TEXT NOT NULL,
    text        TEXT NOT NULL
) STRICT;
CREATE INDEX former_paragraph_by_revision ON former_paragraph (revision_id, position);

-- What stood in an article and does not now, once, with the last revision that had it.
-- replaced_at is when the next revision was observed; NULL if there is none, since the last
-- revision is a lesser one (a stub, an emptied page) than the one that stands.
CREATE VIEW removed_text AS
SELECT r.article_id, a.title, a.url, f.text, r.observed_at, n.observed_at AS replaced_at
FROM former_paragraph f
JOIN revision r ON r.id = f.revision_id
JOIN article a ON a.id = r.article_id
LEFT JOIN revision n ON n.article_id = r.article_id AND n.sequence = r.sequence + 1
WHERE NOT EXISTS (SELECT 1 FROM former_paragraph later
                  WHERE later.revision_id = n.id AND later.text = f.text);

-- Articles whose last revision is less whole than the one that stands: the publisher emptied or
-- gutted the page.
CREATE VIEW reduced_article AS
SELECT a.id AS article_id, a.title, a.url, r.status, r.observed_at
FROM article a
JOIN revision r ON r.article_id = a.id AND r.sequence = a.revision_count
WHERE CASE r.status WHEN 'ok' THEN 3 WHEN 'stub' THEN 2 WHEN 'empty' THEN 1 ELSE 0 END
    < CASE a.status WHEN 'ok' THEN 3 WHEN 'stub' THEN 2 WHEN 'empty' THEN 1 ELSE 0 END;
