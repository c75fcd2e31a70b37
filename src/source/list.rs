use std::ffi::OsString;
use std::io::{self, BufRead};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// The paths of a list: one a line, or each ended by a NUL byte, as `find -print0` writes them.
/// Empty ones are left out.
pub fn read_list(from: impl BufRead, is_nul_separated: bool) -> io::Result<Vec<PathBuf>> {
    let separator = if is_nul_separated { 0 } else { b'\n' };
    let paths = from.split(separator).filter(|path| !matches!(path, Ok(path) if path.is_empty()));
    paths.map(|path| Ok(PathBuf::from(OsString::from_vec(path?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &[u8], is_nul_separated: bool, expected: &[&str]) {
        let paths = read_list(list, is_nul_separated).unwrap();
        assert_eq!(paths, expected.iter().map(PathBuf::from).collect::<Vec<_>>(), "{list:?}");
    }

    #[test]
    fn lists() {
        check(b"", false, &[]);
        check(b"\n\n", false, &[]);
        check(b"a\nb c\n\n./-", false, &["a", "b c", "./-"]);
        check(b"a\nb\0c\0\0", true, &["a\nb", "c"]);
        check(b"a\0b\n", false, &["a\0b"]);
    }
}
