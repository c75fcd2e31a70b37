//! The parts of an article as Markdown blocks.

use super::inline::{Breaks, Inline, destination, escaped};
use crate::model::{Media, MediaKind};
use crate::view::content::{self, Linked, Nested, Part, safe_address};
use std::fmt::Write;

/// A part, without blank lines around it.
pub(super) fn part_text(part: &Part<'_>) -> String {
    match part {
        Part::Heading { rank, text, .. } => {
            format!("{} {}", "#".repeat((rank + 2).min(6)), Inline::of(text, Breaks::Entity))
        }
        Part::Lead(text) | Part::Paragraph(text) => Inline::of(text, Breaks::Hard),
        Part::List(items) => list(items),
        Part::Quote(lines) => quote(lines),
        Part::Preformatted { marker: None, text, .. } => fenced(text),
        Part::Preformatted { marker: Some(marker), text, .. } => {
            format!("{}\n\n{}", escaped(marker, Breaks::Hard), fenced(text))
        }
        Part::Table(rows) => table(rows),
        Part::Aside(text) => emphasised(&Inline::of(text, Breaks::Hard)),
        Part::Media(media) => media_text(media),
    }
}

/// An open list.
struct OpenList {
    /// The indentation of its items' texts.
    indent: usize,
    /// The number of its last item; `None` in an unordered list.
    number: Option<u32>,
    /// The character after its numbers. Changing it starts another list: Markdown shows only the first number
    /// of a list and counts on from it.
    end: char,
}

fn list(items: &[Nested<'_>]) -> String {
    let mut out = String::new();
    let mut open: Vec<OpenList> = Vec::new();
    for item in items {
        if let Some(around) = open.get(item.depth - 1).filter(|_| item.goes_on) {
            let start = format!("\n{}", " ".repeat(around.indent));
            let text = Inline::of(&item.text, Breaks::Hard).replace('\n', &start);
            let _ = write!(out, "\n{start}{text}");
            open.truncate(item.depth);
            continue;
        }
        let is_deeper = item.depth > open.len();
        let before = open.drain(item.depth - 1..).next();
        let start = open.last().map_or(0, |around| around.indent);
        let number = item.number();
        let end = match before {
            Some(OpenList { number: last @ Some(_), end, .. }) => {
                let counts_on = last.map(|last| last + 1) == number;
                if counts_on == (end == '.') { '.' } else { ')' }
            }
            _ => '.',
        };
        let mark = number.map_or_else(|| "-".to_owned(), |number| format!("{number}{end}"));
        let indent = start + mark.len() + 1;
        if !out.is_empty() {
            out.push('\n');
        }
        // Directly below a line of text, only a list that starts from 1 is recognised.
        if is_deeper && !out.is_empty() && number.is_some_and(|number| number != 1) {
            out.push('\n');
        }
        let text = Inline::marked(item).replace('\n', &format!("\n{}", " ".repeat(indent)));
        let _ = write!(out, "{}{mark} {text}", " ".repeat(start));
        open.push(OpenList { indent, number, end });
    }
    out
}

fn quote(lines: &[Nested<'_>]) -> String {
    let mut text = String::new();
    let mut before = None;
    for run in content::runs(lines) {
        let depth = run[0].depth;
        if let Some(before) = before {
            let common = depth.min(before);
            let _ = write!(text, "\n{}\n", "> ".repeat(common).trim_end());
        }
        let mark = "> ".repeat(depth);
        let inside = match content::as_list(run) {
            Some(items) => list(&items),
            None => Inline::of(&run[0].text, Breaks::Hard),
        };
        text.push_str(&mark);
        text.push_str(&inside.replace('\n', &format!("\n{mark}")));
        before = Some(depth);
    }
    text
}

/// The fence is longer than any in the text.
fn fenced(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    // Markdown ends a line at each of them.
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    format!("{fence}\n{lines}\n{fence}")
}

/// The first row becomes the head, since Markdown has no tables without one.
fn table(rows: &[Vec<Linked<'_>>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::from("|");
        for cell in row {
            let _ = write!(line, " {} |", Inline::of(cell, Breaks::Element));
        }
        // Only the head must have all columns; filling up all rows would multiply rows by columns.
        if index == 0 {
            line.push_str(&"  |".repeat(columns - row.len()));
        }
        lines.push(line);
        if index == 0 {
            lines.push(format!("|{}", " --- |".repeat(columns)));
        }
    }
    lines.join("\n")
}

/// A picture is shown; video, sound and embedded media become links.
fn media_text(media: &Media) -> String {
    let alt = escaped(media.alt.as_deref().unwrap_or_default(), Breaks::Entity);
    let caption = escaped(media.caption.as_deref().unwrap_or_default(), Breaks::Hard);
    let shown = match (safe_address(&media.url), media.kind) {
        (Some(url), MediaKind::Image) => format!("![{alt}]({})", destination(url)),
        (Some(url), kind) if alt.is_empty() => format!("[{kind}]({})", destination(url)),
        (Some(url), kind) => format!("[{kind}: {alt}]({})", destination(url)),
        (None, _) => alt,
    };
    let parts = [shown, emphasised(&caption)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn emphasised(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("*{text}*"),
    }
}
