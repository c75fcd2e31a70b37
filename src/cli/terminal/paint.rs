//! Colours.

use crate::cli::{Global, When};
use std::io::{self, IsTerminal};

/// The role of a piece of text, which decides its colour.
#[derive(Debug, Clone, Copy)]
pub enum Style {
    Bad,
    Warning,
    Hint,
}

/// Colours a word for standard error, if colours are enabled.
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

/// `NO_COLOR`, and after it `CLICOLOR_FORCE`, apply if the command line does not set an option.
pub fn has_color(global: &Global, is_terminal: bool) -> bool {
    let is_unwanted = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_forced = || {
        let value = std::env::var_os("CLICOLOR_FORCE");
        value.is_some_and(|value| !value.is_empty() && value != "0")
    };
    match global.color {
        When::Always => true,
        When::Never => false,
        When::Auto => !is_unwanted() && (is_terminal || is_forced()),
    }
}
