-- What a page says of itself: who made it, when it was last changed, which picture stands for it.
CREATE TABLE author (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL REFERENCES article (id),
    position   INTEGER NOT NULL,
    name       TEXT NOT NULL,
    role       TEXT CHECK (role IN ('author', 'reporter', 'photographer', 'translator', 'editor'))
               /* NULL where it is none of these; article.author is the line that a reader sees */
) STRICT;
CREATE INDEX author_by_article ON author (article_id, position);
CREATE INDEX author_by_name ON author (name);
ALTER TABLE article ADD COLUMN
    modified_at TEXT /* when the page says that it was last changed */;
ALTER TABLE media ADD COLUMN
    role TEXT /* `lead` for the picture that stands for the page */;
