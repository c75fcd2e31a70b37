//! Hints about a text, as a set.

/// A set of hints; the constants are its members. The upper half repeats those that are confirmed by more
/// than a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::extract) struct Marks(u64);

impl Marks {
    pub const HIDDEN: Self = Self(1);
    pub const SHARE: Self = Self(1 << 1);
    pub const RELATED: Self = Self(1 << 2);
    /// Readers' comments; a list of them contains no text of the article, whatever its length.
    pub const COMMENT_LIST: Self = Self(1 << 3);
    pub const COMMENT: Self = Self(1 << 4);
    pub const PROMO: Self = Self(1 << 5);
    pub const COPYRIGHT: Self = Self(1 << 6);
    pub const BYLINE: Self = Self(1 << 7);
    pub const META: Self = Self(1 << 8);
    /// Beside the article: `aside`, `nav`, `footer`, `form`.
    pub const ASIDE: Self = Self(1 << 9);
    pub const CAPTION: Self = Self(1 << 10);
    pub const CREDIT: Self = Self(1 << 11);
    /// A picture with everything that belongs to it.
    pub const FIGURE: Self = Self(1 << 12);
    pub const TIME: Self = Self(1 << 13);
    pub const SMALL: Self = Self(1 << 14);
    pub const LEAD: Self = Self(1 << 15);
    /// A comment by the article's own author: in a written conversation, the article itself.
    pub const AUTHORED: Self = Self(1 << 16);
    /// A reader's comment, or a form to write one.
    pub const READER: Self = Self(1 << 17);
    /// The title above the text, if it is not a heading element.
    pub const TITLE: Self = Self(1 << 18);
    /// Hidden only visually: read aloud.
    pub const SPOKEN: Self = Self(1 << 19);

    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(u64::MAX);

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.certain().0)
    }

    /// Without these marks, if only a name supports them.
    pub fn without_name_for(self, other: Self) -> Self {
        Self(self.0 & !(other.0 & !(self.0 >> 32)))
    }

    /// The same marks, confirmed by more than a name.
    pub const fn certain(self) -> Self {
        Self(self.0 | self.0 << 32)
    }

    /// The marks that are confirmed by more than a name.
    pub fn without_named(self) -> Self {
        Self(self.0 >> 32).certain()
    }
}
