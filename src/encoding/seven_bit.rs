//! 7-bit encodings other than ASCII: HZ, ISO-2022-KR and -CN, UTF-7.

use super::plausible::{Wide, any_cost, wide_cost};
use super::{Decoded, KNOWN_CHARACTER};
use crate::model::{Reason, Rejection};
use encoding_rs::{EUC_KR, Encoding, GBK};
use memchr::{memchr, memmem};

/// Written in place of bytes that are part of no character, after the conversion to 8 bits.
const BAD: u8 = 0xff;

/// Decodes bytes that are all ASCII, if they contain more than ASCII text.
///
/// Fails with `undecodable` if they name a character set that no decoder here has.
pub(super) fn decode(bytes: &[u8]) -> Option<Result<Decoded, Rejection>> {
    let text = hz(bytes).or_else(|| utf_7(bytes)).map(Ok);
    text.or_else(|| iso_2022(bytes))
}

/// HZ (RFC 1843): GB 2312 between `~{` and `~}`, at most to the end of the line.
fn hz(bytes: &[u8]) -> Option<Decoded> {
    const BEGIN: &[u8] = b"~{";
    memmem::find(bytes, BEGIN)?;
    let mut wide = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr(b'~', rest) {
        wide.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        rest = match rest.get(1) {
            Some(b'{') => pairs(&rest[2..], b"~}", &mut wide),
            Some(b'~') => {
                wide.push(b'~');
                &rest[2..]
            }
            // A long line is continued this way.
            Some(b'\n') => &rest[2..],
            _ => {
                wide.push(b'~');
                &rest[1..]
            }
        };
    }
    wide.extend_from_slice(rest);
    plausible(&wide, GBK, Wide::Simplified, "hz-gb-2312").map(|(decoded, _)| decoded)
}

/// ISO-2022-KR and -CN: characters between SO and SI, of the set that an escape names.
fn iso_2022(bytes: &[u8]) -> Option<Result<Decoded, Rejection>> {
    const SHIFT_OUT: u8 = 0x0e;
    const SHIFT_IN: &[u8] = b"\x0f";
    /// The escapes that name a set, and the set if a decoder has it.
    const NAMES: [(&[u8], Option<&str>); 4] = [
        (b"\x1b$)C", Some("iso-2022-kr")),
        (b"\x1b$)A", Some("iso-2022-cn")),
        (b"\x1b$)G", None),
        (b"\x1b$*H", None),
    ];
    memchr(SHIFT_OUT, bytes)?;
    let mut wide = Vec::with_capacity(bytes.len());
    let mut names = Vec::new();
    let mut rest = bytes;
    while let Some(at) = memchr::memchr2(SHIFT_OUT, 0x1b, rest) {
        wide.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let named = NAMES.iter().find(|(escape, _)| rest.starts_with(escape));
        rest = if let Some((escape, name)) = named {
            names.push(*name);
            &rest[escape.len()..]
        } else if rest[0] == SHIFT_OUT {
            pairs(&rest[1..], SHIFT_IN, &mut wide)
        } else {
            wide.push(rest[0]);
            &rest[1..]
        };
    }
    wide.extend_from_slice(rest);
    if names.contains(&None) {
        let detail = "ISO-2022-CN with characters of CNS 11643, which are not supported";
        return Some(Err(Rejection::because(Reason::Undecodable, detail)));
    }
    let sets = [(EUC_KR, Wide::Korean, "iso-2022-kr"), (GBK, Wide::Simplified, "iso-2022-cn")];
    let sets = sets.into_iter().filter(|set| names.is_empty() || names.contains(&Some(set.2)));
    let read =
        sets.filter_map(|(encoding, language, name)| plausible(&wide, encoding, language, name));
    let best = read.min_by(|one, other| one.1.total_cmp(&other.1));
    best.map(|(decoded, _)| Ok(decoded))
}

/// Appends pairs of 7-bit bytes as 8-bit ones, up to `end` or the end of the line; returns the bytes after
/// it.
fn pairs<'a>(mut rest: &'a [u8], end: &[u8], wide: &mut Vec<u8>) -> &'a [u8] {
    loop {
        if let Some(behind) = rest.strip_prefix(end) {
            return behind;
        }
        match *rest {
            [] | [b'\n', ..] => return rest,
            [first @ b'!'..=b'}', second @ b'!'..=b'~', ..] => {
                wide.extend([first | 0x80, second | 0x80]);
                rest = &rest[2..];
            }
            _ => {
                wide.push(BAD);
                rest = &rest[1..];
            }
        }
    }
}

/// The text with its bits, if its characters are plausible in the language.
fn plausible(
    wide: &[u8],
    encoding: &'static Encoding,
    language: Wide,
    name: &str,
) -> Option<(Decoded, f32)> {
    let (text, had_errors) = encoding.decode_without_bom_handling(wide);
    let characters = text.chars().filter(|c| !c.is_ascii()).count();
    let bits = wide_cost(&text, language);
    let is_plausible = characters > 0 && bits <= KNOWN_CHARACTER * characters as f32;
    let lossy = if had_errors { " (lossy)" } else { "" };
    let decoded = || Decoded { text: text.into_owned(), encoding: format!("{name}{lossy}") };
    is_plausible.then(|| (decoded(), bits))
}

/// UTF-7 (RFC 2152): UTF-16 in base64, from `+` to the first other character.
fn utf_7(bytes: &[u8]) -> Option<Decoded> {
    /// Fewer may occur by chance.
    const FEWEST: usize = 2;
    /// One run in this many may be bad, and one in any case.
    const GOOD: usize = 20;
    memchr(b'+', bytes)?;
    let (mut text, mut runs, mut bad) = (String::new(), 0, 0);
    let mut rest = std::str::from_utf8(bytes).ok()?;
    while let Some((before, behind)) = rest.split_once('+') {
        text.push_str(before);
        let length = behind.bytes().take_while(|byte| base_64(*byte).is_some()).count();
        let (run, behind) = behind.split_at(length);
        let after = behind.strip_prefix('-');
        rest = after.unwrap_or(behind);
        runs += 1;
        match utf_16_in_base_64(run) {
            Some(inside) if !run.is_empty() => text.push_str(&inside),
            _ if run.is_empty() && after.is_some() => text.push('+'),
            _ => {
                bad += 1;
                // Nearly all texts with a plus are not UTF-7.
                if bad * GOOD > runs + GOOD {
                    return None;
                }
                text.extend(["+", run, if after.is_some() { "-" } else { "" }]);
            }
        }
    }
    text.push_str(rest);
    let characters = text.chars().filter(|c| !c.is_ascii()).count();
    let is_plausible = characters >= FEWEST
        && bad * GOOD <= runs
        && any_cost(&text, 2) <= KNOWN_CHARACTER * characters as f32;
    let lossy = if bad > 0 { " (lossy)" } else { "" };
    is_plausible.then(|| Decoded { text, encoding: format!("utf-7{lossy}") })
}

fn base_64(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// `None` if it is not that: bits are left over, or half a character.
fn utf_16_in_base_64(run: &str) -> Option<String> {
    let (mut units, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in run.bytes() {
        bits = bits << 6 | base_64(byte)?;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push((bits >> count) as u16);
            bits &= (1 << count) - 1;
        }
    }
    if count >= 6 || bits != 0 {
        return None;
    }
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use crate::encoding::decode;
    use crate::model::Reason;
    use encoding_rs::{EUC_KR, Encoding, GBK};

    const CHINESE: &str =
        "[图书馆重新开门](https://news.example/~a)\n---\n<p>雨停了，门口排起了长队。</p>\n";
    const KOREAN: &str = "[도서관](https://news.example/1)\n---\n<p>비가 그치고 줄이 섰다.</p>\n";

    /// Encodes the text in seven bits, with the non-ASCII parts between two marks.
    fn shifted(text: &str, encoding: &'static Encoding, begin: &[u8], end: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let all: Vec<char> = text.chars().collect();
        for run in all.chunk_by(|one, next| one.is_ascii() == next.is_ascii()) {
            let run: String = run.iter().collect();
            if run.is_ascii() {
                bytes.extend(run.bytes());
            } else {
                bytes.extend(begin);
                bytes.extend(encoding.encode(&run).0.iter().map(|byte| byte & 0x7f));
                bytes.extend(end);
            }
        }
        bytes
    }

    #[track_caller]
    fn check(bytes: &[u8], text: &str, encoding: &str) {
        let read = decode(bytes).unwrap_or_else(|why| panic!("{text}: {why:?}"));
        assert_eq!((read.text.as_str(), read.encoding.as_str()), (text, encoding));
    }

    #[test]
    fn hz() {
        let bytes = shifted(&CHINESE.replace('~', "~~"), GBK, b"~{", b"~}");
        check(&bytes, CHINESE, "hz-gb-2312");
        // The example of RFC 1843, with a continued line.
        let text = b"This sentence is in ASCII.\nThe next sentence is in GB.~{<:Ky2;S{#,~}~\n~{NpJ)l6HK!#~}Bye.\n";
        check(
            text,
            "This sentence is in ASCII.\nThe next sentence is in GB.己所不欲，勿施於人。Bye.\n",
            "hz-gb-2312",
        );
        check(b"~{VP~}", "中", "hz-gb-2312");
        // The end mark is lost.
        check(b"~{VPND\nand ~~ more", "中文\nand ~ more", "hz-gb-2312");
        for text in ["a ~{b} c~}", "\\cite~{Smith and others} ~{x}", "s/~{1,3}//", "~{", "~{~}"] {
            check(text.as_bytes(), text, "utf-8");
        }
    }

    #[test]
    fn iso_2022() {
        let korean = [&b"\x1b$)C"[..], &shifted(KOREAN, EUC_KR, b"\x0e", b"\x0f")].concat();
        check(&korean, KOREAN, "iso-2022-kr");
        let chinese = [&b"\x1b$)A"[..], &shifted(CHINESE, GBK, b"\x0e", b"\x0f")].concat();
        check(&chinese, CHINESE, "iso-2022-cn");
        // As in a mail without its headers.
        check(&korean[4..], KOREAN, "iso-2022-kr");
        check(&chinese[4..], CHINESE, "iso-2022-cn");
        let other = [b"\x1b$)G", &chinese[4..], &b"plain text ".repeat(200)].concat();
        assert_eq!(decode(&other).unwrap_err().reason, Reason::Undecodable);
        check(b"one \x0e two", "one \x0e two", "utf-8");
    }

    #[test]
    fn utf_7() {
        // The examples of RFC 2152.
        check(b"+ZeVnLIqe-", "日本語", "utf-7");
        check(b"Item 3 is 1+-2. +ZeVnLIqe", "Item 3 is 1+2. 日本語", "utf-7");
        check(
            b"[+Vv5OZpmG-](u)\n---\n1 +- 1 +AD0 2 +luhQXE6G/wyVAQ-",
            "[图书馆](u)\n---\n1 + 1 = 2 雨停了，锁",
            "utf-7",
        );
        for text in [
            "1+1-2",
            "a+b+c, +8613800138000, C++11 and +the+",
            "https://news.example/?q=one+two+three+four",
            "+- +-",
            "+AGEAYg-",
        ] {
            check(text.as_bytes(), text, "utf-8");
        }
    }
}
