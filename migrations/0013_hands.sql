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
