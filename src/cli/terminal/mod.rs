//! Output for a terminal: safe text, colours, tables, wrapped lines, progress, the log.

pub mod cell;
pub mod escape;
pub mod grid;
pub mod lines;
pub mod log;
pub mod output;
pub mod paint;
pub mod progress;
pub mod reading;
pub mod render;
pub mod shell;
pub mod wrap;
