-- What an older program did not take may be taken by this one: it is read once more.
UPDATE sighting SET is_settled = 0
WHERE is_settled = 1 AND seed_id IN (SELECT id FROM seed WHERE article_id IS NULL);

-- Which archive a file is, and so which backups are its own: a UUID of version 4.
INSERT INTO meta (key, value)
SELECT 'archive_id', substr(r, 1, 8) || '-' || substr(r, 9, 4) || '-4' || substr(r, 14, 3)
    || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(r, 18, 3) || '-' || substr(r, 21)
FROM (SELECT lower(hex(randomblob(16))) AS r);

-- A path with these letters is one of two files: the byte itself, or the letters, which are \\xNN now.
UPDATE sighting SET is_settled = 0
WHERE is_settled = 1 AND path GLOB '*\x[89a-f][0-9a-f]*';
UPDATE carrier SET is_settled = 0
WHERE is_settled = 1 AND path GLOB '*\x[89a-f][0-9a-f]*';

-- What lets an import find out what a new version changes without reading all earlier ones.
ALTER TABLE revision ADD COLUMN
    pair_key BLOB /* a hash of its text and title; NULL for an article's only one */;
ALTER TABLE revision ADD COLUMN
    standing BLOB /* 16 bytes for each of its paragraphs that the current text has; NULL if that is its own */;
CREATE INDEX revision_by_pair ON revision (article_id, pair_key) WHERE pair_key IS NOT NULL;
ALTER TABLE article_url ADD COLUMN
    seed_id INTEGER /* the greatest seed that has it */;

-- As before, but each former paragraph is compared with the like ones of its article alone, and not
-- with all of the next revision.
DROP VIEW removed_text;
CREATE VIEW removed_text AS
SELECT f.article_id, a.title, a.url, f.text, f.observed_at, n.observed_at AS replaced_at
FROM (SELECT p.id, r.article_id, r.sequence, r.observed_at, p.text,
             count(*) OVER (PARTITION BY r.article_id, p.text ORDER BY r.sequence
                            RANGE BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS in_next
      FROM former_paragraph p JOIN revision r ON r.id = p.revision_id) f
JOIN article a ON a.id = f.article_id
LEFT JOIN revision n ON n.article_id = f.article_id AND n.sequence = f.sequence + 1
WHERE f.in_next = 0
ORDER BY f.id;
