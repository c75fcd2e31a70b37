//! The program as a whole.

mod exit_codes;
mod export;
mod help;
mod import;
mod other_tools;
mod readme;
mod sql;
mod stats;
mod support;
