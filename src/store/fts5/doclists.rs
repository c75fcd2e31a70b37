//! Many documents, inverted: the terms in order, and the documents that each stands in.

use super::inverted::Inverted;
use super::term::{Numbering, SHORT, ShortKey, short_key, short_length};
use super::varint;

/// The doclists of some documents, in the order of their terms. A doclist is the first document's
/// rowid and position list, then for each other one the distance to its rowid and its list.
pub struct Doclists {
    terms: Numbering,
    /// The terms' first bytes and rows, in the terms' order.
    order: Vec<(ShortKey, u32)>,
    /// Where each doclist ends, in the same order.
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl Doclists {
    /// Merges documents, which come in the order of their rowids.
    pub fn of(documents: &[(i64, Inverted)]) -> Self {
        let (terms, rows) = number(documents);
        let order = in_order(&terms);
        let entries = Entries { documents, rows: &rows };
        let mut heads = vec![Head::default(); terms.count()];
        entries.each(&mut heads, |size, gap, list| *size += varint::len(gap) + list.len());
        let mut ends = Vec::with_capacity(order.len());
        let mut end = 0;
        for &(_, row) in &order {
            let head = Head { at: end, last_rowid: 0 };
            end += std::mem::replace(&mut heads[row as usize], head).at;
            ends.push(end);
        }
        let mut bytes = vec![0; end];
        entries.each(&mut heads, |at, gap, list| {
            *at += varint::put(&mut bytes[*at..], gap);
            bytes[*at..*at + list.len()].copy_from_slice(list);
            *at += list.len();
        });
        Self { terms, order, ends, bytes }
    }

    /// Calls `each` with every term and its doclist, in order.
    pub fn each(&self, mut each: impl FnMut(&[u8], &[u8])) {
        let short = self.terms.short_terms().len();
        let long = self.terms.long_terms();
        let mut start = 0;
        for (&(key, row), &end) in self.order.iter().zip(&self.ends) {
            let doclist = &self.bytes[start..end];
            match (row as usize).checked_sub(short) {
                None => each(&key.to_be_bytes()[..short_length(key)], doclist),
                Some(at) => each(long[at], doclist),
            }
            start = end;
        }
    }
}

/// All terms of some documents, and the rows of each document's terms one after the other.
fn number(documents: &[(i64, Inverted)]) -> (Numbering, Vec<u32>) {
    let count = documents.iter().map(|(_, one)| one.short.len() + one.long_ends.len()).sum();
    let mut terms = Numbering::default();
    let mut rows = Vec::with_capacity(count);
    for (_, inverted) in documents {
        rows.extend(inverted.short.iter().map(|&key| terms.short_number(key)));
        rows.extend(inverted.long_terms().map(|term| terms.long_number(term)));
    }
    for row in &mut rows {
        *row = terms.row(*row) as u32;
    }
    (terms, rows)
}

/// The first bytes and rows of all terms, in the terms' order.
fn in_order(terms: &Numbering) -> Vec<(ShortKey, u32)> {
    let short = terms.short_terms();
    let long = terms.long_terms();
    let mut order: Vec<(ShortKey, u32)> = Vec::with_capacity(terms.count());
    order.extend(short.iter().copied().zip(0..));
    order.extend(long.iter().map(|term| start_of(term)).zip(short.len() as u32..));
    order.sort_unstable_by(|one, other| {
        one.0.cmp(&other.0).then_with(|| {
            // Only a longer term can begin as another one does: it comes after a short one.
            let rest = |row: u32| (row as usize).checked_sub(short.len()).map(|at| long[at]);
            rest(one.1).cmp(&rest(other.1))
        })
    });
    order
}

/// The first bytes of a term that is not short, as a key.
fn start_of(term: &[u8]) -> ShortKey {
    short_key(&term[..SHORT])
}

/// What has been seen of a doclist: its size, or where it goes on, and the last document's rowid.
#[derive(Clone, Copy, Default)]
struct Head {
    at: usize,
    last_rowid: i64,
}

/// The terms of documents, with their places in these.
struct Entries<'a> {
    documents: &'a [(i64, Inverted)],
    /// Of each document's terms, one after the other.
    rows: &'a [u32],
}

impl Entries<'_> {
    /// Calls `each` for every term of every document: with the place in the term's head, the distance
    /// from the last rowid (from 0 for the first), and the position list after its size.
    fn each(&self, heads: &mut [Head], mut each: impl FnMut(&mut usize, u64, &[u8])) {
        let mut rows = self.rows.iter();
        for (rowid, inverted) in self.documents {
            let mut lists = &inverted.lists[..];
            let terms = inverted.short.len() + inverted.long_ends.len();
            for &row in rows.by_ref().take(terms) {
                let head = &mut heads[row as usize];
                let list;
                (list, lists) = split_list(lists);
                each(&mut head.at, rowid.wrapping_sub(head.last_rowid) as u64, list);
                head.last_rowid = *rowid;
            }
        }
    }
}

/// Splits off the position list that some lists start with, together with its size.
pub(super) fn split_list(lists: &[u8]) -> (&[u8], &[u8]) {
    match varint::read(lists) {
        Some((size, length)) => lists.split_at(length + size as usize / 2),
        None => (lists, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::inverted::Inverter;
    use super::*;

    #[test]
    fn doclists_by_hand() {
        let mut inverter = Inverter::default();
        let mut invert = |body, title| inverter.invert([body, title]).unwrap();
        let documents = [
            (3, invert("乙", "vegetables vegetable")),
            (4, invert("", "")),
            (300, invert("甲 乙", "vegetabl vegetables")),
        ];
        let mut found = Vec::new();
        Doclists::of(&documents).each(|term, list| {
            found.push((String::from_utf8(term.to_vec()).unwrap(), list.to_vec()));
        });
        let expected: [(&str, &[u8]); 5] = [
            ("vegetabl", &[0x82, 0x2c, 6, 1, 1, 2]),
            ("vegetable", &[3, 6, 1, 1, 3]),
            ("vegetables", &[3, 6, 1, 1, 2, 0x82, 0x29, 6, 1, 1, 3]),
            ("乙", &[3, 2, 2, 0x82, 0x29, 2, 3]),
            ("甲", &[0x82, 0x2c, 2, 2]),
        ];
        assert_eq!(found, expected.map(|(term, list)| (term.to_owned(), list.to_vec())));
    }
}
