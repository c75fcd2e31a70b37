//! Colours, where they are wanted.

use crate::cli::{Global, When};
use std::io::{self, IsTerminal};

/// What a piece of text is, for its colour.
#[derive(Debug, Clone, Copy)]
pub enum Style {
    Bad,
    Warning,
    Hint,
}

/// A word for standard error in its colour, where colours are wanted.
pub fn paint(word: &str, style: Style, global: &Global) -> String {
    let code = match style {
        Style::Bad => "1;31",
        Style::Warning => "1;33",
        Style::Hint => "36",
    };
    if has_color(global, io::stderr().is_terminal()) {
        format!("\u{1b}[{code}m{word}\u{1b}[0m")
    } else {
        word.to_owned()
    }
}

/// `NO_COLOR` counts where nothing was said on the command line.
pub fn has_color(global: &Global, is_terminal: bool) -> bool {
    let is_unwanted = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match global.color {
        When::Always => true,
        When::Never => false,
        When::Auto => is_terminal && !is_unwanted(),
    }
}
