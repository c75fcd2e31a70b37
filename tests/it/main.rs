//! The program as a whole.

mod docs;
mod exit_codes;
mod export;
mod help;
mod history;
mod import;
mod jsonl;
mod laws;
mod lines;
mod other_tools;
mod pages;
mod place;
mod reextract;
mod sameness;
mod schema;
mod search;
mod shell;
mod show;
mod sql;
mod stats;
mod support;
mod terminal;
