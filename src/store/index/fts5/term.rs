//! Terms as keys: nearly all terms are two Han characters or a short word, and fit into an integer.

use std::collections::HashMap;

/// The bytes of a short term, padded with zeros. Keys sort like the terms, since no token contains a zero.
pub type ShortKey = u64;

/// The longest short term, in bytes.
pub const SHORT: usize = 8;

/// The key of a term of at most eight bytes. It is put together from two halves that may overlap: copying a
/// length that is unknown at compile time costs more.
pub fn short_key(term: &[u8]) -> ShortKey {
    let padding = 8 * (SHORT - term.len()) as u32;
    match (term.first_chunk::<4>(), term.last_chunk::<4>()) {
        (Some(&first), Some(&last)) => {
            let (first, last) = (u32::from_be_bytes(first), u32::from_be_bytes(last));
            ShortKey::from(first) << 32 | ShortKey::from(last) << padding
        }
        _ => term.iter().rev().fold(0, |key, &byte| key >> 8 | ShortKey::from(byte) << 56),
    }
}

/// The first bytes of a longer term, as a key.
pub fn start_of(term: &[u8]) -> ShortKey {
    short_key(&term[..SHORT])
}

/// The length in bytes of a key's term.
#[inline]
pub fn short_length(key: ShortKey) -> usize {
    SHORT - key.trailing_zeros() as usize / 8
}

/// The number of ranges of [`range_of`].
pub const RANGES: usize = 126;

/// The range of a term, by its first bytes. Ranges are in the order of the terms, and each has few of an
/// index's terms, so that work done range by range finds its tables in the processor's caches. Each letter is
/// one range; 々, kana and the like are one each; Han characters have sixteen for each of their six first
/// bytes.
#[inline]
pub fn range_of(key: ShortKey) -> usize {
    let [first, second, ..] = key.to_be_bytes();
    let (start, mask) = FIRST_BYTES[usize::from(first)];
    usize::from(start + (SECOND_BYTES[usize::from(second)] & mask))
}

/// By the first byte of a term: the first of its ranges, and which bits of [`SECOND_BYTES`] count. Tables, since each
/// term of each document is looked up: with comparisons instead, an import executes 1 % more instructions.
static FIRST_BYTES: [(u8, u8); 256] = {
    let mut ranges = [(0, 0); 256];
    let mut byte = 0;
    while byte < 256 {
        ranges[byte] = match byte as u8 {
            0..0x61 => (0, 0),
            letter @ 0x61..=0x7a => (letter - 0x60, 0),
            0x7b..0xe3 => (27, 0),
            0xe3 => (28, 0),
            han @ 0xe4..=0xe9 => (29 + 16 * (han - 0xe4), 0xf),
            _ => (RANGES as u8 - 1, 0),
        };
        byte += 1;
    }
    ranges
};

/// By the second byte of a Han character: the distance to the first range of its first byte.
static SECOND_BYTES: [u8; 256] = {
    let mut ranges = [0; 256];
    let mut byte = 0x80;
    while byte < 256 {
        ranges[byte] = if byte < 0xc0 { (byte as u8 - 0x80) / 4 } else { 0xf };
        byte += 1;
    }
    ranges
};

/// The highest bit of a term's number marks a term that is not short.
pub const LONG: u32 = 1 << 31;

/// The minimum number of slots.
const LEAST_ROOM: usize = 1 << 10;

/// Larger tables are not kept for the next document.
const KEPT_SLOTS: usize = 1 << 16;

/// Numbers terms in the order in which they are first seen. Short and long terms are numbered separately from
/// 0; the numbers of long ones have the highest bit set.
#[derive(Default)]
pub struct Numbering {
    /// The numbers of the short terms plus one, by hash; 0 for a free slot. Four bytes each, and a power of
    /// two of them: a document's slots fit into the processor's nearest cache.
    slots: Vec<u32>,
    short: Vec<ShortKey>,
    long: HashMap<Box<[u8]>, u32>,
}

impl Numbering {
    /// The number of a term.
    pub fn number(&mut self, term: &[u8]) -> u32 {
        if term.len() <= SHORT {
            self.short_number(short_key(term))
        } else {
            self.long_number(term)
        }
    }

    /// The number of a short term.
    #[inline]
    pub fn short_number(&mut self, key: ShortKey) -> u32 {
        if self.slots.is_empty() {
            self.grow();
        }
        let at = self.find(key);
        match self.slots[at] {
            0 => self.add_short(key, at),
            number => number - 1,
        }
    }

    /// Assigns the next number to a key, whose slot this is.
    fn add_short(&mut self, key: ShortKey, at: usize) -> u32 {
        let number = self.short.len() as u32;
        self.short.push(key);
        self.slots[at] = number + 1;
        // Half of the slots stay free: without a free one, a search would not end.
        if self.slots.len() < 2 * (self.short.len() + 1) {
            self.grow();
        }
        number
    }

    /// The slot of a key, or the one where it should be added.
    #[inline]
    fn find(&self, key: ShortKey) -> usize {
        let mut at = slot_of(key, self.slots.len());
        loop {
            match self.slots[at] {
                0 => return at,
                number if self.short[number as usize - 1] == key => return at,
                _ => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }

    /// The number of a term that is not short.
    pub fn long_number(&mut self, term: &[u8]) -> u32 {
        if let Some(&number) = self.long.get(term) {
            return number;
        }
        let number = self.long.len() as u32 | LONG;
        self.long.insert(term.into(), number);
        number
    }

    /// The position of a number among all numbers so far, the short terms first.
    pub fn row(&self, number: u32) -> usize {
        match number & LONG {
            0 => number as usize,
            _ => self.short.len() + (number & !LONG) as usize,
        }
    }

    /// The number of numbered terms.
    pub fn count(&self) -> usize {
        self.short.len() + self.long.len()
    }

    /// The short terms, by number.
    pub fn short_terms(&self) -> &[ShortKey] {
        &self.short
    }

    /// The other terms, by number.
    pub fn long_terms(&self) -> Vec<&[u8]> {
        let mut terms: Vec<(u32, &[u8])> =
            self.long.iter().map(|(term, &number)| (number, &**term)).collect();
        terms.sort_unstable();
        terms.into_iter().map(|(_, term)| term).collect()
    }

    /// Forgets all terms and makes room for about `expected` new ones. Keeps its memory, unless that is very
    /// large.
    pub fn clear(&mut self, expected: usize) {
        if self.slots.capacity() > KEPT_SLOTS {
            *self = Self::default();
        }
        self.short.clear();
        self.long.clear();
        self.set_room((2 * expected).next_power_of_two().max(LEAST_ROOM));
    }

    fn grow(&mut self) {
        self.set_room((2 * self.slots.len()).max(LEAST_ROOM));
        for (&key, number) in self.short.iter().zip(1..) {
            let at = self.find(key);
            self.slots[at] = number;
        }
    }

    /// Sets the number of slots, all free.
    fn set_room(&mut self, room: usize) {
        self.slots.clear();
        self.slots.resize(room, 0);
    }
}

/// The first slot to try for a key: the high bits of a product, which depend on all bits of the key.
fn slot_of(key: ShortKey, room: usize) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - room.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_are_ordered_as_the_terms_are(one in "[a-z]{0,8}|[中国a]{0,2}", other in "[a-z]{0,8}|[中国a]{0,2}") {
            let (one, other) = (one.as_bytes(), other.as_bytes());
            prop_assert_eq!(short_key(one).cmp(&short_key(other)), one.cmp(other));
            prop_assert_eq!(short_length(short_key(one)), one.len());
        }

        #[test]
        fn ranges_are_ordered_as_the_terms_are(mut keys in prop::collection::vec(any::<u64>(), 0..99)) {
            keys.sort_unstable();
            prop_assert!(keys.iter().map(|&key| range_of(key)).is_sorted());
            prop_assert!(keys.iter().all(|&key| range_of(key) < RANGES));
        }

        #[test]
        fn a_cleared_numbering_is_as_new(first in prop::collection::vec(0..99_u64, 0..40),
                                         second in prop::collection::vec(0..99_u64, 0..40),
                                         expected in 0..9_000_usize) {
            let numbers = |numbering: &mut Numbering| {
                second.iter().map(|&key| numbering.short_number(key)).collect::<Vec<_>>()
            };
            let mut numbering = Numbering::default();
            for key in first {
                numbering.short_number(key);
            }
            numbering.clear(expected);
            prop_assert_eq!(numbers(&mut numbering), numbers(&mut Numbering::default()));
        }

        #[test]
        fn numbers_are_given_in_order(keys in prop::collection::vec(0..5_000_u64, 0..9_000)) {
            let mut numbering = Numbering::default();
            let mut known: Vec<u64> = Vec::new();
            let mut places = HashMap::new();
            for key in keys {
                let place = *places.entry(key).or_insert_with(|| {
                    known.push(key);
                    known.len() - 1
                });
                prop_assert_eq!(numbering.short_number(key) as usize, place);
            }
            prop_assert_eq!(numbering.short_terms(), known);
        }
    }
}
