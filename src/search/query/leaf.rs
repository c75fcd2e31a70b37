//! A word or phrase of a query: its tokens for the index, and its places in a text.

use crate::search::fold::is_taken_off;
use crate::search::tokens::{Kind, Unit};

/// A part of an article to which a query can be restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::search) enum Column {
    Title,
    Body,
}

/// A word or phrase: consecutive units of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::search) struct Leaf {
    pub units: Vec<Unit>,
    /// Whether its last word is only a prefix.
    pub is_prefix: bool,
}

impl Column {
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Body => "body",
        }
    }
}

impl Leaf {
    /// A phrase of the tokens that the index has of such a text. The last character of a final run is left
    /// out as a token of its own, since it need not end a run there.
    pub fn write(&self, out: &mut String) {
        out.push('"');
        for (at, unit) in self.units.iter().enumerate() {
            let next = self.units.get(at + 1);
            if next.is_none() && unit.is_joined {
                continue;
            }
            unit.write(out);
            if let Some(next) = next.filter(|next| next.is_joined) {
                next.write(out);
            }
            out.push(' ');
        }
        out.truncate(out.trim_end().len());
        out.push('"');
        if self.is_beginning() {
            out.push_str(" *");
        }
    }

    /// Whether its last word may be a prefix of another, at least in the index.
    pub fn is_beginning(&self) -> bool {
        let last = self.units.last();
        self.is_prefix || last.is_some_and(|last| last.is_character() && !last.is_joined)
    }

    /// Its places in a text, as ranges of units that do not overlap. Each unit of the text is checked a few
    /// times, however long the leaf is (after Knuth, Morris and Pratt): the search uses the units between the
    /// first and the last one, which have rules of their own.
    pub fn places<'a>(
        &'a self,
        text: &'a [Unit],
    ) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
        let length = self.units.len();
        let inner = self.units.get(1..length.saturating_sub(1)).unwrap_or_default();
        let borders = borders(inner);
        // The number of inner units that end before `next`.
        let (mut matched, mut next, mut free_from) = (0, 1, 0);
        std::iter::from_fn(move || {
            // For a match, `next` is after its inner units.
            while next + length - 1 <= text.len() + inner.len() {
                let found =
                    if matched == inner.len() { Some(next - 1 - inner.len()) } else { None };
                if matched == inner.len() && !inner.is_empty() {
                    matched = borders[matched - 1];
                }
                if let Some(unit) = text.get(next).filter(|_| !inner.is_empty()) {
                    while matched > 0 && !is_same_inside(&inner[matched], unit) {
                        matched = borders[matched - 1];
                    }
                    matched += usize::from(is_same_inside(&inner[matched], unit));
                }
                next += 1;
                if let Some(start) = found.filter(|&start| start >= free_from)
                    && self.has_ends_at(&text[start..])
                {
                    free_from = start + length;
                    return Some(start..free_from);
                }
            }
            None
        })
    }

    /// Whether a folded text contains the characters that the leaf starts with. Always true for a word of
    /// another script, which may have other spellings.
    pub fn can_be_in(&self, folded: &str) -> bool {
        // The marks of clusters differ between units and folded texts.
        let is_start = |(at, unit): &(usize, &Unit)| {
            matches!(unit.kind, Kind::Character(_)) && (*at == 0 || unit.is_joined)
        };
        let length = self.units.iter().enumerate().take_while(is_start).count();
        folded.contains(&text_of(&self.units[..length]))
    }

    pub fn is_in(&self, text: &[Unit]) -> bool {
        self.places(text).next().is_some()
    }

    /// Whether its first and its last unit match at the start of a text of at least its length.
    pub fn has_ends_at(&self, text: &[Unit]) -> bool {
        let last = self.units.len() - 1;
        let is_last = |sought: &Unit, found: &Unit| match (&sought.kind, &found.kind) {
            // In the index it is the prefix of a pair.
            (Kind::Cluster(sought_text), Kind::Cluster(found)) if !sought.is_joined => {
                found.starts_with(sought_text)
            }
            (Kind::Word(sought), Kind::Word(found)) if self.is_prefix => {
                without_marks(found).starts_with(&*without_marks(sought))
            }
            _ => is_same_kind(sought, found),
        };
        let (Some(first_found), Some(last_found)) = (text.first(), text.get(last)) else {
            return false;
        };
        let (first, last_sought) = (&self.units[0], &self.units[last]);
        match last {
            0 => is_last(first, first_found),
            _ => {
                is_same_kind(first, first_found)
                    && is_last(last_sought, last_found)
                    && last_sought.is_joined == last_found.is_joined
            }
        }
    }
}

fn is_same_kind(sought: &Unit, found: &Unit) -> bool {
    match (&sought.kind, &found.kind) {
        (Kind::Word(sought), Kind::Word(found)) => without_marks(sought) == without_marks(found),
        (sought, found) => sought == found,
    }
}

/// Whether two units are equal inside a phrase.
pub(super) fn is_same_inside(sought: &Unit, found: &Unit) -> bool {
    sought.is_joined == found.is_joined && is_same_kind(sought, found)
}

/// For each prefix of some units, the length of its longest proper suffix that is also a prefix.
fn borders(units: &[Unit]) -> Vec<usize> {
    let mut borders = vec![0; units.len()];
    for at in 1..units.len() {
        let mut length: usize = borders[at - 1];
        while length > 0 && !is_same_inside(&units[length], &units[at]) {
            length = borders[length - 1];
        }
        borders[at] = length + usize::from(is_same_inside(&units[length], &units[at]));
    }
    borders
}

/// A word as the tokenizer `unicode61` sees it, without the marks on its letters.
fn without_marks(word: &str) -> std::borrow::Cow<'_, str> {
    use unicode_normalization::UnicodeNormalization;
    if word.is_ascii() || !word.chars().any(|c| matches!(c, '\u{c0}'..='\u{1eff}')) {
        word.into()
    } else {
        word.nfd().filter(|&c| !is_taken_off(c)).collect()
    }
}

/// The folded text of units, concatenated.
pub(super) fn text_of(units: &[Unit]) -> String {
    let mut text = String::new();
    units.iter().for_each(|unit| unit.write(&mut text));
    text
}
