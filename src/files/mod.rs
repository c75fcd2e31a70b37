//! Files that are written beside or from an archive: the archive's real path and its own files, who may read
//! a new file, files that appear only when complete, and several readers of one file.

mod access;
mod new_file;
mod own;
mod placed;

pub use access::Access;
pub use new_file::{NewFile, Taken, remove_leftovers};
pub use own::{ArchiveFiles, real_path};
pub use placed::Placed;

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The folder of a file; `.` for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// The path with a suffix after its name: `a.db` to `a.db.lock`.
pub fn with_suffix(path: &Path, suffix: impl AsRef<OsStr>) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Whether anything has that name, even a dangling link.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Opens for reading. The name may be that of a FIFO, or become one after a check: never blocks on one, never
/// follows a link.
pub fn open_safely(path: &Path) -> io::Result<File> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// The first bytes of a name, short enough to add a prefix and a suffix.
fn cut(name: &OsStr) -> &OsStr {
    /// File systems allow 255.
    const MOST: usize = 200;
    let bytes = name.as_bytes();
    OsStr::from_bytes(&bytes[..bytes.len().min(MOST)])
}
