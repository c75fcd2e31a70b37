//! Files encoded as text (uuencode, base64 and the like), alone or in the middle of a text.

use super::header::take_line;
use super::signature::{self, Signature};

/// The kind of encoded file in a text.
pub(super) fn within(text: &str) -> Option<&'static Signature> {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = take_line(rest);
        if let Some(name) = begins(line, after) {
            return signature::named(name);
        }
        rest = after;
    }
    is_base64(text).then(|| signature::named("base64"))?
}

fn begins(line: &str, after: &str) -> Option<&'static str> {
    const ENCRYPTED: [&str; 5] =
        ["PGP MESSAGE", "PGP SIGNED MESSAGE", "AGE ENCRYPTED FILE", "PKCS7", "CMS"];
    let next = || take_line(after).0;
    if let Some(begin) = line.strip_prefix("begin") {
        return is_uuencode(begin, next()).then_some("uuencode");
    }
    if let Some(what) = line.strip_prefix("-----BEGIN ") {
        let is_known = ENCRYPTED.iter().any(|known| what.starts_with(known));
        return is_known.then_some(signature::ENCRYPTED);
    }
    if line.starts_with("=ybegin ") && line.contains("size=") {
        return Some("yEnc");
    }
    if line.starts_with("(This file must be converted with BinHex") {
        return Some("BinHex");
    }
    line.starts_with("# This is a shell archive").then_some("shell archive")
}

/// `begin 644 name` or `begin-base64 644 name`, followed by a line of encoded bytes.
fn is_uuencode(begin: &str, next: &str) -> bool {
    let is_in_64 = begin.starts_with("-base64");
    let mut words = begin.split(' ').skip(1);
    let is_mode = |mode: &str| {
        (3..=6).contains(&mode.len()) && mode.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
    };
    let has_name = words.next().is_some_and(is_mode) && words.next().is_some();
    let is_line = match next.as_bytes() {
        line if is_in_64 => !line.is_empty() && line.iter().all(is_64),
        // Its first character is its length. Trailing blanks may be lost, and a checksum may follow.
        [length @ b'!'..=b'`', line @ ..] => {
            let expected = usize::from((length - b' ') & 63).div_ceil(3) * 4;
            (expected.saturating_sub(3)..expected + 3).contains(&line.len())
                && line.iter().all(|byte| matches!(byte, b' '..=b'`'))
        }
        _ => false,
    };
    (begin.starts_with(' ') || is_in_64) && has_name && is_line
}

fn is_64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// A text that consists of long base64 lines only.
fn is_base64(text: &str) -> bool {
    const SHORTEST: usize = 200;
    let bytes = text.as_bytes();
    let has = |of: fn(&u8) -> bool| bytes.iter().any(of);
    bytes.len() >= SHORTEST
        && bytes.iter().all(|byte| is_64(byte) || matches!(byte, b'\n' | b'\r'))
        && text.lines().next().is_some_and(|line| line.len() >= 60)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}
