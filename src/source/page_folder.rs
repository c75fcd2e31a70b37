//! Folders that browsers save beside a page: `X_files` or `X.files` beside `X.html`. Their content belongs to
//! the page, and they are recognised by name alone.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const FOLDERS: [&[u8]; 2] = [b"_files", b".files"];
const PAGES: [&str; 5] = [".html", ".htm", ".xhtml", ".xht", ".shtml"];

/// The pages, without extension, to which a file of this name would belong.
pub(super) fn pages_of(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = memchr::memchr_iter(b'/', name);
    slashes.filter_map(|end| {
        let folder = &name[..end];
        let page = FOLDERS.iter().find_map(|ending| folder.strip_suffix(*ending))?;
        (!page.is_empty() && !page.ends_with(b"/")).then_some(page)
    })
}

/// The name of a page without extension; `None` if it is not a page's name.
pub(super) fn page_name(name: &[u8]) -> Option<&[u8]> {
    let ends = |ending: &&&str| {
        let at = name.len().checked_sub(ending.len());
        at.is_some_and(|at| at > 0 && name[at..].eq_ignore_ascii_case(ending.as_bytes()))
    };
    let ending = PAGES.iter().find(ends)?;
    Some(&name[..name.len() - ending.len()])
}

/// Whether a file is in the folder of an existing page. A folder or a link with the name of a page is none.
pub(super) fn is_resource(path: &Path) -> bool {
    let is_page = |page: &[u8], ending: &str| {
        let page = [page, ending.as_bytes()].concat();
        std::fs::symlink_metadata(OsStr::from_bytes(&page)).is_ok_and(|found| found.is_file())
    };
    // Listing the folder would find every spelling, but costs its size for each file.
    let spellings = |ending: &str| {
        let (dot_and_first, rest) = ending.split_at(2);
        [ending.to_owned(), ending.to_ascii_uppercase(), dot_and_first.to_ascii_uppercase() + rest]
    };
    let has_page = |page: &[u8]| {
        PAGES.iter().any(|ending| spellings(ending).iter().any(|ending| is_page(page, ending)))
    };
    pages_of(path.as_os_str().as_bytes()).any(has_page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, pages: &[&str]) {
        let found: Vec<_> = pages_of(name.as_bytes()).map(String::from_utf8_lossy).collect();
        assert_eq!(found, pages, "{name}");
    }

    #[test]
    fn a_folder_belongs_to_the_page_beside_it() {
        check("a_files/x.js", &["a"]);
        check("/d/雨 1.files/b/x.js", &["/d/雨 1"]);
        check("/d/a_files/b_files/x", &["/d/a", "/d/a_files/b"]);
        check("/d/a_files", &[]);
        check("/d/_files/x", &[]);
        check("/d/a_files.html/x", &[]);
    }

    #[test]
    fn only_a_file_is_a_page() {
        let place = tempfile::tempdir().unwrap();
        let resource = |page: &str| {
            let folder = place.path().join(format!("{page}_files"));
            is_resource(&folder.join("x.html"))
        };
        for name in ["a.html", "b.HTM", "c.Html"] {
            std::fs::write(place.path().join(name), "").unwrap();
        }
        std::fs::create_dir(place.path().join("d.html")).unwrap();
        std::os::unix::fs::symlink("nowhere", place.path().join("e.html")).unwrap();
        let found: Vec<bool> = ["a", "b", "c", "d", "e", "f"].into_iter().map(resource).collect();
        assert_eq!(found, [true, true, true, false, false, false]);
    }

    #[test]
    fn a_page_has_a_pages_name() {
        for (name, page) in [
            ("d/a.html", Some("d/a")),
            ("a.b.HTM", Some("a.b")),
            ("a.xhtml", Some("a")),
            ("a.mhtml", None),
            (".html", None),
            ("a", None),
        ] {
            assert_eq!(page_name(name.as_bytes()), page.map(str::as_bytes), "{name}");
        }
    }
}
