-- The archive: what was read (seed, sighting, rejection, import_run), and what it says
-- (site, article, revision, article_url, paragraph, link, media, tag).
--
-- Bytes are the truth, rows are derived: everything below `article` can be made again from
-- `seed.body`. Times are UTC, ISO 8601 TEXT; hashes are 32-byte BLOBs. No triggers, no generated
-- columns, no custom functions: any stock SQLite from 3.38 reads this file.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE site (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    host TEXT NOT NULL UNIQUE                -- canonical: ASCII, lower case, no www. or m.
) STRICT;

CREATE TABLE import_run (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at      TEXT NOT NULL,
    finished_at     TEXT,                    -- NULL while running, or if it never finished
    status          TEXT NOT NULL CHECK (status IN ('running', 'complete', 'interrupted', 'failed')),
    program_version TEXT NOT NULL,
    arguments       TEXT NOT NULL,           -- a JSON array, as given on the command line
    note            TEXT,
    files_seen      INTEGER NOT NULL DEFAULT 0, -- = new + revised + duplicate + unchanged + rejected
    new             INTEGER NOT NULL DEFAULT 0,
    revised         INTEGER NOT NULL DEFAULT 0,
    duplicate       INTEGER NOT NULL DEFAULT 0,
    unchanged       INTEGER NOT NULL DEFAULT 0,
    rejected        INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One article, as it now stands. An article and its first seed name each other: the seed comes
-- first, so seed.article_id is checked at commit.
CREATE TABLE article (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id           INTEGER REFERENCES site (id), -- NULL without a usable address
    url               TEXT,                  -- as spelled in the current seed
    canonical_url     TEXT NOT NULL,         -- urn:sha256:… without a usable address
    title             TEXT NOT NULL,
    title_raw         TEXT,                  -- as in the seed, where it differs from title
    author            TEXT,
    dateline          TEXT,                  -- the body's date line: the publisher's words and zone
    script            TEXT NOT NULL CHECK (script IN ('Hans', 'Hant', 'mixed', 'other')),
    published_at      TEXT,                  -- the earliest known of its seeds
    updated_at        TEXT,                  -- the current seed's
    status            TEXT NOT NULL CHECK (status IN ('ok', 'stub', 'empty', 'unparsed')),
    status_detail     TEXT,                  -- why the HTML was refused
    text_sha256       BLOB CHECK (length(text_sha256) = 32), -- NULL if unparsed
    seed_id           INTEGER NOT NULL REFERENCES seed (id),
    revision_count    INTEGER NOT NULL,
    paragraph_count   INTEGER NOT NULL,      -- content paragraphs
    char_count        INTEGER NOT NULL,      -- their characters without white space and Cf
    first_seen_at     TEXT,                  -- least and greatest observed_at of its sightings
    last_seen_at      TEXT,
    extractor_version INTEGER NOT NULL
) STRICT;
CREATE INDEX article_by_site ON article (site_id);
CREATE INDEX article_by_time ON article (published_at);
CREATE INDEX article_by_canonical_url ON article (canonical_url);

-- One distinct file, byte for byte.
CREATE TABLE seed (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256            BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    byte_length       INTEGER NOT NULL,
    codec             TEXT NOT NULL CHECK (codec IN ('none', 'zstd')),
    format            TEXT,                  -- header variant; NULL if rejected
    encoding          TEXT,                  -- the decoder used
    article_id        INTEGER REFERENCES article (id) DEFERRABLE INITIALLY DEFERRED, -- NULL if rejected
    site_id           INTEGER REFERENCES site (id), -- NULL without a usable address
    url               TEXT,
    canonical_url     TEXT,
    title             TEXT,
    published_at      TEXT,
    text_sha256       BLOB CHECK (length(text_sha256) = 32),
    text_length       INTEGER,               -- characters that text_sha256 covers
    status            TEXT,
    status_detail     TEXT,                  -- why the HTML was refused
    observed_at       TEXT,                  -- earliest evidence that the bytes existed
    extractor_version INTEGER NOT NULL,
    body              BLOB                   -- NULL only for a binary file; last, as SQLite walks
                                             -- through a long value to reach what stands behind it
) STRICT;
CREATE INDEX seed_by_article ON seed (article_id);

CREATE TABLE revision (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id   INTEGER NOT NULL REFERENCES article (id),
    sequence     INTEGER NOT NULL,           -- from 1, oldest first
    seed_id      INTEGER NOT NULL REFERENCES seed (id),
    title        TEXT NOT NULL,
    status       TEXT NOT NULL,
    text_sha256  BLOB,
    published_at TEXT,
    observed_at  TEXT,                       -- the earliest of its seeds
    change       TEXT NOT NULL CHECK (change IN ('first', 'text', 'title', 'text+title')),
    UNIQUE (article_id, sequence)
) STRICT;

CREATE TABLE article_url (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    canonical_url TEXT NOT NULL UNIQUE,
    article_id    INTEGER NOT NULL REFERENCES article (id),
    url           TEXT                       -- as spelled in the greatest seed that has it
) STRICT;
CREATE INDEX article_url_by_article ON article_url (article_id);

CREATE TABLE paragraph (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL REFERENCES article (id),
    position   INTEGER NOT NULL,             -- from 0, in document order
    kind       TEXT NOT NULL,
    level      INTEGER,                      -- of a heading, list item or quote
    text       TEXT NOT NULL,
    is_content INTEGER NOT NULL,
    CHECK (is_content = (kind IN ('lead', 'paragraph', 'heading', 'list_item', 'quote',
                                  'preformatted', 'table_row'))),
    CHECK (kind IN ('lead', 'paragraph', 'heading', 'list_item', 'quote', 'preformatted',
                    'table_row', 'caption', 'dateline', 'byline', 'credit', 'related',
                    'boilerplate'))
) STRICT;
CREATE INDEX paragraph_by_article ON paragraph (article_id, position);

CREATE TABLE link (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id   INTEGER NOT NULL REFERENCES article (id),
    paragraph_id INTEGER REFERENCES paragraph (id),
    position     INTEGER NOT NULL,           -- from 0, in document order
    kind         TEXT NOT NULL,
    url          TEXT NOT NULL,              -- absolute
    href         TEXT NOT NULL,              -- as written
    text         TEXT NOT NULL,
    host         TEXT,
    is_internal  INTEGER NOT NULL CHECK (is_internal IN (0, 1))
) STRICT;
CREATE INDEX link_by_article ON link (article_id, position);
CREATE INDEX link_by_paragraph ON link (paragraph_id);
CREATE INDEX link_by_host ON link (host);

CREATE TABLE media (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id   INTEGER NOT NULL REFERENCES article (id),
    paragraph_id INTEGER REFERENCES paragraph (id),
    position     INTEGER NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('image', 'video', 'audio', 'embed')),
    url          TEXT NOT NULL,              -- absolute, proxies unwrapped
    src          TEXT NOT NULL,              -- as written
    alt          TEXT,
    caption      TEXT
) STRICT;
CREATE INDEX media_by_article ON media (article_id, position);
CREATE INDEX media_by_paragraph ON media (paragraph_id);

CREATE TABLE tag (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL REFERENCES article (id),
    position   INTEGER NOT NULL,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL                 -- tag or category
) STRICT;
CREATE INDEX tag_by_article ON tag (article_id, position);

-- One place and state in which a seed was read. The same place in the same state is one row.
CREATE TABLE sighting (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id      INTEGER NOT NULL REFERENCES import_run (id),
    seed_id     INTEGER REFERENCES seed (id), -- NULL if not read whole
    path        TEXT NOT NULL,               -- absolute; not-UTF-8 bytes as \xNN
    member      TEXT,                        -- the entry inside a carrier of many
    byte_length INTEGER NOT NULL,
    modified_at TEXT,
    modified_ns INTEGER,                     -- since 1970
    observed_at TEXT,
    outcome     TEXT NOT NULL CHECK (outcome IN ('new', 'revised', 'duplicate', 'rejected')),
    matched_by  TEXT CHECK (matched_by IN ('bytes', 'url', 'text')),
    is_settled  INTEGER NOT NULL CHECK (is_settled IN (0, 1)) -- 1: an equal state proves equal bytes
) STRICT;
CREATE INDEX sighting_by_path ON sighting (path, member);
CREATE INDEX sighting_by_seed ON sighting (seed_id);
CREATE INDEX sighting_by_run ON sighting (run_id);

CREATE TABLE rejection (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    sighting_id INTEGER NOT NULL REFERENCES sighting (id),
    reason      TEXT NOT NULL,
    detail      TEXT
) STRICT;
CREATE INDEX rejection_by_sighting ON rejection (sighting_id);

-- The whole content text of each article, a blank line between paragraphs; written as a literal,
-- since DuckDB, which parses every view when it attaches the file, takes char(10) for a type.
CREATE VIEW article_text AS
SELECT a.id, a.title, a.url, a.published_at,
       (SELECT group_concat(text, '

')
        FROM (SELECT p.text FROM paragraph p
              WHERE p.article_id = a.id AND p.is_content = 1 ORDER BY p.position)) AS text
FROM article a;

-- Where each article was read.
CREATE VIEW article_source AS
SELECT s.article_id, s.url, g.path, g.member, g.run_id, g.observed_at, g.outcome
FROM seed s JOIN sighting g ON g.seed_id = s.id
WHERE s.article_id IS NOT NULL;

-- Articles per UTC day and host.
CREATE VIEW article_day AS
SELECT substr(a.published_at, 1, 10) AS day, t.host, count(*) AS articles
FROM article a LEFT JOIN site t ON t.id = a.site_id
WHERE a.published_at IS NOT NULL
GROUP BY substr(a.published_at, 1, 10), t.host;
