//! The columns that hold words, and the type of each.

use super::Scalar;
use super::values::parsed;
use crate::model::{
    AuthorRole, BlockKind, Change, Codec, Format, Language, LinkKind, MatchedBy, MediaKind,
    MediaRole, PageLimit, Precision, Reason, RunStatus, Script, SightingOutcome, Status, TagKind,
};
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};

/// A column that holds a [`Word`](crate::model::Word), for the test that compares the words with the schema.
#[cfg(test)]
pub(super) struct WordColumn {
    pub table: &'static str,
    pub column: &'static str,
    pub words: Vec<&'static str>,
}

/// Lets statements bind and read a type, and lists the columns that hold its words.
macro_rules! words {
    ($($type:ty => $($table:literal . $column:literal),+;)+) => {
        $(
            impl ToSql for $type {
                fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                    Ok(self.as_str().into())
                }
            }

            /// Fails for a word that this version does not know.
            impl FromSql for $type {
                fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                    parsed(value)
                }
            }

            impl From<$type> for Scalar<'_> {
                fn from(word: $type) -> Self {
                    Self::Text(word.as_str())
                }
            }
        )+

        #[cfg(test)]
        pub(super) fn word_columns() -> Vec<WordColumn> {
            vec![$($(WordColumn {
                table: $table,
                column: $column,
                words: <$type as crate::model::Word>::ALL.iter().map(|word| word.as_str()).collect(),
            },)+)+]
        }
    };
}

words! {
    AuthorRole => "author"."role";
    BlockKind => "paragraph"."kind", "former_paragraph"."kind";
    Change => "revision"."change";
    Codec => "seed"."codec";
    Format => "seed"."format";
    LinkKind => "link"."kind";
    MatchedBy => "sighting"."matched_by";
    MediaKind => "media"."kind";
    MediaRole => "media"."role";
    PageLimit => "article"."status_detail", "seed"."status_detail";
    Precision => "article"."published_precision", "seed"."published_precision";
    Reason => "rejection"."reason";
    RunStatus => "import_run"."status";
    Script => "article"."script";
    SightingOutcome => "sighting"."outcome";
    Status => "article"."status", "seed"."status", "revision"."status";
    TagKind => "tag"."kind";
}

/// `article.language`: one of some hundred codes, so not a word of a list.
impl FromSql for Language {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        parsed(value)
    }
}

impl<'a> From<&'a Language> for Scalar<'a> {
    fn from(language: &'a Language) -> Self {
        Self::Text(language.as_str())
    }
}
