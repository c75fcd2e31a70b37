//! Rows, articles and seeds to bytes: the output formats, names that are safe to write, and folders
//! that change only when all of an export is there.

mod atom;
mod folder;
mod html;
mod jsonl;
mod markdown;
mod names;
mod page_names;
mod rows;
mod seeds;
mod spreadsheet;

pub use atom::{Feed, write_atom};
pub use html::write_html;
pub use jsonl::JsonlWriter;
pub use markdown::write_markdown;
pub use names::FileNames;
pub use rows::{RowFormat, RowWriter, cell_text, unique_names};
pub use seeds::SeedFolder;

/// Whether a character can drive a terminal or hide what a text says: controls, and the marks
/// that turn the direction of writing.
pub fn is_unsafe_to_show(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// `1 file`, `2 files`.
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// `12345` as `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
