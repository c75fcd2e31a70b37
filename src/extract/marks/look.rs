//! The look of an element: its tag and its names.

use super::parts::Parts;
use super::{Attributes, Marks};
use crate::extract::dom::Element;

/// The tag and the names of a block element.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::extract) struct Look {
    pub tag: Tag,
    pub parts: Parts,
    /// A hash of its tag and class: neighbours with the same hash are cards of one kind.
    pub name: u32,
}

/// Elements, as far as their texts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(in crate::extract) enum Tag {
    #[default]
    Document,
    Paragraph,
    Box,
    Item,
    Cell,
    Table,
    Section,
    Button,
    Term,
    Caption,
    Label,
    Other,
}

impl Tag {
    /// The tags with weights, in the order of the weights.
    pub const KNOWN: [Self; 10] = [
        Self::Document,
        Self::Paragraph,
        Self::Box,
        Self::Item,
        Self::Cell,
        Self::Section,
        Self::Button,
        Self::Term,
        Self::Caption,
        Self::Label,
    ];

    fn of(name: &str) -> Self {
        match name {
            "p" => Self::Paragraph,
            "div" | "center" => Self::Box,
            "li" => Self::Item,
            "td" | "th" => Self::Cell,
            "table" => Self::Table,
            "article" | "section" | "main" => Self::Section,
            "button" => Self::Button,
            "dt" | "dd" => Self::Term,
            "figcaption" | "caption" => Self::Caption,
            "label" | "legend" => Self::Label,
            _ => Self::Other,
        }
    }
}

impl Look {
    pub fn of(element: &Element, attributes: &Attributes<'_>, marks: Marks) -> Self {
        let bytes = element.name().bytes().chain([b' ']).chain(attributes.class.bytes());
        // FNV-1a.
        let name = bytes.fold(0x811c_9dc5, |hash: u32, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        let parts = Parts::of(element, attributes, marks);
        Self { tag: Tag::of(element.name()), parts, name }
    }
}
