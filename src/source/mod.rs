//! Files, folders and containers to documents: the only floor that reads the file system's
//! seeds.
//!
//! Looking ([`Walk`]) and reading ([`read`]) are apart, so that a file whose state the archive
//! knows is never opened, and readers can work side by side.

// A member is its bytes or why there are none: neither is the lesser one.
#![allow(clippy::result_large_err)]

mod container;
mod file;
pub mod git;
mod page_folder;

pub use container::door::{Members, members, stream_members};
pub use container::stoppable::{Stoppable, open_stoppable};
pub use container::{Limits, Member};
pub use file::list::read_list;
pub use file::read::{believable, read};
pub use file::walk::{Found, Walk};
