//! Snippets: the part of a text to show for a hit, with the words of the query highlighted.

use super::fold::folded;
use super::query::{Column, Leaf, Query};
use super::tokens::{Unit, units};
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// How much of a paragraph is shown, in terminal columns: two lines of 80, less an indent.
const MOST_COLUMNS: usize = 144;
/// How much of that may come before the first highlighted word.
const COLUMNS_BEFORE: usize = 40;

/// A piece of a stored paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snippet {
    /// The paragraph that it was cut from: `paragraph.position`.
    pub position: i64,
    /// On one line, with `…` where something was cut off.
    pub text: String,
    /// The byte ranges of `text` that match the query, in order.
    pub highlights: Vec<Range<usize>>,
}

/// Cuts the part that shows best why an article matches a query: around the first matches in the paragraph
/// with the most of them; without any, the beginning of the text. `None` without a paragraph.
pub fn snippet<'a>(
    query: Option<&Query>,
    paragraphs: impl IntoIterator<Item = (i64, &'a str)>,
) -> Option<Snippet> {
    let mut best = BestParagraph::new(query);
    for (position, text) in paragraphs {
        best.offer(position, text);
        if !best.wants_more() {
            break;
        }
    }
    best.snippet()
}

/// Chooses the paragraph for a snippet; not all paragraphs need to be read.
pub struct BestParagraph<'q> {
    sought: Vec<&'q Leaf>,
    best: Option<Candidate>,
}

struct Candidate {
    /// How many of the leaves it contains.
    found: usize,
    position: i64,
    text: String,
    places: Vec<Range<usize>>,
}

impl<'q> BestParagraph<'q> {
    /// For the words of a query; without one, the first paragraph is best.
    pub fn new(query: Option<&'q Query>) -> Self {
        let sought = query.map(|query| query.sought(Column::Body)).unwrap_or_default();
        Self { sought, best: None }
    }

    /// Whether a later paragraph might be better than those offered so far.
    pub fn wants_more(&self) -> bool {
        self.best.as_ref().is_none_or(|best| best.found < self.sought.len())
    }

    /// Considers a paragraph, in the order of the article.
    pub fn offer(&mut self, position: i64, text: &str) {
        let (found, places) = find(&self.sought, text);
        if self.best.as_ref().is_none_or(|best| found > best.found) {
            self.best = Some(Candidate { found, position, text: text.to_owned(), places });
        }
    }

    /// `None` if no paragraph was offered.
    pub fn snippet(&self) -> Option<Snippet> {
        self.best.as_ref().map(|best| cut(best.position, &best.text, &best.places))
    }
}

/// The byte ranges of a title that match a query, in order.
pub fn highlights(query: &Query, title: &str) -> Vec<Range<usize>> {
    find(&query.sought(Column::Title), title).1
}

/// How many of the leaves a text contains, and the byte ranges of their places, in order and without overlap.
fn find(sought: &[&Leaf], text: &str) -> (usize, Vec<Range<usize>>) {
    // Decides most paragraphs of a long article: folding costs a fifth of cutting into units.
    let folded = folded(text);
    if !sought.iter().any(|leaf| leaf.can_be_in(&folded)) {
        return (0, Vec::new());
    }
    let units = units(text);
    let bytes = |place: &Range<usize>| shown(&units[place.clone()]);
    let (mut found, mut places) = (0, Vec::new());
    for leaf in sought {
        let before = places.len();
        places.extend(leaf.places(&units).map(|place| bytes(&place)));
        found += usize::from(places.len() > before);
    }
    places.sort_by_key(|place: &Range<usize>| (place.start, place.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match merged.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => merged.push(place),
        }
    }
    (found, merged)
}

fn shown(units: &[Unit]) -> Range<usize> {
    match units {
        [first, .., last] => first.from.start..last.from.end,
        [only] => only.from.clone(),
        [] => 0..0,
    }
}

fn cut(position: i64, text: &str, places: &[Range<usize>]) -> Snippet {
    let first = places.first().map_or(0, |place| place.start);
    let start = if columns(&text[..first]) > COLUMNS_BEFORE { back_from(text, first) } else { 0 };
    let end = forward_from(text, start).max(places.first().map_or(0, |place| place.end));
    let mut shown = String::new();
    if start > 0 {
        shown.push('…');
    }
    let shift = shown.len();
    // A character of one byte, like the one it replaces.
    shown.extend(text[start..end].chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }));
    if end < text.len() {
        shown.truncate(shown.trim_end().len());
        shown.push('…');
    }
    let inside = places.iter().filter(|place| place.start >= start && place.end <= end);
    let highlights =
        inside.map(|place| place.start - start + shift..place.end - start + shift).collect();
    Snippet { position, text: shown, highlights }
}

fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// A position some columns before `from`, not inside a word, and after a mark that ends a clause if there is
/// one.
fn back_from(text: &str, from: usize) -> usize {
    let mut taken = 0;
    let mut start = from;
    let mut word_start = from;
    for (at, c) in text[..from].char_indices().rev() {
        taken += width(c);
        if taken > COLUMNS_BEFORE {
            break;
        }
        if taken > COLUMNS_BEFORE / 4
            && matches!(c, '。' | '！' | '？' | '；' | '.' | '!' | '?' | '\n')
        {
            let behind = at + c.len_utf8();
            return behind + text[behind..from].len() - text[behind..from].trim_start().len();
        }
        start = at;
        let before = text[..at].chars().next_back();
        if !before.is_some_and(|before| is_word(before) && is_word(c)) {
            word_start = start;
        }
    }
    // A single word may be longer than all of it.
    if word_start == from { start } else { word_start }
}

fn forward_from(text: &str, start: usize) -> usize {
    let mut taken = 0;
    let mut word_end = start;
    for (at, c) in text[start..].char_indices() {
        let at = start + at;
        taken += width(c);
        if taken > MOST_COLUMNS {
            return if word_end == start { at } else { word_end };
        }
        let end = at + c.len_utf8();
        let next = text[end..].chars().next();
        if !next.is_some_and(|next| is_word(next) && is_word(c)) {
            word_end = end;
        }
    }
    text.len()
}

/// Whether a character belongs to a word with its neighbours: letters of scripts with blanks, and combining
/// characters.
fn is_word(c: char) -> bool {
    width(c) < 2 && (c.is_alphanumeric() || width(c) == 0)
}
