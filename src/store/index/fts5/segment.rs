//! Segments: the pages that hold a run of terms and their doclists.

use super::doclists::{each_doclist, split_list};
use super::inverted::Inverted;
use super::varint;

/// The first byte of every term in the main index; prefix indexes have others.
const MAIN_INDEX: u8 = b'0';

/// A page starts with two bytes for the position of its first rowid before any term, or 0, and two for the
/// position of its footer.
const HEADER: usize = 4;

/// A doclist that covers this many further pages without a term gets an index of its own.
const INDEXED_PAGES: usize = 4;

/// A segment that is not stored yet.
#[derive(Debug, Default)]
pub struct Segment {
    /// Its leaves, numbered from 1.
    pub leaves: Vec<Vec<u8>>,
    /// The leaves that have terms: the prefix that separates their terms from all earlier ones, and the leaf.
    pub splits: Vec<Split>,
    pub index_pages: Vec<IndexPage>,
}

/// A leaf that has terms.
#[derive(Debug, Default)]
pub struct Split {
    /// The shortest prefix of the leaf's first term that differs from the term before.
    pub term: Vec<u8>,
    pub leaf: u32,
    /// Whether the doclist of the leaf's last term has an index.
    pub is_indexed: bool,
}

/// A page of a doclist's index: the first rowid of each of the doclist's leaves.
#[derive(Debug)]
pub struct IndexPage {
    /// 0 for pages that refer to leaves, more for those that refer to index pages.
    pub height: u32,
    pub number: u32,
    pub bytes: Vec<u8>,
}

impl Segment {
    /// Writes the terms of documents to pages of about `page_size` bytes, cut where FTS5 cuts them.
    pub fn of(documents: &[(i64, Inverted)], page_size: usize) -> Self {
        let mut writer = SegmentWriter::new(page_size);
        let mut term = vec![MAIN_INDEX];
        each_doclist(documents, |name, doclist| {
            term.truncate(1);
            term.extend_from_slice(name);
            writer.add(&term, doclist);
        });
        writer.finish()
    }
}

struct SegmentWriter {
    page_size: usize,
    segment: Segment,
    /// The leaf that is being filled, including its header.
    leaf: Vec<u8>,
    /// The distances between the positions of the leaf's terms.
    footer: Vec<u8>,
    /// The position of the leaf's last term, 0 if it has none.
    last_place: usize,
    has_rowid: bool,
    last_term: Vec<u8>,
    /// The last leaf with terms, until its last doclist is written.
    split: Split,
    /// Leaves without a term since then.
    termless: usize,
    index: DoclistIndex,
}

impl SegmentWriter {
    fn new(page_size: usize) -> Self {
        Self {
            page_size,
            segment: Segment::default(),
            leaf: vec![0; HEADER],
            footer: Vec::new(),
            last_place: 0,
            has_rowid: false,
            last_term: Vec::new(),
            split: Split { leaf: 1, ..Split::default() },
            termless: 0,
            index: DoclistIndex::default(),
        }
    }

    /// The number of the leaf that is being filled.
    fn number(&self) -> u32 {
        self.segment.leaves.len() as u32 + 1
    }

    /// The number of bytes in the leaf so far.
    fn filled(&self) -> usize {
        self.leaf.len() + self.footer.len()
    }

    fn add(&mut self, term: &[u8], doclist: &[u8]) {
        self.add_term(term);
        if self.filled() + doclist.len() < self.page_size {
            self.leaf.extend_from_slice(doclist)
        } else {
            self.spread(doclist)
        }
    }

    fn add_term(&mut self, term: &[u8]) {
        if self.filled() + term.len() + 2 >= self.page_size && self.leaf.len() > HEADER {
            self.end_leaf();
        }
        let place = self.leaf.len();
        varint::push(&mut self.footer, (place - self.last_place) as u64);
        let mut shared = shared_start(&self.last_term, term);
        if self.last_place > 0 {
            varint::push(&mut self.leaf, shared as u64);
        } else {
            if self.number() > 1 {
                self.end_split();
                self.split.term = term[..=shared].to_vec();
                self.split.leaf = self.number();
            }
            // The first term of a leaf is written in full.
            shared = 0;
        }
        self.last_place = place;
        varint::push(&mut self.leaf, (term.len() - shared) as u64);
        self.leaf.extend_from_slice(&term[shared..]);
        self.last_term.clear();
        self.last_term.extend_from_slice(term);
        // A rowid after a term is found through the term.
        self.has_rowid = true;
        self.index.start(self.number());
    }

    /// Writes a doclist that does not fit on the leaf.
    fn spread(&mut self, doclist: &[u8]) {
        let mut rest = doclist;
        let mut rowid = 0_i64;
        while let Some((gap, length)) = varint::read(rest) {
            rowid = rowid.wrapping_add(gap as i64);
            if self.has_rowid {
                varint::push(&mut self.leaf, gap);
            } else {
                let place = self.leaf.len() as u16;
                self.leaf[..2].copy_from_slice(&place.to_be_bytes());
                varint::push(&mut self.leaf, rowid as u64);
                self.has_rowid = true;
                let full = self.index.add(rowid, self.number(), self.page_size);
                self.segment.index_pages.extend(full);
            }
            let list;
            (list, rest) = split_list(&rest[length..]);
            self.spread_list(list);
        }
    }

    /// Writes a position list together with its size. It may only be split between two integers.
    fn spread_list(&mut self, list: &[u8]) {
        if self.filled() + list.len() <= self.page_size {
            self.leaf.extend_from_slice(list);
            return;
        }
        let mut rest = list;
        while !rest.is_empty() {
            let room = self.page_size.saturating_sub(self.filled());
            let (fitting, others) = rest.split_at(fitting_length(rest, room));
            self.leaf.extend_from_slice(fitting);
            rest = others;
            if self.filled() >= self.page_size {
                self.end_leaf();
            }
        }
    }

    fn end_leaf(&mut self) {
        let footer = self.leaf.len() as u16;
        self.leaf[2..HEADER].copy_from_slice(&footer.to_be_bytes());
        if self.last_place > 0 {
            self.leaf.append(&mut self.footer);
        } else {
            self.termless += 1;
            if !self.has_rowid {
                self.index.skip();
            }
        }
        let mut next = Vec::with_capacity(self.page_size + HEADER);
        next.extend([0; HEADER]);
        self.segment.leaves.push(std::mem::replace(&mut self.leaf, next));
        self.last_place = 0;
        self.has_rowid = false;
    }

    /// Completes the entry of the last leaf with terms.
    fn end_split(&mut self) {
        let pages = self.index.end();
        let mut split = std::mem::take(&mut self.split);
        split.is_indexed = self.termless >= INDEXED_PAGES && !pages.is_empty();
        if split.is_indexed {
            self.segment.index_pages.extend(pages);
        }
        self.segment.splits.push(split);
        self.termless = 0;
    }

    fn finish(mut self) -> Segment {
        if self.leaf.len() > HEADER {
            self.end_leaf();
        }
        if self.number() > 1 {
            self.end_split();
        }
        self.segment
    }
}

/// The length of the common prefix of two terms.
fn shared_start(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// The length of the integers at the start of a list that fit into the room; at least one.
fn fitting_length(list: &[u8], room: usize) -> usize {
    if list.len() <= room {
        return list.len();
    }
    let mut fitting = 0;
    while let Some((_, length)) = varint::read(&list[fitting..])
        && (fitting == 0 || fitting + length <= room)
    {
        fitting += length;
    }
    fitting
}

/// The index of the doclist that is being written: a tree whose lowest pages refer to the leaves.
#[derive(Default)]
struct DoclistIndex {
    /// From the lowest; levels above the first empty one are empty too.
    levels: Vec<IndexLevel>,
}

#[derive(Default)]
struct IndexLevel {
    /// The number of the page that is being filled.
    number: u32,
    bytes: Vec<u8>,
    last_rowid: i64,
}

impl DoclistIndex {
    /// Starts a doclist on a leaf.
    fn start(&mut self, leaf: u32) {
        match self.levels.first_mut() {
            Some(lowest) => lowest.number = leaf,
            None => self.levels.push(IndexLevel { number: leaf, ..IndexLevel::default() }),
        }
    }

    /// Skips a leaf that has no rowid.
    fn skip(&mut self) {
        let lowest = &mut self.levels[0].bytes;
        if !lowest.is_empty() {
            lowest.push(0);
        }
    }

    /// Adds a leaf's first rowid; returns the pages that are now full.
    fn add(&mut self, rowid: i64, leaf: u32, page_size: usize) -> Vec<IndexPage> {
        let mut full = Vec::new();
        let mut child = leaf;
        for height in 0.. {
            let is_full = self.levels[height].bytes.len() >= page_size;
            if is_full {
                full.push(self.end_page(height));
            }
            let level = &mut self.levels[height];
            if level.bytes.is_empty() {
                level.begin(is_full, child, rowid);
            } else {
                varint::push(&mut level.bytes, rowid.wrapping_sub(level.last_rowid) as u64);
                level.last_rowid = rowid;
            }
            if !is_full {
                break;
            }
            child = self.levels[height].number;
        }
        full
    }

    /// Takes a full page from a level; a level above it exists from then on.
    fn end_page(&mut self, height: usize) -> IndexPage {
        let mut page = self.levels[height].take_page(height);
        page.bytes[0] = NOT_ROOT;
        self.levels[height].number += 1;
        if self.levels.len() == height + 1 {
            self.levels.push(IndexLevel::default());
        }
        let above = &mut self.levels[height + 1];
        if above.bytes.is_empty() {
            let (_, length) = varint::read(&page.bytes[1..]).unwrap_or_default();
            let (first, _) = varint::read(&page.bytes[1 + length..]).unwrap_or_default();
            above.number = page.number;
            above.begin(false, page.number, first as i64);
        }
        page
    }

    /// Ends the index and returns the remaining pages: none if it was not started.
    fn end(&mut self) -> Vec<IndexPage> {
        let begun = self.levels.iter_mut().enumerate().filter(|(_, level)| !level.bytes.is_empty());
        begun.map(|(height, level)| level.take_page(height)).collect()
    }
}

/// The first byte of an index page that has others above it; 0 for the root.
const NOT_ROOT: u8 = 1;

impl IndexLevel {
    fn begin(&mut self, has_parent: bool, child: u32, rowid: i64) {
        self.bytes.push(if has_parent { NOT_ROOT } else { 0 });
        varint::push(&mut self.bytes, u64::from(child));
        varint::push(&mut self.bytes, rowid as u64);
        self.last_rowid = rowid;
    }

    fn take_page(&mut self, height: usize) -> IndexPage {
        let bytes = std::mem::take(&mut self.bytes);
        IndexPage { height: height as u32, number: self.number, bytes }
    }
}
