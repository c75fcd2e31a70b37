//! Bytes to text: the one place that decides whether bytes are text, and in which encoding. Pure.

use crate::model::{Reason, Rejection};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// Text with the name of its decoder, as `ParsedDocument::encoding` has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub text: String,
    pub encoding: String,
}

/// A charset declared further down is not looked for.
const DECLARED_WITHIN: usize = 4096;

/// Decodes a whole document.
///
/// Fails with `empty_file` where only white space is left, `undecodable` where no decoder makes
/// sense of the bytes. What a magic number names is the caller's to look for, before this.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Rejection> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Rejection::new(Reason::EmptyFile));
    }
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return accept(encoding, &bytes[length..]);
    }
    if let Some(encoding) = utf_16_without_bom(bytes) {
        return accept(encoding, bytes);
    }
    if is_mostly_utf_8(bytes) {
        return Ok(decode_as(UTF_8, bytes));
    }
    if let Some(decoded) = declared(bytes).and_then(|encoding| accept(encoding, bytes).ok()) {
        return Ok(decoded);
    }
    accept(detected(bytes), bytes).or_else(|_| accept(GB18030, bytes))
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let name = encoding.name().to_ascii_lowercase();
    let encoding = if had_errors { format!("{name} (lossy)") } else { name };
    Decoded { text: text.into_owned(), encoding }
}

/// The text, if the decoder makes sense of the bytes.
fn accept(encoding: &'static Encoding, bytes: &[u8]) -> Result<Decoded, Rejection> {
    let decoded = decode_as(encoding, bytes);
    let (mut characters, mut damaged) = (0usize, 0usize);
    for c in decoded.text.chars() {
        characters += 1;
        damaged += usize::from(is_damage(c));
    }
    // One in fifty still reads; a wrong decoder damages far more.
    if damaged * 50 > characters {
        let detail =
            format!("{damaged} of {characters} characters make no sense as {}", decoded.encoding);
        return Err(Rejection::because(Reason::Undecodable, detail));
    }
    Ok(decoded)
}

/// What a wrong decoder leaves behind: replacements, control and private-use characters.
fn is_damage(c: char) -> bool {
    matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}')
        || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}'))
}

/// A seed starts with two ASCII characters, which UTF-16 spells with NUL bytes between them.
fn utf_16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    match *bytes.first_chunk::<4>()? {
        [one, 0, two, 0] if text(one) && text(two) => Some(UTF_16LE),
        [0, one, 0, two] if text(one) && text(two) => Some(UTF_16BE),
        _ => None,
    }
}

/// Valid, or with so few bad bytes that no other decoder could fit better: other multi-byte text
/// hardly ever happens to be UTF-8.
fn is_mostly_utf_8(bytes: &[u8]) -> bool {
    if Encoding::utf8_valid_up_to(bytes) == bytes.len() {
        return true;
    }
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad * 10 <= good
}

/// The encoding that the page names, if it is one that the bytes can have.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(DECLARED_WITHIN)].to_ascii_lowercase();
    let at = head.windows(8).position(|window| window == b"charset=")? + 8;
    let label: Vec<u8> = head[at..]
        .iter()
        .copied()
        .skip_while(|byte| matches!(byte, b'"' | b'\'' | b' '))
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':'))
        .collect();
    let encoding = Encoding::for_label_no_replacement(&label)?;
    encoding.is_ascii_compatible().then(|| widest(encoding))
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    widest(detector.guess(None, Utf8Detection::Deny))
}

/// GB18030 holds all of GBK.
fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}
