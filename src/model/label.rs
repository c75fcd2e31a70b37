//! File names as text. A name can contain any byte, and different names always give different texts.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A path as text; see [`bytes_label`].
pub fn path_label(path: &Path) -> String {
    bytes_label(path.as_os_str().as_bytes())
}

/// A name as text, with bytes that are not UTF-8 as `\xNN`. A backslash is doubled only where it could be
/// read as part of such an escape: before such a byte, and before the letters `x80` to `xff`.
pub fn bytes_label(name: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(name)
        && !text.contains('\\')
    {
        return text.to_owned();
    }
    let mut label = String::new();
    for chunk in name.utf8_chunks() {
        push_text(chunk.valid(), !chunk.invalid().is_empty(), &mut label);
        for byte in chunk.invalid() {
            label.push_str(&format!("\\x{byte:02x}"));
        }
    }
    label
}

fn push_text(text: &str, is_before_escape: bool, label: &mut String) {
    let mut rest = text;
    while let Some((before, backslashes, after)) = at_backslashes(rest) {
        let is_doubled = escaped_byte(after).is_some() || (after.is_empty() && is_before_escape);
        label.push_str(before);
        label.push_str(&"\\".repeat(if is_doubled { 2 * backslashes } else { backslashes }));
        rest = after;
    }
    label.push_str(rest);
}

/// The path for which [`path_label`] gives this text.
pub fn path_of_label(label: &str) -> PathBuf {
    let mut name = Vec::with_capacity(label.len());
    let mut rest = label;
    while let Some((before, backslashes, after)) = at_backslashes(rest) {
        name.extend_from_slice(before.as_bytes());
        rest = after;
        let Some(byte) = escaped_byte(after) else {
            name.extend(std::iter::repeat_n(b'\\', backslashes));
            continue;
        };
        name.extend(std::iter::repeat_n(b'\\', backslashes / 2));
        if backslashes % 2 == 1 {
            name.push(byte);
            rest = &after[3..];
        }
    }
    name.extend_from_slice(rest.as_bytes());
    OsString::from_vec(name).into()
}

/// The text before the first backslashes, their number, and the text after them.
fn at_backslashes(text: &str) -> Option<(&str, usize, &str)> {
    let (before, from) = text.split_at(text.find('\\')?);
    let after = from.trim_start_matches('\\');
    Some((before, from.len() - after.len(), after))
}

/// The byte that a text after a backslash represents. ASCII is always UTF-8, so it is never escaped.
fn escaped_byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [b'x', b'8'..=b'9' | b'a'..=b'f', b'0'..=b'9' | b'a'..=b'f', ..] => {
            u8::from_str_radix(&text[1..3], 16).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(name: &[u8], label: &str) {
        assert_eq!(bytes_label(name), label);
        assert_eq!(path_of_label(label).as_os_str().as_bytes(), name);
    }

    #[test]
    fn labels() {
        check(b"/a/b.md", "/a/b.md");
        check("/存档/文.md".as_bytes(), "/存档/文.md");
        check(b"\xff.md", r"\xff.md");
        check(br"\xff.md", r"\\xff.md");
        check(br"\\xff.md", r"\\\\xff.md");
        check(b"\\\xff.md", r"\\\xff.md");
        check(b"\xe4\xb8.md", r"\xe4\xb8.md");
        check(b"\\x\xff", r"\x\xff");
    }

    #[test]
    fn only_ambiguous_backslashes_are_doubled() {
        for name in [r"a\b", r"C:\drop\new.md", r"a\\b", r"\", r"\x", r"\xf", r"\x41", r"\xFF"] {
            check(name.as_bytes(), name);
        }
    }

    proptest! {
        #[test]
        fn no_two_names_share_a_label(
            name in proptest::collection::vec(
                proptest::sample::select(b"\\\\\\xxf8/\xff\xe4\xb8\xad".to_vec()), 0..12),
            child in proptest::collection::vec(any::<u8>(), 0..6),
        ) {
            let label = bytes_label(&name);
            let path = path_of_label(&label);
            prop_assert_eq!(path.as_os_str().as_bytes(), &name[..]);
            // Files below a folder are found by the folder's label.
            let below = [&name[..], b"/", &child[..]].concat();
            prop_assert_eq!(bytes_label(&below), format!("{label}/{}", bytes_label(&child)));
        }
    }
}
