//! Files, folders and carriers of many to documents: the only floor that reads the file system's
//! seeds.
//!
//! Looking ([`Walk`]) and reading ([`read`]) are apart, so that a file whose state the archive
//! knows is never opened, and readers can work side by side.

mod carrier;
mod jsonl;
mod read;
mod walk;

pub use carrier::{Limits, Member, Members, ReadCarrier, members};
pub use read::read;
pub use walk::{Found, Walk, path_label};
