//! The state that applies inside an open element.

use super::spans::{Quotes, Role};
use crate::extract::cut::Shape;
use crate::extract::marks::Marks;
use crate::extract::marks::parts::Parts;

/// The state for the text of the element being walked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub shape: Shape,
    pub container: usize,
    pub inline: Marks,
    /// Whether the element cuts the text around it.
    pub is_block: bool,
    pub is_bold: bool,
    pub is_italic: bool,
    pub anchor: Option<usize>,
    pub list_depth: u8,
    pub quote_depth: u8,
    /// In a row whose cells are data: nothing cuts inside it.
    pub in_row: bool,
    /// What the element itself adds to its text.
    pub role: Role,
    /// The characters after a part of a formula.
    pub behind: [Option<char>; 2],
    pub in_ruby: bool,
    /// Whether the element is the number of a note, which belongs to the block after it.
    pub is_label: bool,
    pub is_reading: bool,
    /// Whether it is visually separate from its neighbours.
    pub is_apart: bool,
    /// Whether it is a note in the middle of a line, which the page shows beside it.
    pub is_note: bool,
    /// Which white space the style keeps.
    pub keeps: Keeps,
    /// The declared language, as an index in `Walked::languages`, and its quotation marks.
    pub language: usize,
    pub quotes: Option<Quotes>,
    /// The ordered list whose items may follow.
    pub list: Option<usize>,
    pub formula: InFormula,
    pub in_drawing: bool,
    pub in_code: bool,
    /// In a part that others than the article's author wrote.
    pub is_of_others: bool,
    /// The parts named by the inline elements around; only for a whole page.
    pub parts: Parts,
}

/// White space that is kept as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    Nothing,
    Lines,
    /// Lines, and blanks inside them.
    All,
}

/// The position within a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InFormula {
    No,
    /// Only the MathML in it counts.
    Holder,
    Math,
}

impl Context {
    /// Around the whole document.
    pub const OUTERMOST: Self = Self {
        shape: Shape::Flow,
        container: 0,
        inline: Marks::NONE,
        is_block: false,
        is_bold: false,
        is_italic: false,
        anchor: None,
        list_depth: 0,
        quote_depth: 0,
        in_row: false,
        role: Role::Plain,
        behind: [None, None],
        in_ruby: false,
        is_label: false,
        is_reading: false,
        is_apart: false,
        is_note: false,
        keeps: Keeps::Nothing,
        language: 0,
        quotes: None,
        list: None,
        formula: InFormula::No,
        in_drawing: false,
        in_code: false,
        is_of_others: false,
        parts: Parts::NONE,
    };
}
