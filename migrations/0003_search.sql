-- Full-text search that any stock SQLite with FTS5 can do: no custom tokenizer, no content of its
-- own (title and paragraphs stand in their tables), no contentless_delete.
--
-- What it holds are tokens that the program makes, single blanks between them: folded (NFKC, case,
-- Traditional as Simplified Chinese), and every run of Han, kana or Hangul as its overlapping pairs
-- and its last character (中国人: 中国 国人 人). rowid is article.id. To be searched as
--     SELECT rowid FROM article_fts WHERE article_fts MATCH '"人权"'
-- A longer word is a phrase of its pairs: '"中国 国人"'. Which version of tokens it holds is
-- meta.tokenizer_version; where that is missing, the next writing command makes the index anew.
CREATE VIRTUAL TABLE article_fts USING fts5 (
    title,
    body,                                    -- the content paragraphs, in order
    content = '',
    tokenize = 'unicode61 remove_diacritics 2'
);
