//! Decides by the beginning of a text whether it contains JSON objects, in which encoding, and of what kind.

use crate::encoding;
use crate::format::JsonArticle;
use crate::format::envelope;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr_iter;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// At most this much is read before an object begins.
pub(in crate::source) const LOOK: usize = 64 << 10;

/// The kind of a text, by its first objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Verdict {
    /// A single document, or none.
    One,
    Articles,
    /// Lines of our interchange file without its first line.
    Export,
}

/// Whether a file begins like a seed with a header: nearly all do, and need no further check.
pub(in crate::source) fn begins_otherwise(head: &[u8]) -> bool {
    let head = without_mark(head).trim_ascii_start();
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    envelope::begins(head)
        || head.starts_with(b"<!--")
        || head.starts_with(b"---")
        || (head.starts_with(b"[")
            && !begins_array(head)
            && line.windows(2).any(|pair| pair == b"]("))
}

/// Whether the first text after brackets is a name in an object: no link title begins like that.
fn begins_array(head: &[u8]) -> bool {
    let is_bracket = |byte: &u8| *byte == b'[' || byte.is_ascii_whitespace();
    let inner = head.iter().position(|byte| !is_bracket(byte)).map_or(&[][..], |at| &head[at..]);
    let object = inner.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    object.is_some_and(|object| object.starts_with(b"\""))
}

/// Whether an object that can be one of many begins here: at the start, or on a line.
pub(in crate::source) fn may_begin(look: &[u8]) -> bool {
    let before = |at: usize| {
        let before =
            look[..at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t' | 0xef | 0xbb | 0xbf));
        before.is_none_or(|byte| b"\r\n[,}\x1e\0".contains(byte))
    };
    memchr_iter(b'{', look).any(|at| {
        let after = look[at + 1..].trim_ascii_start().first();
        after.is_none_or(|byte| *byte == b'"') && before(at)
    })
}

/// Removes a byte-order mark, which belongs to the file, not to the line.
pub(in crate::source) fn without_mark(line: &[u8]) -> &[u8] {
    let in_gb18030 = || line.strip_prefix(b"\x84\x31\x95\x33");
    line.strip_prefix(b"\xef\xbb\xbf").or_else(in_gb18030).unwrap_or(line)
}

/// The encoding of a text with this beginning, if it is not UTF-8 and may contain objects.
pub(in crate::source) fn other_encoding(look: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(look) {
        return Some(encoding).filter(|encoding| *encoding != UTF_8);
    }
    match *look {
        [1..=127, 0, 1..=127, 0, ..] => return Some(UTF_16LE),
        [0, 1..=127, 0, 1..=127, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let is_utf_8 = std::str::from_utf8(look).map_or_else(|it| it.error_len().is_none(), |_| true);
    if is_utf_8 || !may_begin(without_mark(look)) || is_mostly_utf_8(look) {
        return None;
    }
    let name = encoding::decode(look).ok()?.encoding;
    let label = name.split(' ').next()?;
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_8)
}

/// Whether line ends are code units of more than one byte.
pub(in crate::source) fn is_utf_16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Whether fewer lines have bad bytes than have non-ASCII letters.
fn is_mostly_utf_8(look: &[u8]) -> bool {
    let lines = look.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_ascii());
    let (good, bad): (Vec<_>, Vec<_>) = lines.partition(|line| std::str::from_utf8(line).is_ok());
    good.len() > bad.len()
}

/// A line or an object as UTF-8. Each is decoded separately, since files may be concatenated from others.
pub(in crate::source) fn as_utf_8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_utf_8 = std::str::from_utf8(bytes).is_ok();
    let decoded = if is_utf_8 { None } else { encoding::decode(bytes).ok() };
    decoded.map_or(Cow::Borrowed(bytes), |decoded| Cow::Owned(decoded.text.into_bytes()))
}

pub(in crate::source) fn record(object: &[u8]) -> Option<Result<JsonArticle, String>> {
    JsonArticle::read(&as_utf_8(object))
}

pub(in crate::source) fn is_export_line(object: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum ExportLine {
        Article { seeds: IgnoredAny, canonical_url: IgnoredAny, paragraphs: IgnoredAny },
        Rejected { rejected_seed: IgnoredAny },
    }
    serde_json::from_slice::<ExportLine>(object).is_ok()
}
