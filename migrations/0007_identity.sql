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
