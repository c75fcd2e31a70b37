//! Repairs texts that are damaged or mixed: a byte is lost, or one part is UTF-8 and the rest is not.
//!
//! After a lost byte, a decoder reads everything from the wrong position, and still finds characters for much
//! of it. So all paths through the bytes are compared: each character costs its bits, a byte that is part of
//! no character costs more, and switching to another encoding costs still more. The cheapest path is the
//! text.

use super::plausible::{is_damage, known_bits};
use super::sample::ASCII_BYTE;
use super::{Decoded, Decoder};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

/// Longer documents (in bytes) are read as if nothing were lost: each byte has an entry in two tables here.
const LONGEST_MENDED: usize = 4 << 20;

/// Bits of a byte that is part of no character, of one that puts wider units out of step, of a whole unit
/// that is not a character, and of bytes left over at the end.
const LOST: f32 = 24.0;
const LOST_STEP: f32 = 32.0;
const LOST_UNIT: f32 = 36.0;
const LOST_END: f32 = 8.0;
/// Bits of switching to another encoding and back, each. Switching from bytes to UTF-8 costs less, since its
/// characters are hardly ever valid in another encoding.
const OTHER_FORM: f32 = 60.0;
const FROM_BYTES_TO_UTF_8: f32 = 20.0;
/// Bits of a character in no table; of one in UTF-8, whose form alone makes it likely; of one beside others
/// of its kind; and of one that only a wrong reading has.
const UNKNOWN: f32 = 20.0;
const UNKNOWN_OF_UTF_8: f32 = 12.0;
/// Bits of a character in no table that would contain an ASCII letter, and of a sign.
const UNKNOWN_WITH_ASCII: f32 = 26.0;
const SIGN: f32 = 12.0;
/// Bits of a repetition of what was just before: a rule of `─`, a row of stars.
const REPEATED: f32 = 2.0;
const OF_A_KIND: f32 = 9.0;
const DAMAGE: f32 = 22.0;
/// Bits of a private-use character: no text has one, and losing its two bytes must not be cheaper.
const PRIVATE: f32 = 40.0;

/// The encoding in which the next character is read.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    Utf8,
    /// A multi-byte encoding that extends ASCII.
    Bytes(&'static Encoding),
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

/// Decodes a damaged or mixed document, with every loss shown as `\u{fffd}`; `None` if the decoder itself
/// reads it well.
pub(super) fn read(decoder: Decoder, bytes: &[u8], end: usize) -> Option<Decoded> {
    // The last character may end in NUL bytes, wherever it begins.
    let bytes = &bytes[..bytes.len().min(end + decoder.unit() - 1)];
    let form = Form::of(decoder)?;
    if bytes.len() > LONGEST_MENDED {
        return None;
    }
    let other = match form {
        Form::Utf8 => Form::Bytes(encoding_of_bad_lines(bytes)?),
        Form::Bytes(encoding) if !is_doubtful(encoding, bytes) => return None,
        _ => Form::Utf8,
    };
    let way = Way::find(bytes, &[form, other]);
    // Decoders already handle bad bytes in UTF-8.
    let is_other = way.has_gone_over || (way.has_lost && form != Form::Utf8);
    is_other.then(|| {
        let and_other =
            if way.has_gone_over { format!(" + {}", other.name()) } else { String::new() };
        let lossy = if way.has_lost { " (lossy)" } else { "" };
        Decoded { text: way.text, encoding: format!("{}{and_other}{lossy}", form.name()) }
    })
}

/// Decodes bytes of one encoding, wherever some of them are lost; `None` for a single-byte encoding.
pub(super) fn in_step(decoder: Decoder, bytes: &[u8]) -> Option<String> {
    Form::of(decoder).map(|form| Way::find(bytes, &[form]).text)
}

/// Whether a text may have lost a byte, or may have a part in UTF-8: it has characters that are rare in
/// texts.
fn is_doubtful(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let is_strange = |c: char| c.is_alphabetic() && known_bits(c).is_none();
    text.contains(is_damage) || text.contains(is_strange) || has_line_in_utf_8(bytes)
}

/// The encoding of the lines that are not UTF-8, taken together.
fn encoding_of_bad_lines(bytes: &[u8]) -> Option<&'static Encoding> {
    let bad = lines(bytes).filter(|line| std::str::from_utf8(line).is_err());
    let bad: Vec<u8> = bad.flatten().copied().collect();
    let encoding = super::of_part(&bad);
    (!bad.is_empty() && Form::of(Decoder::Web(encoding)).is_some()).then_some(encoding)
}

/// Whether a line that is not ASCII consists of three-byte UTF-8 characters.
fn has_line_in_utf_8(bytes: &[u8]) -> bool {
    const FEWEST: usize = 3;
    lines(bytes).any(|line| {
        let text = std::str::from_utf8(line);
        text.is_ok_and(|text| text.chars().filter(|c| *c >= '\u{800}').count() >= FEWEST)
    })
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii())
}

impl Form {
    fn of(decoder: Decoder) -> Option<Self> {
        match decoder {
            Decoder::Web(encoding) if encoding == UTF_8 => Some(Self::Utf8),
            Decoder::Web(encoding) if encoding == UTF_16LE => Some(Self::Utf16Le),
            Decoder::Web(encoding) if encoding == UTF_16BE => Some(Self::Utf16Be),
            Decoder::Web(encoding) => {
                let is_listed = [GB18030, BIG5, EUC_JP, SHIFT_JIS, EUC_KR].contains(&encoding);
                is_listed.then_some(Self::Bytes(encoding))
            }
            Decoder::Late(_) => None,
            Decoder::Utf32Le => Some(Self::Utf32Le),
            Decoder::Utf32Be => Some(Self::Utf32Be),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Utf8 => "utf-8".to_owned(),
            Self::Bytes(encoding) => encoding.name().to_ascii_lowercase(),
            Self::Utf16Le => "utf-16le".to_owned(),
            Self::Utf16Be => "utf-16be".to_owned(),
            Self::Utf32Le => "utf-32le".to_owned(),
            Self::Utf32Be => "utf-32be".to_owned(),
        }
    }

    /// Length of the shortest character in bytes.
    fn unit(self) -> usize {
        match self {
            Self::Utf8 | Self::Bytes(_) => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
            Self::Utf32Le | Self::Utf32Be => 4,
        }
    }

    /// The character at a position, and its length; `None` if no character begins there.
    fn character(self, bytes: &[u8], at: usize) -> Option<(char, usize)> {
        let rest = &bytes[at..];
        match self {
            Self::Utf8 | Self::Bytes(_) if rest[0].is_ascii() => Some((char::from(rest[0]), 1)),
            Self::Utf8 => {
                let length = match rest[0] {
                    0xc2..=0xdf => 2,
                    0xe0..=0xef => 3,
                    0xf0..=0xf4 => 4,
                    _ => return None,
                };
                let text = std::str::from_utf8(rest.get(..length)?).ok()?;
                Some((text.chars().next()?, length))
            }
            Self::Bytes(encoding) => {
                let longest = if encoding == GB18030 { 4 } else { 3 };
                (1..=longest.min(rest.len())).find_map(|length| {
                    let text = encoding
                        .decode_without_bom_handling_and_without_replacement(&rest[..length])?;
                    Some((text.chars().next()?, length))
                })
            }
            Self::Utf16Le => utf_16(rest, u16::from_le_bytes),
            Self::Utf16Be => utf_16(rest, u16::from_be_bytes),
            Self::Utf32Le => utf_32(rest, u32::from_le_bytes),
            Self::Utf32Be => utf_32(rest, u32::from_be_bytes),
        }
    }

    fn cost(self, c: char, before: Option<char>) -> f32 {
        if c.is_ascii() && !c.is_control() || matches!(c, '\t' | '\n' | '\r') {
            return ASCII_BYTE;
        }
        if is_damage(c) || c >= UNUSED {
            return DAMAGE;
        }
        let is_kin = |other: char| other as u32 >> 8 == c as u32 >> 8;
        known_bits(c).unwrap_or_else(|| match self {
            Self::Utf8 => UNKNOWN_OF_UTF_8,
            // For a script in no table, a wrong step would still give characters of another kind.
            _ if self.unit() > 1 && before.is_some_and(is_kin) => OF_A_KIND,
            _ if is_sign(c) => SIGN,
            _ => UNKNOWN,
        })
    }
}

/// From here on, Unicode has no characters of ordinary texts.
const UNUSED: char = '\u{30000}';

fn is_sign(c: char) -> bool {
    match c {
        '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{2bff}' | '\u{3000}'..='\u{303f}' => true,
        _ => matches!(c, '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ffee}'),
    }
}

/// Whether a character equals the one before, or the one before that.
fn is_repeated(bytes: &[u8], at: usize, length: usize) -> bool {
    let is = |before: usize| {
        let start = at.checked_sub(before * length);
        start.is_some_and(|start| bytes[start..start + length] == bytes[at..at + length])
    };
    is(1) || is(2)
}

fn utf_16(bytes: &[u8], number: fn([u8; 2]) -> u16) -> Option<(char, usize)> {
    let unit = |at: usize| bytes.get(at..at + 2).map(|unit| number([unit[0], unit[1]]));
    let units = [unit(0)?, unit(2).unwrap_or(0)];
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((c, 2 * c.len_utf16()))
}

fn utf_32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> Option<(char, usize)> {
    char::from_u32(number(*bytes.first_chunk()?)).map(|c| (c, 4))
}

/// The cheapest path through the bytes.
struct Way {
    text: String,
    has_lost: bool,
    has_gone_over: bool,
}

/// A step of a path.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Character(u8),
    /// This many bytes are part of no character.
    Lost(u8),
    GoOver,
}

impl Way {
    /// The cheapest path through a document in the first encoding, parts of which may be in the second, if
    /// there is one.
    fn find(bytes: &[u8], forms: &[Form]) -> Self {
        let steps = cheapest_steps(bytes, forms);
        let mut way = Self { text: String::new(), has_lost: false, has_gone_over: false };
        let (mut at, mut number) = (0, 0);
        while at < bytes.len() {
            match (steps[number][at], forms[number]) {
                (Step::GoOver, _) => {
                    number = 1 - number;
                    way.has_gone_over = true;
                }
                // The NUL bytes after the last character.
                (Step::Lost(_), _) if bytes[at..].iter().all(|byte| *byte == 0) => break,
                (Step::Lost(length), _) => {
                    way.text.push('\u{fffd}');
                    way.has_lost = true;
                    at += usize::from(length);
                }
                // Some pairs of bytes are two characters.
                (Step::Character(length), Form::Bytes(encoding)) if length > 1 => {
                    let end = at + usize::from(length);
                    way.text.push_str(&encoding.decode_without_bom_handling(&bytes[at..end]).0);
                    at = end;
                }
                (Step::Character(length), form) => {
                    way.text.extend(form.character(bytes, at).map(|(c, _)| c));
                    at += usize::from(length);
                }
            }
        }
        way
    }
}

/// For each encoding and each position, the next step of the cheapest path to the end.
fn cheapest_steps(bytes: &[u8], forms: &[Form]) -> Vec<Vec<Step>> {
    let mut steps = vec![vec![Step::Lost(1); bytes.len()]; forms.len()];
    let mut costs = vec![vec![0.0f32; bytes.len() + 1]; forms.len()];
    let over = match forms {
        [Form::Bytes(_), Form::Utf8] => FROM_BYTES_TO_UTF_8,
        _ => OTHER_FORM,
    };
    for at in (0..bytes.len()).rev() {
        for (number, form) in forms.iter().enumerate() {
            let cheapest = form
                .steps(bytes, at, number > 0)
                .into_iter()
                .flatten()
                .map(|(cost, length, step)| (cost + costs[number][at + length], step))
                .min_by(|one, other| one.0.total_cmp(&other.0));
            if let Some((cost, step)) = cheapest {
                (costs[number][at], steps[number][at]) = (cost, step);
            }
        }
        // Inside a run of non-ASCII bytes, the encoding cannot switch.
        let is_apart = at == 0 || bytes[at - 1].is_ascii();
        if forms.len() == 2 && is_apart {
            let (first, second) = (costs[0][at], costs[1][at]);
            for (number, other) in [(0, second), (1, first)] {
                if other + over < costs[number][at] {
                    (costs[number][at], steps[number][at]) = (other + over, Step::GoOver);
                }
            }
        }
    }
    steps
}

impl Form {
    /// The possible next steps at a position, with their bits and lengths. An encoding that only a part may
    /// be in must be plausible by itself, not only the cheapest.
    fn steps(self, bytes: &[u8], at: usize, is_part: bool) -> [Option<(f32, usize, Step)>; 3] {
        let left = bytes.len() - at;
        let unit = self.unit();
        let lost = if left < unit.max(2) {
            (LOST_END, left)
        } else if unit > 1 {
            // One lost byte leaves the others of its unit, each of which is a step.
            (LOST_STEP * 2.0 / unit as f32, 1)
        } else {
            (LOST, 1)
        };
        let lost = (lost.0, lost.1, Step::Lost(lost.1 as u8));
        let Some((c, length)) = self.character(bytes, at) else {
            let is_unit = unit > 1 && left >= unit;
            return [
                None,
                Some(lost),
                is_unit.then_some((LOST_UNIT, unit, Step::Lost(unit as u8))),
            ];
        };
        let before = at.checked_sub(unit).filter(|_| unit > 1);
        let before = before.and_then(|before| self.character(bytes, before));
        let mut cost = self.cost(c, before.map(|(c, _)| c));
        let has_ascii =
            || bytes[at + 1..at + length].iter().any(|byte| matches!(byte, b'@'..=b'~'));
        if unit == 1 && cost == UNKNOWN && has_ascii() {
            cost = UNKNOWN_WITH_ASCII;
        } else if unit == 1 && length > 1 && is_damage(c) {
            cost = PRIVATE;
        }
        if length > 1 && is_repeated(bytes, at, length) {
            // Of two readings that repeat, one is still more likely.
            cost = cost.min(REPEATED + cost / 256.0);
        }
        if is_part && (is_damage(c) || !c.is_ascii() && known_bits(c).is_none()) {
            cost = LOST * length as f32;
        }
        [Some((cost, length, Step::Character(length as u8))), Some(lost), None]
    }
}

#[cfg(test)]
mod tests;
