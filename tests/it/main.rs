//! The program as a whole.

#[cfg(feature = "archives")]
mod archives;
#[cfg(feature = "archives")]
mod asked;
mod attacks;
mod backup;
mod bombs;
mod citations;
mod contrib;
mod corpus;
mod crash;
mod cron;
mod damage;
mod damaged;
mod datasette;
mod disks;
mod docs;
mod docs_readme;
#[cfg(feature = "archives")]
mod drops;
mod examples;
mod excerpt;
mod exit_codes;
mod export;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod faults;
mod filters;
mod git;
mod git_faults;
mod git_hostile;
mod git_laws;
mod git_outside;
mod git_rejected;
mod health;
mod help;
mod history;
mod hostile;
mod hostile_sql;
mod import;
mod index;
mod jsonl;
mod laws;
mod lines;
mod messages;
mod migrate;
mod other_tools;
#[cfg(feature = "archives")]
mod pack;
mod pages;
mod place;
mod ranking;
mod reextract;
mod repo;
mod sameness;
mod saved_pages;
mod schema;
mod search;
mod shell;
mod show;
mod signals;
mod sql;
mod stats;
mod support;
mod tables;
mod terminal;
mod verify;
mod young;
