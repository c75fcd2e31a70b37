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
mod kind;
mod lines;
mod list;
mod live;
mod look;
mod members;
mod read;
mod recorder;
mod stoppable;
#[cfg(feature = "archives")]
mod tar_header;
mod trails;
mod transcode;
mod walk;

pub use carrier::{Limits, Member};
pub use list::read_list;
pub use members::{Members, members, stream_members};
pub use read::{believable, read};
pub use stoppable::{Stoppable, open_stoppable};
pub use walk::{Found, Walk};
