//! Files, folders and carriers of many to documents: the only floor that reads the file system's
//! seeds.
//!
//! Looking ([`Walk`]) and reading ([`read`]) are apart, so that a file whose state the archive
//! knows is never opened, and readers can work side by side.

// A member is its bytes or why there are none: neither is the lesser one.
#![allow(clippy::result_large_err)]

#[cfg(feature = "archives")]
mod archive;
mod carrier;
mod entries;
pub mod git;
mod json;
mod jsonl;
mod lines;
mod list;
mod live;
mod read;
mod trails;
mod transcode;
mod walk;

pub use carrier::{Limits, Member, Members, Stoppable, members, open_stoppable, stream_members};
pub use list::read_list;
pub use read::{believable, read};
pub use walk::{Found, Walk};
