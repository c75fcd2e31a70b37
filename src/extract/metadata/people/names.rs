//! Names of authors, and texts in their place that are not names.

use super::super::super::text::{letters, one_line};
use super::super::words::words;

/// Maximum letters of a line of names.
const NAME_LETTERS: usize = 120;
/// Account names contain numbers; more digits than this are an account number.
const ACCOUNT_DIGITS: usize = 3;

/// Texts in the place of a name that are not names.
const NOBODY: &str = " admin administrator root webmaster user guest anonymous author authors written \
    posted published updated reviewed category categories name date title topic type state you us \
    unknown none null default contact share follow menu ";

/// A name as spelled, without its surroundings; `None` if it is not a name.
pub(super) fn tidy(text: &str) -> Option<String> {
    let text = one_line(text);
    let is_edge = |c: char| c.is_whitespace() || matches!(c, ',' | '，' | '|' | '-' | ';');
    let text = without_start(text.trim_matches(is_edge));
    let lower = text.to_lowercase();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_address = text.contains(['@', '/', '#', '{', '<', '=', '"'])
        || text.contains("www.")
        || is_dotted(text);
    let goes_on = lower.contains(" by ")
        || [" and", " of", " the", " &"].iter().any(|end| lower.ends_with(end));
    let is_nobody = NOBODY.contains(&format!(" {lower} "))
        || ["作者", "文章", "更多"].iter().any(|word| text.contains(word));
    let is_name = (1..=NAME_LETTERS).contains(&letters(text))
        && digits <= ACCOUNT_DIGITS
        && !(is_address || goes_on || is_nobody);
    is_name.then(|| text.to_owned())
}

/// A name without the words that introduce it.
fn without_start(mut text: &str) -> &str {
    for start in ["written by", "by", "作者"] {
        let rest = text.get(..start.len()).filter(|it| it.eq_ignore_ascii_case(start));
        let rest = rest.map(|_| &text[start.len()..]);
        if let Some(rest) = rest.filter(|rest| rest.starts_with([' ', ':', '：'])) {
            text = rest.trim_start_matches([' ', ':', '：']);
        }
    }
    text
}

/// Whether a text has dots like hosts and program fields.
fn is_dotted(text: &str) -> bool {
    let is_host = !text.contains(char::is_whitespace) && text.is_ascii();
    is_host && text.split('.').filter(|part| part.len() > 1).count() > 1
}

/// Whether a text has the form of a person's name, which few other texts have.
pub(super) fn is_person(text: &str) -> bool {
    const PARTICLES: &str =
        " de van von der den da do dos du di del la le bin ibn al el y ten ter ";
    const OTHERS: &str = " writer editor reporter staff team contributor director manager consultant \
        founder ceo senior lead chief read minutes published updated posted comments share blog news \
        home the and marketing author guest about how what why best more all by for in of on to your ";
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_word = |word: &&str| {
        let lower = format!(" {} ", word.to_lowercase());
        let is_name = word.starts_with(char::is_uppercase)
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’'));
        is_name && !OTHERS.contains(&lower) || PARTICLES.contains(&lower)
    };
    let is_shouted = text.chars().all(|c| !c.is_lowercase());
    (2..=4).contains(&words.len()) && words.iter().all(is_word) && !is_shouted
}

/// Whether a line has all people of another, and more people.
pub(super) fn is_fuller(line: &str, names: &str) -> bool {
    let (all, known) = (words(line), words(names));
    let people = line.split([',', ';', '&']).flat_map(|piece| piece.split(" and "));
    let people = people.map(|name| name.trim().trim_start_matches("and ").trim());
    let mut people = people.filter(|name| !name.is_empty());
    all.len() > known.len() && known.is_subset(&all) && people.all(is_person)
}

/// Names as one line.
pub(super) fn joined(names: &[String]) -> String {
    let is_han = |c| matches!(c, '\u{3400}'..='\u{9fff}');
    let has_han = names.iter().any(|name| name.contains(is_han));
    names.join(if has_han { "、" } else { ", " })
}
