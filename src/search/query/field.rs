//! Fields of a query: what an article must be besides what it says, as in `site:rfi.fr`.

use crate::model::words;

words!(
    /// A property of an article that a query can ask for.
    Field {
        /// The host that published it.
        Site => "site",
        /// A name that it gives as its author.
        Author => "author",
        /// A tag that it has.
        Tag => "tag",
        /// Its language.
        Language => "language",
        /// The first day of publication.
        Since => "since",
        /// The last one.
        Until => "until",
    }
);

/// A field, and its value as written.
pub type Asked = (Field, String);
