//! The structure record: the segments by level, and the progress of merges.

use super::varint;

/// FTS5 allows no more segments than this, and no greater segment id.
const MOST_SEGMENTS: usize = 2_000;

/// FTS5 merges a quantum of pages for every quantum that was written, and for every level.
const QUANTUM: u64 = 64;

/// The parsed record. A segment is newer than those before it in its level, and than all in higher levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// Lets other connections notice that the table's configuration changed.
    cookie: [u8; 4],
    /// Pages written to level 0 so far.
    written: u64,
    levels: Vec<Level>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Level {
    /// How many of its first segments are being merged into the last one of the level above.
    merging: u64,
    segments: Vec<Range>,
}

/// A segment's id, and its first and last leaf. The first leaves may have been merged already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    id: u64,
    first: u64,
    last: u64,
}

impl Range {
    fn pages(&self) -> u64 {
        1 + self.last - self.first
    }
}

impl Structure {
    /// Reads a record; `None` if it is damaged or belongs to another kind of table.
    pub fn read(record: &[u8]) -> Option<Self> {
        let (cookie, mut rest) = record.split_first_chunk()?;
        let mut next = || {
            let (value, length) = varint::read(rest)?;
            rest = &rest[length..];
            Some(value)
        };
        let levels = next()?;
        let segments = next()?;
        let written = next()?;
        if levels > MOST_SEGMENTS as u64 || segments > MOST_SEGMENTS as u64 {
            return None;
        }
        let mut structure = Self { cookie: *cookie, written, levels: Vec::new() };
        for _ in 0..levels {
            let mut level = Level { merging: next()?, segments: Vec::new() };
            for _ in 0..next()? {
                let range = Range { id: next()?, first: next()?, last: next()? };
                if range.last < range.first {
                    return None;
                }
                level.segments.push(range);
            }
            structure.levels.push(level);
        }
        let is_whole = rest.is_empty() && structure.segment_count() as u64 == segments;
        is_whole.then_some(structure)
    }

    /// The bytes of the record.
    pub fn write(&self) -> Vec<u8> {
        let mut record = self.cookie.to_vec();
        let mut push = |value| varint::push(&mut record, value);
        push(self.levels.len() as u64);
        push(self.segment_count() as u64);
        push(self.written);
        for level in &self.levels {
            push(level.merging);
            push(level.segments.len() as u64);
            for range in &level.segments {
                push(range.id);
                push(range.first);
                push(range.last);
            }
        }
        record
    }

    /// The number of segments.
    pub fn segment_count(&self) -> usize {
        self.levels.iter().map(|level| level.segments.len()).sum()
    }

    /// The number of segments in the fullest level.
    pub fn crowd(&self) -> usize {
        self.levels.iter().map(|level| level.segments.len()).max().unwrap_or(0)
    }

    /// The lowest free segment id; `None` if FTS5 allows no more.
    pub fn free_id(&self) -> Option<u64> {
        if self.segment_count() >= MOST_SEGMENTS {
            return None;
        }
        let used: Vec<u64> =
            self.levels.iter().flat_map(|level| &level.segments).map(|range| range.id).collect();
        (1..).find(|id| !used.contains(id))
    }

    /// The sizes of the segments, in leaves, by level.
    #[cfg(test)]
    pub fn sizes(&self) -> Vec<Vec<u64>> {
        let sizes = |level: &Level| level.segments.iter().map(Range::pages).collect();
        self.levels.iter().map(sizes).collect()
    }

    /// Whether a merge has started and not ended.
    #[cfg(test)]
    pub fn is_merging(&self) -> bool {
        self.levels.iter().any(|level| level.merging > 0)
    }

    /// Adds a new segment where FTS5 puts one that it just wrote: on level 0, the newest of all. Smaller ones
    /// next in age move to its level, unless they are being merged.
    pub fn add(&mut self, id: u64, leaves: u64) {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        self.levels[0].segments.push(Range { id, first: 1, last: leaves });
        let Some((lowest, others)) = self.levels.split_first_mut() else { return };
        if lowest.merging > 0 {
            return;
        }
        for level in others {
            if level.merging > 0 {
                return;
            }
            while let Some(range) = level.segments.last() {
                if range.pages() > leaves {
                    return;
                }
                lowest.segments.insert(0, *range);
                level.segments.pop();
            }
        }
    }

    /// Counts pages as written, and returns the number of pages that FTS5 would merge for them.
    pub fn count_written(&mut self, pages: u64) -> u64 {
        let before = self.written;
        self.written += pages;
        (self.written / QUANTUM - before / QUANTUM) * QUANTUM * self.levels.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &[u8] =
        &[0, 0, 0, 3, 2, 4, 0x81, 0, 1, 2, 7, 9, 30, 1, 1, 5, 0, 2, 2, 1, 90, 3, 1, 8];

    #[test]
    fn a_record_is_read_as_written() {
        let structure = Structure::read(RECORD).unwrap();
        assert_eq!(structure.write(), RECORD);
        assert_eq!((structure.segment_count(), structure.crowd()), (4, 2));
        assert_eq!(structure.free_id(), Some(4));
    }

    #[test]
    fn damage_is_seen() {
        for length in 0..RECORD.len() {
            assert_eq!(Structure::read(&RECORD[..length]), None, "{length}");
        }
        assert_eq!(Structure::read(&[RECORD, &[0]].concat()), None);
        // The record of a table with `contentless_delete`.
        assert_eq!(Structure::read(&[0, 0, 0, 0, 0xff, 0, 0, 1, 0, 0, 0]), None);
    }

    #[track_caller]
    fn check(levels: &[(u64, &[u64])], added: u64, expected: &[&[u64]]) {
        let mut ids = 1..;
        let level = |&(merging, sizes): &(u64, &[u64])| {
            let range = |&size| Range { id: ids.next().unwrap(), first: 1, last: size };
            Level { merging, segments: sizes.iter().map(range).collect() }
        };
        let levels = levels.iter().map(level).collect();
        let mut structure = Structure { cookie: [0; 4], written: 0, levels };
        structure.add(structure.free_id().unwrap(), added);
        assert_eq!(structure.sizes(), expected);
    }

    #[test]
    fn smaller_segments_move_up_to_a_new_one() {
        check(&[], 5, &[&[5]]);
        check(&[(0, &[1, 2])], 5, &[&[1, 2, 5]]);
        check(&[(0, &[]), (0, &[9, 4]), (0, &[30])], 5, &[&[4, 5], &[9], &[30]]);
        check(&[(0, &[2]), (0, &[4, 3]), (0, &[30, 5])], 5, &[&[5, 4, 3, 2, 5], &[], &[30]]);
        check(&[(1, &[2]), (0, &[4, 3])], 5, &[&[2, 5], &[4, 3]]);
        check(&[(0, &[2]), (1, &[4, 3]), (0, &[1])], 5, &[&[2, 5], &[4, 3], &[1]]);
    }

    #[test]
    fn merging_keeps_up_with_writing() {
        let mut structure = Structure::read(RECORD).unwrap();
        assert_eq!(structure.count_written(63), 0);
        assert_eq!(structure.count_written(1), 128);
        assert_eq!(structure.count_written(640), 1_280);
    }
}
