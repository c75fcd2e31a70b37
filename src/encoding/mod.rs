//! Bytes to text: decides whether bytes are text, and in which encoding. Pure.
//!
//! `docs/encodings.md` describes how. [`decode`], [`decode_labelled`] and [`of_names`] are the only entries.

mod label;
mod mended;
mod plausible;
mod readings;
mod sample;
mod seven_bit;

use crate::model::{Reason, Rejection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use plausible::{Beside, alphabetic_cost, any_cost, is_damage, wide_cost};
use readings::{ALPHABETIC, ANY_LANGUAGE, WIDE};
use sample::Sample;

/// A text and the name of its decoder, as in `ParsedDocument::encoding`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub text: String,
    pub encoding: String,
}

/// A decoder: one of the web's, or one of the encodings that the web does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decoder {
    Web(&'static Encoding),
    /// UTF-16 in bytes of which the first is lost.
    Late(&'static Encoding),
    Utf32Le,
    Utf32Be,
}

/// The encodings that a document is labelled with: by itself, and by what it came with.
type Labels = [Option<&'static Encoding>; 2];
const NO_LABELS: Labels = [None; 2];

/// Bits that a reading costs less if the page names its encoding.
const LABEL: f32 = 8.0;
/// The same for a byte-order mark. Programs also put marks before bytes that they did not check.
const MARK: f32 = 40.0;
/// Bits for losing the first byte of wide units, or another byte. Losing the last one is cheaper; it would
/// leave the same bytes.
const LATE: f32 = 32.0;
/// The Unicode encodings are preferred.
const UNICODE: f32 = -6.0;

/// Average bits per character of a text, at most, not counting one bad unit.
const KNOWN_CHARACTER: f32 = 13.0;
const ONE_BAD_BYTE: f32 = 24.0;
/// The start of a document, in bytes, on which UTF-16 and UTF-32 are judged; a multiple of four.
const WHOLE: usize = 16 << 10;

/// Decodes a whole document.
///
/// Fails with `empty_file` if there are only white space and NUL bytes, and with `undecodable` if no decoder
/// gives a plausible text. The caller must recognise files with a magic number before.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Rejection> {
    decode_labelled(bytes, None)
}

/// Decodes a document that came with a label, in addition to its own.
pub(crate) fn decode_labelled(bytes: &[u8], charset: Option<&str>) -> Result<Decoded, Rejection> {
    // A crash leaves NUL bytes at the end of a file that was being written.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if bytes[..end].iter().all(u8::is_ascii_whitespace) {
        return Err(Rejection::new(Reason::EmptyFile));
    }
    let (marked, bytes, end) = match mark(&bytes[..end]) {
        Some((decoder, length)) => (Some(decoder), &bytes[length..], end - length),
        None => (None, bytes, end),
    };
    let text = &bytes[..end];
    if let Some(decoded) = text.is_ascii().then(|| seven_bit::decode(text)).flatten() {
        return decoded.and_then(accept);
    }
    match marked {
        None if is_plain_utf_8(text) => return Ok(Decoder::Web(UTF_8).decode(bytes, end)),
        Some(Decoder::Web(encoding)) if encoding == UTF_8 && std::str::from_utf8(text).is_ok() => {
            if let Ok(decoded) = accept(Decoder::Web(UTF_8).decode(bytes, end)) {
                return Ok(decoded);
            }
        }
        _ => {}
    }
    let labels = [label::of(text), charset.and_then(|label| label::named(label.as_bytes()))];
    let decoder = weighed(text, labels, marked);
    let decoded = mended::read(decoder, bytes, end).unwrap_or_else(|| decoder.decode(bytes, end));
    accept(decoded)
        .and_then(|decoded| if decoder.unit() == 1 { refuse_strange(decoded) } else { Ok(decoded) })
}

/// Fails if the characters are not those of a text in any language: bytes of an unsupported encoding are
/// characters in another.
fn refuse_strange(decoded: Decoded) -> Result<Decoded, Rejection> {
    /// A sentence; shorter texts may be names.
    const FEWEST: usize = 24;
    /// Bits per character. Saved articles have 8 to 11, misread texts 15 and more.
    const STRANGE: f32 = 14.0;
    if decoded.encoding.starts_with("utf-8") {
        return Ok(decoded);
    }
    match plausible::bits_each(&decoded.text, FEWEST) {
        Some(bits) if bits > STRANGE => {
            let detail = format!(
                "its characters make no text as {}, nor in another encoding",
                decoded.encoding
            );
            Err(Rejection::because(Reason::Undecodable, detail))
        }
        _ => Ok(decoded),
    }
}

/// The encoding of names that share one, if nothing declares it. All names are judged together, since one
/// alone is too short.
pub(crate) fn of_names(names: &[Vec<u8>]) -> &'static Encoding {
    eight_bit(&Sample::of(&names.join(&b'\n')).0, NO_LABELS, false).1
}

/// The most plausible encoding of a part of a document that is not UTF-8.
fn of_part(bytes: &[u8]) -> &'static Encoding {
    eight_bit(&Sample::of(bytes).0, NO_LABELS, false).1
}

/// The decoder that a byte-order mark names, and the length of the mark.
fn mark(bytes: &[u8]) -> Option<(Decoder, usize)> {
    match bytes {
        // No text has a NUL directly after the mark, so these are not UTF-16.
        [0xff, 0xfe, 0, 0, ..] => Some((Decoder::Utf32Le, 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((Decoder::Utf32Be, 4)),
        _ => Encoding::for_bom(bytes).map(|(encoding, length)| (Decoder::Web(encoding), length)),
    }
}

/// Whether everything indicates UTF-8. ISO-2022-JP and UTF-16 may be valid UTF-8 too.
fn is_plain_utf_8(bytes: &[u8]) -> bool {
    let is_odd = |at: usize| bytes[at] == 0 || bytes[at..].starts_with(sample::ESCAPE);
    let is_control = |byte: &u8| *byte < b'\t';
    Encoding::utf8_valid_up_to(bytes) == bytes.len()
        && !bytes.iter().take(64).any(is_control)
        && !memchr::memchr2_iter(0, 0x1b, bytes).any(is_odd)
}

/// The decoder that gives the most plausible text.
fn weighed(bytes: &[u8], labels: Labels, marked: Option<Decoder>) -> Decoder {
    let is_utf_8 = Encoding::utf8_valid_up_to(bytes) == bytes.len();
    let bytes = &sample::without_repeats(bytes)[..];
    let (sample, length) = Sample::of(bytes);
    if sample.is_mostly_utf_8() {
        return Decoder::Web(UTF_8);
    }
    // Wide units must not be cut, and bytes outside the sample cost nothing in the single-byte readings.
    let whole = Sample::from(&bytes[..length.min(WHOLE)]);
    let has_nul = memchr::memchr(0, &whole.bytes).is_some();
    let mut best = (f32::INFINITY, Decoder::Web(WINDOWS_1252));
    // A mark of wide units, and NUL bytes, which only these have: the only question is which of them.
    let is_wide = has_nul && marked.is_some_and(|decoder| decoder.unit() > 1);
    if !is_wide {
        let (cost, encoding) = eight_bit(&sample, labels, is_utf_8);
        best = (cost, Decoder::Web(encoding));
    }
    let may_be_wide = has_nul || marked.is_some_and(|decoder| decoder.unit() > 1);
    let mut weigh = |decoder: Decoder, sample: &Sample, most: f32| {
        let plain = decoder.decode(&sample.bytes, sample.bytes.len()).text;
        let bits = any_cost(&plain, decoder.unit());
        let (mut text, mut bits) = (plain, bits);
        if may_be_wide
            && decoder.unit() > 1
            && let Some(mended) = mended::in_step(decoder, &sample.bytes)
        {
            let cost = any_cost(&mended, decoder.unit()) + LATE;
            if cost < bits {
                (text, bits) = (mended, cost);
            }
        }
        let is_marked = marked == Some(decoder);
        let is_late = matches!(decoder, Decoder::Late(_));
        let prior = UNICODE + if is_late { LATE } else { 0.0 } - if is_marked { MARK } else { 0.0 };
        let cost = bits - sample.ascii_taken(&text) + prior;
        let most = most * text.chars().count() as f32 + ONE_BAD_BYTE * decoder.unit() as f32;
        if cost < best.0 && (is_marked || bits <= most) {
            best = (cost, decoder);
        }
    };
    if !is_wide {
        weigh(Decoder::Web(UTF_8), &sample, f32::INFINITY);
    }
    let [le, be] = [UTF_16LE, UTF_16BE].map(Decoder::Web);
    for decoder in [le, be, Decoder::Utf32Le, Decoder::Utf32Be] {
        // Nearly any bytes are valid UTF-16, so it must be plausible by itself, not only the cheapest.
        weigh(decoder, &whole, KNOWN_CHARACTER);
    }
    if has_nul {
        weigh(Decoder::Late(UTF_16LE), &whole, KNOWN_CHARACTER);
        weigh(Decoder::Late(UTF_16BE), &whole, KNOWN_CHARACTER);
    }
    best.1
}

/// The most plausible encoding of those that extend ASCII, with its cost in bits. Valid UTF-8 has only
/// ISO-2022-JP as an alternative.
fn eight_bit(sample: &Sample, labels: Labels, is_utf_8: bool) -> (f32, &'static Encoding) {
    // Servers and editors put the Western label on everything.
    let labels = labels.map(|label| label.filter(|label| *label != WINDOWS_1252));
    let mut best = (f32::INFINITY, WINDOWS_1252);
    let weigh = |best: &mut (f32, &'static Encoding), encoding: &'static Encoding, cost: f32| {
        let cost = if labels.contains(&Some(encoding)) { cost - LABEL } else { cost };
        if cost < best.0 {
            *best = (cost, encoding);
        }
    };
    for (encoding, language, prior) in WIDE {
        let may_be = if encoding == ISO_2022_JP { sample.has_escapes } else { !is_utf_8 };
        if may_be {
            let (text, _) = encoding.decode_without_bom_handling(&sample.bytes);
            let of = |text: &str| wide_cost(text, language) - sample.ascii_taken(text);
            let mut cost = of(&text);
            // A lost byte changes all characters after it.
            if text.contains(is_damage)
                && !sample.is_told_by(best.0)
                && let Some(mended) = mended::in_step(Decoder::Web(encoding), &sample.bytes)
            {
                cost = cost.min(of(&mended));
            }
            weigh(&mut best, encoding, cost + prior);
        }
    }
    if is_utf_8 || sample.is_told_by(best.0) {
        return best;
    }
    let beside = Beside::of(&sample.bytes);
    let is_listed = |label: &&Encoding| ALPHABETIC.iter().any(|(listed, ..)| listed == label);
    let only_named = labels.into_iter().flatten();
    let only_named = only_named.filter(|label| label.is_single_byte() && !is_listed(label));
    let only_named = only_named.map(|label| (label, ANY_LANGUAGE, 0.0));
    for (encoding, languages, prior) in ALPHABETIC.into_iter().chain(only_named) {
        let (text, _) = encoding.decode_without_bom_handling(&sample.bytes);
        let cost = alphabetic_cost(&text, languages, sample::ASCII_BYTE, &beside);
        weigh(&mut best, encoding, cost + prior);
    }
    best
}

impl Decoder {
    /// Length of the shortest character in bytes.
    fn unit(self) -> usize {
        match self {
            Self::Web(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => 2,
            Self::Late(_) => 2,
            Self::Web(_) => 1,
            Self::Utf32Le | Self::Utf32Be => 4,
        }
    }

    /// Decodes the bytes up to `end`, after which there are only NUL bytes: in UTF-16 and UTF-32, some of
    /// these belong to the last character.
    fn decode(self, bytes: &[u8], end: usize) -> Decoded {
        if let Self::Late(encoding) = self {
            return late(encoding, bytes, end);
        }
        let bytes = &bytes[..end.next_multiple_of(self.unit()).min(bytes.len())];
        let (text, had_errors) = match self {
            Self::Web(encoding) | Self::Late(encoding) => {
                let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
                (text.into_owned(), had_errors)
            }
            Self::Utf32Le => utf_32(bytes, u32::from_le_bytes),
            Self::Utf32Be => utf_32(bytes, u32::from_be_bytes),
        };
        let name = match self {
            Self::Web(encoding) | Self::Late(encoding) => encoding.name().to_ascii_lowercase(),
            Self::Utf32Le => "utf-32le".to_owned(),
            Self::Utf32Be => "utf-32be".to_owned(),
        };
        Decoded { text, encoding: if had_errors { format!("{name} (lossy)") } else { name } }
    }
}

/// UTF-16 without its first byte. The first character is known if it was ASCII or a byte-order mark.
fn late(encoding: &'static Encoding, bytes: &[u8], end: usize) -> Decoded {
    let Some((first, rest)) = bytes.split_first() else {
        return Decoder::Web(encoding).decode(bytes, end);
    };
    let decoded = Decoder::Web(encoding).decode(rest, end.saturating_sub(1));
    let first = match *first {
        0xfe if encoding == UTF_16LE => "",
        0xff if encoding == UTF_16BE => "",
        first if encoding == UTF_16BE && first.is_ascii() => &char::from(first).to_string(),
        _ => "\u{fffd}",
    };
    let is_lossy = first == "\u{fffd}" && !decoded.encoding.ends_with(')');
    let suffix = if is_lossy { " (lossy)" } else { "" };
    Decoded { text: format!("{first}{}", decoded.text), encoding: decoded.encoding + suffix }
}

fn utf_32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> (String, bool) {
    let (units, rest) = bytes.as_chunks::<4>();
    let characters = || units.iter().map(|unit| char::from_u32(number(*unit)));
    let mut text: String = characters().map(|c| c.unwrap_or('\u{fffd}')).collect();
    text.extend((!rest.is_empty()).then_some('\u{fffd}'));
    (text, !rest.is_empty() || characters().any(|c| c.is_none()))
}

/// Accepts the text if it is plausible for the decoder.
fn accept(mut decoded: Decoded) -> Result<Decoded, Rejection> {
    let (mut characters, mut wide, mut damaged, mut in_hole) = (0usize, 0usize, 0usize, false);
    for c in decoded.text.chars() {
        characters += 1;
        wide += usize::from(!c.is_ascii() && !is_damage(c));
        // A hole of NUL bytes is one loss, however long it is.
        damaged += usize::from(is_damage(c) && !(in_hole && c == '\0'));
        in_hole = c == '\0';
    }
    // One bad character in fifty is still readable; a wrong decoder damages far more.
    if damaged > 3 && damaged * 50 > characters && damaged * 10 > wide {
        let detail =
            format!("{damaged} of {characters} characters make no sense as {}", decoded.encoding);
        return Err(Rejection::because(Reason::Undecodable, detail));
    }
    decoded.text.retain(|c| c != '\0');
    Ok(decoded)
}

#[cfg(test)]
mod tests;
