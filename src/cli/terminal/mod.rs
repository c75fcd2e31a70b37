//! Output for a terminal: safe text, colours, tables, wrapped lines, progress, the log.

pub mod escape;
pub mod log;
pub mod output;
pub mod paint;
pub mod reading;
pub mod render;
pub mod shell;
pub mod wrap;
