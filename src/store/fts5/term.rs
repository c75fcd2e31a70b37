//! Terms as keys: nearly all are two Han characters or a short word, and fit into an integer.

use std::collections::HashMap;

/// The bytes of a short term, padded with zeros: keys are ordered as the terms are, for no token
/// contains a zero.
pub type ShortKey = u64;

/// The longest short term, in bytes.
pub const SHORT: usize = 8;

/// The key of a term of at most eight bytes.
pub fn short_key(term: &[u8]) -> ShortKey {
    let mut key = [0; SHORT];
    key[..term.len()].copy_from_slice(term);
    ShortKey::from_be_bytes(key)
}

/// The length in bytes of the term that a key stands for.
pub fn short_length(key: ShortKey) -> usize {
    SHORT - key.trailing_zeros() as usize / 8
}

/// The highest bit of a term's number, for the terms that are not short.
const LONG: u32 = 1 << 31;

/// More slots than this are not kept for the next document.
const KEPT_SLOTS: usize = 1 << 16;

/// Numbers terms in the order they are first seen in: the short ones and the long ones from 0 each,
/// the latter with their highest bit set.
#[derive(Default)]
pub struct Numbering {
    /// A key's number + 1, 0 where the slot is free; the length is a power of two.
    slots: Vec<(ShortKey, u32)>,
    short: Vec<ShortKey>,
    long: HashMap<Box<[u8]>, u32>,
}

impl Numbering {
    /// The number of a term.
    pub fn number(&mut self, term: &[u8]) -> u32 {
        match term.len() <= SHORT {
            true => self.short_number(short_key(term)),
            false => self.long_number(term),
        }
    }

    /// The number of a short term.
    pub fn short_number(&mut self, key: ShortKey) -> u32 {
        if self.slots.len() < 2 * (self.short.len() + 1) {
            self.grow();
        }
        let mut at = slot_of(key, self.slots.len());
        loop {
            match self.slots[at] {
                (_, 0) => {
                    self.short.push(key);
                    self.slots[at] = (key, self.short.len() as u32);
                    return self.short.len() as u32 - 1;
                }
                (found, number) if found == key => return number - 1,
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

    /// The place of a number among all numbers so far, the short terms first.
    pub fn row(&self, number: u32) -> usize {
        match number & LONG {
            0 => number as usize,
            _ => self.short.len() + (number & !LONG) as usize,
        }
    }

    /// How many terms have a number.
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

    /// Forgets all terms, and keeps the room.
    pub fn clear(&mut self) {
        if self.slots.len() > KEPT_SLOTS {
            *self = Self::default();
        }
        self.slots.fill((0, 0));
        self.short.clear();
        self.long.clear();
    }

    fn grow(&mut self) {
        let room = (4 * self.slots.len()).max(4_096);
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); room]);
        for (key, number) in old.into_iter().filter(|&(_, number)| number > 0) {
            let mut at = slot_of(key, room);
            while self.slots[at].1 > 0 {
                at = (at + 1) & (room - 1);
            }
            self.slots[at] = (key, number);
        }
    }
}

/// Where to look for a key first: the high bits of a product, which depend on all bits of the key.
fn slot_of(key: ShortKey, room: usize) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - room.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_are_ordered_as_the_terms_are(one in "[a-z中国]{0,2}", other in "[a-z中国]{0,2}") {
            let (one, other) = (one.as_bytes(), other.as_bytes());
            prop_assert_eq!(short_key(one).cmp(&short_key(other)), one.cmp(other));
            prop_assert_eq!(short_length(short_key(one)), one.len());
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
