//! The encoding that a page declares, where a browser would read the declaration.

use encoding_rs::{Encoding, GB18030, GBK, X_USER_DEFINED};

/// Labels further down are ignored.
const WITHIN: usize = 4096;
/// Their content is text, whatever it looks like.
const TEXT_ONLY: [&[u8]; 5] = [b"script", b"style", b"title", b"textarea", b"xmp"];

/// The encoding that an XML declaration or a `meta` element names. Labels in a script, a comment, an
/// attribute or the text are ignored.
pub(super) fn of(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(WITHIN)].to_ascii_lowercase();
    named(declaration(&head).or_else(|| meta(&head))?)
}

/// The encoding of a label.
pub(super) fn named(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label_no_replacement(label)?;
    // The label was read as ASCII, so an encoding that does not extend ASCII is a mistake.
    if !encoding.is_ascii_compatible() || encoding == X_USER_DEFINED {
        return None;
    }
    // GB18030 contains all of GBK.
    Some(if encoding == GBK { GB18030 } else { encoding })
}

fn declaration(head: &[u8]) -> Option<&[u8]> {
    let inside = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let inside = &inside[..find(inside, b"?>")?];
    let (label, _) = value(&inside[find(inside, b"encoding")? + b"encoding".len()..])?;
    Some(label)
}

fn meta(head: &[u8]) -> Option<&[u8]> {
    let mut rest = head;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = &comment[find(comment, b"-->")?..];
            continue;
        }
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length == 0 {
            continue;
        }
        let (name, behind) = rest.split_at(length);
        let inside = &behind[..tag_end(behind)?];
        rest = &behind[inside.len()..];
        if name == b"meta"
            && let Some(label) = charset(inside)
        {
            return Some(label);
        }
        if TEXT_ONLY.contains(&name) {
            rest = &rest[find(rest, &[b"</", name].concat())?..];
        }
    }
    None
}

/// The end of a tag: a `>` in a quoted value does not end it.
fn tag_end(inside: &[u8]) -> Option<usize> {
    let mut quote = None;
    inside.iter().position(|byte| {
        match quote {
            Some(open) if open == *byte => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(*byte),
            _ => {}
        }
        quote.is_none() && *byte == b'>'
    })
}

/// The label in the attributes of a `meta`: `charset="…"`, or in the `content` of a `Content-Type`.
fn charset(mut inside: &[u8]) -> Option<&[u8]> {
    let (mut is_content_type, mut in_content) = (false, None);
    while !inside.is_empty() {
        let is_end = |byte: &u8| *byte == b'=' || *byte == b'/' || byte.is_ascii_whitespace();
        let (name, rest) = inside.split_at(inside.iter().position(is_end).unwrap_or(inside.len()));
        let (value, rest) = value(rest).unwrap_or((b"", rest.get(1..).unwrap_or_default()));
        match name {
            b"charset" => return Some(value.trim_ascii()),
            b"http-equiv" => is_content_type = value == b"content-type",
            b"content" => in_content = find(value, b"charset").map(|at| &value[at + 7..]),
            _ => {}
        }
        inside = rest;
    }
    let (label, _) = value(in_content.filter(|_| is_content_type)?)?;
    label.split(|byte| *byte == b';').next()
}

/// The value after an `=`, and the bytes after it.
fn value(behind: &[u8]) -> Option<(&[u8], &[u8])> {
    let value = behind.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    match value.first() {
        Some(quote @ (b'"' | b'\'')) => {
            let value = &value[1..];
            let end = memchr::memchr(*quote, value).unwrap_or(value.len());
            Some((&value[..end], value.get(end + 1..).unwrap_or_default()))
        }
        _ => {
            let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
            Some(value.split_at(end))
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}
