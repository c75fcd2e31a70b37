//! The folders that browsers save beside a page, in the tree of a commit.

use super::objects::Objects;
use crate::error::Result;
use crate::model::ObjectId;
use crate::source::page_folder::{page_name, pages_of};
use std::collections::{HashSet, VecDeque};

/// How many folders are remembered: git lists the files of a folder together, and a page's folder may have
/// further ones in it.
const FOLDERS: usize = 8;

/// Which files of a commit belong to a page beside their folder. The commit's tree decides, not what was
/// walked before: so every import of a history decides alike, wherever it begins.
#[derive(Default)]
pub struct CommitPages {
    commit: Option<ObjectId>,
    /// Folders of the commit, the last one first, with the names of their pages without extension.
    folders: VecDeque<(Vec<u8>, HashSet<Vec<u8>>)>,
}

impl CommitPages {
    /// Whether a file of a commit is in the folder of a page that the commit has. A folder that cannot be
    /// read has no pages. What is read is subtracted from `left`, in bytes.
    pub fn is_resource(
        &mut self,
        objects: &mut Objects,
        commit: &ObjectId,
        path: &[u8],
        left: &mut u64,
    ) -> Result<bool> {
        for page in pages_of(path) {
            let end = memchr::memrchr(b'/', page);
            let (folder, name) = end.map_or((&b""[..], page), |at| (&page[..at], &page[at + 1..]));
            if self.pages_in(objects, commit, folder, left)?.contains(name) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn pages_in(
        &mut self,
        objects: &mut Objects,
        commit: &ObjectId,
        folder: &[u8],
        left: &mut u64,
    ) -> Result<&HashSet<Vec<u8>>> {
        if self.commit.as_ref() != Some(commit) {
            self.commit = Some(commit.clone());
            self.folders.clear();
        }
        let known = self.folders.iter().position(|(name, _)| name == folder);
        let found = match known.and_then(|at| self.folders.remove(at)) {
            Some(found) => found,
            None => {
                let tree = objects.read_folder(commit, folder)?.unwrap_or_default();
                *left = left.saturating_sub(tree.len() as u64);
                (folder.to_owned(), pages(&tree, commit.as_bytes().len()))
            }
        };
        self.folders.push_front(found);
        self.folders.truncate(FOLDERS);
        Ok(&self.folders[0].1)
    }
}

/// How the modes of files begin; others are folders, links and submodules.
const REGULAR_FILE: &[u8] = b"100";

/// The names of pages in a tree, without extension. An entry is `mode name`, NUL, and an id of this length.
fn pages(tree: &[u8], id_length: usize) -> HashSet<Vec<u8>> {
    let mut pages = HashSet::new();
    let mut rest = tree;
    while let Some(end) = memchr::memchr(0, rest) {
        let entry = &rest[..end];
        let named = memchr::memchr(b' ', entry).map(|at| (&entry[..at], &entry[at + 1..]));
        if let Some((mode, name)) = named
            && mode.starts_with(REGULAR_FILE)
            && let Some(page) = page_name(name)
        {
            pages.insert(page.to_owned());
        }
        rest = rest.get(end + 1 + id_length..).unwrap_or_default();
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_tree() {
        let id = [0_u8; 20];
        let entry = |entry: &[u8]| [entry, b"\0", &id].concat();
        let tree: Vec<u8> = [
            &b"100644 a.html"[..],
            b"100644 b c.HTM",
            b"120000 d.xhtml",
            b"160000 d.html",
            b"40000 e.html",
            b"100644 f.md",
        ]
        .iter()
        .flat_map(|name| entry(name))
        .collect();
        let names: [&[u8]; 2] = [b"a", b"b c"];
        assert_eq!(pages(&tree, 20), names.iter().map(|name| name.to_vec()).collect());
        // A tree that ends early, or is none.
        assert_eq!(pages(&tree[..tree.len() - 5], 20).len(), 2);
        assert_eq!(pages(b"x\0", 20).len() + pages(b"x", 20).len() + pages(b"", 20).len(), 0);
    }
}
