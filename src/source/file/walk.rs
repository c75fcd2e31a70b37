//! Finds files in folders, in the order of their names.

use crate::error::{Error, Result};
use crate::files::ArchiveFiles;
use crate::model::{Origin, Place, path_label};
use crate::source::filter::{Asked, ImportFilter};
use crate::source::page_folder::is_resource;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::{DirEntry, WalkDir};

/// The first line of the manifest that an export of seeds writes beside them.
pub(in crate::source) const MANIFEST_LINE: &str = "{\"seedbank_manifest\":1}";

/// A file that was found but not opened yet.
#[derive(Debug)]
pub struct Found {
    /// As it was found.
    pub path: PathBuf,
    /// `path` as absolute text; see [`path_label`].
    pub label: String,
    /// From `lstat`; the error if that failed.
    pub metadata: Result<Metadata, std::io::Error>,
    /// What is asked for of it.
    pub asked: Asked,
}

impl Found {
    /// In bytes; 0 if it is not known.
    pub fn length(&self) -> u64 {
        self.metadata.as_ref().map_or(0, Metadata::len)
    }

    /// Modification time in nanoseconds since 1970.
    pub fn modified_ns(&self) -> Option<i64> {
        self.metadata.as_ref().ok().and_then(modified_ns)
    }

    /// Whether it is in the folder that a browser saves beside a page, and the page exists.
    pub fn is_resource(&self) -> bool {
        is_resource(&self.path)
    }

    /// The place as found, for a file that is not read.
    pub fn origin(&self) -> Origin {
        Origin {
            byte_length: self.length(),
            modified_ns: self.modified_ns(),
            ..Origin::at(Place::of_file(&self.label))
        }
    }
}

/// All files below the given paths; the entries of each folder in byte order of their names.
pub struct Walk {
    roots: Vec<PathBuf>,
    /// The archive's own files, which are never seeds.
    own: ArchiveFiles,
    /// `None` if all files are asked for.
    filter: Option<Arc<ImportFilter>>,
}

impl Walk {
    /// Fails if one of the paths does not exist, before anything is read. Follows a symbolic link that is
    /// named here, but not one inside a folder.
    pub fn new(paths: &[PathBuf], database: &Path) -> Result<Self> {
        let mut roots = Vec::new();
        for path in paths {
            // A place has one name, however it was spelled; this also follows a link.
            let real = fs::canonicalize(path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Error::NoSuchPath(path.clone()),
                _ => Error::Io { path: path.clone(), error },
            })?;
            roots.push(real);
        }
        Ok(Self { roots, own: ArchiveFiles::of(database), filter: None })
    }

    /// Leaves out what the filter does.
    pub fn filtered(mut self, filter: &ImportFilter) -> Self {
        self.filter = (!filter.is_empty()).then(|| Arc::new(filter.clone()));
        self
    }

    /// The files, in path order.
    pub fn files(&self) -> impl Iterator<Item = Found> + '_ {
        self.roots.iter().flat_map(|root| self.files_of(root))
    }

    /// The files and folders that were named, as absolute paths.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// The files below one of the roots.
    pub fn files_of(&self, root: &Path) -> impl Iterator<Item = Found> + '_ {
        // Patterns are compared with what comes after this: below a folder, or the name of a file.
        let base = self.filter.as_ref().map_or(0, |_| {
            let label = path_label(root);
            if root.is_dir() { label.len() } else { label.rfind('/').unwrap_or(0) }
        });
        WalkDir::new(root)
            // Within one folder, paths sort like their names, and extracting the names is slow.
            .sort_by(|one, other| one.path().as_os_str().cmp(other.path().as_os_str()))
            .into_iter()
            .filter_entry(move |entry| {
                !is_version_control(entry) && !self.is_excluded_folder(entry, base)
            })
            .filter_map(move |entry| self.look_at(entry, base))
    }

    fn is_excluded_folder(&self, entry: &DirEntry, base: usize) -> bool {
        self.filter.as_ref().is_some_and(|filter| {
            entry.file_type().is_dir() && filter.excludes_folder(&path_label(entry.path())[base..])
        })
    }

    /// What is asked for of a file; `None` if it is nothing.
    fn asked(&self, label: &str, base: usize) -> Option<Asked> {
        match &self.filter {
            None => Some(Asked::default()),
            Some(filter) => Asked::of_file(filter, label[base..].trim_start_matches('/')),
        }
    }

    fn look_at(&self, entry: walkdir::Result<DirEntry>, base: usize) -> Option<Found> {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(Path::new("")).to_owned();
                let metadata = Err(error.into());
                let asked = Asked::default();
                return Some(Found { label: path_label(&path), path, metadata, asked });
            }
        };
        if entry.file_type().is_dir() {
            return None;
        }
        let label = path_label(entry.path());
        let asked = self.asked(&label, base)?;
        let metadata = fs::symlink_metadata(entry.path());
        if let Ok(found) = &metadata
            && (self.own.has_id(found)
                || self.own.paths().iter().any(|own| own.as_os_str() == entry.path().as_os_str())
                || (found.is_file() && is_manifest(&entry)))
        {
            return None;
        }
        // Only a file can have others in it.
        if !asked.is_itself() && metadata.as_ref().is_ok_and(|found| !found.is_file()) {
            return None;
        }
        Some(Found { label, path: entry.into_path(), metadata, asked })
    }
}

fn is_version_control(entry: &DirEntry) -> bool {
    entry.depth() > 0 && is_version_control_name(entry.file_name()) && entry.file_type().is_dir()
}

/// Whether a folder of this name holds a repository, which is not walked.
pub(in crate::source) fn is_version_control_name(name: &OsStr) -> bool {
    [".git", ".hg", ".svn"].iter().any(|known| name == OsStr::new(known))
}

fn is_manifest(entry: &DirEntry) -> bool {
    if entry.depth() == 0 || entry.file_name() != "manifest.jsonl" {
        return false;
    }
    let mut line = Vec::new();
    let opened = fs::File::open(entry.path());
    let read = opened.and_then(|file| {
        use std::io::Read;
        BufReader::new(file).take(64).read_until(b'\n', &mut line)
    });
    read.is_ok() && line.trim_ascii_end() == MANIFEST_LINE.as_bytes()
}

/// Nanoseconds since 1970; `None` outside the years 1677 to 2262.
pub(in crate::source) fn modified_ns(metadata: &Metadata) -> Option<i64> {
    metadata.mtime().checked_mul(1_000_000_000)?.checked_add(metadata.mtime_nsec())
}
