-- What one meets on the first day: tables that need no JOIN, and what they need stored.

-- Articles as a list has them, for spreadsheets and the first SELECT *.
CREATE VIEW article_list AS
SELECT a.id, substr(a.published_at, 1, 10) AS day, t.host AS site, a.title, a.author, a.language,
       a.char_count AS characters, a.url
FROM article a LEFT JOIN site t ON t.id = a.site_id;
