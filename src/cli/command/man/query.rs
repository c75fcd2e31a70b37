//! The page of the language of searches: seedbank-query(7), from the same text as `docs/search.md`.

use super::page::{begun, finished, see_also};
use clap_mangen::roff::{Inline, Roff, bold, roman};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const TEXT: &str = include_str!("../../../../docs/search.md");

const ABOUT: &str = "what a search can ask for, and how text becomes words";

/// The page.
pub(super) fn page() -> String {
    let mut page = Page { roff: begun("seedbank-query", "7", ABOUT), ..Page::default() };
    // The first heading is that of the file.
    page.roff.control("SH", ["DESCRIPTION"]);
    for event in Parser::new_ext(TEXT, Options::ENABLE_TABLES) {
        page.add(event);
    }
    let pages = ["seedbank(1)", "seedbank-search(1)", "seedbank-stats(1)", "seedbank-schema(5)"];
    see_also(&mut page.roff, &pages.map(str::to_owned));
    finished(&page.roff)
}

/// The page as far as it is written.
#[derive(Default)]
struct Page {
    roff: Roff,
    /// The current heading, paragraph, item or cell.
    line: Vec<Inline>,
    is_bold: bool,
    /// Whether something was written since the last heading, so that a paragraph needs a macro.
    is_begun: bool,
    /// How many cells of the row were written; `None` outside of rows.
    cells: Option<usize>,
}

impl Page {
    fn add(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Strong) => self.is_bold = true,
            Event::End(TagEnd::Strong) => self.is_bold = false,
            Event::Start(Tag::TableRow) => self.cells = Some(0),
            Event::End(TagEnd::TableRow) => self.cells = None,
            // The heads of tables repeat what the text before them says.
            Event::End(TagEnd::TableHead) => self.line.clear(),
            Event::End(TagEnd::TableCell) => self.end_cell(),
            Event::End(TagEnd::Heading(level)) => self.end_heading(level as usize),
            Event::End(TagEnd::Paragraph) => self.end_paragraph(),
            Event::End(TagEnd::Item) => self.end_item(),
            Event::Text(text) if self.is_bold => self.line.push(bold(text.into_string())),
            Event::Text(text) => self.line.push(roman(text.into_string())),
            Event::Code(code) => self.line.push(bold(code.into_string())),
            Event::SoftBreak | Event::HardBreak => self.line.push(roman(" ")),
            _ => {}
        }
    }

    fn end_heading(&mut self, level: usize) {
        let line = std::mem::take(&mut self.line);
        if level > 1 {
            let text = line.into_iter().map(|part| match part {
                Inline::Roman(text) | Inline::Bold(text) | Inline::Italic(text) => text,
                Inline::LineBreak => " ".to_owned(),
            });
            self.roff.control("SH", [text.collect::<String>().to_uppercase().as_str()]);
            self.is_begun = false;
        }
    }

    fn end_paragraph(&mut self) {
        if std::mem::replace(&mut self.is_begun, true) {
            self.roff.control("PP", []);
        }
        self.roff.text(std::mem::take(&mut self.line));
    }

    fn end_item(&mut self) {
        // A loose item has its paragraph already.
        if !self.line.is_empty() {
            self.roff.control("IP", ["\\(bu", "2"]);
            self.roff.text(std::mem::take(&mut self.line));
            self.is_begun = true;
        }
    }

    /// The first cell of a row is what the entry is about, the others are its text.
    fn end_cell(&mut self) {
        let Some(cells) = self.cells else { return };
        let line = std::mem::take(&mut self.line);
        match cells {
            0 => {
                self.roff.control("TP", []);
                self.roff.text(line);
            }
            1 => drop(self.roff.text(line)),
            _ => {
                self.roff.control("br", []);
                self.roff.text(line);
            }
        }
        self.cells = Some(cells + 1);
        self.is_begun = true;
    }
}
