//! Writes rows as CSV, TSV, JSON, JSON lines and Markdown.

use super::spreadsheet::{defused, is_split_elsewhere};
use crate::model::{Cell, hex};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};

/// An output format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// An array of objects.
    Json,
    /// One object per line.
    Jsonl,
    /// Commas, quotation marks where a cell needs them (RFC 4180).
    Csv,
    /// Tabs and line breaks of the text as `\t`, `\n`, `\r`, and a backslash as `\\`.
    Tsv,
    /// A table of GitHub's Markdown.
    Markdown,
}

/// Writes rows as they arrive, without keeping any.
pub struct RowWriter<W: Write> {
    out: W,
    format: RowFormat,
    /// Whether texts that a spreadsheet would run as a formula get a leading `'`.
    excel_safe: bool,
    /// What is written for NULL, except in JSON.
    null: String,
    has_header: bool,
    columns: Vec<String>,
    rows: u64,
}

impl<W: Write> RowWriter<W> {
    /// Nothing is written before the columns are named.
    pub fn new(out: W, format: RowFormat) -> Self {
        let (null, columns) = (String::new(), Vec::new());
        Self { out, format, excel_safe: false, null, has_header: true, columns, rows: 0 }
    }

    /// Sets whether formulas in text cells are defused. CSV then begins with a byte-order mark, without which a
    /// spreadsheet takes UTF-8 for the encoding of its country.
    pub fn excel_safe(self, excel_safe: bool) -> Self {
        Self { excel_safe, ..self }
    }

    /// Sets what is written for NULL, except in JSON; by default nothing.
    pub fn null(self, null: impl Into<String>) -> Self {
        Self { null: null.into(), ..self }
    }

    /// Sets whether CSV and TSV begin with the names of the columns.
    pub fn header(self, has_header: bool) -> Self {
        Self { has_header, ..self }
    }

    /// Writes the names of the columns; called before the rows.
    pub fn columns(&mut self, names: &[String]) -> io::Result<()> {
        self.columns = match self.format {
            RowFormat::Json | RowFormat::Jsonl => unique_names(names),
            _ => names.to_vec(),
        };
        let header = names.iter().map(|name| Cow::from(name.as_str()));
        if self.excel_safe && self.format == RowFormat::Csv {
            self.out.write_all("\u{feff}".as_bytes())?;
        }
        match self.format {
            // The bracket comes with the first row, since there may be an error instead.
            RowFormat::Json | RowFormat::Jsonl => Ok(()),
            RowFormat::Csv | RowFormat::Tsv if !self.has_header => Ok(()),
            RowFormat::Csv if self.excel_safe => {
                self.delimited(names.iter().map(|name| defused(name)), ",", guarded_csv_field)
            }
            RowFormat::Csv => self.delimited(header, ",", csv_field),
            RowFormat::Tsv => self.delimited(header, "\t", tsv_field),
            RowFormat::Markdown => {
                self.markdown(header)?;
                self.markdown(names.iter().map(|_| "---".into()))
            }
        }
    }

    /// Writes one row, in the order of the columns.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.rows += 1;
        let excel_safe = self.excel_safe;
        // The writer itself is borrowed for writing.
        let null = std::mem::take(&mut self.null);
        let texts = cells.iter().map(|cell| match cell {
            Cell::Null => null.as_str().into(),
            Cell::Text(text) if excel_safe => defused(text),
            _ => cell_text(cell),
        });
        let written = match self.format {
            RowFormat::Json => {
                let between: &[u8] = if self.rows == 1 { b"[\n  " } else { b",\n  " };
                self.out.write_all(between).and_then(|()| self.object(cells))
            }
            RowFormat::Jsonl => self.object(cells).and_then(|()| self.out.write_all(b"\n")),
            RowFormat::Csv if excel_safe => self.delimited(texts, ",", guarded_csv_field),
            RowFormat::Csv => self.delimited(texts, ",", csv_field),
            RowFormat::Tsv => self.delimited(texts, "\t", tsv_field),
            RowFormat::Markdown => self.markdown(texts),
        };
        self.null = null;
        written
    }

    /// Writes the end of the output, after the last row.
    pub fn finish(mut self) -> io::Result<W> {
        match (self.format, self.rows) {
            (RowFormat::Json, 0) => self.out.write_all(b"[]\n")?,
            (RowFormat::Json, _) => self.out.write_all(b"\n]\n")?,
            _ => {}
        }
        self.out.flush()?;
        Ok(self.out)
    }

    /// Ends the output after an error: what was written stays readable, or there is no output.
    pub fn give_up(mut self) -> io::Result<()> {
        match self.rows {
            0 => self.out.flush(),
            _ => self.finish().map(drop),
        }
    }

    fn object(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.out.write_all(b"{")?;
        for (index, (name, cell)) in self.columns.iter().zip(cells).enumerate() {
            if index > 0 {
                self.out.write_all(b", ")?;
            }
            serde_json::to_writer(&mut self.out, name)?;
            self.out.write_all(b": ")?;
            match cell {
                Cell::Null => self.out.write_all(b"null")?,
                // JSON has no infinity; parsers read this as one.
                Cell::Real(number) if number.is_infinite() => {
                    self.out.write_all(if *number > 0.0 { b"1e999" } else { b"-1e999" })?;
                }
                Cell::Integer(_) | Cell::Real(_) => {
                    self.out.write_all(cell_text(cell).as_bytes())?;
                }
                Cell::Text(text) => serde_json::to_writer(&mut self.out, text)?,
                Cell::Blob(_) => serde_json::to_writer(&mut self.out, &cell_text(cell))?,
            }
        }
        self.out.write_all(b"}")
    }

    fn delimited<'a>(
        &mut self,
        texts: impl Iterator<Item = Cow<'a, str>>,
        delimiter: &str,
        field: fn(&str) -> Cow<'_, str>,
    ) -> io::Result<()> {
        for (index, text) in texts.enumerate() {
            if index > 0 {
                self.out.write_all(delimiter.as_bytes())?;
            }
            self.out.write_all(field(&text).as_bytes())?;
        }
        self.out.write_all(b"\n")
    }

    fn markdown<'a>(&mut self, texts: impl Iterator<Item = Cow<'a, str>>) -> io::Result<()> {
        for text in texts {
            write!(self.out, "| {} ", markdown_field(&text))?;
        }
        self.out.write_all(b"|\n")
    }
}

/// A value as plain text: nothing for NULL, lower-case hex for bytes.
pub fn cell_text<'a>(cell: &'a Cell<'_>) -> Cow<'a, str> {
    match cell {
        Cell::Null => "".into(),
        Cell::Integer(number) => number.to_string().into(),
        Cell::Real(number) => match serde_json::Number::from_f64(*number) {
            Some(number) => number.to_string().into(),
            None if *number > 0.0 => "Inf".into(),
            None => "-Inf".into(),
        },
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Blob(bytes) => hex(bytes).into(),
    }
}

/// Unique names for the members of an object: a second `name` becomes `name_2`.
pub fn unique_names(names: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut unique = Vec::with_capacity(names.len());
    for name in names {
        let candidates = (2..).map(|number| format!("{name}_{number}"));
        let free = std::iter::once(name.clone())
            .chain(candidates)
            // Nor may it be the name of a later column.
            .find(|candidate| {
                !taken.contains(candidate) && (candidate == name || !names.contains(candidate))
            });
        let free = free.unwrap_or_else(|| name.clone());
        taken.insert(free.clone());
        unique.push(free);
    }
    unique
}

/// RFC 4180. An empty text and NULL are written alike, as most readers of CSV expect.
fn csv_field(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) { quoted(text).into() } else { text.into() }
}

/// The same, also quoting the separators of other spreadsheets.
fn guarded_csv_field(text: &str) -> Cow<'_, str> {
    if is_split_elsewhere(text) { quoted(text).into() } else { csv_field(text) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn tsv_field(text: &str) -> Cow<'_, str> {
    let mut field = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => field.push_str("\\\\"),
            '\t' => field.push_str("\\t"),
            '\n' => field.push_str("\\n"),
            '\r' => field.push_str("\\r"),
            other => field.push(other),
        }
    }
    field.into()
}

/// One line, without anything that ends the cell, starts HTML or controls a terminal.
fn markdown_field(text: &str) -> String {
    let mut field = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' => field.push_str("\\|"),
            '\\' => field.push_str("\\\\"),
            '<' => field.push_str("&lt;"),
            '&' => field.push_str("&amp;"),
            '\n' => field.push_str("<br>"),
            '\r' => {}
            '\t' => field.push(' '),
            other if crate::view::is_unsafe_to_show(other) => {
                let _ = write!(field, "\\\\u{:04x}", u32::from(other));
            }
            other => field.push(other),
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: RowFormat, excel_safe: bool) -> String {
        let mut writer = RowWriter::new(Vec::new(), format).excel_safe(excel_safe);
        writer.columns(&["n".into(), "n".into(), "字".into()]).unwrap();
        let rows = [
            [Cell::Null, Cell::Integer(-7), "a,\"b\"\n|c\t\\".into()],
            [Cell::Real(1.0), Cell::Blob(&[0, 255]), "=1+1".into()],
            [Cell::Real(f64::INFINITY), "\u{1b}[31m".into(), "-<b>".into()],
        ];
        for row in rows {
            writer.row(&row).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn every_format() {
        insta::assert_snapshot!(written(RowFormat::Json, false));
        insta::assert_snapshot!(written(RowFormat::Jsonl, false));
        insta::assert_snapshot!(written(RowFormat::Csv, false));
        insta::assert_snapshot!(written(RowFormat::Csv, true));
        insta::assert_snapshot!(written(RowFormat::Tsv, false));
        insta::assert_snapshot!(written(RowFormat::Markdown, false));
    }

    #[test]
    fn output_before_an_error_is_readable() {
        let given_up = |format, rows: usize| {
            let mut out = Vec::new();
            let mut writer = RowWriter::new(&mut out, format);
            writer.columns(&["a".into()]).unwrap();
            (0..rows).for_each(|_| writer.row(&[Cell::Integer(1)]).unwrap());
            writer.give_up().unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(given_up(RowFormat::Json, 0), "");
        assert_eq!(given_up(RowFormat::Json, 2), "[\n  {\"a\": 1},\n  {\"a\": 1}\n]\n");
        assert_eq!(given_up(RowFormat::Jsonl, 1), "{\"a\": 1}\n");
        assert_eq!(given_up(RowFormat::Csv, 1), "a\n1\n");
    }

    #[test]
    fn null_and_the_header_are_chosen() {
        let written = |format| {
            let mut writer = RowWriter::new(Vec::new(), format).null("-,").header(false);
            writer.columns(&["a".into(), "b".into()]).unwrap();
            writer.row(&[Cell::Null, "".into()]).unwrap();
            writer.row(&[Cell::Integer(1), Cell::Null]).unwrap();
            String::from_utf8(writer.finish().unwrap()).unwrap()
        };
        assert_eq!(written(RowFormat::Csv), "\"-,\",\n1,\"-,\"\n");
        assert_eq!(written(RowFormat::Tsv), "-,\t\n1\t-,\n");
        assert_eq!(
            written(RowFormat::Jsonl),
            "{\"a\": null, \"b\": \"\"}\n{\"a\": 1, \"b\": null}\n"
        );
    }

    #[test]
    fn no_rows_is_still_json() {
        let mut writer = RowWriter::new(Vec::new(), RowFormat::Json);
        writer.columns(&["a".into()]).unwrap();
        assert_eq!(writer.finish().unwrap(), b"[]\n");
    }

    #[test]
    fn names_become_unique() {
        fn check(names: &[&str], expected: &[&str]) {
            let names: Vec<String> = names.iter().map(|&name| name.into()).collect();
            assert_eq!(unique_names(&names), expected);
        }
        check(&["a", "b"], &["a", "b"]);
        check(&["a", "a", "a"], &["a", "a_2", "a_3"]);
        check(&["a", "a", "a_2"], &["a", "a_3", "a_2"]);
        check(&["", ""], &["", "_2"]);
    }
}
