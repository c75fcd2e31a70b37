//! Rows with a line for each value: for columns that are too many for a table.

use crate::cli::terminal::cell::{
    BOLD, DIM, Kind, cut, grouped_number, is_long_number, is_of_ids, styled,
};
use crate::cli::terminal::wrap::wrapped;
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Names that are wider are cut on a terminal.
const MOST_NAME: usize = 24;
/// How many lines of a terminal a long value gets if it may be cut.
const MOST_LINES: usize = 3;
/// Values get no fewer columns, however narrow the terminal is.
const LEAST_ROOM: usize = 8;

/// The look of such rows: `name = value`, with the names on the right of their column.
pub struct Lines {
    names: Vec<String>,
    are_ids: Vec<bool>,
    width: usize,
    /// The columns of the terminal beside the names.
    room: Option<usize>,
    is_cut: bool,
    has_color: bool,
}

impl Lines {
    /// For columns of these names, made safe to show; `is_cut` lets long values end in `…` on a terminal.
    pub fn new(names: &[String], terminal: Option<usize>, is_cut: bool, has_color: bool) -> Self {
        let most = terminal.map_or(usize::MAX, |_| MOST_NAME);
        let name = |name: &String| {
            let name = name.replace('\n', " ");
            if name.width() <= most { name } else { cut(&name, most) }
        };
        let are_ids = names.iter().map(|name| is_of_ids(name)).collect();
        let names: Vec<String> = names.iter().map(name).collect();
        let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
        let room = terminal.map(|columns| columns.saturating_sub(width + 3).max(LEAST_ROOM));
        Self { names, are_ids, width, room, is_cut, has_color }
    }

    /// The lines of a row, after an empty one unless it is the first; the values are safe to show.
    pub fn row<'a>(&self, is_first: bool, cells: impl Iterator<Item = (&'a str, Kind)>) -> String {
        let mut text = String::from(if is_first { "" } else { "\n" });
        for ((name, (value, kind)), is_id) in self.names.iter().zip(cells).zip(&self.are_ids) {
            let is_grouped =
                self.room.is_some() && kind == Kind::Number && !is_id && is_long_number(value);
            let value = if is_grouped { grouped_number(value).into() } else { Cow::from(value) };
            let padding = " ".repeat(self.width - name.width());
            let mut before = format!("{padding}{} =", styled(name, BOLD, self.has_color));
            let style = if kind == Kind::Null { DIM } else { "" };
            for line in self.pieces(&value) {
                let line = format!("{before} {}", styled(&line, style, self.has_color));
                text.push_str(line.trim_end());
                text.push('\n');
                before = " ".repeat(self.width + 2);
            }
        }
        text
    }

    /// The lines of a value.
    fn pieces(&self, value: &str) -> Vec<String> {
        let Some(room) = self.room else {
            return value.split('\n').map(str::to_owned).collect();
        };
        // No more is laid out than is shown.
        let most = if self.is_cut { room * (MOST_LINES + 1) } else { usize::MAX };
        let end = value.char_indices().nth(most).map_or(value.len(), |(at, _)| at);
        let mut lines = wrapped(&value[..end], room, "", "");
        if self.is_cut && (lines.len() > MOST_LINES || end < value.len()) {
            lines.truncate(MOST_LINES);
            if let Some(last) = lines.last_mut() {
                let is_full = last.width() >= room;
                *last = if is_full { cut(last, room) } else { format!("{last}…") };
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(terminal: Option<usize>, is_cut: bool) -> String {
        let names = ["id", "一个名字", "text", "none"].map(str::to_owned);
        let lines = Lines::new(&names, terminal, is_cut, terminal.is_some());
        let long = "一段长文，".repeat(12) + "\n\nend";
        let cells = [
            ("12345", Kind::Number),
            ("12345", Kind::Number),
            (&long, Kind::Text),
            ("NULL", Kind::Null),
        ];
        let rows = [true, false].map(|is_first| lines.row(is_first, cells.into_iter()));
        rows.concat().replace("\u{1b}[1m", "<").replace("\u{1b}[2m", "(").replace("\u{1b}[0m", ">")
    }

    #[test]
    fn a_line_for_each_value() {
        insta::assert_snapshot!(shown(None, false));
        insta::assert_snapshot!(shown(Some(40), false));
        insta::assert_snapshot!(shown(Some(40), true));
    }
}
