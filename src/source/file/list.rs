//! Reads a list of paths.

use std::ffi::OsString;
use std::io::{self, BufRead, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// In bytes: no operating system accepts paths half as long.
const LONGEST_PATH: u64 = 64 << 10;

/// The paths of a list: one per line, or each ended by a NUL byte, as `find -print0` writes them. Empty ones
/// are skipped.
pub fn read_list(mut from: impl BufRead, is_nul_separated: bool) -> io::Result<Vec<PathBuf>> {
    let separator = if is_nul_separated { 0 } else { b'\n' };
    let mut paths = Vec::new();
    loop {
        let mut path = Vec::new();
        (&mut from).take(LONGEST_PATH + 1).read_until(separator, &mut path)?;
        if path.len() as u64 > LONGEST_PATH {
            let what = format!("a path of more than {LONGEST_PATH} bytes; is it a list?");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let is_last = path.pop_if(|last| *last == separator).is_none();
        if !path.is_empty() {
            paths.push(OsString::from_vec(path).into());
        }
        if is_last {
            return Ok(paths);
        }
    }
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

    #[test]
    fn an_endless_line_is_not_a_list() {
        let endless = io::BufReader::new(io::repeat(b'a'));
        assert!(read_list(endless, true).is_err());
        let path = vec![b'a'; LONGEST_PATH as usize - 1];
        assert_eq!(read_list(&[&path[..], b"\nb"].concat()[..], false).unwrap().len(), 2);
    }
}
