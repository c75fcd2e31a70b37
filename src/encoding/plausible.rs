//! The plausibility of a text: the cost of its characters in bits.
//!
//! A text costs as many bits as an ideal code for its language spends on it. The costs of two readings of the
//! same bytes can therefore be compared, whatever their languages and lengths. ASCII alone costs nothing:
//! markup and addresses must not dilute the decision.

use std::sync::LazyLock;

/// Bits of a character that is not in the tables: all of those together are about 2 % of a text.
const RARE_CHARACTER: f32 = 18.0;
/// Bits of a letter that is rare in the language, and of one that rarely follows the letter before.
const FOREIGN_LETTER: f32 = 16.0;
const RARE_PAIR: f32 = 14.0;
/// Bits of a character that only a wrong decoder gives, of bad bytes in the right encoding, and of a last
/// character that is cut off.
const DAMAGE: f32 = 20.0;
const BAD_BYTES: f32 = 24.0;
const BAD_END: f32 = 16.0;
/// Bits of an ideograph, kana or Hangul directly beside an ASCII letter.
const MIXED: f32 = 4.0;

/// The languages with a table of single characters, in `characters.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wide {
    Simplified,
    Traditional,
    Japanese,
    Korean,
}

/// Characters that wrong decoders give: replacements, control and private-use characters.
pub(super) fn is_damage(c: char) -> bool {
    matches!(c, '\u{fffd}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}')
        || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}'))
}

/// Bits of a character in the language that uses it most, of those with a table.
fn least_bits(c: char) -> Option<u8> {
    CHARACTERS.bits(c).into_iter().filter(|bits| *bits > 0).min()
}

/// Bits of a letter of an alphabet, whatever its language.
const ANY: f32 = 9.0;

/// Bits of a character that some language has.
pub(super) fn known_bits(c: char) -> Option<f32> {
    least_bits(c).map(f32::from).or_else(|| is_any_letter(c).then_some(ANY))
}

fn is_any_letter(c: char) -> bool {
    ANY_LETTER.get(lower(c) as usize).copied().unwrap_or(false)
}

/// Average bits per ideograph, kana and Hangul syllable of a text, in the language that uses each most;
/// `None` if there are fewer than `fewest`.
pub(super) fn bits_each(text: &str, fewest: usize) -> Option<f32> {
    /// More characters would not change the result.
    const ENOUGH: usize = 2048;
    let is_wide = |c: &char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    let (mut count, mut bits) = (0, [0.0; 4]);
    for c in text.chars().filter(is_wide).take(ENOUGH) {
        count += 1;
        for (bits, known) in bits.iter_mut().zip(CHARACTERS.bits(c)) {
            *bits += if known == 0 { RARE_CHARACTER } else { f32::from(known) };
        }
    }
    let least = bits.into_iter().fold(f32::INFINITY, f32::min);
    (count >= fewest).then_some(least / count as f32)
}

/// Bits of a text in a language of the character tables.
pub(super) fn wide_cost(text: &str, language: Wide) -> f32 {
    let known = |c| CHARACTERS.bits(c)[language as usize];
    let single = cost(text, 1.0, |c| match known(c) {
        // Half-width katakana fill whole lines or do not occur.
        0 if matches!(c, '\u{ff61}'..='\u{ff9f}') => 11.0,
        0 => RARE_CHARACTER,
        bits => f32::from(bits),
    });
    let is_mixed = |(one, next): &(char, char)| {
        (one.is_ascii_alphabetic() && !next.is_ascii())
            || (!one.is_ascii() && next.is_ascii_alphabetic())
    };
    single + MIXED * text.chars().zip(text.chars().skip(1)).filter(is_mixed).count() as f32
}

/// Bits of a text in any language. `unit` is the width of its Unicode encoding in bytes, which are lost
/// together with a bad one.
pub(super) fn any_cost(text: &str, unit: usize) -> f32 {
    // Its form alone makes a UTF-8 character likely, whatever it is.
    let rare = if unit == 1 { 12.0 } else { 22.0 };
    let surplus = if unit == 1 { surplus_of_bad(text) } else { 0.0 };
    cost(text, unit as f32, |c| {
        let listed = least_bits(c).map_or(rare, |bits| f32::from(bits) + 2.0);
        listed.min(if is_any_letter(c) { ANY } else { rare })
    }) - surplus
}

/// Bits that bad bytes cost less beside UTF-8 characters, which other bytes rarely imitate: a loss that is
/// frequent in a damaged text is cheap. A few bad bytes prove nothing.
fn surplus_of_bad(text: &str) -> f32 {
    const LEAST: f32 = 10.0;
    const FEWEST: f32 = 12.0;
    let bad = text.chars().filter(|c| *c == '\u{fffd}').count() as f32;
    let good = text.chars().filter(|c| !c.is_ascii() && !is_damage(*c)).count() as f32;
    if bad == 0.0 || good < FEWEST {
        return 0.0;
    }
    let each = LEAST + ((good + bad) / bad).log2();
    bad * (BAD_BYTES - each).max(0.0)
}

fn cost(text: &str, unit: f32, of: impl Fn(char) -> f32) -> f32 {
    let end = text.len() - '\u{fffd}'.len_utf8().min(text.len());
    let costs = text.char_indices().map(|(at, c)| match c {
        '\u{fffd}' if at == end => BAD_END * (unit * unit / 4.0).max(1.0),
        '\u{fffd}' => BAD_BYTES * unit,
        _ if is_damage(c) => DAMAGE,
        _ if c.is_ascii() => 0.0,
        _ => of(c),
    });
    costs.sum()
}

/// Bits of a text in the alphabetic language, of those given (of all, if none is), in which it is cheapest.
/// In words with a letter that is not ASCII, all letters count, less `ascii_letter` for each ASCII letter;
/// other words count only through `beside`.
pub(super) fn alphabetic_cost(
    text: &str,
    languages: &[&str],
    ascii_letter: f32,
    beside: &Beside,
) -> f32 {
    let is_apart = |c: char| !is_letter(c);
    let mut bits = 0.0;
    let mut words: Vec<char> = Vec::new();
    for piece in text.split_inclusive(is_apart) {
        let word = piece.trim_end_matches(is_apart);
        bits += piece[word.len()..].chars().map(sign_cost).sum::<f32>();
        if !word.is_ascii() {
            bits += case_cost(word);
            bits -= ascii_letter * word.bytes().filter(u8::is_ascii).count() as f32;
            words.extend(word.chars().map(lower));
            words.push(' ');
        }
    }
    let known = LETTERS
        .iter()
        .zip(&beside.0)
        .filter(|(known, _)| languages.is_empty() || languages.contains(&known.language));
    bits + known.map(|(known, beside)| known.cost(&words) + beside).fold(f32::INFINITY, f32::min)
}

/// What the words of ASCII letters beside the others indicate about the language: bits, by language.
///
/// They only help to distinguish languages with Latin letters, and never much, since they may be markup.
pub(super) struct Beside(Vec<f32>);

impl Beside {
    pub fn of(bytes: &[u8]) -> Self {
        const WEIGHT: f32 = 0.3;
        const MOST: f32 = 12.0;
        let mut words: Vec<char> = Vec::new();
        for word in bytes.split(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic()) {
            if word.len() > 1 && word.is_ascii() {
                words.extend(word.iter().map(|byte| char::from(byte.to_ascii_lowercase())));
                words.push(' ');
            }
        }
        let bits = |known: &Letters| if known.is_latin() { known.cost(&words) } else { 0.0 };
        let bits: Vec<f32> = LETTERS.iter().map(bits).collect();
        let latin = bits.iter().copied().filter(|bits| *bits > 0.0);
        let least = latin.fold(f32::INFINITY, f32::min);
        Self(bits.iter().map(|bits| (WEIGHT * (bits - least)).clamp(0.0, MOST)).collect())
    }
}

/// Letters, and the combining or adjacent marks of Vietnamese, Hebrew, Arabic and Thai.
fn is_letter(c: char) -> bool {
    match c {
        'ª' | 'º' => false,
        '\u{300}'..='\u{36f}' | '\u{5b0}'..='\u{5c2}' | '\u{64b}'..='\u{652}' => true,
        '\u{e31}'..='\u{e4e}' => true,
        _ => c.is_alphabetic(),
    }
}

/// A capital begins a word, or the whole word is in capitals; others come from a wrong decoder.
fn case_cost(word: &str) -> f32 {
    let mut before = None;
    let costs = word.chars().map(|c| {
        let is_capital = c.is_uppercase();
        let is_inside = before.replace(is_capital) == Some(false);
        match (is_capital, is_inside) {
            (false, _) => 0.0,
            (true, false) => 1.0,
            (true, true) => 6.0,
        }
    });
    costs.sum()
}

fn sign_cost(c: char) -> f32 {
    match c {
        _ if c.is_ascii() && !is_damage(c) => 0.0,
        _ if is_damage(c) => DAMAGE,
        '\u{a0}' | '“' | '”' | '‘' | '’' | '„' | '–' | '—' | '…' | '«' | '»' => {
            7.0
        }
        '•' | '·' | '€' | '°' | '©' | '®' | '§' | '£' | '№' | '‚' | '¿' | '¡' | 'ª' | 'º'
        | '\u{ad}' | '‹' | '›' | '™' | '´' | '،' | '؟' | '؛' => 9.0,
        _ => 15.0,
    }
}

static CHARACTERS: LazyLock<Characters> =
    LazyLock::new(|| Characters::read(include_str!("characters.txt")));
static LETTERS: LazyLock<Vec<Letters>> =
    LazyLock::new(|| sections(include_str!("letters.txt")).map(Letters::read).collect());
/// Whether any of the languages has the letter.
static ANY_LETTER: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let any = |letter: usize| LETTERS.iter().any(|known| known.numbers[letter] > 0);
    (0..LETTERS_END).map(any).collect()
});

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The sections of a table: the name of a language, and the lines under it.
fn sections(table: &'static str) -> impl Iterator<Item = (&'static str, std::str::Lines<'static>)> {
    let parts = table.split("# ").skip(1);
    parts.filter_map(|part| part.split_once('\n')).map(|(name, lines)| (name, lines.lines()))
}

/// Bits by language for each character of the basic plane; 0 if it is not listed.
struct Characters(Vec<[u8; 4]>);

impl Characters {
    /// A line has a number of bits, and the characters with that cost.
    fn read(table: &'static str) -> Self {
        let mut bits = vec![[0; 4]; 0x1_0000];
        for (language, (_, lines)) in sections(table).enumerate() {
            for (number, characters) in lines.filter_map(|line| line.split_once(' ')) {
                let number = number.parse().expect("a number of bits");
                characters.chars().for_each(|c| bits[c as usize][language] = number);
            }
        }
        Self(bits)
    }

    fn bits(&self, c: char) -> [u8; 4] {
        self.0.get(c as usize).copied().unwrap_or_default()
    }
}

/// After the last letter used here, a Thai one.
const LETTERS_END: usize = 0xe60;
/// More letters than any language here has.
const MOST_LETTERS: usize = 80;

/// An alphabetic language.
struct Letters {
    language: &'static str,
    /// The number of each letter, from 1; 0 for a letter that the language does not have.
    numbers: Box<[u8; LETTERS_END]>,
    /// Bits of a letter, by the number of the letter before (0 at the start of a word) and its own.
    bits: Vec<[f32; MOST_LETTERS]>,
}

impl Letters {
    /// A line has a letter (`^` for the start of a word) and the letters that may follow, each after its
    /// bits: a digit, or `:`, `;`, `<` and `=` for 10 to 13.
    fn read((language, lines): (&'static str, std::str::Lines<'static>)) -> Self {
        let mut numbers = Box::new([0; LETTERS_END]);
        let starts = lines.clone().next().expect("a line of starts").chars().skip(1);
        for (number, c) in (1..).zip(starts.filter(|c| !('0'..='=').contains(c))) {
            numbers[c as usize] = number;
        }
        let mut bits = vec![[RARE_PAIR; MOST_LETTERS]; MOST_LETTERS];
        bits[0] = [FOREIGN_LETTER; MOST_LETTERS];
        for line in lines {
            let mut characters = line.chars();
            let before = characters.next().map_or(0, |c| numbers[c as usize]);
            let mut behind = 0.0;
            for c in characters {
                match c {
                    '0'..='=' => behind = f32::from(c as u8 - b'0'),
                    _ => bits[usize::from(before)][usize::from(numbers[c as usize])] = behind,
                }
            }
        }
        Self { language, numbers, bits }
    }

    fn is_latin(&self) -> bool {
        self.numbers[usize::from(b'e')] > 0
    }

    /// Bits of lower-case words, each ended by a space.
    fn cost(&self, words: &[char]) -> f32 {
        // A single letter between ASCII words belongs to them.
        let lone = if self.is_latin() { 0.0 } else { 9.0 };
        let is_lone = |word: &[char]| word.len() == 2;
        let lone_words = words.split_inclusive(|c| *c == ' ').filter(|word| is_lone(word)).count();
        let longest = if self.language == "th" { usize::MAX } else { 10 };
        let (mut before, mut length) = (Some(0), 0);
        let mut bits = lone * lone_words as f32;
        for c in words {
            if *c == ' ' {
                (before, length) = (Some(0), 0);
                continue;
            }
            // Words end, except in Thai; text misread from another script has no end of words.
            length += 1;
            bits += if length > longest { 2.0 } else { 0.0 };
            let number = self.numbers.get(*c as usize).map_or(0, |number| usize::from(*number));
            bits += match before {
                _ if number == 0 => FOREIGN_LETTER,
                // After a foreign letter, all letters are equally likely.
                None => RARE_PAIR,
                Some(before) => self.bits[before][number],
            };
            before = Some(number).filter(|number| *number > 0);
        }
        bits
    }
}
