//! Tables: which are data, and the column of each cell.

use crate::extract::dom::{Element, Node, NodeRef};

/// Maximum number of columns. HTML lets a cell span 1,000 of them, and a table of such cells would be all
/// tabs.
const MAX_COLUMNS: usize = 1_000;
/// Maximum number of rows that a cell spans, in HTML; also the meaning of `rowspan=0`, the whole group.
const MAX_ROWS: usize = 65_534;

/// Maximum average bytes per cell in a row of values: some thirty Chinese characters.
const MOST_IN_CELL: usize = 100;

/// A table that is being walked.
#[derive(Debug)]
pub(in crate::extract) struct Table {
    pub is_data: bool,
    row: usize,
    column: usize,
    /// Tabs of the row so far.
    tabs: usize,
    /// By column: the first row into which no cell extends from above.
    free_from: Vec<usize>,
}

impl Table {
    pub fn new(is_data: bool) -> Self {
        Self { is_data, row: 0, column: 0, tabs: 0, free_from: Vec::new() }
    }

    /// Begins a group of rows: no cell extends into another group.
    pub fn begin_group(&mut self) {
        self.free_from.clear();
    }

    pub fn begin_row(&mut self) {
        self.row += 1;
        (self.column, self.tabs) = (0, 0);
    }

    /// Places the next cell, and returns the number of tabs before it: more than one if cells extend from
    /// above, or if the last cell spans several columns.
    pub fn add_cell(&mut self, cell: &Element) -> usize {
        while self.free_from.get(self.column).is_some_and(|&from| from > self.row) {
            self.column += 1;
        }
        let tabs = self.column - self.tabs;
        self.tabs = self.column;
        let rows = span(cell, "rowspan", MAX_ROWS);
        let columns = span(cell, "colspan", MAX_COLUMNS).max(1);
        let end = (self.column + columns).min(MAX_COLUMNS.max(self.column + 1));
        if rows != 1 && end <= MAX_COLUMNS {
            let rows = if rows == 0 { MAX_ROWS } else { rows };
            self.free_from.resize(self.free_from.len().max(end), 0);
            self.free_from[self.column..end].fill(self.row + rows);
        }
        self.column = end;
        tabs
    }
}

/// The number of rows or columns that a cell spans, as HTML reads it.
fn span(cell: &Element, name: &str, most: usize) -> usize {
    let Some(written) = cell.attr(name) else {
        return 1;
    };
    let written = written.trim_start();
    let written = written.strip_prefix('+').unwrap_or(written);
    let digits = written.bytes().take_while(u8::is_ascii_digit).count();
    match written[..digits].parse::<usize>() {
        Ok(number) => number.min(most),
        // Too many digits for any number of rows.
        Err(_) if digits > 0 => most,
        Err(_) => 1,
    }
}

/// Whether a table's rows are data. Not if it contains another table, or has one column; otherwise if it has
/// head cells, or its rows look like values and not like a page layout. A heading or a quotation that shares
/// its cell with other text is layout; one that is all of its cell is the cell's style.
pub(in crate::extract) fn is_data(table: NodeRef<'_>, role: &str) -> bool {
    if matches!(role, "presentation" | "none") {
        return false;
    }
    let (mut rows, mut cells, mut blocks, mut lists) = (0usize, 0usize, 0usize, 0usize);
    let (mut has_heads, mut has_sections, mut has_lone) = (false, false, false);
    let (mut has_picture, mut bytes) = (false, 0);
    for node in table.descendants() {
        let element = match node.node() {
            Node::Element(element) => element,
            Node::Text(text) => {
                bytes += text.len();
                continue;
            }
            Node::Other => continue,
        };
        match element.name() {
            "table" => return false,
            "img" | "picture" | "video" | "iframe" => has_picture = true,
            "tr" => rows += 1,
            "td" => cells += 1,
            "th" => {
                cells += 1;
                has_heads = true;
            }
            "thead" | "caption" => has_heads = true,
            "blockquote" | "pre" | "h1" | "h2" | "h3" if is_all_of_cell(node) => has_lone = true,
            "figure" | "blockquote" | "pre" | "h1" | "h2" | "h3" => has_sections = true,
            "ul" | "ol" | "dl" => lists += 1,
            "p" | "div" => blocks += 1,
            _ => {}
        }
    }
    let is_grid = rows >= 2 && cells % rows == 0;
    let has_values = !has_picture && bytes <= MOST_IN_CELL * cells;
    let is_short = blocks + lists <= cells || (is_grid && (rows >= 3 || has_values));
    let is_plain = !has_sections && is_short && (is_grid || (lists == 0 && !has_lone));
    // A single row with a picture or much text puts them side by side.
    let is_side_by_side = rows == 1 && (has_picture || bytes > MOST_IN_CELL * cells);
    rows > 0 && cells > rows && (has_heads || (is_plain && !is_side_by_side))
}

/// Whether an element is all of a table's cell.
fn is_all_of_cell(node: NodeRef<'_>) -> bool {
    let cell = node.parent().filter(|around| {
        around.element().is_some_and(|around| matches!(around.name(), "td" | "th"))
    });
    cell.is_some_and(|cell| {
        cell.children().take(8).all(|other| match other.node() {
            Node::Element(element) => other.id() == node.id() || element.name() == "br",
            Node::Text(text) => text.trim().is_empty(),
            Node::Other => true,
        })
    })
}
