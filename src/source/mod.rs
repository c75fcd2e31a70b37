//! From files, folders and containers to documents: the only floor that reads seeds from the file system.
//!
//! Finding files ([`Walk`]) and reading them ([`read`]) are separate steps, so that a file whose state the
//! archive knows is never opened, and several readers can work in parallel.

// A member is its bytes or the reason why there are none; the error variant is as common as the other.
#![allow(clippy::result_large_err)]

mod container;
mod file;
mod filter;
pub mod git;
mod page_folder;

pub use container::door::{Members, members, only_document, stream_members};
pub use container::stoppable::{Stoppable, open_stoppable};
pub use container::{Limits, Member};
pub use file::list::read_list;
pub use file::read::{believable, read, too_large};
pub use file::walk::{Found, Walk};
pub use filter::{Asked, ImportFilter, MalformedGlob};
