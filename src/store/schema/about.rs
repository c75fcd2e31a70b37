//! What a row of each table and view is, for manual pages and for programs that show the archive.

/// By name, in the order of the names; the declarations say the same of columns.
pub(in crate::store) const ABOUT: [(&str, &str); 26] = [
    ("article", "An article in its current version."),
    ("article_day", "How many articles a site published on a day."),
    ("article_fts", "The full-text index. It holds tokens; the texts are in paragraph."),
    ("article_list", "An article as a list has it: readable without a JOIN."),
    ("article_merged", "The id of an article that was joined into another."),
    ("article_source", "A file in which an article was read, and where it was."),
    ("article_text", "An article with its whole text in one cell."),
    ("article_url", "An address that an article was seen under."),
    ("author", "A person whom an article names, and what they did."),
    ("carrier", "The same as container, by its former name."),
    ("container", "An archive or a file of many articles that was read, and its state then."),
    ("former_paragraph", "A paragraph of an earlier revision that is no longer in the text."),
    ("import_run", "An import, with its counts of files."),
    ("link", "A link in an article."),
    ("media", "A picture, video, sound or embedded page in an article."),
    ("meta", "Versions of what made the rows, and the identity of the archive."),
    ("paragraph", "A block of the current text of an article."),
    (
        "reduced_article",
        "An article whose page was emptied or cut down; the fuller text is current.",
    ),
    ("rejection", "Why a file that was read is not an article."),
    ("removed_text", "A paragraph that was taken out of an article, and when it was missed first."),
    ("repository_history", "How far the history of a git repository was imported."),
    ("revision", "A text or title that an article has had."),
    ("seed", "An original file, byte for byte, and what it says."),
    ("sighting", "Where and when an import read a file."),
    ("site", "A publisher, by its host."),
    ("tag", "A word that an article is filed under."),
];
