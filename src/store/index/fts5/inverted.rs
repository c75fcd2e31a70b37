//! One inverted document: its terms, and the positions of each.

use super::term::{LONG, Numbering, RANGES, ShortKey, range_of, start_of};
use super::tokens::{Tokens, plain_key};
use super::varint;
use crate::error::Result;
use crate::model::Article;
use crate::search;

/// The columns of the index: body and title.
pub const COLUMNS: usize = 2;

/// About how many bytes of text there are for each distinct term: a pair of Han characters takes seven, and
/// every second one is new.
const BYTES_PER_TERM: usize = 12;

/// The index entry of one document without its rowid, which need not be known yet. About as large as its
/// text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inverted {
    /// Tokens in each column.
    pub(super) sizes: [u32; COLUMNS],
    /// The distinct short terms by range; within a range, in the order of their first positions.
    pub(super) short: Vec<ShortKey>,
    /// The distinct longer terms in the same order, concatenated, and where each ends.
    pub(super) long: Vec<u8>,
    pub(super) long_ends: Vec<u32>,
    /// The position lists of the short terms, each after its size: exactly the bytes that follow a rowid in
    /// the index.
    pub(super) short_lists: Vec<u8>,
    /// The position lists of the longer terms.
    pub(super) long_lists: Vec<u8>,
}

impl Inverted {
    /// The longer terms, starting with number `first`.
    pub(super) fn long_terms(&self, first: usize) -> impl Iterator<Item = &[u8]> {
        let start = first.checked_sub(1).map_or(0, |before| self.long_ends[before] as usize);
        self.long_ends[first..].iter().scan(start, |start, &end| {
            let term = &self.long[*start..end as usize];
            *start = end as usize;
            Some(term)
        })
    }
}

/// Inverts documents. Each thread keeps one, so that its tables are reused.
#[derive(Default)]
pub struct Inverter {
    tokens: Tokens,
    /// A token that is not a short one, as it is spelled in the index.
    spelled: String,
    terms: Numbering,
    /// The term of each token: first its number, later its row.
    rows: Vec<u32>,
    order: Order,
    places: Positions,
}

impl Inverter {
    /// Inverts an article's text and title. Gives the same as [`Inverter::invert_tokens`] with its tokens,
    /// without building the token strings.
    pub fn invert_article(&mut self, article: &Article) -> Result<Inverted> {
        let content = || article.blocks.iter().filter(|block| block.kind.is_content());
        let bytes: usize = content().map(|block| block.text.len()).sum();
        // Each character of three bytes makes a token of six, and a blank.
        self.begin(bytes / 3 * 7);
        for block in content() {
            self.add_text(&block.text)?;
        }
        let body = self.rows.len();
        self.add_text(&article.title)?;
        Ok(self.finish([body, self.rows.len() - body]))
    }

    /// Inverts the tokens of an article.
    pub fn invert_tokens(&mut self, tokens: &search::Tokens) -> Result<Inverted> {
        self.invert([&tokens.body, &tokens.title])
    }

    /// Inverts a document from the token strings of its columns, which are cut as FTS5 would cut them. Fails
    /// only if SQLite's tokenizer does, which is used for unusual characters.
    pub fn invert(&mut self, columns: [&str; COLUMNS]) -> Result<Inverted> {
        self.begin(columns.iter().map(|text| text.len()).sum());
        let mut sizes = [0; COLUMNS];
        for (text, size) in columns.into_iter().zip(&mut sizes) {
            let before = self.rows.len();
            let Self { tokens, terms, rows, .. } = self;
            tokens.of(text, |token| rows.push(terms.number(token)))?;
            *size = self.rows.len() - before;
        }
        Ok(self.finish(sizes))
    }

    /// Forgets the last document and prepares for one with tokens of this many bytes.
    fn begin(&mut self, bytes: usize) {
        self.terms.clear(bytes / BYTES_PER_TERM);
        self.rows.clear();
    }

    fn add_text(&mut self, text: &str) -> Result<()> {
        let Self { tokens, spelled, terms, rows, .. } = self;
        let mut result = Ok(());
        search::each_token(text, |token| {
            let short = match token {
                search::Token::Pair(one, other) => plain_key(one, Some(other)),
                search::Token::Last(last) => plain_key(last, None),
                search::Token::Word(_) => None,
            };
            match short {
                Some(key) => rows.push(terms.short_number(key)),
                None => {
                    spelled.clear();
                    token.write(spelled);
                    let cut = tokens.of(spelled, |token| rows.push(terms.number(token)));
                    result = std::mem::replace(&mut result, Ok(())).and(cut);
                }
            }
        });
        result
    }

    /// The inverted document of everything added since `begin`; `sizes` are the token counts of the columns.
    fn finish(&mut self, sizes: [usize; COLUMNS]) -> Inverted {
        let sizes = sizes.map(|size| size as u32);
        let short = self.order.sort_short(self.terms.short_terms());
        let long_terms = self.order.sort_long(self.terms.long_terms());
        for row in &mut self.rows {
            *row = self.order.row(*row);
        }
        self.places.sort(&self.rows, self.terms.count());
        let (short_ends, long_ends) = self.places.ends.split_at(short.len());
        let first_long = short_ends.last().copied().unwrap_or(0);
        Inverted {
            sizes,
            short_lists: self.places.lists(0, short_ends, sizes[0]),
            long_lists: self.places.lists(first_long, long_ends, sizes[0]),
            short,
            long: long_terms.concat(),
            long_ends: (long_terms.iter())
                .scan(0, |end, term| {
                    *end += term.len() as u32;
                    Some(*end)
                })
                .collect(),
        }
    }
}

/// Terms by range.
#[derive(Default)]
struct Order {
    /// The rows of the short terms and of the others, by number; the short ones come first.
    short: Vec<u32>,
    long: Vec<u32>,
}

impl Order {
    /// Assigns rows to the short terms, and returns the terms in this order.
    fn sort_short(&mut self, terms: &[ShortKey]) -> Vec<ShortKey> {
        let mut next = [0; RANGES];
        terms.iter().for_each(|&key| next[range_of(key)] += 1);
        let mut start = 0;
        for next in &mut next {
            start += std::mem::replace(next, start);
        }
        let mut sorted = vec![0; terms.len()];
        self.short.clear();
        self.short.extend(terms.iter().map(|&key| {
            let row = &mut next[range_of(key)];
            sorted[*row as usize] = key;
            *row += 1;
            *row - 1
        }));
        sorted
    }

    /// Assigns rows to the longer terms, after the short ones, and returns the terms in this order.
    fn sort_long<'a>(&mut self, mut terms: Vec<&'a [u8]>) -> Vec<&'a [u8]> {
        let mut numbers: Vec<u32> = (0..terms.len() as u32).collect();
        numbers.sort_by_key(|&number| range_of(start_of(terms[number as usize])));
        self.long.clear();
        self.long.resize(terms.len(), 0);
        for (row, &number) in (self.short.len() as u32..).zip(&numbers) {
            self.long[number as usize] = row;
        }
        terms.sort_by_key(|term| range_of(start_of(term)));
        terms
    }

    /// The row of a number.
    fn row(&self, number: u32) -> u32 {
        match number & LONG {
            0 => self.short[number as usize],
            _ => self.long[(number & !LONG) as usize],
        }
    }
}

/// The positions of a document's tokens, term by term.
#[derive(Default)]
struct Positions {
    /// Where the positions of each term end, by row.
    ends: Vec<u32>,
    /// Counted through all columns, from 0.
    places: Vec<u32>,
}

impl Positions {
    /// Sorts the positions of tokens by the rows of their terms; the positions of one term stay in order.
    fn sort(&mut self, rows: &[u32], terms: usize) {
        self.ends.clear();
        self.ends.resize(terms, 0);
        for &row in rows {
            self.ends[row as usize] += 1;
        }
        let mut start = 0;
        for end in &mut self.ends {
            // Until the positions are filled in: where the next one goes.
            start += std::mem::replace(end, start);
        }
        self.places.clear();
        self.places.resize(rows.len(), 0);
        for (place, &row) in rows.iter().enumerate() {
            let end = &mut self.ends[row as usize];
            self.places[*end as usize] = place as u32;
            *end += 1;
        }
    }

    /// The position lists of the terms whose positions start and end here, each after its size;
    /// `first_column` is the token count of the first column. The lowest bit of a size would mean that the
    /// row is deleted.
    fn lists(&self, mut start: u32, ends: &[u32], first_column: u32) -> Vec<u8> {
        let places = ends.last().map_or(0, |end| end - start);
        // Positions take a byte or two, and a size one.
        let mut lists = Vec::with_capacity(ends.len() + 2 * places as usize + 16);
        for &end in ends {
            if end - start == 1 && self.places[start as usize] < first_column {
                // Most terms are in one place of the text.
                let mut list = [0; 10];
                let place = u64::from(self.places[start as usize]);
                let length = varint::put(&mut list[1..], place + FIRST_PLACE);
                list[0] = 2 * length as u8;
                lists.extend_from_slice(&list[..=length]);
                start = end;
                continue;
            }
            let before = lists.len();
            // Nearly every size takes one byte.
            lists.push(0);
            write_list(&mut lists, &self.places[start as usize..end as usize], first_column);
            let mut size = [0; 9];
            let length = varint::put(&mut size, 2 * (lists.len() - before - 1) as u64);
            lists[before] = size[0];
            if length > 1 {
                lists.splice(before + 1..before + 1, size[1..length].iter().copied());
            }
            start = end;
        }
        lists.shrink_to_fit();
        lists
    }
}

/// The smaller numbers in a position list are marks.
const FIRST_PLACE: u64 = 2;

/// Appends a position list: distances between positions, plus two; a one and the column's number before a
/// column other than the first.
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
        varint::push(list, u64::from(place - last) + FIRST_PLACE);
        last = place;
    }
}

#[cfg(test)]
mod tests {
    use super::super::term::short_key;
    use super::*;
    use crate::derive::derive_article;
    use crate::model::Block;
    use proptest::prelude::*;

    proptest! {
        /// Inverting an article gives the same as inverting its token strings.
        #[test]
        fn an_article_is_inverted_as_its_tokens(
            texts in prop::collection::vec("[a-zA-Z9 é\u{301}中国門,\u{0}\u{3000}한ー々𠀀-]{0,30}|\\PC{0,30}", 1..6)
        ) {
            let seed = "<!--1-->\n[t](https://news.example/1)\n---\n<p>甲</p><h2>乙</h2>";
            let mut article = derive_article(seed.as_bytes()).unwrap();
            article.title = texts[0].clone();
            let block = article.blocks[0].clone();
            article.blocks = texts[1..].iter().map(|text| Block { text: text.clone(), ..block.clone() }).collect();
            let mut inverter = Inverter::default();
            let direct = inverter.invert_article(&article).unwrap();
            prop_assert_eq!(direct, inverter.invert_tokens(&search::Tokens::of(&article)).unwrap());
        }
    }

    #[test]
    fn a_document_by_hand() {
        let inverted = Inverter::default().invert(["甲 乙 甲", "乙 vegetables 甲"]).unwrap();
        assert_eq!(inverted.sizes, [3, 3]);
        assert_eq!(inverted.short, ["乙", "甲"].map(|term| short_key(term.as_bytes())));
        assert_eq!(inverted.long_terms(0).collect::<Vec<_>>(), [b"vegetables"]);
        let lists: [&[u8]; 2] = [&[8, 3, 1, 1, 2], &[10, 2, 4, 1, 1, 4]];
        assert_eq!(inverted.short_lists, lists.concat());
        assert_eq!(inverted.long_lists, [6, 1, 1, 3]);
    }

    #[test]
    fn any_thread_can_have_them() {
        fn check<T: Send>() {}
        check::<Inverter>();
        check::<Inverted>();
    }

    /// A size of 64 or more takes two bytes itself.
    #[test]
    fn a_long_list() {
        let inverted = Inverter::default().invert([&"甲 ".repeat(64), "乙"]).unwrap();
        let expected = [&[6, 1, 1, 2][..], &[0x81, 0], &[2], &[3; 63]];
        assert_eq!(inverted.short_lists, expected.concat());
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
