//! Makes texts safe to show on a terminal.

use seedbank::internals::view::is_unsafe_to_show;
use std::fmt::Write;

/// A text with its control characters and direction marks made visible and harmless; line breaks are kept.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => safe.push(character),
            other if is_unsafe_to_show(other) => {
                let _ = write!(safe, "\\u{:04x}", u32::from(other));
            }
            other => safe.push(other),
        }
    }
    safe
}

/// The same, on one line.
pub fn one_line(text: &str) -> String {
    escaped(text).replace('\n', "\\n").replace('\t', "\\t")
}
