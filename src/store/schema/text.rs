//! The rows of an article's current text: `paragraph`, `link`, `media`, `author` and `tag`.

use super::{Column, Reading, Scalar, Table};
use crate::model::{Author, Block, Link, Media, Tag};

/// Something in a text.
pub(in crate::store) struct InText<'a, T> {
    pub item: &'a T,
    pub article_id: i64,
    /// From 0, in document order.
    pub position: usize,
    /// The paragraph that it is in: the id when storing, the position when comparing.
    pub paragraph: Scalar<'a>,
}

/// How the value of a column is made.
pub(in crate::store) type TextValue<T> = for<'a> fn(&'a InText<'a, T>) -> Scalar<'a>;

const fn column<T>(name: &'static str, value: TextValue<T>) -> Column<TextValue<T>> {
    Column::new(name, value)
}

const fn article_id<T>() -> Column<TextValue<T>> {
    column::<T>("article_id", |it| it.article_id.into()).uncompared()
}

const fn position<T>() -> Column<TextValue<T>> {
    column::<T>("position", |it| it.position.into())
}

const fn paragraph_id<T>() -> Column<TextValue<T>> {
    column::<T>("paragraph_id", |it| it.paragraph).compared_as("paragraph", "p.position")
}

pub(in crate::store) const PARAGRAPH: Table<TextValue<Block>> = Table {
    name: "paragraph",
    alias: "p",
    key: "id",
    columns: &[
        article_id(),
        position(),
        column("kind", |it| it.item.kind.into()),
        column("level", |it| it.item.level.into()),
        column("marker", |it| it.item.marker.as_ref().into()),
        column("text", |it| (&it.item.text).into()),
        column("is_content", |it| it.item.kind.is_content().into()),
    ],
    reading: Reading { joins: "", owner: "p.article_id", order: "p.position" },
};

pub(in crate::store) const LINK: Table<TextValue<Link>> = Table {
    name: "link",
    alias: "l",
    key: "id",
    columns: &[
        article_id(),
        paragraph_id(),
        position(),
        column("kind", |it| it.item.kind.into()),
        column("url", |it| (&it.item.url).into()),
        column("href", |it| (&it.item.href).into()),
        column("text", |it| (&it.item.text).into()),
        column("host", |it| it.item.host.as_ref().into()),
        column("is_internal", |it| it.item.is_internal.into()),
        column("address_key", |it| it.item.address_key.into()),
    ],
    reading: Reading {
        joins: "LEFT JOIN paragraph p ON p.id = l.paragraph_id",
        owner: "l.article_id",
        order: "l.position",
    },
};

pub(in crate::store) const MEDIA: Table<TextValue<Media>> = Table {
    name: "media",
    alias: "m",
    key: "id",
    columns: &[
        article_id(),
        paragraph_id(),
        position(),
        column("kind", |it| it.item.kind.into()),
        column("url", |it| (&it.item.url).into()),
        column("src", |it| (&it.item.src).into()),
        column("alt", |it| it.item.alt.as_ref().into()),
        column("caption", |it| it.item.caption.as_ref().into()),
        column("role", |it| it.item.role.into()),
    ],
    reading: Reading {
        joins: "LEFT JOIN paragraph p ON p.id = m.paragraph_id",
        owner: "m.article_id",
        order: "m.position",
    },
};

pub(in crate::store) const AUTHOR: Table<TextValue<Author>> = Table {
    name: "author",
    alias: "h",
    key: "id",
    columns: &[
        article_id(),
        position(),
        column("name", |it| (&it.item.name).into()),
        column("role", |it| it.item.role.into()),
    ],
    reading: Reading { joins: "", owner: "h.article_id", order: "h.position" },
};

pub(in crate::store) const TAG: Table<TextValue<Tag>> = Table {
    name: "tag",
    alias: "g",
    key: "id",
    columns: &[
        article_id(),
        position(),
        column("name", |it| (&it.item.name).into()),
        column("kind", |it| it.item.kind.into()),
    ],
    reading: Reading { joins: "", owner: "g.article_id", order: "g.position" },
};

/// Most articles have fewer paragraphs. Each statement looks up and stores the table's last id, and two of
/// three rows of an archive are paragraphs: one statement for many rows takes 3 % off an import. This does
/// not help other tables: a statement of several rows copies each page before changing it, and their indexes
/// get new rows everywhere.
pub(in crate::store) const PARAGRAPHS_AT_ONCE: usize = 64;
