//! Merges inverted documents: the terms in order, each with the documents that contain it.

use super::inverted::Inverted;
use super::term::{Numbering, RANGES, ShortKey, range_of, short_length, start_of};
use super::varint;
use std::ops::Range;

/// From this many documents on, a second thread merges half of the terms; fewer take only milliseconds.
const SHARED_FROM: usize = 100;

/// Merges documents, which must be in the order of their rowids. Calls `each` with every term and its
/// doclist, in the order of the terms. A doclist is the rowid and position list of the first document, then
/// for every other document the distance to its rowid and its position list.
///
/// A second thread merges the second half of the terms: when the last documents of an import are merged, no
/// other thread has anything left to do.
pub fn each_doclist(documents: &[(i64, Inverted)], mut each: impl FnMut(&[u8], &[u8])) {
    if documents.len() < SHARED_FROM {
        return merge(documents, 0..RANGES, &mut each);
    }
    let middle = middle_range(documents);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let mut collected = Collected::default();
            merge(documents, middle..RANGES, &mut |term, doclist| collected.push(term, doclist));
            collected
        });
        merge(documents, 0..middle, &mut each);
        match second.join() {
            Ok(collected) => collected.each(&mut each),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The range before which about half of the terms are.
fn middle_range(documents: &[(i64, Inverted)]) -> usize {
    let mut counts = [0; RANGES];
    for (_, inverted) in documents.iter().step_by(SHARED_FROM / 10) {
        inverted.short.iter().for_each(|&key| counts[range_of(key)] += 1);
    }
    let half = counts.iter().sum::<usize>() / 2;
    let mut before = 0;
    let is_first_half = |count: &&usize| {
        before += **count;
        before <= half
    };
    counts.iter().take_while(is_first_half).count()
}

/// Merges the terms of some ranges.
fn merge(documents: &[(i64, Inverted)], ranges: Range<usize>, each: &mut impl FnMut(&[u8], &[u8])) {
    let mut cursors: Vec<Cursor<'_>> = (documents.iter())
        .map(|(rowid, inverted)| Cursor::new(*rowid, inverted, ranges.start))
        .collect();
    let mut merger = Merger::default();
    for range in ranges {
        merger.merge(range, &mut cursors, each);
    }
}

/// Terms and their doclists, concatenated.
#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    /// Where each term ends, and where its doclist ends.
    ends: Vec<(usize, usize)>,
}

impl Collected {
    fn push(&mut self, term: &[u8], doclist: &[u8]) {
        self.bytes.extend_from_slice(term);
        let end = self.bytes.len();
        self.bytes.extend_from_slice(doclist);
        self.ends.push((end, self.bytes.len()));
    }

    fn each(&self, each: &mut impl FnMut(&[u8], &[u8])) {
        let mut start = 0;
        for &(middle, end) in &self.ends {
            each(&self.bytes[start..middle], &self.bytes[middle..end]);
            start = end;
        }
    }
}

/// About how many documents of a load contain each term; five in real imports.
const DOCUMENTS_PER_TERM: usize = 5;

/// The rest of a document.
#[derive(Clone)]
struct Cursor<'a> {
    rowid: i64,
    inverted: &'a Inverted,
    /// Terms before this position, and their lists, are done.
    short: usize,
    long: usize,
    short_lists: &'a [u8],
    long_lists: &'a [u8],
    /// The number of short and of long terms in the range.
    in_range: [usize; 2],
}

impl<'a> Cursor<'a> {
    /// A document, starting with the terms of a range.
    fn new(rowid: i64, inverted: &'a Inverted, range: usize) -> Self {
        let short = inverted.short.partition_point(|&key| range_of(key) < range);
        let long = inverted.long_terms(0);
        let long = long.take_while(|term| range_of(start_of(term)) < range).count();
        let skip = |lists, count| (0..count).fold(lists, |lists, _| split_list(lists).1);
        Self {
            rowid,
            inverted,
            short,
            long,
            short_lists: skip(&inverted.short_lists[..], short),
            long_lists: skip(&inverted.long_lists[..], long),
            in_range: [0; 2],
        }
    }

    /// Continues with the terms of a range.
    fn enter(&mut self, range: usize) {
        self.short += self.in_range[0];
        self.long += self.in_range[1];
        let short = self.inverted.short[self.short..].iter();
        let short = short.take_while(|&&key| range_of(key) == range).count();
        let long = self.inverted.long_terms(self.long);
        let long = long.take_while(|term| range_of(start_of(term)) == range).count();
        self.in_range = [short, long];
    }

    fn short(&self) -> &'a [ShortKey] {
        &self.inverted.short[self.short..self.short + self.in_range[0]]
    }

    fn long(&self) -> impl Iterator<Item = &'a [u8]> {
        self.inverted.long_terms(self.long).take(self.in_range[1])
    }

    /// The position lists of the range, each after its size: those of the short terms, then of the long ones.
    fn lists(&mut self) -> impl Iterator<Item = &'a [u8]> {
        let [short, long] = self.in_range;
        let next = |lists: &mut &'a [u8]| {
            let list;
            (list, *lists) = split_list(lists);
            list
        };
        let (short_lists, long_lists) = (&mut self.short_lists, &mut self.long_lists);
        let short = (0..short).map(move |_| next(short_lists));
        short.chain((0..long).map(move |_| next(long_lists)))
    }
}

/// Merges one range after the other; its tables are reused.
#[derive(Default)]
struct Merger {
    terms: Numbering,
    /// The rows of each document's terms, concatenated.
    rows: Vec<u32>,
    heads: Vec<Head>,
    /// The doclists, in the order of their terms.
    bytes: Vec<u8>,
}

/// What is known of a doclist: its size or its next free position, and the rowid of its last document.
#[derive(Clone, Copy, Default)]
struct Head {
    at: usize,
    last_rowid: i64,
}

impl Merger {
    fn merge(
        &mut self,
        range: usize,
        cursors: &mut [Cursor<'_>],
        each: &mut impl FnMut(&[u8], &[u8]),
    ) {
        self.number(range, cursors);
        self.heads.clear();
        self.heads.resize(self.terms.count(), Head::default());
        let mut trial = cursors.to_vec();
        self.each_list(&mut trial, |_, size, gap, list| *size += varint::len(gap) + list.len());
        let order = in_order(&self.terms);
        let mut ends = Vec::with_capacity(order.len());
        let mut end = 0;
        for &(_, row) in &order {
            let head = Head { at: end, last_rowid: 0 };
            end += std::mem::replace(&mut self.heads[row as usize], head).at;
            ends.push(end);
        }
        self.bytes.clear();
        self.bytes.resize(end, 0);
        self.each_list(cursors, |bytes, at, gap, list| {
            *at += varint::put(&mut bytes[*at..], gap);
            bytes[*at..*at + list.len()].copy_from_slice(list);
            *at += list.len();
        });
        let short = self.terms.short_terms().len();
        let long = self.terms.long_terms();
        let mut start = 0;
        for (&(key, row), &end) in order.iter().zip(&ends) {
            let doclist = &self.bytes[start..end];
            match (row as usize).checked_sub(short) {
                None => each(&key.to_be_bytes()[..short_length(key)], doclist),
                Some(at) => each(long[at], doclist),
            }
            start = end;
        }
    }

    /// Numbers the terms of a range.
    fn number(&mut self, range: usize, cursors: &mut [Cursor<'_>]) {
        let mut count = 0;
        for cursor in cursors.iter_mut() {
            cursor.enter(range);
            count += cursor.in_range.iter().sum::<usize>();
        }
        let Self { terms, rows, .. } = self;
        terms.clear(count / DOCUMENTS_PER_TERM);
        rows.clear();
        for cursor in cursors {
            rows.extend(cursor.short().iter().map(|&key| terms.short_number(key)));
            rows.extend(cursor.long().map(|term| terms.long_number(term)));
        }
        for row in rows {
            *row = terms.row(*row) as u32;
        }
    }

    /// Calls `each` for every term of every document: with the bytes, the index of the term's head, the
    /// distance from the last rowid (from 0 for the first), and the position list after its size.
    fn each_list(
        &mut self,
        cursors: &mut [Cursor<'_>],
        mut each: impl FnMut(&mut [u8], &mut usize, u64, &[u8]),
    ) {
        let mut rows = self.rows.iter();
        for cursor in cursors {
            let rowid = cursor.rowid;
            for (list, &row) in cursor.lists().zip(rows.by_ref()) {
                let head = &mut self.heads[row as usize];
                let gap = rowid.wrapping_sub(head.last_rowid) as u64;
                each(&mut self.bytes, &mut head.at, gap, list);
                head.last_rowid = rowid;
            }
        }
    }
}

/// The first bytes and rows of all terms, in the order of the terms.
fn in_order(terms: &Numbering) -> Vec<(ShortKey, u32)> {
    let short = terms.short_terms();
    let long = terms.long_terms();
    let mut order: Vec<(ShortKey, u32)> = Vec::with_capacity(terms.count());
    order.extend(short.iter().copied().zip(0..));
    order.extend(long.iter().map(|term| start_of(term)).zip(short.len() as u32..));
    // First by the keys alone, which is the faster sort; then terms with equal keys.
    order.sort_unstable_by_key(|&(key, _)| key);
    for alike in order.chunk_by_mut(|one, other| one.0 == other.0) {
        if alike.len() > 1 {
            // Only a longer term can have the key of another term, and it sorts after a short one.
            let rest = |row: u32| (row as usize).checked_sub(short.len()).map(|at| long[at]);
            alike.sort_unstable_by_key(|&(_, row)| rest(row));
        }
    }
    order
}

/// Splits off the first position list, together with its size.
#[inline]
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
        each_doclist(&documents, |term, list| {
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
