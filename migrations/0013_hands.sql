-- What one meets on the first day: tables that need no JOIN, and what they need stored.

-- Articles as a list has them, for spreadsheets and the first SELECT *.
CREATE VIEW article_list AS
SELECT a.id,
       substr(a.published_at, 1, 10) AS day, -- in UTC, or as the publisher gives it
       t.host AS site,
       a.title, a.author,
       a.language,                           -- primary BCP 47 subtag: `zh`, `en`
       a.char_count AS characters,           -- of its text, without white space
       a.url
FROM article a LEFT JOIN site t ON t.id = a.site_id;

-- SQLite looks for the last id of a table in this one, row by row from the start, at each INSERT. The tables with the
-- most INSERTs come first.
INSERT INTO sqlite_sequence (name, seq)
    SELECT column1, 0 FROM (VALUES ('link'), ('media'), ('tag')) WHERE column1 NOT IN (SELECT name FROM sqlite_sequence);
UPDATE sqlite_sequence SET rowid = -3 WHERE name = 'link';
UPDATE sqlite_sequence SET rowid = -2 WHERE name = 'media';
UPDATE sqlite_sequence SET rowid = -1 WHERE name = 'tag';

-- What an import left out by a filter is remembered with the filter: under another one, or none, a container or a
-- repository is read again.
CREATE TABLE new_container (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id      INTEGER NOT NULL REFERENCES import_run (id), -- the last that read it in this state
    path        TEXT NOT NULL,               -- as in sighting.path of its members
    byte_length INTEGER NOT NULL,
    modified_at TEXT,
    modified_ns INTEGER NOT NULL,            -- since 1970
    filter      TEXT NOT NULL,               -- which of its files were asked for: '' for all, or a JSON object
    members     INTEGER NOT NULL,            -- the files that it counts for
    is_settled  INTEGER NOT NULL CHECK (is_settled IN (0, 1)), -- 1: an equal state proves equal bytes
    UNIQUE (path, byte_length, modified_ns, filter)
) STRICT;
INSERT INTO new_container
SELECT id, run_id, path, byte_length, modified_at, modified_ns, '', members, is_settled FROM container;
DROP VIEW carrier;
DROP TABLE container;
ALTER TABLE new_container RENAME TO container;
CREATE INDEX container_by_run ON container (run_id);
CREATE VIEW carrier AS
SELECT id, run_id, path, byte_length, modified_at, modified_ns, members, is_settled FROM container;

CREATE TABLE new_history (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    path     TEXT NOT NULL,                  -- of the repository, as in its sightings
    pattern  TEXT NOT NULL,                  -- of the paths that were taken; '' for all
    filter   TEXT NOT NULL,                  -- which of these were asked for: '' for all, or a JSON object
    tip      BLOB NOT NULL CHECK (length(tip) = 20 OR length(tip) = 32), -- a commit
    boundary BLOB CHECK (length(boundary) = 32), -- stands for where a shallow clone ends; NULL if whole
    members  INTEGER NOT NULL,               -- versions in it that have a seed
    UNIQUE (path, pattern, filter, tip)
) STRICT;
INSERT INTO new_history
SELECT id, path, pattern, '', tip, boundary, members FROM repository_history;
DROP TABLE repository_history;
ALTER TABLE new_history RENAME TO repository_history;

-- Which article links to which: a link and an article have the same key if their canonical addresses are equal.
ALTER TABLE link ADD COLUMN
    address_key INTEGER /* of its canonical address, as in article_url; NULL if no other article can be there */;
ALTER TABLE article_url ADD COLUMN address_key INTEGER /* stands for canonical_url, from 0 to 2^48 */;
CREATE INDEX link_by_address ON link (address_key) WHERE address_key IS NOT NULL;
CREATE INDEX article_url_by_key ON article_url (address_key);
CREATE VIEW cited_article AS
SELECT l.article_id,                         -- the article that has the link
       l.id AS link_id,
       u.article_id AS cited_id              -- the other article that it leads to
FROM link l JOIN article_url u ON u.address_key = l.address_key
WHERE l.address_key IS NOT NULL AND u.article_id <> l.article_id;

-- The same views as before, with what their columns mean.
DROP VIEW article_day;
CREATE VIEW article_day AS
SELECT substr(a.published_at, 1, 10) AS day, -- in UTC, or as the publisher gives it
       t.host,
       count(*) AS articles
FROM article a LEFT JOIN site t ON t.id = a.site_id
WHERE a.published_at IS NOT NULL
GROUP BY substr(a.published_at, 1, 10), t.host;

DROP VIEW article_source;
CREATE VIEW article_source AS
SELECT s.article_id,
       s.url,                                -- as spelled in that file
       g.path,                               -- absolute; not-UTF-8 bytes as \xNN
       g.member,                             -- the entry inside a container
       g.run_id,                             -- the import that saw it there
       g.observed_at,                        -- the earliest evidence that the bytes existed
       g.outcome
FROM seed s JOIN sighting g ON g.seed_id = s.id
WHERE s.article_id IS NOT NULL;

DROP VIEW article_text;
CREATE VIEW article_text AS
SELECT a.id, a.title, a.url,
       a.published_at,                       -- the earliest known
       (SELECT group_concat(text, '

')
        FROM (SELECT p.text FROM paragraph p
              WHERE p.article_id = a.id AND p.is_content = 1 ORDER BY p.position)) AS text
                                             -- its own paragraphs, with empty lines between them
FROM article a;

DROP VIEW reduced_article;
CREATE VIEW reduced_article AS
SELECT a.id AS article_id, a.title, a.url,
       r.status,                             -- of the latest revision, which has less text
       r.observed_at                         -- when that was seen first
FROM article a
JOIN revision r ON r.article_id = a.id AND r.sequence = a.revision_count
WHERE CASE r.status WHEN 'ok' THEN 3 WHEN 'stub' THEN 2 WHEN 'empty' THEN 1 ELSE 0 END
    < CASE a.status WHEN 'ok' THEN 3 WHEN 'stub' THEN 2 WHEN 'empty' THEN 1 ELSE 0 END;

DROP VIEW removed_text;
CREATE VIEW removed_text AS
SELECT f.article_id, a.title, a.url,
       f.text,                               -- a paragraph that the next revision lacks
       f.observed_at,                        -- when a revision with it was seen
       n.observed_at AS replaced_at          -- when the next one was seen
FROM (SELECT p.id, r.article_id, r.sequence, r.observed_at, p.text,
             count(*) OVER (PARTITION BY r.article_id, p.text ORDER BY r.sequence
                            RANGE BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS in_next
      FROM former_paragraph p JOIN revision r ON r.id = p.revision_id) f
JOIN article a ON a.id = f.article_id
LEFT JOIN revision n ON n.article_id = f.article_id AND n.sequence = f.sequence + 1
WHERE f.in_next = 0
ORDER BY f.id;
