-- What one meets on the first day: tables that need no JOIN, and what they need stored.

-- Articles as a list has them, for spreadsheets and the first SELECT *.
CREATE VIEW article_list AS
SELECT a.id, substr(a.published_at, 1, 10) AS day, t.host AS site, a.title, a.author, a.language,
       a.char_count AS characters, a.url
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
