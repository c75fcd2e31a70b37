//! Tables, laid out by the columns that their texts take on a terminal.

use crate::cli::Global;
use crate::cli::terminal::cell::{
    BOLD, DIM, Kind, cut, grouped_number, is_long_number, is_of_ids, on_one_line, shown, styled,
};
use crate::cli::terminal::lines::Lines;
use crate::cli::terminal::output::{self, terminal_width};
use crate::cli::terminal::paint::has_color;
use crate::cli::terminal::wrap::wrapped;
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// A table that is being built: with borders for data, without for summaries. On a terminal it is as wide as
/// the terminal at most: a summary wraps long cells; in a table of data they end in `…`, so that each row is a
/// line.
pub struct Grid {
    has_borders: bool,
    has_color: bool,
    names: Vec<String>,
    rows: Vec<Vec<GridCell>>,
    size: GridSize,
}

struct GridCell {
    text: String,
    kind: Kind,
}

/// A column of data that gets fewer cells of the terminal than this is too narrow to read.
const LEAST_COLUMN: usize = 8;

impl Grid {
    /// A table of data; for standard output, or for a file.
    pub fn of_data(to_file: bool, global: &Global) -> Self {
        let terminal = terminal_width().filter(|_| !to_file);
        let mut grid = Self::new(true, terminal);
        grid.has_color = has_color(global, output::is_terminal()) && !to_file;
        grid.size.is_cut = terminal.is_some();
        grid
    }

    /// The table of a summary.
    pub fn plain(global: &Global) -> Self {
        let has_color = has_color(global, output::is_terminal());
        Self { has_color, ..Self::new(false, terminal_width()) }
    }

    fn new(has_borders: bool, terminal: Option<usize>) -> Self {
        Self {
            has_borders,
            has_color: false,
            names: Vec::new(),
            rows: Vec::new(),
            size: GridSize { terminal, ..GridSize::default() },
        }
    }

    pub fn header<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.names = names.into_iter().map(shown).collect();
        self.size.add(self.names.iter().map(String::as_str));
    }

    /// Adds a row; numbers are right-aligned.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = (Cow<'a, str>, bool)>) {
        let kind = |is_number| if is_number { Kind::Number } else { Kind::Text };
        self.data_row(cells.into_iter().map(|(text, is_number)| (text, kind(is_number))));
    }

    /// Adds a row of data.
    pub fn data_row<'a>(&mut self, cells: impl IntoIterator<Item = (Cow<'a, str>, Kind)>) {
        let cell = |(text, kind): (Cow<'_, str>, Kind)| GridCell { text: shown(&text), kind };
        let cells: Vec<GridCell> = cells.into_iter().map(cell).collect();
        self.size.add(cells.iter().map(|cell| cell.text.as_str()));
        self.rows.push(cells);
    }

    /// Whether laying it out would take too much memory; see [`MOST_PIECES`] and [`MOST_CHARACTERS`].
    pub fn is_too_large(&self) -> bool {
        self.size.is_too_large()
    }

    /// How this table of data fits the terminal: the columns that are too narrow to read, and whether cells
    /// are cut.
    pub fn fit(&self) -> Fit {
        let (wanted, widths) = (self.wanted(), self.widths());
        let cut = || {
            wanted.iter().zip(&widths).filter(|(wanted, width)| self.size.is_cut && wanted > width)
        };
        Fit {
            narrow_columns: cut().filter(|(_, width)| **width < LEAST_COLUMN).count(),
            is_cut: cut().count() > 0,
        }
    }

    /// The rows with a line for each value, as in [`Lines`]; long values are cut.
    pub fn turned(&self) -> String {
        let lines = Lines::new(&self.names, self.size.terminal, true, self.has_color);
        let row = |(at, row): (usize, &Vec<GridCell>)| {
            lines.row(at == 0, row.iter().map(|cell| (cell.text.as_str(), cell.kind)))
        };
        self.rows.iter().enumerate().map(row).collect()
    }

    /// The lines, without trailing blanks.
    pub fn text(&mut self) -> String {
        self.group_numbers();
        let widths = self.widths();
        let mut text = String::new();
        let edge = |text: &mut String, [left, line, between, right]: [char; 4]| {
            if self.has_borders {
                let lines = widths.iter().map(|width| String::from(line).repeat(width + 2));
                let lines = lines.collect::<Vec<_>>().join(&String::from(between));
                text.extend([left.to_string(), lines, format!("{right}\n")]);
            }
        };
        edge(&mut text, ['┌', '─', '┬', '┐']);
        if !self.names.is_empty() {
            let names = self.names.iter().map(|name| (name.as_str(), Kind::Text));
            self.lay_out(&mut text, names, &widths, BOLD);
            edge(&mut text, ['╞', '═', '╪', '╡']);
        }
        for row in &self.rows {
            let cells = row.iter().map(|cell| (cell.text.as_str(), cell.kind));
            self.lay_out(&mut text, cells, &widths, "");
        }
        edge(&mut text, ['└', '─', '┴', '┘']);
        text
    }

    /// Groups the digits of a column of numbers if any of them has more than four: years stay as they are.
    fn group_numbers(&mut self) {
        let columns = if self.size.is_cut { self.size.widths.len() } else { 0 };
        for column in 0..columns {
            let is_long = |row: &Vec<GridCell>| {
                row.get(column)
                    .is_some_and(|it| it.kind == Kind::Number && is_long_number(&it.text))
            };
            let name = self.names.get(column).map_or("", String::as_str);
            if is_of_ids(name) || !self.rows.iter().any(is_long) {
                continue;
            }
            let cells = self.rows.iter_mut().filter_map(|row| row.get_mut(column));
            for cell in cells.filter(|cell| cell.kind == Kind::Number) {
                cell.text = grouped_number(&cell.text);
            }
        }
    }

    /// The widest line of each column.
    fn wanted(&self) -> Vec<usize> {
        let mut wanted = vec![0; self.size.widths.len()];
        let mut measure = |column: usize, text: &str| {
            let widest = self.lines(text).map(|line| line.width()).max().unwrap_or(0);
            wanted[column] = wanted[column].max(widest);
        };
        self.names.iter().enumerate().for_each(|(column, name)| measure(column, name));
        for row in &self.rows {
            row.iter().enumerate().for_each(|(column, cell)| measure(column, &cell.text));
        }
        wanted
    }

    /// The width of each column without its padding. Numbers are never cut.
    fn widths(&self) -> Vec<usize> {
        let around = if self.has_borders { 3 } else { 2 };
        let mut wanted = self.wanted();
        let Some(width) = self.size.terminal else {
            return wanted;
        };
        let mut room = width.saturating_sub(around * wanted.len() + usize::from(self.has_borders));
        let is_fixed: Vec<bool> = (0..wanted.len()).map(|it| self.is_of_numbers(it)).collect();
        let fixed = wanted.iter().zip(&is_fixed).filter(|(_, is_fixed)| **is_fixed);
        let fixed: usize = fixed.map(|(width, _)| width).sum();
        if fixed > room {
            return shared(&wanted, room);
        }
        room -= fixed;
        let others: Vec<usize> =
            wanted.iter().zip(&is_fixed).filter(|it| !*it.1).map(|it| *it.0).collect();
        let mut others = shared(&others, room).into_iter();
        for (width, _) in wanted.iter_mut().zip(is_fixed).filter(|(_, is_fixed)| !is_fixed) {
            *width = others.next().unwrap_or(*width);
        }
        wanted
    }

    fn is_of_numbers(&self, column: usize) -> bool {
        let mut kinds = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.kind);
        let has_any =
            self.rows.iter().any(|row| row.get(column).is_some_and(|it| it.kind == Kind::Number));
        has_any && kinds.all(|kind| kind != Kind::Text)
    }

    /// The lines that a cell wants to have: one if it may be cut.
    fn lines<'a>(&self, text: &'a str) -> Box<dyn Iterator<Item = Cow<'a, str>> + 'a> {
        if self.size.is_cut {
            Box::new(std::iter::once(on_one_line(text)))
        } else {
            Box::new(text.split('\n').map(Cow::Borrowed))
        }
    }

    /// The lines of a cell, none wider than its column.
    fn pieces<'a>(&self, text: &'a str, width: usize) -> Vec<Cow<'a, str>> {
        let fitting = |line: Cow<'a, str>| match line.width() <= width {
            true => vec![line],
            false if self.size.is_cut => vec![cut(&line, width).into()],
            false => wrapped(&line, width, "", "").into_iter().map(Cow::Owned).collect(),
        };
        self.lines(text).flat_map(fitting).collect()
    }

    /// Adds the lines of a row in this style.
    fn lay_out<'a>(
        &self,
        text: &mut String,
        cells: impl Iterator<Item = (&'a str, Kind)>,
        widths: &[usize],
        style: &str,
    ) {
        let cells = cells.zip(widths);
        let cells: Vec<(Vec<Cow<'a, str>>, Kind)> =
            cells.map(|((text, kind), &width)| (self.pieces(text, width), kind)).collect();
        let (left, between, right) =
            if self.has_borders { ("│", "┆", "│") } else { ("", "", "") };
        let height = cells.iter().map(|(pieces, _)| pieces.len()).max().unwrap_or(0);
        for at in 0..height {
            let mut line = String::from(left);
            for (index, &width) in widths.iter().enumerate() {
                let (pieces, kind) = cells
                    .get(index)
                    .map_or((&[][..], Kind::Text), |(pieces, kind)| (pieces, *kind));
                let piece = pieces.get(at).map_or("", AsRef::as_ref);
                let padding = " ".repeat(width.saturating_sub(piece.width()));
                let is_right = kind == Kind::Number;
                let (before, after) = if is_right { (&*padding, "") } else { ("", &*padding) };
                let style = if kind == Kind::Null { DIM } else { style };
                let piece = styled(piece, style, self.has_color);
                let border = if index == 0 { "" } else { between };
                line.extend([border, " ", before, &piece, after, " "]);
            }
            line.push_str(right);
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
}

/// How a table of data fits a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// Columns with fewer than eight cells of the terminal that need more.
    pub narrow_columns: usize,
    /// Whether some cells end in `…`.
    pub is_cut: bool,
}

/// Divides the room among columns that want these widths: narrow ones get what they want, and the others the
/// same each, at least 1.
fn shared(wanted: &[usize], room: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&column| wanted[column]);
    let (mut room, mut widths) = (room, vec![0; wanted.len()]);
    for (done, &column) in order.iter().enumerate() {
        widths[column] = wanted[column].min(room / (wanted.len() - done)).max(1);
        room = room.saturating_sub(widths[column]);
    }
    widths
}

/// Columns of a cell beside its text: two blanks and a border.
const PADDING: usize = 3;
/// Maximum number of lines, counted per column, that is laid out.
pub const MOST_PIECES: usize = 1_000_000;
/// Maximum number of characters, including padding, that is laid out.
pub const MOST_CHARACTERS: usize = 64 << 20;

/// The size of a table, computed before it is laid out. A cell takes some dozen bytes per line, in each
/// column of its row, and each line is as wide as all columns.
#[derive(Debug, Default)]
struct GridSize {
    /// Columns of the terminal, if the table has to fit one.
    terminal: Option<usize>,
    /// Whether each row is one line.
    is_cut: bool,
    lines: usize,
    /// Number of lines, counted once per column.
    pieces: usize,
    /// The widest line of each column, including padding and borders.
    widths: Vec<usize>,
}

impl GridSize {
    fn add<'a>(&mut self, cells: impl ExactSizeIterator<Item = &'a str>) {
        let columns = cells.len().max(1);
        self.widths.resize(self.widths.len().max(cells.len()), PADDING);
        // A long line is wrapped at the width of its column.
        let terminal = self.terminal.filter(|_| !self.is_cut);
        let room = terminal.map(|width| (width / columns).saturating_sub(PADDING).max(1));
        let mut most = 1;
        for (cell, widest) in cells.zip(&mut self.widths) {
            let mut lines = 0;
            for line in cell.split('\n').take(if self.is_cut { 1 } else { usize::MAX }) {
                let width = line.width();
                lines += room.map_or(1, |room| width.div_ceil(room).max(1));
                *widest = (*widest).max(width + PADDING);
            }
            most = most.max(lines);
        }
        self.lines += most;
        self.pieces += most * columns;
    }

    fn is_too_large(&self) -> bool {
        let width = self.terminal.unwrap_or_else(|| self.widths.iter().sum());
        self.pieces > MOST_PIECES || self.lines.saturating_mul(width) > MOST_CHARACTERS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_measured_before_it_is_laid_out() {
        let size = |terminal, rows: &[&[&str]]| {
            let mut size = GridSize { terminal, ..GridSize::default() };
            rows.iter().for_each(|cells| size.add(cells.iter().copied()));
            (size.lines, size.pieces, size.widths.iter().sum::<usize>())
        };
        assert_eq!(size(None, &[&["a", "b\nc\nd"], &["文字", ""]]), (4, 8, 11));
        // A line that is wrapped at the end of its column counts as several.
        assert_eq!(size(Some(20), &[&["0123456789", "a"]]), (2, 4, 17));
        let is_too_large = |rows: usize, cells: &[&str]| {
            let mut size = GridSize::default();
            (0..rows).for_each(|_| size.add(cells.iter().copied()));
            size.is_too_large()
        };
        let lines = "\n".repeat(999);
        assert!(!is_too_large(1000, &[&lines]));
        assert!(is_too_large(1001, &[&lines]));
        assert!(is_too_large(501, &[&lines, ""]));
        assert!(is_too_large(1000, &[&"x".repeat(70_000)]));
    }

    #[test]
    fn the_room_is_shared() {
        let check = |wanted: &[usize], room: usize, expected: &[usize]| {
            assert_eq!(shared(wanted, room), expected, "{wanted:?} {room}");
        };
        check(&[3, 4], 10, &[3, 4]);
        check(&[3, 40, 4], 20, &[3, 13, 4]);
        check(&[30, 2, 40], 21, &[9, 2, 10]);
        check(&[30, 30], 1, &[1, 1]);
        check(&[], 10, &[]);
    }

    /// A table of these rows, the first of which names the columns.
    fn grid(terminal: usize, is_data: bool, rows: &[&[&str]]) -> Grid {
        let mut grid = Grid::new(is_data, Some(terminal));
        (grid.has_color, grid.size.is_cut) = (true, is_data);
        grid.header(rows[0].iter().copied());
        for row in &rows[1..] {
            grid.data_row(row.iter().map(|&cell| match cell {
                "NULL" => (cell.into(), Kind::Null),
                _ if cell.parse::<f64>().is_ok() => (cell.into(), Kind::Number),
                _ => (cell.into(), Kind::Text),
            }));
        }
        grid
    }

    #[test]
    fn wide_characters_and_colours_keep_the_columns() {
        let rows: &[&[&str]] = &[
            &["人", "n", "id", "text"],
            &["一二三四五六七八九十一二三", "7", "12345", "one two\nthree"],
            &["", "-12345.5", "6", "NULL"],
        ];
        let shown = |mut grid: Grid| {
            let text = grid.text();
            text.replace("\u{1b}[1m", "<").replace("\u{1b}[2m", "(").replace("\u{1b}[0m", ">")
        };
        insta::assert_snapshot!(shown(grid(60, true, rows)));
        insta::assert_snapshot!(shown(grid(50, false, rows)));
        let fit = |terminal| grid(terminal, true, rows).fit();
        assert_eq!(fit(80), Fit { narrow_columns: 0, is_cut: false });
        assert_eq!(fit(60), Fit { narrow_columns: 0, is_cut: true });
        assert_eq!(fit(40), Fit { narrow_columns: 2, is_cut: true });
        insta::assert_snapshot!(grid(40, true, rows).turned());
    }
}
