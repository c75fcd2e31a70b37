//! The part of a document from which its encoding is detected.

/// Bits of an ASCII byte that is read as ASCII; a reading that makes it part of another character gets them
/// back.
pub(super) const ASCII_BYTE: f32 = 4.3;
/// More non-ASCII bytes than this would not change the result.
const ENOUGH: usize = 2048;
/// How much of a run of ASCII is kept, as a word beside other letters.
const BESIDE: usize = 12;

/// Starts the non-ASCII text of ISO-2022-JP.
pub(super) const ESCAPE: &[u8] = b"\x1b$";

/// The bytes that are not ASCII, with those beside them.
pub(super) struct Sample {
    pub bytes: Vec<u8>,
    pub has_escapes: bool,
    ascii: usize,
}

impl Sample {
    /// The sample of a document, and the length of the part that it was taken from.
    pub fn of(document: &[u8]) -> (Self, usize) {
        // To every other reading, the bytes between the escapes of ISO-2022-JP are ASCII.
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

    /// Whether a reading with this cost is certain enough without comparing others: in each of the languages,
    /// a byte of correctly read text costs 4 to 5 bits, and one of misread text twice as many.
    pub fn is_told_by(&self, cost: f32) -> bool {
        let others = self.bytes.len() - self.ascii;
        others > 64 && cost < 5.5 * others as f32
    }

    /// Whether there are more UTF-8 characters of three or more bytes than bytes that are part of none. In
    /// other encodings, few of a hundred characters form such sequences by chance; in IBM866, fourteen. Not
    /// if NUL bytes indicate wider units.
    pub fn is_mostly_utf_8(&self) -> bool {
        const FEWEST: usize = 4;
        let (mut good, mut bad) = (0, 0);
        for chunk in self.bytes.utf8_chunks() {
            good += chunk.valid().chars().filter(|c| *c >= '\u{800}').count();
            bad += chunk.invalid().len();
        }
        good >= FEWEST && good > bad && !self.has_escapes && !self.bytes.contains(&0)
    }

    /// Bits of the ASCII bytes that are part of other characters in this text.
    pub fn ascii_taken(&self, text: &str) -> f32 {
        let left = text.as_bytes().iter().filter(|byte| is_ascii(byte)).count();
        ASCII_BYTE * (self.ascii as f32 - left as f32)
    }
}

/// The bytes without what repeats more than twice in a row: a rule of `─` or a line of stars would be just as
/// many letters in another encoding, and one of them is as informative as a hundred.
pub(super) fn without_repeats(bytes: &[u8]) -> Vec<u8> {
    /// Repeats of one to four characters, in bytes. Even lengths first, since an odd one could shift wider
    /// units.
    const PERIODS: [usize; 5] = [2, 4, 6, 8, 3];
    let repeats = |at: usize, period: usize| {
        let unit = bytes.get(at..at + period)?;
        let before = &bytes[at.checked_sub(2 * period)?..at];
        let is_same = unit == &before[period..] && unit == &before[..period];
        // With control characters among them they are noise, which must not be made to look like less of it.
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

/// Whether it is a text character in most encodings.
fn is_ascii(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' '..=b'~')
}
