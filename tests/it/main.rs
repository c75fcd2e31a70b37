
//! The program as a whole.

mod exit_codes;
mod export;
mod help;
mod import;
mod sql;
mod stats;
mod support;
