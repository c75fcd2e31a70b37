//! One document, inverted: its terms, and where in it each stands.

use super::term::{Numbering, ShortKey};
use super::tokens::Tokens;
use super::varint;
use crate::error::Result;
use crate::search;

/// The columns of the index: body and title.
pub const COLUMNS: usize = 2;

/// What the index keeps of one document: all but its rowid, which need not be known yet. About as
/// large as its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inverted {
    /// Tokens in each column.
    pub(super) sizes: [u32; COLUMNS],
    /// The distinct short terms, in the order of their first places.
    pub(super) short: Vec<ShortKey>,
    /// The distinct longer terms, one after the other, and where each ends.
    pub(super) long: Vec<u8>,
    pub(super) long_ends: Vec<u32>,
    /// The position lists of the short terms, then of the long ones, each after its size: just what
    /// stands behind a rowid in the index.
    pub(super) lists: Vec<u8>,
}

impl Inverted {
    /// The longer terms.
    pub(super) fn long_terms(&self) -> impl Iterator<Item = &[u8]> {
        self.long_ends.iter().scan(0, |start, &end| {
            let term = &self.long[*start..end as usize];
            *start = end as usize;
            Some(term)
        })
    }
}

/// Inverts documents. A thread has one of its own and keeps it: its tables are used again.
#[derive(Default)]
pub struct Inverter {
    tokens: Tokens,
    terms: Numbering,
    /// The term of each token.
    numbers: Vec<u32>,
    places: Places,
}

impl Inverter {
    /// Inverts an article's text and title.
    pub fn invert_tokens(&mut self, tokens: &search::Tokens) -> Result<Inverted> {
        self.invert([&tokens.body, &tokens.title])
    }

    /// Inverts a document whose columns are given as token strings, which are cut as FTS5 would cut
    /// them. Fails only if SQLite's tokenizer does, which is asked about odd characters.
    pub fn invert(&mut self, columns: [&str; COLUMNS]) -> Result<Inverted> {
        self.terms.clear();
        self.numbers.clear();
        let mut sizes = [0; COLUMNS];
        for (text, size) in columns.into_iter().zip(&mut sizes) {
            let before = self.numbers.len();
            let Self { tokens, terms, numbers, .. } = self;
            tokens.of(text, |token| numbers.push(terms.number(token)))?;
            *size = (self.numbers.len() - before) as u32;
        }
        self.places.sort(&self.numbers, &self.terms);
        let long_terms = self.terms.long_terms();
        let long_ends = long_terms.iter().scan(0, |end, term| {
            *end += term.len() as u32;
            Some(*end)
        });
        Ok(Inverted {
            sizes,
            short: self.terms.short_terms().to_vec(),
            long_ends: long_ends.collect(),
            long: long_terms.concat(),
            lists: self.places.lists(sizes[0]),
        })
    }
}

/// The places of a document's tokens, term by term.
#[derive(Default)]
struct Places {
    /// Where the places of each term end: of the short terms, then of the long ones.
    ends: Vec<u32>,
    /// Counted through all columns, from 0.
    places: Vec<u32>,
}

impl Places {
    /// Sorts the places of tokens by the tokens' terms; those of a term stay in order.
    fn sort(&mut self, numbers: &[u32], terms: &Numbering) {
        self.ends.clear();
        self.ends.resize(terms.count(), 0);
        for &number in numbers {
            self.ends[terms.row(number)] += 1;
        }
        let mut start = 0;
        for end in &mut self.ends {
            // Until the places are in: where the next one goes.
            start += std::mem::replace(end, start);
        }
        self.places.clear();
        self.places.resize(numbers.len(), 0);
        for (place, &number) in numbers.iter().enumerate() {
            let end = &mut self.ends[terms.row(number)];
            self.places[*end as usize] = place as u32;
            *end += 1;
        }
    }

    /// The position lists, each after its size, where the first column has so many tokens. The
    /// lowest bit of the size would say that the row is deleted.
    fn lists(&self, first_column: u32) -> Vec<u8> {
        let mut lists = Vec::with_capacity(4 * self.places.len());
        let mut start = 0;
        for &end in &self.ends {
            let before = lists.len();
            // Nearly every size takes one byte.
            lists.push(0);
            write_list(&mut lists, &self.places[start..end as usize], first_column);
            let mut size = [0; 9];
            let length = varint::put(&mut size, 2 * (lists.len() - before - 1) as u64);
            lists[before] = size[0];
            if length > 1 {
                lists.splice(before + 1..before + 1, size[1..length].iter().copied());
            }
            start = end as usize;
        }
        lists.shrink_to_fit();
        lists
    }
}

/// Appends a position list: distances between positions, plus two; a one and its number before a
/// column that is not the first.
fn write_list(list: &mut Vec<u8>, places: &[u32], first_column: u32) {
    const COLUMN_MARK: u8 = 1;
    let mut is_second = false;
    let mut last = 0;
    for &place in places {
        if place >= first_column && !is_second {
            list.extend_from_slice(&[COLUMN_MARK, 1]);
            is_second = true;
            last = first_column;
        }
        varint::push(list, u64::from(place - last) + 2);
        last = place;
    }
}

#[cfg(test)]
mod tests {
    use super::super::term::short_key;
    use super::*;

    #[test]
    fn a_document_by_hand() {
        let inverted = Inverter::default().invert(["甲 乙 甲", "乙 vegetables 甲"]).unwrap();
        assert_eq!(inverted.sizes, [3, 3]);
        assert_eq!(inverted.short, ["甲", "乙"].map(|term| short_key(term.as_bytes())));
        assert_eq!(inverted.long_terms().collect::<Vec<_>>(), [b"vegetables"]);
        let lists: [&[u8]; 3] = [&[10, 2, 4, 1, 1, 4], &[8, 3, 1, 1, 2], &[6, 1, 1, 3]];
        assert_eq!(inverted.lists, lists.concat());
    }

    #[test]
    fn any_thread_can_have_them() {
        fn check<T: Send>() {}
        check::<Inverter>();
        check::<Inverted>();
    }

    /// A size of 64 and more bytes takes two bytes itself.
    #[test]
    fn a_long_list() {
        let inverted = Inverter::default().invert([&"甲 ".repeat(64), "乙"]).unwrap();
        let expected = [&[0x81, 0][..], &[2], &[3; 63], &[6, 1, 1, 2]];
        assert_eq!(inverted.lists, expected.concat());
    }

    #[test]
    fn an_inverter_remembers_nothing() {
        let mut inverter = Inverter::default();
        let first = inverter.invert(["甲 乙", "vegetables 丙 é"]).unwrap();
        inverter.invert(["丁 fruits-and vegetables", &"丙 ".repeat(9_000)]).unwrap();
        assert_eq!(inverter.invert(["甲 乙", "vegetables 丙 é"]).unwrap(), first);
        assert_eq!(inverter.invert(["", ""]).unwrap().sizes, [0, 0]);
    }
}
