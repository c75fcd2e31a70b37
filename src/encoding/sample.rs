//! The part of a document that its encoding is told by.

/// Bits that an ASCII byte costs where it is left alone: a reading that makes part of a character of
/// it has them back.
pub(super) const ASCII_BYTE: f32 = 4.3;
/// As much is told by so many bytes that are not ASCII as by any more.
const ENOUGH: usize = 2048;
/// As much of a run of ASCII as a word beside other letters may have.
const BESIDE: usize = 12;

/// Begins what is not ASCII in ISO-2022-JP.
pub(super) const ESCAPE: &[u8] = b"\x1b$";

/// The bytes that are not ASCII, with those beside them.
pub(super) struct Sample {
    pub bytes: Vec<u8>,
    pub has_escapes: bool,
    ascii: usize,
}

impl Sample {
    /// The sample of a document, and the length of the part that it is of.
    pub fn of(document: &[u8]) -> (Self, usize) {
        // What is between the escapes of ISO-2022-JP is ASCII to every other reading.
        if let Some(at) = memchr::memmem::find(document, ESCAPE) {
            let end = document.len().min(at + ENOUGH);
            return (Self::from(&document[at..end]), end);
        }
        let (mut bytes, mut others, mut end) = (Vec::new(), 0, 0);
        for run in document.chunk_by(|one, next| is_ascii(one) == is_ascii(next)) {
            end += run.len();
            if !is_ascii(&run[0]) {
                let length = run.len().min(ENOUGH - others);
                bytes.extend_from_slice(&run[..length]);
                others += length;
            } else if run.len() <= 2 * BESIDE {
                bytes.extend_from_slice(run);
            } else {
                bytes.extend_from_slice(&run[..BESIDE]);
                bytes.push(b'\n');
                bytes.extend_from_slice(&run[run.len() - BESIDE..]);
            }
            if others == ENOUGH {
                break;
            }
        }
        (Self::from(&bytes[..]), end)
    }

    /// Whether a reading that costs so many bits needs no other beside it: a byte of its own text
    /// costs 4 to 5 bits in each of the languages, one of a misread text twice as many.
    pub fn is_told_by(&self, cost: f32) -> bool {
        let others = self.bytes.len() - self.ascii;
        others > 64 && cost < 5.5 * others as f32
    }

    /// Whether there are more characters of three bytes and more, as UTF-8 has them, than bytes that are part
    /// of none: in other encodings such bytes come together in few of a hundred characters, and in IBM866 in
    /// fourteen. Not where NUL bytes speak for wider units.
    pub fn is_mostly_utf_8(&self) -> bool {
        const FEWEST: usize = 4;
        let (mut good, mut bad) = (0, 0);
        for chunk in self.bytes.utf8_chunks() {
            good += chunk.valid().chars().filter(|c| *c >= '\u{800}').count();
            bad += chunk.invalid().len();
        }
        good >= FEWEST && good > bad && !self.has_escapes && !self.bytes.contains(&0)
    }

    /// Bits of the ASCII bytes that are parts of other characters in this text.
    pub fn ascii_taken(&self, text: &str) -> f32 {
        let left = text.as_bytes().iter().filter(|byte| is_ascii(byte)).count();
        ASCII_BYTE * (self.ascii as f32 - left as f32)
    }
}

/// The bytes without what is there more than twice in a row: a rule of `─` or a line of stars would be as
/// many letters of another encoding, and one of them says all that a hundred do.
pub(super) fn without_repeats(bytes: &[u8]) -> Vec<u8> {
    /// Bytes of one to four characters; even ones first, since an odd one could move wider units.
    const PERIODS: [usize; 5] = [2, 4, 6, 8, 3];
    let repeats = |at: usize, period: usize| {
        let unit = bytes.get(at..at + period)?;
        let before = &bytes[at.checked_sub(2 * period)?..at];
        let is_same = unit == &before[period..] && unit == &before[..period];
        // With control characters among them they are noise, which must not look like less of it.
        let is_drawn = unit.iter().all(|&byte| byte == 0 || byte >= b' ');
        (is_same && is_drawn && !unit.iter().all(is_ascii)).then_some(period)
    };
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match PERIODS.into_iter().find_map(|period| repeats(at, period)) {
            Some(period) => at += period,
            None => {
                kept.push(bytes[at]);
                at += 1;
            }
        }
    }
    kept
}

impl From<&[u8]> for Sample {
    fn from(bytes: &[u8]) -> Self {
        let ascii = bytes.iter().filter(|byte| is_ascii(byte)).count();
        Self { bytes: bytes.to_owned(), has_escapes: bytes.starts_with(ESCAPE), ascii }
    }
}

/// Whether it is a character of text in most encodings.
fn is_ascii(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' '..=b'~')
}
